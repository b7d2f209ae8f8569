package compression

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
)

const text = "one\ntwo\nthree\n"

func gzipped(t testing.TB, parts ...string) string {
	t.Helper()
	var out bytes.Buffer
	for _, p := range parts {
		w := gzip.NewWriter(&out)
		if _, err := io.WriteString(w, p); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func zstded(t testing.TB, parts ...string) string {
	t.Helper()
	var out bytes.Buffer
	for _, p := range parts {
		w, err := zstd.NewWriter(&out)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, p); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// read returns all that an input gives.
func read(in string) (string, Kind, error) {
	r, err := NewReader(iotest.OneByteReader(strings.NewReader(in)))
	if err != nil {
		return "", "", err
	}
	defer r.Close()
	out, err := io.ReadAll(r)
	if err == nil && r.In() != int64(len(in)) {
		err = errors.New("not all was read")
	}
	return string(out), r.Kind(), err
}

func TestRead(t *testing.T) {
	long := strings.Repeat(text, 100_000)
	skipped := "\x5f\x2a\x4d\x18\x03\x00\x00\x00abc"
	tests := []struct {
		name, in, want string
		kind           Kind
	}{
		{"empty", "", "", None},
		{"short", "a", "a", None},
		{"plain", text, text, None},
		{"plain that looks odd", "\x1f\x8bX", "\x1f\x8bX", None},
		{"the start of bzip2's", "BZh91AY", "BZh91AY", None},
		{"gzip", gzipped(t, long), long, Gzip},
		{"gzip of nothing", gzipped(t, ""), "", Gzip},
		{"gzip in members", gzipped(t, "one\nt", "", "wo\n", "three\n"), text, Gzip},
		{"zstd", zstded(t, long), long, Zstd},
		{"zstd in frames", zstded(t, "one\nt", "wo\n", "three\n"), text, Zstd},
		{"zstd behind a frame to skip", skipped + zstded(t, text), text, Zstd},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, kind, err := read(tt.in)
			if err != nil || got != tt.want || kind != tt.kind {
				t.Errorf("%d bytes of %q, %v; want %d of %q", len(got), kind, err, len(tt.want), tt.kind)
			}
		})
	}
}

// TestDamaged cuts and changes streams at every byte: each gives the log, or
// an error that says how much of it was read.
func TestDamaged(t *testing.T) {
	for kind, whole := range map[Kind]string{Gzip: gzipped(t, text), Zstd: zstded(t, text)} {
		for n := 4; n < len(whole); n++ {
			got, _, err := read(whole[:n])
			var e *Error
			if !errors.As(err, &e) || !e.Cut || e.Kind != kind || e.Plain != int64(len(got)) || !strings.HasPrefix(text, got) || e.Hint() == "" {
				t.Errorf("%s cut at %d: %q, %v", kind, n, got, err)
			}
		}
		for i := 4; i < len(whole); i++ {
			damaged := []byte(whole)
			damaged[i] ^= 0x5a
			got, _, err := read(string(damaged))
			var e *Error
			if err == nil && got != text || err != nil && !errors.As(err, &e) {
				t.Errorf("%s with byte %d changed: %q, %v", kind, i, got, err)
			}
		}
		if _, _, err := read(whole + "more"); err == nil || !strings.Contains(err.Error(), "after 14 bytes of the log") {
			t.Errorf("%s with more behind it: %v", kind, err)
		}
	}
}

func TestUnsupported(t *testing.T) {
	for in, want := range map[string]string{
		"\xfd7zXZ\x00\x00":     "is compressed (xz)",
		"BZh91AY&SY\x01\x02":   "is compressed (bzip2)",
		"PK\x03\x04abc":        "is compressed (zip)",
		"\xff\xfea\x00\n\x00":  "is text in UTF-16",
		"\xfe\xff\x00a\x00\n":  "is text in UTF-16",
		"\x04\x22\x4d\x18\x64": "is compressed (lz4)",
	} {
		_, _, err := read(in)
		var e *UnsupportedError
		if !errors.As(err, &e) || err.Error() != want || e.Hint() == "" {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
}

// TestExpands refuses a stream that is made to fill a disk, and no other.
func TestExpands(t *testing.T) {
	in := zstded(t, strings.Repeat("a\n", 1<<20))
	r, err := NewReader(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	r.limits.plain, r.limits.ratio = 1<<20, 1000
	if _, err := io.Copy(io.Discard, r); !errors.Is(err, errExpands) || r.out > 3<<20 {
		t.Errorf("%v after %d bytes", err, r.out)
	}
	if _, _, err := read(in); err != nil {
		t.Error(err)
	}
}

// TestInputError tells an error of the disk from a damaged stream.
func TestInputError(t *testing.T) {
	broken := &os.PathError{Op: "read", Path: "x", Err: errors.New("disk")}
	whole := gzipped(t, text)
	r, err := NewReader(io.MultiReader(strings.NewReader(whole[:20]), iotest.ErrReader(broken)))
	if err == nil {
		_, err = io.ReadAll(r)
	}
	var e *Error
	if !errors.Is(err, broken) || errors.As(err, &e) {
		t.Errorf("%v", err)
	}
}

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte(gzipped(t, text)), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil || string(got) != text {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Open(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
