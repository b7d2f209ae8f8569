// Package lineage shows a project's graph to people: what each node reads and
// what reads it, chosen by selectors, as a tree, Mermaid, Graphviz, JSON or one
// HTML file. It knows the kinds of nodes by their names only, so a new kind
// shows up by itself. It is pure.
package lineage

import (
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/graph"
	"github.com/mlpdev/mlp/pkg/plan"
)

// FormatVersion is the version of the JSON form.
const FormatVersion = 1

// Lineage is the graph of a project, or a part of it.
type Lineage struct {
	FormatVersion int    `json:"format_version"`
	Project       string `json:"project"`
	Head          string `json:"head"` // for people: "work tree"
	// Base is what Change compares with; empty where nothing is compared.
	Base string `json:"base,omitempty"`
	// Nodes come after what they read.
	Nodes []*Node `json:"nodes"`

	at  map[string]*Node // of Nodes
	all map[string]*Node // of the whole graph
}

// Node is one node of the graph.
type Node struct {
	Address string `json:"address"`
	Kind    string `json:"kind"`
	// Set is the address of the parser, feature set, dataset or model that it
	// is a part of; empty where it stands for itself.
	Set         string        `json:"set,omitempty"`
	DisplayName string        `json:"display_name,omitempty"`
	Description string        `json:"description,omitempty"`
	Type        string        `json:"type,omitempty"`
	Definition  string        `json:"definition,omitempty"` // as written
	Facts       []Fact        `json:"facts,omitempty"`
	Place       diag.Span     `json:"place,omitzero"`
	Key         digest.Digest `json:"key,omitzero"` // zero where it was removed
	Reads       []Dep         `json:"reads"`
	Change      *Change       `json:"change,omitempty"`
}

// Fact is something that a spec says of a node.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Dep is a node that another one reads. Its role says how.
type Dep struct {
	Address string `json:"address"`
	Role    string `json:"role,omitempty"`
}

// Change says how a node differs from the base.
type Change struct {
	Class   plan.Class    `json:"class"`
	Reason  string        `json:"reason"`
	From    string        `json:"from,omitempty"`   // address before a rename
	Before  string        `json:"before,omitempty"` // definition, where the text differs
	BaseKey digest.Digest `json:"base_key,omitzero"`
}

// Input is what a lineage is made of.
type Input struct {
	Head     *compile.Program
	HeadName string
	// Base is what head is compared with; nil with a name: with nothing.
	Base     *compile.Program
	BaseName string // empty: no comparison
}

// Of returns the lineage of a program. Compared with a base, its nodes say how
// they differ, and those that the base alone has are there, too.
func Of(in Input) *Lineage {
	l := &Lineage{FormatVersion: FormatVersion, Project: in.Head.Project.GetName(), Head: in.HeadName, Base: in.BaseName,
		at: map[string]*Node{}}
	l.all = l.at
	changed := map[string]*Change{}
	if in.BaseName != "" {
		for _, c := range plan.Changes(in.Base, in.Head) {
			changed[c.Address] = changeOf(c)
		}
	}
	l.add(in.Head, func(string) bool { return true })
	if in.BaseName != "" && in.Base != nil {
		l.add(in.Base, func(a string) bool { return changed[a] != nil && changed[a].Class == plan.Removed })
	}
	for _, n := range l.Nodes {
		n.Change = changed[n.Address]
		n.Set = l.set(n.Address)
		if n.Change != nil && n.Change.Class == plan.Removed {
			n.Key = digest.Digest{}
		}
	}
	l.order()
	return l
}

func changeOf(c plan.Change) *Change {
	out := &Change{Class: c.Class, Reason: c.Reason, From: c.From, BaseKey: c.Base}
	if c.Before != c.After {
		out.Before = c.Before
	}
	return out
}

