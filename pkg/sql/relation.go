package sql

import (
	"fmt"
	"slices"
	"strings"
)

// Names of the columns that relations carry beside those of a spec, whose
// names never begin with an underscore.
const (
	FileColumn    = "_file"   // ordinal of the raw file in its contribution, from 0: INT
	RecordColumn  = "_rec"    // number of the record in its file, from 0: BIGINT
	TextColumn    = "_raw"    // text of the record: STRING
	RejectColumn  = "_reject" // index of the first require condition that is not true, else NULL: INT
	MadeColumn    = "_gen"    // ordinal of a row among those that a generator made of one, from 0: BIGINT
	RowColumn     = "_row"    // row id of a keyed row: digest of the key tuple, 64 hex digits
	KeyPrefix     = "_key_"   // before the name of a key column of a keyed row
	WindowStart   = "_window_start"
	WindowEnd     = "_window_end"
	PartialColumn = "_partial" // whether the window is cut by an edge of the capture: BOOLEAN
	RecordsColumn = "_records" // number of input rows behind a row: BIGINT
	TextsColumn   = "_raws"    // texts of the first of them, in order: ARRAY<STRING>
	FilesColumn   = "_files"   // their files: ARRAY<INT>
	NumbersColumn = "_recs"    // their numbers in their files: ARRAY<BIGINT>
	LabelColumn   = "_label"   // whether the row is an attack, NULL if unlabelled: BOOLEAN
	MembersColumn = "_members" // records behind a row, each as [Member] reads it: ARRAY<BIGINT>
	SideColumn    = "_side"    // side of the split: TrainSide, TestSide, MixedSide, or NULL for neither: STRING
)

// Names under which feature definitions see the bounds of their window.
const (
	WindowStartName = "window_start"
	WindowEndName   = "window_end"
)

// Sides of a split. A row with a key whose records are not all on one side is
// mixed: it is on neither.
const (
	TrainSide = "train"
	TestSide  = "test"
	MixedSide = "mixed"
)

// rowOrder is the row id of parsed rows, which settles every tie; keyedOrder
// settles it among keyed rows, in the order of time. MadeColumn stands behind
// either, where a generator made the rows.
func rowOrder() []string   { return []string{FileColumn, RecordColumn} }
func keyedOrder() []string { return []string{WindowStart, RowColumn} }

// inOrder says how expressions name columns, and which of them settle ties.
func inOrder(d dialect, order []string) Render {
	return Render{Column: d.quote, RowOrder: quoted(d, order...), Reversed: d.reversed(order)}
}

// Named is an expression with the name of its column. Length is the number of
// elements of a vector: the value is NULL where its array has another. 0 is any
// value.
type Named struct {
	Name   string
	Expr   *Typed
	Length int
}

// Parsing is the relation from raw columns to typed fields: one row a record,
// none left out. RejectColumn says which rows are rejects.
type Parsing struct {
	Input   string   // relation with _file, _rec, _c0, _c1, … and _raw where Text is set
	Fields  []Named  // over _c0, _c1, …
	Require []*Typed // conditions over the fields
	Text    bool     // carry _raw along
}

// DuckDB returns the relation as one SELECT of DuckDB's SQL. The columns are
// _file, _rec, _raw (if Text), the fields and _reject, in this order; rows are
// in the input's order.
func (p Parsing) DuckDB() string {
	ids := []string{FileColumn, RecordColumn}
	if p.Text {
		ids = append(ids, TextColumn)
	}
	return p.render(duckDB{}, ids)
}

// render renders the relation with columns that it carries along.
func (p Parsing) render(d dialect, carried []string) string {
	over := inOrder(d, rowOrder())
	ids, integer := quoted(d, carried...), Type{Kind: Int}
	var b strings.Builder
	fmt.Fprintf(&b, "SELECT %s", ids)
	for _, f := range p.Fields {
		fmt.Fprintf(&b, ", %s", d.quote(f.Name))
	}
	reject := "NULL"
	if len(p.Require) > 0 {
		var when strings.Builder
		for i, r := range p.Require {
			fmt.Fprintf(&when, " WHEN NOT coalesce(%s, false) THEN %d", d.expr(r, over), i)
		}
		reject = "(CASE" + when.String() + " END)"
	}
	fmt.Fprintf(&b, ", %s AS %s FROM (SELECT %s%s FROM %s)", d.cast(reject, integer), d.quote(RejectColumn), ids, outputs(d, p.Fields, over), p.Input)
	return b.String()
}

// RejectCounts renders the query that counts the rejects in a table made of a
// [Parsing], from a file ordinal on: rows of the index of a condition and a
// number, both BIGINT.
func RejectCounts(table string, from int32) string {
	return fmt.Sprintf("SELECT %[1]s::BIGINT, count(*)::BIGINT FROM %[2]s WHERE %[1]s IS NOT NULL AND %[3]s >= %[4]d GROUP BY ALL",
		Quote(RejectColumn), table, Quote(FileColumn), from)
}

