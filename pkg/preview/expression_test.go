package preview

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/engine/spark"
	"github.com/mlpdev/mlp/pkg/sql"
)

const given = `{"n":1,"s":"a\tb","t":"2026-01-31 08:00:00","l":[1,2.5,null],"b":true}

{"n":2.5,"s":null,"L":[],"w":7}
{"S":"z","o":{"a": [1]},"w":9223372036854775807}`

// evaluations are expressions over the rows given, with what they are.
func evaluations() []evaluation {
	return []evaluation{
		{"n", "", "double: 1.0|2.5|NULL"},
		{"w + 0", "", "bigint: NULL|7|9223372036854775807"},
		{"s", "", "string: a\tb|NULL|z"},
		{"not b", "", "boolean: false|NULL|NULL"},
		{"l", "", "array<double>: [1.0, 2.5, null]|[]|NULL"},
		{"o", "", `string: NULL|NULL|{"a":[1]}`},
		{"hour(t)", "", "int: 8|NULL|NULL"},
		{"t", "t TIMESTAMP", "timestamp: 2026-01-31 08:00:00|NULL|NULL"},
		{"w", "w int, n decimal(10,2)", "int: NULL|7|NULL"},
		{"n", "n decimal(10, 2)", "decimal(10,2): 1.00|2.50|NULL"},
		{"l", "l array<string>", "array<string>: [1, 2.5, null]|[]|NULL"},
		{"lag(s) OVER (ORDER BY n)", "", "string: z|a\tb|NULL"},
		{"count(*)", "", "bigint: 3"},
		{"t - timestamp '2026-01-30 01:02:03.5'", "t timestamp", "interval day to second: 1 06:57:56.500000000|NULL|NULL"},
		{"timestamp '2026-01-01 23:00:00' - t", "t timestamp", "interval day to second: -29 09:00:00.000000000|NULL|NULL"},
		{"make_ym_interval(-n, 5)", "n int", "interval year to month: -0-7|-1-7|NULL"},
		{"collect_list(s)", "", "array<string>: [a\tb, z]"},
		{"1 + 1", "", "int: 2|2|2"},
		{"x", "x int", "int: NULL|NULL|NULL"},
		{"o.a[0]", "o struct<a: array<int>>", "int: NULL|NULL|1"},
		{"o", "o struct<b: int, A: array<string>>", "struct<b:int,A:array<string>>: NULL|NULL|{null, [1]}"},
		{"o['a']", "o map<string, array<double>>", "array<double>: NULL|NULL|[1.0]"},
		{"o", "o map<string, string>", "map<string,string>: NULL|NULL|{a -> [1]}"},
		{"explode(l)", "", "double: 1.0|2.5|NULL"},
		{"posexplode_outer(l)", "", "struct<pos:int,col:double>: {0, 1.0}|{1, 2.5}|{2, null}|NULL|NULL"},
		{"window(t, '1 day', '12 hours')", "t timestamp", "struct<start:timestamp,end:timestamp>: {2026-01-31 00:00:00, 2026-02-01 00:00:00}|{2026-01-30 12:00:00, 2026-01-31 12:00:00}"},
	}
}

type evaluation struct{ expression, schema, want string }

func (e evaluation) check(t *testing.T, evaluate func(*Table, *sql.Typed, func(any) error) error) {
	t.Helper()
	columns, err := ParseSchema(e.schema)
	if err != nil {
		t.Fatal(err)
	}
	table, err := ReadTable(strings.NewReader(given), columns)
	if err != nil {
		t.Fatal(err)
	}
	parsed, diags := sql.Parse(e.expression, nowhere{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	typed, diags := table.Check(parsed, nil)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	var got []string
	err = evaluate(table, typed, func(v any) error {
		if v == nil {
			v = "NULL"
		}
		got = append(got, fmt.Sprint(v))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e.want, typed.Type().String()+": "+strings.Join(got, "|")); diff != "" {
		t.Error(diff)
	}
}

func TestEvaluate(t *testing.T) {
	_, db := program(t)
	for _, tt := range evaluations() {
		t.Run(tt.expression+" "+tt.schema, func(t *testing.T) {
			tt.check(t, func(table *Table, e *sql.Typed, each func(any) error) error {
				return table.Evaluate(t.Context(), db, e, each)
			})
		})
	}
}

func TestEvaluateOnSpark(t *testing.T) {
	python := os.Getenv("MLP_TEST_SPARK_PYTHON")
	if python == "" {
		t.Skip("MLP_TEST_SPARK_PYTHON is not set; make test sets it")
	}
	s, err := spark.Open(t.Context(), spark.Options{Python: python, Environ: os.Environ(), Master: "local[1]",
		Conf: map[string]string{"spark.driver.memory": "1g", "spark.sql.shuffle.partitions": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, tt := range evaluations() {
		t.Run(tt.expression+" "+tt.schema, func(t *testing.T) {
			tt.check(t, func(table *Table, e *sql.Typed, each func(any) error) error {
				return table.EvaluateOnSpark(t.Context(), s, e, each)
			})
		})
	}
}

// TestEvaluateMany has more rows than the engine takes at once.
func TestEvaluateMany(t *testing.T) {
	_, db := program(t)
	var rows strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&rows, "{\"i\":%d}\n", i)
	}
	table, err := ReadTable(strings.NewReader(rows.String()), nil)
	if err != nil {
		t.Fatal(err)
	}
	e, _ := sql.Parse("i", nowhere{})
	typed, _ := table.Check(e, nil)
	n := 0
	err = table.Evaluate(context.Background(), db, typed, func(v any) error {
		if v != fmt.Sprint(n) {
			t.Fatalf("row %d is %v", n, v)
		}
		n++
		return nil
	})
	if err != nil || n != 5000 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestReadTableRefuses(t *testing.T) {
	for _, tt := range []struct{ rows, want string }{
		{"[1]", "line 1: not a JSON object"},
		{"{\"a\":1}\n{", "line 2: EOF"},
		{`{"a":1} x`, "line 1: text after the JSON object"},
		{"{\"a\":1}\n{\"a\":\"x\"}", `line 2: column "a" is of different types; declare it in the schema`},
		{`{"a":[1,"x"]}`, `line 1: column "a" is of different types; declare it in the schema`},
		{"{\"a\":[1]}\n{\"a\":1}", `line 2: column "a" is of different types; declare it in the schema`},
		{strings.Repeat(" ", maxTable+2), "line 1: over 67108864 bytes of rows"},
	} {
		if _, err := ReadTable(strings.NewReader(tt.rows), nil); err == nil || err.Error() != tt.want {
			t.Errorf("%.20q: got %v, want %s", tt.rows, err, tt.want)
		}
	}
	for schema, want := range map[string]string{"x": `"x" is no column`, "x foo": "not a type", "x int, X int": `column "X" is declared twice`, "x int, , y int": "is no column"} {
		if _, err := ParseSchema(schema); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", schema, err, want)
		}
	}
}
