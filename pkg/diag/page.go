package diag

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Page explains the diagnostics of one code. It is read from a short Markdown
// file CODE.md: a heading with the code, a sentence that says what it means, a
// paragraph "To do: …", then examples as fenced blocks and more text.
type Page struct {
	Code     string
	Meaning  string // one sentence
	ToDo     string // one sentence, its first letter as it stands
	Examples []Example
	Text     string // the whole page
}

// Example is a mistake: a fenced block of a page. One of textproto or proto
// names its file in the comment that it begins with, and the line of the
// mistake ends with the code as a comment.
type Example struct {
	Language string // of the fence
	Path     string // "" in blocks that are no spec
	Added    bool   // the text stands behind what the file has
	Line     int    // of the mistake; 0: the whole file
	Text     string
}

// Pages reads every page of a directory, sorted by code.
func Pages(dir fs.FS) ([]Page, error) {
	names, err := fs.Glob(dir, "*.md")
	if err != nil {
		return nil, err
	}
	var out []Page
	for _, name := range names {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		p, err := ParsePage(strings.TrimSuffix(path.Base(name), ".md"), string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Page) int { return cmp.Compare(a.Code, b.Code) })
	return out, nil
}

const toDo = "To do: "

// ParsePage reads the page of a code.
func ParsePage(code, text string) (Page, error) {
	p := Page{Code: code, Text: text}
	paragraphs := strings.SplitN(text, "\n\n", 4)
	if len(paragraphs) < 4 || paragraphs[0] != "# "+code {
		return p, fmt.Errorf("want the heading %q, what it means, %q and an example, with a blank line between", "# "+code, toDo+"…")
	}
	p.Meaning = strings.Join(strings.Fields(paragraphs[1]), " ")
	advice, ok := strings.CutPrefix(strings.Join(strings.Fields(paragraphs[2]), " "), toDo)
	if !ok || !strings.HasSuffix(p.Meaning, ".") || !strings.HasSuffix(advice, ".") {
		return p, fmt.Errorf("want a sentence that says what it means, then a paragraph %q, both with a full stop", toDo+"….")
	}
	p.ToDo = advice
	for _, m := range fence.FindAllStringSubmatch(paragraphs[3], -1) {
		p.Examples = append(p.Examples, parseExample(code, m[1], m[2]))
	}
	if len(p.Examples) == 0 {
		return p, fmt.Errorf("there is no example: a fenced block with the mistake")
	}
	return p, nil
}

var (
	fence     = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")
	pathLine  = regexp.MustCompile(`^(?:#|//) (added to )?([\w./-]+)\n`)
	markStart = regexp.MustCompile(`(?:#|//) ([a-z0-9-]+)$`)
)

func parseExample(code, language, text string) Example {
	e := Example{Language: language, Text: text}
	m := pathLine.FindStringSubmatch(text)
	if m == nil {
		return e
	}
	e.Added, e.Path = m[1] != "", m[2]
	for i, line := range strings.Split(text, "\n") {
		if mark := markStart.FindStringSubmatch(line); mark != nil && mark[1] == code {
			e.Line = i + 1
		}
	}
	return e
}

// Row returns the page's line in the table of all diagnostics.
func (p Page) Row() string {
	return fmt.Sprintf("| `%s` | %s | %s |\n", p.Code, lowerFirst(strings.TrimSuffix(p.Meaning, ".")), strings.TrimSuffix(p.ToDo, "."))
}

// lowerFirst writes the first word of a sentence as inside one: abbreviations
// stay as they are.
func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if second, _ := utf8.DecodeRuneInString(s[size:]); unicode.IsUpper(second) {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}

// ParseRow reads a line of the table of all diagnostics back as the beginning
// of a page, without an example.
func ParseRow(line string) (code, page string, ok bool) {
	m := row.FindStringSubmatch(line)
	if m == nil {
		return "", "", false
	}
	first, size := utf8.DecodeRuneInString(m[2])
	meaning := string(unicode.ToUpper(first)) + m[2][size:]
	return m[1], fmt.Sprintf("# %s\n\n%s.\n\n%s%s.\n", m[1], meaning, toDo, m[3]), true
}

var row = regexp.MustCompile("^\\| `([a-z0-9-]+)` \\| (.*) \\| (.*) \\|\n?$")
