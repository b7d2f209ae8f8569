package run_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// kind is the type of a tiny expression.
type kind byte

const (
	whole kind = iota // BIGINT
	real              // DOUBLE
	truth             // BOOLEAN
)

func (k kind) dataType() string { return [...]string{"BIGINT", "DOUBLE", "BOOLEAN"}[k] }

// expr is an expression as it is written. It is evaluated by what Spark's
// documentation says of each operator, on its own: nothing of package sql
// stands behind it.
type expr struct {
	op   string
	kind kind
	args []*expr
	text string // of a leaf: column or literal
	lit  any    // value of a literal
}

// columnsOf are the names of the columns of a kind.
func columnsOf(k kind) []string {
	return [...][]string{{"a", "b", "c"}, {"x", "y"}, {"p", "q"}}[k]
}

// generator makes random expressions.
type generator struct{ *rand.Rand }

func pick[T any](r generator, from ...T) T { return from[r.IntN(len(from))] }

func (r generator) leaf(k kind) *expr {
	if r.IntN(5) > 1 {
		return &expr{op: "column", kind: k, text: pick(r, columnsOf(k)...)}
	}
	switch k {
	case whole:
		n := r.Int64N(5)
		return &expr{op: "literal", kind: k, text: fmt.Sprintf("%dL", n), lit: n}
	case real:
		x := float64(r.IntN(8)) / 4
		return &expr{op: "literal", kind: k, text: fmt.Sprintf("%vD", x), lit: x}
	}
	b := r.IntN(2) == 0
	return &expr{op: "literal", kind: k, text: fmt.Sprint(b), lit: b}
}

// operators are the operators that give a kind.
func operators(k kind) []string {
	switch k {
	case whole:
		return []string{"+", "-", "*", "%", "div", "neg", "coalesce", "nullif", "if", "case", "greatest", "least", "&", "|", "^"}
	case real:
		return []string{"+", "-", "*", "/", "%", "neg", "coalesce", "nullif", "if", "case", "greatest", "least"}
	}
	return []string{"and", "or", "not", "=", "<>", "<", "<=", ">", ">=", "<=>", "is null", "is not null", "in", "between", "coalesce", "if"}
}

// parameters returns the kinds of an operator's operands.
func (r generator) parameters(op string, k kind) []kind {
	number := pick(r, whole, whole, real)
	switch op {
	case "neg", "not":
		return []kind{k}
	case "if", "case":
		return []kind{truth, k, k}
	case "coalesce", "greatest", "least":
		return []kind{k, k, k}[:2+r.IntN(2)]
	case "=", "<>", "<=>":
		if r.IntN(4) == 0 {
			return []kind{truth, truth}
		}
		return []kind{number, number}
	case "<", "<=", ">", ">=":
		return []kind{number, pick(r, number, number, whole, real)}
	case "is null", "is not null":
		return []kind{pick(r, whole, real, truth)}
	case "in", "between":
		return []kind{number, number, number}
	}
	return []kind{k, k}
}

// expression makes a random expression of a depth.
func (r generator) expression(k kind, depth int) *expr {
	if depth == 0 || r.IntN(6) == 0 {
		return r.leaf(k)
	}
	e := &expr{op: pick(r, operators(k)...), kind: k}
	for _, p := range r.parameters(e.op, k) {
		e.args = append(e.args, r.expression(p, depth-1))
	}
	return e
}

func (e *expr) clone() *expr {
	out := *e
	out.args = nil
	for _, a := range e.args {
		out.args = append(out.args, a.clone())
	}
	return &out
}

func (e *expr) nodes() []*expr {
	out := []*expr{e}
	for _, a := range e.args {
		out = append(out, a.nodes()...)
	}
	return out
}

