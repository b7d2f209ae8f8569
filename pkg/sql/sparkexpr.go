package sql

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Spark returns the expression as Spark's SQL, for a session with ANSI mode off
// in UTC: what was written, with columns named by r, and with functions of one's
// own written out. Two things are other than written. What would make Spark fail
// for a row is NULL, as on every engine; and what depends on the order of rows is
// settled by r.RowOrder. A generator is the list of what it makes. The text is
// one operand.
func (t *Typed) Spark(r Render) string {
	w := &sparkWriter{Render: r, functions: theCatalogue.byName, names: map[string]string{}, last: new(int)}
	return w.typed(t)
}

// source is the text of an expression, and what is known of it.
type source struct {
	expr    *Expr
	own     Library
	types   map[*node]Type    // of first arguments, where Spark's form depends on it
	columns map[string]string // that names stand for, by name in lower case
}

// guards are templates around parts, by where they stand.
type guards map[offsets]string

// replacement says that an expression is another one, in which a column stands
// for a third.
type replacement struct {
	in     *Typed
	column string
	by     *Typed
}

// sparkWriter turns the tree of an expression into one that reads as Spark's SQL.
type sparkWriter struct {
	Render
	source
	functions map[string]*function
	names     map[string]string // texts of parameters and variables, by name in lower case
	guards    guards
	last      *int // number of the last variable
}

func (w *sparkWriter) typed(t *Typed) string {
	text := ""
	if r := t.replaced; r != nil {
		inner := *w
		inner.names = map[string]string{strings.ToLower(r.column): w.typed(r.by)}
		text = inner.typed(r.in)
	} else {
		w.source, w.guards = t.source, guardsOf(t.root)
		if t.Generates() {
			return w.generator(w.expr.root, t)
		}
		text = w.operand(w.expr.root)
	}
	if t.as != nil {
		return "CAST(" + text + " AS " + t.as.String() + ")"
	}
	return text
}

// operand returns a part as Spark's SQL, in parentheses unless it is a name, a
// constant or a call.
func (w *sparkWriter) operand(n *node) string { return printed(w.node(n), tightPrimary) }

func printed(n *node, least int) string {
	var b strings.Builder
	printAbove(&b, n, least)
	return b.String()
}

// verbatim returns a node that is printed as a text, which is an operand.
func verbatim(text string) *node { return &node{op: opText, text: text} }

// node returns a part as Spark reads it.
func (w *sparkWriter) node(n *node) *node {
	if n == nil {
		return nil
	}
	out := w.unguarded(n)
	if guard := w.guards[n.at()]; guard != "" && n.op != opLambda {
		return verbatim("(" + filled(guard, printed(out, tightPrimary)) + ")")
	}
	return out
}

func (w *sparkWriter) unguarded(n *node) *node {
	switch n.op {
	case opName:
		return verbatim(w.name(n.text))
	case opLambda:
		return w.lambda(n)
	case opCall:
		return w.call(n)
	}
	if text := w.checked(n); text != "" {
		return verbatim(text)
	}
	out := *n
	out.args = w.nodes(n.args)
	return &out
}

func (w *sparkWriter) nodes(list []*node) []*node {
	out := make([]*node, len(list))
	for i, n := range list {
		out[i] = w.node(n)
	}
	return out
}

// name returns what a name stands for: a variable or parameter, a column, or a
// field of one of these.
func (w *sparkWriter) name(text string) string {
	lower := strings.ToLower(text)
	if known, ok := w.names[lower]; ok {
		return known
	}
	if column, ok := w.columns[lower]; ok {
		return w.Column(column)
	}
	if i := strings.LastIndexByte(text, '.'); i > 0 {
		return w.name(text[:i]) + "." + printPart(text[i+1:])
	}
	return printName(text)
}

// lambda gives variables names that no column has and no other variable.
func (w *sparkWriter) lambda(n *node) *node {
	inner := *w
	inner.names = maps.Clone(w.names)
	names := make([]string, len(n.args)-1)
	for i, v := range n.args[1:] {
		names[i] = w.variable()
		inner.names[strings.ToLower(v.text)] = names[i]
	}
	list := names[0]
	if len(names) > 1 {
		list = "(" + strings.Join(names, ", ") + ")"
	}
	return verbatim(list + " -> " + printed(inner.node(n.args[0]), 0))
}

