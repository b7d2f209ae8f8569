// Package mlp_test holds truths about the whole repository: who may import
// whom, that what is generated is current, that what documents name exists.
package mlp_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/mlpdev/mlp/"

// layers says which packages of the project each package may import, outside
// its tests. A package that is not here fails TestImports: give it a line.
func layers() map[string]string {
	const pure = "pkg/diag pkg/digest pkg/graph pkg/source pkg/spec pkg/specpb pkg/sql"
	const kept = "pkg/digest pkg/dsse pkg/store"
	return map[string]string{
		"pkg/diag":              "",
		"pkg/digest":            "",
		"pkg/source":            "",
		"pkg/compression":       "",
		"pkg/vcs":               "",
		"pkg/onnx":              "",
		"pkg/evaluation":        "",
		"pkg/scaffold":          "",
		"pkg/specpb":            "",
		"pkg/specpb/gen":        "",
		"trainers":              "",
		"pkg/alert":             "pkg/digest",
		"pkg/dsse":              "pkg/digest",
		"pkg/github":            "pkg/digest",
		"pkg/graph":             "pkg/digest",
		"pkg/trainer":           "pkg/digest pkg/pyenv",
		"pkg/spec":              "pkg/diag pkg/digest pkg/specpb",
		"pkg/sparkcsv":          "",
		"pkg/sparkjson":         "",
		"pkg/sparktime":         "",
		"pkg/sql":               "pkg/diag pkg/digest pkg/native pkg/sparkcsv pkg/sparkjson pkg/sparktime",
		"pkg/format":            "pkg/diag pkg/spec pkg/sql",
		"pkg/compile":           pure,
		"pkg/plan":              "pkg/compile " + pure,
		"pkg/page":              "",
		"pkg/report":            "pkg/digest pkg/evaluation pkg/lineage pkg/page",
		"pkg/page/pagetest":     "",
		"pkg/lineage":           "pkg/compile pkg/page pkg/plan " + pure,
		"pkg/store":             "pkg/digest pkg/dsse pkg/store/disk",
		"pkg/store/disk":        "",
		"pkg/store/filestore":   "pkg/digest pkg/store pkg/store/disk",
		"pkg/store/memstore":    "pkg/digest pkg/store",
		"pkg/store/faultstore":  "pkg/digest pkg/store",
		"pkg/store/s3":          "pkg/digest pkg/store",
		"pkg/store/s3/s3test":   "",
		"pkg/store/storetest":   "pkg/digest pkg/store",
		"pkg/doctor":            "pkg/digest pkg/store",
		"pkg/dataset":           "pkg/compression pkg/digest pkg/source pkg/specpb pkg/store",
		"pkg/release":           kept,
		"pkg/receipt":           "pkg/release " + kept,
		"pkg/status":            "pkg/compile pkg/receipt pkg/release " + kept + " " + pure,
		"pkg/pull":              "pkg/receipt pkg/release pkg/specpb pkg/store/disk " + kept,
		"pkg/native":            "pkg/source pkg/sparkcsv pkg/sparkjson pkg/sparktime",
		"pkg/engine/duckdb":     "pkg/digest pkg/native pkg/source",
		"pkg/engine/enginetest": "pkg/diag pkg/digest pkg/source pkg/sql",
		"pkg/example":           "pkg/compile pkg/engine/duckdb pkg/preview " + pure,
		"pkg/preview":           "pkg/compile pkg/engine/duckdb pkg/engine/spark " + pure,
		"pkg/feedback":          "pkg/alert pkg/compile pkg/dataset pkg/digest pkg/dsse pkg/engine/duckdb pkg/source pkg/specpb pkg/sql",
		"pkg/score":             "pkg/alert pkg/compile pkg/engine/duckdb pkg/onnx pkg/release " + pure,
		"pkg/run": "pkg/compile pkg/dataset pkg/engine/duckdb pkg/engine/spark pkg/evaluation pkg/lineage pkg/onnx pkg/plan pkg/pull pkg/release pkg/report " +
			"pkg/receipt pkg/score pkg/status pkg/trainer pkg/vcs trainers " + kept + " " + pure,
		"pkg/run/runtest":  "pkg/dsse pkg/release pkg/store",
		"cmd/mlp":          "*",
		"acceptance/check": "*",
		"bench/engines":    "*",
		"trainers/setup":   "pkg/pyenv trainers",
		"pkg/pyenv":        "pkg/digest",

		"pkg/engine/spark":       "pkg/diag pkg/digest pkg/pyenv pkg/source pkg/specpb pkg/sql trainers",
		"pkg/engine/spark/setup": "pkg/engine/spark",

		"pkg/engine/enginetest/answers":       "pkg/engine/enginetest pkg/sql",
		"pkg/engine/enginetest/answers/spark": "pkg/engine/enginetest/answers",
	}
}

