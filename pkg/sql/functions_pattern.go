package sql

import (
	"fmt"
	"strings"
)

// patternFunctions use regular expressions, which must be constants: what
// means the same to Java and to RE2 is accepted, the rest is refused.
func patternFunctions() []*function {
	str, integer, boolean := Type{Kind: String}, Type{Kind: Int}, Type{Kind: Boolean}
	s, pattern := takes("s", texts), takes("pattern", texts).fixed()
	return []*function{
		{Function: Function{Name: "regexp_like", Aliases: []string{"rlike", "regexp"}, Doc: "Whether a part of s matches: s RLIKE pattern.", Example: `regexp_like('abc', r'b')`},
			params: []param{s, pattern}, settle: settlePattern(matchAnywhere, boolean), render: renderRegexpLike},
		likeFunction("like", "Whether s matches a constant pattern, in which % stands for any text and _ for a character: s LIKE pattern. The escape, a backslash unless said otherwise, takes what follows as it is.", "like('Spark', '_park')"),
		likeFunction("ilike", "As like, in any case: s ILIKE pattern.", "ilike('Spark', '_Park')"),
		{Function: Function{Name: "regexp_extract", Doc: "What a group of the first match holds, the first group unless said otherwise; '' without a match.", Example: `regexp_extract('100-200', r'(\d+)-(\d+)', 1)`},
			params: []param{s, pattern, takes("group", smalls).opt().fixed()}, settle: settleExtract, render: renderExtract, copies: 2},
		{Function: Function{Name: "regexp_replace", Doc: "s with every match replaced by a constant, in which $1 is the first group.", Example: `regexp_replace('100-200', r'(\d+)', 'num')`},
			params: []param{s, pattern, takes("replacement", texts).fixed()}, settle: settleReplace, render: renderReplace},
		{Function: Function{Name: "regexp_count", Doc: "The number of matches.", Example: `regexp_count('Steven Jones and Stephen Smith', 'Ste(v|ph)en')`},
			params: []param{s, pattern}, settle: settlePattern(matchEach, integer), render: renderRegexpCount},
		{Function: Function{Name: "regexp_extract_all", Doc: "What a group holds in each match, the first group unless said otherwise; 0 is the whole match.", Example: `regexp_extract_all('100-200, 300-400', r'(\d+)-(\d+)', 1)`},
			params: []param{s, pattern, takes("group", smalls).opt().fixed()}, settle: settleExtractAll, render: renderExtractAll},
		{Function: Function{Name: "regexp_instr", Doc: "The position of the first match, from 1; 0 if there is none.", Example: `regexp_instr('user@spark.apache.org', r'@[^.]*')`},
			params: []param{s, pattern}, settle: settlePattern(matchOnce, integer), render: renderRegexpInstr, copies: 2},
		{Function: Function{Name: "split", Doc: "The parts of s between matches of a pattern, empty ones kept; the characters for an empty pattern. With a limit at most so many, the last with the rest.", Example: `split('oneAtwoBthreeC', '[ABC]')`},
			params: []param{s, pattern, takes("limit", smalls).opt().fixed()}, settle: settleSplit, render: renderSplit, copies: 14},
		{Function: Function{Name: "regexp_substr", Doc: "The first match; NULL if there is none.", Example: `regexp_substr('Steven Jones', 'Ste(v|ph)en')`},
			params: []param{s, pattern}, settle: settlePattern(matchOnce, str), render: renderRegexpSubstr},
	}
}

func likeFunction(name, doc, example string) *function {
	return &function{Function: Function{Name: name, Doc: doc, Example: example},
		params: []param{takes("s", texts), takes("pattern", texts).fixed(), takes("escape", texts).opt().fixed()},
		rewrite: func(k *call) *term {
			return k.like(&node{op: opLike, text: name, start: k.node.start, end: k.node.end}, k.args)
		}}
}

// compiled returns the pattern of a call that settle has accepted.
func compiled(t *term, use patternUse) *pattern { return compiledAt(t, 1, use) }

func compiledAt(t *term, i int, use patternUse) *pattern {
	text, ok := t.args[i].text()
	if !ok {
		return nil
	}
	p, err := compilePattern(text, use)
	if err != nil {
		return nil
	}
	return p
}

