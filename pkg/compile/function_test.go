package compile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// withFunctions is the example with functions, one of which a feature calls.
func withFunctions(t *testing.T, functions map[string]string, definition string) *Program {
	t.Helper()
	edits := map[string]string{rowFile: `log1p(coalesce(duration, 0))=>` + definition}
	for name, text := range functions {
		edits["specs/functions/"+name+".textproto"] = text
	}
	return mustCompile(t, example(t, edits))
}

const (
	orZero = `name: "or_zero" parameters { name: "x" type: "double" } definition: "coalesce(x, 0)"`
	logOf  = `name: "log_of" parameters { name: "x" type: "double" } definition: "log1p(or_zero(x))"`
)

// A call computes what its definition says, with any names; what the names are
// changes no key, what they mean does.
func TestFunctionKeys(t *testing.T) {
	const address = "feature/conn_row.duration_log"
	program := withFunctions(t, map[string]string{"or_zero": orZero, "log_of": logOf}, "log_of(duration)")
	expanded := program.FeatureSets[0].Features[0].Expr
	plain := mustCompile(t, example(t, nil)).FeatureSets[0].Features[0].Expr
	if diff := cmp.Diff(plain.Canonical(), expanded.Canonical()); diff != "" {
		t.Errorf("what a call means is not its definition (-written out +called):\n%s", diff)
	}
	if got, want := keys(program)[address], keys(mustCompile(t, example(t, nil)))[address]; got != want {
		t.Error("moving a definition into a function changes the feature's key")
	}
	want := keys(program)
	renamed := withFunctions(t, map[string]string{
		"zero_if_null": `name: "zero_if_null" parameters { name: "value" type: "double" } definition: "coalesce(value, 0) -- a comment"`,
		"log_of":       `name: "log_of" parameters { name: "y" type: "double" } definition: "log1p( zero_if_null(y) )"`}, "log_of(duration)")
	if got := keys(renamed); got[address] != want[address] || got["function/log_of"] != want["function/log_of"] {
		t.Error("renaming a function and its parameter changes keys")
	}
	for name, functions := range map[string]map[string]string{
		"its own definition":    {"or_zero": orZero, "log_of": `name: "log_of" parameters { name: "x" type: "double" } definition: "log10(or_zero(x))"`},
		"one that it calls":     {"or_zero": `name: "or_zero" parameters { name: "x" type: "double" } definition: "coalesce(x, 1)"`, "log_of": logOf},
		"the type of parameter": {"or_zero": orZero, "log_of": `name: "log_of" parameters { name: "x" type: "float" } definition: "log1p(or_zero(x))"`},
	} {
		definition := "log_of(duration)"
		if name == "the type of parameter" {
			definition = "log_of(cast(duration AS float))"
		}
		got := keys(withFunctions(t, functions, definition))
		if got[address] == want[address] {
			t.Errorf("%s changes, and the feature's key does not", name)
		}
		for _, other := range []string{"feature/conn_row.sent_log", "featureset/conn_row", "model/scan_src"} {
			if got[other] != want[other] {
				t.Errorf("%s changes, and so does the key of %s, which does not call it", name, other)
			}
		}
	}
	node, _ := program.Graph.Node(address)
	found := false
	for _, d := range node.Uses {
		found = found || d.Address == "function/log_of"
	}
	if !found {
		t.Errorf("the feature does not name the function: %v", node.Uses)
	}
}

// Names in a definition are its parameters alone, and a lambda around a call
// keeps its own.
func TestFunctionScope(t *testing.T) {
	functions := map[string]string{"count_of": `name: "count_of" parameters { name: "w" type: "string" } parameters { name: "all_words" type: "array<string>" }
		definition: "size(filter(all_words, x -> x = w))"`}
	definition := "aggregate(split(service, ''), 0D, (sum, x) -> sum + count_of(x, split(service, '')))"
	written := "aggregate(split(service, ''), 0D, (sum, x) -> sum + size(filter(split(service, ''), y -> y = x)))"
	called := withFunctions(t, functions, definition).FeatureSets[0].Features[0].Expr
	plain := withFunctions(t, nil, written).FeatureSets[0].Features[0].Expr
	if diff := cmp.Diff(plain.Canonical(), called.Canonical()); diff != "" {
		t.Error(diff)
	}
}
