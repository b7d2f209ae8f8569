package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/spec"
)

// TestOwnProjectsAreValid validates every project of the repository. One whose
// datasets come from logs outside it, with mlp dataset add, has none here; then
// that they do not exist is all that may be wrong.
func TestOwnProjectsAreValid(t *testing.T) {
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") && d.Name() != ".."
		if d.IsDir() && (hidden || slices.Contains([]string{"testdata", "bin"}, d.Name())) {
			return fs.SkipDir
		}
		if d.Name() != projectFile {
			return nil
		}
		t.Run(filepath.ToSlash(filepath.Dir(name)), func(t *testing.T) {
			c := newConsole(t)
			if c.dir, err = filepath.Abs(filepath.Dir(name)); err != nil {
				t.Fatal(err)
			}
			if status := execute(context.Background(), c.app); status != statusDone || c.err.Len() > 0 {
				t.Errorf("status %d: %s", status, c.err.String())
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
