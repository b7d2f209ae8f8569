package lineage

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// TextOptions say how text is written.
type TextOptions struct {
	Sets    bool // parsers, feature sets, datasets, models as wholes
	Verbose bool // with definitions and places
}

// WriteText writes a selection for a terminal: a tree for each selector, or a
// list of all sets where there is none.
func (s *Selection) WriteText(w io.Writer, o TextOptions) error {
	var b strings.Builder
	if len(s.Picks) == 0 {
		s.list(&b, o)
	}
	for i, p := range s.Picks {
		if i > 0 {
			b.WriteByte('\n')
		}
		s.pick(&b, p, o)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// list writes sets, or all nodes, in a table.
func (s *Selection) list(b *strings.Builder, o TextOptions) {
	fmt.Fprintf(b, "%s, %s: %s\n", Clean(s.Project), Clean(s.Head), s.Counts())
	if s.Base != "" {
		fmt.Fprintf(b, "compared with %s: %s\n", Clean(s.Base), s.Differences())
	}
	rows := [][]string{{"", "ADDRESS", "HOLDS", "READS"}}
	for _, set := range s.Sets() {
		rows = append(rows, []string{set.Sign(), set.Node.Address, set.Holds(), some(set.Reads, o)})
		for _, m := range set.Members {
			if !o.Sets || s.Base != "" && m.Sign() != "" && (o.Verbose || m.Sign() != "=") {
				rows = append(rows, []string{m.Sign(), "  " + m.Address, why(m), some(addresses(s.reads(m)), o)})
			}
		}
	}
	b.WriteByte('\n')
	writeTable(b, rows, s.Base != "")
}

func why(n *Node) string {
	if n.Change == nil {
		return n.Type
	}
	return string(n.Change.Class) + ": " + n.Change.Reason
}

func addresses(deps []Dep) []string {
	out := make([]string, len(deps))
	for i, d := range deps {
		out[i] = d.Address
	}
	return out
}

// some joins addresses; many are cut short.
func some(all []string, o TextOptions) string {
	const most = 4
	if len(all) <= most || o.Verbose {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:most], ", "), len(all)-most)
}

// writeTable writes rows with columns as wide as they need, the last one
// ragged. The first column, of signs, is optional.
func writeTable(b *strings.Builder, rows [][]string, signs bool) {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, cell := range r {
			widths[i] = max(widths[i], len([]rune(Clean(cell))))
		}
	}
	if signs {
		widths[0] = 1
	}
	for _, r := range rows {
		var line strings.Builder
		for i, cell := range r {
			if i == 0 && !signs {
				continue
			}
			cell = Clean(cell)
			line.WriteString(cell + strings.Repeat(" ", widths[i]-len([]rune(cell))))
			line.WriteString(map[bool]string{true: " ", false: "  "}[i == 0])
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// pick writes the trees of one selector.
func (s *Selection) pick(b *strings.Builder, p Pick, o TextOptions) {
	l := s.Lineage
	roots := p.Roots
	if o.Sets {
		l = l.AtSets()
		roots = nil
		for _, a := range p.Roots {
			if set := s.all[a].Set; set != "" {
				a = set
			}
			if !slices.Contains(roots, a) {
				roots = append(roots, a)
			}
		}
	}
	for i, a := range roots {
		if i > 0 && (p.Up != 0 || p.Down != 0) {
			b.WriteByte('\n')
		}
		t := tree{out: b, l: l, options: o, seen: map[string]bool{}}
		b.WriteString(t.line(l.at[a], "") + "\n")
		t.details(l.at[a], "  ")
		t.side("reads", a, p.Up, func(a string) []Dep { return t.members(a, l.reads(l.at[a])) })
		by := readers(l)
		t.side("read by", a, p.Down, func(a string) []Dep { return t.members(a, by[a]) })
	}
}

func readers(l *Lineage) map[string][]Dep {
	by := map[string][]Dep{}
	for _, n := range l.Nodes {
		for _, d := range l.reads(n) {
			by[d.Address] = append(by[d.Address], Dep{Address: n.Address, Role: d.Role})
		}
	}
	return by
}

// tree writes what a node leads to.
type tree struct {
	out     *strings.Builder
	l       *Lineage
	options TextOptions
	root    string
	seen    map[string]bool
}

// side writes one direction, in so many generations.
func (t *tree) side(title, address string, generations int, next func(string) []Dep) {
	if generations == 0 {
		return
	}
	t.root, t.seen = address, map[string]bool{address: true}
	if following := next(address); len(following) > 0 {
		fmt.Fprintf(t.out, "  %s\n", title)
		t.branches(following, "  ", generations, next)
	} else {
		fmt.Fprintf(t.out, "  %s nothing\n", title)
	}
}

func (t *tree) branches(deps []Dep, indent string, generations int, next func(string) []Dep) {
	for i, d := range deps {
		branch, below := "├─ ", "│  "
		if i == len(deps)-1 {
			branch, below = "└─ ", "   "
		}
		n := t.l.at[d.Address]
		following := next(d.Address)
		line := indent + branch + t.line(n, d.Role)
		if generations == 1 {
			following = nil
		}
		if t.seen[d.Address] && len(following) > 0 {
			t.out.WriteString(line + "  (above)\n")
			continue
		}
		t.out.WriteString(line + "\n")
		t.details(n, indent+below)
		t.seen[d.Address] = true
		if generations != 1 {
			t.branches(following, indent+below, max(generations-1, Unbounded), next)
		}
	}
}

// members adds, at the root, its members, for which it stands; from there nothing
// leads back to it.
func (t *tree) members(address string, deps []Dep) []Dep {
	if address != t.root {
		return slices.DeleteFunc(slices.Clone(deps), func(d Dep) bool { return d.Address == t.root })
	}
	out := slices.Clone(deps)
	for _, m := range t.l.members(address) {
		if !slices.ContainsFunc(out, func(d Dep) bool { return d.Address == m }) {
			out = append(out, Dep{Address: m, Role: "holds"})
		}
	}
	return out
}

// line is a node in one line.
func (t *tree) line(n *Node, role string) string {
	out := n.Address
	if n.Change != nil {
		out = n.Sign() + " " + out + "  " + string(n.Change.Class)
	}
	if role != "" {
		out += "  (" + role + ")"
	}
	return Clean(out)
}

func (t *tree) details(n *Node, indent string) {
	if !t.options.Verbose {
		return
	}
	for line := range strings.SplitSeq(strings.TrimSpace(n.Definition), "\n") {
		if line != "" {
			fmt.Fprintf(t.out, "%s    %s\n", indent, Clean(strings.TrimSpace(line)))
		}
	}
	if n.Place.File != "" {
		fmt.Fprintf(t.out, "%s    %s\n", indent, Clean(n.Place.String()))
	}
}

// Clean replaces what could drive a terminal or mislead a reader: control and
// format characters, and bytes that are not UTF-8.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}
