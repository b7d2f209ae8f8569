package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/mlpdev/mlp/pkg/diag"
)

// defaultWidth is how many columns a terminal has that does not say.
const defaultWidth = 80

// projectFile marks the root of a project.
const projectFile = "mlp.textproto"

// stream is where output goes.
type stream struct {
	io.Writer
	terminal bool
	width    int // columns, where it is a terminal
}

// app is the world as the commands see it: streams, arguments, directory,
// environment and clock come in here, so a test can make its own.
type app struct {
	args      []string
	stdin     io.Reader
	stdout    stream // results
	stderr    stream // progress and diagnostics
	dir       string // the process's working directory; commands use path
	lookupEnv func(string) (string, bool)
	now       func() time.Time
	build     buildInfo

	flags     globalFlags
	format    string      // value of --format; "" where the command has none
	source    diag.Source // texts that excerpts in diagnostics are cut from
	diagOut   io.Writer   // where diagnostics go; stderr unless a command says otherwise
	diagnosed bool        // diagnostics were printed
	doubtful  bool        // print what compiling warns of, too
	warned    int         // warnings that the specs give
}

// globalFlags are the flags that every command has.
type globalFlags struct {
	chdir   string
	verbose bool
	quiet   bool
	noColor bool
}

// execute runs one command line and returns the exit status.
func execute(ctx context.Context, a *app) int {
	root := newRootCmd(a)
	root.SetArgs(a.args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	return a.report(ctx, root.ExecuteContext(ctx))
}

// env returns an environment variable, "" where it is not set. Settings are
// chosen as cmp.Or(flag, a.env("MLP_…"), the project file's, default).
func (a *app) env(name string) string {
	value, _ := a.lookupEnv(name)
	return value
}

// path returns the absolute form of a path that the user gave, which is
// relative to --chdir.
func (a *app) path(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	if filepath.IsAbs(a.flags.chdir) {
		return filepath.Join(a.flags.chdir, name)
	}
	return filepath.Join(a.dir, a.flags.chdir, name)
}

// noProjectError says that there is no project where one is needed.
type noProjectError struct{ dir string }

// Error names the directory.
func (e *noProjectError) Error() string {
	return fmt.Sprintf("no %s in %s or any directory above it", projectFile, e.dir)
}

// Hint says what to do.
func (e *noProjectError) Hint() string {
	return "run mlp in a project, name one with --chdir DIR, or make one with mlp init DIR"
}

// projectRoot returns the directory that holds mlp.textproto, searching
// upwards from the working directory.
func (a *app) projectRoot() (string, error) {
	start := a.path(".")
	if info, err := os.Stat(start); err != nil {
		return "", fmt.Errorf("open project: %w", err)
	} else if !info.IsDir() {
		return "", fmt.Errorf("open project: %s is not a directory", start)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		_, err := os.Lstat(filepath.Join(dir, projectFile))
		if err == nil {
			return dir, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("open project: %w", err)
		}
		if dir == filepath.Dir(dir) {
			return "", &noProjectError{dir: start}
		}
	}
}
