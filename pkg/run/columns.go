package run

import (
	"context"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/dataset"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// parseStep makes the missing fields of a parser's frame, one part a chunk.
func (r *Runner) parseStep(ctx context.Context, s plan.Step, _ *Result) error {
	parser := s.Frame.Parser
	known, err := r.Index.Frame(ctx, s.Key)
	if err != nil {
		return err
	}
	var chunks []rawChunk
	for ordinal, file := range s.Frame.Contribution.Files(parser.Name) {
		for _, chunk := range file.GetChunks() {
			chunks = append(chunks, rawChunk{chunk, int32(ordinal)})
		}
	}
	parse := r.parseChunks
	if r.Spark != nil {
		parse = r.sparkParse
	}
	parts, counts, err := parse(ctx, s, chunks)
	if err != nil {
		return err
	}
	total := Counts{Rejects: map[string]int64{}}
	for _, c := range counts {
		total.Add(c)
	}
	if err := total.Check(); err != nil {
		return err
	}
	return r.record(ctx, s, frameResult{known: known, entry: FrameEntry{Counts: &total}, parts: parts})
}

// parseChunks parses chunks side by side, in order: each is one session of the
// engine.
func (r *Runner) parseChunks(ctx context.Context, s plan.Step, chunks []rawChunk) ([]partResult, []Counts, error) {
	parts, counts := make([]partResult, len(chunks)), make([]Counts, len(chunks))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, chunk := range chunks {
		group.Go(func() (err error) {
			parts[i], counts[i], err = r.parseChunk(inner, s, chunk)
			return err
		})
	}
	return parts, counts, group.Wait()
}

// rawChunk is a chunk and the ordinal of its file in the contribution.
type rawChunk struct {
	*specpb.Chunk
	file int32
}

// partResult is what was written of one part of a frame.
type partResult struct {
	Part
	file    digest.Digest   // with the columns; zero if there are none
	content []digest.Digest // of the columns, in order
	nulls   []int64         // of the columns, in order
	partial int64
}

func (r *Runner) parseChunk(ctx context.Context, s plan.Step, chunk rawChunk) (partResult, Counts, error) {
	parser := s.Frame.Parser
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return partResult{}, Counts{}, err
	}
	defer conn.Close()
	reader := &chunkReader{}
	err = conn.Scan(ctx, duckdb.Scan{Name: "raw", File: chunk.file, Columns: len(parser.Raw), Open: func() (duckdb.RawReader, error) {
		body, err := dataset.OpenChunk(ctx, r.Store, chunk.Chunk)
		if err != nil {
			return nil, err
		}
		*reader = chunkReader{body: body, Reader: source.NewReader(body, dataset.ChunkOptions(source.Options{Format: parser.Format, Optional: parser.Raw}, chunk.Chunk))}
		return reader, nil
	}})
	if err != nil {
		return partResult{}, Counts{}, err
	}
	names := make([]string, len(s.Fields))
	fields := make([]*compile.Field, len(s.Fields))
	for i, f := range s.Fields {
		names[i] = f.Name
		fields[i], _ = parser.Field(f.Name)
	}
	if err := table(ctx, conn, "parsed", parser.Relation("raw", fields).DuckDB()); err != nil {
		return partResult{}, Counts{}, err
	}
	counts, err := parsedCounts(ctx, conn, parser, reader.Counts())
	if err != nil {
		return partResult{}, Counts{}, err
	}
	if counts.Records != chunk.GetRecords() {
		return partResult{}, Counts{}, &FramingError{Frame: s.Target, Now: counts.Records, Added: chunk.GetRecords()}
	}
	rows := rowsOf{from: "(SELECT * FROM parsed WHERE " + sql.Quote(sql.RejectColumn) + " IS NULL)",
		id: []string{sql.FileColumn, sql.RecordColumn}, columns: names}
	part, err := r.write(ctx, conn, s.Key, rows)
	return part, counts, err
}

// FramingError says that a chunk has other records than when it was added: the
// parser's source was changed, and records would be numbered anew.
type FramingError struct {
	Frame      string
	Now, Added int64
}

// Error gives both counts.
func (e *FramingError) Error() string {
	return fmt.Sprintf("%s: a chunk has %d records, %d when it was added", e.Frame, e.Now, e.Added)
}

