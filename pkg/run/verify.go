package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
	"github.com/mlpdev/mlp/pkg/store"
)

// Verified is what a check of the store found to hold.
type Verified struct {
	FormatVersion int   `json:"format_version"`
	Frames        int   `json:"frames"`
	Columns       int   `json:"columns"`
	Models        int   `json:"models"`
	Releases      int64 `json:"releases"`
	Released      int   `json:"released_models"` // in the newest releases
	Objects       int   `json:"objects"`
	// Counts are summed over the raw files of the program's datasets, each
	// contribution and parser once.
	Counts Counts `json:"counts"`
}

// Verify checks everything that the store has for the program: entries are
// signed and add up, objects have their bytes, columns have the values that
// were recorded, release logs are whole. The first thing that does not hold is
// an error; what was not computed yet is passed over.
func (r *Runner) Verify(ctx context.Context, channels []string) (*Verified, error) {
	v := &verifier{Runner: r, out: &Verified{FormatVersion: 1, Counts: Counts{Rejects: map[string]int64{}}}, objects: map[digest.Digest]bool{}, seen: map[digest.Digest]bool{}}
	for _, d := range r.Program.Datasets {
		for _, k := range d.Contributions {
			if err := v.chunks(ctx, k.Spec.GetFiles()); err != nil {
				return nil, fmt.Errorf("%s: %w", k.Address, err)
			}
		}
	}
	for _, m := range r.Program.Models {
		for _, k := range m.Dataset.Contributions {
			if err := v.capture(ctx, m, k); err != nil {
				return nil, err
			}
		}
		if err := v.model(ctx, m); err != nil {
			return nil, fmt.Errorf("model %s: %w", m.Name, err)
		}
	}
	for _, channel := range channels {
		if err := v.channel(ctx, channel); err != nil {
			return nil, fmt.Errorf("channel %s: %w", channel, err)
		}
	}
	v.out.Objects = len(v.objects)
	for _, i := range r.Index.Ignored() {
		if i.Reason != "" {
			return nil, &PlantedError{i}
		}
	}
	return v.out, nil
}

// PlantedError says that something else stands in the place of an entry.
type PlantedError struct{ Ignored }

// Error names the place.
func (e *PlantedError) Error() string { return e.Name + " is no entry: " + e.Why() }

// Hint says what to do.
func (e *PlantedError) Hint() string {
	return "mlp apply makes it anew, in its place; find out who else writes to the store"
}

type verifier struct {
	*Runner
	out     *Verified
	objects map[digest.Digest]bool // whose bytes were read
	seen    map[digest.Digest]bool // frames and columns, which models share
}

func (v *verifier) capture(ctx context.Context, m *compile.Model, k *compile.Contribution) error {
	parsed := compile.ParserFrame(m.Dataset, k, m.FeatureSet.From)
	features := compile.FeatureFrame(m.Dataset, k, m.FeatureSet)
	columns := []storedColumn{}
	for _, f := range slices.Concat(parsed.Parser.Fields, parsed.Parser.Labels) {
		columns = append(columns, storedColumn{address: f.Address, key: parsed.Column(f.Key)})
	}
	if err := v.frame(ctx, parsed, columns); err != nil {
		return fmt.Errorf("%s: %w", parsed.Address(), err)
	}
	columns = []storedColumn{{address: "label of " + k.Address, key: features.Column(features.Label().Key)}}
	if side := features.Side(); side != nil {
		columns = append(columns, storedColumn{address: "side of " + k.Address, key: features.Column(side.Key)})
	}
	for _, f := range m.Features {
		columns = append(columns, storedColumn{address: f.Address, key: features.Column(f.Key)})
	}
	if err := v.frame(ctx, features, columns); err != nil {
		return fmt.Errorf("%s: %w", features.Address(), err)
	}
	return nil
}

func (v *verifier) frame(ctx context.Context, f compile.Frame, columns []storedColumn) error {
	entry, err := v.Index.Frame(ctx, f.Key)
	if err != nil || entry == nil {
		return err
	}
	if !v.seen[f.Key] {
		v.seen[f.Key] = true
		if err := v.rows(ctx, f, entry); err != nil {
			return err
		}
		v.out.Frames++
	}
	for _, c := range columns {
		if err := v.column(ctx, entry, c); err != nil {
			return fmt.Errorf("%s: %w", c.address, err)
		}
	}
	return nil
}

