package run

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/evaluation"
	"github.com/mlpdev/mlp/pkg/lineage"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/report"
	"github.com/mlpdev/mlp/pkg/store"
)

// ReportInput is what a report is made of, beside the store.
type ReportInput struct {
	Entry  release.Entry
	Before *release.Entry // the release before; nil at the first
	// Programs are versions of the project, the likeliest first, in which the
	// release's models are looked for by their keys. They are made as they are
	// needed.
	Programs iter.Seq[*compile.Program]
}

// Report returns the report of a release. It needs neither an engine nor a
// trainer; what the store lacks is left out, and the report says so.
func (r *Runner) Report(ctx context.Context, in ReportInput) (*report.Report, error) {
	rec := in.Entry.Record
	b := &reporter{Runner: r, in: in, captures: map[digest.Digest]int{}, out: &report.Report{FormatVersion: report.FormatVersion,
		Project: rec.Repository, Channel: rec.Channel, Number: rec.Number, Digest: in.Entry.Digest, Created: rec.Created, Signer: in.Entry.Signer,
		Commit: rec.Commit, Dirty: rec.Dirty, PlanDigest: rec.PlanDigest, Builder: "mlp " + rec.Builder.MLP + ", " + rec.Builder.Go,
		Runtime: "ONNX runtime " + rec.Runtime.ONNXRuntime + ", " + rec.Runtime.Platform, Models: []*report.Model{}, Retired: []string{},
		Held: []report.Held{}, Captures: []report.Capture{}, Artifacts: []report.Artifact{}, Approvals: []report.Approval{}}}
	b.find()
	for _, m := range rec.Models {
		made, err := b.model(ctx, m)
		if err != nil {
			return nil, fmt.Errorf("model %s: %w", m.Name, err)
		}
		b.out.Models = append(b.out.Models, made)
	}
	if err := b.held(ctx); err != nil {
		return nil, err
	}
	b.rest()
	return b.out, nil
}

// reporter collects what a report says.
type reporter struct {
	*Runner
	in       ReportInput
	out      *report.Report
	found    map[digest.Digest]version // by evaluation key
	newest   *compile.Program          // the first that has one of the models: what the release was made of
	captures map[digest.Digest]int     // frame key → place in out.Captures
}

// version is a model in a version of the project.
type version struct {
	program *compile.Program
	model   *compile.Model
	lineage *lineage.Lineage
}

// find looks for the release's models, until all are found.
func (b *reporter) find() {
	b.found = map[digest.Digest]version{}
	for p := range b.in.Programs {
		l := lineage.Of(lineage.Input{Head: p})
		for _, m := range b.in.Entry.Record.Models {
			if _, ok := b.found[m.EvaluationKey]; ok {
				continue
			}
			for _, x := range p.Models {
				if x.Evaluation != m.EvaluationKey || x.Key != m.ModelKey {
					continue
				}
				if _, ok := b.found[m.EvaluationKey]; !ok || x.Name == m.Name {
					b.found[m.EvaluationKey] = version{p, x, l}
				}
				if b.newest == nil {
					b.newest = p
				}
			}
		}
		if len(b.found) == len(b.in.Entry.Record.Models) {
			return
		}
	}
}

// state compares a model with the release before.
func (b *reporter) state(m release.Model) report.State {
	if b.in.Before == nil {
		return report.New
	}
	old, ok := b.in.Before.Record.Model(m.Name)
	switch {
	case !ok:
		return report.New
	case old.EvaluationKey == m.EvaluationKey:
		return report.Unchanged
	}
	return report.Changed
}

