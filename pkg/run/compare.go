package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/dataset"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/score"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// maxExamples is how many examples of each kind a comparison names.
const maxExamples = 10

// compareStep compares a model with the version that its channel has.
func (r *Runner) compareStep(ctx context.Context, s plan.Step, out *Result) error {
	head, err := r.head(ctx, s.Model.Channel)
	if err != nil {
		return err
	}
	if head == nil {
		return nil // there was one when it was planned: publishing finds out
	}
	entry, err := r.compare(ctx, s.Model, &head.Record)
	if err != nil {
		return err
	}
	if entry != nil {
		out.judge(s.Model.Name).comparison = entry
	}
	r.Progress.Step(s.Target)
	return nil
}

// compare returns how a model decides beside the version of it in a release.
// It is nil where the release has no other version. What is not in the store is
// computed and kept.
func (r *Runner) compare(ctx context.Context, m *compile.Model, released *release.Record) (*ComparisonEntry, error) {
	if released == nil {
		return nil, nil
	}
	old, ok := released.Model(m.Name)
	if !ok || old.EvaluationKey == m.Evaluation {
		return nil, nil
	}
	key := plan.ComparisonKey(m.Evaluation, old.EvaluationKey)
	entry, err := r.Index.Comparison(ctx, key)
	if err != nil || entry != nil {
		return entry, err
	}
	c := &comparer{Runner: r, model: m, entry: newComparison(m, old.EvaluationKey)}
	err = c.run(ctx, released, old)
	var cannot *incomparableError
	if errors.As(err, &cannot) {
		c.entry = newComparison(m, old.EvaluationKey)
		c.entry.Incomparable, err = cannot.reason, nil
	}
	if err != nil {
		return nil, err
	}
	c.entry.judge(GatesOf(m))
	return c.entry, r.Index.put(ctx, "comparison", key, c.entry)
}

// incomparableError says why nothing can be compared, which is a result and no
// failure.
type incomparableError struct{ reason string }

func (e *incomparableError) Error() string { return "nothing can be compared: " + e.reason }

func cannotCompare(format string, args ...any) error {
	return &incomparableError{fmt.Sprintf(format, args...)}
}

// comparer compares one model with its released version.
type comparer struct {
	*Runner
	model         *compile.Model
	before, after *score.Chain
	learned       digest.Digest // what the released model learned from
	entry         *ComparisonEntry
}

// run fills the entry.
func (c *comparer) run(ctx context.Context, released *release.Record, old release.Model) error {
	trained, err := c.Index.Model(ctx, old.ModelKey)
	if err != nil {
		return err
	}
	if trained == nil || trained.Learned.IsZero() {
		return cannotCompare("the store does not say what the released model was trained on")
	}
	c.learned = trained.Learned
	end, err := c.chains(ctx, released, old)
	defer end()
	if err != nil {
		return err
	}
	if c.before.FeatureSet.Key != c.model.FeatureSet.Key {
		c.entry.Unit = UnitRecord
	}
	contributions := slices.Clone(c.model.Dataset.Contributions)
	slices.SortFunc(contributions, func(a, b *compile.Contribution) int { return strings.Compare(a.Name, b.Name) })
	for _, k := range contributions {
		if !k.Test && k.Side(c.model.FeatureSet.From.Name) == nil {
			continue // all of it trains
		}
		if err := c.contribution(ctx, k); err != nil {
			return fmt.Errorf("%s: %w", k.Address, err)
		}
	}
	return nil
}

