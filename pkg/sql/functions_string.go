package sql

import (
	"fmt"
	"slices"
	"strings"
)

// stringFunctions take texts apart and put them together. Positions and
// lengths count characters (code points) from 1.
func stringFunctions() []*function {
	str, integer := Type{Kind: String}, Type{Kind: Int}
	s, x := takes("s", texts), takes("s", raws)
	n := takes("n", smalls)
	trim := func(name, doc, example, sql string, params ...param) *function {
		return &function{Function: Function{Name: name, Doc: doc, Example: example}, params: params, result: str, sql: sql}
	}
	ltrim := trim("ltrim", "s without leading blanks, or without leading characters of a set.", "ltrim('  a ')", "ltrim($1, ' ');;ltrim($2, $1)", takes("chars", texts), s.opt())
	rtrim := trim("rtrim", "s without trailing blanks, or without trailing characters of a set.", "rtrim(' a  ')", "rtrim($1, ' ');;rtrim($2, $1)", takes("chars", texts), s.opt())
	ltrim.Signature, rtrim.Signature = "ltrim([chars, ]s)", "rtrim([chars, ]s)"
	return []*function{
		{Function: Function{Name: "length", Aliases: []string{"char_length", "character_length", "len"}, Doc: "The number of characters, or of bytes.", Example: "length('Spark SQL ')"},
			params: []param{x}, result: integer, render: renderAlike("length($1)::INTEGER", "octet_length($1)::INTEGER"), levels: 3},
		{Function: Function{Name: "lower", Aliases: []string{"lcase"}, Doc: "s in lower case.", Example: "lower('SparkSql')"},
			params: []param{s}, result: str, sql: "s_lower($1)", copies: 4},
		{Function: Function{Name: "upper", Aliases: []string{"ucase"}, Doc: "s in upper case; one letter may become several.", Example: "upper('SparkSql')"},
			params: []param{s}, result: str, sql: "s_upper($1)", copies: 5},
		trim("trim", "s without leading and trailing blanks (U+0020 only).", "trim('  a ')", "trim($1, ' ')", s),
		{Function: Function{Name: "btrim", Doc: "s without leading and trailing blanks, or characters of a set. Of bytes, the text that is left; NULL where it is no UTF-8.", Example: "btrim('xax', 'x')"},
			params: []param{x, takes("chars", raws).opt()}, result: str, settle: settleAlike(0, 1), levels: 4,
			render: renderAlike("trim($1, ' ');;trim($1, $2)", "TRY(decode(n_trim($1, from_hex('20'), true, true)));;TRY(decode(n_trim($1, $2, true, true)))")},
		ltrim, rtrim,
		{Function: Function{Name: "substring", Aliases: []string{"substr"}, Doc: "The characters, or bytes, from a position on; a negative one counts from the end.", Example: "substring('Spark SQL', 5, 1)"},
			params: []param{x, takes("pos", smalls), takes("len", smalls).opt()}, settle: settleAlike(0), render: renderSubstring, repeats: substringRepeats},
		{Function: Function{Name: "left", Doc: "The first n characters, or bytes.", Example: "left('Spark SQL', 3)"},
			params: []param{x, n}, settle: settleAlike(0), render: renderAlike("s_left($1, $2)", "n_slice($1, 1::BIGINT, $2::BIGINT)"), copies: 2},
		{Function: Function{Name: "right", Doc: "The last n characters.", Example: "right('Spark SQL', 3)"},
			params: []param{s, n}, result: str, sql: "s_right($1, $2)", copies: 5},
		{Function: Function{Name: "concat", Doc: "The texts, the bytes, or the arrays, joined; NULL if any is NULL: a || b.", Example: "concat('Spark', 'SQL')"},
			params: []param{takes("a", anything)}, variadic: true, settle: settleConcat, chained: true, render: renderConcat},
		{Function: Function{Name: "concat_ws", Doc: "The texts that are not NULL, joined by a constant separator. Arrays of strings are spread.", Example: "concat_ws('/', 'a', NULL, 'b')"},
			params: []param{takes("separator", texts).fixed(), takes("a", anything).opt()}, variadic: true, settle: settleConcatWs, render: renderConcatWs, copies: 2},
		{Function: Function{Name: "replace", Doc: "s with every occurrence of a text replaced by a constant.", Example: "replace('ABCabc', 'abc', 'DEF')"},
			params: []param{s, takes("search", texts), takes("replacement", texts).opt().fixed()}, result: str,
			sql: "s_replace($1, $2, '');;s_replace($1, $2, $3)", copies: 2},
		{Function: Function{Name: "reverse", Doc: "The characters of a text, the bytes, or the elements of an array, in reverse order.", Example: "reverse('Spark SQL')"},
			params: []param{takes("s", anything)}, settle: settleReverse, render: renderReverse},
		{Function: Function{Name: "repeat", Doc: "s repeated n times; n is a constant up to 10,000.", Example: "repeat('123', 2)"},
			params: []param{s, n.fixed()}, settle: settleCounted, render: renderRepeat},
		{Function: Function{Name: "lpad", Doc: "s filled up on the left, or cut, to n characters, or bytes; n is a constant up to 10,000.", Example: "lpad('hi', 5, '?')"},
			params: []param{x, n.fixed(), takes("pad", raws).opt()}, settle: settlePadded, render: renderPad("lpad", true), copies: 5},
		{Function: Function{Name: "rpad", Doc: "s filled up on the right, or cut, to n characters, or bytes; n is a constant up to 10,000.", Example: "rpad('hi', 5, '?')"},
			params: []param{x, n.fixed(), takes("pad", raws).opt()}, settle: settlePadded, render: renderPad("rpad", false), copies: 5},
		{Function: Function{Name: "translate", Doc: "s with each character of one constant replaced by the one at its place in another, or dropped.", Example: "translate('AaBbCc', 'abc', '123')"},
			params: []param{s, takes("from", texts).fixed(), takes("to", texts).fixed()}, settle: settleTranslate, render: renderTranslate},
		{Function: Function{Name: "ascii", Doc: "The code point of the first character; 0 for an empty text.", Example: "ascii('222')"},
			params: []param{s}, result: integer, sql: "s_ascii($1)", copies: 2},
	}
}