// edit changes one place: an operator, the order of operands, the grouping, a
// leaf, or a whole part. It may change the value or not.
func (r generator) edit(e *expr) *expr {
	out := e.clone()
	n := pick(r, out.nodes()...)
	if len(n.args) == 0 && r.IntN(2) == 0 {
		n = out // most nodes are leaves
	}
	switch choice := r.IntN(6); {
	case choice == 0 && len(n.args) > 1:
		i := r.IntN(len(n.args) - 1)
		if n.args[i].kind == n.args[i+1].kind {
			n.args[i], n.args[i+1] = n.args[i+1], n.args[i]
		}
	case choice == 1 && len(n.args) == 2 && n.args[0].op == n.op && len(n.args[0].args) == 2: // (l ∘ m) ∘ r to l ∘ (m ∘ r)
		l, m := n.args[0].args[0], n.args[0].args[1]
		if m.kind == n.args[1].kind && l.kind == n.kind && m.kind == n.kind {
			n.args = []*expr{l, {op: n.op, kind: n.kind, args: []*expr{m, n.args[1]}}}
		}
	case choice == 2 && len(n.args) > 0:
		r.operator(n)
	case choice == 3 && len(n.args) == 2: // turned around
		if turned := map[string]string{"<": ">", ">": "<", "<=": ">=", ">=": "<="}[n.op]; turned != "" {
			n.op, n.args = turned, []*expr{n.args[1], n.args[0]}
		}
	case choice == 4 && n.kind == truth && len(n.args) > 0:
		inner := *n
		*n = expr{op: "not", kind: truth, args: []*expr{&inner}}
	default:
		*n = *r.expression(n.kind, min(r.IntN(3), 1))
	}
	return out
}

// operator puts another operator of the same form in the place of one.
func (r generator) operator(n *expr) {
	for _, family := range [][]string{{"+", "-", "*", "%"}, {"&", "|", "^"}, {"div", "%"}, {"/", "*"}, {"and", "or"}, {"=", "<>", "<=>", "<", "<=", ">", ">="},
		{"is null", "is not null"}, {"coalesce", "greatest", "least"}, {"if", "case"}, {"in", "between"}} {
		if !slices.Contains(family, n.op) {
			continue
		}
		op := pick(r, family...)
		if n.args[0].kind == truth && slices.Contains([]string{"<", "<=", ">", ">="}, op) {
			return
		}
		n.op = op
		return
	}
}

// level is how tightly an operator binds; operands that bind less stand in
// parentheses.
func (e *expr) level() int {
	switch e.op {
	case "or":
		return 1
	case "and":
		return 2
	case "not":
		return 3
	case "=", "<>", "<", "<=", ">", ">=", "<=>", "is null", "is not null", "in", "between":
		return 4
	case "|":
		return 6
	case "^":
		return 7
	case "&":
		return 8
	case "+", "-":
		return 9
	case "*", "/", "%", "div":
		return 10
	case "neg":
		return 11
	}
	return 12
}

// write prints an expression with as few parentheses as the grammar needs,
// and blanks, comments, cases and spellings at random.
func (r generator) write(e *expr) string {
	operand := func(i, least int) string {
		text := r.write(e.args[i])
		if e.args[i].level() < least || r.IntN(12) == 0 {
			return "(" + text + ")"
		}
		return text
	}
	word := func(s string) string { return pick(r, " "+s+" ", " "+strings.ToUpper(s)+" ", "  "+s+" /* "+s+" */ ") }
	switch e.op {
	case "column":
		return pick(r, e.text, e.text, strings.ToUpper(e.text), "`"+e.text+"`")
	case "literal":
		return e.text
	case "neg":
		return pick(r, "-", "- ") + operand(0, 12)
	case "not":
		return strings.TrimSpace(word("not")) + " " + operand(0, 3)
	case "is null", "is not null":
		return operand(0, 5) + word(e.op)
	case "in":
		return operand(0, 5) + word("in") + "(" + operand(1, 0) + ", " + operand(2, 0) + ")"
	case "between":
		return operand(0, 5) + word("between") + operand(1, 5) + word("and") + operand(2, 5)
	case "case":
		return "CASE WHEN " + operand(0, 0) + " THEN " + operand(1, 0) + " ELSE " + operand(2, 0) + " END"
	case "coalesce", "nullif", "if", "greatest", "least":
		var args []string
		for i := range e.args {
			args = append(args, operand(i, 0))
		}
		return pick(r, e.op, strings.ToUpper(e.op)) + "(" + strings.Join(args, pick(r, ",", " , ")) + ")"
	}
	spelling := e.op
	if other := map[string]string{"=": "==", "<>": "!="}[e.op]; other != "" {
		spelling = pick(r, e.op, other)
	}
	level := e.level()
	if level == 4 { // comparisons are not written in chains
		return operand(0, 5) + " " + spelling + " " + operand(1, 5)
	}
	return operand(0, level) + word(spelling) + operand(1, level+1)
}

