// Package pull brings a site to the newest release of its channel: verify,
// stage, self-test, switch. A site has one binary and one site file; whatever
// goes wrong, the running release keeps running.
//
// A site's directory holds
//
//	current            a link to the running release, replaced in one rename
//	releases/N-DIGEST  a release: its artifacts under their names, the signed
//	                   record (release.json) and the site's state (state.json)
//	staging-…          a release that is being made ready
//	receipt.json       what the site last told the store
//	lock               keeps pulls apart
//
// State lies inside of what the rename switches, so that the two cannot
// differ. The running release and the one before it are kept.
package pull

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/disk"
)

// Options are what a pull needs.
type Options struct {
	Site *specpb.Site
	// Dir is the site's directory, made where it is missing.
	Dir   string
	Store store.Store
	Chain Chain
	// Now is the clock.
	Now func() time.Time
	// Report takes lines for people: what came, what is active. Nil drops them.
	Report func(line string)
	// Name is what the site is called in its receipt; empty: it leaves none.
	// Binary is the version of mlp that the receipt names.
	Name, Binary string
	// Note takes what did not work and does no harm. Nil drops it.
	Note func(line string)

	// before is called ahead of each step that changes something; its error
	// stops the pull there. Only tests set it.
	before func(step string) error
}

// Chain is this machine's own way from raw logs to scores.
type Chain interface {
	// Contract returns the node keys and function epochs that this binary
	// computes from a release's specs; specs is the root of the project.
	Contract(specs fs.FS) (map[string]digest.Digest, map[string]int, error)
	// Answers runs the known answers of a staged release, whose artifacts lie
	// in dir under their names, and returns how many it checked. The record's
	// models and known answers are those that the site selected. Any
	// difference is an error that names the first one. It leaves dir as it is.
	Answers(ctx context.Context, dir string, rec release.Record) (checked int, err error)
}

// Result says what a pull did.
type Result struct {
	Channel string
	// Before is the release that ran before, zero if there was none; Active
	// is the one that runs now.
	Before, Active release.Ref
	// Changed says whether the site runs something else than before.
	Changed bool
	// Signer is the name of the key that signed the active release.
	Signer string
	// Models counts the models that the site runs, ModelsFetched those of
	// them that came from the store.
	Models, ModelsFetched int
	// Fetched counts the artifacts that came from the store, Bytes their sizes.
	Fetched int
	Bytes   int64
	// Answers counts the known answers that were checked.
	Answers int
}

// ErrBusy says that another pull is at work in the site's directory.
var ErrBusy = errors.New("another pull is at work in this directory")

// Run brings the site to the newest release of its channel. Every error but
// those of a wrong site file is a [*Refused], where a release was found that
// must not run, or a [*Failed]: the world got in the way, and running it again
// may help. A failure matches store.ErrUnavailable where the store could not
// be used, [ErrBusy], or the context's error.
func Run(ctx context.Context, o Options) (Result, error) {
	p, err := newPull(o)
	if err != nil {
		return Result{}, err
	}
	result, err := p.locked(ctx)
	if err != nil {
		return Result{}, p.explain(err)
	}
	return result, nil
}

// pull is one run.
type pull struct {
	Options
	log     release.Log
	floor   release.Ref
	running *Active // nil where none
	ask     bool    // read the running record from the log, too
}

func (p *pull) locked(ctx context.Context) (Result, error) {
	if err := p.step("directory"); err != nil {
		return Result{}, err
	}
	if err := disk.MkdirAll(filepath.Join(p.Dir, releases)); err != nil {
		return Result{}, fmt.Errorf("make the site's directory: %w", err)
	}
	lock, err := disk.TryAcquire(filepath.Join(p.Dir, lockFile))
	if err != nil {
		return Result{}, err
	}
	if lock == nil {
		return Result{}, ErrBusy
	}
	defer lock.Release()
	active, err := Current(p.Dir)
	switch {
	case err == nil:
		p.running = &active
	case !errors.Is(err, fs.ErrNotExist):
		return Result{}, fmt.Errorf("read the running release: %w", err)
	}
	p.sweep()
	result, err := p.run(ctx)
	if err == nil {
		p.receipt(ctx)
	}
	return result, err
}

func (p *pull) run(ctx context.Context) (Result, error) {
	head, err := p.head(ctx)
	if err != nil {
		return Result{}, err
	}
	s, err := p.selection(head)
	if err != nil {
		return Result{}, err
	}
	result := Result{Channel: p.log.Channel, Active: head.Ref(), Signer: head.Signer, Models: len(s.record.Models)}
	if p.running != nil {
		result.Before = p.running.Ref()
		if base := filepath.Base(p.running.Dir); strings.TrimSuffix(base, againSuffix) == s.dirName() {
			damaged := p.running.Check()
			if damaged == nil {
				p.report("%s is active, nothing new", p.running.Name())
				return result, nil
			}
			if head.Envelope == nil { // it is made of what the log has
				p.ask = true
				return p.run(ctx)
			}
			p.report("%v: it is made anew", damaged)
			if base == s.dirName() {
				s.again = againSuffix
			}
		}
	}
	if err := p.stage(ctx, s, &result); err != nil {
		return Result{}, err
	}
	result.Changed = true
	p.reportSwitch(result)
	p.sweep()
	return result, nil
}

// head returns the newest release, none of which is older than the floor or
// the running one.
func (p *pull) head(ctx context.Context) (release.Entry, error) {
	from := p.floor
	if r := p.running; r != nil && r.Record.Channel == p.log.Channel && r.Record.Repository == p.log.Repository {
		if r.Number == p.floor.Number && r.Digest != p.floor.Digest {
			return release.Entry{}, &release.Refusal{
				Reason: release.Fork, Channel: p.log.Channel, Number: r.Number,
				Detail: fmt.Sprintf("the site runs the record %s, its floor is %s", r.Digest.Short(), p.floor.Digest.Short()),
			}
		}
		if r.Number > p.floor.Number {
			from = r.Ref()
		}
		// The site has the running record itself. Whether the log still has it is
		// asked when a receipt is due, once an hour.
		if from == r.Ref() && !p.ask && !p.due() {
			newest, found, err := p.log.Newer(ctx, from)
			if found || err != nil {
				return newest, err
			}
			return release.Entry{Record: r.Record, Digest: r.Digest}, nil
		}
	}
	return p.log.Head(ctx, from)
}

func (p *pull) report(format string, args ...any) {
	if p.Report != nil {
		p.Report(fmt.Sprintf(format, args...))
	}
}

func (p *pull) reportSwitch(r Result) {
	name := fmt.Sprintf("%s#%d", r.Channel, r.Active.Number)
	before := ""
	if p.running != nil {
		before = " ← " + p.running.Name()
	}
	p.report("%s%s: %d of %d models, %s · signed by %s · contract ok · %d known answers ok",
		name, before, r.ModelsFetched, r.Models, size(r.Bytes), r.Signer, r.Answers)
	p.report("active: %s", name)
}

func (p *pull) step(name string) error {
	if p.before == nil {
		return nil
	}
	return p.before(name)
}

// size returns a number of bytes for people, in decimal units.
func size(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	v, units := float64(n)/1000, "kMG"
	for v >= 999.5 && len(units) > 1 {
		v, units = v/1000, units[1:]
	}
	if v < 9.95 {
		return fmt.Sprintf("%.1f %cB", v, units[0])
	}
	return fmt.Sprintf("%.0f %cB", v, units[0])
}
