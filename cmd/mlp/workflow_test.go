package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mlpdev/mlp/pkg/github"
	"github.com/mlpdev/mlp/pkg/scaffold"
)

// tool returns the program that an environment variable names; where it names
// none the test is skipped.
func tool(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skipf("%s names no program: make test sets it", variable)
	}
	return path
}

// workflowDirs are the workflows that we answer for: of a new project, and of
// this repository.
func workflowDirs(t *testing.T) []string {
	t.Helper()
	made := t.TempDir()
	files, err := scaffold.Workflows("v0.1.0", "main")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := writeNew(made, name, text); err != nil {
			t.Fatal(err)
		}
	}
	here, err := filepath.Abs("../../.github/workflows")
	if err != nil {
		t.Fatal(err)
	}
	return []string{filepath.Join(made, scaffold.WorkflowDir), here}
}

// Both linters are needed: each finds what the other does not look for.
func TestWorkflowsAreClean(t *testing.T) {
	t.Parallel()
	actionlint, zizmor := tool(t, "MLP_TEST_ACTIONLINT"), tool(t, "MLP_TEST_ZIZMOR")
	for _, dir := range workflowDirs(t) {
		files, err := filepath.Glob(filepath.Join(dir, "*.yml"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, cmd := range []*exec.Cmd{exec.Command(actionlint, files...), exec.Command(zizmor, append([]string{"--offline", "--no-progress"}, files...)...)} {
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", filepath.Base(cmd.Path), err, out)
			}
		}
	}
}

// What the linters do not say: every action is pinned, nothing is granted to
// all jobs, secrets are where releases are signed and nowhere else.
func TestWorkflowsAreSafe(t *testing.T) {
	for _, dir := range workflowDirs(t) {
		files, _ := filepath.Glob(filepath.Join(dir, "*.yml"))
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text, name := string(data), filepath.Base(file)
			for _, uses := range regexp.MustCompile(`uses: (.*)`).FindAllStringSubmatch(text, -1) {
				if !regexp.MustCompile(`^[\w.-]+/[\w.-]+@[0-9a-f]{40} # v[0-9.]+$`).MatchString(uses[1]) {
					t.Errorf("%s uses %s", name, uses[1])
				}
			}
			for _, want := range []string{"\npermissions: {}\n", "\nconcurrency:\n", "timeout-minutes: ", "persist-credentials: false"} {
				if !strings.Contains(text, want) {
					t.Errorf("%s has no %q", name, want)
				}
			}
			if strings.Contains(text, "pull_request_target") || strings.Contains(text, "workflow_run") {
				t.Errorf("%s runs with rights that a fork must not have", name)
			}
			if onPulls := strings.Contains(text, "pull_request:"); onPulls && strings.Contains(text, "secrets.") {
				t.Errorf("%s hands a secret to a pull request", name)
			}
		}
	}
}

// The plan of this repository's example runs as that of a new project does,
// but for where mlp comes from.
func TestOwnWorkflowFollows(t *testing.T) {
	dirs := workflowDirs(t)
	var checks []string
	for _, dir := range dirs {
		text, err := os.ReadFile(filepath.Join(dir, "mlp-plan.yml"))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, ok := strings.Cut(string(text), "      - name: Check the specs\n")
		if !ok {
			t.Fatalf("%s does not check the specs", dir)
		}
		checks = append(checks, rest)
	}
	if checks[0] != checks[1] {
		t.Errorf("the steps differ:\n%s\n%s", checks[0], checks[1])
	}
}

// forge stands in for GitHub where the network would begin.
type forge struct {
	*httptest.Server
	sync.Mutex
	comments map[string][]map[string]any // by the number of a pull request
	merged   map[string]string           // answer to commits/SHA/pulls
	writes   []string
}