// add adds the nodes of a program that are wanted and not there.
func (l *Lineage) add(p *compile.Program, want func(address string) bool) {
	about := describe(p)
	for _, address := range p.Graph.Addresses() {
		if l.at[address] != nil || !want(address) {
			continue
		}
		n, d := node(p, address), about[address]
		n.DisplayName, n.Description, n.Type, n.Facts = d.display, d.description, d.typ, d.facts
		l.at[address] = n
		l.Nodes = append(l.Nodes, n)
	}
	for _, n := range l.Nodes {
		n.Reads = slices.DeleteFunc(n.Reads, func(d Dep) bool { return l.at[d.Address] == nil })
	}
}

func node(p *compile.Program, address string) *Node {
	g, _ := p.Graph.Node(address)
	n := &Node{Address: address, Kind: graph.Kind(address), Definition: p.Texts[address], Place: p.Places[address], Key: g.Key, Reads: []Dep{}}
	for _, d := range slices.Concat(g.Deps, g.Uses) {
		n.Reads = append(n.Reads, Dep{Address: d.Address, Role: d.Role})
	}
	// An aggregate is taken over the rows of its set; what decides those enters
	// its key as a part of its own, not as a dependency.
	if slices.ContainsFunc(g.Own, func(o graph.Part) bool { return o.Name == "relation" }) {
		set, _ := p.Graph.Node(owner(address, func(a string) bool { _, ok := p.Graph.Node(a); return ok }))
		if set != nil {
			for _, d := range slices.Concat(set.Deps, set.Uses) {
				if d.Role != "having" {
					n.Reads = append(n.Reads, Dep{Address: d.Address, Role: d.Role})
				}
			}
		}
	}
	n.Reads = joined(n.Reads)
	return n
}

// joined gives each address once, with all of its roles.
func joined(deps []Dep) []Dep {
	out, at := []Dep{}, map[string]int{}
	for _, d := range deps {
		i, ok := at[d.Address]
		switch {
		case !ok:
			at[d.Address] = len(out)
			out = append(out, d)
		case !slices.Contains(strings.Split(out[i].Role, ", "), d.Role):
			out[i].Role += ", " + d.Role
		}
	}
	return out
}

// order puts nodes after what they read: those of a base come late.
func (l *Lineage) order() {
	done, out := map[string]bool{}, make([]*Node, 0, len(l.Nodes))
	var visit func(n *Node)
	visit = func(n *Node) {
		if done[n.Address] {
			return
		}
		done[n.Address] = true
		for _, d := range n.Reads {
			visit(l.at[d.Address])
		}
		out = append(out, n)
	}
	for _, n := range l.Nodes {
		visit(n)
	}
	l.Nodes = out
}

// Node returns the node at an address.
func (l *Lineage) Node(address string) (*Node, bool) {
	n, ok := l.at[address]
	return n, ok
}

// Sign is what people read a change as: "+", "-", "~", "=", or "" for none.
func (n *Node) Sign() string {
	if n.Change == nil {
		return ""
	}
	switch n.Change.Class {
	case plan.Additive:
		return "+"
	case plan.Removed:
		return "-"
	case plan.Cosmetic:
		return "="
	}
	return "~"
}

// part returns a lineage of some of the nodes, in their order. They still say
// all that they read.
func (l *Lineage) part(keep map[string]bool) *Lineage {
	out := &Lineage{FormatVersion: l.FormatVersion, Project: l.Project, Head: l.Head, Base: l.Base, Nodes: []*Node{}, at: map[string]*Node{}, all: l.all}
	for _, n := range l.Nodes {
		if keep[n.Address] {
			out.Nodes = append(out.Nodes, n)
			out.at[n.Address] = n
		}
	}
	return out
}

// reads returns what a node reads of what is in this lineage.
func (l *Lineage) reads(n *Node) []Dep {
	return slices.DeleteFunc(slices.Clone(n.Reads), func(d Dep) bool { return l.at[d.Address] == nil })
}
