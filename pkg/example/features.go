package example

import (
	"context"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/preview"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// features runs an example of a feature set: a small log.
func (r *Result) features(ctx context.Context, o Options, f *compile.FeatureSet, e *specpb.FeatureExample) error {
	out, err := o.run(ctx, e.GetRaw(), preview.Options{Parser: f.From, FeatureSet: f})
	if err != nil {
		return err
	}
	for _, x := range out.rejects {
		r.fail(r.doc.Field(e, "raw"), "record %d, in line %d, is rejected: %s", x.Record, x.Line, x.Reason)
	}
	if out.account.Records == 0 {
		r.fail(r.doc.Field(e, "raw"), "raw has no record")
	}
	if len(r.Failures) > 0 {
		return nil
	}
	names := rowNames(f)
	rows := make([]map[string]string, len(out.rows))
	for i, row := range out.rows {
		rows[i] = rowValues(f, row)
	}
	r.got = rows
	switch {
	case len(e.GetRows()) == 0 && !e.GetNoRows():
		r.incomplete("neither rows nor no_rows")
	case e.GetNoRows() && len(rows) > 0:
		r.fail(r.doc.Field(e, "no_rows"), "rows come out: %d; this example expects none", len(rows)).Hintf(updateHint)
	case len(e.GetRows()) != len(rows):
		r.fail(r.doc.Field(e, "raw"), "rows come out: %d; this example expects %d", len(rows), len(e.GetRows())).Hintf(updateHint)
	default:
		for i, row := range e.GetRows() {
			r.compare(row.GetExpect(), rows[i])
		}
		r.update = func(x *spec.Edits) {
			for i, row := range e.GetRows() {
				correct(x, row.GetExpect(), rows[i])
			}
		}
		return nil
	}
	r.update = func(x *spec.Edits) {
		x.Remove(e, "rows")
		x.Remove(e, "no_rows")
		for _, values := range rows {
			x.AddMessage(e, "rows", &specpb.ExpectedRow{Expect: all(names, values)})
		}
		if len(rows) == 0 {
			x.AddBool(e, "no_rows", true)
		}
	}
	return nil
}

// rowNames returns the names of what a row has: key, window, features.
func rowNames(f *compile.FeatureSet) []string {
	var out []string
	if g := f.Group; g != nil {
		for _, k := range g.Keys {
			out = append(out, k.Name)
		}
		if g.Window != nil {
			out = append(out, sql.WindowStartName, sql.WindowEndName)
		}
	}
	return append(out, fieldNames(f.Features)...)
}

func rowValues(f *compile.FeatureSet, row preview.Row) map[string]string {
	out := map[string]string{}
	if g := f.Group; g != nil {
		for i, k := range g.Keys {
			out[k.Name] = text(row.Key[i])
		}
		if g.Window != nil {
			out[sql.WindowStartName], out[sql.WindowEndName] = text(row.Start), text(row.End)
		}
	}
	for i, x := range f.Features {
		out[x.Name] = text(row.Values[i])
	}
	return out
}
