package sql

import "strings"

// theForeign says what to write in the place of functions and types of other
// languages. It is built once and never changed.
var theForeign = struct{ functions, types map[string]string }{foreignFunctions(), foreignTypes()}

// foreignFunctions returns what to write instead of functions that other
// languages have: DuckDB, PostgreSQL, SQL Server, Splunk, Kusto, Sigma.
func foreignFunctions() map[string]string {
	return spread([][2]string{
		{"strftime to_char format_date formatdatetime", "write date_format(ts, 'yyyy-MM-dd HH:mm')"},
		{"strptime parse_timestamp parse_datetime todatetime str_to_date", "write to_timestamp(s, 'yyyy-MM-dd HH:mm:ss')"},
		{"charindex strpos indexof index_of", "write instr(s, 'text'), which is 0 where there is none"},
		{"lowercase tolower to_lower", "write lower(s)"},
		{"uppercase toupper to_upper", "write upper(s)"},
		{"strlen str_len string_length", "write length(s)"},
		{"strcat string_concat", "write concat(a, b)"},
		{"iff iif", "write if(condition, a, b)"},
		{"match regexp_matches regex_match regexp_full_match matches regex searchmatch", "write s RLIKE r'pattern'"},
		{"rex regex_extract", "write regexp_extract(s, r'pattern', 1)"},
		{"has hascs contains_cs strcontains", "write contains(s, 'text')"},
		{"starts_with prefix", "write startswith(s, 'text')"},
		{"ends_with suffix", "write endswith(s, 'text')"},
		{"isempty is_empty", "write s = '', or coalesce(s, '') = ''"},
		{"isnotempty is_not_empty", "write s <> ''"},
		{"cidrmatch cidr_match ipv4_is_in_range ipv4_is_match inet cidr", "there are no addresses: write s LIKE '10.%', or join a list"},
		{"mvcount array_length list_count", "write size(a)"},
		{"mvindex list_element list_extract", "write a[0], or element_at(a, -1) from the end"},
		{"list_contains array_has has_any", "write array_contains(a, x)"},
		{"list_distinct mvdedup", "write array_distinct(a)"},
		{"string_split str_split string_to_array mvsplit", "write split(s, ',')"},
		{"unnest mvexpand", "write explode(a) in a working column, or look into the array: exists(a, x -> …)"},
		{"generate_series range", "write sequence(1, n)"},
		{"group_concat wm_concat", "write array_join(collect_list(s), ',')"},
		{"list make_list", "write collect_list(x)"},
		{"make_set values", "write collect_set(x)"},
		{"dcount count_distinct distinct_count dc", "write count(DISTINCT x)"},
		{"countif", "write count_if(condition)"},
		{"sumif", "write sum(x) FILTER (WHERE condition)"},
		{"quantile quantile_cont", "write percentile(x, 0.5)"},
		{"stdev", "write stddev(x)"},
		{"safe_divide", "write a / nullif(b, 0)"},
		{"safe_cast convert tryconvert", "write cast(x AS type), which is NULL where it cannot be done"},
		{"tostring to_string", "write cast(x AS string)"},
		{"toint tolong to_int64 tonumber to_number", "write cast(x AS bigint)"},
		{"todouble toreal tofloat to_float64", "write cast(x AS double)"},
		{"try", "leave it out: nothing fails, and what cannot be computed is NULL"},
		{"timestampadd", "write ts + INTERVAL 1 HOUR"},
		{"timestampdiff timestamp_diff", "write unix_timestamp(a) - unix_timestamp(b), or datediff(a, b) for days"},
		{"epoch unixepoch to_unixtime to_epoch", "write unix_timestamp(ts), or unix_micros(ts)"},
		{"getdate sysdate utcnow utc_timestamp ago", "a value that depends on when it runs is not computed: use a time column of the log, or window_end"},
		{"sha256 sha256_hash hashbytes", "write sha2(s, 256)"},
		{"json_extract json_extract_string json_value jsonpath parse_json extract_json", "write get_json_object(s, '$.name')"},
		{"bitand", "write a & b"},
		{"bitor", "write a | b"},
		{"bitxor xor", "write a ^ b"},
		{"format", "write format_string('%d', x)"},
		{"like", "write s LIKE 'pattern'"},
		{"ilike", "write s ILIKE 'pattern'"},
		{"newid", "a value that is another each time is not computed: derive it from columns, for example by md5(…)"},
	})
}

// foreignTypes returns what to write instead of types of other languages.
func foreignTypes() map[string]string {
	return spread([][2]string{
		{"varchar char text nvarchar nchar varchar2 clob str json uuid inet character", "string"},
		{"int1", "tinyint"}, {"int2", "smallint"}, {"int4 int32 integer4", "int"}, {"int8 int64 hugeint uint64 unsigned ubigint uinteger", "bigint"},
		{"float4 float32", "float"}, {"float8 float64 number", "double"}, {"bool bit", "boolean"},
		{"datetime datetime2 timestamptz timestamp_tz time", "timestamp"}, {"bytea blob varbinary bytes", "binary"},
		{"list", "array<string>"},
	})
}

// spread gives each of the names on the left what stands on the right.
func spread(pairs [][2]string) map[string]string {
	out := map[string]string{}
	for _, p := range pairs {
		for name := range strings.FieldsSeq(p[0]) {
			out[name] = p[1]
		}
	}
	return out
}

// isUnit reports whether a word is one that other languages take without
// quotes: a unit of time or a type.
func isUnit(word string) bool {
	switch strings.TrimSuffix(strings.ToLower(word), "s") {
	case "year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond", "microsecond", "epoch":
		return true
	}
	return typeNames[strings.ToLower(word)] != Void
}
