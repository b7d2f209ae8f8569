package plan

import (
	"cmp"
	"maps"
	"slices"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
)

// Elsewhere is something that is not as it should be, and that the planned
// change does not cause.
type Elsewhere struct {
	Address string `json:"address"`
	Reason  string `json:"reason"`
}

// pending lists the models of the base that the newest release of their channel
// does not have as the base says, in channels that have one. What the head
// released already, or what gates hold, is not waiting.
func pending(in Input) []Elsewhere {
	out := []Elsewhere{}
	if in.Base == nil {
		return out
	}
	byChannel := map[string]map[string]digest.Digest{} // evaluations of the base's models
	for _, m := range in.Base.Models {
		if byChannel[m.Channel] == nil {
			byChannel[m.Channel] = map[string]digest.Digest{}
		}
		byChannel[m.Channel][m.Name] = m.Evaluation
	}
	for _, channel := range slices.Sorted(maps.Keys(byChannel)) {
		released := in.Exists.Released(channel)
		if len(released) == 0 {
			continue
		}
		for name, want := range byChannel[channel] {
			has := released[name]
			if head, ok := compile.ByName(in.Head.Models, name); has == want || ok && head.Channel == channel && has == head.Evaluation {
				continue
			}
			if held(in.Exists, want, has) {
				continue
			}
			reason := "merged, not applied"
			if _, ok := in.Exists.Evaluation(want); ok { // applied once: a release came after it, or a run was stopped
				reason = "the newest release of " + channel + " has another version than the base"
			}
			out = append(out, Elsewhere{"model/" + name, reason})
		}
		for name := range released {
			_, wanted := byChannel[channel][name]
			if head, ok := compile.ByName(in.Head.Models, name); !wanted && !(ok && head.Channel == channel) {
				out = append(out, Elsewhere{"model/" + name, "removed, not retired"})
			}
		}
	}
	slices.SortFunc(out, func(a, b Elsewhere) int {
		return cmp.Or(cmp.Compare(a.Address, b.Address), cmp.Compare(a.Reason, b.Reason))
	})
	return out
}
