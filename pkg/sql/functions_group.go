package sql

import (
	"fmt"
	"slices"
	"strings"
)

// groupFunctions gather the values of a group. Some take an order of the
// values: WITHIN GROUP (ORDER BY x).
func groupFunctions() []*function {
	str := Type{Kind: String}
	about := func(name, doc, example string, aliases ...string) Function {
		return Function{Name: name, Aliases: aliases, Class: Aggregate, Doc: doc, Example: example}
	}
	p, x := takes("p", anything), takes("x", measures)
	return []*function{
		{Function: about("collect_set", "An array of the different values that are not NULL, in ascending order, so that it is the same in every run.", "collect_set(x)"),
			params: []param{takes("x", orderable)}, settle: settleCollect, render: renderCollectSet, copies: 4},
		{Function: about("collect_union", "An array of the different elements of the arrays that are not NULL, in ascending order, so that it is the same in every run.", "collect_union(array(1, 2))"),
			params: []param{takes("array", arrays)}, settle: settleSort, render: renderCollectUnion, copies: 4},
		{Function: about("mode", "The most frequent value; of several the smallest, or by WITHIN GROUP (ORDER BY x DESC) the largest.", "mode(x)"),
			params: []param{takes("x", orderable), takes("deterministic", booleans).opt().fixed()}, within: true, ordinal: true, settle: settleMode, render: renderMode, copies: 3, sparkOrdered: sparkMode},
		{Function: about("percentile_cont", "percentile(x, p), or from the other end with DESC; of an array of parts an array.", "percentile_cont(0.25) WITHIN GROUP (ORDER BY x)"),
			params: []param{p, x}, within: true, ordinal: true, whole: true, settle: settleWithin, render: renderPercentile("quantile_cont", false), repeats: percentileRepeats(1)},
		{Function: about("percentile_disc", "The first value in the order that a constant part p of the values do not come after, as a double; of an array of parts an array.", "percentile_disc(0.25) WITHIN GROUP (ORDER BY x)"),
			params: []param{p, x}, within: true, ordinal: true, whole: true, settle: settleWithin, render: renderPercentile("quantile_disc", true), repeats: percentileRepeats(1)},
		{Function: about("listagg", "The texts that are not NULL, joined by a constant separator, in the order of the rows or that of WITHIN GROUP, with DISTINCT each once and in their own order; NULL if there is none.", "listagg(s, ', ') WITHIN GROUP (ORDER BY s)", "string_agg"),
			params: []param{takes("s", texts), takes("separator", texts).opt().fixed()}, within: true, distinct: true, settle: settleListagg, result: str, render: renderListagg, copies: 2, sparkOrdered: sparkListagg},
	}
}

// onList renders what is computed from the list of an aggregate's values. The
// list is a variable first: DuckDB fails on a lambda around a window function
// over what holds a lambda.
func (r *renderer) onList(t *term, compute func(list string) string) string {
	x := r.term(t.args[0])
	return fmt.Sprintf("list_extract(list_transform([list(%s%s)%s], lambda _s_list: %s), 1)", x, r.order(t), r.filter(t, x+" IS NOT NULL"), compute("_s_list"))
}

func renderCollectSet(r *renderer, t *term) string {
	return r.onList(t, func(list string) string {
		return distinctSorted(t.typ, fmt.Sprintf("coalesce(%s, []::%s)", list, t.typ.DuckDB()))
	})
}

func renderCollectUnion(r *renderer, t *term) string {
	return r.onList(t, func(list string) string {
		return distinctSorted(t.typ, fmt.Sprintf("list_filter(flatten(coalesce(%s, []::%s[])), lambda _s_x: _s_x IS NOT NULL)", list, t.typ.DuckDB()))
	})
}

// distinctSorted renders each value of a list once, in order.
func distinctSorted(t Type, list string) string {
	if t.elem().floating() { // of which list_distinct keeps each NaN
		return fmt.Sprintf("s_adistinct(list_sort(%s, 'ASC', 'NULLS FIRST'))", list)
	}
	return sorted(t.elem(), "list_distinct("+list+")", "ASC", "FIRST")
}

func settleMode(k *call) (Type, bool) {
	t := k.args[0].typ
	switch t.Kind {
	case Boolean, TinyInt, SmallInt, Int, BigInt, Double, String, Date, YearMonth, DayTime:
	default:
		k.errorAt(0, "not-supported", "mode does not take %s", withArticle(t))
		return Type{}, false
	}
	if k.within != nil {
		if len(k.args) > 1 {
			k.errorAt(1, "wrong-argument-count", "mode takes no argument beside WITHIN GROUP")
			return Type{}, false
		}
		return t, true
	}
	if v := k.args[len(k.args)-1].value; len(k.args) == 2 && (v == nil || v.number == 0) {
		k.errorAt(1, "non-deterministic", "with FALSE mode picks any of the most frequent values").Hintf("write mode(x), which picks the smallest")
		return Type{}, false
	}
	k.args = k.args[:1]
	return t, true
}

func renderMode(r *renderer, t *term) string {
	best := "list_min"
	if t.within != nil && t.within.desc {
		best = "list_max"
	}
	return r.onList(t, func(list string) string {
		if t.typ.Kind == Double { // DuckDB takes NaN for any key
			list = fmt.Sprintf("list_transform(%s, lambda _s_x: (_s_x + 0e0)::VARCHAR)", list)
			return fmt.Sprintf("%s(list_transform(s_modes(%s), lambda _s_k: _s_k::DOUBLE))", best, list)
		}
		return fmt.Sprintf("%s(s_modes(%s))", best, list)
	})
}

