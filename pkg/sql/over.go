package sql

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// window says which rows a window function sees: the terms of OVER, with what
// is the rule written out. A function that takes no frame has none.
type window struct {
	partition []*term
	order     []orderTerm
	frame     *frame
}

type orderTerm struct {
	x         *term
	desc      bool
	nullsLast bool
}

// frame is a part of the rows around a row. Offsets are counted in rows, or in
// units of the one term of the order: microseconds for times, days for dates.
type frame struct {
	rows      bool
	low, high bound
}

type bound struct {
	kind     string
	offset   *constant
	interval Type // as it was written, if it is one
}

// terms returns the expressions of the window.
func (w *window) terms() []*term {
	out := slices.Clone(w.partition)
	for _, o := range w.order {
		out = append(out, o.x)
	}
	return out
}

// offsets reports whether the frame is counted in units of the order.
func (f *frame) offsets() bool {
	return f != nil && !f.rows && (f.low.offset != nil || f.high.offset != nil)
}

// windowCall types f(…) OVER (…).
func (c *checker) windowCall(n *node, fn *function) *term {
	if !c.windowAllowed(n, fn) {
		c.checkInside(n.args)
		if n.over != nil && c.window == nil && c.inside == nil && c.lambdaDepth == 0 && fn.Class != Scalar { // for its own mistakes
			outer := c.options.Mode
			c.window, c.options.Mode = fn, Row
			c.over(n.over, fn)
			c.window, c.options.Mode = nil, outer
		}
		return nil
	}
	if n.distinct || n.filter != nil || n.within != nil {
		c.errorf(n, "not-supported", "a window function takes no DISTINCT, no FILTER and no WITHIN GROUP").
			Hintf("write count_if(…), or an aggregate of CASE WHEN … END")
		return nil
	}
	if n.ignore && !c.ignoreNulls(n, fn) || !c.countArguments(n, fn) {
		return nil
	}
	c.window = fn
	w := c.over(n.over, fn)
	args := c.checkArguments(n, fn)
	c.window = nil
	if args == nil || w == nil {
		return nil
	}
	ignore := n.ignore
	if ignore && fn.Class == Aggregate { // first and last say it by an argument
		args, ignore = append(args[:1], constantTerm(booleanConstant(true), n.at())), false
	}
	t := c.settle(&call{checker: c, node: n, fn: fn, args: args}, nil)
	if t == nil {
		return nil
	}
	t.over, t.ignore, t.agg, t.win = w, ignore, false, true
	for _, a := range w.terms() { // in every OVER and in the ORDER BY of every argument
		t.cost = min(t.cost+2*max(fn.copies, 1)*rankCopies(a.typ)*a.cost, maxCost+1)
		t.levels = max(t.levels, a.levels+3)
	}
	return t
}

func (c *checker) windowAllowed(n *node, fn *function) bool {
	switch {
	case n.over == nil:
		c.errorf(n, "window-not-allowed", "%s is a window function: it needs OVER", n.text).Hintf("%s OVER (PARTITION BY … ORDER BY …)", fn.Signature)
	case fn.Class == Scalar:
		c.errorf(n, "window-not-allowed", "%s computes from one row: it takes no OVER", n.text)
	case c.window != nil || c.inside != nil || c.lambdaDepth > 0:
		c.errorf(n, "window-not-allowed", "window function %s stands inside another function of rows", n.text).
			Hintf("name it as a working column of its own")
	case !c.options.Windows || c.options.Mode != Row:
		c.errorf(n, "window-not-allowed", "window function %s is not allowed here", n.text).
			Hintf("compute it in a working column of a feature set, and use that")
	default:
		return true
	}
	return false
}

// ignoreNulls reports IGNORE NULLS where it says nothing.
func (c *checker) ignoreNulls(n *node, fn *function) bool {
	if !fn.ignores || fn.Class == Aggregate && len(n.args) > 1 {
		c.errorf(n, "not-supported", "%s takes no IGNORE NULLS here", n.text)
		return false
	}
	return true
}

func (c *checker) over(n *node, fn *function) *window {
	partition, order, frame := n.parts()
	w := &window{}
	ok := true
	for _, p := range partition {
		t := c.ordered(p, "a part")
		w.partition = append(w.partition, t)
		ok = ok && t != nil
	}
	for _, o := range order {
		t := c.ordered(o.args[0], "the order")
		w.order = append(w.order, orderTerm{x: t, desc: o.not, nullsLast: o.text == "last"})
		ok = ok && t != nil
	}
	switch {
	case !ok:
		return nil
	case fn.ordered && len(order) == 0:
		c.errorf(n, "bad-over", "%s needs an order of the rows", fn.Name).Hintf("write OVER (PARTITION BY … ORDER BY …)")
		return nil
	case fn.ordered && frame != nil:
		c.errorf(frame, "bad-over", "%s takes no frame", fn.Name)
		return nil
	case fn.ordered:
		return w
	case fn.whole && (len(order) > 0 || frame != nil):
		c.errorf(n, "bad-over", "%s takes neither an order nor a frame", fn.Name).Hintf("write OVER (PARTITION BY …)")
		return nil
	}
	w.frame = c.frame(frame, w)
	if w.frame == nil {
		return nil
	}
	return w
}

