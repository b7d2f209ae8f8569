package enginetest

import (
	"math"

	"github.com/mlpdev/mlp/pkg/sql"
)

// Cases returns the cases: what is easily got wrong, as columns, so that no
// engine can work it out beforehand.
func Cases() []Case {
	var out []Case
	groups := [][]Case{
		integerCases(),
		decimalCases(),
		doubleCases(),
		castCases(),
		textCases(),
		patternCases(),
		timeCases(),
		nullCases(),
		arrayCases(),
		aggregateCases(),
		windowCases(),
		windowOfTimeCases(),
		lambdaCases(),
		sequenceCases(),
		setCases(),
		hashCases(),
		nativeHashCases(),
		bytesCases(),
		distanceCases(),
		roundingCases(),
		searchingCases(),
		gatheringCases(),
		counterCases(),
		pictureCases(),
		formatCases(),
		decimalTextCases(),
		convCases(),
		splitCases(),
		binaryCases(),
		timeFormCases(),
		trigonometryCases(),
		safeCases(),
		calendarCases(),
		letterCases(),
		urlCases(),
		pairCases(),
		groupCases(),
		jsonCases(),
		formCases(),
		nestedCases(),
		intervalCases(),
		intervalFunctionCases(),
		zoneCases(),
		countedTimeCases(),
		intervalTextCases(),
		intervalGroupCases(),
		nestedFunctionCases(),
		vectorCases(),
		nestedGroupCases(),
		readJSONCases(),
		readCSVCases(),
		writeCSVCases(),
		nestedTimeCases(),
	}
	for _, group := range groups {
		out = append(out, group...)
	}
	return out
}

func column(name string, kind sql.Kind, values ...any) Column {
	return Column{Name: name, Type: sql.Type{Kind: kind}, Values: values}
}

func decimals(name string, precision, scale int, values ...any) Column {
	return Column{Name: name, Type: sql.Type{Kind: sql.Decimal, Precision: precision, Scale: scale}, Values: values}
}

// answers pairs expressions over one table with their answers.
func answers(name string, over Table, pairs ...[]string) []Case {
	var out []Case
	for _, p := range pairs {
		out = append(out, Case{Name: name, Expr: p[0], Over: over, Want: p[1:]})
	}
	return out
}

