package sql

import (
	"fmt"
	"strings"
)

// aggregateFunctions count, add up and choose among the rows of a group.
func aggregateFunctions() []*function {
	bigint, boolean := Type{Kind: BigInt}, Type{Kind: Boolean}
	about := func(name, doc, example string, aliases ...string) Function {
		return Function{Name: name, Aliases: aliases, Class: Aggregate, Doc: doc, Example: example}
	}
	condition, x := []param{takes("condition", booleans)}, []param{takes("x", orderable)}
	chosen := []param{takes("x", anything), takes("ignore_nulls", booleans).opt().fixed()}
	by := []param{takes("x", anything), takes("y", orderable), takes("k", smalls).opt().fixed()}
	return []*function{
		{Function: about("count", "The number of rows, or of rows in which no argument is NULL. It takes DISTINCT.", "count(*)"),
			params: []param{takes("x", anything)}, variadic: true, distinct: true, result: bigint, render: renderCount, copies: 2},
		{Function: about("count_if", "The number of rows for which the condition is true.", "count_if(x % 2 = 0)"),
			params: condition, distinct: true, result: bigint, render: renderCountIf, copies: 2},
		{Function: about("sum", "The sum of what is not NULL; integers wrap. DISTINCT takes integers, decimals and intervals only.", "sum(x)"),
			params: []param{takes("x", quantities)}, distinct: true, settle: settleSum, render: renderSum, copies: 3},
		{Function: about("try_sum", "The sum of what is not NULL; NULL where it is out of range.", "try_sum(x)"),
			params: []param{takes("x", quantities)}, distinct: true, settle: settleSum, render: renderTrySum, copies: 3},
		{Function: about("avg", "The mean of what is not NULL: a DOUBLE, of decimals a decimal.", "avg(x)", "mean", "try_avg"),
			params: []param{takes("x", quantities)}, distinct: true, settle: settleAvg, render: renderAvg, repeats: avgRepeats},
		{Function: about("min", "The smallest value that is not NULL.", "min(x)"), params: x, distinct: true, settle: sameType, render: renderExtreme("min"), repeats: extremeRepeats},
		{Function: about("max", "The largest value that is not NULL. NaN is larger than any number.", "max(x)"), params: x, distinct: true, settle: sameType, render: renderExtreme("max"), repeats: extremeRepeats},
		{Function: about("bool_or", "Whether the condition is true for any row.", "bool_or(1 < 2)", "any", "some"), params: condition, distinct: true, result: boolean, render: renderPlain("bool_or")},
		{Function: about("bool_and", "Whether the condition is true for every row in which it is not NULL.", "bool_and(1 < 2)", "every"), params: condition, distinct: true, result: boolean, render: renderPlain("bool_and")},
		{Function: about("bit_and", "The bits that are set in every integer.", "bit_and(5)"), params: []param{takes("x", numbers)}, distinct: true, settle: settleBits, render: renderPlain("bit_and")},
		{Function: about("bit_or", "The bits that are set in any integer.", "bit_or(5)"), params: []param{takes("x", numbers)}, distinct: true, settle: settleBits, render: renderPlain("bit_or")},
		{Function: about("bit_xor", "The bits that are set in an odd number of integers.", "bit_xor(5)"), params: []param{takes("x", numbers)}, distinct: true, settle: settleBits, render: renderPlain("bit_xor")},
		{Function: about("max_by", "The x of the row with the largest y; of several such rows, the first. With a constant k, an array of the x of k rows, the largest y first.", "max_by(x, y)"),
			params: by, settle: settleBy, render: renderBy("DESC"), sparkOrdered: sparkBy("max"), repeats: byRepeats},
		{Function: about("min_by", "The x of the row with the smallest y; of several such rows, the first. With a constant k, an array of the x of k rows, the smallest y first.", "min_by(x, y)"),
			params: by, settle: settleBy, render: renderBy("ASC"), sparkOrdered: sparkBy("min"), repeats: byRepeats},
		{Function: about("first", "The value of the first row; with true, the first that is not NULL.", "first(x, true)", "first_value", "any_value"),
			params: chosen, ignores: true, settle: settleChosen, render: renderChosen("first"), sparkOrdered: sparkFirst(false), frames: true, copies: 2},
		{Function: about("last", "The value of the last row; with true, the last that is not NULL.", "last(x, true)", "last_value"),
			params: chosen, ignores: true, settle: settleChosen, render: renderChosen("last"), sparkOrdered: sparkFirst(true), frames: true, copies: 2},
		{Function: about("collect_list", "An array of what is not NULL, in the order of the rows.", "collect_list(x)", "array_agg"),
			params: []param{takes("x", anything)}, settle: settleCollect, render: renderCollect, copies: 2, sparkOrdered: sparkCollect, frames: true},
	}
}