// eval returns the value on a row: int64, float64, bool, or nil for NULL.
func (e *expr) eval(row map[string]any) any {
	switch e.op {
	case "column":
		return row[e.text]
	case "literal":
		return e.lit
	}
	v := make([]any, len(e.args))
	for i, a := range e.args {
		v[i] = a.eval(row)
	}
	switch e.op {
	case "is null":
		return v[0] == nil
	case "is not null":
		return v[0] != nil
	case "<=>":
		if v[0] == nil || v[1] == nil {
			return v[0] == nil && v[1] == nil
		}
		return order(v[0], v[1]) == 0
	case "and", "or":
		return junction(e.op == "or", v[0], v[1])
	case "in":
		return junction(true, compare("=", v[0], v[1]), compare("=", v[0], v[2]))
	case "between":
		return junction(false, compare(">=", v[0], v[1]), compare("<=", v[0], v[2]))
	case "if", "case":
		if v[0] == true {
			return v[1]
		}
		return v[2]
	case "nullif":
		if compare("=", v[0], v[1]) == true {
			return nil
		}
		return v[0]
	case "coalesce", "greatest", "least":
		return chosen(e.op, v)
	}
	if slices.Contains(v, nil) {
		return nil
	}
	return strict(e, v)
}

// strict evaluates the operators that are NULL where any operand is.
func strict(e *expr, v []any) any {
	switch e.op {
	case "not":
		return !v[0].(bool)
	case "neg":
		if n, ok := v[0].(int64); ok {
			return -n
		}
		return -v[0].(float64)
	case "=", "<>", "<", "<=", ">", ">=":
		return compare(e.op, v[0], v[1])
	}
	if e.kind == real {
		return realArithmetic(e.op, v[0].(float64), v[1].(float64))
	}
	return wholeArithmetic(e.op, v[0].(int64), v[1].(int64))
}

func wholeArithmetic(op string, a, b int64) any {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "&":
		return a & b
	case "|":
		return a | b
	case "^":
		return a ^ b
	}
	switch {
	case b == 0:
		return nil
	case op == "%":
		return a % b
	}
	return a / b
}

func realArithmetic(op string, a, b float64) any {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	}
	switch {
	case b == 0:
		return nil
	case op == "%":
		return math.Mod(a, b)
	}
	return a / b
}

// order compares two values; NaN is the largest number and equals itself.
func order(a, b any) int {
	if p, ok := a.(bool); ok {
		q := b.(bool)
		switch {
		case p == q:
			return 0
		case q:
			return -1
		}
		return 1
	}
	m, mok := a.(int64)
	n, nok := b.(int64)
	if mok && nok {
		return sign(m < n, m > n)
	}
	x, y := float(a), float(b)
	if math.IsNaN(x) || math.IsNaN(y) {
		return sign(!math.IsNaN(x), !math.IsNaN(y))
	}
	return sign(x < y, x > y)
}

func sign(less, more bool) int {
	switch {
	case less == more:
		return 0
	case less:
		return -1
	}
	return 1
}

func float(v any) float64 {
	if n, ok := v.(int64); ok {
		return float64(n)
	}
	return v.(float64)
}

func compare(op string, a, b any) any {
	if a == nil || b == nil {
		return nil
	}
	o := order(a, b)
	return map[string]bool{"=": o == 0, "<>": o != 0, "<": o < 0, "<=": o <= 0, ">": o > 0, ">=": o >= 0}[op]
}

// junction is OR of two truth values where any is true, else AND: the value
// that decides wins over NULL.
func junction(decides bool, a, b any) any {
	switch {
	case a == decides || b == decides:
		return decides
	case a == nil || b == nil:
		return nil
	}
	return !decides
}

// chosen evaluates the functions that skip NULLs.
func chosen(op string, v []any) any {
	var out any
	for _, x := range v {
		switch {
		case x == nil:
		case out == nil, op == "greatest" && order(x, out) > 0, op == "least" && order(x, out) < 0:
			out = x
		}
	}
	return out
}
