package vcs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// maxIgnoreFile is the most bytes an ignore file may have.
const maxIgnoreFile = 1 << 20

// walker lists the files of a work tree that Git would offer to add.
type walker struct {
	repo   *Repo
	within []string
	files  map[string]bool
}

// walk adds the files below dir. The patterns are those of the directories
// above it.
func (w *walker) walk(dir string, patterns []gitignore.Pattern) error {
	entries, err := os.ReadDir(w.repo.file(dir))
	if err != nil {
		return err
	}
	more, err := w.repo.patterns(dir)
	if err != nil {
		return err
	}
	// A full slice expression: siblings must not share what is appended.
	patterns = append(patterns[:len(patterns):len(patterns)], more...)
	matcher := gitignore.NewMatcher(patterns)
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		where := touches(w.within, name)
		if where == outside || e.Name() == ".git" || matcher.Match(strings.Split(name, "/"), e.IsDir()) {
			continue
		}
		switch {
		case e.IsDir():
			if w.repo.exists(path.Join(name, ".git")) {
				continue // a repository of its own
			}
			if err := w.walk(name, patterns); err != nil {
				return err
			}
		case where == inside && (e.Type().IsRegular() || e.Type() == fs.ModeSymlink):
			w.files[name] = true
		}
	}
	return nil
}

// patterns reads the ignore file of one directory.
func (r *Repo) patterns(dir string) ([]gitignore.Pattern, error) {
	file := r.file(path.Join(dir, ".gitignore"))
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() { // like Git, follow no link
		return nil, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var domain []string
	if dir != "." {
		domain = strings.Split(dir, "/")
	}
	return parseIgnore(f, file, domain)
}

// excludes reads the repository's own ignore file, info/exclude.
func (r *Repo) excludes() ([]gitignore.Pattern, error) {
	storage, ok := r.git.Storer.(*filesystem.Storage)
	if !ok {
		return nil, nil
	}
	f, err := storage.Filesystem().Open("info/exclude")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseIgnore(f, "info/exclude", nil)
}

func parseIgnore(r io.Reader, name string, domain []string) ([]gitignore.Pattern, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxIgnoreFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(data) > maxIgnoreFile {
		return nil, fmt.Errorf("read %s: larger than %d bytes", name, maxIgnoreFile)
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	var patterns []gitignore.Pattern
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#") {
			patterns = append(patterns, gitignore.ParsePattern(line, domain))
		}
	}
	return patterns, nil
}
