package store_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store"
)

func TestVerifyReader(t *testing.T) {
	d := digest.Of([]byte("good bytes"))
	broken := errors.New("broken disk")
	tests := []struct {
		name string
		r    io.Reader
		want error
	}{
		{"right", strings.NewReader("good bytes"), nil},
		{"right, byte by byte", iotest.OneByteReader(strings.NewReader("good bytes")), nil},
		{"right, end with the data", iotest.DataErrReader(strings.NewReader("good bytes")), nil},
		{"wrong", strings.NewReader("good bits"), store.ErrCorrupt},
		{"wrong, end with the data", iotest.DataErrReader(strings.NewReader("good bits")), store.ErrCorrupt},
		{"cut short", strings.NewReader("good"), store.ErrCorrupt},
		{"own error", io.MultiReader(strings.NewReader("good"), iotest.ErrReader(broken)), broken},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := store.VerifyReader(io.NopCloser(test.r), d)
			_, err := io.ReadAll(r)
			if !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if _, again := r.Read(make([]byte, 1)); test.want != nil && !errors.Is(again, test.want) {
				t.Errorf("second error %v, want %v", again, test.want)
			}
		})
	}
}

func TestError(t *testing.T) {
	cause := errors.New("disk full")
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"kind alone", &store.Error{Op: "read", Object: "log/a", Kind: store.ErrNotExist}, "read log/a: not in the store"},
		{"with a cause", &store.Error{Op: "put", Object: "x", Kind: store.ErrUnavailable, Err: cause}, "put x: store unavailable: disk full"},
		{"a long name is cut", store.CheckName(strings.Repeat("/", 2000)), `store name "` + strings.Repeat("/", 80) + `…": is longer than 1024 bytes`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.err.Error() != test.want {
				t.Errorf("got %q, want %q", test.err, test.want)
			}
		})
	}
	if err := tests[1].err; !errors.Is(err, cause) || !errors.Is(err, store.ErrUnavailable) {
		t.Error("kind or cause is lost")
	}
}

// FuzzCheckName: an accepted name stays below a directory that it is joined
// to, and every prefix of it is one that List takes.
func FuzzCheckName(f *testing.F) {
	for _, s := range []string{"a/b", "../a", "a/./b", "objects/x", "a//b", "log/local/0000000001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if store.CheckName(name) != nil {
			return
		}
		if strings.Contains("/"+name+"/", "/../") || strings.HasPrefix(name, "/") || len(name) > 1024 {
			t.Errorf("accepted %q", name)
		}
		for i := range name {
			if err := store.CheckPrefix(name[:i]); err != nil && !strings.HasPrefix("objects/", name[:i]) {
				t.Errorf("prefix %q of %q: %v", name[:i], name, err)
			}
		}
	})
}
