package sql

import (
	"regexp"
	"testing"
)

// TestPatternMatches compares what is rendered with what Java answers.
func TestPatternMatches(t *testing.T) {
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{"a.c", "abc", true}, {"a.c", "a\nc", false}, {"a.c", "a\rc", false}, {"a.c", "a\u2028c", false}, {"(?s)a.c", "a\rc", true},
		{"c$", "abc\n", true}, {"c$", "abc\r\n", true}, {"c$", "abc\n\n", false}, {`c\z`, "abc\n", false}, {"^b", "a\nb", false},
		{`\s`, "\v", true}, {`[\s]`, "\v", true}, {`\S`, "\v", false}, {`\d`, "٣", false}, {`\w`, "é", false},
		{"(?i)k", "K", true}, {"(?i)k", "\u212A", false}, {"(?i)[a-k]", "\u212A", false}, {"(?i)[^k]", "K", false}, {"(?i)é", "É", false}, {"(?i)ß", "ß", true},
		{"(?i)a1b", "A1B", true}, {"[^a]", "\n", true}, {"a{2,3}", "aa", true}, {`\.`, "x", false}, {"a|b$", "b\n", true}, {"", "x", true}, {`x{2}`, "x{2}", false},
		{`\Aab\z`, "ab", true}, {`[a\]]`, "]", true}, {`\x41`, "A", true}, {`\x{1F600}`, "😀", true}, {`\_\-`, "_-", true},
	}
	for _, tt := range tests {
		t.Run(tt.pattern, func(t *testing.T) {
			p, bad := compilePattern(tt.pattern, matchAnywhere)
			if bad != nil {
				t.Fatal(bad.reason)
			}
			if got := regexp.MustCompile(p.re2()).MatchString(tt.text); got != tt.want {
				t.Errorf("%q matches %q: %v; rendered as %q", tt.pattern, tt.text, got, p.re2())
			}
		})
	}
}

func TestPatternsRefused(t *testing.T) {
	tests := []struct {
		pattern string
		use     patternUse
	}{
		{`(?=a)`, matchAnywhere}, {`(?<!a)b`, matchAnywhere}, {`(?>a)`, matchAnywhere}, {`(?<n>a)`, matchAnywhere}, {`(?m)a`, matchAnywhere}, {`a(?i)b`, matchAnywhere},
		{`\p{L}`, matchAnywhere}, {`\1`, matchAnywhere}, {`\01`, matchAnywhere}, {`\Z`, matchAnywhere}, {`\G`, matchAnywhere}, {`\h`, matchAnywhere}, {`\v`, matchAnywhere},
		{`\Qa\E`, matchAnywhere}, {`a*+`, matchAnywhere}, {`a**`, matchAnywhere}, {`{`, matchAnywhere}, {`a{,3}`, matchAnywhere}, {`[]a]`, matchAnywhere}, {`[\S]`, matchAnywhere},
		{`[a&&b]`, matchAnywhere}, {`(a*)*`, matchAnywhere}, {`(?:a|b+)+`, matchAnywhere}, {`(`, matchAnywhere}, {`[b-a]`, matchAnywhere}, {`\`, matchAnywhere},
		{`(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)`, matchAnywhere}, {`((a{500}){500})`, matchAnywhere}, {`a*`, matchEach}, {`$`, matchReplace}, {`a$`, matchEach}, {`(a$)`, matchGroup}, {`$`, matchOnce},
	}
	for _, tt := range tests {
		t.Run(tt.pattern, func(t *testing.T) {
			if p, bad := compilePattern(tt.pattern, tt.use); bad == nil {
				t.Errorf("accepted as %q", p.re2())
			} else if bad.reason == "" {
				t.Error("no reason")
			}
		})
	}
}

func FuzzPattern(f *testing.F) {
	for _, seed := range []string{`^(\d+)-[a-z\s]{1,3}$`, `(?i)[^K]|\S`, `(?is)a.b`, `\.$`, `(?:x|y)*?z`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for use := matchAnywhere; use <= matchReplace; use++ {
			p, bad := compilePattern(text, use)
			if bad != nil {
				continue
			}
			re, err := regexp.Compile(p.re2())
			if err != nil {
				t.Fatalf("%q is rendered as %q: %v", text, p.re2(), err)
			}
			groups := p.groups + p.shift
			if p.tail > 0 {
				groups++
			}
			if re.NumSubexp() != groups {
				t.Fatalf("%q has %d groups, %q has %d", text, p.groups, p.re2(), re.NumSubexp())
			}
		}
	})
}