func integerCases() []Case {
	i := column("i", sql.Int, nil, 0, -7, math.MaxInt32, math.MinInt32)
	l := column("l", sql.BigInt, nil, 0, -7, math.MaxInt64, math.MinInt64)
	small := column("s", sql.SmallInt, nil, 0, -7, math.MaxInt16, math.MinInt16)
	t := column("t", sql.TinyInt, nil, 0, -7, math.MaxInt8, math.MinInt8)
	return answers("integers", Table{i, l, small, t},
		[]string{"i + 1", "NULL", "1", "-6", "-2147483648", "-2147483647"},
		[]string{"i - 1", "NULL", "-1", "-8", "2147483646", "2147483647"},
		[]string{"i + i + i - l", "NULL", "0", "-14", "-9223372034707292162", "9223372034707292160"},
		[]string{"i + i + i", "NULL", "0", "-21", "2147483645", "-2147483648"},
		[]string{"(i + i) * i", "NULL", "0", "98", "2", "0"},
		[]string{"l - (l + l)", "NULL", "0", "7", "-9223372036854775807", "-9223372036854775808"},
		[]string{"i * 2", "NULL", "0", "-14", "-2", "0"},
		[]string{"l + 1", "NULL", "1", "-6", "-9223372036854775808", "-9223372036854775807"},
		[]string{"l * l", "NULL", "0", "49", "1", "0"},
		[]string{"s + 1S", "NULL", "1", "-6", "-32768", "-32767"},
		[]string{"t + t", "NULL", "0", "-14", "-2", "0"},
		[]string{"s + i", "NULL", "0", "-14", "-2147450882", "2147450880"},
		[]string{"-i", "NULL", "0", "7", "-2147483647", "-2147483648"},
		[]string{"abs(l)", "NULL", "0", "7", "9223372036854775807", "-9223372036854775808"},
		[]string{"10 / i", "NULL", "NULL", "-1.4285714285714286", "4.656612875245797E-9", "-4.6566128730773926E-9"},
		[]string{"10 % i", "NULL", "NULL", "3", "10", "10"},
		[]string{"i % -1", "NULL", "0", "0", "0", "0"},
		[]string{"l % -1", "NULL", "0", "0", "0", "0"},
		[]string{"l div -1", "NULL", "0", "7", "-9223372036854775807", "-9223372036854775808"},
		[]string{"7 div i", "NULL", "NULL", "-1", "0", "0"},
		[]string{"i % 0", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"pmod(i, 5)", "NULL", "0", "3", "2", "2"},
		[]string{"pmod(l, -5)", "NULL", "0", "-2", "2", "-3"},
		[]string{"i = l", "NULL", "true", "true", "false", "false"},
		[]string{"l > 0.5", "NULL", "false", "false", "true", "false"},
		[]string{"i <=> NULL", "true", "false", "false", "false", "false"},
		[]string{"i & 255", "NULL", "0", "249", "255", "0"},
		[]string{"i | 1", "NULL", "1", "-7", "2147483647", "-2147483647"},
		[]string{"i ^ -1", "NULL", "-1", "6", "-2147483648", "2147483647"},
		[]string{"~i", "NULL", "-1", "6", "-2147483648", "2147483647"},
		[]string{"hex(l)", "NULL", "0", "FFFFFFFFFFFFFFF9", "7FFFFFFFFFFFFFFF", "8000000000000000"},
		[]string{"cast(l as int)", "NULL", "0", "-7", "-1", "0"},
		[]string{"cast(i as tinyint)", "NULL", "0", "-7", "-1", "0"},
		[]string{"cast(l as double)", "NULL", "0.0", "-7.0", "9.223372036854775807E18", "-9.223372036854775808E18"},
		[]string{"cast(i as boolean)", "NULL", "false", "true", "true", "true"},
		[]string{"cast(i as decimal(5,2))", "NULL", "0.00", "-7.00", "NULL", "NULL"},
		[]string{"i between -7 and 0", "NULL", "true", "true", "false", "false"},
		[]string{"i in (0, NULL)", "NULL", "true", "NULL", "NULL", "NULL"},
		[]string{"i not in (0, -7)", "NULL", "false", "false", "true", "true"},
		[]string{"timestamp_seconds(l)", "NULL", "1970-01-01 00:00:00", "1969-12-31 23:59:53", "NULL", "NULL"},
		[]string{"timestamp_micros(i)", "NULL", "1970-01-01 00:00:00", "1969-12-31 23:59:59.999993", "1970-01-01 00:35:47.483647", "1969-12-31 23:24:12.516352"},
		[]string{"case i when 0 then 'zero' when -7 then 'seven' end", "NULL", "zero", "seven", "NULL", "NULL"},
		[]string{"nullif(i, 0)", "NULL", "NULL", "-7", "2147483647", "-2147483648"},
		[]string{"greatest(i, 0, NULL)", "0", "0", "0", "2147483647", "0"},
		[]string{"sign(i)", "NULL", "0.0", "-1.0", "1.0", "-1.0"},
		[]string{"bit_count(l)", "NULL", "0", "62", "63", "1"},
		[]string{"bit_count(i)", "NULL", "0", "62", "31", "33"},
		[]string{"negative(t)", "NULL", "0", "7", "-127", "-128"},
		[]string{"positive(s)", "NULL", "0", "-7", "32767", "-32768"},
		[]string{"nullifzero(i)", "NULL", "NULL", "-7", "2147483647", "-2147483648"},
		[]string{"zeroifnull(i)", "0", "0", "-7", "2147483647", "-2147483648"},
		[]string{"nvl(i, l)", "NULL", "0", "-7", "2147483647", "-2147483648"},
		[]string{"isnull(i)", "true", "false", "false", "false", "false"},
		[]string{"isnotnull(i)", "false", "true", "true", "true", "true"},
		[]string{"least(i, 0)", "0", "0", "-7", "0", "-2147483648"},
		[]string{"round(i, 0)", "NULL", "0", "-7", "2147483647", "-2147483648"},
		[]string{"ceil(i)", "NULL", "0", "-7", "2147483647", "-2147483648"},
	)
}

