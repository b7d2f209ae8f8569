package score

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/digest"
)

func TestStateRoundTrip(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "here")
	want := &State{FormatVersion: StateVersion, Parser: "zeek_conn", Watermarks: map[string]int64{"m": -5, "n": 1 << 60},
		Open:  []OpenSegment{{Header: "#fields\ta\tb", Records: []string{"1\t\"x\"", "ü\t"}}, {Sessions: []string{"m", "n"}, Records: []string{"<&>"}}},
		Taken: Taken{Logs: digest.Of([]byte("a log")), Final: true}}
	for range 2 { // the second replaces the first
		must(t, want.Save(dir))
		got, err := LoadState(dir, "zeek_conn")
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("state (-saved +loaded):\n%s", diff)
		}
	}
	list, err := os.ReadDir(dir)
	must(t, err)
	if len(list) != 1 {
		t.Errorf("%d files in the directory, want 1", len(list))
	}
	other, err := LoadState(dir, "other")
	must(t, err)
	if diff := cmp.Diff(NewState("other"), other); diff != "" {
		t.Errorf("state of another parser (-want +got):\n%s", diff)
	}
}

func TestLoadStateRefuses(t *testing.T) {
	const whole = `{"format_version":3,"parser":"zeek_conn","watermarks":{"m":1},"open":[{"records":["a"]}]}`
	tests := []struct{ name, text, want string }{
		{"whole", whole, ""},
		{"version 1", strings.Replace(whole, `"format_version":3`, `"format_version":1`, 1), ""},
		{"version 2", strings.Replace(whole, `"format_version":3`, `"format_version":2`, 1), ""},
		{"empty", "", "EOF"},
		{"cut", whole[:len(whole)-4], "EOF"},
		{"no JSON", "mlp", "invalid character"},
		{"two of them", whole + whole, "after"},
		{"garbage behind it", whole + "x", "after"},
		{"older format", strings.Replace(whole, `"format_version":3`, `"format_version":0`, 1), "format version 0"},
		{"newer format", strings.Replace(whole, `"format_version":3`, `"format_version":4`, 1), "format version 4"},
		{"another parser", strings.Replace(whole, "zeek_conn", "zeek_dns", 1), `parser "zeek_dns"`},
		{"unknown field", strings.Replace(whole, `"open"`, `"opened"`, 1), "unknown field"},
		{"another type", strings.Replace(whole, `"a"`, "1", 1), "cannot unmarshal"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			must(t, os.WriteFile(statePath(dir, "zeek_conn"), []byte(test.text), 0o644))
			_, err := LoadState(dir, "zeek_conn")
			switch {
			case test.want == "" && err != nil:
				t.Errorf("got %v, want no error", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "state")):
				t.Errorf("got %v, want an error about the state with %q", err, test.want)
			}
		})
	}
}

// TestSaveStateFails keeps the old state where the new one cannot be written.
func TestSaveStateFails(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o644))
	if err := NewState("p").Save(filepath.Join(dir, "file")); err == nil {
		t.Error("a file served as a directory")
	}
	must(t, os.Mkdir(statePath(dir, "p"), 0o755))
	if err := NewState("p").Save(dir); err == nil {
		t.Error("a directory was replaced")
	}
	list, err := os.ReadDir(dir)
	must(t, err)
	if len(list) != 2 {
		t.Errorf("%d files, want 2: nothing half written stays", len(list))
	}
}

