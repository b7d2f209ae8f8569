package scaffold

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"path"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestForms makes the same connections as tabs and as JSON, and finds the same
// values in both.
func TestForms(t *testing.T) {
	tabs := Log{Seed: 1, Start: time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC), Records: 100, Scanners: 2, Labelled: true}
	objects := tabs
	objects.JSON = true
	var names []string
	var rows [][]string
	for line := range strings.Lines(string(tabs.Bytes())) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case cells[0] == "#fields":
			names = cells[1:]
		case !strings.HasPrefix(line, "#"):
			rows = append(rows, cells)
		}
	}
	lines := slices.Collect(strings.Lines(string(objects.Bytes())))
	if len(lines) != len(rows) || len(rows) < 150 {
		t.Fatalf("%d objects, %d lines of tabs", len(lines), len(rows))
	}
	for i, line := range lines {
		var object map[string]any
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.UseNumber()
		if err := decoder.Decode(&object); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		for j, name := range names {
			want := rows[i][j]
			got, set := object[name]
			if number, ok := got.(json.Number); ok {
				got = number.String()
			}
			if want == "-" || want == "(empty)" {
				if set {
					t.Errorf("line %d: %s is %v, not set in tabs", i+1, name, got)
				}
			} else if got != want {
				t.Errorf("line %d: %s is %v, %s in tabs", i+1, name, got, want)
			}
		}
	}
}

// TestSamples holds that samples are what their names say, and the same each
// time.
func TestSamples(t *testing.T) {
	again := Samples()
	for i, s := range Samples() {
		if !bytes.Equal(s.Bytes, again[i].Bytes) {
			t.Errorf("%s is another one the second time", s.Path)
		}
		if (s.Dataset == "") != (s.Label == "" && s.LabelExpr == "") {
			t.Errorf("%s of dataset %q has label %q%q", s.Path, s.Dataset, s.Label, s.LabelExpr)
		}
		switch path.Ext(s.Path) {
		case ".gz":
			r, err := gzip.NewReader(bytes.NewReader(s.Bytes))
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil || !bytes.Contains(text, []byte(" result=Accepted ")) {
				t.Errorf("%s has no pairs (%v)", s.Path, err)
			}
		case ".csv":
			records, err := csv.NewReader(bytes.NewReader(s.Bytes)).ReadAll()
			if err != nil {
				t.Fatalf("%s: %v", s.Path, err)
			}
			both := func(r []string) bool { return strings.Contains(r[3], "\n") && strings.Contains(r[3], `"`) }
			if !slices.ContainsFunc(records, both) {
				t.Errorf("%s has no value of several lines with quotes", s.Path)
			}
		}
	}
}
