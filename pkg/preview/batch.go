package preview

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/sql"
)

// batchReader reads an input batch by batch: to a statement, each batch is all
// there is.
type batchReader struct {
	*source.Reader
	left    int // rows that the batch may still have
	ended   bool
	records []int64 // of the batch's rows
	lines   []int64 // and their lines
	rejects []source.Reject
}

// begin begins a batch.
func (b *batchReader) begin(size int) {
	b.left = size
	b.records, b.lines, b.rejects = b.records[:0], b.lines[:0], b.rejects[:0]
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
	b.records, b.lines = append(b.records, batch.Record[:batch.N]...), append(b.lines, batch.Line[:batch.N]...)
	return err
}

// line returns the line of a record of the batch.
func (b *batchReader) line(record int64) int64 {
	if i, ok := slices.BinarySearch(b.records, record); ok {
		return b.lines[i]
	}
	return 0
}

// rejects returns the rejects of a batch in the order of their records, and
// counts those of conditions; the reader has counted its own.
func (r *runner) rejects(ctx context.Context, name string, b *batchReader) ([]Reject, error) {
	var out []Reject
	for _, x := range b.rejects {
		out = append(out, Reject{ID{name, x.Record, x.Line}, x.Reason})
	}
	query := fmt.Sprintf("SELECT %[1]s, %[2]s::BIGINT FROM %[3]s WHERE %[2]s IS NOT NULL", sql.Quote(sql.RecordColumn), sql.Quote(sql.RejectColumn), batchTable)
	refused := source.Counts{Rejects: map[string]int64{}}
	err := r.conn.Query(ctx, query, func(row []any) error {
		record, ok1 := row[0].(int64)
		condition, ok2 := row[1].(int64)
		if !ok1 || !ok2 {
			return fmt.Errorf("rejects: want whole numbers, got %T and %T", row[0], row[1])
		}
		reason := r.Parser.RejectReason(int(condition))
		refused.Rejects[reason]++
		refused.Rows--
		out = append(out, Reject{ID{name, record, b.line(record)}, reason})
		return nil
	})
	slices.SortFunc(out, func(a, b Reject) int { return int(min(1, max(-1, a.Record-b.Record))) })
	r.account.Counts = r.account.Plus(refused)
	return out, err
}

// merger hands out the rejects of a batch among its rows.
type merger struct {
	*runner
	name    string
	batch   *batchReader
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
