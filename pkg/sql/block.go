package sql

import (
	"fmt"
	"slices"
	"strings"
)

// Columns that a block carries for itself.
const (
	timeColumn  = `"_time"`  // the row's time in microseconds
	firstColumn = `"_first"` // the first time of all records that were grouped, in microseconds
	lastColumn  = `"_last"`  // the last one
	atColumn    = `"_at"`    // where the row's window begins, in microseconds
	copyColumn  = `"_copy"`  // 0, or how many windows before this one the row's own lies
)

// DuckDB returns the relation as one SELECT of DuckDB's SQL.
//
// Rows without a key: _file, _rec, the outputs; in the input's order. Keyed
// rows: _row, _key_NAME…, _window_start, _window_end, _partial, the outputs;
// in the order of _row. Rows without a key over keyed rows keep what identifies
// those.
func (r Relation) DuckDB() string {
	rows := r.render(false)
	if r.Texts > 0 && r.repeats() {
		rows = r.withTexts(rows)
	}
	return fmt.Sprintf("SELECT * FROM (%s) ORDER BY %s", rows, quoteAll(r.RowID()))
}

// withTexts gives rows, which have places of records for texts, the texts. They
// are looked up at the end: a generator would make many copies of each.
func (r Relation) withTexts(rows string) string {
	first := r
	for first.From != nil {
		first = *first.From
	}
	id := quoteAll(r.RowID())
	texts := fmt.Sprintf("SELECT %[1]s, list(i.%[2]s ORDER BY p.f, p.r) AS t FROM (SELECT %[1]s, unnest(%[3]s) AS p FROM k) JOIN %[4]s i ON i.%[5]s = p.f AND i.%[6]s = p.r GROUP BY %[1]s",
		id, Quote(TextColumn), Quote(TextsColumn), first.Input, Quote(FileColumn), Quote(RecordColumn))
	return fmt.Sprintf("WITH k AS MATERIALIZED (%s) SELECT k.* REPLACE (coalesce(x.t, []) AS %s) FROM k LEFT JOIN (%s) x USING (%s)", rows, Quote(TextsColumn), texts, id)
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
	b := r.everyRow().begin(false)
	b.columns()
	b.timed()
	return b.with(fmt.Sprintf("SELECT %s, %s FROM %s", rowOrder, timeColumn, b.last))
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
func (r Relation) render(nested bool) string {
	b := r.begin(nested)
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
	rows = r.vectors(rows)
	if r.Having != nil {
		rows = fmt.Sprintf("SELECT * FROM (%s) WHERE %s", rows, r.Having.DuckDB(b.names()))
	}
	return b.with(rows)
}

// block is a relation being rendered: a chain of common table expressions.
type block struct {
	Relation
	nested bool
	steps  []string
	last   string // of the steps, or the input
	order  string // terms that make the order of the input's rows total
	keys   bool   // the input's rows have a key
	moved  bool   // rows may stand in another order than that
	late   []Named
}

func (r Relation) begin(nested bool) *block {
	b := &block{Relation: r, nested: nested, last: r.Input, order: rowOrder, moved: r.From != nil}
	if r.From == nil {
		return b
	}
	from := *r.From
	from.Label, from.Side, from.Texts, from.Members = r.Label, r.Side, r.Texts, r.Members || r.Texts > 0 && r.repeats()
	b.last = "(" + from.render(true) + ")"
	if g := from.rowGroup(); g != nil {
		b.order, b.keys = keyedOrder, true
		b.step("SELECT *%s FROM %s", keyNames(g), b.last)
	}
	if from.Group == nil && from.generates() {
		b.order += madeOrder
	}
	return b
}

// keyNames renders the columns of a keyed row under the names that definitions
// know them by.
func keyNames(g *Group) string {
	var b strings.Builder
	for _, k := range g.Keys {
		fmt.Fprintf(&b, ", %s AS %s", Quote(KeyPrefix+k.Name), Quote(k.Name))
	}
	if g.Window != nil {
		fmt.Fprintf(&b, ", %s AS %s, %s AS %s", Quote(WindowStart), Quote(WindowStartName), Quote(WindowEnd), Quote(WindowEndName))
	}
	return b.String()
}

// names says how expressions name columns and break ties.
func (b *block) names() Render { return Render{Column: Quote, RowOrder: b.order} }

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
		b.step("%s", j.over(b.last, b.names()))
		b.moved = true
	}
	if b.Where != nil {
		b.step("SELECT * FROM %s WHERE %s", b.last, b.Where.DuckDB(b.names()))
	}
	var early []Named
	early, b.late = b.stages()
	for _, c := range early {
		b.column(c, b.names())
	}
}

