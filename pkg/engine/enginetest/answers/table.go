package answers

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/sql"
)

// rows is the number of rows of the table.
const rows = 48

// RowColumn numbers the rows; GroupColumn is what aggregates are grouped by.
const (
	RowColumn   = "n"
	GroupColumn = "g"
)

// Table returns what expressions are evaluated over: a column or more of every
// type, of values at which functions go wrong. The first row is all NULL.
func Table() enginetest.Table {
	table := enginetest.Table{{Name: RowColumn, Type: sql.Type{Kind: sql.Int}}}
	for i := range rows {
		table[0].Values = append(table[0].Values, i)
	}
	for _, group := range [][]enginetest.Column{numberColumns(), textColumns(), timeColumns(), arrayColumns(), nestedColumns()} {
		for _, c := range group {
			table = append(table, spread(c))
		}
	}
	return table
}

// spread repeats the values of a column in an order of its own, so that every
// value stands beside different values of other columns.
func spread(c enginetest.Column) enginetest.Column {
	h := fnv.New64a()
	_, _ = h.Write([]byte(c.Name))
	random := rand.New(rand.NewPCG(h.Sum64(), 1))
	values := make([]any, 0, rows-1)
	for len(values) < rows-1 {
		values = append(values, c.Values...)
	}
	values = values[:rows-1]
	random.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
	c.Values = append([]any{nil}, values...)
	return c
}

func column(name string, kind sql.Kind, values ...any) enginetest.Column {
	return enginetest.Column{Name: name, Type: sql.Type{Kind: kind}, Values: values}
}

func decimals(name string, precision, scale int, values ...any) enginetest.Column {
	return enginetest.Column{Name: name, Type: sql.Type{Kind: sql.Decimal, Precision: precision, Scale: scale}, Values: values}
}

func arrays(name string, elem sql.Type, values ...any) enginetest.Column {
	return enginetest.Column{Name: name, Type: sql.Type{Kind: sql.Array, Elem: &elem}, Values: values}
}

func numberColumns() []enginetest.Column {
	return []enginetest.Column{
		column("b", sql.Boolean, true, false, nil, true, false),
		column("q", sql.Boolean, false, true, true, nil),
		column("t", sql.TinyInt, 0, 1, -1, 7, math.MaxInt8, math.MinInt8, nil, 64, 100),
		column("m", sql.SmallInt, 0, 1, -1, 12, 255, -300, math.MaxInt16, math.MinInt16, nil, 2020),
		column("i", sql.Int, 0, 1, -1, 5, -7, 31, 1000, 65536, -123456789, math.MaxInt32, math.MinInt32, nil, 2024),
		column("j", sql.Int, 0, 1, 2, 3, 4, 5, -1, -2, -3, 7, 12, 30, nil, 6),
		column("l", sql.BigInt, 0, 1, -1, 10, -42, 86400, 1700000000, 1583020799999, -62135596800, int64(math.MaxInt64), int64(math.MinInt64), nil, 1<<53+1, math.MinInt32-1),
		column("f", sql.Float, 0.0, math.Copysign(0, -1), 1.5, -2.25, 1e10, 1e-5, 16777216.0, math.NaN(), math.Inf(1), math.Inf(-1), nil, 0.5, float64(math.MaxFloat32)),
		column("x", sql.Double, 0.0, math.Copysign(0, -1), 1.0, -1.0, 0.5, 2.5, -3.5, 1e-5, 0.1, 123456789.125, 1e7, 1e15, 1e16, -1e18, 9.3e18, 1e22, 1e150, math.MaxFloat64, 2.2250738585072014e-308,
			math.NaN(), math.Inf(1), math.Inf(-1), nil, 2147483648.5, -9.75),
		column("y", sql.Double, 0.0, 1.0, -1.5, 2.25, 10.0, 99.5, -40.25, 0.125, 3.0, 7.75, nil, 12.0, 1000.5),
		decimals("d5", 5, 2, "0.00", "1.00", "-1.25", "999.99", "-999.99", "0.05", "2.50", nil, "12.34"),
		decimals("d18", 18, 6, "0.000000", "1.000000", "-123456789012.123456", "999999999999.999999", "0.000001", "-2.500000", "77.770000", nil),
		decimals("d38", 38, 4, "0.0000", "1.0000", "-1.0000", "1234567890123456789012345678901234.5678", "-9999999999999999999999999999999999.9999", "0.0001", nil),
	}
}