// Hint says what to do.
func (e *FramingError) Hint() string {
	return "the parser's source frames records in another way now; add the file again as a new contribution"
}

// chunkReader reads the rows of one chunk.
type chunkReader struct {
	*source.Reader
	body io.Closer
}

func (c *chunkReader) Close() error { return c.body.Close() }

// countsOf returns what framing counted.
func countsOf(read source.Counts) Counts {
	c := Counts{Lines: read.Lines, Records: read.Records, Rows: read.Rows, Headers: read.Headers, Comments: read.Comments,
		Blanks: read.Blanks, Continued: read.Continued, Replaced: read.Replaced, Rejects: maps.Clone(read.Rejects)}
	if c.Rejects == nil {
		c.Rejects = map[string]int64{}
	}
	return c
}

// parsedCounts adds the rejects of the require conditions to those of the
// reader.
func parsedCounts(ctx context.Context, conn *duckdb.Conn, parser *compile.Parser, read source.Counts) (Counts, error) {
	c := countsOf(read)
	err := conn.Query(ctx, sql.RejectCounts("parsed", 0), func(row []any) error {
		condition, n := row[0].(int64), row[1].(int64)
		c.Rejects[parser.RejectReason(int(condition))] += n
		c.Rows -= n
		return nil
	})
	return c, err
}

// featuresStep makes the missing features and labels of a feature set's frame.
func (r *Runner) featuresStep(ctx context.Context, s plan.Step, _ *Result) error {
	known, err := r.Index.Frame(ctx, s.Key)
	if err != nil {
		return err
	}
	f := s.Frame
	var names, columns []string
	var label, side *compile.Label
	for _, t := range s.Fields {
		columns = append(columns, t.Name)
		switch {
		case t.Label:
			label = f.Label()
		case t.Side:
			side = f.Side()
		default:
			names = append(names, t.Name)
		}
	}
	fields := f.FeatureSet.Fields(names, label, side)
	relation := f.FeatureSet.Relation(sparkRaw, names)
	if label != nil {
		relation.Label = label.Expr
	}
	if side != nil {
		relation.Side = side.Expr
	}
	compute := r.computeFeatures
	if r.Spark != nil {
		compute = r.sparkFeatures
	}
	part, err := compute(ctx, s, relation, featureColumns{columns, fields})
	if err != nil {
		return err
	}
	return r.record(ctx, s, frameResult{known: known, entry: FrameEntry{Partial: part.partial}, parts: []partResult{part}})
}

// featureColumns are the columns that a step computes, and the fields that they
// are made of.
type featureColumns struct {
	columns []string
	fields  []*compile.Field
}

// computeFeatures computes a relation over the stored fields of a frame, which
// takes the place of its input.
func (r *Runner) computeFeatures(ctx context.Context, s plan.Step, relation sql.Relation, want featureColumns) (partResult, error) {
	f := s.Frame
	from, err := r.input(ctx, compile.ParserFrame(f.Dataset, f.Contribution, f.Parser), want.fields)
	if err != nil {
		return partResult{}, err
	}
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return partResult{}, err
	}
	defer conn.Close()
	if err := table(ctx, conn, "computed", relation.Over("("+from+")").DuckDB()); err != nil {
		return partResult{}, err
	}
	rows := rowsOf{from: "computed", id: relation.RowID(), identity: relation.Identity(), columns: want.columns, windowed: relation.WindowMicros() > 0}
	return r.write(ctx, conn, s.Key, rows)
}

// input returns a SELECT over the stored row ids and fields of a frame, in row
// order.
func (r *Runner) input(ctx context.Context, f compile.Frame, fields []*compile.Field) (string, error) {
	entry, err := r.storedFrame(ctx, f)
	if err != nil {
		return "", err
	}
	wanted := make([]storedColumn, len(fields))
	for i, x := range fields {
		wanted[i] = storedColumn{address: x.Address, as: x.Name, key: f.Column(x.Key)}
	}
	return r.joined(ctx, entry, wanted)
}

// storedFrame returns the entry of a frame that an earlier step has made.
func (r *Runner) storedFrame(ctx context.Context, f compile.Frame) (*FrameEntry, error) {
	entry, err := r.Index.Frame(ctx, f.Key)
	if err == nil && entry == nil {
		err = fmt.Errorf("rows of %s: %w", f.Address(), errNoColumn)
	}
	return entry, err
}

