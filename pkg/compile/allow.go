package compile

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/spec"
)

// warningCodes are what a comment may allow.
func warningCodes() []string {
	return []string{"always-null", "constant-comparison", "division-by-zero", "label-leak", "lost-backslash", "unread-feature", "unread-field"}
}

// allowance is a code in a comment # allow: CODE, and the lines that it speaks
// of: its own, or the next one that is more than a comment; at the head of a
// file all.
type allowance struct {
	at   diag.Span
	code string
	line int // 0: every line
	used bool
}

var allowComment = regexp.MustCompile(`#[ \t]*allow:[ \t]*([a-z0-9-]+(?:[ \t]*,[ \t]*[a-z0-9-]+)*)`)

// allowed leaves out the warnings that comments allow, and warns of comments
// that allow nothing. A project with errors has those to mend first.
func (c *compiler) allowed() {
	warning := func(d *diag.Diagnostic) bool { return d.Severity == diag.Warning }
	if c.diags.HasErrors() {
		c.diags = slices.DeleteFunc(c.diags, warning)
		return
	}
	all := map[string][]*allowance{}
	for _, doc := range c.documents() {
		all[doc.Path] = allowances(doc)
	}
	c.diags = slices.DeleteFunc(c.diags, func(d *diag.Diagnostic) bool {
		found := false
		for _, a := range all[d.Span.File] {
			if warning(d) && a.code == d.Code && (a.line == 0 || a.line == d.Span.Line) {
				a.used, found = true, true
			}
		}
		return found
	})
	for _, file := range slices.Sorted(maps.Keys(all)) {
		for _, a := range all[file] {
			switch {
			case a.used:
			case slices.Contains(warningCodes(), a.code):
				c.diags.Warnf(a.at, "stale-allow", "nothing here gives the warning %q", a.code).Hintf("remove the comment")
			default:
				c.diags.Warnf(a.at, "stale-allow", "%q is no warning", a.code).DidYouMean(a.code, warningCodes())
			}
		}
	}
}

// documents returns the files of the project's specs.
func (c *compiler) documents() []*spec.Document {
	out := []*spec.Document{c.ws.Project.Doc}
	out = append(out, documentsOf(c.ws.Functions)...)
	out = append(out, documentsOf(c.ws.Lists)...)
	out = append(out, documentsOf(c.ws.Parsers)...)
	out = append(out, documentsOf(c.ws.FeatureSets)...)
	out = append(out, documentsOf(c.ws.Models)...)
	out = append(out, documentsOf(c.ws.Environments)...)
	out = append(out, documentsOf(c.ws.Datasets)...)
	return slices.DeleteFunc(out, func(d *spec.Document) bool { return d == nil })
}

func documentsOf[T proto.Message](specs []spec.Spec[T]) []*spec.Document {
	out := make([]*spec.Document, len(specs))
	for i, s := range specs {
		out[i] = s.Doc
	}
	return out
}

// allowances reads the comments of a file.
func allowances(doc *spec.Document) []*allowance {
	if !bytes.Contains(doc.Source, []byte("allow:")) {
		return nil
	}
	var out, waiting []*allowance // waiting for the next line
	head := true                  // before the first line that is no comment
	for i, line := range strings.Split(string(doc.Source), "\n") {
		text := strings.TrimSpace(line)
		comment := strings.HasPrefix(text, "#")
		if m := allowComment.FindStringSubmatchIndex(line); m != nil {
			from := m[2]
			for part := range strings.SplitSeq(line[m[2]:m[3]], ",") {
				code := strings.TrimSpace(part)
				from += strings.Index(line[from:], code)
				a := &allowance{at: characters(doc.Path, i+1, line, from, from+len(code)), code: code, line: i + 1}
				from += len(code)
				out = append(out, a)
				if comment {
					waiting = append(waiting, a)
				}
			}
		}
		if comment || text == "" {
			continue
		}
		for _, a := range waiting {
			if a.line = i + 1; head {
				a.line = 0
			}
		}
		waiting, head = nil, false
	}
	return out
}

// characters is a span of bytes of a line.
func characters(file string, n int, line string, from, to int) diag.Span {
	column := func(i int) int { return 1 + len([]rune(line[:i])) }
	return diag.Span{File: file, Line: n, Col: column(from), EndLine: n, EndCol: column(to)}
}
