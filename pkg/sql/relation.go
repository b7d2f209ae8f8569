package sql

import (
	"fmt"
	"strings"
)

// Names of the columns that relations carry beside those of a spec, whose
// names never begin with an underscore.
const (
	FileColumn    = "_file"   // ordinal of the raw file in its contribution, from 0: INT
	RecordColumn  = "_rec"    // number of the record in its file, from 0: BIGINT
	TextColumn    = "_raw"    // text of the record: STRING
	RejectColumn  = "_reject" // index of the first require condition that is not true, else NULL: INT
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

// rowOrder is the row id of parsed rows, which settles every tie.
const rowOrder = `"` + FileColumn + `", "` + RecordColumn + `"`

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
	ids := rowOrder
	if p.Text {
		ids += ", " + Quote(TextColumn)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "SELECT %s", ids)
	for _, f := range p.Fields {
		fmt.Fprintf(&b, ", %s", Quote(f.Name))
	}
	if len(p.Require) == 0 {
		fmt.Fprintf(&b, ", NULL::INTEGER AS %s", Quote(RejectColumn))
	} else {
		b.WriteString(", CASE")
		for i, r := range p.Require {
			fmt.Fprintf(&b, " WHEN NOT coalesce(%s, false) THEN %d", r.DuckDB(overColumns), i)
		}
		fmt.Fprintf(&b, " END::INTEGER AS %s", Quote(RejectColumn))
	}
	fmt.Fprintf(&b, " FROM (SELECT %s%s FROM %s)", ids, outputs(p.Fields), p.Input)
	return b.String()
}

// RejectCounts renders the query that counts the rejects in a table made of a
// [Parsing], from a file ordinal on: rows of the index of a condition and a
// number, both BIGINT.
func RejectCounts(table string, from int32) string {
	return fmt.Sprintf("SELECT %[1]s::BIGINT, count(*)::BIGINT FROM %[2]s WHERE %[1]s IS NOT NULL AND %[3]s >= %[4]d GROUP BY ALL",
		Quote(RejectColumn), table, Quote(FileColumn), from)
}

// Relation is one query block from parsed rows to rows of a feature set.
type Relation struct {
	Input   string // relation with _file, _rec and the fields
	Joins   []Join
	Where   *Typed  // over the fields and the joins' columns; nil: every row
	Columns []Named // working columns, each over those and earlier columns
	Group   *Group  // nil: one row per input row
	Outputs []Named // features
	Label   *Typed  // over the fields; if set, add _label: of a keyed row, any attack makes an attack
	Side    *Typed  // over the fields: true for the test side; if set, add _side
	Having  *Typed  // over the outputs; nil: every row
	Texts   int     // if positive, add _records, and _raws, _files and _recs of at most so many
	Members bool    // add _members
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
}

// Key is a grouping column: a field or working column.
type Key struct {
	Name string
	Type Type
}

// Window is a tumbling window over a TIMESTAMP column, counted from
// 1970-01-01 UTC. Rows without a time are in no window, as in Spark; nor are
// those whose window does not lie in the years 1 to 9999.
type Window struct {
	Time   string
	Micros int64
}

// The years 1 to 9999, in microseconds since 1970-01-01 UTC: what a time can
// be printed and counted with, whatever a log says.
const (
	minMicros = -62_135_596_800_000_000
	maxMicros = 253_402_300_800_000_000
)

// StartMicros renders the beginning of a row's window, in microseconds since
// 1970-01-01 UTC: NULL where the row is in none.
func (w Window) StartMicros() string {
	// Twice modulo: the remainder of a time before 1970 is negative.
	return fmt.Sprintf("CASE WHEN epoch_us(%[1]s) BETWEEN %[3]d AND %[4]d THEN epoch_us(%[1]s) - ((epoch_us(%[1]s) %% %[2]d) + %[2]d) %% %[2]d END",
		Quote(w.Time), w.Micros, minMicros+w.Micros, maxMicros-1-w.Micros)
}

// EndMicros renders the end of a row's window, as StartMicros its beginning.
func (w Window) EndMicros() string {
	return fmt.Sprintf("(%s + %d)", w.StartMicros(), w.Micros)
}

