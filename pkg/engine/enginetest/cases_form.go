package enginetest

import (
	"math"

	"github.com/mlpdev/mlp/pkg/sql"
)

func groupCases() []Case {
	i := column("i", sql.Int, 3, nil, 1, 3, 2, 1)
	x := column("x", sql.Double, 1.5, 2.5, nil, 2.5, math.Inf(1), 1.5)
	bad := column("bad", sql.Double, math.NaN(), 1.0, math.NaN(), 2.0, nil, math.Inf(1))
	s := column("s", sql.String, "b", "a", nil, "b", "c", "a")
	d := column("d", sql.Date, "2020-01-01", nil, "2020-01-01", "2019-01-01", "2019-01-01", "2018-01-01")
	none := column("none", sql.Double, nil, nil, nil, nil, nil, nil)
	b := column("b", sql.Boolean, true, false, nil, false, true, nil)
	return answers("groups", Table{i, x, bad, s, d, none, b},
		[]string{"array_sort(collect_set(i))", "[1,2,3]"},
		[]string{"array_sort(collect_set(s))", `["a","b","c"]`},
		[]string{"array_sort(collect_set(bad))", "[1.0,2.0,Infinity,NaN]"},
		[]string{"collect_set(none)", "[]"},
		[]string{"size(collect_set(s)) + count(distinct i)", "6"},
		[]string{"mode(i, true)", "1"},
		[]string{"mode(s, true)", "a"},
		[]string{"mode(x, true)", "1.5"},
		[]string{"mode(bad, true)", "NaN"},
		[]string{"mode(d, true)", "2019-01-01"},
		[]string{"mode(b, true)", "false"},
		[]string{"mode(none, true)", "NULL"},
		[]string{"mode() within group (order by s)", "a"},
		[]string{"mode() within group (order by s desc)", "b"},
		[]string{"mode() within group (order by i desc)", "3"},
		[]string{"percentile_cont(0.3) within group (order by i)", "1.2"},
		[]string{"percentile_cont(0.3) within group (order by i desc)", "2.8"},
		[]string{"percentile_cont(1) within group (order by x)", "Infinity"},
		[]string{"percentile_cont(0.5) within group (order by none)", "NULL"},
		[]string{"percentile_disc(0.3) within group (order by i)", "1.0"},
		[]string{"percentile_disc(0.3) within group (order by i desc)", "3.0"},
		[]string{"percentile_disc(0) within group (order by i desc)", "3.0"},
		[]string{"percentile_disc(0.5) within group (order by i)", "2.0"},
		[]string{"percentile_disc(0.6) within group (order by i)", "2.0"},
		[]string{"percentile_disc(1) within group (order by x)", "Infinity"},
		[]string{"percentile_disc(0.5) within group (order by none)", "NULL"},
		[]string{"listagg(s, ',') within group (order by s)", "a,a,b,b,c"},
		[]string{"listagg(s, ',') within group (order by s desc)", "c,b,b,a,a"},
		[]string{"listagg(s) within group (order by s)", "aabbc"},
		[]string{"string_agg(i, '-') within group (order by i)", "1-1-2-3-3"},
		[]string{"listagg(cast(none as string), ',')", "NULL"},
		[]string{"percentile(x, array(0, 0.25, 1))", "[1.5,1.5,Infinity]"},
		[]string{"percentile(none, array(0.5))", "NULL"},
		[]string{"listagg(s, ', ') within group (order by s) filter (where i > 1)", "b, b, c"},
	)
}

