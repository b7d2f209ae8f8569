package run

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/onnx"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/scaffold"
	"github.com/mlpdev/mlp/pkg/score"
	"github.com/mlpdev/mlp/pkg/store"
)

// spoilWindows makes the exported model over windows another one than the
// trained one, which its gates find.
func spoilWindows(m *linear) {
	if len(m.weights) == 6 {
		clear(m.weights)
	}
}

// bothRead is a field that both models read, and bothEdit the same values by
// another definition.
const (
	bothFile = "specs/parsers/zeek_conn.textproto"
	bothRead = `"cast(_c4 AS int)"`
	bothEdit = `"abs(cast(_c4 AS int))"`
)

// TestHeldModelKeepsItsVersion changes a field that both models read, and lets
// the gates hold one of them: the release has the new version of the one and
// the old version of the other, each with its own specs, and both score.
func TestHeldModelKeepsItsVersion(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	mustApply(t, p, s)
	edited := p.clone()
	edited.edit(t, bothFile, bothRead, bothEdit)
	edited.trainer = &fakeTrainer{db: p.db, spoil: spoilWindows}
	_, out := mustApply(t, edited, s)
	if len(out.Held) != 1 || out.Held[0].Model != "scan_src" || out.Held[0].Keeps != "local#2" {
		t.Errorf("held %+v, want scan_src, which local#2 keeps", out.Held)
	}
	if diff := cmp.Diff([]Released{{Channel: "local", Number: 2, Models: []string{"scan_conn"}}}, out.Releases); diff != "" {
		t.Fatalf("released (-want +got):\n%s", diff)
	}
	log := releases(t, p, s)
	first, second := log[0].Record, log[1].Record
	if diff := cmp.Diff(modelOf(t, first, "scan_src"), modelOf(t, second, "scan_src")); diff != "" {
		t.Errorf("the held model (-first +second):\n%s", diff)
	}
	if modelOf(t, first, "scan_conn").ModelKey == modelOf(t, second, "scan_conn").ModelKey {
		t.Error("the other model is the old one")
	}
	if modelOf(t, second, "scan_conn").Specs == modelOf(t, second, "scan_src").Specs {
		t.Error("both models read the same specs")
	}
	wantServes(t, p, s, second, 2)
	if again, err := planOf(t.Context(), edited.runner(t, s)); err != nil || len(again.Steps) > 0 {
		t.Errorf("%d steps are left (%v), want none", len(again.Steps), err)
	}
	mustVerify(t, edited, s)
	// A cosmetic change leaves everything as it is, the held model held.
	edited.edit(t, bothFile, `name: "zeek_conn"`, `name: "zeek_conn" # a comment`)
	mustApply(t, edited, s)
	if n := len(releases(t, p, s)); n != 2 {
		t.Errorf("a comment made %d releases of 2", n)
	}

	fixed := edited.clone()
	fixed.trainer = p.trainer
	fixed.edit(t, "specs/models/scan_src.textproto", "seed: 1", "seed: 2")
	_, out = mustApply(t, fixed, s)
	if len(out.Held) > 0 || len(out.Trained) != 1 {
		t.Errorf("held %+v, trained %q; want none and one", out.Held, out.Trained)
	}
	third := releases(t, p, s)[2].Record
	if modelOf(t, third, "scan_conn").Specs != modelOf(t, third, "scan_src").Specs {
		t.Error("the models read different specs still")
	}
	wantServes(t, p, s, third, 1)
}

func modelOf(t *testing.T, r release.Record, name string) release.Model {
	t.Helper()
	m, ok := r.Model(name)
	if !ok {
		t.Fatalf("release %d has no model %s", r.Number, name)
	}
	return m
}

