package duckdb_test

import (
	"slices"
	"strings"
	"testing"
)

// TestGenerators compares the rows that generators make with what Spark
// answers, in their order, which the ordinals keep.
func TestGenerators(t *testing.T) {
	engine := openStatements(t)
	for _, tt := range []struct{ sql, want string }{
		{"SELECT explode(array(1, NULL))", "1; NULL"},
		{"SELECT explode(array(array(1), NULL))", "[1]; NULL"},
		{"SELECT explode(cast(NULL AS array<int>))", ""},
		{"SELECT explode(collection => map('a', 1, 'b', 2))", "a 1; b 2"},
		{"SELECT explode_outer(cast(NULL AS map<string, int>))", "NULL NULL"},
		{"SELECT posexplode(map('a', 1, 'b', 2))", "0 a 1; 1 b 2"},
		{"SELECT posexplode(cast(NULL AS map<string, int>))", ""},
		{"SELECT posexplode_outer(cast(NULL AS array<int>))", "NULL NULL"},
		{"SELECT posexplode_outer(array_remove(array(1), 1))", "NULL NULL"},
		{"SELECT inline(array(struct(1, 'a'), NULL, struct(2, NULL)))", "1 a; NULL NULL; 2 NULL"},
		{"SELECT inline_outer(cast(NULL AS array<struct<a: int, b: string>>))", "NULL NULL"},
		{"SELECT inline(cast(NULL AS array<struct<a: int, b: string>>))", ""},
		{"SELECT stack(3, 1, 2)", "1; 2; NULL"},
		{"SELECT stack(1, 1, 'x', 3)", "1 x 3"},
		{"SELECT stack(2, NULL, 'x', 1, NULL)", "NULL x; 1 NULL"},
		{`SELECT json_tuple('{"a":1.50,"b":1e3}', 'a', 'b')`, "1.5 1000.0"},
		{`SELECT json_tuple('{"a":null,"b":{"c": [1, 2]}}', 'a', 'b')`, `NULL {"c":[1,2]}`},
		{`SELECT json_tuple('{"a":1,"a":2}', 'a', 'b')`, "2 NULL"},
		{`SELECT json_tuple('{"a":1,"a":null}', 'a', 'a')`, "1 1"},
		{`SELECT json_tuple('[1]', 'a')`, "NULL"},
		{`SELECT json_tuple('{"a":1', 'a')`, "NULL"},
		{`SELECT json_tuple(cast(NULL AS string), 'a')`, "NULL"},
		{`SELECT json_tuple('{"A":1,"a.b":2,"":3}', 'a', 'a.b', '')`, "NULL 2 3"},
		{"SELECT window(timestamp'2021-01-01 00:05:00', '10 minutes', '4 minutes', '1 minute')",
			"2021-01-01 00:05:00 2021-01-01 00:15:00; 2021-01-01 00:01:00 2021-01-01 00:11:00; 2020-12-31 23:57:00 2021-01-01 00:07:00"},
		{"SELECT window(timestamp'1969-12-31 23:59:59.999999', '7 minutes', '3 minutes')",
			"1969-12-31 23:57:00 1970-01-01 00:04:00; 1969-12-31 23:54:00 1970-01-01 00:01:00"},
		{"SELECT window(cast(NULL AS timestamp), '7 minutes', '3 minutes')", ""},
	} {
		got, err := engine.answer(tt.sql)
		if err != nil {
			t.Errorf("%s: %v", tt.sql, err)
			continue
		}
		var rows []string
		for _, row := range got.rows {
			rows = append(rows, strings.Join(row, " "))
		}
		want := strings.Split(tt.want, "; ")
		if tt.want == "" {
			want = nil
		}
		if !slices.Equal(rows, want) {
			t.Errorf("%s: got %q, want %q", tt.sql, rows, want)
		}
	}
}
