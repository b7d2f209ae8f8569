package duckdb_test

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	duckdb "github.com/duckdb/duckdb-go/v2"

	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/sql"
)

// bareEngine evaluates expressions on DuckDB as it comes, with the macros.
type bareEngine struct {
	db   *stdsql.DB
	last enginetest.Table // the table that stands in the database
}

func openBare(t *testing.T) *bareEngine {
	t.Helper()
	db, err := stdsql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	registerBare(t, db)
	// Renderings must not depend on the zone of the session.
	for _, statement := range append(sql.DuckDBMacros(), "SET threads = 1", "SET TimeZone = 'America/Los_Angeles'") {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}
	return &bareEngine{db: db}
}

// Eval evaluates an expression over a table that it creates.
func (e *bareEngine) Eval(ctx context.Context, typed *sql.Typed, over enginetest.Table) ([]any, error) {
	if err := e.create(ctx, over); err != nil {
		return nil, err
	}
	render := sql.Render{Column: func(name string) string { return `"` + name + `"` }, RowOrder: `"_n"`}
	query := typed.DuckDB(render)
	if typed.Type().Kind == sql.Decimal {
		query += fmt.Sprintf("::DECIMAL(38,%d)::VARCHAR", typed.Type().Scale)
	}
	query = "SELECT " + query + " AS v FROM rows"
	if !typed.Aggregate() {
		query += ` ORDER BY "_n"`
	}
	rows, err := e.db.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", query, err)
	}
	defer func() { _ = rows.Close() }()
	var out []any
	for rows.Next() {
		var v any
		if err := rows.Scan(&v); err != nil {
			return nil, fmt.Errorf("scan %s: %w", query, err)
		}
		out = append(out, digits(v))
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("rows of %s: %w", query, err)
	}
	return out, nil
}

// digits returns a value with the decimals in it as all of their digits, and
// structs as lists.
func digits(v any) any {
	switch x := v.(type) {
	case duckdb.Decimal:
		scale := int64(x.Scale)
		return new(big.Rat).SetFrac(x.Value, new(big.Int).Exp(big.NewInt(10), big.NewInt(scale), nil)).FloatString(int(scale))
	case []any:
		for i := range x {
			x[i] = digits(x[i])
		}
	case map[string]any:
		fields := make([]any, len(x))
		for i := range fields {
			fields[i] = digits(x["f"+strconv.Itoa(i)])
		}
		return fields
	}
	return v
}

func (e *bareEngine) create(ctx context.Context, over enginetest.Table) error {
	if len(over) > 0 && len(e.last) > 0 && &over[0] == &e.last[0] {
		return nil
	}
	e.last = over
	columns := []string{`"_n" INTEGER`}
	for _, c := range over {
		columns = append(columns, fmt.Sprintf("%q %s", c.Name, c.Type.DuckDB()))
	}
	if _, err := e.db.ExecContext(ctx, "CREATE OR REPLACE TABLE rows ("+strings.Join(columns, ", ")+")"); err != nil {
		return fmt.Errorf("create table: %w", err)
	}
	n := 1
	if len(over) > 0 {
		n = len(over[0].Values)
	}
	for i := range n {
		row, marks := []any{i}, []string{"?"}
		for _, c := range over {
			mark := "?"
			if _, ok := c.Values[i].(string); ok && c.Type.Kind == sql.Timestamp {
				mark = "(? || '+00')::TIMESTAMPTZ"
			} else if ok {
				mark = "?::VARCHAR::" + c.Type.DuckDB()
			}
			row, marks = append(row, c.Values[i]), append(marks, mark)
		}
		if _, err := e.db.ExecContext(ctx, "INSERT INTO rows VALUES ("+strings.Join(marks, ", ")+")", row...); err != nil {
			return fmt.Errorf("insert %v: %w", row, err)
		}
	}
	return nil
}

func TestEdges(t *testing.T) { enginetest.Run(t, openBare(t)) }

