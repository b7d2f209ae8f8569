package sql

import (
	"strings"

	"github.com/mlpdev/mlp/pkg/diag"
)

// maxRecursion bounds the parser's own recursion, which counts parentheses as
// well; what is printed from a tree of MaxDepth levels stays below it.
const maxRecursion = 5 * MaxDepth

// parser is a recursive descent over tokens with Spark's precedence. It stops
// at the first mistake: failed is set and every method returns quickly.
type parser struct {
	tokens []token
	pos    int
	at     Positioner
	level  int
	nodes  int
	slab   []node // a block of nodes, of which the first are in use
	names  []*node
	calls  []*node
	scoped []string // variables of the lambdas around, in lower case
	roles  []role   // of each token; nil where nobody asks
	diags  diag.List
	failed bool
}

// Parse reads one expression. The result is nil if and only if the list has
// errors: of syntax, of what is not allowed in an expression, or of the limits
// [MaxText], [MaxDepth] and [MaxNodes].
func Parse(text string, at Positioner) (*Expr, diag.List) {
	tokens, lexing := lex(text, at)
	if lexing.HasErrors() {
		return nil, lexing
	}
	e, diags := (&parser{tokens: tokens, at: at, names: make([]*node, 0, 4)}).parse()
	if e != nil {
		e.text = text
	}
	return e, append(lexing, diags...)
}

func (p *parser) parse() (*Expr, diag.List) {
	root := p.expression()
	if t := p.peek(); !p.failed && t.kind != tokenEnd {
		p.unexpected(t, "the end of the expression")
	}
	if p.failed {
		return nil, p.diags
	}
	return &Expr{root: root, at: p.at, names: p.names, calls: p.calls, size: p.nodes}, nil
}

func (p *parser) peek() token { return p.tokens[p.pos] }

// peekAt returns the token n after the next one.
func (p *parser) peekAt(n int) token { return p.tokens[min(p.pos+n, len(p.tokens)-1)] }

func (p *parser) take() token {
	t := p.tokens[p.pos]
	if t.kind != tokenEnd {
		p.pos++
	}
	return t
}

// takeAs takes the next token and notes what it is there.
func (p *parser) takeAs(r role) token {
	if p.roles != nil {
		p.roles[p.pos] = r
	}
	return p.take()
}

// accept takes the next token if it is a symbol or word.
func (p *parser) accept(text string) bool {
	if p.failed || p.tokens[p.pos].word != text {
		return false
	}
	p.takeAs(keyword)
	return true
}

// acceptAny takes the next token if it is one of several.
func (p *parser) acceptAny(texts ...string) (string, bool) {
	for _, text := range texts {
		if p.accept(text) {
			return text, true
		}
	}
	return "", false
}

func (p *parser) expect(text string) bool {
	if p.accept(text) {
		return true
	}
	p.unexpected(p.peek(), quoteToken(text))
	return false
}

func quoteToken(text string) string { return `"` + strings.ToUpper(text) + `"` }

// fail records the one mistake that ends the parse.
func (p *parser) fail(start, end int, code, format string, args ...any) *diag.Diagnostic {
	if p.failed {
		return &diag.Diagnostic{}
	}
	p.failed = true
	return p.diags.Errorf(p.at.Span(start, end), code, format, args...)
}

func (p *parser) unexpected(t token, want string) {
	if p.failed {
		return
	}
	hint := p.unexpectedHint(t, want)
	var d *diag.Diagnostic
	switch {
	case t.kind == tokenEnd:
		d = p.fail(t.start, t.end, "syntax", "expression ends where %s is expected", want)
	case t.is("->"):
		d = p.fail(t.start, t.end, "syntax", "a lambda stands only as an argument: transform(a, x -> x + 1)")
	case t.kind == tokenWord && statementWord(t.text) && (want == "a value" || want == "the end of the expression"):
		d = p.fail(t.start, t.end, "not-an-expression", "%s is not allowed in an expression", strings.ToUpper(t.text))
		hint = statementHint(t.word)
	case t.kind == tokenString:
		d = p.fail(t.start, t.end, "syntax", "unexpected string where %s is expected", want)
	default:
		d = p.fail(t.start, t.end, "syntax", "unexpected %q where %s is expected", t.text, want)
	}
	if open, ok := p.opened(); ok && want == `")"` {
		d.Notef(p.at.Span(open.start, open.end), "this ( is not closed")
	}
	if hint != "" {
		d.Hintf("%s", hint)
	}
}

