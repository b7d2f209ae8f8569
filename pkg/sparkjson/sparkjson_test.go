package sparkjson_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mlpdev/mlp/pkg/sparkjson"
)

// TestSchema compares with what Spark 4.3.0 answers for schema_of_json.
func TestSchema(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1,"b":"x"}`:                       "STRUCT<a: BIGINT, b: STRING>",
		`{"b":1,"a":2}`:                         "STRUCT<a: BIGINT, b: BIGINT>",
		`[1.5]`:                                 "ARRAY<DOUBLE>",
		`{"a":null}`:                            "STRUCT<a: STRING>",
		`{"a":[]}`:                              "STRUCT<a: ARRAY<STRING>>",
		`{"a":[1,"x"]}`:                         "STRUCT<a: ARRAY<STRING>>",
		`{"a":12345678901234567890}`:            "STRUCT<a: DECIMAL(20,0)>",
		`[12345678901234567890, 1]`:             "ARRAY<DECIMAL(20,0)>",
		`[12345678901234567890, 1.5]`:           "ARRAY<DOUBLE>",
		`{"a":` + strings.Repeat("1", 42) + `}`: "STRUCT<a: DOUBLE>",
		`{"a":true,"b":1e5,"c":1.0}`:            "STRUCT<a: BOOLEAN, b: DOUBLE, c: DOUBLE>",
		`null`:                                  "STRING",
		`[{"a":1},{"b":"x"}]`:                   "ARRAY<STRUCT<a: BIGINT, b: STRING>>",
		`[{"a":1},{"a":1.5}]`:                   "ARRAY<STRUCT<a: DOUBLE>>",
		`[{"a":1},{"a":[1]}]`:                   "ARRAY<STRUCT<a: STRING>>",
		`[[1],[2.0]]`:                           "ARRAY<ARRAY<DOUBLE>>",
		`{"a b":1,"1":1,"a-b":2,"_x":3}`:        "STRUCT<`1`: BIGINT, _x: BIGINT, `a b`: BIGINT, `a-b`: BIGINT>",
		`{"a":1, "a":"x"}`:                      "STRUCT<a: BIGINT, a: STRING>",
		`{'a':1} x`:                             "STRUCT<a: BIGINT>",
		`[NaN]`:                                 "ARRAY<DOUBLE>",
	} {
		v, ok := sparkjson.Options{}.Parse(text)
		if got := sparkjson.Schema(v); !ok || got != want {
			t.Errorf("%s: got %s %v, want %s", text, got, ok, want)
		}
	}
}

func TestParse(t *testing.T) {
	lenient, plain, zeros := sparkjson.Options{}, sparkjson.Options{Plain: true}, sparkjson.Options{LeadingZeros: true}
	for _, tt := range []struct {
		options sparkjson.Options
		text    string
		want    bool
	}{
		{lenient, `{"a":NaN}`, true}, {plain, `{"a":NaN}`, false}, {lenient, `[-INF, +Infinity]`, true}, {lenient, `[INF]`, false},
		{lenient, `[01]`, false}, {zeros, `[01]`, true}, {lenient, `[1,]`, false}, {lenient, `{"a":1,}`, false}, {lenient, `{a:1}`, false},
		{lenient, `[+1]`, false}, {lenient, `[.5]`, false}, {lenient, `[5.]`, false}, {lenient, `[1a]`, false}, {lenient, `[truex]`, false},
		{lenient, "[\"\t\"]", false}, {plain, "[\"\t\"]", true}, {lenient, `["\x"]`, false}, {lenient, `['\'']`, true}, {lenient, `["\u12"]`, false},
		{lenient, `2020-02-29`, false}, {lenient, `1,`, false}, {plain, `31/12`, false}, {plain, `12 x`, true}, {plain, `"a"b`, true}, {plain, `[1]x`, true},
		{lenient, ``, false}, {lenient, `"`, false}, {lenient, `[`, false}, {lenient, `{"a"`, false}, {lenient, `"\`, false}, {lenient, `-`, false}, {lenient, `1e`, false},
		{lenient, strings.Repeat("[", 1000) + strings.Repeat("]", 1000), true}, {lenient, strings.Repeat("[", 2000) + strings.Repeat("]", 2000), false},
		{lenient, strings.Repeat("1", 1001), false},
	} {
		if _, ok := tt.options.Parse(tt.text); ok != tt.want {
			t.Errorf("%+v %.40s: %v", tt.options, tt.text, ok)
		}
	}
}

func TestPaths(t *testing.T) {
	for text, want := range map[string]bool{
		"$": true, "$.a": true, "$['a b']": true, "$[0]": true, "$[*].a[*]": true, "$.é": true,
		"": false, "a": false, "$.": false, "$. a": false, "$.*": false, "$[-1]": false, "$[x]": false, "$['a'": false, "$a": false, "$..a": false,
	} {
		if _, ok := sparkjson.ParsePath(text); ok != want {
			t.Errorf("%s: %v", text, ok)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{`{"a":[1,-2.5e3,"x\ud83d"],'b':null}`, `[NaN, true]`, `"\u00e9`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, ok := sparkjson.Options{}.Parse(text)
		if !ok || !utf8.ValidString(text) {
			return
		}
		written := string(sparkjson.Append(nil, v))
		again, ok := sparkjson.Options{}.Parse(written)
		if got := string(sparkjson.Append(nil, again)); !ok || got != written {
			t.Errorf("%q is written %q, and that %q", text, written, got)
		}
	})
}
