package run

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/pyenv"
	"github.com/mlpdev/mlp/pkg/store/filestore"
	"github.com/mlpdev/mlp/pkg/trainer"
	"github.com/mlpdev/mlp/trainers"
)

func TestApplyTwice(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	made, out := mustApply(t, p, s)
	if out.Columns != made.Columns() || out.Columns == 0 {
		t.Errorf("computed %d columns, the plan has %d", out.Columns, made.Columns())
	}
	if diff := cmp.Diff([]string{"scan_conn", "scan_src"}, out.Trained); diff != "" {
		t.Errorf("trained (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Released{{Channel: "local", Number: 1, Models: []string{"scan_conn", "scan_src"}}}, out.Releases); diff != "" {
		t.Errorf("released (-want +got):\n%s", diff)
	}
	if len(out.Held) > 0 {
		t.Errorf("held: %v", out.Held)
	}
	before := names(t, s)
	again, err := planOf(t.Context(), p.runner(t, s))
	if err != nil || len(again.Steps) > 0 {
		t.Errorf("the second plan has %d steps (%v), want none", len(again.Steps), err)
	}
	mustApply(t, p, s)
	if diff := cmp.Diff(before, names(t, s)); diff != "" {
		t.Errorf("the second apply wrote (-before +after):\n%s", diff)
	}
	v := mustVerify(t, p, s)
	if v.Frames != 6 || v.Models != 2 || v.Releases != 1 || v.Released != 2 || v.Columns == 0 || v.Counts.Check() != nil {
		t.Errorf("verified %+v", v)
	}
}

// TestApplyOneFeature edits one feature: its column alone is computed, and only
// the model that reads it is trained.
func TestApplyOneFeature(t *testing.T) {
	tests := []struct {
		name, file, old, new string
		columns, parsed      []string // of each capture
		trained              []string
	}{
		{"of rows", "specs/features/conn_row.textproto", "dport < 1024", "dport <= 1024", []string{"feature/conn_row.low_port"}, nil, []string{"scan_conn"}},
		{"of windows", "specs/features/src_5min.textproto", "count(DISTINCT dst)", "count(DISTINCT dst) + 1", []string{"feature/src_5min.hosts"}, nil, []string{"scan_src"}},
		{"that reads another field", "specs/features/src_5min.textproto", "count(DISTINCT dst)", "count(DISTINCT sport)",
			[]string{"feature/src_5min.hosts"}, []string{"field/zeek_conn.sport"}, []string{"scan_src"}},
		{"a comment", "specs/features/src_5min.textproto", "name: \"src_5min\"", "name: \"src_5min\" # a source", nil, nil, nil},
	}
	p := newProject(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := p.newStore(t)
			mustApply(t, p, s)
			edited := p.clone()
			fake := &fakeTrainer{db: p.db}
			edited.trainer = fake
			edited.edit(t, test.file, test.old, test.new)
			made, out := mustApply(t, edited, s)
			if diff := cmp.Diff(test.trained, fake.models()); diff != "" {
				t.Errorf("trained (-want +got):\n%s", diff)
			}
			want := 2 * (len(test.columns) + len(test.parsed))
			if out.Columns != want {
				t.Errorf("computed %d columns, want %d", out.Columns, want)
			}
			for _, step := range made.Steps {
				switch step.Kind {
				case plan.Features:
					if diff := cmp.Diff(test.columns, step.Columns); diff != "" {
						t.Errorf("%s computes (-want +got):\n%s", step.Target, diff)
					}
				case plan.Parse:
					if diff := cmp.Diff(test.parsed, step.Columns); diff != "" {
						t.Errorf("%s computes (-want +got):\n%s", step.Target, diff)
					}
				}
			}
			mustVerify(t, edited, s)
			mustVerify(t, p, s)
		})
	}
}

