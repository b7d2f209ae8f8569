package sql

import "fmt"

// windowFunctions number rows and look at the rows around a row. Aggregates
// take OVER too.
func windowFunctions() []*function {
	integer, double := Type{Kind: Int}, Type{Kind: Double}
	about := func(name, doc, args string) Function {
		return Function{Name: name, Class: Windowed, Doc: doc, Example: name + "(" + args + ") OVER (PARTITION BY s ORDER BY x)"}
	}
	x := takes("x", anything)
	counter := about("counter_diff", "What a counter has grown by since its row before, NULL aside; NULL where it fell, or where it began anew: at a later start, a timestamp, than the row before.", "x")
	offset := []param{x, takes("n", smalls).opt().fixed(), takes("default", anything).opt()}
	rank := func(f Function, result Type, tied bool) *function {
		return &function{Function: f, result: result, ordered: true, tied: tied, render: renderRank}
	}
	// Spark takes arguments, too, and ranks by the order all the same.
	ranked := func(f *function) *function {
		f.params, f.variadic = []param{x.opt()}, true
		f.settle = func(k *call) (Type, bool) {
			k.args = nil
			return f.result, true
		}
		return f
	}
	const ignored = " Arguments say nothing."
	return []*function{
		rank(about("row_number", "The number of the row in its part, from 1.", ""), integer, false),
		ranked(rank(about("rank", "One more than the number of rows before the row; rows of the same order have the same rank."+ignored, ""), integer, true)),
		ranked(rank(about("dense_rank", "One more than the number of different values of the order before the row's."+ignored, ""), integer, true)),
		ranked(rank(about("percent_rank", "(rank - 1) / (rows - 1): from 0 to 1."+ignored, ""), double, true)),
		rank(about("cume_dist", "The part of the rows that come before the row or have its order.", ""), double, true),
		{Function: about("ntile", "The number of the row's part where the rows are cut into n parts of nearly the same size. n is a constant.", "4"),
			params: []param{takes("n", smalls).fixed()}, ordered: true, settle: settleNtile, render: renderRank},
		{Function: about("lag", "x of the row n rows before, 1 unless said otherwise; the default where there is none. It takes IGNORE NULLS.", "x, 1, 0"),
			params: offset, ordered: true, ignores: true, settle: settleOffset, render: renderOffset},
		{Function: about("lead", "x of the row n rows after, 1 unless said otherwise; the default where there is none. It takes IGNORE NULLS.", "x"),
			params: offset, ordered: true, ignores: true, settle: settleOffset, render: renderOffset},
		{Function: counter, params: []param{takes("x", numbers).only(), takes("start", anything).opt()}, ordered: true, settle: settleCounter, render: renderCounter, copies: 6, sparkOrdered: sparkCounter},
		{Function: about("nth_value", "x of the n-th row of the frame; NULL if it has fewer. n is a constant. It takes IGNORE NULLS.", "x, 2"),
			params: []param{x, takes("n", smalls).fixed()}, ignores: true, settle: settleNth, render: renderNth, sparkOrdered: sparkNth, frames: true},
	}
}

func renderRank(r *renderer, t *term) string {
	return fmt.Sprintf("(%s(%s)%s)::%s", t.fn.Name, r.list(t.args), r.over(t), t.typ.DuckDB())
}

func settleNtile(k *call) (Type, bool) { return Type{Kind: Int}, k.positive(0) }

// positive reports a constant argument that is not above 0.
func (k *call) positive(i int) bool {
	if n, ok := k.args[i].integer(); !ok || n < 1 {
		k.errorAt(i, "bad-constant", "argument %d of %s is a constant number from 1", i+1, k.node.text)
		return false
	}
	return true
}

func settleNth(k *call) (Type, bool) { return k.args[0].typ, k.positive(1) }

func settleOffset(k *call) (Type, bool) {
	typ := k.args[0].typ
	if len(k.args) > 1 {
		n, ok := k.args[1].integer()
		if !ok || n < 1 && k.node.ignore {
			k.errorAt(1, "bad-constant", "argument 2 of %s is a constant number of rows", k.node.text)
			return Type{}, false
		}
	}
	if len(k.args) > 2 {
		if !lossless(k.args[2].typ, typ) {
			k.errorAt(2, "type-mismatch", "the default is %s, the value %s", withArticle(k.args[2].typ), withArticle(typ)).Hintf("cast one of them")
			return Type{}, false
		}
		k.args[2] = castTerm(k.args[2], typ)
	}
	return typ, true
}

func renderOffset(r *renderer, t *term) string {
	return fmt.Sprintf("%s(%s%s)%s", t.fn.Name, r.list(t.args), ignoreNulls(t), r.over(t))
}

func renderNth(r *renderer, t *term) string {
	return fmt.Sprintf("nth_value(%s%s%s)%s", r.list(t.args), r.order(t), ignoreNulls(t), r.over(t))
}

func ignoreNulls(t *term) string {
	if t.ignore {
		return " IGNORE NULLS"
	}
	return ""
}

func settleCounter(k *call) (Type, bool) {
	if len(k.args) == 2 {
		switch t := k.args[1].typ; t.Kind {
		case Timestamp, TimestampNTZ, Void:
		default:
			k.errorAt(1, "wrong-argument-type", "argument 2 of counter_diff is %s, not a timestamp", withArticle(t))
			return Type{}, false
		}
	}
	return k.args[0].typ, true
}

// renderCounter looks at the last row that has a value, and at its start.
func renderCounter(r *renderer, t *term) string {
	x := r.term(t.args[0])
	before := fmt.Sprintf("lag(%s IGNORE NULLS)%s", x, r.over(t))
	same := ""
	if len(t.args) == 2 {
		start := r.term(t.args[1])
		same = fmt.Sprintf(" AND coalesce(%s = (lag(CASE WHEN %s IS NOT NULL THEN {s: %s} END IGNORE NULLS)%s).s, true)", start, x, start, r.over(t))
	}
	return fmt.Sprintf("(CASE WHEN %[2]s >= 0 AND %[1]s >= %[2]s%[3]s THEN (%[1]s - %[2]s)::%[4]s END)", x, before, same, t.typ.DuckDB())
}
