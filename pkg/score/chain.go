// Package score is a site's way from raw logs to alerts: the same parsers and
// features as in training, from the release's specs, and its ONNX models.
package score

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/onnx"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Chain is one model with what feeds it.
type Chain struct {
	Model      string
	ModelKey   digest.Digest
	Parser     *compile.Parser
	FeatureSet *compile.FeatureSet
	Features   []*compile.Field // inputs, in the model's order
	Threshold  float64
	// Tree identifies the specs it was compiled from: chains of one tree share
	// parsers and feature sets.
	Tree digest.Digest
	onnx *onnx.Model
}

// Loader loads models of one release. What is compiled of a tree of specs serves
// all of them that read it.
type Loader struct {
	dir   fs.FS
	lib   *onnx.Runtime
	trees map[string]tree
}

// tree is a compiled tree of specs.
type tree struct {
	program *compile.Program
	digest  digest.Digest
}

// NewLoader returns a loader. dir is the directory of a release, whose files are
// verified; lib the ONNX runtime.
func NewLoader(dir fs.FS, lib *onnx.Runtime) *Loader {
	return &Loader{dir: dir, lib: lib, trees: map[string]tree{}}
}

// Load compiles a model's specs and loads its ONNX file.
func (l *Loader) Load(m release.Model) (*Chain, error) {
	t, err := l.tree(m.Specs)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", m.Name, err)
	}
	c, err := t.chain(m)
	if err != nil {
		return nil, err
	}
	data, err := fs.ReadFile(l.dir, m.Artifact)
	if err != nil {
		return nil, err
	}
	if c.onnx, err = l.lib.Load(data, c.width()); err != nil {
		return nil, fmt.Errorf("model %s: %w", m.Name, err)
	}
	return c, nil
}

func (l *Loader) tree(name string) (tree, error) {
	if t, ok := l.trees[name]; ok {
		return t, nil
	}
	files, err := fs.Sub(l.dir, release.Spec.Name(name))
	if err != nil {
		return tree{}, err
	}
	var t tree
	if t.program, err = CompileTree(files); err != nil {
		return tree{}, err
	}
	if t.digest, err = treeDigest(files); err != nil {
		return tree{}, err
	}
	l.trees[name] = t
	return t, nil
}

// chain binds a model to what it reads.
func (t tree) chain(m release.Model) (*Chain, error) {
	c := &Chain{Model: m.Name, ModelKey: m.ModelKey, Threshold: m.Threshold, Tree: t.digest}
	var ok bool
	if c.Parser, ok = compile.ByName(t.program.Parsers, m.Parser); !ok {
		return nil, fmt.Errorf("model %s: the release's specs have no parser %s", m.Name, m.Parser)
	}
	if c.FeatureSet, ok = compile.ByName(t.program.FeatureSets, m.FeatureSet); !ok {
		return nil, fmt.Errorf("model %s: the release's specs have no feature set %s", m.Name, m.FeatureSet)
	}
	for _, input := range m.Features {
		f, ok := c.FeatureSet.Feature(input.Name)
		if !ok || f.Key != input.Key {
			return nil, fmt.Errorf("model %s: the release's specs have no feature %s with key %s", m.Name, input.Name, input.Key.Short())
		}
		c.Features = append(c.Features, f)
	}
	return c, nil
}

// Of returns the chain of a compiled model, as it will be at a site.
func Of(m *compile.Model, model *onnx.Model) *Chain {
	return &Chain{Model: m.Name, ModelKey: m.Key, Parser: m.FeatureSet.From, FeatureSet: m.FeatureSet, Features: m.Features, onnx: model}
}

// Close frees the model.
func (c *Chain) Close() error {
	if c.onnx == nil {
		return nil
	}
	return c.onnx.Close()
}

// CompileTree compiles the specs that travel with a model: a project without
// datasets, models and environments.
func CompileTree(tree fs.FS) (*compile.Program, error) {
	ws, diags := spec.Load(tree, nil)
	if err := diags.Err(); err != nil {
		return nil, fmt.Errorf("specs of the release: %w", err)
	}
	program, diags := compile.Compile(ws, nil)
	if err := diags.Err(); err != nil {
		return nil, fmt.Errorf("specs of the release: %w", err)
	}
	return program, nil
}

func treeDigest(tree fs.FS) (digest.Digest, error) {
	c := digest.New("tree")
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(tree, name)
		c.String("path", path.Clean(name)).Digest("bytes", digest.Of(data))
		return err
	})
	return c.Sum(), err
}

// width is how many numbers the model reads of a row.
func (c *Chain) width() int { return (&compile.Model{Features: c.Features}).Width() }

