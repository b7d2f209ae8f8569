package sql

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
)

// hoisting holds what is computed once for all elements of an array, since
// DuckDB computes all of a lambda's body anew for each.
type hoisting struct {
	names  map[*term]string // a term of a body: the variable that stands for it
	counts map[*term]string // size(filter(list, x -> x = y)): the variable with the counts of the list's elements
	lets   []let            // of the call that is being rendered
	last   int
}

// let is a variable with what it stands for.
type let struct{ name, text string }

// heavy is the cost from which a term is not computed anew for each element.
const heavy = 5

// higher renders a call of a function that takes lambdas. What their bodies
// compute from nothing of the lambdas is computed before.
func (r *renderer) higher(t *term) string {
	if r.hoisting == nil {
		r.hoisting = &hoisting{names: map[*term]string{}, counts: map[*term]string{}}
	}
	h := r.hoisting
	outer := *h
	h.names, h.counts, h.lets = maps.Clone(h.names), maps.Clone(h.counts), nil
	for _, a := range t.args {
		if a.lambda != nil {
			r.hoist(a.args[0], a.lambda[0].depth)
		}
	}
	lets := h.lets
	out := t.fn.render(r, t)
	h.names, h.counts, h.lets = outer.names, outer.counts, outer.lets // a term may stand elsewhere too
	for i := len(lets) - 1; i >= 0; i-- {
		out = fmt.Sprintf("list_extract(list_transform([%s], lambda %s: %s), 1)", lets[i].text, lets[i].name, out)
	}
	return out
}

// hoist looks for terms of a body that read no variable of so many lambdas
// around or more.
func (r *renderer) hoist(t *term, depth int) {
	if r.hoisting.names[t] != "" {
		return
	}
	if t.fn != nil && t.free(nil) < depth && (t.cost >= heavy || t.typ.Kind == Array) {
		r.hoisting.names[t] = r.let(r.term(t))
		return
	}
	if list, _, ok := t.counting(); ok && list.free(nil) < depth && r.hoisting.counts[t] == "" {
		r.hoist(list, depth)
		r.hoisting.counts[t] = r.let("list_histogram(" + r.term(list) + ")")
	}
	for _, a := range t.args {
		r.hoist(a, depth)
	}
}

// hoisted returns a copy of what stands for terms.
func (r *renderer) hoisted() *hoisting {
	h := *r.hoisting
	h.names, h.counts = maps.Clone(h.names), maps.Clone(h.counts)
	return &h
}

// let returns the variable for a text: one for equal ones.
func (r *renderer) let(text string) string {
	h := r.hoisting
	for _, l := range h.lets {
		if l.text == text {
			return l.name
		}
	}
	h.last++
	name := fmt.Sprintf("_h%d", h.last)
	h.lets = append(h.lets, let{name, text})
	return name
}

// free returns the depth of the innermost variable that a term reads and does
// not bind; 0 if there is none.
func (t *term) free(bound []*variable) int {
	if t.variable != nil {
		for _, v := range bound {
			if v == t.variable {
				return 0
			}
		}
		return t.variable.depth
	}
	bound = append(bound[:len(bound):len(bound)], t.lambda...)
	depth := 0
	for _, a := range t.args {
		depth = max(depth, a.free(bound))
	}
	return depth
}

// counting returns list and y of size(filter(list, x -> x = y)), where equal
// elements are equal keys of a map.
func (t *term) counting() (list, y *term, ok bool) {
	if t.fn == nil || t.fn.Name != "size" && t.fn.Name != "array_size" {
		return nil, nil, false
	}
	f := t.args[0]
	if f.fn == nil || f.fn.Name != "filter" || f.fn.binds == nil {
		return nil, nil, false
	}
	list = f.args[0]
	x, equal := f.args[1].lambda[0], f.args[1].args[0]
	elem := list.typ.elem()
	if equal.fn == nil || equal.fn.Name != "=" || !elem.integral() && elem.Kind != String && elem.Kind != Date {
		return nil, nil, false
	}
	switch a, b := equal.args[0], equal.args[1]; {
	case a.variable == x && !b.reads(x):
		y = b
	case b.variable == x && !a.reads(x):
		y = a
	default:
		return nil, nil, false
	}
	for _, v := range f.args[1].lambda[1:] {
		if y.reads(v) {
			return nil, nil, false
		}
	}
	return list, y, y.typ.Equal(elem)
}

// count renders a term whose list has been counted.
func (r *renderer) count(t *term, counts string) string {
	list, y, _ := t.counting()
	missing := "-1"
	if t.fn.Name == "array_size" {
		missing = "NULL"
	}
	return fmt.Sprintf("(CASE WHEN %s IS NULL THEN %s ELSE coalesce(%s[%s], 0) END)::INTEGER", r.term(list), missing, counts, r.term(y))
}

// lambdaCalls matches what holds a lambda, written out or in a macro.
var lambdaCalls = regexp.MustCompile(`\b(lambda |(` + strings.Join(lambdaMacros(), "|") + `)\()`)

// lambdaMacros returns the macros that hold a lambda, or call one that does.
func lambdaMacros() []string {
	var names []string
	for _, statement := range DuckDBMacros() {
		name, body, _ := strings.Cut(strings.TrimPrefix(statement, "CREATE OR REPLACE MACRO "), "(")
		holds := strings.Contains(body, "lambda ")
		for _, n := range names {
			holds = holds || strings.Contains(body, n+"(")
		}
		if holds {
			names = append(names, name)
		}
	}
	return names
}

// root renders a whole expression. DuckDB fails on a lambda that looks at a
// window function which holds a lambda: these are computed first, all in one
// struct, since one within the variable of another would be looked at, too.
func (r *renderer) root(t *term) string {
	names := map[*term]string{}
	var windows []string
	t.windows(func(w *term) {
		if text := r.term(w); lambdaCalls.MatchString(text) {
			names[w] = field("_s_w", len(windows))
			windows = append(windows, text)
		}
	})
	if len(windows) == 0 {
		return r.term(t)
	}
	apart := &renderer{Render: r.Render, hoisting: &hoisting{names: names, counts: map[*term]string{}}}
	text := apart.term(t)
	if !lambdaCalls.MatchString(text) {
		return r.term(t)
	}
	return fmt.Sprintf("list_extract(list_transform([%s], lambda _s_w: %s), 1)", structText(windows...), text)
}

// windows visits the outermost window functions.
func (t *term) windows(visit func(*term)) {
	if t.over != nil {
		visit(t)
		return
	}
	for _, a := range t.args {
		a.windows(visit)
	}
}
