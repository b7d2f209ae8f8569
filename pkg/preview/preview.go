// Package preview runs raw logs through a parser or a feature set and hands
// out rows and rejects as they come: with the reader, the relations and the
// engine of a run, without a store.
//
// Rows of parsers, and of feature sets without a key, come in the order of the
// records; a batch of them is in memory. Rows of a feature set with a key, its
// own or that of a set below, come when the input has ended, in the order of
// their windows and keys: they are those of a whole capture, whatever the order
// of its records. Until then the fields that the set reads are kept by the
// engine, which spills to its directory what does not fit into its memory.
package preview

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Input is one raw log.
type Input struct {
	Name string // for people
	Open func() (io.ReadCloser, error)
}

// Options say what to run.
type Options struct {
	DB *duckdb.DB
	// Parser reads the inputs; FeatureSet, if not nil, is computed from its
	// rows.
	Parser     *compile.Parser
	FeatureSet *compile.FeatureSet
	// Columns are the fields, label columns or features to hand out; empty: all
	// fields or features.
	Columns []string
	// Text asks for values as Spark prints them.
	Text bool
	// Limit, if positive, is how many rows are handed out at most, and how many
	// rejects; reading stops when nothing more can come.
	Limit  int64
	Inputs []Input
	// Row and Reject take what comes, in order. An error of theirs ends the run.
	Row    func(Row) error
	Reject func(Reject) error
}

// Row is one row.
type Row struct {
	ID
	// Of a row with a key: its key in the order of the set, and its window.
	Key        []any
	Start, End any
	Partial    bool // the window is cut by an edge of the inputs
	// Values are in the order of [Options.Selected]: nil for NULL, else strings where
	// text was asked for, else as [duckdb.Conn.Query] gives them.
	Values []any
}

// ID says where a record stands.
type ID struct {
	Input  string
	Record int64 // number in its input, from 0
	Line   int64 // number of its line, from 1
}

// Reject is a record that is no row.
type Reject struct {
	ID
	Reason string
}

// Account says what became of every line.
type Account struct {
	source.Counts
	// Shown counts the rows that were handed out; of a feature set they are
	// other rows than those of its parser.
	Shown int64
	// Stopped says that the limit was reached, so that not all was read.
	Stopped bool
	// Missing are raw columns that no input has: NULL in every row.
	Missing []string
}

// Selected returns the fields, label columns or features that are handed out:
// in the order of Columns, or else of the spec.
func (o Options) Selected() ([]*compile.Field, error) {
	all, others := o.Parser.Fields, o.Parser.Labels
	if o.FeatureSet != nil {
		all, others = o.FeatureSet.Features, nil
	}
	if len(o.Columns) == 0 {
		return all, nil
	}
	var out []*compile.Field
	for _, name := range o.Columns {
		f := find(name, all, others)
		if f == nil {
			return nil, &UnknownColumnError{Name: name, Known: fieldNames(all, others)}
		}
		out = append(out, f)
	}
	return out, nil
}

func find(name string, lists ...[]*compile.Field) *compile.Field {
	for _, list := range lists {
		for _, f := range list {
			if f.Name == name {
				return f
			}
		}
	}
	return nil
}

func fieldNames(lists ...[]*compile.Field) []string {
	var out []string
	for _, list := range lists {
		for _, f := range list {
			out = append(out, f.Name)
		}
	}
	return out
}

// UnknownColumnError says that there is no column of a name to hand out.
type UnknownColumnError struct {
	Name  string
	Known []string
}

// Error gives the name.
func (e *UnknownColumnError) Error() string { return fmt.Sprintf("column %q does not exist", e.Name) }

// Hint names what there is.
func (e *UnknownColumnError) Hint() string { return fmt.Sprintf("there is %q", e.Known) }

// errStopped ends a run whose limit was reached.
var errStopped = errors.New("limit reached")

