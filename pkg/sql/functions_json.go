package sql

import (
	"fmt"
	"strconv"
	"strings"
)

// jsonFunctions look into texts that hold JSON. What is no JSON is NULL; where
// Spark reads more than the standard, such as single quotes, they do not.
func jsonFunctions() []*function {
	str, integer := Type{Kind: String}, Type{Kind: Int}
	j := takes("json", texts).only()
	return []*function{
		{Function: Function{Name: "get_json_object", Doc: "What stands at a constant path in a JSON text: $.name, $['name'], $[0] and so on. A text is given as such, a number as Spark writes it, objects and arrays as JSON without blanks.", Example: `get_json_object('{"a":"b"}', '$.a')`},
			params: []param{j, takes("path", texts).fixed()}, settle: settleJSONPath, render: renderJSONPath, copies: 44},
		{Function: Function{Name: "json_array_length", Doc: "The number of elements of a JSON array; NULL for anything else.", Example: "json_array_length('[1,2,3,4]')"},
			params: []param{j}, result: integer, sql: "s_json_length(TRY_CAST($1 AS JSON))", copies: 2},
		{Function: Function{Name: "json_object_keys", Doc: "The keys of a JSON object; NULL for anything else.", Example: `json_object_keys('{"a":1}')`},
			params: []param{j}, result: arrayOf(str), sql: "s_json_keys(TRY_CAST($1 AS JSON))", copies: 2},
	}
}

// jsonPath reads a path of Spark and returns DuckDB's.
func jsonPath(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, "$")
	out := "$"
	for ok && rest != "" {
		var step string
		switch {
		case strings.HasPrefix(rest, "['"):
			step, rest, ok = strings.Cut(rest[2:], "']")
			ok = ok && step != "" && !strings.ContainsAny(step, `"\*?`)
			out += `."` + step + `"`
		case rest[0] == '[':
			step, rest, ok = strings.Cut(rest[1:], "]")
			n, err := strconv.Atoi(step)
			ok = ok && err == nil && n >= 0 && n <= MaxCount && isDigit(step[0])
			out += "[" + strconv.Itoa(n) + "]"
		case rest[0] == '.':
			rest = rest[1:]
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			step, rest = rest[:end], rest[end:]
			ok = step != "" && !strings.ContainsAny(step, `"\*?`)
			out += `."` + step + `"`
		default:
			ok = false
		}
	}
	return out, ok
}

func settleJSONPath(k *call) (Type, bool) {
	path, ok := k.text(1)
	if _, fine := jsonPath(path); ok && !fine {
		k.errorAt(1, "bad-constant", "%q is not a supported path", path).Hintf("$.name, $['name'] and $[0] follow one another")
		ok = false
	}
	return Type{Kind: String}, ok
}

func renderJSONPath(r *renderer, t *term) string {
	text, _ := t.args[1].text()
	path, _ := jsonPath(text)
	macro := "s_json_get"
	if path == "$" {
		macro = "s_json_whole"
	}
	return fmt.Sprintf("%s(TRY_CAST(%s AS JSON), %s)", macro, r.term(t.args[0]), quoteString(path))
}

func jsonMacros() []string {
	return []string{
		`s_json_get(j, p) AS CASE WHEN json_type(j, p) = 'DOUBLE' AND regexp_matches(json_extract_string(j, p), '[.eE]') THEN s_dbl2str(TRY_CAST(json_extract_string(j, p) AS DOUBLE)) ELSE json_extract_string(j, p) END`,
		`s_json_whole(j, p) AS CASE WHEN json_type(j) = 'NULL' THEN 'null' ELSE s_json_get(j, p) END`,
		`s_json_length(j) AS CASE WHEN json_type(j) = 'ARRAY' THEN json_array_length(j)::INTEGER END`,
		`s_json_keys(j) AS CASE WHEN json_type(j) = 'OBJECT' THEN json_keys(j) END`,
	}
}