func decimalCases() []Case {
	d := decimals("d", 5, 2, nil, "0.00", "-1.25", "999.99", "0.05")
	wide := decimals("w", 18, 6, nil, "0.000000", "-123456789012.123456", "999999999999.999999", "0.000001")
	l := column("l", sql.BigInt, nil, 0, -7, math.MaxInt64, 3)
	return answers("decimals", Table{d, wide, l},
		[]string{"d + 1", "NULL", "1.00", "-0.25", "1000.99", "1.05"},
		[]string{"d * d", "NULL", "0.0000", "1.5625", "999980.0001", "0.0025"},
		[]string{"w * w", "NULL", "0.000000000000", "15241578753183966898832.546185383936", "999999999999999998000000.000000000001", "0.000000000001"},
		[]string{"d / 3", "NULL", "0.000000", "-0.416667", "333.330000", "0.016667"},
		[]string{"d / 0.0", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"1.00 / d", "NULL", "NULL", "-0.80000000", "0.00100001", "20.00000000"},
		[]string{"l / 1000.0", "NULL", "0.000000", "-0.007000", "9223372036854775.807000", "0.003000"},
		[]string{"d % 0.3", "NULL", "0.00", "-0.05", "0.09", "0.05"},
		[]string{"d % 0", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"-d", "NULL", "0.00", "1.25", "-999.99", "-0.05"},
		[]string{"abs(d)", "NULL", "0.00", "1.25", "999.99", "0.05"},
		[]string{"ceil(d)", "NULL", "0", "-1", "1000", "1"},
		[]string{"floor(d)", "NULL", "0", "-2", "999", "0"},
		[]string{"round(d, 1)", "NULL", "0.0", "-1.3", "1000.0", "0.1"},
		[]string{"round(d)", "NULL", "0", "-1", "1000", "0"},
		[]string{"cast(d as int)", "NULL", "0", "-1", "999", "0"},
		[]string{"cast(w as tinyint)", "NULL", "0", "-20", "-1", "0"},
		[]string{"cast(d as double)", "NULL", "0.0", "-1.25", "999.99", "0.05"},
		[]string{"cast(w as double)", "NULL", "0.0", "-1.2345678901212346E11", "1.0E12", "1.0E-6"},
		[]string{"cast(d as string)", "NULL", "0.00", "-1.25", "999.99", "0.05"},
		[]string{"cast(d as decimal(3,1))", "NULL", "0.0", "-1.3", "NULL", "0.1"},
		[]string{"d = '-1.25'", "NULL", "false", "true", "false", "false"},
		[]string{"d < 0", "NULL", "false", "true", "false", "false"},
		[]string{"d + '1'", "NULL", "1.0", "-0.25", "1000.99", "1.05"},
		[]string{"timestamp_seconds(d)", "NULL", "1970-01-01 00:00:00", "1969-12-31 23:59:58.75", "1970-01-01 00:16:39.99", "1970-01-01 00:00:00.05"},
		[]string{"coalesce(d, 0)", "0.00", "0.00", "-1.25", "999.99", "0.05"},
	)
}

