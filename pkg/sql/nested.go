package sql

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Field is a field of a struct. Names keep their case; looking one up does not
// mind it.
type Field struct {
	Name string
	Type Type
}

func mapOf(key, value Type) Type { return Type{Kind: Map, Key: &key, Elem: &value} }

func structOf(fields ...Field) Type { return Type{Kind: Struct, Fields: fields} }

// nested reports whether a value is made of others.
func (t Type) nested() bool { return t.Kind == Array || t.Kind == Map || t.Kind == Struct }

// entry returns the type of what a map is made of.
func (t Type) entry() Type {
	return structOf(Field{Name: "key", Type: t.key()}, Field{Name: "value", Type: t.elem()})
}

// height returns how deep types stand in a type.
func (t Type) height() int {
	switch t.Kind {
	case Array:
		return 1 + t.elem().height()
	case Map:
		return 1 + t.entry().height()
	}
	n := 0
	for _, f := range t.Fields {
		n = max(n, 1+f.Type.height())
	}
	return n
}

// ordered reports whether values of a type can be compared.
func (t Type) ordered() bool {
	switch t.Kind {
	case Map, Interval:
		return false
	case Array:
		return t.elem().ordered()
	}
	for _, f := range t.Fields {
		if !f.Type.ordered() {
			return false
		}
	}
	return true
}

// fieldList writes the fields of a struct.
func (t Type) fieldList(comma, colon string) string {
	fields := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		fields[i] = typePart(f.Name) + colon + f.Type.String()
	}
	return strings.Join(fields, comma)
}

var plainField = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$|^[0-9]+$`)

// typePart writes the name of a field in a type.
func typePart(name string) string {
	if plainField.MatchString(name) {
		return name
	}
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

// fieldName is what DuckDB calls a field.
func fieldName(i int) string { return fmt.Sprintf("f%d", i) }

// field renders a field of a struct.
func field(x string, i int) string { return fmt.Sprintf("struct_extract(%s, '%s')", x, fieldName(i)) }

// structText renders a struct of the values of its fields.
func structText(values ...string) string {
	fields := make([]string, len(values))
	for i, v := range values {
		fields[i] = fmt.Sprintf("'%s': %s", fieldName(i), v)
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

// element is the variable for what a value of so many levels is made of. No
// lambda within has the name, and none of a function or macro.
func element(height int) string { return fmt.Sprintf("_s_e%d", height) }

var simpleOperand = regexp.MustCompile(`^(\w+|"([^"]|"")*")$`)

// with renders what is made of a value that is written more than once: where it
// is not a name, as a variable.
func with(x, name string, body func(x string) string) string {
	if simpleOperand.MatchString(x) {
		return body(x)
	}
	return fmt.Sprintf("list_extract(list_transform([%s], lambda %s: %s), 1)", x, name, body(name))
}

// eachElement renders a list of what is made of each element.
func eachElement(x, name, body string) string {
	return fmt.Sprintf("list_transform(%s, lambda %s: %s)", x, name, body)
}

// wideNested returns the common type of two nested ones.
func wideNested(a, b Type, strings bool) (Type, bool) {
	if a.Kind != b.Kind || len(a.Fields) != len(b.Fields) {
		return Type{}, false
	}
	switch a.Kind {
	case Array:
		elem, ok := wider(a.elem(), b.elem(), strings)
		return arrayOf(elem), ok
	case Map:
		key, ok1 := wider(a.key(), b.key(), strings)
		value, ok2 := wider(a.elem(), b.elem(), strings)
		return mapOf(key, value), ok1 && ok2
	}
	fields := make([]Field, len(a.Fields))
	for i, f := range a.Fields {
		typ, ok := wider(f.Type, b.Fields[i].Type, strings)
		if !ok || !sameName(f.Name, b.Fields[i].Name) {
			return Type{}, false
		}
		fields[i] = Field{Name: f.Name, Type: typ}
	}
	return structOf(fields...), true
}

func sameName(a, b string) bool { return strings.EqualFold(a, b) }

// nestedBy reports whether two types are made alike and a relation holds for
// what they are made of. Names of fields do not matter.
func nestedBy(from, to Type, holds func(from, to Type) bool) bool {
	switch {
	case from.Kind != to.Kind || len(from.Fields) != len(to.Fields):
		return false
	case from.Kind == Array:
		return holds(from.elem(), to.elem())
	case from.Kind == Map:
		return holds(from.key(), to.key()) && holds(from.elem(), to.elem())
	}
	for i := range from.Fields {
		if !holds(from.Fields[i].Type, to.Fields[i].Type) {
			return false
		}
	}
	return true
}

