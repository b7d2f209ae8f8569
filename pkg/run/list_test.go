package run

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/score"
)

// TestApplyList trains on what a list says, ships the list with the release,
// and after an edit of one of its columns computes what reads that column.
func TestApplyList(t *testing.T) {
	p := newProject(t)
	p.files["specs/lists/ports.textproto"] = &fstest.MapFile{Data: []byte(`name: "ports"
key: "port"
columns { name: "port" data_type: INT }
columns { name: "risk" data_type: DOUBLE }
columns { name: "weight" data_type: DOUBLE }
`)}
	p.files["specs/lists/ports.csv"] = &fstest.MapFile{Data: []byte("port,risk,weight\n22,0.9,2\n80,0.1,1\n443,0.2,1\n")}
	p.edit(t, "specs/features/conn_row.textproto", `from: "zeek_conn"`, `from: "zeek_conn"
joins { list: "ports" on: "dport" }
features { name: "risk" display_name: "Risk" data_type: DOUBLE definition: "coalesce(ports.risk, 0.5)" }
features { name: "weight" display_name: "Weight" data_type: DOUBLE definition: "ports.weight" }`)
	s := p.newStore(t)
	_, out := mustApply(t, p, s)
	if len(out.Held) > 0 || len(out.Releases) != 1 {
		t.Fatalf("held %v, released %v", out.Held, out.Releases)
	}
	rec := releases(t, p, s)[0].Record
	travels := func(name string) bool {
		return slices.ContainsFunc(rec.Artifacts, func(a release.Artifact) bool { return strings.HasSuffix(a.Name, name) })
	}
	if !travels("/specs/lists/ports.textproto") || !travels("/specs/lists/ports.csv") {
		t.Errorf("the list does not travel: %v", rec.Artifacts)
	}
	specs := fstest.MapFS{}
	for _, a := range rec.Artifacts {
		if a.Kind == release.Spec {
			specs[strings.TrimPrefix(a.Name, "specs/")] = &fstest.MapFile{Data: readObject(t, s, a.Digest)}
		}
	}
	keys, _, err := score.Site{}.Contract(fs.FS(specs))
	must(t, err)
	if diff := cmp.Diff(rec.Contract.Keys, keys); diff != "" || keys[rec.Models[0].Specs+"/list/ports.risk"].IsZero() {
		t.Errorf("contract (-release +site):\n%s", diff)
	}
	p.edit(t, "specs/lists/ports.csv", "22,0.9,2", "22,0.8,2")
	made, out := mustApply(t, p, s)
	for _, step := range made.Steps {
		if step.Kind == plan.Parse || step.Kind == plan.Features && !slices.Equal(step.Columns, []string{"feature/conn_row.risk"}) {
			t.Errorf("step %s %s computes %v", step.Kind, step.Target, step.Columns)
		}
	}
	if diff := cmp.Diff([]string{"scan_conn"}, out.Trained); diff != "" {
		t.Errorf("trained (-want +got):\n%s", diff)
	}
	mustVerify(t, p, s)
}
