package example

import (
	"context"
	"slices"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/preview"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// parser runs an example of a parser: one record.
func (r *Result) parser(ctx context.Context, o Options, p *compile.Parser, e *specpb.ParserExample) error {
	fields := fieldNames(p.Fields)
	read := slices.Clone(fields)
	for _, v := range e.GetExpect() {
		if !slices.Contains(read, v.GetField()) {
			read = append(read, v.GetField()) // a label column
		}
	}
	out, err := o.run(ctx, e.GetRaw(), preview.Options{Parser: p, Columns: read})
	if err != nil {
		return err
	}
	if n := out.account.Records; n != 1 {
		r.fail(r.doc.Field(e, "raw"), "raw has %d records; an example of a parser is one", n)
		return nil
	}
	if len(out.rejects) > 0 {
		r.got = []map[string]string{{"reject": out.rejects[0].Reason}}
		r.rejected(e, out.rejects[0].Reason)
		return nil
	}
	values := map[string]string{}
	for i, name := range read {
		values[name] = text(out.rows[0].Values[i])
	}
	r.got = []map[string]string{values}
	switch {
	case e.GetReject() != "":
		r.fail(r.doc.Field(e, "reject"), "the record is a row, this example expects a reject").Hintf(updateHint)
		r.update = func(x *spec.Edits) {
			x.Remove(e, "reject")
			addExpect(x, e, all(fields, values))
		}
	case len(e.GetExpect()) == 0:
		r.incomplete("neither fields nor a reject")
		r.update = func(x *spec.Edits) { addExpect(x, e, all(fields, values)) }
	default:
		r.compare(e.GetExpect(), values)
		r.update = func(x *spec.Edits) { correct(x, e.GetExpect(), values) }
	}
	return nil
}

// rejected looks at an example whose record is no row.
func (r *Result) rejected(e *specpb.ParserExample, reason string) {
	switch {
	case e.GetReject() == reason:
		return
	case e.GetReject() != "":
		r.fail(r.doc.Field(e, "reject"), "the record is rejected for another reason: %s", reason).Hintf(updateHint)
	case len(e.GetExpect()) > 0:
		r.fail(r.doc.Field(e, "raw"), "the record is rejected: %s", reason).
			Hintf("correct raw; where a reject is what is meant, write reject: %q, or let `mlp test --update` write it", reason)
	default:
		r.incomplete("neither fields nor a reject")
	}
	r.update = func(x *spec.Edits) {
		x.Remove(e, "expect")
		x.SetText(e, "reject", reason)
	}
}

func addExpect(x *spec.Edits, to spec.Message, expect []*specpb.ExpectedValue) {
	for _, v := range expect {
		x.AddMessage(to, "expect", v)
	}
}

func fieldNames(fields []*compile.Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name
	}
	return out
}
