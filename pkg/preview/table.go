package preview

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Table is a small table in memory, that expressions are tried on. A value is
// the text of it, nil for NULL; of a nested type it is JSON.
type Table struct {
	Columns []sql.Column
	Rows    [][][]byte
}

// maxTable is how many bytes of rows are read.
const maxTable = 64 << 20

// ReadTable reads JSON objects, one a line: a row each, whose members are its
// columns. Columns that are not declared have the type of their values: BIGINT
// or DOUBLE, BOOLEAN, STRING, arrays of these; objects are their JSON text. A
// member that a row lacks is NULL.
func ReadTable(in io.Reader, declared []sql.Column) (*Table, error) {
	t := &Table{Columns: append([]sql.Column{}, declared...)}
	kinds := make([]string, len(declared)) // of the values of each column so far
	counted := &io.LimitedReader{R: in, N: maxTable + 1}
	lines := bufio.NewReader(counted)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if counted.N == 0 {
			return nil, fmt.Errorf("line %d: over %d bytes of rows", number, maxTable)
		}
		if len(bytes.TrimSpace(line)) > 0 {
			if kinds, err = t.add(line, kinds, len(declared)); err != nil {
				return nil, fmt.Errorf("line %d: %w", number, err)
			}
		}
		if err == io.EOF || len(line) == 0 || line[len(line)-1] != '\n' {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	for i := len(declared); i < len(t.Columns); i++ {
		t.Columns[i].Type = typeOf(kinds[i])
	}
	for i := range t.Rows {
		for len(t.Rows[i]) < len(t.Columns) {
			t.Rows[i] = append(t.Rows[i], nil)
		}
	}
	return t, nil
}

// add adds the row of one line. The members of the object are read in order,
// so that columns are.
func (t *Table) add(line []byte, kinds []string, declared int) ([]string, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	row := make([][]byte, len(t.Columns))
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, err
		}
		i := t.column(fmt.Sprint(name))
		if i == len(kinds) {
			kinds, row = append(kinds, ""), append(row, nil)
		}
		text, kind := valueText(raw)
		if i < declared && isNested(t.Columns[i].Type) && text != nil {
			form, err := inForm(raw, t.Columns[i].Type)
			if err != nil {
				return nil, fmt.Errorf("column %q: %w", t.Columns[i].Name, err)
			}
			text = form
		}
		if i >= declared && kind != "" {
			if kinds[i] = joinKinds(kinds[i], kind); strings.HasSuffix(kinds[i], mixed) {
				return nil, fmt.Errorf("column %q is of different types; declare it in the schema", name)
			}
		}
		row[i] = text
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("text after the JSON object")
	}
	t.Rows = append(t.Rows, row)
	return kinds, nil
}

// column returns the place of a column, which is added where it is new.
func (t *Table) column(name string) int {
	for i, c := range t.Columns {
		if strings.EqualFold(c.Name, name) {
			return i
		}
	}
	t.Columns = append(t.Columns, sql.Column{Name: name, Key: digest.New("given").String("name", strings.ToLower(name)).Sum()})
	return len(t.Columns) - 1
}

// Kinds of JSON values; "[]" before the kind of an array's elements.
const (
	whole  = "whole"
	number = "number"
	truth  = "truth"
	text   = "text"
	mixed  = "mixed"
)

// valueText returns the text of a JSON value and its kind, "" for null.
func valueText(raw json.RawMessage) (value []byte, kind string) {
	switch raw[0] {
	case 'n':
		return nil, ""
	case 't', 'f':
		return raw, truth
	case '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return raw, text
		}
		return []byte(s), text
	case '{':
		return compact(raw), text
	case '[':
		var elements []json.RawMessage
		if json.Unmarshal(raw, &elements) != nil {
			return raw, mixed
		}
		all := ""
		for _, e := range elements {
			if _, kind := valueText(bytes.TrimSpace(e)); kind != "" {
				all = joinKinds(all, kind)
			}
		}
		return compact(raw), "[]" + all
	}
	if strings.ContainsAny(string(raw), ".eE") || len(raw) > len("-9223372036854775808")-1 {
		return raw, number
	}
	return raw, whole
}

func compact(raw json.RawMessage) []byte {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return raw
	}
	return b.Bytes()
}

// joinKinds returns the kind that holds values of two.
func joinKinds(a, b string) string {
	x, array := strings.CutPrefix(a, "[]")
	y, both := strings.CutPrefix(b, "[]")
	switch {
	case a == "" || a == b:
		return b
	case array && both:
		return "[]" + joinKinds(x, y)
	case array != both:
		return mixed
	case b == "":
		return a
	case (a == whole || a == number) && (b == whole || b == number):
		return number
	}
	return mixed
}

func typeOf(kind string) sql.Type {
	if element, ok := strings.CutPrefix(kind, "[]"); ok {
		t := typeOf(element)
		return sql.Type{Kind: sql.Array, Elem: &t}
	}
	switch kind {
	case whole:
		return sql.Type{Kind: sql.BigInt}
	case number:
		return sql.Type{Kind: sql.Double}
	case truth:
		return sql.Type{Kind: sql.Boolean}
	}
	return sql.Type{Kind: sql.String}
}

// ParseSchema reads declarations of columns as Spark writes them: "ts TIMESTAMP,
// tags ARRAY<STRING>".
func ParseSchema(schema string) ([]sql.Column, error) {
	t := &Table{}
	for _, part := range splitSchema(schema) {
		name, typ, ok := strings.Cut(strings.TrimSpace(part), " ")
		if !ok {
			return nil, fmt.Errorf("%q is no column with a type, as in \"ts TIMESTAMP\"", strings.TrimSpace(part))
		}
		e, diags := sql.Parse("cast(NULL AS "+typ+")", nowhere{})
		if diags.HasErrors() {
			return nil, fmt.Errorf("column %q: %s", name, diags[0].Message)
		}
		cast, diags := sql.Check(e, t, sql.Options{})
		if diags.HasErrors() {
			return nil, fmt.Errorf("column %q: %s", name, diags[0].Message)
		}
		if !held(cast.Type()) {
			return nil, fmt.Errorf("column %q: rows cannot hold a %s", name, cast.Type())
		}
		if i := t.column(name); i < len(t.Columns)-1 || t.Columns[i].Type.Kind != sql.Void {
			return nil, fmt.Errorf("column %q is declared twice", name)
		}
		t.Columns[len(t.Columns)-1].Type = cast.Type()
	}
	return t.Columns, nil
}

// splitSchema splits at commas outside of brackets.
func splitSchema(s string) []string {
	var out []string
	depth, start := 0, 0
	for i, r := range s {
		switch r {
		case '<', '(':
			depth++
		case '>', ')':
			depth--
		case ',':
			if depth == 0 {
				out, start = append(out, s[start:i]), i+1
			}
		}
	}
	if strings.TrimSpace(s[start:]) != "" {
		out = append(out, s[start:])
	}
	return out
}
