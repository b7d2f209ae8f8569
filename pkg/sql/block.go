package sql

import (
	"fmt"
	"slices"
	"strings"
)

// Columns that a block carries for itself.
const (
	timeColumn  = "_time"  // the row's time in microseconds
	firstColumn = "_first" // the first time of all records that were grouped, in microseconds
	lastColumn  = "_last"  // the last one
	atColumn    = "_at"    // where the row's window begins, in microseconds
	copyColumn  = "_copy"  // 0, or how many windows before this one the row's own lies
	chainColumn = "_chain" // how many sessions of the row's key begin before it, the uncut ones
	untilColumn = "_until" // where the row's session ends, in microseconds
)

// DuckDB returns the relation as one SELECT of DuckDB's SQL.
//
// Rows without a key: _file, _rec, the outputs; in the input's order. Keyed
// rows: _row, _key_NAME…, _window_start, _window_end, _partial, the outputs;
// in the order of _row. Rows without a key over keyed rows keep what identifies
// those.
func (r Relation) DuckDB() string {
	rows := r.render(duckDB{}, false)
	if r.Texts > 0 && r.repeats() {
		rows = r.withTexts(rows)
	}
	return fmt.Sprintf("SELECT * FROM (%s) ORDER BY %s", rows, quoted(duckDB{}, r.RowID()...))
}

// Times returns the times of the records that get into windows, as one SELECT
// of DuckDB's SQL: _file, _rec and _time, the time of the record's window in
// microseconds since 1970-01-01 UTC. Conditions on rows are left out: what they
// refuse tells the time, too; so are generators, which give a record several
// rows or none. No time of a window depends on one.
func (r Relation) Times() string {
	if r.From != nil && r.From.rowGroup() != nil {
		return r.From.Times()
	}
	b := r.everyRow().begin(duckDB{}, false)
	b.columns()
	b.timed()
	return b.with(fmt.Sprintf("SELECT %s FROM %s", quoted(b, FileColumn, RecordColumn, timeColumn), b.last))
}

// everyRow returns the relation without conditions on its rows, and without
// what is said of them besides the outputs.
func (r Relation) everyRow() Relation {
	r.Where, r.Having, r.Label, r.Side, r.Texts, r.Members = nil, nil, nil, nil, 0, false
	r, _ = r.single()
	return r
}

// single returns the relation without generators, without what depends on them,
// and the names of the outputs that do.
func (r Relation) single() (Relation, map[string]bool) {
	gone, outputs := map[string]bool{}, map[string]bool{}
	if r.From != nil {
		from, missing := r.From.single()
		r.From, gone = &from, missing
	}
	reads := func(t *Typed) bool {
		return t.Generates() || slices.ContainsFunc(t.Refs(), func(n string) bool { return gone[n] })
	}
	r.Joins = slices.DeleteFunc(slices.Clone(r.Joins), func(j Join) bool {
		if !reads(j.On) {
			return false
		}
		for _, c := range j.Columns {
			gone[c.Name] = true
		}
		return true
	})
	r.Columns = slices.DeleteFunc(slices.Clone(r.Columns), func(c Named) bool {
		gone[c.Name] = reads(c.Expr)
		return gone[c.Name]
	})
	r.Outputs = slices.DeleteFunc(slices.Clone(r.Outputs), func(o Named) bool {
		outputs[o.Name] = reads(o.Expr)
		return outputs[o.Name]
	})
	return r, outputs
}

// render renders the rows in no order; nested for another relation that reads
// them: texts then carry their places.
func (r Relation) render(d dialect, nested bool) string {
	b := r.begin(d, nested)
	b.columns()
	if len(b.late) > 0 {
		b.windows()
	}
	rows := ""
	if r.Group != nil {
		rows = b.keyed()
	} else {
		rows = b.rows()
	}
	rows = b.vectors(rows)
	if r.Having != nil {
		rows = fmt.Sprintf("SELECT * FROM (%s) WHERE %s", rows, b.expr(r.Having, b.names()))
	}
	return b.with(rows)
}

// block is a relation being rendered: a chain of common table expressions.
type block struct {
	Relation
	dialect
	nested bool
	steps  []string
	last   string   // of the steps, or the input
	order  []string // columns that make the order of the input's rows total
	keys   bool     // the input's rows have a key
	moved  bool     // rows may stand in another order than that
	late   []Named
}

func (r Relation) begin(d dialect, nested bool) *block {
	b := &block{Relation: r, dialect: d, nested: nested, last: r.Input, order: rowOrder(), moved: r.From != nil}
	if r.From == nil {
		return b
	}
	from := *r.From
	from.Label, from.Side, from.Texts, from.Members = r.Label, r.Side, r.Texts, r.Members || r.Texts > 0 && r.repeats()
	b.last = "(" + from.render(d, true) + ")"
	if g := from.rowGroup(); g != nil {
		b.order, b.keys = keyedOrder(), true
		b.step("SELECT *%s FROM %s", b.keyNames(g), b.last)
	}
	if from.Group == nil && from.generates() {
		b.numbered()
	}
	return b
}

