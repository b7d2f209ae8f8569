package sql

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/mlpdev/mlp/pkg/native"
)

// pictureFunctions write numbers by constant pictures and formats, and read
// them.
func pictureFunctions() []*function {
	str := Type{Kind: String}
	about := func(name, doc, example string, aliases ...string) Function {
		return Function{Name: name, Aliases: aliases, Doc: doc, Example: example}
	}
	form := takes("format", texts).fixed()
	const picture = "0 for a digit, 9 for one that may be missing, , or G between groups, . or D for the point, $ in front, and for the sign S or MI at an end, or PR at the last"
	return []*function{
		{Function: about("to_char", "A number as a text by a constant picture: "+picture+". What has too many digits becomes # signs. Of a time date_format(t, format), of bytes 'base64', 'hex' or 'utf-8'.", "to_char(454, '999')", "to_varchar"),
			params: []param{takes("x", anything), form}, rewrite: rewriteToChar},
		{Function: about("to_number", "The number that a text holds by a constant picture, a decimal: "+picture+". NULL where it does not match.", "to_number('454', '999')", "try_to_number"),
			params: []param{takes("s", texts), form}, settle: settleToNumber, render: renderToNumber},
		{Function: about("format_number", "A number with commas between thousands and d digits after the point, or by a constant form such as '#,##0.0#'.", "format_number(12332.123456, 4)"),
			params: []param{takes("x", numbers).only(), takes("d", anything).fixed()}, settle: settleFormatNumber, result: str, render: renderFormatNumber, copies: 2},
		{Function: about("format_string", "A constant format in which %s stands for any value, %d, %x, %X and %o for whole numbers and %f for doubles, with flags, width and precision as in Java; %2$s is the second value.", "format_string('Hello World %d %s', 100, 'days')", "printf"),
			params: []param{form, takes("a", anything).opt()}, variadic: true, settle: settleFormatString, result: str, render: renderFormatString, copies: 5},
	}
}

// callOf settles a call of another function over given arguments.
func (k *call) callOf(name string, args ...*term) *term {
	fn := k.functions[name]
	if fn == nil {
		fn = operatorFunction(name)
	}
	return k.settle(&call{checker: k.checker, node: k.node, fn: fn, args: args}, nil)
}

// rewriteToChar is another function for each kind of value.
func rewriteToChar(k *call) *term {
	x := k.args[0]
	form, ok := k.text(1)
	switch {
	case !ok:
		return nil
	case x.typ.timed():
		return k.callOf("date_format", k.args...)
	case x.typ.Kind == Binary:
		switch strings.ToLower(form) {
		case "base64":
			return k.callOf("base64", x)
		case "hex":
			return k.callOf("hex", x)
		case "utf-8":
			return k.callOf("decode", k.args...)
		}
		k.errorAt(1, "bad-constant", "the format of bytes is 'base64', 'hex' or 'utf-8'")
		return nil
	case !x.typ.Numeric() && x.typ.Kind != Void:
		k.errorAt(0, "wrong-argument-type", "argument 1 of %s is %s, not a number, a time or bytes", k.node.text, withArticle(x.typ))
		return nil
	}
	if _, ok := k.picture(); !ok {
		return nil
	}
	number := x
	if t := widestDecimal(x.typ); t.Kind == Decimal {
		number = castTerm(x, t)
	} else {
		number = castTerm(x, decimalType(1, 0))
	}
	return k.build(&node{start: k.node.start, end: k.node.end}, "to_char", Type{Kind: String}, number, k.args[1])
}

// picture returns the picture of a call, or reports what is wrong with it.
func (k *call) picture() (native.Picture, bool) {
	text, ok := k.text(1)
	if !ok {
		return native.Picture{}, false
	}
	p, ok := native.ParsePicture(text)
	if !ok || p.Before+p.After > maxPrecision {
		k.errorAt(1, "bad-constant", "%q is not a number picture", text).
			Hintf("in this order: MI or S, $, digits 0 and 9 with commas between, a point, digits, and MI, S or PR; at most %d digits", maxPrecision)
		return p, false
	}
	return p, true
}

