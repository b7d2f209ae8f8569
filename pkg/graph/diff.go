package graph

import (
	"slices"

	"github.com/mlpdev/mlp/pkg/digest"
)

// Action says how a node differs between two graphs.
type Action string

// The actions.
const (
	Added   Action = "added"
	Removed Action = "removed"
	Changed Action = "changed"
	Renamed Action = "renamed" // another address, the same key
)

// Change is one node that differs between two graphs.
type Change struct {
	Address string
	// From is the address before, where Action is Renamed.
	From   string
	Action Action
	Base   digest.Digest // zero where the node was added
	Head   digest.Digest // zero where the node was removed
	// Own are the names of the node's own parts that differ: empty where only
	// its dependencies changed.
	Own []string
	// Via are its dependencies that changed, were added, or are no longer read;
	// and so for what it uses.
	Via []Dep
}

// Diff returns what differs from base to head: dependencies before what reads
// them, removed nodes last. A nil graph is an empty one.
//
// A node that is gone and one that came with the same kind and key are one
// node under a new name, not a removal and an addition.
func Diff(base, head *Graph) []Change {
	renamed, moved := renames(base, head)
	var out []Change
	for _, a := range head.Addresses() {
		n, _ := head.Node(a)
		old, ok := base.Node(a)
		switch {
		case renamed[a] != "":
			out = append(out, Change{Address: a, From: renamed[a], Action: Renamed, Base: n.Key, Head: n.Key})
		case !ok:
			out = append(out, Change{Address: a, Action: Added, Head: n.Key})
		case old.Key != n.Key:
			out = append(out, Change{Address: a, Action: Changed, Base: old.Key, Head: n.Key,
				Own: ownDiff(old, n), Via: viaDiff(base, head, old, n)})
		}
	}
	for _, a := range base.Addresses() {
		if _, ok := head.Node(a); !ok && !moved[a] {
			out = append(out, Change{Address: a, Action: Removed, Base: base.Key(a)})
		}
	}
	return out
}

// renames pairs addresses that are only in head with addresses that are only
// in base, of one kind and with equal keys. moved holds the old addresses.
func renames(base, head *Graph) (renamed map[string]string, moved map[string]bool) {
	type identity struct {
		kind string
		key  digest.Digest
	}
	gone := map[identity][]string{}
	for _, a := range base.Addresses() {
		if _, ok := head.Node(a); !ok {
			id := identity{Kind(a), base.Key(a)}
			gone[id] = append(gone[id], a)
		}
	}
	renamed, moved = map[string]string{}, map[string]bool{}
	for _, a := range head.Addresses() {
		if _, ok := base.Node(a); ok {
			continue
		}
		id := identity{Kind(a), head.Key(a)}
		if from := gone[id]; len(from) > 0 {
			renamed[a], gone[id] = from[0], from[1:]
			moved[from[0]] = true
		}
	}
	return renamed, moved
}

func ownDiff(old, n *Node) []string {
	before := map[string]digest.Digest{}
	for _, p := range old.Own {
		before[p.Name] = p.Digest
	}
	var out []string
	for _, p := range n.Own {
		if before[p.Name] != p.Digest {
			out = append(out, p.Name)
		}
		delete(before, p.Name)
	}
	for name := range before {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// viaDiff returns the dependencies whose keys explain a changed key: those of
// head that no dependency of base in that role matches, one by one, and the
// reverse.
func viaDiff(base, head *Graph, old, n *Node) []Dep {
	out := unmatched(head, n, base, old)
	for _, d := range unmatched(base, old, head, n) {
		if !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	for _, d := range slices.Concat(n.Uses, old.Uses) {
		if base.Key(d.Address) != head.Key(d.Address) && !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}

// use is how a node uses a key.
type use struct {
	role string
	key  digest.Digest
}

// unmatched returns the dependencies of n for which other has no use of the
// same role and key. A use of other matches one dependency; where one of the
// same address is among them, that one.
func unmatched(g *Graph, n *Node, otherGraph *Graph, other *Node) []Dep {
	uses, at := map[use]int{}, map[Dep]use{}
	for _, d := range other.Deps {
		at[d] = use{d.Role, otherGraph.Key(d.Address)}
		uses[at[d]]++
	}
	var rest, out []Dep
	for _, d := range n.Deps {
		u := use{d.Role, g.Key(d.Address)}
		if at[d] == u && uses[u] > 0 {
			uses[u]--
		} else {
			rest = append(rest, d)
		}
	}
	for _, d := range rest {
		u := use{d.Role, g.Key(d.Address)}
		if uses[u] > 0 {
			uses[u]--
		} else {
			out = append(out, d)
		}
	}
	return out
}
