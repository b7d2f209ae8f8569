package format_test

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/format"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
	"github.com/mlpdev/mlp/pkg/trainer"
	"github.com/mlpdev/mlp/trainers"
)

func formatted(t *testing.T, path, src string) string {
	t.Helper()
	m := spec.MessageOf(path, []byte(src))
	if m == nil {
		t.Fatalf("%s: of no kind", path)
	}
	out, list := format.File(path, []byte(src), m)
	if list.HasErrors() {
		t.Fatal(list.Err())
	}
	return string(out)
}

func TestFile(t *testing.T) {
	const src = `# proto-file: mlp/v1/parser.proto
# proto-message: mlp.v1.Parser
name: 'p', source { csv { headerless: true } }
raw: ["0", "1"]   # two
fields { name: "a" data_type: STRING definition: 'coalesce(_c1,"-",_C0)' }
fields { name: "b" data_type: BOOLEAN index: 1 index: 0
  definition: "a = 'x' "    # why
    "and   _c1 -- not _c0\n" '   is not null' }
labels { name: "l" raw: "2" data_type: INT definition: "CAST(_c0 as INT)" }
require: "a>'x'" require: [ "b" , "not b" ]
`
	const want = `# proto-file: mlp/v1/parser.proto
# proto-message: mlp.v1.Parser
name: "p" source { csv { headerless: true } }
raw: ["0", "1"]  # two
fields { name: "a" data_type: STRING index: 0 index: 1 definition: "coalesce(_c1, '-', _C0)" }
fields {
  name: "b" data_type: BOOLEAN index: 1
  definition: "a = 'x' "  # why
    "AND _c1 -- not _c0\n" "   IS NOT NULL"
}
labels { name: "l" raw: "2" data_type: INT definition: "cast(_c0 AS int)" }
require: "a > 'x'" require: ["b", "NOT b"]
`
	got := formatted(t, "specs/parsers/p.textproto", src)
	// The index is what the definition reads: b does not read _c0.
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFileWithMistakes(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"form", "name: \"p\"\nraw: \"a", `p.textproto:2:6: error: a string is not closed [syntax]`},
		{"colon", "name \"p\"", `p.textproto:1:1: error: no colon behind "name" [syntax]`},
		{"character", "name: \"a\u200bb\"", `p.textproto:1:9: error: character U+200B is not allowed in a spec [format-character]`},
		{"expression", "require: \"a\"\nrequire: \"b +\" \"\"", `p.textproto:2:14: error: expression ends where a value is expected [syntax]`},
		{"expressions", "require: \"+\" fields { definition: \"(\" }", `p.textproto:1:12: error: expression ends where a value is expected [syntax]`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, list := format.File("p.textproto", []byte(test.src), new(specpb.Parser))
			if out != nil || !list.HasErrors() {
				t.Fatalf("got %q, %v", out, list)
			}
			if got := fmt.Sprintf("%s: error: %s [%s]", list[0].Span, list[0].Message, list[0].Code); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestOtherMistakesDoNotMatter holds that what cannot be compiled can be
// formatted.
func TestOtherMistakesDoNotMatter(t *testing.T) {
	const src = "nmae: \"p\"\nfields { name: 7 data_type: WORD definition: \"nosuch( _c0 )\" }\n"
	want := "# proto-file: mlp/v1/parser.proto\n# proto-message: mlp.v1.Parser\n\n" +
		"nmae: \"p\"\nfields { name: 7 data_type: WORD index: 0 definition: \"nosuch(_c0)\" }\n"
	if diff := cmp.Diff(want, formatted(t, "specs/parsers/p.textproto", src)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEveryExpressionIsFormatted holds that a field that is said to be an
// expression in the protos is treated as one.
func TestEveryExpressionIsFormatted(t *testing.T) {
	field := regexp.MustCompile(`((?:\n *//[^\n]*)+)\n *(?:optional |repeated )?string (\w+) = \d+;`)
	message := regexp.MustCompile(`(?m)^message (\w+) \{`)
	found := 0
	err := fs.WalkDir(specpb.Protos, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(specpb.Protos, path)
		if err != nil {
			return err
		}
		for _, at := range field.FindAllSubmatchIndex(text, -1) {
			comment, name := string(text[at[2]:at[3]]), string(text[at[4]:at[5]])
			if !regexp.MustCompile(`(?i)expression|\bconditions?\b|: Timestamp or date|Rows of one value`).MatchString(comment) ||
				regexp.MustCompile(`regular expression|What expressions call|Name that expressions`).MatchString(comment) {
				continue
			}
			of := message.FindAllSubmatch(text[:at[0]], -1)
			full := "mlp.v1." + string(of[len(of)-1][1]) + "." + name
			if !spec.IsExpression(full) {
				t.Errorf("%s: %s is not formatted, but its comment says:%s", path, full, comment)
			}
			found++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 8 {
		t.Errorf("only %d expressions are found in the protos", found)
	}
}

// projects returns every project of the repository, also those within scripts.
func projects(t *testing.T) map[string]fstest.MapFS {
	t.Helper()
	out := map[string]fstest.MapFS{}
	for _, dir := range []string{".", "acceptance", "pkg/lineage/testdata/project", "pkg/spec/testdata/good", "pkg/spec/testdata/wrong", "pkg/compile/testdata/wrong"} {
		out[dir] = files(t, filepath.Join("../..", dir))
	}
	scripts, err := filepath.Glob("../../cmd/mlp/testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		archive, err := txtar.ParseFile(script)
		if err != nil {
			t.Fatal(err)
		}
		project := fstest.MapFS{}
		for _, f := range archive.Files {
			project[f.Name] = &fstest.MapFile{Data: f.Data}
		}
		for path := range project {
			if dir, ok := strings.CutSuffix(path, "mlp.textproto"); ok && (dir == "" || strings.HasSuffix(dir, "/")) {
				sub, err := fs.Sub(project, filepath.Clean("./"+dir))
				if err != nil {
					t.Fatal(err)
				}
				out[filepath.Base(script)+":"+dir] = copied(t, sub)
			}
		}
	}
	return out
}

func files(t *testing.T, dir string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for _, part := range []string{"mlp.textproto", "specs", "datasets", "trainers"} {
		if dir == "../.." && part == "trainers" {
			continue
		}
		if _, err := os.Lstat(filepath.Join(dir, part)); err != nil {
			continue
		}
		err := filepath.WalkDir(filepath.Join(dir, part), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(dir, path)
			out[filepath.ToSlash(name)] = &fstest.MapFile{Data: text}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func copied(t *testing.T, from fs.FS) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(from, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(from, path)
		out[path] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// rewritten returns a project with each spec file that is well formed rewritten.
func rewritten(project fstest.MapFS, rewrite func(path string, src []byte, m spec.Message) []byte) fstest.MapFS {
	out := maps.Clone(project)
	for path, f := range project {
		m := spec.MessageOf(path, f.Data)
		if m == nil || !strings.HasSuffix(path, ".textproto") {
			continue
		}
		if _, list := format.File(path, f.Data, m); !list.HasErrors() {
			out[path] = &fstest.MapFile{Data: rewrite(path, f.Data, m)}
		}
	}
	return out
}

// compiled returns the key of each node, and the codes of the mistakes.
func compiled(t *testing.T, project fs.FS) (map[string]digest.Digest, map[string]int) {
	t.Helper()
	kinds, err := trainer.Load(trainers.Files)
	if err != nil {
		t.Fatal(err)
	}
	var known []compile.Trainer
	for _, k := range kinds {
		known = append(known, compile.Trainer{Name: k.Name, Key: k.Key()})
	}
	ws, diags := spec.Load(project, trainers.Files)
	program, more := compile.Compile(ws, known)
	keys, codes := map[string]digest.Digest{}, map[string]int{}
	for _, address := range program.Graph.Addresses() {
		keys[address] = program.Graph.Key(address)
	}
	for _, d := range append(diags, more...) {
		if d.Severity == diag.Error && d.Code != "index-mismatch" && d.Message != "index is negative" { // those are mended
			codes[d.Code]++
		}
	}
	return keys, codes
}

// TestFormattingChangesNoKey compiles every project as it is, formatted, and
// with noise in its layout and its SQL, before and after that is formatted.
func TestFormattingChangesNoKey(t *testing.T) {
	nodes, changed := 0, 0
	for name, project := range projects(t) {
		keys, codes := compiled(t, project)
		nodes += len(keys)
		same := func(what string, other fstest.MapFS) {
			t.Helper()
			otherKeys, otherCodes := compiled(t, other)
			if diff := cmp.Diff(keys, otherKeys); diff != "" {
				t.Errorf("%s, %s: keys (-before +after):\n%s", name, what, diff)
			}
			if diff := cmp.Diff(codes, otherCodes); diff != "" {
				t.Errorf("%s, %s: mistakes (-before +after):\n%s", name, what, diff)
			}
		}
		format := func(path string, src []byte, m spec.Message) []byte {
			return []byte(formattedTwice(t, path, string(src)))
		}
		same("formatted", rewritten(project, format))
		chance := rand.New(rand.NewPCG(1, uint64(len(name))))
		for range 3 {
			noisy := rewritten(project, func(path string, src []byte, m spec.Message) []byte {
				out := noise(t, chance, path, src, m)
				if string(out) != string(src) {
					changed++
				}
				return out
			})
			same("with noise", noisy)
			same("with noise, formatted", rewritten(noisy, format))
		}
	}
	if nodes < 300 || changed < 100 {
		t.Errorf("%d nodes and %d noisy files show little", nodes, changed)
	}
}

// formattedTwice formats a file, and holds that a second time changes nothing
// and that no comment is lost.
func formattedTwice(t *testing.T, path, src string) string {
	t.Helper()
	once := formatted(t, path, src)
	if diff := cmp.Diff(once, formatted(t, path, once)); diff != "" {
		t.Errorf("%s: a second time changes it (-once +twice):\n%s", path, diff)
	}
	marks := regexp.MustCompile(`noise \d+`)
	before, after := marks.FindAllString(src, -1), marks.FindAllString(once, -1)
	slices.Sort(before)
	slices.Sort(after)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("%s: comments (-before +after):\n%s", path, diff)
	}
	return once
}

var (
	quoted = regexp.MustCompile(`'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|--[^\n]*|/\*.*?\*/|#[^\n]*`)
	words  = regexp.MustCompile(`\b(?:AND|OR|NOT|IS|NULL|CASE|WHEN|THEN|ELSE|END|IN|AS|BETWEEN|DISTINCT|TRUE|FALSE|sum|avg|count|cast|coalesce|double|bigint)\b`)
)

// noise returns a file with other white space, with comments anywhere, and with
// SQL in another spelling. It has the meaning that it had.
func noise(t *testing.T, chance *rand.Rand, path string, src []byte, m spec.Message) []byte {
	t.Helper()
	count := 0
	comment := func(form string) string {
		count++
		return fmt.Sprintf(form, count)
	}
	d, _ := spec.Read(path, src, m, nil)
	out, list := spec.Reformat(d, spec.Style{Expression: func(text spec.Text, parts []string) ([]string, diag.List) {
		out := make([]string, len(parts))
		for i, part := range parts {
			out[i] = outside(part, func(text string) string {
				text = words.ReplaceAllStringFunc(text, func(word string) string {
					return []string{strings.ToLower(word), strings.ToUpper(word), word}[chance.IntN(3)]
				})
				return strings.ReplaceAll(text, " ", []string{" ", "  ", "\t", "\n", comment(" /* noise %d */ "), comment(" -- noise %d\n")}[chance.IntN(6)])
			})
		}
		if _, _, list := sql.Format(out, text); list.HasErrors() {
			return parts, nil // a part ended within a token
		}
		return out, nil
	}})
	if list.HasErrors() {
		t.Fatal(list.Err())
	}
	head, body, _ := strings.Cut(string(out), "\n\n")
	return []byte(head + "\n\n" + outside(body, func(text string) string {
		var b strings.Builder
		for _, c := range text {
			switch chance.IntN(9) {
			case 0:
				if c == ' ' || c == '\n' {
					b.WriteString(comment("  # noise %d"))
					c = '\n'
				}
			case 1:
				if c == ' ' {
					c = '\n'
				}
			case 2:
				if c == ':' {
					b.WriteString(comment(" # noise %d\n"))
				}
			}
			b.WriteRune(c)
		}
		return b.String()
	}))
}

// outside rewrites what stands outside strings and comments.
func outside(text string, rewrite func(string) string) string {
	var b strings.Builder
	at := 0
	for _, q := range quoted.FindAllStringIndex(text, -1) {
		b.WriteString(rewrite(text[at:q[0]]) + text[q[0]:q[1]])
		at = q[1]
	}
	return b.String() + rewrite(text[at:])
}
