package sql

import (
	"fmt"
	"strings"
)

// timeForm is one of Spark's patterns for times, read for parsing: a text
// is first put into a strict form by a regular expression, since engines are
// lenient each in its own way, and then read by strptime.
type timeForm struct {
	shape   string // regular expression that the whole text matches
	rewrite string // replacement that makes the strict form
	format  string // strptime format of the strict form
	offset  string // regular expression of the offset from UTC in the text; "" if there is none
}

// timePart is what a run of one letter means.
type timePart struct {
	shape, format string
	prefix        string // of the group in the strict form
	year          bool
}

// timeParts are the runs of letters that are read, as in Spark's "Datetime
// Patterns for Formatting and Parsing". Each shape has one group. Java reads a
// single letter as a number of any length, so leading zeros are passed over.
func timeParts(run string) (timePart, bool) {
	part, ok := map[string]timePart{
		"yyyy": {`(\d{4})`, "%Y", "", true}, "yy": {`(\d{2})`, "%Y", "20", true},
		"M": {`0*(0\d|1[0-2]|[1-9])`, "%m", "", false}, "MM": {`(0[1-9]|1[0-2])`, "%m", "", false},
		"MMM":  {`(?i:(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))`, "%b", "", false},
		"MMMM": {`(?i:(january|february|march|april|may|june|july|august|september|october|november|december))`, "%B", "", false},
		"d":    {`0*(0\d|[12]\d|3[01]|[1-9])`, "%d", "", false}, "dd": {`(0[1-9]|[12]\d|3[01])`, "%d", "", false},
		"H": {`0*(0\d|1\d|2[0-3]|\d)`, "%H", "", false}, "HH": {`([01]\d|2[0-3])`, "%H", "", false},
		"h": {`0*(0\d|1[0-2]|[1-9])`, "%I", "", false}, "hh": {`(0[1-9]|1[0-2])`, "%I", "", false},
		"m": {`0*(0\d|[1-5]\d|\d)`, "%M", "", false}, "mm": {`([0-5]\d)`, "%M", "", false},
		"s": {`0*(0\d|[1-5]\d|\d)`, "%S", "", false}, "ss": {`([0-5]\d)`, "%S", "", false},
		"a": {`(?i:(am|pm))`, "%p", "", false},
	}[run]
	return part, ok
}

// timeOffsets are the runs of letters for an offset from UTC: sign, hours and
// minutes are the groups.
func timeOffsets(run string) string {
	return map[string]string{
		"X": `(?:[Zz]|([+-])(\d{2})(\d{2})?)`, "XX": `(?:[Zz]|([+-])(\d{2})(\d{2}))`, "XXX": `(?:[Zz]|([+-])(\d{2}):(\d{2}))`,
		"x": `([+-])(\d{2})(\d{2})?`, "xx": `([+-])(\d{2})(\d{2})`, "xxx": `([+-])(\d{2}):(\d{2})`,
		"Z": `([+-])(\d{2})(\d{2})`, "ZZ": `([+-])(\d{2})(\d{2})`, "ZZZ": `([+-])(\d{2})(\d{2})`,
	}[run]
}

// maxTimeParts is how many parts a pattern may have: the groups that a
// replacement can name.
const maxTimeParts = 9

// readTimeForm reads a pattern, or says what is wrong with it.
func readTimeForm(pattern string) (p timeForm, problem string) {
	b := &timeFormBuilder{rest: pattern}
	for b.rest != "" && b.problem == "" {
		b.next()
	}
	switch {
	case b.problem != "":
		return p, b.problem
	case len(b.formats) == 0:
		return p, "it has no part of a time"
	case len(b.formats) > maxTimeParts:
		return p, fmt.Sprintf("it has more than %d parts", maxTimeParts)
	case strings.Contains(b.seen, "h") != strings.Contains(b.seen, "a"):
		return p, "h and a go together"
	}
	// Spark counts from 1970-01-01; strptime from 1900.
	p = timeForm{shape: b.shape.String(), rewrite: strings.Join(b.groups, " "), format: strings.Join(b.formats, " ")}
	if !b.year {
		p.rewrite, p.format = "1970 "+p.rewrite, "%Y "+p.format
	}
	if b.offset != "" {
		p.offset = b.before + b.offset + b.after.String()
	}
	return p, ""
}

// timeFormBuilder reads a pattern from left to right. The offset's groups
// must not be counted in the shape, nor the other's in the offset's.
type timeFormBuilder struct {
	rest, problem string
	shape, after  strings.Builder // after: what stands behind the offset, without groups
	before        string          // what stands before it
	offset        string
	formats       []string
	groups        []string // of the strict form
	seen          string   // first letters of the parts
	year          bool
	number        bool // the last part was a number of any length
}

func (b *timeFormBuilder) next() {
	c := b.rest[0]
	switch {
	case c == '\'':
		b.quoted()
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		run := b.rest[:len(b.rest)-len(strings.TrimLeft(b.rest, string(c)))]
		b.rest = b.rest[len(run):]
		b.letters(run)
	case strings.IndexByte("[]{}#", c) >= 0:
		b.problem = fmt.Sprintf("%q is not read: write a pattern for each form, in coalesce", c)
	default:
		n := strings.IndexFunc(b.rest[1:], func(r rune) bool {
			return r == '\'' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("[]{}#", r)
		}) + 1
		if n == 0 {
			n = len(b.rest)
		}
		b.literal(b.rest[:n])
		b.rest = b.rest[n:]
	}
}

