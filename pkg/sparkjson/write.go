package sparkjson

import (
	"math"
	"strconv"
	"strings"
)

// Append appends a value as Spark writes it, without blanks.
func Append(b []byte, v Value) []byte {
	switch v.Kind {
	case Null:
		return append(b, "null"...)
	case Boolean:
		return append(b, v.Text...)
	case Whole:
		if v.Text == "-0" {
			return append(b, '0')
		}
		return append(b, v.Text...)
	case Fraction, Special:
		return appendNumber(b, v.double())
	case String:
		return AppendString(b, v.Text)
	}
	brackets := "[]"
	if v.Kind == Object {
		brackets = "{}"
	}
	b = append(b, brackets[0])
	for i, item := range v.Items {
		if i > 0 {
			b = append(b, ',')
		}
		if v.Kind == Object {
			b = append(AppendString(b, v.Names[i]), ':')
		}
		b = Append(b, item)
	}
	return append(b, brackets[1])
}

// AppendString appends a text in double quotes.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch at := strings.IndexByte("\"\\\b\f\n\r\t", c); {
		case at >= 0:
			b = append(b, '\\', `"\bfnrt`[at])
		case c < ' ':
			b = append(b, `\u00`...)
			b = append(b, "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// double returns the nearest double of a number, which may be infinite.
func (v Value) double() float64 {
	f, _ := strconv.ParseFloat(v.Text, 64) // out of range is infinite
	return f
}

// appendNumber appends a double as Java writes it; one that is not finite is a
// text.
func appendNumber(b []byte, f float64) []byte {
	switch a := math.Abs(f); {
	case math.IsNaN(f):
		return append(b, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(b, `"-Infinity"`...)
	case a != 0 && (a < 1e-3 || a >= 1e7):
		digits, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
		if b = append(b, digits...); !strings.Contains(digits, ".") {
			b = append(b, ".0"...)
		}
		n, _ := strconv.Atoi(exponent)
		return strconv.AppendInt(append(b, 'E'), int64(n), 10)
	}
	digits := strconv.FormatFloat(f, 'f', -1, 64)
	if b = append(b, digits...); !strings.Contains(digits, ".") {
		b = append(b, ".0"...)
	}
	return b
}