func (b *reporter) model(ctx context.Context, m release.Model) (*report.Model, error) {
	out := &report.Model{Name: m.Name, DisplayName: m.DisplayName, State: b.state(m), Key: m.ModelKey, Evaluation: m.EvaluationKey,
		FeatureSet: "featureset/" + m.FeatureSet, Parser: "parser/" + m.Parser, Metrics: released(m), Parity: m.Metrics["parity"].Value,
		Gates: []report.Gate{}, Training: []lineage.Fact{}, Warnings: []string{}, Inputs: []report.Input{}, Lineage: []*lineage.Node{},
		KnownAnswers: slices.ContainsFunc(b.in.Entry.Record.KnownAnswers, func(k release.KnownAnswer) bool { return k.Model == m.Name })}
	if out.State == report.Changed {
		old, _ := b.in.Before.Record.Model(m.Name)
		was := released(old)
		out.Before = &report.Before{Release: refName(b.in.Before), Recall: was.Recall, FPR: was.FPR, Precision: was.Precision, AUC: was.AUC}
	}
	evaluated, err := b.Index.Evaluation(ctx, m.EvaluationKey)
	if err != nil {
		return nil, err
	}
	if err := b.training(ctx, out, m); err != nil {
		return nil, err
	}
	v, known := b.found[m.EvaluationKey]
	if evaluated != nil {
		if err := b.evaluated(ctx, out, evaluated); err != nil {
			return nil, err
		}
	}
	compared, err := b.decisions(ctx, out)
	if err != nil {
		return nil, err
	}
	if evaluated != nil && known {
		judged := report.Judged{Gates: GatesOf(v.model), Metrics: evaluated.Metrics, Parity: evaluated.Parity, Caught: evaluated.MustCatch}
		if compared != nil {
			judged.Comparison = &compared.Comparison
		}
		out.Gates = judged.List()
	}
	if !known {
		out.Missing = "The specs of this version are not at hand: no commit that was found has them. Its gates, lineage and data are left out."
		return out, nil
	}
	out.Dataset = "dataset/" + v.model.Dataset.Name
	trained := []lineage.Fact{{Name: "trainer", Value: strings.TrimPrefix(v.model.Trainer, "mlp.trainers.")}, {Name: "parameters", Value: string(v.model.Params)},
		{Name: "seed", Value: fmt.Sprint(v.model.Spec.GetSeed())}}
	out.Training = append(trained, out.Training...)
	chosen, err := v.lineage.Select([]string{"+evaluation/" + v.model.Name})
	if err != nil {
		return nil, err
	}
	out.Lineage = chosen.Nodes
	return out, b.data(ctx, m.Name, v, chosen)
}

// released is a model's metrics as its release has them.
func released(m release.Model) evaluation.Metrics {
	rate := func(name string) evaluation.Rate {
		x := m.Metrics[name]
		return evaluation.Rate{Hits: int(x.Count), Trials: int(x.Total), Rate: x.Value, Lower: x.Lower, Upper: x.Upper}
	}
	out := evaluation.Metrics{Threshold: m.Threshold, TargetFPR: m.TargetFPR, Recall: rate("recall"), FPR: rate("fpr"), Precision: rate("precision"), AUC: m.Metrics["auc"].Value}
	out.Attacks, out.Benign = out.Recall.Trials, out.FPR.Trials
	return out
}

func refName(e *release.Entry) string {
	return fmt.Sprintf("%s#%d", e.Record.Channel, e.Record.Number)
}

func (b *reporter) evaluated(ctx context.Context, out *report.Model, e *EvaluationEntry) error {
	out.Train, out.Test = report.Side(e.Train), report.Side(e.Test)
	curve, err := b.curve(ctx, e.Curve)
	if errors.Is(err, store.ErrNotExist) {
		return nil
	}
	if err == nil && len(curve.Points) > 0 {
		out.Curve = &curve
	}
	return err
}

// decisions adds what the model decides beside the version before.
func (b *reporter) decisions(ctx context.Context, out *report.Model) (*ComparisonEntry, error) {
	if out.State != report.Changed {
		return nil, nil
	}
	old, _ := b.in.Before.Record.Model(out.Name)
	c, err := b.Index.Comparison(ctx, plan.ComparisonKey(out.Evaluation, old.EvaluationKey))
	if err != nil || c == nil {
		return nil, err
	}
	out.Decisions = &report.Decisions{Release: refName(b.in.Before), Unit: c.Unit, Comparison: c.Comparison, Recall: c.Recall.Change, FPR: c.FPR.Change,
		Seen: c.Seen, Unlabelled: c.Unlabelled, Incomparable: c.Incomparable, Differ: []report.Differ{}}
	for _, x := range []struct {
		what  string
		n     int
		named []Example
	}{
		{"newly missed", c.Attacks.Before, c.NewlyMissed}, {"newly caught", c.Attacks.After, c.NewlyCaught},
		{"newly flagged", c.Benign.After, c.NewlyFlagged}, {"no longer flagged", c.Benign.Before, c.NoLongerFlagged},
	} {
		if len(x.named) == 0 {
			continue
		}
		d := report.Differ{What: x.what, N: x.n}
		for _, e := range x.named {
			// A key is a value of a log: where the row stands is enough.
			e.Key = nil
			d.Places = append(d.Places, e.String())
		}
		out.Decisions.Differ = append(out.Decisions.Differ, d)
	}
	return c, nil
}