// ordered checks a term by which rows are sorted or told apart.
func (c *checker) ordered(n *node, what string) *term {
	t := c.check(n)
	if t == nil {
		return nil
	}
	if _, ok := orderable.convert(t.typ); !ok {
		c.errorf(n, "type-mismatch", "%s cannot be by %s", what, withArticle(t.typ))
		return nil
	}
	return t
}

// frame returns the frame as written, or the one that is the rule: with an
// order, all rows up to the last with the row's order; else all rows.
func (c *checker) frame(n *node, w *window) *frame {
	if n == nil {
		f := &frame{low: bound{kind: unboundedPreceding}, high: bound{kind: currentRow}}
		if len(w.order) == 0 {
			f.high.kind = unboundedFollowing
		}
		return f
	}
	f := &frame{rows: n.text == "rows"}
	var ok1, ok2 bool
	f.low, ok1 = c.bound(n.args[0], f, w)
	f.high, ok2 = c.bound(n.args[1], f, w)
	switch {
	case !ok1 || !ok2:
		return nil
	case f.mixed():
		c.errorf(n, "bad-over", "both distances of a frame are of one type").Hintf("write both as numbers, or both as intervals in the same units: INTERVAL '10 00' DAY TO HOUR")
		return nil
	case f.empty():
		c.errorf(n, "bad-over", "the frame ends before it begins")
		return nil
	case !f.rows && len(w.order) == 0 && !f.whole():
		c.errorf(n, "bad-over", "a frame by RANGE needs an order of the rows").Hintf("add ORDER BY, or write ROWS")
		return nil
	}
	return f
}

// mixed reports whether one distance is an interval and the other is not, or is
// one in other units.
func (f *frame) mixed() bool {
	return f.low.offset != nil && f.high.offset != nil && !f.low.interval.Equal(f.high.interval)
}

func (f *frame) whole() bool {
	return f.low.kind == unboundedPreceding && f.high.kind == unboundedFollowing
}

// empty reports whether the frame holds no row whatever the rows are.
func (f *frame) empty() bool {
	low, high := boundOrder(f.low.kind), boundOrder(f.high.kind)
	if f.low.kind == unboundedFollowing || f.high.kind == unboundedPreceding || low > high {
		return true
	}
	if low != high || f.low.offset == nil {
		return false
	}
	a, b := f.low.offset, f.high.offset
	if f.low.kind == preceding {
		a, b = b, a
	}
	return a.number > b.number || a.float > b.float
}

// bound checks one end of a frame. Its offset is a constant that is not
// negative.
func (c *checker) bound(n *node, f *frame, w *window) (bound, bool) {
	b := bound{kind: n.text}
	if len(n.args) == 0 {
		return b, true
	}
	t := c.check(n.args[0])
	if t == nil {
		return b, false
	}
	offset, ok := frameOffset(t, f, w)
	if !ok || offset.number < 0 || offset.float < 0 {
		hint := "a whole number of rows that is not negative"
		if !f.rows {
			hint = "with RANGE the order is one number, date or timestamp, and the distance a constant of its kind: 10, INTERVAL 5 MINUTES"
		}
		c.errorf(n, "bad-over", "the frame cannot be counted by %s", describe(t)).Hintf("%s", hint)
		return b, false
	}
	b.offset = &offset
	if t.typ.interval() {
		b.interval = t.typ
	}
	return b, true
}

func describe(t *term) string {
	if t.value == nil {
		return "what is not a constant"
	}
	return "this " + t.typ.String()
}

// frameOffset returns the distance of a bound in rows, or in units of the
// order.
func frameOffset(t *term, f *frame, w *window) (constant, bool) {
	if t.value == nil {
		return constant{}, false
	}
	v := *t.value
	if f.rows {
		return v, v.typ.integral() && v.typ.Kind <= Int
	}
	if len(w.order) != 1 {
		return v, false
	}
	order := w.order[0].x.typ
	days := constant{typ: Type{Kind: Int}, number: v.number / dayMicros}
	switch interval := v.typ.Kind == DayTime; {
	case order.Kind == Timestamp || order.Kind == TimestampNTZ:
		return v, interval
	case order.Kind == Date && interval:
		return days, v.number%dayMicros == 0
	case order.Kind == Date:
		return v, v.typ.integral() && v.typ.Kind <= Int
	case order.integral():
		return v, v.typ.integral() && v.typ.Kind <= order.Kind
	case order.Kind == Double:
		return v.convertTo(order)
	}
	return v, false
}

