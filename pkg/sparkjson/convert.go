package sparkjson

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Type is a type that values are read as, by Spark's name of it.
type Type struct {
	Name   string // "struct", "array", "map", "int", "decimal" and so on
	Digits int    // of a decimal
	Scale  int
	Elem   *Type // of an array, and of a map the values
	Fields []Field
}

// Field is a field of a struct.
type Field struct {
	Name string
	Type Type
}

// ParseType reads a type as Spark writes it: struct<a:int,b:array<string>>.
func ParseType(text string) (Type, bool) {
	p := typeParser{text: text}
	t := p.read()
	return t, !p.failed && p.text == ""
}

type typeParser struct {
	text   string
	failed bool
}

func (p *typeParser) read() Type {
	end := strings.IndexAny(p.text, "<>,()")
	if end < 0 {
		end = len(p.text)
	}
	t := Type{Name: p.text[:end]}
	p.text = p.text[end:]
	switch t.Name {
	case "array":
		p.take("<")
		elem := p.read()
		t.Elem = &elem
		p.take(">")
	case "map":
		p.take("<string,")
		elem := p.read()
		t.Elem = &elem
		p.take(">")
	case "struct":
		for separator := "<"; !p.failed && separator != ""; {
			p.take(separator)
			t.Fields = append(t.Fields, Field{Name: p.name(), Type: p.read()})
			if separator = ","; strings.HasPrefix(p.text, ">") {
				separator = ""
			}
		}
		p.take(">")
	case "decimal":
		digits, rest, _ := strings.Cut(strings.TrimPrefix(p.text, "("), ",")
		scale, rest, ok := strings.Cut(rest, ")")
		n, err1 := strconv.Atoi(digits)
		m, err2 := strconv.Atoi(scale)
		p.failed = p.failed || !ok || err1 != nil || err2 != nil
		t.Digits, t.Scale, p.text = n, m, rest
	}
	return t
}

func (p *typeParser) take(text string) {
	rest, ok := strings.CutPrefix(p.text, text)
	p.text, p.failed = rest, p.failed || !ok
}

// name reads the name of a field and the colon.
func (p *typeParser) name() string {
	if !strings.HasPrefix(p.text, "`") {
		name, rest, ok := strings.Cut(p.text, ":")
		p.text, p.failed = rest, p.failed || !ok
		return name
	}
	var b strings.Builder
	for i := 1; i < len(p.text); i++ {
		if p.text[i] == '`' {
			if !strings.HasPrefix(p.text[i+1:], "`") {
				p.text = p.text[i+1:]
				p.take(":")
				return b.String()
			}
			i++
		}
		b.WriteByte(p.text[i])
	}
	p.failed = true
	return ""
}

// Convert appends a value, read as a type, as JSON that any engine reads: the
// fields of a struct are called f0, f1 and so on, a map is an array of structs
// of its keys and values, dates and times are texts, a number of seconds after a
// #. What is not of the type is null; it is false where the value is that as a
// whole. What is wrong in a struct makes its field null, in an array or map all
// of it.
func (t Type) Convert(b []byte, v Value) ([]byte, bool) {
	if v.Kind == Null {
		return append(b, "null"...), true
	}
	start := len(b)
	var ok bool
	switch t.Name {
	case "struct":
		b, ok = t.structOf(b, v)
	case "array":
		b, ok = t.arrayOf(b, v)
	case "map":
		b, ok = t.mapOf(b, v)
	default:
		b, ok = t.leaf(b, v)
	}
	if !ok {
		b = append(b[:start], "null"...)
	}
	return b, ok
}

func (t Type) structOf(b []byte, v Value) ([]byte, bool) {
	if v.Kind != Object {
		return b, false
	}
	b = append(b, '{')
	for i, f := range t.Fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(strconv.AppendInt(append(b, `"f`...), int64(i), 10), `":`...)
		b = f.member(b, v)
	}
	return append(b, '}'), true
}

// member appends the last member of the field's name.
func (f Field) member(b []byte, v Value) []byte {
	for i := len(v.Names) - 1; i >= 0; i-- {
		if v.Names[i] == f.Name {
			b, _ = f.Type.Convert(b, v.Items[i])
			return b
		}
	}
	return append(b, "null"...)
}

