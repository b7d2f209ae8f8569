package sql

import "fmt"

// renderCast renders a conversion that castable allows; x is an operand.
func renderCast(from, to Type, x string) string {
	plain := fmt.Sprintf("%s::%s", x, to.DuckDB())
	switch {
	case from.Equal(to):
		return x
	case from.Kind == Void && to.Kind != Void:
		return "NULL::" + to.DuckDB()
	case from.nested():
		return castNested(from, to, x)
	case from.Kind == String:
		return castString(to, x)
	case to.Kind == String:
		return castToString(from, x)
	case from.Kind == Boolean:
		return plain
	case to.Kind == Boolean:
		return fmt.Sprintf("(%s <> 0)", x)
	case from.Numeric() && to.Numeric():
		return castNumber(from, to, x)
	case from.interval() || to.interval():
		return castInterval(from, to, x)
	case from.Numeric(): // seconds to a timestamp
		if from.integral() {
			return fmt.Sprintf("s_ts(%s::HUGEINT * 1000000)", x)
		}
		return fmt.Sprintf("s_secs2ts(%s)", x)
	case from.Kind == Date && to.Kind == TimestampNTZ:
		return fmt.Sprintf("s_utc(s_date2ts(%s))", x)
	case from.Kind == Date:
		return fmt.Sprintf("s_date2ts(%s)", x)
	case to.Kind == Date:
		return fmt.Sprintf("s_utc(%s)::DATE", x)
	case from.Kind == TimestampNTZ:
		return fmt.Sprintf("make_timestamptz(epoch_us(%s))", x)
	case to.Kind == TimestampNTZ:
		return fmt.Sprintf("s_utc(%s)", x)
	case from.Kind == Timestamp && to.Kind == BigInt:
		return fmt.Sprintf("s_floor_div(epoch_us(%s), 1000000)", x)
	case from.Kind == Timestamp:
		return fmt.Sprintf("(epoch_us(%s)::DOUBLE / 1e6)", x)
	}
	return plain
}

func castString(to Type, x string) string {
	switch to.Kind {
	case Binary:
		return fmt.Sprintf("encode(%s)", x)
	case Boolean:
		return fmt.Sprintf("s_str2bool(%s)", x)
	case Decimal:
		return fmt.Sprintf("TRY_CAST(n_str2dec(%s, %d) AS %s)", x, to.Scale, to.DuckDB())
	case Double:
		return fmt.Sprintf("s_str2double(%s)", x)
	case Float:
		return fmt.Sprintf("s_str2float(%s)", x)
	case Date:
		return fmt.Sprintf("s_str2date(%s)", x)
	case Timestamp:
		return fmt.Sprintf("s_str2ts(%s)", x)
	case TimestampNTZ:
		return fmt.Sprintf("s_str2ntz(%s)", x)
	case YearMonth, DayTime:
		return readInterval(to, x)
	}
	return fmt.Sprintf("TRY_CAST(s_intpart(%s) AS %s)", x, to.DuckDB())
}

func castToString(from Type, x string) string {
	switch from.Kind {
	case Double:
		return fmt.Sprintf("s_dbl2str(%s)", x)
	case Date:
		return fmt.Sprintf("s_date2str(%s)", x)
	case Timestamp, TimestampNTZ:
		return fmt.Sprintf("s_ts2str(%s)", x)
	case YearMonth, DayTime:
		return writeInterval(from, x)
	case Interval:
		return fmt.Sprintf("s_ci2str(%s)", x)
	}
	if from.Kind == Decimal && from.Scale > 6 { // small ones are printed with an exponent
		return fmt.Sprintf("n_dec2str(%s::VARCHAR)", x)
	}
	if from.Kind == Decimal && from.Precision == from.Scale { // DuckDB leaves out the zero before the point
		x += "::" + decimalType(from.Precision+1, from.Scale).DuckDB()
	}
	return x + "::VARCHAR"
}

