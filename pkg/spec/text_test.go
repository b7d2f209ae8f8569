package spec

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/specpb"
)

func at(line, col, endLine, endCol int) diag.Span {
	return diag.Span{File: "f", Line: line, Col: col, EndLine: endLine, EndCol: endCol}
}

func TestTextSpan(t *testing.T) {
	for _, tt := range []struct {
		name       string
		src        string
		start, end int
		want       diag.Span
	}{
		{"plain", `from: "abc"`, 1, 2, at(1, 9, 1, 10)},
		{"all", `from: "abc"`, 0, 3, at(1, 8, 1, 11)},
		{"nothing before a character", `from: "abc"`, 1, 1, at(1, 9, 1, 9)},
		{"the end", `from: "abc"`, 3, 3, at(1, 11, 1, 11)},
		{"the end of nothing", `from: ""`, 0, 0, at(1, 8, 1, 8)},
		{"too far", `from: "abc"`, 2, 99, at(1, 10, 1, 11)},
		{"before", `from: "abc"`, -5, -2, at(1, 8, 1, 8)},
		{"behind an escape", `from: "a\tbc"`, 2, 3, at(1, 11, 1, 12)},
		{"an escape", `from: "a\tbc"`, 1, 2, at(1, 9, 1, 11)},
		{"an octal escape", `from: "a\0112"`, 1, 2, at(1, 9, 1, 13)},
		{"a hexadecimal escape", `from: "\x41b"`, 0, 1, at(1, 8, 1, 12)},
		{"an escape of two bytes", `from: "\u00e9b"`, 0, 2, at(1, 8, 1, 14)},
		{"within an escape", `from: "\u00e9b"`, 1, 2, at(1, 8, 1, 14)},
		{"a pair of escapes", `from: "\ud83d\ude00b"`, 0, 4, at(1, 8, 1, 20)},
		{"columns count characters", `from: "éüb"`, 4, 5, at(1, 10, 1, 11)},
		{"within a character", `from: "éüb"`, 1, 3, at(1, 8, 1, 10)},
		{"the second part", `from: "ab" 'cd'`, 2, 3, at(1, 13, 1, 14)},
		{"over two parts", `from: "ab" 'cd'`, 1, 3, at(1, 9, 1, 14)},
		{"parts without space", `from: "ab"'cd'`, 3, 4, at(1, 13, 1, 14)},
		{"empty parts", `from: "" "a" "" "b"`, 1, 2, at(1, 18, 1, 19)},
		{"the second line", "from:\n\t\"ab\\n\" # \"no\"\n\t\"cd\"", 4, 5, at(3, 4, 3, 5)},
		{"over lines", "from:\n\t\"ab\\n\" # \"no\"\n\t\"cd\"", 0, 4, at(2, 3, 3, 4)},
		{"lines that end with CR LF", "from:\r\n  'a'\r\n  'b'", 1, 2, at(3, 4, 3, 5)},
		{"absent", `name: "x"`, 0, 0, diag.Span{File: "f"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := new(specpb.FeatureSet)
			doc, list := Read("f", []byte(tt.src), m, nil)
			if len(list) > 0 {
				t.Fatal(list.Err())
			}
			text := doc.Text(m, "from")
			if text.Value != m.GetFrom() {
				t.Errorf("value %q, want %q", text.Value, m.GetFrom())
			}
			if d := cmp.Diff(tt.want, text.Span(tt.start, tt.end)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestTextOfNothing(t *testing.T) {
	if got := (Text{}).Span(0, 3); got != (diag.Span{}) {
		t.Errorf("got %v", got)
	}
}

// TestTextSpanReadsBack writes random texts in random ways and checks that the
// source at the place of each character reads as that character.
func TestTextSpanReadsBack(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	letters := []rune("ab'\"\\\n\té😀z")
	for range 300 {
		value := make([]rune, 1+rnd.IntN(12))
		for i := range value {
			value[i] = letters[rnd.IntN(len(letters))]
		}
		src := "from: " + spelled(rnd, value)
		m := new(specpb.FeatureSet)
		doc, list := Read("f", []byte(src), m, nil)
		if len(list) > 0 || m.GetFrom() != string(value) {
			t.Fatalf("%s reads as %q, want %q: %v", src, m.GetFrom(), string(value), list.Err())
		}
		text := doc.Text(m, "from")
		offset := 0
		for _, r := range value {
			span := text.Span(offset, offset+utf8.RuneLen(r))
			offset += utf8.RuneLen(r)
			if got := cut(src, span); readBack(got) != string(r) {
				t.Fatalf("%q stands at %q of\n%s", r, got, src)
			}
		}
	}
}

// spelled writes a text as literals, with escapes and breaks at random.
func spelled(rnd *rand.Rand, value []rune) string {
	var b strings.Builder
	quote := func() { b.WriteByte('"') }
	quote()
	for _, r := range value {
		if rnd.IntN(4) == 0 {
			quote()
			b.WriteString([]string{"", " ", "\n", " # é\"\n\t"}[rnd.IntN(4)])
			quote()
		}
		lit := literal(string(r), rnd.IntN(2) == 0)
		b.WriteString(lit[1 : len(lit)-1])
	}
	quote()
	return b.String()
}

func cut(src string, s diag.Span) string {
	lines := strings.SplitAfter(src, "\n")
	if s.Line != s.EndLine {
		return "over lines"
	}
	return string([]rune(lines[s.Line-1])[s.Col-1 : s.EndCol-1])
}

func readBack(s string) string {
	x := scanner{src: `"` + s + `"`}
	out, _ := x.text()
	return out
}
