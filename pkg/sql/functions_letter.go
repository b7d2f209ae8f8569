package sql

import (
	"fmt"
	"strings"
)

// letterFunctions look at the letters of texts, or exchange them.
func letterFunctions() []*function {
	str, integer, boolean := Type{Kind: String}, Type{Kind: Int}, Type{Kind: Boolean}
	s := takes("s", texts)
	about := func(name, doc, example string, aliases ...string) Function {
		return Function{Name: name, Aliases: aliases, Doc: doc, Example: example}
	}
	letter := func(name string) param { return takes(name, texts).opt().fixed() }
	return []*function{
		{Function: Function{Name: "initcap", Epoch: 2, Doc: "s in lower case, but for the first letter of each word; blanks part words.", Example: "initcap('sPark sql')"},
			params: []param{s}, result: str, sql: "s_initcap($1)"},
		{Function: about("overlay", "s with n characters, or bytes, from a position on replaced by others; n is the length of these unless said otherwise.", "overlay('Spark SQL' PLACING '_' FROM 6)"),
			params: []param{takes("s", raws), takes("replacement", raws), takes("pos", smalls), takes("n", smalls).opt()}, settle: settleAlike(0, 1),
			render: renderAlike("s_overlay($1, $2, $3::BIGINT, (-1)::BIGINT);;s_overlay($1, $2, $3::BIGINT, $4::BIGINT)", "n_overlay($1, $2, $3::BIGINT, (-1)::BIGINT);;n_overlay($1, $2, $3::BIGINT, $4::BIGINT)"), copies: 26},
		{Function: Function{Name: "levenshtein", Epoch: 2, Doc: "The number of characters to insert, delete or exchange to make one text of the other; -1 where it is more than a limit. NULL where a text is longer than 10,000.", Example: "levenshtein('kitten', 'sitting')"},
			params: []param{s, takes("t", texts), takes("limit", smalls).opt()}, result: integer, render: renderLevenshtein, copies: 6},
		{Function: about("jaro_winkler_similarity", "How alike two texts are by Jaro and Winkler, from 0 to 1. NULL where a text is longer than 10,000.", "jaro_winkler_similarity('MARTHA', 'MARHTA')"),
			params: []param{s, takes("t", texts)}, result: Type{Kind: Double}, sql: "n_jaro_winkler(s_short($1), s_short($2))", copies: 2},
		{Function: about("quote", "s in single quotes, with a backslash before each one in it.", "quote('Spark')"),
			params: []param{s}, result: str, sql: "(chr(39) || replace($1, chr(39), '\\' || chr(39)) || chr(39))"},
		{Function: about("soundex", "The Soundex code: how a word sounds in English.", "soundex('Miller')"),
			params: []param{s.only()}, result: str, sql: "s_soundex($1)", copies: 6},
		{Function: about("luhn_check", "Whether the last digit is the check digit of Luhn for the others.", "luhn_check('8112189876')"),
			params: []param{s}, result: boolean, sql: "s_luhn($1)", copies: 3},
		{Function: about("mask", "s with upper-case letters, lower-case letters, digits and other characters each replaced by one; NULL keeps them. They are constants.", "mask('abcd-EFGH-8765-4321')"),
			params: []param{s.only(), letter("upper"), letter("lower"), letter("digit"), letter("other")}, settle: settleMask, render: renderMask, copies: 2},
		{Function: about("chr", "The character of a code from 0 to 255, of larger ones the remainder; '' for a negative one.", "chr(65)", "char"),
			params: []param{takes("n", integers)}, result: str, short: true, sql: "s_chr($1)", copies: 3},
		{Function: about("space", "n blanks; n is a constant up to 10,000.", "concat(space(2), '1')"),
			params: []param{takes("n", smalls).fixed()}, short: true, settle: settleSpace, result: str, render: renderSpace},
		{Function: about("url_encode", "s as a part of a form's URL: blanks are +, others %XX.", "url_encode('https://spark.apache.org')"),
			params: []param{s}, result: str, sql: "s_url_encode($1)"},
		{Function: about("url_decode", "What a part of a form's URL stands for; NULL for a % without two digits, or bytes that are no UTF-8.", "url_decode('https%3A%2F%2Fspark.apache.org')", "try_url_decode"),
			params: []param{s}, result: str, sql: "s_url_decode($1)", copies: 2},
		{Function: about("parse_url", "A constant part of a URL: PROTOCOL, AUTHORITY, USERINFO, HOST, PATH, QUERY, REF or FILE; of QUERY the value of a constant key. NULL where it is no URL.", "parse_url('http://spark.apache.org/path?query=1', 'HOST')", "try_parse_url"),
			params: []param{s.only(), takes("part", texts).fixed(), takes("key", texts).opt().fixed()}, settle: settleParseURL, render: renderParseURL, copies: 30},
	}
}

