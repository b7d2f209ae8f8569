// Package graph holds what a project is made of as a Merkle graph: each node's
// key is a digest of its own content and of the keys of what it reads. Two
// graphs compare by their keys. It knows nothing of specs.
package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/digest"
)

// Node is one thing that has a key: a field, a feature, a dataset, a model.
type Node struct {
	// Address is unique in a graph: "feature/beacon.cv".
	Address string
	// Own is the node's own content, in named parts: "definition", "type".
	Own []Part
	// Deps are the nodes whose keys enter this node's key.
	Deps []Dep
	// Uses are nodes whose content is a part of Own already: they explain a
	// change of it, and do not enter the key by themselves.
	Uses []Dep
	// Key covers Own and the keys of Deps. Add sets it.
	Key digest.Digest
}

// Part is a named piece of a node's own content.
type Part struct {
	Name   string
	Digest digest.Digest
}

// Dep is a dependency. Its role says how the node uses it and separates
// dependencies that are not interchangeable; among those of one role the
// order does not matter.
type Dep struct {
	Role    string
	Address string
}

// Kind returns the part of an address before the slash.
func Kind(address string) string {
	kind, _, _ := strings.Cut(address, "/")
	return kind
}

// Graph is a set of nodes in which every dependency is present.
type Graph struct {
	nodes map[string]*Node
	order []string // in the order of adding, which is topological
}

// New returns an empty graph.
func New() *Graph { return &Graph{nodes: map[string]*Node{}} }

// Add computes the node's key and adds it. Its dependencies must have been
// added before; an address can be added once. The address is not part of the
// key, so a renamed node keeps its key.
func (g *Graph) Add(n Node) (digest.Digest, error) {
	if _, ok := g.nodes[n.Address]; ok {
		return digest.Digest{}, fmt.Errorf("graph: %s is added twice", n.Address)
	}
	byRole := map[string][]digest.Digest{}
	for _, d := range n.Deps {
		dep, ok := g.nodes[d.Address]
		if !ok {
			return digest.Digest{}, fmt.Errorf("graph: %s reads %s, which is not there", n.Address, d.Address)
		}
		byRole[d.Role] = append(byRole[d.Role], dep.Key)
	}
	for _, d := range n.Uses {
		if _, ok := g.nodes[d.Address]; !ok {
			return digest.Digest{}, fmt.Errorf("graph: %s uses %s, which is not there", n.Address, d.Address)
		}
	}
	n.Key = key(Kind(n.Address), n.Own, byRole)
	g.nodes[n.Address] = &n
	g.order = append(g.order, n.Address)
	return n.Key, nil
}

func key(kind string, own []Part, byRole map[string][]digest.Digest) digest.Digest {
	c := digest.New("node/" + kind)
	parts := slices.Clone(own)
	slices.SortFunc(parts, func(a, b Part) int { return strings.Compare(a.Name, b.Name) })
	for _, p := range parts {
		c.Digest("own/"+p.Name, p.Digest)
	}
	roles := make([]string, 0, len(byRole))
	for r := range byRole {
		roles = append(roles, r)
	}
	slices.Sort(roles)
	for _, r := range roles {
		c.DigestSet("dep/"+r, byRole[r])
	}
	return c.Sum()
}

// Node returns the node at an address.
func (g *Graph) Node(address string) (*Node, bool) {
	if g == nil {
		return nil, false
	}
	n, ok := g.nodes[address]
	return n, ok
}

// Key returns the key of the node at an address, zero where there is none.
func (g *Graph) Key(address string) digest.Digest {
	if n, ok := g.Node(address); ok {
		return n.Key
	}
	return digest.Digest{}
}

// Addresses returns every address, dependencies before what reads them.
func (g *Graph) Addresses() []string {
	if g == nil {
		return nil
	}
	return slices.Clone(g.order)
}

// Dependents returns the addresses that read or use address, directly or
// through others, in topological order, without address itself.
func (g *Graph) Dependents(address string) []string {
	reached := map[string]bool{address: true}
	var out []string
	for _, a := range g.order {
		for _, d := range slices.Concat(g.nodes[a].Deps, g.nodes[a].Uses) {
			if reached[d.Address] && !reached[a] {
				reached[a] = true
				out = append(out, a)
			}
		}
	}
	return out
}
