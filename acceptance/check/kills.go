package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/store/filestore"
)

// killRounds is how often a command is killed.
const killRounds = 50

// writing is a command line that changes something, and how long it took
// undisturbed.
type writing struct {
	args []string
	took time.Duration
}

// writes reports whether a command changes something that must survive.
func writes(args []string) bool {
	switch args[0] {
	case "apply", "pull":
		return true
	case "dataset", "feedback":
		return args[1] == "add"
	}
	return false
}

// killer ends commands with SIGKILL at random moments before they may finish.
type killer struct {
	undisturbed []writing // in the order in which they ran
	next        int
	each, more  int // kills a command, and more for each apply
	random      *rand.Rand
	killed      int
}

func newKiller(undisturbed []writing) *killer {
	applies := 0
	for _, w := range undisturbed {
		if w.args[0] == "apply" && w.took > time.Second {
			applies++
		}
	}
	rest := killRounds - len(undisturbed)
	return &killer{undisturbed: undisturbed, each: 1, more: (rest + applies - 1) / max(applies, 1), random: rand.New(rand.NewPCG(7, 50))}
}

// kill runs a command several times for a random part of the time that it
// takes, and reports whether it finished all the same.
func (k *killer) kill(start func() *exec.Cmd) (finished bool, err error) {
	w := k.undisturbed[k.next]
	k.next++
	rounds := k.each
	if w.args[0] == "apply" && w.took > time.Second {
		rounds += k.more
	}
	for range rounds {
		cmd := start()
		cmd.WaitDelay = 10 * time.Second
		if err := cmd.Start(); err != nil {
			return false, err
		}
		// A part of what it takes: it is at work then, and the next kill comes
		// where this one led to.
		part := int64(w.took) / int64(max(4, rounds))
		timer := time.AfterFunc(time.Duration(k.random.Int64N(part+1)), func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		timer.Stop()
		var exit *exec.ExitError
		switch {
		case err == nil:
			return true, nil
		case errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL:
			k.killed++
		default:
			return false, fmt.Errorf("mlp %s, after a kill: %w", strings.Join(w.args, " "), err)
		}
	}
	return false, nil
}

// kills runs every step again in a project and a site of its own, each command
// that writes killed at random moments first. The plain re-runs must end with
// the same keys and releases.
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
	for _, step := range []func(context.Context) error{again.build, again.apply, again.verify, again.again, again.site, again.compare, again.change, again.feedback} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("disturbed: %w", err)
		}
	}
	want, err := left(ctx, c.project)
	if err != nil {
		return err
	}
	got, err := left(ctx, again.project)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			return fmt.Errorf("after kills %s is not what an undisturbed run leaves:\n%s\n%s", name, got[name], want[name])
		}
	}
	if len(got) != len(want) {
		return fmt.Errorf("after kills the store has %d entries, %d after an undisturbed run", len(got), len(want))
	}
	fmt.Printf("kills: %d commands died by SIGKILL, %d were meant to; the plain re-runs left the same %d entries and releases\n", again.killer.killed, killRounds, len(got))
	return nil
}

// left returns what a project's store holds: entries of the index by name, and
// releases without what depends on when they were made.
func left(ctx context.Context, project string) (map[string]string, error) {
	s, err := filestore.Open(filepath.Join(project, ".mlp", "store"))
	if err != nil {
		return nil, err
	}
	list, err := s.List(ctx, "")
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, name := range list {
		data, err := s.Read(ctx, name)
		if err != nil {
			return nil, err
		}
		parts := strings.Split(name, "/")
		switch parts[0] {
		case "log":
			out[name], err = releaseText(data)
		case "index":
			out[name], err = entryText(parts[1], data)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return out, nil
}

func releaseText(data []byte) (string, error) {
	payload, err := dsse.Unverified(data, dsse.InToto)
	if err != nil {
		return "", err
	}
	r, err := release.Decode(payload)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(r.Models)
	return string(text), err
}

// entryText leaves out which files columns lie in, as a run that finishes
// another one computes fewer columns at a time, and by which name people know
// rows that several datasets share.
func entryText(kind string, data []byte) (string, error) {
	payload, err := dsse.Unverified(data, "application/vnd.mlp.index."+kind+".v1+json")
	if err != nil {
		return "", err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(payload, &fields); err != nil {
		return "", err
	}
	delete(fields, "files")
	delete(fields, "frame")
	text, err := json.Marshal(fields)
	return string(text), err
}
