package score

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// vectors is a bench whose rows and windows have a vector: of rows one that is
// NULL without a duration, and has another length where nothing was answered.
func vectors(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b = b.edited(t, "specs/features/conn_row.textproto", `from: "zeek_conn"`, `from: "zeek_conn"
features { name: "shape" data_type: DOUBLE length: 3
  definition: "CASE WHEN resp_pkts = 0 THEN array(cast(1 AS double)) WHEN duration IS NOT NULL THEN array(duration, CASE WHEN dport > 0 THEN dport END, cast('NaN' AS double)) END" }`)
	return b.edited(t, "specs/features/src_5min.textproto", `from: "zeek_conn"`, `from: "zeek_conn"
features { name: "flags" data_type: BOOLEAN length: 2 definition: "array(count(*) > 1, max(dport) > 1000)" }`)
}

// TestVectorRows are arrays in scored rows, null where there is no vector; an
// alert leaves them out as a whole and names no values.
func TestVectorRows(t *testing.T) {
	b := vectors(t)
	answered, silent, unknown := at(1, "a"), at(2, "a"), at(3, "a")
	answered["duration"], answered["resp_pkts"] = "0.5", "2"
	unknown["resp_pkts"] = "1"
	l := rows()
	l.weights, l.bias, l.threshold = map[string]float32{"shape": 0.01}, 0, 0.9
	got := b.run(t, Options{Chains: b.chains(t, l), Segments: segments(layouts()[0].log([]record{answered, silent, unknown}))})
	var shapes []string
	for _, r := range got.rows {
		text, err := json.Marshal(r.Features["shape"])
		must(t, err)
		shapes = append(shapes, string(text))
		var back Value
		must(t, json.Unmarshal(text, &back))
		if diff := cmp.Diff(r.Features["shape"], back); diff != "" {
			t.Errorf("JSON changes a vector (-made +read):\n%s", diff)
		}
	}
	if diff := cmp.Diff([]string{"[0.5,1001,null]", "null", "null"}, shapes); diff != "" {
		t.Errorf("vectors (-want +got):\n%s", diff)
	}
	if len(got.alerts) != 1 {
		t.Fatalf("%d alerts, want 1", len(got.alerts))
	}
	// 0.5 × 0.01 + 1001 × 0.01 against nothing.
	top, drop := got.alerts[0].TopFeatures[0], 1/(1+math.Exp(-10.015))-0.5
	if top.Feature != "shape" || top.Value != nil || top.Length != 3 || top.Drop == nil || math.Abs(*top.Drop-drop) > 1e-6 {
		t.Errorf("top feature %+v, want shape with a drop of %v", top, drop)
	}
}

// TestVectorAnswers have every element by its own name.
func TestVectorAnswers(t *testing.T) {
	b := vectors(t)
	c := b.chain(t, windows())
	a := answers(t, b, c, layouts()[0].log([]record{at(1, "a"), at(2, "a"), at(3, "b")}))
	at := map[string]int{}
	for i, name := range a.Features {
		at[name] = i
	}
	for _, r := range a.Rows {
		many := "0"
		if *r.Features[at["n"]] == "2" {
			many = "1"
		}
		if *r.Features[at["flags[0]"]] != many || *r.Features[at["flags[1]"]] != "1" {
			t.Errorf("flags of a row: %s and %s, want %s and 1", *r.Features[at["flags[0]"]], *r.Features[at["flags[1]"]], many)
		}
	}
	if n, err := c.Check(t.Context(), b.db, a); err != nil || n != 2 {
		t.Errorf("Check compared %d rows: %v", n, err)
	}
	wrong := "0.5"
	a.Rows[1].Features[at["flags[1]"]] = &wrong
	if _, err := c.Check(t.Context(), b.db, a); err == nil || !strings.Contains(err.Error(), "feature flags[1] is 1, the release has 0.5") {
		t.Errorf("Check: %v", err)
	}
}
