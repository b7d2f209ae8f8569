package sql

import (
	"fmt"
	"strings"
)

// Aggregates that depend on the order of rows. Spark's have none of their own,
// so the order is a value beside the argument.

// byRows reports a call whose rows the window itself puts in order.
func byRows(n *node) bool {
	if n.over == nil {
		return false
	}
	_, _, frame := n.over.parts()
	return frame != nil && frame.text == "rows"
}

// tail writes FILTER and OVER of a call.
func (w *sparkWriter) tail(n *node) string {
	out := ""
	if n.filter != nil {
		out += " FILTER (WHERE " + printed(w.node(n.filter), 0) + ")"
	}
	if n.over != nil {
		var b strings.Builder
		printOver(&b, w.over(n, &function{}))
		out += " OVER " + b.String()
	}
	return out
}

// sparkFirst writes first and last: the x of the row with the smallest or the
// largest place.
func sparkFirst(last bool) func(w *sparkWriter, n *node) string {
	return func(w *sparkWriter, n *node) string {
		x, there := w.operand(n.args[0]), ""
		if n.ignore || len(n.args) == 2 && n.args[1].value.isTrue() {
			there = x + " IS NOT NULL"
		}
		if n.over != nil {
			if _, order, _ := n.over.parts(); len(order) > 0 {
				list := w.sorted(n, sortedBy{x: x, there: there})
				if last {
					return fmt.Sprintf("get(reverse(%s), 0)", list)
				}
				return fmt.Sprintf("get(%s, 0)", list)
			}
		}
		return fmt.Sprintf("%s(%s, %s)%s", map[bool]string{false: "min_by", true: "max_by"}[last], x, where(there, "struct("+w.RowOrder+")"), w.tail(n))
	}
}

func (c *constant) isTrue() bool { return c != nil && c.typ.Kind == Boolean && c.number != 0 }

// where writes a value that is NULL where a condition is not true.
func where(condition, x string) string {
	if condition == "" {
		return x
	}
	return "CASE WHEN " + condition + " THEN " + x + " END"
}

// sparkBy writes max_by and min_by, where of rows with the same y the first
// counts.
func sparkBy(direction string) func(w *sparkWriter, n *node) string {
	return func(w *sparkWriter, n *node) string {
		x, y := w.operand(n.args[0]), w.operand(n.args[1])
		if n.over != nil {
			list := w.sorted(n, sortedBy{x: x, there: y + " IS NOT NULL", first: &node{op: opOrder, not: direction == "max", text: "last", args: []*node{verbatim(y)}}})
			if len(n.args) == 3 {
				return fmt.Sprintf("CASE WHEN size(%[1]s) > 0 THEN slice(%[1]s, 1, %[2]s) END", list, w.operand(n.args[2]))
			}
			return fmt.Sprintf("get(%s, 0)", list)
		}
		place := w.RowOrder
		if direction == "max" {
			place = w.Reversed
		}
		k := ""
		if len(n.args) == 3 {
			k = ", " + w.operand(n.args[2])
		}
		return fmt.Sprintf("%s_by(%s, %s%s)%s", direction, x, where(y+" IS NOT NULL", "struct("+y+", "+place+")"), k, w.tail(n))
	}
}

// sparkCollect writes collect_list.
func sparkCollect(w *sparkWriter, n *node) string {
	x := w.operand(n.args[0])
	return w.sorted(n, sortedBy{x: x, there: x + " IS NOT NULL"})
}

// sparkNth writes nth_value.
func sparkNth(w *sparkWriter, n *node) string {
	x, there := w.operand(n.args[0]), ""
	if n.ignore {
		there = x + " IS NOT NULL"
	}
	return fmt.Sprintf("get(%s, %s - 1)", w.sorted(n, sortedBy{x: x, there: there}), w.operand(n.args[1]))
}

// sparkMoment writes skewness and kurtosis, of the third and the fourth power.
// Spark's own lose digits of values that are far from 0.
func sparkMoment(power int) func(w *sparkWriter, n *node) string {
	return func(w *sparkWriter, n *node) string {
		sum := func(of string) string { return "aggregate(_s_l, 0D, (_s_a, _s_v) -> _s_a + " + of + ")" }
		moment := func(power int) string { return sum(fmt.Sprintf("power(_s_v - _s_m, %d)", power)) }
		value := fmt.Sprintf("sqrt(size(_s_l)) * %s / power(%s, 1.5D)", moment(3), moment(2))
		if power == 4 {
			value = fmt.Sprintf("size(_s_l) * %s / power(%s, 2) - 3", moment(4), moment(2))
		}
		value = once("_s_m", sum("_s_v")+" / size(_s_l)", fmt.Sprintf("CASE WHEN array_min(_s_l) < array_max(_s_l) OR isnan(%s) THEN %s END", moment(2), value))
		return once("_s_l", fmt.Sprintf("collect_list(CAST(%s AS DOUBLE))%s", w.operand(n.args[0]), w.tail(n)), value)
	}
}