// impure are the packages that need cgo; all others build without it.
func impure() []string {
	return []string{"acceptance/check", "bench/engines", "cmd/mlp", "pkg/engine/duckdb", "pkg/example", "pkg/feedback", "pkg/onnx", "pkg/preview", "pkg/run", "pkg/score"}
}

// owners says which packages may import an outside library, by the start of
// its import path.
func owners() map[string][]string {
	return map[string][]string{
		"github.com/go-git/":                            {"pkg/vcs"},
		"github.com/duckdb/":                            {"pkg/engine/duckdb"},
		"github.com/yalue/onnxruntime_go":               {"pkg/onnx"},
		"github.com/klauspost/compress":                 {"pkg/compression"},
		"github.com/apache/arrow-go/":                   {"pkg/engine/spark"},
		"github.com/bufbuild/protocompile":              {"pkg/spec", "pkg/specpb/gen"},
		"google.golang.org/protobuf/encoding/prototext": {"pkg/spec"},
		"github.com/spf13/":                             {"cmd/mlp"},
		"github.com/charmbracelet/":                     {"cmd/mlp"},
		"github.com/muesli/":                            {"cmd/mlp"},
		"golang.org/x/term":                             {"cmd/mlp"},
		"github.com/mattn/":                             {"cmd/mlp"},
		"github.com/rogpeppe/go-internal/":              {"cmd/mlp"},
		"github.com/aws/":                               {"pkg/store/s3"},
		"google.golang.org/protobuf/types/pluginpb":     {"pkg/specpb/gen"},
	}
}

// variables are the package variables that TestNoMutableVariables lets
// through, each with the reason.
func variables() map[string]string {
	return map[string]string{
		"pkg/onnx.process":     "the ONNX runtime is one a process, whoever uses it",
		"pkg/sql.theCatalogue": "the functions: built from literals, only read",
		"pkg/sql.theOperators": "the operators: built from literals, only read",
		"pkg/sql.theRefusals":  "what is refused, and what to write instead: built from literals, only read",
		"pkg/sql.castFunction": "one entry of the catalogue, named in several places",
	}
}

// source is one Go file.
type source struct {
	path      string // relative to the root, with slashes
	dir       string
	text      []byte
	file      *ast.File
	fset      *token.FileSet
	test      bool
	generated bool
}

// lines returns the number of lines that a node spans.
func (s source) lines(n ast.Node) int {
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

var (
	readAll     = sync.OnceValues(readSources)
	generatedBy = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
)

// sources returns the Go files of the repository but this one's package.
func sources(t *testing.T) []source {
	t.Helper()
	all, err := readAll()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func readSources() ([]source, error) {
	var all []source
	err := walkRepository(func(name string) error {
		if path.Ext(name) != ".go" || path.Dir(name) == "." {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		all = append(all, source{path: name, dir: path.Dir(name), text: text, file: file, fset: fset,
			test: strings.HasSuffix(name, "_test.go"), generated: generatedBy.Match(text)})
		return nil
	})
	return all, err
}

// walkRepository visits the files that belong to the repository.
func walkRepository(visit func(name string) error) error {
	ours := []string{".ci", ".github"}
	return filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() && name != "." {
			hidden := strings.HasPrefix(base, ".") && !slices.Contains(ours, base)
			if hidden || slices.Contains([]string{"bin", "testdata", "__pycache__", "node_modules"}, base) {
				return fs.SkipDir
			}
		}
		if d.IsDir() {
			return nil
		}
		return visit(filepath.ToSlash(name))
	})
}

// imports returns the paths that a file imports.
func (s source) imports() []string {
	var out []string
	for _, i := range s.file.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		out = append(out, p)
	}
	return out
}

