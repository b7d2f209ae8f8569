package sql

import "fmt"

// SparkText renders a column of a relation as the text that Spark prints for
// its values: what cast(x AS string) gives. NULL stays NULL.
func SparkText(column string, t Type) string { return sparkText(Quote(column), t, 0) }

func sparkText(x string, t Type, depth int) string {
	switch {
	case t.Kind == String:
		return x
	case t.Kind == Array && t.Elem != nil:
		element := fmt.Sprintf("_s_e%d", depth)
		return fmt.Sprintf("('[' || array_to_string(list_transform(%s, lambda %s: coalesce(%s, 'null')), ', ') || ']')",
			x, element, sparkText(element, *t.Elem, depth+1))
	}
	return castToString(t, x)
}
