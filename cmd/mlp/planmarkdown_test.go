package main

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/github"
	"github.com/mlpdev/mlp/pkg/plan"
)

// bigPlan has n of everything, with long reasons and definitions.
func bigPlan(n, length int) *plan.Plan {
	p := &plan.Plan{Base: "base", Head: "head", ModelCount: n, EnvironmentCount: 2 * n}
	for i := range n {
		name := fmt.Sprintf("%d_%s", i, strings.Repeat("x", length))
		p.Changes = append(p.Changes,
			plan.Change{Address: "feature/" + name, Class: plan.Column, Reason: "changed: definition", Place: diag.Span{File: "f", Line: i + 1, Col: 1},
				Before: strings.Repeat("a`` ``", length), After: strings.Repeat("ü ``` ", length)},
			plan.Change{Address: "feature/same_" + name, Class: plan.Cosmetic, Reason: "written differently"})
		p.Datasets = append(p.Datasets, plan.Effect{Address: "dataset/" + name, Class: plan.Column, Columns: 2, Total: 9, Why: []string{"a", "b", "c", "d", "e", "f"}})
		p.Models = append(p.Models, plan.Effect{Address: "model/" + name, Class: plan.Column, Why: []string{"feature/" + name}})
		p.Environments = append(p.Environments, plan.Effect{Address: "env/" + name, Class: plan.Deploy})
		p.Steps = append(p.Steps, plan.Step{Kind: plan.Parse, Target: name, Columns: []string{"a"}, Reason: "missing"})
	}
	return p
}

// However large a plan is, its comment is short enough, whole, and begins and
// ends with what counts.
func TestPlanMarkdownFits(t *testing.T) {
	for _, n := range []int{0, 1, 2, 60, 700, 5000} {
		for _, length := range []int{1, 300, 15000} {
			if n*length > 300*700 {
				continue
			}
			text := commentOf(plan.File{Plan: bigPlan(n, length), Stored: true})
			if got := utf8.RuneCountInString(text); got > github.MaxComment-256 || len(text) > github.MaxComment {
				t.Errorf("%d × %d: %d characters", n, length, got)
			}
			if open, closed := strings.Count(text, "<details>"), strings.Count(text, "</details>"); open != closed {
				t.Errorf("%d × %d: %d opened, %d closed", n, length, open, closed)
			}
			fences := 0
			for line := range strings.Lines(text) {
				if strings.HasPrefix(line, "```") {
					fences++
				}
			}
			if fences%2 != 0 {
				t.Errorf("%d × %d: %d fences", n, length, fences)
			}
			if !strings.HasPrefix(text, "### mlp plan: ") || !strings.HasSuffix(text, "Plan digest `"+(&plan.Plan{}).Digest.String()+"`\n") {
				t.Errorf("%d × %d: begins %.40q, ends %.80q", n, length, text, text[len(text)-80:])
			}
			if n >= 700 && !strings.Contains(text, "the step summary has them") {
				t.Errorf("%d × %d: nothing says that something is left out", n, length)
			}
		}
	}
}

func TestHeadline(t *testing.T) {
	effect := func(classes ...plan.Class) (out []plan.Effect) {
		for _, c := range classes {
			out = append(out, plan.Effect{Class: c, Columns: 3})
		}
		return out
	}
	for _, tt := range []struct {
		want string
		plan plan.Plan
	}{
		{"no changes", plan.Plan{}},
		{"no changes", plan.Plan{Changes: []plan.Change{{Class: plan.Cosmetic}}}},
		{"no model is affected", plan.Plan{Changes: []plan.Change{{Class: plan.Additive}}}},
		{"1 model retrains · 3 columns · 1 of 4 environments", plan.Plan{Models: effect(plan.Column), Datasets: effect(plan.Column), Environments: effect(plan.Deploy), EnvironmentCount: 4}},
		{"2 models retrain · 1 model new · 1 model judged again · 1 model retired · 0 of 1 environment",
			plan.Plan{Models: effect(plan.Data, plan.Additive, plan.Gate, plan.Removed, plan.Train), EnvironmentCount: 1}},
	} {
		if got := headline(&tt.plan); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestCode(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		"a.b":                     "`a.b`",
		"@all <b> [x](y) *z*":     "`@all <b> [x](y) *z*`",
		"a|b":                     "`a\\|b`",
		"`a`":                     "`` `a` ``",
		"a``b":                    "```a``b```",
		"a\n| b |\n\u202e":        "`a \\| b \\| \ufffd`",
		strings.Repeat("x", 1000): "`" + strings.Repeat("x", 300) + "…`",
	} {
		if got := code(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
