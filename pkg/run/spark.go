package run

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/engine/spark"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Cluster runs jobs of Spark; a *spark.Session is one.
type Cluster interface {
	Run(ctx context.Context, j spark.Job) (*spark.Result, error)
	Fetch(ctx context.Context, f spark.File, to string) error
	Discard(ctx context.Context, r *spark.Result) error
}

// Spark is where columns are computed in place of DuckDB.
type Spark struct {
	// Open returns the cluster when it is first needed.
	Open func(ctx context.Context) (Cluster, error)
	// Path is where executors read an object of the store; nil where they are on
	// this machine, and read its cache.
	Path func(digest.Digest) string
}

// Names of what a job of Spark makes.
const (
	sparkRaw    = "raw"
	sparkParsed = "parsed"
	sparkRows   = "rows"
	sparkReject = "rejects"
)

// sparkParse parses the chunks of a frame on Spark, and stores each as a part.
// What is stored, and its digests, are made of Spark's files by the code that
// stores what DuckDB computes: so columns of both join in one frame.
func (r *Runner) sparkParse(ctx context.Context, s plan.Step, chunks []rawChunk) ([]partResult, []Counts, error) {
	parser := s.Frame.Parser
	fields := make([]*compile.Field, len(s.Fields))
	names := make([]string, len(s.Fields))
	columns := []string{sql.ChunkColumn, sql.FileColumn, sql.RecordColumn}
	for i, f := range s.Fields {
		names[i] = f.Name
		fields[i], _ = parser.Field(f.Name)
		columns = append(columns, f.Name)
	}
	raw := spark.Chunks{View: sparkRaw, Format: parser.Format, Raw: parser.Raw}
	for _, c := range chunks {
		d, err := digest.Parse(c.GetDigest())
		if err != nil {
			return nil, nil, err
		}
		path, err := r.object(ctx, d)
		if err != nil {
			return nil, nil, err
		}
		raw.Chunks = append(raw.Chunks, spark.Chunk{Path: path, File: c.file, Spec: c.Chunk})
	}
	parsed := parser.Relation(sparkRaw, fields).Spark()
	cluster, err := r.Spark.Open(ctx)
	if err != nil {
		return nil, nil, err
	}
	result, err := cluster.Run(ctx, spark.Job{
		Name:   s.Target,
		Chunks: []spark.Chunks{raw},
		// What rejects are counted by is a few columns: cheaper once more than all of them written and read.
		Views: []spark.View{{Name: sparkParsed, SQL: parsed.SQL, Spans: parsed.Spans}},
		Outputs: []spark.Output{{Name: sparkRows, By: sql.ChunkColumn, Parts: len(chunks), Order: []string{sql.FileColumn, sql.RecordColumn},
			Query: "SELECT " + sparkNames(columns) + " FROM " + sparkParsed + " WHERE " + sql.QuoteSpark(sql.RejectColumn) + " IS NULL"}},
		Queries: []spark.Query{{Name: sparkReject, SQL: fmt.Sprintf("SELECT %[1]s, %[2]s, count(*) FROM %[3]s WHERE %[2]s IS NOT NULL GROUP BY %[1]s, %[2]s",
			sql.QuoteSpark(sql.ChunkColumn), sql.QuoteSpark(sql.RejectColumn), sparkParsed)}},
	})
	if err != nil {
		return nil, nil, err
	}
	defer discard(ctx, cluster, result)
	counts, err := sparkCounts(parser, chunks, result)
	if err != nil {
		return nil, nil, err
	}
	for i, c := range counts {
		if c.Records != chunks[i].GetRecords() {
			return nil, nil, &FramingError{Frame: s.Target, Now: c.Records, Added: chunks[i].GetRecords()}
		}
	}
	parts := make([]partResult, len(chunks))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range chunks {
		group.Go(func() (err error) {
			rows := rowsOf{from: sparkParsed, id: []string{sql.FileColumn, sql.RecordColumn}, columns: names}
			parts[i], err = r.take(inner, s.Key, rows, taken{from: cluster, file: result.Files[sparkRows][i], typed: fields})
			return err
		})
	}
	return parts, counts, group.Wait()
}

// sparkCounts accounts for each chunk: what framing saw, and what conditions
// rejected.
func sparkCounts(parser *compile.Parser, chunks []rawChunk, result *spark.Result) ([]Counts, error) {
	counts := make([]Counts, len(chunks))
	if len(result.Counts[sparkRaw]) != len(chunks) || len(result.Files[sparkRows]) != len(chunks) {
		return nil, fmt.Errorf("spark accounts for %d chunks, want %d", len(result.Counts[sparkRaw]), len(chunks))
	}
	for i, c := range result.Counts[sparkRaw] {
		counts[i] = countsOf(c)
	}
	for _, row := range result.Answers[sparkReject] {
		var n [3]int64
		for i := range n {
			if i >= len(row) || row[i] == nil {
				return nil, fmt.Errorf("spark counts rejects in a row of %d values", len(row))
			}
			var err error
			if n[i], err = strconv.ParseInt(*row[i], 10, 64); err != nil {
				return nil, fmt.Errorf("spark counts rejects: %w", err)
			}
		}
		if n[0] < 0 || n[0] >= int64(len(counts)) {
			return nil, fmt.Errorf("spark counts rejects of chunk %d", n[0])
		}
		c := &counts[n[0]]
		c.Rejects[parser.RejectReason(int(n[1]))] += n[2]
		c.Rows -= n[2]
	}
	return counts, nil
}