// keyNames renders the columns of a keyed row under the names that definitions
// know them by.
func (b *block) keyNames(g *Group) string {
	var out strings.Builder
	as := func(column, name string) { fmt.Fprintf(&out, ", %s AS %s", b.quote(column), b.quote(name)) }
	for _, k := range g.Keys {
		as(KeyPrefix+k.Name, k.Name)
	}
	if g.Window != nil {
		as(WindowStart, WindowStartName)
		as(WindowEnd, WindowEndName)
	}
	return out.String()
}

// numbered settles ties by what numbers the rows that a generator made, too.
func (b *block) numbered() { b.order = append(b.order, MadeColumn) }

// names says how expressions name columns and break ties.
func (b *block) names() Render { return inOrder(b, b.order) }

// step adds a common table expression.
func (b *block) step(format string, args ...any) {
	name := fmt.Sprintf("s%d", len(b.steps))
	b.steps = append(b.steps, fmt.Sprintf("%s AS (%s)", name, fmt.Sprintf(format, args...)))
	b.last = name
}

// with returns a SELECT behind the steps.
func (b *block) with(rows string) string {
	if len(b.steps) == 0 {
		return rows
	}
	return "WITH " + strings.Join(b.steps, ", ") + " " + rows
}

// columns adds joins, the condition, and the columns that need no window
// function.
func (b *block) columns() {
	for _, j := range b.Joins {
		b.step("%s", j.over(b, b.last, b.names()))
		b.moved = true
	}
	if b.Where != nil {
		b.step("SELECT * FROM %s WHERE %s", b.last, b.expr(b.Where, b.names()))
	}
	var early []Named
	early, b.late = b.stages()
	for _, c := range early {
		b.column(c, b.names())
	}
}

func (b *block) column(c Named, r Render) {
	if !c.Expr.Generates() {
		b.step("SELECT *, %s AS %s FROM %s", b.expr(c.Expr, r), b.quote(c.Name), b.last)
		return
	}
	b.sort() // there are few rows yet, and making more of them keeps their order
	b.step("%s", b.made(generated{list: b.expr(c.Expr, r), name: c.Name, from: b.last}))
	b.numbered()
}

// timed adds the time of each row and the beginning of its window.
func (b *block) timed() {
	w := b.Group.Window
	b.step("SELECT *, %s AS %s FROM %s", b.micros(b.quote(w.Time)), b.quote(timeColumn), b.last)
	b.step("SELECT *, %s AS %s FROM %s", w.startMicros(b.quote(timeColumn)), b.quote(atColumn), b.last)
}

// sessions adds where each row's session begins and ends. Where a long one is
// cut depends on the half of its greatest length that it begins in alone; so
// what is behind a cut is the same session without what is before.
func (b *block) sessions() {
	w := b.Group.Window
	time, at, chain := b.quote(timeColumn), b.quote(atColumn), b.quote(chainColumn)
	of := b.sessionKey()
	within := func(more ...string) string {
		return "PARTITION BY " + strings.Join(append([]string{of}, more...), ", ")
	}
	b.step("SELECT *, CASE WHEN %s > lag(%s) OVER (%s ORDER BY %s) + %d THEN 1 END AS %s FROM %s WHERE %s IS NOT NULL",
		time, time, within(), time, w.Gap, chain, b.last, at)
	b.step("SELECT %s FROM %s", b.replaced(assignment{chainColumn, fmt.Sprintf("count(%s) OVER (%s ORDER BY %s)", chain, within(), time)}), b.last)
	b.step("SELECT %s FROM %s", b.replaced(assignment{atColumn, fmt.Sprintf("min(%s) OVER (%s)", time, within(chain))}), b.last)
	half := w.Micros / 2
	from := fmt.Sprintf("(%[1]s - ((%[1]s %% %[2]d) + %[2]d) %% %[2]d)", at, half)
	b.step("SELECT %s FROM %s", b.replaced(assignment{atColumn, fmt.Sprintf("%s - (%s - %s) %% %d", time, time, from, w.Micros)}), b.last)
	b.step("SELECT *, least(max(%s) OVER (%s) + %d, %s + %d) AS %s FROM %s",
		time, within(chain, at), w.Gap, at, w.Micros, b.quote(untilColumn), b.last)
	b.step("SELECT %s FROM %s", b.replaced(assignment{atColumn, fmt.Sprintf("min(%s) OVER (%s)", time, within(chain, at))}), b.last)
	b.moved = true
}

