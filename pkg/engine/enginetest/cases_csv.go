package enginetest

import "github.com/mlpdev/mlp/pkg/sql"

func readCSVTable() Table {
	return Table{column("c", sql.String,
		nil,
		"",
		"1,a",
		`1,"a"`,
		`"1","a, b"`,
		" 1 , a ",
		"1",
		"1,a,2020-01-01",
		"x,a",
		",",
		`"",""`,
		`1,"a""b"`,
		`1,"a\"b"`,
		`1,"a\\"`,
		`1,"a" b, c`,
		`1,a"b`,
		`"1" ,"a`,
		"1,\"a\nb\"",
		"\n\n1,a\n2,b",
		"2020-02-30,24:30",
		"+7,NaN",
		"1e3,-Inf",
		"01/02/2020,03/04/2021 05:06",
		"true,2020-01-01 00:00:00.5+01:00",
		"N,E",
		"1;'a;b'",
		"1\t2",
		"٣,é😀",
		`" ",x`,
		"9999999999,1.005",
		"\\,\\")}
}

func readCSVCases() []Case {
	return answers("CSV as Spark reads it", readCSVTable(),
		[]string{"from_csv(c, 'a INT, b STRING')", "NULL", `{"a":null,"b":null}`, `{"a":1,"b":"a"}`, `{"a":1,"b":"a"}`, `{"a":1,"b":"a, b"}`, `{"a":null,"b":" a "}`, `{"a":1,"b":null}`, `{"a":1,"b":"a"}`, `{"a":null,"b":"a"}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":1,"b":""a""b""}`, `{"a":1,"b":"a"b"}`, `{"a":1,"b":"a\"}`, `{"a":1,"b":""a" b"}`, `{"a":1,"b":"a"b"}`, `{"a":1,"b":"a"}`, "{\"a\":1,\"b\":\"a\nb\"}", "{\"a\":null,\"b\":\"a\n2\"}", `{"a":null,"b":"24:30"}`, `{"a":7,"b":"NaN"}`, `{"a":null,"b":"-Inf"}`, `{"a":null,"b":"03/04/2021 05:06"}`, `{"a":null,"b":"2020-01-01 00:00:00.5+01:00"}`, `{"a":null,"b":"E"}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":3,"b":"é😀"}`, `{"a":null,"b":"x"}`, `{"a":null,"b":"1.005"}`, `{"a":null,"b":"\"}`},
		[]string{"from_csv(c, 'a STRING, b STRING, c DATE')", "NULL", `{"a":null,"b":null,"c":null}`, `{"a":"1","b":"a","c":null}`, `{"a":"1","b":"a","c":null}`, `{"a":"1","b":"a, b","c":null}`, `{"a":" 1 ","b":" a ","c":null}`, `{"a":"1","b":null,"c":null}`, `{"a":"1","b":"a","c":2020-01-01}`, `{"a":"x","b":"a","c":null}`, `{"a":null,"b":null,"c":null}`, `{"a":null,"b":null,"c":null}`, `{"a":"1","b":""a""b"","c":null}`, `{"a":"1","b":"a"b","c":null}`, `{"a":"1","b":"a\","c":null}`, `{"a":"1","b":""a" b","c":null}`, `{"a":"1","b":"a"b","c":null}`, `{"a":"1","b":"a","c":null}`, "{\"a\":\"1\",\"b\":\"a\nb\",\"c\":null}", "{\"a\":\"\n\n1\",\"b\":\"a\n2\",\"c\":null}", `{"a":"2020-02-30","b":"24:30","c":null}`, `{"a":"+7","b":"NaN","c":null}`, `{"a":"1e3","b":"-Inf","c":null}`, `{"a":"01/02/2020","b":"03/04/2021 05:06","c":null}`, `{"a":"true","b":"2020-01-01 00:00:00.5+01:00","c":null}`, `{"a":"N","b":"E","c":null}`, `{"a":"1;'a;b'","b":null,"c":null}`, "{\"a\":\"1\t2\",\"b\":null,\"c\":null}", `{"a":"٣","b":"é😀","c":null}`, `{"a":" ","b":"x","c":null}`, `{"a":"9999999999","b":"1.005","c":null}`, `{"a":"\","b":"\","c":null}`},
		[]string{"from_csv(c, 'a DOUBLE, b DECIMAL(5,2)')", "NULL", `{"a":null,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":null,"b":null}`, `{"a":7.0,"b":null}`, `{"a":1000.0,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":9.999999999E9,"b":1.01}`, `{"a":null,"b":null}`},
		[]string{"from_csv(c, 'a FLOAT, b DOUBLE')", "NULL", `{"a":null,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":null,"b":null}`, `{"a":7.0,"b":NaN}`, `{"a":1000.0,"b":-Infinity}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":1.0E10,"b":1.005}`, `{"a":null,"b":null}`},
		[]string{"from_csv(c, 'a BIGINT, b BOOLEAN')", "NULL", `{"a":null,"b":null}`, `{"a":1,"b":null}`, `{"a":1,"b":null}`, `{"a":1,"b":null}`, `{"a":null,"b":null}`, `{"a":1,"b":null}`, `{"a":1,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":1,"b":null}`, `{"a":1,"b":null}`, `{"a":1,"b":null}`, `{"a":1,"b":null}`, `{"a":1,"b":null}`, `{"a":1,"b":null}`, `{"a":1,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":7,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":3,"b":null}`, `{"a":null,"b":null}`, `{"a":9999999999,"b":null}`, `{"a":null,"b":null}`},
		[]string{"from_csv(c, 'a BOOLEAN, b TIMESTAMP')", "NULL", `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":true,"b":2019-12-31 23:00:00.5}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`},
		[]string{"from_csv(c, 'a DATE')", "NULL", `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`, `{"a":null}`},
		[]string{"from_csv(c, 'a DATE, b TIMESTAMP', map('dateFormat', 'dd/MM/yyyy', 'timestampFormat', 'dd/MM/yyyy HH:mm'))", "NULL", `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":2020-02-01,"b":2021-04-03 05:06:00}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`},
		[]string{"from_csv(c, 'a STRING, b STRING', map('nullValue', 'N', 'emptyValue', 'E'))", "NULL", `{"a":null,"b":null}`, `{"a":"1","b":"a"}`, `{"a":"1","b":"a"}`, `{"a":"1","b":"a, b"}`, `{"a":" 1 ","b":" a "}`, `{"a":"1","b":null}`, `{"a":"1","b":"a"}`, `{"a":"x","b":"a"}`, `{"a":null,"b":null}`, `{"a":"E","b":"E"}`, `{"a":"1","b":""a""b""}`, `{"a":"1","b":"a"b"}`, `{"a":"1","b":"a\"}`, `{"a":"1","b":""a" b"}`, `{"a":"1","b":"a"b"}`, `{"a":"1","b":"a"}`, "{\"a\":\"1\",\"b\":\"a\nb\"}", "{\"a\":\"\n\n1\",\"b\":\"a\n2\"}", `{"a":"2020-02-30","b":"24:30"}`, `{"a":"+7","b":"NaN"}`, `{"a":"1e3","b":"-Inf"}`, `{"a":"01/02/2020","b":"03/04/2021 05:06"}`, `{"a":"true","b":"2020-01-01 00:00:00.5+01:00"}`, `{"a":null,"b":"E"}`, `{"a":"1;'a;b'","b":null}`, "{\"a\":\"1\t2\",\"b\":null}", `{"a":"٣","b":"é😀"}`, `{"a":" ","b":"x"}`, `{"a":"9999999999","b":"1.005"}`, `{"a":"\","b":"\"}`},
		[]string{"from_csv(c, 'a TINYINT, b STRING', map('sep', ';', 'quote', ''''))", "NULL", `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":1,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":1,"b":"a;b"}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`},
		[]string{"from_csv(c, 'a SMALLINT, b STRING', map('delimiter', '\\\\t'))", "NULL", `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":1,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":1,"b":"2"}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`},
		[]string{`from_csv(c, 'a STRING, b STRING', map('escape', '"', 'ignoreLeadingWhiteSpace', 'true', 'ignoreTrailingWhiteSpace', 'true'))`, "NULL", `{"a":null,"b":null}`, `{"a":"1","b":"a"}`, `{"a":"1","b":"a"}`, `{"a":"1","b":"a, b"}`, `{"a":"1","b":"a"}`, `{"a":"1","b":null}`, `{"a":"1","b":"a"}`, `{"a":"x","b":"a"}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":"1","b":"a"b"}`, `{"a":"1","b":""a\"b""}`, `{"a":"1","b":"a\\"}`, `{"a":"1","b":""a" b"}`, `{"a":"1","b":"a"b"}`, `{"a":"1","b":"a"}`, "{\"a\":\"1\",\"b\":\"a\nb\"}", "{\"a\":\"1\",\"b\":\"a\n2\"}", `{"a":"2020-02-30","b":"24:30"}`, `{"a":"+7","b":"NaN"}`, `{"a":"1e3","b":"-Inf"}`, `{"a":"01/02/2020","b":"03/04/2021 05:06"}`, `{"a":"true","b":"2020-01-01 00:00:00.5+01:00"}`, `{"a":"N","b":"E"}`, `{"a":"1;'a;b'","b":null}`, "{\"a\":\"1\t2\",\"b\":null}", `{"a":"٣","b":"é😀"}`, `{"a":" ","b":"x"}`, `{"a":"9999999999","b":"1.005"}`, `{"a":"\","b":"\"}`},
		[]string{"from_csv(c, 'a STRING, b STRING', map('quote', '', 'ignoreLeadingWhiteSpace', 'TRUE'))", "NULL", `{"a":null,"b":null}`, `{"a":"1","b":"a"}`, `{"a":"1","b":""a""}`, `{"a":""1"","b":""a"}`, `{"a":"1 ","b":"a "}`, `{"a":"1","b":null}`, `{"a":"1","b":"a"}`, `{"a":"x","b":"a"}`, `{"a":null,"b":null}`, `{"a":"""","b":""""}`, `{"a":"1","b":""a""b""}`, `{"a":"1","b":""a\"b""}`, `{"a":"1","b":""a\\""}`, `{"a":"1","b":""a" b"}`, `{"a":"1","b":"a"b"}`, `{"a":""1" ","b":""a"}`, "{\"a\":\"1\",\"b\":\"\"a\nb\"\"}", "{\"a\":\"1\",\"b\":\"a\n2\"}", `{"a":"2020-02-30","b":"24:30"}`, `{"a":"+7","b":"NaN"}`, `{"a":"1e3","b":"-Inf"}`, `{"a":"01/02/2020","b":"03/04/2021 05:06"}`, `{"a":"true","b":"2020-01-01 00:00:00.5+01:00"}`, `{"a":"N","b":"E"}`, `{"a":"1;'a;b'","b":null}`, "{\"a\":\"1\t2\",\"b\":null}", `{"a":"٣","b":"é😀"}`, `{"a":"" "","b":"x"}`, `{"a":"9999999999","b":"1.005"}`, `{"a":"\","b":"\"}`},
		[]string{"from_csv(c, 'a DOUBLE, b DOUBLE', map('nanValue', 'N', 'positiveInf', 'E'))", "NULL", `{"a":null,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":1.0,"b":null}`, `{"a":null,"b":null}`, `{"a":7.0,"b":NaN}`, `{"a":1000.0,"b":-Infinity}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":NaN,"b":Infinity}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":9.999999999E9,"b":1.005}`, `{"a":null,"b":null}`})
}

