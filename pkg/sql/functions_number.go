package sql

import "fmt"

// numberFunctions are arithmetic and rounding.
func numberFunctions() []*function {
	number := takes("x", numbers)
	double, digits := Type{Kind: Double}, takes("d", smalls).opt().fixed()
	return []*function{
		{Function: Function{Name: "abs", Doc: "The absolute value, of the argument's type; integers wrap, and the smallest interval gives NULL.", Example: "abs(-1)"},
			params: []param{takes("x", quantities)}, settle: settleSigned, render: renderAbs, repeats: sumRepeats},
		{Function: Function{Name: "ceil", Epoch: 2, Aliases: []string{"ceiling"}, Doc: "The smallest whole number not below x: a BIGINT, for a decimal a decimal. With d, a decimal of d digits after the point, or before it where d is negative; d is a constant.", Example: "ceil(-0.1)"},
			params: []param{takes("x", anything), digits}, settle: settleWhole, render: renderWhole("ceil"), copies: 6},
		{Function: Function{Name: "floor", Epoch: 2, Doc: "The largest whole number not above x: a BIGINT, for a decimal a decimal. With d as ceil(x, d).", Example: "floor(-0.1)"},
			params: []param{takes("x", anything), digits}, settle: settleWhole, render: renderWhole("floor"), copies: 6},
		{Function: Function{Name: "round", Doc: "x rounded to d digits after the point, or before it where d is negative, halves away from zero. d is a constant.", Example: "round(2.5, 0)"},
			params: []param{number, digits}, settle: settleRound, render: renderRound("up"), copies: 16},
		{Function: Function{Name: "bround", Doc: "x rounded to d digits after the point, or before it where d is negative, halves to the even digit. d is a constant.", Example: "bround(2.5, 0)"},
			params: []param{number, digits}, settle: settleRound, render: renderRound("even"), copies: 16},
		{Function: Function{Name: "sign", Aliases: []string{"signum"}, Doc: "-1.0, 0.0 or 1.0.", Example: "sign(40)"},
			params: []param{takes("x", measures)}, settle: settleMeasure(double), sql: "s_sign($1)", copies: 4},
		{Function: Function{Name: "mod", Doc: "The remainder, with the sign of a; NULL where b is 0: a % b.", Example: "mod(2, 1.8)"},
			params: []param{takes("a", numbers), takes("b", numbers)}, rewrite: func(k *call) *term {
				return k.arithmetic(&node{op: opBinary, text: "%", start: k.node.start, end: k.node.end}, k.args)
			}},
		{Function: Function{Name: "pmod", Doc: "The remainder, not negative for a positive b; NULL where b is 0.", Example: "pmod(-10, 3)"},
			params: []param{takes("a", numbers), takes("b", numbers)}, settle: settlePmod, render: renderPmod, repeats: pmodRepeats},
		{Function: Function{Name: "negative", Doc: "The number with the other sign; integers wrap.", Example: "negative(1)"},
			params: []param{takes("x", quantities)}, rewrite: (*call).negative},
		{Function: Function{Name: "positive", Doc: "The number itself.", Example: "positive(1)"},
			params: []param{takes("x", quantities)}, rewrite: func(k *call) *term { return k.args[0] }},
	}
}

// logarithmFunctions are functions of doubles.
func logarithmFunctions() []*function {
	double := Type{Kind: Double}
	x := []param{takes("x", doubles)}
	one := func(name, doc, example, sql string, copies int) *function {
		return &function{Function: Function{Name: name, Doc: doc, Example: example}, params: x, result: double, sql: sql, copies: copies}
	}
	power := one("pow", "x to the power of y.", "pow(2, 3)", "s_pow($1, $2)", 4)
	power.Aliases, power.Epoch = []string{"power"}, 2
	power.params = []param{takes("x", doubles), takes("y", doubles)}
	log := one("log", "The logarithm of x to a base, or the natural one; NULL where x or the base is not positive.", "log(10, 100)",
		"s_ln($1);;(s_ln($2) / s_ln($1))", 2)
	log.params = []param{takes("base", doubles), takes("x", doubles).opt()}
	log.Signature = "log([base, ]x)"
	return []*function{
		one("sqrt", "The square root; NaN for a negative number.", "sqrt(4)", "s_sqrt($1)", 2),
		one("ln", "The natural logarithm; NULL where x is not positive.", "ln(1)", "s_ln($1)", 2),
		one("log10", "The logarithm to base 10; NULL where x is not positive.", "log10(10)", "s_log10($1)", 2),
		one("log2", "The logarithm to base 2; NULL where x is not positive.", "log2(2)", "(s_ln($1) / ln(2e0))", 2),
		one("log1p", "ln(1 + x), exact for small x; NULL where x is not above -1.", "log1p(0)", "s_log1p($1)", 8),
		one("exp", "e to the power of x.", "exp(0)", "exp($1)", 1),
		power, log,
	}
}

