package sql

import (
	"fmt"
	"strings"
)

// castInterval renders a conversion between intervals of one kind, or between
// one and a number. What is out of range is NULL.
func castInterval(from, to Type, x string) string {
	switch {
	case to.integral():
		n := x
		if from.Last != Month {
			n = fmt.Sprintf("(%s // %d)", x, from.Last.size())
		}
		low, high := limits(to)
		return fmt.Sprintf("(CASE WHEN %[1]s BETWEEN %[2]s AND %[3]s THEN %[1]s END)::%[4]s", n, low, high, to.DuckDB())
	case from.integral():
		return fit(to, fmt.Sprintf("%s::HUGEINT * %d", x, to.Last.size()))
	case from.Kind == Decimal:
		return fit(to, multiplied(x, from, "1000000::DECIMAL(7,0)", decimalType(7, 0))+"::HUGEINT")
	case to.Last >= from.Last:
		return x
	}
	return fmt.Sprintf("(%[1]s - %[1]s %% %[2]d)", x, to.Last.size())
}

// fit renders a HUGEINT as an interval; what is out of range is NULL.
func fit(t Type, x string) string {
	if t.Kind == YearMonth {
		return "s_fit32(" + x + ")"
	}
	return "s_fit64(" + x + ")"
}

// units returns the units of intervals as Spark writes them.
func (t Type) units() string {
	if t.First == t.Last {
		return strings.ToUpper(t.First.String())
	}
	return strings.ToUpper(t.First.String() + " to " + t.Last.String())
}

// readInterval renders a text read as an interval: '1 02:03' for DAY TO MINUTE,
// bare or as a constant of Spark. NULL where it is not of that form.
func readInterval(t Type, x string) string {
	first := [...]string{`(\d+)`, `(\d+)`, `(\d{1,9})`, `(\d{1,10})`, `(\d{1,12})`, `(\d{1,13})`}
	later := [...]string{"", `-(0*(?:\d|1[01]))`, "", ` ([01]?\d|2[0-3])`, `:([0-5]?\d)`, `:([0-5]?\d)`}
	shape := first[t.First]
	for u := t.First + 1; u <= t.Last; u++ {
		shape += later[u]
	}
	if t.Last == Second {
		shape += `(?:\.(\d{1,9}))?`
	}
	constant := `^(?i:interval)\s+([+-]?)'([^']*)'\s+(?i:` + strings.ReplaceAll(t.units(), " ", `\s+`) + `)$`
	text := fmt.Sprintf(`regexp_replace(s_trimall(%s), %s, '\1*\2')`, x, quoteString(constant))
	shape = `^([+-]?)(?:\*([+-]?))?` + shape + `$`
	number := func(group int) string {
		return fmt.Sprintf("TRY_CAST(regexp_extract(%s, %s, %d) AS HUGEINT)", text, quoteString(shape), group)
	}
	var parts []string
	for u := t.First; u <= t.Last; u++ {
		parts = append(parts, fmt.Sprintf("%s * %d", number(len(parts)+3), u.size()))
	}
	if t.Last == Second {
		parts = append(parts, fmt.Sprintf("left(regexp_extract(%s, %s, %d) || '000000', 6)::HUGEINT", text, quoteString(shape), len(parts)+3))
	}
	sum := strings.Join(parts, " + ")
	sign := fmt.Sprintf("(CASE WHEN regexp_matches(%s, '^(-\\*?\\+?|\\+?\\*-)\\d') THEN -1 ELSE 1 END)", text)
	return fit(t, fmt.Sprintf("CASE WHEN regexp_full_match(%s, %s) THEN %s * (%s) END", text, quoteString(shape), sign, sum))
}

// writeInterval renders an interval as a constant of Spark, which CAST to a
// string gives.
func writeInterval(t Type, x string) string {
	body := x + "::VARCHAR"
	switch {
	case t.Kind == DayTime:
		body = writeDayTime(t, x)
	case t.Last == Year:
		body = fmt.Sprintf("(%s // 12)::VARCHAR", x)
	case t.First == Year:
		body = fmt.Sprintf("s_ym2str(%s)", x)
	}
	return fmt.Sprintf("('INTERVAL ''' || %s || ''' %s')", body, t.units())
}

func writeDayTime(t Type, x string) string {
	size := fmt.Sprintf("abs(%s::HUGEINT)", x)
	text := fmt.Sprintf("CASE WHEN %s < 0 THEN '-' ELSE '' END", x)
	for u := t.First; u <= t.Last; u++ {
		number := fmt.Sprintf("%s // %d", size, u.size())
		switch {
		case u == Day:
			text += " || (" + number + ")::VARCHAR"
			continue
		case u > t.First:
			text += " || " + quoteString(intervalSeparator(u-1))
			number = fmt.Sprintf("%s %% %d", number, (u-1).size()/u.size())
		}
		text += " || s_two(" + number + ")"
	}
	if t.Last == Second {
		text += fmt.Sprintf(" || CASE WHEN %[1]s %% 1000000 <> 0 THEN '.' || rtrim(lpad((%[1]s %% 1000000)::VARCHAR, 6, '0'), '0') ELSE '' END", size)
	}
	return text
}

