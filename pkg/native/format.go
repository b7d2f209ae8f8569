package native

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
)

// formatFunctions write numbers as format_number and format_string do.
func formatFunctions() []Function {
	return []Function{
		{Name: "n_format_double", Params: []Kind{Double, Text}, Result: Text, Call: func(in []Value, out *Value) {
			x, form := in[0].Float, in[1].Bytes
			switch {
			case math.IsNaN(x):
				out.Bytes = append(out.Bytes, "NaN"...)
			case math.IsInf(x, 0):
				out.Bytes = append(out.Bytes, strings.Repeat("-", signBit(x))+"∞"...)
			default:
				out.Bytes = formatNumber(out.Bytes, doubleDigits(x, maxFraction(form)), string(form))
			}
		}},
		{Name: "n_format_digits", Params: []Kind{Text, Text}, Result: Text, Call: func(in []Value, out *Value) {
			digits, scale, ok := parseDecimal(string(in[0].Bytes))
			if !ok {
				*out = Value{Null: true}
				return
			}
			negative := digits.Sign() < 0
			digits, scale = rounded(digits, scale, maxFraction(in[1].Bytes), "even")
			text := string(appendDecimal(nil, digits.Abs(digits), scale))
			if negative {
				text = "-" + text
			}
			out.Bytes = formatNumber(out.Bytes, text, string(in[1].Bytes))
		}},
		{Name: "n_format_text", Params: []Kind{Text, Text, Int, Int}, Result: Text, Nulls: true, Call: func(in []Value, out *Value) {
			out.Bytes = padded(out.Bytes, cutUnits(orNull(in[0]), int(in[3].Int)), string(in[1].Bytes), int(in[2].Int))
		}},
		{Name: "n_format_long", Params: []Kind{Long, Text, Int}, Result: Text, Nulls: true, Call: func(in []Value, out *Value) {
			flags, width := string(in[1].Bytes), int(in[2].Int)
			if in[0].Null {
				out.Bytes = padded(out.Bytes, "null", flags, width)
				return
			}
			text := strconv.FormatInt(in[0].Int, 10)
			out.Bytes = signed(out.Bytes, strings.TrimPrefix(text, "-"), in[0].Int < 0, flags, width)
		}},
		{Name: "n_format_bits", Params: []Kind{Long, Text, Int, Int, Int}, Result: Text, Nulls: true, Call: func(in []Value, out *Value) {
			flags, width, base := string(in[1].Bytes), int(in[2].Int), int(in[3].Int)
			text := "null"
			if in[0].Null {
				flags = strings.Trim(flags, "0")
			} else {
				n := uint64(in[0].Int) << (64 - in[4].Int) >> (64 - in[4].Int)
				text = strconv.FormatUint(n, max(base, -base))
			}
			if base < 0 {
				text = strings.ToUpper(text)
			}
			out.Bytes = signed(out.Bytes, text, false, flags, width)
		}},
		{Name: "n_format_fixed", Params: []Kind{Double, Text, Int, Int}, Result: Text, Nulls: true, Call: func(in []Value, out *Value) {
			x, flags, width := in[0].Float, string(in[1].Bytes), int(in[2].Int)
			switch {
			case in[0].Null:
				out.Bytes = padded(out.Bytes, cutUnits("null", int(in[3].Int)), flags, width)
			case math.IsNaN(x):
				out.Bytes = padded(out.Bytes, "NaN", flags, width)
			case math.IsInf(x, 0):
				out.Bytes = signed(out.Bytes, "Infinity", x < 0, strings.NewReplacer("0", "", ",", "").Replace(flags), width)
			default:
				digits, scale, _ := parseDecimal(strconv.FormatFloat(math.Abs(x), 'e', -1, 64))
				to := int(in[3].Int)
				if to < 0 {
					to = 6
				}
				if scale < to {
					digits, scale = digits.Mul(digits, pow10(to-scale)), to
				}
				digits, scale = rounded(digits, scale, to, "up")
				out.Bytes = signed(out.Bytes, string(appendDecimal(nil, digits, scale)), math.Signbit(x), flags, width)
			}
		}},
	}
}

