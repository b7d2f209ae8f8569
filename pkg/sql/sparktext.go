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
