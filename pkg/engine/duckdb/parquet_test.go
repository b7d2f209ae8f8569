package duckdb

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParquetRoundTrip(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "it's a file.parquet")
	c := session(t, openDB(t, Options{Dirs: []string{dir}}))
	const query = `SELECT i::INTEGER AS _file, i AS n, CASE WHEN i % 7 > 0 THEN repeat('x', i % 30) END AS s,
		i / 3 AS d, make_timestamp(i * 1000003) AS ts, DATE '2024-01-01' + i::INTEGER AS day, [i, NULL] AS list, i % 2 = 0 AS b
		FROM range(5000) t(i)`
	meta := map[string]string{"frame": "sha256:ab", "it's \"x\"": "grüße '\\ \n", "empty": ""}
	for _, tt := range []struct {
		name string
		meta map[string]string
	}{{"first", nil}, {"replaced", meta}} {
		t.Run(tt.name, func(t *testing.T) {
			n, err := c.WriteParquet(t.Context(), WriteOptions{Query: query + " -- as a comment;", Path: path, Meta: tt.meta})
			if err != nil || n != 5000 {
				t.Fatalf("got %d rows, %v", n, err)
			}
			if d := cmp.Diff(rows(t, c, query), rows(t, c, "FROM "+quoteText(path))); d != "" {
				t.Error(d)
			}
			got, err := c.ParquetMeta(t.Context(), path)
			if d := cmp.Diff(tt.meta, got, cmpopts.EquateEmpty()); d != "" || err != nil {
				t.Errorf("metadata: %v %s", err, d)
			}
			if d := cmp.Diff([]string{path}, files(t, dir)); d != "" {
				t.Errorf("files: %s", d)
			}
		})
	}
}

// files returns the paths of the files in a directory.
func files(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestParquetFloats makes sure that floats keep their bits, whatever encoding
// their repetitions suggest.
func TestParquetFloats(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.parquet")
	c := session(t, openDB(t, Options{Dirs: []string{dir}}))
	for _, value := range []string{"d", "d::FLOAT", "[d, NULL, d]", "[[d]]", "[d, d]::FLOAT[2]"} {
		query := "SELECT i, " + value + ` AS v FROM (
			SELECT i, [0, '-0'::DOUBLE, 'nan'::DOUBLE, 'inf'::DOUBLE, NULL][(1 + hash(i) % 5)::INTEGER] AS d FROM range(9000) t(i))`
		if _, err := c.WriteParquet(t.Context(), WriteOptions{Query: query, Path: path}); err != nil {
			t.Fatal(err)
		}
		want, err := RowDigest(t.Context(), c, Rows{From: "(" + query + ")", Columns: []string{"v"}, Order: "i"})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := RowDigest(t.Context(), c, Rows{From: quoteText(path), Columns: []string{"v"}, Order: "i"}); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", value, got, err, want)
		}
	}
}

func TestParquetNoRows(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.parquet")
	c := session(t, openDB(t, Options{Dirs: []string{dir}}))
	n, err := c.WriteParquet(t.Context(), WriteOptions{Query: "SELECT 1::BIGINT AS a WHERE false", Path: path})
	if n != 0 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	if d := cmp.Diff([][]any{{"a", "BIGINT"}}, rows(t, c, "SELECT column_name, column_type FROM (DESCRIBE FROM "+quoteText(path)+")")); d != "" {
		t.Error(d)
	}
}

