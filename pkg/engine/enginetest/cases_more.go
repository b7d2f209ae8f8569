package enginetest

import (
	"math"

	"github.com/mlpdev/mlp/pkg/sql"
)

func trigonometryCases() []Case {
	x := column("x", sql.Double, nil, 0.0, math.Copysign(0, -1), 0.5, -1.0, 1.0, 2.5, math.Inf(1), math.Inf(-1), math.NaN(), 27.0, 1e-9, 1e300, -2.5)
	y := column("y", sql.Double, 1.0, nil, 0.0, 2.0, -3.0, 1.0, math.Inf(1), 3.0, 0.0, 1.0, math.NaN(), 1e-9, 1e300, -0.5)
	n := column("n", sql.Int, 3, nil, 0, -1, 20, 21, 5, 1, 2, 3, 4, math.MaxInt32, math.MinInt32, 7)
	return answers("angles", Table{x, y, n},
		[]string{"sin(x)", "NULL", "0.0", "-0.0", "0.479425538604203", "-0.8414709848078965", "0.8414709848078965", "0.5984721441039564", "NaN", "NaN", "NaN", "0.956375928404503", "1.0E-9", "-0.8178819121159085", "-0.5984721441039564"},
		[]string{"cos(x)", "NULL", "1.0", "1.0", "0.8775825618903728", "0.5403023058681398", "0.5403023058681398", "-0.8011436155469337", "NaN", "NaN", "NaN", "-0.2921388087338362", "1.0", "-0.5753861119575491", "-0.8011436155469337"},
		[]string{"tan(x)", "NULL", "0.0", "-0.0", "0.5463024898437905", "-1.5574077246549023", "1.5574077246549023", "-0.7470222972386603", "NaN", "NaN", "NaN", "-3.273703800428119", "1.0E-9", "1.4214488238747245", "0.7470222972386603"},
		[]string{"cot(x)", "NULL", "Infinity", "-Infinity", "1.830487721712452", "-0.6420926159343306", "0.6420926159343306", "-1.3386481283041514", "NaN", "NaN", "NaN", "-0.305464410026718", "9.999999999999999E8", "0.7035075643976418", "1.3386481283041514"},
		[]string{"sec(x)", "NULL", "1.0", "1.0", "1.139493927324549", "1.8508157176809255", "1.8508157176809255", "-1.2482156514688179", "NaN", "NaN", "NaN", "-3.423030320189629", "1.0", "-1.737963394003118", "-1.2482156514688179"},
		[]string{"csc(x)", "NULL", "Infinity", "-Infinity", "2.085829642933488", "-1.1883951057781212", "1.1883951057781212", "1.67092154555868", "NaN", "NaN", "NaN", "1.0456139372602924", "9.999999999999999E8", "-1.2226703943273929", "-1.67092154555868"},
		[]string{"asin(x)", "NULL", "0.0", "-0.0", "0.5235987755982989", "-1.5707963267948966", "1.5707963267948966", "NaN", "NaN", "NaN", "NaN", "NaN", "1.0E-9", "NaN", "NaN"},
		[]string{"acos(x)", "NULL", "1.5707963267948966", "1.5707963267948966", "1.0471975511965979", "3.141592653589793", "0.0", "NaN", "NaN", "NaN", "NaN", "NaN", "1.5707963257948967", "NaN", "NaN"},
		[]string{"atan(x)", "NULL", "0.0", "-0.0", "0.4636476090008061", "-0.7853981633974483", "0.7853981633974483", "1.1902899496825317", "1.5707963267948966", "-1.5707963267948966", "NaN", "1.5337762109209665", "1.0E-9", "1.5707963267948966", "-1.1902899496825317"},
		[]string{"atan2(y, x)", "NULL", "NULL", "0.0", "1.3258176636680326", "-1.892546881191539", "0.7853981633974483", "1.5707963267948966", "0.0", "3.141592653589793", "NaN", "NaN", "0.7853981633974483", "0.7853981633974483", "-2.9441970937399127"},
		[]string{"sinh(x)", "NULL", "0.0", "-0.0", "0.5210953054937474", "-1.1752011936438014", "1.1752011936438014", "6.0502044810397875", "Infinity", "-Infinity", "NaN", "2.6602412030089932E11", "1.0E-9", "Infinity", "-6.0502044810397875"},
		[]string{"cosh(x)", "NULL", "1.0", "1.0", "1.1276259652063807", "1.543080634815244", "1.543080634815244", "6.132289479663686", "Infinity", "Infinity", "NaN", "2.6602412030089932E11", "1.0", "Infinity", "6.132289479663686"},
		[]string{"tanh(x)", "NULL", "0.0", "-0.0", "0.46211715726000974", "-0.7615941559557649", "0.7615941559557649", "0.9866142981514303", "1.0", "-1.0", "NaN", "1.0", "1.0E-9", "1.0", "-0.9866142981514303"},
		[]string{"degrees(x)", "NULL", "0.0", "-0.0", "28.64788975654116", "-57.29577951308232", "57.29577951308232", "143.2394487827058", "Infinity", "-Infinity", "NaN", "1546.9860468532227", "5.7295779513082324E-8", "5.729577951308233E301", "-143.2394487827058"},
		[]string{"radians(x)", "NULL", "0.0", "-0.0", "0.008726646259971648", "-0.017453292519943295", "0.017453292519943295", "0.04363323129985824", "Infinity", "-Infinity", "NaN", "0.47123889803846897", "1.7453292519943298E-11", "1.7453292519943297E298", "-0.04363323129985824"},
		[]string{"cbrt(x)", "NULL", "0.0", "-0.0", "0.7937005259840998", "-1.0", "1.0", "1.3572088082974532", "Infinity", "-Infinity", "NaN", "3.0", "0.001", "1.0E100", "-1.3572088082974532"},
		[]string{"expm1(x)", "NULL", "0.0", "-0.0", "0.6487212707001282", "-0.6321205588285577", "1.718281828459045", "11.182493960703473", "Infinity", "-1.0", "NaN", "5.3204824060079865E11", "1.0000000005000001E-9", "Infinity", "-0.9179150013761013"},
		[]string{"hypot(x, y)", "NULL", "NULL", "0.0", "2.0615528128088303", "3.1622776601683795", "1.4142135623730951", "Infinity", "Infinity", "Infinity", "NaN", "NaN", "1.4142135623730951E-9", "1.4142135623730952E300", "2.5495097567963922"},
		[]string{"rint(x)", "NULL", "0.0", "-0.0", "0.0", "-1.0", "1.0", "2.0", "Infinity", "-Infinity", "NaN", "27.0", "0.0", "1.0E300", "-2.0"},
		[]string{"rint(x / 5)", "NULL", "0.0", "-0.0", "0.0", "-0.0", "0.0", "0.0", "Infinity", "-Infinity", "NaN", "5.0", "0.0", "2.0E299", "-0.0"},
		[]string{"nanvl(x, y)", "NULL", "0.0", "-0.0", "0.5", "-1.0", "1.0", "2.5", "Infinity", "-Infinity", "1.0", "27.0", "1.0E-9", "1.0E300", "-2.5"},
		[]string{"pi() + e()", "5.859874482048838", "5.859874482048838", "5.859874482048838", "5.859874482048838", "5.859874482048838", "5.859874482048838", "5.859874482048838", "5.859874482048838", "5.859874482048838", "5.859874482048838", "5.859874482048838", "5.859874482048838", "5.859874482048838", "5.859874482048838"},
		[]string{"factorial(n)", "6", "NULL", "1", "NULL", "2432902008176640000", "NULL", "120", "1", "2", "6", "24", "NULL", "NULL", "5040"},
		[]string{"width_bucket(x, -1, 3, n)", "NULL", "NULL", "NULL", "NULL", "1", "11", "5", "2", "0", "NULL", "5", "536870913", "NULL", "0"},
		[]string{"width_bucket(x, 3, -1, 4)", "NULL", "4", "4", "3", "5", "3", "1", "0", "5", "NULL", "0", "3", "0", "5"},
		[]string{"width_bucket(x, y, 3, 4)", "NULL", "NULL", "1", "0", "2", "1", "NULL", "NULL", "0", "NULL", "NULL", "1", "1", "0"},
	)
}

