package sql

import "fmt"

// maxGenerated is how many rows a generator makes of one, at most.
const maxGenerated = 10_000

// generatorFunctions make any number of rows of one. A call has the type of
// what each row gets; its rendering is the list of that.
func generatorFunctions() []*function {
	about := func(name, doc, example string) Function {
		return Function{Name: name, Class: Generator, Doc: doc, Example: example}
	}
	const capped = " An array of more than 10,000 is taken for NULL."
	array := takes("array", arrays)
	element := func(k *call) (Type, bool) { return k.args[0].typ.elem(), true }
	return []*function{
		{Function: about("explode", "A row for each element of an array, in its order; no row for NULL and for an empty array."+capped, "explode(array(10, 20))"),
			params: []param{array}, settle: element, sql: "s_explode($1)", copies: 2},
		{Function: about("explode_outer", "explode, but for NULL and for an empty array there is one row, with NULL."+capped, "explode_outer(array(10, 20))"),
			params: []param{array}, settle: element, sql: "s_explode_outer($1)", copies: 2},
	}
}

func generatorMacros() []string {
	return []string{
		fmt.Sprintf(`s_explode(a) AS CASE WHEN len(a) <= %d THEN a END`, maxGenerated),
		fmt.Sprintf(`s_explode_outer(a) AS CASE WHEN len(a) BETWEEN 1 AND %d THEN a ELSE [NULL] END`, maxGenerated),
	}
}

// generatorAllowed reports a generator that is not the whole of an expression
// that may be one.
func (c *checker) generatorAllowed(n *node) bool {
	switch {
	case c.options.Generators && n == c.expr.root:
		return true
	case c.options.Generators:
		c.errorf(n, "generator-not-allowed", "%s makes rows: it cannot be a part of an expression", n.text).
			Hintf("make it a working column of its own, and use that")
	default:
		c.errorf(n, "generator-not-allowed", "%s makes rows: it is not allowed here", n.text).
			Hintf("make it a working column of a feature set, and use that; for one value look into the array: exists(…), aggregate(…)")
	}
	return false
}

// Generates reports whether the expression is a call of a generator: it makes
// any number of rows of one, each with a value of the type. Its rendering is
// the list of these values.
func (t *Typed) Generates() bool { return t.root.fn != nil && t.root.fn.Class == Generator }