// sessionKey renders the columns whose rows have sessions of their own.
func (b *block) sessionKey() string {
	names := make([]string, len(b.Group.Keys))
	for i, k := range b.Group.Keys {
		names[i] = k.Name
	}
	return quoted(b, names...)
}

// windows adds the columns that read window functions, which see the rows of one
// window.
func (b *block) windows() {
	b.timed()
	if b.Group.Window.Gap > 0 {
		b.sessions()
		b.overRows(b.sessionKey() + ", " + b.quote(atColumn))
	} else {
		b.lookingBack()
	}
	b.moved = true
}

// overRows adds the columns that read window functions, over the rows that have
// the same in some columns.
func (b *block) overRows(partition string) {
	r := b.names()
	r.Partition = partition
	for _, c := range b.late {
		b.column(c, r)
		r.RowOrder, r.Reversed = b.names().RowOrder, b.names().Reversed
	}
}

// lookingBack adds them where each row stands in its own window and, as a copy,
// in the later ones that look back to it. Then the copies go.
func (b *block) lookingBack() {
	size, lookback := b.Group.Window.Micros, b.Group.Lookback
	at, copies, time := b.quote(atColumn), b.quote(copyColumn), b.quote(timeColumn)
	b.step("SELECT *, %s AS %s FROM %s WHERE %s IS NOT NULL", b.numbers(1+(lookback+size-1)/size), copies, b.last, at)
	later := fmt.Sprintf("%s + %s * %d", at, copies, size)
	b.step("SELECT %s FROM %s WHERE %s = 0 OR %s >= %s - %d", b.replaced(assignment{atColumn, later}), b.last, copies, time, later, lookback)
	b.overRows(at)
	b.step("SELECT * FROM %s WHERE %s = 0", b.last, copies)
}

// sort orders the rows where a step before may have moved them: sums of floats
// depend on the order.
func (b *block) sort() {
	if !b.moved {
		return
	}
	if rows := b.sorted(b.last, b.names().RowOrder); rows != "" {
		b.step("%s", rows)
	}
	b.moved = false
}

// vectors makes vectors of another length NULL, around the block that computes
// them, so that their definition stands once.
func (b *block) vectors(rows string) string {
	var checked []assignment
	for _, o := range b.Outputs {
		if x := b.quote(o.Name); o.Length > 0 {
			checked = append(checked, assignment{o.Name, fmt.Sprintf("CASE WHEN %s = %d THEN %s END", b.size(x), o.Length, x)})
		}
	}
	if len(checked) == 0 {
		return rows
	}
	return fmt.Sprintf("SELECT %s FROM (%s)", b.replaced(checked...), rows)
}

// rows returns the block of rows that are the input's.
func (b *block) rows() string {
	label, side, edges := b.label("%s"), b.side(rowSide, "%s"), ""
	if b.nested && b.keys {
		edges = ", " + quoted(b, firstColumn, lastColumn)
	}
	return fmt.Sprintf("SELECT %s%s%s%s FROM %s", quoted(b, b.Identity()...), edges, b.outputs(), label+side+b.texts(), b.last)
}

// label renders the label's column; form is what makes one value of a row's
// labels.
func (b *block) label(form string) string {
	if b.Label == nil {
		return ""
	}
	value := b.quote(LabelColumn)
	if b.From == nil {
		value = b.condition(b.Label)
	}
	return ", " + fmt.Sprintf(form, value) + " AS " + b.quote(LabelColumn)
}

// condition renders a condition as an operand that is a truth value, or NULL.
func (b *block) condition(t *Typed) string {
	return b.cast("("+b.expr(t, b.names())+")", Type{Kind: Boolean})
}

// Forms that make one side of a row's sides, %[1]s: of one record, of all
// records behind a key, and of all rows with a side of their own behind a key.
// One that is on no side is not on the side of the others.
const (
	rowSide   = "CASE %[1]s WHEN true THEN '" + TestSide + "' WHEN false THEN '" + TrainSide + "' END"
	keyedSide = "CASE WHEN count(%[1]s) = 0 THEN NULL WHEN count(%[1]s) < count(*) OR bool_or(%[1]s) <> bool_and(%[1]s) THEN '" + MixedSide +
		"' WHEN bool_or(%[1]s) THEN '" + TestSide + "' ELSE '" + TrainSide + "' END"
	sideOfSides = "CASE WHEN count(%[1]s) = 0 THEN NULL WHEN count(%[1]s) < count(*) OR min(%[1]s) <> max(%[1]s) THEN '" + MixedSide + "' ELSE min(%[1]s) END"
)

