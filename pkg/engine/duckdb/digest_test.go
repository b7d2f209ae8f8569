package duckdb

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/source"
)

// TestDigestGolden pins the definition by values that another program made.
func TestDigestGolden(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	tests := []struct {
		name    string
		from    string
		columns []string
		order   string
		want    string
	}{
		{"integers", "(VALUES (1), (NULL), (-5)) t(a)", []string{"a"}, "",
			"94aa63fe965f8255ed53ab894b6718c1ca19644a4cfae4e7b6d56336b8fc4fab"},
		{"no rows", "(SELECT ''::VARCHAR a WHERE false)", []string{"a"}, "a",
			"0c68feae3aa59d3d3d7ebe892e077d98f82108b7c38af3d2c6d50b44572f4c77"},
		{"all types", `(VALUES
			(true, '-0'::DOUBLE, 'grüße', make_timestamp(-1), DATE '1969-12-31', (-1.5)::DECIMAL(5,2), [1.5::DOUBLE, NULL], '\x00\xff'::BLOB),
			(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
			(false, '-nan'::DOUBLE, '', TIMESTAMP '2024-01-01', DATE '2024-01-01', 0.05, [], ''::BLOB)) t(a, b, c, d, e, f, g, h)`,
			[]string{"a", "b", "c", "d", "e", "f", "g", "h"}, "",
			"4d7b7f5d46be0495ba1c03ca429c65a67d81c4c5788f14d9dcf7c5f2cb9521af"},
		{"blocks", "(SELECT i AS \"the \"\"number\"\"\" FROM range(10000) t(i) ORDER BY hash(i))", []string{`the "number"`}, "1",
			"15c67429d7fe0c150e2c43ef94cc2ec0f320ffc8c8a1ce7aed778628747f8ec6"},
		{"floats", "(VALUES (1.5::FLOAT), ('nan'::FLOAT)) t(a)", []string{"a"}, "",
			"96cbc5e249267ee018c093563a26149b2adaa50597366ca12b8cdc3d21655c3f"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := RowDigest(t.Context(), c, Rows{From: tt.from, Columns: tt.columns, Order: tt.order})
			if err != nil || got.Hex() != tt.want {
				t.Errorf("got %s, %v, want %s", got.Hex(), err, tt.want)
			}
		})
	}
}

// referenceDigest is the definition again, over the texts of values.
func referenceDigest(types string, rows [][]*string) digest.Digest {
	all := types + "\n"
	for len(rows) > 0 {
		n := min(4096, len(rows))
		var block strings.Builder
		for _, row := range rows[:n] {
			for _, v := range row {
				if v == nil {
					block.WriteString("N")
				} else {
					fmt.Fprintf(&block, "V%d:%s", len(*v), *v)
				}
			}
		}
		sum := sha256.Sum256([]byte(block.String()))
		all += hex.EncodeToString(sum[:])
		rows = rows[n:]
	}
	return sha256.Sum256([]byte(all))
}

// randomColumn makes values of a type: as SQL makes them of a raw column, and
// the texts that the definition gives them.
type randomColumn struct {
	typ, sql string
	make     func(r *rand.Rand) (raw, text string)
}

func randomColumns() []randomColumn {
	same := func(f func(r *rand.Rand) string) func(*rand.Rand) (string, string) {
		return func(r *rand.Rand) (string, string) { s := f(r); return s, s }
	}
	return []randomColumn{
		{"boolean", "%s::BOOLEAN", func(r *rand.Rand) (string, string) {
			if r.IntN(2) == 0 {
				return "true", "t"
			}
			return "false", "f"
		}},
		{"tinyint", "%s::TINYINT", same(func(r *rand.Rand) string { return strconv.Itoa(r.IntN(256) - 128) })},
		{"smallint", "%s::SMALLINT", same(func(r *rand.Rand) string { return strconv.Itoa(r.IntN(65536) - 32768) })},
		{"int", "%s::INTEGER", same(func(r *rand.Rand) string { return strconv.Itoa(int(int32(r.Uint32()))) })},
		{"bigint", "%s::BIGINT", same(func(r *rand.Rand) string { return strconv.FormatInt(int64(r.Uint64()), 10) })},
		{"double", "%s::DOUBLE", func(r *rand.Rand) (string, string) {
			f := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), r.NormFloat64(), r.ExpFloat64() * 1e300, 5e-324}[r.IntN(8)]
			bits := math.Float64bits(f)
			if f != f {
				bits = 0x7ff8000000000000
			}
			return strconv.FormatFloat(f, 'g', -1, 64), fmt.Sprintf("%016x", bits)
		}},
		{"string", "%s", same(func(r *rand.Rand) string {
			return strings.Repeat(string(rune(r.IntN(0xd800))), r.IntN(9)) + strings.Repeat("x", r.IntN(20))
		})},
		{"binary", "from_hex(%s)", func(r *rand.Rand) (string, string) {
			b := make([]byte, r.IntN(20))
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			return hex.EncodeToString(b), string(b)
		}},
		{"timestamp", "make_timestamp(%s::BIGINT)", same(func(r *rand.Rand) string { return strconv.FormatInt(r.Int64N(4e15)-1e15, 10) })},
		{"date", "DATE '1970-01-01' + %s::INTEGER", same(func(r *rand.Rand) string { return strconv.Itoa(r.IntN(60000) - 20000) })},
		{"decimal(12,3)", "%s::DECIMAL(12,3)", same(func(r *rand.Rand) string {
			return strings.TrimPrefix(fmt.Sprintf("%d.%03d", r.IntN(2e9)-1e9, r.IntN(1000)), "+")
		})},
		{"array<bigint>", "string_split(%s, ',')::BIGINT[]", func(r *rand.Rand) (string, string) {
			a, b := strconv.Itoa(r.IntN(1e9)), strconv.Itoa(r.IntN(10))
			return a + "," + b, fmt.Sprintf("V%d:%sV%d:%s", len(a), a, len(b), b)
		}},
	}
}

