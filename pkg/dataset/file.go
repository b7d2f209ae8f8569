package dataset

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"unicode"
	"unicode/utf8"
)

// maxName is the most bytes that the base name of a raw file may have.
const maxName = 255

const (
	kindLink      = "a symbolic link"
	kindDirectory = "a directory"
)

// kindOf says in words what a path names that is no regular file.
func kindOf(m fs.FileMode) string {
	switch {
	case m&fs.ModeSymlink != 0:
		return kindLink
	case m.IsDir():
		return kindDirectory
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "a special file"
}

// inspect returns what stands at path, which must be a regular file.
func inspect(path string) (fs.FileInfo, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &NotRegularError{Kind: kindOf(info.Mode())}
	}
	return info, nil
}

// rawFile is an open file and what was known of it before it was opened.
type rawFile struct {
	*os.File
	path   string
	before fs.FileInfo
}

// openRaw opens the regular file that inspect found at path. What may have
// taken its place since is neither followed nor waited for.
func openRaw(path string, before fs.FileInfo) (*rawFile, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|openFlags, 0)
	if err != nil {
		if now, again := inspect(path); again != nil || !os.SameFile(before, now) {
			return nil, &ChangedError{How: "was replaced"}
		}
		return nil, err
	}
	raw := &rawFile{File: f, path: path, before: before}
	if err := raw.unchanged(); err != nil {
		f.Close()
		return nil, err
	}
	return raw, nil
}

// unchanged compares the open file, and what stands at its path, with what
// stood there before.
func (f *rawFile) unchanged() error {
	open, err := f.Stat()
	if err != nil {
		return err
	}
	there, err := os.Lstat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return &ChangedError{How: "was removed"}
	}
	if err != nil {
		return err
	}
	switch {
	case !os.SameFile(f.before, open) || !os.SameFile(f.before, there):
		return &ChangedError{How: "was replaced"}
	case open.Size() > f.before.Size():
		return &ChangedError{How: "grew"}
	case open.Size() < f.before.Size():
		return &ChangedError{How: "was cut short"}
	case !open.ModTime().Equal(f.before.ModTime()):
		return &ChangedError{How: "was written to"}
	}
	return nil
}

// content returns a reader of the file that ends just behind the size it had,
// however fast something may be writing to it.
func (f *rawFile) content() io.Reader { return io.LimitReader(f, f.before.Size()+1) }

// checkName refuses names that cannot stand in a spec, or would hide
// something there.
func checkName(name string) error {
	ok := len(name) <= maxName && utf8.ValidString(name)
	for _, r := range name {
		ok = ok && unicode.IsGraphic(r)
	}
	if !ok {
		return &FileNameError{Name: name}
	}
	return nil
}
