package plan

import (
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/graph"
)

// effects sums up what the changes do to datasets, models and environments.
func (p *Plan) effects(base, head *compile.Program) {
	byAddress := map[string]Change{}
	for _, c := range p.Changes {
		if c.Class != Cosmetic {
			byAddress[c.Address] = c
		}
	}
	for _, d := range head.Datasets {
		if e, ok := datasetEffect(base, head, d, byAddress); ok {
			p.Datasets = append(p.Datasets, e)
		}
	}
	for _, m := range head.Models {
		c, ok := byAddress["model/"+m.Name]
		if !ok {
			c, ok = byAddress["evaluation/"+m.Name]
		}
		if !ok {
			p.Unaffected = append(p.Unaffected, "model/"+m.Name)
			continue
		}
		p.Models = append(p.Models, Effect{Address: "model/" + m.Name, Class: c.Class, Why: p.causes(base, head, m)})
	}
	for _, c := range p.Changes {
		switch kind := graph.Kind(c.Address); {
		case kind == "model" && c.Class == Removed:
			p.Models = append(p.Models, Effect{Address: c.Address, Class: Removed, Why: []string{c.Reason}})
		case kind == "env" && c.Class != Cosmetic:
			p.Environments = append(p.Environments, Effect{Address: c.Address, Class: c.Class, Why: []string{c.Reason}})
		}
	}
}

// datasetEffect says how a dataset is affected: by its contributions, labels
// or split, or because a column that a model over it reads changes.
func datasetEffect(base, head *compile.Program, d *compile.Dataset, changed map[string]Change) (Effect, bool) {
	e := Effect{Address: "dataset/" + d.Name}
	if c, ok := changed[e.Address]; ok {
		e.Class, e.Why = narrow(base, c, d, changed)
	}
	read := map[string]bool{}
	for _, m := range head.Models {
		if m.Dataset != d {
			continue
		}
		for _, f := range m.Features {
			if read[f.Address] {
				continue
			}
			read[f.Address] = true
			if _, ok := changed[f.Address]; ok {
				e.Columns++
				e.Why = append(e.Why, f.Address)
				if e.Class == "" {
					e.Class = Column
				}
			}
		}
		if c, ok := changed["featureset/"+m.FeatureSet.Name]; ok && c.Class == Rows && !slices.Contains(e.Why, c.Address) {
			e.Why = append(e.Why, c.Address)
			if e.Class == "" || e.Class == Column {
				e.Class = Rows
			}
		}
	}
	e.Total = len(read)
	return e, e.Class != ""
}

// narrow finds what a dataset's change is: data before label before split.
func narrow(base *compile.Program, c Change, d *compile.Dataset, changed map[string]Change) (Class, []string) {
	if c.Class == Additive {
		return Additive, []string{"new"}
	}
	class, why := Split, []string{}
	for _, k := range d.Contributions {
		x, ok := changed[k.Address]
		if !ok {
			continue
		}
		why = append(why, k.Address+" ("+string(x.Class)+")")
		if x.Class == Data || (x.Class == Label && class == Split) {
			class = x.Class
		}
	}
	for _, x := range changed {
		if x.Class == Removed && strings.HasPrefix(x.Address, "contribution/"+d.Name+".") {
			class, why = Data, append(why, x.Address+" (removed)")
		}
	}
	slices.Sort(why)
	return class, why
}

// causes returns the addresses at the root of a model's change: changed nodes
// that it reads, directly or not, which changed by themselves.
func (p *Plan) causes(base, head *compile.Program, m *compile.Model) []string {
	reads, read := upstream(head.Graph, "evaluation/"+m.Name), map[string]bool{}
	if base != nil {
		read = upstream(base.Graph, "evaluation/"+m.Name)
	}
	var out []string
	for _, c := range p.Changes {
		gone := c.Class == Removed && read[c.Address]
		if c.Class == Cosmetic || !gone && !reads[c.Address] || graph.Kind(c.Address) == "dataset" {
			continue
		}
		if graph.Kind(c.Address) == "function" && !p.named(c.Address) {
			continue // what calls it means the same
		}
		if gone || c.Class == Additive || c.Base.IsZero() || strings.HasPrefix(c.Reason, "changed: ") {
			out = append(out, c.Address)
		}
	}
	if slices.Contains(out, "model/"+m.Name) && !has(base, "model/"+m.Name) {
		return []string{"new"}
	}
	if len(out) == 0 {
		out = append(out, "inputs changed")
	}
	return out
}

// named reports whether the reason of another change names an address.
func (p *Plan) named(address string) bool {
	return slices.ContainsFunc(p.Changes, func(c Change) bool {
		_, reads, ok := strings.Cut(c.Reason, "reads ")
		return ok && slices.Contains(strings.Split(reads, ", "), address)
	})
}

func has(p *compile.Program, address string) bool {
	if p == nil {
		return false
	}
	_, ok := p.Graph.Node(address)
	return ok
}

func upstream(g *graph.Graph, address string) map[string]bool {
	seen := map[string]bool{}
	var visit func(a string)
	visit = func(a string) {
		if seen[a] {
			return
		}
		seen[a] = true
		if n, ok := g.Node(a); ok {
			for _, d := range slices.Concat(n.Deps, n.Uses) {
				visit(d.Address)
			}
		}
	}
	visit(address)
	return seen
}
