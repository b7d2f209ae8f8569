package doctor_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/doctor"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/memstore"
)

// lax is a store that takes every second write.
type lax struct{ *memstore.Store }

func (l lax) Create(ctx context.Context, name string, data []byte) error {
	l.Damage(name, data)
	return nil
}

func (l lax) Swap(_ context.Context, name string, _ digest.Digest, data []byte) error {
	l.Damage(name, data)
	return nil
}

// forbidding is a store that says no.
type forbidding struct {
	store.Store
	op string
}

func (f forbidding) no(op string) error {
	return &store.Error{Op: op, Object: "x", Kind: store.ErrUnavailable, Err: errors.New("s3://x answers 403 AccessDenied")}
}

func (f forbidding) Read(ctx context.Context, name string) ([]byte, error) {
	if f.op == "read" {
		return nil, f.no("read")
	}
	return f.Store.Read(ctx, name)
}

func (f forbidding) List(ctx context.Context, prefix string) ([]string, error) {
	if f.op == "list" {
		return nil, f.no("list")
	}
	return f.Store.List(ctx, prefix)
}

func (f forbidding) Create(ctx context.Context, name string, data []byte) error {
	if f.op == "create" {
		return f.no("create")
	}
	return f.Store.Create(ctx, name, data)
}

type skewed struct {
	store.Store
	skew time.Duration
}

func (s skewed) Skew(context.Context) (time.Duration, error) { return s.skew, nil }

func TestBuilder(t *testing.T) {
	tests := []struct {
		name string
		s    store.Store
		want string // checks that are not ok, with their states
		do   string
	}{
		{"a good store", memstore.New(), "", ""},
		{"every write wins", lax{memstore.New()}, "store/create-only problem, store/compare-and-swap problem", "If-None-Match"},
		{"may not read", forbidding{memstore.New(), "read"}, "store/read problem", "--policy builder"},
		{"may not list", forbidding{memstore.New(), "list"}, "store/list problem", "--policy builder"},
		{"may not write", forbidding{memstore.New(), "create"}, "store/write problem", "--policy builder"},
		{"a clock a little off", skewed{memstore.New(), -2 * time.Minute}, "store/clock warning", "NTP"},
		{"a clock far off", skewed{memstore.New(), time.Hour}, "store/clock problem", "NTP"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for range 2 { // what the first run leaves is no finding of the second
				var got, do []string
				for _, f := range doctor.Builder(t.Context(), test.s) {
					if f.State != doctor.OK {
						got, do = append(got, f.Check+" "+string(f.State)), append(do, f.Do)
					} else if f.Do != "" {
						t.Errorf("%s is ok, and to do is %q", f.Check, f.Do)
					}
				}
				if strings.Join(got, ", ") != test.want || !strings.Contains(strings.Join(do, " "), test.do) {
					t.Errorf("found %q, want %q; to do: %q", got, test.want, do)
				}
			}
		})
	}
}

func TestSite(t *testing.T) {
	s := memstore.New()
	for _, f := range doctor.Site(t.Context(), s, "local") {
		if f.State != doctor.OK {
			t.Errorf("%+v", f)
		}
	}
	if names, _ := s.List(t.Context(), ""); len(names) > 0 {
		t.Errorf("it wrote %q", names)
	}
	found := doctor.Site(t.Context(), forbidding{s, "read"}, "local")
	if len(found) != 1 || found[0].State != doctor.Problem || !errors.Is(found[0].Err(), store.ErrUnavailable) || !strings.Contains(found[0].Do, "--policy site") {
		t.Errorf("%+v", found)
	}
}