func (t Type) arrayOf(b []byte, v Value) ([]byte, bool) {
	if v.Kind != Array {
		return b, false
	}
	b = append(b, '[')
	for i, item := range v.Items {
		if i > 0 {
			b = append(b, ',')
		}
		var ok bool
		if b, ok = t.Elem.Convert(b, item); !ok {
			return b, false
		}
	}
	return append(b, ']'), true
}

func (t Type) mapOf(b []byte, v Value) ([]byte, bool) {
	if v.Kind != Object {
		return b, false
	}
	b = append(b, '[')
	for i, item := range v.Items {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(AppendString(append(b, `{"f0":`...), asJava(v.Names[i])), `,"f1":`...)
		var ok bool
		if b, ok = t.Elem.Convert(b, item); !ok {
			return b, false
		}
		b = append(b, '}')
	}
	return append(b, ']'), true
}

func (t Type) leaf(b []byte, v Value) ([]byte, bool) {
	number := v.Kind == Whole || v.Kind == Fraction
	switch bits := map[string]int{"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}[t.Name]; {
	case bits > 0:
		n, err := strconv.ParseInt(v.Text, 10, bits)
		return strconv.AppendInt(b, n, 10), v.Kind == Whole && err == nil
	case t.Name == "boolean":
		return append(b, v.Text...), v.Kind == Boolean
	case t.Name == "string" && v.Kind == String:
		return AppendString(b, asJava(v.Text)), true
	case t.Name == "string":
		return AppendString(b, string(Append(nil, v))), true
	case (t.Name == "double" || t.Name == "float") && number:
		return appendDouble(b, v, map[string]int{"double": 64, "float": 32}[t.Name]), true
	case t.Name == "double" || t.Name == "float":
		word, ok := map[string]string{"NaN": "NaN", "Infinity": "Infinity", "+Infinity": "Infinity", "+INF": "Infinity", "-Infinity": "-Infinity", "-INF": "-Infinity"}[v.Text]
		return AppendString(b, word), ok && (v.Kind == String || v.Kind == Special)
	case t.Name == "decimal":
		return t.decimal(b, v)
	case (t.Name == "date" || t.Name == "timestamp") && v.Kind == String:
		return AppendString(b, asJava(v.Text)), true
	case t.Name == "timestamp" && v.Kind == Whole:
		n, err := strconv.ParseInt(v.Text, 10, 64)
		return AppendString(b, "#"+strconv.FormatInt(n, 10)), err == nil
	}
	return b, false
}

// asJava returns a text with a ? for each half of a surrogate pair.
func asJava(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			b.WriteByte('?')
			i += 3
			continue
		}
		b.WriteString(s[i : i+n])
		i += n
	}
	return b.String()
}

func appendDouble(b []byte, v Value, bits int) []byte {
	f, _ := strconv.ParseFloat(v.Text, bits) // out of range is infinite
	switch {
	case math.IsInf(f, 0):
		return appendNumber(b, f)
	case v.Kind == Whole && f == 0: // -0 is a whole number
		f = 0
	}
	return strconv.AppendFloat(b, f, 'e', -1, bits)
}

// maxExponent is how large an exponent of a decimal may be; beyond it no digit
// is left.
const maxExponent = 400

// decimal appends the digits of a number, rounded half up to the scale. In a
// text, commas do not count.
func (t Type) decimal(b []byte, v Value) ([]byte, bool) {
	text := v.Text
	if v.Kind == String {
		text = strings.ReplaceAll(text, ",", "")
	} else if v.Kind != Whole && v.Kind != Fraction {
		return b, false
	}
	if strings.Trim(text, "+-.0123456789eE") != "" {
		return b, false
	}
	if at := strings.IndexAny(text, "eE"); at >= 0 {
		n, err := strconv.Atoi(text[at+1:])
		if err == nil && n < -maxExponent {
			text, n = "0", 0
		}
		if err != nil || n > maxExponent {
			return b, false
		}
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return b, false
	}
	digits := r.FloatString(t.Scale) // halves away from zero
	whole, _, _ := strings.Cut(strings.TrimPrefix(digits, "-"), ".")
	if n := len(strings.TrimLeft(whole, "0")); n > t.Digits-t.Scale {
		return b, false
	}
	return AppendString(b, digits), true
}
