package sql

import (
	"fmt"
	"strings"
)

// maxGenerated is how many rows a generator makes of one, at most.
const maxGenerated = 10_000

// generatorFunctions make any number of rows of one. A call has the type of
// what each row gets, a struct where that is several values; its rendering is
// the list of that.
func generatorFunctions() []*function {
	about := func(name, doc, example string) Function {
		return Function{Name: name, Class: Generator, Doc: doc, Example: example}
	}
	const capped = " More than 10,000 are taken for NULL."
	const outer = ", but for NULL and for what is empty there is one row, with NULL."
	collection, input := takes("collection", collections), takes("input", arrays)
	return []*function{
		{Function: about("explode", "A row for each element of an array, in its order, or with key and value for each entry of a map; none for NULL."+capped, "explode(array(10, 20))"),
			params: []param{collection}, named: true, settle: settleExplode, sql: "s_explode($1)", copies: 2},
		{Function: about("explode_outer", "explode"+outer+capped, "explode_outer(array(10, 20))"),
			params: []param{collection}, named: true, settle: settleExplode, sql: "s_explode_outer($1)", copies: 2},
		{Function: about("posexplode", "explode, with the position, pos, from 0. The element of an array is col.", "posexplode(array(10, 20))"),
			params: []param{collection}, named: true, settle: settlePosExplode, render: renderPosExplode("s_explode"), copies: 2},
		{Function: about("posexplode_outer", "posexplode"+outer, "posexplode_outer(array(10, 20))"),
			params: []param{collection}, named: true, settle: settlePosExplode, render: renderPosExplode("s_explode_outer"), copies: 2},
		{Function: about("inline", "A row for each struct of an array, with its fields; none for NULL."+capped, "inline(array(struct(1, 'a'), struct(2, 'b')))"),
			params: []param{input}, named: true, settle: settleInline, sql: "s_explode($1)", copies: 2},
		{Function: about("inline_outer", "inline"+outer+capped, "inline_outer(array(struct(1, 'a'), struct(2, 'b')))"),
			params: []param{input}, named: true, settle: settleInline, sql: "s_explode_outer($1)", copies: 2},
		{Function: about("stack", "n rows of the values, one row after the other, as col0, col1 and so on; n is a constant. What is missing of the last row is NULL.", "stack(2, 1, 2, 3)"),
			params: []param{takes("n", smalls), takes("x", anything)}, variadic: true, settle: settleStack, render: renderStack},
		{Function: about("json_tuple", "One row with the texts of some members of a JSON object, as c0, c1 and so on; the names are constants. NULL where there is no such member, and for what is no object.", `json_tuple('{"a":1, "b":2}', 'a', 'b')`),
			params: []param{takes("json", texts).only(), takes("name", texts).only()}, variadic: true, settle: settleJSONTuple, render: renderJSONTuple},
	}
}

func generatorMacros() []string {
	return []string{
		fmt.Sprintf(`s_explode(a) AS CASE WHEN len(a) <= %d THEN a END`, maxGenerated),
		fmt.Sprintf(`s_explode_outer(a) AS CASE WHEN len(a) BETWEEN 1 AND %d THEN a ELSE [NULL] END`, maxGenerated),
	}
}

func settleExplode(k *call) (Type, bool) {
	if t := k.args[0].typ; t.Kind == Map {
		return t.entry(), true
	}
	return k.args[0].typ.elem(), true
}

func settlePosExplode(k *call) (Type, bool) {
	fields := []Field{{Name: "pos", Type: Type{Kind: Int}}}
	if t := k.args[0].typ; t.Kind == Map {
		return structOf(append(fields, t.entry().Fields...)...), true
	}
	return structOf(append(fields, Field{Name: "col", Type: k.args[0].typ.elem()})...), true
}