// TestParquetSameBytes writes one query from two instances, once beside other
// sessions that are at work.
func TestParquetSameBytes(t *testing.T) {
	const query = `SELECT _file, _rec, _c0, count(*) OVER (PARTITION BY _rec % 100) AS n, sum(sqrt(_rec)) OVER (ORDER BY _rec) AS s,
		max(_c0) OVER (PARTITION BY _rec % 1000 ORDER BY _rec) AS m FROM raw ORDER BY _rec % 17, _rec`
	const count = 150_000 // more than one row group
	var first []byte
	for i := range 3 {
		dir := t.TempDir()
		db := openDB(t, Options{Dirs: []string{dir}})
		c := session(t, db)
		if err := c.Scan(t.Context(), numbered("raw", 1, count)); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		idle := make(chan struct{})
		go func() {
			defer close(idle)
			if i < 2 {
				return
			}
			other := session(t, db)
			_ = other.Exec(ctx, "SELECT sum(i * j) FROM range(10000000) t(i), range(10000000) u(j)")
		}()
		path := filepath.Join(dir, "x.parquet")
		n, err := c.WriteParquet(t.Context(), WriteOptions{Query: query, Path: path, Meta: map[string]string{"b": "2", "a": "1", "c": "3"}})
		cancel()
		<-idle
		if err != nil || n != count {
			t.Fatalf("got %d rows, %v", n, err)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		}
		if !bytes.Equal(first, got) {
			t.Errorf("write %d differs: %d and %d bytes", i, len(first), len(got))
		}
	}
}