// TestNoRowFails evaluates every expression of the cases over values that are
// likely to be out of some range: no row may fail, and what the optimizer makes
// of an expression must not change a value.
func TestNoRowFails(t *testing.T) {
	engine := openBare(t)
	random := rand.New(rand.NewPCG(1, 2))
	tables := map[*enginetest.Column]enginetest.Table{}
	for _, c := range enginetest.Cases() {
		over, ok := tables[&c.Over[0]]
		if !ok {
			over = nastyTable(random, c.Over, 200)
			tables[&c.Over[0]] = over
		}
		t.Run(c.Name+": "+c.Expr, func(t *testing.T) {
			typed, err := enginetest.Compile(c.Expr, over)
			if err != nil {
				t.Fatal(err)
			}
			var got [2][]any
			for i, pragma := range []string{"PRAGMA enable_optimizer", "PRAGMA disable_optimizer"} {
				if _, err := engine.db.Exec(pragma); err != nil {
					t.Fatal(err)
				}
				if got[i], err = engine.Eval(t.Context(), typed, over); err != nil {
					t.Fatal(err)
				}
			}
			for row := range got[0] {
				a, b := enginetest.Print(got[0][row], typed.Type()), enginetest.Print(got[1][row], typed.Type())
				if !enginetest.Equal(a, b, typed.Type()) {
					t.Errorf("row %d: %s with the optimizer, %s without", row, a, b)
				}
			}
		})
	}
}

// nastyTable fills columns of the same names and types with other values.
func nastyTable(random *rand.Rand, like enginetest.Table, rows int) enginetest.Table {
	var out enginetest.Table
	for _, c := range like {
		column := enginetest.Column{Name: c.Name, Type: c.Type}
		for range rows {
			column.Values = append(column.Values, nastyValue(random, c.Type))
		}
		out = append(out, column)
	}
	return out
}

func nastyValue(random *rand.Rand, t sql.Type) any {
	if random.IntN(12) == 0 {
		return nil
	}
	limits := map[sql.Kind]int64{sql.TinyInt: math.MaxInt8, sql.SmallInt: math.MaxInt16, sql.Int: math.MaxInt32, sql.BigInt: math.MaxInt64}
	switch t.Kind {
	case sql.Boolean:
		return random.IntN(2) == 0
	case sql.Double:
		special := []float64{0, math.Copysign(0, -1), 0.5, -2.5, 1e15, 1e16, -1e18, 9.3e18, 1e150, -1e155, 1e308, math.MaxFloat64, math.SmallestNonzeroFloat64,
			math.Inf(1), math.Inf(-1), math.NaN(), 3.4028235677973366e38, 3.40282356e38, 253402300799, -1.7e10, 9007199254740993, 1.005}
		if random.IntN(3) > 0 {
			return special[random.IntN(len(special))]
		}
		return math.Float64frombits(random.Uint64())
	case sql.Float:
		special := []float64{0, math.Copysign(0, -1), 0.1, -2.5, math.Inf(1), math.Inf(-1), math.NaN(), math.MaxFloat32, math.SmallestNonzeroFloat32}
		return float64(float32(special[random.IntN(len(special))]))
	case sql.Date:
		return []any{"1970-01-01", "0001-01-01", "9999-12-31", "290000-01-01", "5881580-07-10", "2020-02-29", "1900-01-31", "5877642-06-25 (BC)"}[random.IntN(8)]
	case sql.Timestamp, sql.TimestampNTZ:
		return []any{"1970-01-01 00:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "294247-01-10 04:00:54", "290308-12-22 (BC) 00:00:00",
			"2020-03-08 02:30:00", "1969-12-31 23:59:59.999999"}[random.IntN(7)]
	case sql.Decimal:
		digits := strings.Repeat("9", t.Precision)
		text := digits[:t.Precision-t.Scale] + "." + digits[:t.Scale]
		one := "1"
		if t.Precision == t.Scale {
			one = "0.5"
		}
		return []any{"0", text, "-" + text, one, "-0.5"}[random.IntN(5)]
	case sql.String:
		pieces := []string{"1", "9", "-", "+", ".", "e", " ", "\t", "\n", "\r", "a", "B", "é", "日", "😀", "ß", "İ", "Σ", "inf", "NaN", "2020-01-01", "T", ":", "00", "Z", ",", "\\", "%", "'", "\x00", "E400", "0x"}
		var b strings.Builder
		for range random.IntN(9) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		return b.String()
	}
	limit := limits[t.Kind]
	return []any{int64(0), int64(1), int64(-1), limit, -limit - 1, limit - 1, -limit, random.Int64N(limit)}[random.IntN(8)]
}

