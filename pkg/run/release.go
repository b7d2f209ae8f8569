package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/dataset"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/evaluation"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/score"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// ReleaseOptions are what a release says of where it comes from.
type ReleaseOptions struct {
	Repository string
	Commit     string
	Dirty      bool
	PlanDigest digest.Digest
	Builder    release.Builder
	Signer     dsse.Signer
	// Trusted returns the keys that may sign releases of a channel.
	Trusted func(channel string) []dsse.Key
	// Specs are the files that sites compute with, by path, as the program was
	// compiled from them.
	Specs map[string][]byte
	// Platform is that of the library: "linux/amd64".
	Platform string
	// Library returns the path of the ONNX runtime's shared library and its
	// version.
	Library func() (path, version string, err error)
}

// Released is a release that a run made.
type Released struct {
	Channel string
	Number  int64
	Models  []string // new or changed in it
	Retired []string // no longer in it
}

// maxKnownRecords and maxKnownBytes are how much of a contribution becomes
// known answers.
const (
	maxKnownRecords = 200
	maxKnownBytes   = 1 << 20
)

// Log returns the release log of a channel.
func (r *Runner) log(channel string) release.Log {
	return release.Log{Store: r.Store, Repository: r.Release.Repository, Channel: channel, Trusted: r.Release.Trusted(channel)}
}

// head returns the newest release of a channel, or nil. It is searched from the
// one that the applied state names, so a log that was lost is noticed.
func (r *Runner) head(ctx context.Context, channel string) (*release.Entry, error) {
	applied, err := r.readApplied(ctx)
	if err != nil {
		return nil, err
	}
	entry, err := r.log(channel).Head(ctx, applied.Releases[channel])
	if errors.Is(err, release.ErrNoRelease) {
		return nil, nil
	}
	return &entry, err
}

// releaseStep publishes the models of a channel that pass their gates; those
// that do not keep the version of the release before.
func (r *Runner) releaseStep(ctx context.Context, s plan.Step, out *Result) error {
	for range maxOvertaken {
		err := r.publish(ctx, s, out)
		if !errors.Is(err, errOvertaken) {
			return err
		}
	}
	return fmt.Errorf("publish to %s: %w", s.Channel, errOvertaken)
}

// maxOvertaken is how often a release is built anew.
const maxOvertaken = 20

// errOvertaken says that another run published while this one was at it: what
// it would carry over from the release before is no longer the newest.
var errOvertaken = errors.New("other runs release to the channel faster")

// publish builds the release that follows the newest one, and appends it.
func (r *Runner) publish(ctx context.Context, s plan.Step, out *Result) error {
	before, err := r.head(ctx, s.Channel)
	if err != nil {
		return err
	}
	b := &releaseBuilder{Runner: r, epochs: map[string]int{}, keys: map[string]digest.Digest{}, artifacts: map[string]release.Artifact{}}
	if before != nil {
		b.before = &before.Record
	}
	var changed []string
	for _, m := range s.Models {
		fresh, err := b.model(ctx, m)
		if err != nil {
			return fmt.Errorf("model %s: %w", m.Name, err)
		}
		if fresh {
			changed = append(changed, m.Name)
		}
	}
	if len(changed) == 0 && (b.before == nil || len(b.before.Models) == len(b.models)) {
		return nil // every gate refused, and nothing was retired
	}
	if err := b.runtime(ctx); err != nil {
		return err
	}
	from := release.Ref{}
	if before != nil {
		from = before.Ref()
	}
	entry, err := r.log(s.Channel).Append(ctx, release.Draft{Signer: r.Release.Signer, From: from, Build: func(_ int64, previous digest.Digest) (release.Record, error) {
		if previous != from.Digest {
			return release.Record{}, errOvertaken
		}
		return b.record(), nil
	}})
	if err != nil {
		return err
	}
	made := Released{Channel: s.Channel, Number: entry.Record.Number, Models: changed, Retired: b.retired()}
	out.Releases = append(out.Releases, made)
	r.Progress.Step(fmt.Sprintf("%s#%d", s.Channel, made.Number))
	return nil
}