// TestApplyIsDeterministic applies one project to two empty stores of two
// kinds: the same keys, column files, model bytes, plan and release.
func TestApplyIsDeterministic(t *testing.T) {
	p := newProject(t)
	memory := p.newStore(t)
	first, _ := mustApply(t, p, memory)
	disk, err := filestore.Init(filepath.Join(p.root, "store", "s"))
	must(t, err)
	p.fill(t, disk)
	second, _ := mustApply(t, p, disk)
	if first.Digest != second.Digest {
		t.Errorf("plan digests %s and %s", first.Digest, second.Digest)
	}
	if diff := cmp.Diff(names(t, memory), names(t, disk)); diff != "" {
		t.Errorf("the stores differ (-memory +disk):\n%s", diff)
	}
	mustVerify(t, p, disk)
}

// TestApplyWithPython trains with the real worker: the same models on two
// empty stores, which pass their gates.
func TestApplyWithPython(t *testing.T) {
	python := os.Getenv("MLP_TEST_PYTHON")
	if python == "" {
		t.Skip("MLP_TEST_PYTHON names no Python with the packages of trainers/sklearn/requirements.lock")
	}
	p := newProject(t)
	lock, err := os.ReadFile("../../trainers/sklearn/requirements.lock")
	must(t, err)
	env, err := pyenv.Environment(t.Context(), pyenv.EnvOptions{Python: python, Lock: lock, Environ: os.Environ()})
	must(t, err)
	dir, err := trainer.Unpack(trainers.Files, filepath.Join(p.root, "cache"))
	must(t, err)
	worker, err := trainer.Start(context.WithoutCancel(t.Context()), trainer.CommandOf(env, dir, os.Environ()))
	must(t, err)
	defer worker.Close()
	p.trainer = worker
	first, second := p.newStore(t), p.newStore(t)
	_, out := mustApply(t, p, first)
	if len(out.Trained) != 2 || len(out.Held) > 0 {
		t.Errorf("trained %q, held %v", out.Trained, out.Held)
	}
	mustApply(t, p, second)
	if diff := cmp.Diff(names(t, first), names(t, second)); diff != "" {
		t.Errorf("the stores differ (-first +second):\n%s", diff)
	}
	mustVerify(t, p, first)
}

// TestApplyRefusesOtherFraming changes how records are framed under chunks that
// were added before.
func TestApplyRefusesOtherFraming(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	edited := p.clone()
	edited.edit(t, "specs/parsers/zeek_conn.textproto", `comment: "#" `, `comment: "1" `)
	_, _, err := apply(t.Context(), edited.runner(t, s))
	if err == nil || !strings.Contains(err.Error(), "when it was added") {
		t.Errorf("got %v, want a FramingError", err)
	}
}

// TestScoresThatAreNoNumbers has a model without a score for some rows: its
// gates hold it, and nothing fails.
func TestScoresThatAreNoNumbers(t *testing.T) {
	p := newProject(t)
	p.edit(t, "specs/features/conn_row.textproto", `definition: "dport < 1024"`, `definition: "nullif(dport < 1024, true)"`)
	p.trainer = &fakeTrainer{db: p.db, spoil: func(m *linear) { m.plain = true }}
	s := p.newStore(t)
	_, out := mustApply(t, p, s)
	if len(out.Held) != 1 || out.Held[0].Model != "scan_conn" || len(out.Held[0].Reasons) == 0 {
		t.Errorf("held %+v, want scan_conn", out.Held)
	}
	if diff := cmp.Diff([]Released{{Channel: "local", Number: 1, Models: []string{"scan_src"}}}, out.Releases); diff != "" {
		t.Errorf("released (-want +got):\n%s", diff)
	}
	again, err := planOf(t.Context(), p.runner(t, s))
	if err != nil || len(again.Steps) > 0 {
		t.Errorf("the second plan has %d steps (%v), want none", len(again.Steps), err)
	}
}

// TestScratchIsLeftEmpty runs twice in one directory, as a long process would.
func TestScratchIsLeftEmpty(t *testing.T) {
	p := newProject(t)
	r := p.runner(t, p.newStore(t))
	if _, _, err := apply(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(r.Scratch)
	must(t, err)
	var b bytes.Buffer
	for _, e := range left {
		b.WriteString(e.Name() + "\n")
	}
	if b.Len() > 0 {
		t.Errorf("left in scratch:\n%s", &b)
	}
}
