package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/trainer"

	"github.com/mlpdev/mlp/pkg/evaluation"
)

// entryType is the payload type of index entries of a kind, so that one signed
// as a frame cannot be passed off as a model.
func entryType(kind string) string { return "application/vnd.mlp.index." + kind + ".v1+json" }

// FormatVersion is the version of index entries.
const FormatVersion = 1

// FrameEntry records the rows of a frame.
type FrameEntry struct {
	FormatVersion int           `json:"format_version"`
	Key           digest.Digest `json:"key"`
	Frame         string        `json:"frame"` // for people
	// Parts are the frame's rows in order. A parser's frame has one part a
	// chunk, a feature set's has one.
	Parts []Part `json:"parts"`
	Rows  int64  `json:"rows"`
	// Partial counts windows cut by an edge of the capture.
	Partial int64 `json:"partial,omitempty"`
	// Counts accounts for the lines of a parser's frame.
	Counts *Counts `json:"counts,omitempty"`
}

// Part is a stretch of a frame's rows.
type Part struct {
	RowFile   digest.Digest `json:"row_file"` // Parquet file with the row ids
	Rows      int64         `json:"rows"`
	RowDigest digest.Digest `json:"row_digest"` // content digest of the row ids
}

// sameRows reports whether two parts have the same rows. The bytes of their
// files may differ: another version of the engine writes others.
func (p Part) sameRows(o Part) bool { return p.Rows == o.Rows && p.RowDigest == o.RowDigest }

// Counts accounts for every line and record of raw files:
// Lines = Records + Headers + Comments + Blanks + Continued, Records = Rows +
// Rejects.
type Counts struct {
	Lines    int64 `json:"lines"`
	Records  int64 `json:"records"`
	Rows     int64 `json:"rows"`
	Headers  int64 `json:"headers"`
	Comments int64 `json:"comments"`
	Blanks   int64 `json:"blanks"`
	// Continued counts lines of records and headers behind the first of each.
	Continued int64            `json:"continued,omitempty"`
	Replaced  int64            `json:"replaced"` // records with bytes that are not UTF-8
	Rejects   map[string]int64 `json:"rejects"`  // by reason
}

// Rejected returns the number of rejects.
func (c Counts) Rejected() int64 {
	var n int64
	for _, k := range c.Rejects {
		n += k
	}
	return n
}

// Add adds another file's counts.
func (c *Counts) Add(o Counts) {
	c.Lines, c.Records, c.Rows = c.Lines+o.Lines, c.Records+o.Records, c.Rows+o.Rows
	c.Headers, c.Comments, c.Blanks = c.Headers+o.Headers, c.Comments+o.Comments, c.Blanks+o.Blanks
	c.Continued, c.Replaced = c.Continued+o.Continued, c.Replaced+o.Replaced
	if c.Rejects == nil {
		c.Rejects = map[string]int64{}
	}
	for reason, n := range o.Rejects {
		c.Rejects[reason] += n
	}
}

// Check reports a count that does not add up.
func (c Counts) Check() error {
	if c.Lines != c.Records+c.Headers+c.Comments+c.Blanks+c.Continued {
		return fmt.Errorf("%d lines are not %d records + %d headers + %d comments + %d blanks + %d continued",
			c.Lines, c.Records, c.Headers, c.Comments, c.Blanks, c.Continued)
	}
	if c.Records != c.Rows+c.Rejected() {
		return fmt.Errorf("%d records are not %d rows + %d rejects", c.Records, c.Rows, c.Rejected())
	}
	return nil
}

// ColumnEntry records the values of a column.
type ColumnEntry struct {
	FormatVersion int             `json:"format_version"`
	Key           digest.Digest   `json:"key"`
	Frame         digest.Digest   `json:"frame"`
	Address       string          `json:"address"` // for people
	Name          string          `json:"name"`    // of the column in its files
	Files         []digest.Digest `json:"files"`   // one a part of the frame
	Content       []digest.Digest `json:"content"` // content digest, one a part
	Nulls         int64           `json:"nulls"`   // rows without a value
}

// ModelEntry records a trained model.
type ModelEntry struct {
	FormatVersion int           `json:"format_version"`
	Key           digest.Digest `json:"key"`
	Model         digest.Digest `json:"model"` // ONNX file
	Size          int64         `json:"size"`
	Predictions   digest.Digest `json:"predictions"` // Parquet file, a row for each labelled row
	Learned       digest.Digest `json:"learned"`     // Parquet file: the raw records that it learned from
	Info          trainer.Info  `json:"info"`
}

// EvaluationEntry records what a model reached.
type EvaluationEntry struct {
	FormatVersion int                `json:"format_version"`
	Key           digest.Digest      `json:"key"`
	Model         digest.Digest      `json:"model_key"`
	Metrics       evaluation.Metrics `json:"metrics"`
	Sides                            // of the rows
	// MustCatch counts the attacks of contributions that must all be caught.
	MustCatch []evaluation.Caught `json:"must_catch,omitempty"`
	// Curve is an object: what each threshold flags on the test side.
	Curve   digest.Digest `json:"curve,omitzero"`
	Parity  float64       `json:"parity"` // largest difference of a score from the native model's
	Passed  bool          `json:"passed"`
	Reasons []string      `json:"reasons"` // why not
}