func safeCases() []Case {
	i := column("i", sql.Int, nil, 0, -7, math.MaxInt32, math.MinInt32)
	l := column("l", sql.BigInt, nil, 0, -7, math.MaxInt64, math.MinInt64)
	t := column("t", sql.TinyInt, nil, 0, -7, math.MaxInt8, math.MinInt8)
	x := column("x", sql.Double, nil, 0.0, 2.5, math.Inf(1), math.NaN())
	return answers("checked arithmetic", Table{i, l, t, x},
		[]string{"try_add(i, 1)", "NULL", "1", "-6", "NULL", "-2147483647"},
		[]string{"try_add(l, i)", "NULL", "0", "-14", "NULL", "NULL"},
		[]string{"try_add(t, t)", "NULL", "0", "-14", "NULL", "NULL"},
		[]string{"try_add(x, i)", "NULL", "0.0", "-4.5", "Infinity", "NaN"},
		[]string{"try_subtract(i, 1)", "NULL", "-1", "-8", "2147483646", "NULL"},
		[]string{"try_subtract(l, 1)", "NULL", "-1", "-8", "9223372036854775806", "NULL"},
		[]string{"try_multiply(i, 2)", "NULL", "0", "-14", "NULL", "NULL"},
		[]string{"try_multiply(l, l)", "NULL", "0", "49", "NULL", "NULL"},
		[]string{"try_multiply(x, 2)", "NULL", "0.0", "5.0", "Infinity", "NaN"},
		[]string{"try_divide(i, x)", "NULL", "NULL", "-2.8", "0.0", "NaN"},
		[]string{"try_divide(x, 0)", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"try_mod(i, 5)", "NULL", "0", "-2", "2", "-3"},
		[]string{"try_mod(l, 0)", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"equal_null(i, l)", "true", "true", "true", "false", "false"},
		[]string{"equal_null(x, NULL)", "true", "false", "false", "false", "false"},
		[]string{"concat(typeof(i), typeof(l), typeof(t), typeof(x), typeof(array(i)), typeof(1.50), typeof('a'), typeof(NULL), typeof(DATE '2020-01-01'))", "intbiginttinyintdoublearray<int>decimal(3,2)stringvoiddate", "intbiginttinyintdoublearray<int>decimal(3,2)stringvoiddate", "intbiginttinyintdoublearray<int>decimal(3,2)stringvoiddate", "intbiginttinyintdoublearray<int>decimal(3,2)stringvoiddate", "intbiginttinyintdoublearray<int>decimal(3,2)stringvoiddate"},
		[]string{"pmod(i, 7)", "NULL", "0", "0", "1", "5"},
		[]string{"pmod(l, 256)", "NULL", "0", "249", "255", "0"},
		[]string{"pmod(t, -3)", "NULL", "0", "-1", "1", "-2"},
		[]string{"i % 10", "NULL", "0", "-7", "7", "-8"},
		[]string{"l % -10", "NULL", "0", "-7", "7", "-8"},
		[]string{"x / 2", "NULL", "0.0", "1.25", "Infinity", "NaN"},
		[]string{"x % 2", "NULL", "0.0", "0.5", "NaN", "NaN"},
	)
}

