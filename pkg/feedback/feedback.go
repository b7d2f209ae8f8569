// Package feedback turns verdicts on alerts into contributions of golden
// datasets. What is decided is pure: which rows of the dataset a verdict
// contradicts or repeats, and what a contribution says. [Finder] looks those
// rows up.
package feedback

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// Claim is a verdict on the row of an alert.
type Claim struct {
	Alert alert.Alert
	// Set is the feature set whose row it is.
	Set     *compile.FeatureSet
	Verdict specpb.Verdict
	// Segments are all records of the row.
	Segments []alert.Segment
}

// texts returns how often each record stands in the row.
func (c Claim) texts() map[string]int {
	out := map[string]int{}
	for _, s := range c.Segments {
		for _, r := range s.Records {
			out[r]++
		}
	}
	return out
}

// Known is a row of the dataset that has records of a claim.
type Known struct {
	Contribution string // address
	File         string // raw file of the first record that both have
	Record       int64  // its number there, from 0
	Shared       int    // how many records both have
	// Label is the row's; VERDICT_UNSPECIFIED: it is unlabelled.
	Label specpb.Verdict
}

// String says which row it is and what its label is.
func (k Known) String() string {
	return fmt.Sprintf("%s, %s record %d: %s", k.Contribution, k.File, k.Record, VerdictText(k.Label))
}

// VerdictText is a verdict in words.
func VerdictText(v specpb.Verdict) string {
	if v == specpb.Verdict_VERDICT_UNSPECIFIED {
		return "unlabelled"
	}
	return strings.ToLower(v.String())
}

// Judgement says what a dataset's rows mean for a claim.
type Judgement struct {
	// Contradicts are rows with another label.
	Contradicts []Known
	// Repeats are rows with the same label and all of the records: the claim
	// says nothing new.
	Repeats []Known
}

// Judge compares a claim with the rows of the dataset that have records of it.
// What is unlabelled there contradicts nothing; nor does a row with the same
// label that has only some of the records.
func Judge(c Claim, known []Known) Judgement {
	all := 0
	for _, n := range c.texts() {
		all += n
	}
	var out Judgement
	for _, k := range known {
		switch {
		case k.Label == specpb.Verdict_VERDICT_UNSPECIFIED:
		case k.Label != c.Verdict:
			out.Contradicts = append(out.Contradicts, k)
		case k.Shared == all:
			out.Repeats = append(out.Repeats, k)
		}
	}
	return out
}

// ShapeError says that an alert's row is not of the kind that a feature set
// gives.
type ShapeError struct {
	Alert alert.Alert
	Set   *compile.FeatureSet
}

// Error says what both are.
func (e *ShapeError) Error() string {
	row := "a record"
	if e.Alert.Row.Keyed() {
		row = fmt.Sprintf("a window of %s by %s", e.Alert.Row.End.Sub(*e.Alert.Row.Start), strings.Join(slices.Sorted(maps.Keys(e.Alert.Row.Key)), ", "))
	}
	return fmt.Sprintf("alert %s is about %s of parser %s; feature set %s gives other rows", e.Alert.Short(), row, e.Alert.Row.Parser, e.Set.Name)
}

// Hint says what to do.
func (e *ShapeError) Hint() string {
	return "the model reads other rows than when it raised the alert; add the records by `mlp dataset add`, or name a model that reads such rows with --model"
}

// CheckShape refuses an alert whose row has another parser, key or window than
// the rows of a feature set ([ShapeError]).
func CheckShape(a alert.Alert, set *compile.FeatureSet) error {
	g := set.Group
	ok := a.Row.Parser == set.From.Name && a.Row.Keyed() == (g != nil)
	if ok && g != nil {
		ok = len(a.Row.Key) == len(g.Keys) && g.Window != nil && g.Window.Fits(a.Row.End.Sub(*a.Row.Start).Microseconds())
		for _, k := range g.Keys {
			_, has := a.Row.Key[k.Name]
			ok = ok && has
		}
	}
	if !ok {
		return &ShapeError{Alert: a, Set: set}
	}
	return nil
}

// File is a raw file of a contribution.
type File struct {
	Name string
	Data []byte
}

// Files returns the raw files that hold the records of a claim, one for each
// header in force. It is an error where they would not read back as the same
// records.
func (c Claim) Files(p *compile.Parser) ([]File, error) {
	var out []File
	for i, s := range c.Segments {
		f := File{Name: c.Alert.Short() + ".log"}
		if i > 0 {
			f.Name = fmt.Sprintf("%s-%d.log", c.Alert.Short(), i+1)
		}
		lines := s.Records
		if s.Header != "" {
			lines = append([]string{s.Header}, lines...)
		}
		f.Data = []byte(strings.Join(lines, "\n") + "\n")
		if err := readsBack(p, f.Data, s.Records); err != nil {
			return nil, fmt.Errorf("alert %s: %w", c.Alert.Short(), err)
		}
		out = append(out, f)
	}
	return out, nil
}

// readsBack checks that a parser reads bytes as these records.
func readsBack(p *compile.Parser, data []byte, want []string) error {
	r := source.NewReader(bytes.NewReader(data), source.Options{Format: p.Format, Optional: p.Raw, Text: true})
	var got []string
	var b source.Batch
	for {
		err := r.Read(&b)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		for _, text := range b.Text {
			got = append(got, string(text))
		}
	}
	if !slices.Equal(got, want) {
		return errors.New("its records do not read back: the parser's source is not the one that they were cut by")
	}
	return nil
}

// Origin says who gave a verdict, when and why.
type Origin struct {
	Who  string
	When time.Time
	Note string
}

// Contribution describes the raw files of a claim for the dataset. known are
// the rows that it was confirmed against.
func (c Claim) Contribution(name string, files []*specpb.RawFile, o Origin, known []Known) *specpb.Contribution {
	a := c.Alert
	p := &specpb.Provenance{Alert: a.ID.String(), Model: a.Model, ModelKey: a.ModelKey.String(), Release: a.Release,
		Score: float64(a.Score), Threshold: a.Threshold}
	for _, key := range slices.Sorted(maps.Keys(a.Row.Key)) {
		column := &specpb.KeyColumn{Name: key}
		if kind, text := alert.KeyText(a.Row.Key[key]); kind != "null" {
			column.Value = &text
		}
		p.Key = append(p.Key, column)
	}
	if a.Row.Keyed() {
		p.WindowStart, p.WindowEnd = a.Row.Start.UTC().Format(time.RFC3339Nano), a.Row.End.UTC().Format(time.RFC3339Nano)
	}
	for _, k := range known {
		p.ConfirmedAgainst = append(p.ConfirmedAgainst, fmt.Sprintf("%s (%s)", k.Contribution, VerdictText(k.Label)))
	}
	p.ConfirmedAgainst = slices.Compact(p.ConfirmedAgainst)
	return &specpb.Contribution{Name: name, Files: files, Note: o.Note, Added: o.When.UTC().Format(time.RFC3339), AddedBy: o.Who,
		Origin:     "verdict on an alert",
		Label:      &specpb.Label{Kind: &specpb.Label_Verdict{Verdict: c.Verdict}, RowsOf: c.Set.Name},
		Provenance: p}
}
