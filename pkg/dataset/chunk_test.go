package dataset

import (
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/specpb"
)

func TestOpenChunk(t *testing.T) {
	const data = "1\ta\n"
	d := digest.Of([]byte(data))
	tests := []struct {
		name   string
		stored string
		size   int64
		want   string // what may be read
		err    string
	}{
		{"as added", data, 4, data, ""},
		{"flipped byte", "1\tb\n", 4, "1\tb\n", "its bytes have another digest"},
		{"cut short", "1\t", 4, "1\t", "2 bytes are missing at its end"},
		{"longer", data + data, 4, "", "has more bytes than it was added with"},
		{"size of the spec is wrong", data, 3, "", "has more bytes than it was added with"},
		{"size below 0", data, -1, "", "has more bytes than it was added with"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newMemory()
			s.objects[d] = []byte(tt.stored)
			in, err := OpenChunk(t.Context(), s, &specpb.Chunk{Digest: d.String(), Size: tt.size})
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			got, err := io.ReadAll(iotest.DataErrReader(in))
			if tt.err == "" && err != nil {
				t.Fatal(err)
			}
			corrupt := &CorruptError{Digest: d, Problem: tt.err}
			if e := (*CorruptError)(nil); tt.err != "" && (!errors.As(err, &e) || *e != *corrupt || e.Hint() == "") {
				t.Errorf("error %v, want %v", err, corrupt)
			}
			if d := cmp.Diff(tt.want, string(got)); d != "" {
				t.Errorf("bytes (-want +got):\n%s", d)
			}
			if n, again := in.Read(make([]byte, 1)); n != 0 || again == nil {
				t.Errorf("a read behind the end gives %d bytes, %v", n, again)
			}
		})
	}
}

func TestOpenChunkRefuses(t *testing.T) {
	if _, err := OpenChunk(t.Context(), newMemory(), &specpb.Chunk{Digest: "sha256:12"}); err == nil {
		t.Error("a malformed digest is no error")
	}
	c := &specpb.Chunk{Digest: sum("x"), Size: 1}
	if _, err := OpenChunk(t.Context(), newMemory(), c); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), c.Digest) {
		t.Errorf("error %v, want that of the store, with the digest", err)
	}
}

func TestTotal(t *testing.T) {
	got := Total(
		&specpb.Contribution{Files: []*specpb.RawFile{
			{Size: 10, Lines: 5, Records: 4, Chunks: make([]*specpb.Chunk, 2)},
			{Size: 1, Lines: 1, Records: 1, Chunks: make([]*specpb.Chunk, 1)},
		}},
		&specpb.Contribution{Files: []*specpb.RawFile{{Size: 100, Lines: 50, Records: 40, Chunks: make([]*specpb.Chunk, 3)}}},
	)
	want := Totals{Contributions: 2, Files: 3, Chunks: 6, Size: 111, Lines: 56, Records: 45}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("totals (-want +got):\n%s", d)
	}
}
