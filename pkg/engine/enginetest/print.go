// Package enginetest is what every engine is tested against: expressions with
// rows and the answers that Spark gives, and values printed as Spark prints
// them.
package enginetest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mlpdev/mlp/pkg/sql"
)

// Print returns a value of a type as Spark's command line prints it: NULL,
// true, 1, 1.0E10, 2020-01-02 03:04:05.5, [1,null], {"a":1}. Values are nil, bool,
// integers, float32, float64, string, []byte, time.Time and []any; a decimal is the
// string of its digits, an interval a number of months or microseconds, or a
// list of months, days and microseconds, a struct the list of its fields, and a map that of
// its entries, of which Spark prints the smallest text first.
func Print(v any, t sql.Type) string {
	if v == nil {
		return "NULL"
	}
	return printValue(v, t)
}

func printValue(v any, t sql.Type) string {
	switch x := v.(type) {
	case int32:
		return printInteger(int64(x), t)
	case int64:
		return printInteger(x, t)
	case []any:
		if t.Kind == sql.Interval {
			return printCalendar(x)
		}
		return printList(x, t)
	case []byte:
		return printBytes(x)
	case float64:
		if t.Kind == sql.Float {
			return printFloat(x, 32)
		}
		return printFloat(x, 64)
	case float32:
		return printFloat(float64(x), 32)
	case time.Time:
		return printTime(x, t)
	}
	return fmt.Sprint(v)
}

func printList(list []any, t sql.Type) string {
	if t.Kind == sql.Map {
		return printMap(list, t)
	}
	parts := make([]string, len(list))
	for i, e := range list {
		if t.Kind == sql.Struct {
			parts[i] = `"` + t.Fields[i].Name + `":` + printElement(e, t.Fields[i].Type)
		} else {
			parts[i] = printElement(e, *t.Elem)
		}
	}
	text := strings.Join(parts, ",")
	if t.Kind == sql.Struct {
		return "{" + text + "}"
	}
	return "[" + text + "]"
}

// printMap prints the entries in order. A map that from_json reads may hold a
// key twice; Spark shows the last one.
func printMap(list []any, t sql.Type) string {
	values := map[string]string{}
	for _, e := range list {
		entry := e.([]any)
		values[printElement(entry[0], *t.Key)] = printElement(entry[1], *t.Elem)
	}
	var parts []string
	for key, value := range values {
		parts = append(parts, key+":"+value)
	}
	slices.Sort(parts)
	return "{" + strings.Join(parts, ",") + "}"
}

// printElement prints what stands inside another value.
func printElement(v any, t sql.Type) string {
	if v == nil {
		return "null"
	}
	if s, ok := v.(string); ok && t.Kind == sql.String {
		return `"` + s + `"`
	}
	return printValue(v, t)
}

// printBytes prints U+FFFD for what is no text: one for the beginning of a
// character, of which the rest is missing, else one for each byte.
func printBytes(x []byte) string {
	var b strings.Builder
	for len(x) > 0 {
		r, size := utf8.DecodeRune(x)
		if r == utf8.RuneError && size == 1 {
			for size < len(x) && size < 3 && begins(x[:size+1]) {
				size++
			}
		}
		b.WriteRune(r)
		x = x[size:]
	}
	return b.String()
}

// begins reports whether bytes are the first ones of a longer character, or half
// of a pair.
func begins(x []byte) bool {
	if x[0] == 0xed && x[1] >= 0xa0 && x[1] <= 0xbf {
		return len(x) == 2 || x[2]&0xc0 == 0x80
	}
	for _, rest := range []string{"\x80", "\x80\x80"} {
		if utf8.Valid(append(slices.Clone(x), rest...)) {
			return true
		}
	}
	return false
}

func printInteger(n int64, t sql.Type) string {
	switch t.Kind {
	case sql.YearMonth:
		return printMonths(n)
	case sql.DayTime:
		return printMicros(n)
	}
	return strconv.FormatInt(n, 10)
}

