package lineage

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

func mermaid(t *testing.T, l *Lineage) string {
	t.Helper()
	var b bytes.Buffer
	if err := l.WriteMermaid(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func dot(t *testing.T, l *Lineage) string {
	t.Helper()
	var b bytes.Buffer
	if err := l.WriteDot(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDiagrams(t *testing.T) {
	l := selected(t, compared(t), "+evaluation/scan_conn").Lineage
	golden(t, "changed.mmd", mermaid(t, l))
	golden(t, "changed.dot", dot(t, l))
	golden(t, "sets.mmd", mermaid(t, compared(t).AtSets()))
	golden(t, "sets.dot", dot(t, compared(t).AtSets()))
}

// A line of a flowchart is one of few forms: whatever a project's texts are,
// nothing else comes out.
func TestMermaidHasNoOtherLines(t *testing.T) {
	forms := regexp.MustCompile(`^(flowchart LR` +
		`|  subgraph s?n\d+\["[^"<>\x60]*"\]|  end` +
		`|(  ){1,2}n\d+\["[^"<>\x60]*"\]` +
		`|  n\d+ --> n\d+` +
		`|  classDef (added|changed|removed) [a-z0-9:#, -]+|  class n\d+(,n\d+)* (added|changed|removed))$`)
	for _, l := range []*Lineage{hostile(t), compared(t), compared(t).AtSets(), Of(Input{Head: made(t, paper()), HeadName: "work tree"})} {
		for line := range strings.Lines(mermaid(t, l)) {
			if line = strings.TrimSuffix(line, "\n"); !forms.MatchString(line) {
				t.Fatalf("no form of a flowchart: %s", line)
			}
		}
	}
	if got := mermaidText(`a"]; b <i> #35; %% ` + "`é\u202e"); strings.ContainsAny(got, `"<>[]%`+"`") {
		t.Errorf("mermaidText gives %s", got)
	}
}

// The real Graphviz reads what is written for it.
func TestDotIsRead(t *testing.T) {
	graphviz := os.Getenv("MLP_TEST_DOT")
	if graphviz == "" {
		t.Skip("MLP_TEST_DOT names no dot; make test installs one")
	}
	for _, l := range []*Lineage{hostile(t), compared(t), Of(Input{Head: made(t, size{parsers: 3, fields: 4, sets: 5, features: 4, datasets: 2, models: 5, sites: 4}), HeadName: "work tree"})} {
		cmd := exec.Command(graphviz, "-Tplain")
		cmd.Stdin = strings.NewReader(dot(t, l))
		var errs bytes.Buffer
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if err != nil || errs.Len() > 0 {
			t.Fatalf("dot: %v\n%s", err, errs.String())
		}
		if n := len(regexp.MustCompile(`(?m)^node `).FindAll(out, -1)); n != len(l.Nodes) {
			t.Errorf("dot draws %d nodes of %d", n, len(l.Nodes))
		}
		if n := len(regexp.MustCompile(`(?m)^edge `).FindAll(out, -1)); n != l.Edges() {
			t.Errorf("dot draws %d edges of %d", n, l.Edges())
		}
	}
}
