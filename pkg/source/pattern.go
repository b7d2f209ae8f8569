package source

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxPattern and maxInstructions bound a pattern; a line costs at most the
	// product of its length and the instructions.
	maxPattern      = 8 << 10
	maxInstructions = 10_000
)

// Pattern is a regular expression that matches a line as a whole, in the
// syntax of RE2.
type Pattern struct {
	text       string
	tree       *syntax.Regexp
	expression *regexp.Regexp
	chain      *chain // instead of expression; nil: it is none
}

// PatternError says what is wrong with a pattern, and where.
type PatternError struct {
	Reason     string
	Start, End int // bytes of the text
}

// Error says what is wrong.
func (e *PatternError) Error() string { return e.Reason }

// NewPattern reads a pattern. Its error is a [PatternError].
func NewPattern(text string) (Pattern, error) {
	if len(text) > maxPattern {
		return Pattern{}, &PatternError{fmt.Sprintf("pattern has more than %d bytes", maxPattern), 0, len(text)}
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return Pattern{}, explainPattern(text, err)
	}
	names := tree.CapNames()
	for i, name := range names {
		if name != "" && slices.Contains(names[:i], name) {
			at := groupAt(text, i)
			return Pattern{}, &PatternError{fmt.Sprintf("two groups have the name %q", name), at, at + len("(?P<")}
		}
	}
	if instructions(tree) > maxInstructions {
		return Pattern{}, &PatternError{"pattern is too large: repeat less", 0, len(text)}
	}
	// What the caller wrote is valid, so that it cannot close the group.
	expression, err := regexp.Compile(`\A(?:` + text + `)\z`)
	if err != nil {
		return Pattern{}, &PatternError{"pattern is too large: repeat less", 0, len(text)}
	}
	return Pattern{text: text, tree: tree, expression: expression, chain: newChain(tree)}, nil
}

// instructions returns about how many steps a pattern is compiled to, at least
// one for each that it is worth.
func instructions(tree *syntax.Regexp) int {
	n := 1
	switch tree.Op {
	case syntax.OpLiteral:
		n = len(tree.Rune)
	case syntax.OpCharClass:
		n = 1 + len(tree.Rune)/100
	}
	for _, sub := range tree.Sub {
		n += instructions(sub)
	}
	if tree.Op == syntax.OpRepeat {
		n *= max(tree.Min, tree.Max, 1)
	}
	return min(n, maxInstructions+1)
}

// String returns the pattern as written.
func (p Pattern) String() string { return p.text }

// match returns where the groups of a line stand, as FindSubmatchIndex does;
// nil where it does not match. It may use at for that.
func (p Pattern) match(at []int, line []byte) []int {
	if p.chain != nil {
		return p.chain.match(at, line)
	}
	return p.expression.FindSubmatchIndex(line)
}

// matches reports whether a line matches.
func (p Pattern) matches(line []byte) bool {
	if p.chain != nil {
		return p.chain.match(make([]int, 0, 64), line) != nil
	}
	return p.expression.Match(line)
}

// Group returns the number of the group that an address names; -1: none. What
// cannot stand in the name of a group is an underscore there: id_orig_h is the
// group of id.orig_h.
func (p Pattern) Group(address string) int {
	if i := p.expression.SubexpIndex(address); i >= 0 {
		return i
	}
	if i := p.expression.SubexpIndex(groupName(address)); i >= 0 {
		return i
	}
	n, err := strconv.Atoi(address)
	if err != nil || n < 0 || n > p.expression.NumSubexp() || strconv.Itoa(n) != address {
		return -1
	}
	return n
}

// groupName returns the name that a group for an address can have.
func groupName(address string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '_'
	}, address)
}

// Groups returns the names of the groups that have one, in their order.
func (p Pattern) Groups() []string {
	return slices.DeleteFunc(slices.Clone(p.expression.SubexpNames()), func(name string) bool { return name == "" })
}

// group is where a pattern opens a capturing group: "(", "(?P<name>".
type group struct{ start, end int }

// groups returns where a valid pattern opens capturing groups, in order.
func groups(text string) []group {
	var out []group
	for i := 0; i < len(text); i++ {
		switch rest := text[i:]; {
		case strings.HasPrefix(rest, `\Q`):
			end := strings.Index(rest, `\E`)
			if end < 0 {
				return out
			}
			i += end + 1
		case rest[0] == '\\':
			i++
		case rest[0] == '[':
			i += classLength(rest) - 1
		case strings.HasPrefix(rest, "(?P<"), strings.HasPrefix(rest, "(?<"):
			end := strings.IndexByte(rest, '>') + 1
			out = append(out, group{i, i + end})
			i += end - 1
		case rest[0] == '(' && !strings.HasPrefix(rest, "(?"):
			out = append(out, group{i, i + 1})
		}
	}
	return out
}

