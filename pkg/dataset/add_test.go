package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/mlpdev/mlp/pkg/compression"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// memory is a store in memory that calls onPut, if set, before each Put.
type memory struct {
	objects map[digest.Digest][]byte
	onPut   func() error
}

func newMemory() *memory { return &memory{objects: map[digest.Digest][]byte{}} }

func (m *memory) Put(ctx context.Context, d digest.Digest, data io.Reader) error {
	if m.onPut != nil {
		if err := m.onPut(); err != nil {
			return err
		}
	}
	b, err := io.ReadAll(data)
	if err == nil && digest.Of(b) != d {
		err = errors.New("other bytes than announced")
	}
	m.objects[d] = b
	return err
}

func (m *memory) Get(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	b, ok := m.objects[d]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

var zeek = source.Options{
	Format: source.Format{source.Delimited{Separator: '\t', Comment: "#", Null: "-", HeaderLine: "#fields"}},
	Raw:    []string{"ts", "uid"},
}

const log = "#fields\tts\tuid\n1\ta\n2\tb\n\n3\n4\td\n"

func write(t *testing.T, name, data string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func sum(s string) string { return digest.Of([]byte(s)).String() }

func TestAdd(t *testing.T) {
	s := newMemory()
	var rejects []source.Reject
	var progress []int64
	o := AddOptions{Store: s, Path: write(t, "conn.log", log), Parser: "conn", Source: zeek, ChunkSize: 20,
		Progress: func(c source.Counts) { progress = append(progress, c.Lines) }}
	o.Source.Reject = func(r source.Reject) { rejects = append(rejects, r) }
	got, err := Add(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	const c1, c2 = "#fields\tts\tuid\n1\ta\n", "2\tb\n\n3\n4\td\n"
	want := &Added{
		File: &specpb.RawFile{
			Name: "conn.log", Parser: "conn", Digest: sum(log), Size: int64(len(log)), Lines: 6, Records: 4,
			Chunks: []*specpb.Chunk{
				{Digest: sum(c1), Size: int64(len(c1)), Records: 1, FirstLine: 1},
				{Digest: sum(c2), Size: int64(len(c2)), FirstRecord: 1, Records: 3, FirstLine: 3, Header: "#fields\tts\tuid"},
			},
		},
		Counts: source.Counts{Lines: 6, Records: 4, Rows: 3, Rejects: map[string]int64{"too few columns": 1},
			Headers: 1, Blanks: 1, Bytes: int64(len(log))},
	}
	if d := cmp.Diff(want, got, protocmp.Transform()); d != "" {
		t.Errorf("added (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]source.Reject{{Record: 2, Line: 5, Reason: "too few columns"}}, rejects); d != "" {
		t.Errorf("rejects (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]int64{2, 6}, progress); d != "" {
		t.Errorf("progress (-want +got):\n%s", d)
	}
	readBack(t, s, got.File)
}

// readBack compares what the chunks hold, and give as rows, with the log.
func readBack(t *testing.T, s Store, f *specpb.RawFile) {
	t.Helper()
	var data, rows strings.Builder
	for _, c := range f.Chunks {
		in, err := OpenChunk(t.Context(), s, c)
		if err != nil {
			t.Fatal(err)
		}
		r := source.NewReader(io.TeeReader(in, &data), ChunkOptions(zeek, c))
		var b source.Batch
		for err = r.Read(&b); err == nil; err = r.Read(&b) {
			for i := range b.N {
				fmt.Fprintf(&rows, "%d %d %s %s\n", b.Record[i], b.Line[i], b.Columns[0][i], b.Columns[1][i])
			}
		}
		if err != io.EOF {
			t.Error(err)
		}
	}
	if d := cmp.Diff(log, data.String()); d != "" {
		t.Errorf("bytes (-want +got):\n%s", d)
	}
	if d := cmp.Diff("0 2 1 a\n1 3 2 b\n3 6 4 d\n", rows.String()); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
}

func TestAddRefuses(t *testing.T) {
	tests := []struct {
		name string
		file string // name of the file; "x.log" if empty
		data string
		want error
		text string
	}{
		{name: "empty", want: &NoRowsError{Parser: "conn"}, text: "is empty"},
		{name: "no records", data: "#fields\ta\n\n#c\n",
			want: &NoRowsError{Parser: "conn", Counts: source.Counts{Lines: 3, Headers: 1, Comments: 1, Blanks: 1, Bytes: 14}},
			text: "has no records in its 3 lines (headers 1, comments 1, blank 1, continued 0)"},
		{name: "no rows", data: "{}\n#fields\tts\n{}\n{}\n",
			want: &NoRowsError{Parser: "conn", Counts: source.Counts{Lines: 4, Records: 3, Headers: 1, Bytes: 20,
				Rejects: map[string]int64{"no header": 1, "missing column uid": 2}}},
			text: `none of its 3 records is a row of parser "conn": missing column uid 2, no header 1`},
		{name: "xz", data: "\xfd7zXZ\x00", want: &compression.UnsupportedError{Format: "xz"}, text: "is compressed (xz)"},
		{name: "hidden in the name", file: "a\u202eb", data: log, want: &FileNameError{Name: "a\u202eb"}, text: `name "a\u202eb" has`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.file == "" {
				tt.file = "x.log"
			}
			path := write(t, tt.file, tt.data)
			_, err := Add(t.Context(), AddOptions{Store: newMemory(), Path: path, Parser: "conn", Source: zeek})
			refused(t, err, tt.want, "add "+path+": "+tt.text)
		})
	}
}

// refused checks that err wraps want, begins with text, and that only the
// error for an empty file has no hint.
func refused(t *testing.T, err, want error, text string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), text) {
		t.Fatalf("error %v, want %q", err, text)
	}
	got := errors.Unwrap(err)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("error (-want +got):\n%s", d)
	}
	h, ok := got.(interface{ Hint() string })
	if !ok || (h.Hint() == "") != (text[len(text)-8:] == "is empty") {
		t.Errorf("%T has no hint, or one where none is known", got)
	}
}

func TestAddDuplicate(t *testing.T) {
	o := AddOptions{Store: newMemory(), Path: write(t, "conn.log", log), Parser: "conn", Source: zeek}
	added, err := Add(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Dataset = &specpb.Dataset{Contributions: []*specpb.Contribution{
		{Name: "other", Files: []*specpb.RawFile{{Name: "y", Digest: sum("y")}}},
		{Name: "first", Files: []*specpb.RawFile{{Name: "z", Digest: sum("z")}, added.File}},
	}}
	o.Path = write(t, "copy.log", log)
	_, err = Add(t.Context(), o)
	refused(t, err, &DuplicateError{Digest: sum(log), Contribution: "first", File: "conn.log"},
		"add "+o.Path+`: has the same bytes as file "conn.log" of contribution "first"`)
}

// TestAddChanging changes the file while its first chunk is put.
func TestAddChanging(t *testing.T) {
	tests := []struct {
		name   string
		change func(path string) error
		how    string
	}{
		{"appended", func(path string) error {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteString("5\te\n")
			return errors.Join(err, f.Close())
		}, "grew"},
		{"truncated", func(path string) error { return os.Truncate(path, 3) }, "was cut short"},
		{"overwritten", func(path string) error { return os.WriteFile(path, []byte(strings.ToUpper(log)), 0o600) }, "was written to"},
		{"replaced", func(path string) error {
			if err := os.WriteFile(path+".new", []byte(log), 0o600); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		}, "was replaced"},
		{"replaced by a link", func(path string) error {
			return errors.Join(os.Rename(path, path+".1"), os.Symlink(path+".1", path))
		}, "was replaced"},
		{"removed", os.Remove, "was removed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newMemory()
			o := AddOptions{Store: s, Path: write(t, "conn.log", log), Parser: "conn", Source: zeek, ChunkSize: 1}
			s.onPut = func() error { s.onPut = nil; return tt.change(o.Path) }
			_, err := Add(t.Context(), o)
			refused(t, err, &ChangedError{How: tt.how}, "add "+o.Path+": "+tt.how+" while it was read")
		})
	}
}

// TestAddEndlessWriter appends at each chunk: reading must end nevertheless.
func TestAddEndlessWriter(t *testing.T) {
	s := newMemory()
	o := AddOptions{Store: s, Path: write(t, "conn.log", strings.Repeat(log, 100_000)), Parser: "conn", Source: zeek, ChunkSize: 100 << 10}
	s.onPut = func() error {
		f, err := os.OpenFile(o.Path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteString(strings.Repeat(log, 10_000))
		return errors.Join(err, f.Close())
	}
	_, err := Add(t.Context(), o)
	refused(t, err, &ChangedError{How: "grew"}, "add "+o.Path+": grew")
}

// TestAddChangedBack cuts the file short while it is read and restores it, to
// the time of its last change, before the end is looked at.
func TestAddChangedBack(t *testing.T) {
	data := []byte(strings.Repeat(log, 80_000))
	s := newMemory()
	o := AddOptions{Store: s, Path: write(t, "conn.log", string(data)), Parser: "conn", Source: zeek, ChunkSize: 3 << 19}
	before, err := os.Stat(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	restore := func() error {
		return errors.Join(os.WriteFile(o.Path, data, 0o600), os.Chtimes(o.Path, before.ModTime(), before.ModTime()))
	}
	s.onPut = func() error { s.onPut = restore; return os.Truncate(o.Path, 2<<20+100) }
	_, err = Add(t.Context(), o)
	refused(t, err, &ChangedError{How: "changed its size"}, "add "+o.Path+": changed its size")
}

func TestAddWorldFails(t *testing.T) {
	path := write(t, "conn.log", log)
	full := errors.New("disk full")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	failing := newMemory()
	failing.onPut = func() error { return &fs.PathError{Op: "write", Path: "object", Err: full} }
	wrong := zeek
	wrong.Format = source.Format{source.Delimited{Separator: '\t'}}
	tests := []struct {
		name string
		ctx  context.Context
		o    AddOptions
		is   error
		text string
	}{
		{"not there", t.Context(), AddOptions{Store: newMemory(), Path: path + "x", Source: zeek}, fs.ErrNotExist, "add " + path + "x: no such file or directory"},
		{"store", t.Context(), AddOptions{Store: failing, Path: path, Source: zeek}, full, "add " + path + ": put chunk " + sum(log) + ": write object: disk full"},
		{"context", cancelled, AddOptions{Store: newMemory(), Path: path, Source: zeek}, context.Canceled, "add " + path},
		{"options", t.Context(), AddOptions{Store: newMemory(), Path: path, Source: wrong}, nil, "add " + path + `: raw column "ts"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Add(tt.ctx, tt.o)
			if err == nil || tt.is != nil && !errors.Is(err, tt.is) || !strings.HasPrefix(err.Error(), tt.text) {
				t.Errorf("error %v, want %q", err, tt.text)
			}
		})
	}
}
