package pull

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/store"
)

// contractFile is the spec that the fake chain reads: a release.Contract.
const contractFile = "specs/contract.json"

// chain is a fake: it computes the keys that stand in a spec, and known
// answers are right if they are "answers to " and the model's bytes.
type chain struct {
	change func(keys map[string]digest.Digest, epochs map[string]int)
	err    error
}

func (c chain) Contract(specs fs.FS) (map[string]digest.Digest, map[string]int, error) {
	text, err := fs.ReadFile(specs, contractFile)
	if err != nil {
		return nil, nil, err
	}
	var contract release.Contract
	if err := json.Unmarshal(text, &contract); err != nil {
		return nil, nil, err
	}
	if c.change != nil {
		c.change(contract.Keys, contract.Epochs)
	}
	return contract.Keys, contract.Epochs, c.err
}

func (c chain) Answers(_ context.Context, dir string, rec release.Record) (int, error) {
	for _, k := range rec.KnownAnswers {
		m, _ := rec.Model(k.Model)
		model, err := os.ReadFile(filepath.Join(dir, m.Artifact))
		if err != nil {
			return 0, err
		}
		answers, err := os.ReadFile(filepath.Join(dir, k.Artifact))
		if err != nil {
			return 0, err
		}
		if string(answers) != "answers to "+string(model) {
			return 0, fmt.Errorf("model %s: record 1 scores 0.3, want 0.7", k.Model)
		}
	}
	return len(rec.KnownAnswers), nil
}

func newKey(t testing.TB, name string) *dsse.PrivateKey {
	t.Helper()
	k, err := dsse.GenerateKey(name, bytes.NewReader(bytes.Repeat([]byte(name[:1]), 32)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newSite(t testing.TB) *specpb.Site {
	return &specpb.Site{
		FormatVersion: 1, Repository: "acme", Environment: "plant_7", Channel: "local",
		Keys: []*specpb.TrustedKey{
			{Name: "alice", PublicKey: dsse.FormatPublic(newKey(t, "alice").Public()), Channels: []string{"local"}},
			{Name: "bob", PublicKey: dsse.FormatPublic(newKey(t, "bob").Public()), Channels: []string{"canary"}},
		},
	}
}

func options(t testing.TB, dir string, s store.Store) Options {
	return Options{
		Site: newSite(t), Dir: dir, Store: s, Chain: chain{},
		Now: func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) },
	}
}

func newLog(t testing.TB, s store.Store) release.Log {
	return release.Log{Store: s, Repository: "acme", Channel: "local", Trusted: []dsse.Key{newKey(t, "alice").Key()}}
}

// parts are what differs between the tests' releases: each model's bytes.
type parts map[string]string

// publish appends a release of these models, with one spec, a library and
// known answers, and returns it.
func publish(t testing.TB, s store.Store, models parts) release.Entry {
	t.Helper()
	e, err := newLog(t, s).Append(t.Context(), release.Draft{
		Signer: newKey(t, "alice"),
		Build: func(n int64, _ digest.Digest) (release.Record, error) {
			return build(t, s, models), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func build(t testing.TB, s store.Store, models parts) release.Record {
	t.Helper()
	r := release.Record{
		Created:  time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
		Contract: release.Contract{Keys: map[string]digest.Digest{}, Epochs: map[string]int{"length": 4}},
		Runtime:  release.Runtime{ONNXRuntime: "1.32.0", Library: "lib/libonnxruntime.so", Platform: "linux/amd64"},
	}
	for _, name := range []string{"a", "b", "c"} {
		data, ok := models[name]
		if !ok {
			continue
		}
		key := digest.Of([]byte(name))
		r.Contract.Keys["feature/set."+name] = key
		m := release.Model{
			Name: name, FeatureSet: "set", Features: []release.Input{{Name: name, Key: key}},
			Artifact: release.ModelFile.Name(name + ".onnx"),
		}
		answers := release.KnownAnswers.Name(name + ".json")
		r.Models = append(r.Models, m)
		r.KnownAnswers = append(r.KnownAnswers, release.KnownAnswer{Model: name, Artifact: answers})
		r.Artifacts = append(r.Artifacts,
			artifact(t, s, m.Artifact, release.ModelFile, data),
			artifact(t, s, answers, release.KnownAnswers, "answers to "+data))
	}
	r.Contract.Keys["field/zeek_conn.ts"] = digest.Of([]byte("ts"))
	contract, err := json.Marshal(r.Contract)
	if err != nil {
		t.Fatal(err)
	}
	r.Artifacts = append(r.Artifacts,
		artifact(t, s, release.Spec.Name(contractFile), release.Spec, string(contract)),
		artifact(t, s, release.Spec.Name("mlp.textproto"), release.Spec, `name: "acme"`),
		artifact(t, s, r.Runtime.Library, release.RuntimeFile, "\x7fELF"))
	return r
}

func artifact(t testing.TB, s store.Store, name string, kind release.Kind, data string) release.Artifact {
	t.Helper()
	d := digest.Of([]byte(data))
	if err := s.Put(t.Context(), d, strings.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	return release.Artifact{Name: name, Digest: d, Size: int64(len(data)), Kind: kind}
}

func mustPull(t testing.TB, o Options) Result {
	t.Helper()
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wantRuns checks that a site runs a release, whole: every file of the
// selected models has the signed bytes, and no other file is there.
func wantRuns(t testing.TB, dir string, want release.Entry) Active {
	t.Helper()
	a, err := Current(dir)
	if err != nil {
		t.Fatalf("Current: %v", err)
	}
	if a.Ref() != want.Ref() {
		t.Fatalf("the site runs %s (%s), want number %d (%s)", a.Name(), a.Digest.Short(), want.Record.Number, want.Digest.Short())
	}
	files := map[string]bool{envelopeFile: true, stateFile: true}
	for _, artifact := range a.Record.Artifacts {
		if taken(a, artifact) {
			files[artifact.Name] = true
			if d, err := digestOf(a.Path(artifact.Name)); err != nil || d != artifact.Digest {
				t.Errorf("%s of %s: wrong bytes, %v", artifact.Name, a.Name(), err)
			}
		}
	}
	err = filepath.WalkDir(a.Dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(a.Dir, path)
		if !files[filepath.ToSlash(name)] {
			t.Errorf("%s: a file that is none of the release", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return a
}

func taken(a Active, artifact release.Artifact) bool {
	if artifact.Kind == release.Spec || artifact.Kind == release.RuntimeFile {
		return true
	}
	for _, name := range a.Models {
		if strings.HasPrefix(filepath.Base(artifact.Name), name+".") {
			return true
		}
	}
	return false
}

// wantTidy checks that nothing but the kept releases lies in a site's
// directory.
func wantTidy(t testing.TB, dir string, kept int) {
	t.Helper()
	for _, path := range list(dir, func(string) bool { return true }) {
		switch name := filepath.Base(path); name {
		case currentLink, releases, lockFile:
		default:
			t.Errorf("left behind: %s", name)
		}
	}
	if got := list(filepath.Join(dir, releases), func(string) bool { return true }); len(got) > kept {
		t.Errorf("releases kept: %v, want at most %d", got, kept)
	}
}

func wantRefused(t testing.TB, err error, want string) {
	t.Helper()
	var r *Refused
	if !errors.As(err, &r) {
		t.Fatalf("error %v, want a Refused", err)
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("error %q, want one with %q", err, want)
	}
}