// storedColumn names a column to read, and the name it is to have.
type storedColumn struct {
	address string
	as      string
	key     digest.Digest
}

// storedColumn returns the entry of a column that an earlier step has made.
func (r *Runner) storedColumn(ctx context.Context, frame *FrameEntry, c storedColumn) (*ColumnEntry, error) {
	entry, err := r.Index.Column(ctx, c.key)
	if err == nil && (entry == nil || len(entry.Files) != len(frame.Parts)) {
		err = fmt.Errorf("%s: %w", c.address, errNoColumn)
	}
	return entry, err
}

// joined returns a SELECT of a frame's row identity and columns, side by side.
// Columns that were computed together lie in one file and are read together.
func (r *Runner) joined(ctx context.Context, frame *FrameEntry, columns []storedColumn) (string, error) {
	rowFiles := make([]digest.Digest, len(frame.Parts))
	for i, p := range frame.Parts {
		rowFiles[i] = p.RowFile
	}
	reads, err := r.readParquet(ctx, frame, rowFiles)
	if err != nil {
		return "", err
	}
	selects, from := []string{"r.*"}, []string{reads + " AS r"}
	byFiles := map[string]int{}
	for _, c := range columns {
		entry, err := r.storedColumn(ctx, frame, c)
		if err != nil {
			return "", err
		}
		id := fmt.Sprint(entry.Files)
		n, ok := byFiles[id]
		if !ok {
			n = len(from)
			byFiles[id] = n
			reads, err := r.readParquet(ctx, frame, entry.Files)
			if err != nil {
				return "", err
			}
			from = append(from, reads+" AS c"+strconv.Itoa(n))
		}
		selects = append(selects, fmt.Sprintf("c%d.%s AS %s", n, sql.Quote(entry.Name), sql.Quote(c.as)))
	}
	return "SELECT " + strings.Join(selects, ", ") + " FROM " + strings.Join(from, " POSITIONAL JOIN "), nil
}

// readParquet returns a table expression over a file for each part of a
// frame, whose footers say that they belong to it.
func (r *Runner) readParquet(ctx context.Context, frame *FrameEntry, files []digest.Digest) (string, error) {
	paths, err := r.local(ctx, files)
	if err != nil {
		return "", err
	}
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	texts := make([]string, len(paths))
	for i, p := range paths {
		meta, err := conn.ParquetMeta(ctx, p)
		if err != nil {
			return "", err
		}
		want := footer(frame.Key, frame.Parts[i])
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if meta[name] != want[name] {
				return "", fmt.Errorf("object %s: its footer has %s %q, frame %s wants %q", files[i].Short(), name, meta[name], frame.Frame, want[name])
			}
		}
		texts[i] = sql.Text(p)
	}
	return "read_parquet([" + strings.Join(texts, ", ") + "])", nil
}

// footer is the metadata that ties a file to the rows of a part.
func footer(frame digest.Digest, p Part) map[string]string {
	return map[string]string{"mlp.frame": frame.String(), "mlp.rows": strconv.FormatInt(p.Rows, 10), "mlp.row_digest": p.RowDigest.String()}
}

// rowsOf is a computed relation to be written.
type rowsOf struct {
	from     string   // what stands behind FROM
	id       []string // columns that identify and order the rows
	identity []string // columns of the row file; id if empty
	columns  []string
	windowed bool
}

// write stores the row ids and the columns of computed rows.
func (r *Runner) write(ctx context.Context, conn *duckdb.Conn, frame digest.Digest, rows rowsOf) (partResult, error) {
	var out partResult
	var err error
	order := identifiers(rows.id...)
	if out.Rows, err = count(ctx, conn, "SELECT count(*)::BIGINT FROM "+rows.from); err != nil {
		return out, err
	}
	if rows.windowed {
		if out.partial, err = count(ctx, conn, "SELECT count(*)::BIGINT FROM "+rows.from+" WHERE "+sql.Quote(sql.PartialColumn)); err != nil {
			return out, err
		}
	}
	if out.RowDigest, err = duckdb.RowDigest(ctx, conn, duckdb.Rows{From: rows.from, Columns: rows.id, Order: order}); err != nil {
		return out, err
	}
	meta := footer(frame, out.Part)
	identity := rows.identity
	if len(identity) == 0 {
		identity = rows.id
	}
	if out.RowFile, err = r.writeFile(ctx, conn, "SELECT "+identifiers(identity...)+" FROM "+rows.from+" ORDER BY "+order, meta); err != nil {
		return out, err
	}
	if len(rows.columns) == 0 {
		return out, nil
	}
	if out.file, err = r.writeFile(ctx, conn, "SELECT "+identifiers(rows.columns...)+" FROM "+rows.from+" ORDER BY "+order, meta); err != nil {
		return out, err
	}
	for _, name := range rows.columns {
		content, err := duckdb.RowDigest(ctx, conn, duckdb.Rows{From: rows.from, Columns: []string{name}, Order: order})
		if err != nil {
			return out, err
		}
		out.content = append(out.content, content)
	}
	out.nulls, err = nulls(ctx, conn, rows)
	return out, err
}

