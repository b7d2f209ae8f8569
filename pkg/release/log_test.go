package release_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/faultstore"
	"github.com/mlpdev/mlp/pkg/store/filestore"
	"github.com/mlpdev/mlp/pkg/store/memstore"
)

func newKey(t testing.TB, name string) *dsse.PrivateKey {
	t.Helper()
	k, err := dsse.GenerateKey(name, bytes.NewReader(bytes.Repeat([]byte(name[:1]), 32)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newLog(t testing.TB, s store.Store) release.Log {
	return release.Log{Store: s, Repository: "acme", Channel: "local", Trusted: []dsse.Key{newKey(t, "alice").Key()}}
}

// draft makes records whose commit is this text.
func draft(t testing.TB, commit string) release.Draft {
	return release.Draft{Signer: newKey(t, "alice"), Build: func(int64, digest.Digest) (release.Record, error) {
		r := sample()
		r.Commit = commit
		return r, nil
	}}
}

func appendN(t testing.TB, l release.Log, n int) []release.Entry {
	t.Helper()
	var entries []release.Entry
	for i := range n {
		e, err := l.Append(t.Context(), draft(t, fmt.Sprint("c", i+1)))
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	return entries
}

func TestAppendAndHead(t *testing.T) {
	l := newLog(t, memstore.New())
	if _, err := l.Head(t.Context(), release.Ref{}); !errors.Is(err, release.ErrNoRelease) {
		t.Fatalf("Head of an empty log: %v, want ErrNoRelease", err)
	}
	if entries, err := l.List(t.Context()); len(entries) != 0 || err != nil {
		t.Fatalf("List of an empty log = %v, %v", entries, err)
	}
	want := appendN(t, l, 40) // more than two widest batches
	for i, e := range want {
		if e.Record.Number != int64(i+1) || e.Signer != "alice" {
			t.Errorf("entry %d has number %d, signer %q", i, e.Record.Number, e.Signer)
		}
		if i > 0 && e.Record.Previous != want[i-1].Digest {
			t.Errorf("entry %d does not follow the one before it", i)
		}
	}
	for _, from := range []int{0, 1, 2, 17, 39, 40} {
		var ref release.Ref
		if from > 0 {
			ref = want[from-1].Ref()
		}
		got, err := l.Head(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[39], got); diff != "" {
			t.Errorf("Head from %d: %s", from, diff)
		}
	}
	got, err := l.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	one, err := l.Read(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want[6], one); diff != "" {
		t.Error(diff)
	}
	if _, err := l.Read(t.Context(), 41); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("Read of no record: %v", err)
	}
}

// counter counts reads.
type counter struct {
	store.Store
	mu    sync.Mutex
	reads int
}

func (c *counter) Read(ctx context.Context, name string) ([]byte, error) {
	c.mu.Lock()
	c.reads++
	c.mu.Unlock()
	return c.Store.Read(ctx, name)
}

func TestHeadReads(t *testing.T) {
	c := &counter{Store: memstore.New()}
	l := newLog(t, c)
	entries := appendN(t, l, 40)
	for _, test := range []struct{ from, most int }{{40, 2}, {39, 4}, {1, 1 + 1 + 2 + 4 + 8 + 16 + 16}} {
		c.reads = 0
		if _, err := l.Head(t.Context(), entries[test.from-1].Ref()); err != nil {
			t.Fatal(err)
		}
		if c.reads > test.most {
			t.Errorf("Head from %d: %d reads, want at most %d", test.from, c.reads, test.most)
		}
	}
}

// TestRefusals damages a log of three records in every way that matters.
func TestRefusals(t *testing.T) {
	alice, mallory := newKey(t, "alice"), newKey(t, "mallory")
	name := func(n int64) string { return release.Name("local", n) }
	tests := []struct {
		name   string
		damage func(s *memstore.Store, e []release.Entry)
		from   func(e []release.Entry) release.Ref
		want   release.Reason
		number int64
	}{
		{name: "signed by a stranger", damage: func(s *memstore.Store, e []release.Entry) {
			s.Damage(name(3), resign(t, e[2].Record, mallory))
		}, want: release.Forged, number: 3},
		{name: "flipped byte", damage: func(s *memstore.Store, e []release.Entry) {
			s.Damage(name(2), bytes.Replace(e[1].Envelope, []byte("payload\":\"e"), []byte("payload\":\"f"), 1))
		}, want: release.Forged, number: 2},
		{name: "cut short", damage: func(s *memstore.Store, e []release.Entry) {
			s.Damage(name(3), e[2].Envelope[:len(e[2].Envelope)/2])
		}, want: release.Forged, number: 3},
		{name: "empty", damage: func(s *memstore.Store, e []release.Entry) { s.Damage(name(3), []byte{}) }, want: release.Forged, number: 3},
		{name: "signed but no record", damage: func(s *memstore.Store, e []release.Entry) {
			env, err := dsse.Sign(dsse.InToto, []byte("{}"), alice)
			if err != nil {
				t.Fatal(err)
			}
			s.Damage(name(3), env)
		}, want: release.Malformed, number: 3},
		{name: "re-numbered: an old one as the newest", damage: func(s *memstore.Store, e []release.Entry) {
			s.Damage(name(4), e[1].Envelope)
		}, want: release.WrongNumber, number: 4},
		{name: "an old one in place of another", damage: func(s *memstore.Store, e []release.Entry) {
			s.Damage(name(3), e[1].Envelope)
		}, want: release.WrongNumber, number: 3},
		{name: "another channel's", damage: func(s *memstore.Store, e []release.Entry) {
			r := e[2].Record
			r.Channel = "canary"
			s.Damage(name(3), resign(t, r, alice))
		}, want: release.WrongChannel, number: 3},
		{name: "another project's", damage: func(s *memstore.Store, e []release.Entry) {
			r := e[2].Record
			r.Repository = "other"
			s.Damage(name(3), resign(t, r, alice))
		}, want: release.WrongRepository, number: 3},
		{name: "another history", damage: func(s *memstore.Store, e []release.Entry) {
			r := e[1].Record
			r.Commit = "rewritten"
			s.Damage(name(2), resign(t, r, alice))
		}, want: release.BrokenChain, number: 3},
		{name: "a hole", damage: func(s *memstore.Store, e []release.Entry) { s.Damage(name(2), nil) }, want: release.BrokenChain, number: 2},
		{name: "known record gone", damage: func(s *memstore.Store, e []release.Entry) {
			s.Damage(name(3), nil)
		}, from: func(e []release.Entry) release.Ref { return e[2].Ref() }, want: release.Rollback, number: 3},
		{name: "known record replaced", damage: func(s *memstore.Store, e []release.Entry) {
			r := e[2].Record
			r.Commit = "rewritten"
			s.Damage(name(3), resign(t, r, alice))
		}, from: func(e []release.Entry) release.Ref { return e[2].Ref() }, want: release.Fork, number: 3},
		{name: "known record cut short", damage: func(s *memstore.Store, e []release.Entry) {
			s.Damage(name(3), []byte("{"))
		}, from: func(e []release.Entry) release.Ref { return e[2].Ref() }, want: release.Forged, number: 3},
		{name: "next one follows another", damage: func(s *memstore.Store, e []release.Entry) {
			r := e[2].Record
			r.Previous = of("other")
			s.Damage(name(3), resign(t, r, alice))
		}, from: func(e []release.Entry) release.Ref { return e[1].Ref() }, want: release.BrokenChain, number: 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := memstore.New()
			l := newLog(t, s)
			entries := appendN(t, l, 3)
			test.damage(s, entries)
			var from release.Ref
			if test.from != nil {
				from = test.from(entries)
			}
			got, err := l.Head(t.Context(), from)
			var refusal *release.Refusal
			if !errors.As(err, &refusal) {
				t.Fatalf("Head = %v, %v, want a Refusal", got.Record.Number, err)
			}
			if refusal.Reason != test.want || refusal.Number != test.number || refusal.Channel != "local" {
				t.Errorf("refusal %q, want reason %s of record %d", err, test.want, test.number)
			}
			d := draft(t, "x")
			d.From = from
			if _, err := l.Append(t.Context(), d); !errors.As(err, &refusal) {
				t.Errorf("Append: %v, want a Refusal", err)
			}
		})
	}
}

func resign(t *testing.T, r release.Record, key *dsse.PrivateKey) []byte {
	t.Helper()
	payload, err := release.Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	env, err := dsse.Sign(dsse.InToto, payload, key)
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// TestRotation: a record known by its digest stands when its key is retired.
func TestRotation(t *testing.T) {
	s := memstore.New()
	l := newLog(t, s)
	old := appendN(t, l, 1)[0]
	l.Trusted = []dsse.Key{newKey(t, "bob").Key()}
	d := draft(t, "x")
	d.Signer, d.From = newKey(t, "bob"), old.Ref()
	e, err := l.Append(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	head, err := l.Head(t.Context(), old.Ref())
	if err != nil || head.Digest != e.Digest || head.Signer != "bob" {
		t.Errorf("Head = %d by %q, %v", head.Record.Number, head.Signer, err)
	}
}

func TestAppendRefusesUntrustedSigner(t *testing.T) {
	s := memstore.New()
	d := draft(t, "x")
	d.Signer = newKey(t, "mallory")
	if _, err := newLog(t, s).Append(t.Context(), d); err == nil {
		t.Error("appended")
	}
	if names, _ := s.List(t.Context(), ""); len(names) != 0 {
		t.Errorf("published %v", names)
	}
}

func TestBuildError(t *testing.T) {
	broken := errors.New("no models")
	d := draft(t, "x")
	d.Build = func(int64, digest.Digest) (release.Record, error) { return release.Record{}, broken }
	if _, err := newLog(t, memstore.New()).Append(t.Context(), d); !errors.Is(err, broken) {
		t.Errorf("got %v, want the error of Build", err)
	}
}

// TestPublishers lets 16 publishers append five records each: numbers stay
// dense, and each record that Append returned is the one in the log.
func TestPublishers(t *testing.T) {
	kinds := map[string]func(t *testing.T) store.Store{
		"memstore": func(*testing.T) store.Store { return memstore.New() },
		"filestore": func(t *testing.T) store.Store {
			s, err := filestore.Init(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
	}
	for name, open := range kinds {
		t.Run(name, func(t *testing.T) {
			const publishers, rounds = 16, 5
			l := newLog(t, open(t))
			var mu sync.Mutex
			won := map[int64]digest.Digest{}
			var wg sync.WaitGroup
			for p := range publishers {
				wg.Go(func() {
					for round := range rounds {
						e, err := l.Append(t.Context(), draft(t, fmt.Sprintf("p%d r%d", p, round)))
						if err != nil {
							t.Error(err)
							return
						}
						mu.Lock()
						if _, twice := won[e.Record.Number]; twice {
							t.Errorf("number %d has two winners", e.Record.Number)
						}
						won[e.Record.Number] = e.Digest
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			entries, err := l.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			stands := map[int64]digest.Digest{}
			for _, e := range entries {
				stands[e.Record.Number] = e.Digest
			}
			if diff := cmp.Diff(won, stands); diff != "" || len(stands) != publishers*rounds {
				t.Errorf("%d records: %s", len(stands), diff)
			}
		})
	}
}

func TestAppendFaults(t *testing.T) {
	tests := []struct {
		fault faultstore.Fault
		err   error // of Append
		want  int   // records in the log afterwards
	}{
		{faultstore.Fail, faultstore.ErrInjected, 1},
		{faultstore.Unclear, nil, 2},
		{faultstore.Crash, faultstore.ErrInjected, 1},
		{faultstore.CrashAfter, faultstore.ErrInjected, 2},
	}
	for _, test := range tests {
		t.Run(test.fault.String(), func(t *testing.T) {
			under := memstore.New()
			appendN(t, newLog(t, under), 1)
			e, err := newLog(t, faultstore.New(under, 1, test.fault)).Append(t.Context(), draft(t, "broken"))
			if !errors.Is(err, test.err) {
				t.Errorf("Append: %v, want %v", err, test.err)
			}
			entries, lerr := newLog(t, under).List(t.Context())
			if lerr != nil || len(entries) != test.want {
				t.Fatalf("log has %d records, want %d; %v", len(entries), test.want, lerr)
			}
			if err == nil && entries[1].Digest != e.Digest {
				t.Error("Append returned another record than the log has")
			}
		})
	}
}

// lost answers a Create that took place with what a request sent twice gets.
type lost struct{ store.Store }

func (l lost) Create(ctx context.Context, name string, data []byte) error {
	if err := l.Store.Create(ctx, name, data); err != nil {
		return err
	}
	return &store.Error{Op: "create", Object: name, Kind: store.ErrExist}
}

func TestOwnRecordIsRecognised(t *testing.T) {
	under := memstore.New()
	e, err := newLog(t, lost{under}).Append(t.Context(), draft(t, "once"))
	if err != nil || e.Record.Number != 1 {
		t.Fatalf("Append = %d, %v", e.Record.Number, err)
	}
	if entries, _ := newLog(t, under).List(t.Context()); len(entries) != 1 {
		t.Errorf("published %d times", len(entries))
	}
}

// interrupted cancels the caller's context when its write has taken place.
type interrupted struct {
	store.Store
	cancel func()
}

func (i interrupted) Create(ctx context.Context, name string, data []byte) error {
	if err := i.Store.Create(ctx, name, data); err != nil {
		return err
	}
	i.cancel()
	return ctx.Err()
}

func TestInterruptedAppendKnowsWhatItDid(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	e, err := newLog(t, interrupted{memstore.New(), cancel}).Append(ctx, draft(t, "once"))
	if err != nil || e.Record.Number != 1 {
		t.Errorf("Append = %d, %v, want record 1", e.Record.Number, err)
	}
}
