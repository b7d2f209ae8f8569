package lineage

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/plan"
)

// ChangedSelector selects all that differs from the base and is not cosmetic.
const ChangedSelector = "changed"

// Selection is a part of a lineage, and how it was chosen.
type Selection struct {
	*Lineage
	Picks []Pick
}

// Pick is what one selector chose: addresses, and how many generations of what
// they read (Up) and of what reads them (Down). Unbounded is all.
type Pick struct {
	Selector string
	Roots    []string
	Up, Down int
}

// Unbounded is any number of generations.
const Unbounded = -1

// UnknownError says that a selector names nothing.
type UnknownError struct {
	Selector string
	known    []string
}

// Error names the selector.
func (e *UnknownError) Error() string {
	if strings.Contains(e.Selector, "*") {
		return fmt.Sprintf("no address matches %q", e.Selector)
	}
	return fmt.Sprintf("address %q does not exist", e.Selector)
}

// Hint names what was probably meant.
func (e *UnknownError) Hint() string {
	var same []string
	for _, a := range e.known {
		if name(a) == e.Selector {
			same = append(same, a)
		}
	}
	if len(same) == 1 {
		return fmt.Sprintf("did you mean %q?", same[0])
	}
	if len(same) > 1 {
		return "there are " + strings.Join(same, ", ")
	}
	if near, ok := diag.Nearest(e.Selector, e.known); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "`mlp graph` lists addresses: KIND/NAME"
}

// SelectorError says that a selector cannot be read, or cannot be answered.
type SelectorError struct{ message string }

// Error says what is wrong.
func (e *SelectorError) Error() string { return e.message }

var selector = regexp.MustCompile(`^(?:(\d*)\+)?([^+]+?)(?:\+(\d*))?$`)

// Select returns what the selectors choose together: an address; +ADDRESS also
// what it reads, ADDRESS+ also what reads it, with a number N generations of
// it; * in an address is any text. A parser, feature set or dataset stands for
// what it holds, too. Without selectors it is everything.
func (l *Lineage) Select(selectors []string) (*Selection, error) {
	keep := map[string]bool{}
	out := &Selection{}
	for _, s := range selectors {
		p, err := l.pick(s)
		if err != nil {
			return nil, err
		}
		out.Picks = append(out.Picks, p)
		start := map[string]bool{}
		for _, a := range p.Roots {
			start[a] = true
			for _, m := range l.members(a) {
				start[m] = true
			}
		}
		maps.Copy(keep, start)
		maps.Copy(keep, reach(start, p.Up, l.sources))
		maps.Copy(keep, reach(start, p.Down, l.readBy()))
	}
	if len(selectors) == 0 {
		for a := range l.at {
			keep[a] = true
		}
	}
	out.Lineage = l.part(keep)
	return out, nil
}

func (l *Lineage) pick(s string) (Pick, error) {
	m := selector.FindStringSubmatchIndex(s)
	if m == nil {
		return Pick{}, &SelectorError{fmt.Sprintf("selector %q: want ADDRESS, +ADDRESS, ADDRESS+ or +ADDRESS+", s)}
	}
	p := Pick{Selector: s}
	var err error
	if p.Up, err = generations(s, m[2], m[3]); err != nil {
		return Pick{}, err
	}
	if p.Down, err = generations(s, m[6], m[7]); err != nil {
		return Pick{}, err
	}
	address := s[m[4]:m[5]]
	if p.Roots, err = l.match(address); err != nil {
		return Pick{}, err
	}
	if len(p.Roots) == 0 && address != ChangedSelector {
		return Pick{}, &UnknownError{Selector: address, known: l.addresses()}
	}
	return p, nil
}

// generations reads the number beside a plus sign; without a sign it is 0.
func generations(s string, from, to int) (int, error) {
	if from < 0 {
		return 0, nil
	}
	if from == to {
		return Unbounded, nil
	}
	n, err := strconv.Atoi(s[from:to])
	if err != nil {
		return 0, &SelectorError{fmt.Sprintf("selector %q: %s generations are too many", s, s[from:to])}
	}
	return n, nil
}

func (l *Lineage) match(address string) ([]string, error) {
	var out []string
	switch {
	case address == ChangedSelector:
		if l.Base == "" {
			return nil, &SelectorError{"selector \"changed\": there is nothing to compare with"}
		}
		for _, n := range l.Nodes {
			if n.Change != nil && n.Change.Class != plan.Cosmetic {
				out = append(out, n.Address)
			}
		}
	case strings.Contains(address, "*"):
		pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(address), `\*`, ".*") + "$")
		for _, n := range l.Nodes {
			if pattern.MatchString(n.Address) {
				out = append(out, n.Address)
			}
		}
	case l.at[address] != nil:
		out = append(out, address)
	}
	return out, nil
}

func (l *Lineage) addresses() []string {
	out := make([]string, len(l.Nodes))
	for i, n := range l.Nodes {
		out[i] = n.Address
	}
	return out
}

// members are the nodes that a parser, feature set or dataset holds. A model's
// evaluation reads the model and is no part of what it stands for.
func (l *Lineage) members(address string) []string {
	var out []string
	for _, n := range l.Nodes {
		if n.Set == address && strings.Contains(name(n.Address), ".") {
			out = append(out, n.Address)
		}
	}
	return out
}

func (l *Lineage) sources(address string) []string { return addresses(l.reads(l.at[address])) }

// readBy returns a function that gives what reads an address.
func (l *Lineage) readBy() func(address string) []string {
	by := map[string][]string{}
	for _, n := range l.Nodes {
		for _, d := range l.reads(n) {
			by[d.Address] = append(by[d.Address], n.Address)
		}
	}
	return func(address string) []string { return by[address] }
}

// reach returns what next leads to from start, in so many generations.
func reach(start map[string]bool, generations int, next func(string) []string) map[string]bool {
	out, front := map[string]bool{}, slices.Collect(maps.Keys(start))
	for g := 0; len(front) > 0 && (generations == Unbounded || g < generations); g++ {
		var following []string
		for _, a := range front {
			for _, b := range next(a) {
				if !out[b] {
					out[b] = true
					following = append(following, b)
				}
			}
		}
		front = following
	}
	return out
}

// Compares reports a selector that can be answered only by comparing.
func Compares(s string) bool {
	m := selector.FindStringSubmatch(s)
	return m != nil && m[2] == ChangedSelector
}
