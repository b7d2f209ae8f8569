package pull

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/disk"
	"github.com/mlpdev/mlp/pkg/store/filestore"
	"github.com/mlpdev/mlp/pkg/store/memstore"
)

func TestRun(t *testing.T) {
	s := memstore.New()
	dir := filepath.Join(t.TempDir(), "deep", "site")
	var lines []string
	o := options(t, dir, s)
	o.Report = func(line string) { lines = append(lines, line) }

	first := publish(t, s, parts{"a": "model a", "b": "model b"})
	got := mustPull(t, o)
	want := Result{
		Channel: "local", Active: first.Ref(), Changed: true, Signer: "alice",
		Models: 2, ModelsFetched: 2, Fetched: 7, Bytes: total(first), Answers: 2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	a := wantRuns(t, dir, first)
	if diff := cmp.Diff([]string{"a", "b"}, a.Models); diff != "" || !a.Pulled.Equal(o.Now()) {
		t.Errorf("models %s, pulled %v", diff, a.Pulled)
	}

	second := publish(t, s, parts{"a": "model a", "b": "model b2"})
	got = mustPull(t, o)
	want = Result{
		Channel: "local", Before: first.Ref(), Active: second.Ref(), Changed: true, Signer: "alice",
		Models: 2, ModelsFetched: 1, Fetched: 2, Bytes: int64(len("model b2") + len("answers to model b2")), Answers: 2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	wantRuns(t, dir, second)

	got = mustPull(t, o)
	want = Result{Channel: "local", Before: second.Ref(), Active: second.Ref(), Signer: "alice", Models: 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	report := []string{
		"local#1: 2 of 2 models, " + size(total(first)) + " · signed by alice · contract ok · 2 known answers ok",
		"active: local#1",
		"local#2 ← local#1: 1 of 2 models, 27 B · signed by alice · contract ok · 2 known answers ok",
		"active: local#2",
		"local#2 is active, nothing new",
	}
	if diff := cmp.Diff(report, lines); diff != "" {
		t.Error(diff)
	}
}

func total(e release.Entry) (n int64) {
	for _, a := range e.Record.Artifacts {
		n += a.Size
	}
	return n
}

func TestKeepsTheOneBefore(t *testing.T) {
	s := memstore.New()
	dir := t.TempDir()
	for i := range 4 {
		e := publish(t, s, parts{"a": strings.Repeat("x", i)})
		mustPull(t, options(t, dir, s))
		wantRuns(t, dir, e)
	}
	wantTidy(t, dir, 2)
	mustPull(t, options(t, dir, s)) // nothing new keeps both, too
	if got := list(filepath.Join(dir, releases), func(name string) bool { return name[:1] == "3" || name[:1] == "4" }); len(got) != 2 {
		t.Errorf("releases kept: %v, want 3 and 4", got)
	}
}

func TestSkipsReleases(t *testing.T) {
	s := memstore.New()
	dir := t.TempDir()
	publish(t, s, parts{"a": "1"})
	mustPull(t, options(t, dir, s))
	var last release.Entry
	for i := range 20 {
		last = publish(t, s, parts{"a": strings.Repeat("y", i)})
	}
	mustPull(t, options(t, dir, s))
	wantRuns(t, dir, last)
}

func TestSelection(t *testing.T) {
	s := memstore.New()
	dir := t.TempDir()
	e := publish(t, s, parts{"a": "model a", "b": "model b", "c": "model c"})
	o := options(t, dir, s)
	for _, test := range []struct {
		name   string
		models []string
		want   []string
	}{
		{"two", []string{"c", "a"}, []string{"a", "c"}},
		{"the same release, one more", []string{"c", "a", "b"}, []string{"a", "b", "c"}},
		{"fewer", []string{"b"}, []string{"b"}},
		{"all", []string{"*"}, []string{"a", "b", "c"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o.Site.Models = test.models
			if r := mustPull(t, o); !r.Changed || r.Models != len(test.want) || r.Answers != len(test.want) {
				t.Errorf("result %+v", r)
			}
			a := wantRuns(t, dir, e)
			if diff := cmp.Diff(test.want, a.Models); diff != "" {
				t.Error(diff)
			}
			if r := mustPull(t, o); r.Changed {
				t.Error("a second pull changed something")
			}
		})
	}
	o.Site.Models = []string{"a", "lost"}
	_, err := Run(t.Context(), o)
	wantRefused(t, err, `no model "lost", which this site runs; local#1 stays active`)
}

func TestSiteFile(t *testing.T) {
	tests := []struct {
		name   string
		change func(*specpb.Site)
		want   string
	}{
		{"format", func(s *specpb.Site) { s.FormatVersion = 2 }, "format version 2"},
		{"no repository", func(s *specpb.Site) { s.Repository = "" }, "no repository"},
		{"no channel", func(s *specpb.Site) { s.Channel = "" }, "no channel"},
		{"channel outside the log", func(s *specpb.Site) { s.Channel = "../x" }, "channel"},
		{"no keys", func(s *specpb.Site) { s.Keys = nil }, "no key"},
		{"keys of another channel", func(s *specpb.Site) { s.Keys = s.Keys[1:] }, "no key"},
		{"a key that is none", func(s *specpb.Site) { s.Keys[0].PublicKey = "rsa" }, `key "alice"`},
		{"floor without digest", func(s *specpb.Site) { s.Floor = &specpb.Floor{Number: 1} }, "floor"},
		{"floor without number", func(s *specpb.Site) { s.Floor = &specpb.Floor{Digest: digest.Digest{}.String()} }, "floor"},
		{"floor below zero", func(s *specpb.Site) { s.Floor = &specpb.Floor{Number: -1} }, "floor"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := memstore.New()
			publish(t, s, parts{"a": "1"})
			o := options(t, filepath.Join(t.TempDir(), "site"), s)
			test.change(o.Site)
			_, err := Run(t.Context(), o)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "site file: ") {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if _, err := os.Stat(o.Dir); !errors.Is(err, fs.ErrNotExist) {
				t.Error("something was written")
			}
		})
	}
}

// TestEveryObject flips a byte in every object of a release, one at a time.
func TestEveryObject(t *testing.T) {
	s := memstore.New()
	e := publish(t, s, parts{"a": "model a", "b": "model b"})
	for _, a := range e.Record.Artifacts {
		t.Run(a.Name, func(t *testing.T) {
			r, err := s.Get(t.Context(), a.Digest)
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			bad := append([]byte{}, data...)
			bad[len(bad)/2] ^= 1
			s.Damage(a.Digest.String(), bad)
			defer s.Damage(a.Digest.String(), data)
			o := options(t, t.TempDir(), s)
			_, err = Run(t.Context(), o)
			wantRefused(t, err, "artifact "+a.Name)
			if !strings.HasSuffix(err.Error(), "; no release is active") {
				t.Errorf("error %q does not say that nothing runs", err)
			}
			if _, err := Current(o.Dir); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Current: %v, want fs.ErrNotExist", err)
			}
			wantTidy(t, o.Dir, 0)
		})
	}
}

// TestDamagedSite: a file of the running release that rotted is fetched anew
// for the next one, not linked into it.
func TestDamagedSite(t *testing.T) {
	s := memstore.New()
	o := options(t, t.TempDir(), s)
	publish(t, s, parts{"a": "model a", "b": "model b"})
	mustPull(t, o)
	a, err := Current(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	path := a.Path("models/a.onnx")
	if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, []byte("model x"), 0o600)); err != nil {
		t.Fatal(err)
	}
	second := publish(t, s, parts{"a": "model a", "b": "model b2"})
	mustPull(t, o)
	wantRuns(t, o.Dir, second)
}

