package sql

import (
	"fmt"
	"strings"
)

// The first and the last time that every engine has a value for.
const (
	firstMicros = -9223372022400000000
	lastMicros  = 9223372036854775806
)

// everyTime is the condition that microseconds are of a time between these.
const everyTime = "BETWEEN -9223372022400000000 AND 9223372036854775806"

// timeGuard leaves out times that not every engine has a value for, and those
// that Spark ends at.
const timeGuard = "CASE WHEN unix_micros($@) " + everyTime + " THEN $@ END"

// withinTimes is a time that is NULL where not every engine has a value for it.
const withinTimes = "CASE WHEN unix_micros(CAST($1 AS TIMESTAMP)) " + everyTime + " THEN $1 END"

// longText is from how many bytes on an operand is written once, as a variable of
// a lambda: what stands in it would double with each step otherwise.
const longText = 300

// filled writes a template about one operand.
func filled(template, x string) string {
	if len(x) <= longText {
		return strings.ReplaceAll(template, "$1", x)
	}
	return once("_g", x, strings.ReplaceAll(template, "$1", "_g"))
}

// once writes a text in which a variable stands for another one.
func once(variable, x, in string) string {
	return "get(transform(array(" + x + "), " + variable + " -> " + in + "), 0)"
}

// shiftGuard leaves out times that are not a day away from the first or the last.
const shiftGuard = "CASE WHEN unix_micros(CAST($1 AS TIMESTAMP)) BETWEEN -9223371936000000000 AND 9223371950454775806 THEN $@ END"

// degreeGuard wants a degree of a norm that there is.
const degreeGuard = "CASE WHEN $2 IN (1, 2, float('infinity')) THEN $@ END"

// leastInterval writes the least interval of a kind, which has no opposite.
func leastInterval(t Type) string {
	if t.Kind == YearMonth {
		return "INTERVAL '-178956970-8' YEAR TO MONTH"
	}
	return "INTERVAL '-106751991 04:00:54.775808' DAY TO SECOND"
}

// guardWindow writes a window of those that follow one another: Spark's function
// would leave out the rows that have none. Those that overlap are a generator's.
func guardWindow(first Type, n *node) string {
	var constants [3]int64 // size, slide, start
	for i, a := range n.args[1:] {
		sum := intervalSum{}
		if !sum.addText(a.value.text) {
			return ""
		}
		value, _ := sum.value()
		constants[i] = value.number
	}
	size, start := constants[0], constants[2]
	if first.Kind != TimestampNTZ {
		first = Type{Kind: Timestamp}
	}
	bound := func(at string) string { return "CAST(timestamp_micros(" + at + ") AS " + first.String() + ")" }
	return once("_s_w", lastWindow("unix_micros(CAST($1 AS TIMESTAMP))", size, start),
		fmt.Sprintf("CASE WHEN %s THEN named_struct('start', %s, 'end', %s) END", withinYears(size), bound("_s_w"), bound(fmt.Sprintf("_s_w + %d", size))))
}

