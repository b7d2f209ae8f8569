package run

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/score"
	"github.com/mlpdev/mlp/pkg/sql"
)

// decider is what a chain decides of the rows of a capture, which are
// numbered from 0 in the order of their ids: a [score.Replay], or rows whose
// columns the store has.
type decider interface {
	Rows() int64
	Flags(row int64) bool
	Members(ctx context.Context, each func(score.Member)) error
	Truths(ctx context.Context, each func(row int64, t score.Truth)) error
	Identify(ctx context.Context, rows []int64) ([]score.Identified, error)
	Close() error
}

// storedRows are the rows of a capture with the columns that a chain reads,
// from the store: what a replay would compute, under the same keys.
type storedRows struct {
	*Runner
	frame  compile.Frame
	from   string // SELECT of row ids, labels and sides
	chain  *score.Chain
	scores []float32
}

// stored returns what a chain decides of a capture's rows if the store has all
// that it takes, else nil. members says that the records behind the rows will
// be asked for.
func (c *comparer) stored(ctx context.Context, k *capture, chain *score.Chain, members bool) (*storedRows, error) {
	out := &storedRows{Runner: c.Runner, frame: compile.FeatureFrame(c.model.Dataset, k.Contribution, c.model.FeatureSet), chain: chain}
	wanted := []storedColumn{}
	for _, f := range chain.Features {
		wanted = append(wanted, storedColumn{key: out.frame.Column(f.Key)})
	}
	if members && c.model.FeatureSet.Group != nil {
		parsed := compile.ParserFrame(c.model.Dataset, k.Contribution, c.model.FeatureSet.From)
		for _, f := range c.model.FeatureSet.Fields(nil) {
			wanted = append(wanted, storedColumn{key: parsed.Column(f.Key)})
		}
	}
	for _, w := range wanted {
		if entry, err := c.Index.Column(ctx, w.key); err != nil || entry == nil {
			return nil, err
		}
	}
	var err error
	if out.from, err = c.Runner.capture(ctx, c.model, k.Contribution, nil); err != nil {
		return nil, err
	}
	rows, err := c.Runner.capture(ctx, c.model, k.Contribution, chain.Features)
	if err != nil {
		return nil, err
	}
	conn, err := c.DB.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	width := (&compile.Model{Features: chain.Features}).Width()
	query := "SELECT " + modelInputs(chain.Features) + " FROM (" + rows + ") ORDER BY " + out.order()
	return out, conn.FloatBlocks(ctx, query, score.Blocks(width), func(block []float32) error {
		scores, err := chain.Score(ctx, block)
		out.scores = append(out.scores, scores...)
		return err
	})
}

func (s *storedRows) order() string { return identifiers(s.relation("").RowID()...) }

func (s *storedRows) relation(input string) sql.Relation {
	return s.frame.FeatureSet.Relation(input, nil)
}

// Rows is how many rows there are.
func (s *storedRows) Rows() int64 { return int64(len(s.scores)) }

// Flags reports whether the chain alerts on a row.
func (s *storedRows) Flags(row int64) bool { return float64(s.scores[row]) >= s.chain.Threshold }

// Close does nothing: no session is held.
func (s *storedRows) Close() error { return nil }

// numbered selects columns of a relation beside the numbers of its rows.
func (s *storedRows) numbered(columns, from string) string {
	return fmt.Sprintf("SELECT row_number() OVER (ORDER BY %s) - 1 AS n, %s FROM (%s)", s.order(), columns, from)
}

// query calls each with the number of a row and the values behind it.
func (s *storedRows) query(ctx context.Context, query string, each func(row int64, values []any) error) error {
	conn, err := s.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Query(ctx, query, func(values []any) error {
		row, ok := values[0].(int64)
		if !ok {
			return fmt.Errorf("rows of %s: got %T", s.frame.Address(), values[0])
		}
		return each(row, values[1:])
	})
}

// Members calls each with the records behind the rows.
func (s *storedRows) Members(ctx context.Context, each func(score.Member)) error {
	query := s.numbered(identifiers(sql.FileColumn)+"::BIGINT, "+identifiers(sql.RecordColumn)+"::BIGINT", s.from)
	if s.frame.FeatureSet.Group != nil {
		f := s.frame
		input, err := s.input(ctx, compile.ParserFrame(f.Dataset, f.Contribution, f.Parser), f.FeatureSet.Fields(nil))
		if err != nil {
			return err
		}
		relation := s.relation("(" + input + ")")
		relation.Members = true
		query = fmt.Sprintf("SELECT n, (f.f)::BIGINT, f.r FROM (SELECT n, %s FROM (SELECT n, unnest(m) AS m FROM (%s))) f",
			sql.MemberIDs("m", "f", "r"), s.numbered(sql.Quote(sql.MembersColumn)+" AS m", relation.DuckDB()))
	}
	return s.query(ctx, query, func(row int64, values []any) error {
		file, ok1 := values[0].(int64)
		record, ok2 := values[1].(int64)
		if !ok1 || !ok2 {
			return fmt.Errorf("records of %s: got %T and %T", s.frame.Address(), values[0], values[1])
		}
		each(score.Member{Row: row, File: int32(file), Record: record})
		return nil
	})
}

// Truths calls each with the label and the side of every row.
func (s *storedRows) Truths(ctx context.Context, each func(row int64, t score.Truth)) error {
	return s.query(ctx, s.numbered(identifiers(sql.LabelColumn, sql.SideColumn), s.from), func(row int64, values []any) error {
		var t score.Truth
		if attack, ok := values[0].(bool); ok {
			t.Attack = &attack
		}
		t.Side, _ = values[1].(string)
		each(row, t)
		return nil
	})
}

// Identify says which rows some are.
func (s *storedRows) Identify(ctx context.Context, rows []int64) ([]score.Identified, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	texts := make([]string, len(rows))
	for i, n := range rows {
		texts[i] = strconv.FormatInt(n, 10)
	}
	columns := score.IdentityColumns(s.frame.FeatureSet)
	var out []score.Identified
	query := fmt.Sprintf("SELECT * FROM (%s) WHERE n IN (%s) ORDER BY n", s.numbered(strings.Join(columns, ", "), s.from), strings.Join(texts, ", "))
	err := s.query(ctx, query, func(_ int64, values []any) error {
		row, err := score.Identify(s.frame.FeatureSet, values)
		out = append(out, row)
		return err
	})
	return out, err
}