func renderPosExplode(macro string) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		values := []string{"_s_x"}
		if t.args[0].typ.Kind == Map {
			values = []string{field("_s_x", 0), field("_s_x", 1)}
		}
		numbered := structText(append([]string{"(_s_i - 1)::INTEGER"}, values...)...)
		return fmt.Sprintf("%s(list_transform(%s, lambda _s_x, _s_i: %s))", macro, r.term(t.args[0]), numbered)
	}
}

func settleInline(k *call) (Type, bool) {
	t := k.args[0].typ.elem()
	if t.Kind != Struct {
		k.errorAt(0, "wrong-argument-type", "argument 1 of %s is %s, not an array of structs", k.node.text, withArticle(k.args[0].typ)).
			Hintf("explode takes any array")
		return Type{}, false
	}
	return t, true
}

// settleStack types columns, each of one type. NULL has any.
func settleStack(k *call) (Type, bool) {
	n, ok := k.count(0)
	if !ok {
		return Type{}, false
	}
	if n <= 0 {
		k.errorAt(0, "bad-constant", "the number of rows is at least 1")
		return Type{}, false
	}
	values := k.args[1:]
	width := (len(values) + n - 1) / n
	fields := make([]Field, width)
	for i := range fields {
		fields[i].Name = fmt.Sprintf("col%d", i)
	}
	for i, v := range values {
		f := &fields[i%width]
		if f.Type.Kind != Void && v.typ.Kind != Void && !f.Type.Equal(v.typ) {
			k.errorAt(i+1, "type-mismatch", "column %s of stack is %s, and here %s", f.Name, withArticle(f.Type), withArticle(v.typ)).Hintf("cast one of them")
			return Type{}, false
		}
		if v.typ.Kind != Void {
			f.Type = v.typ
		}
	}
	for i := range values {
		values[i] = castTerm(values[i], fields[i%width].Type)
	}
	return structOf(fields...), true
}

func renderStack(r *renderer, t *term) string {
	values := t.args[1:]
	rows, _ := t.args[0].integer()
	width := len(t.typ.Fields)
	var out []string
	for from := range int(rows) {
		row := make([]string, width)
		for i := range row {
			row[i] = "NULL::" + t.typ.Fields[i].Type.DuckDB()
			if at := from*width + i; at < len(values) {
				row[i] = r.term(values[at])
			}
		}
		out = append(out, structText(row...))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func settleJSONTuple(k *call) (Type, bool) {
	fields := make([]Field, len(k.args)-1)
	for i := range fields {
		if _, ok := k.text(i + 1); !ok {
			return Type{}, false
		}
		fields[i] = Field{Name: fmt.Sprintf("c%d", i), Type: Type{Kind: String}}
	}
	return structOf(fields...), true
}

func renderJSONTuple(r *renderer, t *term) string {
	row := make([]string, len(t.typ.Fields))
	for i := range row {
		name, _ := t.args[i+1].text()
		row[i] = fmt.Sprintf("n_json_member(_s_j, %s)", quoteString(name))
	}
	return fmt.Sprintf("list_transform([%s], lambda _s_j: %s)", r.term(t.args[0]), structText(row...))
}

// generatorAllowed reports a generator that is not the whole of an expression,
// its root, that may be one.
func (c *checker) generatorAllowed(n *node, root bool) bool {
	switch {
	case c.options.Generators && root:
		return true
	case c.options.Generators:
		c.errorf(n, "generator-not-allowed", "%s makes rows: it cannot be a part of an expression", n.text).
			Hintf("make it a working column of its own, and use that")
	default:
		c.errorf(n, "generator-not-allowed", "%s makes rows: it is not allowed here", n.text).
			Hintf("make it a working column of a feature set, and use that; for one value look into the array: exists(…), aggregate(…)")
	}
	return false
}

// Generates reports whether the expression is a call of a generator: it makes
// any number of rows of one, each with a value of the type. Its rendering is
// the list of these values.
func (t *Typed) Generates() bool { return t.root.fn != nil && t.root.fn.Class == Generator }