// wantServes stages a release as a pull does: the contract is that of a site's
// own binary, the known answers come out, and every model scores a new log.
func wantServes(t *testing.T, p *project, s store.Store, r release.Record, trees int) {
	t.Helper()
	dir := t.TempDir()
	specs := fstest.MapFS{}
	for _, a := range r.Artifacts {
		data := readObject(t, s, a.Digest)
		path := filepath.Join(dir, filepath.FromSlash(a.Name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, data, 0o644))
		if a.Kind == release.Spec {
			specs[a.Name[len(release.Spec.Dir())+1:]] = &fstest.MapFile{Data: data}
		}
	}
	site := score.Site{DB: p.db, ONNX: func(string) (*onnx.Runtime, error) { return p.onnx, nil }}
	keys, epochs, err := site.Contract(specs)
	must(t, err)
	if diff := cmp.Diff(r.Contract, release.Contract{Keys: keys, Epochs: epochs}); diff != "" {
		t.Errorf("contract (-release +site):\n%s", diff)
	}
	if n, err := site.Answers(t.Context(), dir, r); err != nil || n == 0 || len(r.KnownAnswers) != len(r.Models) {
		t.Errorf("%d known answers of %d files are right: %v", n, len(r.KnownAnswers), err)
	}
	list, err := os.ReadDir(filepath.Join(dir, release.Spec.Dir()))
	must(t, err)
	if len(list) != trees {
		t.Errorf("the release has %d trees of specs, want %d", len(list), trees)
	}
	var chains []*score.Chain
	for _, m := range r.Models {
		c, err := score.NewLoader(os.DirFS(dir), p.onnx).Load(m)
		must(t, err)
		defer c.Close()
		chains = append(chains, c)
	}
	log := p.write(scaffold.Log{Seed: 9, Start: time.Date(2026, 2, 1, 8, 0, 0, 0, time.UTC), Records: 50, Scanners: 2}.Bytes())
	summary, _, err := score.Run(t.Context(), score.Options{DB: p.db, Chains: chains, Release: "local#1", Final: true, Emit: func(alert.Alert) error { return nil },
		Segments: []score.Segment{{Name: "new.log", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(log)), nil }}}})
	must(t, err)
	if len(summary.Models) != len(r.Models) {
		t.Errorf("%d models scored, want %d", len(summary.Models), len(r.Models))
	}
	for _, m := range summary.Models {
		if m.Rows == 0 || m.Alerts == 0 {
			t.Errorf("%s scored %d rows with %d alerts", m.Model, m.Rows, m.Alerts)
		}
	}
}

// TestHeldAtFirst holds models that were never released.
func TestHeldAtFirst(t *testing.T) {
	p := newProject(t)
	p.trainer = &fakeTrainer{db: p.db, spoil: func(m *linear) { clear(m.weights) }}
	s := p.newStore(t)
	_, out := mustApply(t, p, s)
	var held []string
	for _, h := range out.Held {
		held = append(held, h.Model)
		if h.Keeps != "" {
			t.Errorf("%s keeps %s", h.Model, h.Keeps)
		}
	}
	if diff := cmp.Diff([]string{"scan_conn", "scan_src"}, held); diff != "" {
		t.Errorf("held (-want +got):\n%s", diff)
	}
	if len(out.Releases) > 0 || len(releases(t, p, s)) > 0 {
		t.Error("models that their gates hold were released")
	}
	if again, err := planOf(t.Context(), p.runner(t, s)); err != nil || len(again.Steps) > 0 {
		t.Errorf("%d steps are left (%v), want none", len(again.Steps), err)
	}
	mustVerify(t, p, s)
}

// TestRetire removes a model: the next release has the other one only.
func TestRetire(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	mustApply(t, p, s)
	delete(p.files, "specs/models/scan_src.textproto")
	_, out := mustApply(t, p, s)
	if len(out.Trained) > 0 || len(out.Releases) != 1 {
		t.Errorf("trained %q, released %v; want nothing and one", out.Trained, out.Releases)
	}
	last := releases(t, p, s)[1].Record
	if len(last.Models) != 1 || last.Models[0].Name != "scan_conn" {
		t.Errorf("release 2 has %d models", len(last.Models))
	}
	for _, a := range last.Artifacts {
		if a.Name == release.ModelFile.Name("scan_src.onnx") {
			t.Error("the retired model's file is still in the release")
		}
	}
	mustApply(t, p, s)
	if n := len(releases(t, p, s)); n != 2 {
		t.Errorf("%d releases, want 2", n)
	}
}

// TestRetireAll removes every model: the next release is empty, and then there
// is nothing to do.
func TestRetireAll(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	mustApply(t, p, s)
	for _, name := range []string{"scan_src", "scan_conn"} {
		delete(p.files, "specs/models/"+name+".textproto")
	}
	_, out := mustApply(t, p, s)
	if len(out.Releases) != 1 || len(out.Releases[0].Retired) != 2 {
		t.Errorf("releases %+v; want one that retires two models", out.Releases)
	}
	if last := releases(t, p, s)[1].Record; len(last.Models) != 0 {
		t.Errorf("release 2 has %d models", len(last.Models))
	}
	made, _ := mustApply(t, p, s)
	if len(made.Steps) != 0 {
		t.Errorf("%d steps are left", len(made.Steps))
	}
}

// TestThresholdGate tightens a gate: the model is judged again, not trained.
func TestThresholdGate(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	mustApply(t, p, s)
	p.edit(t, "specs/models/scan_conn.textproto", "gates { min_recall: 0.5 }", "gates { min_recall: 0.5 max_fpr: 0.5 }")
	_, out := mustApply(t, p, s)
	if len(out.Trained) > 0 || len(out.Held) != 1 {
		t.Errorf("trained %q, held %+v; want nothing and scan_conn: its benign test rows are too few", out.Trained, out.Held)
	}
	if n := len(releases(t, p, s)); n != 1 {
		t.Errorf("%d releases, want 1", n)
	}
}
