package sql

import "fmt"

// statisticFunctions describe how the numbers of a group are spread. All are
// DOUBLE; NULL is left out.
func statisticFunctions() []*function {
	double := Type{Kind: Double}
	about := func(name, doc string, aliases ...string) Function {
		return Function{Name: name, Aliases: aliases, Class: Aggregate, Doc: doc, Example: name + "(x)"}
	}
	x := []param{takes("x", doubles)}
	percentile := about("percentile", "The value below which a constant part p of the values lies, interpolated.")
	percentile.Example = "percentile(x, 0.3)"
	return []*function{
		{Function: about("stddev_samp", "The sample standard deviation; NULL for fewer than two values.", "stddev", "std"), params: x, result: double, render: renderSpread("stddev_samp", 2), copies: 4},
		{Function: about("stddev_pop", "The population standard deviation."), params: x, result: double, render: renderSpread("stddev_pop", 1), copies: 4},
		{Function: about("var_samp", "The sample variance; NULL for fewer than two values.", "variance"), params: x, result: double, render: renderSpread("var_samp", 2), copies: 4},
		{Function: about("var_pop", "The population variance."), params: x, result: double, render: renderSpread("var_pop", 1), copies: 4},
		{Function: about("skewness", "The skewness of the population; NULL where all values are equal."), params: x, result: double, render: renderMoment("s_skewness"), copies: 10},
		{Function: about("kurtosis", "The excess kurtosis of the population; NULL where all values are equal."), params: x, result: double, render: renderMoment("s_kurtosis"), copies: 10},
		{Function: about("median", "The value in the middle, interpolated: percentile(x, 0.5)."), params: x, whole: true, result: double,
			render: func(r *renderer, t *term) string {
				return "quantile_cont(" + r.term(t.args[0]) + ", 0.5)" + r.filter(t)
			}},
		{Function: percentile, params: []param{takes("x", doubles), takes("p", doubles).fixed()}, whole: true, settle: settlePercentile, result: double,
			render: func(r *renderer, t *term) string {
				return fmt.Sprintf("quantile_cont(%s, %s)%s", r.term(t.args[0]), r.term(t.args[1]), r.filter(t))
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
		x := r.term(t.args[0])
		return fmt.Sprintf("%s(list(%s%s)%s)", macro, x, r.order(t), r.filter(t, x+" IS NOT NULL"))
	}
}

func settlePercentile(k *call) (Type, bool) {
	v := k.args[1].value
	if v == nil || v.typ.Kind != Double || v.float < 0 || v.float > 1 {
		k.errorAt(1, "bad-constant", "argument 2 of percentile is a constant from 0 to 1")
		return Type{}, false
	}
	return Type{Kind: Double}, true
}
