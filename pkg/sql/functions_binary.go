package sql

import (
	"fmt"
	"strings"
)

// binaryFunctions go between texts and bytes. Bytes are a value on the way
// only: no field or feature holds them.
func binaryFunctions() []*function {
	str, binary, integer, boolean := Type{Kind: String}, Type{Kind: Binary}, Type{Kind: Int}, Type{Kind: Boolean}
	s, b := takes("s", texts), takes("x", raws)
	charset, form := takes("charset", texts).fixed(), takes("format", texts).opt().fixed()
	about := func(name, doc, example string, aliases ...string) Function {
		return Function{Name: name, Aliases: aliases, Doc: doc, Example: example}
	}
	const sets = " 'UTF-8', 'UTF-16', 'UTF-16LE', 'UTF-16BE', 'UTF-32', 'ISO-8859-1' or 'US-ASCII'."
	return []*function{
		{Function: about("encode", "The bytes of a text in a character set:"+sets+" NULL where the set lacks a character.", "encode('abc', 'UTF-8')"),
			params: []param{s, charset}, settle: settleCharset(binary), render: renderEncode},
		{Function: Function{Name: "decode", Epoch: 2, Doc: "The text that bytes hold in a character set:" + sets + " NULL where they hold none. With more arguments, decode(x, a, b, …, default) is b where x is a, NULL being NULL.", Example: "decode(unbase64('YWJj'), 'UTF-8')"},
			params: []param{takes("bytes", anything), takes("charset", anything)}, variadic: true, settle: settleDecode, render: renderDecode},
		{Function: about("unhex", "The bytes of hexadecimal digits; NULL where they are none.", "decode(unhex('537061726B'), 'UTF-8')"),
			params: []param{s}, result: binary, sql: "s_unhex($1)", copies: 4},
		{Function: about("base64", "Bytes, or those of a text, in base 64, in lines of 76 characters that end in \\r\\n.", "base64('Spark SQL')"),
			params: []param{b.only()}, settle: settleBytes, result: str, sql: "s_base64($1)"},
		{Function: about("unbase64", "The bytes that a text in base 64 stands for; other characters are left out. NULL where it ends too early.", "decode(unbase64('U3BhcmsgU1FM'), 'UTF-8')"),
			params: []param{s}, result: binary, sql: "s_unbase64($1)", copies: 6},
		{Function: about("to_base32", "Bytes, or those of a text, in base 32.", "to_base32('foobar')"),
			params: []param{b.only()}, result: str, sql: "n_base32($1)"},
		{Function: about("from_base32", "The bytes that a text in base 32 stands for; other characters are left out.", "decode(from_base32('MZXW6YTBOI======'), 'UTF-8')"),
			params: []param{s}, result: binary, sql: "n_unbase32($1)"},
		{Function: about("to_binary", "The bytes that a text stands for in a constant format: 'hex', unless said otherwise, 'base64' or 'utf-8'. NULL where it has another.", "decode(to_binary('616263', 'hex'), 'UTF-8')"),
			params: []param{s, form}, settle: settleToBinary, result: binary, render: renderToBinary, copies: 8},
		{Function: about("try_to_binary", "to_binary(s, format), and NULL for another format.", "try_to_binary('a!', 'base64')"),
			params: []param{s, form}, result: binary, render: renderToBinary, copies: 8},
		{Function: about("octet_length", "The number of bytes, of a text in UTF-8.", "octet_length('Spark SQL')"),
			params: []param{b}, settle: settleBytes, result: integer, sql: "octet_length($1)::INTEGER"},
		{Function: about("bit_length", "The number of bits, of a text in UTF-8.", "bit_length('Spark SQL')"),
			params: []param{b}, settle: settleBytes, result: integer, sql: "(octet_length($1) * 8)::INTEGER"},
		{Function: about("is_valid_utf8", "Whether bytes are a text in UTF-8.", "is_valid_utf8(x'61C262')"),
			params: []param{b}, settle: settleBytes, result: boolean, sql: "(CASE WHEN $1 IS NOT NULL THEN TRY(decode($1)) IS NOT NULL END)", copies: 2},
		{Function: about("make_valid_utf8", "The text that bytes are in UTF-8, with U+FFFD for what is none.", "make_valid_utf8(x'61C262')"),
			params: []param{b}, settle: settleBytes, result: str, sql: "n_make_utf8($1)"},
		{Function: about("validate_utf8", "The text that bytes are in UTF-8; NULL where they are none.", "validate_utf8(x'616263')", "try_validate_utf8"),
			params: []param{b}, settle: settleBytes, result: str, sql: "TRY(decode($1))"},
	}
}

// settleCharset accepts the character sets of Spark, in any case. What stands
// for a text becomes bytes.
func settleCharset(result Type) func(k *call) (Type, bool) {
	return func(k *call) (Type, bool) {
		set, ok := k.text(1)
		if !ok {
			return Type{}, false
		}
		switch strings.ToLower(set) {
		case "utf-8", "utf-16", "utf-16le", "utf-16be", "utf-32", "iso-8859-1", "us-ascii":
			if result.Kind == String {
				k.args[0] = castTerm(k.args[0], Type{Kind: Binary})
			}
			return result, true
		}
		k.errorAt(1, "not-supported", "character set %q is not supported", set).Hintf("write UTF-8, UTF-16, UTF-16LE, UTF-16BE, UTF-32, ISO-8859-1 or US-ASCII")
		return Type{}, false
	}
}

