package faultstore_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/faultstore"
	"github.com/mlpdev/mlp/pkg/store/memstore"
	"github.com/mlpdev/mlp/pkg/store/storetest"
)

func TestNoFault(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return faultstore.New(memstore.New(), 0, faultstore.Crash) })
}

func TestFaults(t *testing.T) {
	tests := []struct {
		fault faultstore.Fault
		want  []string // what of three writes is in the store
	}{
		{faultstore.Fail, []string{"1", "3"}},
		{faultstore.Unclear, []string{"1", "2", "3"}},
		{faultstore.Crash, []string{"1"}},
		{faultstore.CrashAfter, []string{"1", "2"}},
	}
	for _, test := range tests {
		t.Run(test.fault.String(), func(t *testing.T) {
			under := memstore.New()
			s := faultstore.New(under, 2, test.fault)
			for i, name := range []string{"1", "2", "3"} {
				err := s.Create(t.Context(), name, nil)
				if i == 1 && (!errors.Is(err, faultstore.ErrInjected) || !errors.Is(err, store.ErrUnavailable)) {
					t.Errorf("second write: %v", err)
				}
			}
			got, err := under.List(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			_, err = s.List(t.Context(), "")
			crashed := test.fault == faultstore.Crash || test.fault == faultstore.CrashAfter
			if crashed != errors.Is(err, faultstore.ErrInjected) {
				t.Errorf("List afterwards: %v", err)
			}
		})
	}
}
