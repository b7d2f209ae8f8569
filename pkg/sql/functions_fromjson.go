package sql

import (
	"fmt"
	"strings"

	"github.com/mlpdev/mlp/pkg/diag"
)

// corruptRecord is a field in which Spark keeps a text that is malformed.
const corruptRecord = "_corrupt_record"

// schema reads an argument that is a constant type: names with types, or one
// type.
func (k *call) schema(i int) (Type, bool) {
	text, ok := k.text(i)
	if !ok {
		return Type{}, false
	}
	typ, diags := k.types(text, wholly{k.expr.at.Span(k.args[i].at.start, k.args[i].at.end)})
	k.diags = append(k.diags, diags...)
	return typ, !diags.HasErrors()
}

// parseSchema reads names with types, or one type.
func parseSchema(text string, at Positioner) (Type, diag.List) {
	tokens, diags := lex(text, at)
	if diags.HasErrors() {
		return Type{}, diags
	}
	p := &parser{tokens: tokens, at: at}
	var typ Type
	if p.peekAt(1).is("<") {
		typ = p.typeName(0)
	} else {
		typ = structOf(p.columns(0)...)
	}
	if rest := p.peek(); !p.failed && rest.kind != tokenEnd {
		p.unexpected(rest, "the end of the type")
	}
	return typ, p.diags
}

// wholly places every part of a text at one place.
type wholly struct{ span diag.Span }

func (w wholly) Span(int, int) diag.Span { return w.span }

func settleFromJSON(k *call) (Type, bool) {
	typ, ok := k.schema(1)
	if !ok {
		return Type{}, false
	}
	options, ok := k.options(2, "timestampFormat", "dateFormat")
	return typ, ok && k.readForms(options) && k.readable(typ)
}

// readForms checks the patterns of options for reading times.
func (k *call) readForms(options map[string]string) bool {
	for name, pattern := range options {
		if !strings.HasSuffix(name, "format") {
			continue
		}
		if !k.timeForm(2, pattern) {
			return false
		}
	}
	return true
}

// readable reports a part of a type that from_json does not read.
func (k *call) readable(t Type) bool {
	switch t.Kind {
	case Boolean, TinyInt, SmallInt, Int, BigInt, Float, Double, Decimal, String, Date, Timestamp:
		return true
	case Array:
		return k.readable(t.elem())
	case Map:
		if t.key().Kind == String {
			return k.readable(t.elem())
		}
		k.errorAt(1, "wrong-argument-type", "the keys of a map in JSON are strings")
		return false
	case Struct:
		for i, f := range t.Fields {
			switch {
			case strings.EqualFold(f.Name, corruptRecord):
				k.errorAt(1, "not-supported", "a field %s is not filled", corruptRecord).Hintf("leave it out")
				return false
			case fieldNamed(t.Fields[:i], f.Name):
				k.errorAt(1, "duplicate-name", "the type has two fields %q", f.Name)
				return false
			case !k.readable(f.Type):
				return false
			}
		}
		return true
	}
	k.errorAt(1, "not-supported", "%s does not read %s", k.node.text, withArticle(t)).Hintf("read a string")
	return false
}

func fieldNamed(fields []Field, name string) bool {
	for _, f := range fields {
		if f.Name == name {
			return true
		}
	}
	return false
}

func renderFromJSON(r *renderer, t *term) string {
	x := r.term(t.args[0])
	text := fmt.Sprintf("n_from_json(%s, %s)", x, quoteString(t.typ.String()))
	value := r.arrive(arrival{call: t, date: "s_json_date", time: "s_json_ts"}, t.typ, fmt.Sprintf("json_transform(%s, %s)::%s", text, quoteString(structure(t.typ)), t.typ.arriving().DuckDB()))
	if t.typ.Kind != Struct {
		return value
	}
	return fmt.Sprintf("(CASE WHEN s_trimjava(%s) <> '' THEN coalesce(%s, %s) END)", x, value, nothing(t.typ))
}

// nothing renders a struct of NULLs, which what is no JSON gives.
func nothing(t Type) string {
	values := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		values[i] = "NULL::" + f.Type.DuckDB()
	}
	return structText(values...)
}

// arriving returns the type with texts for dates and times, which are read
// later.
func (t Type) arriving() Type {
	switch t.Kind {
	case Date, Timestamp:
		return Type{Kind: String}
	case Array:
		return arrayOf(t.elem().arriving())
	case Map:
		return mapOf(t.key(), t.elem().arriving())
	case Struct:
		fields := make([]Field, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = Field{Name: f.Name, Type: f.Type.arriving()}
		}
		return structOf(fields...)
	}
	return t
}

// structure writes a type as json_transform takes it.
func structure(t Type) string {
	switch t.Kind {
	case Date, Timestamp:
		return `"VARCHAR"`
	case Array:
		return "[" + structure(t.elem()) + "]"
	case Map:
		return "[" + structure(t.entry()) + "]"
	case Struct:
		fields := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = fmt.Sprintf("%q:%s", fieldName(i), structure(f.Type))
		}
		return "{" + strings.Join(fields, ",") + "}"
	}
	return `"` + t.DuckDB() + `"`
}

// arrival is how dates and times in what has arrived are read: by the options
// of a call, or else by macros. The one for times takes the text and the text
// read as a time; without one, that is what it is.
type arrival struct {
	call       *term
	date, time string
}

// arrive renders what has arrived with its dates and times read. In an array or
// map, one that is wrong makes all of it NULL.
func (r *renderer) arrive(a arrival, t Type, x string) string {
	if t.arriving().Equal(t) {
		return x
	}
	name := element(t.height())
	switch t.Kind {
	case Date:
		if pattern, ok := optionOf(a.call, "dateFormat"); ok {
			return "s_utc(" + parsedBy(Timestamp, pattern, x) + ")::DATE"
		}
		return fmt.Sprintf("%s(%s)", a.date, x)
	case Timestamp:
		read := fmt.Sprintf("s_str2ts_clean(%s)", x)
		if pattern, ok := optionOf(a.call, "timestampFormat"); ok {
			read = parsedBy(Timestamp, pattern, x)
		}
		if a.time == "" {
			return read
		}
		return fmt.Sprintf("%s(%s, %s)", a.time, x, read)
	case Array:
		return fmt.Sprintf("s_all_read(%s, %s)", x, eachElement(x, name, r.arrive(a, t.elem(), name)))
	case Map:
		entry := structText(field(name, 0), r.arrive(a, t.elem(), field(name, 1)))
		return fmt.Sprintf("s_all_values_read(%s, %s)", x, eachElement(x, name, entry))
	}
	return with(x, name, func(x string) string {
		values := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			values[i] = r.arrive(a, f.Type, field(x, i))
		}
		return fmt.Sprintf("(CASE WHEN %s IS NOT NULL THEN %s END)", x, structText(values...))
	})
}

// optionOf returns an option of a call that settle has accepted.
func optionOf(call *term, name string) (string, bool) {
	m := call.args[len(call.args)-1]
	for i := 0; m.fn != nil && m.fn.Name == "map" && i < len(m.args); i += 2 {
		if key, _ := m.args[i].text(); strings.EqualFold(key, name) {
			return m.args[i+1].text()
		}
	}
	return "", false
}

// named calls a rendering with a text as a term.
func named(x string, render func(r *renderer, x *term) string) string {
	v := &variable{}
	return render(&renderer{variables: map[*variable]string{v: x}}, &term{variable: v, typ: Type{Kind: Timestamp}})
}