// Index is what the store knows by key: signed entries, created once. An entry
// lies under its builder's key, so that nobody can stand in another's way, and
// only entries of trusted builders are read.
type Index struct {
	store   store.Store
	signer  dsse.Signer
	trusted []dsse.Key

	mu    sync.Mutex
	cache map[string][]byte // payload by name, nil where nothing stands
}

// NewIndex returns the index of a store. The signer's key is trusted too; a
// nil signer can only read.
func NewIndex(s store.Store, signer dsse.Signer, trusted []dsse.Key) *Index {
	x := &Index{store: s, signer: signer, cache: map[string][]byte{}}
	if signer != nil {
		x.trusted = append(x.trusted, dsse.Key{Name: signer.Name(), Public: signer.Public()})
	}
	for _, k := range trusted {
		if signer == nil || !bytes.Equal(k.Public, signer.Public()) {
			x.trusted = append(x.trusted, k)
		}
	}
	return x
}

func entryName(kind string, key digest.Digest, builder []byte) string {
	return "index/" + kind + "/" + key.Hex() + "/" + digest.Of(builder).Hex()[:16]
}

// get reads an entry of a trusted builder into v and reports whether there is
// one. An entry that does not verify is an error, never "nothing there".
func (x *Index) get(ctx context.Context, kind string, key digest.Digest, v any) (bool, error) {
	for _, k := range x.trusted {
		payload, err := x.payload(ctx, entryName(kind, key, k.Public), kind, k)
		if err != nil {
			return false, err
		}
		if payload == nil {
			continue
		}
		// A signed entry could have been copied to another name.
		var own struct {
			FormatVersion int           `json:"format_version"`
			Key           digest.Digest `json:"key"`
		}
		if err := json.Unmarshal(payload, &own); err != nil || own.Key != key || own.FormatVersion != FormatVersion {
			return false, fmt.Errorf("index entry %s %s: is one of key %s in format version %d", kind, key.Short(), own.Key.Short(), own.FormatVersion)
		}
		decoder := json.NewDecoder(bytes.NewReader(payload))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(v); err != nil {
			return false, fmt.Errorf("index entry %s %s: %w", kind, key.Short(), err)
		}
		return true, nil
	}
	return false, nil
}

func (x *Index) payload(ctx context.Context, name, kind string, k dsse.Key) ([]byte, error) {
	x.mu.Lock()
	payload, known := x.cache[name]
	x.mu.Unlock()
	if known {
		return payload, nil
	}
	envelope, err := x.store.Read(ctx, name)
	if errors.Is(err, store.ErrNotExist) {
		x.remember(name, nil)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	verified, err := dsse.Verify(envelope, entryType(kind), []dsse.Key{k})
	if err != nil {
		return nil, fmt.Errorf("index entry %s: %w", name, err)
	}
	x.remember(name, verified.Payload)
	return verified.Payload, nil
}

func (x *Index) remember(name string, payload []byte) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.cache[name] = payload
}

// put creates an entry. Where this builder has one already it stays: the key
// covers everything that decides the content.
func (x *Index) put(ctx context.Context, kind string, key digest.Digest, v any) error {
	if x.signer == nil {
		return errors.New("write index entry: no signing key")
	}
	payload, err := json.Marshal(v)
	if err != nil {
		return err
	}
	envelope, err := dsse.Sign(entryType(kind), payload, x.signer)
	if err != nil {
		return err
	}
	name := entryName(kind, key, x.signer.Public())
	err = x.store.Create(ctx, name, envelope)
	if err != nil && !errors.Is(err, store.ErrExist) {
		return err
	}
	x.mu.Lock()
	delete(x.cache, name)
	x.mu.Unlock()
	return nil
}

// Frame reads the entry of a frame.
func (x *Index) Frame(ctx context.Context, key digest.Digest) (*FrameEntry, error) {
	return read[FrameEntry](ctx, x, "frame", key)
}

// Column reads the entry of a column.
func (x *Index) Column(ctx context.Context, key digest.Digest) (*ColumnEntry, error) {
	return read[ColumnEntry](ctx, x, "column", key)
}

// Model reads the entry of a model.
func (x *Index) Model(ctx context.Context, key digest.Digest) (*ModelEntry, error) {
	return read[ModelEntry](ctx, x, "model", key)
}

// Evaluation reads the entry of an evaluation.
func (x *Index) Evaluation(ctx context.Context, key digest.Digest) (*EvaluationEntry, error) {
	return read[EvaluationEntry](ctx, x, "evaluation", key)
}

// read returns an entry, or nil where there is none.
func read[T any](ctx context.Context, x *Index, kind string, key digest.Digest) (*T, error) {
	var v T
	ok, err := x.get(ctx, kind, key, &v)
	if err != nil || !ok {
		return nil, err
	}
	return &v, nil
}
