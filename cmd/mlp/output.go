package main

import (
	"encoding/json"
	"fmt"
	"io"
)

// printf writes text of a result.
func printf(w io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintf(w, format, args...)
	return err
}

// writeJSON writes v as an indented JSON document. Every document has a
// format_version.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