// sparkVectors writes vector_sum and vector_avg, of which Spark's own fail for
// vectors of different lengths, and add up in no order.
func sparkVectors(mean bool) func(w *sparkWriter, n *node) string {
	return func(w *sparkWriter, n *node) string {
		v := w.operand(n.args[0])
		list := w.sorted(n, sortedBy{x: v, there: v + " IS NOT NULL AND NOT exists(" + v + ", _s_e -> _s_e IS NULL)"})
		const rest = "slice(_s_l, 2, size(_s_l)), "
		fold := "aggregate(" + rest + "get(_s_l, 0), (_s_a, _s_v) -> zip_with(_s_a, _s_v, (_s_x, _s_y) -> _s_x + _s_y))"
		if mean {
			next := "_s_x + (_s_y - _s_x) * CAST(1F / CAST(_s_a.n AS FLOAT) AS FLOAT)"
			fold = "aggregate(" + rest + "named_struct('m', get(_s_l, 0), 'n', 2), (_s_a, _s_v) -> named_struct('m', zip_with(_s_a.m, _s_v, (_s_x, _s_y) -> " + next + "), 'n', _s_a.n + 1), _s_a -> _s_a.m)"
		}
		sizes := "transform(_s_l, _s_v -> size(_s_v))"
		return once("_s_l", list, fmt.Sprintf("CASE WHEN array_min(%[1]s) = array_max(%[1]s) THEN %[2]s END", sizes, fold))
	}
}

// sparkCounter writes counter_diff, of which Spark's own fails for a count below
// 0.
func sparkCounter(w *sparkWriter, n *node) string {
	var b strings.Builder
	printOver(&b, w.over(n, &function{ordered: true}))
	x, over, same := w.operand(n.args[0]), " OVER "+b.String(), ""
	before := "lag(" + x + ") IGNORE NULLS" + over
	if len(n.args) == 2 {
		start := w.operand(n.args[1])
		same = fmt.Sprintf(" AND coalesce(%s = (lag(CASE WHEN %s IS NOT NULL THEN struct(%s AS s) END) IGNORE NULLS%s).s, true)", start, x, start, over)
	}
	return fmt.Sprintf("CASE WHEN %[2]s >= 0 AND %[1]s >= %[2]s%[3]s THEN %[1]s - %[2]s END", x, before, same)
}

// sparkListagg puts the texts in the order of the rows, behind one of their own.
func sparkListagg(w *sparkWriter, n *node) string {
	out := *n
	out.args, out.filter = w.nodes(n.args), w.node(n.filter)
	if n.over != nil {
		x, separator := w.operand(n.args[0]), "''"
		if len(n.args) == 2 {
			separator = w.operand(n.args[1])
		}
		list := w.sorted(n, sortedBy{x: x, there: x + " IS NOT NULL"})
		return fmt.Sprintf("CASE WHEN size(%[1]s) > 0 THEN array_join(%[1]s, %[2]s) END", list, separator)
	}
	order := []*node{ascending(w.RowOrder)}
	switch {
	case n.within == nil && n.distinct:
		order = w.nodes([]*node{{op: opOrder, text: "first", args: n.args[:1]}})
	case n.within != nil && n.distinct:
		order = w.nodes(n.within.args)
	case n.within != nil:
		order = append(w.nodes(n.within.args), order...)
	}
	out.within = &node{op: opOver, args: order}
	return printed(&out, tightPrimary)
}

// sparkMode asks for the smallest of the most frequent values.
func sparkMode(w *sparkWriter, n *node) string {
	if n.within != nil {
		out := *n
		out.filter, out.within = w.node(n.filter), w.node(n.within)
		return printed(&out, tightPrimary)
	}
	return fmt.Sprintf("mode(%s, true)%s", w.operand(n.args[0]), w.tail(n))
}

// sortedBy says what a list holds, and which rows of: x where a condition is
// true, by a term before those of the window.
type sortedBy struct {
	x, there string
	first    *node
}

// sorted writes the list of what a call is about, by row: in the order of its
// window, then of the row id.
func (w *sparkWriter) sorted(n *node, by sortedBy) string {
	var order []*node
	if by.first != nil {
		order = append(order, by.first)
	}
	if n.over != nil {
		_, terms, _ := n.over.parts()
		order = append(order, w.nodes(terms)...)
	}
	a, b, v := w.variable(), w.variable(), w.variable()
	fields := []string{"'r', struct(" + w.RowOrder + ")", "'x', " + by.x}
	compare := ""
	for i, o := range order {
		name := fmt.Sprintf("o%d", i)
		fields = append(fields, fmt.Sprintf("'%s', %s", name, printed(o.args[0], tightPrimary)))
		compare += fmt.Sprintf(" WHEN NOT %[1]s.%[3]s <=> %[2]s.%[3]s THEN %[4]s", a, b, name, o.before(a+"."+name, b+"."+name))
	}
	compare = fmt.Sprintf("CASE%s WHEN %s.r < %s.r THEN -1 WHEN %s.r = %s.r THEN 0 ELSE 1 END", compare, a, b, a, b)
	row := "named_struct(" + strings.Join(fields, ", ") + ")"
	return fmt.Sprintf("transform(array_sort(collect_list(%s)%s, (%s, %s) -> %s), %s -> %s.x)", where(by.there, row), w.tail(n), a, b, compare, v, v)
}

// before writes -1 where x comes before y in the order of a term, else 1; they
// differ.
func (o *node) before(x, y string) string {
	nulls := map[bool]string{false: "-1 WHEN " + y + " IS NULL THEN 1", true: "1 WHEN " + y + " IS NULL THEN -1"}[o.text == "last"]
	less := map[bool]string{false: " < ", true: " > "}[o.not]
	return fmt.Sprintf("CASE WHEN %s IS NULL THEN %s WHEN %s%s%s THEN -1 ELSE 1 END", x, nulls, x, less, y)
}
