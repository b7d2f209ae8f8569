package memstore_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/memstore"
	"github.com/mlpdev/mlp/pkg/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return memstore.New() })
}

func TestDamage(t *testing.T) {
	s := memstore.New()
	d := digest.Of([]byte("good"))
	if err := s.Put(t.Context(), d, strings.NewReader("good")); err != nil {
		t.Fatal(err)
	}
	s.Damage(d.String(), []byte("gone"))
	r, err := s.Get(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(r); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("read of damaged bytes: %v, want ErrCorrupt", err)
	}
	s.Damage(d.String(), nil)
	if _, err := s.Get(t.Context(), d); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("Get of a removed object: %v, want ErrNotExist", err)
	}
}
