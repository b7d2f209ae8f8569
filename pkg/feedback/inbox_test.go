package feedback

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/dsse"
)

func newKey(t *testing.T, name string) *dsse.PrivateKey {
	t.Helper()
	key, err := dsse.GenerateKey(name, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// filed is a verdict on a window of which the alert carries all records.
func filed(verdict string) Filed {
	a := window(5*time.Minute, "src")
	a.FormatVersion, a.Model, a.Headers = alert.Version, "scan", []alert.Header{{From: 0, Header: "#h\ta"}}
	a.ID = a.Sum()
	return Filed{Repository: "demo", Environment: "plant", Verdict: verdict, By: "bob", Note: "why", At: time.Date(2026, 1, 4, 9, 0, 0, 0, time.UTC), Alert: a, Segments: a.Segments()}
}

func TestSealAndOpen(t *testing.T) {
	key, other := newKey(t, "plant"), newKey(t, "other")
	name, envelope, err := filed("benign").Seal(key)
	if err != nil {
		t.Fatal(err)
	}
	reporters := []dsse.Key{other.Key(), key.Key()}
	f, by, err := Open(name, envelope, "demo", reporters)
	if err != nil || by.Name != "plant" || f.Alert.ID != filed("").Alert.ID || f.Verdict != "benign" || len(f.Segments) != 1 {
		t.Fatalf("got %+v by %s, %v", f, by.Name, err)
	}
	otherName, otherEnvelope, err := filed("attack").Seal(other)
	if err != nil {
		t.Fatal(err)
	}
	for what, try := range map[string]func() error{
		"a stranger":      func() error { _, _, err := Open(name, envelope, "demo", []dsse.Key{other.Key()}); return err },
		"another project": func() error { _, _, err := Open(name, envelope, "prod", reporters); return err },
		"the name of another verdict": func() error {
			_, _, err := Open(strings.Replace(name, "-benign", "-attack", 1), envelope, "demo", reporters)
			return err
		},
		"the name of another key":    func() error { _, _, err := Open(otherName, envelope, "demo", reporters); return err },
		"an envelope of another one": func() error { _, _, err := Open(name, otherEnvelope, "demo", reporters); return err },
		"a changed byte": func() error {
			_, _, err := Open(name, bytes.Replace(envelope, []byte(`"payload":"e`), []byte(`"payload":"f`), 1), "demo", reporters)
			return err
		},
	} {
		if try() == nil {
			t.Errorf("%s is accepted", what)
		}
	}
}

// What is not whole is not signed.
func TestSealRefuses(t *testing.T) {
	key := newKey(t, "plant")
	for what, change := range map[string]func(*Filed){
		"no verdict":       func(f *Filed) { f.Verdict = "maybe" },
		"nobody":           func(f *Filed) { f.By = " " },
		"no reason":        func(f *Filed) { f.Note = "" },
		"an edited alert":  func(f *Filed) { f.Alert.Model = "other" },
		"a record less":    func(f *Filed) { f.Segments = nil },
		"a record more":    func(f *Filed) { f.Segments = append(f.Segments, f.Segments...) },
		"other records":    func(f *Filed) { f.Segments = []alert.Segment{{Header: "#h\ta", Records: []string{"b"}}} },
		"another header":   func(f *Filed) { f.Segments = []alert.Segment{{Header: "#h\tb", Records: []string{"a"}}} },
		"no header at all": func(f *Filed) { f.Segments = []alert.Segment{{Records: []string{"a"}}} },
	} {
		f := filed("attack")
		change(&f)
		if _, _, err := f.Seal(key); err == nil {
			t.Errorf("%s: sealed", what)
		}
	}
}

func TestAgreed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		votes  []string
		quorum int
		want   string
		why    string
	}{
		{"one", []string{"benign"}, 1, "benign", ""},
		{"two that agree", []string{"attack", "attack"}, 2, "attack", ""},
		{"too few", []string{"attack"}, 2, "", "attack by k0: 1 of 2 that are needed"},
		{"two that do not", []string{"attack", "benign"}, 1, "", "attack by k0, benign by k1"},
		{"whatever the quorum", []string{"attack", "attack", "benign"}, 2, "", "attack by k0, k1, benign by k2"},
	} {
		var b Ballot
		for i, v := range tt.votes {
			b.Add(filed(v), dsse.Key{Name: "k" + string(rune('0'+i))})
		}
		got, why := b.Agreed(tt.quorum)
		if got.Verdict != tt.want || why != tt.why {
			t.Errorf("%s: %q, %q", tt.name, got.Verdict, why)
		}
	}
}
