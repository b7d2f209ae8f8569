package report

import (
	_ "embed"
	"html/template"
	"io"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/evaluation"
	"github.com/mlpdev/mlp/pkg/page"
)

//go:embed assets/report.html
var htmlText string

//go:embed assets/report.css
var htmlStyle string

//go:embed assets/report.js
var htmlScript string

// WriteHTML writes one HTML file that needs nothing else. Without its script
// it lacks nothing but the readings of the curves.
func (r *Report) WriteHTML(w io.Writer) error {
	body, err := page.Body(htmlText, template.FuncMap{
		"n":       func(n int) string { return number(int64(n)) },
		"n64":     number,
		"size":    sizeOf,
		"share":   share,
		"rate":    rate,
		"score":   score,
		"signed":  signed,
		"plain":   plain,
		"release": func(r *Report, n int64) string { return releaseName(r.Channel, n) },
		"short":   func(d digest.Digest) string { return short(d) },
		"when":    func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
		"stamp":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"bounds":  func(r evaluation.Rate) string { return share(r.Lower) + "–" + share(r.Upper) },
		"cut":     func(s string) string { return s[:min(len(s), 7)] },
	}, r)
	if err != nil {
		return err
	}
	return page.Page{Title: r.Name() + " · " + r.Project, Style: htmlStyle, Script: htmlScript, Body: body}.Write(w)
}