// classLength returns the length of the class in brackets that a valid pattern
// begins with.
func classLength(text string) int {
	i := 1
	if strings.HasPrefix(text[i:], "^") {
		i++
	}
	if strings.HasPrefix(text[i:], "]") {
		i++
	}
	for i < len(text) && text[i] != ']' {
		switch {
		case text[i] == '\\':
			i += 2
		case strings.HasPrefix(text[i:], "[:") && strings.Contains(text[i:], ":]"):
			i += strings.Index(text[i:], ":]") + len(":]")
		default:
			i++
		}
	}
	return i + 1
}

// groupAt returns where the n-th group opens, from 1.
func groupAt(text string, n int) int {
	if all := groups(text); n <= len(all) {
		return all[n-1].start
	}
	return 0
}

// explainPattern says where a pattern is wrong.
func explainPattern(text string, err error) *PatternError {
	var bad *syntax.Error
	if !errors.As(err, &bad) {
		return &PatternError{err.Error(), 0, len(text)}
	}
	out := &PatternError{Reason: patternReason(bad), End: len(text)}
	switch bad.Code {
	case syntax.ErrMissingParen:
		out.Start, _ = unbalanced(text)
	case syntax.ErrUnexpectedParen:
		_, out.Start = unbalanced(text)
		out.End = out.Start + 1
	case syntax.ErrMissingBracket:
		out.Start = len(text) - len(bad.Expr)
	case syntax.ErrTrailingBackslash:
		out.Start = len(text) - 1
	case syntax.ErrLarge, syntax.ErrNestingDepth:
	default:
		out.Start = culprit(text, bad)
		out.End = out.Start + len(bad.Expr)
	}
	return out
}

// maxCulprits bounds the search for the place of an error.
const maxCulprits = 200

// culprit returns where the part of a pattern stands that is wrong: the first
// one with that text up to which the pattern is wrong in the same way.
func culprit(text string, bad *syntax.Error) int {
	first := strings.Index(text, bad.Expr)
	at := first
	for range maxCulprits {
		var part *syntax.Error
		end := at + len(bad.Expr)
		if _, err := syntax.Parse(text[:end], syntax.Perl); errors.As(err, &part) && part.Code == bad.Code && part.Expr == bad.Expr {
			return at
		}
		next := strings.Index(text[at+1:], bad.Expr)
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return max(first, 0)
}

// unbalanced returns where the last parenthesis opens that nothing closes, and
// where the first stands that closes nothing; 0 where there is none.
func unbalanced(text string) (opens, closes int) {
	var open []int
	for i := 0; i < len(text); i++ {
		switch rest := text[i:]; {
		case strings.HasPrefix(rest, `\Q`):
			end := strings.Index(rest, `\E`)
			if end < 0 {
				end = len(rest)
			}
			i += end + 1
		case rest[0] == '\\':
			i++
		case rest[0] == '[':
			i += classLength(rest) - 1
		case rest[0] == '(':
			open = append(open, i)
		case rest[0] == ')' && len(open) > 0:
			open = open[:len(open)-1]
		case rest[0] == ')':
			return 0, i
		}
	}
	if len(open) == 0 {
		return 0, 0
	}
	return open[len(open)-1], 0
}

// patternReason says in our words what is wrong.
func patternReason(err *syntax.Error) string {
	switch err.Code {
	case syntax.ErrMissingParen:
		return "this parenthesis is not closed"
	case syntax.ErrUnexpectedParen:
		return "this closes no parenthesis"
	case syntax.ErrMissingBracket:
		return "this bracket is not closed"
	case syntax.ErrTrailingBackslash:
		return "a backslash at the end escapes nothing"
	case syntax.ErrInvalidPerlOp:
		return "this is not in RE2: look-around and atomic groups do not exist"
	case syntax.ErrInvalidEscape:
		return "there is no such escape; back-references do not exist"
	case syntax.ErrMissingRepeatArgument:
		return "there is nothing to repeat here"
	case syntax.ErrInvalidRepeatOp, syntax.ErrInvalidRepeatSize, syntax.ErrInvalidCharRange, syntax.ErrInvalidCharClass, syntax.ErrInvalidNamedCapture:
		return "this is an " + string(err.Code)
	}
	return string(err.Code)
}
