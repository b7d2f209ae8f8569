package disk_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/store/disk"
)

func TestMkdirAll(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "a", "b", "c")
	for range 2 {
		if err := disk.MkdirAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		t.Errorf("Stat = %v, %v", info, err)
	}
	file := filepath.Join(root, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{file, filepath.Join(file, "below")} {
		if err := disk.MkdirAll(bad); err == nil {
			t.Errorf("MkdirAll(%s): no error", bad)
		}
	}
}

func TestTemp(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	write := func(text string, place func(*disk.Temp, string) error) error {
		temp, err := disk.NewTemp(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := temp.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		err = place(temp, path)
		if cerr := temp.Close(); cerr != nil {
			t.Fatal(cerr)
		}
		return err
	}
	tests := []struct {
		name  string
		place func(*disk.Temp, string) error
		err   error
		want  string
	}{
		{"link to a free place", (*disk.Temp).Link, nil, "link to a free place"},
		{"link to a taken place", (*disk.Temp).Link, fs.ErrExist, "link to a free place"},
		{"rename over it", (*disk.Temp).Rename, nil, "rename over it"},
		{"no place", func(*disk.Temp, string) error { return nil }, nil, "rename over it"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := write(test.name, test.place); !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v", err, test.err)
			}
			got, err := os.ReadFile(path)
			if string(got) != test.want || err != nil {
				t.Errorf("file holds %q, %v; want %q", got, err, test.want)
			}
			if entries, _ := os.ReadDir(dir); len(entries) != 1 {
				t.Errorf("files left: %v", entries)
			}
		})
	}
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	dead := filepath.Join(dir, "dead")
	if err := os.WriteFile(dead, nil, 0o400); err != nil {
		t.Fatal(err)
	}
	living, err := disk.NewTemp(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := disk.Sweep(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dead); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the dead one's file: %v", err)
	}
	if err := living.Link(filepath.Join(dir, "placed")); err != nil {
		t.Errorf("the living one's file: %v", err)
	}
	if err := living.Close(); err != nil {
		t.Error(err)
	}
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	held, err := disk.Acquire(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if l, err := disk.TryAcquire(path); l != nil || err != nil {
		t.Errorf("TryAcquire of a held lock = %v, %v", l, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := disk.Acquire(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Acquire of a held lock: %v", err)
	}
	if err := held.Release(); err != nil {
		t.Fatal(err)
	}
	again, err := disk.Acquire(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	again.Release()
}
