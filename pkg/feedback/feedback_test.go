package feedback

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

const (
	attack     = specpb.Verdict_ATTACK
	benign     = specpb.Verdict_BENIGN
	unlabelled = specpb.Verdict_VERDICT_UNSPECIFIED
)

func TestJudge(t *testing.T) {
	c := Claim{Verdict: benign, Segments: []alert.Segment{{Records: []string{"a", "a"}}, {Header: "#h", Records: []string{"b"}}}}
	row := func(label specpb.Verdict, shared int) Known {
		return Known{Contribution: "c", Label: label, Shared: shared}
	}
	for _, tt := range []struct {
		name  string
		known []Known
		want  Judgement
	}{
		{"nothing is known", nil, Judgement{}},
		{"the same row and label", []Known{row(benign, 3)}, Judgement{Repeats: []Known{row(benign, 3)}}},
		{"the same label, some of the records", []Known{row(benign, 2)}, Judgement{}},
		{"another label", []Known{row(attack, 3)}, Judgement{Contradicts: []Known{row(attack, 3)}}},
		{"another label, some of the records", []Known{row(attack, 1)}, Judgement{Contradicts: []Known{row(attack, 1)}}},
		{"unlabelled", []Known{row(unlabelled, 3)}, Judgement{}},
		{"both", []Known{row(attack, 3), row(benign, 3)}, Judgement{Contradicts: []Known{row(attack, 3)}, Repeats: []Known{row(benign, 3)}}},
	} {
		if d := cmp.Diff(tt.want, Judge(c, tt.known)); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

func record() alert.Alert {
	n := int64(4)
	return alert.Alert{ID: digest.Of([]byte("r")), Row: alert.Row{Parser: "conn", File: "x", Record: &n}, RecordCount: 1, Records: []string{"a"}}
}

func window(size time.Duration, keys ...string) alert.Alert {
	start := time.Date(2026, 1, 3, 8, 0, 0, 0, time.UTC)
	end := start.Add(size)
	key := map[string]any{}
	for _, k := range keys {
		key[k] = "10.0.0.7"
	}
	return alert.Alert{ID: digest.Of([]byte("w")), Row: alert.Row{Parser: "conn", Key: key, Start: &start, End: &end}, RecordCount: 1, Records: []string{"a"}}
}

func set(parser string, minutes int64, keys ...string) *compile.FeatureSet {
	out := &compile.FeatureSet{Name: "set", From: &compile.Parser{Name: parser}}
	if len(keys) > 0 {
		out.Group = &sql.Group{Window: &sql.Window{Time: "ts", Micros: minutes * 60_000_000}}
		for _, k := range keys {
			out.Group.Keys = append(out.Group.Keys, sql.Key{Name: k})
		}
	}
	return out
}

func sessions(gap, longest int64, keys ...string) *compile.FeatureSet {
	out := set("conn", longest, keys...)
	out.Group.Window.Gap = gap * 60_000_000
	return out
}

func TestCheckShape(t *testing.T) {
	minutes := 5 * time.Minute
	for _, tt := range []struct {
		name string
		a    alert.Alert
		set  *compile.FeatureSet
		ok   bool
	}{
		{"a record", record(), set("conn", 0), true},
		{"a record of another parser", record(), set("dns", 0), false},
		{"a record, a set of windows", record(), set("conn", 5, "src"), false},
		{"a window", window(minutes, "src"), set("conn", 5, "src"), true},
		{"keys in another order", window(minutes, "src", "dst"), set("conn", 5, "dst", "src"), true},
		{"a window, a set of records", window(minutes, "src"), set("conn", 0), false},
		{"another size", window(minutes, "src"), set("conn", 10, "src"), false},
		{"a session", window(minutes, "src"), sessions(4, 20, "src"), true},
		{"the longest session", window(20*time.Minute, "src"), sessions(4, 20, "src"), true},
		{"a longer one", window(21*time.Minute, "src"), sessions(4, 20, "src"), false},
		{"another key", window(minutes, "src"), set("conn", 5, "dst"), false},
		{"a key less", window(minutes, "src"), set("conn", 5, "src", "dst"), false},
	} {
		err := CheckShape(tt.a, tt.set)
		var shape *ShapeError
		if tt.ok != (err == nil) || err != nil && !errors.As(err, &shape) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

func TestFiles(t *testing.T) {
	p := &compile.Parser{Name: "conn", Raw: []string{"a"}, Format: source.Format{source.Delimited{Separator: '\t', Comment: "#", HeaderLine: "#fields"}}}
	c := Claim{Alert: record(), Segments: []alert.Segment{{Header: "#fields\ta\tb", Records: []string{"1\t2", "3\t4"}}, {Header: "#fields\tb\ta", Records: []string{"5\t6"}}}}
	got, err := c.Files(p)
	if err != nil {
		t.Fatal(err)
	}
	short := c.Alert.Short()
	want := []File{{Name: short + ".log", Data: []byte("#fields\ta\tb\n1\t2\n3\t4\n")}, {Name: short + "-2.log", Data: []byte("#fields\tb\ta\n5\t6\n")}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	// The other forms that records have.
	for name, form := range map[string]struct {
		format source.Format
		s      alert.Segment
		want   string
	}{
		"csv":           {source.Format{source.CSV{Separator: ',', Quote: '"'}}, alert.Segment{Header: "a,b", Records: []string{"\"1\n2\",3", "4,5"}}, "a,b\n\"1\n2\",3\n4,5\n"},
		"json":          {source.Format{source.JSON{}}, alert.Segment{Records: []string{`{"a":1}`, `{"a":2}`}}, "{\"a\":1}\n{\"a\":2}\n"},
		"key and value": {source.Format{source.KeyValue{Separator: " ", Assign: "=", Quote: '"'}}, alert.Segment{Records: []string{"a=1 b=2"}}, "a=1 b=2\n"},
	} {
		other := *p
		other.Format, c.Segments = form.format, []alert.Segment{form.s}
		got, err := c.Files(&other)
		if err != nil || len(got) != 1 || string(got[0].Data) != form.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, s := range map[string]alert.Segment{
		"no header":           {Records: []string{"1\t2"}},
		"another separator":   {Header: "#fields,a,b", Records: []string{"1,2"}},
		"two lines in one":    {Header: "#fields\ta\tb", Records: []string{"1\t2\n3\t4"}},
		"a line end in it":    {Header: "#fields\ta\tb", Records: []string{"1\t2\r"}},
		"a comment":           {Header: "#fields\ta\tb", Records: []string{"#1\t2"}},
		"too few columns":     {Header: "#fields\ta\tb", Records: []string{"1"}},
		"nothing in a record": {Header: "#fields\ta\tb", Records: []string{""}},
	} {
		c.Segments = []alert.Segment{s}
		if _, err := c.Files(p); err == nil || !strings.Contains(err.Error(), "do not read back") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestContribution(t *testing.T) {
	c := Claim{Alert: window(5*time.Minute, "src"), Set: set("conn", 5, "src"), Verdict: attack}
	c.Alert.Row.Key["user"] = nil
	c.Alert.Model, c.Alert.Release, c.Alert.Score, c.Alert.Threshold = "scan", "stable#3", 0.75, 0.5
	known := []Known{{Contribution: "contribution/d.day1", Record: 1, Label: benign}, {Contribution: "contribution/d.day1", Record: 9, Label: benign}}
	got := c.Contribution("alert-x", nil, Origin{Who: "alice", When: time.Date(2026, 1, 4, 9, 0, 0, 5, time.FixedZone("", 3600)), Note: "why"}, known)
	if got.GetAdded() != "2026-01-04T08:00:00Z" || got.GetAddedBy() != "alice" || got.GetNote() != "why" || got.GetLabel().GetVerdict() != attack || got.GetLabel().GetRowsOf() != "set" {
		t.Errorf("got %v", got)
	}
	p := got.GetProvenance()
	if p.GetAlert() != c.Alert.ID.String() || p.GetModel() != "scan" || p.GetRelease() != "stable#3" || p.GetScore() != 0.75 || p.GetWindowEnd() != "2026-01-03T08:05:00Z" {
		t.Errorf("got %v", p)
	}
	if len(p.GetKey()) != 2 || p.GetKey()[0].GetValue() != "10.0.0.7" || p.GetKey()[1].Value != nil {
		t.Errorf("key %v", p.GetKey())
	}
	if d := cmp.Diff([]string{"contribution/d.day1 (benign)"}, p.GetConfirmedAgainst()); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
