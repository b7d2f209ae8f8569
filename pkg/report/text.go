package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/mlpdev/mlp/pkg/lineage"
)

// WriteText writes the report for a terminal: what counts, and where it stands.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s, %s\n", r.Name(), r.Project, r.Created.UTC().Format("2006-01-02 15:04:05 UTC"))
	commit := "no commit"
	if r.Commit != "" {
		commit = "commit " + r.Commit[:min(7, len(r.Commit))]
	}
	if r.Dirty {
		commit += " with changes"
	}
	fmt.Fprintf(&b, "signed by %s · %s · plan %s · record %s\n", r.Signer, commit, short(r.PlanDigest), short(r.Digest))
	fmt.Fprintf(&b, "%s\n", r.Headline())
	for _, m := range r.Models {
		m.text(&b)
	}
	if len(r.Retired) > 0 {
		fmt.Fprintf(&b, "\nretired: %s\n", strings.Join(r.Retired, ", "))
	}
	for _, h := range r.Held {
		keeps := "no version of it is released"
		if h.Keeps {
			keeps = "the release keeps the version before"
		}
		fmt.Fprintf(&b, "\nheld: model/%s; %s\n", h.Model, keeps)
		for _, reason := range h.Reasons {
			fmt.Fprintf(&b, "  %s\n", lineage.Clean(reason))
		}
	}
	if len(r.Captures) > 0 {
		t := r.Total()
		fmt.Fprintf(&b, "\ndata: %s, %s lines, %s records, %s rows, %s rejects\n", count(len(r.Captures), "capture"), number(t.Lines), number(t.Records), number(t.Rows), number(t.Rejected()))
		for _, x := range t.Rejects {
			fmt.Fprintf(&b, "  %s rejected: %s\n", number(x.N), lineage.Clean(x.What))
		}
	}
	fmt.Fprintf(&b, "built by %s; %s\n", r.Builder, r.Runtime)
	for _, a := range r.Artifacts {
		fmt.Fprintf(&b, "  %-14s %s, %s\n", a.Kind, count(a.Files, "file"), sizeOf(a.Bytes))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (m *Model) text(b *strings.Builder) {
	fmt.Fprintf(b, "\nmodel/%s  %s", m.Name, m.State)
	if m.DisplayName != "" {
		fmt.Fprintf(b, "  %s", lineage.Clean(m.DisplayName))
	}
	b.WriteByte('\n')
	line := func(name, value string, c func() Change) {
		if m.Before != nil {
			value += "  " + c().Text
		}
		fmt.Fprintf(b, "  %-23s %s\n", name, value)
	}
	line("recall", rate(m.Metrics.Recall)+fmt.Sprintf(" of %s", number(int64(m.Metrics.Recall.Trials))), m.RecallChange)
	line("false-positive rate", rate(m.Metrics.FPR)+fmt.Sprintf(" of %s", number(int64(m.Metrics.FPR.Trials))), m.FPRChange)
	line("precision", rate(m.Metrics.Precision), m.PrecisionChange)
	fmt.Fprintf(b, "  %-23s %s, for a false-positive rate of %s\n", "threshold", score(m.Metrics.Threshold), plain(m.Metrics.TargetFPR))
	if d := m.Decisions; d != nil {
		fmt.Fprintf(b, "  %-23s %s\n", "decisions", d.line())
		for _, x := range d.Differ {
			fmt.Fprintf(b, "  %-23s %s%s\n", x.What, lineage.Clean(strings.Join(x.Places, ", ")), map[bool]string{true: ", …"}[len(x.Places) < x.N])
		}
	}
	for _, g := range m.Gates {
		fmt.Fprintf(b, "  %-23s %s %s; wants %s\n", g.Name, map[bool]string{true: "✓", false: "✗"}[g.Passed], g.Got, g.Want)
	}
	for _, f := range m.Training {
		fmt.Fprintf(b, "  %-23s %s\n", f.Name, lineage.Clean(f.Value))
	}
	if groups := m.LineageGroups(); len(groups) > 0 {
		parts := make([]string, len(groups))
		for i, g := range groups {
			parts[i] = g.Title()
		}
		fmt.Fprintf(b, "  %-23s %s (mlp graph +model/%s)\n", "lineage", strings.Join(parts, ", "), m.Name)
	}
	if m.Missing != "" {
		fmt.Fprintf(b, "  %s\n", m.Missing)
	}
}

// line sums up the decisions.
func (d *Decisions) line() string {
	if d.Incomparable != "" {
		return "not compared with " + d.Release + ": " + lineage.Clean(d.Incomparable)
	}
	return fmt.Sprintf("%d newly caught, %d newly missed, %d newly flagged, %d no longer flagged (%s beside %s)",
		d.Attacks.After, d.Attacks.Before, d.Benign.After, d.Benign.Before, count(d.Attacks.Total()+d.Benign.Total(), d.Unit), d.Release)
}