// applied writes the body of a lambda with texts in the place of its variables.
func (w *sparkWriter) applied(lambda *node, texts ...string) string {
	inner := *w
	inner.names = maps.Clone(w.names)
	for i, v := range lambda.args[1:] {
		inner.names[strings.ToLower(v.text)] = texts[i]
	}
	return inner.operand(lambda.args[0])
}

// compared writes array_sort by a comparator, which is NULL where that is NULL
// for two elements, or contradicts itself: g is before how many an element comes.
func (w *sparkWriter) compared(n *node) string {
	list, f := w.operand(n.args[0]), n.args[1]
	p, q := w.variable(), w.variable()
	before := fmt.Sprintf("transform(%[1]s, %[2]s -> size(filter(%[1]s, %[3]s -> %[4]s < 0)))", list, p, q, w.applied(f, p, q))
	counted := fmt.Sprintf("zip_with(%s, %s, (%s, %s) -> named_struct('x', %s, 'g', %s))", list, before, p, q, p, q)
	sign := w.applied(f, p+".x", q+".x")
	holds := fmt.Sprintf("%[3]s IS NOT NULL AND (%[3]s < 0) = (%[1]s.g > %[2]s.g) AND (size(%[4]s) < 32 OR (%[3]s > 0) = (%[1]s.g < %[2]s.g))", p, q, sign, list)
	return fmt.Sprintf("CASE WHEN size(%[1]s) <= 1000 AND forall(%[2]s, %[3]s -> forall(%[2]s, %[4]s -> %[5]s)) THEN array_sort(%[1]s, %[6]s) END",
		list, counted, p, q, holds, printed(w.lambda(f), 0))
}

func (w *sparkWriter) variable() string {
	*w.last++
	return fmt.Sprintf("_l%d", *w.last)
}

func (w *sparkWriter) call(n *node) *node {
	fn := w.functions[n.text]
	if fn == nil {
		return verbatim(w.inline(n))
	}
	if fn.Name == "array_sort" && len(n.args) == 2 {
		return verbatim(w.compared(n))
	}
	if fn.sparkOrdered != nil && w.RowOrder != "" && !(fn.frames && byRows(n)) {
		return verbatim(fn.sparkOrdered(w, n))
	}
	out := *n
	if (fn.Name == "avg" || fn.Name == "sum") && w.types[n].interval() {
		out.text = "try_" + fn.Name
	}
	out.args = w.nodes(n.args)
	out.filter, out.within = w.node(n.filter), w.node(n.within)
	if n.text == "struct" { // variables and parameters have other names in what is written
		out.names = slices.Clone(n.names)
		for i, a := range n.args {
			if out.names[i] == "" {
				out.names[i] = nameOf(a, fmt.Sprintf("col%d", i+1))
			}
		}
	}
	if n.over != nil {
		out.over = w.over(n, fn)
	}
	if form := w.guard(n, fn); form != "" {
		return w.expand(form, n, &out)
	}
	return &out
}

// inline writes out a function of one's own: its definition, with the arguments,
// in their parameters' types, as its parameters.
func (w *sparkWriter) inline(n *node) string {
	d, _ := w.own.Function(n.text)
	inner := *w
	inner.names = map[string]string{}
	inner.source, inner.guards = d.typed.source, guardsOf(d.typed.root)
	for i, p := range d.Params {
		inner.names[strings.ToLower(p.Name)] = "CAST(" + w.operand(n.args[i]) + " AS " + p.Type.String() + ")"
	}
	return "CAST(" + inner.operand(inner.expr.root) + " AS " + d.Type().String() + ")"
}