func newForge(t *testing.T) *forge {
	f := &forge{comments: map[string][]map[string]any{}, merged: map[string]string{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *forge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.Lock()
	defer f.Unlock()
	if r.Header.Get("Authorization") != "Bearer job-token" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.Method != http.MethodGet {
		f.writes = append(f.writes, r.Method)
	}
	var body struct{ Body string }
	_ = json.NewDecoder(r.Body).Decode(&body)
	part := strings.Split(strings.TrimPrefix(r.URL.Path, "/repos/acme/detect/"), "/")
	switch {
	case r.Method == http.MethodGet && part[0] == "issues":
		_ = json.NewEncoder(w).Encode(append([]map[string]any{}, f.comments[part[1]]...))
	case r.Method == http.MethodPost && part[0] == "issues":
		f.comments[part[1]] = append(f.comments[part[1]], map[string]any{"id": 100 + len(f.writes), "body": body.Body, "user": map[string]string{"login": github.Bot}})
		w.WriteHeader(http.StatusCreated)
	case r.Method == http.MethodPatch && part[0] == "issues":
		for _, list := range f.comments {
			for _, c := range list {
				if fmt.Sprint(c["id"]) == part[2] {
					c["body"] = body.Body
				}
			}
		}
	case part[0] == "commits":
		answer := f.merged[part[1]]
		if answer == "" {
			answer = "[]"
		}
		fmt.Fprint(w, answer)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// body returns the one comment of a pull request.
func (f *forge) body(t *testing.T, pull string) string {
	t.Helper()
	f.Lock()
	defer f.Unlock()
	if len(f.comments[pull]) != 1 {
		t.Fatalf("%d comments on #%s, want 1", len(f.comments[pull]), pull)
	}
	return fmt.Sprint(f.comments[pull][0]["body"])
}

// hosted is a project in a Git repository, and act, which runs its workflows.
type hosted struct {
	*testing.T
	forge     *forge
	dir, repo string
	act       []string
	env       []string
}

func newHosted(t *testing.T) *hosted {
	act := tool(t, "MLP_TEST_ACT")
	python := tool(t, "MLP_TEST_PYTHON")
	w := &hosted{T: t, forge: newForge(t), dir: t.TempDir()}
	w.repo = filepath.Join(w.dir, "detect")
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"} {
		w.env = append(w.env, name+"="+filepath.Join(w.dir, "user", name))
	}
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		w.env = append(w.env, "GIT_"+who+"_NAME=Alice", "GIT_"+who+"_EMAIL=alice@example.com")
	}
	w.env = append(w.env, "PATH="+os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "MLP_CACHE_DIR="+filepath.Join(w.dir, "cache"))
	w.act = []string{act, "-P", "ubuntu-24.04=-self-hosted", "--pull=false", "--action-cache-path", filepath.Join(w.dir, "actions"),
		"-s", "GITHUB_TOKEN=job-token", "--env", "GITHUB_API_URL=" + w.forge.URL, "--env", "MLP_PYTHON=" + python}
	// Raw logs are in the store that jobs get.
	store := "file:" + filepath.Join(w.dir, "store")
	w.act = append(w.act, "--var", "MLP_STORE="+store)
	w.env = append(w.env, "MLP_STORE="+store)
	w.run(w.dir, "mlp", "init", "detect", "--no-git", "--example", "scan")
	w.env = w.env[:len(w.env)-1]
	w.git("init", "-q", "-b", "main")
	w.git("remote", "add", "origin", "https://github.com/acme/detect.git")
	w.commit("start")
	w.stubs()
	return w
}

// stubs stands in for the actions that a workflow uses, but for the checkout,
// in whose place act copies the tree: mlp is on the PATH already.
func (w *hosted) stubs() {
	w.Helper()
	const stub = "name: stub\ndescription: nothing\noutputs: { cache-hit: { value: 'true' } }\nruns: { using: composite, steps: [{ run: 'true', shell: bash }] }\n"
	files, _ := filepath.Glob(filepath.Join(w.repo, scaffold.WorkflowDir, "*.yml"))
	seen := map[string]bool{"actions/checkout": true}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			w.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`uses: ([\w/-]+)@(\w+)`).FindAllStringSubmatch(string(text), -1) {
			if seen[m[1]] {
				continue
			}
			seen[m[1]] = true
			dir := filepath.Join(w.dir, "stubs", filepath.Base(m[1]))
			if err := writeNew(dir, "action.yml", []byte(stub)); err != nil {
				w.Fatal(err)
			}
			w.act = append(w.act, "--local-repository", m[1]+"@"+m[2]+"="+dir)
		}
	}
}

func (w *hosted) run(dir, name string, args ...string) string {
	w.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, w.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (w *hosted) git(args ...string) string { w.Helper(); return w.run(w.repo, "git", args...) }

func (w *hosted) commit(message string) string {
	w.Helper()
	w.git("add", "-A")
	w.git("commit", "-q", "-m", message)
	return w.git("rev-parse", "HEAD")
}

// edit changes a definition of a feature.
func (w *hosted) edit(old, new string) {
	w.Helper()
	path := filepath.Join(w.repo, "specs/features/conn_row.textproto")
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), old) != 1 {
		w.Fatalf("%q is not there once: %v", old, err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o644); err != nil {
		w.Fatal(err)
	}
}

