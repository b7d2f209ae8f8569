package sql

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

func stringConstant(s string) constant { return constant{typ: Type{Kind: String}, text: s} }

func booleanConstant(b bool) constant {
	c := constant{typ: Type{Kind: Boolean}}
	if b {
		c.number = 1
	}
	return c
}

func intConstant(n int64) constant { return constant{typ: Type{Kind: Int}, number: n} }

// numberConstant reads a number with an optional sign in front and a suffix
// that says its type, as Spark does: integers are INT or else BIGINT or else
// DECIMAL, with a point DECIMAL, with an exponent DOUBLE.
func numberConstant(text string) (constant, bool) {
	end := len(text)
	for end > 0 && !isDigit(text[end-1]) && text[end-1] != '.' {
		end--
	}
	digits, suffix := text[:end], strings.ToUpper(text[end:])
	if !numberPattern.MatchString(digits) {
		return constant{}, false
	}
	whole := !strings.ContainsAny(digits, ".eE")
	switch suffix {
	case "":
		if whole {
			return integerConstant(digits)
		}
		if strings.ContainsAny(digits, "eE") {
			return floatConstant(digits, Double)
		}
		return decimalConstant(digits)
	case "L", "S", "Y":
		kind := map[string]Kind{"L": BigInt, "S": SmallInt, "Y": TinyInt}[suffix]
		bits := map[string]int{"L": 64, "S": 16, "Y": 8}[suffix]
		n, err := strconv.ParseInt(digits, 10, bits)
		return constant{typ: Type{Kind: kind}, number: n}, err == nil && whole
	case "D":
		return floatConstant(digits, Double)
	case "F":
		return floatConstant(digits, Float)
	case "BD":
		return decimalConstant(digits)
	}
	return constant{}, false
}

func integerConstant(digits string) (constant, bool) {
	if n, err := strconv.ParseInt(digits, 10, 32); err == nil {
		return intConstant(n), true
	}
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
		return constant{typ: Type{Kind: BigInt}, number: n}, true
	}
	return decimalConstant(digits)
}

func floatConstant(digits string, kind Kind) (constant, bool) {
	bits := 64
	if kind == Float {
		bits = 32
	}
	f, err := strconv.ParseFloat(digits, bits)
	return constant{typ: Type{Kind: kind}, float: f}, err == nil && !math.IsInf(f, 0)
}

// decimalConstant reads digits with an optional point. The type is the
// narrowest that holds them, zeros after the point included.
func decimalConstant(digits string) (constant, bool) {
	if strings.ContainsAny(digits, "eE") {
		return constant{}, false
	}
	number, negative := strings.CutPrefix(digits, "-")
	whole, fraction, _ := strings.Cut(number, ".")
	whole = strings.TrimLeft(whole, "0")
	significant := len(strings.TrimLeft(whole+fraction, "0"))
	typ := decimalType(max(significant, len(fraction), 1), len(fraction))
	if typ.Precision > maxPrecision {
		return constant{}, false
	}
	if whole == "" {
		whole = "0"
	}
	text := whole
	if fraction != "" {
		text += "." + fraction
	}
	if negative && significant > 0 {
		text = "-" + text
	}
	return constant{typ: typ, text: text}, true
}

var (
	numberPattern = regexp.MustCompile(`^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)
	datePattern   = regexp.MustCompile(`^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$`)
	timePattern   = regexp.MustCompile(`^(\d{4}-\d{1,2}-\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}:\d{2})?)?$`)
)

const (
	secondMicros = int64(1_000_000)
	dayMicros    = 86400 * secondMicros
)

// dateConstant reads yyyy[-M[-d]].
func dateConstant(text string) (constant, bool) {
	m := datePattern.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return constant{}, false
	}
	year, month, day := atoi(m[1], 1), atoi(m[2], 1), atoi(m[3], 1)
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	ok := t.Year() == year && int(t.Month()) == month && t.Day() == day && year > 0
	return constant{typ: Type{Kind: Date}, number: t.Unix() / 86400}, ok
}

// timestampConstant reads a date, a time and an offset from UTC.
func timestampConstant(text string) (constant, bool) {
	m := timePattern.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return constant{}, false
	}
	date, ok := dateConstant(m[1])
	hour, minute, second := atoi(m[2], 0), atoi(m[3], 0), atoi(m[4], 0)
	micros := atoi((m[5] + "000000")[:6], 0)
	offset := 0
	if zone := m[6]; len(zone) == 6 {
		offset = atoi(zone[1:3], 0)*60 + atoi(zone[4:6], 0)
		if zone[0] == '-' {
			offset = -offset
		}
		ok = ok && max(offset, -offset) <= 18*60 && zone[4] < '6'
	}
	total := date.number*dayMicros + (int64(hour)*3600+int64(minute)*60+int64(second)-int64(offset)*60)*secondMicros + int64(micros)
	return constant{typ: Type{Kind: Timestamp}, number: total}, ok && hour < 24 && minute < 60 && second < 60
}

// atoi reads digits that a pattern has matched; absent is for no digits.
func atoi(digits string, absent int) int {
	if digits == "" {
		return absent
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return n
}