// rows checks the counts and the row ids of a frame.
func (v *verifier) rows(ctx context.Context, f compile.Frame, entry *FrameEntry) error {
	var rows int64
	id := []string{sql.FileColumn, sql.RecordColumn}
	if f.FeatureSet != nil {
		id = f.FeatureSet.Relation("", nil).RowID()
	}
	for _, p := range entry.Parts {
		rows += p.Rows
		if err := v.values(ctx, p.RowFile, id, p.RowDigest); err != nil {
			return fmt.Errorf("row ids: %w", err)
		}
	}
	if rows != entry.Rows {
		return fmt.Errorf("%d rows in its parts, %d recorded", rows, entry.Rows)
	}
	if c := entry.Counts; c != nil {
		if err := c.Check(); err != nil {
			return err
		}
		if c.Rows != entry.Rows {
			return fmt.Errorf("%d rows counted, %d stored", c.Rows, entry.Rows)
		}
		if err := sameCounts(f.Contribution.Files(f.Parser.Name), c); err != nil {
			return err
		}
		v.out.Counts.Add(*c)
	}
	return nil
}

// chunks checks the raw data of a contribution, used or not.
func (v *verifier) chunks(ctx context.Context, files []*specpb.RawFile) error {
	for _, f := range files {
		for _, k := range f.GetChunks() {
			d, err := digest.Parse(k.GetDigest())
			if err != nil {
				return err
			}
			if err := v.object(ctx, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// sameCounts compares what was counted when files were added with what was
// parsed.
func sameCounts(files []*specpb.RawFile, c *Counts) error {
	var lines, records int64
	for _, f := range files {
		lines, records = lines+f.GetLines(), records+f.GetRecords()
	}
	if lines != c.Lines || records != c.Records {
		return fmt.Errorf("%d lines and %d records were added, %d and %d parsed", lines, records, c.Lines, c.Records)
	}
	return nil
}

func (v *verifier) column(ctx context.Context, frame *FrameEntry, c storedColumn) error {
	entry, err := v.Index.Column(ctx, c.key)
	if err != nil || entry == nil || v.seen[c.key] {
		return err
	}
	v.seen[c.key] = true
	if len(entry.Files) != len(frame.Parts) || len(entry.Content) != len(frame.Parts) {
		return fmt.Errorf("%d files for %d parts", len(entry.Files), len(frame.Parts))
	}
	for i, file := range entry.Files {
		if err := v.values(ctx, file, []string{entry.Name}, entry.Content[i]); err != nil {
			return err
		}
	}
	v.out.Columns++
	return nil
}

// values checks an object and the content digest of some of its columns.
func (v *verifier) values(ctx context.Context, object digest.Digest, columns []string, want digest.Digest) error {
	if err := v.object(ctx, object); err != nil {
		return err
	}
	paths, err := v.local(ctx, []digest.Digest{object})
	if err != nil {
		return err
	}
	conn, err := v.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	got, err := duckdb.RowDigest(ctx, conn, duckdb.Rows{From: "read_parquet(" + sql.Text(paths[0]) + ")", Columns: columns})
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("object %s: values have content digest %s, %s was recorded", object.Short(), got.Short(), want.Short())
	}
	return nil
}

// object reads an object once; the store's reader verifies its digest.
func (v *verifier) object(ctx context.Context, d digest.Digest) error {
	if v.objects[d] || d.IsZero() {
		return nil
	}
	body, err := v.Store.Get(ctx, d)
	if errors.Is(err, store.ErrNotExist) {
		return fmt.Errorf("object %s is not in the store", d)
	}
	if err != nil {
		return err
	}
	defer body.Close()
	if _, err := io.Copy(io.Discard, body); err != nil {
		return err
	}
	v.objects[d] = true
	return nil
}

func (v *verifier) model(ctx context.Context, m *compile.Model) error {
	trained, err := v.Index.Model(ctx, m.Key)
	if err != nil || trained == nil {
		return err
	}
	for _, d := range []digest.Digest{trained.Model, trained.Predictions, trained.Learned} {
		if err := v.object(ctx, d); err != nil {
			return err
		}
	}
	evaluated, err := v.Index.Evaluation(ctx, m.Evaluation)
	if err != nil {
		return err
	}
	if evaluated != nil {
		if evaluated.Model != m.Key {
			return fmt.Errorf("its evaluation is of model key %s", evaluated.Model.Short())
		}
		if err := v.object(ctx, evaluated.Curve); err != nil {
			return err
		}
	}
	v.out.Models++
	return nil
}

func (v *verifier) channel(ctx context.Context, channel string) error {
	entries, err := v.log(channel).List(ctx)
	if errors.Is(err, release.ErrNoRelease) || (err == nil && len(entries) == 0) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		for _, a := range e.Record.Artifacts {
			if err := v.object(ctx, a.Digest); err != nil {
				return fmt.Errorf("release %d: %s: %w", e.Record.Number, a.Name, err)
			}
		}
	}
	v.out.Releases += int64(len(entries))
	v.out.Released += len(entries[len(entries)-1].Record.Models)
	return nil
}