// TestDamagedSiteIsMadeAnew: where nothing is new, the running release is still
// looked at; a damaged one is made anew beside the old one, as often as needed.
func TestDamagedSiteIsMadeAnew(t *testing.T) {
	s := memstore.New()
	o := options(t, t.TempDir(), s)
	only := publish(t, s, parts{"a": "model a"})
	mustPull(t, o)
	for range 3 {
		a := wantRuns(t, o.Dir, only)
		if err := a.Check(); err != nil {
			t.Fatalf("a release as it was pulled: %v", err)
		}
		path := a.Path("models/a.onnx")
		if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, []byte("model x"), 0o600)); err != nil {
			t.Fatal(err)
		}
		var damaged *DamagedError
		if err := a.Check(); !errors.As(err, &damaged) || damaged.Artifact != "models/a.onnx" {
			t.Fatalf("Check of a damaged release: %v", err)
		}
		if r := mustPull(t, o); !r.Changed {
			t.Error("pull left the damaged release")
		}
	}
	wantRuns(t, o.Dir, only)
	if r := mustPull(t, o); r.Changed {
		t.Error("pull made a whole release anew")
	}
}

func TestFloor(t *testing.T) {
	s := memstore.New()
	o := options(t, t.TempDir(), s)
	publish(t, s, parts{"a": "1"})
	floor := publish(t, s, parts{"a": "2"})
	o.Site.Floor = &specpb.Floor{Number: 2, Digest: floor.Digest.String()}
	mustPull(t, o)
	wantRuns(t, o.Dir, floor)
	third := publish(t, s, parts{"a": "3"})
	mustPull(t, o)
	wantRuns(t, o.Dir, third)
}

