package mlp_test

import (
	"flag"
	"go/ast"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/trainers"
)

var update = flag.Bool("update", false, "write generated documents anew")

const (
	diagnosticsFile = "docs/diagnostics.md"
	diagnosticsDir  = "docs/diagnostics"
	// howTo ends what these tests say about a code.
	howTo = "a code has a page " + diagnosticsDir + "/CODE.md; write it like its neighbours, then run go generate . for the table"
)

// diagnosticPages returns the pages by code.
func diagnosticPages(t *testing.T) map[string]diag.Page {
	t.Helper()
	names, err := filepath.Glob(diagnosticsDir + "/*.md")
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %v, %d pages", diagnosticsDir, err, len(names))
	}
	out := map[string]diag.Page{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := diag.ParsePage(strings.TrimSuffix(filepath.Base(name), ".md"), string(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		out[p.Code] = p
	}
	return out
}

// TestDiagnosticsTableIsCurrent compares the table of all diagnostics with
// their pages. With -update, a row whose page is missing becomes the beginning
// of one, which then lacks its example.
func TestDiagnosticsTableIsCurrent(t *testing.T) {
	text, err := os.ReadFile(diagnosticsFile)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		for line := range strings.Lines(string(text)) {
			code, page, ok := diag.ParseRow(line)
			name := filepath.Join(diagnosticsDir, code+".md")
			if _, err := os.Stat(name); ok && err != nil {
				if err := os.WriteFile(name, []byte(page), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	head, _, ok := strings.Cut(string(text), "\n|---|---|---|\n")
	if !ok {
		t.Fatalf("%s has no table", diagnosticsFile)
	}
	want := head + "\n|---|---|---|\n"
	pages := diagnosticPages(t)
	for _, code := range slices.Sorted(maps.Keys(pages)) {
		want += pages[code].Row()
	}
	if *update {
		if err := os.WriteFile(diagnosticsFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("%s is not what the pages in %s say; write the page of each code, then run go generate . (-want +got):\n%s",
			diagnosticsFile, diagnosticsDir, diff)
	}
}

func TestDiagnosticsHavePages(t *testing.T) {
	pages, used := diagnosticPages(t), diagnosticCodes(t)
	if len(used) < 50 {
		t.Fatalf("only %d codes found in the source", len(used))
	}
	for code, at := range used {
		if _, ok := pages[code]; !ok {
			t.Errorf("%s: diagnostic %q has no page: %s", at, code, howTo)
		}
	}
	for code := range pages {
		if used[code] == "" {
			t.Errorf("%s/%s.md: nothing reports %q; remove the page, and run go generate .", diagnosticsDir, code, code)
		}
	}
}

// TestDiagnosticsAreExpected wants a test for each code, that names it.
func TestDiagnosticsAreExpected(t *testing.T) {
	expected := expectedCodes(t)
	for code, at := range diagnosticCodes(t) {
		if !expected[code] {
			t.Errorf("%s: no test expects diagnostic %q: let the mistake stand in pkg/spec/testdata/wrong, pkg/compile/testdata/wrong "+
				"or a script, with [%s] or # ERROR \"…%s\", or WARNING, on its line", at, code, code, code)
		}
	}
}

// expectedCodes returns the words that stand in test data, and those in the
// string literals of tests.
func expectedCodes(t *testing.T) map[string]bool {
	t.Helper()
	word, out := regexp.MustCompile(`[a-z0-9]+(-[a-z0-9]+)*`), map[string]bool{}
	for _, s := range sources(t) {
		if s.test {
			ast.Inspect(s.file, func(n ast.Node) bool {
				if _, ok := n.(*ast.ImportSpec); ok {
					return false
				}
				if b, ok := n.(*ast.BasicLit); ok && b.Kind == token.STRING {
					for _, w := range word.FindAllString(b.Value, -1) {
						out[w] = true
					}
				}
				return true
			})
		}
	}
	places := regexp.MustCompile(`# (?:ERROR|WARNING).*|// ERROR.*|\[[a-z0-9-]+\]|"code": "[a-z0-9-]+"|title=[a-z0-9-]+`)
	for _, root := range []string{"pkg", "cmd"} {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.Contains(filepath.ToSlash(name), "/testdata/") {
				return err
			}
			text, err := os.ReadFile(name)
			for _, place := range places.FindAllString(string(text), -1) {
				for _, w := range word.FindAllString(place, -1) {
					out[w] = true
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

var kebab = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)*$`)

// diagnosticCodes returns the codes that the source reports, each with a place
// that does. A code is what stands for a parameter, result or field named code.
func diagnosticCodes(t *testing.T) map[string]string {
	t.Helper()
	out, exported := map[string]string{}, map[string][]int{}
	for _, s := range sources(t) {
		if s.path == "pkg/diag/diag.go" {
			maps.Copy(exported, codeParameters(s))
		}
	}
	own := map[string]map[string][]int{}
	fields := map[string]map[string]int{}
	for _, s := range sources(t) {
		if s.test || s.generated {
			continue
		}
		if own[s.dir] == nil {
			own[s.dir], fields[s.dir] = maps.Clone(exported), map[string]int{}
		}
		for name, at := range codeParameters(s) {
			own[s.dir][name] = append(own[s.dir][name], at...)
		}
		maps.Copy(fields[s.dir], codeFields(s))
	}
	for _, s := range sources(t) {
		if s.test || s.generated || s.dir == "pkg/diag" {
			continue
		}
		c := codeCollector{source: s, parameters: own[s.dir], fields: fields[s.dir], found: out, t: t}
		ast.Inspect(s.file, c.visit)
	}
	return out
}

// codeParameters returns the functions of a file with a parameter code, and
// where in their parameters it stands.
func codeParameters(s source) map[string][]int {
	out := map[string][]int{}
	for _, d := range s.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		i := 0
		for _, p := range f.Type.Params.List {
			for _, name := range p.Names {
				if name.Name == "code" && root(p.Type) == "string" {
					out[f.Name.Name] = append(out[f.Name.Name], i)
				}
				i++
			}
		}
	}
	return out
}

// codeFields returns the struct types of a file with a field code, and where
// it stands.
func codeFields(s source) map[string]int {
	out := map[string]int{}
	ast.Inspect(s.file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if st, ok := spec.Type.(*ast.StructType); ok {
			i := 0
			for _, f := range st.Fields.List {
				for _, name := range f.Names {
					if strings.EqualFold(name.Name, "code") {
						out[spec.Name.Name] = i
					}
					i++
				}
			}
		}
		return true
	})
	return out
}

// codeCollector finds the codes of one file.
type codeCollector struct {
	source
	parameters map[string][]int
	fields     map[string]int
	found      map[string]string
	t          *testing.T
}

func (c codeCollector) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		c.call(n)
	case *ast.CompositeLit:
		c.literal(n)
	case *ast.FuncDecl:
		if r := n.Type.Results; r != nil && len(r.List) > 0 && len(r.List[0].Names) > 0 && r.List[0].Names[0].Name == "code" {
			ast.Inspect(n.Body, func(n ast.Node) bool {
				if ret, ok := n.(*ast.ReturnStmt); ok && len(ret.Results) > 0 {
					c.note(ret.Results[0])
				}
				return true
			})
		}
	}
	return true
}

func (c codeCollector) call(n *ast.CallExpr) {
	name := ""
	switch f := n.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		if x := root(f.X); x == "fmt" || x == "t" {
			return
		}
		name = f.Sel.Name
	}
	at := c.parameters[name]
	if len(at) == 0 {
		return
	}
	// Methods of one name may have it in several places: it is the last one
	// that holds a code, as behind it comes a format.
	for _, i := range slices.Backward(slices.Sorted(slices.Values(at))) {
		if i < len(n.Args) && c.note(n.Args[i]) {
			return
		}
	}
	c.t.Errorf("%s: %s(…) gives a code that TestDiagnosticsHavePages cannot see: write it as a literal, or name what holds it code",
		c.fset.Position(n.Pos()), name)
}

func (c codeCollector) literal(n *ast.CompositeLit) {
	for i, e := range n.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && strings.EqualFold(key.Name, "code") {
				c.note(kv.Value)
			}
		} else if at, ok := c.fields[root(n.Type)]; n.Type != nil && ok && at == i {
			c.note(e)
		}
	}
}

// note takes a code that is a literal, and reports whether an expression is
// one or a variable that has one.
func (c codeCollector) note(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		if !kebab.MatchString(text) {
			return false
		}
		if c.found[text] == "" {
			c.found[text] = c.fset.Position(e.Pos()).String()
		}
		return true
	case *ast.Ident:
		return strings.EqualFold(e.Name, "code")
	case *ast.SelectorExpr:
		return strings.EqualFold(e.Sel.Name, "code")
	}
	return false
}

// TestDiagnosticExamples puts the examples of each page into a project, and
// wants the page's code on their lines.
func TestDiagnosticExamples(t *testing.T) {
	base, err := txtar.ParseFile("testdata/diagnostics.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if list := compileExamples(base, nil); len(list) > 0 {
		t.Fatalf("the project without a mistake: %v", list.Err())
	}
	used := diagnosticCodes(t)
	for code, p := range diagnosticPages(t) {
		if dir := path.Dir(used[code]); !slices.Contains([]string{"pkg/spec", "pkg/sql", "pkg/compile"}, dir) {
			continue // what other packages report they test themselves
		}
		list := compileExamples(base, p.Examples)
		for _, e := range p.Examples {
			if e.Path == "" || e.Line == 0 && slices.ContainsFunc(p.Examples, func(o diag.Example) bool { return o.Line > 0 }) {
				continue
			}
			line := e.Line
			if e.Added {
				line += lineCount(base, e.Path)
			}
			if !slices.ContainsFunc(list, func(d *diag.Diagnostic) bool {
				return d.Code == code && d.Span.File == e.Path && (e.Line == 0 || d.Span.Line == line)
			}) {
				t.Errorf("%s/%s.md: its example has no %q at %s:%d, but\n%v", diagnosticsDir, code, code, e.Path, line, list.Err())
			}
		}
	}
}

// compileExamples returns what is wrong in a project with examples put in.
func compileExamples(base *txtar.Archive, examples []diag.Example) diag.List {
	files := fstest.MapFS{}
	for _, f := range base.Files {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	for _, e := range examples {
		text := e.Text
		if e.Added {
			text = string(files[e.Path].Data) + text
		}
		if e.Path != "" {
			files[path.Clean(e.Path)] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	if site, ok := files["site.textproto"]; ok {
		_, list := spec.ReadSite("site.textproto", site.Data)
		return list
	}
	ws, list := spec.Load(files, trainers.Files)
	_, more := compile.Compile(ws, []compile.Trainer{{Name: "sklearn", Key: digest.Of(nil)}})
	return append(list, more...).Sorted()
}

func lineCount(base *txtar.Archive, name string) int {
	for _, f := range base.Files {
		if f.Name == name {
			return strings.Count(string(f.Data), "\n")
		}
	}
	return 0
}

// TestShippedSpecsAreQuiet wants no warning in the specs that others start from.
func TestShippedSpecsAreQuiet(t *testing.T) {
	for _, root := range []string{".", "acceptance"} {
		ws, list := spec.Load(os.DirFS(root), trainers.Files)
		_, more := compile.Compile(ws, []compile.Trainer{{Name: "sklearn"}, {Name: "tensorflow"}})
		for _, d := range append(list, more...) {
			t.Errorf("%s/%s: %s: %s [%s]", root, d.Span, d.Severity, d.Message, d.Code)
		}
	}
}
