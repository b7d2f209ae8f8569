package sql

import (
	"fmt"
	"strings"
)

// sparkGuards holds how calls are written for Spark that as they stand could make
// it fail for a row: $1 is the first argument as written, $#1 the text of a
// constant, $@ the whole call. Forms for more arguments follow after ";;".
var sparkGuards = map[string]string{
	"add_months":               "CASE WHEN $2 BETWEEN -70411704 AND 70411704 AND year($1) BETWEEN -290000 AND 294000 AND year($1) + $2 DIV 12 BETWEEN -290000 AND 294000 THEN $@ END",
	"array_insert":             "CASE WHEN $2 BETWEEN 1 AND size($1) + 10000 OR $2 BETWEEN -10000 - size($1) AND -1 THEN $@ END",
	"array_repeat":             "CASE WHEN $2 <= 10000 THEN $@ END",
	"collect_set":              "array_sort($@)",
	"collect_union":            "array_sort($@)",
	"hmac":                     "CASE WHEN octet_length($1) > 0 THEN $@ END",
	"instr":                    ";;;;CASE WHEN $4 > 0 THEN $@ END",
	"make_date":                "CASE WHEN $1 BETWEEN -100000 AND 100000 THEN $@ END",
	"make_ym_interval":         ";;CASE WHEN CAST($1 AS BIGINT) * 12 BETWEEN -2147483648 AND 2147483647 THEN $@ END;;CASE WHEN CAST($1 AS BIGINT) * 12 + $2 BETWEEN -2147483648 AND 2147483647 THEN $@ END",
	"map_from_arrays":          "CASE WHEN size($1) = size($2) AND " + uniqueKeys("$1") + " THEN $@ END",
	"percentile":               ";;percentile($1, $2, CASE WHEN $3 > 0 THEN $3 END)",
	"slice":                    "CASE WHEN $2 <> 0 AND $3 >= 0 THEN $@ END",
	"str_to_map":               strToMapGuard("','", "':'") + ";;" + strToMapGuard("$2", "':'") + ";;" + strToMapGuard("$2", "$3"),
	"timestamp_millis":         "CASE WHEN $1 BETWEEN -9223372022400000 AND 9223372036854775 THEN $@ END",
	"timestamp_micros":         "CASE WHEN $1 " + everyTime + " THEN $@ END",
	"from_utc_timestamp":       shiftGuard,
	"to_utc_timestamp":         shiftGuard,
	"validate_utf8":            "CASE WHEN is_valid_utf8($1) THEN $@ END",
	"vector_norm":              ";;" + degreeGuard,
	"vector_normalize":         ";;" + degreeGuard,
	"timestampdiff":            "timestampdiff($#1, $2, $3)",
	"to_binary":                "try_to_binary($1);;try_to_binary($1, $2)",
	"to_number":                "try_to_number($1, $2)",
	"transform_keys":           "CASE WHEN " + uniqueKeys(changedKeys) + " THEN map_from_arrays(" + changedKeys + ", map_values($1)) END",
	"unbase64":                 base64Guard,
	"url_decode":               "try_url_decode($1)",
	"window_time":              "(($1).end - INTERVAL '0.000001' SECOND)",
	"vector_cosine_similarity": "CASE WHEN size($1) = size($2) THEN $@ END",
	"vector_inner_product":     "CASE WHEN size($1) = size($2) THEN $@ END",
	"vector_l2_distance":       "CASE WHEN size($1) = size($2) THEN $@ END",
}

// changedKeys are the keys that transform_keys makes.
const changedKeys = "map_values(transform_values($1, $2))"

// strToMapGuard looks at the keys of str_to_map.
func strToMapGuard(pairs, keyValue string) string {
	keys := fmt.Sprintf("transform(split($1, %s), _k -> split(_k, %s, 2)[0])", pairs, keyValue)
	return fmt.Sprintf("CASE WHEN size(array_distinct(%[1]s)) = size(%[1]s) THEN $@ END", keys)
}

