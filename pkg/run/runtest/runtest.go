// Package runtest ends commands in the middle of their work, and compares what
// is left.
package runtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/store"
)

// Kill runs a command for so long at most, then ends it with SIGKILL, and
// reports whether it was still at work. Its error is that of a command that
// failed by itself.
func Kill(cmd *exec.Cmd, after time.Duration) (killed bool, err error) {
	// What a killed command leaves running must not keep us waiting.
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		return false, err
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	err = cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return true, nil
	}
	return false, err
}

// Made is what applying left in a store.
type Made struct {
	// Entries are those of the index by name, each with the JSON of its members.
	// Which files columns lie in is left out: a run that finishes another one
	// computes fewer columns at a time.
	Entries map[string]map[string]string
	// Releases are the channels' records, but for the times at which they were
	// made.
	Releases []release.Record
}

// Read reads what applying left in a store.
func Read(ctx context.Context, s store.Store) (Made, error) {
	out := Made{Entries: map[string]map[string]string{}}
	list, err := s.List(ctx, "")
	if err != nil {
		return out, err
	}
	for _, name := range list {
		data, err := s.Read(ctx, name)
		if err != nil {
			return out, err
		}
		if err := out.add(name, data); err != nil {
			return out, fmt.Errorf("%s: %w", name, err)
		}
	}
	return out, nil
}

func (m *Made) add(name string, data []byte) error {
	parts := strings.Split(name, "/")
	switch parts[0] {
	case "log":
		payload, err := dsse.Unverified(data, dsse.InToto)
		if err != nil {
			return err
		}
		r, err := release.Decode(payload)
		r.Created = time.Time{}
		m.Releases = append(m.Releases, r)
		return err
	case "index":
		payload, err := dsse.Unverified(data, "application/vnd.mlp.index."+parts[1]+".v1+json")
		if err != nil {
			return err
		}
		var fields map[string]json.RawMessage
		err = json.Unmarshal(payload, &fields)
		delete(fields, "files")
		m.Entries[name] = map[string]string{}
		for member, text := range fields {
			m.Entries[name][member] = string(text)
		}
		return err
	}
	return nil
}