// intervalMacros compute with intervals; what is out of range is NULL. A
// calendar interval is a struct of months, days and microseconds.
func intervalMacros() []string {
	return []string{
		`s_fit32(x) AS (CASE WHEN x BETWEEN -2147483648 AND 2147483647 THEN x END)::INTEGER`,
		`s_fit64(x) AS (CASE WHEN x BETWEEN -9223372036854775808 AND 9223372036854775807 THEN x END)::BIGINT`,
		`s_fitdbl32(x) AS (CASE WHEN x >= -2147483648 AND x < 2147483648 THEN x END)::INTEGER`,
		`s_fitdbl64(x) AS (CASE WHEN x >= -9223372036854775808 AND x < 9223372036854775808 THEN x END)::BIGINT`,
		`s_two(n) AS CASE WHEN n < 10 THEN '0' ELSE '' END || n::VARCHAR`,
		`s_ym2str(x) AS CASE WHEN x < 0 THEN '-' ELSE '' END || (abs(x::BIGINT) // 12)::VARCHAR || '-' || (abs(x::BIGINT) % 12)::VARCHAR`,
		`s_dt2str(x) AS CASE WHEN x < 0 THEN '-' ELSE '' END || (abs(x::HUGEINT) // 86400000000)::VARCHAR || ' ' || s_two(abs(x::HUGEINT) // 3600000000 % 24) || ':' || s_two(abs(x::HUGEINT) // 60000000 % 60) || ':' || s_two(abs(x::HUGEINT) // 1000000 % 60) || '.' || lpad((abs(x::HUGEINT) % 1000000)::VARCHAR, 6, '0') || '000'`,
		`s_packed(d) AS (year(d) * 12 + month(d)) * 32 + day(d)`,
		`s_month_end(a, b) AS b::DATE + CASE WHEN b::DATE > a::DATE AND b::TIME < a::TIME THEN -1 WHEN b::DATE < a::DATE AND b::TIME > a::TIME THEN 1 ELSE 0 END`,
		`s_month_diff(a, b) AS (s_packed(s_month_end(a, b)) - s_packed(a::DATE)) // 32`,
		`s_weekyear(d) AS isoyear(CASE WHEN year(d) BETWEEN -5000000 AND 5000000 THEN d END)::INTEGER`,
		`s_months_apart(a, b) AS (year(s_utc(s_ts(b))) - year(s_utc(s_ts(a)))) * 12 + month(s_utc(s_ts(b))) - month(s_utc(s_ts(a)))`,
		`s_month_sequence(a, b, n) AS CASE WHEN a = b AND n IS NOT NULL THEN [a] WHEN sign(b::HUGEINT - a) = sign(n) THEN list_filter(list_transform(range(0, CASE WHEN s_months_apart(a, b) // n < 10000 THEN s_months_apart(a, b) // n + 1 END), lambda _s_i: epoch_us(s_ts_months(s_ts(a), (_s_i * n)::INTEGER))), lambda _s_x: CASE WHEN n > 0 THEN _s_x <= b ELSE _s_x >= b END) END`,
		`s_ci(m, d, u) AS CASE WHEN m IS NOT NULL AND d IS NOT NULL AND u IS NOT NULL THEN {'f0': m, 'f1': d, 'f2': u} END`,
		`s_ci_add(a, b, sign) AS s_ci(s_wrap32(struct_extract(a, 'f0') + sign * struct_extract(b, 'f0')::BIGINT), s_wrap32(struct_extract(a, 'f1') + sign * struct_extract(b, 'f1')::BIGINT), s_wrap64(struct_extract(a, 'f2') + sign * struct_extract(b, 'f2')::HUGEINT))`,
		`s_halfup(x) AS CASE WHEN abs(x) < 4503599627370496 THEN floor(x) + CASE WHEN x - floor(x) >= 0.5 THEN 1 ELSE 0 END ELSE x END`,
		`s_ci_of(m, d, u) AS s_ci(s_dbl2int(m), s_dbl2int(d), s_dbl2long(s_halfup(u + 86400000000e0 * (d - s_dbl2int(d)))))`,
		`s_ci_scale(i, x) AS s_ci_of(struct_extract(i, 'f0') * x, struct_extract(i, 'f1') * x, struct_extract(i, 'f2') * x)`,
		`s_ci_part_of(i, x) AS s_ci_of(struct_extract(i, 'f0') / s_nonzero(x), struct_extract(i, 'f1') / s_nonzero(x), struct_extract(i, 'f2') / s_nonzero(x))`,
		`s_date_ci(d, i) AS s_date_add(s_months(d, struct_extract(i, 'f0')), struct_extract(i, 'f1') + s_floor_div(struct_extract(i, 'f2'), 86400000000))`,
		`s_ts_ci(t, i) AS s_ts(epoch_us(s_ts_months(t, struct_extract(i, 'f0')))::HUGEINT + struct_extract(i, 'f1')::HUGEINT * 86400000000 + struct_extract(i, 'f2'))`,
		`s_ci_part(n, unit) AS CASE WHEN n <> 0 THEN n::VARCHAR || unit END`,
		`s_ci_seconds(u) AS CASE WHEN u <> 0 THEN CASE WHEN u < 0 THEN '-' ELSE '' END || (abs(u) // 1000000)::VARCHAR || rtrim(rtrim('.' || lpad((abs(u) % 1000000)::VARCHAR, 6, '0'), '0'), '.') || ' seconds' END`,
		`s_ci2str(i) AS CASE WHEN i IS NOT NULL THEN coalesce(nullif(concat_ws(' ', s_ci_part(struct_extract(i, 'f0') // 12, ' years'), s_ci_part(struct_extract(i, 'f0') % 12, ' months'), s_ci_part(struct_extract(i, 'f1'), ' days'), s_ci_part(struct_extract(i, 'f2') // 3600000000, ' hours'), s_ci_part(struct_extract(i, 'f2') // 60000000 % 60, ' minutes'), s_ci_seconds(struct_extract(i, 'f2') % 60000000)), ''), '0 seconds') END`,
	}
}
