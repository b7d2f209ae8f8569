package duckdb_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/sql"
)

var update = flag.Bool("update", false, "write the reference of the functions anew")

const functionsFile = "../../../docs/functions.md"

// functionRows are what examples are evaluated over, in the reference.
const functionRows = `VALUES ('a', 1D, 2D), ('a', 2D, 3.5D), ('b', 3D, NULL), ('b', 4D, 9D), ('a', 2D, 4D) AS t(s, x, y)`

const functionsHead = `# Functions

The functions of the specs' expressions, made from the catalogue in ` + "`pkg/sql`" + ` by ` + "`go generate .`" + `. Each means what
Spark SQL 4.3 says, with ANSI mode off and the time zone UTC, on the engine ` + "`duckdb`" + `; where one differs, its text says so.
What cannot be computed is NULL: no row makes an expression fail. NULL among the arguments gives NULL, unless the text says
otherwise. Names do not mind their case. An argument that is a pattern, a form, a path, a unit or a name is a constant.

Besides functions there are

- the operators ` + "`+ - * / % div`, `|| & | ^ ~ << >> >>>`, `= == <=> <> != < <= > >=`, `AND OR NOT !`, `IS [NOT] NULL`, `IS [NOT] TRUE`" + `,
  ` + "`[NOT] IN (…)`, `[NOT] BETWEEN … AND …`, `[NOT] LIKE`, `ILIKE`, `RLIKE`, `a[i]`, `a.b`" + `;
- ` + "`CASE`, `CAST(x AS type)`, `TRY_CAST`, `x::type`, `EXTRACT(unit FROM t)`, `TRIM(LEADING … FROM …)`" + `, and functions of one's own
  (` + "`specs/functions`" + `).

The answers below are computed when this text is checked. Examples that name columns read these rows, in this order:

| s | x | y |
|---|---|---|
| a | 1.0 | 2.0 |
| a | 2.0 | 3.5 |
| b | 3.0 | NULL |
| b | 4.0 | 9.0 |
| a | 2.0 | 4.0 |

Try one: ` + "`mlp sql \"split_part('10.0.0.7', '.', 1)\"`" + `.
`

// TestFunctionsDocument compares the reference of the functions with the
// catalogue, and with what the examples give.
func TestFunctionsDocument(t *testing.T) {
	engine := openStatements(t)
	var b strings.Builder
	b.WriteString(functionsHead)
	names := 0
	for _, f := range sql.Functions() {
		names += 1 + len(f.Aliases)
	}
	fmt.Fprintf(&b, "\nThere are %d functions, with %d names.\n", len(sql.Functions()), names)
	for _, part := range []struct {
		class       sql.Class
		title, text string
	}{
		{sql.Scalar, "Functions of a row", ""},
		{sql.Aggregate, "Aggregates", "Of the rows of a group, in features of a set with a key. Most take `DISTINCT`, all `FILTER (WHERE …)`. With `OVER (…)` they are window functions.\n"},
		{sql.Windowed, "Window functions", "Of the rows around a row, in working columns. They need `OVER (PARTITION BY … ORDER BY …)`; rows of the same order are told apart by their place in the log.\n"},
		{sql.Generator, "Generators", "Any number of rows of one, as the whole definition of a working column of a set with a key. What gives several values is a struct: read `column.name`. Rows are separated by `;`.\n"},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n%s", part.title, part.text)
		if part.text != "" {
			b.WriteByte('\n')
		}
		b.WriteString("| function | what it gives | example | answer |\n|---|---|---|---|\n")
		for _, f := range sql.Functions() {
			if f.Class == part.class {
				b.WriteString(functionRow(t, engine, f))
			}
		}
	}
	b.WriteString("\n## Left out\n\n| function | why | instead |\n|---|---|---|\n")
	for _, r := range sql.Refusals() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.Name, cell(r.Reason), cell(r.Instead))
	}
	if *update {
		if err := os.WriteFile(functionsFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(functionsFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rounded(string(text)), rounded(b.String())); diff != "" {
		t.Errorf("%s is not what the catalogue says; run go generate . (-file +catalogue):\n%s", functionsFile, diff)
	}
}

// functionRow is the row of a function, with the answer of its example.
func functionRow(t *testing.T, engine *statementEngine, f sql.Function) string {
	statement := "SELECT " + f.Example
	if typed, err := enginetest.Compile(f.Example, exampleScope()); err == nil && len(typed.Refs()) > 0 {
		statement += " FROM " + functionRows
	}
	got, err := engine.answer(statement)
	if err != nil {
		t.Errorf("the example of %s: %v", f.Name, err)
		return ""
	}
	var rows []string
	for _, row := range got.rows {
		rows = append(rows, strings.Join(row, ", "))
	}
	name := "`" + cell(f.Signature) + "`"
	if len(f.Aliases) > 0 {
		name += "<br>also `" + strings.Join(f.Aliases, "`, `") + "`"
	}
	return fmt.Sprintf("| %s | %s | `%s` | `%s` |\n", name, cell(f.Doc), cell(f.Example), cell(strings.Join(rows, "; ")))
}

// exampleScope has the columns that examples name.
func exampleScope() enginetest.Table {
	double := sql.Type{Kind: sql.Double}
	return enginetest.Table{{Name: "s", Type: sql.Type{Kind: sql.String}}, {Name: "x", Type: double}, {Name: "y", Type: double}}
}

// rounded cuts the last digits of numbers, in which processors differ.
func rounded(text string) string {
	return regexp.MustCompile(`\d\.\d{11,}`).ReplaceAllStringFunc(text, func(number string) string { return number[:12] + "…" })
}

// cell writes a text that stands in a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", "⏎", "\r", "␍", "\t", "⇥", "\x00", "␀", "`", "ˋ").Replace(text)
}