func TestImports(t *testing.T) {
	table := layers()
	for _, s := range sources(t) {
		allowed, known := table[s.dir]
		if !known {
			t.Errorf("%s: package %s is not in the table of layers in all_test.go", s.path, s.dir)
			continue
		}
		if s.test || allowed == "*" {
			continue
		}
		for _, p := range s.imports() {
			if local, ok := strings.CutPrefix(p, module); ok && !slices.Contains(strings.Fields(allowed), local) {
				t.Errorf("%s imports %s; %s may import only [%s]", s.path, local, s.dir, allowed)
			}
		}
	}
	for dir := range table {
		for _, p := range strings.Fields(table[dir]) {
			if _, ok := table[p]; !ok && p != "*" {
				t.Errorf("the table of layers lets %s import %s, which it does not list", dir, p)
			}
		}
	}
}

func TestLibrariesHaveOneOwner(t *testing.T) {
	for _, s := range sources(t) {
		for _, p := range s.imports() {
			for library, dirs := range owners() {
				if strings.HasPrefix(p, library) && !slices.Contains(dirs, s.dir) && !s.generated {
					t.Errorf("%s imports %s, which belongs to %s", s.path, p, strings.Join(dirs, " and "))
				}
			}
		}
	}
}

func TestPurePackagesBuildWithoutCgo(t *testing.T) {
	packages := map[string]bool{}
	for _, s := range sources(t) {
		if !slices.Contains(impure(), s.dir) {
			packages["./"+s.dir] = true
		}
	}
	cmd := exec.Command("go", append([]string{"vet"}, slices.Sorted(maps.Keys(packages))...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("CGO_ENABLED=0 go vet: %v\n%s", err, out)
	}
}

func TestGeneratedMessagesAreCurrent(t *testing.T) {
	dir := t.TempDir()
	out, err := exec.Command("go", "run", "./pkg/specpb/gen", "-root", "pkg/specpb", "-out", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("go run ./pkg/specpb/gen: %v\n%s", err, out)
	}
	want, got := readFiles(t, filepath.Join(dir, "*.pb.go")), readFiles(t, "pkg/specpb/*.pb.go")
	for name, text := range want {
		name = filepath.Base(name)
		if diff := cmp.Diff(text, got["pkg/specpb/"+name]); diff != "" {
			t.Errorf("%s is not what its proto says; run go generate ./pkg/specpb (-want +got):\n%s", name, diff)
		}
	}
	if len(want) != len(got) || len(want) == 0 {
		t.Errorf("pkg/specpb has %d generated files, want %d", len(got), len(want))
	}
}

// readFiles returns the texts of the files that the patterns match.
func readFiles(t *testing.T, patterns ...string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range patterns {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			texts[filepath.ToSlash(name)] = string(text)
		}
	}
	return texts
}

func TestSizes(t *testing.T) {
	const maxFile, maxFunction = 600, 100
	for _, s := range sources(t) {
		if s.generated {
			continue
		}
		if n := bytes.Count(s.text, []byte("\n")); n > maxFile {
			t.Errorf("%s has %d lines, more than %d", s.path, n, maxFile)
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && s.lines(f) > maxFunction {
				t.Errorf("%s: function %s has %d lines, more than %d", s.path, f.Name.Name, s.lines(f), maxFunction)
			}
		}
	}
}

// TestLibrariesAreQuiet keeps printing, exiting and start-up work out of
// packages: the command decides.
func TestLibrariesAreQuiet(t *testing.T) {
	loud := regexp.MustCompile(`\b(fmt\.Print(f|ln)?|os\.Exit|println)\(`)
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" && !s.generated {
				t.Errorf("%s has a func init", s.path)
			}
		}
		if s.test || s.file.Name.Name == "main" {
			continue
		}
		if call := loud.Find(s.text); call != nil {
			t.Errorf("%s calls %s…)", s.path, call)
		}
		if slices.Contains(s.imports(), "log") {
			t.Errorf("%s imports log", s.path)
		}
	}
}