// inputs returns the names of the numbers that the model reads.
func (c *Chain) inputs() []string { return (&compile.Model{Features: c.Features}).Inputs() }

// featureNames returns the names of the features that the model reads.
func (c *Chain) featureNames() []string {
	out := make([]string, len(c.Features))
	for i, f := range c.Features {
		out[i] = f.Name
	}
	return out
}

// windowed reports whether the chain scores windows rather than rows.
func (c *Chain) windowed() bool { return c.FeatureSet.Group != nil && c.FeatureSet.Group.Window != nil }

// Segment is a stretch of raw log.
type Segment struct {
	Name   string // of the file, for people
	Header string // header in force where it begins
	// Again says that it is made of records that were read before.
	Again bool
	// First and Line are the numbers of its first record and line, where it is a
	// stretch of a file.
	First, Line int64
	Open        func() (io.ReadCloser, error)
}

// session holds the parsed rows of some chains that share a parser.
type session struct {
	conn     *duckdb.Conn
	parser   *compile.Parser
	fields   []*compile.Field
	text     bool // keep the records' text
	made     bool // the table of parsed rows is there
	counts   source.Counts
	rejected map[string]int64 // by require condition
	headers  []headerRange
	absent   map[string]int // segments without a raw column, by address
}

func newSession(conn *duckdb.Conn, parser *compile.Parser, fields []*compile.Field) *session {
	return &session{conn: conn, parser: parser, fields: fields, text: true, absent: map[string]int{}, rejected: map[string]int64{}}
}

// headerRange says which header was in force from a record on.
type headerRange struct {
	rowID
	header string
}

const parsedTable = "parsed"

// parse reads segments into the session's table, file ordinals counting from
// first. fields are what the chains read.
func (s *session) parse(ctx context.Context, segments []Segment, first int32) error {
	for i, segment := range segments {
		if err := s.parseSegment(ctx, segment, first+int32(i)); err != nil {
			return fmt.Errorf("%s: %w", segment.Name, err)
		}
	}
	return nil
}

func (s *session) parseSegment(ctx context.Context, segment Segment, file int32) error {
	reader := &segmentReader{session: s, file: file}
	err := s.conn.Scan(ctx, duckdb.Scan{Name: "raw", File: file, Columns: len(s.parser.Raw), Text: s.text, Open: func() (duckdb.RawReader, error) {
		body, err := segment.Open()
		if err != nil {
			return nil, err
		}
		reader.body = body
		options := source.Options{Format: s.parser.Format, Optional: s.parser.Raw, Header: segment.Header, FirstRecord: segment.First, FirstLine: segment.Line,
			Again: segment.Again, Text: s.text}
		reader.Reader = source.NewReader(body, options)
		return reader, nil
	}})
	if err != nil {
		return err
	}
	relation := s.parser.Relation("raw", s.fields)
	relation.Text = s.text
	verb := "CREATE TEMP TABLE " + parsedTable + " AS "
	if s.made {
		verb = "INSERT INTO " + parsedTable + " "
	}
	if err := s.conn.Exec(ctx, verb+relation.DuckDB()); err != nil {
		return err
	}
	s.made = true
	s.counts = s.counts.Plus(reader.Counts())
	for _, address := range reader.Absent() {
		s.absent[address]++
	}
	return nil
}

// segmentReader reads a segment and remembers its headers.
type segmentReader struct {
	*source.Reader
	session *session
	body    io.Closer
	file    int32
	header  string
}

func (r *segmentReader) Read(b *source.Batch) error {
	err := r.Reader.Read(b)
	if err == nil && b.N > 0 && (r.header != b.Header || len(r.session.headers) == 0 || r.session.headers[len(r.session.headers)-1].file != r.file) {
		r.header = b.Header
		r.session.headers = append(r.session.headers, headerRange{rowID: rowID{r.file, b.Record[0]}, header: b.Header})
	}
	return err
}

func (r *segmentReader) Close() error { return r.body.Close() }

// finish moves rejects out of the rows, and counts those of the files from an
// ordinal on.
func (s *session) finish(ctx context.Context, from int32) error {
	err := s.conn.Query(ctx, sql.RejectCounts(parsedTable, from), func(row []any) error {
		condition, ok1 := row[0].(int64)
		n, ok2 := row[1].(int64)
		if !ok1 || !ok2 {
			return errors.New("count rejects: want whole numbers")
		}
		s.rejected[s.parser.RejectReason(int(condition))] += n
		return nil
	})
	if err != nil {
		return err
	}
	return s.conn.Exec(ctx, "DELETE FROM "+parsedTable+" WHERE "+sql.Quote(sql.RejectColumn)+" IS NOT NULL")
}
