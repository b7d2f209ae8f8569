package duckdb

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/native"
)

// TestNatives proves that what DuckDB hands to a function and takes from it is
// what stands in the columns: over several chunks, with NULLs, texts of every
// length and results that are NULL.
func TestNatives(t *testing.T) {
	db, err := Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const rows = 5000
	table := fmt.Sprintf("SELECT i, CASE WHEN i %% 7 <> 0 THEN repeat(chr(97 + (i %% 26)::INTEGER), (i %% 40)::BIGINT) END AS s FROM range(%d) t(i)", rows)
	query := "SELECT n_pad(encode(s), 50::BIGINT, 'xy'::BLOB, false), n_conv(s, 36, 10), n_xx_bytes(s, i), n_murmur_bytes(encode(s), 7), n_find(encode(s), 'b'::BLOB), n_jaro_winkler(s, 'aab'), n_encode(s, 'utf-16') FROM (" + table + ") ORDER BY i"
	functions := map[string]native.Function{}
	for _, f := range native.Functions() {
		functions[f.Name] = f
	}
	call := func(name string, in ...native.Value) native.Value {
		var out native.Value
		functions[name].Call(in, &out)
		return out
	}
	i := 0
	err = conn.Query(t.Context(), query, func(row []any) error {
		n := i
		i++
		if n%7 == 0 {
			for _, j := range []int{0, 1, 4, 5, 6} {
				if row[j] != nil {
					return fmt.Errorf("row %d: column %d is %v of NULL", n, j, row[j])
				}
			}
			if row[2] != int64(n) || row[3] != int64(7) {
				return fmt.Errorf("row %d: the hash of NULL is not the seed: %v, %v", n, row[2], row[3])
			}
			return nil
		}
		text := native.Value{Bytes: []byte(strings.Repeat(string(rune('a'+n%26)), n%40))}
		want := []native.Value{call("n_pad", text, native.Value{Int: 50}, native.Value{Bytes: []byte("xy")}, native.Value{}),
			call("n_conv", text, native.Value{Int: 36}, native.Value{Int: 10}), call("n_xx_bytes", text, native.Value{Int: int64(n)}),
			call("n_murmur_bytes", text, native.Value{Int: 7}), call("n_find", text, native.Value{Bytes: []byte("b")}),
			call("n_jaro_winkler", text, native.Value{Bytes: []byte("aab")}), call("n_encode", text, native.Value{Bytes: []byte("utf-16")})}
		for j, w := range want {
			if !same(row[j], w) {
				return fmt.Errorf("row %d: column %d is %v, want %+v", n, j, row[j], w)
			}
		}
		return nil
	})
	if err != nil || i != rows {
		t.Errorf("%d rows, %v", i, err)
	}
}

func same(got any, want native.Value) bool {
	switch x := got.(type) {
	case nil:
		return want.Null
	case string:
		return !want.Null && x == string(want.Bytes)
	case []byte:
		return !want.Null && bytes.Equal(x, want.Bytes)
	case float64:
		return !want.Null && x == want.Float
	}
	return !want.Null && fmt.Sprint(got) == fmt.Sprint(want.Int)
}
