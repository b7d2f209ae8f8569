package sql

import (
	"fmt"
	"slices"
)

// statisticFunctions describe how the numbers of a group are spread. All are
// DOUBLE; NULL is left out.
func statisticFunctions() []*function {
	double := Type{Kind: Double}
	about := func(name, doc string, aliases ...string) Function {
		return Function{Name: name, Aliases: aliases, Class: Aggregate, Doc: doc, Example: name + "(x)"}
	}
	x := []param{takes("x", doubles)}
	percentile := about("percentile", "The value below which a constant part p of the values lies, interpolated; of an array of parts an array.")
	percentile.Example = "percentile(x, 0.3)"
	return []*function{
		{Function: about("stddev_samp", "The sample standard deviation; NULL for fewer than two values.", "stddev", "std"), params: x, result: double, render: renderSpread("stddev_samp", 2), copies: 4},
		{Function: about("stddev_pop", "The population standard deviation."), params: x, result: double, render: renderSpread("stddev_pop", 1), copies: 4},
		{Function: about("var_samp", "The sample variance; NULL for fewer than two values.", "variance"), params: x, result: double, render: renderSpread("var_samp", 2), copies: 4},
		{Function: about("var_pop", "The population variance."), params: x, result: double, render: renderSpread("var_pop", 1), copies: 4},
		{Function: about("skewness", "The skewness of the population; NULL where all values are equal."), params: x, result: double, render: renderMoment("s_skewness"), copies: 10},
		{Function: about("kurtosis", "The excess kurtosis of the population; NULL where all values are equal."), params: x, result: double, render: renderMoment("s_kurtosis"), copies: 10},
		{Function: about("median", "The value in the middle, interpolated: percentile(x, 0.5)."), params: []param{takes("x", measures)}, whole: true,
			settle: func(k *call) (Type, bool) { return percentileType(k.args[0].typ), true }, repeats: percentileRepeats(0),
			render: func(r *renderer, t *term) string {
				if t.typ.interval() {
					half := constantTerm(constant{typ: Type{Kind: Double}, float: 0.5}, t.at)
					return percentileInterval(t.typ, r.sortedList(t, t.args[0], "ASC"), []*term{half}, false)
				}
				return "quantile_cont(" + r.term(t.args[0]) + ", 0.5)" + r.filter(t)
			}},
		{Function: percentile, params: []param{takes("x", measures), takes("p", anything)}, whole: true, settle: settlePercentile, repeats: percentileRepeats(0),
			render: func(r *renderer, t *term) string {
				if x := t.args[0]; x.typ.interval() {
					parts := t.args[1:]
					if t.typ.Kind == Array {
						parts = parts[0].args
					}
					return percentileInterval(t.typ, r.sortedList(t, x, "ASC"), parts, false)
				}
				return fmt.Sprintf("quantile_cont(%s, %s)%s", r.term(t.args[0]), r.list(t.args[1:]), r.filter(t))
			}},
	}
}

// renderSpread keeps numbers away from DuckDB that it would raise on: where
// one is not finite, or its square might not be, the result is NaN.
func renderSpread(name string, least int) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		x := r.term(t.args[0])
		return fmt.Sprintf("(CASE WHEN count(%[1]s)%[2]s < %[3]d THEN NULL WHEN bool_or(abs(%[1]s) > 1e150)%[2]s THEN 'nan'::DOUBLE ELSE %[4]s(%[1]s)%[5]s END)",
			x, r.filter(t), least, name, r.filter(t, "abs("+x+") <= 1e150"))
	}
}

// renderMoment computes from the list of values, which takes memory but does
// not cancel as sums of powers do.
func renderMoment(macro string) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		return r.onList(t, func(list string) string { return macro + "(" + list + ")" })
	}
}

// settlePercentile takes a constant part, or an array of several.
func settlePercentile(k *call) (Type, bool) {
	double, p := Type{Kind: Double}, k.args[1]
	parts := []*term{p}
	if p.fn != nil && p.fn.Name == "array" {
		parts = p.args
	}
	parts = slices.Clone(parts)
	for i, part := range parts {
		if part.fn == castFunction && part.args[0].value != nil { // in the array's common type
			part = part.args[0]
		}
		if part.typ.Numeric() {
			parts[i] = castTerm(part, double)
		}
		if parts[i].value == nil {
			k.errorAt(1, "not-constant", "argument 2 of percentile must be a constant")
			return Type{}, false
		}
		if v := parts[i].value; v.typ.Kind != Double || v.float < 0 || v.float > 1 {
			k.errorAt(1, "bad-constant", "argument 2 of percentile is a constant from 0 to 1, or an array of such")
			return Type{}, false
		}
	}
	if p.fn == nil {
		k.args[1] = parts[0]
		return percentileType(k.args[0].typ), true
	}
	k.args[1] = apply(p.fn, arrayOf(double), p.at, parts...)
	return arrayOf(percentileType(k.args[0].typ)), true
}
