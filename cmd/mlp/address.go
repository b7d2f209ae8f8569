package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/graph"
)

// ambiguousError says that a name alone means several things.
type ambiguousError struct {
	name      string
	addresses []string
}

func (e *ambiguousError) Error() string { return fmt.Sprintf("%q means several things", e.name) }
func (e *ambiguousError) Hint() string  { return fmt.Sprintf("write one of %q", e.addresses) }

// resolveAddress returns the address of some kinds (none: any) that is meant by
// an address, or by a name that one address alone has behind its kind.
func resolveAddress(program *compile.Program, text string, kinds ...string) (string, error) {
	var known, found []string
	for _, address := range program.Graph.Addresses() {
		if kind := graph.Kind(address); len(kinds) > 0 && !slices.Contains(kinds, kind) {
			continue
		}
		known = append(known, address)
		if address == text {
			return address, nil
		}
		if _, name, _ := strings.Cut(address, "/"); name == text {
			found = append(found, address)
		}
	}
	// An evaluation has the name of its model, which is what is meant.
	if len(found) == 2 && graph.Kind(found[1]) == "evaluation" {
		found = found[:1]
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		if !strings.Contains(text, "/") {
			for i, address := range known {
				_, known[i], _ = strings.Cut(address, "/")
			}
		}
		return "", &unknownError{kind: strings.Join(nonEmpty(kinds, "address"), " or "), name: text, known: known}
	}
	return "", &ambiguousError{name: text, addresses: found}
}

func nonEmpty(words []string, otherwise string) []string {
	if len(words) == 0 {
		return []string{otherwise}
	}
	return words
}

// Which arguments of a command are addresses.
const (
	firstArgument = 1
	allArguments  = 1 << 30
)

// completeAddress completes the first n arguments with the addresses of some
// kinds (none: any) in the project at hand; behind them come files.
func (a *app) completeAddress(n int, kinds ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= n {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return a.addresses(kinds...), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeNames completes the first argument with the names of one kind.
func (a *app) completeNames(kind string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return names(a.addresses(kind), func(address string) string { return strings.TrimPrefix(address, kind+"/") }), cobra.ShellCompDirectiveNoFileComp
	}
}

// addresses returns the addresses of the project at hand, as far as it reads.
func (a *app) addresses(kinds ...string) []string {
	root, err := a.projectRoot()
	if err != nil {
		return nil
	}
	program := a.programAsFarAsItReads(os.DirFS(root))
	if program == nil {
		return nil
	}
	return slices.DeleteFunc(program.Graph.Addresses(), func(address string) bool {
		return len(kinds) > 0 && !slices.Contains(kinds, graph.Kind(address))
	})
}
