package lineage

import (
	"fmt"
	"io"
	"strings"

	"github.com/mlpdev/mlp/pkg/plan"
)

// GitHub shows no Mermaid diagram of more text or more edges than these.
const (
	MermaidText  = 50_000
	MermaidEdges = 500
)

// Edges counts how often a node reads another one.
func (l *Lineage) Edges() int {
	n := 0
	for _, x := range l.Nodes {
		n += len(l.reads(x))
	}
	return n
}

// WriteMermaid writes a Mermaid flowchart. Texts of nodes are never Mermaid's
// own words: identifiers are numbers, labels are escaped.
func (l *Lineage) WriteMermaid(w io.Writer) error {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	id := l.identifiers()
	l.boxes(func(set *Set) {
		fmt.Fprintf(&b, "  subgraph s%s[\"%s\"]\n", id[set.Node.Address], mermaidText(set.Node.Address))
	}, func(n *Node, inside bool) {
		b.WriteString(map[bool]string{true: "    ", false: "  "}[inside])
		fmt.Fprintf(&b, "%s[\"%s\"]\n", id[n.Address], mermaidText(label(n)))
	}, func() { b.WriteString("  end\n") })
	for _, n := range l.Nodes {
		for _, d := range l.reads(n) {
			fmt.Fprintf(&b, "  %s --> %s\n", id[d.Address], id[n.Address])
		}
	}
	for _, s := range styles() {
		var of []string
		for _, n := range l.Nodes {
			if n.Sign() == s.sign {
				of = append(of, id[n.Address])
			}
		}
		if len(of) > 0 {
			fmt.Fprintf(&b, "  classDef %s %s\n  class %s %s\n", s.name, s.mermaid, strings.Join(of, ","), s.name)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteDot writes a Graphviz digraph.
func (l *Lineage) WriteDot(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n", dotText(l.Project))
	b.WriteString("  rankdir=LR\n  node [shape=box style=rounded fontname=\"sans-serif\" fontsize=10]\n")
	id := l.identifiers()
	l.boxes(func(set *Set) {
		fmt.Fprintf(&b, "  subgraph cluster_%s {\n    label=%s\n", id[set.Node.Address], dotText(set.Node.Address))
	}, func(n *Node, inside bool) {
		b.WriteString(map[bool]string{true: "    ", false: "  "}[inside])
		attributes := "label=" + dotText(label(n))
		for _, s := range styles() {
			if s.sign == n.Sign() {
				attributes += " " + s.dot
			}
		}
		fmt.Fprintf(&b, "%s [%s]\n", id[n.Address], attributes)
	}, func() { b.WriteString("  }\n") })
	for _, n := range l.Nodes {
		for _, d := range l.reads(n) {
			fmt.Fprintf(&b, "  %s -> %s\n", id[d.Address], id[n.Address])
		}
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// style is how nodes that differ are set off.
type style struct{ sign, name, mermaid, dot string }

func styles() []style {
	return []style{
		{"+", "added", "stroke:#009e73,stroke-width:3px", `color="#009e73" penwidth=3`},
		{"~", "changed", "stroke:#d55e00,stroke-width:3px", `color="#d55e00" penwidth=3`},
		{"-", "removed", "stroke:#777777,stroke-width:2px,stroke-dasharray:5 4", `color="#777777" style="rounded,dashed"`},
	}
}

func label(n *Node) string {
	if n.Change == nil || n.Change.Class == plan.Cosmetic {
		return n.Address
	}
	return n.Sign() + " " + n.Address + " (" + string(n.Change.Class) + ")"
}

// identifiers names nodes by their place.
func (l *Lineage) identifiers() map[string]string {
	out := map[string]string{}
	for i, n := range l.Nodes {
		out[n.Address] = fmt.Sprintf("n%d", i)
	}
	for _, s := range l.Sets() {
		if out[s.Node.Address] == "" {
			out[s.Node.Address] = fmt.Sprintf("n%d", len(out))
		}
	}
	return out
}

// boxes visits sets and their nodes: one that holds nothing here is a node
// without a box.
func (l *Lineage) boxes(begin func(*Set), node func(n *Node, inside bool), end func()) {
	for _, s := range l.Sets() {
		if len(s.Members) == 0 {
			node(s.Node, false)
			continue
		}
		begin(s)
		if s.Chosen {
			node(s.Node, true)
		}
		for _, m := range s.Members {
			node(m, true)
		}
		end()
	}
}

// mermaidText escapes a label: everything but plain characters becomes an
// entity code, so that no text can close the label or be read as HTML.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range Clean(s) {
		plain := r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune(" _./-()+~", r)
		if plain {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}

// dotText quotes a text: backslashes would be escapes of labels.
func dotText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(Clean(s)) + `"`
}
