package diag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Source returns the text of a file, or nil where it is not known.
type Source func(file string) []byte

// WriteText prints the list for people: the place first, so that editors and
// CI read it, then the line with a caret under the span, then hint and notes.
func (l List) WriteText(w io.Writer, source Source) error {
	var b strings.Builder
	for _, d := range l.Sorted() {
		fmt.Fprintf(&b, "%s: %s: %s [%s]\n", place(d.Span), d.Severity, behindGutter(d.Message), d.Code)
		writeExcerpt(&b, d.Span, source)
		if d.Hint != "" {
			fmt.Fprintf(&b, "  hint: %s\n", behindGutter(d.Hint))
		}
		for _, r := range d.Related {
			fmt.Fprintf(&b, "  %s: note: %s\n", place(r.Span), behindGutter(r.Message))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// excerptWidth is the most characters of a source line that are shown.
const excerptWidth = 120

func writeExcerpt(b *strings.Builder, s Span, source Source) {
	if s.Line == 0 || source == nil {
		return
	}
	line, ok := nthLine(source(s.File), s.Line)
	if !ok {
		return
	}
	runes := []rune(line)
	from, to := min(max(s.Col-1, 0), len(runes)), len(runes)
	if s.EndLine == s.Line {
		to = min(max(s.EndCol-1, from+1), len(runes))
	}
	skip := 0
	if len(runes) > excerptWidth && from > excerptWidth/2 {
		skip = from - excerptWidth/2
	}
	shown := runes[skip:]
	cut := ""
	if len(shown) > excerptWidth {
		shown, cut = shown[:excerptWidth], "…"
	}
	lead := ""
	if skip > 0 {
		lead = "…"
	}
	pad := make([]rune, 0, from-skip)
	for _, r := range runes[skip:from] {
		if r != '\t' {
			r = ' '
		}
		pad = append(pad, r)
	}
	carets := max(1, min(to-from, excerptWidth-(from-skip)))
	fmt.Fprintf(b, "%5d | %s%s%s\n", s.Line, lead, clean(string(shown)), cut)
	fmt.Fprintf(b, gutter+"%s%s%s\n", strings.Repeat(" ", len([]rune(lead))), string(pad), strings.Repeat("^", carets))
}

func nthLine(src []byte, n int) (string, bool) {
	for i := 1; i < n; i++ {
		_, rest, ok := bytes.Cut(src, []byte("\n"))
		if !ok {
			return "", false
		}
		src = rest
	}
	line, _, _ := bytes.Cut(src, []byte("\n"))
	return string(bytes.TrimSuffix(line, []byte("\r"))), true
}

// gutter stands before every line of a text that is not the diagnostic's
// first, so that what users wrote cannot pass for a line of ours, or for a
// command to the CI that shows it.
const gutter = "      | "

func behindGutter(text string) string {
	return strings.ReplaceAll(clean(text), "\n", "\n"+gutter)
}

// place returns where a span is, in one line.
func place(s Span) string { return strings.ReplaceAll(clean(s.String()), "\n", "\uFFFD") }

// clean replaces what could drive a terminal or mislead a reader: control
// characters, bidirectional overrides and bytes that are not UTF-8. Each is
// one character, so carets stay in place.
func clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' {
			return r
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '\uFFFD'
		}
		return r
	}, s)
}

// WriteJSON prints the list as one JSON document, versioned.
func (l List) WriteJSON(w io.Writer) error {
	type entry struct {
		Severity string `json:"severity"`
		*Diagnostic
	}
	doc := struct {
		FormatVersion int     `json:"format_version"`
		Diagnostics   []entry `json:"diagnostics"`
	}{FormatVersion: 1, Diagnostics: []entry{}}
	for _, d := range l.Sorted() {
		doc.Diagnostics = append(doc.Diagnostics, entry{Severity: d.Severity.String(), Diagnostic: d})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

// WriteGitHub prints the list as GitHub Actions workflow commands.
func (l List) WriteGitHub(w io.Writer) error {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, d := range l.Sorted() {
		text := clean(d.Message)
		if d.Hint != "" {
			text += "\nhint: " + clean(d.Hint)
		}
		if _, err := fmt.Fprintf(w, "::%s file=%s,line=%d,col=%d,endLine=%d,endColumn=%d,title=%s::%s\n", d.Severity,
			property.Replace(d.Span.File), max(1, d.Span.Line), max(1, d.Span.Col), max(1, d.Span.EndLine), max(1, d.Span.EndCol),
			property.Replace(d.Code), data.Replace(text)); err != nil {
			return err
		}
	}
	return nil
}
