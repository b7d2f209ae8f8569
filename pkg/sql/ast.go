package sql

import (
	"slices"

	"github.com/mlpdev/mlp/pkg/diag"
)

// op is the kind of a node of the syntax tree.
type op uint8

const (
	opName    op = iota // text
	opLiteral           // value
	opStar              // the argument of count(*)
	opCall              // text(args), distinct, filter
	opUnary             // text is "-", "+", "~" or "not"
	opBinary            // text is the operator in its first spelling
	opChain             // args joined by text: "and", "or" or "||"
	opIn                // args[0] [NOT] IN (args[1:])
	opBetween           // args[0] [NOT] BETWEEN args[1] AND args[2]
	opLike              // args[0] [NOT] LIKE args[1] [ESCAPE args[2]]; text is "like" or "ilike"
	opRlike             // args[0] [NOT] RLIKE args[1]
	opIs                // args[0] IS [NOT] text: "null", "true", "false"
	opCase              // WHEN args[2i] THEN args[2i+1] … [ELSE last]
	opSwitch            // CASE args[0] WHEN args[2i+1] THEN args[2i+2] … [ELSE last]
	opCast              // CAST(args[0] AS typ), or TRY_CAST, as text says
	opIndex             // args[0][args[1]]
	opField             // args[0].text
	opLambda            // args[0] is the body, the rest are opName: the variables
	opOver              // args are PARTITION BY terms, then opOrder, then opFrame
	opOrder             // args[0] ASC, or DESC with not; text is "first" or "last", of NULLs
	opFrame             // args are two opBound; text is "rows" or "range"
	opBound             // text is one of the bounds; args[0] is the distance, if it has one
	opText              // text as it is: no part of what was written
)

// node is a node of the syntax tree. Parentheses leave no trace in it.
type node struct {
	op         op
	not        bool
	distinct   bool
	ignore     bool // IGNORE NULLS
	start, end int  // byte offsets in the text
	text       string
	value      *constant
	typ        *Type // of a cast
	filter     *node
	over       *node // opOver: the call is a window function
	within     *node // opOver: the order of WITHIN GROUP
	args       []*node
	names      []string // of the fields of struct(…), "" where none is written; of named arguments
	depth      int
}

// offsets is a place in the expression's text; it becomes a place in a file
// only where a mistake is reported.
type offsets struct{ start, end int }

func (n *node) at() offsets { return offsets{n.start, n.end} }

// constant is the value of a literal: text for String and Decimal (plain
// digits with the scale of the type), number for integers, Boolean (0 or 1),
// Date (days), timestamps and DayTime (microseconds) and YearMonth (months),
// float for floating types.
type constant struct {
	typ    Type
	text   string
	number int64
	float  float64
}

// Expr is a parsed expression.
type Expr struct {
	text  string
	root  *node
	at    Positioner
	names []*node
	calls []*node
	size  int // number of nodes
}

// Names returns every column reference as written, in the order of the text.
func (e *Expr) Names() []Name {
	names := make([]Name, len(e.names))
	for i, n := range e.names {
		names[i] = Name{Name: n.text, Span: e.span(n)}
	}
	return names
}

// textOf returns a part as it is written.
func (e *Expr) textOf(n *node) string { return e.text[n.start:n.end] }

func (e *Expr) span(n *node) diag.Span { return e.at.Span(n.start, n.end) }

// equal reports whether two trees are the same apart from their places.
func (n *node) equal(o *node) bool {
	if n == nil || o == nil {
		return n == o
	}
	if n.op != o.op || n.text != o.text || n.not != o.not || n.distinct != o.distinct || n.ignore != o.ignore ||
		!n.typ.same(o.typ) || !n.value.equal(o.value) || len(n.args) != len(o.args) || !slices.Equal(n.names, o.names) || !n.filter.equal(o.filter) || !n.over.equal(o.over) || !n.within.equal(o.within) {
		return false
	}
	for i := range n.args {
		if !n.args[i].equal(o.args[i]) {
			return false
		}
	}
	return true
}

// same is Equal for types that may be absent.
func (t *Type) same(o *Type) bool {
	if t == nil || o == nil {
		return t == o
	}
	return t.Equal(*o)
}

func (c *constant) equal(o *constant) bool {
	if c == nil || o == nil {
		return c == o
	}
	return c.typ.Equal(o.typ) && c.text == o.text && c.number == o.number && c.float == o.float
}
