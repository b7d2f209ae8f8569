package sql

import (
	"fmt"
	"strings"
)

// formFunctions write times by Spark's patterns.
func formFunctions() []*function {
	str := Type{Kind: String}
	pattern := takes("pattern", texts).fixed()
	const letters = " The pattern is a constant of Spark's letters: y G M L d H h K k m s S a E F D Q q X x Z z O V, texts in quotes and sections in brackets."
	return []*function{
		{Function: Function{Name: "date_format", Epoch: 2, Doc: "The time as a text, in UTC." + letters, Example: "date_format('2016-04-08', 'y')"},
			params: []param{takes("t", instants), pattern}, settle: settleForm, result: str, render: renderForm, repeats: formRepeats},
		{Function: Function{Name: "from_unixtime", Epoch: 2, Doc: "The time so many seconds after 1970, counted in 64 bits of microseconds, which wrap, as a text, by 'yyyy-MM-dd HH:mm:ss' or a pattern as of date_format.", Example: "from_unixtime(0, 'yyyy-MM-dd HH:mm:ss')"},
			params: []param{takes("n", integers), pattern.opt()}, rewrite: rewriteFromUnixtime},
	}
}

// formPart returns a run of letters as strftime writes it.
func formPart(run string) (string, bool) {
	part, ok := map[string]string{"yy": "%y", "M": "%-m", "MM": "%m", "MMM": "%b", "MMMM": "%B", "d": "%-d", "dd": "%d", "D": "%-j", "DDD": "%j",
		"H": "%-H", "HH": "%H", "h": "%-I", "hh": "%I", "m": "%-M", "mm": "%M", "s": "%-S", "ss": "%S", "a": "%p", "E": "%a", "EE": "%a", "EEE": "%a", "EEEE": "%A",
		"X": "Z", "XX": "Z", "XXX": "Z", "x": "+00", "xx": "+0000", "xxx": "+00:00", "Z": "+0000", "ZZ": "+0000", "ZZZ": "+0000", "ZZZZ": "GMT", "ZZZZZ": "Z",
		"XXXX": "Z", "XXXXX": "Z", "xxxx": "+0000", "xxxxx": "+00:00", "O": "GMT", "OOOO": "GMT", "z": "UTC", "zz": "UTC", "zzz": "UTC", "zzzz": "Coordinated Universal Time", "VV": "UTC",
		"L": "%-m", "LL": "%m", "LLL": "%b", "LLLL": "%B"}[run]
	return part, ok
}

// formNumber returns a run of letters for a number that strftime does not
// write, as SQL of the time.
func formNumber(run string) string {
	return map[string]string{"Q": "quarter(%s)::VARCHAR", "QQ": "'0' || quarter(%s)", "QQQ": "'Q' || quarter(%s)",
		"q": "quarter(%s)::VARCHAR", "qq": "'0' || quarter(%s)", "qqq": "'Q' || quarter(%s)", "F": "((day(%s) - 1) % 7 + 1)::VARCHAR",
		"QQQQ": "['1st', '2nd', '3rd', '4th'][quarter(%s)] || ' quarter'", "qqqq": "['1st', '2nd', '3rd', '4th'][quarter(%s)] || ' quarter'", "DD": "printf('%02d', dayofyear(%s))",
		"G": "CASE WHEN year(%s) > 0 THEN 'AD' ELSE 'BC' END", "GG": "CASE WHEN year(%s) > 0 THEN 'AD' ELSE 'BC' END", "GGG": "CASE WHEN year(%s) > 0 THEN 'AD' ELSE 'BC' END", "GGGG": "CASE WHEN year(%s) > 0 THEN 'Anno Domini' ELSE 'Before Christ' END",
		"K": "(hour(%s) % 12)::VARCHAR", "KK": "lpad((hour(%s) % 12)::VARCHAR, 2, '0')",
		"k": "((hour(%s) + 23) % 24 + 1)::VARCHAR", "kk": "lpad(((hour(%s) + 23) % 24 + 1)::VARCHAR, 2, '0')"}[run]
}

// formYear returns a year of so many letters as SQL of the time: from four on, a
// + stands before more digits. In eras there is no year 0 and none below.
func formYear(n int, eras bool) string {
	number := "year(%s)"
	if eras {
		number = "(CASE WHEN year(%s) > 0 THEN year(%s) ELSE 1 - year(%s) END)"
	}
	digits := fmt.Sprintf("printf('%%0%dd', abs(%s))", n, number)
	switch {
	case n == 1:
		return number + "::VARCHAR"
	case n == 2:
		return fmt.Sprintf("right(printf('%%02d', %s), 2)", number)
	case n == 3:
		return fmt.Sprintf("CASE WHEN %s < 0 THEN '-' ELSE '' END || %s", number, digits)
	case n == 4 && !eras:
		return "s_year2str(%s)"
	}
	return fmt.Sprintf("CASE WHEN %s < 0 THEN '-' WHEN length(%s) > %d THEN '+' ELSE '' END || %s", number, digits, n, digits)
}

