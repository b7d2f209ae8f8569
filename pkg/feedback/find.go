package feedback

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/dataset"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Finder finds rows of golden datasets by their records.
type Finder struct {
	Store dataset.Store
	DB    *duckdb.DB
}

// Find returns, for each claim, the rows of the dataset that have records of
// it: rows of the claim's feature set, with the labels that training gives
// them. Raw files are read once; only contributions that have such records are
// parsed.
func (f Finder) Find(ctx context.Context, d *compile.Dataset, claims []Claim) ([][]Known, error) {
	out := make([][]Known, len(claims))
	// By feature set: rows and labels are those of its frames.
	for _, set := range sets(claims) {
		wanted := map[string]bool{}
		for _, c := range claims {
			if c.Set == set {
				for text := range c.texts() {
					wanted[text] = true
				}
			}
		}
		for _, k := range d.Contributions {
			there, err := f.hasAny(ctx, k, set.From, wanted)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", k.Address, err)
			}
			if !there {
				continue
			}
			rows, err := f.rows(ctx, compile.FeatureFrame(d, k, set), wanted)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", k.Address, err)
			}
			for i, c := range claims {
				if c.Set == set {
					out[i] = append(out[i], shared(c, k, rows)...)
				}
			}
		}
	}
	return out, nil
}

func sets(claims []Claim) []*compile.FeatureSet {
	var out []*compile.FeatureSet
	for _, c := range claims {
		if !slices.Contains(out, c.Set) {
			out = append(out, c.Set)
		}
	}
	return out
}

// hasAny reports whether a contribution has a record of a text.
func (f Finder) hasAny(ctx context.Context, k *compile.Contribution, p *compile.Parser, wanted map[string]bool) (bool, error) {
	for _, file := range k.Files(p.Name) {
		for _, chunk := range file.GetChunks() {
			there, err := f.chunkHasAny(ctx, p, chunk, wanted)
			if there || err != nil {
				return there, err
			}
		}
	}
	return false, nil
}

func (f Finder) chunkHasAny(ctx context.Context, p *compile.Parser, chunk *specpb.Chunk, wanted map[string]bool) (bool, error) {
	r, err := f.open(ctx, p, chunk)
	if err != nil {
		return false, err
	}
	defer r.Close()
	found := false
	var b source.Batch
	// To the end, found or not: bytes are verified there.
	for {
		err := r.Read(&b)
		if err == io.EOF {
			return found, nil
		}
		if err != nil {
			return false, err
		}
		for i := 0; i < len(b.Text) && !found; i++ {
			found = wanted[string(b.Text[i])]
		}
	}
}

// chunkReader reads the records of one chunk.
type chunkReader struct {
	*source.Reader
	io.Closer
}

func (f Finder) open(ctx context.Context, p *compile.Parser, chunk *specpb.Chunk) (*chunkReader, error) {
	body, err := dataset.OpenChunk(ctx, f.Store, chunk)
	if err != nil {
		return nil, err
	}
	o := dataset.ChunkOptions(source.Options{Format: p.Format, Optional: p.Raw, Text: true}, chunk)
	return &chunkReader{Reader: source.NewReader(body, o), Closer: body}, nil
}

// labelledRow is a row of a frame with its records.
type labelledRow struct {
	label specpb.Verdict
	texts []string
	file  []int64 // ordinals
	rec   []int64
}

