package enginetest

import (
	"math"

	"github.com/mlpdev/mlp/pkg/sql"
)

// roundingCases round, and compute where a result may be out of range.
func roundingCases() []Case {
	x := column("x", sql.Double, nil, 2.5, -2.5, 0.5, 1e300, math.NaN(), math.Inf(-1), -0.4, 1234.5678, 25)
	f := column("f", sql.Float, nil, 2.5, -2.5, 1.25, 1e30, math.NaN(), math.Inf(-1), -0.25, 1234.5, 0.1)
	i := column("i", sql.Int, nil, 25, -25, 15, math.MaxInt32, math.MinInt32, 5, -5, 1234, 0)
	l := column("l", sql.BigInt, nil, 25, -25, 15, math.MaxInt64, math.MinInt64, 5, -5, 1234, 0)
	d := decimals("d", 7, 3, nil, "2.500", "-2.500", "12.345", "9999.999", "-9999.999", "0.005", "-0.005", "125.000", "0.015")
	w := decimals("w", 38, 2, nil, "2.50", "-2.50", "25.00", "999999999999999999999999999999999999.99", "-999999999999999999999999999999999999.99", "0.05", "-0.05", "35.00", "4.99")
	return answers("rounding", Table{x, f, i, l, d, w},
		[]string{"round(x, -1)", "NULL", "0.0", "0.0", "0.0", "1.0E300", "NaN", "-Infinity", "0.0", "1230.0", "30.0"}, []string{"round(x, -3)", "NULL", "0.0", "0.0", "0.0", "1.0E300", "NaN", "-Infinity", "0.0", "1000.0", "0.0"}, []string{"round(f)", "NULL", "3.0", "-3.0", "1.0", "1.0E30", "NaN", "-Infinity", "0.0", "1235.0", "0.0"}, []string{"round(f, 1)", "NULL", "2.5", "-2.5", "1.3", "1.0E30", "NaN", "-Infinity", "-0.3", "1234.5", "0.1"}, []string{"round(f, -2)", "NULL", "0.0", "0.0", "0.0", "1.0E30", "NaN", "-Infinity", "0.0", "1200.0", "0.0"},
		[]string{"round(i, -1)", "NULL", "30", "-30", "20", "-2147483646", "2147483646", "10", "-10", "1230", "0"}, []string{"round(i, 1)", "NULL", "25", "-25", "15", "2147483647", "-2147483648", "5", "-5", "1234", "0"}, []string{"round(l, -1)", "NULL", "30", "-30", "20", "-9223372036854775806", "9223372036854775806", "10", "-10", "1230", "0"}, []string{"round(l, -19)", "NULL", "0", "0", "0", "-8446744073709551616", "8446744073709551616", "0", "0", "0", "0"}, []string{"round(l, -30)", "NULL", "0", "0", "0", "0", "0", "0", "0", "0", "0"},
		[]string{"round(d, -1)", "NULL", "0", "0", "10", "10000", "-10000", "0", "0", "130", "0"}, []string{"round(d, -2)", "NULL", "0", "0", "0", "10000", "-10000", "0", "0", "100", "0"}, []string{"round(d, -9)", "NULL", "0", "0", "0", "0", "0", "0", "0", "0", "0"}, []string{"round(w, 1)", "NULL", "2.5", "-2.5", "25.0", "1000000000000000000000000000000000000.0", "-1000000000000000000000000000000000000.0", "0.1", "-0.1", "35.0", "5.0"}, []string{"round(w, -37)", "NULL", "0", "0", "0", "0", "0", "0", "0", "0", "0"},
		[]string{"bround(x)", "NULL", "2.0", "-2.0", "0.0", "1.0E300", "NaN", "-Infinity", "0.0", "1235.0", "25.0"}, []string{"bround(x, -1)", "NULL", "0.0", "0.0", "0.0", "1.0E300", "NaN", "-Infinity", "0.0", "1230.0", "20.0"}, []string{"bround(x, 2)", "NULL", "2.5", "-2.5", "0.5", "1.0E300", "NaN", "-Infinity", "-0.4", "1234.57", "25.0"}, []string{"bround(f)", "NULL", "2.0", "-2.0", "1.0", "1.0E30", "NaN", "-Infinity", "0.0", "1234.0", "0.0"}, []string{"bround(i, -1)", "NULL", "20", "-20", "20", "-2147483646", "2147483646", "0", "0", "1230", "0"}, []string{"bround(l, -1)", "NULL", "20", "-20", "20", "-9223372036854775806", "9223372036854775806", "0", "0", "1230", "0"},
		[]string{"bround(d, 2)", "NULL", "2.50", "-2.50", "12.34", "10000.00", "-10000.00", "0.00", "0.00", "125.00", "0.02"}, []string{"bround(d)", "NULL", "2", "-2", "12", "10000", "-10000", "0", "0", "125", "0"}, []string{"bround(d, -1)", "NULL", "0", "0", "10", "10000", "-10000", "0", "0", "120", "0"}, []string{"bround(w)", "NULL", "2", "-2", "25", "1000000000000000000000000000000000000", "-1000000000000000000000000000000000000", "0", "0", "35", "5"},
		[]string{"ceil(d, 1)", "NULL", "2.5", "-2.5", "12.4", "10000.0", "-9999.9", "0.1", "0.0", "125.0", "0.1"}, []string{"ceil(d, -2)", "NULL", "100", "0", "100", "10000", "-9900", "100", "0", "200", "100"}, []string{"ceil(x, 2)", "NULL", "2.50", "-2.50", "0.50", "NULL", "NULL", "NULL", "-0.40", "1234.57", "25.00"}, []string{"ceil(f, 1)", "NULL", "2.5", "-2.5", "1.3", "NULL", "NULL", "NULL", "-0.2", "1234.5", "0.1"}, []string{"ceil(i, -1)", "NULL", "30", "-20", "20", "2147483650", "-2147483640", "10", "0", "1240", "0"}, []string{"ceil(l, 2)", "NULL", "25", "-25", "15", "9223372036854775807", "-9223372036854775808", "5", "-5", "1234", "0"},
		[]string{"floor(d, 1)", "NULL", "2.5", "-2.5", "12.3", "9999.9", "-10000.0", "0.0", "-0.1", "125.0", "0.0"}, []string{"floor(d, -2)", "NULL", "0", "-100", "0", "9900", "-10000", "0", "-100", "100", "0"}, []string{"floor(x, 2)", "NULL", "2.50", "-2.50", "0.50", "NULL", "NULL", "NULL", "-0.40", "1234.56", "25.00"}, []string{"floor(f, 1)", "NULL", "2.5", "-2.5", "1.2", "NULL", "NULL", "NULL", "-0.3", "1234.5", "0.1"}, []string{"floor(i, -1)", "NULL", "20", "-30", "10", "2147483640", "-2147483650", "0", "-10", "1230", "0"}, []string{"floor(w, -1)", "NULL", "0", "-10", "20", "999999999999999999999999999999999990", "-1000000000000000000000000000000000000", "0", "-10", "30", "0"},
		[]string{"asinh(x)", "NULL", "1.6472311463710958", "-1.6472311463710958", "0.48121182505960347", "691.4686750787736", "NaN", "-Infinity", "-0.39003531977071526", "7.811623572882718", "3.9124227656412556"}, []string{"acosh(x)", "NULL", "1.566799236972411", "NaN", "NaN", "691.4686750787736", "NaN", "NaN", "NaN", "7.811623244832664", "3.9116227652145885"}, []string{"atanh(x)", "NULL", "NaN", "NaN", "0.5493061443340548", "NaN", "NaN", "NaN", "-0.42364893019360184", "NaN", "NaN"}, []string{"atanh(x / 5)", "NULL", "0.5493061443340548", "-0.5493061443340548", "0.10033534773107558", "NaN", "NaN", "NaN", "-0.0801713250375897", "NaN", "NaN"}, []string{"asinh(x / 1e10D)", "NULL", "2.5E-10", "-2.5E-10", "5.0E-11", "668.4428241488331", "NaN", "-Infinity", "-4.0000000000000004E-11", "1.2345677999999972E-7", "2.5E-9"},
		[]string{"bin(x)", "NULL", "10", "1111111111111111111111111111111111111111111111111111111111111110", "0", "111111111111111111111111111111111111111111111111111111111111111", "0", "1000000000000000000000000000000000000000000000000000000000000000", "0", "10011010010", "11001"}, []string{"bin(d)", "NULL", "10", "1111111111111111111111111111111111111111111111111111111111111110", "1100", "10011100001111", "1111111111111111111111111111111111111111111111111101100011110001", "0", "0", "1111101", "0"}, []string{"hex(x)", "NULL", "2", "FFFFFFFFFFFFFFFE", "0", "7FFFFFFFFFFFFFFF", "0", "8000000000000000", "0", "4D2", "19"}, []string{"hex(d)", "NULL", "2", "FFFFFFFFFFFFFFFE", "C", "270F", "FFFFFFFFFFFFD8F1", "0", "0", "7D", "0"},
		[]string{"pmod(d, 0.7)", "NULL", "0.400", "0.300", "0.445", "0.499", "0.201", "0.005", "0.695", "0.400", "0.015"}, []string{"pmod(d, -0.7)", "NULL", "0.400", "-0.400", "0.445", "0.499", "-0.499", "0.005", "-0.005", "0.400", "0.015"}, []string{"pmod(d, 0)", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"}, []string{"pmod(7, d)", "NULL", "2.000", "2.000", "7.000", "7.000", "7.000", "0.000", "0.000", "7.000", "0.010"}, []string{"pmod(i, d)", "NULL", "0.000", "0.000", "2.655", "3861.748", "-3862.748", "0.000", "0.000", "109.000", "0.000"},
		[]string{"try_add(d, i)", "NULL", "27.500", "-27.500", "27.345", "2147493646.999", "-2147493647.999", "5.005", "-5.005", "1359.000", "0.015"}, []string{"try_multiply(d, d)", "NULL", "6.250000", "6.250000", "152.399025", "99999980.000001", "99999980.000001", "0.000025", "0.000025", "15625.000000", "0.000225"}, []string{"try_add(f, f)", "NULL", "5.0", "-5.0", "2.5", "2.0E30", "NaN", "-Infinity", "-0.5", "2469.0", "0.2"}, []string{"try_subtract(x, d)", "NULL", "0.0", "0.0", "-11.845", "1.0E300", "NaN", "-Infinity", "-0.395", "1109.5678", "24.985"}, []string{"try_add(i, l)", "NULL", "50", "-50", "30", "NULL", "NULL", "10", "-10", "2468", "0"}, []string{"try_multiply(l, l)", "NULL", "625", "625", "225", "NULL", "NULL", "25", "25", "1522756", "0"},
		[]string{"bitmap_bit_position(l)", "NULL", "24", "25", "14", "32766", "0", "4", "5", "1233", "0"}, []string{"bitmap_bucket_number(l)", "NULL", "1", "0", "1", "281474976710656", "-281474976710656", "1", "0", "1", "0"}, []string{"bitmap_bucket_number(i)", "NULL", "1", "0", "1", "65536", "-65536", "1", "0", "1", "0"},
	)
}

// searchingCases look for texts and patterns.
func searchingCases() []Case {
	s := column("s", sql.String, nil, "", "abcabc", "aaaa", "日本日", "a_b%c", "ABCABC", "aXbYc", "😀b😀")
	part := column("part", sql.String, "a", "", "b", "aa", "日", "%", nil, "X", "😀")
	p := column("p", sql.Int, 1, 1, -2, -1, 2, 0, 1, -9, -1)
	n := column("n", sql.Int, 1, 2, 1, 2, 1, 1, 1, 1, 2)
	return answers("searching", Table{s, part, p, n},
		[]string{"instr(s, part)", "NULL", "1", "2", "1", "1", "4", "NULL", "2", "1"}, []string{"instr(s, part, p)", "NULL", "1", "5", "3", "3", "0", "NULL", "0", "3"}, []string{"instr(s, part, p, n)", "NULL", "1", "5", "2", "3", "0", "NULL", "0", "1"}, []string{"instr(s, part, -1, 2)", "NULL", "1", "2", "2", "1", "0", "NULL", "0", "1"}, []string{"instr(s, part, n, 3)", "NULL", "1", "0", "0", "0", "0", "NULL", "0", "0"},
		[]string{"s like any ('a%', '%c')", "NULL", "false", "true", "true", "false", "true", "false", "true", "false"}, []string{"s like all ('a%', '%c')", "NULL", "false", "true", "false", "false", "true", "false", "true", "false"}, []string{"s not like any ('a%', '%c')", "NULL", "true", "false", "true", "true", "false", "true", "false", "true"}, []string{"s not like all ('a%', '%c')", "NULL", "true", "false", "false", "true", "false", "true", "false", "true"},
		[]string{"s like some ('x', NULL)", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"}, []string{"s ilike all ('A%', '%C', NULL)", "NULL", "false", "NULL", "false", "false", "NULL", "NULL", "NULL", "false"}, []string{"s ilike any ('A%')", "NULL", "false", "true", "true", "false", "true", "true", "true", "false"}, []string{"s not ilike any ('A%', '%X%')", "NULL", "true", "true", "true", "true", "true", "true", "false", "true"}, []string{"s like NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"like(s, 'a%')", "NULL", "false", "true", "true", "false", "true", "false", "true", "false"}, []string{"like(s, 'a/_b/%c', '/')", "NULL", "false", "false", "false", "false", "true", "false", "false", "false"}, []string{"ilike(s, 'ABC%')", "NULL", "false", "true", "false", "false", "false", "true", "false", "false"},
		[]string{"split(s, '[XYb]', 2)", "NULL", `[""]`, `["a","cabc"]`, `["aaaa"]`, `["日本日"]`, `["a_","%c"]`, `["ABCABC"]`, `["a","bYc"]`, `["😀","😀"]`}, []string{"split(s, '[a-c]', 3)", "NULL", `[""]`, `["","","cabc"]`, `["","","aa"]`, `["日本日"]`, `["","_","%c"]`, `["ABCABC"]`, `["","X","Yc"]`, `["😀","😀"]`}, []string{"split(s, 'b+', 1)", "NULL", `[""]`, `["abcabc"]`, `["aaaa"]`, `["日本日"]`, `["a_b%c"]`, `["ABCABC"]`, `["aXbYc"]`, `["😀b😀"]`}, []string{"split(s, '[abc]', 9)", "NULL", `[""]`, `["","","","","","",""]`, `["","","","",""]`, `["日本日"]`, `["","_","%",""]`, `["ABCABC"]`, `["","X","Y",""]`, `["😀","😀"]`},
	)
}

// gatheringCases gather the values of a group.
func gatheringCases() []Case {
	i := column("i", sql.Int, 3, nil, 1, 3, 2, math.MaxInt32)
	l := column("l", sql.BigInt, math.MaxInt64, 1, nil, nil, math.MaxInt64, 5)
	d := decimals("d", 4, 2, "1.50", nil, "2.55", "1.50", "-0.01", "10.00")
	w := decimals("w", 28, 4, "999999999999999999999999.9999", nil, "0.0001", "0.0001", "-5.0000", "1.0000")
	s := column("s", sql.String, "b", "a", nil, "c", "a", "")
	y := column("y", sql.Int, 1, 2, 2, nil, 5, 5)
	b := column("b", sql.Boolean, true, nil, false, true, nil, false)
	none := column("none", sql.Int, nil, nil, nil, nil, nil, nil)
	return answers("gathering, aggregates", Table{i, l, d, w, s, y, b, none},
		[]string{"try_sum(l)", "NULL"}, []string{"try_sum(i)", "2147483656"}, []string{"try_sum(d)", "15.54"}, []string{"try_sum(none)", "NULL"}, []string{"try_sum(i) filter (where y = 2)", "1"}, []string{"try_avg(i)", "4.294967312E8"},
		[]string{"avg(d)", "3.108000"}, []string{"avg(w)", "199999999999999999999999.20002000"}, []string{"avg(d) filter (where y = 2)", "2.550000"}, []string{"avg(distinct d)", "3.510000"}, []string{"avg(distinct i)", "5.3687091325E8"}, []string{"mean(d) filter (where false)", "NULL"},
		[]string{"count_if(distinct i > 1)", "1"}, []string{"bool_or(distinct b)", "true"}, []string{"bit_xor(distinct i)", "2147483647"}, []string{"count_if(distinct b) filter (where y = 2)", "0"},
		[]string{"max_by(s, y, 1)", `["a"]`}, []string{"min_by(s, i, 2)", `[null,"a"]`}, []string{"min_by(s, i, 9)", `[null,"a","b","c",""]`}, []string{"max_by(s, none, 2)", "NULL"}, []string{"max_by(i, i, 2) filter (where i < 9)", "[3,3]"},
		[]string{"mode(i)", "3"}, []string{"mode(none)", "NULL"},
		[]string{"listagg(distinct s, '-') within group (order by s)", "-a-b-c"}, []string{"listagg(distinct s, '-') within group (order by s desc)", "c-b-a-"},
		[]string{"string_agg(distinct cast(none as string), ',') within group (order by cast(none as string))", "NULL"},
	)
}

// counterCases are differences of counters, and ranks that are given arguments.
func counterCases() []Case {
	t := column("t", sql.Int, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	c := column("c", sql.Int, 100, nil, 150, 50, 50, 0, 10, nil, math.MaxInt32)
	x := column("x", sql.Double, 1.5, 2.75, 0.0, 0.5, nil, 0.25, 1.0, 1e300, math.Inf(1))
	d := decimals("d", 5, 2, "1.50", "2.75", nil, "2.75", "0.00", "0.10", "0.30", "999.99", "1.00")
	at := column("at", sql.Timestamp, "2020-01-01 00:00:00", "2020-01-01 00:00:00", "2020-01-01 00:00:00", nil, "2020-01-02 00:00:00", "2020-01-02 00:00:00", "2020-01-02 00:00:00", "2020-01-03 00:00:00", "2020-01-03 00:00:00")
	return answers("counters", Table{t, c, x, d, at},
		[]string{"counter_diff(c) over (order by t)", "NULL", "NULL", "50", "NULL", "0", "NULL", "10", "NULL", "2147483637"},
		[]string{"counter_diff(x) over (order by t)", "NULL", "1.25", "NULL", "0.5", "NULL", "NULL", "0.75", "1.0E300", "Infinity"},
		[]string{"counter_diff(d) over (order by t)", "NULL", "1.25", "NULL", "0.00", "NULL", "0.10", "0.20", "999.69", "NULL"},
		[]string{"counter_diff(c, at) over (order by t)", "NULL", "NULL", "50", "NULL", "0", "NULL", "10", "NULL", "NULL"},
		[]string{"counter_diff(d, at) over (partition by c > 50 order by t)", "NULL", "NULL", "NULL", "NULL", "NULL", "0.10", "0.20", "NULL", "NULL"},
		[]string{"rank(c) over (order by c)", "7", "1", "8", "5", "5", "3", "4", "1", "9"},
		[]string{"dense_rank(c, t) over (order by c)", "5", "1", "6", "4", "4", "2", "3", "1", "7"},
		[]string{"percent_rank(c) over (order by c)", "0.75", "0.0", "0.875", "0.5", "0.5", "0.25", "0.375", "0.0", "1.0"},
		[]string{"avg(d) over (order by t rows 1 preceding)", "1.500000", "2.125000", "2.750000", "2.750000", "1.375000", "0.050000", "0.200000", "500.145000", "500.495000"},
		[]string{"try_sum(c) over (order by t)", "100", "100", "250", "300", "350", "350", "360", "360", "2147484007"},
		[]string{"max_by(t, c, 2) over (partition by c > 50)", "[9,3]", "NULL", "[9,3]", "[4,5]", "[4,5]", "[4,5]", "[4,5]", "NULL", "[9,3]"},
	)
}
