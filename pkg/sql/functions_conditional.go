package sql

import "strings"

// conditionalFunctions choose between values.
func conditionalFunctions() []*function {
	any := func(name string) param { return takes(name, anything) }
	isNull := func(name string) func(k *call) *term {
		return func(k *call) *term { return k.build(k.node, name, Type{Kind: Boolean}, k.args[0]) }
	}
	common := func(k *call) (Type, bool) { return k.widen(0, true) }
	ordered := func(k *call) (Type, bool) { return k.widen(0, false) }
	return []*function{
		{Function: Function{Name: "coalesce", Doc: "The first argument that is not NULL.", Example: "coalesce(NULL, 1)"},
			params: []param{any("a")}, variadic: true, settle: common, sql: "coalesce($*)"},
		{Function: Function{Name: "nvl", Aliases: []string{"ifnull"}, Doc: "The first argument, or the second where it is NULL.", Example: "nvl(NULL, 1)"},
			canon: "coalesce", params: []param{any("a"), any("b")}, settle: common, sql: "coalesce($*)"},
		{Function: Function{Name: "nvl2", Doc: "The second argument where the first is not NULL, else the third.", Example: "nvl2(NULL, 2, 1)"},
			params: []param{any("x"), any("a"), any("b")}, settle: func(k *call) (Type, bool) { return k.widen(1, true) },
			sql: "(CASE WHEN $1 IS NOT NULL THEN $2 ELSE $3 END)"},
		{Function: Function{Name: "if", Doc: "The second argument where the condition is true, else the third.", Example: "if(1 < 2, 'a', 'b')"},
			canon: "case", params: []param{takes("condition", booleans), any("a"), any("b")},
			settle: func(k *call) (Type, bool) { return k.widen(1, true) }, render: renderCase},
		{Function: Function{Name: "nullif", Doc: "NULL where both arguments are equal, else the first.", Example: "nullif(2, 2)"},
			params: []param{any("a"), any("b")}, settle: settleNullif, sql: "nullif($1, $2)", copies: 2},
		{Function: Function{Name: "nullifzero", Doc: "NULL where the number is 0.", Example: "nullifzero(0)"},
			params: []param{takes("x", numbers).only()}, settle: sameType, sql: "nullif($1, 0)", copies: 2},
		{Function: Function{Name: "zeroifnull", Doc: "0 where the number is NULL.", Example: "zeroifnull(NULL)"},
			params: []param{any("x")}, settle: settleZeroIfNull, sql: "coalesce($1, 0::$T)"},
		{Function: Function{Name: "isnull", Doc: "Whether the value is NULL: x IS NULL.", Example: "isnull(1)"},
			params: []param{any("x")}, rewrite: isNull("isnull")},
		{Function: Function{Name: "isnotnull", Doc: "Whether the value is not NULL: x IS NOT NULL.", Example: "isnotnull(1)"},
			params: []param{any("x")}, rewrite: isNull("isnotnull")},
		{Function: Function{Name: "isnan", Doc: "Whether the number is NaN; false for NULL.", Example: "isnan(double('NaN'))"},
			params: []param{takes("x", doubles)}, result: Type{Kind: Boolean}, sql: "coalesce(isnan($1), false)"},
		{Function: Function{Name: "greatest", Doc: "The largest argument that is not NULL. NaN is larger than any number.", Example: "greatest(10, 9, 2)", Epoch: 2},
			params: []param{takes("a", orderable), takes("b", orderable)}, variadic: true, settle: ordered, render: renderGreatest("greatest", "max")},
		{Function: Function{Name: "least", Doc: "The smallest argument that is not NULL.", Example: "least(10, 9, 2)", Epoch: 2},
			params: []param{takes("a", orderable), takes("b", orderable)}, variadic: true, settle: ordered, render: renderGreatest("least", "min")},
	}
}

// renderGreatest renders a choice among arguments.
func renderGreatest(name, extreme string) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		if t.typ.nested() {
			return listExtreme(extreme, t.typ, "["+r.list(t.args)+"]")
		}
		if t.typ.Kind != Float {
			return r.expand(name+"($*)", t)
		}
		items := make([]string, len(t.args)) // of floats, DuckDB drops the sign of zero
		for i, a := range t.args {
			items[i] = r.term(a) + "::DOUBLE"
		}
		return name + "(" + strings.Join(items, ", ") + ")::FLOAT"
	}
}

// sameType gives the type of the first argument.
func sameType(k *call) (Type, bool) { return k.args[0].typ, true }

func settleZeroIfNull(k *call) (Type, bool) {
	typ := k.args[0].typ
	if typ.Kind == Void {
		typ = Type{Kind: Int}
	}
	zero := constantTerm(intConstant(0), k.args[0].at)
	common, ok := wider(typ, zero.typ, false)
	if !ok || !typ.Numeric() {
		k.errorAt(0, "wrong-argument-type", "argument 1 of zeroifnull is %s, not a number", withArticle(typ))
		return Type{}, false
	}
	k.args[0] = castTerm(k.args[0], common)
	return common, true
}

// settleNullif compares in the type of the first argument, which is also the
// result's.
func settleNullif(k *call) (Type, bool) {
	a, b := k.args[0], k.args[1]
	typ, ok := comparedAs(literalDecimal(a, b.typ), literalDecimal(b, a.typ))
	if a.typ.Kind == Void {
		return a.typ, ok
	}
	if !ok || !castable(b.typ, typ) {
		k.errorAt(1, "type-mismatch", "%s cannot be compared with %s", withArticle(a.typ), withArticle(b.typ)).Hintf("cast one of them")
		return Type{}, false
	}
	if !typ.Equal(a.typ) {
		k.errorAt(1, "type-mismatch", "nullif would compare as %s and give %s", typ, withArticle(a.typ)).Hintf("cast an argument so that both are of one type")
		return Type{}, false
	}
	k.args[1] = castTerm(b, typ)
	return typ, true
}
