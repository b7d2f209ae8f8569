package main

import (
	"fmt"
	"strings"

	"github.com/mlpdev/mlp/pkg/github"
	"github.com/mlpdev/mlp/pkg/graph"
	"github.com/mlpdev/mlp/pkg/plan"
)

// planMarkdown writes a plan for a pull request: the headline first, tables
// folded, never more than so many characters. What does not fit is counted.
type planMarkdown struct {
	plan   *plan.Plan
	stored bool   // a store was looked into
	limit  int    // in bytes, which are at least as many as characters
	rest   string // who has what does not fit
	b      strings.Builder
}

// commentOf returns a plan as a comment of a pull request, with room for the
// line in front of it.
func commentOf(f plan.File) string {
	return (&planMarkdown{plan: f.Plan, stored: f.Stored, limit: github.MaxComment - 256, rest: "the step summary has them"}).String()
}

// summaryOf returns a plan for the summary of a step of GitHub Actions, which
// takes 1 MiB.
func summaryOf(f plan.File) string {
	return (&planMarkdown{plan: f.Plan, stored: f.Stored, limit: 1 << 20, rest: "`mlp plan` lists them"}).String()
}

// tail is the room that is kept for closing what is open and for the last
// lines.
const tail = 1200

func (m *planMarkdown) String() string {
	p := m.plan
	m.b.Reset()
	fmt.Fprintf(&m.b, "### mlp plan: %s\n\n", headline(p))
	fmt.Fprintf(&m.b, "%s → %s\n\n", code(p.Base), code(p.Head))
	if p.Empty() && p.Count(plan.Cosmetic) == 0 {
		fmt.Fprintf(&m.b, "%s\n", m.digest())
		return m.b.String()
	}
	fmt.Fprintf(&m.b, "Specs: %s\n\n", planView{plan: p}.classes())
	m.table("Impact", "| | what | how | why |\n|---|---|---|---|\n", m.impact())
	m.table("Changes", "| | address | class | reason | place |\n|---|---|---|---|---|\n", m.changes(false))
	m.definitions()
	if m.stored {
		m.table("Steps", "| step | target | columns | why |\n|---|---|---|---|\n", m.steps())
	}
	m.table("Not caused by this change", "| | what | why |\n|---|---|---|\n", m.elsewhere())
	m.table("Cosmetic: nothing to do", "| | address | class | reason | place |\n|---|---|---|---|---|\n", m.changes(true))
	if !m.stored {
		m.b.WriteString("Planned without a store: what is computed already is not known.\n\n")
	}
	fmt.Fprintf(&m.b, "%s\n", m.digest())
	return m.b.String()
}

func (m *planMarkdown) digest() string { return "Plan digest " + code(m.plan.Digest.String()) }

// headline says in one line what a change means.
func headline(p *plan.Plan) string {
	if len(p.Datasets)+len(p.Models)+len(p.Environments) == 0 {
		if p.Empty() {
			return "no changes"
		}
		return "no model is affected"
	}
	counts := map[string]int{}
	columns := 0
	for _, e := range p.Models {
		switch e.Class {
		case plan.Removed:
			counts["retired"]++
		case plan.Gate:
			counts["judged again"]++
		case plan.Additive:
			counts["new"]++
		default:
			counts["retrain"]++
		}
	}
	for _, e := range p.Datasets {
		columns += e.Columns
	}
	var parts []string
	for _, what := range []string{"retrain", "new", "judged again", "retired"} {
		if n := counts[what]; n > 0 {
			verb := what
			if what == "retrain" && n == 1 {
				verb = "retrains"
			}
			parts = append(parts, plural(n, "model")+" "+verb)
		}
	}
	if columns > 0 {
		parts = append(parts, plural(columns, "column"))
	}
	return strings.Join(append(parts, fmt.Sprintf("%d of %s", len(p.Environments), plural(max(p.EnvironmentCount, len(p.Environments)), "environment"))), " · ")
}

// table writes a folded table of rows, as far as there is room.
func (m *planMarkdown) table(title, head string, rows []string) {
	if len(rows) == 0 {
		return
	}
	opening := fmt.Sprintf("<details>\n<summary>%s (%d)</summary>\n\n%s", title, len(rows), head)
	if m.room() < len(opening)+len(rows[0]) {
		fmt.Fprintf(&m.b, "%s: %d, which do not fit here; %s.\n\n", title, len(rows), m.rest)
		return
	}
	m.b.WriteString(opening)
	for i, row := range rows {
		if m.room() < len(row) {
			fmt.Fprintf(&m.b, "\n%d more do not fit here; %s.\n", len(rows)-i, m.rest)
			break
		}
		m.b.WriteString(row)
	}
	m.b.WriteString("\n</details>\n\n")
}

// room is how many bytes may still be written, but for the tail.
func (m *planMarkdown) room() int { return m.limit - tail - m.b.Len() }

