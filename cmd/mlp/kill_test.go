package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/pull"
	"github.com/mlpdev/mlp/pkg/run/runtest"
	"github.com/mlpdev/mlp/pkg/scaffold"
	"github.com/mlpdev/mlp/pkg/store/filestore"
)

// workshop is a small project on disk, not applied, and the environment that
// commands run in. Its commands are processes of this test's binary.
type workshop struct {
	dir, project string
	env          []string
}

func newWorkshop(t *testing.T) workshop {
	t.Helper()
	if os.Getenv("MLP_TEST_PYTHON") == "" {
		t.Skip("MLP_TEST_PYTHON names no Python with the packages of trainers/sklearn/requirements.lock")
	}
	dir := t.TempDir()
	w := workshop{dir: dir, project: filepath.Join(dir, "project")}
	w.env = append(os.Environ(), "XDG_CONFIG_HOME="+filepath.Join(dir, "config"), "MLP_USER=test", "TMPDIR="+dir)
	w.must(t, "init", "project", "--empty", "--no-git")
	for _, d := range []string{"specs/parsers", "specs/features"} {
		must(t, writeSpecs(w.project, aboutScans, d))
	}
	for i, name := range []string{"day1", "day2"} {
		w.log(t, name+".log", uint64(i+1), 400)
		args := []string{"--chdir", w.project, "dataset", "add", "inbound_scan", filepath.Join(w.dir, name+".log"), "--parser", "zeek_conn", "--label-expr", scaffold.Label, "--shareable"}
		if i == 1 {
			args = append(args, "--test")
		}
		w.must(t, args...)
	}
	for _, d := range []string{"specs/models", "specs/environments"} {
		must(t, writeSpecs(w.project, aboutScans, d))
	}
	// On few rows the false-positive rate cannot be judged.
	w.edit(t, "specs/models/scan_conn.textproto", "max_fpr: 0.03", "")
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// log writes a labelled log beside the project.
func (w workshop) log(t *testing.T, name string, seed uint64, records int) {
	t.Helper()
	log := scaffold.Log{Seed: seed, Start: time.Date(2026, 1, int(seed), 8, 0, 0, 0, time.UTC), Records: records, Scanners: 8, Labelled: true}
	must(t, os.WriteFile(filepath.Join(w.dir, name), log.Bytes(), 0o644))
}

func (w workshop) edit(t *testing.T, name, old, new string) {
	t.Helper()
	path := filepath.Join(w.project, name)
	text, err := os.ReadFile(path)
	must(t, err)
	if strings.Count(string(text), old) != 1 {
		t.Fatalf("%s has %q %d times, want once", name, old, strings.Count(string(text), old))
	}
	must(t, os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o644))
}

// copied returns the workshop with a copy of the project.
func (w workshop) copied(t *testing.T) workshop {
	t.Helper()
	dir, err := os.MkdirTemp(w.dir, "copy-*")
	must(t, err)
	from := w.project
	w.project = filepath.Join(dir, "project")
	must(t, os.CopyFS(w.project, os.DirFS(from)))
	return w
}

