package sql

import (
	"fmt"
	"strings"
)

// calendarFunctions compute with days and months.
func calendarFunctions() []*function {
	date, str, double := Type{Kind: Date}, Type{Kind: String}, Type{Kind: Double}
	d, n := takes("d", dates), takes("n", smalls)
	number := func(name string) param { return takes(name, smalls) }
	about := func(name, doc, example string, aliases ...string) Function {
		return Function{Name: name, Aliases: aliases, Doc: doc, Example: example}
	}
	return []*function{
		{Function: Function{Name: "add_months", Doc: "The date n months later; the last day of the month where it has no such day.", Example: "add_months('2016-08-31', 1)", Epoch: 2},
			params: []param{d, n}, result: date, sql: "s_months($1, $2)", copies: 4},
		{Function: about("months_between", "The months from the second time to the first, with a fraction of 31 days; rounded to 8 digits unless said otherwise.", "months_between('1997-02-28 10:30:00', '1996-10-30')"),
			params: []param{takes("end", instants), takes("start", instants), takes("round", booleans).opt().fixed()}, result: double, render: renderMonthsBetween, copies: 8},
		{Function: about("next_day", "The next date after d that is a day of the week, of which the name is a constant: 'MO', 'MON' or 'MONDAY'.", "next_day('2015-01-14', 'TU')"),
			params: []param{d, takes("day", texts).fixed()}, settle: settleNextDay, render: renderNextDay, copies: 3},
		{Function: about("trunc", "The date cut down to a constant unit: 'YEAR', 'QUARTER', 'MONTH' or 'WEEK'.", "trunc('2019-08-04', 'week')"),
			params: []param{d, takes("unit", texts).fixed()}, settle: settleTrunc, render: renderTrunc, copies: 3},
		{Function: about("make_date", "The date of a year, month and day; NULL where there is none.", "make_date(2013, 7, 15)"),
			params: []param{number("year"), number("month"), number("day")}, result: date, sql: "s_make_date($1, $2, $3)", copies: 4},
		{Function: about("make_timestamp", "The time of a year, month, day, hour, minute and second, which may have a fraction, in UTC or a constant zone; or of a date alone. NULL where there is none.", "make_timestamp(2014, 12, 28, 6, 30, 45.887)", "make_timestamp_ltz", "try_make_timestamp", "try_make_timestamp_ltz"),
			params: []param{takes("year", anything), number("month").opt(), number("day").opt(), number("hour").opt(), number("minute").opt(), takes("second", numbers).only().opt(), takes("zone", texts).fixed().opt()},
			settle: settleMakeTimestamp, render: renderMakeTimestamp, copies: 32},
		{Function: about("make_timestamp_ntz", "The time without a zone, as make_timestamp.", "make_timestamp_ntz(2014, 12, 28, 6, 30, 45.887)", "try_make_timestamp_ntz"),
			params: []param{number("year"), number("month"), number("day"), number("hour"), number("minute"), takes("second", numbers).only()},
			settle: func(k *call) (Type, bool) {
				_, ok := settleMakeTimestamp(k)
				return Type{Kind: TimestampNTZ}, ok
			}, sql: "s_utc(s_make_ts($1, $2, $3, $4, $5, $6))", copies: 8},
		{Function: about("date_from_unix_date", "The date so many days after 1970-01-01.", "date_from_unix_date(1)"),
			params: []param{n}, result: date, sql: "s_days2date($1::BIGINT)", copies: 2},
		{Function: about("dayname", "The day of the week: Mon to Sun.", "dayname(DATE('2008-02-20'))"),
			params: []param{d}, result: str, short: true, sql: "list_extract(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'], isodow($1))"},
		{Function: about("monthname", "The month: Jan to Dec.", "monthname(DATE('2008-02-20'))"),
			params: []param{d}, result: str, short: true, sql: "list_extract(['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'], month($1))"},
	}
}

func renderMonthsBetween(r *renderer, t *term) string {
	between := r.once("s_months_between(s_utc($1), s_utc($2))", &term{args: t.args[:2]})
	if len(t.args) == 3 {
		if v := t.args[2].value; v.typ.Kind == Void {
			return "NULL::DOUBLE"
		} else if v.number == 0 {
			return between
		}
	}
	return fmt.Sprintf("s_round(%s, 8)", between)
}

// weekday returns the number of a day of the week from Monday, 1, in Spark's
// spellings; 0 is none.
func weekday(name string) int {
	days := [...]string{"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"}
	for i, d := range days {
		if name == d || name == d[:2] || name == d[:3] {
			return i + 1
		}
	}
	return 0
}

