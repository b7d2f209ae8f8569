package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	example "github.com/mlpdev/mlp"
)

// The repository's own datasets are those that mlp init makes.
func TestExampleDatasetIsCurrent(t *testing.T) {
	c := newConsole(t, "init", "p", "--no-git")
	c.setenv(map[string]string{"HOME": c.dir})
	if status := execute(context.Background(), c.app); status != statusDone {
		t.Fatalf("status %d: %s", status, c.err.String())
	}
	when := regexp.MustCompile(`(?m)^  added(_by)?: .*$`)
	for _, file := range []string{"datasets/inbound_scan/dataset.textproto", "datasets/ssh_guessing/dataset.textproto", "datasets/form_injection/dataset.textproto"} {
		made, err := os.ReadFile(filepath.Join(c.dir, "p", file))
		if err != nil {
			t.Fatal(err)
		}
		own, err := os.ReadFile(filepath.Join("../..", file))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(when.ReplaceAllString(string(made), ""), when.ReplaceAllString(string(own), "")); diff != "" {
			t.Errorf("%s is not what mlp init makes (-made +own):\n%s", file, diff)
		}
	}
}

// aboutScans picks the specs of the example that are about connections.
func aboutScans(file string) bool { return slices.Contains([]string{"scan", ""}, example.Part(file)) }
