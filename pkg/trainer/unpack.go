package trainer

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/mlpdev/mlp/pkg/digest"
)

// Unpack writes the files of fsys into cacheDir/trainers/DIGEST and returns
// that directory. It appears at once and whole; one that is there already is
// used only if its files have the right bytes, and made anew otherwise.
func Unpack(fsys fs.FS, cacheDir string) (string, error) {
	files, err := readFiles(fsys)
	if err != nil {
		return "", fmt.Errorf("unpack trainers: %w", err)
	}
	parent := filepath.Join(cacheDir, "trainers")
	dir := filepath.Join(parent, filesDigest(files).Hex()[:16])
	if sameFiles(dir, files) {
		return dir, nil
	}
	if err := replaceDir(parent, dir, files); err != nil && !sameFiles(dir, files) {
		return "", fmt.Errorf("unpack trainers: %w", err)
	}
	return dir, nil
}

type packed struct {
	path  string // slash-separated
	bytes []byte
}

// readFiles returns the files in the order of their paths.
func readFiles(fsys fs.FS) ([]packed, error) {
	var files []packed
	err := fs.WalkDir(fsys, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, path)
		files = append(files, packed{path, text})
		return err
	})
	return files, err
}

func filesDigest(files []packed) digest.Digest {
	c := digest.New("trainers")
	for _, f := range files {
		c.String("path", f.path).Bytes("bytes", f.bytes)
	}
	return c.Sum()
}

// sameFiles reports whether dir has these files with these bytes.
func sameFiles(dir string, files []packed) bool {
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.path)))
		if err != nil || !bytes.Equal(text, f.bytes) {
			return false
		}
	}
	return true
}

// replaceDir writes the files beside dir and renames; what was there before
// goes away. Where another process does the same at once, one of them wins.
func replaceDir(parent, dir string, files []packed) (err error) {
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return err
	}
	staged, err := os.MkdirTemp(parent, "new-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staged)) }()
	whole := filepath.Join(staged, "files")
	for _, f := range files {
		path := filepath.Join(whole, filepath.FromSlash(f.path))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.bytes, 0o666); err != nil {
			return err
		}
	}
	old := filepath.Join(staged, "old")
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(whole, dir)
}
