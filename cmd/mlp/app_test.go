package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// console is an app of a test and what it wrote.
type console struct {
	*app
	out, err bytes.Buffer
	clock    time.Time // moves when the test says so
}

// newConsole returns an app in an empty directory with an empty environment.
func newConsole(t *testing.T, args ...string) *console {
	t.Helper()
	c := &console{clock: time.Date(2026, 1, 12, 8, 0, 0, 0, time.UTC)}
	c.app = &app{
		args:      args,
		stdin:     strings.NewReader(""),
		dir:       t.TempDir(),
		lookupEnv: func(string) (string, bool) { return "", false },
		now:       func() time.Time { return c.clock },
		build:     buildInfo{Version: "v1.2.3", Go: "go1.26.0", OS: "linux", Arch: "amd64"},
	}
	c.stdout, c.stderr = stream{Writer: &c.out}, stream{Writer: &c.err}
	return c
}

// setenv makes the app's environment.
func (c *console) setenv(vars map[string]string) {
	c.lookupEnv = func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
}

func TestPath(t *testing.T) {
	for _, tt := range []struct{ name, chdir, path, want string }{
		{name: "relative", path: "a/../b", want: "/base/b"},
		{name: "absolute", path: "/x/./y", want: "/x/y"},
		{name: "below chdir", chdir: "sub", path: "b", want: "/base/sub/b"},
		{name: "below absolute chdir", chdir: "/other", path: "b", want: "/other/b"},
		{name: "chdir does not move absolute paths", chdir: "sub", path: "/x", want: "/x"},
		{name: "the directory itself", chdir: "sub", path: ".", want: "/base/sub"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := &app{dir: "/base", flags: globalFlags{chdir: tt.chdir}}
			if got := filepath.ToSlash(a.path(tt.path)); got != tt.want {
				t.Errorf("path(%q) = %q, want %q", tt.path, got, tt.want)
			}
		})
	}
}

func TestProjectRoot(t *testing.T) {
	c := newConsole(t)
	var none *noProjectError
	if _, err := c.projectRoot(); !errors.As(err, &none) {
		t.Errorf("without a project: %v, want a noProjectError", err)
	}
	sub := filepath.Join(c.dir, "a", "b")
	if err := os.MkdirAll(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(c.dir, projectFile)
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, chdir := range []string{"", "a", "a/b", sub} {
		c.flags.chdir = chdir
		if got, err := c.projectRoot(); err != nil || got != c.dir {
			t.Errorf("with --chdir %q: %q, %v, want %q", chdir, got, err, c.dir)
		}
	}
	for _, chdir := range []string{"missing", projectFile} {
		c.flags.chdir = chdir
		if got, err := c.projectRoot(); err == nil || errors.As(err, &none) {
			t.Errorf("with --chdir %q: %q, %v, want an error that names it", chdir, got, err)
		}
	}
}

// TestFlagsMayFollowArguments pins what cobra does by default.
func TestFlagsMayFollowArguments(t *testing.T) {
	c := newConsole(t, "completion", "bash", "--no-color", "-q")
	if status := execute(context.Background(), c.app); status != statusDone {
		t.Fatalf("status %d: %s", status, c.err.String())
	}
	if !c.flags.noColor || !c.flags.quiet {
		t.Errorf("flags = %+v, want noColor and quiet", c.flags)
	}
}
