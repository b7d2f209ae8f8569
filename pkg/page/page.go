// Package page makes HTML files that stand alone: style and script are inside,
// nothing is fetched, and a Content-Security-Policy lets nothing else in,
// whatever the texts of a page say. It is pure.
package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"strings"
)

// Page is an HTML file.
type Page struct {
	Title string
	// Style and Script are the page's own, parts of mlp; the style comes after
	// the shared one. They must not hold their closing tags.
	Style  string
	Script string
	// Body is what a html/template made.
	Body template.HTML
}

//go:embed base.css
var baseStyle string

//go:embed page.html
var pageText string

// Write writes the file. Equal pages have equal bytes.
func (p Page) Write(w io.Writer) error {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return err
	}
	style := baseStyle + p.Style
	if closes(style, "style") || closes(p.Script, "script") {
		return errors.New("page: a style or script holds a closing tag")
	}
	policy := []string{"default-src 'none'", "style-src " + hash(style), "img-src data:", "base-uri 'none'", "form-action 'none'"}
	if p.Script != "" {
		policy = append(policy, "script-src "+hash(p.Script))
	}
	return t.Execute(w, struct {
		Title, Policy string
		Style         template.CSS
		Script        template.JS
		Body          template.HTML
	}{p.Title, strings.Join(policy, "; "), template.CSS(style), template.JS(p.Script), p.Body})
}

// Body executes a template of HTML for [Page.Body]. Everything in data is
// escaped for where it stands.
func Body(text string, funcs template.FuncMap, data any) (template.HTML, error) {
	t, err := template.New("body").Funcs(funcs).Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil
}

func closes(text, tag string) bool { return strings.Contains(strings.ToLower(text), "</"+tag) }

// hash names a text in a policy, so that no other style or script counts.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
