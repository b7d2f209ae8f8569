package sql

import (
	"fmt"
	"slices"
	"strings"
)

// statisticFunctions describe how the numbers of a group are spread. All are
// DOUBLE; NULL is left out.
func statisticFunctions() []*function {
	double := Type{Kind: Double}
	about := func(name, doc string, aliases ...string) Function {
		return Function{Name: name, Aliases: aliases, Class: Aggregate, Doc: doc, Example: name + "(x)"}
	}
	x := []param{takes("x", doubles)}
	percentile := about("percentile", "The value below which a constant part p of the values lies, interpolated; of an array of parts an array. A frequency says how often each value counts; where it is not above 0, the value does not.")
	percentile.Example = "percentile(x, 0.3)"
	return []*function{
		{Function: about("stddev_samp", "The sample standard deviation; NULL for fewer than two values.", "stddev", "std"), params: x, result: double, render: renderSpread("stddev_samp", 2), copies: 4},
		{Function: about("stddev_pop", "The population standard deviation."), params: x, result: double, render: renderSpread("stddev_pop", 1), copies: 4},
		{Function: about("var_samp", "The sample variance; NULL for fewer than two values.", "variance"), params: x, result: double, render: renderSpread("var_samp", 2), copies: 4},
		{Function: about("var_pop", "The population variance."), params: x, result: double, render: renderSpread("var_pop", 1), copies: 4},
		{Function: epoch2(about("skewness", "The skewness of the population; NULL where all values are equal.")), params: x, result: double, render: renderMoment("s_skewness"), copies: 10, sparkOrdered: sparkMoment(3)},
		{Function: epoch2(about("kurtosis", "The excess kurtosis of the population; NULL where all values are equal.")), params: x, result: double, render: renderMoment("s_kurtosis"), copies: 10, sparkOrdered: sparkMoment(4)},
		{Function: about("median", "The value in the middle, interpolated: percentile(x, 0.5)."), params: []param{takes("x", measures)}, whole: true,
			settle: func(k *call) (Type, bool) { return percentileType(k.args[0].typ), true }, repeats: percentileRepeats(0),
			render: func(r *renderer, t *term) string {
				if t.typ.interval() {
					half := constantTerm(constant{typ: Type{Kind: Double}, float: 0.5}, t.at)
					return percentileInterval(t.typ, r.sortedList(t, t.args[0], "ASC"), []*term{half}, false)
				}
				return "quantile_cont(" + r.term(t.args[0]) + ", 0.5)" + r.filter(t)
			}},
		{Function: percentile, params: []param{takes("x", measures), takes("p", anything), takes("frequency", anything).opt()}, whole: true, settle: settlePercentile, render: renderWholePercentile, repeats: percentileRepeats(0)},
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

// settlePercentile takes a constant part, or an array of several, and how often
// each value counts.
func settlePercentile(k *call) (Type, bool) {
	x := k.args[0].typ
	if len(k.args) == 3 && x.interval() {
		k.errorAt(2, "not-supported", "percentile takes no frequency of intervals").Hintf("write the interval as a number: percentile(unix_micros(t), p, n)")
		return Type{}, false
	}
	if len(k.args) == 3 && !k.args[2].typ.integral() {
		k.errorAt(2, "wrong-argument-type", "argument 3 of percentile is %s, not a whole number", withArticle(k.args[2].typ))
		return Type{}, false
	}
	many, ok := k.parts(1)
	if many {
		return arrayOf(percentileType(x)), ok
	}
	return percentileType(x), ok
}

// parts checks an argument that is a constant from 0 to 1, or an array of such.
func (k *call) parts(i int) (many, ok bool) {
	double, p := Type{Kind: Double}, k.args[i]
	many = p.fn != nil && p.fn.Name == "array"
	parts := slices.Clone(partsOf(p))
	for j, part := range parts {
		if part.fn == castFunction && part.args[0].value != nil { // in the array's common type
			part = part.args[0]
		}
		if part.typ.Numeric() {
			parts[j] = castTerm(part, double)
		}
		if parts[j].value == nil {
			k.errorAt(i, "not-constant", "argument %d of %s must be a constant", i+1, k.node.text)
			return many, false
		}
		if v := parts[j].value; v.typ.Kind != Double || v.float < 0 || v.float > 1 {
			k.errorAt(i, "bad-constant", "argument %d of %s is a constant from 0 to 1, or an array of such", i+1, k.node.text)
			return many, false
		}
	}
	if k.args[i] = parts[0]; many {
		k.args[i] = apply(p.fn, arrayOf(double), p.at, parts...)
	}
	return many, true
}

// partsOf returns the parts that an argument gives.
func partsOf(p *term) []*term {
	if p.fn != nil && p.fn.Name == "array" {
		return p.args
	}
	return []*term{p}
}

func renderWholePercentile(r *renderer, t *term) string {
	x, p := t.args[0], t.args[1]
	switch {
	case x.typ.interval():
		return percentileInterval(t.typ, r.sortedList(t, x, "ASC"), partsOf(p), false)
	case len(t.args) == 2:
		return fmt.Sprintf("quantile_cont(%s, %s)%s", r.term(x), r.term(p), r.filter(t))
	}
	value, times := r.term(x), r.term(t.args[2])
	list := fmt.Sprintf("list({'f0': %s::DOUBLE, 'f1': %s::BIGINT})%s", value, times, r.filter(t, value+" IS NOT NULL", times+" > 0"))
	text := fmt.Sprintf("array_to_string(list_transform(%s, lambda _s_x: _s_x.f0::VARCHAR || ' ' || _s_x.f1::VARCHAR), ',')", list)
	return with(text, "_s_list", func(list string) string {
		texts := make([]string, 0, len(partsOf(p)))
		for _, part := range partsOf(p) {
			texts = append(texts, fmt.Sprintf("n_percentile(%s, %s)", list, part.value.duckdb()))
		}
		if t.typ.Kind != Array {
			return texts[0]
		}
		return fmt.Sprintf("(CASE WHEN %s IS NOT NULL THEN [%s] END)", texts[0], strings.Join(texts, ", "))
	})
}