// base64Guard is what Java's decoder of MIME demands of its padding: units of
// four characters, of which the last may end in = or ==, and no more behind.
const base64Guard = `CASE WHEN CASE WHEN instr($1, '=') = 0 THEN length(regexp_replace($1, '[^A-Za-z0-9+/]', '')) % 4 <> 1 ` +
	`ELSE NOT $1 RLIKE '(?s)=.*[A-Za-z0-9+/]' AND CASE length(regexp_replace(split_part($1, '=', 1), '[^A-Za-z0-9+/]', '')) % 4 WHEN 2 THEN $1 RLIKE '^[^=]*==' WHEN 3 THEN true ELSE false END END THEN $@ END`

// sparkTypedGuards are as sparkGuards, where the form depends on the type of the
// first argument, or on the number or the constants of the arguments.
var sparkTypedGuards = map[string]func(first Type, n *node) string{
	"abs": func(first Type, _ *node) string {
		if first.interval() {
			return "CASE WHEN $1 > " + leastInterval(first) + " THEN $@ END"
		}
		return ""
	},
	"btrim": func(first Type, _ *node) string {
		if first.Kind == Binary {
			return "CASE WHEN is_valid_utf8($@) THEN $@ END"
		}
		return ""
	},
	"window": guardWindow,
	"bit_get": func(first Type, _ *node) string {
		bits := map[Kind]int{TinyInt: 8, SmallInt: 16, Int: 32}[first.Kind]
		if bits == 0 {
			bits = 64
		}
		return fmt.Sprintf("CASE WHEN $2 BETWEEN 0 AND %d THEN $@ END", bits-1)
	},
	"decode":           guardDecode,
	"element_at":       guardElementAt,
	"encode":           guardEncode,
	"make_dt_interval": guardDayTime,
	"make_timestamp":   guardMakeTimestamp, "make_timestamp_ntz": guardMakeTimestamp,
	"map":              guardMap,
	"map_concat":       guardMapConcat,
	"map_from_entries": guardFromEntries,
	"sequence":         guardSequence,
	"session_window":   guardSession,
	"timestampadd":     guardTimestampAdd,
	"timestamp_seconds": func(first Type, _ *node) string {
		if first.floating() { // which ends at the first and the last time
			return timeGuard
		}
		return "CASE WHEN $1 BETWEEN -9223372022400 AND 9223372036854 THEN $@ END"
	},
	"try_element_at": guardElementAt,
}

// guardSession writes the session of a row: Spark's function would leave out rows.
func guardSession(first Type, _ *node) string {
	if first.Kind != TimestampNTZ {
		first = Type{Kind: Timestamp}
	}
	start := "CAST($1 AS " + first.String() + ")"
	end := start + " + CAST($2 AS INTERVAL)"
	return fmt.Sprintf("CASE WHEN unix_micros(CAST($1 AS TIMESTAMP)) BETWEEN %d AND %d THEN CASE WHEN unix_micros(CAST(%s AS TIMESTAMP)) < %d THEN named_struct('start', %s, 'end', %s) END END",
		minMicros, maxMicros-1, end, maxMicros, start, end)
}

func guardElementAt(first Type, _ *node) string {
	if first.Kind == Map {
		return ""
	}
	return "CASE WHEN $2 <> 0 THEN $@ END"
}

func guardMakeTimestamp(_ Type, n *node) string {
	if len(n.args) < 6 {
		return ""
	}
	return "CASE WHEN $1 BETWEEN -100000 AND 100000 AND CAST($6 AS DECIMAL(16, 6)) BETWEEN 0 AND 60 THEN $@ END"
}

// guardDayTime adds up microseconds in 38 digits.
func guardDayTime(_ Type, n *node) string {
	if len(n.args) == 0 {
		return ""
	}
	sum := "0"
	for i, micros := range []string{"86400000000", "3600000000", "60000000", "1000000"} {
		if i < len(n.args) {
			sum += fmt.Sprintf(" + CAST($%d AS DECIMAL(18, 6)) * %s", i+1, micros)
		}
	}
	return "CASE WHEN " + sum + " BETWEEN -9223372036854775808 AND 9223372036854775807 THEN $@ END"
}

// uniqueKeys is the condition that no key is NULL or stands twice.
func uniqueKeys(keys string) string {
	return fmt.Sprintf("NOT exists(%[1]s, _k -> _k IS NULL) AND size(array_distinct(%[1]s)) = size(%[1]s)", keys)
}

