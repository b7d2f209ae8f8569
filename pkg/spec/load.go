package spec

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// Where the specs of a project stand.
const (
	ProjectFile     = "mlp.textproto"
	ParsersDir      = "specs/parsers"
	FeatureSetsDir  = "specs/features"
	ListsDir        = "specs/lists"
	FunctionsDir    = "specs/functions"
	ModelsDir       = "specs/models"
	EnvironmentsDir = "specs/environments"
	DatasetsDir     = "datasets"
	DatasetFile     = "dataset.textproto"
)

const (
	extension = ".textproto"
	// What the files of a project may hold together; each counts fileCost more.
	maxProject = 64 << 20
	fileCost   = 4 << 10
)

// Load reads the project in fsys: [ProjectFile], which must be there, the
// specs, the golden datasets, and the parameter types of trainers. Each
// directory of trainers, which may be nil, may hold a params.proto; those in
// the project's own trainers/ directory are added, and stand in for one of the
// same name.
//
// The workspace is never nil. Where there are errors it holds what could be
// read; a file that could not be read at all has an empty message, so that its
// name is known. The list is sorted.
func Load(fsys fs.FS, trainers fs.FS) (*Workspace, diag.List) {
	l := &loader{fsys: fsys, ws: &Workspace{sources: map[string][]byte{}}}
	l.trainerTypes(trainers)
	l.project()
	l.projectDir(".", "specs")
	l.unexpectedDirs()
	w := l.ws
	l.lists()
	w.Parsers = load(l, l.flat(ParsersDir), func() *specpb.Parser { return new(specpb.Parser) }, checkParser)
	w.Functions = load(l, l.flat(FunctionsDir), func() *specpb.Function { return new(specpb.Function) }, checkFunction)
	w.FeatureSets = load(l, l.flat(FeatureSetsDir), func() *specpb.FeatureSet { return new(specpb.FeatureSet) }, checkFeatureSet)
	w.Models = load(l, l.flat(ModelsDir), func() *specpb.Model { return new(specpb.Model) }, checkModel)
	w.Environments = load(l, l.flat(EnvironmentsDir), func() *specpb.Environment { return new(specpb.Environment) }, checkEnvironment)
	w.Datasets = load(l, l.datasetFiles(), func() *specpb.Dataset { return new(specpb.Dataset) }, checkDataset)
	return w, l.list.Sorted()
}

// loader reads one project.
type loader struct {
	fsys  fs.FS
	ws    *Workspace
	list  diag.List
	bytes int // read so far
}

// specFile is a file that holds a spec, and the name that its path gives it.
type specFile struct{ path, name string }

func (l *loader) project() {
	w := l.ws
	w.Project = Spec[*specpb.Project]{Spec: new(specpb.Project), Doc: &Document{Path: ProjectFile, Message: new(specpb.Project)}}
	if _, err := fs.Lstat(l.fsys, ProjectFile); errors.Is(err, fs.ErrNotExist) {
		l.list.Errorf(diag.Span{File: ProjectFile}, "no-project", "there is no %s here", ProjectFile).
			Hintf("`mlp init DIR` makes a project; --chdir DIR works in one")
		return
	}
	doc, ok := readSpec(l, ProjectFile, w.Project.Spec, checkProject)
	w.Project.Doc = doc
	if ok {
		w.Project.Name = w.Project.Spec.GetName()
	}
}

// named is a spec with a name, which all of them are.
type named interface {
	proto.Message
	GetName() string
}

