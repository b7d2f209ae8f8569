package run

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/faultstore"
)

// learnedBy returns the records of a day that a model learned from, as its
// entry has them.
func learnedBy(t *testing.T, p *project, s store.Store, model, day string) map[int64]bool {
	t.Helper()
	r := p.runner(t, s)
	m := modelNamed(t, r, model)
	entry, err := r.Index.Model(t.Context(), m.Key)
	must(t, err)
	out := map[int64]bool{}
	for _, k := range m.Dataset.Contributions {
		if k.Name != day {
			continue
		}
		files := k.Files(m.FeatureSet.From.Name)
		at := offsetsOf(files)
		seen, err := r.learned(t.Context(), entry.Learned, files, at)
		must(t, err)
		for i := range at.total() {
			if seen.has(i) {
				out[i] = true
			}
		}
	}
	return out
}

// TestLearned compares what is recorded of a training with its rows: the very
// records, or those in the windows that were trained on.
func TestLearned(t *testing.T) {
	const size = 5 * 60_000_000
	p := newProject(t)
	p.edit(t, datasetFile, byDay, `split { group: "src" test_share: 0.4 }`)
	s := p.newStore(t)
	mustApply(t, p, s)
	for _, model := range []string{"scan_conn", "scan_src"} {
		train := map[string]bool{}
		for _, d := range decisions(t, p, s, model) {
			train[d.id()] = d.side == "train"
		}
		for _, day := range []string{"day1", "day2"} {
			want := map[int64]bool{}
			records := p.records(t, day)
			for _, r := range records {
				d := decided{day: day, record: r.n}
				if model == "scan_src" {
					d = decided{day: day, src: r.src, start: r.micros / size * size}
				}
				if train[d.id()] {
					want[r.n] = true
				}
			}
			got := learnedBy(t, p, s, model, day)
			if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 || len(got) == len(records) {
				t.Errorf("%s learned from %d of %d records of %s (-want +got):\n%s", model, len(got), len(records), day, diff)
			}
		}
	}
	// Whole captures.
	whole := newProject(t)
	f := whole.newStore(t)
	mustApply(t, whole, f)
	if n := len(learnedBy(t, whole, f, "scan_conn", "day2")); n != 0 {
		t.Errorf("learned from %d records of the test side", n)
	}
}

func TestOffsets(t *testing.T) {
	at := offsets{0, 3, 3, 10}
	for i := range at.total() {
		file, record := at.file(i)
		if n, ok := at.of(int32(file), record); !ok || n != i || file == 1 {
			t.Errorf("%d is record %d of file %d, and that is %d", i, record, file, n)
		}
	}
	for _, wrong := range [][2]int64{{-1, 0}, {0, 3}, {0, -1}, {1, 0}, {2, 7}, {3, 0}} {
		if n, ok := at.of(int32(wrong[0]), wrong[1]); ok {
			t.Errorf("%v is %d", wrong, n)
		}
	}
}

// hiding is a store that lacks a name.
type hiding struct {
	store.Store
	text string
}

func (h hiding) Read(ctx context.Context, name string) ([]byte, error) {
	if strings.Contains(name, h.text) {
		return nil, store.ErrNotExist
	}
	return h.Store.Read(ctx, name)
}

// TestLearnedUnknown has no entry of the released model: nothing can be
// compared, and it is said why.
func TestLearnedUnknown(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	mustApply(t, p, s)
	q := p.clone()
	q.edit(t, "specs/models/scan_conn.textproto", "seed: 1", `seed: 1 features: "low_port" features: "failed"`)
	key := modelNamed(t, p.runner(t, s), "scan_conn").Key
	_, out := mustApply(t, q, hiding{s, "index/model/" + key.Hex()})
	got := comparisonOf(t, s, p, q, "scan_conn")
	if got.Incomparable != "the store does not say what the released model was trained on" || !got.Passed || len(out.Releases) != 1 {
		t.Errorf("%+v, released %+v", got, out.Releases)
	}
}

// TestFaultsWhileComparing breaks the last writes of a run that compares and
// releases: the plain re-run finishes with what an undisturbed run leaves.
func TestFaultsWhileComparing(t *testing.T) {
	p := newProject(t)
	q := p.clone()
	q.edit(t, "specs/models/scan_conn.textproto", "seed: 1", `seed: 1 features: "low_port" features: "failed"`)
	whole := p.newStore(t)
	mustApply(t, p, whole)
	counted := faultstore.New(whole, 0, faultstore.Fail)
	mustApply(t, q, counted)
	want, writes := results(t, whole), counted.Writes()
	compared := 0
	for name := range want {
		if strings.HasPrefix(name, "index/comparison/") {
			compared++
		}
	}
	if compared != 1 || writes < 8 {
		t.Fatalf("%d comparisons, %d writes", compared, writes)
	}
	for i := range 8 {
		kind := faultKinds()[i%len(faultKinds())]
		t.Run(fmt.Sprintf("%s at %d of %d", kind, writes-i, writes), func(t *testing.T) {
			s := p.newStore(t)
			mustApply(t, p, s)
			_, _, err := apply(t.Context(), q.runner(t, faultstore.New(s, writes-i, kind)))
			if err == nil && kind != faultstore.Unclear {
				t.Error("nobody noticed the fault")
			}
			mustApply(t, q, s)
			if diff := cmp.Diff(want, results(t, s)); diff != "" {
				t.Errorf("the re-run gives other names (-undisturbed +got):\n%s", diff)
			}
			mustVerify(t, q, s)
		})
	}
}

// TestOvertakenWhileComparing has another run release between plan and apply:
// the model is compared with what it would take the place of.
func TestOvertakenWhileComparing(t *testing.T) {
	p := newProject(t)
	s := p.newStore(t)
	mustApply(t, p, s)
	q, other := p.clone(), p.clone()
	q.edit(t, "specs/models/scan_conn.textproto", "seed: 1", `seed: 1 features: "low_port" features: "failed"`)
	other.edit(t, "specs/models/scan_conn.textproto", "target_fpr: 0.01", "target_fpr: 0.02")
	r := q.runner(t, s)
	made, err := planOf(t.Context(), r)
	must(t, err)
	mustApply(t, other, s)
	out, err := r.Apply(t.Context(), made)
	must(t, err)
	comparisonOf(t, s, other, q, "scan_conn")
	if len(out.Releases) != 1 || out.Releases[0].Number != 3 {
		t.Errorf("released %+v", out.Releases)
	}
}