// convertTo returns the constant in a type, itself if it has it.
func (c constant) convertTo(to Type) (constant, bool) {
	if c.typ.Equal(to) {
		return c, true
	}
	return c.convert(to)
}

// appendCanonical appends the text of the window in keys. The order of the
// parts' terms cannot matter.
func (w *window) appendCanonical(b []byte) []byte {
	b = append(b, " over (partition "...)
	partition := make([]string, len(w.partition))
	for i, p := range w.partition {
		partition[i] = canonical(p)
	}
	slices.Sort(partition)
	for i, p := range slices.Compact(partition) {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, p...)
	}
	b = append(b, "; order "...)
	for i, o := range w.order {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendBool(append(appendCanonical(b, o.x, 0), ' '), o.desc)
		b = strconv.AppendBool(append(b, ' '), o.nullsLast)
	}
	if f := w.frame; f != nil {
		b = strconv.AppendBool(append(b, "; frame "...), f.rows && !f.whole())
		b = append(append(append(append(b, ' '), f.low.canonical()...), ", "...), f.high.canonical()...)
	}
	return append(b, ')')
}

func (b bound) canonical() string {
	switch {
	case b.offset == nil:
		return b.kind
	case b.offset.typ.Kind == Double:
		return formatFloat(b.offset.float, 64) + " " + b.kind
	}
	return strconv.FormatInt(b.offset.number, 10) + " " + b.kind
}

// over renders the OVER clause of a window function. Where rows of the same
// order are told apart, the row id does it.
func (r *renderer) over(t *term) string {
	w := t.over
	if w == nil {
		return ""
	}
	var partition []string
	if r.Partition != "" {
		partition = append(partition, r.Partition)
	}
	for _, p := range w.partition {
		partition = append(partition, sortable(p.typ, r.term(p)))
	}
	order := r.orderTerms(w)
	if w.frame.offsets() {
		order = []string{w.order[0].duckdb(inUnits(w.order[0].x.typ, r.term(w.order[0].x)))}
	}
	if rows := w.frame != nil && w.frame.rows; r.RowOrder != "" && (rows || t.fn.ordered && !t.fn.tied) {
		order = append(order, r.RowOrder)
	}
	var clauses []string
	if len(partition) > 0 {
		clauses = append(clauses, "PARTITION BY "+strings.Join(partition, ", "))
	}
	if len(order) > 0 {
		clauses = append(clauses, "ORDER BY "+strings.Join(order, ", "))
	}
	if w.frame != nil {
		clauses = append(clauses, w.frame.duckdb(w))
	}
	return " OVER (" + strings.Join(clauses, " ") + ")"
}

func (r *renderer) orderTerms(w *window) []string {
	out := make([]string, len(w.order))
	for i, o := range w.order {
		out[i] = o.duckdb(sortable(o.x.typ, r.ranked(o.x)))
	}
	return out
}

func (o orderTerm) duckdb(x string) string {
	direction := map[bool]string{false: " ASC", true: " DESC"}[o.desc]
	return x + direction + map[bool]string{false: " NULLS FIRST", true: " NULLS LAST"}[o.nullsLast]
}

// sortable renders what rows are sorted by. DuckDB drops the sign of zero of a
// column that a window sorts by, for all who read it.
func sortable(t Type, x string) string {
	if t.floating() {
		return "(" + x + " + 0)"
	}
	return x
}

// inUnits renders the one term of an order as a number from which no distance
// leads out of range.
func inUnits(t Type, x string) string {
	switch t.Kind {
	case Timestamp, TimestampNTZ:
		return "epoch_us(" + x + ")::HUGEINT"
	case Date:
		return "(" + x + " - DATE '1970-01-01')::HUGEINT"
	case Double:
		return sortable(t, x)
	}
	return x + "::HUGEINT"
}

func (f *frame) duckdb(w *window) string {
	unit, kind := "", "ROWS"
	if !f.rows {
		kind = "RANGE"
		if len(w.order) == 1 && w.order[0].x.typ.Kind != Double {
			unit = "::HUGEINT"
		}
	}
	return fmt.Sprintf("%s BETWEEN %s AND %s", kind, f.low.duckdb(unit), f.high.duckdb(unit))
}

func (b bound) duckdb(unit string) string {
	kind := strings.ToUpper(b.kind)
	switch {
	case b.offset == nil:
		return kind
	case b.offset.typ.Kind == Double:
		return b.offset.duckdb() + " " + kind
	}
	return strconv.FormatInt(b.offset.number, 10) + unit + " " + kind
}
