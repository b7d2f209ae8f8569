package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/run"
)

// namedIgnored is how many entries of the index that do not count are named.
const namedIgnored = 3

// warnIgnored warns of what lies in the store's index and does not count, where
// it claims to be what a plan makes. Of keys that the project knows, and which
// may sign other channels, this is no surprise: that is a note.
func (a *app) warnIgnored(ctx context.Context, p *project, r *run.Runner, made *plan.Plan) error {
	if a.flags.quiet {
		return nil
	}
	var named []run.Ignored
	known := map[string]int{}
	for _, i := range r.Index.Ignored() {
		name := ""
		for _, k := range p.trusted("") {
			if i.Reason == "" && i.Builder == run.BuilderName(k.Public) {
				name = k.Name
			}
		}
		switch {
		case name != "":
			known[name]++
		case i.Reason != "" || targetOf(made, i.Key) != "":
			named = append(named, i)
		}
	}
	var lines []string
	for n, i := range named {
		if n == namedIgnored && !a.flags.verbose {
			lines = append(lines, fmt.Sprintf("ignored %d more; -v names them", len(named)-n))
			break
		}
		i, err := r.Index.Claims(ctx, i)
		if err != nil {
			return err
		}
		lines = append(lines, fmt.Sprintf("ignored %s (%s): %s", i.Name, cmp.Or(targetOf(made, i.Key), "key "+i.Key.Short()), i.Why()))
	}
	for i, line := range lines {
		hint := ""
		if i == len(lines)-1 {
			hint = fmt.Sprintf("what they claim to be is made anew; builders that you know need a key in %s, others should not write to %s", projectFile, r.Store.Location())
		}
		a.warn(line, hint)
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if len(made.Steps) > 0 {
			_ = printf(a.stderr, "note: what %s built does not count here, %s: its key may not sign what is released\n", name, plural(known[name], "result"))
		}
	}
	return nil
}

// targetOf says for people which result of a plan has a key, "" where none has.
func targetOf(made *plan.Plan, key digest.Digest) string {
	for _, s := range made.Steps {
		if s.Key == key {
			return s.Target
		}
		for _, f := range s.Fields {
			if f.Key == key {
				return f.Address + " of " + s.Target
			}
		}
	}
	return ""
}