func jsonCases() []Case {
	j := column("j", sql.String, nil, "", "{}", "[]", `{"a":1}`, `{"a":"x"}`, `{"a":null}`, `{"a":{"b":[1,{"c":"d"}]}}`, `{"a":1.0,"b":1e5,"c":1E6,"d":-0,"e":0.1}`, `{"a":12345678901234567890123,"b":1.25}`,
		`{"a":"é\\u00e9\\/\\n\\"q"}`, ` { "a" : [ 1 , 2 , "x y" ] , "b" : { "c" : true } } `, `{"a b":1,"a.b":2}`, `[1,[2,3],{"a":4}]`, `{"a":[]}`, `{"a":""}`, `{"a":true,"b":false}`, `not json`, `{"a":1`, `"text"`, `5`, `null`, `{"b":{"a":1}}`, `{"a":[{"b":1},{"b":2}]}`,
		`{"A":1}`, `{"a":"日本"}`, `{"a":{"x":"é\\u0041"}}`, `{"a":1,"a":2}`)
	return answers("json", Table{j},
		[]string{"get_json_object(j, '$')", "NULL", "NULL", "{}", "[]", `{"a":1}`, `{"a":"x"}`, `{"a":null}`, `{"a":{"b":[1,{"c":"d"}]}}`, `{"a":1.0,"b":100000.0,"c":1000000.0,"d":0,"e":0.1}`, `{"a":12345678901234567890123,"b":1.25}`, "NULL", `{"a":[1,2,"x y"],"b":{"c":true}}`, `{"a b":1,"a.b":2}`, `[1,[2,3],{"a":4}]`, `{"a":[]}`, `{"a":""}`, `{"a":true,"b":false}`, "NULL", "NULL", "text", "5", "null", `{"b":{"a":1}}`, `{"a":[{"b":1},{"b":2}]}`, `{"A":1}`, `{"a":"日本"}`, `{"a":{"x":"é\\u0041"}}`, `{"a":1,"a":2}`},
		[]string{"get_json_object(j, '$.a')", "NULL", "NULL", "NULL", "NULL", "1", "x", "NULL", `{"b":[1,{"c":"d"}]}`, "1.0", "12345678901234567890123", "NULL", `[1,2,"x y"]`, "NULL", "NULL", "[]", "", "true", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", `[{"b":1},{"b":2}]`, "NULL", "日本", `{"x":"é\\u0041"}`, "1"},
		[]string{"get_json_object(j, '$.b')", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "100000.0", "1.25", "NULL", `{"c":true}`, "NULL", "NULL", "NULL", "NULL", "false", "NULL", "NULL", "NULL", "NULL", "NULL", `{"a":1}`, "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"get_json_object(j, '$.c')", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "1000000.0", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"get_json_object(j, '$.a.b')", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", `[1,{"c":"d"}]`, "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"get_json_object(j, '$.a.b[1].c')", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "d", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"get_json_object(j, '$.a[1]')", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "2", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", `{"b":2}`, "NULL", "NULL", "NULL", "NULL"},
		[]string{"get_json_object(j, '$[1]')", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "[2,3]", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"get_json_object(j, '$[1][0]')", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "2", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"get_json_object(j, '$[2].a')", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "4", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"get_json_object(j, '$[\\'a b\\']')", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "1", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"get_json_object(j, '$[\\'a.b\\']')", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "2", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"json_array_length(j)", "NULL", "NULL", "NULL", "0", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "3", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"json_object_keys(j)", "NULL", "NULL", "[]", "NULL", `["a"]`, `["a"]`, `["a"]`, `["a"]`, `["a","b","c","d","e"]`, `["a","b"]`, "NULL", `["a","b"]`, `["a b","a.b"]`, "NULL", `["a"]`, `["a"]`, `["a","b"]`, "NULL", "NULL", "NULL", "NULL", "NULL", `["b"]`, `["a"]`, `["A"]`, `["a"]`, `["a"]`, `["a","a"]`},
	)
}

func formCases() []Case {
	t := column("t", sql.Timestamp, nil, "1970-01-01 00:00:00", "2020-02-29 23:59:59.999999", "1969-12-31 12:34:56.5", "2024-12-30 01:02:03.004", "0987-06-05 13:00:00")
	n := column("n", sql.Int, 0, nil, -1, 1700000000, math.MaxInt32, 86399)
	return answers("written times", Table{t, n},
		[]string{"date_format(t, 'yyyy-MM-dd HH:mm:ss.SSSSSS')", "NULL", "1970-01-01 00:00:00.000000", "2020-02-29 23:59:59.999999", "1969-12-31 12:34:56.500000", "2024-12-30 01:02:03.004000", "0987-06-05 13:00:00.000000"},
		[]string{"date_format(t, 'y yy M MM MMM MMMM d dd D DDD')", "NULL", "1970 70 1 01 Jan January 1 01 1 001", "2020 20 2 02 Feb February 29 29 60 060", "1969 69 12 12 Dec December 31 31 365 365", "2024 24 12 12 Dec December 30 30 365 365", "987 87 6 06 Jun June 5 05 156 156"},
		[]string{"date_format(t, 'H HH h hh m mm s ss a')", "NULL", "0 00 12 12 0 00 0 00 AM", "23 23 11 11 59 59 59 59 PM", "12 12 12 12 34 34 56 56 PM", "1 01 1 01 2 02 3 03 AM", "13 13 1 01 0 00 0 00 PM"},
		[]string{"date_format(t, 'S SS SSS SSSS')", "NULL", "0 00 000 0000", "9 99 999 9999", "5 50 500 5000", "0 00 004 0040", "0 00 000 0000"},
		[]string{"date_format(t, 'E EEE EEEE')", "NULL", "Thu Thu Thursday", "Sat Sat Saturday", "Wed Wed Wednesday", "Mon Mon Monday", "Tue Tue Tuesday"},
		[]string{"date_format(t, 'X XXX x xx xxx Z z VV')", "NULL", "Z Z +00 +0000 +00:00 +0000 UTC UTC", "Z Z +00 +0000 +00:00 +0000 UTC UTC", "Z Z +00 +0000 +00:00 +0000 UTC UTC", "Z Z +00 +0000 +00:00 +0000 UTC UTC", "Z Z +00 +0000 +00:00 +0000 UTC UTC"},
		[]string{"date_format(t, 'zz zzz zzzz O OOOO XXXX XXXXX xxxx xxxxx ZZZZ ZZZZZ')", "NULL", "UTC UTC Coordinated Universal Time GMT GMT Z Z +0000 +00:00 GMT Z", "UTC UTC Coordinated Universal Time GMT GMT Z Z +0000 +00:00 GMT Z", "UTC UTC Coordinated Universal Time GMT GMT Z Z +0000 +00:00 GMT Z", "UTC UTC Coordinated Universal Time GMT GMT Z Z +0000 +00:00 GMT Z", "UTC UTC Coordinated Universal Time GMT GMT Z Z +0000 +00:00 GMT Z"},
		[]string{"date_format(t, 'Q QQ QQQ q qq qqq F')", "NULL", "1 01 Q1 1 01 Q1 1", "1 01 Q1 1 01 Q1 1", "4 04 Q4 4 04 Q4 3", "4 04 Q4 4 04 Q4 2", "2 02 Q2 2 02 Q2 5"},
		[]string{"date_format(t, 'K KK k kk L LL LLL')", "NULL", "0 00 24 24 1 01 Jan", "11 11 23 23 2 02 Feb", "0 00 12 12 12 12 Dec", "1 01 1 01 12 12 Dec", "1 01 13 13 6 06 Jun"},
		[]string{"date_format(t, 'LLLL')", "NULL", "January", "February", "December", "December", "June"},
		[]string{"date_format(t, \"yyyy'T'HH 'o''clock' 100% ''\")", "NULL", "1970T00 o'clock 100% '", "2020T23 o'clock 100% '", "1969T12 o'clock 100% '", "2024T01 o'clock 100% '", "0987T13 o'clock 100% '"},
		[]string{"date_format(cast(t as date), 'EEEE, d/M')", "NULL", "Thursday, 1/1", "Saturday, 29/2", "Wednesday, 31/12", "Monday, 30/12", "Tuesday, 5/6"},
		[]string{"from_unixtime(n)", "1970-01-01 00:00:00", "NULL", "1969-12-31 23:59:59", "2023-11-14 22:13:20", "2038-01-19 03:14:07", "1970-01-01 23:59:59"},
		[]string{"from_unixtime(n, 'yyyyMMdd')", "19700101", "NULL", "19691231", "20231114", "20380119", "19700101"},
	)
}
