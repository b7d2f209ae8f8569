package enginetest

import (
	"math"

	"github.com/mlpdev/mlp/pkg/sql"
)

func timeCases() []Case {
	t := column("t", sql.Timestamp, nil, "1970-01-01 00:00:00", "2020-02-29 23:59:59.999999", "1969-12-31 23:59:59.5", "9999-12-31 23:59:59", "2024-12-30 00:00:00")
	d := column("d", sql.Date, nil, "1970-01-01", "2020-02-29", "1969-12-31", "9999-12-31", "2024-12-30")
	n := column("n", sql.Int, 1, nil, -1, math.MaxInt32, math.MinInt32, 366)
	return answers("times", Table{t, d, n},
		[]string{"hour(t)", "NULL", "0", "23", "23", "23", "0"},
		[]string{"minute(t)", "NULL", "0", "59", "59", "59", "0"},
		[]string{"second(t)", "NULL", "0", "59", "59", "59", "0"},
		[]string{"month(t)", "NULL", "1", "2", "12", "12", "12"},
		[]string{"date_part('minute', t)", "NULL", "0", "59", "59", "59", "0"},
		[]string{"unix_date(d)", "NULL", "0", "18321", "-1", "2932896", "20087"},
		[]string{"to_date(t)", "NULL", "1970-01-01", "2020-02-29", "1969-12-31", "9999-12-31", "2024-12-30"},
		[]string{"to_timestamp(d)", "NULL", "1970-01-01 00:00:00", "2020-02-29 00:00:00", "1969-12-31 00:00:00", "9999-12-31 00:00:00", "2024-12-30 00:00:00"},
		[]string{"timestamp_millis(n)", "1970-01-01 00:00:00.001", "NULL", "1969-12-31 23:59:59.999", "1970-01-25 20:31:23.647", "1969-12-07 03:28:36.352", "1970-01-01 00:00:00.366"},
		[]string{"date_add(d, 1)", "NULL", "1970-01-02", "2020-03-01", "1970-01-01", "+10000-01-01", "2024-12-31"},
		[]string{"year(t)", "NULL", "1970", "2020", "1969", "9999", "2024"},
		[]string{"quarter(d)", "NULL", "1", "1", "4", "4", "4"},
		[]string{"dayofweek(d)", "NULL", "5", "7", "4", "6", "2"},
		[]string{"weekday(d)", "NULL", "3", "5", "2", "4", "0"},
		[]string{"dayofyear(d)", "NULL", "1", "60", "365", "365", "365"},
		[]string{"weekofyear(d)", "NULL", "1", "9", "1", "52", "1"},
		[]string{"extract(day from t)", "NULL", "1", "29", "31", "31", "30"},
		[]string{"last_day(d)", "NULL", "1970-01-31", "2020-02-29", "1969-12-31", "9999-12-31", "2024-12-31"},
		[]string{"unix_micros(t)", "NULL", "0", "1583020799999999", "-500000", "253402300799000000", "1735516800000000"},
		[]string{"unix_millis(t)", "NULL", "0", "1583020799999", "-500", "253402300799000", "1735516800000"},
		[]string{"unix_seconds(t)", "NULL", "0", "1583020799", "-1", "253402300799", "1735516800"},
		[]string{"unix_timestamp(t)", "NULL", "0", "1583020799", "0", "253402300799", "1735516800"},
		[]string{"cast(t as bigint)", "NULL", "0", "1583020799", "-1", "253402300799", "1735516800"},
		[]string{"cast(t as double)", "NULL", "0.0", "1.583020799999999E9", "-0.5", "2.53402300799E11", "1.7355168E9"},
		[]string{"cast(t as date)", "NULL", "1970-01-01", "2020-02-29", "1969-12-31", "9999-12-31", "2024-12-30"},
		[]string{"cast(d as timestamp)", "NULL", "1970-01-01 00:00:00", "2020-02-29 00:00:00", "1969-12-31 00:00:00", "9999-12-31 00:00:00", "2024-12-30 00:00:00"},
		[]string{"cast(t as string)", "NULL", "1970-01-01 00:00:00", "2020-02-29 23:59:59.999999", "1969-12-31 23:59:59.5", "9999-12-31 23:59:59", "2024-12-30 00:00:00"},
		[]string{"date_trunc('hour', t)", "NULL", "1970-01-01 00:00:00", "2020-02-29 23:00:00", "1969-12-31 23:00:00", "9999-12-31 23:00:00", "2024-12-30 00:00:00"},
		[]string{"date_trunc('WEEK', t)", "NULL", "1969-12-29 00:00:00", "2020-02-24 00:00:00", "1969-12-29 00:00:00", "9999-12-27 00:00:00", "2024-12-30 00:00:00"},
		[]string{"cast(date_add(d, 1) as string)", "NULL", "1970-01-02", "2020-03-01", "1970-01-01", "+10000-01-01", "2024-12-31"},
		[]string{"date_sub(d, 1)", "NULL", "1969-12-31", "2020-02-28", "1969-12-30", "9999-12-30", "2024-12-29"},
		[]string{"d + 1 = date_add(d, 1)", "NULL", "true", "true", "true", "true", "true"},
		[]string{"datediff(d, '1970-01-01')", "NULL", "0", "18321", "-1", "2932896", "20087"},
		[]string{"t > '2000-01-01'", "NULL", "false", "true", "false", "true", "true"},
		[]string{"d = t", "NULL", "true", "false", "false", "false", "true"},
		[]string{"cast(t + interval 1 hour as string)", "NULL", "1970-01-01 01:00:00", "2020-03-01 00:59:59.999999", "1970-01-01 00:59:59.5", "+10000-01-01 00:59:59", "2024-12-30 01:00:00"},
		[]string{"cast(t - interval 1 month as string)", "NULL", "1969-12-01 00:00:00", "2020-01-29 23:59:59.999999", "1969-11-30 23:59:59.5", "9999-11-30 23:59:59", "2024-11-30 00:00:00"},
		[]string{"cast(d + interval '1' year as string)", "NULL", "1971-01-01", "2021-02-28", "1970-12-31", "+10000-12-31", "2025-12-30"},
		[]string{"cast(n as timestamp)", "1970-01-01 00:00:01", "NULL", "1969-12-31 23:59:59", "2038-01-19 03:14:07", "1901-12-13 20:45:52", "1970-01-01 00:06:06"},
	)
}

