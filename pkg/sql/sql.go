// Package sql reads Spark SQL expressions: it parses them, checks names and
// types, gives them a canonical form and a key, and renders them for DuckDB.
//
// The language is expressions only. There is no FROM, no subquery and no table
// function, so an expression can name nothing but the columns of its scope.
// Values are those of Spark SQL with spark.sql.ansi.enabled=false and the
// session time zone UTC: what cannot be computed is NULL, integers wrap, and
// no row can make an expression fail. What would be different on the engines
// is not in the catalogue, or refused with a diagnostic.
//
// The steps are [Parse], which knows syntax only, and [Check], which binds
// names, finds types and reports all mistakes at once. What [Check] returns
// has a key and renders itself.
package sql

import (
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/digest"
)

// Limits on one expression. Beyond them it is refused before any other work.
const (
	MaxText  = 16 << 10 // bytes of text
	MaxDepth = 200      // levels of nesting
	MaxNodes = 4096     // operators, names, constants
	MaxCount = 10000    // times that a text may be repeated
)

// Positioner tells where a part of the expression's text stands in the user's
// file. Start and end are byte offsets into the text given to [Parse].
type Positioner interface {
	Span(start, end int) diag.Span
}

// Name is a column reference as written.
type Name struct {
	Name string
	Span diag.Span
}

// Column is what a name in an expression stands for. Name is its spelling in
// the scope; Key stands for its content.
type Column struct {
	Name string
	Type Type
	Key  digest.Digest
}

// Scope is the set of columns that an expression may use.
type Scope interface {
	// Lookup finds a column; case does not matter.
	Lookup(name string) (Column, bool)
	// Names returns every name, for "did you mean".
	Names() []string
}

// Mode says what an expression computes.
type Mode uint8

const (
	// Row expressions give a value per row; aggregates are not allowed.
	Row Mode = iota
	// Grouped expressions give a value per group: a column stands inside an
	// aggregate or is a grouping column.
	Grouped
)

// Options are what [Check] needs beside the scope. Grouping holds the names,
// in lower case, that may stand outside aggregates in Grouped mode. Windows
// says that a Row expression may use window functions, Generators that it may be
// a call of a generator. Own holds the functions of one's own; nil is none. Known
// holds the names, in lower case, that a condition on every row reads: whoever
// wrote it has thought of them.
type Options struct {
	Mode       Mode
	Grouping   map[string]bool
	Windows    bool
	Generators bool
	Own        Library
	Known      map[string]bool
}

// Render says how an engine's text names things. Column returns the SQL text of a
// column of the scope. RowOrder, if not empty, is a list of ORDER BY terms
// that makes the order of rows total; aggregates and window functions whose
// result depends on the order use it. Partition, if not empty, is a list of
// terms that come first in every PARTITION BY: no window function sees rows of
// another part. Reversed is, for Spark, RowOrder as terms whose ascending order
// is the reverse.
type Render struct {
	Column    func(name string) string
	RowOrder  string
	Reversed  string
	Partition string
}

// Class says whether a function computes from a row, from a group, or from the
// rows around a row, or makes rows.
type Class uint8

const (
	// Scalar functions compute from one row.
	Scalar Class = iota
	// Aggregate functions compute from the rows of a group.
	Aggregate
	// Windowed functions compute from the rows around a row: they need OVER.
	// Aggregates take it too.
	Windowed
	// Generator functions make any number of rows of one.
	Generator
)

// String returns "scalar", "aggregate", "window" or "generator".
func (c Class) String() string {
	return [...]string{"scalar", "aggregate", "window", "generator"}[c]
}

// Function describes one function of the catalogue. Epoch is raised when the
// same call starts to mean something else. If Variadic, the last argument may
// be repeated.
type Function struct {
	Name      string
	Aliases   []string
	Signature string
	Arguments []Argument
	Variadic  bool
	Class     Class
	Epoch     int
	Doc       string
	Example   string
}
