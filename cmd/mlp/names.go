package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/mlpdev/mlp/pkg/diag"
)

// unknownError says that there is nothing of a name.
type unknownError struct {
	kind, name string
	known      []string
}

// maxKnown is how many names a hint lists.
const maxKnown = 20

func (e *unknownError) Error() string { return fmt.Sprintf("%s %q does not exist", e.kind, e.name) }

func (e *unknownError) Hint() string {
	if near, ok := diag.Nearest(e.name, e.known); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(e.known) == 0 {
		return "there is none"
	}
	if len(e.known) > maxKnown {
		return fmt.Sprintf("there are %d others; completion lists them", len(e.known))
	}
	return fmt.Sprintf("there is %q", e.known)
}

func names[T any](items []T, name func(T) string) []string {
	out := make([]string, len(items))
	for i, x := range items {
		out[i] = name(x)
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