func settleToNumber(k *call) (Type, bool) {
	p, ok := k.picture()
	if ok && p.Before == 0 {
		k.errorAt(1, "not-supported", "%s takes a picture with a digit before the point", k.node.text).Hintf("write '0.99' or '9.99'")
		return Type{}, false
	}
	return decimalType(max(p.Before+p.After, 1), p.After), ok
}

func renderToNumber(r *renderer, t *term) string {
	return fmt.Sprintf("TRY_CAST(n_to_number(%s) AS %s)", r.list(t.args), t.typ.DuckDB())
}

var numberForm = regexp.MustCompile(`^(#[#,]*)?(0[0,]*)?(\.0*#*)?$`)

func settleFormatNumber(k *call) (Type, bool) {
	switch v := k.args[1].value; {
	case k.args[1].null():
	case v == nil || !v.typ.integral() && v.typ.Kind != String:
		k.errorAt(1, "bad-constant", "argument 2 of format_number is a constant number of digits or a form such as '#,##0.0#'")
		return Type{}, false
	case v.typ.Kind == String:
		whole, _, _ := strings.Cut(v.text, ".")
		if v.text != "" && (!numberForm.MatchString(v.text) || whole == "" || strings.HasSuffix(whole, ",")) {
			k.errorAt(1, "not-supported", "%q is not a supported form of numbers", v.text).
				Hintf("write # and then 0 for digits, commas between, a point, 0 and then # for digits behind it")
			return Type{}, false
		}
	case v.number > 400:
		k.errorAt(1, "too-large", "argument 2 of format_number is more than 400")
		return Type{}, false
	}
	return Type{Kind: String}, true
}

func renderFormatNumber(r *renderer, t *term) string {
	form := "#,##0"
	switch v := t.args[1].value; {
	case t.args[1].null() || v.typ.integral() && v.number < 0:
		return "NULL::VARCHAR"
	case v.typ.integral() && v.number > 0:
		form += "." + strings.Repeat("0", int(v.number))
	case v.typ.Kind == String && v.text != "":
		form = v.text
	}
	x := r.term(t.args[0])
	if t.args[0].typ.floating() {
		return fmt.Sprintf("n_format_double(%s::DOUBLE, %s)", x, quoteString(form))
	}
	return fmt.Sprintf("n_format_digits(%s::VARCHAR, %s)", x, quoteString(form))
}

// directive is a part of a format: a text, or a value and how it is written.
type directive struct {
	text             string
	value            int // which one, from 0
	flags            string
	width, precision int
	verb             byte
}

var formatDirective = regexp.MustCompile(`%(?:(\d+)\$)?([-#+ 0,(<]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])`)

// maxDirectives bounds the chain of texts that a format is rendered as.
const maxDirectives = 100

// readFormat cuts a format into its directives, or says what is wrong.
func readFormat(format string) (out []directive, problem string) {
	next, at := 0, 0
	for _, m := range formatDirective.FindAllStringSubmatchIndex(format, -1) {
		part := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return format[m[2*i]:m[2*i+1]]
		}
		if text := format[at:m[0]]; text != "" {
			out = append(out, directive{text: text})
		}
		d := directive{flags: part(2), width: atoi(part(3), 0), precision: atoi(part(4), -1), verb: part(5)[0]}
		at = m[1]
		switch plain := d.flags == "" && part(3) == "" && part(4) == ""; {
		case d.verb == '%' && plain:
			d = directive{text: "%"}
		case d.verb == 'n' && plain:
			d = directive{text: "\n"}
		case part(1) != "":
			d.value = atoi(part(1), 0) - 1
		default:
			d.value, next = next, next+1
		}
		if p := d.wrong(); d.verb != 0 && p != "" {
			return nil, part(0) + " " + p
		}
		out = append(out, d)
	}
	if at < len(format) {
		out = append(out, directive{text: format[at:]})
	}
	for _, d := range out {
		if d.verb == 0 && strings.Contains(d.text, "%") && d.text != "%" {
			return nil, "a % stands alone"
		}
	}
	return out, ""
}

