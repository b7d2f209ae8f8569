package duckdb

import (
	"context"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// openDB opens an instance for a test.
func openDB(t testing.TB, o Options) *DB {
	t.Helper()
	db, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// session opens a session for a test.
func session(t testing.TB, db *DB) *Conn {
	t.Helper()
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// rows runs a query and returns its rows.
func rows(t testing.TB, c *Conn, sql string) [][]any {
	t.Helper()
	var all [][]any
	err := c.Query(t.Context(), sql, func(row []any) error {
		all = append(all, row)
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return all
}

func TestQueryTypes(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	huge, _ := new(big.Int).SetString("-170141183460469231731687303715884105728", 10)
	tests := []struct {
		name, sql string
		want      any
	}{
		{"null", "NULL", nil},
		{"typed null", "NULL::VARCHAR", nil},
		{"boolean", "true", true},
		{"tinyint", "(-128)::TINYINT", int64(-128)},
		{"smallint", "(-32768)::SMALLINT", int64(-32768)},
		{"integer", "(-2147483648)::INTEGER", int64(-2147483648)},
		{"bigint", "(-9223372036854775808)::BIGINT", int64(-9223372036854775808)},
		{"utinyint", "255::UTINYINT", int64(255)},
		{"usmallint", "65535::USMALLINT", int64(65535)},
		{"uinteger", "4294967295::UINTEGER", int64(4294967295)},
		{"ubigint", "18446744073709551615::UBIGINT", uint64(18446744073709551615)},
		{"hugeint", "(-170141183460469231731687303715884105728)::HUGEINT", huge},
		{"float", "1.5::FLOAT", 1.5},
		{"double", "-0.1::DOUBLE", -0.1},
		{"small decimal", "(-0.05)::DECIMAL(4,2)", "-0.05"},
		{"decimal", "1234567.10::DECIMAL(12,2)", "1234567.10"},
		{"large decimal", "(-12345678901234567890.12)::DECIMAL(30,2)", "-12345678901234567890.12"},
		{"decimal without scale", "12::DECIMAL(9,0)", "12"},
		{"empty text", "''", ""},
		{"12 bytes", "'123456789012'", "123456789012"},
		{"13 bytes", "'1234567890123'", "1234567890123"},
		{"text with NUL", "'a' || chr(0) || 'b'", "a\x00b"},
		{"blob", `'\x00\xff'::BLOB`, []byte{0, 255}},
		{"date", "DATE '1969-12-31'", time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC)},
		{"timestamp", "TIMESTAMP '1969-12-31 23:59:59.999999'", time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC)},
		{"timestamp with zone", "TIMESTAMPTZ '2024-01-01 02:00:00+02'", time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"timestamp in seconds", "TIMESTAMP_S '2024-01-01 02:00:00'", time.Date(2024, 1, 1, 2, 0, 0, 0, time.UTC)},
		{"timestamp in milliseconds", "TIMESTAMP_MS '2024-01-01 02:00:00.5'", time.Date(2024, 1, 1, 2, 0, 0, 5e8, time.UTC)},
		{"timestamp in nanoseconds", "TIMESTAMP_NS '2024-01-01 02:00:00.000000001'", time.Date(2024, 1, 1, 2, 0, 0, 1, time.UTC)},
		{"list", "[1, NULL, 3]", []any{int64(1), nil, int64(3)}},
		{"list of lists", "[['a'], [], NULL]", []any{[]any{"a"}, []any{}, nil}},
		{"array", "[1.5, 2]::DOUBLE[2]", []any{1.5, 2.0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := rows(t, c, "SELECT 'before', "+tt.sql)
			want := [][]any{{"before", tt.want}}
			if d := cmp.Diff(want, got, cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestQueryManyRows(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	next := int64(0)
	err := c.Query(t.Context(), "SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE [i] END FROM range(10000) t(i)", func(row []any) error {
		want := []any{next, []any{next}}
		if next%3 == 0 {
			want[1] = nil
		}
		if d := cmp.Diff(want, row); d != "" {
			t.Fatal(d)
		}
		next++
		return nil
	})
	if err != nil || next != 10000 {
		t.Fatalf("have %d rows, error %v", next, err)
	}
}

func TestRefusals(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	tests := []struct{ name, sql, want string }{
		{"nothing", "", "want one statement, have 0"},
		{"two statements", "SELECT 1; SELECT 2", "want one statement, have 2"},
		{"NUL", "SELECT 1\x00; DROP TABLE x", "NUL"},
		{"syntax", "SELEC 1", "syntax error"},
		{"name", "SELECT x", "not found"},
		{"type", "SELECT INTERVAL 1 DAY", "column 1 has a type"},
		{"parameter", "SELECT ?", "Invalid Input Error"},
		{"scan of nothing", "FROM _mlp_scan(NULL::UBIGINT)", "unknown relation"},
		{"scan of zero", "FROM _mlp_scan(0::UBIGINT)", "unknown relation"},
		{"scan of another's", "FROM _mlp_scan(123456::UBIGINT)", "unknown relation"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := c.Query(t.Context(), tt.sql, func([]any) error { return nil })
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
	if err := c.Exec(t.Context(), "SELECT 1"); err != nil {
		t.Errorf("session is unusable after refusals: %v", err)
	}
}

func TestEachErrorEndsQuery(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	stop := errors.New("enough")
	calls := 0
	err := c.Query(t.Context(), "FROM range(100000)", func([]any) error {
		calls++
		return stop
	})
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("got %v after %d calls, want %v after 1", err, calls, stop)
	}
	if d := cmp.Diff([][]any{{int64(7)}}, rows(t, c, "SELECT 7")); d != "" {
		t.Errorf("the next statement suffers: %s", d)
	}
}

func TestErrorAmongRows(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	// The first chunks are fine, so the error meets a result half read.
	err := c.Exec(t.Context(), "SELECT CASE WHEN i < 50000 THEN '1' ELSE 'secret' END::INT FROM range(60000) t(i)")
	var e *Error
	if !errors.As(err, &e) || e.Class != "Conversion Error" || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v, want a conversion error without the value", err)
	}
}

// TestLocked tries to leave the directories in the ways that SQL offers.
func TestLocked(t *testing.T) {
	base := t.TempDir()
	dir, outside := filepath.Join(base, "in"), filepath.Join(base, "inside", "s.csv")
	for _, d := range []string{dir, filepath.Dir(outside), filepath.Join(base, "temp")} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{outside, filepath.Join(dir, "ok.csv")} {
		if err := os.WriteFile(f, []byte("a\n1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link.csv")); err != nil {
		t.Fatal(err)
	}
	db := openDB(t, Options{
		Dirs: []string{dir}, TempDir: filepath.Join(base, "temp"), MemoryLimit: "200MB",
		Setup: []string{"CREATE MACRO twice(x) AS 2 * x"},
	})
	c := session(t, db)
	if d := cmp.Diff([][]any{{int64(1), int64(4), "UTC", int64(1)}}, rows(t, c,
		"SELECT a, twice(2), current_setting('TimeZone'), current_setting('threads') FROM read_csv('"+dir+"/ok.csv')")); d != "" {
		t.Error(d)
	}

	refused := []string{
		"FROM read_text('/etc/passwd')", "FROM read_blob('/etc/passwd')", "FROM read_csv('/etc/passwd')",
		"FROM read_json('/etc/passwd')", "FROM sniff_csv('/etc/passwd')", "FROM parquet_metadata('/etc/passwd')",
		"FROM '/etc/passwd'", "FROM glob('/etc/*')", "FROM read_csv('" + outside + "')",
		"FROM read_csv('" + dir + "/../inside/s.csv')", "FROM read_csv('" + dir + "/link.csv')", "FROM glob('" + dir + "/../*')",
		"COPY (SELECT 1) TO '" + base + "/out.csv'", "COPY (SELECT 1) TO '" + dir + "/../out.csv'",
		"COPY (SELECT 1) TO '/dev/stdout'", "EXPORT DATABASE '" + base + "/out'", "EXPORT DATABASE '" + dir + "/out'",
		"ATTACH '" + base + "/out.db'", "ATTACH '" + dir + "/out.db'", "ATTACH ':memory:' AS m", "USE system",
		"INSTALL httpfs", "FORCE INSTALL httpfs", "LOAD httpfs", "LOAD '" + dir + "/x.duckdb_extension'",
		"FROM read_csv('https://127.0.0.1:1/x.csv')", "FROM read_csv('s3://x/y.csv')",
		"SET threads = 4", "SET GLOBAL threads = 4", "SET SESSION TimeZone = 'Europe/Berlin'", "RESET TimeZone",
		"SET enable_external_access = true", "SET allowed_directories = ['/']", "SET lock_configuration = false",
		"PRAGMA enable_profiling", "PRAGMA profiling_output = '" + dir + "/x'", "PRAGMA threads = 4",
		"CALL enable_logging('QueryLog', storage = 'file', storage_path = '" + base + "/log')",
		"CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')",
		"BEGIN", "CHECKPOINT", "PREPARE p AS SELECT 1", "EXECUTE p", "EXPLAIN SELECT 1", "SELECT getenv('HOME')",
	}
	for _, sql := range refused {
		if err := c.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s: not refused", sql)
		}
	}
	got, err := filepath.Glob(filepath.Join(base, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{dir, filepath.Dir(outside), filepath.Join(base, "temp")}, got); d != "" {
		t.Errorf("files were made: %s", d)
	}
	if d := cmp.Diff(rows(t, c, "SELECT 1"), rows(t, session(t, db), "SELECT 1")); d != "" {
		t.Error(d)
	}
}

func TestSpill(t *testing.T) {
	const sql = "SELECT count(*) FROM (SELECT md5(i::VARCHAR) || md5((i + 1)::VARCHAR) x FROM range(400000) t(i) ORDER BY x OFFSET 1)"
	c := session(t, openDB(t, Options{TempDir: t.TempDir(), MemoryLimit: "24MB"}))
	if d := cmp.Diff([][]any{{int64(399999)}}, rows(t, c, sql)); d != "" {
		t.Error(d)
	}
	c = session(t, openDB(t, Options{MemoryLimit: "24MB"}))
	var e *Error
	if err := c.Exec(t.Context(), sql); !errors.As(err, &e) || e.Class != "Out of Memory Error" {
		t.Errorf("without a directory to spill to: got %v, want out of memory", err)
	}
}

func TestCancel(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	tests := []struct{ name, sql string }{
		{"aggregate", "SELECT sum(i * j) FROM range(10000000) t(i), range(10000000) u(j)"},
		{"rows", "SELECT i FROM range(1000000000000) t(i)"},
		{"sort", "SELECT i FROM range(1000000000000) t(i) ORDER BY -i"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if err := c.Exec(ctx, tt.sql); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the deadline", err)
			}
			if err := c.Exec(ctx, "SELECT 1"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("after the deadline: got %v", err)
			}
			if d := cmp.Diff([][]any{{int64(7)}}, rows(t, c, "SELECT 7")); d != "" {
				t.Errorf("the next statement suffers: %s", d)
			}
		})
	}
}

// TestSessions runs sessions side by side: each has its own relations, and
// sums of floats do not depend on company.
func TestSessions(t *testing.T) {
	db := openDB(t, Options{})
	const sessions = 4
	sums := make([]any, sessions)
	var wg sync.WaitGroup
	for i := range sessions {
		wg.Go(func() {
			c, err := db.Conn(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for range 3 {
				if err := c.Scan(t.Context(), numbered("raw", int32(i), 20000)); err != nil {
					t.Error(err)
					return
				}
				err := c.Query(t.Context(), "SELECT sum(sqrt(_rec)), min(_file), max(_file), count(_c0) FROM raw", func(row []any) error {
					sums[i] = row[0]
					if d := cmp.Diff([]any{int64(i), int64(i), int64(20000)}, row[1:]); d != "" {
						t.Error(d)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for i := range sums {
		if sums[i] != sums[0] {
			t.Errorf("session %d has sum %v, session 0 %v", i, sums[i], sums[0])
		}
	}
}

func TestClosed(t *testing.T) {
	db := openDB(t, Options{})
	c := session(t, db)
	for range 2 {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Exec(t.Context(), "SELECT 1"); !errors.Is(err, errClosed) {
		t.Errorf("Exec: got %v", err)
	}
	if err := c.Scan(t.Context(), numbered("raw", 0, 1)); !errors.Is(err, errClosed) {
		t.Errorf("Scan: got %v", err)
	}
	if _, err := c.WriteParquet(t.Context(), WriteOptions{Query: "SELECT 1", Path: "x"}); !errors.Is(err, errClosed) {
		t.Errorf("WriteParquet: got %v", err)
	}
	for range 2 {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Conn(t.Context()); err == nil {
		t.Error("Conn of a closed instance: no error")
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		name string
		o    Options
		want string
	}{
		{"no such directory", Options{Dirs: []string{filepath.Join(dir, "x")}}, "no such file"},
		{"no such temporary directory", Options{TempDir: filepath.Join(dir, "x")}, "no such file"},
		{"memory limit", Options{MemoryLimit: "much"}, "memory_limit"},
		{"setup", Options{Setup: []string{"CREATE MACRO"}}, "syntax error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(t.Context(), tt.o)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestClean(t *testing.T) {
	tests := []struct{ name, message, want string }{
		{"quoted value", "Conversion Error: Could not convert string 'my secret' to INT32", "Conversion Error: Could not convert string …"},
		{"value with quotes", "Conversion Error: Could not convert string 'it's secret' to INT32 when", "Conversion Error: Could not convert string …"},
		{"value with line feed", "Conversion Error: bad\nsecret", "Conversion Error: bad"},
		{"numbers", "Out of Range Error: Overflow in multiplication of INT32 (2000000000 * 5)!", "Out of Range Error: Overflow in multiplication of INT32 (… * …)!"},
		{"date", "Conversion Error: date field value out of range: 2020-13-01", "Conversion Error: date field value out of range: …-…-…"},
		{"any text", "Invalid Input Error: secret", "Invalid Input Error"},
		{"name", "Binder Error: Referenced column \"x\" not found in FROM clause!\n\nLINE 1: SELECT x\n", "Binder Error: Referenced column \"x\" not found in FROM clause!"},
		{"no class", "secret", "Unknown Error"},
		{"not a class", "my secret: more", "Unknown Error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := clean(tt.message).Error(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
