package sql

import (
	"fmt"
	"strings"
)

// What is said of the records behind a row is for DuckDB alone: sites and
// feedback ask for it, which compute nowhere else.

// withTexts gives rows, which have places of records for texts, the texts. They
// are looked up at the end: a generator would make many copies of each.
func (r Relation) withTexts(rows string) string {
	first := r
	for first.From != nil {
		first = *first.From
	}
	id := quoted(duckDB{}, r.RowID()...)
	texts := fmt.Sprintf("SELECT %[1]s, list(i.%[2]s ORDER BY p.f, p.r) AS t FROM (SELECT %[1]s, unnest(%[3]s) AS p FROM k) JOIN %[4]s i ON i.%[5]s = p.f AND i.%[6]s = p.r GROUP BY %[1]s",
		id, Quote(TextColumn), Quote(TextsColumn), first.Input, Quote(FileColumn), Quote(RecordColumn))
	return fmt.Sprintf("WITH k AS MATERIALIZED (%s) SELECT k.* REPLACE (coalesce(x.t, []) AS %s) FROM k LEFT JOIN (%s) x USING (%s)", rows, Quote(TextsColumn), texts, id)
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
			fmt.Fprintf(&out, ", list(%s ORDER BY %s)[1:%d] AS %s", Quote(c.from), quoted(b, rowOrder()...), b.Texts, Quote(c.as))
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
		return fmt.Sprintf("list(%s ORDER BY %s)[1:%d]", record, quoted(b, rowOrder()...), b.Texts)
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