// sequenceOfTimes is the template for a sequence of times: a step towards the end,
// of a day at least between dates, and fewer than 10,000 of them.
func (w *sparkWriter) sequenceOfTimes(n *node) string {
	wide := func(x string) string { return "CAST(unix_micros(CAST(" + x + " AS TIMESTAMP)) AS DECIMAL(20, 0))" }
	if len(n.args) == 2 {
		return fmt.Sprintf("CASE WHEN abs(%s - %s) < %d THEN $@ END", wide("$2"), wide("$1"), 10000*int64(dayMicros))
	}
	const none = "try_multiply($3, 0)"
	toward := fmt.Sprintf("$3 > %[1]s AND $1 <= $2 OR $3 < %[1]s AND $1 >= $2", none)
	dates, months := w.types[n].Kind == Date, w.types[n.args[2]].Kind == YearMonth
	steps := fmt.Sprintf("abs(%s - %s) < abs(CAST(extract(DAY FROM %[3]s) AS DECIMAL(20, 0)) * %[4]d + extract(HOUR FROM %[3]s) * %[5]d + extract(MINUTE FROM %[3]s) * 60000000 + CAST(extract(SECOND FROM %[3]s) * 1000000 AS BIGINT)) * 10000",
		wide("$2"), wide("$1"), "CAST($3 AS INTERVAL DAY TO SECOND)", int64(dayMicros), int64(3600*secondMicros))
	if months {
		const step = "CAST($3 AS INTERVAL YEAR TO MONTH)"
		steps = "abs((year($2) - year($1)) * 12 + month($2) - month($1)) < abs(CAST(extract(YEAR FROM " + step + ") AS BIGINT) * 12 + extract(MONTH FROM " + step + ")) * 10000"
	}
	switch {
	case !dates:
		return fmt.Sprintf("CASE WHEN $3 = %s AND $1 = $2 OR (%s) AND %s THEN $@ END", none, toward, steps)
	case !months:
		toward = "($3 >= INTERVAL '1' DAY OR $3 <= INTERVAL '-1' DAY) AND (" + toward + ")"
	}
	return fmt.Sprintf("CASE WHEN (%s) AND %s THEN $@ END", toward, steps)
}

// guardTimestampAdd adds a number of units to a time of a type.
func guardTimestampAdd(time Type, n *node) string {
	unit := map[string]string{"YEAR": "'1' YEAR", "QUARTER": "'3' MONTH", "MONTH": "'1' MONTH", "WEEK": "'7' DAY", "DAY": "'1' DAY", "DAYOFYEAR": "'1' DAY", "HOUR": "'1' HOUR",
		"MINUTE": "'1' MINUTE", "SECOND": "'1' SECOND", "MILLISECOND": "'0.001' SECOND", "MICROSECOND": "'0.000001' SECOND"}[strings.ToUpper(n.args[0].value.text)]
	return filled(withinTimes, "try_add(CAST($3 AS "+time.String()+"), try_multiply(INTERVAL "+unit+", CAST($2 AS BIGINT)))")
}

// guardsOf finds what is converted, and what counts days: what the result has no
// value for is NULL, where Spark would fail, end at the last value, or take today.
func guardsOf(root *term) guards {
	out := guards{}
	root.walk(func(t *term) {
		switch {
		case t.fn == castFunction && t.args[0].fn == castFunction && t.args[0].at == t.args[0].args[0].at: // two steps from what is written
		case t.fn == castFunction:
			if guard := conversionGuard(t.args[0].typ, t.typ); guard != "" {
				out.add(t.args[0].at, guard)
			}
		case t.fn != nil && (t.fn.Name == "date_add" || t.fn.Name == "date_sub" || t.fn.Name == "date_from_unix_date"):
			out.add(t.at, "CASE WHEN unix_date($1) BETWEEN -2147483646 AND 2147483646 THEN $1 END")
		}
	})
	return out
}

// add puts a guard within one that is there for the same part.
func (g guards) add(at offsets, guard string) {
	if outer := g[at]; outer != "" && outer != guard {
		guard = strings.ReplaceAll(outer, "$1", "("+guard+")")
	}
	g[at] = guard
}

func conversionGuard(from, to Type) string {
	switch {
	case from.Kind == Binary && to.Kind == String:
		return "CASE WHEN is_valid_utf8($1) THEN $1 END"
	case to.Kind != Timestamp && to.Kind != TimestampNTZ:
	case from.Kind == String: // a time alone is one of today
		return `CASE WHEN NOT $1 RLIKE '^[\\x00-\\x20]*(T|[0-9]+:)' THEN $1 END`
	case from.Kind == Date:
		return fmt.Sprintf("CASE WHEN unix_date($1) BETWEEN %[1]d AND %[2]d THEN $1 END", firstMicros/dayMicros, lastMicros/dayMicros)
	case from.Numeric():
		return fmt.Sprintf("CASE WHEN $1 BETWEEN %d AND %d THEN $1 END", firstMicros/secondMicros, lastMicros/secondMicros)
	}
	return ""
}
