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

	"github.com/mlpdev/mlp/pkg/store/s3/s3test"
	"github.com/mlpdev/mlp/pkg/vcs"
)

var update = flag.Bool("update", false, "rewrite what golden files expect")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mlp": main})
}

// TestScript runs testdata/script/*.txtar, one command line after another
// against the real main. Beside testscript's own commands there are
//
//	status N COMMAND...        run a command that ends with exit status N
//	commit MESSAGE             commit the directory, with a fixed author and clock
//	trained                    a copy of the example as demo, applied once
//	replace FILE OLD NEW       replace the first OLD in a file
//	capture NAME REGEXP        set NAME to what the group of REGEXP is in stdout
//	listing FILE               keep the changes and effects of a plan in stdout, without places
//	steps FILE                 keep the steps of a plan in stdout, without keys
//	pubkey NAME                set NAME to the public half of the user's development key
//	filed NAME START           set NAME to the file of the verdict on an alert whose id begins so
//	entries KIND N             count the entries of a kind in the project's store
//	cut FILE N                 cut a log into FILE.1 … FILE.N, each with its header
//	gather OUT MODEL FILE...   sort what JSON lines in files are about a model
//	begins FILE START          compare the beginning of a file with another one
//	copy FROM TO               copy a directory, in place of what stands there
//	fifo FILE                  make a named pipe
//	mode PERM FILE             compare permissions
//	flip FILE                  change one byte
//	gzip FILE OUT              compress a file
//	truncate FILE OUT          copy a file without its last bytes
//	hold FILE                  hold a lock until the script ends
//	artifact NAME RELEASE TEXT set NAME to the artifact whose name holds TEXT
//	object NAME RELEASE TEXT   set NAME to the store's object of that artifact
//	newkey NAME                set NAME to a new signing key, NAME_PUBLIC to its public half
//	plant HOW KIND             put something in place of an entry of the project's index, set PLANTED to its name
//	forge RELEASE HOW          sign a release of the store again, changed
//
// and the conditions [python], which holds where MLP_TEST_PYTHON is set, and
// [s3], which holds where there is a server: its bucket is s3://mlp-test. RELEASE
// is a file of a log, HOW a change of [forgeries], or of [plantings].
func TestScript(t *testing.T) {
	example := &trainedExample{dir: t.TempDir()}
	if s3test.Available() {
		t.Setenv("AWS_ENDPOINT_URL_S3", s3test.Start(t).Endpoint)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireUniqueNames:  true,
		RequireExplicitExec: false,
		Setup:               setupScript,
		Condition:           scriptCondition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":   statusCommand,
			"commit":   commitCommand,
			"trained":  example.command,
			"replace":  plain(3, replaceCommand),
			"capture":  plain(2, captureCommand),
			"listing":  plain(1, listingCommand),
			"steps":    plain(1, stepsCommand),
			"pubkey":   plain(1, pubkeyCommand),
			"filed":    plain(2, filedCommand),
			"entries":  plain(2, entriesCommand),
			"cut":      plain(2, cutCommand),
			"gzip":     plain(2, gzipCommand),
			"truncate": plain(2, truncateCommand),
			"gather":   gatherCommand,
			"begins":   plain(2, beginsCommand),
			"copy":     plain(2, copyCommand),
			"fifo":     plain(1, fifoCommand),
			"mode":     plain(2, modeCommand),
			"flip":     plain(1, flipCommand),
			"hold":     plain(1, holdCommand),
			"object":   plain(3, objectCommand),
			"plant":    plain(2, plantCommand),
			"newkey":   plain(1, newKeyCommand),
			"artifact": plain(3, artifactCommand),
			"forge":    plain(2, forgeCommand),
		},
	})
}

// plain makes a script's command of a function that takes n arguments.
func plain(n int, do func(*testscript.TestScript, []string) error) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != n {
			ts.Fatalf("want %d arguments, got %q", n, args)
		}
		ts.Check(do(ts, args))
	}
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
	// Scripts may take PATH away.
	binary, err := exec.LookPath("mlp")
	if err != nil {
		return err
	}
	env.Setenv("MLP_BINARY", binary)
	// With it no environment has to be built.
	env.Setenv("MLP_TEST_PYTHON", os.Getenv("MLP_TEST_PYTHON"))
	env.Setenv("MLP_PYTHON", os.Getenv("MLP_TEST_PYTHON"))
	env.Setenv("MLP_PYTHON_TENSORFLOW", os.Getenv("MLP_TEST_TENSORFLOW"))
	env.Setenv("MLP_SPARK_PYTHON", os.Getenv("MLP_TEST_SPARK_PYTHON"))
	for _, v := range append(s3test.Environ(), [2]string{"AWS_ENDPOINT_URL_S3", os.Getenv("AWS_ENDPOINT_URL_S3")}) {
		env.Setenv(v[0], v[1])
	}
	return nil
}

func scriptCondition(name string) (bool, error) {
	switch name {
	case "python":
		return os.Getenv("MLP_TEST_PYTHON") != "", nil
	case "tensorflow":
		return os.Getenv("MLP_TEST_TENSORFLOW") != "", nil
	case "spark":
		return os.Getenv("MLP_TEST_SPARK_PYTHON") != "", nil
	case "s3":
		return s3test.Available(), nil
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