// castNested converts what a value is made of.
func castNested(from, to Type, x string) string {
	plain := x + "::" + to.DuckDB()
	name := element(max(from.height(), to.height()))
	switch {
	case from.sameButNames(to):
		return x
	case to.Kind == String:
		return nestedText(from, x)
	case from.Kind == Map:
		return castNested(arrayOf(from.entry()), arrayOf(to.entry()), x)
	case from.Kind == Array:
		elem := renderCast(from.elem(), to.elem(), name)
		if elem == name+"::"+to.elem().DuckDB() || from.elem().Kind == Void {
			return plain
		}
		return eachElement(x, name, elem)
	}
	return with(x, name, func(x string) string {
		values := make([]string, len(to.Fields))
		isPlain := true
		for i, f := range to.Fields {
			value := field(x, i)
			values[i] = value
			if !f.Type.Equal(from.Fields[i].Type) {
				values[i] = renderCast(from.Fields[i].Type, f.Type, value)
				isPlain = isPlain && values[i] == value+"::"+f.Type.DuckDB()
			}
		}
		if isPlain {
			return x + "::" + to.DuckDB()
		}
		return fmt.Sprintf("(CASE WHEN %s IS NOT NULL THEN %s END)", x, structText(values...))
	})
}

// sameButNames reports whether types are equal but for the names of fields,
// which DuckDB does not know.
func (t Type) sameButNames(o Type) bool {
	if t.nested() && o.nested() {
		return nestedBy(t, o, Type.sameButNames)
	}
	return t.Equal(o)
}

// nestedText renders a value as Spark casts it to a string: [1, null],
// {a -> 1}, {1, x}.
func nestedText(t Type, x string) string {
	part := func(t Type, x string) string {
		if t.Kind == Void {
			return "'null'"
		}
		return fmt.Sprintf("coalesce(%s, 'null')", renderCast(t, Type{Kind: String}, x))
	}
	name := element(t.height())
	join := func(open, elem, end string) string {
		return fmt.Sprintf("('%s' || array_to_string(%s, ', ') || '%s')", open, eachElement(x, name, elem), end)
	}
	switch t.Kind {
	case Array:
		return join("[", part(t.elem(), name), "]")
	case Map:
		return join("{", part(t.key(), field(name, 0))+" || ' -> ' || "+part(t.elem(), field(name, 1)), "}")
	}
	return with(x, name, func(x string) string {
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = part(f.Type, field(x, i))
		}
		return fmt.Sprintf("(CASE WHEN %s IS NOT NULL THEN '{' || %s || '}' END)", x, strings.Join(parts, " || ', ' || "))
	})
}

// rank renders a value by which DuckDB orders values of a type as Spark does:
// NULL inside another value comes first.
func rank(t Type, x string) string {
	name := element(t.height())
	switch t.Kind {
	case Array:
		return eachElement(x, name, structText(name+" IS NOT NULL", rank(t.elem(), name)))
	case Struct:
		return with(x, name, func(x string) string {
			var values []string
			for i, f := range t.Fields {
				values = append(values, field(x, i)+" IS NOT NULL", rank(f.Type, field(x, i)))
			}
			return fmt.Sprintf("(CASE WHEN %s IS NOT NULL THEN %s END)", x, structText(values...))
		})
	}
	return x
}

// nestedCopies is castCopies of nested types, where the operand is a name.
func nestedCopies(from, to Type) int {
	parts := []Type{from.elem()}
	switch from.Kind {
	case Map:
		parts = append(parts, from.key())
	case Struct:
		parts = parts[:0]
		for _, f := range from.Fields {
			parts = append(parts, f.Type)
		}
	}
	n := 1
	for i, p := range parts {
		goal := to
		switch {
		case to.Kind == Struct:
			goal = to.Fields[i].Type
		case to.nested():
			goal = []Type{to.elem(), to.key()}[i]
		}
		n += castCopies(p, goal)
	}
	return n
}

// printable reports whether what a value is made of can be cast to strings.
func (t Type) printable() bool {
	switch t.Kind {
	case Array:
		return castable(t.elem(), Type{Kind: String})
	case Map:
		return castable(t.key(), Type{Kind: String}) && castable(t.elem(), Type{Kind: String})
	}
	return !slices.ContainsFunc(t.Fields, func(f Field) bool { return !castable(f.Type, Type{Kind: String}) })
}

// keepsKeys reports whether a cast of keys gives no NULL, which no key is.
func keepsKeys(from, to Type) bool { return lossless(from, to) || to.Kind == String }

// hasMap reports whether a value of a type holds a map.
func (t Type) hasMap() bool {
	switch t.Kind {
	case Map:
		return true
	case Array:
		return t.elem().hasMap()
	}
	return slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Type.hasMap() })
}

// rankCopies returns how often rank repeats a name.
func rankCopies(t Type) int {
	n := 1
	for _, f := range t.Fields {
		n += 1 + rankCopies(f.Type)
	}
	if t.Kind == Array {
		n += rankCopies(t.elem())
	}
	return n
}
