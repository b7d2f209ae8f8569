package sql

import "strings"

// binaryFunctions go between texts and bytes. Bytes are a value on the way
// only: no field or feature holds them.
func binaryFunctions() []*function {
	binary, integer := Type{Kind: Binary}, Type{Kind: Int}
	s, b := takes("s", texts), takes("x", raws)
	charset := takes("charset", texts).fixed()
	return []*function{
		{Function: Function{Name: "encode", Doc: "The bytes of a text in a character set, which is 'UTF-8'.", Example: "encode('abc', 'UTF-8')"},
			params: []param{s, charset}, settle: settleCharset(binary, "utf-8"), sql: "encode($1)"},
		{Function: Function{Name: "decode", Doc: "The text that bytes hold in a character set: 'UTF-8' or 'UTF-16LE'. NULL where they hold none. With more arguments, decode(x, a, b, …, default) is b where x is a, NULL being NULL.", Example: "decode(unbase64('YWJj'), 'UTF-8')"},
			params: []param{takes("bytes", anything), takes("charset", anything)}, variadic: true, settle: settleDecode, render: renderDecode, copies: 12},
		{Function: Function{Name: "unhex", Doc: "The bytes of hexadecimal digits; NULL where they are none.", Example: "decode(unhex('537061726B'), 'UTF-8')"},
			params: []param{s}, result: binary, sql: "s_unhex($1)", copies: 4},
		{Function: Function{Name: "base64", Doc: "Bytes, or those of a text, in base 64, in lines of 76 characters that end in \\r\\n.", Example: "base64('Spark SQL')"},
			params: []param{b}, settle: settleBase64, sql: "s_base64($1)"},
		{Function: Function{Name: "unbase64", Doc: "The bytes that a text in base 64 stands for; other characters are left out. NULL where it ends too early.", Example: "decode(unbase64('U3BhcmsgU1FM'), 'UTF-8')"},
			params: []param{s}, result: binary, sql: "s_unbase64($1)", copies: 6},
		{Function: Function{Name: "octet_length", Doc: "The number of bytes, of a text in UTF-8.", Example: "octet_length('Spark SQL')"},
			params: []param{b}, settle: settleBytes, result: integer, sql: "octet_length($1)::INTEGER"},
		{Function: Function{Name: "bit_length", Doc: "The number of bits, of a text in UTF-8.", Example: "bit_length('Spark SQL')"},
			params: []param{b}, settle: settleBytes, result: integer, sql: "(octet_length($1) * 8)::INTEGER"},
	}
}

// settleCharset accepts some character sets, in any case.
func settleCharset(result Type, sets ...string) func(k *call) (Type, bool) {
	return func(k *call) (Type, bool) {
		set, ok := k.text(1)
		if !ok {
			return Type{}, false
		}
		for _, s := range sets {
			if strings.EqualFold(s, set) {
				return result, k.bytes(0, result)
			}
		}
		k.errorAt(1, "not-supported", "character set %q is not supported", set).Hintf("write %s", strings.ToUpper(strings.Join(sets, " or ")))
		return Type{}, false
	}
}

// bytes makes an argument bytes where the result is a text.
func (k *call) bytes(i int, result Type) bool {
	if result.Kind == String {
		k.args[i] = castTerm(k.args[i], Type{Kind: Binary})
	}
	return true
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
		return settleCharset(Type{Kind: String}, "utf-8", "utf-16le")(k)
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
	}
	t := k.caseWhen(n, args)
	if t == nil {
		return Type{}, false
	}
	k.fn, k.args = t.fn, t.args
	return t.typ, true
}

func settleBytes(k *call) (Type, bool) {
	return Type{Kind: Int}, k.bytes(0, Type{Kind: String})
}

func settleBase64(k *call) (Type, bool) {
	return Type{Kind: String}, k.bytes(0, Type{Kind: String})
}

func renderDecode(r *renderer, t *term) string {
	if set, _ := t.args[1].text(); strings.EqualFold(set, "utf-8") {
		return r.expand("TRY(decode($1))", t)
	}
	return r.expand("s_utf16(hex($1))", t)
}

// binaryMacros read bytes that texts stand for.
func binaryMacros() []string {
	return []string{
		`s_unhex(s) AS CASE WHEN regexp_full_match(s, '[0-9A-Fa-f]*') THEN TRY(from_hex(CASE WHEN length(s) % 2 = 1 THEN '0' || s ELSE s END)) END`,
		`s_base64ok(s) AS CASE WHEN regexp_full_match(s, '([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==+)?|[A-Za-z0-9+/]{3}=*)?') THEN rtrim(s, '=') END`,
		`s_unbase64(s) AS list_extract(list_transform([s_base64ok(regexp_replace(s, '[^A-Za-z0-9+/=]', '', 'g'))], lambda _s_s: TRY(from_base64(_s_s || substring('===', 1, ((4 - length(_s_s) % 4) % 4)::BIGINT)))), 1)`,
		`s_base64(b) AS regexp_replace(regexp_replace(to_base64(b), '(.{76})', '\1' || chr(13) || chr(10), 'g'), '\r\n$', '')`,
		// Two bytes a unit, the lower first; two units of which the first is a high surrogate are one character.
		`s_units(h) AS list_transform(range(1, length(h), 4), lambda _s_i: ('0x' || substring(h, _s_i + 2, 2) || substring(h, _s_i, 2))::INTEGER)`,
		`s_high(u) AS coalesce(u BETWEEN 55296 AND 56319, false)`,
		`s_low(u) AS coalesce(u BETWEEN 56320 AND 57343, false)`,
		`s_utf16(h) AS CASE WHEN length(h) % 4 = 0 THEN list_extract(list_transform([s_units(h)], lambda _s_u: CASE WHEN len(list_filter(_s_u, lambda _s_c, _s_i: s_high(_s_c) <> s_low(list_extract(_s_u, _s_i + 1)) OR s_low(_s_c) AND (_s_i = 1 OR NOT s_high(list_extract(_s_u, _s_i - 1))))) = 0 THEN coalesce(array_to_string(list_transform(_s_u, lambda _s_c, _s_i: CASE WHEN s_low(_s_c) THEN '' ELSE chr(CASE WHEN s_high(_s_c) THEN 65536 + (_s_c - 55296) * 1024 + list_extract(_s_u, _s_i + 1) - 56320 ELSE _s_c END) END), ''), '') END), 1) END`,
	}
}
