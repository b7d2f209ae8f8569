package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/graph"
)

// Changes classes every difference from base to head. A nil base is empty.
func Changes(base, head *compile.Program) []Change {
	if base == nil {
		base = &compile.Program{}
	}
	diff, differ := graph.Diff(base.Graph, head.Graph), map[string]bool{}
	for _, d := range diff {
		differ[d.Address] = d.Action != graph.Renamed
	}
	out := []Change{}
	for _, d := range diff {
		out = append(out, classify(base, head, d, differ)...)
	}
	return sorted(append(out, cosmetic(base, head)...))
}

func classify(base, head *compile.Program, d graph.Change, differ map[string]bool) []Change {
	c := Change{Address: d.Address, From: d.From, Base: d.Base, Head: d.Head, Place: head.Places[d.Address],
		Before: base.Texts[d.Address], After: head.Texts[d.Address]}
	switch d.Action {
	case graph.Added:
		c.Class, c.Reason = Additive, "new"
		if graph.Kind(d.Address) == "contribution" {
			c.Class, c.Reason = Data, "new"+verdict(head, d.Address)
		}
	case graph.Removed:
		c.Class, c.Reason, c.Place = Removed, "no longer declared", diag.Span{}
		c.After = ""
	case graph.Renamed:
		switch graph.Kind(d.Address) {
		case "model", "evaluation", "env":
			// Sites know these by name: one is retired, another comes.
			gone := Change{Address: d.From, Class: Removed, Reason: "renamed to " + d.Address, Base: d.Base}
			c.Class, c.Reason, c.From = Additive, "renamed from "+d.From, ""
			return []Change{gone, c}
		}
		c.Class, c.Reason = Cosmetic, "renamed from "+d.From
		c.Before = base.Texts[d.From]
	case graph.Changed:
		if otherCatch(d) {
			d.Own = append(slices.Clone(d.Own), "must_catch")
		}
		c.Class = changedClass(d)
		if slices.Contains(d.Own, "relation") {
			// What a window is taken over is written in the feature set.
			set, _, _ := strings.Cut(strings.TrimPrefix(d.Address, "feature/"), ".")
			d.Via = append(d.Via, graph.Dep{Role: "relation", Address: "featureset/" + set})
		}
		if c.Before == c.After {
			d.Own = written(d, differ)
		}
		c.Reason = changedReason(d)
	}
	return []Change{c}
}

// verdict says which verdict a contribution was made of, if it was.
func verdict(p *compile.Program, address string) string {
	for _, d := range p.Datasets {
		for _, k := range d.Contributions {
			if from := k.Spec.GetProvenance(); k.Address == address && from != nil {
				return fmt.Sprintf(": verdict %s on alert %.8s of model/%s, release %s", strings.ToLower(k.Spec.GetLabel().GetVerdict().String()),
					strings.TrimPrefix(from.GetAlert(), "sha256:"), from.GetModel(), from.GetRelease())
			}
		}
	}
	return ""
}

// written returns the parts of a node that differ by what was written there.
// A part that covers the keys of what it reads differs with those too: where
// one of them changed, and the text did not, it says nothing by itself.
func written(d graph.Change, differ map[string]bool) []string {
	if !slices.ContainsFunc(d.Via, func(x graph.Dep) bool { return differ[x.Address] }) {
		return d.Own
	}
	covers := []string{"definition", "on", "relation", "require", "where", "having", "group", "frames", "unlabelled"}
	return slices.DeleteFunc(slices.Clone(d.Own), func(part string) bool { return slices.Contains(covers, part) })
}

// otherCatch reports whether an evaluation wants other contributions caught. If
// a contribution itself changes the model does, too.
func otherCatch(d graph.Change) bool {
	roles := map[string]bool{}
	for _, x := range d.Via {
		roles[x.Role] = true
	}
	return roles["must_catch"] && !roles["model"]
}

// changedClass is the class of a node whose key differs.
func changedClass(d graph.Change) Class {
	via := func(role string) bool {
		return slices.ContainsFunc(d.Via, func(x graph.Dep) bool { return x.Role == role })
	}
	own := func(part string) bool { return slices.Contains(d.Own, part) }
	switch graph.Kind(d.Address) {
	case "parser", "featureset":
		return Rows
	case "feature":
		if !own("definition") && !own("type") && own("relation") {
			return Rows
		}
		return Column
	case "contribution":
		switch {
		case own("data"):
			return Data
		case own("label"):
			return Label
		}
		return Split
	case "dataset":
		return Data // narrowed by what changed in its contributions, see reason
	case "model":
		switch {
		case own("trainer") || own("params") || own("seed"):
			return Train
		case via("data"):
			return Data
		case own("unlabelled"):
			return Label
		case via("rows"):
			return Rows
		}
		return Column
	case "evaluation":
		if len(d.Own) > 0 {
			return Gate
		}
		return Train
	case "env":
		return Deploy
	}
	return Column
}

func changedReason(d graph.Change) string {
	var parts []string
	if len(d.Own) > 0 {
		parts = append(parts, "changed: "+strings.Join(d.Own, ", "))
	}
	var via []string
	for _, x := range d.Via {
		if !slices.Contains(via, x.Address) {
			via = append(via, x.Address)
		}
	}
	slices.Sort(via)
	if len(via) > 0 {
		parts = append(parts, "reads "+strings.Join(via, ", "))
	}
	if len(parts) == 0 {
		return "inputs changed"
	}
	return strings.Join(parts, "; ")
}

// cosmetic returns the definitions whose text changed and whose key did not.
func cosmetic(base, head *compile.Program) []Change {
	var out []Change
	for address, after := range head.Texts {
		before, ok := base.Texts[address]
		key := head.Graph.Key(address)
		if ok && before != after && base.Graph.Key(address) == key {
			out = append(out, Change{Address: address, Class: Cosmetic, Reason: "written differently, the same value",
				Base: key, Head: key, Place: head.Places[address], Before: before, After: after})
		}
	}
	return out
}
