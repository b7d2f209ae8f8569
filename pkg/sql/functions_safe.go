package sql

import "fmt"

// safeFunctions are arithmetic that gives NULL where the result is out of
// range, and other functions that are named for that.
func safeFunctions() []*function {
	a, b := takes("a", anything), takes("b", anything)
	about := func(name, doc, example string) Function { return Function{Name: name, Doc: doc, Example: example} }
	checked := func(name, operator, doc, example string) *function {
		return &function{Function: about(name, doc, example), params: []param{a, b}, rewrite: rewriteChecked(operator)}
	}
	return []*function{
		checked("try_add", "+", "a + b; NULL where that is out of range.", "try_add(1, 2)"),
		checked("try_subtract", "-", "a - b; NULL where that is out of range.", "try_subtract(2, 1)"),
		checked("try_multiply", "*", "a * b; NULL where that is out of range.", "try_multiply(2, 3)"),
		{Function: about("try_divide", "a / b; NULL where b is 0.", "try_divide(3, 2)"), params: []param{a, b}, rewrite: rewriteChecked("/")},
		{Function: about("try_mod", "a % b; NULL where b is 0.", "try_mod(3, 2)"), params: []param{a, b}, rewrite: operatorCall("%")},
		{Function: about("equal_null", "Whether both are equal, or both NULL: a <=> b.", "equal_null(1, 1)"), params: []param{a, b}, rewrite: func(k *call) *term {
			return k.compare(&node{op: opBinary, text: "<=>", start: k.node.start, end: k.node.end}, "<=>", k.args[0], k.args[1])
		}},
		{Function: about("typeof", "The name of the type.", "typeof(1)"), params: []param{takes("x", anything)}, rewrite: func(k *call) *term {
			return constantTerm(stringConstant(k.args[0].typ.String()), k.node.at())
		}},
	}
}

// operatorCall rewrites a call as an operator.
func operatorCall(operator string) func(k *call) *term {
	return func(k *call) *term {
		return k.arithmetic(&node{op: opBinary, text: operator, start: k.node.start, end: k.node.end}, k.args)
	}
}

// rewriteChecked looks for results out of range of whole numbers. All other
// arithmetic is NULL there anyhow.
func rewriteChecked(operator string) func(k *call) *term {
	return func(k *call) *term {
		a, b := k.args[0].typ, k.args[1].typ
		if !a.timed() && !b.timed() && (a.Kind == Interval || b.Kind == Interval) {
			k.errorf(k.node, "not-supported", "%s takes no interval of months and days", k.node.text).Hintf("write the operator %s, which has a value for all of them", operator)
			return nil
		}
		typ, ok := arithmeticType(a, b)
		if operator == "/" || !ok || !typ.integral() {
			return operatorCall(operator)(k)
		}
		return k.build(k.node, k.fn.Name, typ, castTerm(k.args[0], typ), castTerm(k.args[1], typ))
	}
}

func renderChecked(operator string) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		a, b := r.term(t.args[0]), r.term(t.args[1])
		_, wide := wraps(t.typ)
		sum := fmt.Sprintf("(%s::%s %s %s::%s)", a, wide, operator, b, wide)
		low, high := limits(t.typ)
		return fmt.Sprintf("(CASE WHEN %[1]s BETWEEN %[2]s AND %[3]s THEN %[1]s END)::%[4]s", sum, low, high, t.typ.DuckDB())
	}
}

// limits renders the smallest and the largest value of an integer type.
func limits(t Type) (low, high string) {
	switch t.Kind {
	case TinyInt:
		return "-128", "127"
	case SmallInt:
		return "-32768", "32767"
	case Int:
		return "-2147483648", "2147483647"
	}
	return "-9223372036854775808", "9223372036854775807"
}