// renderPad renders lpad and rpad. Bytes are filled up with zeros.
func renderPad(name string, left bool) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		binary, pad := t.typ.Kind == Binary, "' '"
		switch {
		case len(t.args) == 3:
			pad = r.term(t.args[2])
		case binary:
			pad = "from_hex('00')"
		}
		if binary {
			return fmt.Sprintf("n_pad(%s, %s::BIGINT, %s, %t)", r.term(t.args[0]), r.term(t.args[1]), pad, left)
		}
		return fmt.Sprintf("s_%s(%s, %s, %s)", name, r.term(t.args[0]), r.term(t.args[1]), pad)
	}
}

func settlePadded(k *call) (Type, bool) {
	_, counted := k.count(1)
	typ, ok := k.alike(0, 2)
	return typ, ok && counted
}

func renderSubstring(r *renderer, t *term) string {
	if t.typ.Kind == Binary {
		length := "2147483647::BIGINT"
		if len(t.args) == 3 {
			length = r.term(t.args[2]) + "::BIGINT"
		}
		return fmt.Sprintf("n_slice(%s, %s::BIGINT, %s)", r.term(t.args[0]), r.term(t.args[1]), length)
	}
	pos, constant := t.args[1].integer()
	length, counted := int64(0), len(t.args) == 2
	if !counted {
		length, counted = t.args[2].integer()
	}
	switch {
	case constant && counted && pos > 0 && len(t.args) == 2:
		return r.expand("substring($1, $2)", t)
	case constant && counted && pos > 0 && length > 0:
		return r.expand("substring($1, $2, $3)", t)
	case len(t.args) == 2:
		return r.expand("s_substr2($1, $2)", t)
	case counted && length > 0:
		return r.expand("(CASE WHEN $2 > 0 THEN substring($1, $2, $3) ELSE s_substr($1, $2::BIGINT, $3::BIGINT) END)", t)
	}
	return r.expand("s_substr($1, $2::BIGINT, $3::BIGINT)", t)
}

// settleConcat types concat of texts, or of arrays.
func settleConcat(k *call) (Type, bool) {
	for _, a := range k.args {
		if a.typ.Kind == Array {
			k.fn = operatorFunction("concat arrays")
			return k.widen(0, false)
		}
	}
	if slices.ContainsFunc(k.args, func(a *term) bool { return a.typ.Kind == Binary }) {
		all := make([]int, len(k.args))
		for i := range all {
			all[i] = i
		}
		return k.alike(all...)
	}
	ok := true
	for i := range k.args {
		ok = k.asText(i) && ok
	}
	return Type{Kind: String}, ok
}

