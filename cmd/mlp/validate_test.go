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
			_, err := c.openProject()
			var list *diag.ListError
			if err != nil && !errors.As(err, &list) {
				t.Fatal(err)
			}
			_, err = os.Stat(filepath.Join(c.dir, spec.DatasetsDir))
			template := errors.Is(err, fs.ErrNotExist)
			if list != nil {
				for _, d := range list.List {
					if !template || d.Code != "unknown-dataset" {
						t.Errorf("%s: %s: %s [%s]", d.Span, d.Severity, d.Message, d.Code)
					}
				}
			}
			if c.err.Len() > 0 {
				t.Errorf("warnings:\n%s", c.err.String())
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
