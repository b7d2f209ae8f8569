package answers_test

import (
	"testing"

	"github.com/mlpdev/mlp/pkg/engine/enginetest/answers"
	"github.com/mlpdev/mlp/pkg/sql"
)

// TestGenerate proves that every name of the catalogue gets expressions.
func TestGenerate(t *testing.T) {
	questions, err := answers.Generate(1)
	if err != nil {
		t.Fatal(err)
	}
	about := map[string]int{}
	for _, q := range questions {
		about[q.Subject]++
	}
	for _, f := range sql.Functions() {
		for _, name := range append([]string{f.Name}, f.Aliases...) {
			if about[name] < answers.Least {
				t.Errorf("%s: %d expressions, want at least %d: give forms.go a form that fits", name, about[name], answers.Least)
			}
		}
	}
	t.Logf("%d expressions about %d functions and operators", len(questions), len(about))
}