func textColumns() []enginetest.Column {
	composed := "e\u0301tude n\u0303"
	return []enginetest.Column{
		column(GroupColumn, sql.String, "a", "b", "a", "", nil, "é"),
		column("s", sql.String, "", " ", "a", "Spark SQL", "  padded\t", "héllo wörld", "日本語テキスト", "😀 smile 👨‍👩‍👧", composed, "ΑΣΑΣ", "İstanbul ǅ ﬁ ß", "a,b,,c", "100%_\\ok", "'quoted' \"text\"", "line1\nline2\r\n",
			"AbC123xyz", "x\x00y", "\u00a0\u2003\u3000", "NULL", nil, strings.Repeat("ab", 40), "user@example.com", "10.0.0.1", "a-b_c.d"),
		column("w", sql.String, "a", "b", "ab", "abc", "ABC", "spark", "Spark", "", nil, "é", "z", "kitten", "sitting", "o", "SQL"),
		column("num", sql.String, "0", "1", "-1", "+5", " 42 ", "3.14", "-0.0", "1e3", "1E-2", ".5", "5.", "1d", "2f", "0x1F", "1_000", "1,000", "NaN", "nan", "Infinity", "-inf", "", "abc", "2147483648", "9223372036854775808",
			"-9223372036854775808", "1e400", "12345678901234567890.123", "\t7\n", "٣", "--1", "128", "true", "t", "no", nil, "00012", "1.5e"),
		column("day", sql.String, "2020-02-29", "2019-02-29", "2021-12-31", "1970-01-01", "0001-01-01", "9999-12-31", "2020-2-9", "2020", "2020-07", " 2020-01-02 ", "2020-01-02T03:04:05", "2020-01-02 03:04:05.123456", "2020-01-02 03:04:05Z",
			"2020-01-02 03:04:05+05:30", "20200102", "02/03/2021", "31/12/1999", "2020-13-01", "2020-00-10", "1582-10-10", "+10000-01-01", "-0044-03-15", "2020-01-02 24:00:00", "2020-01-02 3:4", "", "today", nil,
			"2020-01-02 03:04:05 PM", "2021-03-28 02:30:00 Europe/Berlin", "2020-01-02T03:04:05.9999999"),
		column("js", sql.String, `{"a":1,"b":"x","c":[1,2,3],"d":{"e":null}}`, `{"a":"1","b":2.50}`, `{"a":{"b":[{"c":"deep"}]}}`, `[1,2,{"a":3}]`, `[]`, `{}`, `null`, `"text"`, `12`, `1e5`, `{"a":1`, `{a:1}`, `{'a':'single'}`, `{"a":1}{"a":2}`,
			` {"a" : true , "b":false} `, `{"a":"\u00e9\n\"q\""}`, `{"é":"ü","a.b":5}`, `{"a":1,"a":2}`, `{"a":12345678901234567890}`, `{"a":1.0E+2}`, ``, `not json`, nil, `{"a":null,"b":[]}`, `[[1,2],[3]]`, `{"c":["x",null,{"y":[true]}]}`, `{"a":0.1000}`),
		column("url", sql.String, "http://user:pw@example.com:8080/p/a/t/h.html?query=1&k=v%20x#frag", "https://spark.apache.org/", "ftp://files.example.org/a.txt", "http://[::1]:80/x?k=", "example.com/path", "mailto:a@b.c", "//host/path", "http://exa mple.com",
			"http://example.com?k=1&k=2", "http://example.com/%zz", "http://ex.com/?a=b=c&é=ü", "", nil, "http://", "file:///etc/passwd", "http://h/p?k", "HTTP://H/Path;x=1?K=v", "http://h:99999/"),
		column("hx", sql.String, "", "00", "1F", "abc", "ABCDEF", "xyz", "537061726B", "U3BhcmsgU1FM", "YWJj", "YQ==", "YQ", "a=b=", "%41%20b", "a+b%2", "4111111111111111", "79927398713", nil, "0", "é"),
		column("list", sql.String, "a", "a,b,c", "x,,y,", ",", "", "b,a", nil, "k1:v1,k2:v2", "a:1,b,c:3", "1,2,3", "\"q,r\",s", "é,ü,😀", " a , b "),
		column("bin", sql.Binary, []byte{}, []byte("abc"), []byte{0}, []byte{0xff, 0xfe}, []byte("Spark"), []byte("é"), nil, []byte{0x80, 0x41}),
	}
}

