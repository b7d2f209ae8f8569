package sql

import (
	"fmt"
	"strings"
)

// timeFunctions take dates and times apart, in UTC.
func timeFunctions() []*function {
	integer, date := Type{Kind: Int}, Type{Kind: Date}
	d, t := takes("d", dates), takes("t", instants)
	part := func(name, doc, sql string, p param) *function {
		example := name + "('2016-04-09')"
		if p.accept == instants {
			example = name + "('2018-02-14 12:58:59')"
		}
		return &function{Function: Function{Name: name, Doc: doc, Example: example}, params: []param{p}, result: integer, sql: sql, copies: 2}
	}
	day := part("day", "The day of the month.", "day($1)::INTEGER", d)
	week := part("weekofyear", "The ISO week of the year.", "s_week($1)", d)
	week.copies = 6
	day.Aliases = []string{"dayofmonth"}
	pattern := takes("pattern", texts).fixed().opt()
	parsed := func(kind Kind) func(k *call) *term {
		return func(k *call) *term {
			if len(k.args) == 2 {
				t := parseTime(k, max(kind, Timestamp))
				if t == nil {
					return nil
				}
				return castTerm(t, Type{Kind: kind})
			}
			if !castable(k.args[0].typ, Type{Kind: kind}) {
				k.errorAt(0, "wrong-argument-type", "argument 1 of %s is %s", k.node.text, withArticle(k.args[0].typ))
				return nil
			}
			return castTerm(k.args[0], Type{Kind: kind})
		}
	}
	return []*function{
		part("year", "The year.", "year($1)::INTEGER", d),
		part("quarter", "The quarter of the year, 1 to 4.", "quarter($1)::INTEGER", d),
		part("month", "The month, 1 to 12.", "month($1)::INTEGER", d),
		week,
		day,
		part("dayofyear", "The day of the year, from 1.", "dayofyear($1)::INTEGER", d),
		part("dayofweek", "The day of the week: Sunday is 1.", "(dayofweek($1) + 1)::INTEGER", d),
		part("weekday", "The day of the week: Monday is 0.", "(isodow($1) - 1)::INTEGER", d),
		part("hour", "The hour, 0 to 23.", "hour(s_utc($1))::INTEGER", t),
		part("minute", "The minute.", "minute(s_utc($1))::INTEGER", t),
		part("second", "The second, without its fraction.", "second(s_utc($1))::INTEGER", t),
		{Function: Function{Name: "last_day", Doc: "The last day of the month.", Example: "last_day('2009-01-12')"},
			params: []param{d}, result: date, sql: "s_last_day($1)", copies: 2},
		{Function: Function{Name: "date_part", Aliases: []string{"datepart", "extract"}, Doc: "A part of a time or of an interval, as EXTRACT(part FROM t): YEAR, QUARTER, MONTH, WEEK, YEAROFWEEK, DAY, DAYOFWEEK, DAYOFWEEK_ISO, DOY, HOUR, MINUTE, or SECOND with its fraction; of an interval a unit that it is written in.", Example: "date_part('hour', '2018-02-14 12:58:59')"},
			params: []param{takes("part", texts).fixed(), takes("t", anything)}, rewrite: rewriteDatePart},
		{Function: Function{Name: "date_add", Aliases: []string{"dateadd"}, Epoch: 2, Doc: "The date n days later: d + n, counted in 32 bits, which wrap. NULL beyond 5,877,641 years.", Example: "date_add('2016-07-30', 1)"},
			params: []param{d, takes("n", smalls)}, result: date, sql: "s_date_plus($1, $2::BIGINT)", copies: 3},
		{Function: Function{Name: "date_sub", Epoch: 2, Doc: "The date n days earlier: d - n, counted in 32 bits, which wrap. NULL beyond 5,877,641 years.", Example: "date_sub('2016-07-30', 1)"},
			params: []param{d, takes("n", smalls)}, result: date, sql: "s_date_plus($1, -($2::BIGINT))", copies: 3},
		{Function: Function{Name: "datediff", Aliases: []string{"date_diff"}, Doc: "The number of days from the second date to the first.", Example: "datediff('2009-07-31', '2009-07-30')"},
			params: []param{takes("end", dates), takes("start", dates)}, result: integer, sql: "s_wrap32($1 - $2)"},
		{Function: Function{Name: "date_trunc", Doc: "The time cut down to a constant unit, from 'YEAR' to 'MICROSECOND'.", Example: "date_trunc('HOUR', '2015-03-05T09:32:05.359')"},
			params: []param{takes("unit", texts).fixed(), takes("t", instants)}, settle: settleDateTrunc, render: renderDateTrunc},
		{Function: Function{Name: "to_date", Aliases: []string{"try_to_date"}, Doc: "The date that a text names, as CAST(x AS DATE), or by a constant pattern; or that of a time. NULL where the text is not of that form.", Example: "to_date('2009-07-30 04:17:52')"},
			params: []param{takes("x", anything), pattern}, rewrite: parsed(Date)},
		{Function: Function{Name: "to_timestamp", Aliases: []string{"try_to_timestamp", "to_timestamp_ltz"}, Doc: "The time that a text names, as CAST(x AS TIMESTAMP), or by a constant pattern of Spark's letters: y M L d D H h K k m s S a G X x Z O, texts in quotes, and optional sections in brackets. NULL where the text is not of that form.", Example: "to_timestamp('2016-12-31 00:12:00')"},
			params: []param{takes("x", anything), pattern}, rewrite: parsed(Timestamp)},
		{Function: Function{Name: "to_timestamp_ntz", Doc: "The time without a zone that a text names, as CAST(x AS TIMESTAMP_NTZ), or by a constant pattern as of to_timestamp; a zone in it does not count.", Example: "to_timestamp_ntz('2016-12-31 00:12:00')"},
			params: []param{takes("x", anything), pattern}, rewrite: parsed(TimestampNTZ)},
	}
}