func calendarCases() []Case {
	d := column("d", sql.Date, nil, "1970-01-01", "2020-02-29", "2019-01-31", "9999-12-31", "0001-01-01", "2024-12-30", "2021-06-15")
	t := column("t", sql.Timestamp, nil, "1970-01-01 00:00:00", "2020-02-29 23:59:59.999999", "2019-01-31 12:30:00", "9999-12-31 23:59:59", "0001-01-01 00:00:00", "2024-12-30 01:02:03", "2021-06-15 10:20:30.5")
	u := column("u", sql.Timestamp, "2000-01-01 00:00:00", nil, "2019-11-30 10:00:00", "2018-12-31 08:00:00", "1970-01-31 00:00:00", "2020-02-29 00:00:00", "2024-12-30 01:02:02.9", "2021-05-14 10:20:31")
	n := column("n", sql.Int, 1, nil, 12, -11, 0, 13, 25, 60)
	return answers("calendar", Table{d, t, u, n},
		[]string{"add_months(d, n)", "NULL", "NULL", "2021-02-28", "2018-02-28", "9999-12-31", "0002-02-01", "2027-01-30", "2026-06-15"},
		[]string{"add_months(t, 1)", "NULL", "1970-02-01", "2020-03-29", "2019-02-28", "+10000-01-31", "0001-02-01", "2025-01-30", "2021-07-15"},
		[]string{"months_between(t, u)", "NULL", "NULL", "3.0", "1.0", "96359.0", "-24229.90322581", "0.0", "1.03225769"},
		[]string{"months_between(u, t, false)", "NULL", "NULL", "-3.0", "-1.0", "-96359.0", "24229.90322580645", "0.0", "-1.0322576911589008"},
		[]string{"months_between(d, '2020-03-31')", "NULL", "-602.96774194", "-1.0", "-14.0", "95757.0", "-24230.96774194", "56.96774194", "14.48387097"},
		[]string{"next_day(d, 'MO')", "NULL", "1970-01-05", "2020-03-02", "2019-02-04", "+10000-01-03", "0001-01-08", "2025-01-06", "2021-06-21"},
		[]string{"next_day(d, 'sunday')", "NULL", "1970-01-04", "2020-03-01", "2019-02-03", "+10000-01-02", "0001-01-07", "2025-01-05", "2021-06-20"},
		[]string{"trunc(d, 'YEAR')", "NULL", "1970-01-01", "2020-01-01", "2019-01-01", "9999-01-01", "0001-01-01", "2024-01-01", "2021-01-01"},
		[]string{"trunc(d, 'quarter')", "NULL", "1970-01-01", "2020-01-01", "2019-01-01", "9999-10-01", "0001-01-01", "2024-10-01", "2021-04-01"},
		[]string{"trunc(d, 'mon')", "NULL", "1970-01-01", "2020-02-01", "2019-01-01", "9999-12-01", "0001-01-01", "2024-12-01", "2021-06-01"},
		[]string{"trunc(t, 'WEEK')", "NULL", "1969-12-29", "2020-02-24", "2019-01-28", "9999-12-27", "0001-01-01", "2024-12-30", "2021-06-14"},
		[]string{"make_date(2000 + n, n, 28)", "2001-01-28", "NULL", "2012-12-28", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"make_date(2019, 2, n)", "2019-02-01", "NULL", "2019-02-12", "NULL", "NULL", "2019-02-13", "2019-02-25", "NULL"},
		[]string{"make_timestamp(2020, n, 29, 23, 59, 60)", "2020-01-30 00:00:00", "NULL", "2020-12-30 00:00:00", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"make_timestamp(2020, 12, 31, n, n, 1.25)", "2020-12-31 01:01:01.25", "NULL", "2020-12-31 12:12:01.25", "NULL", "2020-12-31 00:00:01.25", "2020-12-31 13:13:01.25", "NULL", "NULL"},
		[]string{"make_timestamp(2020, 12, 31, 1, 2, n)", "2020-12-31 01:02:01", "NULL", "2020-12-31 01:02:12", "NULL", "2020-12-31 01:02:00", "2020-12-31 01:02:13", "2020-12-31 01:02:25", "2020-12-31 01:03:00"},
		[]string{"date_from_unix_date(n)", "1970-01-02", "NULL", "1970-01-13", "1969-12-21", "1970-01-01", "1970-01-14", "1970-01-26", "1970-03-02"},
		[]string{"dayname(d)", "NULL", "Thu", "Sat", "Thu", "Fri", "Mon", "Mon", "Tue"},
		[]string{"monthname(d)", "NULL", "Jan", "Feb", "Jan", "Dec", "Jan", "Dec", "Jun"},
		[]string{"dayname(t)", "NULL", "Thu", "Sat", "Thu", "Fri", "Mon", "Mon", "Tue"},
	)
}