// Relation is one query block from rows to rows of a feature set: from parsed
// rows, or from those of another relation. A working column may be a generator:
// each row then stands once for each value that it gives; one is allowed from
// the rows that have a key, or from the records, to the next rows with a key.
type Relation struct {
	Input   string    // relation with _file, _rec and the fields
	From    *Relation // if set, its rows are read in place of Input
	Joins   []Join
	Where   *Typed  // over the input and the joins' columns; nil: every row
	Columns []Named // working columns, each over those and earlier columns
	Group   *Group  // nil: one row per input row
	Outputs []Named // features
	Label   *Typed  // over the fields; if set, add _label: of a keyed row, any attack makes an attack
	Side    *Typed  // over the fields: true for the test side; if set, add _side
	Having  *Typed  // over the outputs; nil: every row
	Texts   int     // if positive, add _records, and _raws, _files and _recs of at most so many
	Members bool    // add _members
}

// Over returns the relation over another input.
func (r Relation) Over(input string) Relation {
	if r.From == nil {
		r.Input = input
		return r
	}
	from := r.From.Over(input)
	r.From = &from
	return r
}

// memberBits is how many bits of a member are the number of its record.
const memberBits = 40

// Member returns which record an element of _members is: the ordinal of its
// file and its number in it.
func Member(m int64) (file int32, record int64) {
	return int32(m >> memberBits), m & (1<<memberBits - 1)
}

// MemberIDs renders what Member returns as SQL: names for the two columns over
// a column of members.
func MemberIDs(column, file, record string) string {
	return fmt.Sprintf("(%[1]s >> %[2]d)::INTEGER AS %[3]s, %[1]s & %[4]d AS %[5]s", column, memberBits, file, int64(1)<<memberBits-1, record)
}

// member renders a record as an element of _members.
const member = `(` + `"` + FileColumn + `"::BIGINT << 40) | "` + RecordColumn + `"`

// Group says how input rows become keyed rows.
type Group struct {
	Keys   []Key
	Window *Window // nil: no window
	// Lookback is how far before its window, in microseconds, a window function
	// of a working column sees rows: those of the window and of the time before
	// it, and none besides.
	Lookback int64
}

// Key is a grouping column: a column of the input or a working column.
type Key struct {
	Name string
	Type Type
}

// Window is a tumbling window over a TIMESTAMP column, counted from
// 1970-01-01 UTC; or, with a gap, a session: rows of one key of which each is at
// most so far behind the one before, as with Spark's session_window. Rows
// without a time are in no window, as in Spark; nor are those whose window does
// not lie in the years 1 to 9999.
type Window struct {
	Time string
	// Micros is its size; of a session the most that it lasts, at least twice the
	// gap. Longer ones are cut at multiples of half of it.
	Micros int64
	Gap    int64 // 0: the window is no session
}

// Fits reports whether a window may last so long.
func (w Window) Fits(micros int64) bool {
	if w.Gap > 0 {
		return micros > 0 && micros <= w.Micros
	}
	return micros == w.Micros
}

// The years 1 to 9999, in microseconds since 1970-01-01 UTC: what a time can
// be printed and counted with, whatever a log says.
const (
	minMicros = -62_135_596_800_000_000
	maxMicros = 253_402_300_800_000_000
)

// startMicros renders the beginning of the window that a time lies in, both in
// microseconds since 1970-01-01 UTC: NULL where it lies in none. Of a session it
// is that of a row alone.
func (w Window) startMicros(time string) string {
	if w.Gap > 0 {
		return fmt.Sprintf("CASE WHEN %[1]s BETWEEN %[2]d AND %[3]d THEN %[1]s END", time, minMicros, maxMicros-1-w.Gap)
	}
	// Twice modulo: the remainder of a time before 1970 is negative.
	return fmt.Sprintf("CASE WHEN %[1]s BETWEEN %[3]d AND %[4]d THEN %[1]s - ((%[1]s %% %[2]d) + %[2]d) %% %[2]d END",
		time, w.Micros, minMicros+w.Micros, maxMicros-1-w.Micros)
}

// rowGroup returns what identifies the rows: the relation's own group, or that
// of the relation whose rows it keeps; nil for rows of records.
func (r Relation) rowGroup() *Group {
	if r.Group == nil && r.From != nil {
		return r.From.rowGroup()
	}
	return r.Group
}

// StartMicros renders the beginning of the window of a row that a record gets
// into, from the record's time: both in microseconds since 1970-01-01 UTC, NULL
// where it gets into none. Of windows over windows it is that of the last one.
func (r Relation) StartMicros(time string) string {
	if r.From != nil {
		time = r.From.StartMicros(time)
	}
	if r.Group == nil || r.Group.Window == nil {
		return time
	}
	return "(" + r.Group.Window.startMicros(time) + ")"
}