func writeCSVTable() Table {
	return Table{column("c", sql.String,
		nil,
		"",
		"a",
		" a b ",
		`"`,
		`a"b`,
		"\\",
		`a\"b`,
		"a,b",
		"a;b",
		"it's",
		"x\ny",
		"\t",
		`"q"`,
		"é😀",
		"N")}
}

func writeCSVCases() []Case {
	return answers("CSV as Spark writes it", writeCSVTable(),
		[]string{"to_csv(named_struct('a', c))", "NULL", `""`, "a", "a b", `"\""`, `"a\"b"`, "\\", `"a\\\"b"`, `"a,b"`, "a;b", "it's", "\"x\ny\"", `""`, `"\"q\""`, "é😀", "N"},
		[]string{"to_csv(named_struct('a', c, 'b', 1.50, 'd', CAST(NULL AS INT)))", ",1.50,", `"",1.50,`, "a,1.50,", "a b,1.50,", `"\"",1.50,`, `"a\"b",1.50,`, "\\,1.50,", `"a\\\"b",1.50,`, `"a,b",1.50,`, "a;b,1.50,", "it's,1.50,", "\"x\ny\",1.50,", `"",1.50,`, `"\"q\"",1.50,`, "é😀,1.50,", "N,1.50,"},
		[]string{"to_csv(named_struct('a', 1, 'b', c), map('nullValue', 'N', 'emptyValue', ''))", "1,N", "1,", "1,a", "1,a b", `1,"\""`, `1,"a\"b"`, "1,\\", `1,"a\\\"b"`, `1,"a,b"`, "1,a;b", "1,it's", "1,\"x\ny\"", "1,", `1,"\"q\""`, "1,é😀", "1,N"},
		[]string{"to_csv(named_struct('a', c, 'b', c), map('sep', ';', 'quote', '''', 'escape', ''''))", ";", `"";""`, "a;a", "a b;a b", `";"`, `a"b;a"b`, "\\;\\", `a\"b;a\"b`, "a,b;a,b", "'a;b';'a;b'", "'it''s';'it''s'", "'x\ny';'x\ny'", `"";""`, `"q";"q"`, "é😀;é😀", "N;N"},
		[]string{"to_csv(named_struct('a', c, 'b', true), map('quoteAll', 'true'))", `"","true"`, `"","true"`, `"a","true"`, `"a b","true"`, `"\"","true"`, `"a\"b","true"`, `"\\","true"`, `"a\\\"b","true"`, `"a,b","true"`, `"a;b","true"`, `"it's","true"`, "\"x\ny\",\"true\"", `"","true"`, `"\"q\"","true"`, `"é😀","true"`, `"N","true"`},
		[]string{"to_csv(named_struct('a', c, 'b', 0.1D), map('escapeQuotes', 'false', 'ignoreLeadingWhiteSpace', 'false', 'ignoreTrailingWhiteSpace', 'false'))", ",0.1", `"",0.1`, "a,0.1", " a b ,0.1", `"\"",0.1`, `a"b,0.1`, "\\,0.1", `a\"b,0.1`, `"a,b",0.1`, "a;b,0.1", "it's,0.1", "\"x\ny\",0.1", "\t,0.1", `"\"q\"",0.1`, "é😀,0.1", "N,0.1"},
		[]string{"to_csv(named_struct('a', DATE '2020-02-29', 'b', TIMESTAMP '2020-02-29 12:00:00.123456', 'f', c, 'd', TIMESTAMP_NTZ '2020-02-29 12:00:00', 'e', INTERVAL '1-2' YEAR TO MONTH))", "2020-02-29,2020-02-29T12:00:00.123Z,,2020-02-29T12:00:00.000,INTERVAL '1-2' YEAR TO MONTH", `2020-02-29,2020-02-29T12:00:00.123Z,"",2020-02-29T12:00:00.000,INTERVAL '1-2' YEAR TO MONTH`, "2020-02-29,2020-02-29T12:00:00.123Z,a,2020-02-29T12:00:00.000,INTERVAL '1-2' YEAR TO MONTH", "2020-02-29,2020-02-29T12:00:00.123Z,a b,2020-02-29T12:00:00.000,INTERVAL '1-2' YEAR TO MONTH", `2020-02-29,2020-02-29T12:00:00.123Z,"\"",2020-02-29T12:00:00.000,INTERVAL '1-2' YEAR TO MONTH`, `2020-02-29,2020-02-29T12:00:00.123Z,"a\"b",2020-02-29T12:00:00.000,INTERVAL '1-2' YEAR TO MONTH`, "2020-02-29,2020-02-29T12:00:00.123Z,\\,2020-02-29T12:00:00.000,INTERVAL '1-2' YEAR TO MONTH", `2020-02-29,2020-02-29T12:00:00.123Z,"a\\\"b",2020-02-29T12:00:00.000,INTERVAL '1-2' YEAR TO MONTH`, `2020-02-29,2020-02-29T12:00:00.123Z,"a,b",2020-02-29T12:00:00.000,INTERVAL '1-2' YEAR TO MONTH`, "2020-02-29,2020-02-29T12:00:00.123Z,a;b,2020-02-29T12:00:00.000,INTERVAL '1-2' YEAR TO MONTH", "2020-02-29,2020-02-29T12:00:00.123Z,it's,2020-02-29T12:00:00.000,INTERVAL '1-2' YEAR TO MONTH", "2020-02-29,2020-02-29T12:00:00.123Z,\"x\ny\",2020-02-29T12:00:00.000,INTERVAL '1-2' YEAR TO MONTH", `2020-02-29,2020-02-29T12:00:00.123Z,"",2020-02-29T12:00:00.000,INTERVAL '1-2' YEAR TO MONTH`, `2020-02-29,2020-02-29T12:00:00.123Z,"\"q\"",2020-02-29T12:00:00.000,INTERVAL '1-2' YEAR TO MONTH`, "2020-02-29,2020-02-29T12:00:00.123Z,é😀,2020-02-29T12:00:00.000,INTERVAL '1-2' YEAR TO MONTH", "2020-02-29,2020-02-29T12:00:00.123Z,N,2020-02-29T12:00:00.000,INTERVAL '1-2' YEAR TO MONTH"},
		[]string{"to_csv(named_struct('f', c, 'd', DATE '2020-02-29', 't', TIMESTAMP_NTZ '2020-02-29 12:00:00'), map('dateFormat', 'd,M', 'timestampNTZFormat', 'HH'))", `,"29,2",12`, `"","29,2",12`, `a,"29,2",12`, `a b,"29,2",12`, `"\"","29,2",12`, `"a\"b","29,2",12`, `\,"29,2",12`, `"a\\\"b","29,2",12`, `"a,b","29,2",12`, `a;b,"29,2",12`, `it's,"29,2",12`, "\"x\ny\",\"29,2\",12", `"","29,2",12`, `"\"q\"","29,2",12`, `é😀,"29,2",12`, `N,"29,2",12`})
}