// guard returns the template for a call, or "" where it stands as written.
func (w *sparkWriter) guard(n *node, fn *function) string {
	if fn.Name == "sequence" && w.types[n].timed() {
		return w.sequenceOfTimes(n)
	}
	if guard := sparkTypedGuards[fn.Name]; guard != nil {
		return guard(w.types[n], n)
	}
	forms := strings.Split(sparkGuards[fn.Name], ";;")
	return forms[min(max(len(n.args)-fn.minimum(), 0), len(forms)-1)]
}

// checked writes arithmetic and casts of intervals, which fail out of range, as
// what is NULL there.
func (w *sparkWriter) checked(n *node) string {
	if _, ok := w.types[n]; !ok || len(n.args) == 0 {
		return ""
	}
	args := w.nodes(n.args)
	switch x := printed(args[0], 0); {
	case n.op == opUnary && n.text == "-":
		return fmt.Sprintf("CASE WHEN %[1]s > %[2]s THEN -%[1]s END", printed(args[0], tightPrimary), leastInterval(w.types[n]))
	case n.op == opCast:
		return "TRY_CAST(" + x + " AS " + n.typ.String() + ")"
	case n.op == opBinary && n.text == "div":
		return fmt.Sprintf("CASE WHEN %[2]s <> %[2]s * 0 THEN %[1]s DIV %[2]s END", printed(args[0], tightPrimary), printed(args[1], tightPrimary))
	case n.op == opBinary && len(args) == 2:
		name := map[string]string{"+": "try_add", "-": "try_subtract", "*": "try_multiply", "/": "try_divide"}[n.text]
		text := fmt.Sprintf("%s(%s, %s)", name, x, printed(args[1], 0))
		if kind := w.types[n].Kind; kind == Timestamp || kind == TimestampNTZ {
			text = filled(withinTimes, text)
		}
		return text
	}
	return ""
}

// expand fills a template: $1 or ${1} is the first argument, $#1 its text where it is a
// constant, $@ the call itself.
// Long arguments are written once.
func (w *sparkWriter) expand(template string, n, call *node) *node {
	var b strings.Builder
	closing := ""
	for i, a := range call.args {
		text, place := printed(a, tightPrimary), strconv.Itoa(i+1)
		uses := strings.Count(template, "$@") + strings.Count(template, "$"+place) + strings.Count(template, "${"+place+"}")
		if uses > 1 && len(text) > longText && n.args[i].op != opLambda && w.functions[n.text].Class == Scalar {
			v := w.variable()
			fmt.Fprintf(&b, "get(transform(array(%s), %s -> ", text, v)
			call.args[i], closing = verbatim(v), "), 0)"+closing
		}
	}
	for i := 0; i < len(template); i++ {
		if template[i] != '$' {
			b.WriteByte(template[i])
			continue
		}
		i++
		switch template[i] {
		case '@':
			b.WriteString(printed(call, tightPrimary))
		case '#':
			i++
			b.WriteString(call.args[template[i]-'1'].value.text)
		case '{':
			end := i + strings.IndexByte(template[i:], '}')
			at, _ := strconv.Atoi(template[i+1 : end])
			b.WriteString(printed(call.args[at-1], tightPrimary))
			i = end
		default:
			b.WriteString(printed(call.args[template[i]-'1'], tightPrimary))
		}
	}
	return verbatim(b.String() + closing)
}

// over returns the window of a function: with the rows' part before others, and
// the row id behind the order where rows of the same order are told apart.
func (w *sparkWriter) over(n *node, fn *function) *node {
	partition, order, frame := n.over.parts()
	partition, order = w.nodes(partition), w.nodes(order)
	if w.Partition != "" {
		partition = append([]*node{verbatim(w.Partition)}, partition...)
	}
	rows := frame != nil && frame.text == "rows"
	if w.RowOrder != "" && (rows || fn.ordered && !fn.tied) {
		order = append(order, ascending(w.RowOrder))
	}
	out := *n.over
	out.args = slices.Concat(partition, order)
	if frame != nil {
		out.args = append(out.args, w.node(frame))
	}
	return &out
}

// ascending is a term of an order.
func ascending(text string) *node {
	return &node{op: opOrder, text: "first", args: []*node{verbatim(text)}}
}