// chains loads the released chain, as a site would, and this model's. end
// frees them.
func (c *comparer) chains(ctx context.Context, released *release.Record, old release.Model) (end func(), err error) {
	dir := c.path(".release")
	end = func() {
		for _, chain := range []*score.Chain{c.before, c.after} {
			if chain != nil {
				chain.Close()
			}
		}
		os.RemoveAll(dir)
	}
	runtime, err := c.ONNX(ctx)
	if err != nil {
		return end, err
	}
	for _, a := range released.Artifacts {
		if a.Name == old.Artifact || strings.HasPrefix(a.Name, release.Spec.Name(old.Specs)+"/") {
			if err := c.fetch(ctx, a, dir); err != nil {
				return end, err
			}
		}
	}
	if c.before, err = score.NewLoader(os.DirFS(dir), runtime).Load(old); err != nil {
		return end, cannotCompare("the released model does not run with this mlp: %v", err)
	}
	evaluated, err := c.Index.Evaluation(ctx, c.model.Evaluation)
	if err != nil {
		return end, err
	}
	trained, err := c.Index.Model(ctx, c.model.Key)
	if err != nil {
		return end, err
	}
	if evaluated == nil || trained == nil {
		return end, errNoColumn
	}
	model, err := c.load(ctx, c.model, trained)
	if err != nil {
		return end, err
	}
	c.after = score.Of(c.model, model)
	c.after.Threshold = evaluated.Metrics.Threshold
	return end, nil
}

