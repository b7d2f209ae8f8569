package sql

import (
	"regexp/syntax"
	"strings"
	"unicode"
)

// patternUse says what a match is used for, which decides what may differ
// between Java and RE2.
type patternUse uint8

const (
	matchAnywhere patternUse = iota // whether there is a match
	matchGroup                      // a group of the first match
	matchOnce                       // the whole first match
	matchEach                       // every match, one after the other
	matchReplace                    // every match, replaced
)

const (
	maxPattern      = 1000
	maxInstructions = 3_000
	maxGroups       = 9
)

// pattern is a regular expression as RE2 reads it, with the meaning that Java
// gives to the text.
type pattern struct {
	tree    *syntax.Regexp
	groups  int    // of the text
	shift   int    // added to a group's number: the whole is a group itself
	tail    int    // number of a group to be put back after a replacement, or 0
	literal string // if not empty, the pattern is just this text
}

// patternError says why a pattern is refused.
type patternError struct{ reason, hint string }

// lineEnds are the characters that "." leaves out and that may follow "$" in
// Java.
func lineEnds() []rune { return []rune{'\n', '\n', '\r', '\r', 0x85, 0x85, 0x2028, 0x2029} }

// compilePattern accepts what Java and RE2 understand alike, and rewrites ".",
// "$", \s and (?i), which they do not.
func compilePattern(text string, use patternUse) (*pattern, *patternError) {
	if len(text) > maxPattern {
		return nil, &patternError{"pattern is too long", "match parts of it, joined by AND or OR"}
	}
	body, flags := leadingFlags(text)
	body, bad := scanPattern(body)
	if bad != nil {
		return nil, bad
	}
	mode := syntax.Perl &^ syntax.UnicodeGroups
	if flags.dotAll {
		mode |= syntax.DotNL
	}
	tree, err := syntax.Parse(body, mode)
	if err != nil {
		return nil, explainPattern(err, body)
	}
	p := &pattern{groups: tree.MaxCap()}
	if bad := checkTree(tree, use, p.groups); bad != nil {
		return nil, bad
	}
	if tree.Op == syntax.OpLiteral && !flags.fold {
		p.literal = string(tree.Rune)
	}
	p.tree = p.finish(rewriter{flags.fold}.rewrite(tree), use)
	if prog, err := syntax.Compile(p.tree.Simplify()); err != nil || len(prog.Inst) > maxInstructions {
		return nil, &patternError{"pattern is too large", "repeat less"}
	}
	return p, nil
}

// re2 returns the text that RE2 reads. Writing it takes long, so that it is
// done where the text is used only.
func (p *pattern) re2() string { return p.tree.String() }

type patternFlags struct{ fold, dotAll bool }

// leadingFlags cuts (?i), (?s), (?is) from the front.
func leadingFlags(text string) (string, patternFlags) {
	for _, f := range []string{"(?i)", "(?s)", "(?is)", "(?si)"} {
		if rest, ok := strings.CutPrefix(text, f); ok {
			return rest, patternFlags{fold: strings.Contains(f, "i"), dotAll: strings.Contains(f, "s")}
		}
	}
	return text, patternFlags{}
}

