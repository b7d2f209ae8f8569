package example

import (
	"context"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/preview"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// function runs an example of a function: one call.
func (r *Result) function(ctx context.Context, o Options, name string, e *specpb.FunctionExample) error {
	call := r.callOf(name, e)
	// One row of no columns: an aggregate needs it, and nothing reads it.
	table := &preview.Table{Rows: [][][]byte{{}}}
	for i := range e.GetArguments() {
		// By itself, so that no argument can close the call's bracket.
		argument := r.doc.Text(e, "arguments", i)
		_, diags := sql.Parse(argument.Value, argument)
		r.Failures = append(r.Failures, diags...)
	}
	if r.Failures.HasErrors() {
		return nil
	}
	expr, diags := sql.Parse(call.text.String(), call)
	r.Failures = append(r.Failures, diags...)
	if expr == nil {
		return nil
	}
	typed, diags := table.Check(expr, library(o.Program.Functions))
	if r.Failures = append(r.Failures, diags...); diags.HasErrors() {
		return nil
	}
	got := Null
	each := func(v any) error { got = text(v); return nil }
	var err error
	if o.Spark != nil {
		err = table.EvaluateOnSpark(ctx, o.Spark, typed, each)
	} else {
		err = table.Evaluate(ctx, o.DB, typed, each)
	}
	if err != nil {
		return err
	}
	r.got = []map[string]string{{"the call": got}}
	switch {
	case e.Value == nil:
		r.incomplete("no value")
	case e.GetValue() != got:
		r.fail(r.doc.Field(e, "value"), "the call gives %q, this example expects %q", got, e.GetValue()).Hintf(updateHint)
	}
	r.update = func(x *spec.Edits) { x.SetText(e, "value", got) }
	return nil
}

// call is the text of a call, which knows where its arguments stand.
type call struct {
	text      strings.Builder
	place     diag.Span
	arguments []spec.Text
	starts    []int // where each argument begins in the text
}

func (r *Result) callOf(name string, e *specpb.FunctionExample) *call {
	c := &call{place: r.Place}
	c.text.WriteString(name + "(")
	for i := range e.GetArguments() {
		if i > 0 {
			c.text.WriteString(", ")
		}
		c.arguments, c.starts = append(c.arguments, r.doc.Text(e, "arguments", i)), append(c.starts, c.text.Len())
		c.text.WriteString(e.GetArguments()[i])
	}
	c.text.WriteString(")")
	return c
}

// Span implements [sql.Positioner]: what is of no argument stands where the
// example does.
func (c *call) Span(start, end int) diag.Span {
	for i, begin := range c.starts {
		if start >= begin && end <= begin+len(c.arguments[i].Value) {
			return c.arguments[i].Span(start-begin, end-begin)
		}
	}
	return c.place
}

// library are the functions of a program.
type library []*compile.Function

// Function implements [sql.Library].
func (l library) Function(name string) (*sql.Definition, bool) {
	f, ok := compile.ByName(l, strings.ToLower(name))
	if !ok {
		return nil, false
	}
	return f.Definition, true
}

// Names implements [sql.Library].
func (l library) Names() []string {
	var out []string
	for _, f := range l {
		out = append(out, f.Name)
	}
	return out
}
