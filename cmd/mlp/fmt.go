package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/format"
	"github.com/mlpdev/mlp/pkg/spec"
)

type fmtOptions struct {
	*app
	paths     []string
	check     bool
	diff      bool
	stdinName string
}

func newFmtCmd(a *app) *cobra.Command {
	o := &fmtOptions{app: a}
	cmd := &cobra.Command{
		Use:   "fmt [PATH...]",
		Short: "Format specs and the SQL in them",
		Long: `Give spec files one layout, and the SQL in them one spelling: keywords in upper
case, functions and types in lower case, one space around operators, text in
single quotes. What stands on one line stays on one line, long expressions stay
in the parts that their author cut them into, and every comment stays. The index
of a parser's fields is made to agree with their definitions, and the comments
proto-file and proto-message are added where they are missing. Formatting
changes no meaning: a plan before and after is the same.

PATH is a spec file or a directory; without one, all specs of the project are
formatted. The names of the files that were rewritten are printed. A file with
mistakes of syntax is reported and left as it is. With - as PATH, standard input
is formatted to standard output, for editors.`,
		Args: anyArgs,
		Example: `  mlp fmt
  mlp fmt --check                     # in CI: status 1 if a file would change
  mlp fmt --diff specs/parsers
  mlp fmt - --stdin-name specs/features/dns.textproto < dns.textproto`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.paths = args
			return o.run(cmd)
		},
	}
	cmd.Flags().BoolVar(&o.check, "check", false, "print the names of files that would change, and write nothing")
	cmd.Flags().BoolVar(&o.diff, "diff", false, "print what would change, and write nothing")
	cmd.Flags().StringVar(&o.stdinName, "stdin-name", "", "with -, the `PATH` that standard input is the text of")
	return cmd
}

// specText is a spec file as it was read.
type specText struct {
	name string // in messages: relative to the project, where it is in one
	path string // "" for standard input
	text []byte
}

// unformattedError says that files would change. It ends with status 1.
type unformattedError struct{ files int }

// Error counts the files.
func (e *unformattedError) Error() string {
	if e.files == 1 {
		return "1 file is not formatted"
	}
	return fmt.Sprintf("%d files are not formatted", e.files)
}

// Hint says what formats them.
func (e *unformattedError) Hint() string { return "mlp fmt" }

// unknownFileError says that nothing tells what a file holds.
type unknownFileError struct{ name string }

// Error names the file.
func (e *unknownFileError) Error() string {
	return fmt.Sprintf("format %s: nothing says what it holds", e.name)
}

// Hint says how to tell.
func (e *unknownFileError) Hint() string {
	if e.name == stdinFile {
		return "name its place in the project with --stdin-name, or begin it with # proto-message: NAME"
	}
	return "begin it with the comment # proto-message: NAME, as in mlp.v1.Parser"
}

// stdinFile is what messages call standard input.
const stdinFile = "standard input"

func (o *fmtOptions) run(cmd *cobra.Command) error {
	stdin := slices.Contains(o.paths, "-")
	switch {
	case stdin && len(o.paths) > 1:
		return &usageError{cmd: cmd, message: "- stands alone: standard input has one file"}
	case !stdin && o.stdinName != "":
		return &usageError{cmd: cmd, message: "--stdin-name is for standard input, which is -"}
	}
	files, err := o.read(stdin)
	if err != nil {
		return err
	}
	o.source = func(name string) []byte {
		for _, f := range files {
			if f.name == name {
				return f.text
			}
		}
		return nil
	}
	var wrong diag.List
	changed := 0
	for _, f := range files {
		m := spec.MessageOf(filepath.ToSlash(f.name), f.text)
		if m == nil {
			return &unknownFileError{f.name}
		}
		text, list := format.File(filepath.ToSlash(f.name), f.text, m)
		if wrong = append(wrong, list...); list.HasErrors() {
			continue
		}
		if !bytes.Equal(text, f.text) {
			changed++
		}
		if err := o.put(f, text); err != nil {
			return err
		}
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	if o.check && changed > 0 {
		return &unformattedError{changed}
	}
	return nil
}

// put writes a formatted file, or says that it would change.
func (o *fmtOptions) put(f specText, text []byte) error {
	same := bytes.Equal(text, f.text)
	switch {
	case o.diff && !same:
		_, err := o.stdout.Write(diff.Diff("a/"+f.name, f.text, "b/"+f.name, text))
		return err
	case o.diff || o.check && same:
		return nil
	case f.path == "" && !o.check:
		_, err := o.stdout.Write(text)
		return err
	case same:
		return nil
	}
	if !o.check {
		if err := replaceFile(f.path, text); err != nil {
			return fmt.Errorf("format %s: %w", f.name, err)
		}
	}
	return printf(o.stdout, "%s\n", f.name)
}

// read reads the files to format.
func (o *fmtOptions) read(stdin bool) ([]specText, error) {
	root, err := o.projectRoot()
	var none *noProjectError
	if errors.As(err, &none) && len(o.paths) > 0 {
		root, err = "", nil // a file may say itself what it holds
	}
	if err != nil {
		return nil, err
	}
	if stdin {
		f := specText{name: stdinFile}
		if o.stdinName != "" {
			f.name = nameIn(root, o.path(o.stdinName), o.stdinName)
		}
		if f.text, err = io.ReadAll(io.LimitReader(o.stdin, spec.MaxFileSize+1)); err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return []specText{f}, nil
	}
	paths := o.paths
	if len(paths) == 0 {
		for _, name := range []string{spec.ProjectFile, "specs", spec.DatasetsDir} {
			if _, err := os.Lstat(filepath.Join(root, name)); err == nil {
				paths = append(paths, filepath.Join(root, name))
			}
		}
	}
	var files []specText
	for _, given := range paths {
		found, err := specFiles(o.path(given))
		if err != nil {
			return nil, err
		}
		for _, path := range found {
			name := nameIn(root, path, given)
			if slices.ContainsFunc(files, func(f specText) bool { return f.path == path }) {
				continue
			}
			text, err := readSpecFile(path)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
			files = append(files, specText{name: name, path: path, text: text})
		}
	}
	return files, nil
}

// nameIn returns what messages call a file: its path in the project, or what
// the user called it where it is not in one.
func nameIn(root, path, given string) string {
	if root != "" {
		if name, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(name) {
			return filepath.ToSlash(name)
		}
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() || filepath.Base(path) == filepath.Base(given) {
		return given
	}
	return path
}

// specFiles returns the spec files at a path, which is a file or a directory.
// Hidden directories and symbolic links are passed over.
func specFiles(path string) ([]string, error) {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return nil, err
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, fmt.Errorf("%s is a symbolic link; they are not followed", path)
	case !info.IsDir():
		return []string{path}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name != path && strings.HasPrefix(e.Name(), "."):
			return fs.SkipDir
		case e.Type().IsRegular() && filepath.Ext(name) == ".textproto" && !strings.HasPrefix(e.Name(), "."):
			files = append(files, name)
		}
		return nil
	})
	return files, err
}

// readSpecFile reads a file, and no more of it than shows that it is too large.
func readSpecFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, spec.MaxFileSize+1))
	return text, errors.Join(err, f.Close())
}
