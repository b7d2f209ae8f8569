package sql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/sparkjson"
)

func settleToJSON(k *call) (Type, bool) {
	if t := k.args[0].typ; !t.nested() {
		k.errorAt(0, "wrong-argument-type", "argument 1 of to_json is %s, not a struct, an array or a map", withArticle(t))
		return Type{}, false
	}
	options, ok := k.options(1, "timestampFormat", "timestampNTZFormat", "dateFormat", "ignoreNullFields", "sortKeys")
	for name, value := range options {
		switch {
		case strings.HasSuffix(name, "format"):
			ok = k.formOption(value) && ok
		case !strings.EqualFold(value, "true") && !strings.EqualFold(value, "false"):
			k.errorAt(1, "bad-constant", "the option is 'true' or 'false'")
			return Type{}, false
		}
	}
	return Type{Kind: String}, ok && k.writable(k.args[0].typ)
}

// formOption checks a pattern for writing times.
func (k *call) formOption(pattern string) bool {
	sub := &call{checker: k.checker, node: k.node, fn: k.functions["date_format"], args: []*term{
		{typ: Type{Kind: Timestamp}, at: k.args[1].at}, constantTerm(stringConstant(pattern), k.args[1].at)}}
	_, ok := settleForm(sub)
	return ok
}

// writable reports a part of a type that to_json does not write.
func (k *call) writable(t Type) bool {
	switch t.Kind {
	case Void, Boolean, TinyInt, SmallInt, Int, BigInt, Double, String, Date, Timestamp, TimestampNTZ, Binary:
		return true
	case Decimal:
		if castable(t, Type{Kind: String}) {
			return true
		}
	case Float:
		if castable(t, Type{Kind: String}) {
			return true
		}
	case Array:
		return k.writable(t.elem())
	case Map:
		if key := t.key(); key.Kind != String && key.Kind != Boolean && !key.integral() && key.Kind != Double {
			k.errorAt(0, "not-supported", "to_json does not write keys of %s", t.key()).Hintf("cast them to string")
			return false
		}
		return k.writable(t.elem())
	case Struct:
		return !slices.ContainsFunc(t.Fields, func(f Field) bool { return !k.writable(f.Type) })
	}
	k.errorAt(0, "not-supported", "to_json does not write %s", withArticle(t)).Hintf("cast it to string or double")
	return false
}

func toJSONRepeats(args []*term) int { return 4 * nestedCopies(args[0].typ, Type{Kind: String}) }

func renderToJSON(r *renderer, t *term) string {
	w := jsonWriter{call: t}
	keep, _ := optionOf(t, "ignoreNullFields")
	sort, _ := optionOf(t, "sortKeys")
	w.keepsNull, w.sorts = strings.EqualFold(keep, "false"), strings.EqualFold(sort, "true")
	return w.text(t.args[0].typ, r.term(t.args[0]))
}

// jsonWriter renders values as JSON texts; NULL stays NULL.
type jsonWriter struct {
	call             *term
	keepsNull, sorts bool
}

func (w jsonWriter) text(t Type, x string) string {
	name := element(t.height())
	switch t.Kind {
	case Void:
		return "NULL::VARCHAR"
	case Array:
		return fmt.Sprintf("('[' || array_to_string(%s, ',') || ']')", eachElement(x, name, w.orNull(t.elem(), name)))
	case Map:
		if w.sorts {
			x = "list_sort(" + x + ")"
		}
		entry := fmt.Sprintf("to_json(%s)::VARCHAR || ':' || %s", renderCast(t.key(), Type{Kind: String}, field(name, 0)), w.orNull(t.elem(), field(name, 1)))
		return fmt.Sprintf("('{' || array_to_string(%s, ',') || '}')", eachElement(x, name, entry))
	case Struct:
		return with(x, name, func(x string) string {
			return fmt.Sprintf("(CASE WHEN %s IS NOT NULL THEN '{' || concat_ws(',', %s) || '}' END)", x, strings.Join(w.members(t, x), ", "))
		})
	case String:
		return fmt.Sprintf("to_json(%s)::VARCHAR", x)
	case Double:
		return fmt.Sprintf("s_json_dbl(%s)", x)
	case Binary:
		return fmt.Sprintf(`('"' || to_base64(%s) || '"')`, x)
	case Date, Timestamp, TimestampNTZ:
		return fmt.Sprintf(`('"' || %s || '"')`, w.time(t, x))
	}
	return renderCast(t, Type{Kind: String}, x)
}

func (w jsonWriter) orNull(t Type, x string) string {
	return fmt.Sprintf("coalesce(%s, 'null')", w.text(t, x))
}

// members renders the fields of a struct, NULL for one that is left out.
func (w jsonWriter) members(t Type, x string) []string {
	places := make([]int, len(t.Fields))
	for i := range places {
		places[i] = i
	}
	if w.sorts {
		slices.SortStableFunc(places, func(a, b int) int { return strings.Compare(t.Fields[a].Name, t.Fields[b].Name) })
	}
	var out []string
	for _, i := range places {
		f := t.Fields[i]
		value := w.text(f.Type, field(x, i))
		if w.keepsNull {
			value = w.orNull(f.Type, field(x, i))
		}
		out = append(out, fmt.Sprintf("%s || ':' || %s", quoteString(string(sparkjson.AppendString(nil, f.Name))), value))
	}
	return out
}

// time renders a date or time without quotes.
func (w jsonWriter) time(t Type, x string) string {
	option := "timestampFormat"
	switch t.Kind {
	case Date:
		option = "dateFormat"
	case TimestampNTZ:
		option = "timestampNTZFormat"
	}
	if pattern, ok := optionOf(w.call, option); ok {
		instant := x
		if t.Kind != Timestamp {
			instant = renderCast(t, Type{Kind: Timestamp}, x)
		}
		return named(instant, func(r *renderer, x *term) string {
			return renderForm(r, &term{args: []*term{x, constantTerm(stringConstant(pattern), offsets{})}})
		})
	}
	switch t.Kind {
	case Date:
		return castToString(t, x)
	case Timestamp:
		return fmt.Sprintf("s_json_time(%s) || 'Z'", x)
	}
	return fmt.Sprintf("s_json_time(%s)", x)
}