// SessionGap returns the gap of the rows' sessions in microseconds, 0 where they
// are none.
func (r Relation) SessionGap() int64 {
	if g := r.rowGroup(); g != nil && g.Window != nil {
		return g.Window.Gap
	}
	return 0
}

// WindowMicros returns the size of the rows' windows in microseconds, of
// sessions the most that they last; 0 where there is no window.
func (r Relation) WindowMicros() int64 {
	if g := r.rowGroup(); g != nil && g.Window != nil {
		return g.Window.Micros
	}
	return 0
}

// Lookback returns how long before a row's window begins, in microseconds, a
// record may lie that the row depends on.
func (r Relation) Lookback() int64 {
	n := int64(0)
	if r.From != nil {
		n = r.From.Lookback()
	}
	if _, late := r.stages(); len(late) > 0 && r.Group != nil {
		n += r.Group.Lookback
	}
	return n
}

// stages splits the working columns into those that are computed once for each
// row, and those that read window functions. A window function sees the rows
// that generators before it made, and none that one behind it makes.
func (r Relation) stages() (early, late []Named) {
	windowed := map[string]bool{}
	for _, c := range r.Columns {
		windowed[c.Name] = c.Expr.Windows()
		for _, n := range c.Expr.Refs() {
			windowed[c.Name] = windowed[c.Name] || windowed[n]
		}
		windowed[c.Name] = windowed[c.Name] || c.Expr.Generates() && len(late) > 0
		if windowed[c.Name] {
			late = append(late, c)
		} else {
			early = append(early, c)
		}
	}
	return early, late
}

// generates reports whether a generator made the rows that are grouped, or that
// there are in the end.
func (r Relation) generates() bool {
	return slices.ContainsFunc(r.Columns, func(c Named) bool { return c.Expr.Generates() }) ||
		r.From != nil && r.From.Group == nil && r.From.generates()
}

// repeats reports whether one record may stand behind several rows.
func (r Relation) repeats() bool { return r.generates() || r.From != nil && r.From.repeats() }

// RowID returns the names of the columns that identify the rows of the
// relation, in the order in which rows are sorted by them.
func (r Relation) RowID() []string {
	id := []string{RowColumn}
	if r.rowGroup() == nil {
		id = []string{FileColumn, RecordColumn}
	}
	if r.Group == nil && r.generates() {
		id = append(id, MadeColumn)
	}
	return id
}

// Identity returns the names of the columns that say what a row is: the row
// id, and of a keyed row its key and window.
func (r Relation) Identity() []string {
	out, g := r.RowID(), r.rowGroup()
	if g == nil {
		return out
	}
	for _, k := range g.Keys {
		out = append(out, KeyPrefix+k.Name)
	}
	if g.Window != nil {
		out = append(out, WindowStart, WindowEnd, PartialColumn)
	}
	return out
}

// Quote returns a name as a quoted identifier of DuckDB.
func Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Text returns a text as a literal of DuckDB.
func Text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// ModelInput renders a feature as the 32-bit float that a model reads or, of a
// vector of a length, as an array of so many. What no finite float can hold is
// NULL, which models take as missing; of a missing vector each element is.
func ModelInput(column string, t Type, length int) string {
	if t.Kind != Array {
		return modelInput(Quote(column), t)
	}
	return fmt.Sprintf("%s::FLOAT[%d]", elements(column, modelInput("_s_x", t.elem()), length), length)
}

func modelInput(value string, t Type) string {
	switch t.Kind {
	case Boolean:
		return value + "::TINYINT::FLOAT"
	case Float, Double:
		return fmt.Sprintf("CASE WHEN isfinite(%[1]s) AND abs(%[1]s) <= 3.4028234663852886e38::DOUBLE THEN %[1]s::FLOAT END", value)
	}
	return value + "::FLOAT"
}

// AsDouble renders a feature as a double or, of a vector of a length, as a list
// of so many.
func AsDouble(column string, t Type, length int) string {
	if t.Kind != Array {
		return asDouble(Quote(column), t)
	}
	return elements(column, asDouble("_s_x", t.elem()), length)
}

func asDouble(value string, t Type) string {
	if t.Kind == Boolean {
		return value + "::TINYINT::DOUBLE"
	}
	return value + "::DOUBLE"
}

// elements renders the elements of a vector, as one list: a column for each
// would take an engine minutes to plan. NULL gives as many NULLs.
func elements(column, element string, length int) string {
	return fmt.Sprintf("list_resize(coalesce(list_transform(%s, lambda _s_x: %s), []), %d)", Quote(column), element, length)
}
