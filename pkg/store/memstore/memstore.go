// Package memstore keeps a store in memory, for tests.
package memstore

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store"
)

// Store is a store in memory.
type Store struct {
	mu      sync.Mutex
	objects map[digest.Digest][]byte
	names   map[string][]byte
}

// New returns an empty store.
func New() *Store {
	return &Store{objects: map[digest.Digest][]byte{}, names: map[string][]byte{}}
}

// Location returns "memory:".
func (s *Store) Location() string { return "memory:" }

// Put implements [store.Store].
func (s *Store) Put(ctx context.Context, d digest.Digest, r io.Reader) error {
	if found, err := s.Has(ctx, d); found || err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := store.Copy(ctx, &buf, r, d); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[d] = buf.Bytes()
	return nil
}

// Get implements [store.Store].
func (s *Store) Get(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	data, ok := s.objects[d]
	if !ok {
		return nil, &store.Error{Op: "get", Object: d.String(), Kind: store.ErrNotExist}
	}
	return store.VerifyReader(io.NopCloser(bytes.NewReader(data)), d), nil
}

// Has implements [store.Store].
func (s *Store) Has(ctx context.Context, d digest.Digest) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.objects[d]
	return ok, ctx.Err()
}

// Create implements [store.Store].
func (s *Store) Create(ctx context.Context, name string, data []byte) error {
	return s.write(ctx, name, data, func(_ []byte, taken bool) error {
		if taken {
			return &store.Error{Op: "create", Object: name, Kind: store.ErrExist}
		}
		return nil
	})
}

// Read implements [store.Store].
func (s *Store) Read(ctx context.Context, name string) ([]byte, error) {
	if err := errors.Join(ctx.Err(), store.CheckName(name)); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	data, ok := s.names[name]
	if !ok {
		return nil, &store.Error{Op: "read", Object: name, Kind: store.ErrNotExist}
	}
	return bytes.Clone(data), nil
}

// Swap implements [store.Store].
func (s *Store) Swap(ctx context.Context, name string, old digest.Digest, data []byte) error {
	return s.write(ctx, name, data, func(current []byte, taken bool) error {
		if taken == old.IsZero() || taken && digest.Of(current) != old {
			return &store.Error{Op: "swap", Object: name, Kind: store.ErrConflict}
		}
		return nil
	})
}

// Set implements [store.Store].
func (s *Store) Set(ctx context.Context, name string, data []byte) error {
	return s.write(ctx, name, data, func([]byte, bool) error { return nil })
}

// List implements [store.Store].
func (s *Store) List(ctx context.Context, prefix string) ([]string, error) {
	if err := errors.Join(ctx.Err(), store.CheckPrefix(prefix)); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for name := range s.names {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Damage puts other bytes under a digest or a name, whatever stands there; nil
// removes it. It is how tests play a broken or hostile store.
func (s *Store) Damage(object string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := digest.Parse(object)
	switch {
	case err == nil && data == nil:
		delete(s.objects, d)
	case err == nil:
		s.objects[d] = data
	case data == nil:
		delete(s.names, object)
	default:
		s.names[object] = data
	}
}

func (s *Store) write(ctx context.Context, name string, data []byte, allowed func([]byte, bool) error) error {
	if err := errors.Join(ctx.Err(), store.CheckName(name)); err != nil {
		return err
	}
	if len(data) > store.MaxNamed {
		return &store.Error{Op: "write", Object: name, Kind: store.ErrTooLarge}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for other := range s.names {
		if strings.HasPrefix(other, name+"/") {
			return &store.NameError{Name: name, Reason: "is a directory of other names"}
		}
		if strings.HasPrefix(name, other+"/") {
			return &store.NameError{Name: name, Reason: "lies below another name"}
		}
	}
	current, taken := s.names[name]
	if err := allowed(current, taken); err != nil {
		return err
	}
	s.names[name] = bytes.Clone(data)
	return nil
}
