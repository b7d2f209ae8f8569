// Package status says what runs where: releases of channels, models on their
// way into them, environments, and the sites that left receipts. It is pure:
// what was read of a store is handed in.
package status

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/receipt"
	"github.com/mlpdev/mlp/pkg/release"
)

// FormatVersion is the version of the JSON form.
const FormatVersion = 1

// Input is what a status is made of.
type Input struct {
	Program *compile.Program
	// Heads are the newest releases by channel; a channel without one is nil.
	Heads map[string]*release.Entry
	// Measured returns what the gates said of an evaluation, beside that of the
	// model that is released, zero for none; Trained whether there is a model of
	// a key.
	Measured   func(evaluation, released digest.Digest) (reasons []string, passed, ok bool)
	Trained    func(model digest.Digest) bool
	Receipts   []receipt.Receipt
	Unreadable []receipt.Unreadable
	Now        time.Time
}

// Status says what runs where.
type Status struct {
	FormatVersion int                  `json:"format_version"`
	Project       string               `json:"project"`
	Channels      []Channel            `json:"channels"`
	Models        []Model              `json:"models"`
	Environments  []Environment        `json:"environments"`
	Sites         []Site               `json:"sites"`
	Unreadable    []receipt.Unreadable `json:"unreadable"` // names that hold no receipt
}

// Channel is a channel with its newest release.
type Channel struct {
	Channel string `json:"channel"`
	// Release is "local#3"; what follows is absent where there is none.
	Release    string    `json:"release,omitempty"`
	Digest     string    `json:"digest,omitempty"`
	Created    time.Time `json:"created,omitzero"`
	AgeSeconds int64     `json:"age_seconds,omitempty"`
	Signer     string    `json:"signer,omitempty"`
	Commit     string    `json:"commit,omitempty"`
	Dirty      bool      `json:"dirty,omitempty"`
	Models     []string  `json:"models"`
}

// State says how far a model is.
type State string

// The states of models.
const (
	Released State = "released" // the newest release has it as the work tree says
	Pending  State = "pending"  // apply would train, measure or release it
	Held     State = "held"     // its gates did not let it through
	Retired  State = "retired"  // the newest release has it, the work tree does not
)

// Model is a model on its way.
type Model struct {
	Model   string `json:"model"`
	Channel string `json:"channel"`
	State   State  `json:"state"`
	// Release has the model, as the work tree says or as it was before; "" where
	// none does.
	Release string `json:"release,omitempty"`
	// Reasons say why it is not released.
	Reasons []string `json:"reasons"`
}

// Environment is an environment with what its sites would get.
type Environment struct {
	Environment string   `json:"environment"`
	Channel     string   `json:"channel"`
	Release     string   `json:"release,omitempty"`
	Models      []string `json:"models"`
	Sites       int      `json:"sites"`
	Current     int      `json:"current"` // sites that run this release
}

// Site is what a site says of itself.
type Site struct {
	receipt.Receipt
	// Current says whether it runs the newest release of its channel; else
	// Drift says how it differs.
	Current bool   `json:"current"`
	Drift   string `json:"drift,omitempty"`
}

// Of returns the status.
func Of(in Input) *Status {
	out := &Status{FormatVersion: FormatVersion, Project: in.Program.Project.GetName(), Channels: []Channel{}, Models: []Model{},
		Environments: []Environment{}, Sites: []Site{}, Unreadable: append([]receipt.Unreadable{}, in.Unreadable...)}
	for _, name := range channels(in) {
		out.Channels = append(out.Channels, in.channel(name))
	}
	for _, m := range in.Program.Models {
		out.Models = append(out.Models, in.model(m))
	}
	out.Models = append(out.Models, in.retired()...)
	slices.SortFunc(out.Models, func(a, b Model) int {
		return cmp.Or(strings.Compare(a.Channel, b.Channel), strings.Compare(a.Model, b.Model))
	})
	out.Sites = append(out.Sites, in.Sites()...)
	for _, e := range in.Program.Environments {
		out.Environments = append(out.Environments, in.environment(e, out.Sites))
	}
	return out
}

// Differs reports whether something is not as the work tree and the newest
// releases say: a model that is not released, or a site that drifts.
func (s *Status) Differs() bool {
	return slices.ContainsFunc(s.Models, func(m Model) bool { return m.State != Released }) || slices.ContainsFunc(s.Sites, func(x Site) bool { return !x.Current })
}

