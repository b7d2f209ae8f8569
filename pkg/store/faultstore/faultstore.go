// Package faultstore breaks a store on purpose, so that tests can try each
// point at which a run may fail or die.
package faultstore

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store"
)

// ErrInjected is the cause of every error that a fault made; such an error
// also matches [store.ErrUnavailable].
var ErrInjected = errors.New("injected fault")

// Fault says how a write goes wrong. Writes are Put, Create and Swap.
type Fault int

const (
	// Fail: the write does not take place and reports an error; later ones
	// work.
	Fail Fault = iota
	// Unclear: the write takes place and reports an error all the same; later
	// ones work.
	Unclear
	// Crash: the write does not take place, and from then on nothing works,
	// as if the process had died before it.
	Crash
	// CrashAfter: the write takes place, and from then on nothing works, its
	// own answer included.
	CrashAfter
)

// String returns the name of the constant.
func (f Fault) String() string {
	return [...]string{"Fail", "Unclear", "Crash", "CrashAfter"}[f]
}

// Store passes everything on to another store, up to the write that goes
// wrong. It is an ordinary store for those that write little; [Store.Writes]
// tells how many points there are to break.
type Store struct {
	under store.Store
	at    int
	fault Fault

	mu     sync.Mutex
	writes int
	dead   bool
}

// New wraps a store whose n-th write, counted from 1, goes wrong; none does
// where n is 0.
func New(under store.Store, n int, fault Fault) *Store {
	return &Store{under: under, at: n, fault: fault}
}

// Writes returns the number of writes so far.
func (s *Store) Writes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes
}

// Put implements [store.Store].
func (s *Store) Put(ctx context.Context, d digest.Digest, r io.Reader) error {
	return s.write("put", d.String(), func() error { return s.under.Put(ctx, d, r) })
}

// Create implements [store.Store].
func (s *Store) Create(ctx context.Context, name string, data []byte) error {
	return s.write("create", name, func() error { return s.under.Create(ctx, name, data) })
}

// Swap implements [store.Store].
func (s *Store) Swap(ctx context.Context, name string, old digest.Digest, data []byte) error {
	return s.write("swap", name, func() error { return s.under.Swap(ctx, name, old, data) })
}

// Set implements [store.Store].
func (s *Store) Set(ctx context.Context, name string, data []byte) error {
	return s.write("set", name, func() error { return s.under.Set(ctx, name, data) })
}

// Get implements [store.Store].
func (s *Store) Get(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	if err := s.alive("get", d.String()); err != nil {
		return nil, err
	}
	return s.under.Get(ctx, d)
}

// Has implements [store.Store].
func (s *Store) Has(ctx context.Context, d digest.Digest) (bool, error) {
	if err := s.alive("find", d.String()); err != nil {
		return false, err
	}
	return s.under.Has(ctx, d)
}

// Read implements [store.Store].
func (s *Store) Read(ctx context.Context, name string) ([]byte, error) {
	if err := s.alive("read", name); err != nil {
		return nil, err
	}
	return s.under.Read(ctx, name)
}

// List implements [store.Store].
func (s *Store) List(ctx context.Context, prefix string) ([]string, error) {
	if err := s.alive("list", prefix); err != nil {
		return nil, err
	}
	return s.under.List(ctx, prefix)
}

// Location returns that of the store below.
func (s *Store) Location() string { return s.under.Location() }

// Path returns what the store below does, or nothing where its objects are no
// files; see [store.Cache].
func (s *Store) Path(d digest.Digest) string {
	if p, ok := s.under.(interface {
		Path(digest.Digest) string
	}); ok {
		return p.Path(d)
	}
	return ""
}

func (s *Store) write(op, object string, do func() error) error {
	broken, err := s.next(op, object)
	if err != nil {
		return err
	}
	if !broken {
		return do()
	}
	if s.fault == Unclear || s.fault == CrashAfter {
		if err := do(); err != nil {
			return err
		}
	}
	return injected(op, object)
}

// next counts a write and says whether it is the one that goes wrong.
func (s *Store) next(op, object string) (broken bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return false, injected(op, object)
	}
	s.writes++
	broken = s.writes == s.at
	s.dead = broken && (s.fault == Crash || s.fault == CrashAfter)
	return broken, nil
}

func (s *Store) alive(op, object string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return injected(op, object)
	}
	return nil
}

func injected(op, object string) error {
	return &store.Error{Op: op, Object: object, Kind: store.ErrUnavailable, Err: ErrInjected}
}