func castNumber(from, to Type, x string) string {
	plain := fmt.Sprintf("%s::%s", x, to.DuckDB())
	switch {
	case to.integral() && from.integral():
		if to.Kind >= from.Kind {
			return plain
		}
		macro, _ := wraps(to)
		return fmt.Sprintf("%s(%s)", macro, x)
	case to.Kind == BigInt && from.floating():
		return fmt.Sprintf("s_dbl2long(%s)", x)
	case to.integral() && from.floating():
		macro, _ := wraps(to)
		return fmt.Sprintf("%s(s_dbl2int(%s))", macro, x)
	case to.integral(): // decimals are cut and wrap
		whole := fmt.Sprintf("s_wrap64(trunc(%s)::HUGEINT)", x)
		if to.Kind == BigInt {
			return whole
		}
		macro, _ := wraps(to)
		return fmt.Sprintf("%s(%s)", macro, whole)
	case to.Kind == Decimal && from.floating():
		// What rounds to 0 is 0: DuckDB rounds up what is written with an exponent.
		return fmt.Sprintf("TRY_CAST(CASE WHEN abs(%[1]s::DOUBLE) < 5e%[2]d THEN '0' ELSE %[1]s::DOUBLE::VARCHAR END AS %[3]s)", x, -to.Scale-1, to.DuckDB())
	case to.Kind == Decimal:
		return fmt.Sprintf("TRY_CAST(%s AS %s)", x, to.DuckDB())
	case to.Kind == Double && from.Kind == Decimal && from.Precision > 15:
		return x + "::VARCHAR::DOUBLE" // rounded once, which the direct cast is not
	case to.Kind == Float && from.Kind == Double:
		return fmt.Sprintf("s_dbl2float(%s)", x)
	}
	return plain
}

// mayOverflow reports whether CAST wraps a number or cuts a text, where TRY_CAST
// gives NULL.
func mayOverflow(from, to Type) bool {
	if from.nested() && to.nested() {
		return !nestedBy(from, to, func(a, b Type) bool { return !mayOverflow(a, b) })
	}
	return to.integral() && (from.Kind == String || from.floating() || from.Kind == Decimal || from.interval() || from.integral() && from.Kind > to.Kind)
}

// renderTryCast renders a TRY_CAST to integers for which mayOverflow holds.
func renderTryCast(r *renderer, t *term) string {
	x, to := r.term(t.args[0]), t.typ.DuckDB()
	switch from := t.args[0].typ; {
	case from.Kind == String:
		return fmt.Sprintf(`TRY_CAST(CASE WHEN regexp_full_match(s_trimall(%[1]s), '[+-]?\d+') THEN s_trimall(%[1]s) END AS %[2]s)`, x, to)
	case from.interval():
		return fmt.Sprintf("TRY_CAST(%s AS %s)", renderCast(from, Type{Kind: BigInt}, x), to)
	case from.integral():
		return fmt.Sprintf("TRY_CAST(%s AS %s)", x, to)
	}
	return fmt.Sprintf("TRY_CAST(trunc(%s) AS %s)", x, to)
}

// castCopies returns how often the rendering of a cast repeats its operand
// when macros are written out.
func castCopies(from, to Type) int {
	switch {
	case from.nested():
		return nestedCopies(from, to)
	case from.Kind == String && (to.Kind == Timestamp || to.Kind == TimestampNTZ):
		return 5
	case from.interval() && from.Kind == to.Kind && lossless(from, to):
		return 1
	case from.Kind == String && to.interval():
		return 14
	case from.interval() && to.Kind == String, from.Kind == Interval:
		return 16
	case from.Kind == String && to.Kind == Date:
		return 8
	case from.Kind == String && to.Kind == Float:
		return 26
	case from.Kind == String:
		return 9
	case from.Kind == Double && to.Kind == String:
		return 30
	case from.Kind == Double && to.Kind == Timestamp:
		return 16
	case to.Kind == String && from.timed():
		return 8
	case to.Kind == String:
		return 1
	case from.floating() || to.integral():
		return 6
	}
	return 4
}
