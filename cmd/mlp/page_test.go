package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/page/pagetest"
)

// TestBrowserOpensWhatApplyWrites looks at the report of a real release and at
// the lineage of its project as people do.
func TestBrowserOpensWhatApplyWrites(t *testing.T) {
	if os.Getenv("MLP_TEST_PYTHON") == "" {
		t.Skip("MLP_TEST_PYTHON names no Python; make test makes one")
	}
	browser := pagetest.Open(t)
	e := &trainedExample{dir: t.TempDir()}
	if err := e.make(); err != nil {
		t.Fatal(err)
	}
	lineage := filepath.Join(e.dir, "lineage.html")
	cmd := exec.Command("mlp", "graph", "--chdir", filepath.Join(e.dir, "demo"), "--changed", "--format", "html", "--out", lineage)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("mlp graph: %v\n%s", err, out)
	}
	for _, v := range pagetest.Views() {
		t.Run(v.Name, func(t *testing.T) {
			tab := browser.Load(t, filepath.Join(e.dir, "demo/.mlp/reports/1/index.html"), v)
			tab.Screenshot("real-report-"+v.Name, true)
			if got := tab.Text("h1"); got != "local#1" {
				t.Errorf("the report is of %q", got)
			}
			if models, curves := tab.Count(".model"), tab.Count("svg.plot path.curve"); models != 2 || curves != 4 {
				t.Errorf("%d models and %d curves, want 2 and 4", models, curves)
			}
			if got := tab.Text("#data tfoot"); !strings.Contains(got, "8,372") {
				t.Errorf("the lines are counted as %q", got)
			}
			tab.Click("#model-scan_conn .readout input")
			if got := tab.Text("#model-scan_conn .readout output"); !strings.Contains(got, " of 1,102)") {
				t.Errorf("the curve reads %q", got)
			}
			tab.Check()

			tab = browser.Load(t, lineage, v)
			tab.Click(`[data-address="model/scan_src"]`)
			if up, down := tab.Count(".node.up"), tab.Count(".node.down"); up != 3 || down != 1 {
				t.Errorf("the model reads %d sets and is read by %d, want 3 and 1", up, down)
			}
			tab.Check()
		})
	}
}
