package sparkjson

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Append appends a value as Spark writes it, without blanks; what takes two
// surrogates is an escape in texts.
func Append(b []byte, v Value) []byte { return appendValue(b, v, appendEscaped) }

func appendUnescaped(b []byte, v Value) []byte { return appendValue(b, v, AppendString) }

func appendValue(b []byte, v Value, text func(b []byte, s string) []byte) []byte {
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
		return text(b, v.Text)
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
			b = append(text(b, v.Names[i]), ':')
		}
		b = appendValue(b, item, text)
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

// appendEscaped is AppendString with the halves of surrogate pairs as escapes,
// as a generator of Java writes them.
func appendEscaped(b []byte, s string) []byte {
	start := len(b)
	b = AppendString(b, s)
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x10000 || r == utf8.RuneError }) {
		return b
	}
	text := string(b[start:])
	b = b[:start]
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r >= 0x10000:
			high, low := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04X\u%04X`, high, low)
		case r == utf8.RuneError && n == 1 && i+3 <= len(text): // half a pair
			n = 3
			b = fmt.Appendf(b, `\u%04X`, rune(text[i]&0xf)<<12|rune(text[i+1]&0x3f)<<6|rune(text[i+2]&0x3f))
		default:
			b = append(b, text[i:i+n]...)
		}
		i += n
	}
	return b
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
