package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mlpdev/mlp/pkg/graph"
	"github.com/mlpdev/mlp/pkg/plan"
)

// planView prints a plan for people.
type planView struct {
	*app
	plan *plan.Plan
}

// sign shows what happens to something.
func sign(c plan.Class) string {
	switch c {
	case plan.Additive:
		return "+"
	case plan.Removed:
		return "-"
	case plan.Cosmetic:
		return "="
	}
	return "~"
}

func (v planView) print() error {
	var b strings.Builder
	p := v.plan
	if p.Empty() && (p.Count(plan.Cosmetic) == 0 || !v.flags.verbose) {
		v.empty(&b)
		v.elsewhere(&b)
		return printf(v.stdout, "%s", b.String())
	}
	fmt.Fprintf(&b, "base %s  →  %s\n\n", p.Base, p.Head)
	fmt.Fprintf(&b, "Specs: %s\n", v.classes())
	v.changes(&b)
	v.impact(&b)
	v.steps(&b)
	v.elsewhere(&b)
	fmt.Fprintf(&b, "\nPlan: %s to compute, %s to train, %d to retire; %s affected.   %s\n", plural(p.Columns(), "column"),
		plural(p.StepsOf(plan.TrainOn), "model"), v.retired(), plural(len(p.Environments), "environment"), p.Digest)
	return printf(v.stdout, "%s", b.String())
}

func (v planView) empty(b *strings.Builder) {
	p := v.plan
	fmt.Fprintf(b, "No changes. %s, %s, %s match the newest release.", plural(p.Parsers, "parser"), plural(p.DatasetCount, "dataset"), plural(p.ModelCount, "model"))
	if n := p.Count(plan.Cosmetic); n > 0 {
		fmt.Fprintf(b, " %d cosmetic (nothing to do; -v lists them).", n)
	}
	b.WriteByte('\n')
}

// classes counts the changes of specs by class: "2 column · 1 additive".
func (v planView) classes() string {
	counts := map[plan.Class]int{}
	for _, c := range v.plan.Changes {
		if !consequence(c) {
			counts[c.Class]++
		}
	}
	var parts []string
	for _, c := range []plan.Class{plan.Data, plan.Label, plan.Split, plan.Rows, plan.Column, plan.Train, plan.Gate, plan.Deploy, plan.Additive, plan.Removed} {
		if n := counts[c]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, c))
		}
	}
	if n := counts[plan.Cosmetic]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d cosmetic (nothing to do; -v lists them)", n))
	}
	if len(parts) == 0 {
		return "no changes; what the base has is not applied yet"
	}
	return strings.Join(parts, " · ")
}

func (v planView) changes(b *strings.Builder) {
	listed := false
	for _, c := range v.plan.Changes {
		if !v.flags.verbose && (c.Class == plan.Cosmetic || consequence(c)) {
			continue
		}
		if !listed {
			b.WriteByte('\n')
			listed = true
		}
		place := ""
		if c.Place.Line > 0 {
			place = "  " + c.Place.String()
		}
		fmt.Fprintf(b, "  %s %-44s %-9s %s%s\n", sign(c.Class), c.Address, c.Class, c.Reason, place)
		if c.Before != "" && c.After != "" && c.Before != c.After {
			writeDefinition(b, "-", c.Before)
			writeDefinition(b, "+", c.After)
		}
	}
}

// consequence reports a dataset, model or environment that changes only because
// something it reads does: the impact lists it.
func consequence(c plan.Change) bool {
	switch graph.Kind(c.Address) {
	case "evaluation":
		return !strings.HasPrefix(c.Reason, "changed: ")
	case "dataset", "model", "env":
		return c.Class != plan.Removed && c.Class != plan.Additive && !strings.HasPrefix(c.Reason, "changed: ")
	}
	return false
}

func writeDefinition(b *strings.Builder, mark, text string) {
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		fmt.Fprintf(b, "      %s %s\n", mark, printable(strings.TrimSpace(line)))
	}
}

func (v planView) impact(b *strings.Builder) {
	p := v.plan
	if len(p.Datasets)+len(p.Models)+len(p.Environments) == 0 {
		return
	}
	fmt.Fprintf(b, "\nImpact\n")
	for _, e := range p.Datasets {
		what := string(e.Class)
		if e.Columns > 0 && e.Class != plan.Additive {
			what = fmt.Sprintf("%s, %d of %d columns", e.Class, e.Columns, e.Total)
		}
		fmt.Fprintf(b, "  %s %-36s %-26s %s\n", sign(e.Class), e.Address, what, shorten(e.Why))
	}
	for _, e := range p.Models {
		fmt.Fprintf(b, "  %s %-36s %-26s %s\n", modelMark(e.Class), e.Address, e.Class, shorten(e.Why))
	}
	for _, address := range p.Unaffected {
		fmt.Fprintf(b, "  = %-36s %-26s %s\n", address, "unaffected", "reads nothing that changed")
	}
	for _, e := range p.Environments {
		fmt.Fprintf(b, "  → %-36s %-26s %s\n", e.Address, e.Class, shorten(e.Why))
	}
}

// shorten lists the first few reasons.
func shorten(why []string) string {
	const most = 4
	if len(why) <= most {
		return strings.Join(why, "; ")
	}
	return fmt.Sprintf("%s; and %d more", strings.Join(why[:most], "; "), len(why)-most)
}

func (v planView) steps(b *strings.Builder) {
	if len(v.plan.Steps) == 0 {
		return
	}
	fmt.Fprintf(b, "\nSteps\n")
	width := 46
	for _, s := range v.plan.Steps {
		width = max(width, utf8.RuneCountInString(s.Target))
	}
	for _, s := range v.plan.Steps {
		what := ""
		if len(s.Columns) > 0 {
			what = plural(len(s.Columns), "column")
			if v.flags.verbose || len(s.Columns) == 1 {
				what += " (" + strings.Join(s.Columns, ", ") + ")"
			}
			what += "; "
		}
		fmt.Fprintf(b, "  %-9s %-*s %s%s\n", s.Kind, width, s.Target, what, s.Reason)
	}
}

// elsewhere lists what the change does not cause.
func (v planView) elsewhere(b *strings.Builder) {
	if len(v.plan.Pending)+len(v.plan.Drift) == 0 {
		return
	}
	fmt.Fprintf(b, "\nNot caused by this change\n")
	for _, e := range v.plan.Pending {
		fmt.Fprintf(b, "  pending   %-46s %s\n", e.Address, e.Reason)
	}
	for _, e := range v.plan.Drift {
		fmt.Fprintf(b, "  drift     %-46s %s\n", e.Address, e.Reason)
	}
}

func (v planView) retired() int {
	n := 0
	for _, e := range v.plan.Models {
		if e.Class == plan.Removed {
			n++
		}
	}
	return n
}
