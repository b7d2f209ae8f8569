package spec

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/mlpdev/mlp/pkg/diag"
)

func TestLoad(t *testing.T) {
	w, list := Load(os.DirFS("testdata/good"), nil)
	if len(list) > 0 {
		t.Fatal(list.Err(), len(list))
	}
	got := fmt.Sprintln(w.Project.Name, specNames(w.Parsers), specNames(w.FeatureSets), specNames(w.Models), specNames(w.Environments), specNames(w.Datasets), w.Types.Messages())
	want := "demo [zeek_conn] [conns] [scan_by_conns] [lab] [scan] [mlp.trainers.stump.Stump]\n"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	p, ok := w.Parser("zeek_conn")
	if !ok || p.Spec.GetDisplayName() != "Zeek connection log" || p.Doc.Message != proto.Message(p.Spec) {
		t.Errorf("parser: %v", p.Spec)
	}
	if _, ok := w.Model("zeek_conn"); ok {
		t.Error("found a model with the name of a parser")
	}
	if src := w.Source("specs/parsers/zeek_conn.textproto"); !strings.Contains(string(src), "Zeek connection log") {
		t.Errorf("source: %q", src)
	}
	if src := w.Source("nothing"); src != nil {
		t.Errorf("source of nothing: %q", src)
	}
}

// expectation is what a comment in a wrong file expects of a line; line 0 is
// the file.
type expectation struct {
	at   string
	text *regexp.Regexp
}

var (
	comment  = regexp.MustCompile(`(?:#|//) ERROR(-FILE|-NEXT)?((?: "(?:[^"\\]|\\.)*")+)`)
	patterns = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
)

func expectations(t *testing.T, root string) []expectation {
	t.Helper()
	var out []expectation
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path)
		for i, line := range strings.Split(string(src), "\n") {
			for _, m := range comment.FindAllStringSubmatch(line, -1) {
				at := map[string]int{"": i + 1, "-FILE": 0, "-NEXT": i + 2}[m[1]]
				for _, p := range patterns.FindAllString(m[2], -1) {
					text := strings.ReplaceAll(p[1:len(p)-1], `\"`, `"`)
					out = append(out, expectation{fmt.Sprintf("%s:%d", filepath.ToSlash(rel), at), regexp.MustCompile(text)})
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestLoadWrong compares what is wrong with what comments on the lines say.
func TestLoadWrong(t *testing.T) {
	want := expectations(t, "testdata/wrong")
	if len(want) < 80 {
		t.Fatalf("only %d expectations", len(want))
	}
	_, list := Load(os.DirFS("testdata/wrong"), nil)
next:
	for _, d := range list {
		at := d.Span.File + ":" + strconv.Itoa(d.Span.Line)
		text := fmt.Sprintf("%s [%s] %s", d.Message, d.Code, d.Hint)
		for i, e := range want {
			if e.at == at && e.text.MatchString(text) {
				want = append(want[:i:i], want[i+1:]...)
				continue next
			}
		}
		t.Errorf("%s: not expected: %s", d.Span, text)
	}
	for _, e := range want {
		t.Errorf("%s: expected, but not found: %s", e.at, e.text)
	}
}

func TestLoadIsDeterministic(t *testing.T) {
	var first string
	for i := range 20 {
		_, list := Load(os.DirFS("testdata/wrong"), os.DirFS("testdata/good/trainers"))
		var b strings.Builder
		if err := list.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = b.String()
		} else if d := cmp.Diff(first, b.String()); d != "" {
			t.Fatal(d)
		}
	}
}

const (
	projectText = `name: "p"`
	envText     = `name: "lab"`
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text), Mode: 0o644} }