// alike types arguments that are all texts or all bytes.
func (k *call) alike(arguments ...int) (Type, bool) {
	typ := Type{Kind: String}
	for _, i := range arguments {
		if i < len(k.args) && k.args[i].typ.Kind == Binary {
			typ = k.args[i].typ
		}
	}
	for _, i := range arguments {
		if i >= len(k.args) {
			break
		}
		if a := k.args[i]; typ.Kind == Binary && a.typ.Kind != Binary && !a.null() {
			k.errorAt(i, "type-mismatch", "argument %d of %s is a string, beside bytes", i+1, k.node.text).Hintf("write encode(…, 'UTF-8')")
			return Type{}, false
		}
		k.args[i] = castTerm(k.args[i], typ)
	}
	return typ, true
}

// null reports whether a term is NULL, whatever type it was given.
func (t *term) null() bool {
	return t.typ.Kind == Void || t.fn == castFunction && t.args[0].null()
}

// settleAlike types a function of texts or bytes by arguments that are alike.
// The result is one of them unless the function says otherwise.
func settleAlike(arguments ...int) func(k *call) (Type, bool) {
	return func(k *call) (Type, bool) {
		typ, ok := k.alike(arguments...)
		if k.fn.result.Kind != Void {
			typ = k.fn.result
		}
		return typ, ok
	}
}

// renderAlike renders by one template for texts, and another for bytes.
func renderAlike(text, bytes string) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		form := text
		if t.args[0].typ.Kind == Binary {
			form = bytes
		}
		forms := strings.Split(form, ";;")
		return r.expand(forms[min(len(t.args)-t.fn.minimum(), len(forms)-1)], t)
	}
}

// settleDecode types both forms of decode. The longer one is a CASE.
func settleDecode(k *call) (Type, bool) {
	if len(k.args) == 2 {
		to, ok := raws.convert(k.args[0].typ)
		if !ok {
			k.errorAt(0, "wrong-argument-type", "argument 1 of decode is %s, not bytes", withArticle(k.args[0].typ))
			return Type{}, false
		}
		k.args[0] = castTerm(k.args[0], to)
		return settleCharset(Type{Kind: String})(k)
	}
	n := &node{op: opCase, start: k.node.start, end: k.node.end}
	var args []*term
	for i := 1; i+1 < len(k.args); i += 2 {
		equal := k.compare(n, "<=>", k.args[0], k.args[i])
		if equal == nil {
			return Type{}, false
		}
		args = append(args, equal, k.args[i+1])
	}
	if len(k.args)%2 == 0 {
		args = append(args, k.args[len(k.args)-1])
	} else { // Spark's default is a text
		args = append(args, castTerm(constantTerm(constant{}, k.node.at()), Type{Kind: String}))
	}
	t := k.caseWhen(n, args)
	if t == nil {
		return Type{}, false
	}
	k.fn, k.args = t.fn, t.args
	return t.typ, true
}

func settleBytes(k *call) (Type, bool) {
	k.args[0] = castTerm(k.args[0], Type{Kind: Binary})
	return k.fn.result, true
}

func renderDecode(r *renderer, t *term) string {
	set, _ := t.args[1].text()
	if strings.EqualFold(set, "utf-8") {
		return r.expand("TRY(decode($1))", t)
	}
	return fmt.Sprintf("n_decode(%s, '%s')", r.term(t.args[0]), strings.ToLower(set))
}

func renderEncode(r *renderer, t *term) string {
	set, _ := t.args[1].text()
	if strings.EqualFold(set, "utf-8") {
		return r.expand("encode($1)", t)
	}
	return fmt.Sprintf("n_encode(%s, '%s')", r.term(t.args[0]), strings.ToLower(set))
}

// binaryForm returns the rendering of a format of to_binary.
func binaryForm(args []*term) string {
	if len(args) == 1 {
		return "s_unhex($1)"
	}
	form, ok := args[1].text()
	switch form = strings.ToLower(form); {
	case ok && form == "hex":
		return "s_unhex($1)"
	case ok && form == "base64":
		return "s_to_base64($1)"
	case ok && (form == "utf-8" || form == "utf8"):
		return "encode($1)"
	}
	return ""
}

func settleToBinary(k *call) (Type, bool) {
	if binaryForm(k.args) == "" && !k.args[1].null() {
		k.errorAt(1, "bad-constant", "the format of to_binary is 'hex', 'base64' or 'utf-8'")
		return Type{}, false
	}
	return Type{Kind: Binary}, true
}

func renderToBinary(r *renderer, t *term) string {
	if form := binaryForm(t.args); form != "" {
		return r.expand(form, t)
	}
	return "NULL::BLOB"
}

// binaryMacros read bytes that texts stand for.
func binaryMacros() []string {
	return []string{
		`s_unhex(s) AS CASE WHEN regexp_full_match(s, '[0-9A-Fa-f]*') THEN TRY(from_hex(CASE WHEN length(s) % 2 = 1 THEN '0' || s ELSE s END)) END`,
		`s_base64ok(s) AS CASE WHEN regexp_full_match(s, '([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==+)?|[A-Za-z0-9+/]{3}=*)?') THEN rtrim(s, '=') END`,
		`s_unbase64(s) AS list_extract(list_transform([s_base64ok(regexp_replace(s, '[^A-Za-z0-9+/=]', '', 'g'))], lambda _s_s: TRY(from_base64(_s_s || substring('===', 1, ((4 - length(_s_s) % 4) % 4)::BIGINT)))), 1)`,
		`s_base64(b) AS regexp_replace(regexp_replace(to_base64(b), '(.{76})', '\1' || chr(13) || chr(10), 'g'), '\r\n$', '')`,
		`s_to_base64(s) AS CASE WHEN regexp_full_match(regexp_replace(s, '[\t-\r\x1c-\x20\x{1680}\x{2000}-\x{2006}\x{2008}-\x{200a}\x{2028}\x{2029}\x{205f}\x{3000}]', '', 'g'), '([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)?') THEN s_unbase64(s) END`,
	}
}
