package diag

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// at is a span of one line.
func at(file string, line, from, to int) Span { return Span{file, line, from, line, to} }

func TestSpanString(t *testing.T) {
	for _, tt := range []struct {
		span Span
		want string
	}{
		{Span{}, ""},
		{Span{File: "a"}, "a"},
		{at("a/b", 3, 4, 5), "a/b:3:4"},
	} {
		if got := tt.span.String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestSorted(t *testing.T) {
	var l List
	l.Errorf(at("b", 1, 1, 2), "x", "last")
	l.Errorf(at("a", 10, 1, 2), "x", "line 10, not 1")
	l.Errorf(at("a", 2, 9, 10), "x", "later column")
	l.Errorf(at("a", 2, 3, 9), "x", "longer")
	l.Errorf(at("a", 2, 3, 4), "y", "other code")
	l.Errorf(at("a", 2, 3, 4), "x", "two")
	l.Warnf(at("a", 2, 3, 4), "x", "one")
	l.Errorf(at("a", 2, 3, 4), "x", "two").Hintf("said twice")
	l.Errorf(Span{File: "a"}, "x", "whole file")
	before := len(l)
	var got []string
	for _, d := range l.Sorted() {
		got = append(got, fmt.Sprintf("%s %s %s", d.Span, d.Code, d.Message))
	}
	want := []string{"a x whole file", "a:2:3 x one", "a:2:3 x two", "a:2:3 y other code", "a:2:3 x longer", "a:2:9 x later column",
		"a:10:1 x line 10, not 1", "b:1:1 x last"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(l) != before || l[0].Message != "last" {
		t.Error("Sorted changes the list")
	}
}

func TestErr(t *testing.T) {
	var l List
	if l.Err() != nil || l.HasErrors() {
		t.Error("an empty list is an error")
	}
	l.Warnf(at("a", 1, 1, 2), "odd", "looks odd")
	if l.Err() != nil || l.HasErrors() || l.Count(Warning) != 1 {
		t.Error("a warning is an error")
	}
	l.Errorf(at("a", 2, 5, 6), "wrong", "is %d", 7)
	l.Errorf(at("a", 2, 5, 6), "wrong", "is %d", 7)
	err := fmt.Errorf("validate: %w", l.Err())
	var list *ListError
	if !errors.As(err, &list) || len(list.List) != 2 || l.Count(Error) != 2 {
		t.Fatalf("got %v", err)
	}
	want := "a:1:1: warning: looks odd [odd]\na:2:5: error: is 7 [wrong]"
	if diff := cmp.Diff(want, list.Error()); diff != "" {
		t.Error(diff)
	}
}

func TestNotes(t *testing.T) {
	var l List
	d := l.Errorf(at("a", 1, 1, 2), "x", "m").Hintf("try %q", "b").Notef(at("c", 2, 2, 3), "%s here", "first").Notef(Span{File: "d"}, "second")
	want := &Diagnostic{Code: "x", Span: at("a", 1, 1, 2), Message: "m", Hint: `try "b"`,
		Related: []Related{{at("c", 2, 2, 3), "first here"}, {Span{File: "d"}, "second"}}}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Error(diff)
	}
	if l[0] != d {
		t.Error("what is returned is not what is in the list")
	}
	if d := l.Errorf(Span{}, "x", "m").DidYouMean("dpotr", []string{"src", "dport"}); d.Hint != `did you mean "dport"?` {
		t.Errorf("hint %q", d.Hint)
	}
	if d := l.Errorf(Span{}, "x", "m").DidYouMean("nothing_like_it", []string{"src", "dport"}); d.Hint != "" {
		t.Errorf("hint %q", d.Hint)
	}
}

func TestNearest(t *testing.T) {
	for _, tt := range []struct {
		name, given string
		candidates  []string
		want        string
	}{
		{"no candidates", "src", nil, ""},
		{"the same", "src", []string{"dst", "src"}, "src"},
		{"case", "SRC", []string{"src"}, "src"},
		{"a letter more", "dports", []string{"dport"}, "dport"},
		{"a letter less", "dprt", []string{"dport"}, "dport"},
		{"another letter", "dpert", []string{"dport"}, "dport"},
		{"neighbours swapped are one", "drc", []string{"rdc"}, "rdc"},
		{"two swaps", "rosulvde", []string{"resolved"}, ""},
		{"a third differs", "abcdef", []string{"abcdxy"}, "abcdxy"},
		{"more than a third differs", "abcdef", []string{"abcxyz"}, ""},
		{"the nearest, not the first", "resp_byte", []string{"resp_b", "resp_bytes", "resp_pkts"}, "resp_bytes"},
		{"the first of equals", "abcx", []string{"abcd", "abce"}, "abcd"},
		{"letters, not bytes", "größe", []string{"grösse"}, ""},
		{"one letter beyond ASCII", "größe", []string{"grösze", "größen"}, "größen"},
		{"long texts are not compared", strings.Repeat("a", 5_000), []string{strings.Repeat("a", 5_000)}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Nearest(tt.given, tt.candidates)
			if got != tt.want || ok != (tt.want != "") {
				t.Errorf("got %q, %v, want %q", got, ok, tt.want)
			}
		})
	}
}

// distance is a metric but for the triangle: symmetric, zero for equals only,
// at most the longer text, and within the limit.
func FuzzDistance(f *testing.F) {
	f.Add("ab", "ba")
	f.Add("größe", "grosse")
	f.Fuzz(func(t *testing.T, a, b string) {
		s, u := []rune(a), []rune(b)
		if len(s) > 200 || len(u) > 200 {
			return
		}
		const limit = 1_000
		d := distance(a, b, limit)
		if d != distance(b, a, limit) {
			t.Errorf("%q and %q: not symmetric", a, b)
		}
		if d > max(len(s), len(u)) || d < max(len(s), len(u))-min(len(s), len(u)) || (d == 0) != (string(s) == string(u)) {
			t.Errorf("%q and %q: %d", a, b, d)
		}
		if got := distance(a, b, 2); got != min(d, 2) {
			t.Errorf("%q and %q: %d below the limit 2, not %d", a, b, got, d)
		}
	})
}

// A file full of one warning shows a few of them, and how many there are.
func TestAbridged(t *testing.T) {
	var l List
	for i := range 5 {
		l.Warnf(at("a", 9-i, 1, 2), "w", "m").Hintf("h")
		l.Errorf(at("a", 9-i, 1, 2), "e", "m")
	}
	l.Warnf(at("b", 1, 1, 2), "w", "m")
	l.Warnf(at("a", 1, 1, 2), "v", "m")
	got := func(most int) string {
		var out []string
		for _, d := range l.Abridged(most) {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", d.Span, d.Code, d.Hint)))
		}
		return strings.Join(out, "\n")
	}
	want := `a:1:1 v
a:5:1 e
a:5:1 w h
a:6:1 e
a:6:1 w h; 3 more of this kind in the file, from line 7 on
a:7:1 e
a:8:1 e
a:9:1 e
b:1:1 w`
	if diff := cmp.Diff(want, got(2)); diff != "" {
		t.Error(diff)
	}
	if n := len(l.Abridged(5)); n != len(l) {
		t.Errorf("%d of %d are left", n, len(l))
	}
	if l[0].Hint != "h" {
		t.Error("the list itself is changed")
	}
}