// releaseBuilder collects what a release holds.
type releaseBuilder struct {
	*Runner
	before    *release.Record
	models    []release.Model
	answers   []release.KnownAnswer
	keys      map[string]digest.Digest
	epochs    map[string]int
	artifacts map[string]release.Artifact
	library   string // artifact, and its version
	version   string
	tree      string // name of the specs' tree, once it was added
}

// model adds a model: as it was trained and judged now, or as it was released
// before. It reports whether it is new or another version.
func (b *releaseBuilder) model(ctx context.Context, m *compile.Model) (bool, error) {
	evaluated, err := b.Index.Evaluation(ctx, m.Evaluation)
	if err != nil {
		return false, err
	}
	if evaluated == nil {
		return false, errNoColumn
	}
	if !evaluated.Passed {
		b.carry(m.Name)
		return false, nil
	}
	// It is compared with what the release would take the place of, which may be
	// another one than when the run was planned.
	compared, err := b.compare(ctx, m, b.before)
	if err != nil {
		return false, err
	}
	if compared != nil && !compared.Passed {
		b.carry(m.Name)
		return false, nil
	}
	trained, err := b.Index.Model(ctx, m.Key)
	if err != nil {
		return false, err
	}
	if trained == nil {
		return false, errNoColumn
	}
	if err := b.specs(ctx); err != nil {
		return false, err
	}
	artifact := release.ModelFile.Name(m.Name + ".onnx")
	b.artifacts[artifact] = release.Artifact{Name: artifact, Digest: trained.Model, Size: trained.Size, Kind: release.ModelFile}
	out := release.Model{Name: m.Name, DisplayName: m.Spec.GetDisplayName(), ModelKey: m.Key, EvaluationKey: m.Evaluation, Specs: b.tree,
		FeatureSet: m.FeatureSet.Name, Parser: m.FeatureSet.From.Name, Threshold: evaluated.Metrics.Threshold,
		TargetFPR: evaluated.Metrics.TargetFPR, Artifact: artifact, Metrics: metrics(evaluated, compared)}
	for _, f := range m.Features {
		out.Features = append(out.Features, release.Input{Name: f.Name, Key: f.Key})
	}
	b.models = append(b.models, out)
	if err := b.knownAnswers(ctx, m, artifact); err != nil {
		return false, err
	}
	return !b.released(m), nil
}

// retired returns the models of the release before that this one lacks.
func (b *releaseBuilder) retired() []string {
	var out []string
	if b.before == nil {
		return nil
	}
	for _, m := range b.before.Models {
		if !slices.ContainsFunc(b.models, func(x release.Model) bool { return x.Name == m.Name }) {
			out = append(out, m.Name)
		}
	}
	return out
}

// released reports whether the release before has the same version of a model.
func (b *releaseBuilder) released(m *compile.Model) bool {
	if b.before == nil {
		return false
	}
	old, ok := b.before.Model(m.Name)
	return ok && old.EvaluationKey == m.Evaluation
}

// carry takes a model over from the release before, with its own specs.
func (b *releaseBuilder) carry(name string) {
	if b.before == nil {
		return
	}
	old, ok := b.before.Model(name)
	if !ok {
		return
	}
	b.models = append(b.models, old)
	for _, a := range b.before.Artifacts {
		if a.Name == old.Artifact || strings.HasPrefix(a.Name, release.Spec.Name(old.Specs)+"/") {
			b.artifacts[a.Name] = a
		}
	}
	for address, key := range b.before.Contract.Keys {
		if strings.HasPrefix(address, old.Specs+"/") {
			b.keys[address] = key
		}
	}
	for function, epoch := range b.before.Contract.Epochs {
		if _, ok := b.epochs[function]; !ok {
			b.epochs[function] = epoch
		}
	}
	for _, k := range b.before.KnownAnswers {
		if k.Model == name {
			b.answers = append(b.answers, k)
			a, _ := b.before.Artifact(k.Artifact)
			b.artifacts[a.Name] = a
		}
	}
}

