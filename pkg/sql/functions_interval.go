package sql

import (
	"fmt"
	"strings"
)

// intervalFunctions make intervals of numbers, and count by them. What is out
// of range is NULL.
func intervalFunctions() []*function {
	about := func(name, doc, example string, aliases ...string) Function {
		return Function{Name: name, Aliases: aliases, Doc: doc, Example: example}
	}
	n := func(name string) param { return takes(name, smalls).opt() }
	seconds := takes("seconds", numbers).opt()
	instant := takes("t", anything)
	unit := takes("unit", texts).fixed()
	return []*function{
		{Function: about("make_ym_interval", "An interval of years and months.", "make_ym_interval(1, 2)"),
			params: []param{n("years"), n("months")}, result: wholeInterval(YearMonth), render: renderSum12},
		{Function: about("make_dt_interval", "An interval of days, hours, minutes and seconds, which may have a fraction.", "make_dt_interval(1, 12, 30, 01.001001)"),
			params: []param{n("days"), n("hours"), n("minutes"), seconds}, settle: settleMakeInterval(3, wholeInterval(DayTime)),
			render: func(r *renderer, t *term) string {
				return fit(t.typ, r.units(t.args, 86400*secondMicros, 3600*secondMicros, 60*secondMicros, secondMicros))
			}, copies: 3},
		{Function: about("make_interval", "An interval of years, months, weeks, days, hours, minutes and seconds, which may have a fraction. It has no order.", "make_interval(100, 11, 1, 1, 12, 30, 01.001001)", "try_make_interval"),
			params: []param{n("years"), n("months"), n("weeks"), n("days"), n("hours"), n("minutes"), seconds}, settle: settleMakeInterval(6, Type{Kind: Interval}),
			render: renderMakeInterval, copies: 4},
		{Function: about("timestampadd", "The time n units later; a month later is the last day where it has no such day. The unit is YEAR, QUARTER, MONTH, WEEK, DAY, DAYOFYEAR, HOUR, MINUTE, SECOND, MILLISECOND or MICROSECOND, without quotes: timestampadd(HOUR, 5, t), also written dateadd.", "timestampadd(HOUR, 5, TIMESTAMP '2020-02-29 23:00:00')"),
			params: []param{unit, takes("n", integers), instant}, rewrite: rewriteTimestampAdd},
		{Function: about("timestampdiff", "How many whole units lie between two times, in units of timestampadd: timestampdiff(DAY, start, end), also written datediff.", "timestampdiff(DAY, TIMESTAMP '2020-01-31', TIMESTAMP '2020-02-29')", "timediff"),
			params: []param{unit, takes("start", instants), takes("end", instants)}, settle: settleTimestampDiff, render: renderTimestampDiff, copies: 20},
	}
}

func renderSum12(r *renderer, t *term) string { return fit(t.typ, r.units(t.args, 12, 1)) }

// units renders the sum of numbers of units as a HUGEINT. The last may be a
// decimal with six digits, of microseconds.
func (r *renderer) units(args []*term, sizes ...int64) string {
	sum := []string{"0::HUGEINT"}
	for i, a := range args {
		x := r.term(a)
		if a.typ.Kind == Decimal {
			sum = append(sum, unscaled(x, a.typ))
			continue
		}
		sum = append(sum, fmt.Sprintf("%s::HUGEINT * %d", x, sizes[i]))
	}
	return "(" + strings.Join(sum, " + ") + ")"
}

// settleMakeInterval takes the seconds, which are argument i, as a decimal with
// six digits, as Spark does.
func settleMakeInterval(i int, result Type) func(k *call) (Type, bool) {
	return func(k *call) (Type, bool) {
		if len(k.args) == 0 && k.node.text == "try_make_interval" {
			k.errorf(k.node, "wrong-argument-count", "try_make_interval takes 1 to 7 arguments, not 0")
			return Type{}, false
		}
		if len(k.args) > i {
			k.args[i] = castTerm(k.args[i], decimalType(18, 6))
		}
		return result, true
	}
}

func renderMakeInterval(r *renderer, t *term) string {
	args := t.args
	part := func(from, to int, sizes ...int64) string {
		return r.units(args[min(from, len(args)):min(to, len(args))], sizes...)
	}
	return fmt.Sprintf("s_ci(s_fit32(%s), s_fit32(%s), s_fit64(%s))", part(0, 2, 12, 1), part(2, 4, 7, 1), part(4, 7, 3600*secondMicros, 60*secondMicros, secondMicros))
}

