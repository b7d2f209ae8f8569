package score

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// ReplayOptions say what a chain is replayed over: one capture, all of it at
// once.
type ReplayOptions struct {
	DB *duckdb.DB
	// Segments are stretches of raw files in order, Files the ordinal of the
	// file of each, from 0.
	Segments []Segment
	Files    []int32
	// Label and Side, if not nil, are found for each row and record.
	Label, Side *compile.Label
}

// Replay is a capture run through a chain, as a site would run it if all of it
// came at once and nothing after it: every row that the chain gives, with its
// score. Scores are held in memory, one number a row, and nothing else is.
type Replay struct {
	chain   *Chain
	session *session
	options ReplayOptions
	scores  []float32
	// Records counts the records of each segment, rejects among them.
	Records []int64
}

// Blocks are the rows of so many numbers that are scored at a time.
func Blocks(width int) duckdb.Blocks { return duckdb.Blocks{Columns: width, Rows: 1 << 16} }

// Replay runs a capture through the chain. The caller closes the result.
func (c *Chain) Replay(ctx context.Context, o ReplayOptions) (*Replay, error) {
	conn, err := o.DB.Conn(ctx)
	if err != nil {
		return nil, err
	}
	r := &Replay{chain: c, options: o, session: newSession(conn, c.Parser, c.FeatureSet.Fields(c.featureNames(), o.Label, o.Side))}
	r.session.text = false
	if err := r.run(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return r, nil
}

// Score returns the model's scores of rows, which hold what it reads one after
// the other.
func (c *Chain) Score(ctx context.Context, rows []float32) ([]float32, error) {
	return c.onnx.Score(ctx, rows)
}

// Close frees what the replay holds.
func (r *Replay) Close() error { return r.session.conn.Close() }

func (r *Replay) run(ctx context.Context) error {
	for i, segment := range r.options.Segments {
		before := r.session.counts.Records
		if err := r.session.parseSegment(ctx, segment, r.options.Files[i]); err != nil {
			return fmt.Errorf("%s: %w", segment.Name, err)
		}
		r.Records = append(r.Records, r.session.counts.Records-before)
	}
	if err := r.session.finish(ctx, 0); err != nil {
		return err
	}
	relation := r.chain.FeatureSet.Relation(parsedTable, r.chain.featureNames())
	relation.Members = true
	if l := r.options.Label; l != nil {
		relation.Label = l.Expr
	}
	if s := r.options.Side; s != nil {
		relation.Side = s.Expr
	}
	if err := r.session.tabulate(ctx, relation, ""); err != nil {
		return err
	}
	columns := r.chain.inputColumns()
	query := "SELECT " + strings.Join(columns, ", ") + " FROM " + computedTable + " ORDER BY " + sql.Quote(ordinalColumn)
	return r.session.conn.FloatBlocks(ctx, query, Blocks(r.chain.width()), func(block []float32) error {
		scores, err := r.chain.onnx.Score(ctx, block)
		r.scores = append(r.scores, scores...)
		return err
	})
}

// Rows is how many rows the chain gives.
func (r *Replay) Rows() int64 { return int64(len(r.scores)) }

// Flags reports whether the chain alerts on a row. Rows are numbered from 0, in
// the order of their ids.
func (r *Replay) Flags(row int64) bool { return float64(r.scores[row]) >= r.chain.Threshold }

// Member is a record behind a row.
type Member struct {
	Row    int64
	File   int32
	Record int64
}

// Members calls each with the records behind the rows, in no order.
func (r *Replay) Members(ctx context.Context, each func(Member)) error {
	query := fmt.Sprintf("SELECT %s::BIGINT, unnest(%s) FROM %s", sql.Quote(ordinalColumn), sql.Quote(sql.MembersColumn), computedTable)
	return r.session.conn.Query(ctx, query, func(row []any) error {
		n, ok1 := row[0].(int64)
		packed, ok2 := row[1].(int64)
		if !ok1 || !ok2 {
			return fmt.Errorf("members: got %T and %T", row[0], row[1])
		}
		m := Member{Row: n}
		m.File, m.Record = sql.Member(packed)
		each(m)
		return nil
	})
}

// Truth is what the label and the side of the options say of a row or record:
// Attack is nil where it is unlabelled.
type Truth struct {
	Attack *bool
	Side   string // sql.TrainSide, TestSide, MixedSide; "" for none
}

// Truths calls each with what is true of every row. Without a label nothing is.
func (r *Replay) Truths(ctx context.Context, each func(row int64, t Truth)) error {
	label, side := "NULL::BOOLEAN", "NULL::VARCHAR"
	if r.options.Label != nil {
		label = sql.Quote(sql.LabelColumn)
	}
	if r.options.Side != nil {
		side = sql.Quote(sql.SideColumn)
	}
	query := fmt.Sprintf("SELECT %s::BIGINT, %s, %s FROM %s", sql.Quote(ordinalColumn), label, side, computedTable)
	return r.session.conn.Query(ctx, query, func(row []any) error {
		n, ok := row[0].(int64)
		if !ok {
			return fmt.Errorf("row number: got %T", row[0])
		}
		each(n, truth(row[1], row[2]))
		return nil
	})
}

// RecordTruths calls each with what is true of every record that the parser
// does not reject, whether or not a row holds it.
func (r *Replay) RecordTruths(ctx context.Context, each func(file int32, record int64, t Truth)) error {
	relation := sql.Relation{Input: parsedTable}
	label, side := "NULL::BOOLEAN", "NULL::VARCHAR"
	if l := r.options.Label; l != nil {
		relation.Label, label = l.Expr, sql.Quote(sql.LabelColumn)
	}
	if s := r.options.Side; s != nil {
		relation.Side, side = s.Expr, sql.Quote(sql.SideColumn)
	}
	query := fmt.Sprintf("SELECT %s::BIGINT, %s::BIGINT, %s, %s FROM (%s)", sql.Quote(sql.FileColumn), sql.Quote(sql.RecordColumn), label, side, relation.DuckDB())
	return r.session.conn.Query(ctx, query, func(row []any) error {
		file, ok1 := row[0].(int64)
		record, ok2 := row[1].(int64)
		if !ok1 || !ok2 || file > math.MaxInt32 {
			return fmt.Errorf("record: got %T and %T", row[0], row[1])
		}
		each(int32(file), record, truth(row[2], row[3]))
		return nil
	})
}

func truth(label, side any) Truth {
	var t Truth
	if attack, ok := label.(bool); ok {
		t.Attack = &attack
	}
	t.Side, _ = side.(string)
	return t
}

// Identified is what is known of a row: the record that it is, or its key and
// window.
type Identified struct {
	File   int32
	Record *int64
	Key    map[string]any // as alerts have it
	Start  *time.Time
	End    *time.Time
}

// Identify says which rows some are, by their numbers, which ascend.
func (r *Replay) Identify(ctx context.Context, rows []int64) ([]Identified, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	texts := make([]string, len(rows))
	for i, n := range rows {
		texts[i] = strconv.FormatInt(n, 10)
	}
	columns := IdentityColumns(r.chain.FeatureSet)
	var out []Identified
	query := fmt.Sprintf("SELECT %s FROM %s WHERE %s IN (%s) ORDER BY %[3]s", strings.Join(columns, ", "), computedTable, sql.Quote(ordinalColumn), strings.Join(texts, ", "))
	err := r.session.conn.Query(ctx, query, func(values []any) error {
		row, err := Identify(r.chain.FeatureSet, values)
		out = append(out, row)
		return err
	})
	return out, err
}

// IdentityColumns renders the columns of the rows of a feature set that
// [Identify] reads.
func IdentityColumns(set *compile.FeatureSet) []string {
	g := set.Group
	if g == nil {
		return []string{sql.Quote(sql.FileColumn) + "::BIGINT", sql.Quote(sql.RecordColumn) + "::BIGINT"}
	}
	var out []string
	if g.Window != nil {
		out = append(out, sql.Quote(sql.WindowStart), sql.Quote(sql.WindowEnd))
	}
	for _, k := range g.Keys {
		out = append(out, sql.Quote(sql.KeyPrefix+k.Name))
	}
	return out
}

// Identify says which row it is by the values of [IdentityColumns].
func Identify(set *compile.FeatureSet, values []any) (Identified, error) {
	var out Identified
	g := set.Group
	if g == nil {
		file, ok1 := values[0].(int64)
		record, ok2 := values[1].(int64)
		if !ok1 || !ok2 {
			return out, fmt.Errorf("rows of %s: got %T and %T", set.Name, values[0], values[1])
		}
		out.File, out.Record = int32(file), &record
		return out, nil
	}
	if g.Window != nil {
		out.Start, out.End = timeOf(values[0]), timeOf(values[1])
		values = values[2:]
	}
	out.Key = map[string]any{}
	for i, k := range g.Keys {
		out.Key[k.Name] = keyValue(values[i])
	}
	return out, nil
}
