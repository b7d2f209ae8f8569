package sql

// SparkText renders a column of a relation as the text that Spark prints for
// its values: what cast(x AS string) gives. NULL stays NULL.
func SparkText(column string, t Type) string {
	if t.Kind == String {
		return Quote(column)
	}
	if t.nested() {
		return nestedText(t, Quote(column))
	}
	return castToString(t, Quote(column))
}