// job runs a workflow as for an event and returns what it printed, and whether
// it succeeded.
func (w *hosted) job(workflow, event string, payload any, args ...string) (string, bool) {
	w.Helper()
	file := filepath.Join(w.dir, "event.json")
	data, err := json.Marshal(payload)
	if err == nil {
		err = os.WriteFile(file, data, 0o644)
	}
	if err != nil {
		w.Fatal(err)
	}
	line := slices.Concat(w.act[1:], []string{event, "-W", scaffold.WorkflowDir + "/" + workflow, "-e", file}, args)
	cmd := exec.Command(w.act[0], line...)
	cmd.Dir, cmd.Env = w.repo, w.env
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// pull merges a branch as GitHub does for a look at it, and runs the plan.
func (w *hosted) pull(number int, branch, from string) (out string, ok bool) {
	w.Helper()
	w.git("checkout", "-q", "--detach", "main")
	w.git("merge", "-q", "--no-ff", "-m", "look", branch)
	defer w.git("checkout", "-q", "main")
	side := func(rev, repo string) map[string]any {
		return map[string]any{"sha": w.git("rev-parse", rev), "ref": rev, "repo": map[string]string{"full_name": repo}}
	}
	return w.job("mlp-plan.yml", "pull_request", map[string]any{"number": number, "action": "synchronize",
		"pull_request": map[string]any{"number": number, "head": side(branch, from), "base": side("main", "acme/detect")}})
}

// merge merges a branch into main and runs the apply.
func (w *hosted) merge(number int, branch string, edit func()) (out string, ok bool) {
	w.Helper()
	before, head := w.git("rev-parse", "main"), w.git("rev-parse", branch)
	w.git("merge", "-q", "--no-ff", "-m", "Merge pull request", branch)
	if edit != nil {
		edit()
		w.git("commit", "-q", "-a", "--amend", "--no-edit")
	}
	after := w.git("rev-parse", "main")
	w.forge.merged[after] = fmt.Sprintf(`[{"number":%d,"merged_at":"2026-01-12T08:00:00Z","head":{"sha":%q},"base":{"ref":"main"}}]`, number, head)
	return w.apply("push", map[string]any{"before": before, "after": after, "ref": "refs/heads/main"})
}

const signingKey = "MLP_SIGNING_KEY"

func (w *hosted) apply(event string, payload any, args ...string) (string, bool) {
	w.Helper()
	key, err := os.ReadFile(filepath.Join(w.dir, "user/XDG_CONFIG_HOME/mlp/keys/dev.pem"))
	if err != nil {
		w.Fatal(err)
	}
	secrets := filepath.Join(w.dir, "secrets")
	if err := os.WriteFile(secrets, []byte(fmt.Sprintf("%s=%q\n", signingKey, key)), 0o600); err != nil {
		w.Fatal(err)
	}
	return w.job("mlp-apply.yml", event, payload, append(args, "--secret-file", secrets)...)
}

// releases returns the numbers of the releases in the store.
func (w *hosted) releases() int {
	found, _ := filepath.Glob(filepath.Join(w.dir, "store/log/local/*"))
	return len(found)
}

func (w *hosted) must(out string, ok bool, texts ...string) {
	w.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			w.Errorf("nothing says %q", text)
			ok = false
		}
	}
	if !ok {
		w.Fatalf("the job:\n%s", out)
	}
}

func (w *hosted) mustFail(out string, ok bool, texts ...string) {
	w.Helper()
	w.must(out, !ok, texts...)
}