// timeUnits are the units that times are counted in; each is a number of months
// or of microseconds.
func timeUnits(word string) (months, micros int64, ok bool) {
	switch strings.ToUpper(word) {
	case "YEAR":
		return 12, 0, true
	case "QUARTER":
		return 3, 0, true
	case "MONTH":
		return 1, 0, true
	case "WEEK":
		return 0, 7 * dayMicros, true
	case "DAY", "DAYOFYEAR":
		return 0, dayMicros, true
	case "HOUR":
		return 0, 3600 * secondMicros, true
	case "MINUTE":
		return 0, 60 * secondMicros, true
	case "SECOND":
		return 0, secondMicros, true
	case "MILLISECOND":
		return 0, 1000, true
	case "MICROSECOND":
		return 0, 1, true
	}
	return 0, 0, false
}

// unit returns the unit that the first argument names.
func (k *call) unit() (months, micros int64, ok bool) {
	word, ok := k.text(0)
	if !ok {
		return 0, 0, false
	}
	if months, micros, ok = timeUnits(word); !ok {
		k.errorAt(0, "bad-constant", "%q is not a unit of time", word).
			Hintf("YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND, MILLISECOND or MICROSECOND")
	}
	return months, micros, ok
}

// rewriteTimestampAdd adds a multiple of an interval. A date becomes a time.
func rewriteTimestampAdd(k *call) *term {
	months, micros, ok := k.unit()
	if !ok {
		return nil
	}
	to, fits := instants.convert(k.args[2].typ)
	if !fits {
		k.errorAt(2, "wrong-argument-type", "argument 3 of %s is %s, not a timestamp", k.node.text, withArticle(k.args[2].typ))
		return nil
	}
	if k.args[2].typ.Kind == TimestampNTZ {
		to = k.args[2].typ
	}
	k.args[2] = castTerm(k.args[2], to)
	k.note(k.node, k.args[2:])
	one := constant{typ: wholeInterval(DayTime), number: micros}
	if months > 0 {
		one = constant{typ: wholeInterval(YearMonth), number: months}
	}
	by := k.build(k.node, "multiply_interval", one.typ, constantTerm(one, k.args[0].at), k.args[1])
	return k.addInterval(k.node, k.args[2], by)
}

func settleTimestampDiff(k *call) (Type, bool) {
	_, _, ok := k.unit()
	return Type{Kind: BigInt}, ok
}

func renderTimestampDiff(r *renderer, t *term) string {
	word, _ := t.args[0].text()
	months, micros, _ := timeUnits(word)
	if months > 0 {
		return r.expand(fmt.Sprintf("(s_month_diff(s_utc($2), s_utc($3)) // %d)", months), t)
	}
	return r.expand(fmt.Sprintf("s_fit64((epoch_us($3)::HUGEINT - epoch_us($2)) // %d)", micros), t)
}

// settleMeasure takes numbers, or intervals of one kind for the number that they
// are.
func settleMeasure(result Type) func(k *call) (Type, bool) {
	return func(k *call) (Type, bool) {
		for i, a := range k.args {
			if first := k.args[0].typ.Kind; k.param(i).accept == measures && a.typ.Kind != first && (a.typ.interval() || first == YearMonth || first == DayTime) {
				k.errorAt(i, "type-mismatch", "argument %d of %s is %s, beside %s", i+1, k.node.text, withArticle(a.typ), withArticle(k.args[0].typ))
				return Type{}, false
			}
		}
		for i, a := range k.args {
			if a.typ.interval() {
				k.args[i] = k.build(k.node, "number_of", Type{Kind: Double}, a)
			}
		}
		return result, true
	}
}

// percentileInterval renders a percentile of intervals as Spark computes it, in
// doubles of which the fraction is cut. sorted is the list of them.
func percentileInterval(t Type, sorted string, parts []*term, discrete bool) string {
	macro, whole := "s_interpolated", "s_dbl2long"
	if discrete {
		macro = "s_disc"
	}
	elem := t
	if t.Kind == Array {
		elem = t.elem()
	}
	if elem.Kind == YearMonth {
		whole = "s_dbl2int"
	}
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = fmt.Sprintf("%s(%s(%s, %s)::DOUBLE)", whole, macro, sorted, p.value.duckdb())
	}
	if t.Kind != Array {
		return texts[0]
	}
	return fmt.Sprintf("(CASE WHEN len(%s) > 0 THEN [%s] END)", sorted, strings.Join(texts, ", "))
}

