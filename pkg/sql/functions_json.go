package sql

import (
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/sparkjson"
)

// jsonFunctions look into texts that hold JSON, as Spark reads it.
func jsonFunctions() []*function {
	str, integer := Type{Kind: String}, Type{Kind: Int}
	j := takes("json", texts).only()
	return []*function{
		{Function: Function{Name: "get_json_object", Epoch: 3, Doc: "What stands at a constant path in a JSON text: $.name, $['name'], $[0], $[*] and so on. A text is given as such, a number as Spark writes it, objects and arrays as JSON without blanks; of several values an array.", Example: `get_json_object('{"a":"b"}', '$.a')`},
			params: []param{j, takes("path", texts).fixed()}, settle: settleJSONPath, sql: "n_json_get($1, $2)"},
		{Function: Function{Name: "json_array_length", Epoch: 2, Doc: "The number of elements of a JSON array; NULL for anything else.", Example: "json_array_length('[1,2,3,4]')"},
			params: []param{j}, result: integer, sql: "s_json_length(TRY_CAST(n_json($1) AS JSON))", copies: 2},
		{Function: Function{Name: "json_object_keys", Epoch: 2, Doc: "The keys of a JSON object; NULL for anything else.", Example: `json_object_keys('{"a":1}')`},
			params: []param{j}, result: arrayOf(str), sql: "s_json_keys(TRY_CAST(n_json($1) AS JSON))", copies: 2},
		{Function: Function{Name: "schema_of_json", Doc: "The type of a constant JSON text, as from_json takes it. The option allowNumericLeadingZeros is known.", Example: `schema_of_json('[{"col":0}]')`},
			params: []param{j.fixed(), takes("options", mappings).opt()}, rewrite: rewriteSchemaOfJSON},
		{Function: Function{Name: "from_json", Epoch: 2, Doc: "The value of a JSON text as a constant type: names with types, or STRUCT, ARRAY or MAP. What is not of the type is NULL: in a struct the field, in an array or map all of it. Options are timestampFormat and dateFormat.", Example: `from_json('{"a":1, "b":0.8}', 'a INT, b DOUBLE')`},
			params: []param{j, takes("type", texts).fixed(), takes("options", mappings).opt()}, settle: settleFromJSON, render: renderFromJSON, copies: 24, levels: 40},
		{Function: Function{Name: "to_json", Epoch: 2, Doc: "A struct, array or map as JSON. Fields that are NULL are left out. Options are timestampFormat, timestampNTZFormat, dateFormat, ignoreNullFields and sortKeys.", Example: "to_json(named_struct('a', 1, 'b', 2))"},
			params: []param{takes("x", anything), takes("options", mappings).opt()}, settle: settleToJSON, render: renderToJSON, repeats: toJSONRepeats, levels: 60},
	}
}

func settleJSONPath(k *call) (Type, bool) {
	path, ok := k.text(1)
	if _, fine := sparkjson.ParsePath(path); ok && !fine {
		k.errorAt(1, "bad-constant", "%q is not a supported path", path).Hintf("$.name, $['name'], $[0] and $[*] follow one another")
		ok = false
	}
	return Type{Kind: String}, ok
}

// rewriteSchemaOfJSON makes the type of a constant a constant.
func rewriteSchemaOfJSON(k *call) *term {
	text, ok := k.text(0)
	options, known := k.options(1, "allowNumericLeadingZeros")
	if !ok || !known {
		return nil
	}
	var v sparkjson.Value
	if strings.TrimSpace(text) != "" {
		v, ok = sparkjson.Options{LeadingZeros: strings.EqualFold(options["allownumericleadingzeros"], "true")}.Parse(text)
	}
	if !ok {
		k.errorAt(0, "bad-constant", "the text is not JSON")
		return nil
	}
	return constantTerm(stringConstant(sparkjson.Schema(v)), k.node.at())
}

// options reads an argument map('name', 'value', …), whose names are those
// given; the result has them in lower case.
func (k *call) options(i int, names ...string) (map[string]string, bool) {
	out := map[string]string{}
	if len(k.args) <= i {
		return out, true
	}
	m := k.args[i]
	for j := 0; m.fn != nil && m.fn.Name == "map" && j < len(m.args); j += 2 {
		name, ok1 := m.args[j].text()
		value, ok2 := m.args[j+1].text()
		if !ok1 || !ok2 {
			break
		}
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			k.errorAt(i, "not-supported", "%s has no option %q here", k.node.text, name).DidYouMean(name, names)
			return nil, false
		}
		out[strings.ToLower(name)] = value
	}
	if m.fn == nil || m.fn.Name != "map" || len(out) != len(m.args)/2 {
		k.errorAt(i, "not-constant", "the options of %s are constants: map('name', 'value')", k.node.text)
		return nil, false
	}
	return out, true
}

func jsonMacros() []string {
	return []string{
		`s_json_seconds(n) AS s_ts(s_wrap64(n::HUGEINT * 1000000))`,
		`s_json_ts(x, t) AS CASE WHEN starts_with(x, '#') THEN s_json_seconds(substr(x, 2)) ELSE t END`,
		// Spark reads a time again without GMT, wherever it stands.
		`s_str2ts_clean(x) AS coalesce(s_str2ts(x), s_str2ts(replace(x, 'GMT', '')))`,
		`s_str2date_clean(x) AS coalesce(s_str2date(x), s_str2date(replace(x, 'GMT', '')))`,
		`s_all_read(texts, read) AS CASE WHEN list_count(texts) = list_count(read) THEN read END`,
		`s_all_values_read(texts, read) AS CASE WHEN list_count(list_transform(texts, lambda _s_c: _s_c.f1)) = list_count(list_transform(read, lambda _s_c: _s_c.f1)) THEN read END`,
		`s_json_date(x) AS coalesce(s_str2date_clean(x), CASE WHEN regexp_full_match(x, '[+-]?\d{1,10}') AND TRY_CAST(x AS INTEGER) > -141427 THEN s_days2date(TRY_CAST(x AS INTEGER)) END)`,
		`s_json_dbl(x) AS CASE WHEN isfinite(x) THEN s_dbl2str(x) ELSE '"' || s_dbl2str(x) || '"' END`,
		`s_json_time(t) AS s_date2str(s_utc(t)::DATE) || strftime(s_utc(t), 'T%H:%M:%S.%g')`,
		`s_json_length(j) AS CASE WHEN json_type(j) = 'ARRAY' THEN json_array_length(j)::INTEGER END`,
		`s_json_keys(j) AS CASE WHEN json_type(j) = 'OBJECT' THEN json_keys(j) END`,
	}
}