// wrong says why Java would refuse a directive, or that it is not supported.
func (d directive) wrong() string {
	allowed := map[byte]string{'s': "-", 'S': "-", 'd': "-+ 0,(", 'x': "-0", 'X': "-0", 'o': "-0", 'f': "-+ 0,("}
	flags, ok := allowed[d.verb]
	has := func(f string) bool { return strings.Contains(d.flags, f) }
	switch {
	case !ok || d.value < 0 || d.width > 1000 || d.precision > 400:
		return "is not supported"
	case strings.Trim(d.flags, flags) != "":
		return "has a flag that is not supported"
	case d.precision >= 0 && d.verb != 's' && d.verb != 'S' && d.verb != 'f':
		return "takes no precision"
	case has("-") && has("0"), has("+") && has(" "), (has("-") || has("0")) && d.width == 0:
		return "has flags that do not go together"
	}
	for i := range d.flags {
		if strings.Count(d.flags, d.flags[i:i+1]) > 1 {
			return "has a flag twice"
		}
	}
	return ""
}

func settleFormatString(k *call) (Type, bool) {
	if k.args[0].null() {
		return Type{Kind: String}, true
	}
	format, ok := k.text(0)
	if !ok {
		return Type{}, false
	}
	directives, problem := readFormat(format)
	if problem != "" {
		k.errorAt(0, "bad-constant", "%s", problem).Hintf("known are %%s, %%d, %%x, %%o, %%f and %%%%")
		return Type{}, false
	}
	if len(directives) > maxDirectives {
		k.errorAt(0, "too-large", "the format has more than %d parts", maxDirectives)
		return Type{}, false
	}
	args := k.args[:1:1] // then one a directive
	for _, d := range directives {
		if d.verb == 0 {
			continue
		}
		if !k.formats(d) {
			return Type{}, false
		}
		a := k.args[d.value+1]
		if d.verb == 's' || d.verb == 'S' {
			a = castTerm(a, Type{Kind: String})
		}
		args = append(args, a)
	}
	k.args = args
	return Type{Kind: String}, true
}

// formats checks the value of a directive.
func (k *call) formats(d directive) bool {
	i := d.value + 1
	if i >= len(k.args) {
		k.errorAt(0, "wrong-argument-count", "the format names value %d, there are %d", i, len(k.args)-1)
		return false
	}
	t := k.args[i].typ
	switch d.verb {
	case 's', 'S':
		if t.Kind == Void || t.Kind == String || t.Kind == Boolean || t.integral() || t.Kind == Double || t.Kind == Decimal && castable(t, Type{Kind: String}) {
			return true
		}
	case 'd', 'x', 'X', 'o':
		if t.Kind == Void || t.integral() {
			return true
		}
	case 'f':
		if t.Kind == Void || t.floating() {
			return true
		}
	}
	d2 := k.errorAt(i, "wrong-argument-type", "%%%c does not take %s", d.verb, withArticle(t))
	if d.verb == 'f' {
		d2.Hintf("cast it to double")
	} else {
		d2.Hintf("cast it to a string, and write %%s")
	}
	return false
}

func renderFormatString(r *renderer, t *term) string {
	format, ok := t.args[0].text()
	if !ok {
		return "NULL::VARCHAR"
	}
	directives, _ := readFormat(format)
	parts, values := []string{"''"}, t.args[1:]
	for _, d := range directives {
		if d.verb == 0 {
			parts = append(parts, quoteString(d.text))
			continue
		}
		parts, values = append(parts, d.render(r, values[0])), values[1:]
	}
	return "(" + strings.Join(parts, " || ") + ")"
}

func (d directive) render(r *renderer, a *term) string {
	flags := quoteString(d.flags)
	switch d.verb {
	case 's', 'S':
		text := fmt.Sprintf("n_format_text(%s, %s, %d, %d)", r.term(a), flags, d.width, d.precision)
		if d.verb == 'S' {
			return "s_upper(" + text + ")"
		}
		return text
	case 'd':
		return fmt.Sprintf("n_format_long(%s::BIGINT, %s, %d)", r.term(a), flags, d.width)
	case 'f':
		return fmt.Sprintf("n_format_fixed(%s::DOUBLE, %s, %d, %d)", r.term(a), flags, d.width, d.precision)
	}
	bits := map[Kind]int{TinyInt: 8, SmallInt: 16, Int: 32, BigInt: 64}[a.typ.Kind]
	base := map[byte]int{'x': 16, 'X': -16, 'o': 8}[d.verb]
	return fmt.Sprintf("n_format_bits(%s::BIGINT, %s, %d, %d, %d)", r.term(a), flags, d.width, base, max(bits, 8))
}