// TestDigestReference compares digests of random values, in memory, from
// Parquet of several shapes and on several threads, with the definition.
func TestDigestReference(t *testing.T) {
	columns := randomColumns()
	r := rand.New(rand.NewPCG(5, 6))
	const n = 9000
	raw := make([][][]byte, n)
	texts := make([][]*string, n)
	for i := range n {
		raw[i] = append(raw[i], nil)
		for _, c := range columns {
			a, b := c.make(r)
			if r.IntN(5) == 0 {
				raw[i], texts[i] = append(raw[i], nil), append(texts[i], nil)
				continue
			}
			raw[i], texts[i] = append(raw[i], []byte(a)), append(texts[i], &b)
		}
	}
	var selects, types, names []string
	for i, c := range columns {
		names = append(names, "x"+strconv.Itoa(i))
		types = append(types, c.typ)
		selects = append(selects, fmt.Sprintf(c.sql, "_c"+strconv.Itoa(i))+" AS "+names[i])
	}
	dir := t.TempDir()
	for _, threads := range []int{1, 4} {
		c := session(t, openDB(t, Options{Threads: threads, Dirs: []string{dir}}))
		s := Scan{Name: "raw", Columns: len(columns)}
		s.Open = func() (RawReader, error) { return &batches{list: []source.Batch{batch(0, raw...)}, err: io.EOF}, nil }
		if err := c.Scan(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		query := "SELECT _rec, " + strings.Join(selects, ", ") + " FROM raw"
		small, shuffled := filepath.Join(dir, "small.parquet"), filepath.Join(dir, "shuffled.parquet")
		for _, sql := range []string{
			"CREATE TEMP TABLE t AS " + query,
			"COPY t TO '" + small + "' (FORMAT parquet, DICTIONARY_SIZE_LIMIT 0, ROW_GROUP_SIZE 2048)",
		} {
			if err := c.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.WriteParquet(t.Context(), WriteOptions{Query: "FROM t ORDER BY hash(_rec)", Path: shuffled}); err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{"(" + query + ")", "t", "'" + small + "'", "'" + shuffled + "'"} {
			got, err := RowDigest(t.Context(), c, Rows{From: from, Columns: names, Order: "_rec"})
			if want := referenceDigest(strings.Join(types, ","), texts); err != nil || got != want {
				t.Errorf("%d threads, %.30s: got %s, %v, want %s", threads, from, got, err, want)
			}
		}
		for i, column := range columns {
			one := make([][]*string, n)
			for j := range one {
				one[j] = texts[j][i : i+1]
			}
			got, err := RowDigest(t.Context(), c, Rows{From: "t", Columns: []string{names[i]}, Order: "_rec"})
			if want := referenceDigest(column.typ, one); err != nil || got != want {
				t.Errorf("column of %s: got %s, %v, want %s", column.typ, got, err, want)
			}
		}
	}
}

func TestDigestDiffers(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	tables := []string{
		"VALUES ('a', 'b')", "VALUES ('b', 'a')", "VALUES ('ab', '')", "VALUES ('ab', NULL)", "VALUES ('N', 'b')", "VALUES (NULL, 'b')",
		"VALUES ('a', 'b'), ('a', 'b')", "VALUES ('a', 'V1:b')", "VALUES (1, 2)", "VALUES (1::BIGINT, 2)", "VALUES (12, NULL)", "VALUES ([1], [2])",
		"VALUES ([1, 2], []::INTEGER[])", "VALUES (0::DOUBLE, 0)", "VALUES ('-0'::DOUBLE, 0)", "VALUES (0::FLOAT, 0)", "VALUES (1.0, 2.0)", "VALUES (1.00, 2.00)",
	}
	seen := make(map[digest.Digest]string)
	for _, table := range tables {
		d, err := RowDigest(t.Context(), c, Rows{From: "(" + table + ") t(a, b)", Columns: []string{"a", "b"}})
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[d]; ok {
			t.Errorf("%s and %s have one digest", table, other)
		}
		seen[d] = table
	}
}

func TestDigestErrors(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	tests := []struct {
		name string
		rows Rows
		want string
	}{
		{"no columns", Rows{From: "range(3)"}, "no columns"},
		{"type", Rows{From: "(SELECT {'a': 1} x)", Columns: []string{"x"}}, "column 1 has a type"},
		{"type of elements", Rows{From: "(SELECT [INTERVAL 1 DAY] x)", Columns: []string{"x"}}, "column 1 has a type"},
		{"missing column", Rows{From: "range(3)", Columns: []string{"y"}}, "not found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := RowDigest(t.Context(), c, tt.rows); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}
