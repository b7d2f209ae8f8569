package sparktime_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/mlpdev/mlp/pkg/sparktime"
)

// TestRead compares with what the formatter of Spark 4.3.0 reads: random
// patterns, and texts that they write or that are a little otherwise.
func TestRead(t *testing.T) {
	data, err := os.ReadFile("testdata/read.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range bytes.Lines(data) {
		var want struct {
			Pattern, Text string
			Micros        *int64
		}
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatal(err)
		}
		n++
		p, problem := sparktime.Parse(want.Pattern)
		got, ok := p.Read(want.Text)
		if problem != "" || ok != (want.Micros != nil) || ok && got.Instant() != *want.Micros {
			t.Errorf("%q %q: got %d %v %s, want %s", want.Pattern, want.Text, got.Instant(), ok, problem, line)
		}
	}
	if n < 900 {
		t.Errorf("%d texts, want 900", n)
	}
}

func TestParse(t *testing.T) {
	for _, pattern := range []string{"", "'T'", "yyyyyyy", "MMMMM", "ddd", "DDDD", "E", "EEE", "F", "w", "u", "Y", "e", "Q", "q", "n", "SSSSSSSSSS", "aa", "GGGGG", "XXXXXX", "OO", "V", "yyyy#", "{yyyy}", "yyyy]", "[yyyy", "yyyy 'T", "yyyy''"} {
		if _, problem := sparktime.Parse(pattern); problem == "" {
			t.Errorf("%q is taken", pattern)
		}
	}
}

// TestRange reads the first and the last times that there are.
func TestRange(t *testing.T) {
	p, _ := sparktime.Parse("y-M-d H:m:s.SSSSSS[ XXX]")
	for text, want := range map[string]bool{
		"294247-1-10 4:0:54.775806": true, "294247-1-10 4:0:54.775807": false, "294247-1-10 4:0:54.775806 +01:00": true, "294247-1-10 4:0:54.775806 -01:00": false, "294247-1-11 0:0:0.0": false,
		"-290308-12-22 0:0:0.0": true, "-290308-12-21 23:59:59.9": false, "-290308-12-22 0:0:0.0 +01:00": false, "-290308-12-22 0:0:0.0 -01:00": true, "999999999-1-1 0:0:0.0": false, "-999999999-1-1 0:0:0.0": false, "9999999999-1-1 0:0:0.0": false,
	} {
		if _, ok := p.Read(text); ok != want {
			t.Errorf("%s: %v", text, ok)
		}
	}
}
