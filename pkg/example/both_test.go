package example

import "testing"

func TestDifference(t *testing.T) {
	row := func(a string) map[string]string { return map[string]string{"a": a, "b": "1"} }
	for _, tt := range []struct {
		duckdb, spark []map[string]string
		want          string
	}{
		{nil, nil, ""},
		{[]map[string]string{row("x")}, []map[string]string{row("x")}, ""},
		{[]map[string]string{row("x"), row("y")}, []map[string]string{row("x"), row("z")}, `a is "y" on DuckDB, "z" on Spark`},
		{[]map[string]string{row("x")}, nil, "rows come out: 1 on DuckDB, 0 on Spark"},
		{[]map[string]string{row("x")}, []map[string]string{{"reject": "r"}}, `a is "x" on DuckDB, "" on Spark`},
		{[]map[string]string{{}}, []map[string]string{{"reject": "r"}}, `reject is "" on DuckDB, "r" on Spark`},
	} {
		if got := difference(tt.duckdb, tt.spark); got != tt.want {
			t.Errorf("difference(%v, %v) = %q, want %q", tt.duckdb, tt.spark, got, tt.want)
		}
	}
}