// percentileRepeats counts the copies of argument i of a percentile.
func percentileRepeats(i int) func(args []*term) int {
	return func(args []*term) int {
		n := 1
		for _, a := range args {
			n = max(n, len(a.args))
		}
		if args[i].typ.interval() {
			return 64 * n
		}
		return 4*n + 2
	}
}

// percentileType returns the type of a percentile: intervals in all their units,
// and doubles of everything else.
func percentileType(x Type) Type {
	if x.interval() {
		return wholeInterval(x.Kind)
	}
	return Type{Kind: Double}
}

// sortedList renders the values of a group that are not NULL, sorted.
func (r *renderer) sortedList(t, x *term, direction string) string {
	text := r.term(x)
	return fmt.Sprintf("list_sort(list(%s)%s, '%s', 'NULLS LAST')", text, r.filter(t, text+" IS NOT NULL"), direction)
}

// sequenceOfTimes types a sequence of dates or times by steps of an interval.
func (k *call) sequenceOfTimes() (Type, bool) {
	common := widerTime(k.args[0].typ, k.args[0].typ)
	if k.args[1].typ.timed() {
		common = widerTime(k.args[0].typ, k.args[1].typ)
	} else if k.args[1].typ.Kind != Void {
		k.errorAt(1, "wrong-argument-type", "argument 2 of sequence is %s, not a date or a timestamp", withArticle(k.args[1].typ))
		return Type{}, false
	}
	step := constantTerm(constant{typ: intervalOf(Day, Day), number: dayMicros}, k.node.at())
	if len(k.args) == 3 {
		step = k.args[2]
	}
	if !step.typ.interval() {
		d := k.errorAt(len(k.args)-1, "wrong-argument-type", "argument 3 of sequence is %s, not an interval of one kind", withArticle(step.typ))
		d.Hintf("INTERVAL 1 MONTH, INTERVAL 7 DAYS, or make_dt_interval(…)")
		return Type{}, false
	}
	for i := range 2 {
		k.args[i] = castTerm(k.args[i], common)
	}
	k.note(k.node, k.args)
	if len(k.args) == 3 {
		k.note(k.node.args[2], k.args[2:])
		k.args[2] = castTerm(step, wholeInterval(step.typ.Kind))
	}
	return arrayOf(common), true
}

func renderSequenceOfTimes(r *renderer, t *term) string {
	elem := t.typ.elem()
	micros := func(i int) string { return "epoch_us(" + r.term(t.args[i]) + ")" }
	back := map[Kind]string{Date: "s_utc(s_ts(_s_x))::DATE", Timestamp: "s_ts(_s_x)", TimestampNTZ: "s_ntz(_s_x)"}[elem.Kind]
	if elem.Kind == Date {
		micros = func(i int) string { return "epoch_us(s_date2ts(" + r.term(t.args[i]) + "))" }
	}
	if len(t.args) == 3 && t.args[2].typ.Kind == YearMonth {
		step := r.term(t.args[2])
		if elem.Kind == Date { // by no step, not even from a date to itself
			step = "s_nonzero(" + step + ")"
		}
		return fmt.Sprintf("list_transform(s_month_sequence(%s, %s, %s), lambda _s_x: %s)::%s", micros(0), micros(1), step, back, t.typ.DuckDB())
	}
	step := fmt.Sprintf("(CASE WHEN %s <= %s THEN %d ELSE -%d END)::BIGINT", micros(0), micros(1), dayMicros, dayMicros)
	if len(t.args) == 3 {
		step = r.term(t.args[2])
		if elem.Kind == Date { // of less than a day there are none
			step = fmt.Sprintf("(CASE WHEN abs(%s::HUGEINT) >= %d THEN %s END)", step, dayMicros, step)
		}
	}
	return fmt.Sprintf("list_transform(s_sequence(%s, %s, %s), lambda _s_x: %s)::%s", micros(0), micros(1), step, back, t.typ.DuckDB())
}