func timeColumns() []enginetest.Column {
	return []enginetest.Column{
		column("d", sql.Date, "1970-01-01", "2020-02-29", "2019-12-31", "2024-12-30", "0001-01-01", "9999-12-31", "1582-10-04", "1582-10-15", "1900-01-31", "2000-02-28", nil, "2021-01-03", "1969-12-31"),
		column("e", sql.Date, "2020-01-31", "2020-03-01", "2016-02-29", "1999-11-30", "2020-02-29", nil, "2023-06-15", "0004-02-29"),
		column("ts", sql.Timestamp, "1970-01-01 00:00:00", "2020-02-29 23:59:59.999999", "1969-12-31 23:59:59.5", "9999-12-31 23:59:59.999999", "0001-01-01 00:00:00", "2024-12-30 12:34:56.789", "2021-03-28 02:30:00", "1582-10-10 00:00:00",
			"1900-01-01 00:00:00.000001", nil, "2000-01-31 01:02:03", "2023-06-15 13:00:00.1"),
		column("tu", sql.Timestamp, "2020-02-29 00:00:00", "2020-03-31 10:30:00", "1996-10-30 00:00:00", "2024-12-30 12:35:00", nil, "1969-12-31 00:00:00.25"),
		column("tn", sql.TimestampNTZ, "1970-01-01 00:00:00", "2020-02-29 23:59:59.999999", "9999-12-31 12:00:00", "0001-01-01 00:00:00.5", nil, "2024-01-31 06:07:08.25"),
		{Name: "im", Type: sql.Type{Kind: sql.YearMonth, First: sql.Year, Last: sql.Month}, Values: []any{0, 1, -1, 13, -25, 1200, nil, 11}},
		{Name: "iu", Type: sql.Type{Kind: sql.DayTime, First: sql.Day, Last: sql.Second}, Values: []any{0, 1, -1, 86400000000, -90061000001, 3600000000, nil, 1500000, 31536000000000}},
	}
}

func arrayColumns() []enginetest.Column {
	list := func(values ...any) []any { return values }
	return []enginetest.Column{
		arrays("ai", sql.Type{Kind: sql.Int}, list(), list(1, 2, 3), list(nil), list(3, 1, nil, 3), list(-1, math.MaxInt32, math.MinInt32), nil, list(5), list(2, 2, 2), list(0, 1, 0)),
		arrays("ak", sql.Type{Kind: sql.Int}, list(3), list(1, nil), list(), nil, list(7, 2, 1), list(0)),
		arrays("al", sql.Type{Kind: sql.BigInt}, list(1, int64(math.MaxInt64)), list(), list(nil, -5), nil, list(int64(math.MinInt64), 0, 0)),
		arrays("ad", sql.Type{Kind: sql.Double}, list(1.5, -2.0), list(math.NaN(), 1.0, nil), list(), nil, list(0.0, math.Copysign(0, -1)), list(math.Inf(1), math.NaN(), math.NaN())),
		arrays("af", sql.Type{Kind: sql.Float}, list(1.5, -2.0), list(0.0, 3.0), list(), nil, list(nil, 1.0), list(1.0, 0.25)),
		arrays("ag", sql.Type{Kind: sql.Float}, list(0.5, 2.0), list(-1.0, 0.0), list(0.0, 0.0), nil, list(4.0, 1.0)),
		arrays("as", sql.Type{Kind: sql.String}, list("a", "b"), list(""), list("é", nil, "😀"), list(), nil, list("b", "a", "b", "B"), list("1", "10", "9"), list("x y", " ", "NULL")),
		arrays("at", sql.Type{Kind: sql.String}, list("b"), list("a", nil), nil, list(), list("B", "b", "")),
		arrays("aa", sql.Type{Kind: sql.Array, Elem: &sql.Type{Kind: sql.Int}}, list(list(1, 2), list(3)), list(), list(nil, list(1)), list(list(), list(nil)), nil),
		arrays("dates", sql.Type{Kind: sql.Date}, list("2020-02-29", "1970-01-01"), list(nil, "9999-12-31"), nil, list()),
		arrays("ab", sql.Type{Kind: sql.Boolean}, list(true, false), list(nil, true), nil, list(), list(false)),
	}
}

func nestedColumns() []enginetest.Column {
	list := func(values ...any) []any { return values }
	text, number, double := sql.Type{Kind: sql.String}, sql.Type{Kind: sql.Int}, sql.Type{Kind: sql.Double}
	pair := sql.Type{Kind: sql.Struct, Fields: []sql.Field{{Name: "a", Type: number}, {Name: "b", Type: text}}}
	return []enginetest.Column{
		{Name: "mi", Type: sql.Type{Kind: sql.Map, Key: &text, Elem: &number}, Values: list(list(), list(list("a", 1), list("b", nil)), list(list("", -7)), nil, list(list("é", 3), list("a", 2), list("z", 3)), list(list("b", 5)))},
		{Name: "mk", Type: sql.Type{Kind: sql.Map, Key: &text, Elem: &number}, Values: list(list(list("c", 9)), list(), nil, list(list("x", nil), list("y", 1)))},
		{Name: "md", Type: sql.Type{Kind: sql.Map, Key: &number, Elem: &double}, Values: list(list(list(1, 0.5), list(2, math.NaN())), list(list(-1, nil)), list(), nil, list(list(3, math.Inf(1)), list(0, math.Copysign(0, -1))))},
		{Name: "st", Type: pair, Values: list(list(1, "x"), list(nil, nil), list(-5, ""), nil, list(7, "é"), list(1, nil))},
		{Name: "su", Type: pair, Values: list(list(1, "x"), list(2, "b"), nil, list(nil, "q"))},
		arrays("ast", pair, list(list(1, "x"), list(2, nil)), list(), nil, list(nil), list(list(3, "y"), nil, list(3, "y"))),
	}
}
