package run

import (
	"context"
	"fmt"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// writeLearned stores which raw records a model learns from: those behind the
// rows of its train side, as ranges of record numbers by the digest of their
// file. So whatever rows, splits and features come later, it is known of each
// record whether this model has seen it.
func (r *Runner) writeLearned(ctx context.Context, m *compile.Model) (digest.Digest, error) {
	var selects []string
	for _, k := range orderedContributions(m) {
		if k.Test && k.Side(m.FeatureSet.From.Name) == nil {
			continue
		}
		query, err := r.learnedRecords(ctx, m, k)
		if err != nil {
			return digest.Digest{}, err
		}
		selects = append(selects, query)
	}
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return digest.Digest{}, err
	}
	defer conn.Close()
	// Records in a row differ from their rank by the same number.
	query := "SELECT file, min(record) AS first, max(record) AS last FROM (SELECT file, record, record - row_number() OVER (PARTITION BY file ORDER BY record) AS island FROM (" +
		"SELECT DISTINCT file, record FROM (" + strings.Join(selects, " UNION ALL ") + "))) GROUP BY file, island ORDER BY file, first"
	path := r.path(".parquet")
	if _, err := conn.WriteParquet(ctx, duckdb.WriteOptions{Path: path, Query: query}); err != nil {
		return digest.Digest{}, err
	}
	d, _, err := r.keep(ctx, path)
	return d, err
}

// learnedRecords selects file and record of what a model learns from in one
// capture.
func (r *Runner) learnedRecords(ctx context.Context, m *compile.Model, k *compile.Contribution) (string, error) {
	rows, err := r.capture(ctx, m, k, nil)
	if err != nil {
		return "", err
	}
	rows = "SELECT * FROM (" + rows + ") WHERE " + inModel + " AND " + sql.Quote(sql.SideColumn) + " = " + sql.Text(sql.TrainSide)
	if m.FeatureSet.Group != nil {
		input, err := r.input(ctx, compile.ParserFrame(m.Dataset, k, m.FeatureSet.From), m.FeatureSet.Fields(nil))
		if err != nil {
			return "", err
		}
		relation := m.FeatureSet.Relation("("+input+")", nil)
		relation.Members = true
		row := sql.Quote(sql.RowColumn)
		rows = fmt.Sprintf("SELECT %s FROM (SELECT unnest(w.%s) AS m FROM (%s) w SEMI JOIN (%s) l ON w.%s = l.%s)",
			sql.MemberIDs("m", sql.FileColumn, sql.RecordColumn), sql.Quote(sql.MembersColumn), relation.DuckDB(), rows, row, row)
	}
	return fmt.Sprintf("SELECT f.file, r.%s AS record FROM (%s) r JOIN (VALUES %s) f(ordinal, file) ON r.%s = f.ordinal",
		sql.RecordColumn, rows, fileValues(k.Files(m.FeatureSet.From.Name)), sql.FileColumn), nil
}

// fileValues lists the ordinals and digests of files as rows of SQL.
func fileValues(files []*specpb.RawFile) string {
	out := make([]string, len(files))
	for i, f := range files {
		out[i] = fmt.Sprintf("(%d, %s)", i, sql.Text(f.GetDigest()))
	}
	return strings.Join(out, ", ")
}

// learned marks the records of some files that a model learned from; the bits
// of a file begin at its offset. Without the object of what it learned from,
// nothing is marked.
func (r *Runner) learned(ctx context.Context, object digest.Digest, files []*specpb.RawFile, at offsets) (bits, error) {
	seen := newBits(at.total())
	paths, err := r.local(ctx, []digest.Digest{object})
	if err != nil {
		return nil, err
	}
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	query := fmt.Sprintf("SELECT f.ordinal::BIGINT, r.first::BIGINT, r.last::BIGINT FROM read_parquet(%s) r JOIN (VALUES %s) f(ordinal, file) ON r.file = f.file",
		sql.Text(paths[0]), fileValues(files))
	err = conn.Query(ctx, query, func(row []any) error {
		file, ok1 := row[0].(int64)
		first, ok2 := row[1].(int64)
		last, ok3 := row[2].(int64)
		if !ok1 || !ok2 || !ok3 {
			return fmt.Errorf("records that the model learned from: unexpected types")
		}
		for record := first; record <= last; record++ {
			if i, ok := at.of(int32(file), record); ok {
				seen.set(i)
			}
		}
		return nil
	})
	return seen, err
}

// offsets number the records of a capture's files one after the other: element
// i is the number of the first record of file i, the last one how many there
// are.
type offsets []int64

func offsetsOf(files []*specpb.RawFile) offsets {
	out := offsets{0}
	for _, f := range files {
		records := int64(0)
		for _, c := range f.GetChunks() {
			records += c.GetRecords()
		}
		out = append(out, out[len(out)-1]+records)
	}
	return out
}

func (o offsets) total() int64 { return o[len(o)-1] }

// of returns the number of a record, false where the file has no such record.
func (o offsets) of(file int32, record int64) (int64, bool) {
	if file < 0 || int(file) >= len(o)-1 || record < 0 || o[file]+record >= o[file+1] {
		return 0, false
	}
	return o[file] + record, true
}

// file returns the file and the number in it of a record.
func (o offsets) file(i int64) (file int, record int64) {
	for file = 0; i >= o[file+1]; file++ {
	}
	return file, i - o[file]
}

// bits is a set of numbers from 0.
type bits []uint64

func newBits(n int64) bits { return make(bits, (n+63)/64) }

func (b bits) set(i int64)      { b[i/64] |= 1 << (i % 64) }
func (b bits) has(i int64) bool { return b[i/64]&(1<<(i%64)) != 0 }

// any reports whether the set has an element.
func (b bits) any() bool {
	for _, word := range b {
		if word != 0 {
			return true
		}
	}
	return false
}
