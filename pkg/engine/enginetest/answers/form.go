package answers

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/sql"
)

// form is what [forms] says, taken apart: a text before each hole, and one
// after the last.
type form struct {
	texts []string
	holes []hole
}

// hole is a place for an expression.
type hole struct {
	takes     func(sql.Type) bool
	liked     []string // columns that most often stand here
	constants string   // a pool, of which a constant stands here
	over      string   // the kind of what stands in OVER
}

var holes = regexp.MustCompile(`\{([^{}]+)\}`)

func readForm(text string) form {
	var f form
	last := 0
	for _, m := range holes.FindAllStringSubmatchIndex(text, -1) {
		f.texts = append(f.texts, text[last:m[0]])
		f.holes = append(f.holes, readHole(text[m[2]:m[3]]))
		last = m[1]
	}
	f.texts = append(f.texts, text[last:])
	return f
}

func readHole(text string) hole {
	if pool, ok := strings.CutPrefix(text, "$"); ok {
		return hole{constants: pool}
	}
	switch text {
	case "over", "rows", "total", "ranked":
		return hole{over: text}
	}
	name, liked, _ := strings.Cut(text, ":")
	h := hole{takes: fits(name)}
	if liked != "" {
		h.liked = strings.Split(liked, ",")
	}
	return h
}

// fits returns whether a type is what a hole is named after.
func fits(name string) func(sql.Type) bool {
	return func(t sql.Type) bool {
		switch name {
		case "any":
			return true
		case "orderable":
			return t.Kind < sql.Interval
		case "number":
			return t.Numeric()
		case "whole":
			return t.Kind >= sql.TinyInt && t.Kind <= sql.BigInt
		case "decimal":
			return t.Kind == sql.Decimal
		case "text":
			return t.Kind == sql.String
		case "time":
			return t.Kind >= sql.Date && t.Kind <= sql.TimestampNTZ
		case "span":
			return t.Kind == sql.YearMonth || t.Kind == sql.DayTime
		case "map":
			return t.Kind == sql.Map
		case "struct":
			return t.Kind == sql.Struct
		case "array":
			return t.Kind == sql.Array
		}
		return t.String() == name
	}
}

// callForms returns the calls of a function by what it says of its arguments,
// one for each number of them, and aggregates with what they take besides. It
// names a parameter that takes constants of which none are known.
func (g *generator) callForms(f sql.Function) (out []form, missing string) {
	least, most := 0, len(f.Arguments)
	for _, a := range f.Arguments {
		if !a.Optional {
			least++
		}
	}
	if f.Variadic {
		most += 2
	}
	for n := least; n <= most; n++ {
		call := form{texts: []string{f.Name + "("}}
		for i := range n {
			a := f.Arguments[min(i, len(f.Arguments)-1)]
			h, ok := g.argumentHole(f.Name, a)
			if !ok {
				return nil, f.Name + "." + a.Name
			}
			if i > 0 {
				call.texts = append(call.texts, ", ")
			}
			call.holes = append(call.holes, h)
		}
		if n == 0 {
			call.texts[0] += ")"
		} else {
			call.texts = append(call.texts, ")")
		}
		out = append(out, call)
		if f.Class == sql.Aggregate {
			out = append(out, call.with(" FILTER (WHERE {boolean})"), call.with(" OVER ({over})"))
		}
		if f.Class == sql.Windowed {
			out = append(out[:len(out)-1], call.with(" OVER ({total})"))
		}
	}
	return out, ""
}

// with returns the form with another one after it.
func (f form) with(text string) form {
	more := readForm(text)
	last := len(f.texts) - 1
	texts := append(append([]string{}, f.texts[:last]...), f.texts[last]+more.texts[0])
	return form{texts: append(texts, more.texts[1:]...), holes: append(append([]hole{}, f.holes...), more.holes...)}
}

func (g *generator) argumentHole(name string, a sql.Argument) (hole, bool) {
	h := hole{takes: a.Takes}
	if h.liked = g.liked[name+"."+a.Name]; h.liked == nil && !a.Constant {
		for _, column := range g.liked[a.Name] {
			if c, ok := g.table.Lookup(column); ok && a.Takes(c.Type) {
				h.liked = append(h.liked, column)
			}
		}
	}
	if h.liked == nil {
		h.liked = g.usual(a)
	}
	if !a.Constant {
		return h, !a.Lambda
	}
	for _, pool := range []string{name + "." + a.Name, a.Name} {
		if len(g.constants[pool]) > 0 {
			return hole{constants: pool}, true
		}
	}
	return hole{}, false
}

// usual returns the columns that most often stand for an argument of which
// every type becomes a text, or a time.
func (g *generator) usual(a sql.Argument) []string {
	takes := func(k sql.Kind) bool { return a.Takes(sql.Type{Kind: k}) }
	switch {
	case takes(sql.Boolean) && takes(sql.Double) && takes(sql.Date) && takes(sql.String) && !a.Takes(sql.Type{Kind: sql.Array, Elem: &sql.Type{Kind: sql.String}}):
		return g.columns["string"]
	case takes(sql.Date) && takes(sql.String) && !takes(sql.Int):
		return slices.Concat(g.columns["date"], g.columns["timestamp"], []string{"day"})
	}
	return nil
}