func signBit(x float64) int {
	if math.Signbit(x) {
		return 1
	}
	return 0
}

// cutUnits cuts a text to so many units of UTF-16, as Java counts; half a
// character is a question mark. A negative number cuts nothing.
func cutUnits(s string, n int) string {
	if n < 0 {
		return s
	}
	for i, r := range s {
		units := utf16.RuneLen(r)
		if n < units {
			return s[:i] + strings.Repeat("?", n)
		}
		n -= units
	}
	return s
}

func orNull(v Value) string {
	if v.Null {
		return "null"
	}
	return string(v.Bytes)
}

// padded fills a text up to a width, on the right with the flag -.
func padded(out []byte, s, flags string, width int) []byte {
	fill := strings.Repeat(" ", max(width-len(utf16.Encode([]rune(s))), 0))
	if strings.Contains(flags, "-") {
		return append(append(out, s...), fill...)
	}
	return append(append(out, fill...), s...)
}

// signed writes the digits of a number with its sign, in groups with the flag
// comma and with zeros in front with the flag 0.
func signed(out []byte, digits string, negative bool, flags string, width int) []byte {
	sign, end := "", ""
	switch {
	case negative && strings.Contains(flags, "("):
		sign, end = "(", ")"
	case negative:
		sign = "-"
	case strings.Contains(flags, "+"):
		sign = "+"
	case strings.Contains(flags, " "):
		sign = " "
	}
	if strings.Contains(flags, ",") {
		whole, fraction, point := strings.Cut(digits, ".")
		digits = grouped(whole, 3)
		if point {
			digits += "." + fraction
		}
	}
	if strings.Contains(flags, "0") {
		digits = strings.Repeat("0", max(width-len(sign)-len(digits)-len(end), 0)) + digits
	}
	return padded(out, sign+digits+end, flags, width)
}

func grouped(digits string, size int) string {
	if size <= 0 {
		return digits
	}
	for i := len(digits) - size; i > 0; i -= size {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// maxFraction returns how many digits a form has after the point.
func maxFraction(form []byte) int {
	_, fraction, _ := strings.Cut(string(form), ".")
	return len(fraction)
}

// doubleDigits rounds a double as Java does: by its exact value, but without
// more digits than it takes to tell it from others.
func doubleDigits(x float64, to int) string {
	text := strconv.FormatFloat(x, 'f', -1, 64)
	if _, fraction, _ := strings.Cut(text, "."); len(fraction) > to {
		return strconv.FormatFloat(x, 'f', to, 64)
	}
	return text
}

// formatNumber writes digits by a form such as #,##0.0#: digits that must be
// there, others that may be, and groups as long as the last one.
func formatNumber(out []byte, digits, form string) []byte {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(digits, "-"), ".")
	formWhole, formFraction, point := strings.Cut(form, ".")
	least := strings.Count(formWhole, "0")
	if least == 0 && point {
		least = 1
	}
	whole = strings.TrimLeft(whole, "0")
	whole = strings.Repeat("0", max(least-len(whole), 0)) + whole
	leastFraction := strings.Count(formFraction, "0")
	fraction = strings.TrimRight(fraction, "0")
	fraction += strings.Repeat("0", max(leastFraction-len(fraction), 0))
	if whole == "" && fraction == "" {
		whole = "0"
	}
	size := 0
	if i := strings.LastIndexByte(formWhole, ','); i >= 0 {
		size = len(formWhole) - i - 1
	}
	if strings.HasPrefix(digits, "-") {
		out = append(out, '-')
	}
	out = append(out, grouped(whole, size)...)
	if fraction != "" {
		out = append(append(out, '.'), fraction...)
	}
	return out
}
