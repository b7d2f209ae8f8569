package duckdb_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/sql"
)

// statementEngine answers statements in a session as apply opens them.
type statementEngine struct {
	t    *testing.T
	conn *duckdb.Conn
}

func openStatements(t *testing.T) *statementEngine {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Options{Setup: sql.DuckDBMacros()})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); db.Close() })
	return &statementEngine{t: t, conn: conn}
}

// refusal says why a statement is not answered.
type refusal struct {
	reason string
	diags  diag.List
}

func (r refusal) Error() string { return r.reason }

// refused returns what a check says as a refusal.
func refused(diags diag.List) refusal {
	for _, d := range diags.Sorted() {
		if d.Severity == diag.Error {
			return refusal{d.Code + ": " + d.Message, diags}
		}
	}
	return refusal{"no reason", diags}
}

// aggregates reports whether a statement is refused because it is about a group.
func aggregates(err error) bool {
	var r refusal
	return errors.As(err, &r) && slices.ContainsFunc(r.diags, func(d *diag.Diagnostic) bool { return d.Code == "aggregate-not-allowed" })
}

// plan is a statement as a relation over a table of its values and constants.
type plan struct {
	relation sql.Relation
	scope    enginetest.Table // columns of the table, then working columns
	columns  []string         // of the table, rendered
	rows     int
	from     bool
	over     bool // another relation, to which no constant can be added as a column
	literals []literal
	kept     int
}

// literal is a constant that became a column.
type literal struct{ name, text string }

// Names of the columns that stand beside those of a statement.
const (
	rowNumber = "row_number_of"
	rowTime   = "row_time"
	rowStart  = "row_start"
)

// answer answers a statement, or says with a [refusal] why not.
func (e *statementEngine) answer(text string) (answer, error) {
	p, err := planStatement(text)
	if err != nil {
		return answer{}, err
	}
	create := "CREATE OR REPLACE TEMP TABLE input AS " + p.table()
	if err := e.conn.Exec(e.t.Context(), create); err != nil {
		return answer{}, fmt.Errorf("%w\n%s", err, create)
	}
	out := answer{from: p.from, literals: len(p.literals) + p.kept, constants: p.kept}
	var columns []string
	for _, o := range p.relation.Outputs {
		out.types = append(out.types, o.Expr.Type())
		columns = append(columns, sql.Quote(o.Name))
	}
	where := ""
	if p.rowwise() { // the last row, of NULLs, must not fail
		where = fmt.Sprintf(" WHERE %s < %d", sql.RecordColumn, p.rows)
	}
	query := fmt.Sprintf("SELECT %s FROM (%s)%s", strings.Join(columns, ", "), p.relation.DuckDB(), where)
	err = e.conn.Query(e.t.Context(), query, func(row []any) error {
		printed := make([]string, len(row))
		for i, v := range row {
			printed[i] = enginetest.Print(v, out.types[i])
		}
		out.rows = append(out.rows, printed)
		return nil
	})
	if err != nil {
		return answer{}, fmt.Errorf("%w\n%s", err, query)
	}
	return out, nil
}

// rowwise reports whether each row of the table is computed for itself.
func (p *plan) rowwise() bool { return p.relation.Group == nil && !p.over }

// table renders the table: the rows and, where they stay as they are, one of
// NULLs.
func (p *plan) table() string {
	text := fmt.Sprintf("SELECT 0::INTEGER AS %s, unnest(range(%d)) AS %s%s", sql.FileColumn, p.rows, sql.RecordColumn, strings.Join(p.columns, ""))
	text = fmt.Sprintf("SELECT *, %s AS %s, TIMESTAMPTZ '2020-01-01 00:00:00+00' AS %s FROM (%s)", sql.RecordColumn, rowNumber, rowTime, text)
	if !p.rowwise() {
		return text
	}
	nulls := make([]string, len(p.columns))
	for i := range nulls {
		nulls[i] = ", NULL"
	}
	return fmt.Sprintf("%s UNION ALL SELECT 0, %d%s, NULL, NULL", text, p.rows, strings.Join(nulls, ""))
}