// fetch writes an artifact of a release below a directory.
func (c *comparer) fetch(ctx context.Context, a release.Artifact, dir string) error {
	body, err := c.Store.Get(ctx, a.Digest)
	if err != nil {
		return fmt.Errorf("released %s: %w", a.Name, err)
	}
	defer body.Close()
	path := filepath.Join(dir, filepath.FromSlash(a.Name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, body); err != nil {
		f.Close()
		return fmt.Errorf("released %s: %w", a.Name, err)
	}
	return f.Close()
}

// capture is one contribution that is compared.
type capture struct {
	*compile.Contribution
	files    []*specpb.RawFile
	at       offsets
	seen     bits // by record
	segments []score.Segment
	ordinals []int32
	chunks   []*specpb.Chunk
}

func (c *comparer) capture(ctx context.Context, k *compile.Contribution) (*capture, error) {
	out := &capture{Contribution: k, files: k.Files(c.model.FeatureSet.From.Name)}
	out.at = offsetsOf(out.files)
	for i, f := range out.files {
		for _, chunk := range f.GetChunks() {
			open := func() (io.ReadCloser, error) { return dataset.OpenChunk(ctx, c.Store, chunk) }
			out.segments = append(out.segments, score.Segment{Name: f.GetName(), Header: chunk.GetHeader(), First: chunk.GetFirstRecord(), Line: chunk.GetFirstLine(), Open: open})
			out.ordinals = append(out.ordinals, int32(i))
			out.chunks = append(out.chunks, chunk)
		}
	}
	var err error
	out.seen, err = c.Runner.learned(ctx, c.learned, out.files, out.at)
	return out, err
}

func (c *comparer) contribution(ctx context.Context, k *compile.Contribution) error {
	capture, err := c.capture(ctx, k)
	if err != nil {
		return err
	}
	if c.entry.Unit == UnitRow {
		return c.rows(ctx, capture)
	}
	return c.records(ctx, capture)
}

// replay runs a capture through this model's chain or, before, the released
// one.
func (c *comparer) replay(ctx context.Context, k *capture, before bool) (*score.Replay, error) {
	o := score.ReplayOptions{DB: c.DB, Segments: k.segments, Files: k.ordinals}
	chain := c.before
	if !before {
		frame := compile.FeatureFrame(c.model.Dataset, k.Contribution, c.model.FeatureSet)
		chain, o.Label, o.Side = c.after, frame.Label(), frame.Side()
	}
	out, err := chain.Replay(ctx, o)
	if err != nil {
		return nil, err
	}
	for i, chunk := range k.chunks {
		n := out.Records[i]
		switch {
		case n == chunk.GetRecords():
			continue
		case before:
			err = cannotCompare("the released parser frames %d records in a chunk of %s, which has %d", n, k.Address, chunk.GetRecords())
		default:
			err = &FramingError{Frame: k.Address, Now: n, Added: chunk.GetRecords()}
		}
		out.Close()
		return nil, err
	}
	return out, nil
}

// decide returns what a chain decides of a capture's rows: from the store's
// columns where it has them, as after new data alone, else from raw records.
func (c *comparer) decide(ctx context.Context, k *capture, before bool) (decider, error) {
	chain := c.after
	if before {
		chain = c.before
	}
	if out, err := c.stored(ctx, k, chain, !before && k.seen.any()); err != nil || out != nil {
		return out, err
	}
	return c.replay(ctx, k, before)
}

// rows compares row by row: both chains give the same ones, in one order.
func (c *comparer) rows(ctx context.Context, k *capture) error {
	after, err := c.decide(ctx, k, false)
	if err != nil {
		return err
	}
	defer after.Close()
	before, err := c.decide(ctx, k, true)
	if err != nil {
		return err
	}
	defer before.Close()
	if before.Rows() != after.Rows() {
		return fmt.Errorf("%d rows of the released chain, %d of this one, for one key %s", before.Rows(), after.Rows(), c.model.FeatureSet.Key.Short())
	}
	seen := newBits(after.Rows())
	if k.seen.any() {
		err := after.Members(ctx, func(m score.Member) {
			if i, ok := k.at.of(m.File, m.Record); ok && k.seen.has(i) {
				seen.set(m.Row)
			}
		})
		if err != nil {
			return err
		}
	}
	t, whole := newTally(after.Rows()), k.Side(c.model.FeatureSet.From.Name) == nil
	if err := after.Truths(ctx, func(row int64, truth score.Truth) { t.note(row, truth, whole) }); err != nil {
		return err
	}
	differ := c.count(t, seen, func(row int64) (bool, bool) { return before.Flags(row), after.Flags(row) })
	return c.nameRows(ctx, k, after, differ)
}

// records compares record by record. The chains run one after the other: each
// holds all of the capture in the engine.
func (c *comparer) records(ctx context.Context, k *capture) error {
	var t *tally
	held, alerts := newBits(k.at.total()), [2]bits{}
	for i, before := range []bool{false, true} {
		alerts[i] = newBits(k.at.total())
		replay, err := c.replay(ctx, k, before)
		if err != nil {
			return err
		}
		if !before {
			t, err = c.recordTruths(ctx, k, replay)
		}
		err = errors.Join(err, replay.Members(ctx, func(m score.Member) {
			if n, ok := k.at.of(m.File, m.Record); ok {
				held.set(n)
				if replay.Flags(m.Row) {
					alerts[i].set(n)
				}
			}
		}), replay.Close())
		if err != nil {
			return err
		}
	}
	// What neither chain makes a row of is no decision of a model.
	t.only(held)
	differ := c.count(t, k.seen, func(i int64) (bool, bool) { return alerts[1].has(i), alerts[0].has(i) })
	for kind, list := range differ {
		for _, i := range list {
			file, record := k.at.file(i)
			c.example(kind, k.example(file, &record))
		}
	}
	return nil
}

// recordTruths notes what is true of each record. A verdict holds for records
// that this parser rejects, too.
func (c *comparer) recordTruths(ctx context.Context, k *capture, after *score.Replay) (*tally, error) {
	t, whole := newTally(k.at.total()), k.Side(c.model.FeatureSet.From.Name) == nil
	if verdict := k.Spec.GetLabel().GetVerdict(); verdict != specpb.Verdict_VERDICT_UNSPECIFIED && whole && k.About(c.model.FeatureSet) {
		attack := verdict == specpb.Verdict_ATTACK
		for i := range k.at.total() {
			t.note(i, score.Truth{Attack: &attack}, true)
		}
		return t, nil
	}
	return t, after.RecordTruths(ctx, func(file int32, record int64, truth score.Truth) {
		if i, ok := k.at.of(file, record); ok {
			t.note(i, truth, whole)
		}
	})
}

func (k *capture) example(file int, record *int64) Example {
	e := Example{Contribution: k.Name, Record: record}
	if len(k.files) > 1 {
		e.File = k.files[file].GetName()
	}
	return e
}
