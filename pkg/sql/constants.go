package sql

import (
	"encoding/hex"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

func stringConstant(s string) constant { return constant{typ: Type{Kind: String}, text: s} }

// binaryConstant reads bytes in hexadecimal digits; a missing first one is 0.
func binaryConstant(digits string) (constant, bool) {
	if len(digits)%2 == 1 {
		digits = "0" + digits
	}
	b, err := hex.DecodeString(digits)
	return constant{typ: Type{Kind: Binary}, text: string(b)}, err == nil
}

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
	datePattern   = regexp.MustCompile(`^\+?(\d{4,7})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T].*)?)?)?$`)
	timePattern   = regexp.MustCompile(`^(\+?\d{4,6}(?:-\d{1,2}(?:-\d{1,2})?)?)$|^(\+?\d{4,6}-\d{1,2}-\d{1,2})[ T](\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?)?$`)
	// zonePattern parts a time with seconds from its zone.
	zonePattern = regexp.MustCompile(`^(\S+[ T]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d*)?) ?([A-Za-z+-].*)$`)
	// offsetPattern is an offset from UTC as a zone is written.
	offsetPattern = regexp.MustCompile(`^(?:UTC|GMT|UT)?([+-])(?:(\d{2})(\d{2})(\d{2})?|(\d{1,2})(?::(\d{1,2})|:(\d{2}):(\d{2}))?)$`)
)

const (
	secondMicros = int64(1_000_000)
	dayMicros    = 86400 * secondMicros
)

// dateConstant reads yyyy[-M[-d]]; what follows a day and a blank does not count.
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

// timestampConstant reads a date, a time and an offset from UTC. Digits after
// the microsecond are cut.
func timestampConstant(text string) (constant, bool) {
	text = strings.TrimSpace(text)
	offset, known := int64(0), true
	if m := zonePattern.FindStringSubmatch(text); m != nil {
		text = m[1]
		offset, known = zoneOffset(m[2])
	}
	m := timePattern.FindStringSubmatch(text)
	if m == nil || !known {
		return constant{}, false
	}
	date, ok := dateConstant(m[1] + m[2])
	hour, minute, second := atoi(m[3], 0), atoi(m[4], 0), atoi(m[5], 0)
	micros := atoi((m[6] + "000000")[:6], 0)
	total := date.number*dayMicros + (int64(hour)*3600+int64(minute)*60+int64(second)-offset)*secondMicros + int64(micros)
	return constant{typ: Type{Kind: Timestamp}, number: total}, ok && hour < 24 && minute < 60 && second < 60 && date.number < 106_000_000
}

// zoneOffset returns the seconds that a zone is ahead of UTC.
func zoneOffset(zone string) (int64, bool) {
	switch zone {
	case "Z", "UTC", "GMT", "UT":
		return 0, true
	case "EST", "MST", "HST": // without summer time, as Java has them
		return map[string]int64{"EST": -5, "MST": -7, "HST": -10}[zone] * 3600, true
	}
	m := offsetPattern.FindStringSubmatch(zone)
	if m == nil {
		return 0, false
	}
	hours, minutes, seconds := atoi(m[2]+m[5], 0), atoi(m[3]+m[6]+m[7], 0), atoi(m[4]+m[8], 0)
	offset := int64(hours)*3600 + int64(minutes)*60 + int64(seconds)
	ok := offset <= 18*3600 && minutes < 60 && seconds < 60
	if m[1] == "-" {
		offset = -offset
	}
	return offset, ok
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

// noZone cuts the zone off a text of a time.
func noZone(text string) string {
	if m := zonePattern.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return text
}
