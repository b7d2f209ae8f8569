package main

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOwnProjectsAreValid validates every project of the repository.
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
			if _, err := c.openProject(); err != nil {
				t.Error(err)
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
