package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store/disk"
)

// pather is a store whose objects are files.
type pather interface {
	// Path returns where the file of an object is, there or not.
	Path(d digest.Digest) string
}

// LocalPath returns the path of a local file that holds the object d, its
// bytes verified by this call: the object's own file, never to be written to,
// where the store has one (a method Path(digest.Digest) string); else a copy
// in cacheDir, an existing directory, which is made where there is none yet.
func LocalPath(ctx context.Context, s Store, d digest.Digest, cacheDir string) (string, error) {
	if p, ok := s.(pather); ok && p.Path(d) != "" {
		r, err := s.Get(ctx, d)
		if err != nil {
			return "", err
		}
		defer r.Close()
		return p.Path(d), Copy(ctx, io.Discard, r, d)
	}
	path := filepath.Join(cacheDir, "sha256-"+d.Hex())
	if holds(path, d) {
		return path, nil
	}
	if err := fetch(ctx, s, d, path); err != nil {
		return "", err
	}
	return path, nil
}

// holds reports whether a file has these bytes; a damaged one is fetched anew.
func holds(path string, d digest.Digest) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	got, _, err := digest.OfReader(f)
	return err == nil && got == d
}

func fetch(ctx context.Context, s Store, d digest.Digest, path string) (err error) {
	r, err := s.Get(ctx, d)
	if err != nil {
		return err
	}
	defer r.Close()
	temp, err := disk.NewTemp(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("cache %s: %w", d, err)
	}
	defer func() { err = errors.Join(err, temp.Close()) }()
	if _, err := io.Copy(temp, &source{ctx: ctx, r: r}); err != nil {
		return fmt.Errorf("cache %s: %w", d, err)
	}
	if err := temp.Rename(path); err != nil {
		return fmt.Errorf("cache %s: %w", d, err)
	}
	return nil
}
