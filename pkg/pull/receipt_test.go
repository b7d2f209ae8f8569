package pull

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/receipt"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/memstore"
)

// readOnly is a store that takes no names.
type readOnly struct{ store.Store }

func (r readOnly) Set(context.Context, string, []byte) error {
	return &store.Error{Op: "set", Object: "x", Kind: store.ErrUnavailable}
}

func TestReceipt(t *testing.T) {
	s := memstore.New()
	first := publish(t, s, parts{"a": "model a", "b": "model b"})
	o := options(t, t.TempDir(), s)
	o.Name, o.Binary = "east-1", "1.2"
	var notes []string
	o.Note = func(line string) { notes = append(notes, line) }
	o.Site.Models = []string{"b"}
	mustPull(t, o)
	want := receipt.Receipt{FormatVersion: 1, Repository: "acme", Environment: "plant_7", Site: "east-1", Channel: "local", Release: first.Ref(),
		Models: []string{"b"}, Activated: o.Now(), Seen: o.Now(), MLP: "1.2"}
	wantReceipt(t, s, want)

	// Nothing new: the receipt says that the site still runs it.
	pulled := o.Now()
	o.Now = func() time.Time { return pulled.Add(2 * time.Hour) }
	mustPull(t, o)
	want.Seen = o.Now()
	wantReceipt(t, s, want)

	// A store that takes none is a note, and the release runs.
	second := publish(t, s, parts{"a": "model a", "b": "model b2"})
	o.Store = readOnly{s}
	if len(notes) > 0 {
		t.Errorf("notes: %q", notes)
	}
	mustPull(t, o)
	wantRuns(t, o.Dir, second)
	if len(notes) != 1 || !strings.HasPrefix(notes[0], "no receipt was left: set x: store unavailable") {
		t.Errorf("notes: %q", notes)
	}
	wantReceipt(t, s, want)

	// A refused release leaves none, and neither does a site without a name.
	publish(t, s, parts{"a": "model a", "b": "model b3"})
	o.Store, o.Chain = s, chain{change: func(keys map[string]digest.Digest, _ map[string]int) { clear(keys) }}
	if _, err := Run(context.Background(), o); err == nil {
		t.Error("a wrong contract was not refused")
	}
	wantReceipt(t, s, want)
	o.Chain, o.Name = chain{}, ""
	mustPull(t, o)
	wantReceipt(t, s, want)
}

func wantReceipt(t *testing.T, s store.Store, want receipt.Receipt) {
	t.Helper()
	got, bad, err := receipt.List(context.Background(), s)
	if err != nil || len(bad) > 0 {
		t.Fatal(err, bad)
	}
	if diff := cmp.Diff([]receipt.Receipt{want}, got); diff != "" {
		t.Error(diff)
	}
}
