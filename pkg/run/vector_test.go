package run

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// notes is a Progress that keeps notes.
type notes struct {
	silent
	list []string
}

func (n *notes) Note(text string) { n.list = append(n.list, text) }

// TestApplyVector trains a model on a vector: its elements are inputs in order,
// rows without one are counted, and the same vector travels with the release.
func TestApplyVector(t *testing.T) {
	p := newProject(t)
	p.edit(t, "specs/features/conn_row.textproto", `from: "zeek_conn"`, `from: "zeek_conn"
features { name: "shape" display_name: "Shape" data_type: DOUBLE length: 3
  definition: "CASE WHEN duration IS NULL THEN array(0D) ELSE array(duration, -0D, dport) END" }`)
	s := p.newStore(t)
	r := p.runner(t, s)
	said := &notes{}
	r.Progress = said
	_, out, err := apply(t.Context(), r)
	must(t, err)
	if len(out.Held) > 0 || len(out.Releases) != 1 {
		t.Fatalf("held %v, released %v", out.Held, out.Releases)
	}
	m := r.Program.Models[slices.Index([]string{r.Program.Models[0].Name, r.Program.Models[1].Name}, "scan_conn")]
	inputs := m.Inputs()
	first := slices.Index(inputs, "shape[0]")
	if diff := cmp.Diff([]string{"shape[0]", "shape[1]", "shape[2]"}, inputs[first:first+3]); diff != "" || m.Width() != len(m.Features)+2 {
		t.Fatalf("inputs %v (-want +got):\n%s", inputs, diff)
	}
	trained, err := r.Index.Model(t.Context(), m.Key)
	must(t, err)
	var named []string
	for _, f := range trained.Info.Features {
		named = append(named, f.Name)
	}
	if diff := cmp.Diff(inputs, named); diff != "" {
		t.Errorf("the trainer's features (-want +got):\n%s", diff)
	}
	none, whole := 0, 0
	must(t, r.Rows(t.Context(), m, func(row Row) error {
		shape := row.Inputs[first : first+3]
		switch {
		case shape[0] == nil && shape[1] == nil && shape[2] == nil:
			none++
		case shape[0] != nil && shape[1] != nil && math.Signbit(*shape[1]) && shape[2] != nil:
			whole++
		default:
			t.Errorf("a vector in part: %v", shape)
		}
		return nil
	}))
	if none == 0 || whole == 0 {
		t.Errorf("%d rows without a vector, %d with one, want both", none, whole)
	}
	found := slices.ContainsFunc(said.list, func(n string) bool {
		return strings.Contains(n, "feature/conn_row.shape: ") && strings.HasSuffix(n, " rows have no array of 3 elements")
	})
	if !found {
		t.Errorf("no note of rows without a vector in %q", said.list)
	}
	mustVerify(t, p, s)
}
