package answers

// pools are the constants that fit a parameter which takes nothing else, by
// "function.parameter", or by parameter where it is the same for all.
func pools() map[string][]string {
	return map[string][]string{
		"separator":             {"','", "''", "' '", "'-'", "'é'", "'ab'", "', '"},
		"split_part.separator":  {"','", "'.'", "'-'", "'é'", "'ab'"},
		"split_part.n":          {"1", "2", "-1", "3", "-2", "100"},
		"substring_index.n":     {"1", "2", "-1", "0", "-2", "3"},
		"replacement":           {"''", "'x'", "'$1'", "'[$2$1]'", "'\\\\$'", "'é'", "'$0$0'"},
		"replace.replacement":   {"''", "'x'", "'ab'", "'é😀'", "'$1'", "'\\\\'"},
		"pattern":               {"'yyyy-MM-dd'", "'yyyy-MM-dd HH:mm:ss'", "'yyyyMMdd'", "'dd/MM/yyyy'", "'M/d/yyyy'", "'yyyy-MM-dd HH:mm:ss.SSS'", "'yyyy-MM-dd\\'T\\'HH:mm:ss'", "'y-M-d'", "'HH:mm:ss'", "'MM/dd/yyyy'", "'yyyy-MM-dd hh:mm:ss a'", "'yyyy-MM-dd HH:mm:ssXXX'", "'yyyy'", "'yyyy-MM'"},
		"date_format.pattern":   {"'yyyy-MM-dd'", "'yyyy-MM-dd HH:mm:ss.SSSSSS'", "'E'", "'EEEE, d MMMM y'", "'MMM yy'", "'D'", "'h:mm a'", "'yyyyMMddHHmmss'", "'q'", "'QQQ'", "'u'", "'yyyy-MM-dd\\'T\\'HH:mm:ssXXX'", "'SSS'", "'k'", "'H''h'", "'G y'", "'Z'", "'dd.MM.yyyy'"},
		"from_unixtime.pattern": {"'yyyy-MM-dd HH:mm:ss'", "'yyyy'", "'HH'", "'D'", "'E d MMM'", "'yyyyMMdd'"},
		"charset":               {"'UTF-8'", "'utf-8'", "'US-ASCII'", "'ISO-8859-1'", "'UTF-16'", "'UTF-16BE'", "'utf-16le'", "'UTF-32'"},
		"day":                   {"'MO'", "'Tue'", "'wednesday'", "'TH'", "'FRI'", "'Sat'", "'su'"},
		"unit":                  {"'YEAR'", "'yyyy'", "'MM'", "'month'", "'WEEK'", "'quarter'", "'MON'", "'yy'"},
		"date_trunc.unit":       {"'YEAR'", "'MM'", "'day'", "'HOUR'", "'minute'", "'SECOND'", "'week'", "'QUARTER'", "'millisecond'", "'MICROSECOND'", "'DD'"},
		"part of a time":        {"'year'", "'quarter'", "'month'", "'week'", "'day'", "'dayofweek'", "'doy'", "'hour'", "'minute'", "'YEARS'", "'second'", "'dow'", "'yearofweek'"},
		"field":                 {"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DAYOFWEEK", "DOY", "HOUR", "MINUTE", "SECOND", "DOW_ISO", "YEAROFWEEK"},
		"part of a url":         {"'HOST'", "'PATH'", "'QUERY'", "'REF'", "'PROTOCOL'", "'FILE'", "'AUTHORITY'", "'USERINFO'"},
		"key":                   {"'k'", "'query'", "'a'", "'é'", "'none'", "'k.v'"},
		"path":                  {"'$.a'", "'$.b'", "'$'", "'$.c[1]'", "'$.c[*]'", "'$[0]'", "'$.a.b'", "'$.a.b[0].c'", "'$[\\'a\\']'", "'$.d.e'", "'$[2].a'", "'$.é'", "'$.d'", "'$[*]'", "'$.c[2].y[0]'"},
		"regex":                 {"'a'", "'[a-z]+'", "','", "'\\\\d+'", "'^\\\\s*'", "'(a|b)c?'", "'.'", "'\\\\w+@\\\\w+'", "'[^a-zA-Z0-9]'", "'b*'", "'\\\\.'", "'(?i)spark'", "'é|日'", "'$'", "'[,;]\\\\s*'", "'\\\\bS'", "'a{2,3}'", "''", "'[0-9]{1,3}'"},
		"groups":                {"'(\\\\d+)-(\\\\d+)'", "'(a)(b)?'", "'([a-z]+)([0-9]*)'", "'(\\\\w)(\\\\w)'", "'(.)(.)'", "'()(x)'", "'(é|e)(.)'"},
		"group":                 {"0", "1", "2"},
		"text":                  {"''", "'x'", "'é'", "'<>'"},
		"limit":                 {"-1", "0", "1", "2", "3"},
		"like":                  {"'%a%'", "'a%'", "'%b'", "'_'", "'__'", "'%'", "''", "'Spark%'", "'%\\\\%%'", "'%\\\\_%'", "'a_c'", "'%SQL'", "'%,%,%'"},
		"characters":            {"'abc'", "'xyz'", "''", "'aab'", "'éa'", "'😀S'", "'a'", "'ABCabc'", "' ,'"},
		"radix":                 {"10", "2", "16", "36", "8", "7", "-10", "-16"},
		"from":                  {"10", "2", "16"},
		"to":                    {"10", "2", "16"},
		"bits":                  {"256", "224", "384", "512", "0"},
		"d":                     {"0", "1", "2", "-1", "-2", "3", "5"},
		"n":                     {"1", "2", "3", "4", "7"},
		"lpad.n":                {"0", "1", "5", "12", "-1"},
		"rpad.n":                {"0", "1", "5", "12", "-1"},
		"repeat.n":              {"0", "1", "2", "3", "-1"},
		"space":                 {"0", "1", "3", "-2"},
		"bit":                   {"0", "1", "3", "7"},
		"element":               {"1", "2", "-1", "-2", "5"},
		"part":                  {"0", "0.25", "0.5", "0.9", "1", "0.33"},
		"p":                     {"0", "0.25", "0.5", "0.9", "1", "0.33"},
		"truth":                 {"true", "false"},
		"ascending":             {"true", "false"},
		"ignore_nulls":          {"true", "false"},
		"round":                 {"true", "false"},
		"deterministic":         {"true"},
		"upper":                 {"'X'", "NULL", "'Q'", "'é'"},
		"lower":                 {"'x'", "NULL", "'q'", "'日'"},
		"digit":                 {"'n'", "NULL", "'0'"},
		"other":                 {"'*'", "NULL", "'-'"},
		"interval":              {"1 DAY", "'1' YEAR", "3 MONTHS", "90 MINUTES", "1 SECOND", "-2 HOURS", "1 WEEK", "13 MONTHS", "0 DAYS", "100 YEARS"},
		"type":                  {"boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "decimal(10,2)", "decimal(38,6)", "decimal(3,0)", "string", "binary", "date", "timestamp"},
		"array type":            {"array<string>", "array<int>", "array<bigint>", "array<double>", "array<tinyint>", "array<boolean>", "array<date>", "array<decimal(10,2)>"},
	}
}

// favourites are the columns that most often stand for a parameter, by
// "function.parameter", or by parameter.
func favourites() map[string][]string {
	return map[string][]string{
		"json": {"js"}, "part": {"w", "g"}, "search": {"w"}, "chars": {"w"}, "pad": {"w"}, "replacement": {"w"}, "list": {"list"}, "pos": {"j"}, "len": {"j"}, "n": {"j"}, "from": {"j"}, "i": {"j"}, "limit": {"j"},
		"levenshtein.s": {"w"}, "levenshtein.t": {"w"}, "find_in_set.s": {"w"}, "url_decode.s": {"hx", "url"}, "url_encode.s": {"s", "url"}, "unbase64.s": {"hx"}, "unhex.s": {"hx"}, "luhn_check.s": {"hx", "num"},
		"date_add.n": {"i", "j"}, "date_sub.n": {"i", "j"}, "chr.n": {"i", "l", "t"}, "bit_get.n": {"j"}, "timestamp_seconds.n": {"l", "x", "y"}, "timestamp_millis.n": {"l"}, "timestamp_micros.n": {"l"}, "from_unixtime.n": {"l"},
		"factorial.n": {"i", "j", "t"}, "date_from_unix_date.n": {"i", "j"}, "contains.part": {"w", "g"}, "soundex.s": {"w"}, "initcap.s": {"s"},
		"corr.x": {"y", "j"}, "corr.y": {"y", "j"}, "covar_pop.x": {"y", "j"}, "covar_pop.y": {"y", "j"}, "covar_samp.x": {"y", "j"}, "covar_samp.y": {"y", "j"},
		"avg.x": {"y", "j", "i", "m"}, "stddev_samp.x": {"y", "j"}, "stddev_pop.x": {"y", "j"}, "var_samp.x": {"y", "j"}, "var_pop.x": {"y", "j"}, "skewness.x": {"y", "j"}, "kurtosis.x": {"y", "j"}, "median.x": {"y", "j", "l"},
		"regr_avgx.x": {"y", "j"}, "regr_avgx.y": {"y", "j"}, "regr_avgy.x": {"y", "j"}, "regr_avgy.y": {"y", "j"}, "regr_count.x": {"x", "j"}, "regr_intercept.x": {"y", "j"}, "regr_intercept.y": {"j", "y"}, "regr_r2.x": {"y"}, "regr_r2.y": {"j", "y"},
		"regr_slope.x": {"y", "m"}, "regr_slope.y": {"j", "y"}, "regr_sxx.x": {"y", "j"}, "regr_sxx.y": {"j", "y"}, "regr_sxy.x": {"y", "j"}, "regr_sxy.y": {"j", "y"}, "regr_syy.x": {"y", "j"}, "regr_syy.y": {"j", "y"},
	}
}