// side renders the column of the side: ofRecords is the form over the
// condition on records, ofRows that over the sides of input rows.
func (b *block) side(ofRecords, ofRows string) string {
	switch {
	case b.Side == nil:
		return ""
	case b.From == nil:
		return ", " + fmt.Sprintf(ofRecords, b.condition(b.Side)) + " AS " + b.quote(SideColumn)
	}
	return ", " + fmt.Sprintf(ofRows, b.quote(SideColumn)) + " AS " + b.quote(SideColumn)
}

// keyed returns the block of rows that the input's are grouped into.
func (b *block) keyed() string {
	var group, ids, columns []string
	for _, k := range b.Group.Keys {
		group = append(group, b.quote(k.Name))
		ids = append(ids, b.keyText(k))
		columns = append(columns, fmt.Sprintf("%s AS %s", b.quote(k.Name), b.quote(KeyPrefix+k.Name)))
	}
	if b.Group.Window != nil {
		b.bounds()
		first, last := b.edges()
		start, end := b.quote(WindowStartName), b.quote(WindowEndName)
		group = append(group, start, end)
		for _, bound := range []string{WindowStartName, WindowEndName} {
			ids = append(ids, b.keyText(Key{Name: bound, Type: Type{Kind: Timestamp}}))
		}
		columns = append(columns, fmt.Sprintf("%s AS %s", start, b.quote(WindowStart)), fmt.Sprintf("%s AS %s", end, b.quote(WindowEnd)),
			b.partial(first, last)+" AS "+b.quote(PartialColumn))
		if b.nested {
			columns = append(columns, first+" AS "+b.quote(firstColumn), last+" AS "+b.quote(lastColumn))
		}
	}
	b.sort()
	label, side := b.label("bool_or(%s)"), b.side(keyedSide, sideOfSides)
	return fmt.Sprintf("SELECT %s AS %s, %s%s%s FROM %s GROUP BY %s", b.sha256(strings.Join(ids, " || ")), b.quote(RowColumn),
		strings.Join(columns, ", "), b.outputs(), label+side+b.texts(), b.last, strings.Join(group, ", "))
}

// bounds adds the bounds of the window, in place of those of the input's own
// windows.
func (b *block) bounds() {
	if len(b.late) == 0 {
		b.timed()
		if b.Group.Window.Gap > 0 {
			b.sessions()
		}
	}
	var own []string
	if b.keys {
		own = []string{WindowStartName, WindowEndName}
	}
	at := b.quote(atColumn)
	end := fmt.Sprintf("%s + %d", at, b.Group.Window.Micros)
	if b.Group.Window.Gap > 0 {
		end = b.quote(untilColumn)
	}
	b.step("SELECT %s, %s AS %s, %s AS %s FROM %s WHERE %s IS NOT NULL", b.star(own...),
		b.instant(at), b.quote(WindowStartName), b.instant(end), b.quote(WindowEndName), b.last, at)
}

// partial renders whether rows of the window may be missing before the first or
// after the last time of the capture. A session has those as well that are as
// far from it as the gap.
func (b *block) partial(first, last string) string {
	start, end := b.micros(b.quote(WindowStartName)), b.micros(b.quote(WindowEndName))
	if gap := b.Group.Window.Gap; gap > 0 {
		return fmt.Sprintf("(%s - %d < %s OR %s >= %s)", start, gap, first, end, last)
	}
	return fmt.Sprintf("(%s < %s OR %s > %s)", start, first, end, last)
}

// edges renders the first and the last time of all records that are grouped: a
// window that reaches beyond is cut by an edge of the capture.
func (b *block) edges() (first, last string) {
	if b.keys {
		return "min(" + b.quote(firstColumn) + ")", "max(" + b.quote(lastColumn) + ")"
	}
	time := b.quote(timeColumn)
	return fmt.Sprintf("min(min(%s)) OVER ()", time), fmt.Sprintf("max(max(%s)) OVER ()", time)
}

func (b *block) outputs() string { return outputs(b, b.Outputs, b.names()) }

// keyText renders the canonical text of one value of a key tuple: N for NULL,
// else V, the number of bytes, a colon and the value's text.
func (b *block) keyText(k Key) string {
	column, text := b.quote(k.Name), ""
	switch k.Type.Kind {
	case Timestamp:
		text = b.cast(b.micros(column), Type{Kind: String})
	case String:
		text = column
	default:
		text = b.cast(column, Type{Kind: String})
	}
	return fmt.Sprintf("CASE WHEN %s IS NULL THEN 'N' ELSE 'V' || %s || ':' || %s END", column, b.bytes(text), text)
}

func outputs(d dialect, named []Named, r Render) string {
	var b strings.Builder
	for _, n := range named {
		fmt.Fprintf(&b, ", %s AS %s", d.expr(n.Expr, r), d.quote(n.Name))
	}
	return b.String()
}
