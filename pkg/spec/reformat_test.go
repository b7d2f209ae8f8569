package spec

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/mlpdev/mlp/pkg/specpb"
)

const header = "# proto-file: mlp/v1/parser.proto\n# proto-message: mlp.v1.Parser\n\n"

// reformat formats a parser's text twice: the second time changes nothing.
func reformat(t *testing.T, src string, style Style) string {
	t.Helper()
	once := reformatOnce(t, src, style)
	if diff := cmp.Diff(once, reformatOnce(t, once, style)); diff != "" {
		t.Errorf("a second time changes it (-once +twice):\n%s", diff)
	}
	return once
}

func reformatOnce(t *testing.T, src string, style Style) string {
	t.Helper()
	d, list := Read("p.textproto", []byte(src), new(specpb.Parser), nil)
	if !WellFormed(list) {
		t.Fatalf("%s\n%v", src, list.Err())
	}
	out, list := Reformat(d, style)
	if list.HasErrors() {
		t.Fatal(list.Err())
	}
	return string(out)
}

func TestReformat(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"spaces", "name :\"a\"display_name:'b'", `name: "a" display_name: "b"`},
		{"tabs and line ends", "name: \"a\"\t \r\n\tdisplay_name: \"b\"\r\n", "name: \"a\"\ndisplay_name: \"b\""},
		{"separators", `name: "a", display_name: "b"; raw: ["x" , "y"]`, `name: "a" display_name: "b" raw: ["x", "y"]`},
		{"braces", "source: <delimited<>>", "source { delimited {} }"},
		{"a line stays", `fields{name:"a" index:0 definition:"_c0"}`, `fields { name: "a" index: 0 definition: "_c0" }`},
		{"several lines", "fields { name: \"a\"\nindex: 0 definition: \"_c0\" }", "fields {\n  name: \"a\"\n  index: 0 definition: \"_c0\"\n}"},
		{"what follows a message of lines", "source {\ncsv {} } raw: \"a\"", "source {\n  csv {}\n}\nraw: \"a\""},
		{"what a message of lines follows", "name: \"a\" source {\ncsv {} }", "name: \"a\"\nsource {\n  csv {}\n}"},
		{"empty lines", "\n\nname: \"a\"\n\n\n\nraw: \"b\"\nsource {\n\n  csv {}\n\n}\n\n", "name: \"a\"\n\nraw: \"b\"\nsource {\n  csv {}\n}"},
		{"empty message", "source { \n }", "source {}"},
		{"parts", "name: 'a' \"b\"\ndescription:\n\"c \"\n   \"d\"\nraw: \"e\"\n\"f\"",
			"name: \"a\" \"b\"\ndescription:\n  \"c \"\n  \"d\"\nraw: \"e\"\n  \"f\""},
		{"quotes", `name: 'a' raw: 'say "hi"' raw: 'it\'s' raw: "it's" raw: '\x61'`, `name: "a" raw: 'say "hi"' raw: 'it\'s' raw: "it's" raw: '\x61'`},
		{"numbers", "fields { index: - 0 index: 0x1F index:\n2 }", "fields {\n  index: -0 index: 0x1F index: 2\n}"},
		{"list of lines", "raw: [\n'a', 'b',\n'c'\n]", "raw: [\n  \"a\", \"b\",\n  \"c\"\n]"},
		{"list of messages", "fields [{name: 'a'}, <name: 'b'>]", `fields: [{ name: "a" }, { name: "b" }]`},
		{"empty list", "raw: [\n]", "raw: []"},
		{"unknown fields", "nmae: 'a' other { x: [1,2] y <z:inf u:-inf> }", `nmae: "a" other { x: [1, 2] y { z: inf u: -inf } }`},
		{"a type", "other { [ type.googleapis.com / a.B ] : {c:1} }", "other { [type.googleapis.com/a.B] { c: 1 } }"},

		{"comments of their own", "#a\n  # b  \nname: \"a\"\n      # c\n\n\n# d\n", "#a\n# b\nname: \"a\"\n# c\n\n# d"},
		{"comments behind lines", "raw: \"a\"# x\nraw: \"bcd\"  #y\nname: \"e\"\nraw: \"f\"     # z",
			"raw: \"a\"    # x\nraw: \"bcd\"  #y\nname: \"e\"\nraw: \"f\"  # z"},
		{"comments at braces", "source { # a\ncsv {} # b\n# c\n} # d", "source {  # a\n  csv {}  # b\n  # c\n}  # d"},
		{"a message of comments", "source {# a\n}", "source {  # a\n}"},
		{"comments between parts", "name: 'a' # x\n# y\n'b' # z", "name: \"a\"  # x\n  # y\n  \"b\"  # z"},
		{"comments in lists", "raw: [ # a\n'x' # b\n, # c\n'y', # d\n'z'\n# e\n] # f",
			"raw: [\n  # a\n  \"x\",  # b\n  # c\n  \"y\",  # d\n  \"z\"\n  # e\n]  # f"},
		{"comments within fields", "name # a\n: # b\n'x' # c\nraw: 'y'", "# a\n# b\nname:\n  \"x\"  # c\nraw: \"y\""},
		{"comments within a number", "fields { index: - # a\n 0 }", "fields {\n  # a\n  index: -0\n}"},
		{"comments within a type", "other { [a. # x\n B] {} }", "other {\n  # x\n  [a.B] {}\n}"},
		{"comments and separators", "name: 'a', # x\nraw: 'b' # y\n; # z\nraw: 'c'", "name: \"a\"  # x\nraw: \"b\"   # y\n# z\nraw: \"c\""},
		{"a comment like a string", "name: 'a # b' # c \"d\"", "name: \"a # b\"  # c \"d\""},
		{"nothing", "", ""},
		{"a comment", "# a", "# a"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := header + test.want + "\n"
			if test.want == "" {
				want = header[:len(header)-1]
			}
			if diff := cmp.Diff(want, reformat(t, test.src, Style{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReformatAddsTheHeader(t *testing.T) {
	const file, message = "# proto-file: mlp/v1/parser.proto\n", "# proto-message: mlp.v1.Parser\n"
	tests := []struct{ name, src, want string }{
		{"none", "name: \"a\"\n", file + message + "\nname: \"a\"\n"},
		{"a comment", "# Notes.\nname: \"a\"\n", file + message + "\n# Notes.\nname: \"a\"\n"},
		{"one of them", "#proto-file: mlp/v1/parser.proto\nname: \"a\"\n", "#proto-file: mlp/v1/parser.proto\n" + message + "name: \"a\"\n"},
		{"the other", "# Notes.\n\n" + message + "name: \"a\"\n", "# Notes.\n\n" + file + message + "name: \"a\"\n"},
		{"both", file + message + "name: \"a\"\n", file + message + "name: \"a\"\n"},
		{"too late to count", "name: \"a\"\n" + file + message, file + message + "\nname: \"a\"\n" + file + message},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, reformat(t, test.src, Style{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReformatWritesTheIndex(t *testing.T) {
	style := func(reads ...int) Style { return Style{Reads: func(string) []int { return reads }} }
	tests := []struct {
		name, src string
		reads     []int
		want      string
	}{
		{"as it was", `fields { index: 4 index: 2 definition: "x" }`, []int{2, 4}, `fields { index: 4 index: 2 definition: "x" }`},
		{"missing", `fields { name: "a" definition: "x" }`, []int{2, 4}, `fields { name: "a" index: 2 index: 4 definition: "x" }`},
		{"missing, on lines", "fields {\n  name: \"a\"\n\n  definition: \"x\"\n}", []int{2}, "fields {\n  name: \"a\"\n\n  index: 2\n  definition: \"x\"\n}"},
		{"other", `fields { index: 1 definition: "x" }`, []int{2}, `fields { index: 2 definition: "x" }`},
		{"one more", "fields {\n  index: 1  # why\n  definition: \"x\"\n}", []int{1, 2}, "fields {\n  index: 1 index: 2  # why\n  definition: \"x\"\n}"},
		{"one less", `fields { index: 1 index: 2 definition: "x" }`, []int{2}, `fields { index: 2 definition: "x" }`},
		{"one less, on lines", "fields {\n  index: 1  # a\n  index: 2  # b\n  definition: \"x\"\n}", []int{2}, "fields {\n  index: 2  # a\n  # b\n  definition: \"x\"\n}"},
		{"none", `fields { index: 1 definition: "x" }`, nil, `fields { definition: "x" }`},
		{"none, first of its line", "fields {\n  index: 1 definition: \"x\"\n}", nil, "fields {\n  definition: \"x\"\n}"},
		{"in brackets", `fields { index: [1] definition: "x" }`, []int{1, 2}, `fields { index: [1, 2] definition: "x" }`},
		{"twice", `fields { index: [1, 1] definition: "x" }`, []int{1}, `fields { index: 1 definition: "x" }`},
		{"no definition", `fields { index: 7 }`, []int{1}, `fields { index: 7 }`},
		{"no number", `fields { index: x definition: "x" }`, []int{1}, `fields { index: x definition: "x" }`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(header+test.want+"\n", reformat(t, test.src, style(test.reads...))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMessageOf(t *testing.T) {
	tests := []struct {
		file, src string
		want      proto.Message
	}{
		{"mlp.textproto", "", new(specpb.Project)},
		{"specs/parsers/a.textproto", "", new(specpb.Parser)},
		{"specs/features/a.textproto", "", new(specpb.FeatureSet)},
		{"specs/lists/a.textproto", "", new(specpb.List)},
		{"specs/lists/a.csv", "", nil},
		{"specs/functions/a.textproto", "", new(specpb.Function)},
		{"specs/models/a.textproto", "", new(specpb.Model)},
		{"specs/environments/a.textproto", "", new(specpb.Environment)},
		{"datasets/a/dataset.textproto", "", new(specpb.Dataset)},
		{"datasets/dataset.textproto", "", nil},
		{"x.textproto", "name: 'a'\n# proto-message: mlp.v1.Parser\n", nil},
		{"x.textproto", "# a\n\n#proto-message:mlp.v1.Parser\n", new(specpb.Parser)},
		{"site.textproto", "# proto-message: mlp.v1.Site\n", new(specpb.Site)},
		{"x.textproto", "# proto-message: mlp.v1.Field\n", nil},
	}
	for _, test := range tests {
		got := MessageOf(test.file, []byte(test.src))
		if (got == nil) != (test.want == nil) || got != nil && got.ProtoReflect().Descriptor() != test.want.ProtoReflect().Descriptor() {
			t.Errorf("%s: got %T, want %T", test.file, got, test.want)
		}
	}
}

// remarks returns the comments of a file, sorted.
func remarks(src string) []string {
	var out []string
	for i := 0; i < len(src); i++ {
		switch c := src[i]; c {
		case '#':
			text, _, _ := strings.Cut(src[i:], "\n")
			i += len(text)
			out = append(out, strings.TrimRight(text, " \t\r"))
		case '"', '\'':
			for i++; src[i] != c; i++ {
				if src[i] == '\\' {
					i++
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// FuzzReformat holds that what is formatted reads as before, has the same
// comments, and is not changed by being formatted again.
func FuzzReformat(f *testing.F) {
	for _, file := range []string{"testdata/good/specs/parsers/zeek_conn.textproto", "testdata/wrong/specs/parsers/fields.textproto"} {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(src))
	}
	for _, seed := range []string{"raw:[#a\n'b'#c\n'd'#e\n,#f\n]#g", "fields<index:-#x\n1,definition:'a'#y\n\"b\">;z{[a#b\n.c]{}}", "#proto-message:x\n\n\nname#:\n:'a'",
		"fields[{index:[1,#a\n2]definition:'a'},#b\n<>]", "source{csv{}raw:'a'\n}name:\n\n'a'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		d, list := Read("p.textproto", []byte(src), new(specpb.Parser), nil)
		if !WellFormed(list) {
			return
		}
		reads := []int{len(src) % 3, 3 + len(src)%5}
		once := reformat(t, src, Style{Reads: func(string) []int { return reads }})
		added := remarks(once)
		for _, c := range remarks(src) {
			i := slices.Index(added, c)
			if i < 0 {
				t.Fatalf("%q becomes %q: %q is lost", src, once, c)
			}
			added = slices.Delete(added, i, i+1)
		}
		for _, c := range added {
			if !strings.HasPrefix(c, "# proto-") {
				t.Fatalf("%q becomes %q: %q is new", src, once, c)
			}
		}
		if !sameBut(d, []byte(once)) {
			t.Fatalf("%q becomes %q, which reads otherwise", src, once)
		}
	})
}

func TestReformatRefusesToGrowBeyondTheCap(t *testing.T) {
	d, list := Read("p.textproto", []byte("name:'"+strings.Repeat("a", MaxFileSize-8)+"'"), new(specpb.Parser), nil)
	if list.HasErrors() {
		t.Fatal(list.Err())
	}
	if out, list := Reformat(d, Style{}); out != nil || len(list) != 1 || list[0].Code != "too-large" {
		t.Errorf("%d bytes, %v", len(out), list.Err())
	}
}

// TestReformatOfLargeFiles holds that time grows with the size.
func TestReformatOfLargeFiles(t *testing.T) {
	fields := strings.Repeat(`fields { index: 1 name: "a" "b" } `, MaxFileSize/40)
	for name, src := range map[string]string{
		"one line":       fields,
		"lines":          strings.ReplaceAll(fields, "} ", "}\n"),
		"comments":       strings.Repeat("raw: 'a' # b\n", MaxFileSize/16),
		"parts":          "name: " + strings.Repeat("'a' ", MaxFileSize/5),
		"a list":         "raw: [" + strings.Repeat("'a',", MaxValues-2) + "'a']",
		"index of field": "fields { definition: 'a' " + strings.Repeat("index: 1 ", MaxValues-3) + "}",
	} {
		t.Run(name, func(t *testing.T) {
			if len(src) < MaxFileSize/3 {
				t.Fatalf("%d bytes are not large", len(src))
			}
			begun := time.Now()
			reformatOnce(t, src, Style{Reads: func(string) []int { return []int{1} }})
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("%d bytes took %v", len(src), took)
			}
		})
	}
}
