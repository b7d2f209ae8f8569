package duckdb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/source"
)

// batches is a reader of given batches, which then ends with err.
type batches struct {
	list   []source.Batch
	err    error
	panics bool
	closed *int
}

func (r *batches) Read(b *source.Batch) error {
	if len(r.list) > 0 {
		*b, r.list = r.list[0], r.list[1:]
		return nil
	}
	if r.panics {
		panic("reader is broken")
	}
	return r.err
}

func (r *batches) Close() error {
	if r.closed != nil {
		*r.closed++
	}
	return nil
}

// batch makes a batch of rows; each has a text and its columns.
func batch(first int64, rows ...[][]byte) source.Batch {
	b := source.Batch{N: len(rows), Columns: make([][][]byte, len(rows[0])-1)}
	for i, row := range rows {
		b.Record = append(b.Record, first+int64(i))
		b.Text = append(b.Text, row[0])
		for j, v := range row[1:] {
			b.Columns[j] = append(b.Columns[j], v)
		}
	}
	return b
}

// given is a relation of given batches.
func given(s Scan, list ...source.Batch) Scan {
	s.Open = func() (RawReader, error) { return &batches{list: list, err: io.EOF}, nil }
	return s
}

// numbered is a relation of n rows with one column, the record number.
func numbered(name string, file int32, n int) Scan {
	return Scan{Name: name, File: file, Columns: 1, Open: func() (RawReader, error) {
		return &counter{left: n}, nil
	}}
}

// counter is a reader of n rows, made as they are read; of endless ones if n
// is negative.
type counter struct{ next, left int }

func (c *counter) Read(b *source.Batch) error {
	if c.left == 0 {
		return io.EOF
	}
	n := 1500
	if c.left > 0 {
		n = min(n, c.left)
		c.left -= n
	}
	*b = source.Batch{N: n, Columns: make([][][]byte, 1)}
	for range n {
		b.Record = append(b.Record, int64(c.next))
		b.Columns[0] = append(b.Columns[0], fmt.Appendf(nil, "record number %d", c.next))
		c.next++
	}
	return nil
}

// text returns bytes as a Go value of a query: nil for NULL.
func text(b []byte) any {
	if b == nil {
		return nil
	}
	return string(b)
}

func TestScanValues(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	values := [][]byte{
		nil, {}, []byte("a"), []byte("\x00"), []byte("a\x00b"), []byte("12 bytes at "), []byte("13 bytes at m"),
		[]byte("13\x00bytes\x00at\x00m"), []byte("grüße"), []byte("日本語のログの行です"), []byte("🙂🙂🙂🙂"), []byte(`it's "quoted"`),
	}
	var all [][][]byte
	for _, long := range []int{5 << 20, segmentMax, segmentMax + 1} {
		all = append(all, [][]byte{[]byte("t"), bytes.Repeat([]byte("x"), long), []byte("beside a long one")})
	}
	for shift := range len(values) {
		for i := range values {
			all = append(all, [][]byte{[]byte("t"), values[i], values[(i+shift)%len(values)]})
		}
	}
	want := make([][]any, len(all))
	for i, row := range all {
		want[i] = []any{int64(-3), int64(i + 9), text(row[0]), text(row[1]), text(row[2])}
	}
	if err := c.Scan(t.Context(), given(Scan{Name: "raw", File: -3, Columns: 2, Text: true}, batch(9, all...))); err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(want, rows(t, c, "SELECT * FROM raw")) {
		t.Error("values differ")
	}
	// DuckDB compares and hashes texts as 16 bytes, so wrong padding or
	// prefixes would show here.
	for _, v := range values[1:] {
		if bytes.IndexByte(v, 0) >= 0 {
			continue // cannot be written in SQL
		}
		var equal, unequal int64
		for _, row := range all {
			switch {
			case row[1] == nil:
			case bytes.Equal(row[1], v):
				equal++
			default:
				unequal++
			}
		}
		sql := fmt.Sprintf("SELECT count(*) FILTER (_c0 = %[1]s), count(*) FILTER (_c0 <> %[1]s) FROM raw", quoteText(string(v)))
		if d := cmp.Diff([][]any{{equal, unequal}}, rows(t, c, sql)); d != "" {
			t.Errorf("comparison with %q: %s", v, d)
		}
	}
}