// specs adds the project's parsers and feature sets, once: what every site
// computes with.
func (b *releaseBuilder) specs(ctx context.Context) error {
	if b.tree != "" {
		return nil
	}
	c := digest.New("specs")
	paths := slices.Sorted(maps.Keys(b.Release.Specs))
	for _, p := range paths {
		c.String("path", p).Digest("bytes", digest.Of(b.Release.Specs[p]))
	}
	b.tree = c.Sum().Short()
	for _, p := range paths {
		if err := b.put(ctx, release.Spec, path.Join(b.tree, p), b.Release.Specs[p]); err != nil {
			return err
		}
	}
	score.AddContract(b.keys, b.epochs, b.tree, b.Program)
	return nil
}

func (b *releaseBuilder) put(ctx context.Context, kind release.Kind, name string, data []byte) error {
	a := release.Artifact{Name: kind.Name(name), Digest: digest.Of(data), Size: int64(len(data)), Kind: kind}
	b.artifacts[a.Name] = a
	return b.Store.Put(ctx, a.Digest, strings.NewReader(string(data)))
}

// knownAnswers runs examples and shareable records through the chain that
// sites run, and adds what comes out.
func (b *releaseBuilder) knownAnswers(ctx context.Context, m *compile.Model, artifact string) error {
	raw, err := b.shareable(ctx, m)
	if err != nil {
		return err
	}
	if len(raw) == 0 {
		b.Progress.Note("model/" + m.Name + ": no known answers: its parser has no examples and no contribution is shareable")
		return nil
	}
	runtime, err := b.ONNX(ctx)
	if err != nil {
		return err
	}
	a := b.artifacts[artifact]
	body, err := b.Store.Get(ctx, a.Digest)
	if err != nil {
		return err
	}
	defer body.Close()
	data, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	model, err := runtime.Load(data, m.Width())
	if err != nil {
		return err
	}
	defer model.Close()
	answers, err := score.Of(m, model).Answer(ctx, b.DB, raw...)
	if err != nil {
		return err
	}
	text, err := json.Marshal(answers)
	if err != nil {
		return err
	}
	name := m.Name + ".json"
	b.answers = append(b.answers, release.KnownAnswer{Model: m.Name, Artifact: release.KnownAnswers.Name(name)})
	return b.put(ctx, release.KnownAnswers, name, text)
}

// shareable returns raw logs that may reach every site: the examples of the
// parser and of the feature set, and the first records of shareable
// contributions.
func (b *releaseBuilder) shareable(ctx context.Context, m *compile.Model) ([]string, error) {
	var out []string
	parser := m.FeatureSet.From
	for _, e := range parser.Spec.GetExamples() {
		out = append(out, strings.TrimRight(e.GetRaw(), "\n")+"\n")
	}
	for _, e := range m.FeatureSet.Spec.GetExamples() {
		out = append(out, strings.TrimRight(e.GetRaw(), "\n")+"\n")
	}
	for _, k := range m.Dataset.Contributions {
		files := k.Files(parser.Name)
		if !k.Spec.GetShareable() || len(files) == 0 {
			continue
		}
		log, err := b.firstRecords(ctx, parser, files[0].GetChunks()[0])
		if err != nil {
			return nil, err
		}
		out = append(out, log)
	}
	return out, nil
}

// firstRecords returns the first records of a chunk, as a log of its own.
func (b *releaseBuilder) firstRecords(ctx context.Context, parser *compile.Parser, chunk *specpb.Chunk) (string, error) {
	body, err := dataset.OpenChunk(ctx, b.Store, chunk)
	if err != nil {
		return "", err
	}
	defer body.Close()
	head, err := source.Head(body, dataset.ChunkOptions(source.Options{Format: parser.Format}, chunk), maxKnownRecords, maxKnownBytes)
	if err != nil {
		return "", err
	}
	// The digest is checked where the chunk ends: nothing unverified may get
	// into a signed release.
	_, err = io.Copy(io.Discard, body)
	return string(head), err
}