// load reads specs of one kind.
func load[T named](l *loader, files []specFile, fresh func() T, check func(*checker, T)) []Spec[T] {
	var specs []Spec[T]
	taken := map[string]*Document{} // by name in lower case
	for _, f := range files {
		m := fresh()
		doc, ok := readSpec(l, f.path, m, check)
		s := Spec[T]{Name: m.GetName(), Doc: doc, Spec: m}
		at := doc.Field(m, "name")
		if s.Name == "" {
			s.Name = f.name
		} else if ok && s.Name != f.name {
			l.list.Errorf(at, "name-mismatch", "name is %q, but the file's path says %q", s.Name, f.name)
		}
		key := strings.ToLower(s.Name)
		if first := taken[key]; first != nil {
			l.list.Errorf(at, "duplicate-name", "%q is a name that is taken (case does not count)", s.Name).
				Notef(first.Field(first.Message, "name"), "taken here")
			continue
		}
		taken[key] = doc
		specs = append(specs, s)
	}
	slices.SortFunc(specs, func(a, b Spec[T]) int { return strings.Compare(a.Name, b.Name) })
	return specs
}

// readSpec reads and checks one file; false where nothing of it could be read.
func readSpec[T named](l *loader, file string, m T, check func(*checker, T)) (*Document, bool) {
	src, ok := l.readFile(l.fsys, file, file)
	if !ok {
		return &Document{Path: file, Message: m}, false
	}
	if at, found := otherMessage(file, src, m); found != "" {
		want := m.ProtoReflect().Descriptor().FullName()
		l.list.Errorf(at, "wrong-message", "this file says it is a %s, but files here are %s", found, want)
		return &Document{Path: file, Source: src, Message: m}, false
	}
	doc, list := Read(file, src, m, l.ws.Types)
	c := &checker{doc: doc, list: &list, partial: list.HasErrors()}
	c.values(m)
	check(c, m)
	l.list = append(l.list, list...)
	return doc, true
}

// otherMessage looks for the comment "# proto-message: NAME" among the lines
// that a file begins with, and returns the name where it is not that of m.
func otherMessage(file string, src []byte, m proto.Message) (diag.Span, string) {
	line := 0
	for text := range strings.Lines(string(src)) {
		line++
		text = strings.TrimRight(text, " \t\r\n")
		if text == "" {
			continue
		}
		comment, ok := strings.CutPrefix(text, "#")
		if !ok {
			break
		}
		value, ok := strings.CutPrefix(strings.TrimSpace(comment), "proto-message:")
		if value = strings.TrimSpace(value); !ok || value == string(m.ProtoReflect().Descriptor().FullName()) {
			continue
		}
		end := 1 + len([]rune(text))
		return diag.Span{File: file, Line: line, Col: end - len([]rune(value)), EndLine: line, EndCol: end}, value
	}
	return diag.Span{}, ""
}

// flat lists the spec files of a directory.
func (l *loader) flat(dir string) []specFile {
	var files []specFile
	for _, e := range l.entries(dir) {
		name, ok := strings.CutSuffix(e.Name(), extension)
		file := path.Join(dir, e.Name())
		switch {
		case dir == ListsDir && path.Ext(e.Name()) == ".csv" && !e.IsDir(): // see lists
		case !ok || e.IsDir():
			l.unexpected(file, "specs here are files NAME%s", extension)
		case l.regular(e, file):
			files = append(files, specFile{path: file, name: name})
		}
	}
	return files
}

// datasetFiles lists the files of the golden datasets.
func (l *loader) datasetFiles() []specFile {
	var files []specFile
	if !l.projectDir(".", DatasetsDir) {
		return nil
	}
	for _, e := range l.entries(DatasetsDir) {
		dir := path.Join(DatasetsDir, e.Name())
		if e.Type()&fs.ModeSymlink != 0 {
			l.symlink(dir)
			continue
		}
		if !e.IsDir() {
			l.unexpected(dir, "golden datasets are directories NAME with a %s", DatasetFile)
			continue
		}
		found := false
		for _, f := range l.entries(dir) {
			file := path.Join(dir, f.Name())
			if f.Name() != DatasetFile {
				l.unexpected(file, "a golden dataset has one file, %s", DatasetFile)
				continue
			}
			found = true
			if l.regular(f, file) {
				files = append(files, specFile{path: file, name: e.Name()})
			}
		}
		if !found {
			l.list.Errorf(diag.Span{File: dir}, "missing-file", "golden dataset %q has no %s", e.Name(), DatasetFile)
		}
	}
	return files
}