// DuckDB returns the relation as one SELECT of DuckDB's SQL.
//
// Rows without a key: _file, _rec, the outputs; in the input's order. Keyed
// rows: _row, _key_NAME…, _window_start, _window_end, _partial, the outputs;
// in the order of _row.
func (r Relation) DuckDB() string {
	var b strings.Builder
	b.WriteString("WITH ")
	input := r.Input
	for i, j := range r.Joins {
		fmt.Fprintf(&b, "j%d AS (%s), ", i, j.over(input))
		input = fmt.Sprintf("j%d", i)
	}
	b.WriteString("s0 AS (SELECT * FROM " + input)
	if r.Where != nil {
		b.WriteString(" WHERE " + r.Where.DuckDB(overColumns))
	}
	b.WriteString(")")
	last := "s0"
	for i, c := range r.Columns {
		next := fmt.Sprintf("s%d", i+1)
		fmt.Fprintf(&b, ", %s AS (SELECT *, %s AS %s FROM %s)", next, c.Expr.DuckDB(overColumns), Quote(c.Name), last)
		last = next
	}
	if len(r.Joins) > 0 && r.Group != nil {
		// A join changes the order of rows, and sums of floats depend on it.
		fmt.Fprintf(&b, ", o AS (SELECT * FROM %s ORDER BY %s)", last, rowOrder)
		last = "o"
	}
	block := r.rows(last)
	if r.Group != nil {
		block = r.keyed(&b, last)
	}
	block = r.vectors(block)
	if r.Having != nil {
		block = fmt.Sprintf("SELECT * FROM (%s) WHERE %s", block, r.Having.DuckDB(overColumns))
	}
	fmt.Fprintf(&b, " SELECT * FROM (%s) ORDER BY %s", block, quoteAll(r.RowID()))
	return b.String()
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

// RowID returns the names of the columns that identify the rows of the
// relation, in the order in which rows are sorted by them.
func (r Relation) RowID() []string {
	if r.Group == nil {
		return []string{FileColumn, RecordColumn}
	}
	return []string{RowColumn}
}

// Identity returns the names of the columns that say what a row is: the row
// id, and of a keyed row its key and window.
func (r Relation) Identity() []string {
	out := r.RowID()
	if r.Group == nil {
		return out
	}
	for _, k := range r.Group.Keys {
		out = append(out, KeyPrefix+k.Name)
	}
	if r.Group.Window != nil {
		out = append(out, WindowStart, WindowEnd, PartialColumn)
	}
	return out
}

func (r Relation) rows(from string) string {
	texts := ""
	if r.Texts > 0 {
		texts = ", 1::BIGINT AS " + Quote(RecordsColumn)
		for _, c := range carried() {
			texts += fmt.Sprintf(", [%s] AS %s", Quote(c.from), Quote(c.as))
		}
	}
	if r.Members {
		texts += fmt.Sprintf(", [%s] AS %s", member, Quote(MembersColumn))
	}
	return fmt.Sprintf("SELECT %s%s%s FROM %s", rowOrder, outputs(r.Outputs), r.label("%s")+r.side(rowSide)+texts, from)
}

// carriedColumn is a column of the input that rows carry as a list.
type carriedColumn struct{ from, as string }

func carried() []carriedColumn {
	return []carriedColumn{{TextColumn, TextsColumn}, {FileColumn, FilesColumn}, {RecordColumn, NumbersColumn}}
}

// label renders the label's column; form is what makes one value of a row's
// labels.
func (r Relation) label(form string) string {
	if r.Label == nil {
		return ""
	}
	return ", " + fmt.Sprintf(form, "("+r.Label.DuckDB(overColumns)+")::BOOLEAN") + " AS " + Quote(LabelColumn)
}

// Forms that make one side of a row's sides, %[1]s: of one record, and of all
// records behind a key. One that is on no side is not on the side of the others.
const (
	rowSide   = "CASE %[1]s WHEN true THEN '" + TestSide + "' WHEN false THEN '" + TrainSide + "' END"
	keyedSide = "CASE WHEN count(%[1]s) = 0 THEN NULL WHEN count(%[1]s) < count(*) OR bool_or(%[1]s) <> bool_and(%[1]s) THEN '" + MixedSide +
		"' WHEN bool_or(%[1]s) THEN '" + TestSide + "' ELSE '" + TrainSide + "' END"
)

// side renders the column of the side, in one of the forms.
func (r Relation) side(form string) string {
	if r.Side == nil {
		return ""
	}
	return ", " + fmt.Sprintf(form, "("+r.Side.DuckDB(overColumns)+")::BOOLEAN") + " AS " + Quote(SideColumn)
}

// keyed writes the common table expressions with the window's bounds, if there
// is one, and returns the grouping block.
func (r Relation) keyed(b *strings.Builder, from string) string {
	var group, ids, columns []string
	for _, k := range r.Group.Keys {
		group = append(group, Quote(k.Name))
		ids = append(ids, keyText(Quote(k.Name), k.Type))
		columns = append(columns, fmt.Sprintf("%s AS %s", Quote(k.Name), Quote(KeyPrefix+k.Name)))
	}
	if w := r.Group.Window; w != nil {
		start, end, time := Quote(WindowStartName), Quote(WindowEndName), Quote(w.Time)
		fmt.Fprintf(b, ", w0 AS (SELECT *, make_timestamptz(%s) AS %s FROM %s)", w.StartMicros(), start, from)
		fmt.Fprintf(b, ", w1 AS (SELECT *, make_timestamptz(epoch_us(%s) + %d) AS %s FROM w0 WHERE %s IS NOT NULL)", start, w.Micros, end, start)
		from = "w1"
		timestamp := Type{Kind: Timestamp}
		group = append(group, start, end)
		ids = append(ids, keyText(start, timestamp), keyText(end, timestamp))
		columns = append(columns, fmt.Sprintf("%s AS %s", start, Quote(WindowStart)), fmt.Sprintf("%s AS %s", end, Quote(WindowEnd)),
			fmt.Sprintf("(%s < min(min(%s)) OVER () OR %s > max(max(%s)) OVER ()) AS %s", start, time, end, time, Quote(PartialColumn)))
	}
	texts := ""
	if r.Texts > 0 {
		texts = ", count(*) AS " + Quote(RecordsColumn)
		for _, c := range carried() {
			texts += fmt.Sprintf(", list(%s ORDER BY %s)[1:%d] AS %s", Quote(c.from), rowOrder, r.Texts, Quote(c.as))
		}
	}
	if r.Members {
		texts += fmt.Sprintf(", list(%[1]s ORDER BY %[1]s) AS %[2]s", member, Quote(MembersColumn))
	}
	return fmt.Sprintf("SELECT sha256(%s) AS %s, %s%s%s FROM %s GROUP BY %s", strings.Join(ids, " || "), Quote(RowColumn),
		strings.Join(columns, ", "), outputs(r.Outputs), r.label("bool_or(%s)")+r.side(keyedSide)+texts, from, strings.Join(group, ", "))
}

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

var overColumns = Render{Column: Quote, RowOrder: rowOrder}

func outputs(named []Named) string {
	var b strings.Builder
	for _, n := range named {
		fmt.Fprintf(&b, ", %s AS %s", n.Expr.DuckDB(overColumns), Quote(n.Name))
	}
	return b.String()
}

// Quote returns a name as a quoted identifier of DuckDB.
func Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Text returns a text as a literal of DuckDB.
func Text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// ModelInputs renders a feature as the 32-bit floats that a model reads: one,
// or one an element of a vector of a length. What no finite float can hold is
// NULL, which models take as missing.
func ModelInputs(column string, t Type, length int) []string {
	q := Quote(column)
	if t.Kind != Array {
		return []string{modelInput(q, t)}
	}
	out := make([]string, length)
	for i := range out {
		out[i] = modelInput(fmt.Sprintf("%s[%d]", q, i+1), t.elem())
	}
	return out
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

// AsDoubles renders a feature as doubles: one, or one an element of a vector of
// a length.
func AsDoubles(column string, t Type, length int) []string {
	q := Quote(column)
	if t.Kind != Array {
		return []string{asDouble(q, t)}
	}
	out := make([]string, length)
	for i := range out {
		out[i] = asDouble(fmt.Sprintf("%s[%d]", q, i+1), t.elem())
	}
	return out
}

func asDouble(value string, t Type) string {
	if t.Kind == Boolean {
		return value + "::TINYINT::DOUBLE"
	}
	return value + "::DOUBLE"
}

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = Quote(n)
	}
	return strings.Join(quoted, ", ")
}
