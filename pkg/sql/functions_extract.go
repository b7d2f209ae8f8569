package sql

import (
	"fmt"
	"strings"
)

// extractField returns Spark's name of a part of a time or an interval.
func extractField(word string) string {
	switch strings.ToUpper(word) {
	case "YEAR", "Y", "YEARS", "YR", "YRS":
		return "year"
	case "MONTH", "MON", "MONS", "MONTHS":
		return "month"
	case "DAY", "D", "DAYS":
		return "day"
	case "HOUR", "H", "HOURS", "HR", "HRS":
		return "hour"
	case "MINUTE", "M", "MIN", "MINS", "MINUTES":
		return "minute"
	case "SECOND", "S", "SEC", "SECONDS", "SECS":
		return "second"
	case "QUARTER", "QTR":
		return "quarter"
	case "WEEK", "W", "WEEKS":
		return "weekofyear"
	case "DAYOFWEEK", "DOW":
		return "dayofweek"
	case "DAYOFWEEK_ISO", "DOW_ISO":
		return "dayofweek_iso"
	case "DOY":
		return "dayofyear"
	case "YEAROFWEEK":
		return "yearofweek"
	}
	return ""
}

// rewriteDatePart takes a part of a time, which another function may give, or
// of an interval.
func rewriteDatePart(k *call) *term {
	word, _ := k.text(0)
	field, x := extractField(word), k.args[1]
	if x.typ.anyInterval() {
		return k.intervalPart(word, field)
	}
	if _, fits := instants.convert(x.typ); !fits {
		k.errorAt(1, "wrong-argument-type", "argument 2 of %s is %s, not a timestamp or an interval", k.node.text, withArticle(x.typ))
		return nil
	}
	integer := Type{Kind: Int}
	switch field {
	case "":
		k.errorAt(0, "bad-constant", "%q is not a part of a time", word).
			Hintf("YEAR, QUARTER, MONTH, WEEK, YEAROFWEEK, DAY, DAYOFWEEK, DAYOFWEEK_ISO, DOY, HOUR, MINUTE or SECOND")
		return nil
	case "second":
		return k.build(k.node, "seconds", decimalType(8, 6), castTerm(x, Type{Kind: Timestamp}))
	case "dayofweek_iso", "yearofweek":
		return k.build(k.node, field, integer, castTerm(x, Type{Kind: Date}))
	}
	return k.settle(&call{checker: k.checker, node: k.node, fn: k.functions[field], args: k.args[1:]}, nil)
}

// intervalPart types a part of an interval: a unit that it is written in.
func (k *call) intervalPart(word, field string) *term {
	typ := k.args[1].typ
	unit, ok := unitOf(field)
	if field == "" || !ok || typ.interval() && (unit < typ.First || unit > typ.Last) {
		var units []string
		for u := Year; u <= Second; u++ {
			if !typ.interval() || u >= typ.First && u <= typ.Last {
				units = append(units, strings.ToUpper(u.String()))
			}
		}
		k.errorAt(0, "bad-constant", "%q is not a part of %s", word, withArticle(typ)).Hintf("%s", strings.Join(units, ", "))
		return nil
	}
	result := map[Unit]Type{Year: {Kind: Int}, Day: {Kind: Int}, Second: decimalType(8, 6)}[unit]
	if result.Kind == Void {
		result = Type{Kind: TinyInt}
	}
	return k.build(k.node, "interval_part", result, constantTerm(stringConstant(field), k.args[0].at), k.args[1])
}

func renderIntervalPart(r *renderer, t *term) string {
	field, _ := t.args[0].text()
	unit, _ := unitOf(field)
	x := r.term(t.args[1])
	if t.args[1].typ.Kind == Interval {
		if unit == Day {
			return fmt.Sprintf("s_fit32(struct_extract(%[1]s, 'f1')::BIGINT + struct_extract(%[1]s, 'f2') // %[2]d)", x, dayMicros)
		}
		x = fmt.Sprintf("struct_extract(%s, '%s')", x, map[bool]string{true: "f0", false: "f2"}[unit.months()])
	}
	switch unit {
	case Year, Day:
		return fmt.Sprintf("(%s // %d)::INTEGER", x, unit.size())
	case Second:
		return multiplied(fmt.Sprintf("(%s %% 60000000)", x), decimalType(8, 0), smallestDecimal(6), decimalType(6, 6)) + "::DECIMAL(8,6)"
	}
	return fmt.Sprintf("(%s // %d %% %d)::TINYINT", x, unit.size(), (unit-1).size()/unit.size())
}

func renderSeconds60(r *renderer, t *term) string {
	micros := r.expand("((epoch_us($1) % 60000000 + 60000000) % 60000000)", t)
	return multiplied(micros, decimalType(8, 0), smallestDecimal(6), decimalType(6, 6)) + "::DECIMAL(8,6)"
}
