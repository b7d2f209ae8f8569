package enginetest

import (
	"strings"

	"github.com/mlpdev/mlp/pkg/sql"
)

func castCases() []Case {
	s := column("s", sql.String, nil, "", " 12 ", "1.9", "-0.5", "+7", "1e3", "abc", "1_000", "0x1F", ".", "2147483648", "9223372036854775808", "\t1\x01", "1d", "NaN", " inf ", "-Infinity", "1e400", "1 2", "+.")
	b := column("b", sql.String, " TRUE ", "t", "Y", "1", "no", "0", "F", "2", "", nil)
	d := column("d", sql.String, "2020-1-2", "2020-02-30", "2020", "2020-05", " 2020-01-02 ", "2020-01-02T", "2020-01-02 xyz", "2020-1-2x", "20-01-01", "12020-01-01", nil, "0000-01-01")
	t := column("t", sql.String, "2020-01-02 03:04:05", "2020-01-02T03:04:05.1234567Z", "2020-1-2 3:4", "2020-01-02", "2020-01-02 03:04:05+01:00", "2020-01-02 03:04:05 UTC", "2020-01-02 24:00:00", "2020-01-02 03:60:00", "1.5", "", nil, "2020-01-02 03:04:60", "1969-12-31 23:59:59.5", "2020-01-02 03:04:05-0130")
	out := answers("text to numbers", Table{s},
		[]string{"cast(s as int)", "NULL", "NULL", "12", "1", "0", "7", "NULL", "NULL", "NULL", "NULL", "0", "NULL", "NULL", "1", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "0"},
		[]string{"cast(s as bigint)", "NULL", "NULL", "12", "1", "0", "7", "NULL", "NULL", "NULL", "NULL", "0", "2147483648", "NULL", "1", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "0"},
		[]string{"cast(s as tinyint)", "NULL", "NULL", "12", "1", "0", "7", "NULL", "NULL", "NULL", "NULL", "0", "NULL", "NULL", "1", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "0"},
		[]string{"cast(s as double)", "NULL", "NULL", "12.0", "1.9", "-0.5", "7.0", "1000.0", "NULL", "NULL", "NULL", "NULL", "2.147483648E9", "9.223372036854775808E18", "1.0", "1.0", "NaN", "Infinity", "-Infinity", "Infinity", "NULL", "NULL"},
		[]string{"s = 1", "NULL", "NULL", "false", "true", "false", "false", "NULL", "NULL", "NULL", "NULL", "false", "NULL", "NULL", "true", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "false"},
		[]string{"s + 1", "NULL", "NULL", "13.0", "2.9", "0.5", "8.0", "1001.0", "NULL", "NULL", "NULL", "NULL", "2.147483649E9", "9.223372036854775808E18", "2.0", "2.0", "NaN", "Infinity", "-Infinity", "Infinity", "NULL", "NULL"},
		[]string{"s in ('abc', 7)", "NULL", "false", "false", "false", "false", "false", "false", "true", "false", "false", "false", "false", "false", "false", "false", "false", "false", "false", "false", "false", "false"},
	)
	out = append(out, answers("text to boolean", Table{b},
		[]string{"cast(b as boolean)", "true", "true", "true", "true", "false", "false", "false", "NULL", "NULL", "NULL"})...)
	out = append(out, answers("text to date", Table{d},
		[]string{"cast(cast(d as date) as string)", "2020-01-02", "NULL", "2020-01-01", "2020-05-01", "2020-01-02", "2020-01-02", "2020-01-02", "NULL", "NULL", "+12020-01-01", "NULL", "0000-01-01"})...)
	return append(out, answers("text to timestamp", Table{t},
		[]string{"cast(t as timestamp)", "2020-01-02 03:04:05", "2020-01-02 03:04:05.123456", "2020-01-02 03:04:00", "2020-01-02 00:00:00", "2020-01-02 02:04:05", "2020-01-02 03:04:05", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "1969-12-31 23:59:59.5", "2020-01-02 04:34:05"})...)
}