// rows computes the rows of a frame that have a record of a text.
func (f Finder) rows(ctx context.Context, frame compile.Frame, wanted map[string]bool) ([]labelledRow, error) {
	conn, err := f.DB.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	label := frame.Label()
	if err := f.parse(ctx, conn, frame, label); err != nil {
		return nil, err
	}
	texts := slices.Sorted(maps.Keys(wanted))
	err = conn.Scan(ctx, duckdb.Scan{Name: "wanted", Columns: 1, Open: func() (duckdb.RawReader, error) { return &textReader{texts: texts}, nil }})
	if err != nil {
		return nil, err
	}
	relation := frame.FeatureSet.Relation("(SELECT * FROM parsed WHERE "+sql.Quote(sql.RejectColumn)+" IS NULL)", nil)
	relation.Label, relation.Texts = label.Expr, math.MaxInt32
	query := fmt.Sprintf("SELECT %[1]s, %[2]s, %[3]s::BIGINT[], %[4]s::BIGINT[] FROM (%[5]s) WHERE list_has_any(%[2]s, (SELECT list(_c0) FROM wanted))",
		sql.Quote(sql.LabelColumn), sql.Quote(sql.TextsColumn), sql.Quote(sql.FilesColumn), sql.Quote(sql.NumbersColumn), relation.DuckDB())
	var out []labelledRow
	err = conn.Query(ctx, query, func(values []any) error {
		row, err := labelled(values)
		out = append(out, row)
		return err
	})
	return out, err
}

// parse makes the table of the frame's parsed records.
func (f Finder) parse(ctx context.Context, conn *duckdb.Conn, frame compile.Frame, label *compile.Label) error {
	p := frame.Parser
	verb := "CREATE TEMP TABLE parsed AS "
	for ordinal, file := range frame.Contribution.Files(p.Name) {
		for _, chunk := range file.GetChunks() {
			err := conn.Scan(ctx, duckdb.Scan{Name: "raw", File: int32(ordinal), Columns: len(p.Raw), Text: true,
				Open: func() (duckdb.RawReader, error) { return f.open(ctx, p, chunk) }})
			if err != nil {
				return err
			}
			parsing := p.Relation("raw", frame.FeatureSet.Fields(nil, label))
			parsing.Text = true
			if err := conn.Exec(ctx, verb+parsing.DuckDB()); err != nil {
				return err
			}
			verb = "INSERT INTO parsed "
		}
	}
	return nil
}

// textReader gives texts as a raw column.
type textReader struct {
	texts []string
	next  int
}

func (r *textReader) Read(b *source.Batch) error {
	const most = 1024
	b.N = 0
	b.Record, b.Line, b.Columns = b.Record[:0], b.Line[:0], [][][]byte{nil}
	for b.N < most && r.next < len(r.texts) {
		b.Record, b.Line = append(b.Record, int64(r.next)), append(b.Line, int64(r.next+1))
		b.Columns[0] = append(b.Columns[0], []byte(r.texts[r.next]))
		b.N, r.next = b.N+1, r.next+1
	}
	if b.N == 0 {
		return io.EOF
	}
	return nil
}

func labelled(values []any) (labelledRow, error) {
	var out labelledRow
	if attack, ok := values[0].(bool); ok {
		out.label = map[bool]specpb.Verdict{true: specpb.Verdict_ATTACK, false: specpb.Verdict_BENIGN}[attack]
	}
	texts, ok1 := values[1].([]any)
	files, ok2 := values[2].([]any)
	numbers, ok3 := values[3].([]any)
	if !ok1 || !ok2 || !ok3 || len(files) != len(texts) || len(numbers) != len(texts) {
		return out, fmt.Errorf("rows: got %T, %T and %T", values[1], values[2], values[3])
	}
	for i, t := range texts {
		file, ok1 := files[i].(int64)
		number, ok2 := numbers[i].(int64)
		if !ok1 || !ok2 {
			return out, fmt.Errorf("rows: got %T and %T", files[i], numbers[i])
		}
		out.texts, out.file, out.rec = append(out.texts, fmt.Sprint(t)), append(out.file, file), append(out.rec, number)
	}
	return out, nil
}

// shared returns the rows that have records of a claim, in order.
func shared(c Claim, k *compile.Contribution, rows []labelledRow) []Known {
	files := k.Files(c.Set.From.Name)
	var out []Known
	for _, r := range rows {
		left := c.texts()
		known := Known{Contribution: k.Address, Label: r.label}
		for i, text := range r.texts {
			if left[text] == 0 {
				continue
			}
			if left[text]--; known.Shared == 0 {
				known.File, known.Record = files[r.file[i]].GetName(), r.rec[i]
			}
			known.Shared++
		}
		if known.Shared > 0 {
			out = append(out, known)
		}
	}
	return out
}
