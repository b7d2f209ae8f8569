// Package doctor looks for what would keep mlp from working with a store, and
// says what to do about it.
package doctor

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store"
)

// State says how bad a finding is.
type State string

// What a finding can be. A warning works, and will not for long or everybody.
const (
	OK      State = "ok"
	Warning State = "warning"
	Problem State = "problem"
)

// Finding is what one check found.
type Finding struct {
	Check string `json:"check"`
	State State  `json:"state"`
	Says  string `json:"says"`
	// Do is what to do about it; empty where all is well.
	Do string `json:"do,omitempty"`

	err error
}

// Err is why a check could not be made; nil where it was.
func (f Finding) Err() error { return f.err }

// Failed is the finding that err stands in the way of a check. do is what to do
// where the error itself does not say.
func Failed(check string, err error, do string) Finding {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) && hinted.Hint() != "" {
		do = hinted.Hint()
	}
	return Finding{Check: check, State: Problem, Says: err.Error(), Do: do, err: err}
}

const (
	// probe is the name that is written to; it stays.
	probe   = "doctor/probe"
	missing = "doctor/missing"
	// Beyond these a clock is worth a word; services refuse requests that are a
	// quarter of an hour off.
	someSkew, muchSkew = time.Minute, 5 * time.Minute
)

const (
	doLocation = "check the store's location, the network and the credentials"
	doRights   = "give this role what `mlp doctor --policy builder` prints"
	doAtomic   = "do not publish to this store: take one that honours If-None-Match and If-Match, as S3 does"
)

// clocked is a store that has a clock of its own.
type clocked interface {
	// Skew returns how far this machine's clock is ahead of the store's.
	Skew(ctx context.Context) (time.Duration, error)
}

// Builder tries what a builder does with a store: it writes under one name,
// doctor/probe, and one object of a few bytes, which stay.
func Builder(ctx context.Context, s store.Store) []Finding {
	found := []Finding{reading(ctx, s, missing, doRights)}
	if found[0].State == Problem {
		return found
	}
	found = append(found, clock(ctx, s)...)
	if _, err := s.List(ctx, "doctor/"); err != nil {
		found = append(found, Failed("store/list", err, doRights))
	} else {
		found = append(found, ok("store/list", "names can be listed"))
	}
	first := s.Create(ctx, probe, []byte(rand.Text()))
	if first != nil && !errors.Is(first, store.ErrExist) {
		return append(found, Failed("store/write", first, doRights))
	}
	return append(found, ok("store/write", "names can be written"), createOnly(ctx, s), swap(ctx, s), object(ctx, s))
}

// Site tries what a site reads of a store. It writes nothing.
func Site(ctx context.Context, s store.Store, channel string) []Finding {
	found := []Finding{reading(ctx, s, "log/"+channel+"/9999999999", "give this role what `mlp doctor --policy site` prints")}
	if found[0].State == Problem {
		return found
	}
	found = append(found, clock(ctx, s)...)
	if _, err := s.Has(ctx, digest.Of([]byte(rand.Text()))); err != nil {
		return append(found, Failed("store/objects", err, "give this role what `mlp doctor --policy site` prints"))
	}
	return append(found, ok("store/objects", "a missing object is known as such"))
}

func ok(check, says string) Finding { return Finding{Check: check, State: OK, Says: says} }

// reading tells a missing name from one that may not be read, and from a store
// that is not there.
func reading(ctx context.Context, s store.Store, name, do string) Finding {
	_, err := s.Read(ctx, name)
	switch {
	case errors.Is(err, store.ErrNotExist):
		return ok("store/read", s.Location()+" answers, and knows a missing name as such")
	case err == nil:
		return Finding{Check: "store/read", State: Problem, Says: name + " is there, which nothing of mlp writes", Do: "find out who writes to this store"}
	case strings.Contains(err.Error(), "answers 403"):
		return Failed("store/read", err, do)
	}
	return Failed("store/read", err, doLocation)
}

func clock(ctx context.Context, s store.Store) []Finding {
	c, ok := s.(clocked)
	if !ok {
		return nil
	}
	skew, err := c.Skew(ctx)
	if err != nil {
		return []Finding{Failed("store/clock", err, doLocation)}
	}
	f := Finding{Check: "store/clock", State: OK, Says: "this machine's clock agrees with the store's"}
	if off := skew.Abs(); off > someSkew {
		f.State, f.Says, f.Do = Warning, fmt.Sprintf("this machine's clock is off by %s", off.Round(time.Second)), "set this machine's clock, by NTP"
		if off > muchSkew {
			f.State = Problem
		}
	}
	return []Finding{f}
}

// createOnly looks whether a name that is taken can be taken again.
func createOnly(ctx context.Context, s store.Store) Finding {
	const check = "store/create-only"
	err := s.Create(ctx, probe, []byte(rand.Text()))
	switch {
	case errors.Is(err, store.ErrExist):
		return ok(check, "a second writer of one name is refused")
	case err == nil:
		return Finding{Check: check, State: Problem, Says: "a second writer of one name is not refused: releases can be lost", Do: doAtomic}
	}
	return Failed(check, err, doRights)
}

// swap looks whether what was replaced meanwhile can be replaced.
func swap(ctx context.Context, s store.Store) Finding {
	const check = "store/compare-and-swap"
	old, err := s.Read(ctx, probe)
	if err != nil {
		return Failed(check, err, doRights)
	}
	if err := s.Swap(ctx, probe, digest.Of(old), []byte(rand.Text())); err != nil && !errors.Is(err, store.ErrConflict) {
		return Failed(check, err, doRights)
	}
	err = s.Swap(ctx, probe, digest.Of(old), []byte(rand.Text()))
	switch {
	case errors.Is(err, store.ErrConflict):
		return ok(check, "what another writer replaced is not replaced again")
	case err == nil:
		return Finding{Check: check, State: Problem, Says: "what another writer replaced is replaced again: changes can be lost", Do: doAtomic}
	}
	return Failed(check, err, doRights)
}

func object(ctx context.Context, s store.Store) Finding {
	const check, text = "store/objects", "mlp doctor was here\n"
	d := digest.Of([]byte(text))
	if err := s.Put(ctx, d, strings.NewReader(text)); err != nil {
		return Failed(check, err, doRights)
	}
	r, err := s.Get(ctx, d)
	if err != nil {
		return Failed(check, err, doRights)
	}
	defer r.Close()
	if _, err := io.Copy(io.Discard, r); err != nil {
		return Failed(check, err, "look at the disks and the network of the store")
	}
	return ok(check, "an object can be written and comes back as it was")
}