func TestExportedNamesAreDescribed(t *testing.T) {
	described := map[string]bool{}
	for _, s := range sources(t) {
		if s.test || s.generated {
			continue
		}
		described[s.dir] = described[s.dir] || s.file.Doc != nil
		for _, d := range s.file.Decls {
			for name, doc := range exported(d) {
				if text := doc.Text(); !strings.HasPrefix(text, name+" ") && !strings.HasPrefix(text, name+",") {
					t.Errorf("%s: the comment on %s does not begin with its name", s.path, name)
				}
			}
		}
	}
	for dir, ok := range described {
		if !ok {
			t.Errorf("package %s has no comment", dir)
		}
	}
}

// exported returns the exported functions, methods and types of a declaration
// with their comments. Constants and variables may share one.
func exported(d ast.Decl) map[string]*ast.CommentGroup {
	out := map[string]*ast.CommentGroup{}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && (d.Recv == nil || receiverIsExported(d.Recv)) {
			out[d.Name.Name] = d.Doc
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if s, ok := spec.(*ast.TypeSpec); ok && s.Name.IsExported() {
				out[s.Name.Name] = s.Doc
				if s.Doc == nil {
					out[s.Name.Name] = d.Doc
				}
			}
		}
	}
	return out
}

func receiverIsExported(recv *ast.FieldList) bool { return ast.IsExported(root(recv.List[0].Type)) }

// root returns the name that an expression begins with: of a type, or of the
// variable that it reaches into.
func root(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return root(e.X)
	case *ast.ParenExpr:
		return root(e.X)
	case *ast.IndexExpr:
		return root(e.X)
	case *ast.IndexListExpr:
		return root(e.X)
	case *ast.SelectorExpr:
		return root(e.X)
	}
	return ""
}

// TestNoMutableVariables lets package variables be what nothing can change:
// errors, patterns, embedded files, tables that the package never assigns to.
func TestNoMutableVariables(t *testing.T) {
	changed := map[string]bool{} // "dir.name" of what some statement may change
	for _, s := range sources(t) {
		if !s.test && !s.generated {
			ast.Inspect(s.file, func(n ast.Node) bool {
				for _, e := range changes(n) {
					changed[s.dir+"."+root(e)] = true
				}
				return true
			})
		}
	}
	reasons := variables()
	for _, s := range sources(t) {
		if s.test || s.generated {
			continue
		}
		for _, d := range s.file.Decls {
			for name, value := range packageVariables(d) {
				full := s.dir + "." + name
				if (changed[full] || !constant(value)) && reasons[full] == "" {
					t.Errorf("%s: package variable %s can change", s.path, name)
				}
			}
		}
	}
}

// packageVariables returns the variables of a declaration with their values;
// embedded files and assertions about types are left out.
func packageVariables(d ast.Decl) map[string]ast.Expr {
	out := map[string]ast.Expr{}
	g, ok := d.(*ast.GenDecl)
	if !ok || g.Tok != token.VAR {
		return out
	}
	for _, spec := range g.Specs {
		v := spec.(*ast.ValueSpec)
		if embedded(g.Doc) || embedded(v.Doc) {
			continue
		}
		for i, name := range v.Names {
			if name.Name == "_" {
				continue
			}
			out[name.Name] = nil
			if i < len(v.Values) {
				out[name.Name] = v.Values[i]
			}
		}
	}
	return out
}

func embedded(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

// constant reports whether a value is fixed once it is made, be it at its first
// use (sync.OnceValue).
func constant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit, *ast.Ident, *ast.SelectorExpr, *ast.FuncLit, *ast.CompositeLit:
		return true
	case *ast.ParenExpr:
		return constant(e.X)
	case *ast.UnaryExpr:
		return e.Op != token.AND && constant(e.X)
	case *ast.BinaryExpr:
		return constant(e.X) && constant(e.Y)
	case *ast.CallExpr:
		sel, ok := e.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		makers := []string{"errors.New", "fmt.Errorf", "regexp.MustCompile", "strings.NewReplacer", "sync.OnceValue", "math.Inf", "math.Float64frombits"}
		return slices.Contains(makers, root(sel.X)+"."+sel.Sel.Name)
	}
	return false
}

// changes returns what a statement assigns to or lets others change.
func changes(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			return []ast.Expr{n.X}
		}
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && slices.Contains([]string{"delete", "clear", "copy"}, f.Name) {
			return n.Args[:1]
		}
	}
	return nil
}

