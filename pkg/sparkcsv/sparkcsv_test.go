package sparkcsv_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mlpdev/mlp/pkg/sparkcsv"
)

// record is one of random texts with what the reader or writer of Spark 4.3.0
// makes of it, each in a session of its own.
type record struct {
	Options map[string]string `json:"options"`
	Text    string            `json:"text"`
	Values  []*string         `json:"values"`
}

func records(t *testing.T, name string, least int) []record {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var out []record
	for line := range bytes.Lines(data) {
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	if len(out) < least {
		t.Fatalf("%d records, want %d", len(out), least)
	}
	return out
}

func TestParse(t *testing.T) {
	for _, r := range records(t, "read.jsonl", 550) {
		o, problem := sparkcsv.New(r.Options, false)
		if problem != "" {
			t.Fatal(problem)
		}
		values, ok := o.Parse(r.Text)
		same := slices.EqualFunc(values, r.Values, func(a string, b *string) bool { return b != nil && a == *b })
		if !ok || !same {
			want, _ := json.Marshal(r)
			t.Errorf("got %q, want %s", values, want)
		}
	}
}

func TestAppend(t *testing.T) {
	for _, r := range records(t, "write.jsonl", 500) {
		o, problem := sparkcsv.New(r.Options, true)
		if problem != "" {
			t.Fatal(problem)
		}
		var got []byte
		for i, v := range r.Values {
			if i > 0 {
				got = append(got, string(o.Separator)...)
			}
			if v == nil {
				got = o.Append(got, "", true)
			} else {
				got = o.Append(got, *v, false)
			}
		}
		if string(got) != r.Text {
			want, _ := json.Marshal(r)
			t.Errorf("got %q, want %s", got, want)
		}
	}
}

// TestLong reads what Spark's reader has limits for, and what is deep.
func TestLong(t *testing.T) {
	o, _ := sparkcsv.New(nil, false)
	if _, ok := o.Parse(string(bytes.Repeat([]byte(","), 20479))); !ok {
		t.Error("20,480 values are not read")
	}
	if _, ok := o.Parse(string(bytes.Repeat([]byte(","), 20480))); ok {
		t.Error("more values than Spark reads are read")
	}
	if _, ok := o.Parse(string(bytes.Repeat([]byte(`"a`), 100_000))); !ok {
		t.Error("many quotes are not read")
	}
}

func TestOptions(t *testing.T) {
	for name, values := range map[string][]string{"sep": {"", "ab", `\`, `\x`, "😀", `"`, "\x00"}, "quote": {"ab", ","}, "escape": {"xy", ","}, "quoteall": {"yes"}} {
		for _, value := range values {
			if _, problem := sparkcsv.New(map[string]string{name: value}, true); problem == "" {
				t.Errorf("%s %q is taken", name, value)
			}
		}
	}
	o, problem := sparkcsv.New(map[string]string{"delimiter": `\t`, "sep": "|", "nullvalue": "\x00\"é"}, false)
	read, ok := sparkcsv.Read(o.String())
	if problem != "" || !ok || read != o || o.Separator != '|' {
		t.Errorf("%+v %s, read again %+v", o, problem, read)
	}
	for name, value := range map[string]string{"ignoreleadingwhitespace": "false", "ignoretrailingwhitespace": "true"} {
		if _, problem := sparkcsv.New(map[string]string{name: value}, value == "false"); problem == "" {
			t.Errorf("%s is taken alone", name)
		}
	}
}
