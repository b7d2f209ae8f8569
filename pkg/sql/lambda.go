package sql

import (
	"fmt"
	"slices"
	"strings"
)

// maxLambdas bounds how deep lambdas stand in lambdas: each level multiplies
// the work by the length of an array.
const maxLambdas = 3

// variable is a variable of a lambda.
type variable struct {
	name  string // as written
	typ   Type
	depth int // number of lambdas around, its own included
	index int // among the lambda's variables
}

// argument reads an argument of a call: an expression, or a lambda.
func (p *parser) argument() *node {
	t, first := p.peek(), p.peekAt(1)
	isName := t.kind == tokenWord || t.kind == tokenQuoted
	switch {
	case isName && first.is("->"):
	case t.is("(") && p.lambdaAhead():
	default:
		return p.expression()
	}
	if !p.enter() {
		return &node{}
	}
	defer p.leave()
	n := node{op: opLambda, start: t.start, args: []*node{nil}}
	if p.accept("(") {
		n.args = append(n.args, p.list(p.parameter)...)
		p.expect(")")
	} else {
		n.args = append(n.args, p.parameter())
	}
	p.expect("->")
	outer := p.scoped
	for _, a := range n.args[1:] {
		p.scoped = append(slices.Clip(p.scoped), strings.ToLower(a.text))
	}
	n.args[0] = p.expression()
	p.scoped = outer
	return p.node(n)
}

// lambdaAhead reports whether names in parentheses and an arrow come next.
func (p *parser) lambdaAhead() bool {
	for i := 1; ; i += 2 {
		if k := p.peekAt(i).kind; k != tokenWord && k != tokenQuoted {
			return false
		}
		switch t := p.peekAt(i + 1); {
		case t.is(","):
		case t.is(")"):
			return p.peekAt(i + 2).is("->")
		default:
			return false
		}
	}
}

func (p *parser) parameter() *node {
	t := p.take()
	if t.kind == tokenWord && reservedWord(t.text) || strings.Contains(t.text, ".") {
		p.unexpected(t, "a name")
	}
	return p.node(node{op: opName, text: t.text, start: t.start})
}

func printLambda(b *strings.Builder, n *node) {
	params := n.args[1:]
	if len(params) == 1 {
		b.WriteString(printPart(params[0].text))
	} else {
		b.WriteByte('(')
		printList(b, params)
		b.WriteByte(')')
	}
	b.WriteString(" -> ")
	printNode(b, n.args[0])
}

// variable returns the term of a lambda's variable; the innermost one of a
// name counts.
func (c *checker) variable(n *node) (*term, bool) {
	for i := len(c.variables) - 1; i >= 0; i-- {
		if v := c.variables[i]; strings.EqualFold(v.name, n.text) {
			t := &term{variable: v, typ: v.typ, at: n.at(), cost: 1, growth: 1}
			if v.typ.sized() {
				t.origin = 1 + v.depth
			}
			return t, true
		}
	}
	return nil, false
}

// binds says what the lambda at an argument takes: the types of its variables,
// of which the last ones may be left out down to least.
type binds func(k *call, i int) (types []Type, least int)

// higher types a call of a function that takes lambdas: the arguments before
// one decide its variables' types.
func (c *checker) higher(n *node, fn *function) *term {
	k := &call{checker: c, node: n, fn: fn}
	ok := true
	for i, a := range n.args {
		if k.param(i).accept != lambdas {
			t := c.check(a)
			k.args = append(k.args, t)
			ok = ok && t != nil && k.convertArgument(i)
			continue
		}
		if !ok { // the types are not known
			return nil
		}
		types, least := fn.binds(k, i)
		if types == nil {
			return nil
		}
		t := k.lambda(i, a, types, least)
		k.args = append(k.args, t)
		ok = t != nil
	}
	if !ok {
		return nil
	}
	return c.settle(k, nil)
}

// lambda checks an argument that must be a lambda.
func (k *call) lambda(i int, n *node, types []Type, least int) *term {
	if n.op != opLambda {
		k.errorf(n, "wrong-argument-type", "argument %d of %s is a lambda: x -> …", i+1, k.node.text)
		return nil
	}
	params := n.args[1:]
	if len(params) < least || len(params) > len(types) {
		k.errorf(n, "wrong-argument-count", "this lambda takes %s, not %d", plural(least, len(types), false), len(params)).
			Hintf("%s", k.fn.Signature)
		return nil
	}
	outer := k.variables
	defer func() { k.variables = outer }()
	k.lambdaDepth++
	defer func() { k.lambdaDepth-- }()
	if k.lambdaDepth > maxLambdas {
		k.errorf(n, "too-complex", "lambdas stand more than %d deep", maxLambdas).Hintf("name a part as a column of its own")
		return nil
	}
	t := &term{lambda: make([]*variable, len(params)), at: n.at()}
	for j, p := range params {
		if slices.ContainsFunc(params[:j], func(o *node) bool { return strings.EqualFold(o.text, p.text) }) {
			k.errorf(p, "duplicate-name", "the lambda has two variables %q", p.text)
			return nil
		}
		t.lambda[j] = &variable{name: p.text, typ: types[j], depth: k.lambdaDepth, index: j}
	}
	k.variables = append(slices.Clip(outer), t.lambda...)
	body := k.check(n.args[0])
	if body == nil {
		return nil
	}
	t.setBody(body)
	return t
}

// setBody makes a term the body of a lambda.
func (t *term) setBody(body *term) {
	t.args, t.typ = []*term{body}, body.typ
	t.cost, t.levels, t.growth, t.origin = body.cost, body.levels+1, body.growth, body.origin
}

// castLambda converts what a lambda gives.
func castLambda(t *term, to Type) *term {
	if t.typ.Equal(to) {
		return t
	}
	out := *t
	out.setBody(castTerm(t.args[0], to))
	return &out
}

// body renders a lambda's body; names are what its variables are called in
// it.
func (r *renderer) body(t *term, names ...string) string {
	inner := &renderer{Render: r.Render, hoisting: r.hoisting, variables: map[*variable]string{}}
	for v, name := range r.variables {
		inner.variables[v] = name
	}
	for i, v := range t.lambda {
		inner.variables[v] = names[i]
	}
	return inner.term(t.args[0])
}

// lambdaOf renders a lambda over an array. Its second variable is the index,
// which Spark counts from 0.
func (r *renderer) lambdaOf(t *term) string {
	x := letter(t, 0)
	if len(t.lambda) < 2 {
		return fmt.Sprintf("lambda %s: %s", x, r.body(t, x))
	}
	i := letter(t, 1)
	return fmt.Sprintf("lambda %s, %s: %s", x, i, r.body(t, x, "("+i+" - 1)::INTEGER"))
}

// letter returns the name of a variable in DuckDB, which no column has and no
// macro.
func letter(t *term, i int) string { return fmt.Sprintf("_l%d_%d", t.lambda[0].depth, i) }