func (m *planMarkdown) impact() []string {
	var rows []string
	add := func(mark string, e plan.Effect, what string) {
		rows = append(rows, row(mark, code(e.Address), what, list(e.Why)))
	}
	for _, e := range m.plan.Datasets {
		what := string(e.Class)
		if e.Columns > 0 && e.Class != plan.Additive {
			what = fmt.Sprintf("%s, %d of %d columns", e.Class, e.Columns, e.Total)
		}
		add(sign(e.Class), e, what)
	}
	for _, e := range m.plan.Models {
		add(modelMark(e.Class), e, string(e.Class))
	}
	for _, e := range m.plan.Environments {
		add("→", e, string(e.Class))
	}
	for _, address := range m.plan.Unaffected {
		rows = append(rows, row("=", code(address), "unaffected", "reads nothing that changed"))
	}
	return rows
}

// changes lists the changes that are cosmetic, or those that are not.
func (m *planMarkdown) changes(cosmetic bool) []string {
	var rows []string
	for _, c := range m.plan.Changes {
		if (c.Class == plan.Cosmetic) != cosmetic || consequence(c) {
			continue
		}
		place := ""
		if c.Place.Line > 0 {
			place = code(c.Place.String())
		}
		rows = append(rows, row(sign(c.Class), code(c.Address), string(c.Class), code(c.Reason), place))
	}
	return rows
}

// elsewhere returns the rows of what the change does not cause.
func (m *planMarkdown) elsewhere() []string {
	var out []string
	for _, e := range m.plan.Pending {
		out = append(out, row("pending", code(e.Address), code(e.Reason)))
	}
	for _, e := range m.plan.Drift {
		out = append(out, row("drift", code(e.Address), code(e.Reason)))
	}
	return out
}

func (m *planMarkdown) steps() []string {
	var rows []string
	for _, s := range m.plan.Steps {
		columns := ""
		if len(s.Columns) > 0 {
			columns = fmt.Sprint(len(s.Columns))
		}
		rows = append(rows, row(string(s.Kind), code(s.Target), columns, code(s.Reason)))
	}
	return rows
}

// definitions shows the texts that changed, as a difference.
func (m *planMarkdown) definitions() {
	var blocks []string
	for _, c := range m.plan.Changes {
		if c.Class == plan.Cosmetic || c.Before == "" || c.After == "" || c.Before == c.After {
			continue
		}
		var text strings.Builder
		fmt.Fprintf(&text, "@@ %s @@\n", c.Address)
		for _, side := range []struct{ mark, text string }{{"-", c.Before}, {"+", c.After}} {
			for line := range strings.SplitSeq(strings.TrimSpace(side.text), "\n") {
				fmt.Fprintf(&text, "%s %s\n", side.mark, printable(strings.TrimSpace(line)))
			}
		}
		blocks = append(blocks, text.String())
	}
	if len(blocks) == 0 {
		return
	}
	all := strings.Join(blocks, "")
	fence := "```"
	for strings.Contains(all, fence) {
		fence += "`"
	}
	opening := fmt.Sprintf("<details>\n<summary>Definitions (%d)</summary>\n\n%sdiff\n", len(blocks), fence)
	if m.room() < len(opening)+len(blocks[0]) {
		fmt.Fprintf(&m.b, "Definitions: %d, which do not fit here; %s.\n\n", len(blocks), m.rest)
		return
	}
	m.b.WriteString(opening)
	left := 0
	for i, block := range blocks {
		if m.room() < len(block) {
			left = len(blocks) - i
			break
		}
		m.b.WriteString(block)
	}
	m.b.WriteString(fence + "\n")
	if left > 0 {
		fmt.Fprintf(&m.b, "\n%d more do not fit here; %s.\n", left, m.rest)
	}
	m.b.WriteString("\n</details>\n\n")
}

// modelMark shows what happens to a model.
func modelMark(c plan.Class) string {
	if c == plan.Additive || c == plan.Removed {
		return sign(c)
	}
	return "↻"
}

func row(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

// list shows the first few addresses or reasons.
func list(why []string) string {
	const most = 4
	var out []string
	for _, w := range why[:min(len(why), most)] {
		out = append(out, code(w))
	}
	text := strings.Join(out, ", ")
	if len(why) > most {
		text += fmt.Sprintf(" and %d more", len(why)-most)
	}
	return text
}

// code writes a text that specs may have a say in so that it is shown as it is:
// no markup, no mention, no cell's end.
func code(text string) string {
	const longest = 300
	text = strings.Join(strings.Fields(printable(text)), " ")
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "…"
	}
	if text == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	pad := ""
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		pad = " "
	}
	return fence + pad + strings.ReplaceAll(text, "|", `\|`) + pad + fence
}

// worthNotice reports a change that deserves an annotation at its place.
func worthNotice(c plan.Change) bool {
	return c.Class != plan.Cosmetic && !consequence(c) && c.Place.Line > 0 && graph.Kind(c.Address) != "evaluation"
}
