// Package plan says what a change of specs affects and what must be computed
// for it. It is pure: base, head and what exists are handed in.
package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/graph"
)

// FormatVersion is the version of a plan's JSON form.
const FormatVersion = 1

// Class says what kind of change something is.
type Class string

// The classes, from the one that means nothing to do.
const (
	Cosmetic Class = "cosmetic" // no key changes
	Additive Class = "additive" // something new
	Column   Class = "column"   // values of a field or feature change
	Rows     Class = "rows"     // which rows there are changes
	Data     Class = "data"     // contributions change
	Label    Class = "label"    // labels change
	Split    Class = "split"    // what trains and what tests changes
	Train    Class = "train"    // trainer, parameters or seed change
	Gate     Class = "gate"     // target or gates change
	Deploy   Class = "deploy"   // what an environment runs changes
	Removed  Class = "removed"  // something is gone
)

// Change is one difference between base and head.
type Change struct {
	Address string        `json:"address"`
	From    string        `json:"from,omitempty"` // address before a rename
	Class   Class         `json:"class"`
	Reason  string        `json:"reason"`
	Base    digest.Digest `json:"base_key,omitzero"`
	Head    digest.Digest `json:"head_key,omitzero"`
	Place   diag.Span     `json:"place,omitzero"`
	Before  string        `json:"before,omitempty"` // definition, where the text changed
	After   string        `json:"after,omitempty"`
}

// Effect is what a change does to a dataset, a model or an environment.
type Effect struct {
	Address string   `json:"address"`
	Class   Class    `json:"class"`
	Why     []string `json:"why"`
	// Columns counts the features of a dataset's rows that change, of Total
	// that models read.
	Columns int `json:"columns,omitempty"`
	Total   int `json:"total,omitempty"`
}

// Plan lists what changes from base to head, and every step that is needed
// until the store holds what head asks for.
type Plan struct {
	FormatVersion int    `json:"format_version"`
	Base          string `json:"base"` // for people: "3c1d2e4 (merge-base with main)"
	Head          string `json:"head"`
	// Changes are caused by the change from base to head.
	Changes      []Change `json:"changes"`
	Datasets     []Effect `json:"datasets"`
	Models       []Effect `json:"models"`
	Environments []Effect `json:"environments"`
	// Unaffected are the models that read nothing that changed.
	Unaffected []string `json:"unaffected"`
	Steps      []Step   `json:"steps"`
	// Pending is what the base asks for and releases lack, Drift what sites run
	// beside the newest release. Neither is caused by the change, and the digest
	// covers neither.
	Pending []Elsewhere `json:"pending"`
	Drift   []Elsewhere `json:"drift"`
	// Digest covers the sorted (address, class, target key) of the changes
	// that are not cosmetic: the same with or without a store.
	Digest digest.Digest `json:"digest"`
	// Counts of what head declares.
	Parsers          int `json:"parsers"`
	FeatureSets      int `json:"feature_sets"`
	DatasetCount     int `json:"dataset_count"`
	ModelCount       int `json:"model_count"`
	EnvironmentCount int `json:"environment_count"`
}

// Input is what a plan is made of.
type Input struct {
	Base     *compile.Program // nil: there is nothing before
	Head     *compile.Program
	BaseName string
	HeadName string
	Exists   Exists
	Drift    []Elsewhere
	// May says which channels may be released to; nil: all.
	May func(channel string) bool
}

// Exists says what the store holds. Keys that it does not know are computed.
type Exists interface {
	Frame(key digest.Digest) bool
	Column(key digest.Digest) bool
	Model(key digest.Digest) bool
	// Evaluation also says whether the gates let the model through.
	Evaluation(key digest.Digest) (passed, ok bool)
	// Comparison also says whether the gates let the model through.
	Comparison(key digest.Digest) (passed, ok bool)
	// Released returns the evaluation keys of the models in the newest release
	// of a channel, by model.
	Released(channel string) map[string]digest.Digest
}

// Make returns the plan.
func Make(in Input) *Plan {
	p := &Plan{FormatVersion: FormatVersion, Base: in.BaseName, Head: in.HeadName,
		Changes: Changes(in.Base, in.Head), Steps: []Step{}, Unaffected: []string{},
		Datasets: []Effect{}, Models: []Effect{}, Environments: []Effect{},
		Parsers: len(in.Head.Parsers), FeatureSets: len(in.Head.FeatureSets),
		DatasetCount: len(in.Head.Datasets), ModelCount: len(in.Head.Models), EnvironmentCount: len(in.Head.Environments)}
	p.effects(in.Base, in.Head)
	p.steps(in)
	p.Pending, p.Drift = pending(in), append([]Elsewhere{}, in.Drift...)
	p.Digest = changeDigest(p.Changes)
	return p
}

// Empty reports whether there is nothing to do and nothing changed but looks.
func (p *Plan) Empty() bool { return len(p.Steps) == 0 && len(p.real()) == 0 }

// real returns the changes that are not cosmetic.
func (p *Plan) real() []Change {
	return slices.DeleteFunc(slices.Clone(p.Changes), func(c Change) bool { return c.Class == Cosmetic })
}

// Count returns the number of changes of a class.
func (p *Plan) Count(class Class) int {
	n := 0
	for _, c := range p.Changes {
		if c.Class == class {
			n++
		}
	}
	return n
}

// Columns returns how many columns the steps compute.
func (p *Plan) Columns() int {
	n := 0
	for _, s := range p.Steps {
		n += len(s.Columns)
	}
	return n
}

// StepsOf returns the number of steps of a kind.
func (p *Plan) StepsOf(kind StepKind) int {
	n := 0
	for _, s := range p.Steps {
		if s.Kind == kind {
			n++
		}
	}
	return n
}

func changeDigest(changes []Change) digest.Digest {
	lines := make([]string, 0, len(changes))
	for _, c := range changes {
		if c.Class != Cosmetic {
			lines = append(lines, strings.Join([]string{c.Address, string(c.Class), c.Head.String()}, " "))
		}
	}
	slices.Sort(lines)
	return digest.New("plan").Int("format", FormatVersion).Strings("changes", lines).Sum()
}

// sorted returns the changes in the order in which people read them: by kind
// along the flow, then by address.
func sorted(changes []Change) []Change {
	order := []string{"function", "list", "parser", "field", "label", "featureset", "column", "feature", "contribution", "dataset", "model", "evaluation", "env"}
	rank := func(c Change) int { return slices.Index(order, graph.Kind(c.Address)) }
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a.Address, b.Address))
	})
	return changes
}