func letterCases() []Case {
	s := column("s", sql.String, nil, "", "sPark sql", "  two  blanks ", "o'neil-x foo_bar", "Élan ÉCOLE", "tymczak", "Pfister", "Ashcraft", "8112189876", "79927398713", "日本語 テキスト", "a1-B2", "Honeyman", "123456789012", "kitten")
	t := column("t", sql.String, "a", "bc", "spark SQL", "two", nil, "Elan ecole", "Tymczak", "pister", "", "x", "79927398710", "日本", "é1-ß2", "honey", "123", "sitting")
	n := column("n", sql.Int, 1, 0, -1, 3, 2, nil, 300, 65, 10, 4, 256, 2, -5, 100, 5, 1)
	return answers("letters", Table{s, t, n},
		[]string{"initcap(s)", "NULL", "", "Spark Sql", "  Two  Blanks ", "O'neil-x Foo_bar", "Élan École", "Tymczak", "Pfister", "Ashcraft", "8112189876", "79927398713", "日本語 テキスト", "A1-b2", "Honeyman", "123456789012", "Kitten"},
		[]string{"overlay(s, t, 2)", "NULL", "bc", "sspark SQL", " twoo  blanks ", "NULL", "ÉElan ecole", "tTymczak", "Ppister", "Ashcraft", "8x12189876", "779927398710", "日日本 テキスト", "aé1-ß2", "Hhoneyan", "112356789012", "ksitting"},
		[]string{"overlay(s placing '_' from n for 2)", "NULL", "_", "_sPark sql", "  _o  blanks ", "o_eil-x foo_bar", "NULL", "tymczak_", "Pfister_", "Ashcraft_", "811_89876", "79927398713_", "日_ テキスト", "_-B2", "Honeyman_", "1234_789012", "_tten"},
		[]string{"overlay(s, t, 3, 0)", "NULL", "bc", "sPspark SQLark sql", "  twotwo  blanks ", "NULL", "ÉlElan ecolean ÉCOLE", "tyTymczakmczak", "Pfpisterister", "Ashcraft", "81x12189876", "7979927398710927398713", "日本日本語 テキスト", "a1é1-ß2-B2", "Hohoneyneyman", "121233456789012", "kisittingtten"},
		[]string{"overlay(s, t, 3, n)", "NULL", "bc", "sPspark SQL", "  two  blanks ", "NULL", "NULL", "tyTymczak", "Pfpister", "As", "81x9876", "7979927398710", "日本日本テキスト", "a1é1-ß2", "Hohoney", "1212389012", "kisittingten"},
		[]string{"levenshtein(s, t)", "NULL", "2", "4", "11", "NULL", "6", "1", "2", "8", "10", "1", "6", "2", "4", "9", "3"},
		[]string{"levenshtein(s, t, 2)", "NULL", "2", "-1", "-1", "NULL", "-1", "1", "2", "-1", "-1", "1", "-1", "2", "-1", "-1", "-1"},
		[]string{"soundex(s)", "NULL", "", "S162", "  two  blanks ", "O542", "Élan ÉCOLE", "T522", "P236", "A261", "8112189876", "79927398713", "日本語 テキスト", "A100", "H555", "123456789012", "K350"},
		[]string{"soundex(t)", "A000", "B200", "S162", "T000", "NULL", "E452", "T522", "P236", "", "X000", "79927398710", "日本", "é1-ß2", "H500", "123", "S352"},
		[]string{"luhn_check(s)", "NULL", "false", "false", "false", "false", "false", "false", "false", "false", "true", "true", "false", "false", "false", "false", "false"},
		[]string{"luhn_check(t)", "false", "false", "false", "false", "NULL", "false", "false", "false", "false", "false", "false", "false", "false", "false", "false", "false"},
		[]string{"mask(s)", "NULL", "", "xXxxx xxx", "  xxx  xxxxxx ", "x'xxxx-x xxx_xxx", "Xxxx XXXXX", "xxxxxxx", "Xxxxxxx", "Xxxxxxxx", "nnnnnnnnnn", "nnnnnnnnnnn", "日本語 テキスト", "xn-Xn", "Xxxxxxxx", "nnnnnnnnnnnn", "xxxxxx"},
		[]string{"mask(s, 'U', NULL, 'd', '?')", "NULL", "", "sUark?sql", "??two??blanks?", "o?neil?x?foo?bar", "Ulan?UUUUU", "tymczak", "Ufister", "Ushcraft", "dddddddddd", "ddddddddddd", "????????", "ad?Ud", "Uoneyman", "dddddddddddd", "kitten"},
		[]string{"chr(n)", "\u0001", "\u0000", "", "\u0003", "\u0002", "NULL", ",", "A", "\n", "\u0004", "\u0000", "\u0002", "", "d", "\u0005", "\u0001"},
		[]string{"concat(space(2), s)", "NULL", "  ", "  sPark sql", "    two  blanks ", "  o'neil-x foo_bar", "  Élan ÉCOLE", "  tymczak", "  Pfister", "  Ashcraft", "  8112189876", "  79927398713", "  日本語 テキスト", "  a1-B2", "  Honeyman", "  123456789012", "  kitten"},
		[]string{"url_encode(concat(s, ' ~*.-_/?&=%+é'))", "NULL", "+%7E*.-_%2F%3F%26%3D%25%2B%C3%A9", "sPark+sql+%7E*.-_%2F%3F%26%3D%25%2B%C3%A9", "++two++blanks++%7E*.-_%2F%3F%26%3D%25%2B%C3%A9", "o%27neil-x+foo_bar+%7E*.-_%2F%3F%26%3D%25%2B%C3%A9", "%C3%89lan+%C3%89COLE+%7E*.-_%2F%3F%26%3D%25%2B%C3%A9", "tymczak+%7E*.-_%2F%3F%26%3D%25%2B%C3%A9", "Pfister+%7E*.-_%2F%3F%26%3D%25%2B%C3%A9", "Ashcraft+%7E*.-_%2F%3F%26%3D%25%2B%C3%A9", "8112189876+%7E*.-_%2F%3F%26%3D%25%2B%C3%A9", "79927398713+%7E*.-_%2F%3F%26%3D%25%2B%C3%A9", "%E6%97%A5%E6%9C%AC%E8%AA%9E+%E3%83%86%E3%82%AD%E3%82%B9%E3%83%88+%7E*.-_%2F%3F%26%3D%25%2B%C3%A9", "a1-B2+%7E*.-_%2F%3F%26%3D%25%2B%C3%A9", "Honeyman+%7E*.-_%2F%3F%26%3D%25%2B%C3%A9", "123456789012+%7E*.-_%2F%3F%26%3D%25%2B%C3%A9", "kitten+%7E*.-_%2F%3F%26%3D%25%2B%C3%A9"},
		[]string{"s ilike 'SP%'", "NULL", "false", "true", "false", "false", "false", "false", "false", "false", "false", "false", "false", "false", "false", "false", "false"},
		[]string{"s not ilike '%\\_%'", "NULL", "true", "true", "true", "false", "true", "true", "true", "true", "true", "true", "true", "true", "true", "true", "true"},
		[]string{"regexp_extract_all(s, '([a-z])([A-Z0-9])?', 2)", "NULL", "[]", `["P","","","","","",""]`, `["","","","","","","","",""]`, `["","","","","","","","","","","",""]`, `["","",""]`, `["","","","","","",""]`, `["","","","","",""]`, `["","","","","","",""]`, "[]", "[]", "[]", `["1"]`, `["","","","","","",""]`, "[]", `["","","","","",""]`},
		[]string{"regexp_extract_all(s, '[a-z]+', 0)", "NULL", "[]", `["s","ark","sql"]`, `["two","blanks"]`, `["o","neil","x","foo","bar"]`, `["lan"]`, `["tymczak"]`, `["fister"]`, `["shcraft"]`, "[]", "[]", "[]", `["a"]`, `["oneyman"]`, "[]", `["kitten"]`},
		[]string{"regexp_instr(s, '[a-z]+$')", "NULL", "0", "7", "0", "14", "0", "1", "2", "2", "0", "0", "0", "0", "2", "0", "1"},
		[]string{"regexp_instr(s, r'\\d{2,}|テ')", "NULL", "0", "0", "0", "0", "0", "0", "0", "0", "1", "1", "5", "0", "0", "1", "0"},
		[]string{"regexp_instr(t, 'x*')", "1", "1", "1", "1", "NULL", "1", "1", "1", "1", "1", "1", "1", "1", "1", "1", "1"},
	)
}