func nullCases() []Case {
	a := column("a", sql.Boolean, true, true, true, false, false, false, nil, nil, nil)
	b := column("b", sql.Boolean, true, false, nil, true, false, nil, true, false, nil)
	return answers("three values", Table{a, b},
		[]string{"a and b", "true", "false", "NULL", "false", "false", "false", "NULL", "false", "NULL"},
		[]string{"a or b", "true", "true", "true", "true", "false", "NULL", "true", "NULL", "NULL"},
		[]string{"not a", "false", "false", "false", "true", "true", "true", "NULL", "NULL", "NULL"},
		[]string{"a is true", "true", "true", "true", "false", "false", "false", "false", "false", "false"},
		[]string{"a is not false", "true", "true", "true", "false", "false", "false", "true", "true", "true"},
		[]string{"a = b", "true", "false", "NULL", "false", "true", "NULL", "NULL", "NULL", "NULL"},
		[]string{"a <=> b", "true", "false", "false", "false", "true", "false", "false", "false", "true"},
		[]string{"a < b", "false", "false", "NULL", "true", "false", "NULL", "NULL", "NULL", "NULL"},
		[]string{"if(a, 1, 2)", "1", "1", "1", "2", "2", "2", "2", "2", "2"},
		[]string{"case when a then 'a' when b then 'b' end", "a", "a", "a", "b", "NULL", "NULL", "b", "NULL", "NULL"},
		[]string{"coalesce(a, b)", "true", "true", "true", "false", "false", "false", "true", "false", "NULL"},
		[]string{"nvl2(a, b, a)", "true", "false", "NULL", "true", "false", "NULL", "NULL", "NULL", "NULL"},
		[]string{"cast(a as int) + cast(b as double)", "2.0", "1.0", "NULL", "1.0", "0.0", "NULL", "NULL", "NULL", "NULL"},
		[]string{"cast(a as string)", "true", "true", "true", "false", "false", "false", "NULL", "NULL", "NULL"},
	)
}

func arrayCases() []Case {
	s := column("s", sql.String, nil, "", "a,b,a", "x")
	i := column("i", sql.Int, 0, 1, nil, -1)
	return answers("arrays", Table{s, i},
		[]string{"split(s, ',')[i]", "NULL", "NULL", "NULL", "NULL"},
		[]string{"split(s, ',')[0]", "NULL", "", "a", "x"},
		[]string{"size(split(s, ','))", "-1", "1", "3", "1"},
		[]string{"array_size(split(s, ','))", "NULL", "1", "3", "1"},
		[]string{"element_at(split(s, ','), -1)", "NULL", "", "a", "x"},
		[]string{"array_contains(split(s, ','), 'b')", "NULL", "false", "true", "false"},
		[]string{"array_distinct(split(s, ','))", "NULL", `[""]`, `["a","b"]`, `["x"]`},
		[]string{"array(i, 1, i)", "[0,1,0]", "[1,1,1]", "[null,1,null]", "[-1,1,-1]"},
		[]string{"array_distinct(array(i, 1, i))", "[0,1]", "[1]", "[null,1]", "[-1,1]"},
		[]string{"array_contains(array(i, 2), 1)", "false", "true", "NULL", "false"},
		[]string{"array_min(array(i, 0, NULL))", "0", "0", "0", "-1"},
		[]string{"get(split(s, ','), 2)", "NULL", "NULL", "a", "NULL"},
		[]string{"elt(i + 1, s, 'x')", "NULL", "x", "NULL", "NULL"},
		[]string{"array_max(array(i, 0))", "0", "1", "0", "0"},
		[]string{"concat_ws('+', split(s, ','), 'z')", "z", "+z", "a+b+a+z", "x+z"},
	)
}

