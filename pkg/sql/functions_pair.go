package sql

import "fmt"

// pairFunctions describe how two numbers of a group go together. Rows in which
// one of them is NULL are left out.
func pairFunctions() []*function {
	double, bigint := Type{Kind: Double}, Type{Kind: BigInt}
	y, x := takes("y", doubles), takes("x", doubles)
	pair := func(name, doc string, result Type, render func(r *renderer, t *term) string, copies int) *function {
		return &function{Function: Function{Name: name, Class: Aggregate, Doc: doc, Example: name + "(y, x)"}, params: []param{y, x}, result: result, render: render, copies: copies}
	}
	regr := func(name, doc string) *function { return pair(name, doc, double, renderPair(name, 1), 9) }
	return []*function{
		pair("corr", "The correlation of Pearson; NULL for fewer than two rows.", double, renderPair("corr", 2), 9),
		pair("covar_pop", "The covariance of the population.", double, renderPair("covar_pop", 1), 9),
		pair("covar_samp", "The covariance of the sample; NULL for fewer than two rows.", double, renderPair("covar_samp", 2), 9),
		pair("regr_count", "The number of rows.", bigint, func(r *renderer, t *term) string {
			return "count(*)" + r.filter(t, r.term(t.args[0])+" IS NOT NULL", r.term(t.args[1])+" IS NOT NULL")
		}, 1),
		pair("regr_avgx", "The mean of x.", double, renderPairMean(1), 2),
		pair("regr_avgy", "The mean of y.", double, renderPairMean(0), 2),
		regr("regr_sxx", "The sum of the squares of what x differs from its mean."),
		regr("regr_syy", "The sum of the squares of what y differs from its mean."),
		regr("regr_sxy", "The sum of the products of what x and y differ from their means."),
		regr("regr_slope", "The slope of the line that fits best."),
		regr("regr_intercept", "The height of the line that fits best at 0."),
		regr("regr_r2", "The square of the correlation: how much of y the line explains."),
	}
}

func renderPairMean(i int) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		return fmt.Sprintf("avg(%s)%s", r.term(t.args[i]), r.filter(t, r.term(t.args[0])+" IS NOT NULL", r.term(t.args[1])+" IS NOT NULL"))
	}
}

// renderPair keeps numbers away from DuckDB that it would raise on, as
// renderSpread does. What is 0 / 0 is NULL.
func renderPair(name string, least int) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		y, x := r.term(t.args[0]), r.term(t.args[1])
		there := []string{y + " IS NOT NULL", x + " IS NOT NULL"}
		name := name
		switch name { // of one of them; what the other one is does not matter
		case "regr_sxx":
			y = "0e0"
		case "regr_syy":
			name, y, x = "regr_sxx", "0e0", y
		}
		large := fmt.Sprintf("bool_or(abs(%s) > 1e150 OR abs(%s) > 1e150)%s", y, x, r.filter(t, there...))
		usable := append(there, "abs("+y+") <= 1e150", "abs("+x+") <= 1e150")
		return fmt.Sprintf("(CASE WHEN count(*)%s < %d THEN NULL WHEN %s THEN 'nan'::DOUBLE ELSE nullif(%s(%s, %s)%s, 'nan'::DOUBLE) END)",
			r.filter(t, there...), least, large, name, y, x, r.filter(t, usable...))
	}
}
