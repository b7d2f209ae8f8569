package sql

import (
	"fmt"
	"strconv"
	"strings"
)

// structFunctions make structs. What they give is one operator, whose type has
// the names.
func structFunctions() []*function {
	return []*function{
		{Function: Function{Name: "named_struct", Doc: "A struct of values with names, which are constants. A field is read by struct.name.", Example: "named_struct('a', 1, 'b', 2)", Signature: "named_struct(name, value, …)"},
			params: []param{takes("name", anything), takes("value", anything)}, variadic: true, rewrite: rewriteNamedStruct},
		{Function: Function{Name: "struct", Doc: "A struct of values. The names are those after AS, of columns and of fields, else col1, col2 and so on. (a, b) is the same.", Example: "struct(1, 'x' AS b)"},
			params: []param{takes("value", anything)}, variadic: true, rewrite: rewriteStruct},
	}
}

func rewriteNamedStruct(k *call) *term {
	if len(k.args)%2 != 0 {
		k.errorf(k.node, "wrong-argument-count", "named_struct takes a name for each value").Hintf("%s", k.fn.Signature)
		return nil
	}
	var names []string
	var values []*term
	for i := 0; i < len(k.args); i += 2 {
		name, ok := k.text(i)
		if !ok {
			return nil
		}
		names, values = append(names, name), append(values, k.args[i+1])
	}
	return k.structTerm(names, values)
}

func rewriteStruct(k *call) *term {
	names := make([]string, len(k.args))
	for i, n := range k.node.args {
		if names[i] = k.node.names[i]; names[i] == "" {
			names[i] = nameOf(n, fmt.Sprintf("col%d", i+1))
		}
	}
	return k.structTerm(names, k.args)
}

// nameOf returns the name that a value has by itself.
func nameOf(n *node, other string) string {
	switch n.op {
	case opName:
		return n.text[strings.LastIndexByte(n.text, '.')+1:]
	case opField:
		return n.text
	case opIndex:
		if key := n.args[1]; key.op == opLiteral && key.value != nil && key.value.typ.Kind == String {
			return key.value.text
		}
	}
	return other
}

func (k *call) structTerm(names []string, values []*term) *term {
	fields := make([]Field, len(values))
	for i, v := range values {
		fields[i] = Field{Name: names[i], Type: v.typ}
	}
	return k.build(k.node, "struct", structOf(fields...), values...)
}

func renderStruct(r *renderer, t *term) string {
	values := make([]string, len(t.args))
	for i, a := range t.args {
		values[i] = r.term(a)
	}
	return structText(values...)
}

// fieldName cuts a name that is no column into a column, parameter or variable
// and the name of a field.
func (c *checker) fieldName(n *node) (base *node, field string, ok bool) {
	i := strings.LastIndexByte(n.text, '.')
	if i < 0 {
		return nil, "", false
	}
	base = &node{op: opName, text: n.text[:i], start: n.start, end: n.end}
	_, isColumn := c.scope.Lookup(base.text)
	_, isParameter := c.parameter(base)
	_, _, isField := c.fieldName(base)
	return base, n.text[i+1:], isColumn || isParameter || isField
}

// fieldOf returns a field of a struct, the fields of an array's structs, or the
// value of a map for a key.
func (c *checker) fieldOf(n *node, x *term, name string) *term {
	if x == nil {
		return nil
	}
	typ := x.typ
	switch {
	case typ.Kind == Map:
		key := constantTerm(stringConstant(name), n.at())
		return c.settle(&call{checker: c, node: &node{text: "." + name, start: n.start, end: n.end}, fn: c.functions["element_at"], args: []*term{x, key}}, nil)
	case typ.Kind == Array && typ.elem().Kind == Struct:
		typ = typ.elem()
	case typ.Kind != Struct:
		c.errorf(n, "type-mismatch", "%s has no field %q", withArticle(typ), name)
		return nil
	}
	found, names := -1, make([]string, len(typ.Fields))
	for i, f := range typ.Fields {
		names[i] = f.Name
		if !sameName(f.Name, name) {
			continue
		}
		if found >= 0 {
			c.errorf(n, "unknown-column", "several fields are called %q", name).Hintf("give them other names: named_struct('a', …, 'b', …)")
			return nil
		}
		found = i
	}
	if found < 0 {
		c.errorf(n, "unknown-column", "the struct has no field %q", name).DidYouMean(name, names)
		return nil
	}
	result := typ.Fields[found].Type
	if x.typ.Kind == Array {
		result = arrayOf(result)
	}
	return c.build(n, "field", result, x, constantTerm(intConstant(int64(found)), n.at()))
}

func renderField(r *renderer, t *term) string {
	i, _ := t.args[1].integer()
	x := r.term(t.args[0])
	if t.args[0].typ.Kind == Array {
		return eachElement(x, "_s_x", field("_s_x", int(i)))
	}
	return field(x, int(i))
}

func settleZip(k *call) (Type, bool) {
	fields := make([]Field, len(k.args))
	for i, a := range k.args {
		fields[i] = Field{Name: nameOf(k.node.args[i], strconv.Itoa(i)), Type: a.typ.elem()}
	}
	return arrayOf(structOf(fields...)), true
}

func renderZip(r *renderer, t *term) string {
	if len(t.args) == 1 {
		return eachElement(r.term(t.args[0]), "_s_x", structText("_s_x"))
	}
	present := make([]string, len(t.args))
	for i, a := range t.args {
		present[i] = r.term(a) + " IS NOT NULL"
	}
	return fmt.Sprintf("(CASE WHEN %s THEN list_zip(%s)::%s END)", strings.Join(present, " AND "), r.list(t.args), t.typ.DuckDB())
}

func settleInsert(k *call) (Type, bool) {
	if n, ok := k.args[1].integer(); ok && n == 0 {
		k.errorAt(1, "bad-constant", "the position is not 0: 1 is the first element, -1 the last")
		return Type{}, false
	}
	return settleAdded(k)
}
