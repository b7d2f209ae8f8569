package dataset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/mlpdev/mlp/pkg/compression"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// AddOptions say what [Add] adds and where.
type AddOptions struct {
	// Store takes the chunks.
	Store Store
	// Path is the file on this machine.
	Path string
	// Parser is the name of the parser that reads it.
	Parser string
	// Source is how that parser reads it: Format, Raw, Optional, and Reject if
	// rejects are to be shown. The rest is set by Add.
	Source source.Options
	// Dataset is the one that the file is to join; nil: an empty one.
	Dataset *specpb.Dataset
	// ChunkSize is the size in bytes to cut to; 0 means [ChunkSize].
	ChunkSize int64
	// Progress, if not nil, is called behind each chunk with the counts so
	// far.
	Progress func(source.Counts)
}

// Added is a raw file that is in the store.
type Added struct {
	// File describes it for dataset.textproto.
	File *specpb.RawFile
	// Counts account for its lines and records.
	Counts source.Counts
	// Absent are the addresses that no header and no record of it has.
	Absent []string
}

// Add reads a file once: it decompresses it, frames its records, cuts it where
// they begin, takes its digests and puts each chunk into the store. Adding the
// same file again gives the same description and puts nothing new.
//
// It refuses a file that is no regular file ([NotRegularError]), changes while
// it is read ([ChangedError]), is damaged ([compression.Error]) or in a form
// that is not read ([compression.UnsupportedError]), has a name that cannot be
// printed ([FileNameError]), gives no row ([NoRowsError]), or is in the dataset
// already, compressed or not ([DuplicateError]). Chunks that a refused file
// left in the store are harmless: nothing points to them.
func Add(ctx context.Context, o AddOptions) (*Added, error) {
	added, err := add(ctx, o)
	if err != nil {
		if p, ok := err.(*fs.PathError); ok {
			err = p.Err // the path is named anyway
		}
		return nil, fmt.Errorf("add %s: %w", o.Path, err)
	}
	return added, nil
}

func add(ctx context.Context, o AddOptions) (*Added, error) {
	name := filepath.Base(o.Path)
	if err := checkName(name); err != nil {
		return nil, err
	}
	before, err := inspect(o.Path)
	if err != nil {
		return nil, err
	}
	f, err := openRaw(o.Path, before)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	a := &adder{AddOptions: o, file: &specpb.RawFile{Name: name, Parser: o.Parser}}
	// A file that changes may look damaged; what changed it is the cause.
	err = a.read(ctx, f.content())
	if changed := f.unchanged(); changed != nil {
		return nil, changed
	}
	if err != nil {
		return nil, err
	}
	if a.file.Size != before.Size() {
		return nil, &ChangedError{How: "changed its size"}
	}
	return a.done()
}

// AddBytes is [Add] for a raw file that is at hand as bytes; the base name of
// its path is what the dataset calls it.
func AddBytes(ctx context.Context, o AddOptions, data []byte) (*Added, error) {
	name := filepath.Base(o.Path)
	err := checkName(name)
	a := &adder{AddOptions: o, file: &specpb.RawFile{Name: name, Parser: o.Parser}}
	if err == nil {
		err = a.read(ctx, bytes.NewReader(data))
	}
	var added *Added
	if err == nil {
		added, err = a.done()
	}
	if err != nil {
		return nil, fmt.Errorf("add %s: %w", name, err)
	}
	return added, nil
}

// adder adds one file.
type adder struct {
	AddOptions
	file   *specpb.RawFile
	counts source.Counts
	absent map[string]int // chunks without it, by address
}

// contextReader reads from in until the context ends.
type contextReader struct {
	ctx context.Context
	in  io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(p)
}

// read puts the chunks of a file into the store and counts what they hold.
func (a *adder) read(ctx context.Context, in io.Reader) error {
	size := a.ChunkSize
	if size == 0 {
		size = ChunkSize
	}
	whole := sha256.New()
	plain, err := compression.NewReader(io.TeeReader(contextReader{ctx, in}, whole))
	if err != nil {
		return err
	}
	defer plain.Close()
	put := func(c source.Chunk) error { return a.put(ctx, c) }
	if _, err := source.Cut(plain, a.Source.Format, size, put); err != nil {
		return err
	}
	a.file.Digest = digest.Digest(whole.Sum(nil)).String()
	a.file.Size = plain.In()
	a.file.Compression = kinds()[plain.Kind()]
	return nil
}

// kinds returns how specs name the compressions.
func kinds() map[compression.Kind]specpb.Compression {
	return map[compression.Kind]specpb.Compression{compression.Gzip: specpb.Compression_GZIP, compression.Zstd: specpb.Compression_ZSTD}
}

// put puts one chunk into the store.
func (a *adder) put(ctx context.Context, c source.Chunk) error {
	sum := digest.Of(c.Data)
	chunk := &specpb.Chunk{
		Digest:      sum.String(),
		Size:        int64(len(c.Data)),
		FirstRecord: c.FirstRecord,
		Records:     c.Records,
		FirstLine:   c.FirstLine,
		Header:      c.Header,
	}
	if err := a.count(c.Data, chunk); err != nil {
		return err
	}
	if err := a.Store.Put(ctx, sum, bytes.NewReader(c.Data)); err != nil {
		return fmt.Errorf("put chunk %s: %w", sum, err)
	}
	a.file.Chunks = append(a.file.Chunks, chunk)
	if a.Progress != nil {
		a.Progress(a.counts.Plus(source.Counts{}))
	}
	return nil
}

// count reads a chunk as the parser will and adds up what it holds.
func (a *adder) count(data []byte, chunk *specpb.Chunk) error {
	o := ChunkOptions(a.Source, chunk)
	o.Text = false
	r := source.NewReader(bytes.NewReader(data), o)
	var b source.Batch
	for {
		err := r.Read(&b)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	a.counts = a.counts.Plus(r.Counts())
	for _, address := range r.Absent() {
		if a.absent == nil {
			a.absent = map[string]int{}
		}
		a.absent[address]++
	}
	return nil
}

// done checks the file as a whole and returns its description.
func (a *adder) done() (*Added, error) {
	if a.counts.Rows == 0 {
		return nil, &NoRowsError{Parser: a.Parser, Counts: a.counts}
	}
	if c, f := Find(a.Dataset, a.file); c != nil {
		return nil, &DuplicateError{Digest: a.file.GetDigest(), Contribution: c.GetName(), File: f.GetName(), Recompressed: f.GetDigest() != a.file.GetDigest()}
	}
	a.file.Lines = a.counts.Lines
	a.file.Records = a.counts.Records
	out := &Added{File: a.file, Counts: a.counts}
	for _, address := range slices.Concat(a.Source.Raw, a.Source.Optional) {
		if a.absent[address] == len(a.file.Chunks) && !slices.Contains(out.Absent, address) {
			out.Absent = append(out.Absent, address)
		}
	}
	return out, nil
}
