package main

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestKillCompare kills runs that compare models with released ones, by rows
// and by records: the plain re-run finishes with what an undisturbed run
// leaves, comparisons and releases among it.
func TestKillCompare(t *testing.T) {
	w := newWorkshop(t)
	w.must(t, "--chdir", w.project, "apply")
	w.edit(t, "specs/models/scan_conn.textproto", "seed: 1", `seed: 1 features: "low_port" features: "failed" features: "duration_log"`)
	w.edit(t, "specs/features/src_5min.textproto", `size: "5 minutes"`, `size: "2 minutes"`)
	w.edit(t, "specs/models/scan_src.textproto", "gates { min_recall: 0.8 }", "")
	w.edit(t, "specs/models/scan_conn.textproto", "gates { min_recall: 0.8  }", "")
	whole := w.copied(t)
	took := whole.took(t, "--chdir", whole.project, "apply")
	want := whole.made(t)
	compared := 0
	for name := range want.Entries {
		if strings.HasPrefix(name, "index/comparison/") {
			compared++
		}
	}
	if len(want.Releases) != 2 || compared != 2 {
		t.Fatalf("an undisturbed run leaves %d releases and %d comparisons", len(want.Releases), compared)
	}
	killed := 0
	for round := range rounds(t, 8) / 4 {
		random := rand.New(rand.NewPCG(uint64(round), 23))
		c := w.copied(t)
		for range 4 {
			// Comparisons come late.
			if c.kill(t, took/3+time.Duration(random.Int64N(int64(took))), "--chdir", c.project, "apply") {
				killed++
			} else { // the machine is quicker than it was
				took -= took / 3
			}
		}
		c.must(t, "--chdir", c.project, "apply")
		if diff := cmp.Diff(want, c.made(t)); diff != "" {
			t.Errorf("round %d (-undisturbed +finished):\n%s", round, diff)
		}
		c.must(t, "--chdir", c.project, "verify")
	}
	if killed == 0 {
		t.Error("no run was killed")
	}
}