// printMonths prints an interval of years and months: -1-2.
func printMonths(n int64) string {
	text := fmt.Sprintf("%d-%d", max(n, -n)/12, max(n, -n)%12)
	if n < 0 {
		return "-" + text
	}
	return text
}

// printCalendar prints an interval of months, days and microseconds, without
// the units of which it has none: 1 years 2 months -0.5 seconds.
func printCalendar(x []any) string {
	var n [3]int64
	for i := range n {
		switch part := x[i].(type) {
		case int32:
			n[i] = int64(part)
		case int64:
			n[i] = part
		}
	}
	months, days, micros := n[0], n[1], n[2]
	var parts []string
	for _, p := range []struct {
		n    int64
		unit string
	}{{months / 12, "years"}, {months % 12, "months"}, {days, "days"}, {micros / 3_600_000_000, "hours"}, {micros / 60_000_000 % 60, "minutes"}} {
		if p.n != 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.unit))
		}
	}
	if rest := micros % 60_000_000; rest != 0 || len(parts) == 0 {
		text := strconv.FormatFloat(float64(rest)/1e6, 'f', 6, 64)
		parts = append(parts, strings.TrimRight(strings.TrimRight(text, "0"), ".")+" seconds")
	}
	return strings.Join(parts, " ")
}

// printMicros prints an interval of days and shorter units: 1 02:03:04.500000000.
func printMicros(n int64) string {
	sign, size := "", uint64(n)
	if n < 0 {
		sign, size = "-", -size
	}
	seconds := size / 1_000_000
	return fmt.Sprintf("%s%d %02d:%02d:%02d.%06d000", sign, seconds/86400, seconds/3600%24, seconds/60%60, seconds%60, size%1_000_000)
}

func printTime(x time.Time, t sql.Type) string {
	layout := "-01-02 15:04:05.999999"
	if t.Kind == sql.Date {
		layout = "-01-02"
	}
	x = x.UTC()
	year := fmt.Sprintf("%04d", max(x.Year(), -x.Year()))
	switch {
	case x.Year() > 9999:
		year = "+" + year
	case x.Year() < 0:
		year = "-" + year
	}
	return year + x.Format(layout)
}

// printFloat prints as Java does: plain from 0.001 to 10,000,000, else with
// one digit before the point and an exponent.
func printFloat(x float64, bits int) string {
	switch a := math.Abs(x); {
	case math.IsNaN(x):
		return "NaN"
	case math.IsInf(x, 0):
		return strings.Replace(strconv.FormatFloat(x, 'g', -1, 64), "Inf", "Infinity", 1)[boolToInt(x > 0):]
	case a != 0 && (a < 1e-3 || a >= 1e7):
		digits, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'e', -1, bits), "e")
		if !strings.Contains(digits, ".") {
			digits += ".0"
		}
		n, err := strconv.Atoi(exponent)
		if err != nil {
			return digits + "e" + exponent
		}
		return digits + "E" + strconv.Itoa(n)
	}
	text := strconv.FormatFloat(x, 'f', -1, bits)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Equal reports whether two printed values of a type are the same. Floating
// numbers may differ by 1e-12 of their size: Java does not always print the
// shortest digits, and sums may be taken in another order.
func Equal(want, got string, t sql.Type) bool {
	if want == got {
		return true
	}
	switch {
	case t.Kind == sql.Array && t.Elem.Kind == sql.Double:
		a, b := strings.Split(strings.Trim(want, "[]"), ","), strings.Split(strings.Trim(got, "[]"), ",")
		for i := range a {
			if len(a) != len(b) || !Equal(a[i], b[i], *t.Elem) {
				return false
			}
		}
		return true
	case t.Kind != sql.Double && t.Kind != sql.Float:
		return false
	}
	a, errA := strconv.ParseFloat(want, 64)
	b, errB := strconv.ParseFloat(got, 64)
	return errA == nil && errB == nil && !math.IsInf(a-b, 0) && math.Abs(a-b) <= 1e-12*math.Max(math.Abs(a), math.Abs(b))
}