// TestOtherChannel: a site file that names another channel starts anew there,
// whatever number runs.
func TestOtherChannel(t *testing.T) {
	s := memstore.New()
	o := options(t, t.TempDir(), s)
	publish(t, s, parts{"a": "1"})
	publish(t, s, parts{"a": "2"})
	mustPull(t, o)
	l := newLog(t, s)
	l.Channel, l.Trusted = "canary", []dsse.Key{newKey(t, "bob").Key()}
	e, err := l.Append(t.Context(), release.Draft{
		Signer: newKey(t, "bob"),
		Build:  func(int64, digest.Digest) (release.Record, error) { return build(t, s, parts{"a": "3"}), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	o.Site.Channel = "canary"
	mustPull(t, o)
	wantRuns(t, o.Dir, e)
}

func TestWorldFails(t *testing.T) {
	s := memstore.New()
	o := options(t, t.TempDir(), s)
	_, err := Run(t.Context(), o)
	wantFailed(t, err, release.ErrNoRelease, "; no release is active")

	first := publish(t, s, parts{"a": "1"})
	mustPull(t, o)
	publish(t, s, parts{"a": "2"})

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Run(cancelled, o)
	wantFailed(t, err, context.Canceled, "; local#1 stays active")

	held, err := disk.Acquire(t.Context(), filepath.Join(o.Dir, lockFile))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Run(t.Context(), o)
	wantFailed(t, err, ErrBusy, "; local#1 stays active")
	held.Release()

	root := filepath.Join(t.TempDir(), "store")
	gone, err := filestore.Init(root)
	if err != nil {
		t.Fatal(err)
	}
	os.RemoveAll(root)
	broken := o
	broken.Store = gone
	_, err = Run(t.Context(), broken)
	wantFailed(t, err, store.ErrUnavailable, "; local#1 stays active")
	wantRuns(t, o.Dir, first)
}

func wantFailed(t *testing.T, err, is error, suffix string) {
	t.Helper()
	var f *Failed
	if !errors.As(err, &f) || !errors.Is(err, is) || !strings.HasSuffix(err.Error(), suffix) {
		t.Errorf("error %v, want a Failed of %v with %q", err, is, suffix)
	}
}

func TestCurrentDamaged(t *testing.T) {
	other := publish(t, memstore.New(), parts{"a": "genuine, but not pulled"})
	s := memstore.New()
	publish(t, s, parts{"a": "1"})
	tests := []struct {
		name   string
		damage func(dir string, a Active) error
	}{
		{"leads nowhere", func(_ string, a Active) error { return os.RemoveAll(a.Dir) }},
		{"leads out", func(dir string, _ Active) error {
			link := filepath.Join(dir, currentLink)
			return errors.Join(os.Remove(link), os.Symlink("/etc", link))
		}},
		{"another record", func(_ string, a Active) error {
			return replaceFile(filepath.Join(a.Dir, envelopeFile), string(other.Envelope))
		}},
		{"no state", func(_ string, a Active) error { return os.Remove(filepath.Join(a.Dir, stateFile)) }},
		{"state of another format", func(_ string, a Active) error {
			return replaceFile(filepath.Join(a.Dir, stateFile), `{"format_version":2}`)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := options(t, t.TempDir(), s)
			mustPull(t, o)
			a, err := Current(o.Dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := test.damage(o.Dir, a); err != nil {
				t.Fatal(err)
			}
			if _, err := Current(o.Dir); err == nil || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Current: %v, want an error other than fs.ErrNotExist", err)
			}
			var f *Failed
			if _, err := Run(t.Context(), o); !errors.As(err, &f) {
				t.Errorf("Run: %v, want a Failed", err)
			}
		})
	}
}

func replaceFile(path, text string) error {
	return errors.Join(os.Remove(path), os.WriteFile(path, []byte(text), 0o600))
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 9_949: "9.9 kB", 9_950: "10 kB", 310_400: "310 kB",
		999_499: "999 kB", 999_500: "1.0 MB", 35_000_000: "35 MB", 4 << 30: "4.3 GB", 5e12: "5000 GB",
	} {
		if got := size(n); got != want {
			t.Errorf("size(%d) = %q, want %q", n, got, want)
		}
	}
}