func (b *block) column(c Named, r Render) {
	if c.Expr.Generates() { // there are few rows yet, and unnest keeps their order
		b.sorted()
	}
	b.step("SELECT *, %s AS %s FROM %s", c.Expr.DuckDB(r), Quote(c.Name), b.last)
	if c.Expr.Generates() {
		b.step("SELECT * EXCLUDE (%[1]s), unnest(%[1]s) AS %[1]s, unnest(range(len(%[1]s))) AS %[2]s FROM %[3]s", Quote(c.Name), Quote(MadeColumn), b.last)
		b.order += madeOrder
	}
}

// timed adds the time of each row and the beginning of its window.
func (b *block) timed() {
	w := b.Group.Window
	b.step("SELECT *, epoch_us(%s) AS %s FROM %s", Quote(w.Time), timeColumn, b.last)
	b.step("SELECT *, %s AS %s FROM %s", w.startMicros(timeColumn), atColumn, b.last)
}

// windows adds the columns that read window functions. Each row stands in its
// own window and, as a copy, in the later ones that look back to it; a window
// function sees the rows of one window. Then the copies go.
func (b *block) windows() {
	size, lookback := b.Group.Window.Micros, b.Group.Lookback
	b.timed()
	b.step("SELECT *, unnest(range(%d)) AS %s FROM %s WHERE %s IS NOT NULL", 1+(lookback+size-1)/size, copyColumn, b.last, atColumn)
	b.step("SELECT * REPLACE (%[1]s + %[2]s * %[3]d AS %[1]s) FROM %[4]s WHERE %[2]s = 0 OR %[5]s >= %[1]s + %[2]s * %[3]d - %[6]d",
		atColumn, copyColumn, size, b.last, timeColumn, lookback)
	r := b.names()
	r.Partition = atColumn
	for _, c := range b.late {
		b.column(c, r)
		r.RowOrder = b.order
	}
	b.step("SELECT * FROM %s WHERE %s = 0", b.last, copyColumn)
	b.moved = true
}

// sorted orders the rows where a step before may have moved them: sums of
// floats depend on the order.
func (b *block) sorted() {
	if b.moved {
		b.step("SELECT * FROM %s ORDER BY %s", b.last, b.order)
		b.moved = false
	}
}

// vectors makes vectors of another length NULL, around the block that computes
// them, so that their definition stands once.
func (r Relation) vectors(block string) string {
	var replaced []string
	for _, o := range r.Outputs {
		if o.Length > 0 {
			replaced = append(replaced, fmt.Sprintf("CASE WHEN len(%[1]s) = %[2]d THEN %[1]s END AS %[1]s", Quote(o.Name), o.Length))
		}
	}
	if len(replaced) == 0 {
		return block
	}
	return fmt.Sprintf("SELECT * REPLACE (%s) FROM (%s)", strings.Join(replaced, ", "), block)
}

// rows returns the block of rows that are the input's.
func (b *block) rows() string {
	label, side, edges := b.label("%s"), b.side(rowSide, "%s"), ""
	if b.nested && b.keys {
		edges = ", " + firstColumn + ", " + lastColumn
	}
	return fmt.Sprintf("SELECT %s%s%s%s FROM %s", quoteAll(b.Identity()), edges, b.outputs(), label+side+b.texts(), b.last)
}

