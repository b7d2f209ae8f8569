package lineage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/graph"
)

// kind is what is known of a kind of nodes. Others are shown, too, under their
// own name, after these.
type kind struct {
	name, plural string
	part         string // kind of what it is a part of; "" where it stands for itself
}

// listColumn is what people call the parts of a list, whose addresses are of
// the list's own kind.
const listColumn = "list column"

// Noun is what people call the node: its kind, but for a part of a set of the
// same kind.
func (n *Node) Noun() string {
	if n.Kind == "list" && n.Set != "" {
		return listColumn
	}
	return n.Kind
}

// kinds are those that are known, in the order in which people read them.
func kinds() []kind {
	return []kind{
		{name: "parser", plural: "parsers"},
		{name: "field", plural: "fields", part: "parser"},
		{name: "label", plural: "labels", part: "parser"},
		{name: "list", plural: "lists"},
		{name: listColumn, plural: "list columns"},
		{name: "function", plural: "functions"},
		{name: "featureset", plural: "feature sets"},
		{name: "column", plural: "columns", part: "featureset"},
		{name: "feature", plural: "features", part: "featureset"},
		{name: "dataset", plural: "datasets"},
		{name: "contribution", plural: "contributions", part: "dataset"},
		{name: "model", plural: "models"},
		{name: "evaluation", plural: "evaluations", part: "model"},
		{name: "env", plural: "environments"},
	}
}

// rank is the place of a kind in the order of kinds.
func rank(name string) int {
	all := kinds()
	if i := slices.IndexFunc(all, func(k kind) bool { return k.name == name }); i >= 0 {
		return i
	}
	return len(all)
}

// CompareKinds orders kinds as people read them, from raw to deployed.
func CompareKinds(a, b string) int { return cmp.Or(rank(a)-rank(b), strings.Compare(a, b)) }

// plural returns the name of several of a kind.
func plural(name string) string {
	for _, k := range kinds() {
		if k.name == name {
			return k.plural
		}
	}
	return name + "s"
}

// Counted returns "1 field" or "14 fields".
func Counted(n int, name string) string {
	if n == 1 {
		return "1 " + strings.TrimSuffix(plural(name), "s")
	}
	return fmt.Sprintf("%d %s", n, plural(name))
}

// owner returns the address that an address is a part of, "" where there is
// none: "parser/zeek_conn" of "field/zeek_conn.ts". Of a kind that is not known
// it is the node before the dot, where one and only one has that name.
func owner(address string, exists func(string) bool) string {
	name, rest, _ := strings.Cut(address, "/")
	whole, _, dotted := strings.Cut(rest, ".")
	for _, k := range kinds() {
		if k.name != name || k.part == "" {
			continue
		}
		if a := k.part + "/" + whole; exists(a) {
			return a
		}
		return ""
	}
	if !dotted {
		return ""
	}
	var found []string
	for _, k := range append(kinds(), kind{name: name}) {
		if a := k.name + "/" + whole; k.part == "" && exists(a) && !slices.Contains(found, a) {
			found = append(found, a)
		}
	}
	if i := slices.Index(found, name+"/"+whole); i >= 0 {
		return found[i]
	}
	// "listcolumn/tlds.suffix" is rather a part of a list than of a parser.
	for _, a := range found {
		if len(found) == 1 || strings.HasPrefix(name, graph.Kind(a)) {
			return a
		}
	}
	return ""
}

// set is owner among the nodes of the graph.
func (l *Lineage) set(address string) string {
	return owner(address, func(a string) bool { return l.at[a] != nil })
}

// name is an address without its kind.
func name(address string) string {
	_, rest, _ := strings.Cut(address, "/")
	return rest
}