// renderLevenshtein takes a limit that is NULL in a row for 0, as Spark does.
func renderLevenshtein(r *renderer, t *term) string {
	switch {
	case len(t.args) == 2:
		return r.expand("s_levenshtein($1, $2)", t)
	case t.args[2].null():
		return "NULL::INTEGER"
	}
	return r.expand("s_levenshtein_most($1, $2, coalesce($3, 0))", t)
}

func settleMask(k *call) (Type, bool) {
	for i := 1; i < len(k.args); i++ {
		if c, ok := k.args[i].text(); ok && len([]rune(c)) != 1 {
			k.errorAt(i, "bad-constant", "argument %d of mask is one character, or NULL", i+1)
			return Type{}, false
		}
	}
	return Type{Kind: String}, true
}

func renderMask(r *renderer, t *term) string {
	out := r.term(t.args[0])
	letters := []string{"X", "x", "n", ""}
	classes := [...]string{`\p{Lu}`, `\p{Ll}`, `\p{Nd}`, `[^\p{Lu}\p{Ll}\p{Nd}]`}
	var cases strings.Builder
	for i, c := range letters {
		if i+1 < len(t.args) {
			c, _ = t.args[i+1].text()
		}
		if c != "" {
			fmt.Fprintf(&cases, " WHEN regexp_full_match(_s_c, '(?s)%s') THEN %s", classes[i], quoteString(c))
		}
	}
	if cases.Len() == 0 {
		return out
	}
	return fmt.Sprintf("array_to_string(list_transform(string_split(%s, ''), lambda _s_c: CASE%s ELSE _s_c END), '')", out, cases.String())
}

func settleSpace(k *call) (Type, bool) {
	_, ok := k.count(0)
	return Type{Kind: String}, ok
}

func renderSpace(_ *renderer, t *term) string {
	n, _ := t.args[0].integer()
	return quoteString(strings.Repeat(" ", int(max(n, 0))))
}

func settleParseURL(k *call) (Type, bool) {
	part, ok := k.text(1)
	if !ok {
		return Type{}, false
	}
	if !strings.Contains(" PROTOCOL AUTHORITY USERINFO HOST PATH QUERY REF FILE ", " "+part+" ") {
		k.errorAt(1, "bad-constant", "%q is not a part of a URL", part).Hintf("PROTOCOL, AUTHORITY, USERINFO, HOST, PATH, QUERY, REF or FILE")
		return Type{}, false
	}
	if len(k.args) == 3 && part != "QUERY" {
		k.errorAt(2, "bad-constant", "only QUERY has keys")
		return Type{}, false
	}
	return Type{Kind: String}, true
}

func renderParseURL(r *renderer, t *term) string {
	part, _ := t.args[1].text()
	url := r.term(t.args[0])
	if len(t.args) == 2 {
		return fmt.Sprintf("s_parse_url(%s, %s)", url, quoteString(part))
	}
	key, ok := t.args[2].text()
	if !ok {
		return "NULL::VARCHAR"
	}
	return fmt.Sprintf("s_url_param(s_parse_url(%s, 'QUERY'), %s)", url, quoteString(quoteRE2(key)))
}

