package score

import (
	"maps"
	"slices"
	"strconv"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/graph"
)

// AddContract adds the keys of everything that parses and computes in a
// program, under the name of its specs' tree, and the epochs of the functions
// that it calls.
func AddContract(keys map[string]digest.Digest, epochs map[string]int, tree string, p *compile.Program) {
	kinds := []string{"function", "list", "parser", "field", "featureset", "column", "feature"}
	for _, address := range p.Graph.Addresses() {
		if slices.Contains(kinds, graph.Kind(address)) {
			keys[tree+"/"+address] = p.Graph.Key(address)
		}
	}
	maps.Copy(epochs, p.Epochs())
}

// formatDouble writes a double so that it reads back exactly.
func formatDouble(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func parseDouble(s string) (float64, error) { return strconv.ParseFloat(s, 64) }
