package pull

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/store/disk"
)

// stage makes a release ready in a directory of its own, tests it there, and
// switches to it. Whatever fails, the directory goes and nothing has changed.
func (p *pull) stage(ctx context.Context, s selection, result *Result) (err error) {
	if err := p.step("stage"); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(p.Dir, staging)
	if err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	if err := p.fill(ctx, s, dir, result); err != nil {
		return err
	}
	if err := p.step("contract"); err != nil {
		return err
	}
	if err := checkContract(s.record, p.Chain, os.DirFS(filepath.Join(dir, release.Spec.Dir()))); err != nil {
		return err
	}
	if err := p.step("answers"); err != nil {
		return err
	}
	result.Answers, err = p.Chain.Answers(ctx, dir, s.record)
	switch sets := len(s.record.KnownAnswers); {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return found("known answers: %w", err)
	case result.Answers == 0 && sets > 0:
		return found("known answers: none of %d was checked", sets)
	}
	return p.switchTo(dir, s)
}

// fill writes everything that a release's directory holds, durably.
func (p *pull) fill(ctx context.Context, s selection, dir string, result *Result) error {
	if err := os.Chmod(dir, 0o755); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	for _, k := range []release.Kind{release.Spec, release.ModelFile, release.RuntimeFile, release.KnownAnswers} {
		if err := os.Mkdir(filepath.Join(dir, k.Dir()), 0o755); err != nil {
			return fmt.Errorf("stage: %w", err)
		}
	}
	if err := p.fetchAll(ctx, s, dir, result); err != nil {
		return err
	}
	if err := p.note(s, dir); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	if err := p.step("sync"); err != nil {
		return err
	}
	if err := syncTree(dir); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	return nil
}

// note writes the record and the site's state.
func (p *pull) note(s selection, dir string) error {
	if err := p.step("state"); err != nil {
		return err
	}
	previous := ""
	if p.running != nil {
		previous = filepath.Base(p.running.Dir)
	}
	text, err := json.Marshal(state{
		FormatVersion: 1, Number: s.entry.Record.Number, Digest: s.entry.Digest,
		Models: s.models(), Pulled: p.Now().UTC(), Previous: previous,
	})
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, envelopeFile), s.entry.Envelope); err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, stateFile), text)
}

// switchTo gives the staged release its place and makes it the running one, by
// a rename.
func (p *pull) switchTo(dir string, s selection) error {
	name := filepath.Join(releases, s.dirName()+s.again)
	place, next := filepath.Join(p.Dir, name), filepath.Join(p.Dir, nextLink)
	steps := []struct {
		name string
		do   func() error
	}{
		// What stands there is not the running release: that has another name.
		{"clear", func() error { return errors.Join(os.RemoveAll(place), removeLink(next)) }},
		{"place", func() error { return os.Rename(dir, place) }},
		{"sync releases", func() error { return disk.SyncDir(filepath.Dir(place)) }},
		{"link", func() error { return os.Symlink(name, next) }},
		{"switch", func() error { return os.Rename(next, filepath.Join(p.Dir, currentLink)) }},
		{"sync switch", func() error { return disk.SyncDir(p.Dir) }},
	}
	for _, step := range steps {
		err := p.step(step.name)
		if err == nil {
			err = step.do()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

// sweep removes what dead pulls left and all releases but the running one and
// the one before it. What it cannot remove does no harm and waits for the next
// pull.
func (p *pull) sweep() {
	if p.step("sweep") != nil {
		return
	}
	keep := map[string]bool{}
	active, err := Current(p.Dir)
	switch {
	case err == nil:
		keep[filepath.Base(active.Dir)], keep[active.previous] = true, true
	case !errors.Is(err, fs.ErrNotExist):
		return
	}
	stale := list(p.Dir, func(name string) bool { return strings.HasPrefix(name, staging) || name == nextLink })
	stale = append(stale, list(filepath.Join(p.Dir, releases), func(name string) bool { return !keep[name] })...)
	for _, path := range stale {
		if err := os.RemoveAll(path); err != nil {
			p.report("left behind: %v", err)
		}
	}
}

// list returns the paths in a directory whose names are wanted.
func list(dir string, wanted func(name string) bool) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var paths []string
	for _, e := range entries {
		if wanted(e.Name()) {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths
}

func removeLink(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncTree makes a directory's entries durable, and those of all below it.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		return disk.SyncDir(path)
	})
}

// writeFile writes a new file, durably but for its entry.
func writeFile(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o444)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
