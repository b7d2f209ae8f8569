package score

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// answers runs a log through a chain and reads back what a release would hold.
func answers(t *testing.T, b *bench, c *Chain, raw string) *Answers {
	t.Helper()
	made, err := c.Answer(t.Context(), b.db, raw)
	must(t, err)
	text, err := json.Marshal(made)
	must(t, err)
	out := &Answers{}
	must(t, json.Unmarshal(text, out))
	if diff := cmp.Diff(made, out); diff != "" {
		t.Errorf("JSON changes answers (-made +read):\n%s", diff)
	}
	return out
}

// TestCheck names the first difference from known answers.
func TestCheck(t *testing.T) {
	b := newBench(t)
	c := b.chain(t, rows())
	raw := layouts()[1].log([]record{at(1, "a"), at(2, "a")})
	text := func(s string) *string { return &s }
	feature := func(name string) int {
		for i, f := range c.Features {
			if f.Name == name {
				return i
			}
		}
		t.Fatalf("no feature %s", name)
		return 0
	}
	size := feature("pkt_size")
	tests := []struct {
		name, want string
		edit       func(a *Answers)
	}{
		{"nothing", "", func(*Answers) {}},
		{"a feature within the tolerance", "", func(a *Answers) { a.Rows[1].Features[size] = text("40.00000001") }},
		{"a score within the tolerance", "", func(a *Answers) { a.Rows[1].Score += 5e-6 }},
		{"a feature", "row 1: feature pkt_size is 40, the release has 40.1", func(a *Answers) { a.Rows[1].Features[size] = text("40.1") }},
		{"a feature that is NULL", "row 0: feature pkt_size is 40, the release has NULL", func(a *Answers) { a.Rows[0].Features[size] = nil }},
		{"no number", "feature pkt_size is 40, the release has x", func(a *Answers) { a.Rows[0].Features[size] = text("x") }},
		{"not a number", "feature pkt_size is 40, the release has NaN", func(a *Answers) { a.Rows[0].Features[size] = text("NaN") }},
		{"infinity", "feature pkt_size is 40, the release has +Inf", func(a *Answers) { a.Rows[0].Features[size] = text("+Inf") }},
		{"a score", "row 1: score is", func(a *Answers) { a.Rows[1].Score += 2e-5 }},
		{"a row less", "2 rows, the release has 1", func(a *Answers) { a.Rows = a.Rows[:1] }},
		{"a feature less", "row 0 has", func(a *Answers) { a.Rows[0].Features = a.Rows[0].Features[1:] }},
		{"another log", "2 rows", func(a *Answers) { a.Raw[0] = raw[:strings.LastIndex(raw, "17")]; a.Rows = append(a.Rows, a.Rows...) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := answers(t, b, c, raw)
			if len(want.Rows) != 2 {
				t.Fatalf("%d rows, want 2", len(want.Rows))
			}
			test.edit(want)
			n, err := c.Check(t.Context(), b.db, want)
			switch {
			case test.want == "" && (err != nil || n != 2):
				t.Errorf("compared %d rows: %v, want 2", n, err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), "scan_conn") ||
				!strings.Contains(err.Error(), test.want) && test.name != "another log"):
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

// TestAnswerInfinity writes what JSON has no number for.
func TestAnswerInfinity(t *testing.T) {
	b := newBench(t)
	r := at(1, "a")
	r["duration"] = "Infinity"
	c := b.chain(t, rows())
	want := answers(t, b, c, layouts()[0].log([]record{r}))
	if n, err := c.Check(t.Context(), b.db, want); n != 1 || err != nil {
		t.Errorf("compared %d rows: %v, want 1", n, err)
	}
}

// TestAnswerWindows gives the windows of a log that ends.
func TestAnswerWindows(t *testing.T) {
	b := newBench(t)
	c := b.chain(t, windows())
	want := answers(t, b, c, layouts()[0].log([]record{at(1, "a"), at(2, "b"), at(301, "a")})+layouts()[2].log([]record{at(302, "a")}))
	if len(want.Rows) != 3 {
		t.Errorf("%d windows, want 3", len(want.Rows))
	}
	if n, err := c.Check(t.Context(), b.db, want); n != 3 || err != nil {
		t.Errorf("compared %d rows: %v, want 3", n, err)
	}
}