// runtime adds the ONNX runtime's library.
func (b *releaseBuilder) runtime(ctx context.Context) error {
	name, version, err := b.Release.Library()
	if err != nil {
		return err
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	d, size, err := digest.OfReader(f)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	b.library, b.version = release.RuntimeFile.Name(filepath.Base(name)), version
	b.artifacts[b.library] = release.Artifact{Name: b.library, Digest: d, Size: size, Kind: release.RuntimeFile}
	return b.Store.Put(ctx, d, f)
}

func (b *releaseBuilder) record() release.Record {
	rec := release.Record{Created: b.Now().UTC(), Commit: b.Release.Commit, Dirty: b.Release.Dirty, PlanDigest: b.Release.PlanDigest,
		Builder: b.Release.Builder, Runtime: release.Runtime{ONNXRuntime: b.version, Library: b.library, Platform: b.Release.Platform},
		Contract: release.Contract{Keys: b.keys, Epochs: b.epochs}, Models: b.models, KnownAnswers: b.answers,
		Approvals: []release.Approval{}, Metrics: map[string]release.Metric{}}
	for _, a := range b.artifacts {
		rec.Artifacts = append(rec.Artifacts, a)
	}
	slices.SortFunc(rec.Artifacts, func(a, b release.Artifact) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(rec.Models, func(a, b release.Model) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(rec.KnownAnswers, func(a, b release.KnownAnswer) int { return strings.Compare(a.Artifact, b.Artifact) })
	return rec
}

func metrics(e *EvaluationEntry, c *ComparisonEntry) map[string]release.Metric {
	rate := func(r evaluation.Rate) release.Metric {
		return release.Metric{Value: r.Rate, Count: int64(r.Hits), Total: int64(r.Trials), Lower: r.Lower, Upper: r.Upper}
	}
	out := map[string]release.Metric{"recall": rate(e.Metrics.Recall), "fpr": rate(e.Metrics.FPR), "precision": rate(e.Metrics.Precision),
		"auc": {Value: e.Metrics.AUC}, "parity": {Value: e.Parity}}
	if c == nil || c.Incomparable != "" {
		return out
	}
	of := func(n int, p evaluation.Paired) release.Metric { return rate(evaluation.NewRate(n, p.Total())) }
	maps.Copy(out, map[string]release.Metric{
		"compared.recall_before": rate(c.Recall.Before), "compared.recall_after": rate(c.Recall.After),
		"compared.fpr_before": rate(c.FPR.Before), "compared.fpr_after": rate(c.FPR.After),
		"compared.newly_caught": of(c.Attacks.After, c.Attacks), "compared.newly_missed": of(c.Attacks.Before, c.Attacks),
		"compared.newly_flagged": of(c.Benign.After, c.Benign), "compared.no_longer_flagged": of(c.Benign.Before, c.Benign),
	})
	return out
}

// Held adds to a result the models of the program whose gates hold them.
func (r *Runner) Held(ctx context.Context, out *Result) error {
	heads := map[string]*release.Entry{}
	for _, m := range r.Program.Models {
		e, err := r.Index.Evaluation(ctx, m.Evaluation)
		if err != nil {
			return err
		}
		if e == nil {
			continue
		}
		head, ok := heads[m.Channel]
		if !ok {
			if head, err = r.head(ctx, m.Channel); err != nil {
				return err
			}
			heads[m.Channel] = head
		}
		h := Held{Model: m.Name, Reasons: e.Reasons}
		if c, err := r.compared(ctx, m, head); err != nil {
			return err
		} else if c != nil {
			h.Reasons = slices.Concat(h.Reasons, c.Reasons)
		}
		if len(h.Reasons) == 0 {
			continue
		}
		if head != nil {
			if _, ok := head.Record.Model(m.Name); ok {
				h.Keeps = fmt.Sprintf("%s#%d", m.Channel, head.Record.Number)
			}
		}
		out.Held = append(out.Held, h)
	}
	return nil
}

// compared returns the comparison of a model with the version in a release, nil
// where there is none, or was not made.
func (r *Runner) compared(ctx context.Context, m *compile.Model, head *release.Entry) (*ComparisonEntry, error) {
	if head == nil {
		return nil, nil
	}
	old, ok := head.Record.Model(m.Name)
	if !ok || old.EvaluationKey == m.Evaluation {
		return nil, nil
	}
	return r.Index.Comparison(ctx, plan.ComparisonKey(m.Evaluation, old.EvaluationKey))
}