// TestLargeExpressions proves that what the language accepts, DuckDB takes.
func TestLargeExpressions(t *testing.T) {
	engine := openBare(t)
	over := enginetest.Table{
		{Name: "i", Type: sql.Type{Kind: sql.Int}, Values: []any{1}},
		{Name: "s", Type: sql.Type{Kind: sql.String}, Values: []any{"2020-01-02 03:04:05"}},
		{Name: "b", Type: sql.Type{Kind: sql.Boolean}, Values: []any{true}},
		{Name: "x", Type: sql.Type{Kind: sql.Double}, Values: []any{1.5}},
	}
	repeat := strings.Repeat
	tests := []struct{ name, expr, want string }{
		{"sum", repeat("i + ", 195) + "i", "196"},
		{"differences", repeat("(i - ", 190) + "i" + repeat(")", 190), "1"},
		{"product", repeat("i * ", 70) + "i", "1"},
		{"remainders", repeat("i % ", 5) + "i", "0"},
		{"nested abs", repeat("abs(", 70) + "-i" + repeat(")", 70), "1"},
		{"nested rounding", repeat("round(", 3) + "x" + repeat(", 1)", 3), "1.5"},
		{"nested sign", repeat("sign(", 6) + "x" + repeat(")", 6), "1.0"},
		{"nested not and", repeat("not (b and ", 80) + "b" + repeat(")", 80), "true"},
		{"sum of doubles", repeat("x + ", 195) + "x", "294.0"},
		{"and", repeat("b and ", 1500) + "b", "true"},
		{"or of comparisons", repeat("i = 2 or ", 800) + "i = 1", "true"},
		{"concat", "length(" + repeat("s || ", 2000) + "s)", "38019"},
		{"list", "i in (" + repeat("2, ", 3000) + "1)", "true"},
		{"coalesce", "coalesce(" + repeat("NULL, ", 2000) + "i)", "1"},
		{"case", "case " + repeat("when i = 2 then 3 ", 500) + "else 4 end", "4"},
		{"switch", "case i " + repeat("when 2 then 3 ", 800) + "else 4 end", "4"},
		{"nested case", repeat("case when b then ", 190) + "i" + repeat(" end", 190), "1"},
		{"nested not", repeat("not ", 190) + "b", "true"},
		{"nested functions", repeat("trim(", 190) + "s" + repeat(")", 190), "2020-01-02 03:04:05"},
		{"nested macros", repeat("substr(", 3) + "s" + repeat(", i, i)", 3), "2"},
		{"casts there and back", "cast(cast(cast(s as timestamp) as string) as timestamp)", "2020-01-02 03:04:05"},
		{"quotients", repeat("x / ", 6) + "x", "0.13168724279835392"},
		{"nested quotients", repeat("(1 / ", 7) + "x" + repeat(")", 7), "0.6666666666666666"},
		{"array", "size(array(" + repeat("i, ", 2000) + "i))", "2001"},
		{"concat_ws", "length(concat_ws('', " + repeat("i, ", 1500) + "i))", "1501"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			typed, err := enginetest.Compile(tt.expr, over)
			if err != nil {
				t.Fatal(err)
			}
			got, err := engine.Eval(t.Context(), typed, over)
			if err != nil {
				t.Fatalf("%.300v", err)
			}
			if text := enginetest.Print(got[0], typed.Type()); !enginetest.Equal(tt.want, text, typed.Type()) {
				t.Errorf("got %s, want %s", text, tt.want)
			}
		})
	}
}