// scanPattern refuses what has another meaning in Java though it parses, and
// writes out \s, which holds the vertical tab in Java only.
func scanPattern(text string) (string, *patternError) {
	var b strings.Builder
	class := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		rest := text[i:]
		switch {
		case c == '\\':
			if i+1 == len(text) {
				return "", &patternError{"pattern ends in a backslash", `write \\ for a backslash`}
			}
			i++
			written, bad := patternEscape(text[i], class)
			if bad != nil {
				return "", bad
			}
			b.WriteString(written)
			if n := strings.IndexByte(text[i:], '}'); strings.HasPrefix(text[i:], "x{") && n > 0 {
				b.WriteString(text[i+1 : i+n+1])
				i += n
			}
		case class && c == '[', class && strings.HasPrefix(rest, "&&"):
			return "", &patternError{"sets inside a character class mean other things on other engines", `write letters as A-Za-z and digits as 0-9, and \[ for a bracket`}
		case !class && (strings.HasPrefix(rest, "[]") || strings.HasPrefix(rest, "[^]")):
			return "", &patternError{"a character class cannot begin with a closing bracket", `write \]`}
		case !class && c == '{' && !isRepeat(rest):
			return "", &patternError{"a brace that is no repetition", `write \{`}
		case !class && strings.HasPrefix(rest, "(?") && !strings.HasPrefix(rest, "(?:"):
			return "", groupError(rest)
		default:
			class = c == '[' || class && c != ']'
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}

func groupError(rest string) *patternError {
	switch {
	case strings.HasPrefix(rest, "(?="), strings.HasPrefix(rest, "(?!"), strings.HasPrefix(rest, "(?<="), strings.HasPrefix(rest, "(?<!"):
		return &patternError{"look-ahead and look-behind are not supported", "match more and take a group, or combine two conditions"}
	case strings.HasPrefix(rest, "(?>"):
		return &patternError{"atomic groups are not supported", "write (?:…)"}
	case strings.HasPrefix(rest, "(?<"), strings.HasPrefix(rest, "(?P"):
		return &patternError{"named groups are not supported", "write (…) and use the group's number"}
	}
	return &patternError{"flags are allowed at the beginning of a pattern only: (?i), (?s) or (?is)", "write both cases: [Aa]"}
}

// patternEscape returns how an escape is written for RE2.
func patternEscape(c byte, class bool) (string, *patternError) {
	switch {
	case c == 's' && class:
		return `\t-\r `, nil
	case c == 's':
		return `[\t-\r ]`, nil
	case c == 'S' && !class:
		return `[^\t-\r ]`, nil
	case c == 'b' || c == 'B':
		return "", &patternError{`\` + string(c) + " treats letters outside ASCII differently on other engines", "write (?:^|[^A-Za-z0-9_]) before a word"}
	case isDigit(c):
		return "", &patternError{"back-references and octal escapes are not supported", "take groups out by regexp_extract and compare them"}
	case strings.IndexByte("dDwWtnrfaxAz", c) >= 0:
		return `\` + string(c), nil
	case c < 0x80 && isWordByte(c) && c != '_':
		return "", &patternError{`\` + string(c) + " is not supported", escapeHint(c)}
	}
	return `\` + string(c), nil
}

// isRepeat reports whether text begins with {n}, {n,} or {n,m}.
func isRepeat(text string) bool {
	body, _, ok := strings.Cut(text[1:], "}")
	if !ok || body == "" || !isDigit(body[0]) {
		return false
	}
	return strings.Trim(body, "0123456789,") == "" && strings.Count(body, ",") <= 1
}

func explainPattern(err error, body string) *patternError {
	e, ok := err.(*syntax.Error)
	switch {
	case !ok:
		return &patternError{"pattern is not a regular expression", "see what Java and RE2 have in common"}
	case e.Code == syntax.ErrInvalidRepeatOp:
		return &patternError{"possessive and doubled repetitions are not supported", "leave the second sign out"}
	}
	return &patternError{"pattern is not a regular expression: " + e.Code.String(), "a sign that stands for itself is written in brackets: [(]"}
}

// escapeHint says what to write for an escape that Java has.
func escapeHint(c byte) string {
	switch c {
	case 'h':
		return `write [ \t]`
	case 'R':
		return `write \r?\n`
	case 'p', 'P':
		return "write the letters: [A-Za-z]"
	case 'Z':
		return `write $ or \z`
	case 'Q', 'E':
		return "write a backslash before each sign"
	case 'G', 'X', 'K':
		return "match more and take a group"
	}
	return "a letter stands for itself without a backslash"
}

// checkTree refuses what matches differently or may take very long.
func checkTree(tree *syntax.Regexp, use patternUse, groups int) *patternError {
	if groups > maxGroups {
		return &patternError{"pattern has more than 9 groups", "write (?:…) where a group is not used"}
	}
	if nestedRepeat(tree, false) {
		return &patternError{"a repetition without limit stands inside another, which may take very long", "give one of them a limit: {1,64}"}
	}
	if (use == matchEach || use == matchReplace) && matchesEmpty(tree) {
		return &patternError{"pattern matches the empty text, which engines count differently", "use + instead of *; a sign that stands for itself is written in brackets: [|]"}
	}
	ends := countEnds(tree)
	switch {
	case ends == 0 || use == matchAnywhere:
	case use == matchEach:
		return &patternError{"$ is not supported here", `write \z for the end of the text`}
	case ends > 1 || !endsWithDollar(tree) || isDollar(tree):
		return &patternError{"$ is supported as the last sign of the pattern only", `write \z for the end of the text`}
	}
	return nil
}

func nestedRepeat(re *syntax.Regexp, inside bool) bool {
	unbounded := re.Op == syntax.OpStar || re.Op == syntax.OpPlus || re.Op == syntax.OpRepeat && re.Max < 0
	if unbounded && inside {
		return true
	}
	for _, s := range re.Sub {
		if nestedRepeat(s, inside || unbounded) {
			return true
		}
	}
	return false
}

func matchesEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune) == 0
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return false
	case syntax.OpCapture, syntax.OpPlus:
		return matchesEmpty(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min == 0 || matchesEmpty(re.Sub[0])
	case syntax.OpConcat:
		for _, s := range re.Sub {
			if !matchesEmpty(s) {
				return false
			}
		}
		return true
	case syntax.OpAlternate:
		for _, s := range re.Sub {
			if matchesEmpty(s) {
				return true
			}
		}
		return false
	}
	return true
}

// isDollar reports whether a node is "$", not \z.
func isDollar(re *syntax.Regexp) bool {
	return re.Op == syntax.OpEndText && re.Flags&syntax.WasDollar != 0
}

func countEnds(re *syntax.Regexp) int {
	n := 0
	if isDollar(re) {
		n = 1
	}
	for _, s := range re.Sub {
		n += countEnds(s)
	}
	return n
}

func endsWithDollar(re *syntax.Regexp) bool {
	return isDollar(re) || re.Op == syntax.OpConcat && isDollar(re.Sub[len(re.Sub)-1])
}

// finish handles a final "$" where the match itself is used: what "$" looks
// over must not become a part of it.
func (p *pattern) finish(tree *syntax.Regexp, use patternUse) *syntax.Regexp {
	if use != matchOnce && use != matchReplace || !endsInOptionalLine(tree) {
		return tree
	}
	last := tree.Sub[len(tree.Sub)-1]
	head := &syntax.Regexp{Op: syntax.OpConcat, Sub: tree.Sub[:len(tree.Sub)-1]}
	if use == matchOnce {
		p.shift = 1
		return &syntax.Regexp{Op: syntax.OpConcat, Sub: []*syntax.Regexp{{Op: syntax.OpCapture, Cap: 1, Sub: []*syntax.Regexp{head}}, last}}
	}
	p.tail = p.groups + 1
	return &syntax.Regexp{Op: syntax.OpConcat, Sub: []*syntax.Regexp{head, {Op: syntax.OpCapture, Cap: p.tail, Sub: []*syntax.Regexp{last}}}}
}

// endsInOptionalLine recognises what rewrite makes of a final "$".
func endsInOptionalLine(tree *syntax.Regexp) bool {
	return tree.Op == syntax.OpConcat && len(tree.Sub) > 1 && tree.Sub[len(tree.Sub)-1].Name == dollarName
}

// dollarName marks a rewritten "$"; a node that is no group prints no name.
const dollarName = "$"

// rewriter changes a tree so that RE2 matches what Java matches.
type rewriter struct{ fold bool }

func (w rewriter) rewrite(re *syntax.Regexp) *syntax.Regexp {
	switch {
	case re.Op == syntax.OpAnyCharNotNL:
		return &syntax.Regexp{Op: syntax.OpCharClass, Rune: complement(lineEnds())}
	case isDollar(re):
		return dollar()
	case re.Op == syntax.OpLiteral && w.fold:
		return foldLiteral(re)
	case re.Op == syntax.OpCharClass && w.fold:
		return &syntax.Regexp{Op: syntax.OpCharClass, Rune: foldClass(re.Rune)}
	}
	out := *re
	out.Sub = make([]*syntax.Regexp, len(re.Sub))
	for i, s := range re.Sub {
		out.Sub[i] = w.rewrite(s)
	}
	return &out
}

// dollar matches at the end of the text, or before a last line end.
func dollar() *syntax.Regexp {
	crlf := &syntax.Regexp{Op: syntax.OpLiteral, Rune: []rune("\r\n")}
	one := &syntax.Regexp{Op: syntax.OpCharClass, Rune: lineEnds()}
	either := &syntax.Regexp{Op: syntax.OpAlternate, Sub: []*syntax.Regexp{crlf, one}}
	line := &syntax.Regexp{Op: syntax.OpQuest, Flags: syntax.NonGreedy, Sub: []*syntax.Regexp{either}}
	return &syntax.Regexp{Op: syntax.OpConcat, Name: dollarName, Sub: []*syntax.Regexp{line, {Op: syntax.OpEndText}}}
}

// foldLiteral makes each ASCII letter a class of both cases: Java's (?i) folds
// no others.
func foldLiteral(re *syntax.Regexp) *syntax.Regexp {
	out := &syntax.Regexp{Op: syntax.OpConcat}
	for _, r := range re.Rune {
		class := []rune{r, r}
		if r < 0x80 && unicode.IsLetter(r) {
			class = foldClass(class)
		}
		out.Sub = append(out.Sub, &syntax.Regexp{Op: syntax.OpCharClass, Rune: class})
	}
	return out
}

// foldClass adds the other case of each ASCII letter to a class; to what is
// left out, if the class was negated.
func foldClass(class []rune) []rune {
	negated := len(class) > 0 && class[len(class)-1] == unicode.MaxRune
	if negated {
		class = complement(class)
	}
	var in [0x80]bool
	var out []rune
	for i := 0; i < len(class); i += 2 {
		for r := class[i]; r <= min(class[i+1], 0x7f); r++ {
			in[r] = true
			if r|0x20 >= 'a' && r|0x20 <= 'z' {
				in[r^0x20] = true
			}
		}
	}
	for r, ok := range in {
		if ok {
			out = append(out, rune(r), rune(r))
		}
	}
	for i := 0; i < len(class); i += 2 {
		if class[i+1] > 0x7f {
			out = append(out, max(class[i], 0x80), class[i+1])
		}
	}
	if negated {
		return complement(out)
	}
	return out
}

// complement returns the characters that sorted ranges leave out.
func complement(class []rune) []rune {
	var out []rune
	next := rune(0)
	for i := 0; i < len(class); i += 2 {
		if class[i] > next {
			out = append(out, next, class[i]-1)
		}
		next = class[i+1] + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, next, unicode.MaxRune)
	}
	return out
}