// Run runs the inputs and returns the account of what was read.
func Run(ctx context.Context, o Options) (*Account, error) {
	r, err := newRunner(o)
	if err != nil {
		return nil, err
	}
	if r.conn, err = o.DB.Conn(ctx); err != nil {
		return nil, err
	}
	defer r.conn.Close()
	if err := r.run(ctx); err != nil && !errors.Is(err, errStopped) {
		return nil, err
	}
	for _, address := range o.Parser.Spec.GetRaw() {
		if r.account.Records > 0 && r.absent[address] == len(o.Inputs) {
			r.account.Missing = append(r.account.Missing, address)
		}
	}
	return &r.account, nil
}

// newRunner returns a run that has no engine yet.
func newRunner(o Options) (*runner, error) {
	columns, err := o.Selected()
	if err != nil {
		return nil, err
	}
	r := &runner{Options: o, columns: columns, fields: columns, absent: map[string]int{}}
	if o.FeatureSet != nil {
		r.fields = o.FeatureSet.Fields(r.names(), nil)
	}
	return r, nil
}

// runner is one run.
type runner struct {
	Options
	conn     *duckdb.Conn
	columns  []*compile.Field // to hand out
	fields   []*compile.Field // to parse
	account  Account
	rejected int64          // rejects handed out
	absent   map[string]int // inputs without a raw column, by address
	kept     bool           // the table of kept rows is there
}

func (r *runner) names() []string { return fieldNames(r.columns) }

// keyed reports whether rows are known by a key; they can be computed only when
// the input has ended.
func (r *runner) keyed() bool { return r.FeatureSet != nil && r.FeatureSet.Group != nil }

func (r *runner) run(ctx context.Context) error {
	for i, input := range r.Inputs {
		if err := r.input(ctx, input, int32(i)); err != nil {
			if errors.Is(err, errStopped) {
				return err
			}
			return fmt.Errorf("%s: %w", input.Name, err)
		}
	}
	if r.kept {
		return r.rows(ctx, keptTable, nil)
	}
	return nil
}

// stopped reports whether nothing more is to be handed out; rejects of a set
// with a key do not stop it.
func (r *runner) stopped() bool { return r.Limit > 0 && r.account.Shown >= r.Limit }

func (r *runner) input(ctx context.Context, input Input, file int32) error {
	body, err := input.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	b := newBatchReader(body, r.Parser)
	err = r.conn.Scan(ctx, duckdb.Scan{Name: "raw", File: file, Columns: len(r.Parser.Raw),
		Open: func() (duckdb.RawReader, error) { return b, nil }})
	if err != nil {
		return err
	}
	defer func() {
		r.account.Counts = r.account.Plus(b.Counts())
		for _, address := range b.Absent() {
			r.absent[address]++
		}
	}()
	// The first batch is small, so that something is to be seen at once.
	for size := firstBatch; !b.ended; size = nextBatch {
		b.begin(size)
		if err := r.batch(ctx, input.Name, b); err != nil {
			return err
		}
	}
	return nil
}

// Rows of a batch.
const (
	firstBatch = 256
	nextBatch  = 32 << 10
)

const (
	batchTable = "batch"
	keptTable  = "kept"
)

// batch parses one batch and hands out its rejects, and its rows where they do
// not depend on others.
func (r *runner) batch(ctx context.Context, name string, b *batchReader) error {
	if err := r.conn.Exec(ctx, "CREATE OR REPLACE TEMP TABLE "+batchTable+" AS "+r.Parser.Relation("raw", r.fields).DuckDB()); err != nil {
		return err
	}
	rejects, err := r.rejects(ctx, name, b)
	if err != nil {
		return err
	}
	rows := "SELECT * FROM " + batchTable + " WHERE " + sql.Quote(sql.RejectColumn) + " IS NULL"
	if !r.keyed() {
		return r.rows(ctx, "("+rows+")", &merger{runner: r, name: name, lines: &b.lines, rejects: rejects})
	}
	verb := "INSERT INTO " + keptTable + " "
	if !r.kept {
		verb = "CREATE TEMP TABLE " + keptTable + " AS "
	}
	r.kept = true
	if err := r.conn.Exec(ctx, verb+rows); err != nil {
		return err
	}
	for _, x := range rejects {
		if err := r.reject(x); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) reject(x Reject) error {
	if r.Reject == nil || r.Limit > 0 && r.rejected >= r.Limit {
		return nil
	}
	r.rejected++
	return r.Reject(x)
}