func renderAbs(r *renderer, t *term) string {
	x := r.term(t.args[0])
	switch {
	case t.typ.interval():
		return fit(t.typ, fmt.Sprintf("abs(%s::HUGEINT)", x))
	case !t.typ.integral():
		return fmt.Sprintf("abs(%s)", x)
	}
	macro, wide := wraps(t.typ)
	return fmt.Sprintf("%s(abs(%s::%s))", macro, x, wide)
}

// maxNegated is how many digits of a decimal Spark keeps in -x and abs(x).
const maxNegated = 34

// settleSigned gives the type of abs and of -x.
func settleSigned(k *call) (Type, bool) {
	t := k.args[0].typ
	if t.Kind == Decimal && t.Precision > maxNegated {
		k.errorAt(0, "not-supported", "%s of %s is rounded to %d digits in Spark", k.node.text, withArticle(t), maxNegated).
			Hintf("cast it to a decimal of at most %d digits", maxNegated)
		return Type{}, false
	}
	return t, true
}

func (k *call) negative() *term {
	typ, ok := settleSigned(k)
	if !ok {
		return nil
	}
	return k.build(k.node, "negative", typ, k.args[0])
}

// settleWhole gives the type of ceil and floor. With digits the number is a
// decimal; a text becomes one of 18 digits after the point.
func settleWhole(k *call) (Type, bool) {
	t, ok := numbers.convert(k.args[0].typ)
	if !ok {
		k.errorAt(0, "wrong-argument-type", "argument 1 of %s is %s, not a number", k.node.text, withArticle(k.args[0].typ))
		return Type{}, false
	}
	if k.args[0].typ.Kind == String && len(k.args) == 2 {
		t = decimalType(maxPrecision, 18)
	}
	k.args[0] = castTerm(k.args[0], t)
	switch {
	case len(k.args) == 2:
		if k.args[0] = castTerm(k.args[0], widestDecimal(t)); k.args[0].typ.Kind != Decimal {
			k.errorAt(0, "wrong-argument-type", "%s with digits does not take %s", k.node.text, withArticle(t))
			return Type{}, false
		}
		return settleRound(k)
	case t.Kind != Decimal:
		return Type{Kind: BigInt}, true
	case t.Scale == 0:
		return t, true
	}
	return decimalType(min(t.Precision-t.Scale+1, maxPrecision), 0), true
}

// widestDecimal returns the decimal that Spark takes a number for.
func widestDecimal(t Type) Type {
	switch t.Kind {
	case Float:
		return decimalType(14, 7)
	case Double:
		return decimalType(30, 15)
	}
	return asDecimal(t)
}

func renderWhole(name string) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		if len(t.args) == 2 {
			return renderRound(name)(r, t)
		}
		x := r.term(t.args[0])
		switch from := t.args[0].typ; {
		case from.integral():
			return x + "::BIGINT"
		case from.Kind == Decimal:
			return fmt.Sprintf("%s(%s)::%s", name, x, t.typ.DuckDB())
		}
		return fmt.Sprintf("s_dbl2long(%s(%s))", name, x)
	}
}