// opened returns the innermost parenthesis that is open.
func (p *parser) opened() (token, bool) {
	closed := 0
	for i := p.pos - 1; i >= 0; i-- {
		switch t := p.tokens[i]; {
		case t.is(")"):
			closed++
		case t.is("(") && closed > 0:
			closed--
		case t.is("("):
			return t, true
		}
	}
	return token{}, false
}

// statementWord reports whether a word begins a part of a statement.
func statementWord(word string) bool {
	switch strings.ToLower(word) {
	case "select", "from", "where", "group", "having", "order", "sort", "cluster", "distribute", "union", "intersect", "except",
		"minus", "join", "lateral", "window", "with", "values", "table", "exists", "limit", "offset", "qualify", "as", "insert",
		"update", "delete", "create", "drop", "set", "within", "ignore", "respect", "pivot", "unpivot", "tablesample":
		return true
	}
	return false
}

// reservedWord reports whether a word cannot be a bare name.
func reservedWord(word string) bool {
	switch strings.ToLower(word) {
	case "and", "or", "not", "case", "when", "then", "else", "end", "is", "in", "between", "like", "ilike", "rlike", "regexp",
		"div", "null", "true", "false", "distinct", "all", "escape", "select", "from", "where", "group", "having", "order", "union",
		"intersect", "except", "join", "lateral", "with", "values", "exists", "over", "as", "within", "for", "using", "on":
		return true
	}
	return false
}

// enter counts one level of recursion; leave must follow if it is true.
func (p *parser) enter() bool {
	if p.level++; p.level > maxRecursion && !p.failed {
		t := p.peek()
		p.fail(t.start, t.end, "too-deep", "expression is nested deeper than %d levels", MaxDepth)
	}
	return !p.failed
}

func (p *parser) leave() { p.level-- }

// node finishes a node that ends at the last token taken. It counts nodes and
// measures depth.
func (p *parser) node(n node) *node {
	if p.failed {
		return &node{}
	}
	n.end = p.tokens[max(p.pos-1, 0)].end
	for _, a := range n.args {
		n.depth = max(n.depth, a.depth+1)
	}
	for _, part := range []*node{n.filter, n.over, n.within} {
		if part != nil {
			n.depth = max(n.depth, part.depth+1)
		}
	}
	if n.depth > MaxDepth {
		p.fail(n.start, n.end, "too-deep", "expression is nested deeper than %d levels", MaxDepth).
			Hintf("name its parts as columns of their own")
	}
	if p.nodes++; p.nodes > MaxNodes {
		p.fail(n.start, n.end, "too-long", "expression has more than %d parts", MaxNodes)
	}
	if len(p.slab) == cap(p.slab) {
		p.slab = make([]node, 0, min(len(p.tokens)/2+1, 64))
	}
	p.slab = append(p.slab, n)
	return &p.slab[len(p.slab)-1]
}

func (p *parser) expression() *node {
	if !p.enter() {
		return &node{}
	}
	defer p.leave()
	return p.chain("or")
}

// chain reads operands joined by one associative word: OR, whose operands are
// chains of AND.
func (p *parser) chain(word string) *node {
	operand := func() *node {
		if word == "or" {
			return p.chain("and")
		}
		return p.negation()
	}
	first := operand()
	if !p.peek().is(word) {
		return first
	}
	args := []*node{first}
	for p.accept(word) {
		args = append(args, operand())
	}
	return p.node(node{op: opChain, text: word, start: first.start, args: args})
}

func (p *parser) negation() *node {
	t := p.peek()
	if _, ok := p.acceptAny("not", "!"); !ok {
		return p.predicate()
	}
	if !p.enter() {
		return &node{}
	}
	defer p.leave()
	return p.node(node{op: opUnary, text: "not", start: t.start, args: []*node{p.negation()}})
}

