package sql

import (
	"fmt"
	"strings"
)

// Join is a left join with a table of constants, of which each key stands
// once: an input row gets the values that stand beside the key that equals On,
// NULL where there is none. It neither loses nor repeats rows.
type Join struct {
	On      *Typed // of the key's type, over the input and columns of earlier joins
	Key     Constants
	Columns []JoinColumn
}

// JoinColumn is a column that a join adds.
type JoinColumn struct {
	Name   string
	Values Constants // beside the keys, in their order
}

// Constants are values of one type, in a text form of their own: whole numbers,
// days of a date, microseconds of a timestamp as decimal digits; doubles as
// digits that read back; truth values as true and false; text as it is. nil is
// NULL. Texts hold no character U+001F.
type Constants struct {
	Type  Type
	Texts []*string
}

// separator stands between constants in one long literal: an engine reads that
// several times as fast as a literal each.
const separator = "\x1f"

// joined returns all texts as one: each behind V, and NULL as N.
func (c Constants) joined() string {
	texts := make([]string, len(c.Texts))
	for i, t := range c.Texts {
		if t == nil {
			texts[i] = "N"
		} else {
			texts[i] = "V" + *t
		}
	}
	return strings.Join(texts, separator)
}

// unnest renders the texts as a column.
func (c Constants) unnest() string {
	if len(c.Texts) == 0 {
		return "unnest([]::VARCHAR[])"
	}
	return "unnest(string_split(" + Text(c.joined()) + ", chr(31)))"
}

// value renders a text of unnest as a value.
func (c Constants) value(text string) string {
	x := "substring(" + text + ", 2)"
	switch c.Type.Kind {
	case Date:
		x = "(DATE '1970-01-01' + " + x + "::INTEGER)"
	case Timestamp:
		x = "make_timestamptz(" + x + "::BIGINT)"
	case String:
	default:
		x += "::" + c.Type.DuckDB()
	}
	return fmt.Sprintf("CASE WHEN %s[1] = 'V' THEN %s END", text, x)
}

// duckDBTable renders the constants as a SELECT of _k, _v0, _v1, ….
func (j Join) duckDBTable() string {
	raw, values := []string{j.Key.unnest() + " AS _k"}, []string{j.Key.value("_k") + " AS _k"}
	for i, c := range j.Columns {
		name := fmt.Sprintf("_v%d", i)
		raw = append(raw, c.Values.unnest()+" AS "+name)
		values = append(values, c.Values.value(name)+" AS "+name)
	}
	return "SELECT " + strings.Join(values, ", ") + " FROM (SELECT " + strings.Join(raw, ", ") + ")"
}

// over renders the input rows with the columns of the join.
func (j Join) over(d dialect, from string, r Render) string {
	var columns strings.Builder
	for i, c := range j.Columns {
		fmt.Fprintf(&columns, ", l._v%d AS %s", i, d.quote(c.Name))
	}
	return fmt.Sprintf("SELECT i.*%s FROM %s i LEFT JOIN (%s) l ON %s = l._k", columns.String(), from, d.table(j), d.expr(j.On, r))
}
