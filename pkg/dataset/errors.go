package dataset

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/source"
)

// NotRegularError says that a path names no regular file.
type NotRegularError struct {
	// Kind is what it names: "a symbolic link", "a directory".
	Kind string
}

// Error says what the path names.
func (e *NotRegularError) Error() string { return "is " + e.Kind + ", not a regular file" }

// Hint says what to add instead.
func (e *NotRegularError) Hint() string {
	switch e.Kind {
	case kindLink:
		return "add the file that the link points to"
	case kindDirectory:
		return "add the files in it one by one"
	}
	return "write what it yields to a file and add that"
}

// ChangedError says that a file was not the same before and after it was read.
type ChangedError struct {
	// How it changed: "grew", "was replaced".
	How string
}

// Error says how the file changed.
func (e *ChangedError) Error() string { return e.How + " while it was read" }

// Hint says how to add a file that is in use.
func (e *ChangedError) Hint() string {
	return "add a copy, or a rotated log that nothing writes to any more"
}

// FileNameError says that a file's name cannot stand in a spec.
type FileNameError struct {
	// Name is the base name.
	Name string
}

// Error shows the name with escapes.
func (e *FileNameError) Error() string {
	return fmt.Sprintf("name %+q has characters that cannot be printed, or over %d bytes", e.Name, maxName)
}

// Hint says what to do about the name.
func (e *FileNameError) Hint() string { return "rename the file" }

// NoRowsError says that a file gives no row.
type NoRowsError struct {
	// Parser is the name of the parser that read it.
	Parser string
	// Counts account for what it holds instead.
	Counts source.Counts
}

// Error says what the file holds instead of rows.
func (e *NoRowsError) Error() string {
	switch c := e.Counts; {
	case c.Bytes == 0:
		return "is empty"
	case c.Records == 0:
		return fmt.Sprintf("has no records in its %d lines (headers %d, comments %d, blank %d, continued %d)", c.Lines, c.Headers, c.Comments, c.Blanks, c.Continued)
	default:
		return fmt.Sprintf("none of its %d records is a row of parser %q: %s", c.Records, e.Parser, reasons(c.Rejects))
	}
}

// Hint says what to check.
func (e *NoRowsError) Hint() string {
	if e.Counts.Bytes == 0 {
		return ""
	}
	return fmt.Sprintf("is %q the parser for this log?", e.Parser)
}

// reasons lists counted reasons in their order.
func reasons(rejects map[string]int64) string {
	var parts []string
	for _, reason := range slices.Sorted(maps.Keys(rejects)) {
		parts = append(parts, fmt.Sprintf("%s %d", reason, rejects[reason]))
	}
	return strings.Join(parts, ", ")
}

// DuplicateError says that a dataset has this log already.
type DuplicateError struct {
	// Digest is that of the file.
	Digest string
	// Contribution and File are where it stands in the dataset.
	Contribution, File string
	// Recompressed says that it stands there in another compression.
	Recompressed bool
}

// Error names the contribution that has the log.
func (e *DuplicateError) Error() string {
	what := "has the same bytes as"
	if e.Recompressed {
		what = "holds the same log as"
	}
	return fmt.Sprintf("%s file %q of contribution %q", what, e.File, e.Contribution)
}

// Hint says why it was refused.
func (e *DuplicateError) Hint() string {
	return "a record that counts twice would weigh twice; there is nothing to add"
}

// CorruptError says that a store gave other bytes than were put there.
type CorruptError struct {
	// Digest is that of the chunk.
	Digest digest.Digest
	// Problem is what is wrong with the bytes.
	Problem string
}

// Error names the chunk and what is wrong with it.
func (e *CorruptError) Error() string { return fmt.Sprintf("chunk %s: %s", e.Digest, e.Problem) }

// Hint says how the chunk can be restored.
func (e *CorruptError) Hint() string {
	return "remove the object from the store and add the original file again: chunks are cut the same way each time"
}
