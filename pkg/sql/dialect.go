package sql

import (
	"fmt"
	"strings"
)

// dialect is how an engine's SQL writes what relations are made of. Arguments
// named x, micros, text and list are operands; so are results, but for star,
// replaced and numbers, which are columns, and made, table and sorted, which are
// SELECTs.
type dialect interface {
	quote(name string) string
	expr(t *Typed, r Render) string
	reversed(order []string) string // of columns that rows are ordered by: terms for the reverse
	cast(x string, to Type) string
	micros(x string) string           // a TIMESTAMP as microseconds since 1970-01-01 UTC
	instant(micros string) string     // the reverse
	sha256(text string) string        // 64 hex digits
	bytes(text string) string         // how many bytes it has in UTF-8
	size(list string) string          // how many elements it has
	star(except ...string) string     // all columns but some
	replaced(by ...assignment) string // all columns, some of them with other values
	numbers(n int64) string           // each row as n rows, numbered from 0: what stands behind "SELECT *, "
	made(g generated) string          // each row once for each value of a list, as one SELECT
	table(j Join) string              // a join's constants, as a SELECT of _k, _v0, _v1, …
	sorted(from, order string) string // the rows as one SELECT; "" where an engine keeps no order of rows
}

// generated is a step that makes rows of rows: each stands once for each value
// of the list that a generator gives, which becomes the column name, and is
// numbered from 0 in the column MadeColumn.
type generated struct{ list, name, from string }

// assignment is the value of a column.
type assignment struct{ name, value string }

// quoted returns names as quoted identifiers, with commas between them.
func quoted(d dialect, names ...string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = d.quote(n)
	}
	return strings.Join(out, ", ")
}

// duckDB is the dialect of DuckDB.
type duckDB struct{}

func (duckDB) quote(name string) string       { return Quote(name) }
func (duckDB) expr(t *Typed, r Render) string { return t.DuckDB(r) }
func (duckDB) reversed([]string) string       { return "" } // its aggregates have an order of their own
func (duckDB) cast(x string, to Type) string  { return x + "::" + to.DuckDB() }
func (duckDB) micros(x string) string         { return "epoch_us(" + x + ")" }
func (duckDB) instant(micros string) string   { return "make_timestamptz(" + micros + ")" }
func (duckDB) sha256(text string) string      { return "sha256(" + text + ")" }
func (duckDB) bytes(text string) string       { return "strlen(" + text + ")" }
func (duckDB) size(list string) string        { return "len(" + list + ")" }
func (duckDB) numbers(n int64) string         { return fmt.Sprintf("unnest(range(%d))", n) }
func (duckDB) table(j Join) string            { return j.duckDBTable() }

func (d duckDB) star(except ...string) string {
	if len(except) == 0 {
		return "*"
	}
	return "* EXCLUDE (" + quoted(d, except...) + ")"
}

func (d duckDB) replaced(by ...assignment) string {
	if len(by) == 0 {
		return "*"
	}
	out := make([]string, len(by))
	for i, a := range by {
		out[i] = a.value + " AS " + d.quote(a.name)
	}
	return "* REPLACE (" + strings.Join(out, ", ") + ")"
}

func (d duckDB) made(g generated) string {
	return fmt.Sprintf("SELECT %[1]s, unnest(%[2]s) AS %[2]s, unnest(range(len(%[2]s))) AS %[3]s FROM (SELECT *, %[4]s AS %[2]s FROM %[5]s)",
		d.star(g.name), d.quote(g.name), d.quote(MadeColumn), g.list, g.from)
}

func (duckDB) sorted(from, order string) string {
	return fmt.Sprintf("SELECT * FROM %s ORDER BY %s", from, order)
}
