package alert

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/digest"
)

const header = "#fields\tts\thost"

// window is an alert on a window, whose records stand under two headers.
func window() Alert {
	start := time.Date(2026, 1, 3, 8, 0, 0, 0, time.UTC)
	end := start.Add(5 * time.Minute)
	a := Alert{FormatVersion: Version, Release: "stable#3", Model: "scan", ModelKey: digest.Of([]byte("m")), Score: 0.75, Threshold: 0.5,
		Row:         Row{Parser: "conn", Key: map[string]any{"src": "10.0.0.7", "port": json.Number("443"), "tcp": true, "user": nil}, Start: &start, End: &end},
		RecordCount: 3, Headers: []Header{{From: 0, Header: header}, {From: 2, Header: header + "\tport"}}, Records: []string{"1\ta", "2\ta", "3\ta\t443"}}
	a.ID = a.Sum()
	return a
}

func record() Alert {
	n := int64(7)
	a := Alert{FormatVersion: Version, Model: "scan", Row: Row{Parser: "conn", File: "new.log", Record: &n}, RecordCount: 1, Records: []string{"1\ta <b> \u2028"}}
	a.ID = a.Sum()
	return a
}

// Ids are pinned: another value means that verdicts on alerts of today would
// be refused.
func TestGoldenIDs(t *testing.T) {
	for a, want := range map[*Alert]string{ref(window()): "e434274a3629319a", ref(record()): "6b4e33756b04b8b6"} {
		if got := a.ID.Hex()[:16]; got != want {
			t.Errorf("id %s, want %s", got, want)
		}
	}
}

func ref(a Alert) *Alert { return &a }

// Every part that a verdict is about changes the id; what it is not about does
// not. An alert with another id than its content's is refused.
func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Alert)
		edited bool
	}{
		{"nothing", func(*Alert) {}, false},
		{"release", func(a *Alert) { a.Release = "stable#4" }, false},
		{"model key", func(a *Alert) { a.ModelKey = digest.Of(nil) }, false},
		{"score", func(a *Alert) { a.Score, a.Threshold = 0.1, 0.05 }, false},
		{"edge", func(a *Alert) { a.Row.Partial = true }, false},
		{"model", func(a *Alert) { a.Model = "other" }, true},
		{"parser", func(a *Alert) { a.Row.Parser = "other" }, true},
		{"text of a record", func(a *Alert) { a.Records[1] = "2\tb" }, true},
		{"order of records", func(a *Alert) { a.Records[0], a.Records[1] = a.Records[1], a.Records[0] }, true},
		{"number of records", func(a *Alert) { a.RecordCount, a.Records = 2, a.Records[:2]; a.Headers = a.Headers[:1] }, true},
		{"header", func(a *Alert) { a.Headers[0].Header = "#fields\thost\tts" }, true},
		{"no header", func(a *Alert) { a.Headers = nil }, true},
		{"where a header begins", func(a *Alert) { a.Headers[1].From = 1 }, true},
		{"value of the key", func(a *Alert) { a.Row.Key["src"] = "10.0.0.8" }, true},
		{"type of the key", func(a *Alert) { a.Row.Key["port"] = "443" }, true},
		{"null in the key", func(a *Alert) { a.Row.Key["user"] = "" }, true},
		{"name of the key", func(a *Alert) { delete(a.Row.Key, "user"); a.Row.Key["usr"] = nil }, true},
		{"window", func(a *Alert) { later := a.Row.End.Add(time.Microsecond); a.Row.End = &later }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := window()
			tt.change(&a)
			err := a.Check()
			var edited *EditedError
			if errors.As(err, &edited) != tt.edited || !tt.edited && err != nil {
				t.Errorf("got %v, edited: want %v", err, tt.edited)
			}
		})
	}
}

