package score

import (
	"encoding/json"
	"flag"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/alert"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestAlertJSON pins the form of an alert and of a scored row, of windows and
// of records.
func TestAlertJSON(t *testing.T) {
	b := newBench(t)
	log := layouts()[0].log([]record{at(1, "a"), at(2, "a"), at(3, "a"), at(4, "a")})
	low := windows()
	low.threshold = 0.4
	got := b.run(t, Options{Chains: b.chains(t, low, rows()), Final: true, Segments: segments(log)})
	const golden = "testdata/alerts.jsonl"
	if *update {
		must(t, os.WriteFile(golden, []byte(got.text), 0o644))
	}
	want, err := os.ReadFile(golden)
	must(t, err)
	if diff := cmp.Diff(string(want), got.text); diff != "" {
		t.Errorf("%s (-want +got):\n%s", golden, diff)
	}
}

// TestTopFeatures come with the one first without which the score falls most.
func TestTopFeatures(t *testing.T) {
	b := newBench(t)
	got := b.run(t, Options{Chains: b.chains(t, rows()), Segments: segments(layouts()[0].log(records(5, 60, 2)))})
	if len(got.alerts) == 0 {
		t.Fatal("no alerts")
	}
	for _, a := range got.alerts {
		if len(a.TopFeatures) != topFeatures {
			t.Fatalf("%d top features, want %d", len(a.TopFeatures), topFeatures)
		}
		if a.TopFeatures[0].Feature != "failed" || a.TopFeatures[0].Drop == nil || *a.TopFeatures[0].Drop <= 0 {
			t.Errorf("the first top feature is %+v, want failed", a.TopFeatures[0])
		}
		if !slices.IsSortedFunc(a.TopFeatures, func(x, y alert.Feature) int {
			if *x.Drop != *y.Drop {
				return int((*y.Drop - *x.Drop) * 1e9)
			}
			return strings.Compare(x.Feature, y.Feature)
		}) {
			t.Errorf("top features are not sorted: %+v", a.TopFeatures)
		}
		if float64(a.Score) < a.Threshold || a.RecordCount != 1 || len(a.Records) != 1 {
			t.Errorf("alert of score %v at %v with %d records", a.Score, a.Threshold, a.RecordCount)
		}
	}
}

// TestNoFiniteNumber has infinite and missing features, and a model that gives
// no score for them: JSON has null there, and every record is scored.
func TestNoFiniteNumber(t *testing.T) {
	b := newBench(t)
	infinite, missing := at(1, "a"), at(2, "a")
	infinite["duration"] = "Infinity"
	missing["orig_pkts"] = "0" // pkt_size is NULL
	log := layouts()[0].log([]record{infinite, missing, at(3, "a")})
	l := rows()
	l.weights = map[string]float32{"duration_log": 1, "failed": 9}
	got := b.run(t, Options{Chains: b.chains(t, l), Segments: segments(log)})
	if len(got.rows) != 3 || len(got.alerts) != 3 {
		t.Fatalf("%d rows and %d alerts, want 3 and 3", len(got.rows), len(got.alerts))
	}
	if got.rows[0].Features["duration_log"].Number != nil || got.rows[1].Features["pkt_size"].Number != nil || got.rows[2].Features["pkt_size"].Number == nil {
		t.Errorf("features: %s", got.text)
	}
	plain := l
	plain.plain = true
	none := b.run(t, Options{Chains: b.chains(t, plain), Segments: segments(log)})
	if len(none.rows) != 3 || none.rows[0].Score != nil || none.rows[2].Score == nil || len(none.alerts) != 1 {
		t.Errorf("a model that gives no score: %s", none.text)
	}
	for line := range strings.Lines(none.text) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

// TestAccount counts every line and record of logs that are in no good order.
func TestAccount(t *testing.T) {
	b := newBench(t)
	good := layouts()[0].log([]record{at(1, "a"), at(2, "a")})
	noTime := at(3, "a")
	noTime["ts"] = "-"
	narrow := layout{"ts", "id.orig_h", "id.resp_h"}
	tests := []struct {
		name    string
		logs    []string
		want    Summary
		rejects map[string]int64
		missing int
	}{
		{name: "good", logs: []string{good}, want: Summary{Lines: 4, Records: 2, Rows: 2}},
		{name: "two files", logs: []string{good, layouts()[2].log([]record{at(3, "a")})}, want: Summary{Lines: 7, Records: 3, Rows: 3}},
		{name: "no byte", logs: []string{""}, want: Summary{}},
		{name: "no record", logs: []string{layouts()[0].log(nil)}, want: Summary{Lines: 2}},
		{name: "an empty file among others", logs: []string{"", good}, want: Summary{Lines: 4, Records: 2, Rows: 2}},
		{name: "blanks and comments", logs: []string{good + "\n\n#close\tx\n"}, want: Summary{Lines: 7, Records: 2, Rows: 2}},
		{name: "cut short", logs: []string{good[:len(good)-8]}, want: Summary{Lines: 4, Records: 2, Rows: 1}, rejects: map[string]int64{"too few columns": 1}},
		{name: "no header", logs: []string{good[strings.Index(good, "\n17")+1:]}, want: Summary{Lines: 2, Records: 2}, rejects: map[string]int64{"no header": 2}},
		{name: "a requirement", logs: []string{layouts()[0].log([]record{noTime, at(4, "a")})}, want: Summary{Lines: 4, Records: 2, Rows: 1},
			rejects: map[string]int64{"require 1": 1}},
		{name: "columns that are not there", logs: []string{narrow.log([]record{at(1, "a")})}, want: Summary{Lines: 3, Records: 1, Rows: 1}, missing: 11},
		{name: "columns that one file has", logs: []string{narrow.log([]record{at(1, "a")}), good}, want: Summary{Lines: 7, Records: 3, Rows: 3}},
	}
	chains := b.chains(t, windows(), rows())
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := b.run(t, Options{Chains: chains, Final: true, Segments: segments(test.logs...)})
			s := got.summary
			if s.Lines != test.want.Lines || s.Records != test.want.Records || s.Rows != test.want.Rows {
				t.Errorf("%+v, want %+v", *s, test.want)
			}
			if test.want.Rows == 0 && len(got.rows)+len(got.alerts) > 0 {
				t.Errorf("something was scored: %s", got.text)
			}
			var rejects int64
			for _, n := range test.rejects {
				rejects += n
			}
			if s.Records-s.Rows != rejects || len(s.Rejects) != len(test.rejects) {
				t.Errorf("rejects %v, want %v", s.Rejects, test.rejects)
			}
			if s.Rows > 0 && len(s.Missing) != test.missing {
				t.Errorf("missing columns %q, want %d", s.Missing, test.missing)
			}
			if rows := s.Models[1].Rows; rows != s.Rows {
				t.Errorf("%d rows were scored of %d", rows, s.Rows)
			}
		})
	}
}

// TestRunFails passes on what goes wrong around it.
func TestRunFails(t *testing.T) {
	b := newBench(t)
	o := Options{DB: b.db, Chains: b.chains(t, rows()), Segments: segments(layouts()[0].log([]record{at(1, "a")})), Emit: func(alert.Alert) error { return io.ErrShortWrite }}
	if _, _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "short write") {
		t.Errorf("got %v, want the writer's error", err)
	}
	o.Segments = []Segment{{Name: "gone.log", Open: func() (io.ReadCloser, error) { return nil, os.ErrNotExist }}}
	if _, _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "gone.log") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}
