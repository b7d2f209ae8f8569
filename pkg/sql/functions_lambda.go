package sql

import (
	"fmt"
	"math"
)

// lambdaFunctions compute something of each element of an array.
func lambdaFunctions() []*function {
	boolean, integer := Type{Kind: Boolean}, Type{Kind: Int}
	array, f := takes("array", arrays), takes("f", lambdas)
	about := func(name, doc, example string, aliases ...string) Function {
		return Function{Name: name, Aliases: aliases, Doc: doc, Example: example}
	}
	element := func(k *call, _ int) ([]Type, int) { return []Type{k.args[0].typ.elem()}, 1 }
	indexed := func(k *call, _ int) ([]Type, int) { return []Type{k.args[0].typ.elem(), integer}, 1 }
	return []*function{
		{Function: about("transform", "An array of what f gives for each element, and its index from 0.", "transform(array(1, 2, 3), (x, i) -> x + i)"),
			params: []param{array, f}, binds: indexed, settle: settleTransform,
			render: func(r *renderer, t *term) string { return r.over1("list_transform", t) }},
		{Function: about("filter", "The elements for which the condition is true.", "filter(array(1, 2, 3), x -> x % 2 = 1)"),
			params: []param{array, f}, binds: indexed, settle: settleCondition(func(k *call) Type { return k.args[0].typ }),
			render: func(r *renderer, t *term) string { return r.over1("list_filter", t) }},
		{Function: about("exists", "Whether the condition is true for any element; NULL if not and it is NULL for one.", "exists(array(1, 2, 3), x -> x % 2 = 0)"),
			params: []param{array, f}, binds: element, settle: settleCondition(func(*call) Type { return boolean }), copies: 4,
			render: func(r *renderer, t *term) string { return "s_exists(" + r.over1("list_transform", t) + ")" }},
		{Function: about("forall", "Whether the condition is true for every element; NULL if for none false and for one NULL.", "forall(array(1, 2, 3), x -> x > 0)"),
			params: []param{array, f}, binds: element, settle: settleCondition(func(*call) Type { return boolean }), copies: 4,
			render: func(r *renderer, t *term) string { return "s_forall(" + r.over1("list_transform", t) + ")" }},
		{Function: about("aggregate", "What f makes of start and the first element, of that and the second, and so on; finish is applied to the last. The values carried on are numbers, times or truth values.", "aggregate(array(1, 2, 3), 0, (acc, x) -> acc + x)", "reduce"),
			params: []param{array, takes("start", anything), f, takes("finish", lambdas).opt()}, binds: bindAggregate, settle: settleAggregate, render: renderAggregate, copies: 4},
		{Function: about("zip_with", "An array of what f gives for the elements at the same place of both arrays; the shorter one goes on with NULL.", "zip_with(array(1, 2), array('a', 'b'), (x, y) -> concat(y, x))"),
			params: []param{array, takes("other", arrays), f}, settle: settleTransform, render: renderZipWith, copies: 2,
			binds: func(k *call, _ int) ([]Type, int) {
				return []Type{k.args[0].typ.elem(), k.args[1].typ.elem()}, 2
			}},
	}
}

// over1 renders a function of DuckDB over the first argument, an array, and
// the lambda after it.
func (r *renderer) over1(name string, t *term) string {
	return fmt.Sprintf("%s(%s, %s)", name, r.term(t.args[0]), r.lambdaOf(t.args[1]))
}

func settleTransform(k *call) (Type, bool) {
	last := len(k.args) - 1
	if k.args[last].typ.Kind == Void {
		k.errorAt(last, "wrong-argument-type", "NULL has no type to make an array of").Hintf("cast it")
		return Type{}, false
	}
	return arrayOf(k.args[last].typ), true
}

// settleCondition types a function whose lambda is a condition.
func settleCondition(result func(k *call) Type) func(k *call) (Type, bool) {
	return func(k *call) (Type, bool) {
		body := k.boolean(k.args[1].args[0])
		if body == nil {
			return Type{}, false
		}
		k.args[1] = castLambda(k.args[1], body.typ)
		return result(k), true
	}
}

func bindAggregate(k *call, i int) ([]Type, int) {
	start := k.args[1].typ
	if i == 3 {
		return []Type{start}, 1
	}
	return []Type{start, k.args[0].typ.elem()}, 2
}

// settleAggregate wants what is carried on to be of one type, and not to grow.
func settleAggregate(k *call) (Type, bool) {
	start, merge := k.args[1].typ, k.args[2]
	switch {
	case start.sized():
		k.errorAt(1, "not-supported", "a value carried on cannot be %s, which could grow with each element", withArticle(start)).
			Hintf("carry on numbers, or write transform, filter and array_join")
		return Type{}, false
	case start.Kind == Void || !lossless(merge.typ, start):
		k.errorAt(2, "type-mismatch", "the start is %s, this gives %s", withArticle(start), withArticle(merge.typ)).
			Hintf("cast the start: cast(0 AS double)")
		return Type{}, false
	}
	k.args[2] = castLambda(merge, start)
	if len(k.args) == 4 {
		return k.args[3].typ, true
	}
	return start, true
}

