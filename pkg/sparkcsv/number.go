package sparkcsv

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Digit returns a digit of any script as one of ASCII.
func Digit(c rune) (byte, bool) {
	if c > 0xffff || !unicode.Is(unicode.Nd, c) {
		return 0, false
	}
	n := byte('0')
	for unicode.Is(unicode.Nd, c-1) {
		n, c = n+1, c-1
	}
	return n, n <= '9'
}

// Digits returns a text with digits of any script as 0 to 9, as Java reads
// them.
func Digits(text string) string {
	return strings.Map(func(c rune) rune {
		if d, ok := Digit(c); ok {
			return rune(d)
		}
		return c
	}, text)
}

// Whole reports whether digits are a whole number of so many bits.
func Whole(digits string, bits int) bool {
	_, err := strconv.ParseInt(digits, 10, bits)
	return err == nil
}

// Precision returns how many digits a decimal has that is written without a
// fraction; 0 is for other texts, and for more digits than a decimal has.
func Precision(digits string) int {
	m := decimal.FindStringSubmatch(digits)
	if m == nil {
		return 0
	}
	scale := len(m[2])
	if m[3] != "" {
		n, err := strconv.Atoi(m[3])
		if err != nil {
			return 0
		}
		scale -= n
	}
	n := max(len(strings.TrimLeft(m[1]+m[2], "0")), 1)
	if scale != 0 || n > 38 || m[1]+m[2] == "" {
		return 0
	}
	return n
}

// Double reads a number as java.lang.Double does, which takes blanks around it,
// digits of base 16 and the suffix of a literal; what is too large is infinite.
func Double(text string, bits int) (float64, bool) {
	digits := strings.TrimFunc(text, blank)
	if !words.MatchString(digits) {
		if !double.MatchString(digits) {
			return 0, false
		}
		digits = strings.TrimRight(digits, "dDfF") // digits of base 16 have an exponent behind them
	}
	if strings.HasSuffix(digits, "NaN") {
		return math.NaN(), true
	}
	f, _ := strconv.ParseFloat(strings.TrimLeft(digits, "+"), bits) // the error is that it is infinite
	return f, true
}

var (
	decimal = regexp.MustCompile(`^[+-]?(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,9}))?$`)
	words   = regexp.MustCompile(`^[+-]?(NaN|Infinity)$`)
	double  = regexp.MustCompile(`^[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|0[xX]([0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?\d+)[dDfF]?$`)
)