// epochFunctions convert between times and numbers.
func epochFunctions() []*function {
	bigint, timestamp := Type{Kind: BigInt}, Type{Kind: Timestamp}
	t := takes("t", instants).only()
	return []*function{
		{Function: Function{Name: "timestamp_seconds", Doc: "The time so many seconds after 1970; digits after the microsecond are cut. NULL out of range.", Example: "timestamp_seconds(1230219000.123)"},
			params: []param{takes("n", numbers).only()}, settle: settleSeconds, render: renderSeconds, copies: 16},
		{Function: Function{Name: "timestamp_millis", Doc: "The time so many milliseconds after 1970. NULL out of range.", Example: "timestamp_millis(1230219000123)"},
			params: []param{takes("n", integers)}, result: timestamp, sql: "s_ts($1::HUGEINT * 1000)", copies: 2},
		{Function: Function{Name: "timestamp_micros", Doc: "The time so many microseconds after 1970. NULL out of range.", Example: "timestamp_micros(1230219000123123)"},
			params: []param{takes("n", integers)}, result: timestamp, sql: "s_ts($1::HUGEINT)", copies: 2},
		{Function: Function{Name: "unix_micros", Doc: "Microseconds since 1970.", Example: "unix_micros(TIMESTAMP('1970-01-01 00:00:01Z'))"},
			params: []param{t}, result: bigint, sql: "epoch_us($1)"},
		{Function: Function{Name: "unix_millis", Doc: "Milliseconds since 1970, rounded down.", Example: "unix_millis(TIMESTAMP('1970-01-01 00:00:01Z'))"},
			params: []param{t}, result: bigint, sql: "s_floor_div(epoch_us($1), 1000)", copies: 2},
		{Function: Function{Name: "unix_seconds", Doc: "Seconds since 1970, rounded down.", Example: "unix_seconds(TIMESTAMP('1970-01-01 00:00:01Z'))"},
			params: []param{t}, result: bigint, sql: "s_floor_div(epoch_us($1), 1000000)", copies: 2},
		{Function: Function{Name: "unix_date", Doc: "Days since 1970.", Example: "unix_date(DATE('1970-01-02'))"},
			params: []param{takes("d", dates).only()}, result: Type{Kind: Int}, sql: "($1 - DATE '1970-01-01')::INTEGER"},
		{Function: Function{Name: "unix_timestamp", Aliases: []string{"to_unix_timestamp"}, Doc: "Seconds since 1970 of a date or time, cut toward 1970; of a text that a constant pattern reads, as to_timestamp.", Example: "unix_timestamp(TIMESTAMP '1970-01-01 00:00:01')"},
			params: []param{takes("t", anything), takes("pattern", texts).fixed().opt()}, settle: settleUnixTimestamp, sql: "(epoch_us($1) // 1000000)"},
	}
}

// truncUnit returns DuckDB's name of a unit of date_trunc.
func truncUnit(unit string) string {
	switch u := strings.ToLower(unit); u {
	case "year", "yyyy", "yy":
		return "year"
	case "month", "mon", "mm":
		return "month"
	case "day", "dd":
		return "day"
	case "quarter", "week", "hour", "minute", "second", "millisecond", "microsecond":
		return u
	}
	return ""
}

func settleDateTrunc(k *call) (Type, bool) {
	unit, ok := k.text(0)
	if ok && truncUnit(unit) == "" {
		k.errorAt(0, "bad-constant", "%q is not a unit of time", unit).Hintf("YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND, MILLISECOND or MICROSECOND")
		ok = false
	}
	return Type{Kind: Timestamp}, ok
}

func renderDateTrunc(r *renderer, t *term) string {
	unit, _ := t.args[0].text()
	return fmt.Sprintf("s_date_trunc(%s, %s)", quoteString(truncUnit(unit)), r.term(t.args[1]))
}

func settleSeconds(k *call) (Type, bool) {
	t := k.args[0].typ
	switch {
	case t.Kind == Decimal && (t.Scale > 6 || t.Precision+7 > maxPrecision):
		k.errorAt(0, "not-supported", "timestamp_seconds takes decimals with at most 6 digits after the point").Hintf("cast to double")
		return Type{}, false
	case t.Kind == Float:
		k.args[0] = castTerm(k.args[0], Type{Kind: Double})
	}
	return Type{Kind: Timestamp}, true
}

func renderSeconds(r *renderer, t *term) string {
	x := r.term(t.args[0])
	switch from := t.args[0].typ; {
	case from.integral():
		return fmt.Sprintf("s_ts(%s::HUGEINT * 1000000)", x)
	case from.Kind == Decimal:
		return fmt.Sprintf("s_ts(%s::HUGEINT)", multiplied(x, from, "1000000::DECIMAL(7,0)", decimalType(7, 0)))
	}
	return fmt.Sprintf("s_secs2ts(%s)", x)
}

func settleUnixTimestamp(k *call) (Type, bool) {
	if len(k.args) == 2 {
		parsed := parseTime(k, Timestamp)
		if parsed == nil {
			return Type{}, false
		}
		k.args = []*term{parsed}
	}
	t := k.args[0].typ
	if !t.timed() {
		k.errorAt(0, "wrong-argument-type", "argument 1 of %s is %s, not a date or a timestamp", k.node.text, withArticle(t)).
			Hintf("a text is read by to_timestamp")
		return Type{}, false
	}
	k.args[0] = castTerm(k.args[0], Type{Kind: Timestamp})
	return Type{Kind: BigInt}, true
}
