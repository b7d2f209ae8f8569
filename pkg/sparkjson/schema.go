package sparkjson

import (
	"slices"
	"strconv"
	"strings"
)

// Schema returns the type that Spark finds for a value, as DDL: STRUCT<a: BIGINT>.
// What it does not know, such as NULL, is a string.
func Schema(v Value) string { return infer(v).ddl() }

// unknown is the type of NULL and of the elements of an empty array.
const unknown = "void"

func infer(v Value) Type {
	switch v.Kind {
	case Boolean:
		return Type{Name: "boolean"}
	case Whole:
		return inferWhole(v.Text)
	case Fraction, Special:
		return Type{Name: "double"}
	case String:
		return Type{Name: "string"}
	case Array:
		elem := Type{Name: unknown}
		for _, item := range v.Items {
			elem = together(elem, infer(item))
		}
		return Type{Name: "array", Elem: &elem}
	case Object:
		t := Type{Name: "struct"}
		for i, item := range v.Items {
			t.Fields = append(t.Fields, Field{Name: v.Names[i], Type: infer(item)})
		}
		slices.SortStableFunc(t.Fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
		return t
	}
	return Type{Name: unknown}
}

// inferWhole returns bigint, or a decimal of as many digits, or double.
func inferWhole(text string) Type {
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return Type{Name: "bigint"}
	}
	if n := len(strings.TrimLeft(text, "-")); n <= 38 {
		return Type{Name: "decimal", Digits: n}
	}
	return Type{Name: "double"}
}

// together returns the type of values of both types; what does not go together
// is a string.
func together(a, b Type) Type {
	switch {
	case a.Name == unknown:
		return b
	case b.Name == unknown:
		return a
	case a.Name == "struct" && b.Name == "struct":
		return togetherStructs(a, b)
	case a.Name == "array" && b.Name == "array":
		elem := together(*a.Elem, *b.Elem)
		return Type{Name: "array", Elem: &elem}
	case a.Name == b.Name && a.Name != "decimal":
		return a
	case a.numeric() && b.numeric():
		return togetherNumbers(a, b)
	}
	return Type{Name: "string"}
}

func (t Type) numeric() bool { return t.Name == "bigint" || t.Name == "decimal" || t.Name == "double" }

func togetherNumbers(a, b Type) Type {
	if a.Name == "double" || b.Name == "double" {
		return Type{Name: "double"}
	}
	digits := func(t Type) int {
		if t.Name == "bigint" {
			return 20
		}
		return t.Digits
	}
	return Type{Name: "decimal", Digits: max(digits(a), digits(b))}
}

func togetherStructs(a, b Type) Type {
	out := Type{Name: "struct", Fields: slices.Clone(a.Fields)}
	for _, f := range b.Fields {
		if i := slices.IndexFunc(out.Fields, func(o Field) bool { return o.Name == f.Name }); i >= 0 {
			out.Fields[i].Type = together(out.Fields[i].Type, f.Type)
			continue
		}
		out.Fields = append(out.Fields, f)
	}
	slices.SortStableFunc(out.Fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func (t Type) ddl() string {
	switch t.Name {
	case unknown:
		return "STRING"
	case "array":
		return "ARRAY<" + t.Elem.ddl() + ">"
	case "decimal":
		return "DECIMAL(" + strconv.Itoa(t.Digits) + ",0)"
	case "struct":
		fields := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = quoteName(f.Name) + ": " + f.Type.ddl()
		}
		return "STRUCT<" + strings.Join(fields, ", ") + ">"
	}
	return strings.ToUpper(t.Name)
}

// quoteName writes a name in backquotes unless it is a plain one.
func quoteName(name string) string {
	plain := strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "" && strings.Trim(name, "0123456789") != ""
	if plain && (name[0] < '0' || name[0] > '9') {
		return name
	}
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}
