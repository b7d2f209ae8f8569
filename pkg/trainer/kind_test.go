package trainer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/trainer"
)

const goodKind = `{"epoch": 2, "pins": ["b==2", "a==1.0"], "messages": {"mlp.trainers.x.B": "m", "mlp.trainers.x.A": "m"}}`

func kindFS(text string) fstest.MapFS {
	return fstest.MapFS{
		"x/trainer.json":   {Data: []byte(text)},
		"x/m.py":           {},
		"mlp_worker/a.py":  {},
		"requirements.txt": {},
	}
}

func TestLoad(t *testing.T) {
	got, err := trainer.Load(kindFS(goodKind))
	if err != nil {
		t.Fatal(err)
	}
	want := []trainer.Kind{{
		Name:     "x",
		Epoch:    2,
		Pins:     []string{"a==1.0", "b==2"},
		Messages: []string{"mlp.trainers.x.A", "mlp.trainers.x.B"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}

func TestLoadRefuses(t *testing.T) {
	tests := []struct {
		name, text, want string
	}{
		{"no JSON", `{`, "x/trainer.json"},
		{"other member", `{"epochs": 1}`, "unknown field"},
		{"no epoch", `{"messages": {"mlp.trainers.x.A": "m"}}`, "epoch is not 1 or more"},
		{"no message", `{"epoch": 1}`, "no parameter message"},
		{"loose pin", `{"epoch": 1, "pins": ["a>=1"], "messages": {"mlp.trainers.x.A": "m"}}`, `pin "a>=1"`},
		{"other package", `{"epoch": 1, "messages": {"mlp.trainers.y.A": "m"}}`, "is not of the package mlp.trainers.x"},
		{"path for a module", `{"epoch": 1, "messages": {"mlp.trainers.x.A": "../m"}}`, "not a module's name"},
		{"missing module", `{"epoch": 1, "messages": {"mlp.trainers.x.A": "n"}}`, "file does not exist"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := trainer.Load(kindFS(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}

func TestKindKey(t *testing.T) {
	kind := trainer.Kind{Name: "sklearn", Epoch: 1, Pins: []string{"numpy==2.4.6"}}
	const want = "sha256:b91b722487a2e4fa0e003fd46c3a80936c0adf23522b1b2475bf9b187f8bdd12"
	if got := kind.Key().String(); got != want {
		t.Errorf("key is %s, was %s: models would be trained anew", got, want)
	}
	keys := map[string]bool{kind.Key().String(): true}
	for _, other := range []trainer.Kind{
		{Name: "tensorflow", Epoch: 1, Pins: kind.Pins},
		{Name: "sklearn", Epoch: 2, Pins: kind.Pins},
		{Name: "sklearn", Epoch: 1, Pins: []string{"numpy==2.4.7"}},
	} {
		keys[other.Key().String()] = true
	}
	if len(keys) != 4 {
		t.Error("two kinds have one key")
	}
	kind.Messages = []string{"added"}
	if got := kind.Key().String(); got != want {
		t.Error("another message changes the key of those that were there")
	}
}

func TestUnpack(t *testing.T) {
	cache := t.TempDir()
	dir, err := trainer.Unpack(kindFS(goodKind), cache)
	if err != nil {
		t.Fatal(err)
	}
	read := func() string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(dir, "x", "trainer.json"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if got := read(); got != goodKind {
		t.Errorf("got %s", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "x", "trainer.json"), []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	again, err := trainer.Unpack(kindFS(goodKind), cache)
	if err != nil || again != dir {
		t.Fatalf("got %s, %v; want %s", again, err, dir)
	}
	if got := read(); got != goodKind {
		t.Errorf("a changed file stays: %s", got)
	}
	other, err := trainer.Unpack(kindFS(goodKind+" "), cache)
	if err != nil || other == dir {
		t.Errorf("other files share %s: %v", other, err)
	}
	left, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(left) != 2 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
