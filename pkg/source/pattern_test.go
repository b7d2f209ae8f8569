package source

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp/syntax"
	"strings"
	"testing"
)

func TestPatternErrors(t *testing.T) {
	tests := []struct{ text, at, reason string }{
		{`a(b`, `(b`, "not closed"},
		{`a(b[(]`, `(b[(]`, "not closed"},
		{`(a)(b\)`, `(b\)`, "not closed"},
		{`a)b)`, `)`, "closes no parenthesis"},
		{`[)]a)`, `)`, "closes no parenthesis"},
		{`x[a-`, `[a-`, "bracket is not closed"},
		{`[ab]c[`, `[`, "bracket is not closed"},
		{`a*(*b)`, `*`, "nothing to repeat"},
		{`a+b**`, `**`, "invalid nested repetition"},
		{`a\`, `\`, "escapes nothing"},
		{`\w+(?=x)`, `(?=`, "look-around"},
		{`(\w)\1`, `\1`, "back-references"},
		{`[a-f][z-a]`, `z-a`, "invalid character class range"},
		{`\pL\pX`, `\pX`, "invalid character class range"},
		{`(?P<a>x)(?P<a>y)`, `(?P<`, `two groups have the name "a"`},
		{`a{1001}`, `{1001}`, "invalid repeat count"},
		{"a\xff", "\xff", "invalid UTF-8"},
		{strings.Repeat("a", 9000), strings.Repeat("a", 9000), "more than 8192 bytes"},
		{strings.Repeat(`a{900}b`, 20), strings.Repeat(`a{900}b`, 20), "too large"},
		{`a*b*(*c)*`, `*`, "nothing to repeat"},
	}
	for _, tt := range tests {
		_, err := NewPattern(tt.text)
		var bad *PatternError
		if !errors.As(err, &bad) || !strings.Contains(bad.Error(), tt.reason) {
			t.Errorf("%.30q: %v, want %q", tt.text, err, tt.reason)
			continue
		}
		if got := tt.text[bad.Start:bad.End]; got != tt.at {
			t.Errorf("%.30q is wrong at %d, %q, want %q", tt.text, bad.Start, got, tt.at)
		}
	}
}

func TestPatternGroups(t *testing.T) {
	p, err := NewPattern(`(?P<a>x)(?:y)(z)(?<id_orig_h>[(]\(\Q(\E[^](]*[[:alpha:]]?)`)
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]int{"a": 1, "id.orig_h": 3, "id_orig_h": 3, "id-orig-h": 3, "0": 0, "2": 2, "3": 3, "4": -1, "02": -1, "b": -1, "": -1} {
		if got := p.Group(address); got != want {
			t.Errorf("group %q is %d, want %d", address, got, want)
		}
	}
	if got := fmt.Sprint(p.Groups()); got != "[a id_orig_h]" {
		t.Errorf("groups %s", got)
	}
	if p.Meaning("1") != p.Meaning("a") || p.Meaning("") != p.Meaning("0") || p.Meaning("none") != p.Meaning("") || p.Meaning("2") == p.Meaning("3") {
		t.Error("meanings for addresses are not those of their groups")
	}
}

// TestMeaning makes patterns at random: those with one meaning match the same
// texts, and give an address the same values.
func TestMeaning(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "b", ".", "[ab]", "(?s:.)", "(", "(?:", "(?P<x>", "(?i:", ")", ")?", ")*", ")+?", "|", "+", "*?", "{2}", "{1,}", "^", "$", `\b`, `\z`, "(?m:$)"}
	byMeaning := map[string][]Pattern{}
	for range 150_000 {
		text := ""
		for range 1 + random.IntN(8) {
			text += pieces[random.IntN(len(pieces))]
		}
		p, err := NewPattern(text)
		if err != nil {
			continue
		}
		for _, address := range []string{"x", "1", ""} {
			key := address + " " + p.Meaning(address)
			if len(byMeaning[key]) < 20 {
				byMeaning[key] = append(byMeaning[key], p)
			}
		}
	}
	compared := 0
	for key, alike := range byMeaning {
		address, _, _ := strings.Cut(key, " ")
		for i := 1; i < len(alike); i++ {
			if alike[0].text != alike[i].text {
				compared++
				sameValues(t, alike[0], alike[i], address)
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d pairs of patterns with one meaning", compared)
	}
}

// sameValues compares what two patterns make of all short texts.
func sameValues(t *testing.T, p, q Pattern, address string) {
	t.Helper()
	for n := range 1 << 8 {
		var line []byte
		for ; n > 0; n >>= 2 {
			line = append(line, "abA\n"[n&3])
		}
		a, b := p.expression.FindSubmatchIndex(line), q.expression.FindSubmatchIndex(line)
		if (a == nil) != (b == nil) {
			t.Fatalf("%q and %q have one meaning for %q; one of them matches %q", p, q, address, line)
		}
		if a == nil || address == "" {
			continue
		}
		g, h := p.Group(address), q.Group(address)
		value := func(at []int, group int) [2]int {
			if group < 0 {
				return [2]int{-1, -1}
			}
			return [2]int{at[2*group], at[2*group+1]}
		}
		if value(a, g) != value(b, h) {
			t.Fatalf("%q and %q have one meaning for %q, and give it other values of %q", p, q, address, line)
		}
	}
}

// FuzzPattern checks that a pattern is refused with a place in it, or finds
// its groups where Go has them.
func FuzzPattern(f *testing.F) {
	f.Add(`(?P<a>[^]](b)\Q(\E)|[[:alpha:](]`)
	f.Add(`a(b))c[d`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := NewPattern(text)
		var bad *PatternError
		if errors.As(err, &bad) {
			if bad.Start < 0 || bad.End < bad.Start || bad.End > len(text) || bad.Reason == "" {
				t.Errorf("%q is wrong at %d to %d: %q", text, bad.Start, bad.End, bad.Reason)
			}
			return
		}
		tree, err := syntax.Parse(text, syntax.Perl)
		if err != nil || tree.MaxCap() != len(groups(text)) {
			t.Errorf("%q: %v; %d groups found", text, err, len(groups(text)))
		}
		if p.Meaning("") == "" || p.Meaning("a") == "" {
			t.Errorf("%q has no meaning", text)
		}
	})
}

func TestChain(t *testing.T) {
	for text, want := range map[string]bool{
		`(?P<ip>\S+) \S+ \[(?P<time>[^\]]+)\] "(?P<m>[A-Z]+) (?P<path>[^"]*)" (?P<status>\d{3}) (.*)`: true,
		`a*b?c+d{2,3}\n?`: true, `x*?y`: true, `(a*)(?:b|c)`: true, ``: true, `ä+`: false, `äö[^x]*x`: true,
		`\w+\d`: false, `a*a`: false, `a*(b*)a`: false, `.*x`: false, `.{2}`: false, `(?:ab)*`: false, `a|bc`: false, `(?i)ab`: false, `\bx`: false, `[a-ä]+x`: false,
	} {
		p, err := NewPattern(text)
		if err != nil || (p.chain != nil) != want {
			t.Errorf("%q is a chain: %v, want %v (%v)", text, p.chain != nil, want, err)
		}
	}
}

// FuzzChain compares chains with package regexp.
func FuzzChain(f *testing.F) {
	pieces := []string{"a", "b", "ab", `\d+`, "[^b]*", "[^a]+", ".*", `\S+`, " ", "(", ")", "a?", "b{1,2}", "[ab]", "ä", `\w*`, "(?s:.)*", "1*?", "[[:^ascii:]]+", "$"}
	f.Add([]byte{9, 0, 10, 8, 9, 3, 10}, "a 12")
	f.Add([]byte{9, 4, 10, 1, 6}, "ä\ufffdab")
	f.Fuzz(func(t *testing.T, program []byte, line string) {
		text := ""
		for _, b := range program[:min(len(program), 12)] {
			text += pieces[int(b)%len(pieces)]
		}
		p, err := NewPattern(text)
		if err != nil || p.chain == nil || strings.Contains(line, "\n") {
			return
		}
		line = strings.ToValidUTF8(line, "\ufffd")
		want, got := p.expression.FindStringSubmatchIndex(line), p.match(nil, []byte(line))
		if fmt.Sprint(want) != fmt.Sprint(got) {
			t.Fatalf("%q of %q: %v, want %v", text, line, got, want)
		}
	})
}

// TestChainRandom compares many chains with package regexp on short lines.
func TestChainRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	pieces := []string{"a", "b", `1+`, "[^b]*", "[^a]+", ".*", `\S+`, " ", "(", ")", "a?", "b{1,2}", "[ab]", "ä", `\w*`, "1*?", "(b+)", "[^ ]"}
	chains, matched := 0, 0
	for range 60_000 {
		text := ""
		for range 1 + random.IntN(7) {
			text += pieces[random.IntN(len(pieces))]
		}
		p, err := NewPattern(text)
		if err != nil || p.chain == nil {
			continue
		}
		chains++
		for range 20 {
			line := ""
			for range random.IntN(6) {
				line += []string{"a", "b", "1", " ", "ä"}[random.IntN(5)]
			}
			want, got := p.expression.FindStringSubmatchIndex(line), p.match(nil, []byte(line))
			if fmt.Sprint(want) != fmt.Sprint(got) {
				t.Fatalf("%q of %q: %v, want %v", text, line, got, want)
			}
			if got != nil {
				matched++
			}
		}
	}
	if chains < 5000 || matched < 5000 {
		t.Errorf("only %d chains, which matched %d lines", chains, matched)
	}
}