func textCases() []Case {
	s := column("s", sql.String, nil, "", "abc", "日本語", " a b ", "a.b.c", "Straße", "é\n😀")
	p := column("p", sql.Int, 1, 2, -2, 0, 3, nil, 100, -2147483648)
	return answers("texts", Table{s, p},
		[]string{"length(s)", "NULL", "0", "3", "3", "5", "5", "6", "3"},
		[]string{"upper(s)", "NULL", "", "ABC", "日本語", " A B ", "A.B.C", "STRASSE", "É\n😀"},
		[]string{"lower('ΑΣ İ ' || s)", "NULL", "ας i̇ ", "ας i̇ abc", "ας i̇ 日本語", "ας i̇  a b ", "ας i̇ a.b.c", "ας i̇ straße", "ας i̇ é\n😀"},
		[]string{"reverse(s)", "NULL", "", "cba", "語本日", " b a ", "c.b.a", "eßartS", "😀\né"},
		[]string{"trim(s)", "NULL", "", "abc", "日本語", "a b", "a.b.c", "Straße", "é\n😀"},
		[]string{"btrim(s, 'ac ')", "NULL", "", "b", "日本語", "b", ".b.", "Straße", "é\n😀"},
		[]string{"ltrim('a ', s)", "NULL", "", "bc", "日本語", "b ", ".b.c", "Straße", "é\n😀"},
		[]string{"rtrim(s)", "NULL", "", "abc", "日本語", " a b", "a.b.c", "Straße", "é\n😀"},
		[]string{"sha1(left(s, 0))", "NULL", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
		[]string{"substring(s, 2)", "NULL", "", "bc", "本語", "a b ", ".b.c", "traße", "\n😀"},
		[]string{"substring(s, 2, 1)", "NULL", "", "b", "本", "a", ".", "t", "\n"},
		[]string{"substring(s, -2, 1)", "NULL", "", "b", "本", "b", ".", "ß", "\n"},
		[]string{"substring(s, 0, 1)", "NULL", "", "a", "日", " ", "a", "S", "é"},
		[]string{"substring(s, p, 1)", "NULL", "", "b", "日", " ", "NULL", "", ""},
		[]string{"substring(s, p)", "NULL", "", "bc", "日本語", " b ", "NULL", "", "é\n"},
		[]string{"left(s, p)", "NULL", "", "", "", " a ", "NULL", "Straße", ""},
		[]string{"right(s, p)", "NULL", "", "", "", " b ", "NULL", "Straße", ""},
		[]string{"concat(s, '!')", "NULL", "!", "abc!", "日本語!", " a b !", "a.b.c!", "Straße!", "é\n😀!"},
		[]string{"concat_ws('-', s, NULL, 'z')", "z", "-z", "abc-z", "日本語-z", " a b -z", "a.b.c-z", "Straße-z", "é\n😀-z"},
		[]string{"replace(s, 'b', '')", "NULL", "", "ac", "日本語", " a  ", "a..c", "Straße", "é\n😀"},
		[]string{"replace(s, '', 'x')", "NULL", "", "abc", "日本語", " a b ", "a.b.c", "Straße", "é\n😀"},
		[]string{"repeat(s, 2)", "NULL", "", "abcabc", "日本語日本語", " a b  a b ", "a.b.ca.b.c", "StraßeStraße", "é\n😀é\n😀"},
		[]string{"repeat(s, -1)", "NULL", "", "", "", "", "", "", ""},
		[]string{"lpad(s, 4, 'xy')", "NULL", "xyxy", "xabc", "x日本語", " a b", "a.b.", "Stra", "xé\n😀"},
		[]string{"rpad(s, 4, '')", "NULL", "", "abc", "日本語", " a b", "a.b.", "Stra", "é\n😀"},
		[]string{"instr(s, 'b')", "NULL", "0", "2", "0", "4", "3", "0", "0"},
		[]string{"instr(s, '')", "NULL", "1", "1", "1", "1", "1", "1", "1"},
		[]string{"locate('b', s, p)", "NULL", "0", "0", "0", "4", "0", "0", "0"},
		[]string{"contains(s, '本')", "NULL", "false", "false", "true", "false", "false", "false", "false"},
		[]string{"startswith(s, '')", "NULL", "true", "true", "true", "true", "true", "true", "true"},
		[]string{"endswith(s, 'c')", "NULL", "false", "true", "false", "false", "true", "false", "false"},
		[]string{"split_part(s, '.', 2)", "NULL", "", "", "", "", "b", "", ""},
		[]string{"split_part(s, '.', -1)", "NULL", "", "abc", "日本語", " a b ", "c", "Straße", "é\n😀"},
		[]string{"split(s, r'\\.')", "NULL", `[""]`, `["abc"]`, `["日本語"]`, `[" a b "]`, `["a","b","c"]`, `["Straße"]`, "[\"é\n😀\"]"},
		[]string{"substring_index(s, '.', 2)", "NULL", "", "abc", "日本語", " a b ", "a.b", "Straße", "é\n😀"},
		[]string{"substring_index(s, '.', -2)", "NULL", "", "abc", "日本語", " a b ", "b.c", "Straße", "é\n😀"},
		[]string{"translate(s, 'abab', 'x1')", "NULL", "", "x1c", "日本語", " x 1 ", "x.1.c", "Strxße", "é\n😀"},
		[]string{"translate(s, '日a', '1')", "NULL", "", "bc", "1本語", "  b ", ".b.c", "Strße", "é\n😀"},
		[]string{"ascii(s)", "NULL", "0", "97", "26085", "32", "97", "83", "233"},
		[]string{"hex(s)", "NULL", "", "616263", "E697A5E69CACE8AA9E", "2061206220", "612E622E63", "53747261C39F65", "C3A90AF09F9880"},
		[]string{"md5(s)", "NULL", "d41d8cd98f00b204e9800998ecf8427e", "900150983cd24fb0d6963f7d28e17f72", "00110af8b4393ef3f72c50be5b332bec", "b974a5b92e7c0d2421ea8b6b5cb52260", "553f764f7b436175c0387e22b4a19213", "a763ca073cfda1fce8a14f2f0cc84591", "ef8eb8f2f8269e212510b6330bbeb98d"},
		[]string{"sha2(s, 256)", "NULL", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "77710aedc74ecfa33685e33a6c7df5cc83004da1bdcef7fb280f5c2b2e97e0a5", "31f3d5f3288a0017755536ca6b2e8c2659f9be9ce1cadc013dc216ac6d39c143", "845e30448809e2bc8958eb025bfc795235d13b077a53d0c3abbd2385170dc9b8", "58a3778c18c41726cd53c2a4c77dcbed8512f962d7e616717abee95ca41d0029", "58317c8897c222c7ee3c97a463aa0ea647231baf7d8f402644e73c71063dd25b"},
		[]string{"s like 'a%'", "NULL", "false", "true", "false", "false", "true", "false", "false"},
		[]string{"s like '_\\_'", "NULL", "false", "false", "false", "false", "false", "false", "false"},
		[]string{"s like '___'", "NULL", "false", "true", "true", "false", "false", "false", "true"},
		[]string{"s like '%.b%' escape '!'", "NULL", "false", "false", "false", "false", "true", "false", "false"},
		[]string{"find_in_set(s, 'x,abc,')", "NULL", "3", "2", "0", "0", "0", "0", "0"},
		[]string{"s < 'b'", "NULL", "true", "true", "false", "true", "true", "true", "false"},
		[]string{"s || 1 || true", "NULL", "1true", "abc1true", "日本語1true", " a b 1true", "a.b.c1true", "Straße1true", "é\n😀1true"},
	)
}

func patternCases() []Case {
	s := column("s", sql.String, nil, "", "abc", "ABC\n", "a1b22", "x\ry", "Kk\u212A", "GET /a?b=1")
	over := Table{s}
	long := Table{column("s", sql.String, strings.Repeat("a", 50_000)+"b")}
	out := answers("patterns", over,
		[]string{"s rlike 'b'", "NULL", "false", "true", "false", "true", "false", "false", "true"},
		[]string{"s rlike '(?i)^abc$'", "NULL", "false", "true", "true", "false", "false", "false", "false"},
		[]string{"s rlike '(?i)^k+$'", "NULL", "false", "false", "false", "false", "false", "false", "false"},
		[]string{"s rlike '^x.y$'", "NULL", "false", "false", "false", "false", "false", "false", "false"},
		[]string{"s rlike '(?s)^x.y$'", "NULL", "false", "false", "false", "false", "true", "false", "false"},
		[]string{"s rlike '^$'", "NULL", "true", "false", "false", "false", "false", "false", "false"},
		[]string{`s rlike r'\d{2}$'`, "NULL", "false", "false", "false", "true", "false", "false", "false"},
		[]string{`regexp_extract(s, r'([a-z])(\d+)')`, "NULL", "", "", "", "a", "", "", ""},
		[]string{`regexp_extract(s, r'([a-z])(\d+)$', 2)`, "NULL", "", "", "", "22", "", "", ""},
		[]string{`regexp_extract(s, r'[A-Z]+$', 0)`, "NULL", "", "", "ABC", "", "", "", ""},
		[]string{`regexp_extract(s, r'(\d)|(b)', 2)`, "NULL", "", "b", "", "", "", "", "b"},
		[]string{`regexp_replace(s, r'(\d)', '<$1>')`, "NULL", "", "abc", "ABC\n", "a<1>b<2><2>", "x\ry", "Kk\u212A", "GET /a?b=<1>"},
		[]string{`regexp_replace(s, r'[cC]$', 'X')`, "NULL", "", "abX", "ABX\n", "a1b22", "x\ry", "Kk\u212A", "GET /a?b=1"},
		[]string{`regexp_replace(s, 'b', r'\$\\')`, "NULL", "", `a$\c`, "ABC\n", `a1$\22`, "x\ry", "Kk\u212A", `GET /a?$\=1`},
		[]string{`regexp_count(s, r'\d')`, "NULL", "0", "0", "0", "3", "0", "0", "1"},
		[]string{`regexp_substr(s, r'\d+')`, "NULL", "NULL", "NULL", "NULL", "1", "NULL", "NULL", "1"},
		[]string{`split(s, r'\d')`, "NULL", `[""]`, `["abc"]`, "[\"ABC\n\"]", `["a","b","",""]`, "[\"x\ry\"]", "[\"Kk\u212A\"]", `["GET /a?b=",""]`},
		[]string{`s rlike r'\s'`, "NULL", "false", "false", "true", "false", "true", "false", "true"},
		[]string{`regexp_extract(s, NULL)`, "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
	)
	return append(out, answers("long text", long,
		[]string{"s rlike '^[a-z]+$'", "true"},
		[]string{"length(regexp_extract(s, '(a+)b'))", "50000"})...)
}