// command is one that runs in the workshop's directory.
func (w workshop) command(args ...string) *exec.Cmd {
	cmd := exec.Command("mlp", args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	return cmd
}

func (w workshop) must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := w.command(args...).CombinedOutput()
	if err != nil {
		t.Fatalf("mlp %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// took runs a command and returns how long it took.
func (w workshop) took(t *testing.T, args ...string) time.Duration {
	t.Helper()
	start := time.Now()
	w.must(t, args...)
	return time.Since(start)
}

// kill runs a command for so long at most, then ends it with SIGKILL, and
// reports whether it was still at work.
func (w workshop) kill(t *testing.T, after time.Duration, args ...string) bool {
	t.Helper()
	var out bytes.Buffer
	cmd := w.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	killed, err := runtest.Kill(cmd, after)
	if err != nil {
		t.Fatalf("mlp %s: %v\n%s", strings.Join(args, " "), err, &out)
	}
	return killed
}

// made is what applying left in the store.
func (w workshop) made(t *testing.T) runtest.Made {
	t.Helper()
	s, err := filestore.Open(filepath.Join(w.project, ".mlp/store"))
	must(t, err)
	out, err := runtest.Read(t.Context(), s)
	must(t, err)
	return out
}

// rounds is how often a command is killed: few times here, more where
// MLP_TEST_KILLS says so.
func rounds(t *testing.T, few int) int {
	t.Helper()
	text := os.Getenv("MLP_TEST_KILLS")
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

// TestKillApply kills runs at random moments, four before each that may
// finish: what is in the store is then what an undisturbed run leaves.
func TestKillApply(t *testing.T) {
	w := newWorkshop(t)
	whole := w.copied(t)
	took := whole.took(t, "--chdir", whole.project, "apply")
	want := whole.made(t)
	if len(want.Releases) != 1 || len(want.Releases[0].Models) != 2 {
		t.Fatalf("an undisturbed run makes %d releases", len(want.Releases))
	}
	killed := 0
	for round := range rounds(t, 12) / 4 {
		random := rand.New(rand.NewPCG(uint64(round), 17))
		c := w.copied(t)
		for range 4 {
			// Half of what the first run took: later ones find caches warm.
			if c.kill(t, time.Duration(random.Int64N(int64(took)/2)), "--chdir", c.project, "apply") {
				killed++
			}
		}
		c.must(t, "--chdir", c.project, "apply")
		if diff := cmp.Diff(want, c.made(t)); diff != "" {
			t.Errorf("round %d (-undisturbed +finished):\n%s", round, diff)
		}
		c.must(t, "--chdir", c.project, "verify")
		if out := c.must(t, "--chdir", c.project, "apply"); !strings.Contains(out, "Nothing to do") {
			t.Errorf("round %d: something is left to do: %s", round, out)
		}
		if left, err := filepath.Glob(filepath.Join(c.project, ".mlp/tmp/*/*")); err != nil || len(left) > 0 {
			t.Errorf("round %d: left behind: %q (%v)", round, left, err)
		}
	}
	if killed < 4 {
		t.Errorf("only %d runs were killed", killed)
	}
}

// TestInterruptApply ends runs with SIGINT, as a user at a terminal does: exit
// status 130, and the plain re-run finishes.
func TestInterruptApply(t *testing.T) {
	w := newWorkshop(t)
	whole := w.copied(t)
	took := whole.took(t, "--chdir", whole.project, "apply")
	want := whole.made(t)
	interrupted := 0
	for round := range 2 {
		c := w.copied(t)
		cmd := c.command("--chdir", c.project, "apply")
		stderr, err := cmd.StderrPipe()
		must(t, err)
		must(t, cmd.Start())
		// The first line of progress comes when signals are heeded already.
		lines := bufio.NewReader(stderr)
		first, err := lines.ReadString('\n')
		must(t, err)
		time.Sleep(time.Duration(round) * took / 2)
		must(t, cmd.Process.Signal(os.Interrupt))
		rest, err := io.ReadAll(lines)
		must(t, err)
		err = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code == statusInterrupted {
			interrupted++
		} else if err != nil {
			t.Errorf("round %d: exit status %d, want %d: %s%s", round, code, statusInterrupted, first, rest)
		}
		c.must(t, "--chdir", c.project, "apply")
		if diff := cmp.Diff(want, c.made(t)); diff != "" {
			t.Errorf("round %d (-undisturbed +finished):\n%s", round, diff)
		}
	}
	if interrupted == 0 {
		t.Error("no run was interrupted")
	}
}

// TestKillPull kills pulls: the site runs the old release or the new one, every
// file of it whole, and the plain re-run brings the new one.
func TestKillPull(t *testing.T) {
	w := newWorkshop(t)
	w.must(t, "--chdir", w.project, "apply")
	w.must(t, "--chdir", w.project, "env", "export", "lab", "--out", filepath.Join(w.dir, "site.textproto"))
	old := filepath.Join(w.dir, "old")
	w.must(t, "pull", "--config", "site.textproto", "--dir", old)
	w.edit(t, "specs/features/conn_row.textproto", "dport < 1024", "dport <= 1024")
	w.must(t, "--chdir", w.project, "apply")
	copySite := func(name string) string {
		dir := filepath.Join(w.dir, name)
		// A site has links, which os.CopyFS does not take.
		out, err := exec.Command("cp", "-a", old, dir).CombinedOutput()
		if err != nil {
			t.Fatalf("cp: %v: %s", err, out)
		}
		return dir
	}
	took := w.took(t, "pull", "--config", "site.textproto", "--dir", copySite("whole"))
	random := rand.New(rand.NewPCG(1, 2))
	running := map[int64]int{}
	for round := range rounds(t, 8) {
		dir := copySite(fmt.Sprintf("site-%d", round))
		w.kill(t, time.Duration(random.Int64N(int64(took))), "pull", "--config", "site.textproto", "--dir", dir)
		running[wantWhole(t, dir)]++
		w.must(t, "pull", "--config", "site.textproto", "--dir", dir)
		if n := wantWhole(t, dir); n != 2 {
			t.Errorf("round %d: release %d runs after the re-run, want 2", round, n)
		}
	}
	if running[1] == 0 {
		t.Errorf("no pull was killed before its switch: %v", running)
	}
}

// wantWhole checks every file of the release that a site runs, and returns its
// number.
func wantWhole(t *testing.T, dir string) int64 {
	t.Helper()
	active, err := pull.Current(dir)
	must(t, err)
	for _, a := range active.Record.Artifacts {
		data, err := os.ReadFile(filepath.Join(active.Dir, filepath.FromSlash(a.Name)))
		if err != nil || digest.Of(data) != a.Digest {
			t.Errorf("release %d: %s is not whole: %v", active.Number, a.Name, err)
		}
	}
	return active.Number
}

// TestKillDatasetAdd kills the adding of a log: the dataset is what it was, or
// has the whole contribution.
func TestKillDatasetAdd(t *testing.T) {
	w := newWorkshop(t)
	w.log(t, "day3.log", 3, 60_000)
	const spec = "datasets/inbound_scan/dataset.textproto"
	add := func(c workshop) []string {
		return []string{"--chdir", c.project, "dataset", "add", "inbound_scan", filepath.Join(c.dir, "day3.log"), "--parser", "zeek_conn", "--label", "attack"}
	}
	before, err := os.ReadFile(filepath.Join(w.project, spec))
	must(t, err)
	whole := w.copied(t)
	took := whole.took(t, add(whole)...)
	want := whole.dataset(t, spec)
	random := rand.New(rand.NewPCG(3, 4))
	killed := 0
	for round := range rounds(t, 12) {
		c := w.copied(t)
		if c.kill(t, time.Duration(random.Int64N(int64(took))), add(c)...) {
			killed++
		}
		text, err := os.ReadFile(filepath.Join(c.project, spec))
		must(t, err)
		if bytes.Equal(text, before) {
			c.must(t, add(c)...)
		}
		if diff := cmp.Diff(want, c.dataset(t, spec)); diff != "" {
			t.Errorf("round %d (-undisturbed +got):\n%s", round, diff)
		}
		c.must(t, "--chdir", c.project, "validate")
	}
	if killed == 0 {
		t.Error("nothing was killed")
	}
}

// dataset returns a dataset's spec without the times at which captures were
// added.
func (w workshop) dataset(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.project, name))
	must(t, err)
	var out strings.Builder
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(strings.TrimSpace(line), "added:") {
			out.WriteString(line)
		}
	}
	return out.String()
}