// quoted reads a text in quotes; two quotes are one.
func (b *timeFormBuilder) quoted() {
	if strings.HasPrefix(b.rest, "''") {
		b.literal("'")
		b.rest = b.rest[2:]
		return
	}
	var text strings.Builder
	rest := b.rest[1:]
	for {
		inside, behind, ok := strings.Cut(rest, "'")
		if !ok {
			b.problem = "a quote is not closed"
			return
		}
		text.WriteString(inside)
		more, again := strings.CutPrefix(behind, "'")
		if !again {
			b.rest = behind
			break
		}
		text.WriteByte('\'')
		rest = more
	}
	b.literal(text.String())
}

func (b *timeFormBuilder) literal(text string) {
	if text != "" {
		b.number = false
	}
	// Letters that stand for themselves are read in any case, as in Spark.
	b.add("(?i:" + quotePattern(text) + ")")
}

// add adds to the shape what has no group.
func (b *timeFormBuilder) add(shape string) {
	b.shape.WriteString(shape)
	if b.offset != "" {
		b.after.WriteString(shape)
	}
}

func (b *timeFormBuilder) letters(run string) {
	letter := run[:1]
	if offset := timeOffsets(run); offset != "" {
		if b.offset != "" {
			b.problem = "it has two offsets"
			return
		}
		b.before, b.offset = ungrouped(b.shape.String()), offset
		b.shape.WriteString(ungrouped(offset))
		b.number = false
		return
	}
	part, ok := timeParts(run)
	if letter == "S" && len(run) <= 9 {
		part, ok = timePart{fmt.Sprintf(`(\d{1,%d})`, min(len(run), 6)), "%f", "", false}, true
		if len(run) > 6 {
			part.shape += fmt.Sprintf(`\d{0,%d}`, len(run)-6)
		}
	}
	switch {
	case !ok:
		b.problem = fmt.Sprintf("%q is not read; there are yyyy yy M MM MMM MMMM d dd H HH h hh m mm s ss S… a X… x… Z and texts in quotes", run)
		return
	case strings.Contains(b.seen, letter):
		b.problem = fmt.Sprintf("%q stands twice", letter)
		return
	case b.number && strings.Contains(part.shape, `\d`):
		b.problem = fmt.Sprintf("nothing parts %q from the number before it", run)
		return
	}
	b.number = len(run) == 1 && letter != "a"
	b.seen += letter
	b.year = b.year || part.year
	b.formats = append(b.formats, part.format)
	b.groups = append(b.groups, fmt.Sprintf(`%s\%d`, part.prefix, len(b.formats)))
	b.shape.WriteString(part.shape)
	if b.offset != "" {
		b.after.WriteString(ungrouped(part.shape))
	}
}

// ungrouped makes the groups of a shape of ours plain parentheses.
func ungrouped(shape string) string {
	var b strings.Builder
	for i := range len(shape) {
		b.WriteByte(shape[i])
		opens := shape[i] == '(' && (i == 0 || shape[i-1] != '\\')
		if opens && (i+1 == len(shape) || shape[i+1] != '?') {
			b.WriteString("?:")
		}
	}
	return b.String()
}

// quotePattern makes a text stand for itself in a regular expression.
func quotePattern(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune(`\.+*?()|[]{}^$`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// settleTimeForm checks the constant pattern of a call's second argument.
func (k *call) settleTimeForm() bool {
	text, ok := k.text(1)
	if !ok {
		return false
	}
	if _, problem := readTimeForm(text); problem != "" {
		k.errorAt(1, "bad-pattern", "pattern of %s: %s", k.node.text, problem)
		return false
	}
	return true
}

// renderParseTime renders a text read by a pattern as a timestamp, NULL where
// it is not of that form.
func renderParseTime(r *renderer, t *term) string {
	text, _ := t.args[1].text()
	p, _ := readTimeForm(text) // checked when it was settled
	x := r.term(t.args[0])
	micros := fmt.Sprintf("epoch_us(try_strptime(regexp_replace(%s, %s, %s), %s))", x, quoteString("^"+p.shape+"$"), quoteString(p.rewrite), quoteString(p.format))
	if p.offset != "" && t.typ.Kind == Timestamp {
		micros = fmt.Sprintf("(%s - s_offset(%s, %s))", micros, x, quoteString("^"+p.offset+"$"))
	}
	make := map[Kind]string{Timestamp: "make_timestamptz", TimestampNTZ: "make_timestamp"}[t.typ.Kind]
	return fmt.Sprintf("CASE WHEN regexp_full_match(%s, %s) THEN %s(%s) END", x, quoteString(p.shape), make, micros)
}

// parseTime makes the term of a text read by a pattern, of which a zone does not
// count in a time without one; a date or a time is taken as it is.
func parseTime(k *call, kind Kind) *term {
	if !castable(k.args[0].typ, Type{Kind: kind}) {
		k.errorAt(0, "wrong-argument-type", "argument 1 of %s is %s", k.node.text, withArticle(k.args[0].typ))
		return nil
	}
	if !k.settleTimeForm() {
		return nil
	}
	if x := k.args[0].typ.Kind; x != String && x != Void {
		return castTerm(k.args[0], Type{Kind: kind})
	}
	return apply(operatorFunction("parse_time"), Type{Kind: kind}, k.node.at(), castTerm(k.args[0], Type{Kind: String}), k.args[1])
}
