package native

import (
	"bytes"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/sparkcsv"
)

// numberFunctions read, round and write numbers.
func numberFunctions() []Function {
	return []Function{
		{Name: "n_conv", Params: []Kind{Text, Int, Int}, Result: Text, Call: func(in []Value, out *Value) {
			conv(in[0].Bytes, in[1].Int, in[2].Int, out)
		}},
		{Name: "n_str2dec", Params: []Kind{Text, Int}, Result: Text, Call: func(in []Value, out *Value) {
			digits, scale, ok := parseJava(in[0].Bytes)
			if !ok || digits.Sign() != 0 && len(digits.Text(10))-scale > 40 { // more than any decimal holds
				*out = Value{Null: true}
				return
			}
			digits, scale = rounded(digits, max(scale, -40), int(in[1].Int), "up")
			out.Bytes = appendDecimal(out.Bytes, digits, scale)
		}},
		{Name: "n_dec2str", Params: []Kind{Text}, Result: Text, Call: func(in []Value, out *Value) {
			digits, scale, ok := parseDecimal(string(in[0].Bytes))
			if !ok {
				*out = Value{Null: true}
				return
			}
			out.Bytes = appendJava(out.Bytes, digits, scale)
		}},
		{Name: "n_round", Params: []Kind{Double, Int, Text}, Result: Double, Call: func(in []Value, out *Value) {
			x := in[0].Float
			if out.Float = x; math.IsNaN(x) || math.IsInf(x, 0) {
				return
			}
			digits, scale, _ := parseDecimal(strconv.FormatFloat(x, 'e', -1, 64))
			digits, scale = rounded(digits, scale, int(in[1].Int), string(in[2].Bytes))
			out.Float, _ = strconv.ParseFloat(digits.String()+"e"+strconv.Itoa(-scale), 64)
		}},
		{Name: "n_mean", Params: []Kind{Text, Long, Int}, Result: Text, Call: func(in []Value, out *Value) {
			sum, scale, ok := parseDecimal(string(in[0].Bytes))
			if !ok || in[1].Int == 0 {
				*out = Value{Null: true}
				return
			}
			to := int(in[2].Int)
			mean := quotient(sum.Mul(sum, pow10(to-scale)), big.NewInt(in[1].Int), "up")
			out.Bytes = appendDecimal(out.Bytes, mean, to)
		}},
		{Name: "n_round_digits", Params: []Kind{Text, Int, Text}, Result: Text, Call: func(in []Value, out *Value) {
			digits, scale, ok := parseDecimal(string(in[0].Bytes))
			if !ok { // not a finite number
				out.Bytes = append(out.Bytes, in[0].Bytes...)
				return
			}
			digits, scale = rounded(digits, scale, int(in[1].Int), string(in[2].Bytes))
			out.Bytes = appendDecimal(out.Bytes, digits, scale)
		}},
	}
}

// conv writes a whole number of one base in another. Digits are read as far as
// they are some; what does not fit into 64 bits is the largest number.
func conv(text []byte, from, to int64, out *Value) {
	text = bytes.Trim(text, " ")
	if len(text) == 0 {
		*out = Value{Null: true}
		return
	}
	text, negative := bytes.CutPrefix(text, []byte("-"))
	var n uint64
	for _, c := range text {
		d := digit(c)
		if d >= uint64(from) {
			break
		}
		if n > (math.MaxUint64-d)/uint64(from) {
			n = math.MaxUint64
			break
		}
		n = n*uint64(from) + d
	}
	switch {
	case negative && to > 0:
		if n = -n; n != 0 && -n > math.MaxInt64 {
			n = math.MaxUint64
		}
	case to < 0 && int64(n) < 0:
		n, negative = -n, true
	}
	if to < 0 {
		to = -to
		if negative {
			out.Bytes = append(out.Bytes, '-')
		}
	}
	out.Bytes = append(out.Bytes, strings.ToUpper(strconv.FormatUint(n, int(to)))...)
}

