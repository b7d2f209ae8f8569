//go:build unix && !aix

package dataset

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAddSpecialFiles(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	listener, err := net.Listen("unix", in("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	target := write(t, "conn.log", log)
	if err := errors.Join(os.Symlink(target, in("link")), os.Symlink("nowhere", in("dangling")), syscall.Mkfifo(in("pipe"), 0o600)); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, path, kind string }{
		{"symbolic link", in("link"), "a symbolic link"},
		{"dangling link", in("dangling"), "a symbolic link"},
		{"pipe without a writer", in("pipe"), "a named pipe"},
		{"socket", in("socket"), "a socket"},
		{"directory", dir, "a directory"},
		{"device", os.DevNull, "a device"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Add(t.Context(), AddOptions{Store: newMemory(), Path: tt.path, Parser: "conn", Source: zeek})
			refused(t, err, &NotRegularError{Kind: tt.kind}, "add "+tt.path+": is "+tt.kind+", not a regular file")
		})
	}
}

// TestOpenRawSwapped puts something else in the place of a file between its
// inspection and its opening.
func TestOpenRawSwapped(t *testing.T) {
	tests := []struct {
		name string
		put  func(path string) error
	}{
		{"link", func(path string) error { return os.Symlink(path+".1", path) }},
		{"pipe", func(path string) error { return syscall.Mkfifo(path, 0o600) }},
		{"directory", func(path string) error { return os.Mkdir(path, 0o700) }},
		{"file", func(path string) error { return os.WriteFile(path, []byte(log), 0o600) }},
		{"nothing", func(path string) error { return nil }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, "conn.log", log)
			before, err := inspect(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(os.Rename(path, path+".1"), tt.put(path)); err != nil {
				t.Fatal(err)
			}
			_, err = openRaw(path, before)
			if d := cmp.Diff(error(&ChangedError{How: "was replaced"}), err); d != "" {
				t.Errorf("error (-want +got):\n%s", d)
			}
		})
	}
}
