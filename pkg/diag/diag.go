// Package diag describes mistakes in what a user wrote: a message about a
// place in a file, with a stable code and a hint.
//
// Diagnostics are values. Whoever reads specs collects them in a [List] and
// returns it; only the command line turns one into words.
//
// Style: lower case, no full stop, no "failed to". The span is the smallest
// text that is wrong; one diagnostic a cause; notes are facts, hints advice.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says whether a diagnostic stops the work.
type Severity int

const (
	// Error stops: what was asked for cannot be done.
	Error Severity = iota
	// Warning does not stop.
	Warning
	// Notice is no mistake: something worth knowing at its place.
	Notice
)

// String returns "error", "warning" or "notice".
func (s Severity) String() string {
	switch s {
	case Warning:
		return "warning"
	case Notice:
		return "notice"
	}
	return "error"
}

// Span is a stretch of text in a file. Lines and columns count from 1,
// columns in characters (Unicode code points); the end is exclusive. Line 0
// means the whole file.
type Span struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Col     int    `json:"col,omitempty"`
	EndLine int    `json:"end_line,omitempty"`
	EndCol  int    `json:"end_col,omitempty"`
}

// String returns "file:line:col", or "file" for a whole file.
func (s Span) String() string {
	if s.Line == 0 {
		return s.File
	}
	return fmt.Sprintf("%s:%d:%d", s.File, s.Line, s.Col)
}

// Compare orders spans by file, then by place.
func (s Span) Compare(o Span) int {
	return cmp.Or(cmp.Compare(s.File, o.File), cmp.Compare(s.Line, o.Line), cmp.Compare(s.Col, o.Col),
		cmp.Compare(s.EndLine, o.EndLine), cmp.Compare(s.EndCol, o.EndCol))
}

// Related is another place that explains a diagnostic.
type Related struct {
	Span    Span   `json:"span"`
	Message string `json:"message"`
}

// Diagnostic is one mistake.
type Diagnostic struct {
	Severity Severity  `json:"-"`
	Code     string    `json:"code"` // stable, kebab case: "unknown-column"
	Span     Span      `json:"span"`
	Message  string    `json:"message"`
	Hint     string    `json:"hint,omitempty"` // what to do
	Related  []Related `json:"related,omitempty"`
}

// Hintf sets the hint and returns d.
func (d *Diagnostic) Hintf(format string, args ...any) *Diagnostic {
	d.Hint = fmt.Sprintf(format, args...)
	return d
}

// Notef adds a related place and returns d.
func (d *Diagnostic) Notef(at Span, format string, args ...any) *Diagnostic {
	d.Related = append(d.Related, Related{Span: at, Message: fmt.Sprintf(format, args...)})
	return d
}

// DidYouMean sets a hint naming the candidate nearest to name, if one is near.
func (d *Diagnostic) DidYouMean(name string, candidates []string) *Diagnostic {
	if near, ok := Nearest(name, candidates); ok {
		return d.Hintf("did you mean %q?", near)
	}
	return d
}

// List collects diagnostics.
type List []*Diagnostic

// Errorf adds an error and returns it, so that a hint can follow.
func (l *List) Errorf(at Span, code, format string, args ...any) *Diagnostic {
	d := &Diagnostic{Severity: Error, Code: code, Span: at, Message: fmt.Sprintf(format, args...)}
	*l = append(*l, d)
	return d
}

// Warnf adds a warning and returns it.
func (l *List) Warnf(at Span, code, format string, args ...any) *Diagnostic {
	d := &Diagnostic{Severity: Warning, Code: code, Span: at, Message: fmt.Sprintf(format, args...)}
	*l = append(*l, d)
	return d
}

// HasErrors reports whether any diagnostic is an error.
func (l List) HasErrors() bool { return l.Count(Error) > 0 }

// Count returns the number of diagnostics of one severity.
func (l List) Count(s Severity) int {
	n := 0
	for _, d := range l {
		if d.Severity == s {
			n++
		}
	}
	return n
}

// Sorted returns the diagnostics in the order of their places, without
// repetitions of the same message at the same place.
func (l List) Sorted() List {
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b *Diagnostic) int {
		return cmp.Or(a.Span.Compare(b.Span), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(out, func(a, b *Diagnostic) bool {
		return a.Span == b.Span && a.Code == b.Code && a.Message == b.Message
	})
}

// Abridged returns the diagnostics in the order of their places, of the warnings
// of one code in one file no more than so many: the last one of them says how
// many more there are, and where they begin.
func (l List) Abridged(most int) List {
	type group struct{ file, code string }
	kept, next, left := map[group]List{}, map[group]Span{}, map[group]int{}
	var out List
	for _, d := range l.Sorted() {
		g := group{d.Span.File, d.Code}
		switch {
		case d.Severity != Warning:
		case len(kept[g]) < most:
			last := *d
			kept[g], d = append(kept[g], &last), &last
		default:
			if left[g]++; left[g] == 1 {
				next[g] = d.Span
			}
			continue
		}
		out = append(out, d)
	}
	for g, n := range left {
		last, more := kept[g][most-1], fmt.Sprintf("%d more of this kind in the file, from line %d on", n, next[g].Line)
		last.Hint = strings.TrimPrefix(last.Hint+"; "+more, "; ")
	}
	return out
}

// Err returns the list as an error if it holds any error, else nil.
func (l List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	return &ListError{List: l.Sorted()}
}

// ListError carries a list over an error return; the command line unpacks it.
type ListError struct{ List List }

// Error returns every message, one a line.
func (e *ListError) Error() string {
	var b strings.Builder
	for i, d := range e.List {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: %s: %s [%s]", d.Span, d.Severity, d.Message, d.Code)
	}
	return b.String()
}
