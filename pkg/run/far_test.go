package run

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/memstore"
)

// far is a store that is far away, and counts what it is asked.
type far struct {
	store.Store
	reads, lists atomic.Int64
}

func (f *far) Far() bool { return true }

func (f *far) Read(ctx context.Context, name string) ([]byte, error) {
	f.reads.Add(1)
	return f.Store.Read(ctx, name)
}

func (f *far) List(ctx context.Context, prefix string) ([]string, error) {
	f.lists.Add(1)
	return f.Store.List(ctx, prefix)
}

// TestFarStore: of 10,000 keys that are not there, and as many that are, a far
// away store is not asked one by one.
func TestFarStore(t *testing.T) {
	const keys = 10_000
	key, other, stranger := newKey(t, "builder"), newKey(t, "other"), newKey(t, "stranger")
	under := memstore.New()
	f := &far{Store: under}
	x := NewIndex(f, key, []dsse.Key{other.Key()})
	for i := range keys {
		if e, err := x.Column(t.Context(), digest.Of([]byte(strconv.Itoa(i)))); e != nil || err != nil {
			t.Fatal(e, err)
		}
	}
	if reads, lists := f.reads.Load(), f.lists.Load(); reads > 256 || lists > 256 {
		t.Errorf("%d reads and %d lists for %d keys that are not there", reads, lists, keys)
	}
	// What is written later is seen, and what others have is read once.
	for i, k := range []*dsse.PrivateKey{key, other, stranger} {
		d := digest.Of([]byte(strconv.Itoa(i)))
		must(t, NewIndex(under, k, nil).put(t.Context(), "column", d, ColumnEntry{FormatVersion: FormatVersion, Key: d}))
	}
	third := digest.Of([]byte("third"))
	must(t, x.put(t.Context(), "column", third, ColumnEntry{FormatVersion: FormatVersion, Key: third}))
	if e, err := x.Column(t.Context(), third); e == nil || err != nil {
		t.Errorf("an entry that was just written is not seen: %v", err)
	}
	x = NewIndex(f, key, []dsse.Key{other.Key()})
	f.reads.Store(0)
	f.lists.Store(0)
	for i, want := range []bool{true, true, false} {
		for range 2 {
			if e, err := x.Column(t.Context(), digest.Of([]byte(strconv.Itoa(i)))); (e != nil) != want || err != nil {
				t.Errorf("entry %d: found %v, want %v (%v)", i, e != nil, want, err)
			}
		}
	}
	if reads, lists := f.reads.Load(), f.lists.Load(); reads > 4 || lists > 2 {
		t.Errorf("%d reads and %d lists, want 4 and 2", reads, lists)
	}
	wantIgnored(t, x, digest.Of([]byte("2")), ": stranger")
}

// slow is a store that is far away: each answer takes a while.
type slow struct {
	far
	most, now atomic.Int64 // reads at once
}

func (s *slow) Read(ctx context.Context, name string) ([]byte, error) {
	n := s.now.Add(1)
	defer s.now.Add(-1)
	for most := s.most.Load(); n > most && !s.most.CompareAndSwap(most, n); most = s.most.Load() {
	}
	time.Sleep(time.Millisecond)
	return s.far.Read(ctx, name)
}

// TestLookAhead: what a plan asks a far store for is read at once, each entry one
// time, and the plan is the same.
func TestLookAhead(t *testing.T) {
	a := newApplied(t)
	for _, missing := range []string{"", entryName("column", a.hosts(t), a.key.Public()), "index/"} {
		under := memstore.New()
		a.fill(t, under)
		entries := 0
		for name, text := range names(t, a.store) {
			if missing == "" || !strings.HasPrefix(name, missing) {
				under.Damage(name, []byte(text))
				if strings.HasPrefix(name, "index/") {
					entries++
				}
			}
		}
		s := &slow{far: far{Store: under}}
		r := a.runner(t, s)
		exists := r.Exists(t.Context())
		exists.LookAhead(r.Program)
		ahead := s.reads.Load()
		if most := s.most.Load(); most < 4 {
			t.Errorf("without %q: %d entries are read at once", missing, most)
		}
		got := plan.Make(plan.Input{Head: r.Program, BaseName: "nothing", HeadName: "work tree", Exists: exists})
		want, err := planOf(t.Context(), a.runner(t, under))
		must(t, errors.Join(err, exists.Err))
		if len(got.Steps) != len(want.Steps) || got.Columns() != want.Columns() {
			t.Errorf("without %q: %d steps and %d columns, want %d and %d", missing, len(got.Steps), got.Columns(), len(want.Steps), want.Columns())
		}
		// Where nothing is there, some are asked for before it is known.
		if ahead < int64(entries) || ahead > int64(entries)+200 || s.reads.Load()-ahead > 5 {
			t.Errorf("without %q: %d reads ahead and %d after them, for %d entries", missing, ahead, s.reads.Load()-ahead, entries)
		}
	}
}