func TestLoadFiles(t *testing.T) {
	link := &fstest.MapFile{Data: []byte("elsewhere"), Mode: fs.ModeSymlink | 0o777}
	for _, tt := range []struct {
		name  string
		files fstest.MapFS
		want  []string
	}{
		{"nothing", fstest.MapFS{}, []string{"mlp.textproto no-project"}},
		{"the least", fstest.MapFS{"mlp.textproto": file(projectText)}, nil},
		{"symbolic links", fstest.MapFS{"mlp.textproto": link, "specs/parsers/a.textproto": link, "specs/models": link, "datasets/d": link, "trainers": link,
			"datasets/e/dataset.textproto": link},
			[]string{"datasets/d symlink", "datasets/e/dataset.textproto symlink", "mlp.textproto symlink", "specs/models symlink", "specs/parsers/a.textproto symlink", "trainers symlink"}},
		{"all of it elsewhere", fstest.MapFS{"mlp.textproto": file(projectText), "specs": link, "datasets": link}, []string{"datasets symlink", "specs symlink"}},
		{"a pipe", fstest.MapFS{"mlp.textproto": file(projectText), "specs/environments/lab.textproto": {Mode: fs.ModeNamedPipe | 0o644}},
			[]string{"specs/environments/lab.textproto not-a-file"}},
		{"a directory", fstest.MapFS{"mlp.textproto/x": file("")}, []string{"mlp.textproto not-a-file"}},
		{"unexpected", fstest.MapFS{"mlp.textproto": file(projectText), "specs/parser/x.textproto": file(""), "specs/parsers/x.yaml": file(""), "specs/parsers/d/x.textproto": file(""),
			"specs/README.md": file(""), "specs/parsers/.swp": file(""), "datasets/x": file(""), "datasets/d/notes.txt": file("")},
			[]string{"datasets/d missing-file", "datasets/d/notes.txt unexpected-file", "datasets/x unexpected-file", "specs/parser unexpected-file",
				"specs/parsers/d unexpected-file", "specs/parsers/x.yaml unexpected-file"}},
		{"too large", fstest.MapFS{"mlp.textproto": file(projectText + strings.Repeat(" ", MaxFileSize))}, []string{"mlp.textproto too-large"}},
		{"names that differ by case", fstest.MapFS{"mlp.textproto": file(projectText), "specs/environments/lab.textproto": file(envText), "specs/environments/LAB.textproto": file(`name: "LAB"`)},
			[]string{"specs/environments/LAB.textproto:1:7 bad-name", "specs/environments/lab.textproto:1:7 duplicate-name"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, list := Load(tt.files, nil)
			var got []string
			for _, d := range list {
				got = append(got, d.Span.String()+" "+d.Code)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestLoadBrokenKeepsName checks that a file which cannot be read still has
// its name, so that nobody is told that it does not exist.
// unreadableFS is a project in which one file cannot be opened.
type unreadableFS struct {
	fstest.MapFS
	file string
}

func (f unreadableFS) Open(name string) (fs.File, error) {
	if name == f.file {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return f.MapFS.Open(name)
}

func TestLoadUnreadable(t *testing.T) {
	project := fstest.MapFS{"mlp.textproto": {Data: []byte(`name: "p"`)}, "specs/parsers/dns.textproto": {Data: []byte(`name: "dns"`)}}
	w, list := Load(unreadableFS{project, "specs/parsers/dns.textproto"}, nil)
	want := "specs/parsers/dns.textproto: error: file cannot be read: permission denied [unreadable]"
	if err := list.Err(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, ok := w.Parser("dns"); !ok {
		t.Error("the name of what cannot be read is not known")
	}
}

func TestLoadBrokenKeepsName(t *testing.T) {
	w, list := Load(fstest.MapFS{"mlp.textproto": file(projectText), "specs/parsers/zeek.textproto": file("source {")}, nil)
	if _, ok := w.Parser("zeek"); !ok || !list.HasErrors() {
		t.Errorf("parsers %v, %v", specNames(w.Parsers), list.Err())
	}
}

func TestLoadProjectTooLarge(t *testing.T) {
	files := fstest.MapFS{"mlp.textproto": file(projectText)}
	big := "#" + strings.Repeat(" ", MaxFileSize-100) + "\n"
	for i := range 100 {
		name := "e" + strconv.Itoa(i)
		files["specs/environments/"+name+".textproto"] = file(big + `name: "` + name + `"`)
	}
	start := time.Now()
	w, list := Load(files, nil)
	if d := cmp.Diff([]string{"too-large"}, codes(list)); d != "" {
		t.Error(d)
	}
	if n := len(w.sources); n > 70 {
		t.Errorf("read %d files in %s", n, time.Since(start))
	}
}

func TestLoadTrainers(t *testing.T) {
	params := func(pkg, message string) *fstest.MapFile {
		return file("syntax = \"proto3\";\npackage mlp.trainers." + pkg + ";\nmessage " + message + " {}\n")
	}
	for _, tt := range []struct {
		name           string
		given, project fstest.MapFS
		messages       []string
		errors         []string
	}{
		{"none", nil, nil, nil, nil},
		{"given", fstest.MapFS{"a/params.proto": params("a", "A"), "worker.py": file(""), "tests/x": file("")}, nil, []string{"mlp.trainers.a.A"}, nil},
		{"both", fstest.MapFS{"a/params.proto": params("a", "A")}, fstest.MapFS{"trainers/b/params.proto": params("b", "B")},
			[]string{"mlp.trainers.a.A", "mlp.trainers.b.B"}, nil},
		{"the project's own first", fstest.MapFS{"a/params.proto": params("a", "A")}, fstest.MapFS{"trainers/a/params.proto": params("a", "Own")},
			[]string{"mlp.trainers.a.Own"}, nil},
		{"an import", fstest.MapFS{"a/params.proto": file("syntax = \"proto3\";\nimport \"/etc/passwd\";\npackage mlp.trainers.a;\n")}, nil, nil,
			[]string{"trainers/a/params.proto:2:8 bad-params"}},
		{"deep", fstest.MapFS{"a/params.proto": file("syntax = \"proto3\";\npackage mlp.trainers.a;\n" + strings.Repeat("message A {", 5_000))}, nil, nil,
			[]string{"trainers/a/params.proto:3:55001 bad-params"}},
		{"deep values", fstest.MapFS{"a/params.proto": file("syntax = \"proto3\";\npackage mlp.trainers.a;\n" + "option (x) = " + strings.Repeat("{a:", 20_000))}, nil, nil,
			[]string{"trainers/a/params.proto:3:60014 bad-params"}},
		{"too large", fstest.MapFS{"a/params.proto": file(strings.Repeat(" ", MaxParamsSize+1))}, nil, nil, []string{"trainers/a/params.proto too-large"}},
		{"link", fstest.MapFS{"a/params.proto": {Data: []byte("x"), Mode: fs.ModeSymlink}}, nil, nil, []string{"trainers/a/params.proto symlink"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			project := fstest.MapFS{"mlp.textproto": file(projectText)}
			for name, f := range tt.project {
				project[name] = f
			}
			var given fs.FS
			if tt.given != nil {
				given = tt.given
			}
			w, list := Load(project, given)
			var errors []string
			for _, d := range list {
				errors = append(errors, d.Span.String()+" "+d.Code)
			}
			if d := cmp.Diff(tt.errors, errors); d != "" {
				t.Error(d, list.Err())
			}
			if len(tt.messages)+len(w.Types.Messages()) > 0 {
				if d := cmp.Diff(tt.messages, w.Types.Messages()); d != "" {
					t.Error(d)
				}
			}
		})
	}
}

func TestTrainerParams(t *testing.T) {
	w, list := Load(os.DirFS("testdata/good"), nil)
	if len(list) > 0 {
		t.Fatal(list.Err())
	}
	m, _ := w.Model("scan_by_conns")
	params, err := w.TrainerParams(m.Spec)
	if err != nil {
		t.Fatal(err)
	}
	got, err := CanonicalJSON(params)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"rule":"GINI","weights":[0.5,1],"depth":3,"big":9007199254740993,"limits":{},"blob":"Af8="}`
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Error(d)
	}
	other := proto.CloneOf(m.Spec)
	other.Trainer.TypeUrl = "type.googleapis.com/no.Such"
	if _, err := w.TrainerParams(other); err == nil {
		t.Error("no error for a type that is not known")
	}
	other.Trainer = nil
	if _, err := w.TrainerParams(other); err == nil {
		t.Error("no error without a trainer")
	}
}

func TestCanonicalJSON(t *testing.T) {
	types := compiled(t, everything)
	for _, tt := range []struct{ name, text, want string }{
		{"defaults", "", `{"b":true,"i32":7,"f":0.5,"e":"GREEN","ints":[],"many":[],"counts":{},"alls":{},"texts":[],"colors":[],"hues":{},"anys":[]}`},
		{"values", `b: false f: 0.1 d: 1e300 s: "<é\"\n" y: "\x00" e: -2 all { } counts { key: "b" value: 1 } counts { key: "a" } colors: [RED, 9]`,
			`{"b":false,"i32":7,"f":0.1,"d":1e+300,"s":"<é\"\n","y":"AA==","e":"BLUE",` +
				`"all":{"b":true,"i32":7,"f":0.5,"e":"GREEN","ints":[],"many":[],"counts":{},"alls":{},"texts":[],"colors":[],"hues":{},"anys":[]},` +
				`"ints":[],"many":[],"counts":{"a":0,"b":1},"alls":{},"texts":[],"colors":["RED",9],"hues":{},"anys":[]}`},
		{"not finite", "d: inf", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := fresh(t, types, "mlp.trainers.everything.All")
			if _, list := Read("x", []byte(tt.text), m, types); len(list) > 0 {
				t.Fatal(list.Err())
			}
			got, err := CanonicalJSON(m.ProtoReflect())
			if (err != nil) != (tt.want == "") {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, string(got)); d != "" {
				t.Error(d)
			}
		})
	}
}

const siteText = `format_version: 1 repository: "p" environment: "lab" channel: "local" store: "file:/srv/mlp" models: "*"
keys { name: "dev-alice" public_key: "ed25519:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" channels: "local" }
`

func TestReadSite(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"good", siteText + `floor { number: 3 digest: "sha256:0000000000000000000000000000000000000000000000000000000000000001" }`, nil},
		{"no release yet", siteText + "floor { }", nil},
		{"empty", "", []string{"missing-field", "missing-field", "missing-field", "missing-field", "missing-field", "missing-field", "missing-field"}},
		{"newer", strings.Replace(siteText, "1", "2", 1), []string{"unknown-format"}},
		{"relative store", strings.Replace(siteText, "file:/srv", "file:srv", 1), []string{"bad-store"}},
		{"floor without a digest", siteText + "floor { number: 3 }", []string{"missing-field"}},
		{"floor with a wrong digest", siteText + `floor { number: 3 digest: "x" }`, []string{"bad-digest"}},
		{"digest of nothing", siteText + `floor { digest: "x" }`, []string{"bad-digest"}},
		{"negative floor", siteText + `floor { number: -1 }`, []string{"out-of-range"}},
		{"wrong key", strings.Replace(siteText, "AAEC", "AAE", 1), []string{"bad-key"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			site, list := ReadSite("site.textproto", []byte(tt.text))
			if site == nil {
				t.Fatal("no site")
			}
			if d := cmp.Diff(tt.want, codes(list)); d != "" {
				t.Error(d, list.Err())
			}
		})
	}
}

var _ diag.Source = (&Workspace{}).Source

func specNames[T proto.Message](specs []Spec[T]) []string {
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.Name
	}
	return names
}