// digit returns the value of a digit of bases up to 36.
func digit(c byte) uint64 {
	switch {
	case c >= '0' && c <= '9':
		return uint64(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		return uint64(c|0x20-'a') + 10
	}
	return math.MaxUint64
}

// parseJava reads a number as java.math.BigDecimal does, without blanks around
// it: digits of any script with an exponent.
func parseJava(text []byte) (*big.Int, int, bool) {
	s := strings.TrimFunc(string(text), func(c rune) bool { return c <= ' ' })
	ascii := strings.Map(func(c rune) rune {
		if d, ok := sparkcsv.Digit(c); ok {
			return rune(d)
		}
		return c
	}, s)
	if len(ascii) > 10_000 || !javaDecimal.MatchString(ascii) {
		return nil, 0, false
	}
	digits, scale, ok := parseDecimal(strings.TrimPrefix(ascii, "+"))
	return digits, scale, ok && scale >= math.MinInt32 && scale <= math.MaxInt32
}

// javaDecimal matches what [parseJava] reads.
var javaDecimal = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,10})?$`)

// appendJava writes a number as java.math.BigDecimal does: small ones with an
// exponent.
func appendJava(out []byte, digits *big.Int, scale int) []byte {
	text := new(big.Int).Abs(digits).String()
	exponent := len(text) - 1 - scale
	if exponent >= -6 {
		return appendDecimal(out, digits, scale)
	}
	if digits.Sign() < 0 {
		out = append(out, '-')
	}
	out = append(out, text[0])
	if len(text) > 1 {
		out = append(append(out, '.'), text[1:]...)
	}
	return append(append(out, 'E'), strconv.Itoa(exponent)...)
}

// parseDecimal reads a number as digits times ten to the power of -scale.
func parseDecimal(text string) (digits *big.Int, scale int, ok bool) {
	text = strings.ToLower(text)
	number, exponent, _ := strings.Cut(text, "e")
	whole, fraction, _ := strings.Cut(number, ".")
	if exponent != "" {
		n, err := strconv.Atoi(exponent)
		if err != nil {
			return nil, 0, false
		}
		scale = -n
	}
	digits, ok = new(big.Int).SetString(whole+fraction, 10)
	return digits, scale + len(fraction), ok
}

// rounded rounds to so many digits after the point, or before it for a
// negative number. The way is up (halves away from zero), even (halves to the
// even digit), ceil or floor.
func rounded(digits *big.Int, scale, to int, way string) (*big.Int, int) {
	if scale <= to {
		return digits, scale
	}
	if scale-to > 1000 { // below any half
		digits = big.NewInt(int64(digits.Sign()))
		scale = to + 2
	}
	return quotient(digits, pow10(scale-to), way), to
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// quotient divides by a positive number and rounds once.
func quotient(digits, unit *big.Int, way string) *big.Int {
	quotient, rest := new(big.Int).QuoRem(digits, unit, new(big.Int))
	half := new(big.Int).Abs(rest)
	half.Lsh(half, 1)
	away := false
	switch compared := half.Cmp(unit); way {
	case "ceil":
		away = rest.Sign() > 0
	case "floor":
		away = rest.Sign() < 0
	case "even":
		away = compared > 0 || compared == 0 && quotient.Bit(0) == 1
	default:
		away = compared >= 0
	}
	if away {
		quotient.Add(quotient, big.NewInt(int64(digits.Sign())))
	}
	return quotient
}

// appendDecimal writes all digits of a number.
func appendDecimal(out []byte, digits *big.Int, scale int) []byte {
	text := new(big.Int).Abs(digits).String()
	if digits.Sign() < 0 {
		out = append(out, '-')
	}
	switch {
	case scale <= 0:
		return append(append(out, text...), strings.Repeat("0", -scale)...)
	case len(text) <= scale:
		text = strings.Repeat("0", scale-len(text)+1) + text
	}
	point := len(text) - scale
	return append(append(append(out, text[:point]...), '.'), text[point:]...)
}