func nestedTimeTable() Table {
	return Table{column("j", sql.String,
		nil,
		`["2020-01-01","2021-02-30"]`,
		`["2020-01-01",null]`,
		`["2020-01-01 10:00:00.5Z",5]`,
		`{"a":["2020-01-01","x"],"b":{"k":"2020-01-01T00:00:00Z"}}`,
		`{"a":["2020-01-01"],"b":{"k":"2020-01-01","l":"y"}}`,
		`{"a":[],"b":{}}`,
		`[{"a":["x"]},{"a":["2020-01-01"]}]`,
		`[["2020-01-01"],["x"]]`,
		`["26/08/2015",null]`,
		`{"k":"26/08/2015"}`,
		`["GMT2020-01-01", "2020-01-01GMT"]`,
		`"2020-01-01"`,
		"[true]")}
}

func nestedTimeCases() []Case {
	return answers("dates inside of JSON", nestedTimeTable(),
		[]string{"from_json(j, 'ARRAY<DATE>')", "NULL", "NULL", "[2020-01-01,null]", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "[2020-01-01,2020-01-01]", "NULL", "NULL"},
		[]string{"from_json(j, 'ARRAY<TIMESTAMP>')", "NULL", "NULL", "[2020-01-01 00:00:00,null]", "[2020-01-01 10:00:00.5,1970-01-01 00:00:05]", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "[2020-01-01 00:00:00,2020-01-01 00:00:00]", "NULL", "NULL"},
		[]string{"from_json(j, 'a ARRAY<DATE>, b MAP<STRING, TIMESTAMP>')", "NULL", `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":{"k":2020-01-01 00:00:00}}`, `{"a":[2020-01-01],"b":null}`, `{"a":[],"b":{}}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`, `{"a":null,"b":null}`},
		[]string{"from_json(j, 'ARRAY<STRUCT<a: ARRAY<DATE>, b: MAP<STRING, DATE>>>')", "NULL", "NULL", "NULL", "NULL", `[{"a":null,"b":{"k":2020-01-01}}]`, `[{"a":[2020-01-01],"b":null}]`, `[{"a":[],"b":{}}]`, `[{"a":null,"b":null},{"a":[2020-01-01],"b":null}]`, "NULL", "NULL", `[{"a":null,"b":null}]`, "NULL", "NULL", "NULL"},
		[]string{"from_json(j, 'ARRAY<ARRAY<TIMESTAMP>>')", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
		[]string{"from_json(j, 'MAP<STRING, DATE>', map('dateFormat', 'dd/MM/yyyy'))", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", `{"k":2015-08-26}`, "NULL", "NULL", "NULL"},
		[]string{"from_json(j, 'ARRAY<TIMESTAMP>', map('timestampFormat', 'dd/MM/yyyy'))", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "[2015-08-26 00:00:00,null]", "NULL", "NULL", "NULL", "NULL"},
		[]string{"from_json(j, 'MAP<STRING, ARRAY<DATE>>')", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"})
}
