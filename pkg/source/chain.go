package source

import (
	"bytes"
	"regexp/syntax"
	"unicode/utf8"
)

// chain is a pattern in which nothing is to be tried twice: texts and runs of
// bytes one after the other, where no run can go on with what may follow it.
// So each run is as long as it can be, and a line is looked at once.
type chain struct {
	steps  []chainStep
	groups int
}

// chainStep is a text or a run, or where groups begin or end.
type chainStep struct {
	text     []byte     // if not empty
	class    *byteClass // if not nil
	min, max int        // bytes of a run; max -1: no bound
	slot     int        // of a place in the result; -1: none
}

// byteClass are the bytes of a class of characters: of those beyond ASCII all
// bytes or none, as lines are UTF-8.
type byteClass [256]bool

// newChain returns the chain that a pattern is; nil if it is none.
func newChain(tree *syntax.Regexp) *chain {
	c := &chain{groups: tree.MaxCap()}
	if !c.add(tree) || !c.decided() {
		return nil
	}
	return c
}

// add adds the steps of a tree; false where it is no chain.
func (c *chain) add(t *syntax.Regexp) bool {
	switch t.Op {
	case syntax.OpEmptyMatch:
		return true
	case syntax.OpLiteral:
		if t.Flags&syntax.FoldCase == 0 {
			c.steps = append(c.steps, chainStep{text: []byte(string(t.Rune)), slot: -1})
		}
		return t.Flags&syntax.FoldCase == 0
	case syntax.OpConcat:
		for _, sub := range t.Sub {
			if !c.add(sub) {
				return false
			}
		}
		return true
	case syntax.OpCapture:
		c.steps = append(c.steps, chainStep{slot: 2 * t.Cap})
		ok := c.add(t.Sub[0])
		c.steps = append(c.steps, chainStep{slot: 2*t.Cap + 1})
		return ok
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return c.run(t, 1, 1)
	case syntax.OpStar:
		return c.run(t.Sub[0], 0, -1)
	case syntax.OpPlus:
		return c.run(t.Sub[0], 1, -1)
	case syntax.OpQuest:
		return c.run(t.Sub[0], 0, 1)
	case syntax.OpRepeat:
		return c.run(t.Sub[0], t.Min, t.Max)
	}
	return false
}

// run adds a class that repeats.
func (c *chain) run(t *syntax.Regexp, least, most int) bool {
	class, ascii := classOf(t)
	// Characters are counted by their bytes where these are the same.
	if class == nil || !ascii && (least > 1 || most >= 0) {
		return false
	}
	c.steps = append(c.steps, chainStep{class: class, min: least, max: most, slot: -1})
	return true
}

// classOf returns the bytes of a class, nil where they do not tell it; ascii
// says that it has no others than those of ASCII.
func classOf(t *syntax.Regexp) (class *byteClass, ascii bool) {
	out := &byteClass{}
	ranges := t.Rune
	switch t.Op {
	case syntax.OpAnyChar:
		ranges = []rune{0, utf8.MaxRune}
	case syntax.OpAnyCharNotNL:
		ranges = []rune{0, '\n' - 1, '\n' + 1, utf8.MaxRune}
	case syntax.OpLiteral:
		if len(t.Rune) != 1 || t.Flags&syntax.FoldCase != 0 {
			return nil, false
		}
		ranges = []rune{t.Rune[0], t.Rune[0]}
	case syntax.OpCharClass:
	default:
		return nil, false
	}
	beyond := 0
	for i := 0; i < len(ranges); i += 2 {
		for r := ranges[i]; r <= min(ranges[i+1], utf8.RuneSelf-1); r++ {
			out[r] = true
		}
		if high := ranges[i+1]; high >= utf8.RuneSelf {
			beyond += int(high-max(ranges[i], utf8.RuneSelf)) + 1
		}
	}
	if beyond == 0 {
		return out, true
	}
	if beyond != utf8.MaxRune+1-utf8.RuneSelf {
		return nil, false
	}
	for b := utf8.RuneSelf; b < len(out); b++ {
		out[b] = true
	}
	return out, false
}

// decided reports whether no run can go on with what may follow it.
func (c *chain) decided() bool {
	var next byteClass // the bytes with which what follows may begin
	for i := len(c.steps) - 1; i >= 0; i-- {
		s := &c.steps[i]
		switch {
		case len(s.text) > 0:
			next = byteClass{}
			next[s.text[0]] = true
		case s.class != nil:
			if s.min != s.max && s.class.meets(&next) {
				return false
			}
			if s.min > 0 {
				next = byteClass{}
			}
			for b, in := range s.class {
				next[b] = next[b] || in && s.max != 0
			}
		}
	}
	return true
}

func (c *byteClass) meets(o *byteClass) bool {
	for b := range c {
		if c[b] && o[b] {
			return true
		}
	}
	return false
}

// match is as FindSubmatchIndex of the anchored pattern; it appends to at.
func (c *chain) match(at []int, line []byte) []int {
	for range 2*c.groups + 2 {
		at = append(at, 0)
	}
	i := 0
	for k := range c.steps {
		switch s := &c.steps[k]; {
		case s.slot >= 0:
			at[s.slot] = i
		case s.class == nil:
			if !bytes.HasPrefix(line[i:], s.text) {
				return nil
			}
			i += len(s.text)
		default:
			end := len(line)
			if s.max >= 0 {
				end = min(end, i+s.max)
			}
			start := i
			for i < end && s.class[line[i]] {
				i++
			}
			if i-start < s.min {
				return nil
			}
		}
	}
	if i < len(line) {
		return nil
	}
	at[1] = i
	return at
}