// label renders the label's column; form is what makes one value of a row's
// labels.
func (b *block) label(form string) string {
	if b.Label == nil {
		return ""
	}
	value := Quote(LabelColumn)
	if b.From == nil {
		value = "(" + b.Label.DuckDB(b.names()) + ")::BOOLEAN"
	}
	return ", " + fmt.Sprintf(form, value) + " AS " + Quote(LabelColumn)
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
		return ", " + fmt.Sprintf(ofRecords, "("+b.Side.DuckDB(b.names())+")::BOOLEAN") + " AS " + Quote(SideColumn)
	}
	return ", " + fmt.Sprintf(ofRows, Quote(SideColumn)) + " AS " + Quote(SideColumn)
}

// texts renders the number of records behind a row, and the texts and places of
// the first of them. Rows that another relation reads carry one list of all
// that, so that it can be merged in order.
func (b *block) texts() string {
	if b.Texts <= 0 {
		return b.members()
	}
	count, list := b.recordCount(), b.records()
	if b.nested {
		return fmt.Sprintf(", %s AS %s, %s AS %s", count, Quote(RecordsColumn), list, Quote(TextsColumn)) + b.members()
	}
	var out strings.Builder
	fmt.Fprintf(&out, ", %s AS %s", count, Quote(RecordsColumn))
	for _, c := range []struct{ member, from, as string }{{"t", TextColumn, TextsColumn}, {"f", FileColumn, FilesColumn}, {"r", RecordColumn, NumbersColumn}} {
		switch {
		case b.repeats() && c.member == "t": // the places stand in for them
			fmt.Fprintf(&out, ", %s AS %s", list, Quote(c.as))
		case b.From != nil || b.Group != nil && b.repeats():
			fmt.Fprintf(&out, ", list_transform(%s, lambda _s_x: _s_x.%s) AS %s", list, c.member, Quote(c.as))
		case b.Group != nil:
			fmt.Fprintf(&out, ", list(%s ORDER BY %s)[1:%d] AS %s", Quote(c.from), rowOrder, b.Texts, Quote(c.as))
		default:
			fmt.Fprintf(&out, ", [%s] AS %s", Quote(c.from), Quote(c.as))
		}
	}
	return out.String() + b.members()
}

// members renders the records behind a row.
func (b *block) members() string {
	list := Quote(MembersColumn)
	switch {
	case !b.Members:
		return ""
	case b.From == nil && b.Group == nil:
		list = "[" + member + "]"
	case b.From == nil && b.repeats():
		list = fmt.Sprintf("list(DISTINCT %[1]s ORDER BY %[1]s)", member)
	case b.From == nil:
		list = fmt.Sprintf("list(%[1]s ORDER BY %[1]s)", member)
	case b.Group != nil:
		list = fmt.Sprintf("list_sort(%s)", b.once("flatten(list("+list+"))"))
	}
	return ", " + list + " AS " + Quote(MembersColumn)
}

func (b *block) recordCount() string {
	switch {
	case b.From == nil && b.Group == nil:
		return "1::BIGINT"
	case b.From == nil && b.repeats():
		return "count(DISTINCT " + member + ")"
	case b.From == nil:
		return "count(*)"
	case b.Group == nil:
		return Quote(RecordsColumn)
	case b.repeats():
		return fmt.Sprintf("len(list_distinct(flatten(list(%s))))::BIGINT", Quote(MembersColumn))
	}
	return fmt.Sprintf("sum(%s)::BIGINT", Quote(RecordsColumn))
}

// records renders the first records behind a row as one list, which sorts by
// their places; without texts where [Relation.withTexts] finds those.
func (b *block) records() string {
	record := fmt.Sprintf("{'f': %s, 'r': %s, 't': %s}", Quote(FileColumn), Quote(RecordColumn), Quote(TextColumn))
	if b.repeats() {
		record = fmt.Sprintf("{'f': %s, 'r': %s}", Quote(FileColumn), Quote(RecordColumn))
	}
	switch {
	case b.From == nil && b.Group == nil:
		return "[" + record + "]"
	case b.From == nil && b.repeats():
		return fmt.Sprintf("list(DISTINCT %[1]s ORDER BY %[1]s)[1:%[2]d]", record, b.Texts)
	case b.From == nil:
		return fmt.Sprintf("list(%s ORDER BY %s)[1:%d]", record, rowOrder, b.Texts)
	case b.Group == nil:
		return Quote(TextsColumn)
	}
	return fmt.Sprintf("list_sort(%s)[1:%d]", b.once("flatten(list("+Quote(TextsColumn)+"))"), b.Texts)
}