// documents returns README.md and docs/*.md with their texts.
func documents(t *testing.T) map[string]string {
	t.Helper()
	return readFiles(t, "README.md", "docs/*.md")
}

func TestLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^()\s]+)\)`)
	texts := documents(t)
	for name, text := range texts {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], ":") {
				continue
			}
			file, anchor, _ := strings.Cut(m[1], "#")
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", name, m[1], err)
			} else if heading, ok := texts[target]; ok && anchor != "" && !slices.Contains(anchors(heading), anchor) {
				t.Errorf("%s links to %s: no such heading", name, m[1])
			}
		}
	}
}

// anchors returns the names by which GitHub links to a document's headings.
func anchors(text string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^#+ +(.+)$`).FindAllStringSubmatch(text, -1) {
		kept := regexp.MustCompile(`[^\p{L}\p{N}_ -]`).ReplaceAllString(strings.ToLower(m[1]), "")
		out = append(out, strings.ReplaceAll(kept, " ", "-"))
	}
	return out
}

// TestDocumentsNameWhatExists looks at the code in documents: paths of the
// repository, verbs of mlp, targets of make.
func TestDocumentsNameWhatExists(t *testing.T) {
	fence := regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	span := regexp.MustCompile("`([^`\n]+)`")
	verbs := regexp.MustCompile(`(?m)^## mlp (.+)$`).FindAllStringSubmatch(documents(t)["docs/cli.md"], -1)
	makefile, _ := os.ReadFile("Makefile")
	for name, text := range documents(t) {
		var code []string
		for _, m := range fence.FindAllStringSubmatch(text, -1) {
			if m[1] == "sh" || m[1] == "console" {
				code = append(code, strings.Split(m[2], "\n")...)
			}
		}
		for _, m := range span.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			code = append(code, m[1])
			if p := repositoryPath(m[1]); p != "" {
				if _, err := os.Stat(p); err != nil {
					t.Errorf("%s names %s: %v", name, m[1], err)
				}
			}
		}
		for _, line := range code {
			words := strings.Fields(strings.TrimPrefix(line, "$ "))
			if len(words) < 2 || !regexp.MustCompile(`^[a-z]+$`).MatchString(words[1]) {
				continue
			}
			command := words[1] + " "
			known := slices.ContainsFunc(verbs, func(v []string) bool { return strings.HasPrefix(v[1]+" ", command) })
			if words[0] == "mlp" && !known {
				t.Errorf("%s names %q; docs/cli.md has no such command", name, line)
			}
			if words[0] == "make" && !regexp.MustCompile(`(?m)^`+words[1]+`:`).Match(makefile) {
				t.Errorf("%s names %q; Makefile has no such target", name, line)
			}
		}
	}
}

// repositoryPath returns what a code span names if it looks like a path of the
// repository, without placeholders (NAME, *, <…>).
func repositoryPath(code string) string {
	p, _, _ := strings.Cut(strings.TrimPrefix(code, "./"), ":")
	known := regexp.MustCompile(`^(cmd|pkg|specs|datasets|trainers|docs|acceptance|\.github|\.ci)/[\w./-]*$`)
	if !known.MatchString(p) || strings.Contains(p, "...") || regexp.MustCompile(`(^|/)[A-Z]+(\.|/|$)`).MatchString(p) {
		return ""
	}
	return strings.TrimSuffix(p, "/")
}

// TestNoMachinePaths keeps the paths of somebody's machine out.
func TestNoMachinePaths(t *testing.T) {
	machine := regexp.MustCompile(`(^|[\s"'=:(` + "`" + `])/(wo` + `rk|ro` + `ot|tmp/wa` + `rm)/`)
	texts := regexp.MustCompile(`(^|/)Makefile$|^\.ci/|\.(go|py|md|proto|textproto|txtar|toml|yml|yaml|json|lock|sh)$`)
	err := walkRepository(func(name string) error {
		text, err := os.ReadFile(name)
		if err == nil && texts.MatchString(name) {
			if m := machine.Find(text); m != nil {
				t.Errorf("%s names the machine's path %s", name, bytes.TrimSpace(m))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