// filter renders the FILTER clause of an aggregate, with further conditions,
// and its OVER clause.
func (r *renderer) filter(t *term, more ...string) string {
	if t.filter != nil {
		more = append(more, r.term(t.filter))
	}
	if len(more) == 0 {
		return r.over(t)
	}
	return " FILTER (WHERE " + strings.Join(more, " AND ") + ")" + r.over(t)
}

// order renders the ORDER BY among the arguments of an aggregate that depends
// on the order of rows. In a window that is the window's.
func (r *renderer) order(t *term, first ...string) string {
	terms := first
	if t.over != nil {
		terms = append(terms, r.orderTerms(t.over)...)
	}
	if r.RowOrder != "" {
		terms = append(terms, r.RowOrder)
	}
	if len(terms) == 0 {
		return ""
	}
	return " ORDER BY " + strings.Join(terms, ", ")
}

func distinct(t *term) string {
	if t.distinct {
		return "DISTINCT "
	}
	return ""
}

// renderPlain renders an aggregate that DuckDB computes as Spark does.
func renderPlain(name string) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		return fmt.Sprintf("%s(%s%s)%s", name, distinct(t), r.list(t.args), r.filter(t))
	}
}

// renderExtreme renders min and max. What holds other values is chosen by its
// rank.
func renderExtreme(name string) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		if !t.typ.nested() {
			return renderPlain(name)(r, t)
		}
		return fmt.Sprintf("arg_%s(%s, %s)%s", name, r.term(t.args[0]), r.ranked(t.args[0]), r.filter(t))
	}
}

func extremeRepeats(args []*term) int {
	if !args[0].typ.nested() {
		return 1
	}
	return 1 + rankCopies(args[0].typ)
}

func byRepeats(args []*term) int { return 2 + rankCopies(args[1].typ) }

func renderCount(r *renderer, t *term) string {
	if len(t.args) == 1 {
		if n, ok := t.args[0].integer(); ok && n == 1 && !t.distinct {
			return "count(*)" + r.filter(t)
		}
		return fmt.Sprintf("count(%s%s)%s", distinct(t), r.list(t.args), r.filter(t))
	}
	var present []string
	for _, a := range t.args {
		present = append(present, r.term(a)+" IS NOT NULL")
	}
	if !t.distinct {
		return "count(*)" + r.filter(t, present...)
	}
	return fmt.Sprintf("count(DISTINCT row(%s))%s", r.list(t.args), r.filter(t, present...))
}

func settleSum(k *call) (Type, bool) {
	t := k.args[0].typ
	switch {
	case t.interval():
		return t, true
	case t.integral():
		return Type{Kind: BigInt}, true
	case t.Kind == Decimal && t.Precision+10 > maxPrecision:
		k.errorAt(0, "not-supported", "the sum of a %s may need more than %d digits", t, maxPrecision).Hintf("cast it to double")
		return Type{}, false
	case t.Kind == Decimal:
		return decimalType(t.Precision+10, t.Scale), true
	case k.node.distinct:
		k.errorAt(0, "not-supported", "sum(DISTINCT …) of floating-point numbers depends on their order").Hintf("cast to a decimal")
		return Type{}, false
	}
	k.args[0] = castTerm(k.args[0], Type{Kind: Double})
	return Type{Kind: Double}, true
}

func renderSum(r *renderer, t *term) string {
	sum := renderPlain("sum")(r, t)
	switch t.typ.Kind {
	case YearMonth, DayTime:
		return fit(t.typ, sum)
	case BigInt:
		return "s_wrap64(" + sum + ")"
	case Decimal:
		return fmt.Sprintf("TRY_CAST(%s AS %s)", sum, t.typ.DuckDB())
	}
	return sum
}

// renderTrySum is renderSum without wrapping.
func renderTrySum(r *renderer, t *term) string {
	if t.typ.Kind != BigInt {
		return renderSum(r, t)
	}
	low, high := limits(t.typ)
	return fmt.Sprintf("(CASE WHEN %[1]s BETWEEN %[2]s AND %[3]s THEN %[1]s END)::BIGINT", renderPlain("sum")(r, t), low, high)
}

// renderCountIf counts the one true value at most where it counts different
// ones.
func renderCountIf(r *renderer, t *term) string {
	if t.distinct {
		return fmt.Sprintf("count(DISTINCT nullif(%s, false))%s", r.term(t.args[0]), r.filter(t))
	}
	return "count(*)" + r.filter(t, r.term(t.args[0]))
}

