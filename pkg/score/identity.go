package score

import (
	"fmt"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/sql"
)

// rowReader reads what computed rows are, and the records behind them.
type rowReader struct {
	session *session
	set     *compile.FeatureSet
	names   []string // of files, by ordinal
	edges   edges
}

// found is what is known of a computed row.
type found struct {
	row     alert.Row
	count   int64 // records behind it
	headers []alert.Header
	texts   []string // of its first records
	values  []*float64
}

// query selects what is known of rows: number of records, texts, files and
// numbers of the first ones, then the identity.
func (r *rowReader) query(where string) string {
	columns := []string{sql.Quote(sql.RecordsColumn) + "::BIGINT", sql.Quote(sql.TextsColumn),
		sql.Quote(sql.FilesColumn) + "::BIGINT[]", sql.Quote(sql.NumbersColumn) + "::BIGINT[]"}
	if g := r.set.Group; g != nil {
		if g.Window != nil {
			columns = append(columns, sql.Quote(sql.WindowStart), sql.Quote(sql.WindowEnd))
		}
		for _, k := range g.Keys {
			columns = append(columns, sql.Quote(sql.KeyPrefix+k.Name))
		}
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + computedTable + where + " ORDER BY " + sql.Quote(ordinalColumn)
}

func (r *rowReader) read(row []any) (found, error) {
	out := found{row: alert.Row{Parser: r.session.parser.Name}, texts: []string{}}
	count, ok1 := row[0].(int64)
	texts, ok2 := row[1].([]any)
	files, ok3 := row[2].([]any)
	numbers, ok4 := row[3].([]any)
	if !ok1 || !ok2 || !ok3 || !ok4 || len(files) != len(texts) || len(numbers) != len(texts) || len(texts) == 0 {
		return out, fmt.Errorf("rows: got %T, %T, %T and %T", row[0], row[1], row[2], row[3])
	}
	out.count = count
	var first rowID
	for i, t := range texts {
		file, ok1 := files[i].(int64)
		number, ok2 := numbers[i].(int64)
		if !ok1 || !ok2 {
			return out, fmt.Errorf("rows: got %T and %T", files[i], numbers[i])
		}
		id := rowID{int32(file), number}
		if i == 0 {
			first = id
		}
		out.texts = append(out.texts, fmt.Sprint(t))
		out.addHeader(i, r.session.headerOf(id))
	}
	g := r.set.Group
	if g == nil {
		out.row.File, out.row.Record = r.names[first.file], &first.record
		return out, nil
	}
	rest := row[4:]
	if g.Window != nil {
		out.row.Start, out.row.End = timeOf(rest[0]), timeOf(rest[1])
		out.row.Partial = out.row.Start.UnixMicro() < r.edges.begin || out.row.End.UnixMicro() > r.edges.end
		rest = rest[2:]
	}
	out.row.Key = map[string]any{}
	for i, k := range g.Keys {
		out.row.Key[k.Name] = keyValue(rest[i])
	}
	return out, nil
}

// addHeader notes the header of record i where it is another one than before.
func (f *found) addHeader(i int, header string) {
	if n := len(f.headers); n > 0 && f.headers[n-1].Header == header || n == 0 && header == "" {
		return
	}
	if len(f.headers) == 0 && i > 0 {
		f.headers = append(f.headers, alert.Header{})
	}
	f.headers = append(f.headers, alert.Header{From: i, Header: header})
}

// keyValue returns a value of a key as alerts have it: a time as text or, where
// JSON has no form for it, as microseconds since 1970-01-01 UTC.
func keyValue(v any) any {
	t, ok := v.(time.Time)
	switch {
	case !ok:
		return v
	case t.Year() < 0 || t.Year() > 9999:
		return t.UnixMicro()
	}
	return t.UTC().Format(time.RFC3339Nano)
}