// settlePattern checks the pattern of a call. A NULL pattern makes NULL.
func settlePattern(use patternUse, result Type) func(k *call) (Type, bool) {
	return func(k *call) (Type, bool) {
		_, ok := k.pattern(use)
		return result, ok
	}
}

// pattern compiles argument 1 and reports what is wrong with it; it is nil for
// NULL.
func (k *call) pattern(use patternUse) (*pattern, bool) { return k.patternAt(1, use) }

func (k *call) patternAt(i int, use patternUse) (*pattern, bool) {
	text, ok := k.args[i].text()
	if !ok {
		return nil, true
	}
	p, err := compilePattern(text, use)
	if err == nil {
		if strings.Contains(text, "\b") {
			k.warn(k.args[1].at, "lost-backslash", `in a string \b is a backspace, which no log holds`).
				Hintf(`write (?:^|[^A-Za-z0-9_]) for the beginning of a word`)
		}
		return p, true
	}
	d := k.errorAt(i, "bad-pattern", "%s", err.reason)
	if err.hint != "" {
		d.Hintf("%s", err.hint)
	}
	return nil, false
}

func settleExtract(k *call) (Type, bool) {
	group := int64(1)
	if len(k.args) == 3 {
		var ok bool
		if group, ok = k.args[2].integer(); !ok || group < 0 {
			k.errorAt(2, "bad-constant", "the group is a constant number from 0")
			return Type{}, false
		}
	}
	use := matchGroup
	if group == 0 {
		use = matchOnce
	}
	p, ok := k.pattern(use)
	if ok && p != nil && int(group) > p.groups {
		k.errorAt(1, "bad-pattern", "pattern has %s, group %d is asked for", counted(p.groups, "group"), group).
			Hintf("put parentheses around what is wanted, or ask for group 0")
		return Type{}, false
	}
	return Type{Kind: String}, ok
}

// settleExtractAll is settleExtract for every match.
func settleExtractAll(k *call) (Type, bool) {
	group, ok := groupOf(k.args)
	if !ok {
		k.errorAt(2, "bad-constant", "the group is a constant number from 0")
		return Type{}, false
	}
	p, ok := k.pattern(matchEach)
	if ok && p != nil && group > p.groups {
		k.errorAt(1, "bad-pattern", "pattern has %s, group %d is asked for", counted(p.groups, "group"), group).
			Hintf("put parentheses around what is wanted, or ask for group 0")
		return Type{}, false
	}
	return arrayOf(Type{Kind: String}), ok
}

// groupOf returns the number of the group that a call asks for.
func groupOf(args []*term) (int, bool) {
	if len(args) < 3 {
		return 1, true
	}
	n, ok := args[2].integer()
	return int(n), ok && n >= 0 && n <= maxGroups
}

func renderExtractAll(r *renderer, t *term) string {
	p := compiled(t, matchEach)
	if p == nil {
		return "NULL::VARCHAR[]"
	}
	group, _ := groupOf(t.args)
	all := fmt.Sprintf("regexp_extract_all(%s, %s, %d)", r.term(t.args[0]), quoteString(p.re2()), group)
	if group == 0 {
		return all
	}
	return fmt.Sprintf("list_transform(%s, lambda _s_x: coalesce(_s_x, ''))", all) // a group that took no part
}

