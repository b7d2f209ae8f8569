package spark

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/sql"
)

// formatVersion is that of manifests and result manifests.
const formatVersion = 1

// manifest is a job as the Python side is told it.
type manifest struct {
	FormatVersion int               `json:"format_version"`
	Run           string            `json:"run"`
	Name          string            `json:"name"`
	Dir           string            `json:"dir"`
	Settings      map[string]string `json:"settings"`
	Framer        framer            `json:"framer"`
	Rows          []rowsView        `json:"rows"`
	Columns       []columnsView     `json:"columns"`
	Chunks        []chunksView      `json:"chunks"`
	Views         []statement       `json:"views"`
	Outputs       []output          `json:"outputs"`
	Queries       []query           `json:"queries"`
}

// framer is the program that executors run, and whether it must be sent to them.
type framer struct {
	Path string `json:"path"`
	Ship bool   `json:"ship"`
}

type rowsView struct {
	View   string      `json:"view"`
	Fields []typed     `json:"fields"`
	Values [][]*string `json:"values"`
}

type typed struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

type columnsView struct {
	View   string `json:"view"`
	Schema string `json:"schema"`
	Parts  []part `json:"parts"`
}

type part struct {
	Files  []columnFile      `json:"files"`
	Footer map[string]string `json:"footer"`
}

type columnFile struct {
	Path    string      `json:"path"`
	SHA256  string      `json:"sha256"`
	Columns [][2]string `json:"columns"`
}

type chunksView struct {
	View    string       `json:"view"`
	Options frameOptions `json:"options"`
	Chunks  []chunk      `json:"chunks"`
}

type chunk struct {
	Path    string       `json:"path"`
	Index   int          `json:"index"`
	File    int32        `json:"file"`
	Options chunkOptions `json:"options"`
}

type statement struct {
	Name  string `json:"name"`
	SQL   string `json:"sql"`
	Stage bool   `json:"stage"`
}

type output struct {
	Name  string   `json:"name"`
	Query string   `json:"query"`
	By    string   `json:"by"`
	Parts int      `json:"parts"`
	Order []string `json:"order"`
}

type query struct {
	Name string `json:"name"`
	SQL  string `json:"sql"`
}

// settings are those that decide values, and how they are written.
func settings() map[string]string {
	return map[string]string{
		"spark.sql.ansi.enabled":                       "false",
		"spark.sql.session.timeZone":                   "UTC",
		"spark.sql.parquet.outputTimestampType":        "TIMESTAMP_MICROS",
		"spark.sql.parquet.datetimeRebaseModeInRead":   "CORRECTED",
		"spark.sql.parquet.datetimeRebaseModeInWrite":  "CORRECTED",
		"spark.sql.parquet.int96RebaseModeInRead":      "CORRECTED",
		"spark.sql.parquet.int96RebaseModeInWrite":     "CORRECTED",
		"spark.sql.parquet.compression.codec":          "zstd",
		"spark.sql.execution.arrow.maxRecordsPerBatch": "1", // whole files are rows
	}
}

// newManifest writes a job down for one run.
func newManifest(j Job, run, dir string, f framer) (manifest, error) {
	m := manifest{FormatVersion: formatVersion, Run: run, Name: j.Name, Dir: dir, Settings: settings(), Framer: f,
		Rows: []rowsView{}, Columns: []columnsView{}, Chunks: []chunksView{}, Views: []statement{}, Outputs: []output{}, Queries: []query{}}
	for _, v := range j.Rows {
		rows, err := newRows(v)
		if err != nil {
			return m, fmt.Errorf("view %s: %w", v.View, err)
		}
		m.Rows = append(m.Rows, rows)
	}
	for _, v := range j.Columns {
		m.Columns = append(m.Columns, newColumns(v))
	}
	for _, v := range j.Chunks {
		chunks, err := newChunks(v)
		if err != nil {
			return m, fmt.Errorf("view %s: %w", v.View, err)
		}
		m.Chunks = append(m.Chunks, chunks)
	}
	for _, v := range j.Views {
		m.Views = append(m.Views, statement{Name: v.Name, SQL: v.SQL, Stage: v.Stage})
	}
	for _, o := range j.Outputs {
		parts := o.Parts
		if o.By == "" {
			parts = 1
		}
		m.Outputs = append(m.Outputs, output{Name: o.Name, Query: o.Query, By: o.By, Parts: parts, Order: append([]string{}, o.Order...)})
	}
	for _, q := range j.Queries {
		m.Queries = append(m.Queries, query(q))
	}
	return m, nil
}

func newColumns(v Columns) columnsView {
	fields := []string{"`_part` INT"}
	for _, f := range v.Fields {
		fields = append(fields, sql.QuoteSpark(f.Name)+" "+f.Type.String())
	}
	out := columnsView{View: v.View, Schema: strings.Join(fields, ", "), Parts: []part{}}
	for _, p := range v.Parts {
		files := []columnFile{}
		for _, f := range p.Files {
			columns := [][2]string{}
			for _, c := range f.Columns {
				columns = append(columns, [2]string{c.Name, c.As})
			}
			files = append(files, columnFile{Path: f.Path, SHA256: f.Digest.Hex(), Columns: columns})
		}
		footer := p.Footer
		if footer == nil {
			footer = map[string]string{}
		}
		out.Parts = append(out.Parts, part{Files: files, Footer: footer})
	}
	return out
}