// training notes what the trainer said.
func (b *reporter) training(ctx context.Context, out *report.Model, m release.Model) error {
	trained, err := b.Index.Model(ctx, m.ModelKey)
	if err != nil || trained == nil {
		return err
	}
	info := trained.Info
	fact := func(name, value string) {
		out.Training = append(out.Training, lineage.Fact{Name: name, Value: value})
	}
	fact("rows", fmt.Sprintf("%d to learn from, %d to test", info.TrainRows, info.TestRows))
	if info.Folds > 0 {
		fact("folds", fmt.Sprint(info.Folds))
	}
	if info.Iterations > 0 {
		fact("iterations", fmt.Sprint(info.Iterations))
	}
	for _, name := range slices.Sorted(maps.Keys(info.Versions)) {
		fact(name, info.Versions[name])
	}
	fact("model file", fmt.Sprintf("%d bytes, %s", trained.Size, trained.Model.Short()))
	out.Warnings = append(out.Warnings, info.Warnings...)
	for _, f := range info.Features {
		out.Inputs = append(out.Inputs, report.Input{Name: f.Name, Coefficient: f.Coefficient, Missing: f.Missing})
	}
	return nil
}

// data adds the captures that a model's rows come from.
func (b *reporter) data(ctx context.Context, name string, v version, chosen *lineage.Selection) error {
	for _, k := range v.model.Dataset.Contributions {
		for _, p := range v.program.Parsers {
			files := k.Files(p.Name)
			if _, reads := chosen.Node("parser/" + p.Name); !reads || len(files) == 0 {
				continue
			}
			frame := compile.ParserFrame(v.model.Dataset, k, p)
			i, ok := b.captures[frame.Key]
			if !ok {
				c := report.Capture{Contribution: k.Address, Parser: "parser/" + p.Name, Side: sideOf(k, p), Files: len(files)}
				for _, f := range files {
					c.Bytes += f.GetSize()
				}
				var err error
				if c.Counts, err = b.counts(ctx, frame.Key); err != nil {
					return err
				}
				i = len(b.out.Captures)
				b.out.Captures, b.captures[frame.Key] = append(b.out.Captures, c), i
			}
			b.out.Captures[i].Models = append(b.out.Captures[i].Models, name)
		}
	}
	return nil
}

func sideOf(k *compile.Contribution, p *compile.Parser) string {
	switch {
	case k.Side(p.Name) != nil:
		return "both"
	case k.Test:
		return "test"
	}
	return "train"
}

func (b *reporter) counts(ctx context.Context, frame digest.Digest) (*report.Counts, error) {
	entry, err := b.Index.Frame(ctx, frame)
	if err != nil || entry == nil || entry.Counts == nil {
		return nil, err
	}
	c := entry.Counts
	out := &report.Counts{Lines: c.Lines, Records: c.Records, Rows: c.Rows, Headers: c.Headers, Comments: c.Comments, Blanks: c.Blanks,
		Continued: c.Continued, Replaced: c.Replaced, Rejects: []report.Many{}}
	for _, reason := range slices.Sorted(maps.Keys(c.Rejects)) {
		if n := c.Rejects[reason]; n > 0 {
			out.Rejects = append(out.Rejects, report.Many{What: reason, N: n})
		}
	}
	return out, nil
}

// held notes the models of the release's own version of the project that their
// gates keep out of the channel.
func (b *reporter) held(ctx context.Context) error {
	if b.newest == nil {
		return nil
	}
	for _, m := range b.newest.Models {
		if m.Channel != b.in.Entry.Record.Channel {
			continue
		}
		e, err := b.Index.Evaluation(ctx, m.Evaluation)
		if err != nil {
			return err
		}
		if e == nil {
			continue
		}
		reasons := e.Reasons
		c, err := b.compared(ctx, m, b.in.Before)
		if err != nil {
			return err
		}
		if c != nil {
			reasons = slices.Concat(reasons, c.Reasons)
		}
		if len(reasons) > 0 {
			_, keeps := b.in.Entry.Record.Model(m.Name)
			b.out.Held = append(b.out.Held, report.Held{Model: m.Name, Reasons: reasons, Keeps: keeps})
		}
	}
	return nil
}

// rest adds what the records alone say.
func (b *reporter) rest() {
	rec := b.in.Entry.Record
	if b.in.Before != nil {
		b.out.Previous = b.in.Before.Record.Number
		for _, m := range b.in.Before.Record.Models {
			if _, ok := rec.Model(m.Name); !ok {
				b.out.Retired = append(b.out.Retired, m.Name)
			}
		}
	}
	for _, a := range rec.Artifacts {
		i := slices.IndexFunc(b.out.Artifacts, func(x report.Artifact) bool { return x.Kind == string(a.Kind) })
		if i < 0 {
			i = len(b.out.Artifacts)
			b.out.Artifacts = append(b.out.Artifacts, report.Artifact{Kind: string(a.Kind)})
		}
		b.out.Artifacts[i].Files++
		b.out.Artifacts[i].Bytes += a.Size
	}
	for _, a := range rec.Approvals {
		b.out.Approvals = append(b.out.Approvals, report.Approval{By: a.By, Time: a.Time})
	}
	slices.SortStableFunc(b.out.Captures, func(x, y report.Capture) int { return strings.Compare(x.Contribution, y.Contribution) })
}