// settleRound gives the type of round and its like.
func settleRound(k *call) (Type, bool) {
	digits, ok := roundDigits(k.args)
	if !ok || digits < -400 || digits > 400 {
		k.errorAt(1, "bad-constant", "argument 2 of %s is a constant number from -400 to 400", k.node.text)
		return Type{}, false
	}
	t := k.args[0].typ
	switch {
	case t.Kind != Decimal:
		return t, true
	case digits < 0:
		return decimalType(min(max(t.Precision-t.Scale, -digits)+1, maxPrecision), 0), true
	}
	scale := min(t.Scale, digits)
	return decimalType(min(t.Precision-t.Scale+1+scale, maxPrecision), scale), true
}

// roundDigits returns the digits that a call rounds to.
func roundDigits(args []*term) (int, bool) {
	if len(args) == 1 {
		return 0, true
	}
	digits, ok := args[1].integer()
	return int(digits), ok
}

// renderRound renders rounding in one of the ways of package native.
func renderRound(way string) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		x := r.term(t.args[0])
		digits, _ := roundDigits(t.args)
		exact := fmt.Sprintf("n_round_digits(%s::VARCHAR, %d, '%s')", x, digits, way)
		switch {
		case t.typ.integral() && digits >= 0:
			return x
		case t.typ.integral():
			macro, wide := wraps(t.typ)
			return fmt.Sprintf("%s(%s::%s)", macro, exact, wide)
		case t.typ.Kind == Decimal && digits >= 0 && way == "up":
			return fmt.Sprintf("TRY_CAST(%s AS %s)", x, t.typ.DuckDB())
		case t.typ.Kind == Decimal:
			return fmt.Sprintf("TRY_CAST(%s AS %s)", exact, t.typ.DuckDB())
		case t.typ.Kind == Float:
			return fmt.Sprintf("s_dbl2float(%s::DOUBLE)", exact)
		case digits >= 0 && way == "up":
			return fmt.Sprintf("s_round(%s, %d)", x, min(digits, 30))
		}
		return fmt.Sprintf("n_round(%s, %d, '%s')", x, digits, way)
	}
}

func settlePmod(k *call) (Type, bool) {
	typ, ok := arithmeticType(literalDecimal(k.args[0], k.args[1].typ), literalDecimal(k.args[1], k.args[0].typ))
	result := typ
	if ok && typ.Kind == Decimal {
		x, y := literalDecimal(k.args[0], k.args[1].typ), literalDecimal(k.args[1], k.args[0].typ)
		if result, ok = decimalResult("%", decimalOr(asDecimal(x), asDecimal(y)), decimalOr(asDecimal(y), asDecimal(x))); typ.Precision == maxPrecision {
			ok = false // the sum of a remainder and the divisor has a digit more
		}
	}
	if !ok {
		k.errorAt(0, "not-supported", "pmod of %s and %s is not supported", k.args[0].typ, k.args[1].typ).Hintf("cast to double")
		return Type{}, false
	}
	k.args[0], k.args[1] = castTerm(k.args[0], typ), castTerm(k.args[1], typ)
	return result, true
}

// pmodRepeats counts the copies of an operand of pmod.
func pmodRepeats(args []*term) int {
	if safeDivisor(args[1]) && args[1].typ.integral() {
		return 1
	}
	return 20
}

func renderPmod(r *renderer, t *term) string {
	a, b := r.term(t.args[0]), r.term(t.args[1])
	if n := t.args[1]; safeDivisor(n) && n.typ.integral() {
		if n.value.number < 0 {
			return fmt.Sprintf("(%s %% %s)", a, b)
		}
		wide := "BIGINT"
		if n.value.number > 1<<62 {
			wide = "HUGEINT"
		}
		return fmt.Sprintf("((%[1]s %% %[2]s + %[3]d::%[4]s) %% %[3]d)::%[5]s", a, b, n.value.number, wide, t.typ.DuckDB())
	}
	if t.typ.Kind == Decimal {
		return fmt.Sprintf("TRY_CAST(s_pmod(%s, %s) AS %s)", a, b, t.typ.DuckDB())
	}
	if t.typ.floating() {
		return fmt.Sprintf("s_pmod(%s, %s)", a, b)
	}
	macro, wide := wraps(t.typ)
	return fmt.Sprintf("%s(s_pmod(%s::%s, %s::%s))", macro, a, wide, b, wide)
}