func urlCases() []Case {
	u := column("u", sql.String, nil, "", "http://spark.apache.org/path?query=1", "https://user:pa@host.example.com:8080/a/b.html?x=1&y=2&x=3#frag", "ftp://10.0.0.1/", "http://[::1]:80/x",
		"mailto:a@b.example", "/rel/path?q=1", "//host/path", "http://host", "http://host?", "http://host#", "http://a b/c", "http://host/%zz", "http://host/%41%20b?k=%20v&e=&n", "HTTP://HOST/Path",
		"http://exa_mple.com/p", "http://-bad.com/", "http://1.2.3/", "http://256.1.1.1/", "http://host:port/x", "http://u@h@x/", "http:///x", "http://host/é?ü=1", "http://host/a|b", "javascript:alert(1)",
		"http://host/?a=b?c=d", "?q=1", "#f", "http://host:/x", "x", "http://host.:80/", "http://a.b-/x", "http://9host.com/", "http://host/\\x", "http://host/a\"b", "http://bücher.example/",
		"http://host/a[1]", "http://host/?a[1]=2", "http://ho[st/", "1http://x/", "a+b.c-d://host/x", "x:", "http://", "http:/x", "http:x?y#z", "a_b://host/", "http://host/#a#b", "http://host/?a=%", "urn:a:b?c#d", "http://010.1.1.1/", "a/b:c", "http://host/ü#ß")
	e := column("e", sql.String, "a%20b", "a+b", "%C3%A9", "100%", "%", "%4", "%zz", "%41%42", "", nil, "plain", "é+%2B", "%00", "a%2", "%e3%81%82", "x%25y", "+", "%2f", "~", "*",
		"a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a",
		"b", "b", "b", "b", "b", "b", "b", "b", "b", "b", "b", "b", "b", "b", "b", "b")
	return answers("urls", Table{u, e},
		[]string{"parse_url(u, 'PROTOCOL')", "NULL", "NULL", "http", "https", "ftp", "http", "mailto", "NULL", "NULL", "http", "http", "http", "NULL", "NULL", "http", "HTTP", "http", "http", "http", "http", "http", "http", "http", "http", "NULL", "javascript", "http", "NULL", "NULL", "http", "NULL", "http", "http", "http", "NULL", "NULL", "http", "NULL", "http", "NULL", "NULL", "a+b.c-d", "NULL", "NULL", "http", "http", "NULL", "NULL", "NULL", "urn", "http", "NULL", "http"},
		[]string{"parse_url(u, 'HOST')", "NULL", "NULL", "spark.apache.org", "host.example.com", "10.0.0.1", "[::1]", "NULL", "NULL", "host", "host", "host", "host", "NULL", "NULL", "host", "HOST", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "host", "NULL", "NULL", "host", "NULL", "NULL", "host", "NULL", "host.", "NULL", "9host.com", "NULL", "NULL", "NULL", "NULL", "host", "NULL", "NULL", "host", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "010.1.1.1", "NULL", "host"},
		[]string{"parse_url(u, 'PATH')", "NULL", "", "/path", "/a/b.html", "/", "/x", "NULL", "/rel/path", "/path", "", "", "", "NULL", "NULL", "/%41%20b", "/Path", "/p", "/", "/", "/", "/x", "/", "/x", "/é", "NULL", "NULL", "/", "", "", "/x", "x", "/", "/x", "/", "NULL", "NULL", "/", "NULL", "/", "NULL", "NULL", "/x", "NULL", "NULL", "/x", "NULL", "NULL", "NULL", "NULL", "NULL", "/", "a/b:c", "/ü"},
		[]string{"parse_url(u, 'QUERY')", "NULL", "NULL", "query=1", "x=1&y=2&x=3", "NULL", "NULL", "NULL", "q=1", "NULL", "NULL", "", "NULL", "NULL", "NULL", "k=%20v&e=&n", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "ü=1", "NULL", "NULL", "a=b?c=d", "q=1", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "a[1]=2", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"parse_url(u, 'REF')", "NULL", "NULL", "NULL", "frag", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "f", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "z", "NULL", "NULL", "NULL", "d", "NULL", "NULL", "ß"},
		[]string{"parse_url(u, 'AUTHORITY')", "NULL", "NULL", "spark.apache.org", "user:pa@host.example.com:8080", "10.0.0.1", "[::1]:80", "NULL", "NULL", "host", "host", "host", "host", "NULL", "NULL", "host", "HOST", "exa_mple.com", "-bad.com", "1.2.3", "256.1.1.1", "host:port", "u@h@x", "NULL", "host", "NULL", "NULL", "host", "NULL", "NULL", "host:", "NULL", "host.:80", "a.b-", "9host.com", "NULL", "NULL", "bücher.example", "NULL", "host", "NULL", "NULL", "host", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "010.1.1.1", "NULL", "host"},
		[]string{"parse_url(u, 'USERINFO')", "NULL", "NULL", "NULL", "user:pa", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"parse_url(u, 'FILE')", "NULL", "", "/path?query=1", "/a/b.html?x=1&y=2&x=3", "/", "/x", "NULL", "/rel/path?q=1", "/path", "", "?", "", "NULL", "NULL", "/%41%20b?k=%20v&e=&n", "/Path", "/p", "/", "/", "/", "/x", "/", "/x", "/é?ü=1", "NULL", "NULL", "/?a=b?c=d", "?q=1", "", "/x", "x", "/", "/x", "/", "NULL", "NULL", "/", "NULL", "/?a[1]=2", "NULL", "NULL", "/x", "NULL", "NULL", "/x", "NULL", "NULL", "NULL", "NULL", "NULL", "/", "a/b:c", "/ü"},
		[]string{"parse_url(u, 'QUERY', 'x')", "NULL", "NULL", "NULL", "1", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"parse_url(u, 'QUERY', 'k')", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "%20v", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"parse_url(u, 'QUERY', 'q')", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "1", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "1", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"parse_url(u, 'QUERY', 'e')", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"url_decode(e)", "a b", "a b", "é", "NULL", "NULL", "NULL", "NULL", "AB", "", "NULL", "plain", "é +", "\u0000", "NULL", "あ", "x%y", " ", "/", "~", "*", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "b", "b", "b", "b", "b", "b", "b", "b", "b", "b", "b", "b", "b", "b", "b", "b"},
		[]string{"url_encode(u)", "NULL", "", "http%3A%2F%2Fspark.apache.org%2Fpath%3Fquery%3D1", "https%3A%2F%2Fuser%3Apa%40host.example.com%3A8080%2Fa%2Fb.html%3Fx%3D1%26y%3D2%26x%3D3%23frag", "ftp%3A%2F%2F10.0.0.1%2F", "http%3A%2F%2F%5B%3A%3A1%5D%3A80%2Fx", "mailto%3Aa%40b.example", "%2Frel%2Fpath%3Fq%3D1", "%2F%2Fhost%2Fpath", "http%3A%2F%2Fhost", "http%3A%2F%2Fhost%3F", "http%3A%2F%2Fhost%23", "http%3A%2F%2Fa+b%2Fc", "http%3A%2F%2Fhost%2F%25zz", "http%3A%2F%2Fhost%2F%2541%2520b%3Fk%3D%2520v%26e%3D%26n", "HTTP%3A%2F%2FHOST%2FPath", "http%3A%2F%2Fexa_mple.com%2Fp", "http%3A%2F%2F-bad.com%2F", "http%3A%2F%2F1.2.3%2F", "http%3A%2F%2F256.1.1.1%2F", "http%3A%2F%2Fhost%3Aport%2Fx", "http%3A%2F%2Fu%40h%40x%2F", "http%3A%2F%2F%2Fx", "http%3A%2F%2Fhost%2F%C3%A9%3F%C3%BC%3D1", "http%3A%2F%2Fhost%2Fa%7Cb", "javascript%3Aalert%281%29", "http%3A%2F%2Fhost%2F%3Fa%3Db%3Fc%3Dd", "%3Fq%3D1", "%23f", "http%3A%2F%2Fhost%3A%2Fx", "x", "http%3A%2F%2Fhost.%3A80%2F", "http%3A%2F%2Fa.b-%2Fx", "http%3A%2F%2F9host.com%2F", "http%3A%2F%2Fhost%2F%5Cx", "http%3A%2F%2Fhost%2Fa%22b", "http%3A%2F%2Fb%C3%BCcher.example%2F", "http%3A%2F%2Fhost%2Fa%5B1%5D", "http%3A%2F%2Fhost%2F%3Fa%5B1%5D%3D2", "http%3A%2F%2Fho%5Bst%2F", "1http%3A%2F%2Fx%2F", "a%2Bb.c-d%3A%2F%2Fhost%2Fx", "x%3A", "http%3A%2F%2F", "http%3A%2Fx", "http%3Ax%3Fy%23z", "a_b%3A%2F%2Fhost%2F", "http%3A%2F%2Fhost%2F%23a%23b", "http%3A%2F%2Fhost%2F%3Fa%3D%25", "urn%3Aa%3Ab%3Fc%23d", "http%3A%2F%2F010.1.1.1%2F", "a%2Fb%3Ac", "http%3A%2F%2Fhost%2F%C3%BC%23%C3%9F"},
	)
}