// channels returns the channels of models, environments and releases, sorted.
func channels(in Input) []string {
	var out []string
	for _, m := range in.Program.Models {
		out = append(out, m.Channel)
	}
	for _, e := range in.Program.Environments {
		out = append(out, e.Channel)
	}
	for name := range in.Heads {
		out = append(out, name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func name(e *release.Entry) string {
	if e == nil {
		return ""
	}
	return fmt.Sprintf("%s#%d", e.Record.Channel, e.Record.Number)
}

func (in Input) channel(channel string) Channel {
	out := Channel{Channel: channel, Models: []string{}}
	head := in.Heads[channel]
	if head == nil {
		return out
	}
	r := head.Record
	out.Release, out.Digest, out.Signer = name(head), head.Digest.String(), head.Signer
	out.Created, out.Commit, out.Dirty = r.Created, r.Commit, r.Dirty
	out.AgeSeconds = max(0, int64(in.Now.Sub(r.Created).Seconds()))
	for _, m := range r.Models {
		out.Models = append(out.Models, m.Name)
	}
	return out
}

func (in Input) model(m *compile.Model) Model {
	out := Model{Model: m.Name, Channel: m.Channel, State: Pending, Reasons: []string{}}
	var released digest.Digest
	if head := in.Heads[m.Channel]; head != nil {
		if has, ok := head.Record.Model(m.Name); ok {
			out.Release, released = name(head), has.EvaluationKey
			if has.EvaluationKey == m.Evaluation {
				out.State = Released
				return out
			}
		}
	}
	reasons, passed, measured := in.Measured(m.Evaluation, released)
	switch {
	case measured && !passed:
		out.State, out.Reasons = Held, append(out.Reasons, reasons...)
	case measured:
		out.Reasons = append(out.Reasons, "passed its gates, not released")
	case in.Trained(m.Key):
		out.Reasons = append(out.Reasons, "trained, not measured")
	default:
		out.Reasons = append(out.Reasons, "not trained")
	}
	return out
}

// retired returns the models of releases that the program has no more in their
// channel.
func (in Input) retired() []Model {
	var out []Model
	for channel, head := range in.Heads {
		if head == nil {
			continue
		}
		for _, m := range head.Record.Models {
			if now, ok := compile.ByName(in.Program.Models, m.Name); !ok || now.Channel != channel {
				out = append(out, Model{Model: m.Name, Channel: channel, State: Retired, Release: name(head), Reasons: []string{"leaves with the next release"}})
			}
		}
	}
	return out
}

func (in Input) environment(e *compile.Environment, sites []Site) Environment {
	head := in.Heads[e.Channel]
	out := Environment{Environment: e.Name, Channel: e.Channel, Release: name(head), Models: []string{}}
	selected := e.Spec.GetModels()
	if head != nil {
		for _, m := range head.Record.Models {
			if len(selected) == 0 || slices.Contains(selected, "*") || slices.Contains(selected, m.Name) {
				out.Models = append(out.Models, m.Name)
			}
		}
	}
	for _, s := range sites {
		if s.Environment == e.Name {
			out.Sites++
			if s.Current {
				out.Current++
			}
		}
	}
	return out
}

// Sites returns what the project's sites say of themselves, by environment and
// name. It needs neither Measured nor Trained.
func (in Input) Sites() []Site {
	var out []Site
	for _, r := range in.Receipts {
		if r.Repository == in.Program.Project.GetName() {
			out = append(out, in.site(r))
		}
	}
	return out
}

func (in Input) site(r receipt.Receipt) Site {
	out := Site{Receipt: r}
	e, ok := compile.ByName(in.Program.Environments, r.Environment)
	head := in.Heads[r.Channel]
	switch {
	case !ok:
		out.Drift = "its environment does not exist"
	case e.Channel != r.Channel:
		out.Drift = fmt.Sprintf("it follows %s, its environment %s", r.Channel, e.Channel)
	case head == nil || r.Release.Number > head.Record.Number:
		out.Drift = "runs a release that the channel does not have"
	case r.Release.Number < head.Record.Number:
		out.Drift = behind(head.Record.Number - r.Release.Number)
	case r.Release.Digest != head.Digest:
		out.Drift = "runs another release of this number"
	default:
		out.Current = true
	}
	return out
}

func behind(releases int64) string {
	if releases == 1 {
		return "one release behind"
	}
	return fmt.Sprintf("%d releases behind", releases)
}