// unexpectedDirs warns of directories of specs/ that nothing reads.
func (l *loader) unexpectedDirs() {
	known := []string{path.Base(ParsersDir), path.Base(ListsDir), path.Base(FunctionsDir), path.Base(FeatureSetsDir), path.Base(ModelsDir), path.Base(EnvironmentsDir)}
	for _, e := range l.entries("specs") {
		switch {
		case !slices.Contains(known, e.Name()):
			l.unexpected(path.Join("specs", e.Name()), "specs stand in %s", strings.Join(known, ", ")).DidYouMean(e.Name(), known)
		case e.Type()&fs.ModeSymlink != 0:
			l.symlink(path.Join("specs", e.Name()))
		}
	}
}

// projectDir reports whether a directory is there; it must be a real one.
func (l *loader) projectDir(parent, name string) bool {
	info, err := fs.Lstat(l.fsys, path.Join(parent, name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false
	case err != nil:
		l.unreadable(path.Join(parent, name), err)
		return false
	case info.Mode()&fs.ModeSymlink != 0:
		l.symlink(path.Join(parent, name))
		return false
	}
	return info.IsDir()
}

// entries lists a directory, which may be missing; hidden files and notes for
// people are left out.
func (l *loader) entries(dir string) []fs.DirEntry {
	if info, err := fs.Lstat(l.fsys, dir); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return nil // reported where its parent was listed
	}
	entries, err := fs.ReadDir(l.fsys, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.unreadable(dir, err)
	}
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool {
		return strings.HasPrefix(e.Name(), ".") || path.Ext(e.Name()) == ".md"
	})
}

// regular checks that an entry is a file as such.
func (l *loader) regular(e fs.DirEntry, file string) bool {
	switch {
	case e.Type()&fs.ModeSymlink != 0:
		l.symlink(file)
		return false
	case !e.Type().IsRegular():
		l.list.Errorf(diag.Span{File: file}, "not-a-file", "a spec must be a regular file")
		return false
	}
	return true
}

// readFile returns the text of a file that is shown under a path of the
// project.
func (l *loader) readFile(fsys fs.FS, file, shown string) ([]byte, bool) {
	info, err := fs.Lstat(fsys, file)
	if err != nil {
		l.unreadable(shown, err)
		return nil, false
	}
	if !l.regular(fs.FileInfoToDirEntry(info), shown) {
		return nil, false
	}
	if l.bytes > maxProject {
		return nil, false // reported with the file that went beyond
	}
	src, err := readCapped(fsys, file)
	if err != nil {
		l.unreadable(shown, err)
		return nil, false
	}
	if len(src) > MaxFileSize {
		l.list.Errorf(diag.Span{File: shown}, "too-large", "file has more than %d bytes", MaxFileSize)
		return nil, false
	}
	if l.bytes += len(src) + fileCost; l.bytes > maxProject {
		l.list.Errorf(diag.Span{File: shown}, "too-large", "the files of the project have more than %d bytes together", maxProject)
		return nil, false
	}
	l.ws.sources[shown] = src
	return src, true
}

// readCapped returns a file, and a byte more than the cap of one beyond it.
func readCapped(fsys fs.FS, file string) ([]byte, error) {
	f, err := fsys.Open(file)
	if err != nil {
		return nil, err
	}
	src, err := io.ReadAll(io.LimitReader(f, MaxFileSize+1))
	return src, errors.Join(err, f.Close())
}

func (l *loader) symlink(file string) {
	l.list.Errorf(diag.Span{File: file}, "symlink", "symbolic links are not followed").
		Hintf("put the file itself here")
}

func (l *loader) unexpected(file, format string, args ...any) *diag.Diagnostic {
	return l.list.Warnf(diag.Span{File: file}, "unexpected-file", "nothing reads this").Hintf(format, args...)
}

func (l *loader) unreadable(file string, err error) {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err // the path is in the span
	}
	l.list.Errorf(diag.Span{File: file}, "unreadable", "file cannot be read: %v", err)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