// once renders a list in which each record stands once.
func (b *block) once(list string) string {
	if b.repeats() {
		return "list_distinct(" + list + ")"
	}
	return list
}

// keyed returns the block of rows that the input's are grouped into.
func (b *block) keyed() string {
	var group, ids, columns []string
	for _, k := range b.Group.Keys {
		group = append(group, Quote(k.Name))
		ids = append(ids, keyText(Quote(k.Name), k.Type))
		columns = append(columns, fmt.Sprintf("%s AS %s", Quote(k.Name), Quote(KeyPrefix+k.Name)))
	}
	if b.Group.Window != nil {
		b.bounds()
		first, last := b.edges()
		start, end, timestamp := Quote(WindowStartName), Quote(WindowEndName), Type{Kind: Timestamp}
		group = append(group, start, end)
		ids = append(ids, keyText(start, timestamp), keyText(end, timestamp))
		columns = append(columns, fmt.Sprintf("%s AS %s", start, Quote(WindowStart)), fmt.Sprintf("%s AS %s", end, Quote(WindowEnd)),
			fmt.Sprintf("(epoch_us(%s) < %s OR epoch_us(%s) > %s) AS %s", start, first, end, last, Quote(PartialColumn)))
		if b.nested {
			columns = append(columns, first+" AS "+firstColumn, last+" AS "+lastColumn)
		}
	}
	b.sorted()
	label, side := b.label("bool_or(%s)"), b.side(keyedSide, sideOfSides)
	return fmt.Sprintf("SELECT sha256(%s) AS %s, %s%s%s FROM %s GROUP BY %s", strings.Join(ids, " || "), Quote(RowColumn),
		strings.Join(columns, ", "), b.outputs(), label+side+b.texts(), b.last, strings.Join(group, ", "))
}

// bounds adds the bounds of the window, in place of those of the input's own
// windows.
func (b *block) bounds() {
	if len(b.late) == 0 {
		b.timed()
	}
	exclude := ""
	if b.keys {
		exclude = fmt.Sprintf(" EXCLUDE (%s, %s)", Quote(WindowStartName), Quote(WindowEndName))
	}
	b.step("SELECT *%s, make_timestamptz(%s) AS %s, make_timestamptz(%s + %d) AS %s FROM %s WHERE %s IS NOT NULL", exclude,
		atColumn, Quote(WindowStartName), atColumn, b.Group.Window.Micros, Quote(WindowEndName), b.last, atColumn)
}

// edges renders the first and the last time of all records that are grouped: a
// window that reaches beyond is cut by an edge of the capture.
func (b *block) edges() (first, last string) {
	if b.keys {
		return "min(" + firstColumn + ")", "max(" + lastColumn + ")"
	}
	return fmt.Sprintf("min(min(%s)) OVER ()", timeColumn), fmt.Sprintf("max(max(%s)) OVER ()", timeColumn)
}

func (b *block) outputs() string { return outputs(b.Outputs, b.names()) }

// keyText renders the canonical text of one value of a key tuple: N for NULL,
// else V, the number of bytes, a colon and the value's text.
func keyText(column string, t Type) string {
	text := column + "::VARCHAR"
	switch t.Kind {
	case Timestamp:
		text = "epoch_us(" + column + ")::VARCHAR"
	case String:
		text = column
	}
	return fmt.Sprintf("CASE WHEN %s IS NULL THEN 'N' ELSE 'V' || strlen(%s) || ':' || %s END", column, text, text)
}

func outputs(named []Named, r Render) string {
	var b strings.Builder
	for _, n := range named {
		fmt.Fprintf(&b, ", %s AS %s", n.Expr.DuckDB(r), Quote(n.Name))
	}
	return b.String()
}