// predicate reads a value and at most one IS, IN, BETWEEN, LIKE or RLIKE.
func (p *parser) predicate() *node {
	x := p.value(0)
	if p.tokens[p.pos].kind != tokenWord {
		return x
	}
	if p.accept("is") {
		not := p.accept("not")
		word, ok := p.acceptAny("null", "true", "false")
		if !ok {
			p.unexpected(p.peek(), "NULL, TRUE or FALSE")
		}
		return p.node(node{op: opIs, text: word, not: not, start: x.start, args: []*node{x}})
	}
	not := p.accept("not")
	switch {
	case p.accept("in"):
		return p.in(x, not)
	case p.accept("between"):
		low := p.value(0)
		p.expect("and")
		return p.node(node{op: opBetween, not: not, start: x.start, args: []*node{x, low, p.value(0)}})
	case p.peek().is("like"), p.peek().is("ilike"):
		text := p.takeAs(keyword).word
		if word, several := p.acceptAny("any", "some", "all"); several {
			return p.likeSeveral(node{op: opLike, text: text, not: not, start: x.start}, x, word == "all")
		}
		args := []*node{x, p.value(0)}
		if p.accept("escape") {
			args = append(args, p.primary())
		}
		return p.node(node{op: opLike, text: text, not: not, start: x.start, args: args})
	case p.accept("rlike"), p.accept("regexp"):
		return p.node(node{op: opRlike, not: not, start: x.start, args: []*node{x, p.value(0)}})
	case not:
		p.unexpected(p.peek(), "IN, BETWEEN, LIKE, ILIKE or RLIKE")
	}
	return x
}

// likeSeveral reads the patterns of LIKE ANY (…) or LIKE ALL (…): comparisons
// joined by OR or AND.
func (p *parser) likeSeveral(like node, x *node, all bool) *node {
	p.expect("(")
	var args []*node
	for {
		one := like
		one.args = []*node{x, p.expression()}
		args = append(args, p.node(one))
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	if len(args) == 1 {
		return args[0]
	}
	return p.node(node{op: opChain, text: map[bool]string{false: "or", true: "and"}[all], start: like.start, args: args})
}

func (p *parser) in(x *node, not bool) *node {
	p.expect("(")
	args := []*node{x}
	for {
		args = append(args, p.expression())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return p.node(node{op: opIn, not: not, start: x.start, args: args})
}

// binaryOperator returns the precedence of a symbol or word as an operator and
// its first spelling. Higher binds tighter; 0 is no operator.
func binaryOperator(word string) (precedence int, text string) {
	switch word {
	case "=", "<", ">", "<=", ">=", "<=>", "<>":
		return 1, word
	case "==":
		return 1, "="
	case "!=":
		return 1, "<>"
	case "|":
		return 2, word
	case "^":
		return 3, word
	case "&":
		return 4, word
	case "<<", ">>", ">>>":
		return 5, word
	case "+", "-", "||":
		return 6, word
	case "*", "/", "%", "div":
		return 7, word
	}
	return 0, ""
}

// value reads operators that bind tighter than above; all associate to the
// left, so a long chain is a loop here, not a recursion.
func (p *parser) value(above int) *node {
	if !p.enter() {
		return &node{}
	}
	defer p.leave()
	left := p.unary()
	for !p.failed {
		precedence, text := binaryOperator(p.tokens[p.pos].word)
		if precedence <= above {
			return left
		}
		p.takeAs(keyword)
		right := p.value(precedence)
		if text == "||" {
			left = p.concat(left, right)
			continue
		}
		left = p.node(node{op: opBinary, text: text, start: left.start, args: []*node{left, right}})
	}
	return left
}

// concat joins operands of || in one node, so that a long chain is not deep.
func (p *parser) concat(left, right *node) *node {
	if left.op == opChain && left.text == "||" {
		left.args = append(left.args, right)
		p.nodes--
		return p.node(*left)
	}
	return p.node(node{op: opChain, text: "||", start: left.start, args: []*node{left, right}})
}

func (p *parser) unary() *node {
	t := p.peek()
	if t.is("-") && p.peekAt(1).kind == tokenNumber {
		return p.postfix(p.primaryHead())
	}
	if !t.is("-") && !t.is("+") && !t.is("~") {
		return p.primary()
	}
	text := p.takeAs(sign).text
	if !p.enter() {
		return &node{}
	}
	defer p.leave()
	return p.node(node{op: opUnary, text: text, start: t.start, args: []*node{p.unary()}})
}