// settleWithin checks the parts of a percentile.
func settleWithin(k *call) (Type, bool) {
	many, ok := k.parts(0)
	if many {
		return arrayOf(percentileType(k.args[1].typ)), ok
	}
	return percentileType(k.args[1].typ), ok
}

func renderPercentile(name string, discrete bool) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		x, parts := r.term(t.args[1]), partsOf(t.args[0])
		if percentileType(t.args[1].typ).interval() {
			direction := map[bool]string{false: "ASC", true: "DESC"}[t.within.desc]
			return percentileInterval(t.typ, r.sortedList(t, t.args[1], direction), parts, discrete)
		}
		texts := make([]string, len(parts))
		for i, part := range parts {
			p := part.value.float
			if t.within.desc && discrete {
				texts[i] = fmt.Sprintf("s_disc(list_sort(list(%s)%s, 'DESC', 'NULLS LAST'), %s)", x, r.filter(t, x+" IS NOT NULL"), part.value.duckdb())
				continue
			}
			if t.within.desc {
				p = 1 - p
			}
			texts[i] = fmt.Sprintf("%s(%s, %s)%s", name, x, constant{typ: Type{Kind: Double}, float: p}.duckdb(), r.filter(t))
		}
		if t.typ.Kind != Array {
			return texts[0]
		}
		return fmt.Sprintf("(CASE WHEN count(%s)%s > 0 THEN [%s] END)", x, r.filter(t), strings.Join(texts, ", "))
	}
}

// settleListagg orders different texts by themselves only: what is one of them
// has no other order.
func settleListagg(k *call) (Type, bool) {
	if w := k.within; k.node.distinct && w != nil && canonical(w.x) != canonical(k.args[0]) {
		k.report(w.x.at, "not-supported", "different texts are ordered by themselves").Hintf("write WITHIN GROUP (ORDER BY …) with the argument")
		return Type{}, false
	}
	return Type{Kind: String}, true
}

func renderListagg(r *renderer, t *term) string {
	s, separator := r.term(t.args[0]), ""
	if len(t.args) == 2 {
		separator, _ = t.args[1].text()
	}
	if t.distinct {
		direction := "'ASC'"
		if w := t.within; w != nil && w.desc {
			direction = "'DESC'"
		}
		return fmt.Sprintf("array_to_string(list_sort(list_distinct(list(%s)%s), %s), %s)", s, r.filter(t, s+" IS NOT NULL"), direction, quoteString(separator))
	}
	var first []string
	if w := t.within; w != nil {
		first = append(first, w.duckdb(r.ranked(w.x)))
	}
	return fmt.Sprintf("string_agg(%s, %s%s)%s", s, quoteString(separator), r.order(t, first...), r.filter(t, s+" IS NOT NULL"))
}

// groupMacros choose among the values of a group.
func groupMacros() []string {
	entries := `list_filter(map_entries(list_histogram(l)), lambda _s_e: _s_e.value = list_max(map_values(list_histogram(l))))`
	return []string{
		`s_modes(l) AS list_transform(` + entries + `, lambda _s_e: _s_e.key)`,
		`s_rank(l, p) AS (len(l) - 1) * p`,
		`s_interpolated(l, p) AS CASE WHEN list_extract(l, floor(s_rank(l, p))::BIGINT + 1) = list_extract(l, ceil(s_rank(l, p))::BIGINT + 1) THEN list_extract(l, floor(s_rank(l, p))::BIGINT + 1)::DOUBLE ELSE (ceil(s_rank(l, p)) - s_rank(l, p)) * list_extract(l, floor(s_rank(l, p))::BIGINT + 1)::DOUBLE + (s_rank(l, p) - floor(s_rank(l, p))) * list_extract(l, ceil(s_rank(l, p))::BIGINT + 1)::DOUBLE END`,
		`s_disc(l, p) AS list_extract(l, greatest(ceil(p * len(l)), 1)::BIGINT)`,
	}
}

// withinGroup makes the value that WITHIN GROUP orders by an argument, where
// the function is about it.
func (c *checker) withinGroup(n *node, fn *function) (*node, bool) {
	switch {
	case n.within == nil:
		return n, true
	case !fn.within:
		c.errorf(n.within, "not-supported", "%s takes no WITHIN GROUP", n.text)
		return n, false
	case len(n.within.args) != 1:
		c.errorf(n.within, "not-supported", "WITHIN GROUP is supported with one term")
		return n, false
	case !fn.ordinal:
		return n, true
	}
	out := *n
	out.args = append(slices.Clone(n.args), n.within.args[0].args[0])
	return &out, true
}

// withinTerm checks the order of WITHIN GROUP.
func (c *checker) withinTerm(n *node, fn *function) *orderTerm {
	if n.within == nil {
		return nil
	}
	o := n.within.args[0]
	w := &orderTerm{desc: o.not, nullsLast: o.text == "last"}
	if !fn.ordinal {
		if w.x = c.ordered(o.args[0], "the order"); w.x == nil {
			return nil
		}
	}
	return w
}
