package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/pull"
	"github.com/mlpdev/mlp/pkg/run/runtest"
	"github.com/mlpdev/mlp/pkg/store/filestore"
)

// killRounds is how many commands must die at least.
const killRounds = 50

// writing is a command line that changes something, and how long it took
// undisturbed, at its work alone: other programs may have kept it waiting.
type writing struct {
	args    []string
	took    time.Duration
	applied bool // an apply that had something to do
}

// verb names the command of a command line that changes something that must
// survive; "" is one that only reads.
func verb(args []string) string {
	two := strings.Join(args[:min(2, len(args))], " ")
	switch {
	case args[0] == "apply" || args[0] == "pull":
		return args[0]
	case args[0] == "score" && slices.Contains(args, "--state"):
		return args[0]
	case two == "dataset add" || two == "feedback add" || two == "env export":
		return two
	}
	return ""
}

// killer ends commands with SIGKILL at random moments before they may finish.
type killer struct {
	undisturbed []writing // in the order in which they ran
	next        int
	rounds      map[string]int // how often a command dies, by its verb
	random      *rand.Rand
	killed      map[string]int // by verb
}

// newKiller kills applies, which do most, as often as makes up for what dies
// once, and some more: a command may finish before its time has come.
func newKiller(undisturbed []writing) *killer {
	k := &killer{undisturbed: undisturbed, random: rand.New(rand.NewPCG(7, 50)), killed: map[string]int{},
		rounds: map[string]int{"dataset add": 1, "feedback add": 3, "env export": 2, "pull": 3, "score": 4}}
	left, applies := killRounds+10, 0
	for _, w := range undisturbed {
		left -= k.rounds[verb(w.args)]
		if w.applied {
			applies++
		}
	}
	k.rounds["apply"] = max(3, (left+applies-1)/max(applies, 1))
	return k
}

// kill runs a command several times for a random part of the time that it
// takes, until it finishes all the same, and returns what it wrote on the way.
func (k *killer) kill(start func() *exec.Cmd) (out []byte, finished bool, err error) {
	w := k.undisturbed[k.next]
	k.next++
	rounds := k.rounds[verb(w.args)]
	if verb(w.args) == "apply" && !w.applied {
		rounds = 1
	}
	for round := range rounds {
		// What one that was killed did, the next one need not do: of a long
		// command each gets a part. Others get more from kill to kill.
		part := int64(w.took) / int64(rounds)
		if !w.applied {
			part *= int64(round + 1)
		}
		var stdout bytes.Buffer
		cmd := start()
		cmd.Stdout = &stdout
		killed, err := runtest.Kill(cmd, time.Duration(k.random.Int64N(part+1)))
		if err != nil {
			return nil, false, fmt.Errorf("mlp %s, after a kill: %w", strings.Join(w.args, " "), err)
		}
		out = append(out, stdout.Bytes()[:bytes.LastIndexByte(stdout.Bytes(), '\n')+1]...)
		if !killed {
			return out, true, nil
		}
		k.killed[verb(w.args)]++
	}
	return out, false, nil
}

// died says how many commands died, and refuses too few.
func (k *killer) died() (string, error) {
	var parts []string
	sum := 0
	for _, name := range slices.Sorted(maps.Keys(k.rounds)) {
		sum += k.killed[name]
		parts = append(parts, fmt.Sprintf("%d %s", k.killed[name], name))
	}
	out := fmt.Sprintf("%d commands died by SIGKILL (%s)", sum, strings.Join(parts, ", "))
	for name := range k.rounds {
		if k.killed[name] == 0 || sum < killRounds {
			return "", fmt.Errorf("%s: each kind has to, and %d in all", out, killRounds)
		}
	}
	return out, nil
}

// kills runs every step again in a project and a site of its own, each command
// that writes killed at random moments first. The plain re-runs must end with
// the same keys, releases, alerts and state.
func (c *check) kills(ctx context.Context) error {
	again := &check{mlp: c.mlp, specs: c.specs, data: c.data, config: c.config, quiet: true}
	again.dir = filepath.Join(c.dir, "disturbed")
	again.project = filepath.Join(again.dir, "acceptance")
	if err := os.MkdirAll(again.dir, 0o755); err != nil {
		return err
	}
	if err := errors.Join(again.readGolden(), again.index()); err != nil {
		return err
	}
	again.killer = newKiller(c.written)
	for _, step := range []func(context.Context) error{again.build, again.apply, again.verify, again.again, again.site, again.compare, again.change, again.feedback, again.state} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("disturbed: %w", err)
		}
	}
	want, err := c.left(ctx)
	if err != nil {
		return err
	}
	got, err := again.left(ctx)
	if err != nil {
		return err
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("kills changed what is left (-undisturbed +disturbed):\n%s", diff)
	}
	died, err := again.killer.died()
	if err != nil {
		return err
	}
	fmt.Printf("kills: %s, at least %d had to; the plain re-runs left the same %d entries, %d releases, %d alerts and state\n",
		died, killRounds, len(got.Entries), len(got.Releases), len(got.Alerts))
	return nil
}

// left is what the steps left behind: in the store, in the datasets, and at the
// site.
type left struct {
	Entries  map[string]map[string]string
	Releases []string // their models, as the rest names a project's key
	Datasets map[string]string
	Site     string // models of the release that runs
	State    string
	Alerts   []string
}

func (c *check) left(ctx context.Context) (*left, error) {
	s, err := filestore.Open(filepath.Join(c.project, ".mlp", "store"))
	if err != nil {
		return nil, err
	}
	made, err := runtest.Read(ctx, s)
	if err != nil {
		return nil, err
	}
	out := &left{Entries: made.Entries, Datasets: map[string]string{}, Alerts: c.alerts}
	for _, e := range out.Entries {
		delete(e, "frame") // the name by which people know rows that several datasets share
	}
	for _, r := range made.Releases {
		text, err := json.Marshal(r.Models)
		if err != nil {
			return nil, err
		}
		out.Releases = append(out.Releases, string(text))
	}
	active, err := pull.Current(filepath.Join(c.dir, "site"))
	if err != nil {
		return nil, err
	}
	site, err := json.Marshal(active.Record.Models)
	if err != nil {
		return nil, err
	}
	state, err := os.ReadFile(filepath.Join(c.dir, "state", "zeek_conn.state.json"))
	if err != nil {
		return nil, err
	}
	out.Site, out.State = string(site), string(state)
	return out, c.datasets(out.Datasets)
}

// datasets reads the project's datasets, by their files.
func (c *check) datasets(into map[string]string) error {
	root := os.DirFS(c.project)
	names, err := fs.Glob(root, "datasets/*/dataset.textproto")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		into[name] = timeless(text)
	}
	return nil
}
