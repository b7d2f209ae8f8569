package sql

import "fmt"

// SparkText renders a column of a relation as the text that Spark prints for
// its values: what cast(x AS string) gives, but for an interval the short form
// of Spark's command line. NULL stays NULL.
func SparkText(column string, t Type) string {
	column = Quote(column)
	switch {
	case t.Kind == String:
		return column
	case t.Kind == YearMonth:
		return fmt.Sprintf("s_ym2str(%s)", column)
	case t.Kind == DayTime:
		return fmt.Sprintf("s_dt2str(%s)", column)
	case t.nested():
		return nestedText(t, column)
	}
	return castToString(t, column)
}

// TextOnSpark is [SparkText] as Spark's SQL.
func TextOnSpark(column string, t Type) string {
	x := QuoteSpark(column)
	part := func(unit string) string { return "abs(extract(" + unit + " FROM " + x + "))" }
	switch t.Kind {
	case YearMonth:
		return fmt.Sprintf("concat(CASE WHEN %s < INTERVAL '0' MONTH THEN '-' ELSE '' END, %s, '-', %s)", x, part("YEAR"), part("MONTH"))
	case DayTime:
		clock := ""
		for _, unit := range []string{"HOUR", "MINUTE"} {
			clock += "lpad(" + part(unit) + ", 2, '0'), ':', "
		}
		micros := "CAST(" + part("SECOND") + " * 1000000 AS BIGINT)"
		return fmt.Sprintf("concat(CASE WHEN %[1]s < INTERVAL '0' SECOND THEN '-' ELSE '' END, %[2]s, ' ', %[3]slpad(%[4]s div 1000000, 2, '0'), '.', lpad(%[4]s %% 1000000, 6, '0'), '000')",
			x, part("DAY"), clock, micros)
	}
	return x
}