// What is not an alert is refused, whatever its id.
func TestCheckForm(t *testing.T) {
	for name, change := range map[string]func(*Alert){
		"no model":             func(a *Alert) { a.Model = "" },
		"no records":           func(a *Alert) { a.Records, a.Headers = nil, nil },
		"records left out":     func(a *Alert) { a.Records = a.Records[:2]; a.Headers = a.Headers[:1] },
		"more than it counts":  func(a *Alert) { a.RecordCount = 2 },
		"no window":            func(a *Alert) { a.Row.Start = nil },
		"no key":               func(a *Alert) { a.Row.Key = nil },
		"a record with a key":  func(a *Alert) { a.Row.Record = new(int64) },
		"headers out of order": func(a *Alert) { a.Headers[1].From = 0 },
		"a header beyond":      func(a *Alert) { a.Headers[1].From = 3 },
		"the first one late":   func(a *Alert) { a.Headers = a.Headers[1:] },
		"a list as a key":      func(a *Alert) { a.Row.Key["src"] = []any{} },
		"another version":      func(a *Alert) { a.FormatVersion = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			a := window()
			change(&a)
			a.ID = a.Sum()
			if a.Check() == nil {
				t.Error("accepted")
			}
		})
	}
}

// TestRead reads what was written, with and without a detour through another
// program that writes JSON.
func TestRead(t *testing.T) {
	var lines strings.Builder
	encoder := json.NewEncoder(&lines)
	encoder.SetEscapeHTML(false)
	for _, a := range []Alert{window(), record()} {
		if err := encoder.Encode(a); err != nil {
			t.Fatal(err)
		}
	}
	var detour strings.Builder
	for line := range strings.Lines(lines.String()) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		again, _ := json.Marshal(v)
		fmt.Fprintf(&detour, "\n  %s\r\n", again)
	}
	for name, text := range map[string]string{"as written": lines.String(), "by another program": detour.String()} {
		got, err := Read(strings.NewReader(text))
		if err != nil || len(got) != 2 {
			t.Fatalf("%s: %d alerts, %v", name, len(got), err)
		}
		for _, a := range got {
			if err := a.Check(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if d := cmp.Diff(window(), got[0]); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// What is no alert is refused with its line, and nothing of it is shown.
func TestReadWrong(t *testing.T) {
	for text, want := range map[string]string{
		"\n1\tsecret\n":                        "line 2: this is not a line of JSON",
		`{"format_version":1}`:                 "line 1: alert of format version 1, want 2",
		`{"format_version":3}`:                 "line 1: alert of format version 3, want 2",
		`{"format_version":2,"id":"secret"}`:   "line 1: this is not an alert",
		`{"format_version":2,"records":"sec"}`: "line 1: this is not an alert",
		`{"format_version":2}{}`:               "line 1: this is not a line of JSON",
	} {
		_, err := Read(strings.NewReader(text))
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestFind(t *testing.T) {
	w, r := window(), record()
	alerts := []Alert{w, r, w}
	for _, id := range []string{w.ID.String(), w.ID.Hex(), w.ID.Hex()[:6], "sha256:" + w.ID.Hex()[:6], strings.ToUpper(w.ID.Hex()[:8])} {
		if got, err := Find(alerts, id); err != nil || got.ID != w.ID {
			t.Errorf("%s: got %s, %v", id, got.Short(), err)
		}
	}
	for id, want := range map[string]int{"": 0, "sha256:": 0, "zz": 0} {
		_, err := Find(alerts, id)
		var unknown *UnknownError
		if !errors.As(err, &unknown) || unknown.Found != want || len(unknown.Like) != 2 {
			t.Errorf("%q: got %v", id, err)
		}
	}
	twin := r
	twin.ID = w.ID
	twin.ID[31] ^= 1
	_, err := Find([]Alert{w, twin}, w.ID.Hex()[:10])
	var unknown *UnknownError
	if !errors.As(err, &unknown) || unknown.Found != 2 {
		t.Errorf("two of one beginning: got %v", err)
	}
}

func TestSegments(t *testing.T) {
	want := []Segment{{Header: header, Records: []string{"1\ta", "2\ta"}}, {Header: header + "\tport", Records: []string{"3\ta\t443"}}}
	if d := cmp.Diff(want, window().Segments()); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if d := cmp.Diff([]Segment{{Records: record().Records}}, record().Segments()); d != "" {
		t.Errorf("without a header (-want +got):\n%s", d)
	}
	if d := cmp.Diff(want[:1], window().First(2).Segments()); d != "" {
		t.Errorf("the first two (-want +got):\n%s", d)
	}
}