// planStatement reads a statement and finds its relation.
func planStatement(text string) (*plan, error) {
	s, err := readStatement(text)
	if err != nil {
		return nil, refusal{reason: err.Error()}
	}
	if inner, ok := strings.CutPrefix(s.from, "("); ok {
		return planOver(s, strings.TrimSuffix(strings.TrimSpace(inner), ")"))
	}
	p := &plan{rows: 1, relation: sql.Relation{Input: "input"}}
	if s.from != "" {
		if err := p.values(s.from); err != nil {
			return nil, err
		}
	}
	p.scope = append(p.scope, enginetest.Column{Name: rowNumber, Type: sql.Type{Kind: sql.BigInt}}, enginetest.Column{Name: rowTime, Type: sql.Type{Kind: sql.Timestamp}})
	if len(s.groups) > 0 {
		return p, p.grouped(s)
	}
	byRow := *p
	err = byRow.byRow(s)
	if aggregates(err) {
		return p, p.grouped(s)
	}
	return &byRow, err
}

// planOver makes the relation of what is computed for each row of another one.
func planOver(s statement, inner string) (*plan, error) {
	p, err := planStatement(inner)
	if err != nil {
		return nil, err
	}
	below, _ := readStatement(inner)
	from := p.relation
	p.relation, p.scope, p.over = sql.Relation{From: &from}, nil, true
	for i, it := range below.items {
		o := &from.Outputs[i]
		if o.Name = it.name; o.Name == "" {
			o.Name = it.text
		}
		p.scope = append(p.scope, enginetest.Column{Name: o.Name, Type: o.Expr.Type()})
	}
	return p, p.byRow(s)
}

// byRow makes the relation of what is computed for each row, window functions
// too.
func (p *plan) byRow(s statement) error {
	windows := false
	for _, it := range s.items {
		typed, err := p.check(it.text, sql.Options{Windows: true, Generators: true})
		if err != nil {
			return err
		}
		if typed.Generates() {
			if err := p.generator(typed); err != nil {
				return err
			}
			continue
		}
		windows = windows || typed.Windows()
		p.relation.Outputs = append(p.relation.Outputs, sql.Named{Name: outputName(len(p.relation.Outputs)), Expr: typed})
	}
	if windows {
		return p.windowed()
	}
	return nil
}

func outputName(i int) string { return "output_" + strconv.Itoa(i) }

// values adds the columns of VALUES.
func (p *plan) values(from string) error {
	v, err := readValues(from)
	if err != nil {
		return refusal{reason: err.Error()}
	}
	p.from, p.rows = true, len(v.cells[0])
	for i, name := range v.names {
		if !slices.ContainsFunc(v.cells[i], func(c string) bool { return !strings.EqualFold(c, "null") }) { // of a type that no table has
			p.columns = append(p.columns, ", NULL::VARCHAR AS "+sql.Quote(name))
			p.scope = append(p.scope, enginetest.Column{Name: name, Type: sql.Type{Kind: sql.String}})
			continue
		}
		list := "array(" + strings.Join(v.cells[i], ", ") + ")"
		typed, diags := checkText(list, enginetest.Table{}, sql.Options{})
		if diags.HasErrors() {
			return refused(diags)
		}
		p.columns = append(p.columns, fmt.Sprintf(", unnest(%s) AS %s", typed.DuckDB(sql.Render{}), sql.Quote(name)))
		p.scope = append(p.scope, enginetest.Column{Name: name, Type: *typed.Type().Elem})
	}
	return nil
}

