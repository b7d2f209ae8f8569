package lineage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/graph"
)

// Set is a parser, feature set, dataset or model with what it holds, or
// whatever else stands for itself.
type Set struct {
	// Node is the set's own; where only parts of it were chosen it is shown all
	// the same, and Chosen is false.
	Node    *Node
	Chosen  bool
	Members []*Node
	// Reads are the addresses of other sets that it, or a member, reads.
	Reads []string
}

// Sets returns the sets of a lineage, after what they read.
func (l *Lineage) Sets() []*Set {
	at, order := map[string]*Set{}, []*Set{}
	of := func(n *Node) *Set {
		address := n.Address
		if n.Set != "" {
			address = n.Set
		}
		s := at[address]
		if s == nil {
			s = &Set{Node: l.all[address]}
			at[address] = s
			order = append(order, s)
		}
		return s
	}
	for _, n := range l.Nodes {
		if s := of(n); n.Set != "" {
			s.Members = append(s.Members, n)
		} else {
			s.Node, s.Chosen = n, true
		}
	}
	for _, n := range l.Nodes {
		s := of(n)
		for _, d := range l.reads(n) {
			if from := of(l.at[d.Address]); from != s && !slices.Contains(s.Reads, from.Node.Address) {
				s.Reads = append(s.Reads, from.Node.Address)
			}
		}
	}
	for _, s := range order {
		slices.SortFunc(s.Reads, byKind)
	}
	return sorted(order, at)
}

// sorted puts sets after what they read, else by kind and in their order.
func sorted(sets []*Set, at map[string]*Set) []*Set {
	slices.SortStableFunc(sets, func(a, b *Set) int { return rank(a.Node.Kind) - rank(b.Node.Kind) })
	const visiting, visited = 1, 2
	state, out := map[*Set]int{}, make([]*Set, 0, len(sets))
	var visit func(s *Set)
	visit = func(s *Set) {
		if state[s] != 0 {
			return
		}
		state[s] = visiting
		s.Reads = slices.DeleteFunc(s.Reads, func(a string) bool {
			// Nodes have no cycles. Sets could: one of its edges is left out.
			if state[at[a]] == visiting {
				return true
			}
			visit(at[a])
			return false
		})
		state[s] = visited
		out = append(out, s)
	}
	for _, s := range sets {
		visit(s)
	}
	return out
}

// byKind orders addresses as people read them.
func byKind(a, b string) int {
	if d := rank(graph.Kind(a)) - rank(graph.Kind(b)); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

// Holds counts the members by kind: "14 fields, 1 label". An evaluation goes
// without saying.
func (s *Set) Holds() string {
	var parts []string
	for _, k := range s.kinds() {
		if k != "evaluation" {
			parts = append(parts, Counted(s.count(k), k))
		}
	}
	return strings.Join(parts, ", ")
}

func (s *Set) kinds() []string {
	var out []string
	for _, m := range s.Members {
		if !slices.Contains(out, m.Noun()) {
			out = append(out, m.Noun())
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return rank(a) - rank(b) })
	return out
}

func (s *Set) count(kind string) int {
	n := 0
	for _, m := range s.Members {
		if m.Noun() == kind {
			n++
		}
	}
	return n
}

// Changed counts the members that differ from the base, but for looks.
func (s *Set) Changed() int {
	n := 0
	for _, m := range s.Members {
		if sign := m.Sign(); sign != "" && sign != "=" {
			n++
		}
	}
	return n
}

// Sign is the sign of the set's own change or, where a member differs, "~".
func (s *Set) Sign() string {
	if sign := s.Node.Sign(); sign != "" && sign != "=" || s.Changed() == 0 {
		return s.Node.Sign()
	}
	return "~"
}

// Counts says how many there are of each kind: "1 parser · 14 fields".
func (l *Lineage) Counts() string {
	n, order := map[string]int{}, []string{}
	for _, x := range l.Nodes {
		if n[x.Noun()] == 0 {
			order = append(order, x.Noun())
		}
		n[x.Noun()]++
	}
	slices.SortStableFunc(order, func(a, b string) int { return rank(a) - rank(b) })
	parts := make([]string, len(order))
	for i, k := range order {
		parts[i] = Counted(n[k], k)
	}
	return strings.Join(parts, " · ")
}

// Differences counts the nodes that differ from the base, by sign: "1 changed,
// 2 new".
func (l *Lineage) Differences() string {
	n := map[string]int{}
	for _, x := range l.Nodes {
		n[x.Sign()]++
	}
	var parts []string
	for _, s := range []struct{ sign, word string }{{"~", "changed"}, {"+", "new"}, {"-", "removed"}, {"=", "cosmetic"}} {
		if n[s.sign] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[s.sign], s.word))
		}
	}
	if len(parts) == 0 {
		return "nothing differs"
	}
	return strings.Join(parts, ", ")
}

// AtSets returns the lineage with sets alone as its nodes: a set reads what its
// members read of others.
func (l *Lineage) AtSets() *Lineage {
	out := &Lineage{FormatVersion: l.FormatVersion, Project: l.Project, Head: l.Head, Base: l.Base, Nodes: []*Node{}, at: map[string]*Node{}, all: l.all}
	for _, s := range l.Sets() {
		n := *s.Node
		n.Reads = []Dep{}
		for _, a := range s.Reads {
			n.Reads = append(n.Reads, Dep{Address: a})
		}
		if n.Change == nil && s.Sign() != "" {
			n.Change = &Change{Class: "column", Reason: fmt.Sprintf("%d inside differ", s.Changed())}
		}
		out.Nodes = append(out.Nodes, &n)
		out.at[n.Address] = &n
	}
	return out
}