func aggregateCases() []Case {
	i := column("i", sql.Int, 3, nil, 1, 3)
	l := column("l", sql.BigInt, math.MaxInt64, 1, nil, nil)
	x := column("x", sql.Double, 1.0, nil, 2.0, 4.0)
	bad := column("bad", sql.Double, 1.0, math.Inf(1), math.NaN(), 1e200)
	d := decimals("d", 3, 1, "1.5", nil, "2.5", "1.5")
	s := column("s", sql.String, "b", "a", nil, "c")
	none := column("none", sql.Double, nil, nil, nil, nil)
	b := column("b", sql.Boolean, true, nil, false, nil)
	one := column("one", sql.Double, nil, 5.0, nil, nil)
	y := column("y", sql.Int, 1, 2, 2, nil)
	shifted := column("shifted", sql.Double, 1e9+1, 1e9+2, 1e9+4, 1e9+3)
	over := Table{i, l, x, bad, d, s, none, b, one, y, shifted}
	return answers("aggregates", over,
		[]string{"count(*)", "4"},
		[]string{"count(i)", "3"},
		[]string{"count(i, s)", "2"},
		[]string{"count(distinct i)", "2"},
		[]string{"count(distinct i, s)", "2"},
		[]string{"count(*) filter (where i = 3)", "2"},
		[]string{"count_if(i = 3)", "2"},
		[]string{"count_if(none > 1)", "0"},
		[]string{"count_if(i = 3) filter (where s = 'b')", "1"},
		[]string{"sum(i)", "7"},
		[]string{"sum(distinct i)", "4"},
		[]string{"sum(l)", "-9223372036854775808"},
		[]string{"sum(d)", "5.5"},
		[]string{"sum(x) filter (where i = 3)", "5.0"},
		[]string{"sum(none)", "NULL"},
		[]string{"sum(i) filter (where false)", "NULL"},
		[]string{"avg(i)", "2.3333333333333335"},
		[]string{"avg(none)", "NULL"},
		[]string{"min(s)", "a"},
		[]string{"max(s)", "c"},
		[]string{"max(bad)", "NaN"},
		[]string{"min(bad)", "1.0"},
		[]string{"stddev(x)", "1.5275252316519468"},
		[]string{"stddev_pop(x)", "1.247219128924647"},
		[]string{"var_samp(x)", "2.3333333333333335"},
		[]string{"var_pop(x)", "1.5555555555555556"},
		[]string{"stddev(bad)", "NaN"},
		[]string{"var_pop(bad)", "NaN"},
		[]string{"stddev(one)", "NULL"},
		[]string{"var_pop(one)", "0.0"},
		[]string{"stddev(none)", "NULL"},
		[]string{"stddev(x) filter (where i = 3)", "2.1213203435596424"},
		[]string{"skewness(x)", "0.3818017741606059"},
		[]string{"kurtosis(shifted)", "-1.36"},
		[]string{"skewness(shifted)", "0.0"},
		[]string{"skewness(one)", "NULL"},
		[]string{"skewness(x * 0 + 0.1D)", "NULL"},
		[]string{"kurtosis(x * 0 + 0.1D)", "NULL"},
		[]string{"kurtosis(none)", "NULL"},
		[]string{"median(i)", "3.0"},
		[]string{"percentile(x, 0.25)", "1.5"},
		[]string{"percentile(none, 0.5)", "NULL"},
		[]string{"bool_or(b)", "true"},
		[]string{"bool_and(b)", "false"},
		[]string{"every(b) filter (where b)", "true"},
		[]string{"max_by(s, i)", "b"},
		[]string{"min_by(s, i)", "NULL"},
		[]string{"max_by(s, y)", "a"},
		[]string{"max_by(s, none)", "NULL"},
		[]string{"first(s)", "b"},
		[]string{"last(s)", "c"},
		[]string{"first(i)", "3"},
		[]string{"first(l, true)", "9223372036854775807"},
		[]string{"last(l)", "NULL"},
		[]string{"last(l, true)", "1"},
		[]string{"collect_list(s)", `["b","a","c"]`},
		[]string{"collect_list(none)", "[]"},
		[]string{"size(collect_list(i)) + count(*)", "7"},
		[]string{"stddev(x) / nullif(avg(x), 0)", "0.6546536707079772"},
		[]string{"cast(max(i) as string) || ':' || count(*)", "3:4"},
		[]string{"timestamp_seconds(max(x))", "1970-01-01 00:00:04"},
		[]string{"sum(i) / count(*)", "1.75"},
		[]string{"sum(if(s = 'b', 1, 0))", "1"},
		[]string{"bit_or(i)", "3"},
		[]string{"bit_and(i)", "1"},
		[]string{"bit_xor(i)", "1"},
		[]string{"bit_or(i) filter (where false)", "NULL"},
		[]string{"array_distinct(collect_list(i))", "[3,1]"},
		[]string{"percentile(i, 0.5) - median(i)", "0.0"},
	)
}