// grouped makes the relation of aggregates: a row for each value of the groups,
// or one.
func (p *plan) grouped(s statement) error {
	options := sql.Options{Mode: sql.Grouped, Grouping: map[string]bool{}}
	p.relation.Group = &sql.Group{}
	if len(s.groups) == 0 {
		s.groups = []string{"1"}
	}
	for i, text := range s.groups {
		typed, err := p.check(text, sql.Options{Generators: true})
		if err != nil {
			return err
		}
		name := text
		if _, ok := p.scope.Lookup(text); !ok {
			name = "group_" + strconv.Itoa(i)
			p.column(name, typed)
		}
		keys := map[string]string{text: name}
		if strings.HasPrefix(strings.ToLower(text), "session_window") {
			if err := p.session(text, name, s.items, options.Grouping); err != nil {
				return err
			}
			continue
		}
		if typed.Type().Kind == sql.Struct { // known by the name of the function
			if keys, err = p.fields(strings.ToLower(words(text)[0].text), name, s.items); err != nil {
				return err
			}
		}
		for written, key := range keys {
			column, _ := p.scope.Lookup(key)
			options.Grouping[strings.ToLower(key)] = true
			p.relation.Group.Keys = append(p.relation.Group.Keys, sql.Key{Name: key, Type: column.Type})
			for j := range s.items {
				if s.items[j].text == written {
					s.items[j].text = key
				}
			}
		}
	}
	for i, it := range s.items {
		typed, err := p.check(it.text, options)
		if err != nil {
			return err
		}
		p.relation.Outputs = append(p.relation.Outputs, sql.Named{Name: outputName(i), Expr: typed})
	}
	return nil
}

// session groups by sessions: the window of the relation, whose bounds items have
// under the name of the function. The column name holds the session of each row.
func (p *plan) session(text, name string, items []item, grouping map[string]bool) error {
	start, err := p.check(name+".start", sql.Options{})
	if err != nil {
		return err
	}
	p.column(rowStart, start)
	places := literals(text)
	gap := places[len(places)-1]
	size, err := time.ParseDuration(strings.NewReplacer("'", "", " minutes", "m", " minute", "m").Replace(text[gap[0]:gap[1]]))
	if err != nil {
		return refusal{reason: "a gap of another unit"}
	}
	p.relation.Group.Window = &sql.Window{Time: rowStart, Gap: size.Microseconds(), Micros: 2 * 366 * 86_400_000_000}
	for _, bound := range []string{sql.WindowStartName, sql.WindowEndName} {
		p.scope = append(p.scope, enginetest.Column{Name: bound, Type: sql.Type{Kind: sql.Timestamp}})
		grouping[bound] = true
		for i := range items {
			if items[i].text == strings.Replace(bound, "window_", "session_window.", 1) {
				items[i].text = bound
			}
		}
	}
	return nil
}

// fields makes columns of the fields of a struct that rows are grouped by, and
// returns their names by what items call them. Of the struct itself an item
// has the first one.
func (p *plan) fields(called, name string, items []item) (map[string]string, error) {
	column, _ := p.scope.Lookup(name)
	keys := map[string]string{}
	for _, f := range column.Type.Fields {
		typed, err := p.check(name+"."+f.Name, sql.Options{})
		if err != nil {
			return nil, err
		}
		keys[called+"."+f.Name] = name + "_" + f.Name
		p.column(name+"_"+f.Name, typed)
	}
	for i := range items {
		if items[i].text == called {
			items[i] = item{text: "first(" + name + ")", name: called}
		}
	}
	return keys, nil
}

// column adds a working column.
func (p *plan) column(name string, typed *sql.Typed) {
	p.relation.Columns = append(p.relation.Columns, sql.Named{Name: name, Expr: typed})
	p.scope = append(p.scope, enginetest.Column{Name: name, Type: typed.Type()})
}

// generator adds a working column that makes rows, and outputs of what it
// gives.
func (p *plan) generator(typed *sql.Typed) error {
	const name = "made"
	p.column(name, typed)
	outputs := []string{name}
	if t := typed.Type(); t.Kind == sql.Struct {
		outputs = nil
		for _, f := range t.Fields {
			outputs = append(outputs, name+"."+f.Name)
		}
	}
	for _, text := range outputs {
		read, err := p.check(text, sql.Options{})
		if err != nil {
			return err
		}
		p.relation.Outputs = append(p.relation.Outputs, sql.Named{Name: outputName(len(p.relation.Outputs)), Expr: read})
	}
	return nil
}

