package preview

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/sql"
)

// batchReader reads an input batch by batch: to a statement, each batch is all
// there is.
type batchReader struct {
	*source.Reader
	left    int // rows that the batch may still have
	ended   bool
	lines   lines // of the batch's rows
	rejects []source.Reject
}

func newBatchReader(body io.Reader, p *compile.Parser) *batchReader {
	b := &batchReader{}
	b.Reader = source.NewReader(body, source.Options{Format: p.Format, Optional: p.Raw,
		Reject: func(x source.Reject) { b.rejects = append(b.rejects, x) }})
	return b
}

// lines knows the lines of records. Where one record follows another a line
// further on, it holds nothing of them.
type lines struct {
	from, shift []int64 // from this record on, lines are so many numbers further
}

// add adds a record, which comes after those before.
func (l *lines) add(record, line int64) {
	if n := len(l.shift); n == 0 || l.shift[n-1] != line-record {
		l.from, l.shift = append(l.from, record), append(l.shift, line-record)
	}
}

// of returns the line of a record that was added.
func (l *lines) of(record int64) int64 {
	i, ok := slices.BinarySearch(l.from, record)
	if !ok {
		i--
	}
	if i < 0 {
		return 0
	}
	return record + l.shift[i]
}

// begin begins a batch.
func (b *batchReader) begin(size int) {
	b.left, b.rejects = size, b.rejects[:0]
	b.lines = lines{b.lines.from[:0], b.lines.shift[:0]}
}

// maxRejects bounds the rejects that a batch collects: it ends early where
// nearly nothing is a row.
const maxRejects = 64 << 10

// Read implements [duckdb.RawReader].
func (b *batchReader) Read(batch *source.Batch) error {
	if b.left <= 0 || len(b.rejects) > maxRejects {
		return io.EOF
	}
	batch.Cap = min(b.left, 2048)
	err := b.Reader.Read(batch)
	if err == io.EOF {
		b.ended = true
	}
	b.left -= batch.N
	for i := range batch.N {
		b.lines.add(batch.Record[i], batch.Line[i])
	}
	return err
}

// rejects returns the rejects of a batch in the order of their records, and
// counts those of conditions; the reader has counted its own.
func (r *runner) rejects(ctx context.Context, name string, b *batchReader) ([]Reject, error) {
	query := fmt.Sprintf("SELECT %[1]s, %[2]s::BIGINT FROM %[3]s WHERE %[2]s IS NOT NULL", sql.Quote(sql.RecordColumn), sql.Quote(sql.RejectColumn), batchTable)
	var found []refusal
	err := r.conn.Query(ctx, query, func(row []any) error {
		record, ok1 := row[0].(int64)
		condition, ok2 := row[1].(int64)
		if !ok1 || !ok2 {
			return fmt.Errorf("rejects: want whole numbers, got %T and %T", row[0], row[1])
		}
		found = append(found, refusal{record, condition})
		return nil
	})
	return r.refuse(name, b, found), err
}

// refusal is a record that a condition refuses, by its number among them.
type refusal struct{ record, condition int64 }

// refuse accounts for what conditions refuse, and returns the rejects of the
// reader and theirs, in the order of their records.
func (r *runner) refuse(name string, b *batchReader, found []refusal) []Reject {
	var out []Reject
	for _, x := range b.rejects {
		out = append(out, Reject{ID{name, x.Record, x.Line}, x.Reason})
	}
	refused := source.Counts{Rejects: map[string]int64{}}
	for _, x := range found {
		reason := r.Parser.RejectReason(int(x.condition))
		refused.Rejects[reason]++
		refused.Rows--
		out = append(out, Reject{ID{name, x.record, b.lines.of(x.record)}, reason})
	}
	slices.SortFunc(out, func(a, b Reject) int { return int(min(1, max(-1, a.Record-b.Record))) })
	r.account.Counts = r.account.Plus(refused)
	return out
}

// merger hands out the rejects of a batch among its rows.
type merger struct {
	*runner
	name    string
	lines   *lines
	rejects []Reject
}

// before hands out the rejects before a record.
func (m *merger) before(record int64) error {
	for len(m.rejects) > 0 && m.rejects[0].Record < record {
		if err := m.reject(m.rejects[0]); err != nil {
			return err
		}
		m.rejects = m.rejects[1:]
	}
	return nil
}