func renderAggregate(r *renderer, t *term) string {
	list, start := r.term(t.args[0]), r.term(t.args[1])
	out, ok := r.sum(t, list, start)
	if !ok {
		out = r.reduce(t, list, start)
	}
	if len(t.args) < 4 {
		return out
	}
	finish := t.args[3]
	x := letter(finish, 0)
	return fmt.Sprintf("list_extract(list_transform([%s], lambda %s: %s), 1)", out, x, r.body(finish, x))
}

// sum renders an aggregate that adds up what it makes of each element, which
// DuckDB does much faster than others, and in the same order.
func (r *renderer) sum(t *term, list, start string) (string, bool) {
	merge := t.args[2]
	acc, body := merge.lambda[0], merge.args[0]
	if body.fn == nil || body.fn.Name != "+" || body.fn.render == nil || body.typ.Kind == Decimal {
		return "", false
	}
	addend := body.args[1]
	if addend.variable == acc {
		addend = body.args[0]
	} else if body.args[0].variable != acc {
		return "", false
	}
	if addend.reads(acc) {
		return "", false
	}
	x := letter(merge, 1)
	inner := &term{lambda: merge.lambda[1:], args: []*term{addend}}
	list = fmt.Sprintf("list_transform(%s, lambda %s: %s)", list, x, r.body(inner, x))
	if body.typ.integral() {
		macro, _ := wraps(body.typ)
		return fmt.Sprintf("%s(s_fold(%s, %s::HUGEINT))", macro, list, start), true
	}
	if v := t.args[1].value; v == nil || v.float != 0 || math.Signbit(v.float) {
		list, start = fmt.Sprintf("s_aconcat([%s], %s)", start, list), "0e0"
	}
	return fmt.Sprintf("s_fold(%s, %s)", list, start), body.typ.Kind == Double
}

// reads reports whether a term reads a variable.
func (t *term) reads(v *variable) bool {
	found := false
	t.walk(func(n *term) { found = found || n.variable == v })
	return found
}

// reduce renders an aggregate that carries on a struct: what it carries on,
// and what the next step takes of the element. DuckDB's list_reduce wants one
// type for both, and mixes up rows where its body reads a column; so all that
// does not depend on what is carried on is computed before, by list_transform.
func (r *renderer) reduce(t *term, list, start string) string {
	merge := t.args[2]
	acc, x := letter(merge, 0), letter(merge, 1)
	var fields []*term
	merge.args[0].apart(merge.lambda[0], &fields)
	carried := "'a': NULL::" + t.args[1].typ.DuckDB()
	elements, rest := carried, ""
	names := r.hoisted()
	inner := &renderer{Render: r.Render, variables: r.variables, hoisting: names}
	for i, f := range fields {
		elements += fmt.Sprintf(", 'f%d': %s", i, r.body(&term{lambda: merge.lambda[1:], args: []*term{f}}, x))
		rest += fmt.Sprintf(", 'f%d': NULL::%s", i, f.typ.DuckDB())
	}
	for i, f := range fields {
		names.names[f] = fmt.Sprintf("struct_extract(%s, 'f%d')", x, i)
	}
	body := inner.body(merge, "struct_extract("+acc+", 'a')", x)
	return fmt.Sprintf("struct_extract(list_reduce(list_transform(%[1]s, lambda %[2]s: {%[3]s}), lambda %[4]s, %[2]s: {'a': %[5]s%[6]s}, {'a': %[7]s%[6]s}), 'a')",
		list, x, elements, acc, body, rest, start)
}

// apart collects the largest parts of a term that read neither a variable nor
// one of a lambda within.
func (t *term) apart(v *variable, parts *[]*term) {
	switch {
	case t.value != nil:
	case !t.reads(v) && t.free(nil) <= v.depth:
		*parts = append(*parts, t)
	default:
		for _, a := range t.args {
			a.apart(v, parts)
		}
	}
}

func renderZipWith(r *renderer, t *term) string {
	a, b, f := r.term(t.args[0]), r.term(t.args[1]), t.args[2]
	z := letter(f, 0)
	return fmt.Sprintf("(CASE WHEN %[1]s IS NOT NULL AND %[2]s IS NOT NULL THEN list_transform(list_zip(%[1]s, %[2]s), lambda %[3]s: %[4]s) END)",
		a, b, z, r.body(f, "struct_extract("+z+", 1)", "struct_extract("+z+", 2)"))
}