// asText converts an argument to a text.
func (k *call) asText(i int) bool {
	to, ok := texts.convert(k.args[i].typ)
	if !ok {
		k.errorAt(i, "wrong-argument-type", "argument %d of %s is %s, not a string", i+1, k.node.text, withArticle(k.args[i].typ))
		return false
	}
	k.args[i] = castTerm(k.args[i], to)
	return true
}

func renderConcat(r *renderer, t *term) string { return r.balanced(t.args, " || ") }

func renderConcatArrays(r *renderer, t *term) string {
	present := make([]string, len(t.args))
	for i, a := range t.args {
		present[i] = r.term(a) + " IS NOT NULL"
	}
	return "(CASE WHEN " + strings.Join(present, " AND ") + " THEN flatten([" + r.list(t.args) + "]) END)"
}

func settleReverse(k *call) (Type, bool) {
	if t := k.args[0].typ; t.Kind == Array || t.Kind == Binary {
		return t, true
	}
	return Type{Kind: String}, k.asText(0)
}

func renderReverse(r *renderer, t *term) string {
	switch t.typ.Kind {
	case Array:
		return r.expand("list_reverse($1)", t)
	case Binary:
		return r.expand("n_reverse($1)", t)
	}
	return r.expand("array_to_string(list_reverse(string_split($1, '')), '')", t)
}

// substringRepeats counts the copies of a text that a part is taken of.
func substringRepeats(args []*term) int {
	pos, ok := args[1].integer()
	if ok && pos > 0 && len(args) == 3 {
		pos, ok = args[2].integer()
	}
	if ok && pos > 0 {
		return 1
	}
	return 13
}

func settleConcatWs(k *call) (Type, bool) {
	str := Type{Kind: String}
	for i := 1; i < len(k.args); i++ {
		t := k.args[i].typ
		if t.Kind == Array && t.elem().Kind == String {
			continue
		}
		if _, ok := texts.convert(t); !ok {
			k.errorAt(i, "wrong-argument-type", "argument %d of concat_ws is %s, not a string or an array of strings", i+1, withArticle(t))
			return Type{}, false
		}
		k.args[i] = castTerm(k.args[i], str)
	}
	return str, true
}

func renderConcatWs(r *renderer, t *term) string {
	if _, ok := t.args[0].text(); !ok {
		return "NULL::VARCHAR"
	}
	parts := []string{"[]::VARCHAR[]"}
	for _, a := range t.args[1:] {
		if a.typ.Kind == Array {
			parts = append(parts, fmt.Sprintf("coalesce(%s, []::VARCHAR[])", r.term(a)))
			continue
		}
		parts = append(parts, "["+r.term(a)+"]")
	}
	list := parts[0]
	if len(parts) > 1 {
		list = balancedCall("list_concat", parts[1:])
	}
	return fmt.Sprintf("coalesce(array_to_string(%s, %s), '')", list, r.term(t.args[0]))
}

// balancedCall nests calls of two arguments as a balanced tree.
func balancedCall(name string, parts []string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	half := len(parts) / 2
	return name + "(" + balancedCall(name, parts[:half]) + ", " + balancedCall(name, parts[half:]) + ")"
}

// settleCounted checks the constant count of repeat, lpad and rpad.
func settleCounted(k *call) (Type, bool) {
	_, ok := k.count(1)
	return Type{Kind: String}, ok
}

func renderRepeat(r *renderer, t *term) string {
	n, _ := t.args[1].integer()
	return fmt.Sprintf("repeat(%s, %d)", r.term(t.args[0]), max(n, 0))
}

func settleTranslate(k *call) (Type, bool) {
	_, ok1 := k.text(1)
	_, ok2 := k.text(2)
	return Type{Kind: String}, ok1 && ok2
}

// renderTranslate drops repeated characters of the first set: the first one
// counts.
func renderTranslate(r *renderer, t *term) string {
	fromText, _ := t.args[1].text()
	toText, _ := t.args[2].text()
	var from []rune
	var kept, dropped, to strings.Builder
	target := []rune(toText)
	for i, c := range []rune(fromText) {
		if slices.Contains(from, c) {
			from = append(from, c)
			continue
		}
		from = append(from, c)
		if i >= len(target) {
			dropped.WriteRune(c)
			continue
		}
		kept.WriteRune(c)
		to.WriteRune(target[i])
	}
	return fmt.Sprintf("translate(%s, %s, %s)", r.term(t.args[0]), quoteString(kept.String()+dropped.String()), quoteString(to.String()))
}