func TestParquetErrors(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	c := session(t, openDB(t, Options{Dirs: []string{dir}}))
	broken := errors.New("disk is gone")
	s := numbered("broken", 0, 0)
	s.Open = func() (RawReader, error) { return &batches{err: broken}, nil }
	if err := c.Scan(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "x.parquet")
	tests := []struct {
		name string
		o    WriteOptions
		want string
	}{
		{"outside", WriteOptions{Query: "SELECT 1", Path: filepath.Join(outside, "x.parquet")}, "Permission Error"},
		{"no directory", WriteOptions{Query: "SELECT 1", Path: filepath.Join(dir, "no", "x.parquet")}, "no such file"},
		{"not a query", WriteOptions{Query: "CREATE TABLE x (i INTEGER)", Path: path}, "not a SELECT"},
		{"two statements", WriteOptions{Query: "SELECT 1; SELECT 2", Path: path}, "want one statement"},
		{"leaving the parentheses", WriteOptions{Query: "SELECT 1) TO '/tmp/x' (FORMAT csv); --", Path: path}, "syntax error"},
		{"metadata without a key", WriteOptions{Query: "SELECT 1", Path: path, Meta: map[string]string{"": "a"}}, "zero-length"},
		{"metadata with like keys", WriteOptions{Query: "SELECT 1", Path: path, Meta: map[string]string{"a": "1", "A": "2"}}, "uplicate"},
		{"NUL in metadata", WriteOptions{Query: "SELECT 1", Path: path, Meta: map[string]string{"a": "b\x00c"}}, "NUL"},
		{"reader", WriteOptions{Query: "SELECT * FROM broken", Path: path}, "disk is gone"},
		{"value", WriteOptions{Query: "SELECT CASE WHEN i < 300000 THEN '1' ELSE 'x' END::INT FROM range(300001) t(i)", Path: path}, "Conversion Error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, err := c.WriteParquet(t.Context(), tt.o)
			if n != 0 || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %d, %v, want an error with %q", n, err, tt.want)
			}
			if left := append(files(t, dir), files(t, outside)...); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	if err := os.WriteFile(path, []byte("not Parquet at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ParquetMeta(t.Context(), path); err == nil {
		t.Error("metadata of what is not Parquet: no error")
	}
}

// TestParquetKeepsOld cancels a write: the file that was there stays.
func TestParquetKeepsOld(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.parquet")
	c := session(t, openDB(t, Options{Dirs: []string{dir}}))
	if _, err := c.WriteParquet(t.Context(), WriteOptions{Query: "SELECT 1 AS a", Path: path}); err != nil {
		t.Fatal(err)
	}
	if err := c.Scan(t.Context(), numbered("endless", 0, -1)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.WriteParquet(ctx, WriteOptions{Query: "FROM endless", Path: path}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
	}
	if d := cmp.Diff([][]any{{int64(1)}}, rows(t, c, "FROM "+quoteText(path))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{path}, files(t, dir)); d != "" {
		t.Errorf("files: %s", d)
	}
}

func TestFloats(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	tests := []struct {
		name, sql string
		columns   int
		want      []float32
	}{
		{"row-major", "VALUES (1::DOUBLE, 2::DOUBLE), (3, 4)", 2, []float32{1, 2, 3, 4}},
		{"types", "SELECT true, false, -1::TINYINT, 2::USMALLINT, 3::BIGINT, 4::UBIGINT, 5::HUGEINT, 0.5::FLOAT, -0.25::DECIMAL(6,3), NULL", 10,
			[]float32{1, 0, -1, 2, 3, 4, 5, 0.5, -0.25, nan}},
		{"null", "VALUES (1::DOUBLE), (NULL)", 1, []float32{1, nan}},
		{"range", "SELECT 1e300::DOUBLE, '-inf'::DOUBLE, 'nan'::DOUBLE, 1e-300::DOUBLE", 4, []float32{inf, -inf, nan, 0}},
		{"nearest", "SELECT 16777217::BIGINT, 16777217::DOUBLE, 0.1::DOUBLE, 9007199791611905::BIGINT", 4, []float32{16777216, 16777216, 0.1, float32(9007199791611905)}},
		{"no rows", "SELECT 1 WHERE false", 1, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := c.Floats(t.Context(), tt.sql, tt.columns)
			if d := cmp.Diff(tt.want, got, cmpopts.EquateNaNs()); d != "" || err != nil {
				t.Errorf("%v %s", err, d)
			}
		})
	}
	for sql, want := range map[string]string{
		"SELECT 1, 'x'": "column 2 is not a number", "SELECT 1": "1 columns, want 2", "SELECT 1, 2, 3": "3 columns, want 2",
		"SELECT 1, 'x'::INT": "Conversion Error",
	} {
		if _, err := c.Floats(t.Context(), sql, 2); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", sql, err, want)
		}
	}
}

func TestFloatsManyRows(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	got, err := c.Floats(t.Context(), "SELECT i::DOUBLE, CASE WHEN i % 3 > 0 THEN i / 2 END FROM range(10000) t(i)", 2)
	if err != nil || len(got) != 20000 {
		t.Fatalf("got %d values, %v", len(got), err)
	}
	for i := range 10000 {
		a, b := got[2*i], got[2*i+1]
		if a != float32(i) || i%3 > 0 && b != float32(i)/2 || i%3 == 0 && b == b {
			t.Fatalf("row %d is %v, %v", i, a, b)
		}
	}
}

// TestFloatBlocks reads blocks that together are the matrix.
func TestFloatBlocks(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	const query = "SELECT i::DOUBLE, CASE WHEN i % 3 > 0 THEN i / 2 END FROM range(10000) t(i)"
	want, err := c.Floats(t.Context(), query, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, rows := range []int{1, 7, 2048, 3000, 10000, 20000} {
		var got []float32
		blocks := 0
		err := c.FloatBlocks(t.Context(), query, Blocks{2, rows}, func(block []float32) error {
			if len(got)+len(block) < len(want) && len(block) != 2*rows || len(block) > 2*rows || len(block) == 0 {
				t.Fatalf("blocks of %d: one of %d values", rows, len(block))
			}
			blocks++
			got = append(got, block...)
			return nil
		})
		if err != nil || len(got) != len(want) || blocks != (10000+rows-1)/rows {
			t.Fatalf("blocks of %d: %d values in %d blocks, %v", rows, len(got), blocks, err)
		}
		for i := range want {
			if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
				t.Fatalf("blocks of %d: value %d is %v, want %v", rows, i, got[i], want[i])
			}
		}
	}
	if err := c.FloatBlocks(t.Context(), "SELECT 1::DOUBLE WHERE false", Blocks{1, 4}, func([]float32) error { return errors.New("called") }); err != nil {
		t.Error(err)
	}
	stop := errors.New("stop")
	if err := c.FloatBlocks(t.Context(), query, Blocks{2, 10}, func([]float32) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want the callback's error", err)
	}
}