func doubleCases() []Case {
	x := column("x", sql.Double, nil, 0.0, math.Copysign(0, -1), 2.5, -2.5, math.Inf(1), math.Inf(-1), math.NaN(), 1e300)
	return answers("doubles", Table{x},
		[]string{"x + 1", "NULL", "1.0", "1.0", "3.5", "-1.5", "Infinity", "-Infinity", "NaN", "1.0E300"},
		[]string{"x * x", "NULL", "0.0", "0.0", "6.25", "6.25", "Infinity", "Infinity", "NaN", "Infinity"},
		[]string{"1 / x", "NULL", "NULL", "NULL", "0.4", "-0.4", "0.0", "-0.0", "NaN", "1.0E-300"},
		[]string{"x % 2", "NULL", "0.0", "-0.0", "0.5", "-0.5", "NaN", "NaN", "NaN", "0.0"},
		[]string{"x = x", "NULL", "true", "true", "true", "true", "true", "true", "true", "true"},
		[]string{"x > 1e308", "NULL", "false", "false", "false", "false", "true", "false", "true", "false"},
		[]string{"x = 0", "NULL", "true", "true", "false", "false", "false", "false", "false", "false"},
		[]string{"sqrt(x)", "NULL", "0.0", "-0.0", "1.5811388300841898", "NaN", "Infinity", "NaN", "NaN", "1.0E150"},
		[]string{"ln(x)", "NULL", "NULL", "NULL", "0.9162907318741551", "NULL", "Infinity", "NULL", "NaN", "690.7755278982137"},
		[]string{"log10(x)", "NULL", "NULL", "NULL", "0.3979400086720376", "NULL", "Infinity", "NULL", "NaN", "300.0"},
		[]string{"log2(x)", "NULL", "NULL", "NULL", "1.3219280948873622", "NULL", "Infinity", "NULL", "NaN", "996.5784284662087"},
		[]string{"log1p(x)", "NULL", "0.0", "-0.0", "1.252762968495368", "NULL", "Infinity", "NULL", "NaN", "690.7755278982137"},
		[]string{"log(2, x)", "NULL", "NULL", "NULL", "1.3219280948873622", "NULL", "Infinity", "NULL", "NaN", "996.5784284662087"},
		[]string{"log(0, x)", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"exp(x)", "NULL", "1.0", "1.0", "12.182493960703473", "0.0820849986238988", "Infinity", "0.0", "NaN", "Infinity"},
		[]string{"pow(x, 2)", "NULL", "0.0", "0.0", "6.25", "6.25", "Infinity", "Infinity", "NaN", "Infinity"},
		[]string{"pow(nullif(x, x), x)", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"pow(1, x)", "NULL", "1.0", "1.0", "1.0", "1.0", "NaN", "NaN", "NaN", "1.0"},
		[]string{"pow(x, 0.5)", "NULL", "0.0", "0.0", "1.5811388300841898", "NaN", "Infinity", "Infinity", "NaN", "1.0E150"},
		[]string{"ceil(x)", "NULL", "0", "0", "3", "-2", "9223372036854775807", "-9223372036854775808", "0", "9223372036854775807"},
		[]string{"floor(x)", "NULL", "0", "0", "2", "-3", "9223372036854775807", "-9223372036854775808", "0", "9223372036854775807"},
		[]string{"round(x)", "NULL", "0.0", "0.0", "3.0", "-3.0", "Infinity", "-Infinity", "NaN", "1.0E300"},
		[]string{"round(x, 30)", "NULL", "0.0", "0.0", "2.5", "-2.5", "Infinity", "-Infinity", "NaN", "1.0E300"},
		[]string{"round(x / 1000, 2)", "NULL", "0.0", "0.0", "0.0", "0.0", "Infinity", "-Infinity", "NaN", "1.0E297"},
		[]string{"sign(x)", "NULL", "0.0", "-0.0", "1.0", "-1.0", "1.0", "-1.0", "NaN", "1.0"},
		[]string{"abs(x)", "NULL", "0.0", "0.0", "2.5", "2.5", "Infinity", "Infinity", "NaN", "1.0E300"},
		[]string{"-x", "NULL", "-0.0", "0.0", "-2.5", "2.5", "-Infinity", "Infinity", "NaN", "-1.0E300"},
		[]string{"isnan(x)", "false", "false", "false", "false", "false", "false", "false", "true", "false"},
		[]string{"greatest(x, 1)", "1.0", "1.0", "1.0", "2.5", "1.0", "Infinity", "1.0", "NaN", "1.0E300"},
		[]string{"cast(x as int)", "NULL", "0", "0", "2", "-2", "2147483647", "-2147483648", "0", "2147483647"},
		[]string{"cast(x as tinyint)", "NULL", "0", "0", "2", "-2", "-1", "0", "0", "-1"},
		[]string{"cast(x as bigint)", "NULL", "0", "0", "2", "-2", "9223372036854775807", "-9223372036854775808", "0", "9223372036854775807"},
		[]string{"cast(x as float)", "NULL", "0.0", "-0.0", "2.5", "-2.5", "Infinity", "-Infinity", "NaN", "Infinity"},
		[]string{"cast(x as boolean)", "NULL", "false", "false", "true", "true", "true", "true", "true", "true"},
		[]string{"cast(x as decimal(3,1))", "NULL", "0.0", "0.0", "2.5", "-2.5", "NULL", "NULL", "NULL", "NULL"},
		[]string{"cast(x as string)", "NULL", "0.0", "-0.0", "2.5", "-2.5", "Infinity", "-Infinity", "NaN", "1.0E300"},
		[]string{"timestamp_seconds(x)", "NULL", "1970-01-01 00:00:00", "1970-01-01 00:00:00", "1970-01-01 00:00:02.5", "1969-12-31 23:59:57.5", "NULL", "NULL", "NULL", "NULL"},
		[]string{"nullif(x, 0)", "NULL", "NULL", "NULL", "2.5", "-2.5", "Infinity", "-Infinity", "NaN", "1.0E300"},
	)
}