func guardMap(_ Type, n *node) string {
	var keys []string
	constant := true // keys that are wrong are refused; options are to be a plain map
	for i := 0; i < len(n.args); i += 2 {
		keys = append(keys, fmt.Sprintf("${%d}", i+1))
		constant = constant && n.args[i].op == opLiteral
	}
	if constant {
		return ""
	}
	return "CASE WHEN " + uniqueKeys("array("+strings.Join(keys, ", ")+")") + " THEN $@ END"
}

func guardMapConcat(_ Type, n *node) string {
	var keys []string
	for i := range n.args {
		keys = append(keys, fmt.Sprintf("map_keys(${%d})", i+1))
	}
	return "CASE WHEN " + uniqueKeys("concat("+strings.Join(keys, ", ")+")") + " THEN $@ END"
}

func guardFromEntries(first Type, _ *node) string {
	if first.Kind != Array || len(first.elem().Fields) != 2 {
		return ""
	}
	fields := first.elem().Fields // whose names may be the same
	entries := arrayOf(structOf(Field{Name: "k", Type: fields[0].Type}, Field{Name: "v", Type: fields[1].Type}))
	keys := "transform(CAST($1 AS " + entries.String() + "), _e -> _e.k)"
	return "CASE WHEN NOT exists($1, _e -> _e IS NULL) AND " + uniqueKeys(keys) + " THEN $@ END"
}

// guardSequence bounds what a sequence grows to.
func guardSequence(_ Type, n *node) string {
	if len(n.args) == 2 {
		return "CASE WHEN abs(CAST($1 AS DECIMAL(20, 0)) - CAST($2 AS DECIMAL(20, 0))) < 10000 THEN $@ END"
	}
	return "CASE WHEN $3 = 0 AND $1 = $2 OR ($3 > 0 AND $1 <= $2 OR $3 < 0 AND $1 >= $2) AND " +
		"(CAST($2 AS DECIMAL(20, 0)) - CAST($1 AS DECIMAL(20, 0))) / CAST($3 AS DECIMAL(20, 0)) < 10000 THEN $@ END"
}

// guardEncode wants every character to be one of the set.
func guardEncode(_ Type, n *node) string {
	switch strings.ToUpper(n.args[1].value.text) {
	case "US-ASCII":
		return `CASE WHEN NOT $1 RLIKE '[^\\x00-\\x7F]' THEN $@ END`
	case "ISO-8859-1":
		return `CASE WHEN NOT $1 RLIKE '[^\\x00-\\xFF]' THEN $@ END`
	}
	return ""
}

// guardDecode wants the bytes to be text of the set.
func guardDecode(_ Type, n *node) string {
	if len(n.args) != 2 || n.args[1].value == nil {
		return ""
	}
	const whole = `CASE WHEN regexp_replace(hex($1), '\\G(?:%s)', '') = '' THEN $@ END`
	const be, le = `(?!D[89A-F])[0-9A-F]{4}|D[89AB][0-9A-F]{2}D[C-F][0-9A-F]{2}`, `[0-9A-F]{2}(?!D[89A-F])[0-9A-F]{2}|[0-9A-F]{2}D[89AB][0-9A-F]{2}D[C-F]`
	switch strings.ToUpper(n.args[1].value.text) {
	case "UTF-8":
		return "CASE WHEN is_valid_utf8(CAST($1 AS BINARY)) THEN $@ END"
	case "US-ASCII":
		return fmt.Sprintf(whole, "[0-7][0-9A-F]")
	case "UTF-16BE":
		return fmt.Sprintf(whole, be)
	case "UTF-16LE":
		return fmt.Sprintf(whole, le)
	case "UTF-32":
		const be, le = `0000(?!D[89A-F])[0-9A-F]{4}|00(?:0[1-9A-F]|10)[0-9A-F]{4}`, `[0-9A-F]{2}(?!D[89A-F])[0-9A-F]{2}0000|[0-9A-F]{4}(?:0[1-9A-F]|10)00`
		return "CASE WHEN hex($1) LIKE 'FFFE0000%' THEN " + fmt.Sprintf(whole, le) + " ELSE " + fmt.Sprintf(whole, be) + " END"
	case "UTF-16":
		return "CASE WHEN hex($1) LIKE 'FFFE%' THEN " + fmt.Sprintf(whole, le) + " ELSE " + fmt.Sprintf(whole, be) + " END"
	}
	return ""
}
