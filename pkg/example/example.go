// Package example runs the examples of specs through the readers and the
// engine of a run, compares what comes out with what they expect, and corrects
// expectations where they stand.
//
// Examples are by contract not confidential: diagnostics show their values.
package example

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/preview"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// Null is how an example spells that a value is NULL.
const Null = "NULL"

// Result is what an example gave.
type Result struct {
	Address string // of its spec: "parser/zeek_conn"
	Name    string // its own, or its number: "#2"
	Place   diag.Span
	// Failures say what is not as expected, at its places; none: it holds.
	Failures diag.List

	doc *spec.Document
	// got is what came out, by name: of a row, or of each.
	got []map[string]string
	// update changes the expectation into what came out; nil where nobody can
	// say what it should be.
	update func(*spec.Edits)
}

// Options say what to run.
type Options struct {
	DB *duckdb.DB
	// Spark, if set, computes in place of DB.
	Spark     preview.Cluster
	Workspace *spec.Workspace
	Program   *compile.Program // of the workspace
	// Addresses are those of the specs to run; nil: all.
	Addresses []string
}

// Run runs the examples, in the order of functions, parsers, then feature sets,
// by name.
func Run(ctx context.Context, o Options) ([]*Result, error) {
	var out []*Result
	for _, s := range o.Workspace.Functions {
		if !o.wants("function/" + s.Name) {
			continue
		}
		for i, e := range s.Spec.GetExamples() {
			x := newResult("function/"+s.Name, s.Doc, e, i)
			if err := x.function(ctx, o, s.Name, e); err != nil {
				return nil, err
			}
			out = append(out, x)
		}
	}
	for _, s := range o.Workspace.Parsers {
		parser, ok := compile.ByName(o.Program.Parsers, s.Name)
		if !ok || !o.wants("parser/"+s.Name) {
			continue
		}
		for i, e := range s.Spec.GetExamples() {
			x := newResult("parser/"+s.Name, s.Doc, e, i)
			if err := x.parser(ctx, o, parser, e); err != nil {
				return nil, err
			}
			out = append(out, x)
		}
	}
	for _, s := range o.Workspace.FeatureSets {
		set, ok := compile.ByName(o.Program.FeatureSets, s.Name)
		if !ok || !o.wants("featureset/"+s.Name) {
			continue
		}
		for i, e := range s.Spec.GetExamples() {
			x := newResult("featureset/"+s.Name, s.Doc, e, i)
			if err := x.features(ctx, o, set, e); err != nil {
				return nil, err
			}
			out = append(out, x)
		}
	}
	return out, nil
}

func (o Options) wants(address string) bool {
	return o.Addresses == nil || slices.Contains(o.Addresses, address)
}

// message is what the examples of all specs are.
type message interface {
	spec.Message
	GetName() string
}

func newResult(address string, doc *spec.Document, e message, i int) *Result {
	r := &Result{Address: address, Name: e.GetName(), Place: doc.MessageSpan(e), doc: doc}
	if r.Name == "" {
		r.Name = fmt.Sprintf("#%d", i+1)
	}
	return r
}

// fail adds a failure at the place of a field of a message.
func (r *Result) fail(at diag.Span, format string, args ...any) *diag.Diagnostic {
	return r.Failures.Errorf(at, "example-failed", format, args...)
}

const updateHint = "`mlp test --update` writes what comes out"

// incomplete adds the failure of an example that expects nothing.
func (r *Result) incomplete(what string) {
	r.Failures.Errorf(r.Place, "no-expectation", "example %s expects nothing: %s", r.Name, what).Hintf(updateHint)
}

// Files returns the texts of the files whose examples do not hold, with their
// expectations corrected, and the results that were corrected. What holds, and
// all else in a file, stays as it is.
func Files(results []*Result) (texts map[string][]byte, corrected []*Result, err error) {
	edits := map[*spec.Document]*spec.Edits{}
	for _, r := range results {
		if len(r.Failures) == 0 || r.update == nil {
			continue
		}
		if edits[r.doc] == nil {
			edits[r.doc] = r.doc.Edit()
		}
		r.update(edits[r.doc])
		corrected = append(corrected, r)
	}
	texts = map[string][]byte{}
	for doc, e := range edits {
		if texts[doc.Path], err = e.Bytes("examples"); err != nil {
			return nil, nil, err
		}
	}
	return texts, corrected, nil
}

// outcome is what the records of an example gave.
type outcome struct {
	rows    []preview.Row
	rejects []preview.Reject
	account *preview.Account
}

// run runs the raw text of an example.
func (e Options) run(ctx context.Context, raw string, o preview.Options) (outcome, error) {
	var out outcome
	o.DB = e.DB
	o.Text = true
	o.Inputs = []preview.Input{{Name: "example", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(raw)), nil }}}
	o.Row = func(r preview.Row) error { out.rows = append(out.rows, r); return nil }
	o.Reject = func(r preview.Reject) error { out.rejects = append(out.rejects, r); return nil }
	var err error
	if e.Spark != nil {
		out.account, err = preview.RunOnSpark(ctx, e.Spark, o)
	} else {
		out.account, err = preview.Run(ctx, o)
	}
	return out, err
}

// text returns a value of a row as an example spells it.
func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return Null
}

// compare adds failures for the values of a row that differ.
func (r *Result) compare(expect []*specpb.ExpectedValue, values map[string]string) {
	for _, v := range expect {
		if got := values[v.GetField()]; got != v.GetValue() {
			r.fail(r.doc.Field(v, "value"), "%s is %q, this example expects %q", v.GetField(), got, v.GetValue()).Hintf(updateHint)
		}
	}
}

// correct changes the values of a row that differ.
func correct(e *spec.Edits, expect []*specpb.ExpectedValue, values map[string]string) {
	for _, v := range expect {
		if got := values[v.GetField()]; got != v.GetValue() {
			e.SetText(v, "value", got)
		}
	}
}

// all returns expectations of every value, in the order of names.
func all(names []string, values map[string]string) []*specpb.ExpectedValue {
	var out []*specpb.ExpectedValue
	for _, n := range names {
		out = append(out, &specpb.ExpectedValue{Field: n, Value: values[n]})
	}
	return out
}