func settleNextDay(k *call) (Type, bool) {
	name, ok := k.text(1)
	if ok && weekday(strings.ToUpper(name)) == 0 {
		k.errorAt(1, "bad-constant", "%q is not a day of the week", name).Hintf("MO, MON, MONDAY and so on")
		ok = false
	}
	return Type{Kind: Date}, ok
}

func renderNextDay(r *renderer, t *term) string {
	name, _ := t.args[1].text()
	return fmt.Sprintf("s_next_day(%s, %d)", r.term(t.args[0]), weekday(strings.ToUpper(name)))
}

func settleTrunc(k *call) (Type, bool) {
	unit, ok := k.text(1)
	if ok && truncDays(unit) == "" {
		k.errorAt(1, "bad-constant", "%q is not a unit of dates", unit).Hintf("YEAR, QUARTER, MONTH or WEEK")
		ok = false
	}
	return Type{Kind: Date}, ok
}

// truncDays returns DuckDB's name of a unit of trunc.
func truncDays(unit string) string {
	switch u := truncUnit(unit); u {
	case "year", "quarter", "month", "week":
		return u
	}
	return ""
}

func renderTrunc(r *renderer, t *term) string {
	unit, _ := t.args[1].text()
	return fmt.Sprintf("s_trunc(%s, %s)", quoteString(truncDays(unit)), r.term(t.args[0]))
}

// settleMakeTimestamp takes seconds as a decimal with six digits, as Spark does.
func settleMakeTimestamp(k *call) (Type, bool) {
	timestamp, first := Type{Kind: Timestamp}, k.args[0].typ
	switch {
	case len(k.args) == 1 && (first.Kind == Date || first.Kind == Void) && !strings.HasSuffix(k.node.text, "_ltz"):
		k.args[0] = castTerm(k.args[0], timestamp)
		return timestamp, true
	case len(k.args) < 6:
		k.errorf(k.node, "wrong-argument-count", "%s takes year, month, day, hour, minute and second, and a zone if need be, not %d arguments", k.node.text, len(k.args))
		return timestamp, false
	}
	year, fits := smalls.convert(first)
	if !fits {
		k.errorAt(0, "wrong-argument-type", "argument 1 of %s is %s, not an int", k.node.text, withArticle(first))
		return timestamp, false
	}
	k.args[0], k.args[5] = castTerm(k.args[0], year), castTerm(k.args[5], decimalType(16, 6))
	return timestamp, len(k.args) == 6 || k.zone(6)
}

func renderMakeTimestamp(r *renderer, t *term) string {
	if len(t.args) == 1 {
		return r.term(t.args[0])
	}
	utc := r.expand("s_make_ts($1, $2, $3, $4, $5, $6)", t)
	if len(t.args) == 6 {
		return utc
	}
	zone, _ := t.args[6].text()
	return "s_ts(" + fromZone(zone, "epoch_us("+utc+")") + ")"
}

// calendarMacros compute with months; what does not exist is NULL.
func calendarMacros() []string {
	return []string{
		`s_inyears(d) AS CASE WHEN year(d) BETWEEN -100000 AND 100000 THEN d END`,
		`s_months(d, n) AS (CASE WHEN year(d) BETWEEN -290000 AND 294000 AND year(d) + n // 12 BETWEEN -290000 AND 294000 THEN d END + to_months(n))::DATE`,
		`s_next_day(d, n) AS s_days2date((d - DATE '1970-01-01') + ((n - isodow(d) + 6) % 7 + 1))`,
		`s_trunc(u, d) AS date_trunc(u, s_inyears(d))::DATE`,
		`s_make_date(y, m, d) AS TRY(make_date(CASE WHEN y BETWEEN -100000 AND 100000 THEN y END, m, d))`,
		`s_make_ts(y, m, d, h, i, s) AS CASE WHEN h BETWEEN 0 AND 23 AND i BETWEEN 0 AND 59 AND s >= 0 AND (s < 60 OR s = 60) THEN s_ts((s_make_date(y, m, d) - DATE '1970-01-01')::HUGEINT * 86400000000 + h::HUGEINT * 3600000000 + i::HUGEINT * 60000000 + (s * 1000000)::HUGEINT) END`,
		`s_islast(t) AS day(t + INTERVAL 1 DAY) = 1`,
		`s_months_between(a, b) AS CASE WHEN year(a) BETWEEN -100000 AND 100000 AND year(b) BETWEEN -100000 AND 100000 THEN ((year(a) - year(b)) * 12 + month(a) - month(b))::DOUBLE + CASE WHEN day(a) = day(b) OR s_islast(a) AND s_islast(b) THEN 0e0 ELSE ((day(a) - day(b)) * 86400 + hour(a) * 3600 + minute(a) * 60 + second(a) - hour(b) * 3600 - minute(b) * 60 - second(b))::DOUBLE / 2678400e0 END END`,
	}
}
