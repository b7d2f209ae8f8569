package run_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/evaluation"
	"github.com/mlpdev/mlp/pkg/run"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/trainers"
)

// gatedModel compiles a model with gates over a dataset of three contributions.
func gatedModel(t *testing.T, gates string) *compile.Model {
	t.Helper()
	var captures []string
	for _, name := range []string{"c", "d", "e"} {
		captures = append(captures, strings.ReplaceAll(strings.TrimSuffix(labelled[strings.Index(labelled, "contributions"):], "split { test: \"c\" }\n"), `"c"`, fmt.Sprintf("%q", name)))
	}
	ws, diags := spec.Load(fstest.MapFS{
		"mlp.textproto":                {Data: []byte(`name: "t"`)},
		"specs/parsers/p.textproto":    {Data: []byte(parserText)},
		"specs/features/f.textproto":   {Data: []byte("name: \"f\"\nfrom: \"p\"\n" + rowsBody)},
		"datasets/d/dataset.textproto": {Data: []byte("name: \"d\"\n" + strings.Join(captures, "") + "split { test: \"c\" }\n")},
		"specs/models/m.textproto": {Data: []byte("name: \"m\" dataset: \"d\" feature_set: \"f\" target_fpr: 0.01 " + gates +
			" trainer { [type.googleapis.com/mlp.trainers.sklearn.LogisticRegression] { } }")},
	}, trainers.Files)
	p, more := compile.Compile(ws, []compile.Trainer{{Name: "sklearn", Key: digest.Of(nil)}})
	if err := append(diags, more...).Err(); err != nil {
		t.Fatal(err)
	}
	return p.Models[0]
}

// No edit of gates that lets another model through keeps the evaluation's key,
// by which comparisons are known, too; the model's key never changes.
func TestNeverUnderSelectGates(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	parts := [][]string{
		{"", "min_recall: 0", "min_recall: 0.5", "min_recall: 5e-1", "min_recall: 0.9"},
		{"", "max_fpr: 0.01", "max_fpr: 1e-2", "max_fpr: 0.5"},
		{"", "max_recall_drop: 0", "max_recall_drop: 0.1", "max_recall_drop: 0.10"},
		{"", "max_fpr_rise: 0", "max_fpr_rise: 0.2"},
		{"", `must_catch: "c"`, `must_catch: "d"`, `must_catch: "c" must_catch: "d"`, `must_catch: "d" must_catch: "c"`},
	}
	type of struct{ text, verdicts string }
	seen, equal := map[digest.Digest]of{}, 0
	var model digest.Digest
	for range 400 {
		var chosen []string
		for _, p := range parts {
			chosen = append(chosen, p[r.IntN(len(p))])
		}
		r.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
		text := strings.Join(chosen, " ")
		m := gatedModel(t, "gates { "+text+" }")
		if !model.IsZero() && m.Key != model {
			t.Fatalf("gates %s: another model", text)
		}
		model = m.Key
		verdicts := verdictsOf(m)
		if before, ok := seen[m.Evaluation]; ok {
			equal++
			if before.verdicts != verdicts {
				t.Fatalf("one key, but gates\n%s and\n%s judge differently", before.text, text)
			}
		}
		seen[m.Evaluation] = of{text, verdicts}
	}
	if equal < 50 || len(seen) < 100 {
		t.Errorf("only %d equal keys, %d different ones", equal, len(seen))
	}
}

// verdictsOf lists what a model's gates say of many outcomes.
func verdictsOf(m *compile.Model) string {
	r := rand.New(rand.NewPCG(17, 18))
	gates := run.GatesOf(m)
	var b strings.Builder
	for range 60 {
		caught, flagged := r.IntN(101), r.IntN(400)
		metrics := evaluation.Metrics{Attacks: 100, Benign: 2000, Recall: evaluation.NewRate(caught, 100), FPR: evaluation.NewRate(flagged, 2000)}
		c := evaluation.Comparison{Attacks: evaluation.Paired{Both: caught, Before: r.IntN(20), After: r.IntN(20)}, Benign: evaluation.Paired{Before: r.IntN(50), After: r.IntN(50), Neither: 100}}
		fmt.Fprint(&b, gates.Check(metrics, 0), gates.CheckChange(c))
	}
	catch := map[string]bool{}
	for _, k := range m.MustCatch {
		catch[k.Name] = true
	}
	return b.String() + fmt.Sprint(catch)
}
