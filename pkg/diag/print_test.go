package diag

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// files is a Source over texts.
type files map[string]string

func (f files) source(file string) []byte {
	if text, ok := f[file]; ok {
		return []byte(text)
	}
	return nil
}

// excerpt returns what WriteText prints between message and hint.
func excerpt(t *testing.T, text string, s Span) string {
	t.Helper()
	var l List
	l.Errorf(s, "c", "m")
	var b strings.Builder
	if err := l.WriteText(&b, files{s.File: text}.source); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(b.String(), "\n")
	return rest
}

func TestExcerpt(t *testing.T) {
	a := func(n int) string { return strings.Repeat("a", n) }
	for _, tt := range []struct {
		name, text string
		span       Span
		want       string
	}{
		{"first line", "abc\ndef\n", at("f", 1, 2, 3), "" +
			"    1 | abc\n" +
			"      |  ^\n"},
		{"last line without an end", "abc\ndef", at("f", 2, 1, 4), "" +
			"    2 | def\n" +
			"      | ^^^\n"},
		{"line ends of Windows", "abc\r\ndef\r\n", at("f", 1, 3, 9), "" +
			"    1 | abc\n" +
			"      |   ^\n"},
		{"nothing is under the caret", "abc\n", at("f", 1, 4, 4), "" +
			"    1 | abc\n" +
			"      |    ^\n"},
		{"empty line", "\n", at("f", 1, 1, 1), "" +
			"    1 | \n" +
			"      | ^\n"},
		{"characters, not bytes", "größe = x\n", at("f", 1, 9, 10), "" +
			"    1 | größe = x\n" +
			"      |         ^\n"},
		{"tabs stay tabs", "\ta:\tb\n", at("f", 1, 5, 6), "" +
			"    1 | \ta:\tb\n" +
			"      | \t  \t^\n"},
		{"several lines: to the end of the first", "ab cd\nef\n", Span{"f", 1, 4, 2, 2}, "" +
			"    1 | ab cd\n" +
			"      |    ^^\n"},
		{"controls and directions cannot be seen", "a\x1b[31m\u202eb\x00c\n", at("f", 1, 7, 8), "" +
			"    1 | a\ufffd[31m\ufffdb\ufffdc\n" +
			"      |       ^\n"},
		{"bytes that are not UTF-8 keep their places", "a\xff\xfeb\n", at("f", 1, 4, 5), "" +
			"    1 | a\ufffd\ufffdb\n" +
			"      |    ^\n"},
		{"as wide as is shown", a(119) + "b\n", at("f", 1, 120, 121), "" +
			"    1 | " + a(119) + "b\n" +
			"      | " + strings.Repeat(" ", 119) + "^\n"},
		{"long line, cut behind", a(10) + "b" + a(200) + "\n", at("f", 1, 11, 12), "" +
			"    1 | " + a(10) + "b" + a(109) + "…\n" +
			"      | " + strings.Repeat(" ", 10) + "^\n"},
		{"long line, cut on both sides", a(200) + "b" + a(200) + "\n", at("f", 1, 201, 202), "" +
			"    1 | …" + a(60) + "b" + a(59) + "…\n" +
			"      | " + strings.Repeat(" ", 61) + "^\n"},
		{"long line, cut in front", a(200) + "b\n", at("f", 1, 201, 202), "" +
			"    1 | …" + a(60) + "b\n" +
			"      | " + strings.Repeat(" ", 61) + "^\n"},
		{"long span", a(10) + strings.Repeat("b", 300) + "\n", at("f", 1, 11, 311), "" +
			"    1 | " + a(10) + strings.Repeat("b", 110) + "…\n" +
			"      | " + strings.Repeat(" ", 10) + strings.Repeat("^", 110) + "\n"},
		{"whole file", "abc\n", Span{File: "f"}, ""},
		{"no such line", "abc", at("f", 2, 1, 2), ""},
		{"line beyond the end of the file", "abc\n", at("f", 1_000_000_000, 1, 2), ""},
		{"column beyond the line", "abc\n", at("f", 1, 100, 101), "" +
			"    1 | abc\n" +
			"      |    ^\n"},
		{"no column", "abc\n", Span{File: "f", Line: 1}, "" +
			"    1 | abc\n" +
			"      | ^^^\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, excerpt(t, tt.text, tt.span)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWriteText(t *testing.T) {
	var l List
	l.Errorf(at("gone", 7, 8, 9), "two", "second").Hintf("drop it").Notef(at("a", 1, 1, 2), "first stands here")
	l.Warnf(at("a", 1, 3, 4), "one", "first")
	var b strings.Builder
	if err := l.WriteText(&b, files{"a": "x = y\n"}.source); err != nil {
		t.Fatal(err)
	}
	want := `a:1:3: warning: first [one]
    1 | x = y
      |   ^
gone:7:8: error: second [two]
  hint: drop it
  a:1:1: note: first stands here
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	if err := l.WriteText(&b, nil); err != nil || strings.Contains(b.String(), " | ") {
		t.Errorf("without a source: %q, %v", b.String(), err)
	}
}

// Whatever a file or a message holds, no line is written that looks like
// another diagnostic or drives a terminal.
func TestTextIsClean(t *testing.T) {
	const bad = "x\x1b]0;\u202e\u2066\x9b\u200b\xff\x7f\r::error::\nfake:1:1: error: fake"
	var l List
	l.Errorf(Span{File: bad, Line: 1, Col: 1, EndLine: 1, EndCol: 2}, "c", "%s", bad).Hintf("%s", bad).Notef(Span{File: bad}, "%s", bad)
	var b strings.Builder
	if err := l.WriteText(&b, func(string) []byte { return []byte(bad) }); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if line = strings.TrimLeft(line, " "); strings.HasPrefix(line, "fake") || strings.HasPrefix(line, "::") {
			t.Errorf("forged line %q", line)
		}
	}
	checkClean(t, b.String())
}

func checkClean(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("not UTF-8: %q", s)
	}
	for _, r := range s {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			t.Errorf("%U in %q", r, s)
			return
		}
	}
}

func TestWriteJSON(t *testing.T) {
	var l List
	l.Errorf(at("b", 1, 2, 3), "two", "a \"quote\" and <é>").Hintf("h").Notef(Span{File: "c"}, "n")
	l.Warnf(Span{File: "a"}, "one", "m")
	var b strings.Builder
	if err := l.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	want := `{
  "format_version": 1,
  "diagnostics": [
    {
      "severity": "warning",
      "code": "one",
      "span": {
        "file": "a"
      },
      "message": "m"
    },
    {
      "severity": "error",
      "code": "two",
      "span": {
        "file": "b",
        "line": 1,
        "col": 2,
        "end_line": 1,
        "end_col": 3
      },
      "message": "a \"quote\" and \u003cé\u003e",
      "hint": "h",
      "related": [
        {
          "span": {
            "file": "c"
          },
          "message": "n"
        }
      ]
    }
  ]
}
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	if err := (List)(nil).WriteJSON(&b); err != nil || b.String() != "{\n  \"format_version\": 1,\n  \"diagnostics\": []\n}\n" {
		t.Errorf("empty: %q, %v", b.String(), err)
	}
}

func TestWriteGitHub(t *testing.T) {
	for _, tt := range []struct {
		name string
		add  func(l *List)
		want string
	}{
		{"plain", func(l *List) { l.Errorf(Span{"a", 1, 2, 3, 4}, "c", "m") },
			"::error file=a,line=1,col=2,endLine=3,endColumn=4,title=c::m\n"},
		{"warning with a hint", func(l *List) { l.Warnf(at("a", 1, 2, 3), "c", "m").Hintf("h") },
			"::warning file=a,line=1,col=2,endLine=1,endColumn=3,title=c::m%0Ahint: h\n"},
		{"whole file", func(l *List) { l.Errorf(Span{File: "a"}, "c", "m") },
			"::error file=a,line=1,col=1,endLine=1,endColumn=1,title=c::m\n"},
		{"percent signs first", func(l *List) { l.Errorf(at("a%0Ab", 1, 1, 2), "c", "100%%0A") },
			"::error file=a%250Ab,line=1,col=1,endLine=1,endColumn=2,title=c::100%250A\n"},
		{"line ends", func(l *List) { l.Errorf(at("a\r\nb", 1, 1, 2), "c", "m\n::stop-commands::x") },
			"::error file=a%0D%0Ab,line=1,col=1,endLine=1,endColumn=2,title=c::m%0A::stop-commands::x\n"},
		{"colons and commas of properties", func(l *List) { l.Errorf(at("a::b,line=9", 1, 1, 2), "c:d,e", "x::y,z") },
			"::error file=a%3A%3Ab%2Cline=9,line=1,col=1,endLine=1,endColumn=2,title=c%3Ad%2Ce::x::y,z\n"},
		{"controls", func(l *List) { l.Errorf(at("a", 1, 1, 2), "c", "\x1b[2J\u202e\xff") },
			"::error file=a,line=1,col=1,endLine=1,endColumn=2,title=c::\ufffd[2J\ufffd\ufffd\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var l List
			tt.add(&l)
			var b strings.Builder
			if err := l.WriteGitHub(&b); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, b.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// broken is a writer that fails.
type broken struct{}

var errBroken = errors.New("broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteErrors(t *testing.T) {
	var l List
	l.Errorf(at("a", 1, 1, 2), "c", "m")
	for name, err := range map[string]error{"text": l.WriteText(broken{}, nil), "json": l.WriteJSON(broken{}), "github": l.WriteGitHub(broken{})} {
		if !errors.Is(err, errBroken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// No span and no text makes a printer panic, write what is not clean, or write
// a line of GitHub's that is not one command.
func FuzzPrint(f *testing.F) {
	f.Add("abc\n", "m", 1, 1, 1, 2)
	f.Add("a\xff\u202e", "m\n::x::", 1, 0, 0, -5)
	f.Add(strings.Repeat("wide ", 100), "", 1, 300, 1, 302)
	f.Fuzz(func(t *testing.T, text, message string, line, col, endLine, endCol int) {
		var l List
		l.Errorf(Span{"f", line, col, endLine, endCol}, "c", "%s", message).Hintf("%s", message)
		var b strings.Builder
		if err := l.WriteText(&b, files{"f": text}.source); err != nil {
			t.Fatal(err)
		}
		checkClean(t, b.String())
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(line); n > excerptWidth+20 && strings.Contains(line[:min(8, len(line))], " | ") {
				t.Errorf("a line of %d characters", n)
			}
		}
		b.Reset()
		if err := l.WriteGitHub(&b); err != nil {
			t.Fatal(err)
		}
		if out := b.String(); strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, "::error file=f,") {
			t.Errorf("%q", out)
		}
		b.Reset()
		if err := l.WriteJSON(&b); err != nil || !json.Valid([]byte(b.String())) {
			t.Errorf("%q, %v", b.String(), err)
		}
	})
}