// TestWorkflows runs the workflows of a new project through what happens to it.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	w := newHosted(t)

	// A pull request: one comment, which later commits update.
	w.git("checkout", "-q", "-b", "first")
	w.edit("dport < 1024", "dport <= 1024")
	w.commit("edit")
	out, ok := w.pull(7, "first", "acme/detect")
	w.must(out, ok, "Commented on pull request #7: 1 model retrains · 1 column · 1 of 1 environment",
		"::notice file=specs/features/conn_row.textproto,line=16,", "Planned without a store")
	one := w.forge.body(t, "7")
	w.git("checkout", "-q", "first")
	w.edit("dport <= 1024", "dport < 2048")
	head := w.commit("edit again")
	out, ok = w.pull(7, "first", "acme/detect")
	w.must(out, ok, "Updated the comment on pull request #7")
	two := w.forge.body(t, "7")
	marker, ok := github.ParseMarker(two)
	if one == two || !ok || marker.Head != head || !strings.Contains(two, "+ dport < 2048") {
		t.Errorf("the comment after the update:\n%s", two)
	}
	if got := strings.Join(w.forge.writes, " "); got != "POST PATCH" {
		t.Errorf("%s were sent, want one POST and one PATCH", got)
	}

	// Merged as reviewed: applied, with the key that signs.
	out, ok = w.merge(7, "first", nil)
	w.must(out, ok, "Released local#1: scan_conn, scan_src", marker.Plan.String())
	// Once a week the same again: nothing is left to do.
	out, ok = w.apply("schedule", map[string]any{})
	w.must(out, ok, "Nothing to do: ")

	// Merged as something else than reviewed: refused, and nothing is released.
	w.git("checkout", "-q", "-b", "second")
	w.edit("proto = 'udp'", "proto IN ('udp', 'icmp')")
	w.commit("edit")
	out, ok = w.pull(8, "second", "acme/detect")
	w.must(out, ok, "Commented on pull request #8")
	out, ok = w.merge(8, "second", func() { w.edit("service IS NULL", "service IS NULL OR service = ''") })
	w.mustFail(out, ok, "exit status 3", "error: the plan is sha256:")
	// So it stays, whoever asks, until somebody looked at this plan.
	out, ok = w.apply("schedule", map[string]any{})
	w.mustFail(out, ok, "exit status 3")
	if n := w.releases(); n != 1 {
		t.Fatalf("%d releases, want 1", n)
	}
	looked := regexp.MustCompile(`environments?; (sha256:[0-9a-f]{64})`).FindStringSubmatch(out)
	if looked == nil {
		t.Fatalf("the plan was not shown:\n%s", out)
	}
	inputs := map[string]any{"inputs": map[string]string{"plan-digest": looked[1]}}
	out, ok = w.apply("workflow_dispatch", inputs, "--input", "plan-digest="+looked[1])
	w.must(out, ok, "Released local#2: ")

	// What came by no pull request is not applied either.
	before := w.git("rev-parse", "main")
	w.edit("dport < 2048", "dport < 512")
	after := w.commit("straight to main")
	out, ok = w.apply("push", map[string]any{"before": before, "after": after, "ref": "refs/heads/main"})
	w.mustFail(out, ok, "exit status 3", "it came by no pull request into main")
	if n := w.releases(); n != 2 {
		t.Errorf("%d releases, want 2", n)
	}
}

// A fork sees what its change would do, and gets neither secret nor comment. So
// does a project with mistakes, at their places.
func TestWorkflowOfFork(t *testing.T) {
	t.Parallel()
	w := newHosted(t)
	w.act = append(w.act, "-s", signingKey+"=do-not-show")
	w.git("checkout", "-q", "-b", "fork")
	w.edit("dport < 1024", "dport <= 1024")
	// Whatever a fork writes into the workflow is its own: here, to look for
	// secrets.
	path := filepath.Join(w.repo, scaffold.WorkflowDir, "mlp-plan.yml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	spying := strings.Replace(string(text), "      - name: Check the specs\n", "      - run: env | cut -d= -f1 | sort | sed 's/^/variable /'\n      - name: Check the specs\n", 1)
	if err := os.WriteFile(path, []byte(spying), 0o644); err != nil {
		t.Fatal(err)
	}
	w.commit("edit")
	out, ok := w.pull(9, "fork", "eve/detect")
	w.must(out, ok, "variable PATH", "### mlp plan: 1 model retrains · 1 column · 1 of 1 environment", "Job succeeded")
	for _, leak := range []string{"variable " + signingKey, "variable GITHUB_TOKEN", "do-not-show", "pull request #9"} {
		if strings.Contains(out, leak) {
			t.Errorf("the job of a fork shows %q", leak)
		}
	}
	if n := len(w.forge.writes) + len(w.forge.comments); n != 0 {
		t.Errorf("%d calls were made for a fork", n)
	}

	w.git("checkout", "-q", "-b", "broken", "main")
	w.edit("dport < 1024", "dprt < 1024")
	w.commit("edit")
	out, ok = w.pull(10, "broken", "acme/detect")
	w.mustFail(out, ok, "::error file=specs/features/conn_row.textproto,line=16,", "title=unknown-column::", "exit status 1")
	if len(w.forge.comments) != 0 {
		t.Error("there is a comment without a plan")
	}
}