func newChunks(v Chunks) (chunksView, error) {
	shapes, err := shapesOf(v.Format)
	if err != nil {
		return chunksView{}, err
	}
	out := chunksView{View: v.View, Options: frameOptions{Format: shapes, Columns: append([]string{}, v.Raw...), Text: v.Text}, Chunks: []chunk{}}
	for i, c := range v.Chunks {
		d, err := digest.Parse(c.Spec.GetDigest())
		if err != nil {
			return out, fmt.Errorf("chunk %d: %w", i, err)
		}
		out.Chunks = append(out.Chunks, chunk{Path: c.Path, Index: i, File: c.File, Options: chunkOptions{Header: c.Spec.GetHeader(),
			FirstRecord: c.Spec.GetFirstRecord(), FirstLine: c.Spec.GetFirstLine(), Size: c.Spec.GetSize(), Digest: d}})
	}
	return out, nil
}

func newRows(v Rows) (rowsView, error) {
	out := rowsView{View: v.View, Fields: []typed{}, Values: [][]*string{}}
	for _, f := range v.Fields {
		out.Fields = append(out.Fields, typed{Name: f.Name, Type: f.Type.String()})
	}
	for i, row := range v.Values {
		if len(row) != len(v.Fields) {
			return out, fmt.Errorf("row %d has %d values for %d fields", i, len(row), len(v.Fields))
		}
		texts := make([]*string, len(row))
		for n, value := range row {
			text, err := textOf(value)
			if err != nil {
				return out, fmt.Errorf("row %d: %s: %w", i, v.Fields[n].Name, err)
			}
			texts[n] = text
		}
		out.Values = append(out.Values, texts)
	}
	return out, nil
}

// textOf is a value as a text that Spark casts to its type.
func textOf(value any) (*string, error) {
	var text string
	switch v := value.(type) {
	case nil:
		return nil, nil
	case string:
		text = v
	case bool:
		text = strconv.FormatBool(v)
	case int, int8, int16, int32, int64:
		text = fmt.Sprint(v)
	case float32:
		text = float(float64(v), 32)
	case float64:
		text = float(v, 64)
	case []byte:
		text = hex.EncodeToString(v)
	case time.Time:
		text = strconv.FormatInt(v.UnixMicro(), 10)
	default:
		return nil, fmt.Errorf("a %T is no value of a row", value)
	}
	return &text, nil
}

func float(v float64, bits int) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 0):
		return map[bool]string{true: "Infinity", false: "-Infinity"}[v > 0]
	}
	return strconv.FormatFloat(v, 'g', -1, bits)
}

// resultManifest is what the job answers.
type resultManifest struct {
	FormatVersion int                    `json:"format_version"`
	Run           string                 `json:"run"`
	Files         map[string][]writtenTo `json:"files"`
	Answers       map[string][][]*string `json:"answers"`
	Counts        map[string][]counts    `json:"counts"`
	Metrics       Metrics                `json:"metrics"`
	Error         *failed                `json:"error"` // of a job that was submitted
}

type writtenTo struct {
	Part   int    `json:"part"`
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	Rows   int64  `json:"rows"`
}

// result is what the manifest says, held to what was asked for.
func (r resultManifest) result(m manifest) (*Result, error) {
	switch {
	case r.FormatVersion != formatVersion:
		return nil, fmt.Errorf("it has format version %d, not %d", r.FormatVersion, formatVersion)
	case r.Run != m.Run:
		return nil, fmt.Errorf("it is of run %.64q, not %q", r.Run, m.Run)
	}
	out := &Result{Dir: m.Dir, Files: map[string][]File{}, Answers: r.Answers, Counts: countsOf(r.Counts), Metrics: r.Metrics}
	for _, o := range m.Outputs {
		if len(r.Files[o.Name]) != o.Parts {
			return nil, fmt.Errorf("output %s has %d parts, not %d", o.Name, len(r.Files[o.Name]), o.Parts)
		}
		for i, f := range r.Files[o.Name] {
			file := File{Part: i, Path: f.Path, Size: f.Size, Rows: f.Rows}
			switch {
			case f.Part != i:
				return nil, fmt.Errorf("output %s: part %d stands in place of %d", o.Name, f.Part, i)
			case f.Path == "" && f.Rows != 0:
				return nil, fmt.Errorf("output %s: part %d has rows and no file", o.Name, i)
			case f.Path != "":
				var err error
				if file.Digest, err = digest.Parse("sha256:" + f.SHA256); err != nil {
					return nil, fmt.Errorf("output %s: part %d: %w", o.Name, i, err)
				}
			}
			out.Files[o.Name] = append(out.Files[o.Name], file)
		}
	}
	for _, q := range m.Queries {
		if _, ok := r.Answers[q.Name]; !ok {
			return nil, fmt.Errorf("query %s has no answer", q.Name)
		}
	}
	for _, v := range m.Chunks {
		if len(r.Counts[v.View]) != len(v.Chunks) {
			return nil, fmt.Errorf("view %s has counts of %d chunks, not %d", v.View, len(r.Counts[v.View]), len(v.Chunks))
		}
	}
	return out, nil
}
