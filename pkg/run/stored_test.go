package run

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/score"
	"github.com/mlpdev/mlp/pkg/sql"
)

// seenBy lists all that a decider says, in a stable order.
func seenBy(t *testing.T, d decider, whole bool) (lines []string) {
	t.Helper()
	var ordinals []int64
	for i := range d.Rows() {
		ordinals = append(ordinals, i)
		lines = append(lines, fmt.Sprintf("row %d flagged %v", i, d.Flags(i)))
	}
	must(t, d.Members(t.Context(), func(m score.Member) { lines = append(lines, fmt.Sprintf("member %+v", m)) }))
	must(t, d.Truths(t.Context(), func(row int64, truth score.Truth) {
		if whole { // a replay does not know of whole contributions
			truth.Side = sql.TestSide
		}
		attack := "unlabelled"
		if truth.Attack != nil {
			attack = fmt.Sprint(*truth.Attack)
		}
		lines = append(lines, fmt.Sprintf("truth %d %s %s", row, attack, truth.Side))
	}))
	rows, err := d.Identify(t.Context(), ordinals)
	must(t, err)
	for i, r := range rows {
		record := int64(-1)
		if r.Record != nil {
			record = *r.Record
		}
		lines = append(lines, fmt.Sprintf("identity %d %d %d %v %v %v", i, r.File, record, r.Key, r.Start, r.End))
	}
	slices.Sort(lines)
	return lines
}

// TestStoredRows compares what is read from the store with what the chains
// compute anew from raw records: of this model and of the released one.
func TestStoredRows(t *testing.T) {
	for _, split := range []string{byDay, `split { group: "src" test_share: 0.4 }`} {
		p := newProject(t)
		p.edit(t, datasetFile, byDay, split)
		s := p.newStore(t)
		mustApply(t, p, s)
		q := p.clone()
		for _, model := range []string{"scan_conn", "scan_src"} {
			q.edit(t, "specs/models/"+model+".textproto", "target_fpr: 0.01", "target_fpr: 0.05")
		}
		mustApply(t, q, s)
		r := q.runner(t, s)
		entries := releases(t, p, s)
		for _, model := range []string{"scan_conn", "scan_src"} {
			m := modelNamed(t, r, model)
			old, _ := entries[0].Record.Model(model)
			c := &comparer{Runner: r, model: m, entry: newComparison(m, old.EvaluationKey)}
			trained, err := r.Index.Model(t.Context(), old.ModelKey)
			must(t, err)
			c.learned = trained.Learned
			end, err := c.chains(t.Context(), &entries[0].Record, old)
			must(t, err)
			defer end()
			for _, k := range m.Dataset.Contributions {
				capture, err := c.capture(t.Context(), k)
				must(t, err)
				for _, before := range []bool{false, true} {
					chain := map[bool]*score.Chain{false: c.after, true: c.before}[before]
					stored, err := c.stored(t.Context(), capture, chain, true)
					must(t, err)
					if stored == nil {
						t.Fatalf("%s of %s is not stored", model, k.Name)
					}
					replayed, err := c.replay(t.Context(), capture, before)
					must(t, err)
					defer replayed.Close()
					if before { // the released chain knows no labels
						if diff := cmp.Diff(len(stored.scores), int(replayed.Rows())); diff != "" {
							t.Error(diff)
						}
						for i := range stored.Rows() {
							if stored.Flags(i) != replayed.Flags(i) {
								t.Errorf("%s of %s: row %d is flagged by one of them", model, k.Name, i)
							}
						}
						continue
					}
					if diff := cmp.Diff(seenBy(t, stored, split == byDay), seenBy(t, replayed, split == byDay)); diff != "" {
						t.Errorf("%s of %s (-stored +replayed):\n%s", model, k.Name, diff)
					}
				}
			}
		}
	}
}