// TestScanRandom compares random batches, of all lengths and of more rows than
// a chunk has, with what SQL sees of them.
func TestScanRandom(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	r := rand.New(rand.NewPCG(3, 4))
	var list []source.Batch
	var want [][]any
	for len(want) < 20000 {
		rows := make([][][]byte, 1+r.IntN(5000))
		first := int64(len(want))
		for i := range rows {
			rows[i] = make([][]byte, 4)
			row := []any{int64(1), first + int64(i)}
			for j := range rows[i] {
				if r.IntN(4) > 0 {
					rows[i][j] = []byte(strings.Repeat(string(rune('a'+r.IntN(600))), r.IntN(10)))
				}
				row = append(row, text(rows[i][j]))
			}
			want = append(want, row)
		}
		list = append(list, batch(first, rows...), source.Batch{})
	}
	if err := c.Scan(t.Context(), given(Scan{Name: "raw", File: 1, Columns: 3, Text: true}, list...)); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, rows(t, c, "SELECT * FROM raw")); d != "" {
		t.Error(d)
	}
}

func TestScanProjection(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	b := batch(5, [][]byte{[]byte("t0"), []byte("a0"), nil}, [][]byte{[]byte("t1"), []byte("a1"), []byte("b1")})
	if err := c.Scan(t.Context(), given(Scan{Name: "Raw logs", File: 2, Columns: 2, Text: true}, b)); err != nil {
		t.Fatal(err)
	}
	b.Text = nil
	if err := c.Scan(t.Context(), given(Scan{Name: "no_text", File: 2, Columns: 2}, b)); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, sql string
		want      [][]any
	}{
		{"no column", `SELECT count(*) FROM "raw logs"`, [][]any{{int64(2)}}},
		{"constant", `SELECT 1 FROM "Raw logs"`, [][]any{{int64(1)}, {int64(1)}}},
		{"one", `SELECT _c1 FROM "Raw logs"`, [][]any{{nil}, {"b1"}}},
		{"out of order", `SELECT _c1, _file, _raw, _c0, _rec FROM "Raw logs"`, [][]any{{nil, int64(2), "t0", "a0", int64(5)}, {"b1", int64(2), "t1", "a1", int64(6)}}},
		{"twice", `SELECT _c0, _c0 FROM "Raw logs"`, [][]any{{"a0", "a0"}, {"a1", "a1"}}},
		{"filter", `SELECT _c0 FROM "Raw logs" WHERE _c1 = 'b1'`, [][]any{{"a1"}}},
		{"join with itself", `SELECT x._c0, y._raw FROM "Raw logs" x JOIN "Raw logs" y ON x._rec = y._rec ORDER BY 1`, [][]any{{"a0", "t0"}, {"a1", "t1"}}},
		{"without text", `SELECT * FROM no_text`, [][]any{{int64(2), int64(5), "a0", nil}, {int64(2), int64(6), "a1", "b1"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, rows(t, c, tt.sql)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestScanReplace(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	for i, name := range []string{"raw", "RAW", "raw"} {
		if err := c.Scan(t.Context(), numbered(name, int32(i), 10*(i+1))); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([][]any{{int64(i), int64(10 * (i + 1))}}, rows(t, c, "SELECT max(_file), count(*) FROM raw")); d != "" {
			t.Error(d)
		}
	}
	if len(c.scans) != 1 {
		t.Errorf("have %d scans, want 1", len(c.scans))
	}
}

// TestScanIsPrivate makes sure that sessions do not see each other's logs.
func TestScanIsPrivate(t *testing.T) {
	db := openDB(t, Options{})
	a, b := session(t, db), session(t, db)
	if err := a.Scan(t.Context(), numbered("raw", 0, 1)); err != nil {
		t.Fatal(err)
	}
	if err := b.Exec(t.Context(), "SELECT * FROM raw"); err == nil {
		t.Error("another session reads the relation")
	}
}

func TestScanErrors(t *testing.T) {
	broken := errors.New("disk is gone")
	good := batch(0, [][]byte{nil, []byte("x")})
	short := source.Batch{N: 2, Record: []int64{1, 2}, Columns: [][][]byte{}}
	tests := []struct {
		name   string
		reader *batches
		open   error
		want   string // in the message
		is     error
	}{
		{"open", nil, broken, `open relation "raw"`, broken},
		{"first read", &batches{err: broken}, nil, `read relation "raw"`, broken},
		{"second read", &batches{list: []source.Batch{good}, err: broken}, nil, `read relation "raw"`, broken},
		{"short batch", &batches{list: []source.Batch{short}, err: io.EOF}, nil, "fewer columns", nil},
		{"not UTF-8", &batches{list: []source.Batch{batch(0, [][]byte{nil, []byte("\xff")})}, err: io.EOF}, nil, "UTF-8", errNotUTF8},
		{"not UTF-8, long", &batches{list: []source.Batch{batch(0, [][]byte{nil, []byte("some longer text \xff")})}, err: io.EOF}, nil, "UTF-8", errNotUTF8},
		{"idle", &batches{}, nil, "no data", io.ErrNoProgress},
		{"panic", &batches{panics: true}, nil, "panic", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := session(t, openDB(t, Options{}))
			closed := 0
			s := Scan{Name: "raw", Columns: 1, Open: func() (RawReader, error) {
				if tt.open != nil {
					return nil, tt.open
				}
				tt.reader.closed = &closed
				return tt.reader, nil
			}}
			if err := c.Scan(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			err := c.Exec(t.Context(), "SELECT _c0 FROM raw")
			if err == nil || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("got %v, want an error with %q that is %v", err, tt.want, tt.is)
			}
			if tt.reader != nil && closed != 1 {
				t.Errorf("reader was closed %d times", closed)
			}
			if d := cmp.Diff([][]any{{int64(1)}}, rows(t, c, "SELECT 1")); d != "" {
				t.Errorf("the next statement suffers: %s", d)
			}
		})
	}
}

func TestScanBadDefinitions(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	open := func() (RawReader, error) { return &batches{err: io.EOF}, nil }
	for _, s := range []Scan{{Open: open}, {Name: "x"}, {Name: "x", Columns: -1, Open: open}, {Name: "a\x00b", Open: open}} {
		if err := c.Scan(t.Context(), s); err == nil {
			t.Errorf("%+q: no error", s.Name)
		}
	}
	if len(c.scans) != 0 {
		t.Errorf("have %d scans, want none", len(c.scans))
	}
}

func TestScanIsClosed(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	opened, closed := 0, 0
	s := Scan{Name: "raw", Columns: 1, Open: func() (RawReader, error) {
		opened++
		return &batches{list: []source.Batch{batch(0, [][]byte{nil, nil})}, err: io.EOF, closed: &closed}, nil
	}}
	if err := c.Scan(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if opened != 0 {
		t.Error("the relation was opened before a query used it")
	}
	stop := errors.New("stop")
	for _, sql := range []string{"FROM raw", "FROM raw LIMIT 0", "FROM raw LIMIT 1", "FROM raw a, raw b", "SELECT _rec::VARCHAR::BOOLEAN::INT / 0 FROM raw"} {
		_ = c.Query(t.Context(), sql, func([]any) error { return stop })
		if opened != closed {
			t.Fatalf("%s: opened %d, closed %d", sql, opened, closed)
		}
	}
	if opened < 5 {
		t.Errorf("opened %d times only", opened)
	}
}

func TestScanCancel(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	if err := c.Scan(t.Context(), numbered("endless", 0, -1)); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{"SELECT max(_c0) FROM endless", "FROM endless", "SELECT _c0 FROM endless WHERE _rec < 0"} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if err := c.Exec(ctx, sql); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v, want the deadline", sql, err)
		}
		cancel()
	}
}

// FuzzScanText writes texts through the scan and reads them back. The input is
// cut at each 0xff, and 0xfe marks a NULL.
func FuzzScanText(f *testing.F) {
	f.Add([]byte("a\xff\xffexactly 12 b\xffexactly 13 by\xff\xfe\xffgr\xc3\xbc\xc3\x9fe\xffa\x00b"))
	f.Add([]byte("\xc3\xff\xbc"))
	db, err := Open(context.Background(), Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { db.Close() })
	f.Fuzz(func(t *testing.T, data []byte) {
		c := session(t, db)
		var all [][][]byte
		var want [][]any
		valid := true
		for i, v := range bytes.Split(data, []byte{0xff}) {
			if bytes.Equal(v, []byte{0xfe}) {
				v = nil
			}
			valid = valid && utf8.Valid(v)
			all = append(all, [][]byte{nil, v})
			want = append(want, []any{int64(i), text(v)})
		}
		if err := c.Scan(t.Context(), given(Scan{Name: "raw", Columns: 1}, batch(0, all...))); err != nil {
			t.Fatal(err)
		}
		var got [][]any
		err := c.Query(t.Context(), "SELECT _rec, _c0 FROM raw", func(row []any) error {
			got = append(got, row)
			return nil
		})
		if valid != (err == nil) || !valid && !errors.Is(err, errNotUTF8) {
			t.Fatalf("valid %t, error %v", valid, err)
		}
		if valid && !cmp.Equal(want, got) {
			t.Error(cmp.Diff(want, got))
		}
	})
}