func renderRegexpInstr(r *renderer, t *term) string {
	p := compiled(t, matchOnce)
	if p == nil {
		return "NULL::INTEGER"
	}
	return fmt.Sprintf("s_re_instr(%s, %s, %s)", r.term(t.args[0]), quoteString(p.re2()), quoteString("^((?s:.*?))(?:"+p.re2()+")"))
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func renderExtract(r *renderer, t *term) string {
	group := int64(1)
	if len(t.args) == 3 {
		group, _ = t.args[2].integer()
	}
	use := matchGroup
	if group == 0 {
		use = matchOnce
	}
	p := compiled(t, use)
	if p == nil {
		return "NULL::VARCHAR"
	}
	return fmt.Sprintf("s_re_extract(%s, %s, %d)", r.term(t.args[0]), quoteString(p.re2()), int(group)+p.shift)
}

func renderRegexpLike(r *renderer, t *term) string {
	p := compiled(t, matchAnywhere)
	if p == nil {
		return "NULL::BOOLEAN"
	}
	return fmt.Sprintf("regexp_matches(%s, %s)", r.term(t.args[0]), quoteString(p.re2()))
}

func renderRegexpSubstr(r *renderer, t *term) string {
	p := compiled(t, matchOnce)
	if p == nil {
		return "NULL::VARCHAR"
	}
	return fmt.Sprintf("list_extract(regexp_extract_all(%s, %s, %d), 1)", r.term(t.args[0]), quoteString(p.re2()), p.shift)
}

func renderRegexpCount(r *renderer, t *term) string {
	p := compiled(t, matchEach)
	if p == nil {
		return "NULL::INTEGER"
	}
	return fmt.Sprintf("len(regexp_extract_all(%s, %s))::INTEGER", r.term(t.args[0]), quoteString(p.re2()))
}

func settleReplace(k *call) (Type, bool) {
	p, ok := k.pattern(matchReplace)
	replacement, isText := k.args[2].text()
	if ok && p != nil && isText {
		if _, err := p.replacement(replacement); err != nil {
			k.errorAt(2, "bad-pattern", "%s", err.reason).Hintf("%s", err.hint)
			return Type{}, false
		}
	}
	return Type{Kind: String}, ok
}

func renderReplace(r *renderer, t *term) string {
	p := compiled(t, matchReplace)
	text, ok := t.args[2].text()
	if p == nil || !ok {
		return "NULL::VARCHAR"
	}
	replacement, err := p.replacement(text)
	if err != nil {
		return "NULL::VARCHAR"
	}
	return fmt.Sprintf("regexp_replace(%s, %s, %s, 'g')", r.term(t.args[0]), quoteString(p.re2()), quoteString(replacement))
}

func settleSplit(k *call) (Type, bool) {
	result := arrayOf(Type{Kind: String})
	if text, ok := k.args[1].text(); ok && text == "" && len(k.args) == 2 { // characters
		return result, true
	}
	_, ok := k.pattern(matchEach)
	if len(k.args) == 3 && ok {
		if _, ok = k.args[2].integer(); !ok {
			k.errorAt(2, "not-constant", "argument 3 of split must be a constant integer")
		}
	}
	return result, ok
}

func renderSplit(r *renderer, t *term) string {
	if text, ok := t.args[1].text(); ok && text == "" {
		return r.expand("string_split($1, '')", t)
	}
	p := compiled(t, matchEach)
	limit := int64(0)
	if len(t.args) == 3 {
		limit, _ = t.args[2].integer()
	}
	switch {
	case p == nil:
		return "NULL::VARCHAR[]"
	case limit > 0 && p.literal == "":
		re := quoteString(p.re2())
		return fmt.Sprintf("s_split_re(%[1]s, regexp_split_to_array(%[1]s, %[2]s), regexp_extract_all(%[1]s, %[2]s), %[3]d)", r.term(t.args[0]), re, limit)
	case limit > 0:
		return fmt.Sprintf("s_split(%s, %s, %d)", r.term(t.args[0]), quoteString(p.literal), limit)
	case p.literal != "":
		return fmt.Sprintf("string_split(%s, %s)", r.term(t.args[0]), quoteString(p.literal))
	}
	return fmt.Sprintf("regexp_split_to_array(%s, %s)", r.term(t.args[0]), quoteString(p.re2()))
}

// replacement rewrites a replacement text of Java for RE2: $1 is \1, a
// backslash takes the next character as it is.
func (p *pattern) replacement(text string) (string, *patternError) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\\':
			if i++; i == len(text) {
				return "", &patternError{"the replacement ends in a backslash", `write \\ for a backslash`}
			}
			if text[i] == '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(text[i])
		case '$':
			group, n := p.groupNumber(text[i+1:])
			if n == 0 {
				return "", &patternError{"the replacement names a group that the pattern does not have", `write \$ for a dollar sign`}
			}
			fmt.Fprintf(&b, `\%d`, group)
			i += n
		default:
			b.WriteByte(c)
		}
	}
	if p.tail > 0 {
		fmt.Fprintf(&b, `\%d`, p.tail)
	}
	return b.String(), nil
}

// groupNumber reads the digits after $ as Java does: as many as name a group
// of the pattern.
func (p *pattern) groupNumber(digits string) (group, n int) {
	for n < len(digits) && isDigit(digits[n]) {
		next := group*10 + int(digits[n]-'0')
		if next > p.groups || next > 9 {
			break
		}
		group = next
		n++
	}
	return group, n
}
