package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mlpdev/mlp/pkg/vcs"
)

var update = flag.Bool("update", false, "rewrite what golden files expect")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mlp": main})
}

// TestScript runs testdata/script/*.txtar, one command line after another
// against the real main. Beside testscript's own commands there are
//
//	status N COMMAND...   run a command that ends with exit status N
//	commit MESSAGE        commit the directory, with a fixed author and clock
//
// and the condition [python], which holds where MLP_TEST_PYTHON is set.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireUniqueNames:  true,
		RequireExplicitExec: false,
		Setup:               setupScript,
		Condition:           scriptCondition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": statusCommand,
			"commit": commitCommand,
		},
	})
}

// setupScript keeps a script inside its own directory: nothing of the user's
// configuration is read, nothing is left behind.
func setupScript(env *testscript.Env) error {
	for name, dir := range map[string]string{"HOME": "home", "XDG_CONFIG_HOME": "home/config", "XDG_CACHE_HOME": "home/cache"} {
		path := filepath.Join(env.WorkDir, ".user", filepath.FromSlash(dir))
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
		env.Setenv(name, path)
	}
	for _, name := range []string{"MLP_PYTHON", "MLP_CACHE_DIR", "MLP_TEST_PYTHON"} {
		if value, ok := os.LookupEnv(name); ok {
			env.Setenv(name, value)
		}
	}
	return nil
}

func scriptCondition(name string) (bool, error) {
	if name == "python" {
		return os.Getenv("MLP_TEST_PYTHON") != "", nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}

func statusCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// commitCommand commits everything in the current directory's repository,
// which it makes the first time. Commits are an hour apart, so that hashes
// are the same in every run.
func commitCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: commit MESSAGE")
	}
	const counter = "SCRIPT_COMMITS"
	n, _ := strconv.Atoi(ts.Getenv(counter))
	ts.Setenv(counter, strconv.Itoa(n+1))
	author := vcs.Author{Name: "Alice", Email: "alice@example.com"}
	when := time.Date(2026, 1, 12, 8+n, 0, 0, 0, time.UTC)

	dir := ts.MkAbs(".")
	repo, err := vcs.Open(dir)
	if errors.Is(err, vcs.ErrNoRepo) {
		repo, err = vcs.Init(dir, author, when)
		ts.Check(err)
	} else {
		ts.Check(err)
		_, err = repo.CommitAll(args[0], author, when)
		ts.Check(err)
	}
	head, err := repo.Head()
	ts.Check(err)
	ts.Logf("%s %s", head.Short(), head.Subject)
}