func settleAvg(k *call) (Type, bool) {
	switch t := k.args[0].typ; {
	case t.interval():
		return wholeInterval(t.Kind), true
	case t.Kind == Decimal && t.Precision+10 > maxPrecision:
		k.errorAt(0, "not-supported", "the sum of a %s may need more than %d digits", t, maxPrecision).Hintf("cast it to double")
		return Type{}, false
	case t.Kind == Decimal:
		return decimalType(t.Precision+4, t.Scale+4), true
	case k.node.distinct && t.floating():
		k.errorAt(0, "not-supported", "avg(DISTINCT …) of floating-point numbers depends on their order").Hintf("cast to a decimal")
		return Type{}, false
	}
	if !k.node.distinct {
		k.args[0] = castTerm(k.args[0], Type{Kind: Double})
	}
	return Type{Kind: Double}, true
}

// renderAvg divides a sum of decimals exactly and rounds once.
func renderAvg(r *renderer, t *term) string {
	sum, count := renderPlain("sum")(r, t), renderPlain("count")(r, t)
	switch {
	case t.typ.interval():
		return fit(t.typ, fmt.Sprintf("s_round_div(%s::HUGEINT, %s::HUGEINT)", fit(t.typ, sum), count))
	case t.typ.Kind == Decimal:
		return fmt.Sprintf("TRY_CAST(n_mean(%s::VARCHAR, %s, %d) AS %s)", sum, count, t.typ.Scale, t.typ.DuckDB())
	}
	return renderPlain("avg")(r, t)
}

func avgRepeats(args []*term) int {
	switch t := args[0].typ; {
	case t.interval():
		return 48
	case t.Kind == Decimal:
		return 2
	}
	return 1
}

func settleBits(k *call) (Type, bool) {
	if t := k.args[0].typ; !t.integral() {
		k.errorAt(0, "wrong-argument-type", "argument 1 of %s is %s, not an integer", k.node.text, withArticle(t))
		return Type{}, false
	}
	return k.args[0].typ, true
}

// settleBy checks the number of rows of max_by and min_by.
func settleBy(k *call) (Type, bool) {
	if len(k.args) == 2 {
		return k.args[0].typ, true
	}
	if _, ok := k.count(2); !ok || !k.positive(2) {
		return Type{}, false
	}
	return arrayOf(k.args[0].typ), true
}

func renderBy(direction string) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		x, y, order := r.term(t.args[0]), r.term(t.args[1]), r.ranked(t.args[1])+" "+direction
		if len(t.args) == 3 {
			return fmt.Sprintf("list_slice(list(%s%s)%s, 1, %s)", x, r.order(t, order), r.filter(t, y+" IS NOT NULL"), r.term(t.args[2]))
		}
		if t.over != nil { // a window function of DuckDB takes no FILTER
			return fmt.Sprintf("first_value(CASE WHEN %s IS NOT NULL THEN %s END%s)%s", y, x, r.order(t, order+" NULLS LAST"), r.over(t))
		}
		return fmt.Sprintf("first(%s%s)%s", x, r.order(t, order), r.filter(t, y+" IS NOT NULL"))
	}
}

func settleChosen(k *call) (Type, bool) {
	if len(k.args) == 2 {
		if v := k.args[1].value; v == nil || v.typ.Kind != Boolean {
			k.errorAt(1, "bad-constant", "argument 2 of %s is TRUE or FALSE", k.node.text)
			return Type{}, false
		}
	}
	return k.args[0].typ, true
}

func renderChosen(name string) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		x := r.term(t.args[0])
		skip := len(t.args) == 2 && t.args[1].value.number != 0
		switch {
		case t.over != nil && skip:
			return fmt.Sprintf("%s_value(%s%s IGNORE NULLS)%s", name, x, r.order(t), r.over(t))
		case t.over != nil:
			return fmt.Sprintf("%s_value(%s%s)%s", name, x, r.order(t), r.over(t))
		case skip:
			return fmt.Sprintf("%s(%s%s)%s", name, x, r.order(t), r.filter(t, x+" IS NOT NULL"))
		}
		return fmt.Sprintf("%s(%s%s)%s", name, x, r.order(t), r.filter(t))
	}
}

func settleCollect(k *call) (Type, bool) {
	if k.args[0].typ.Kind == Void {
		k.errorAt(0, "wrong-argument-type", "NULL has no type to make an array of").Hintf("cast it")
		return Type{}, false
	}
	return arrayOf(k.args[0].typ), true
}

func renderCollect(r *renderer, t *term) string {
	x := r.term(t.args[0])
	return fmt.Sprintf("coalesce(list(%s%s)%s, []::%s)", x, r.order(t), r.filter(t, x+" IS NOT NULL"), t.typ.DuckDB())
}