// quoteRE2 returns a text as a regular expression that matches just it.
func quoteRE2(s string) string {
	var b strings.Builder
	for _, c := range s {
		if c < 0x80 && !isWordByte(byte(c)) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// spellMacros exchange letters and read URLs as java.net.URI does.
func spellMacros() []string {
	const codes = `translate(_s_c, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '01230120022455012623010202')`
	// Letters that begin a word in another form than that of upper case.
	const titled = "ßǆǉǌǳևაბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰჱჲჳჴჵჶჷჸჹჺჽჾჿᾀᾁᾂᾃᾄᾅᾆᾇᾐᾑᾒᾓᾔᾕᾖᾗᾠᾡᾢᾣᾤᾥᾦᾧᾲᾳᾴᾷῂῃῄῇῲῳῴῷﬀﬁﬂﬃﬄﬅﬆﬓﬔﬕﬖﬗ"
	const titles = "Ss|ǅ|ǈ|ǋ|ǲ|Եւ|ა|ბ|გ|დ|ე|ვ|ზ|თ|ი|კ|ლ|მ|ნ|ო|პ|ჟ|რ|ს|ტ|უ|ფ|ქ|ღ|ყ|შ|ჩ|ც|ძ|წ|ჭ|ხ|ჯ|ჰ|ჱ|ჲ|ჳ|ჴ|ჵ|ჶ|ჷ|ჸ|ჹ|ჺ|ჽ|ჾ|ჿ|ᾈ|ᾉ|ᾊ|ᾋ|ᾌ|ᾍ|ᾎ|ᾏ|ᾘ|ᾙ|ᾚ|ᾛ|ᾜ|ᾝ|ᾞ|ᾟ|ᾨ|ᾩ|ᾪ|ᾫ|ᾬ|ᾭ|ᾮ|ᾯ|Ὰͅ|ᾼ|Άͅ|ᾼ͂|Ὴͅ|ῌ|Ήͅ|ῌ͂|Ὼͅ|ῼ|Ώͅ|ῼ͂|Ff|Fi|Fl|Ffi|Ffl|St|St|Մն|Մե|Մի|Վն|Մխ"
	return []string{
		`s_title(c) AS coalesce(list_extract(string_split('` + titles + `', '|'), nullif(instr('` + titled + `', c), 0)), s_upper(c))`,
		`s_initcap(s) AS array_to_string(list_transform(string_split(s, ' '), lambda _s_w: CASE WHEN _s_w = '' THEN '' WHEN starts_with(_s_w, 'İ') THEN 'İ' || substring(s_lower(_s_w), 3) ELSE s_title(substring(s_lower(_s_w), 1, 1)) || substring(s_lower(_s_w), 2) END), ' ')`,
		`s_overlay(s, r, p, n) AS s_substr(s, 1::BIGINT, p - 1) || r || s_substr2(s, p + CASE WHEN n < 0 THEN length(r) ELSE n END)`,
		`s_short(s) AS CASE WHEN length(s) <= 10000 THEN s END`,
		`s_levenshtein(s, t) AS n_levenshtein(s_short(s), s_short(t))`,
		`s_levenshtein_most(s, t, n) AS CASE WHEN s_levenshtein(s, t) <= n THEN s_levenshtein(s, t) WHEN s_levenshtein(s, t) IS NOT NULL THEN -1 END::INTEGER`,
		`s_soundex(s) AS CASE WHEN NOT regexp_matches(s, '^[A-Za-z]') THEN s ELSE rpad(list_extract(list_transform([upper(s)], lambda _s_u: left(_s_u, 1) || left(regexp_replace(substring(list_reduce(list_transform(string_split(regexp_replace(_s_u, '[HW]', '', 'g'), ''), lambda _s_c: CASE WHEN _s_c BETWEEN 'A' AND 'Z' AND length(_s_c) = 1 THEN ` + codes + ` ELSE '0' END), lambda _s_a, _s_c: CASE WHEN right(_s_a, 1) = _s_c THEN _s_a ELSE _s_a || _s_c END, left(translate(left(_s_u, 1), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '01230120022455012623010202'), 1)), 2), '0', '', 'g'), 3)), 1), 4, '0') END`,
		`s_luhn(s) AS CASE WHEN regexp_full_match(s, '[0-9]+') THEN list_sum(list_transform(list_reverse(string_split(s, '')), lambda _s_c, _s_i: CASE WHEN _s_i % 2 = 1 THEN unicode(_s_c) - 48 WHEN unicode(_s_c) > 52 THEN (unicode(_s_c) - 48) * 2 - 9 ELSE (unicode(_s_c) - 48) * 2 END)) % 10 = 0 WHEN s IS NOT NULL THEN false END`,
		`s_chr(n) AS CASE WHEN n < 0 THEN '' ELSE chr((n & 255)::INTEGER) END`,
		`s_url_encode(s) AS replace(replace(replace(url_encode(s), '%20', '+'), '~', '%7E'), '%2A', '*')`,
		`s_url_decode(s) AS CASE WHEN NOT regexp_matches(s, '%([^0-9A-Fa-f]|[0-9A-Fa-f]([^0-9A-Fa-f]|$)|$)') THEN TRY(url_decode(replace(s, '+', ' '))) END`,
		// The parts of a URL that is one: scheme, authority, path, query with ?, fragment with #.
		`s_url_part(u, g) AS regexp_extract(u, '^(?:([^:/?#]+):)?(?:(//[^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$', g)`,
		`s_url_opaque(u) AS regexp_matches(u, '^[^:/?#]+:[^/]')`,
		`s_url_rest(p) AS CASE WHEN p <> '' THEN substring(p, 2) END`,
		`s_url_authority(u) AS nullif(substring(s_url_part(u, 2), 3), '')`,
		`s_url_host(a) AS nullif(regexp_extract(a, '^(?:[^@]*@)?(\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*(?:[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?)\.?|(?:0*(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}0*(?:25[0-5]|2[0-4]\d|1?\d?\d))(?::\d*)?$', 1), '')`,
		`s_url_ok(u) AS regexp_full_match(u, '(?:[^\x00-\x20\x7f-\xa0<>"{}|\\^` + "`" + `%]|%[0-9A-Fa-f]{2})*') AND NOT regexp_matches(u, '^[^:/?#]*:($|#)|^([^A-Za-z/?#][^:/?#]*)?:|^[A-Za-z][^:/?#]*[^A-Za-z0-9+.:/?#-][^:/?#]*:|^([^:/?#]+:)?//($|[?#])|#.*#') AND NOT regexp_matches(s_url_part(u, 3), '[][]') AND (NOT regexp_matches(s_url_part(u, 2), '[][]') OR s_url_host(s_url_authority(u)) IS NOT NULL)`,
		`s_parse_url(u, part) AS CASE WHEN NOT s_url_ok(u) THEN NULL WHEN part = 'PROTOCOL' THEN nullif(s_url_part(u, 1), '') WHEN part = 'REF' THEN s_url_rest(s_url_part(u, 5)) WHEN s_url_opaque(u) THEN NULL WHEN part = 'AUTHORITY' THEN s_url_authority(u) WHEN part = 'USERINFO' THEN CASE WHEN s_url_host(s_url_authority(u)) IS NOT NULL AND contains(s_url_authority(u), '@') THEN regexp_extract(s_url_authority(u), '^([^@]*)@', 1) END WHEN part = 'HOST' THEN s_url_host(s_url_authority(u)) WHEN part = 'PATH' THEN s_url_part(u, 3) WHEN part = 'QUERY' THEN s_url_rest(s_url_part(u, 4)) WHEN part = 'FILE' THEN s_url_part(u, 3) || s_url_part(u, 4) END`,
		`s_url_param(q, k) AS CASE WHEN regexp_matches(q, '(?:^|&)' || k || '=') THEN regexp_extract(q, '(?:^|&)' || k || '=([^&]*)', 1) END`,
	}
}
