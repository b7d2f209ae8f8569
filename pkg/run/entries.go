package run

import (
	"fmt"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/evaluation"
	"github.com/mlpdev/mlp/pkg/trainer"
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