func pairCases() []Case {
	y := column("y", sql.Double, 1.0, 2.0, 2.5, nil, 4.0, 7.0)
	x := column("x", sql.Int, 1, 2, 2, 3, nil, 9)
	bad := column("bad", sql.Double, 1.0, math.Inf(1), 2.0, nil, 4.0, 1e200)
	same := column("same", sql.Double, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0)
	none := column("none", sql.Double, nil, nil, nil, nil, nil, nil)
	one := column("one", sql.Double, 5.0, nil, nil, nil, nil, nil)
	return answers("pairs", Table{y, x, bad, same, none, one},
		[]string{"corr(y, x)", "0.9924167468117774"},
		[]string{"corr(y, same)", "NULL"},
		[]string{"corr(y, one)", "NULL"},
		[]string{"corr(y, none)", "NULL"},
		[]string{"covar_pop(y, x)", "7.3125"},
		[]string{"covar_samp(y, x)", "9.75"},
		[]string{"covar_pop(y, one)", "0.0"},
		[]string{"covar_samp(y, one)", "NULL"},
		[]string{"covar_samp(y, none)", "NULL"},
		[]string{"regr_count(y, x)", "4"},
		[]string{"regr_avgx(y, x)", "3.5"},
		[]string{"regr_avgy(y, x)", "3.125"},
		[]string{"regr_sxx(y, x)", "40.99999999999999"},
		[]string{"regr_syy(y, x)", "21.187500000000004"},
		[]string{"regr_sxy(y, x)", "29.25"},
		[]string{"regr_slope(y, x)", "0.7134146341463415"},
		[]string{"regr_intercept(y, x)", "0.6280487804878048"},
		[]string{"regr_r2(y, x)", "0.9848909993524715"},
		[]string{"regr_r2(y, same)", "NULL"},
		[]string{"regr_r2(same, y)", "1.0"},
		[]string{"regr_slope(y, same)", "NULL"},
		[]string{"regr_slope(y, one)", "NULL"},
		[]string{"regr_intercept(y, one)", "NULL"},
		[]string{"regr_avgx(y, none)", "NULL"},
		[]string{"covar_pop(bad, x)", "NaN"},
		[]string{"regr_avgy(bad, x)", "Infinity"},
		[]string{"regr_sxx(x, bad)", "NaN"},
		[]string{"corr(bad, x)", "NaN"},
		[]string{"corr(y, x) filter (where x < 9)", "0.9449111825230679"},
	)
}