func FuzzLoadState(f *testing.F) {
	f.Add([]byte(`{"format_version":1,"parser":"p","watermarks":{"m":1},"open":[{"header":"#","records":["a"]}]}`))
	f.Add([]byte(`{"format_version":2,"parser":"p","watermarks":null,"open":null,"taken":{"logs":"sha256:` + strings.Repeat("0", 64) + `"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		must(t, os.WriteFile(statePath(dir, "p"), data, 0o644))
		s, err := LoadState(dir, "p")
		if err != nil {
			return
		}
		s.segments()
		must(t, s.Save(dir))
		again, err := LoadState(dir, "p")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, again); diff != "" {
			t.Errorf("(-loaded +saved and loaded):\n%s", diff)
		}
	})
}

// TestRepeatedRun dies between alerts and state: the run that follows gives the
// same alerts, with the same IDs, and from then on nothing is repeated.
func TestRepeatedRun(t *testing.T) {
	b := newBench(t)
	chains := b.chains(t, windows(), rows())
	all := records(4, 150, 4)
	plain := layouts()[0]
	first := b.run(t, Options{Chains: chains, State: NewState("zeek_conn"), Segments: segments(plain.log(all[:200]))})
	second := Options{Chains: chains, State: first.next, Segments: segments(plain.log(all[200:]))}
	died, repeated := b.run(t, second), b.run(t, second)
	if len(died.alerts) == 0 || died.summary.Reopened == 0 {
		t.Fatalf("%d alerts and %d reopened records try nothing", len(died.alerts), died.summary.Reopened)
	}
	if diff := cmp.Diff(died.text, repeated.text); diff != "" {
		t.Errorf("alerts (-first +repeated):\n%s", diff)
	}
	if diff := cmp.Diff(died.next, repeated.next); diff != "" {
		t.Errorf("state (-first +repeated):\n%s", diff)
	}
	seen := map[string]bool{}
	for _, a := range append(first.alerts, died.alerts...) {
		if a.Model == "scan_src" && seen[a.ID.String()] {
			t.Errorf("alert %s came twice", a.ID)
		}
		seen[a.ID.String()] = true
	}
}

// TestLogsAreTakenOnce repeats runs whose end nobody saw: what they took is not
// taken again, and a final one after one that was not scores what is open.
func TestLogsAreTakenOnce(t *testing.T) {
	b := newBench(t)
	chains := b.chains(t, windows(), rows())
	logs := segments(layouts()[0].log(records(4, 150, 4)[:200]))
	want := b.run(t, Options{Chains: chains, State: NewState("zeek_conn"), Segments: logs, Final: true})
	sum, err := DigestLogs(logs)
	must(t, err)
	first := b.run(t, Options{Chains: chains, State: NewState("zeek_conn"), Segments: logs, Logs: sum})
	if !first.next.Done(sum, false) || first.next.Done(sum, true) || first.next.Done(digest.Of(nil), false) {
		t.Errorf("done: %v; final: %v; other logs: %v", first.next.Done(sum, false), first.next.Done(sum, true), first.next.Done(digest.Of(nil), false))
	}
	again := b.run(t, Options{Chains: chains, State: first.next, Segments: logs, Logs: sum})
	if diff := cmp.Diff(first.next, again.next); diff != "" || again.text != "" {
		t.Errorf("a repeated run gave %d bytes of alerts and rows; state (-first +again):\n%s", len(again.text), diff)
	}
	last := b.run(t, Options{Chains: chains, State: first.next, Segments: logs, Logs: sum, Final: true})
	if !last.next.Done(sum, true) || !last.next.Done(sum, false) {
		t.Error("a final run is not done")
	}
	if len(last.alerts) == 0 || len(first.alerts)+len(last.alerts) != len(want.alerts) || len(first.rows)+len(last.rows) != len(want.rows) {
		t.Errorf("%d and %d alerts, %d and %d rows; at once %d and %d", len(first.alerts), len(last.alerts), len(first.rows), len(last.rows), len(want.alerts), len(want.rows))
	}
}

// TestRowsOfTheState are not scored again by models of rows.
func TestRowsOfTheState(t *testing.T) {
	b := newBench(t)
	chains := b.chains(t, windows(), rows())
	plain := layouts()[0]
	first := b.run(t, Options{Chains: chains, State: NewState("zeek_conn"), Segments: segments(plain.log([]record{at(1, "a"), at(2, "a")}))})
	second := b.run(t, Options{Chains: chains, State: first.next, Segments: segments(plain.log([]record{at(3, "a")}))})
	if second.summary.Reopened != 2 {
		t.Errorf("%d records were reopened, want 2", second.summary.Reopened)
	}
	for _, s := range []scored{first, second} {
		for _, r := range s.rows {
			if r.Model == "scan_conn" && r.Row.File != "new.log" {
				t.Errorf("a row of %q was scored", r.Row.File)
			}
		}
	}
	if n := second.summary.Models[1]; n.Model != "scan_conn" || n.Rows != 1 {
		t.Errorf("%+v, want 1 row of scan_conn", n)
	}
}

// TestStateUnderOtherSpecs takes up a state with a parser that rejects some of
// its records: they were counted before, and are not counted again.
func TestStateUnderOtherSpecs(t *testing.T) {
	b := newBench(t)
	plain := layouts()[0]
	first := b.run(t, Options{Chains: b.chains(t, windows()), State: NewState("zeek_conn"), Segments: segments(plain.log([]record{at(1, "a"), at(2, "b")}))})
	strict := b.edited(t, "specs/parsers/zeek_conn.textproto", `require: "ts IS NOT NULL"`, `require: "ts IS NOT NULL AND src <> 'b'"`)
	second := strict.run(t, Options{Chains: strict.chains(t, windows()), State: first.next, Final: true,
		Segments: segments(plain.log([]record{at(3, "a"), at(4, "b")}))})
	s := second.summary
	if s.Records != 2 || s.Rows != 1 || s.Reopened != 2 || len(second.rows) != 1 {
		t.Errorf("%+v with %d windows, want 2 records, 1 row and 2 reopened records in 1 window", s, len(second.rows))
	}
}

// TestTwoTrees has models that read different versions of the specs: both score
// the same records once, which are open once.
func TestTwoTrees(t *testing.T) {
	b := newBench(t)
	other := b.edited(t, "specs/features/src_5min.textproto", `size: "5 minutes"`, `size: "10 minutes"`)
	long := windows()
	long.name = "scan_long"
	chains := append(b.chains(t, windows()), other.chains(t, long)...)
	log := layouts()[0].log([]record{at(1, "a"), at(301, "a"), at(302, "b")})
	got := b.run(t, Options{Chains: chains, State: NewState("zeek_conn"), Segments: segments(log)})
	if got.summary.Records != 3 || got.summary.Rows != 3 || len(got.summary.Models) != 2 {
		t.Errorf("%+v, want 3 records for 2 models", got.summary)
	}
	open := 0
	for _, s := range got.next.Open {
		open += len(s.Records)
	}
	if open != 3 || len(got.next.Open) != 1 {
		t.Errorf("%d records are open in %d segments, want 3 in 1", open, len(got.next.Open))
	}
	last := b.run(t, Options{Chains: chains, State: got.next, Final: true, Segments: segments(layouts()[1].log([]record{at(303, "b")}))})
	count := map[string]int{}
	for _, r := range append(got.rows, last.rows...) {
		count[r.Model]++
	}
	if diff := cmp.Diff(map[string]int{"scan_src": 3, "scan_long": 2}, count); diff != "" {
		t.Errorf("windows (-want +got):\n%s", diff)
	}
}