// unquotedForm cuts what stands in quotes.
func unquotedForm(pattern string) string {
	var b strings.Builder
	for i, piece := range strings.Split(pattern, "'") {
		if i%2 == 0 {
			b.WriteString(piece)
		}
	}
	return b.String()
}

// form is a part of a pattern.
type form struct {
	format string // of strftime
	digits int    // of the fraction, instead of a format
	sql    string // of the time %s
}

// readForm reads a pattern, or says what is wrong with it.
func readForm(pattern string) (parts []form, problem string) {
	var text strings.Builder
	flush := func(f form) {
		if text.Len() > 0 {
			parts = append(parts, form{format: text.String()})
			text.Reset()
		}
		if f != (form{}) {
			parts = append(parts, f)
		}
	}
	depth, eras := 0, strings.Contains(unquotedForm(pattern), "G")
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch {
		case c == '\'':
			quoted, n := quotedForm(pattern[i:])
			if n == 0 {
				return nil, "a quote is not closed"
			}
			text.WriteString(strings.ReplaceAll(quoted, "%", "%%"))
			i += n
		case c < 0x80 && isWordByte(c) && !isDigit(c) && c != '_':
			n := 1
			for i+n < len(pattern) && pattern[i+n] == c {
				n++
			}
			part, ok := formPart(pattern[i : i+n])
			switch {
			case c == 'S' && n <= 9:
				flush(form{digits: n})
			case c == 'y' && n <= 6 && (eras || n != 2):
				flush(form{sql: formYear(n, eras)})
			case formNumber(pattern[i:i+n]) != "":
				flush(form{sql: formNumber(pattern[i : i+n])})
			case ok:
				text.WriteString(part)
			default:
				return nil, fmt.Sprintf("%q is not supported in a pattern for writing times: write letters that stand for themselves in single quotes", pattern[i:i+n])
			}
			i += n
		case c == '[' || c == ']' && depth > 0: // what is optional is there
			if depth++; c == ']' {
				depth -= 2
			}
			i++
		case strings.IndexByte("]{}#", c) >= 0:
			return nil, fmt.Sprintf("%q is not supported in a pattern for writing times", c)
		default:
			text.WriteString(strings.ReplaceAll(string(c), "%", "%%"))
			i++
		}
	}
	flush(form{})
	if depth > 0 {
		return nil, "a section is not closed by ]"
	}
	return parts, ""
}

// quotedForm reads a text in quotes and returns how long it is with them; 0 is
// for one that does not end. A doubled quote is one, inside quotes and alone.
func quotedForm(text string) (string, int) {
	if strings.HasPrefix(text, "''") {
		return "'", 2
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] != '\'':
			b.WriteByte(text[i])
		case i+1 < len(text) && text[i+1] == '\'':
			b.WriteByte('\'')
			i++
		default:
			return b.String(), i + 1
		}
	}
	return "", 0
}

func settleForm(k *call) (Type, bool) {
	pattern, ok := k.text(1)
	if ok {
		if parts, problem := readForm(pattern); problem != "" || len(parts) > 16 {
			if problem == "" {
				problem = "the pattern has more than 16 parts"
			}
			k.errorAt(1, "bad-constant", "%s", problem)
			ok = false
		}
	}
	return Type{Kind: String}, ok
}

func renderForm(r *renderer, t *term) string {
	pattern, _ := t.args[1].text()
	parts, _ := readForm(pattern)
	at := "s_utc(" + r.term(t.args[0]) + ")"
	texts := make([]string, len(parts))
	for i, p := range parts {
		switch {
		case p.sql != "":
			texts[i] = "(" + strings.ReplaceAll(p.sql, "%s", at) + ")"
		case p.digits > 0:
			texts[i] = fmt.Sprintf("left(strftime(%s, '%%f') || '000', %d)", at, p.digits)
		default:
			texts[i] = fmt.Sprintf("strftime(%s, %s)", at, quoteString(p.format))
		}
	}
	if len(texts) == 0 {
		return fmt.Sprintf("(CASE WHEN %s IS NOT NULL THEN '' END)", at)
	}
	return "(" + strings.Join(texts, " || ") + ")"
}

func rewriteFromUnixtime(k *call) *term {
	bigint := Type{Kind: BigInt}
	micros := k.build(k.node, "*", bigint, castTerm(k.args[0], bigint), constantTerm(constant{typ: bigint, number: secondMicros}, k.node.at()))
	time := k.settle(&call{checker: k.checker, node: k.node, fn: k.functions["timestamp_micros"], args: []*term{micros}}, nil)
	if time == nil {
		return nil
	}
	pattern := constantTerm(stringConstant("yyyy-MM-dd HH:mm:ss"), k.node.at())
	if len(k.args) == 2 {
		pattern = k.args[1]
	}
	return k.settle(&call{checker: k.checker, node: k.node, fn: k.functions["date_format"], args: []*term{time, pattern}}, nil)
}

// formRepeats counts the copies of a time that is written.
func formRepeats(args []*term) int {
	pattern, _ := args[1].text()
	parts, _ := readForm(pattern)
	n := 1
	for _, p := range parts {
		n += max(1, strings.Count(p.sql, "%s"))
		if strings.Contains(p.sql, "s_year2str") {
			n += 4
		}
	}
	return n
}
