package score

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/onnx"
	"github.com/mlpdev/mlp/pkg/release"
)

// AnswersVersion is the version of the format of known answers.
const AnswersVersion = 2

// How far a site's own values may be from the known answers: features
// relatively, scores absolutely.
const (
	FeatureTolerance = 1e-9
	ScoreTolerance   = 1e-5
)

// Answers are the known answers of one model: raw records and what they give.
type Answers struct {
	FormatVersion int    `json:"format_version"`
	Model         string `json:"model"`
	// Features are the names of the numbers that the model reads: a feature's,
	// or with an index for each element of a vector, as in "grams[17]".
	Features []string `json:"features"`
	// Raw are logs, each read by itself: records, behind their header where the
	// source has one.
	Raw  []string `json:"raw"`
	Rows []Answer `json:"rows"`
}

// Answer is one row: the numbers that the model reads, null for NULL, as texts
// of doubles (JSON has no infinities), and the score.
type Answer struct {
	Features []*string `json:"features"`
	Score    float32   `json:"score"`
}

// Answer runs logs through the chain and returns every row.
func (c *Chain) Answer(ctx context.Context, db *duckdb.DB, raw ...string) (*Answers, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	s := newSession(conn, c.Parser, c.FeatureSet.Fields(c.featureNames(), nil))
	segments := make([]Segment, len(raw))
	for i, text := range raw {
		segments[i] = Segment{Name: "known answers", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
	}
	if err := s.parse(ctx, segments, 0); err != nil {
		return nil, err
	}
	if err := s.finish(ctx, 0); err != nil {
		return nil, err
	}
	if err := s.compute(ctx, c, "", ""); err != nil {
		return nil, err
	}
	_, scores, err := s.scores(ctx, c)
	if err != nil {
		return nil, err
	}
	out := &Answers{FormatVersion: AnswersVersion, Model: c.Model, Features: c.inputs(), Raw: raw, Rows: []Answer{}}
	err = s.values(ctx, c, "", func(ordinal int64, values []*float64) error {
		if number(scores[ordinal]) == nil {
			return fmt.Errorf("the model gives no number for row %d", ordinal)
		}
		a := Answer{Score: scores[ordinal], Features: make([]*string, len(values))}
		for i, v := range values {
			if v != nil {
				text := formatDouble(*v)
				a.Features[i] = &text
			}
		}
		out.Rows = append(out.Rows, a)
		return nil
	})
	return out, err
}

// Check runs known answers through the chain and returns how many rows it
// compared; the first difference is an error.
func (c *Chain) Check(ctx context.Context, db *duckdb.DB, want *Answers) (int, error) {
	got, err := c.Answer(ctx, db, want.Raw...)
	if err != nil {
		return 0, fmt.Errorf("known answers of model %s: %w", c.Model, err)
	}
	if len(got.Rows) != len(want.Rows) {
		return 0, fmt.Errorf("known answers of model %s: %d rows, the release has %d", c.Model, len(got.Rows), len(want.Rows))
	}
	inputs := c.inputs()
	for i, w := range want.Rows {
		if len(w.Features) != len(inputs) {
			return 0, fmt.Errorf("known answers of model %s: row %d has %d features of %d", c.Model, i, len(w.Features), len(inputs))
		}
		for j, v := range w.Features {
			if !near(v, got.Rows[i].Features[j]) {
				return 0, fmt.Errorf("known answers of model %s: row %d: feature %s is %s, the release has %s",
					c.Model, i, inputs[j], shown(got.Rows[i].Features[j]), shown(v))
			}
		}
		if d := math.Abs(float64(w.Score) - float64(got.Rows[i].Score)); !(d <= ScoreTolerance) {
			return 0, fmt.Errorf("known answers of model %s: row %d: score is %v, the release has %v", c.Model, i, got.Rows[i].Score, w.Score)
		}
	}
	return len(want.Rows), nil
}

func shown(v *string) string {
	if v == nil {
		return "NULL"
	}
	return *v
}

// near compares two values up to the tolerance.
func near(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	if *a == *b {
		return true
	}
	x, err1 := parseDouble(*a)
	y, err2 := parseDouble(*b)
	// Where one is infinite the comparison has no number to go by.
	allowed := FeatureTolerance * math.Max(1, math.Max(math.Abs(x), math.Abs(y)))
	return err1 == nil && err2 == nil && !math.IsInf(allowed, 0) && math.Abs(x-y) <= allowed
}

// Site runs the chain of this machine for a pull.
type Site struct {
	DB *duckdb.DB
	// ONNX opens the runtime library at a path.
	ONNX func(path string) (*onnx.Runtime, error)
	// Between, if not nil, is called before and between models: what the one
	// before needed may go.
	Between func()
}

// Contract returns the node keys that this binary computes from the specs of a
// release, and the epochs of the functions that they call. A release holds a
// tree of specs for each version that one of its models reads; a key of tree T
// stands under "T/ADDRESS".
func (s Site) Contract(specs fs.FS) (map[string]digest.Digest, map[string]int, error) {
	trees, err := fs.ReadDir(specs, ".")
	if err != nil {
		return nil, nil, err
	}
	keys, epochs := map[string]digest.Digest{}, map[string]int{}
	for _, t := range trees {
		tree, err := fs.Sub(specs, t.Name())
		if err != nil {
			return nil, nil, err
		}
		program, err := CompileTree(tree)
		if err != nil {
			return nil, nil, fmt.Errorf("specs %s: %w", t.Name(), err)
		}
		AddContract(keys, epochs, t.Name(), program)
	}
	return keys, epochs, nil
}

// Answers runs the known answers of a staged release. One model is in memory at
// a time.
func (s Site) Answers(ctx context.Context, dir string, rec release.Record) (int, error) {
	if len(rec.Models) == 0 {
		return 0, nil
	}
	for _, k := range rec.KnownAnswers {
		if _, ok := rec.Model(k.Model); !ok {
			return 0, fmt.Errorf("known answers %s are of model %q, which the release does not have", k.Artifact, k.Model)
		}
	}
	between := func() {
		if s.Between != nil {
			s.Between()
		}
	}
	between()
	runtime, err := s.ONNX(dir + "/" + rec.Runtime.Library)
	if err != nil {
		return 0, err
	}
	files := os.DirFS(dir)
	loader, checked := NewLoader(files, runtime), 0
	for _, m := range rec.Models {
		c, err := loader.Load(m)
		if err != nil {
			return 0, err
		}
		between() // to load a model takes other code than to run it
		n, err := s.check(ctx, files, c, rec.KnownAnswers)
		if err := errors.Join(err, c.Close()); err != nil {
			return 0, err
		}
		checked += n
	}
	return checked, nil
}

// check runs the known answers of one model.
func (s Site) check(ctx context.Context, files fs.FS, c *Chain, known []release.KnownAnswer) (checked int, err error) {
	for _, k := range known {
		if k.Model != c.Model {
			continue
		}
		data, err := fs.ReadFile(files, k.Artifact)
		if err != nil {
			return 0, err
		}
		var want Answers
		if err := json.Unmarshal(data, &want); err != nil || want.FormatVersion != AnswersVersion {
			return 0, fmt.Errorf("known answers %s: not of format version %d", k.Artifact, AnswersVersion)
		}
		n, err := c.Check(ctx, s.DB, &want)
		if err != nil {
			return 0, err
		}
		checked += n
	}
	return checked, nil
}