// windowed makes the relation of window functions: working columns of a set
// with a window that all rows lie in, and a key that tells them apart.
func (p *plan) windowed() error {
	columns := p.relation.Outputs
	p.relation.Outputs = nil
	p.relation.Group = &sql.Group{Keys: []sql.Key{{Name: rowNumber, Type: sql.Type{Kind: sql.BigInt}}}, Window: &sql.Window{Time: rowTime, Micros: 3_600_000_000}}
	for _, c := range columns {
		p.column(c.Name, c.Expr)
		first, err := p.check("first("+c.Name+")", sql.Options{Mode: sql.Grouped})
		if err != nil {
			return err
		}
		p.relation.Outputs = append(p.relation.Outputs, sql.Named{Name: c.Name, Expr: first})
	}
	return nil
}

// check checks an expression with its constants as columns. Those that have to
// be constant, by what the check says, stay.
func (p *plan) check(text string, options sql.Options) (*sql.Typed, error) {
	places, kept := literals(text), 0
	if p.over {
		places, kept = nil, len(places)
	}
	for {
		written, columns, err := p.asColumns(text, places)
		if err != nil {
			return nil, err
		}
		over := slices.Clone(p.scope)
		for _, c := range columns {
			over = append(over, enginetest.Column{Name: c.name, Type: c.typed.Type()})
		}
		typed, diags := checkText(written, over, options)
		if !diags.HasErrors() && strings.Contains(typed.Type().String(), "constant_") { // a column gives a field its name
			places, kept = nil, kept+len(places)
			continue
		}
		if !diags.HasErrors() {
			p.literals, p.kept = append(p.literals, lits(columns)...), p.kept+kept
			p.scope = over
			for _, c := range columns {
				p.columns = append(p.columns, fmt.Sprintf(", %s AS %s", c.typed.DuckDB(sql.Render{}), sql.Quote(c.name)))
			}
			return typed, nil
		}
		before := len(places)
		for i := len(columns) - 1; i >= 0; i-- {
			if slices.ContainsFunc(diags, columns[i].mustBeConstant) {
				places = slices.Delete(places, i, i+1)
			}
		}
		if len(places) == before {
			return nil, refused(diags)
		}
		kept += before - len(places)
	}
}

// constantColumn is a constant as a column: its value, and where its name
// stands in the expression.
type constantColumn struct {
	literal
	typed      *sql.Typed
	start, end int
}

// mustBeConstant reports whether a mistake is that a column stands where a
// constant has to.
func (c constantColumn) mustBeConstant(d *diag.Diagnostic) bool {
	return (d.Code == "not-constant" || d.Code == "not-grouped") && d.Span.Col-1 < c.end && d.Span.EndCol-1 > c.start
}

func lits(columns []constantColumn) []literal {
	var out []literal
	for _, c := range columns {
		out = append(out, c.literal)
	}
	return out
}

// asColumns writes names in place of the constants at some places.
func (p *plan) asColumns(text string, places [][2]int) (string, []constantColumn, error) {
	var b strings.Builder
	var out []constantColumn
	at := 0
	for _, place := range places {
		c := constantColumn{literal: literal{name: fmt.Sprintf("constant_%d", len(p.literals)+len(out)), text: text[place[0]:place[1]]}}
		var diags diag.List
		if c.typed, diags = checkText(c.text, enginetest.Table{}, sql.Options{}); diags.HasErrors() {
			return "", nil, refused(diags)
		}
		b.WriteString(text[at:place[0]])
		c.start = b.Len()
		b.WriteString(c.name)
		c.end, at = b.Len(), place[1]
		if i := structField(text, place); i > 0 { // a column would give the field its name
			fmt.Fprintf(&b, " AS col%d", i)
		}
		out = append(out, c)
	}
	return b.String() + text[at:], out, nil
}

// checkText reads and checks an expression.
func checkText(text string, scope sql.Scope, options sql.Options) (*sql.Typed, diag.List) {
	e, diags := sql.Parse(text, place{})
	if diags.HasErrors() {
		return nil, diags
	}
	return sql.Check(e, scope, options)
}

// place gives offsets as columns.
type place struct{}

func (place) Span(start, end int) diag.Span {
	return diag.Span{File: "expression", Line: 1, Col: start + 1, EndLine: 1, EndCol: end + 1}
}