// nulls counts the rows in which each column is NULL.
func nulls(ctx context.Context, conn *duckdb.Conn, rows rowsOf) ([]int64, error) {
	counts := make([]string, len(rows.columns))
	for i, name := range rows.columns {
		counts[i] = "(count(*) - count(" + sql.Quote(name) + "))::BIGINT"
	}
	var out []int64
	err := conn.Query(ctx, "SELECT "+strings.Join(counts, ", ")+" FROM "+rows.from, func(row []any) error {
		for _, v := range row {
			n, ok := v.(int64)
			if !ok {
				return fmt.Errorf("count: want a whole number, got %T", v)
			}
			out = append(out, n)
		}
		return nil
	})
	return out, err
}

func (r *Runner) writeFile(ctx context.Context, conn *duckdb.Conn, query string, meta map[string]string) (digest.Digest, error) {
	path := r.path(".parquet")
	if _, err := conn.WriteParquet(ctx, duckdb.WriteOptions{Query: query, Path: path, Meta: meta}); err != nil {
		return digest.Digest{}, err
	}
	d, _, err := r.keep(ctx, path)
	return d, err
}

// frameResult is what a step made of a frame.
type frameResult struct {
	known *FrameEntry // the store's entry of the frame, nil if it is new
	entry FrameEntry  // what is to be said of it beside its parts
	parts []partResult
}

// record writes the index entries of a step: the frame's, if it is new, after
// its columns', so that a frame that is known is complete.
func (r *Runner) record(ctx context.Context, s plan.Step, made frameResult) error {
	known, entry, parts := made.known, made.entry, made.parts
	entry.FormatVersion, entry.Key, entry.Frame = FormatVersion, s.Key, s.Target
	for i, p := range parts {
		entry.Parts = append(entry.Parts, p.Part)
		entry.Rows += p.Rows
		if known != nil && (len(known.Parts) != len(parts) || !known.Parts[i].sameRows(p.Part)) {
			return fmt.Errorf("part %d has %d rows with digest %s; the store has other rows under the same key: %s", i, p.Rows, p.RowDigest.Short(), s.Key.Short())
		}
	}
	for i, t := range s.Fields {
		column := ColumnEntry{FormatVersion: FormatVersion, Key: t.Key, Frame: s.Key, Address: t.Address, Name: t.Name}
		for _, p := range parts {
			column.Files = append(column.Files, p.file)
			column.Content = append(column.Content, p.content[i])
			column.Nulls += p.nulls[i]
		}
		r.noteVector(s, t, column.Nulls, entry.Rows)
		if err := r.Index.put(ctx, "column", t.Key, column); err != nil {
			return err
		}
	}
	if known == nil {
		if err := r.Index.put(ctx, "frame", s.Key, entry); err != nil {
			return err
		}
	}
	r.Progress.Step(s.Target)
	return nil
}

// noteVector says where rows lack a vector: its definition is NULL there, or
// gives another number of elements.
func (r *Runner) noteVector(s plan.Step, t plan.ColumnTask, nulls, rows int64) {
	if s.Frame.FeatureSet == nil || nulls == 0 {
		return
	}
	if f, ok := s.Frame.FeatureSet.Feature(t.Name); ok && !t.Label && f.Length > 0 {
		r.Progress.Note(fmt.Sprintf("%s: %s: %d of %d rows have no array of %d elements", s.Target, t.Address, nulls, rows, f.Length))
	}
}
