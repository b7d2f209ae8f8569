package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
)

func TestPending(t *testing.T) {
	before := program(t, example(t))
	base := program(t, edited(t, example(t), connFile+": seed: 1=>seed: 2"))
	head := program(t, edited(t, example(t), connFile+": seed: 1=>seed: 3"))
	conn := func(p *compile.Program) *compile.Model { m, _ := compile.ByName(p.Models, "scan_conn"); return m }
	for _, tt := range []struct {
		name  string
		in    Input
		store func(m memory)
		want  []Elsewhere
	}{
		{"all of the base is released", Input{Base: before, Head: head}, func(memory) {}, []Elsewhere{}},
		{"merged, not applied", Input{Base: base, Head: head}, func(memory) {}, []Elsewhere{{"model/scan_conn", "merged, not applied"}}},
		{"nothing was ever released", Input{Base: base, Head: head}, func(m memory) { delete(m.released, "local") }, []Elsewhere{}},
		{"the head was released", Input{Base: base, Head: head}, func(m memory) { m.released["local"]["scan_conn"] = conn(head).Evaluation }, []Elsewhere{}},
		{"held by its gates", Input{Base: base, Head: head}, func(m memory) {
			m.held[conn(base).Evaluation], m.failed[conn(base).Evaluation] = true, true
		}, []Elsewhere{}},
		{"passed, not released", Input{Base: base, Head: head}, func(m memory) { m.held[conn(base).Evaluation] = true },
			[]Elsewhere{{"model/scan_conn", "the newest release of local has another version than the base"}}},
		{"removed, not retired", Input{Base: before, Head: head}, func(m memory) { m.released["local"]["gone"] = digest.Of([]byte("gone")) },
			[]Elsewhere{{"model/gone", "removed, not retired"}}},
		{"no base", Input{Head: head}, func(memory) {}, []Elsewhere{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := applied(before)
			tt.store(m)
			tt.in.Exists = m
			tt.in.Drift = []Elsewhere{{"env/lab", "drifts"}}
			p := Make(tt.in)
			if diff := cmp.Diff(tt.want, p.Pending); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.in.Drift, p.Drift); diff != "" {
				t.Error(diff)
			}
			tt.in.Drift, tt.in.Exists = nil, memory{}
			if other := Make(tt.in); other.Digest != p.Digest {
				t.Error("the digest covers what the change does not cause")
			}
		})
	}
}
