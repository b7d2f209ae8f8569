package lineage

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/mlpdev/mlp/pkg/page"
)

//go:embed assets/lineage.html
var htmlText string

//go:embed assets/lineage.css
var htmlStyle string

//go:embed assets/lineage.js
var htmlScript string

// WriteHTML writes one HTML file that needs nothing else: sets in layers from
// left to right, which open, with search, lines and the details of a node.
func (l *Lineage) WriteHTML(w io.Writer) error {
	funcs := template.FuncMap{
		"name":  memberName,
		"badge": badge,
		"id":    func(i, j int) string { return fmt.Sprintf("m%d-%d", i, j) },
		"shown": Clean,
	}
	body, err := page.Body(htmlText, funcs, l)
	if err != nil {
		return err
	}
	title := Clean(l.Project) + " · lineage"
	return page.Page{Title: title, Style: htmlStyle, Script: htmlScript, Body: body}.Write(w)
}

// memberName is what a node is called inside its set.
func memberName(n *Node) string {
	if n.Set == "" {
		return Clean(name(n.Address))
	}
	if _, after, ok := strings.Cut(name(n.Address), "."); ok {
		return Clean(after)
	}
	return Clean(n.Kind)
}

// badge is a sign of one letter for a kind.
func badge(kind string) string {
	known := map[string]string{"parser": "P", "field": "f", "label": "l", "list": "L", "function": "ƒ", "featureset": "F", "column": "c",
		"feature": "x", "dataset": "D", "contribution": "k", "model": "M", "evaluation": "e", "env": "E"}
	if b, ok := known[kind]; ok {
		return b
	}
	return "•"
}

// Plural names the kind of the sets in a layer, for the page.
func (n *Node) Plural() string { return plural(n.Kind) }

// ChangedNodes are the nodes that differ from the base, but for looks.
func (l *Lineage) ChangedNodes() []*Node {
	var out []*Node
	for _, n := range l.Nodes {
		if s := n.Sign(); s != "" && s != "=" {
			out = append(out, n)
		}
	}
	return out
}

// SetKinds are the kinds of the sets, one node of each.
func (l *Lineage) SetKinds() []*Node {
	var out []*Node
	seen := map[string]bool{}
	for _, s := range l.Sets() {
		if !seen[s.Node.Kind] {
			seen[s.Node.Kind] = true
			out = append(out, s.Node)
		}
	}
	return out
}