// sparkFeatures computes the missing columns of a feature set's frame on Spark.
func (r *Runner) sparkFeatures(ctx context.Context, s plan.Step, relation sql.Relation, want featureColumns) (partResult, error) {
	f := s.Frame
	input := compile.ParserFrame(f.Dataset, f.Contribution, f.Parser)
	stored, err := r.sparkColumns(ctx, input, want.fields)
	if err != nil {
		return partResult{}, err
	}
	computed := relation.Spark()
	cluster, err := r.Spark.Open(ctx)
	if err != nil {
		return partResult{}, err
	}
	result, err := cluster.Run(ctx, spark.Job{
		Name:    s.Target,
		Columns: []spark.Columns{stored},
		Outputs: []spark.Output{{Name: sparkRows, Query: computed.SQL, Spans: computed.Spans, Order: relation.RowID()}},
	})
	if err != nil {
		return partResult{}, err
	}
	defer discard(ctx, cluster, result)
	if len(result.Files[sparkRows]) != 1 || result.Files[sparkRows][0].Path == "" {
		return partResult{}, fmt.Errorf("spark wrote no file of %s", s.Target)
	}
	rows := rowsOf{from: sparkParsed, id: relation.RowID(), identity: relation.Identity(), columns: want.columns, windowed: relation.WindowMicros() > 0}
	return r.take(ctx, s.Key, rows, taken{from: cluster, file: result.Files[sparkRows][0]})
}

// sparkColumns describes the stored row ids and fields of a frame, as a view of
// the name that relations read.
func (r *Runner) sparkColumns(ctx context.Context, f compile.Frame, fields []*compile.Field) (spark.Columns, error) {
	frame, err := r.storedFrame(ctx, f)
	if err != nil {
		return spark.Columns{}, err
	}
	view := spark.Columns{View: sparkRaw, Fields: []spark.Field{{Name: sql.FileColumn, Type: sql.Type{Kind: sql.Int}}, {Name: sql.RecordColumn, Type: sql.Type{Kind: sql.BigInt}}}}
	byFile := make([]map[digest.Digest][]spark.Pick, len(frame.Parts))
	for i, p := range frame.Parts {
		byFile[i] = map[digest.Digest][]spark.Pick{p.RowFile: {{Name: sql.FileColumn, As: sql.FileColumn}, {Name: sql.RecordColumn, As: sql.RecordColumn}}}
	}
	for _, x := range fields {
		entry, err := r.storedColumn(ctx, frame, storedColumn{address: x.Address, key: f.Column(x.Key)})
		if err != nil {
			return spark.Columns{}, err
		}
		view.Fields = append(view.Fields, spark.Field{Name: x.Name, Type: x.Type})
		for i, file := range entry.Files {
			byFile[i][file] = append(byFile[i][file], spark.Pick{Name: entry.Name, As: x.Name})
		}
	}
	for i, p := range frame.Parts {
		part := spark.Part{Footer: footer(frame.Key, p)}
		for file, picks := range byFile[i] {
			path, err := r.object(ctx, file)
			if err != nil {
				return spark.Columns{}, err
			}
			part.Files = append(part.Files, spark.ColumnFile{Path: path, Digest: file, Columns: picks})
		}
		view.Parts = append(view.Parts, part)
	}
	return view, nil
}

// discard removes the files of a result. What cannot be removed is left: the
// result stands.
func discard(ctx context.Context, c Cluster, result *spark.Result) {
	_ = c.Discard(context.WithoutCancel(ctx), result)
}

// object returns where Spark reads an object.
func (r *Runner) object(ctx context.Context, d digest.Digest) (string, error) {
	if r.Spark.Path != nil {
		return r.Spark.Path(d), nil
	}
	paths, err := r.local(ctx, []digest.Digest{d})
	if err != nil {
		return "", err
	}
	return paths[0], nil
}

// taken is a file of Spark with rows that are to be stored. Without rows there
// is no file, but the types of its columns.
type taken struct {
	from  Cluster
	file  spark.File
	typed []*compile.Field
}

// take stores rows that Spark has written.
func (r *Runner) take(ctx context.Context, frame digest.Digest, rows rowsOf, t taken) (partResult, error) {
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return partResult{}, err
	}
	defer conn.Close()
	path := r.path(".parquet")
	from := "SELECT * FROM read_parquet(" + sql.Text(path) + ")"
	if t.file.Path == "" {
		columns := []string{"NULL::INTEGER AS " + sql.Quote(sql.FileColumn), "NULL::BIGINT AS " + sql.Quote(sql.RecordColumn)}
		for _, f := range t.typed {
			columns = append(columns, "NULL::"+f.Type.DuckDB()+" AS "+sql.Quote(f.Name))
		}
		from = "SELECT " + strings.Join(columns, ", ") + " WHERE false"
	} else if err := t.from.Fetch(ctx, t.file, path); err != nil {
		return partResult{}, err
	} else {
		defer os.Remove(path)
	}
	if err := table(ctx, conn, rows.from, from); err != nil {
		return partResult{}, err
	}
	part, err := r.write(ctx, conn, frame, rows)
	if err == nil && part.Rows != t.file.Rows {
		return partResult{}, fmt.Errorf("%s has %d rows, Spark says %d", t.file.Path, part.Rows, t.file.Rows)
	}
	return part, err
}

func sparkNames(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = sql.QuoteSpark(n)
	}
	return strings.Join(quoted, ", ")
}
