package source

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func jsonOptions(addresses ...string) Options {
	return Options{Format: Format{JSON{}}, Optional: addresses}
}

// readOne returns the values of the one record of an input, or its reason.
func readOne(t *testing.T, line string, o Options) string {
	t.Helper()
	got := readAll(t, strings.NewReader(line), o, defaultLimits)
	balance(t, got.Counts)
	if len(got.Rejects) > 0 {
		return got.Rejects[0].Reason
	}
	return strings.TrimSuffix(show(got.Rows), "\n")
}

func TestJSON(t *testing.T) {
	tests := []struct {
		name, line, addresses, want string
	}{
		{"kinds", `{"s":"x","n":-1.50e+3,"t":true,"f":false,"z":null,"o":{ "a" : [ 1, "b c" ] },"l":[]}`, "s n t f z o l missing",
			`x|-1.50e+3|true|false|<null>|{"a":[1,"b c"]}|[]|<null>`},
		{"escapes", `{"a\u0062":"\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00\ud800x\udc00"}`, "ab", "\"\\/\b\f\n\r\tä😀\ufffdx\ufffd"},
		{"spaces", "\t { \"a\" :\t1 , \"b\" : [ ] } \r", "a b", "1|[]"},
		{"paths", `{"a":{"b":{"c":1},"d":"x"},"e":[{"f":7},{"f":[8,9]}]}`, "a.b.c a.d a.b e.1.f.0 e.0.f e.2.f e", `1|x|{"c":1}|8|7|<null>|[{"f":7},{"f":[8,9]}]`},
		{"a key with dots, as Zeek writes it", `{"id.orig_h":"10.0.0.1","id":{"orig_h":"no","resp_h":"10.0.0.2"}}`, "id.orig_h id.resp_h", "10.0.0.1|10.0.0.2"},
		{"the longest key that leads somewhere", `{"a":{"b.c":1,"b":{"c":0}},"a.b":{"d":2}}`, "a.b.c a.b.d", "1|2"},
		{"a longer key that is null", `{"a.b":null,"a":{"b":1}}`, "a.b", "<null>"},
		{"the last of a repeated key", `{"a":1,"a":2}`, "a", "2"},
		{"a repeated key takes all below it", `{"a":{"b":1},"a":{"c":2}}`, "a.b a.c", "<null>|2"},
		{"a repeated key brings back a shorter one", `{"a":{"b":1},"a.b":2,"a":{"b":3}}`, "a.b", "2"},
		{"a repeated longest key", `{"a.b":{"c":1},"a":{"b":{"c":2}},"a.b":{}}`, "a.b.c", "2"},
		{"a path into a text", `{"a":"b"}`, "a.b a", "<null>|b"},
		{"positions are decimal", `{"a":[1],"b":{"0":2,"00":3}}`, "a.0 a.00 b.0 b.00", "1|<null>|2|3"},
		{"an address twice", `{"a":"\n"}`, "a a", "\n|\n"},
		{"an empty key", `{"":1,"a":{"":2}}`, "a.", "2"},
		{"empty", `{}`, "a", "<null>"},
		{"array", `[{"a":1}]`, "a", "not a JSON object"},
		{"text", `hello`, "a", "not a JSON object"},
		{"spaces only", `  `, "a", "not a JSON object"},
		{"cut", `{"a":1,"b":"x`, "a", "malformed JSON"},
		{"cut behind a comma", `{"a":1,`, "a", "malformed JSON"},
		{"comma at the end", `{"a":1,}`, "a", "malformed JSON"},
		{"no quotes", `{a:1}`, "a", "malformed JSON"},
		{"number with a zero in front", `{"a":01}`, "a", "malformed JSON"},
		{"number without digits", `{"a":1.}`, "a", "malformed JSON"},
		{"NaN", `{"a":NaN}`, "a", "malformed JSON"},
		{"control character", "{\"a\":\"\x01\"}", "a", "malformed JSON"},
		{"unknown escape", `{"a":"\x41"}`, "a", "malformed JSON"},
		{"short escape", `{"a":"\u12"}`, "a", "malformed JSON"},
		{"two objects", `{"a":1} {"a":2}`, "a", "text after the JSON object"},
		{"not too deep", `{"a":` + strings.Repeat("[", 127) + strings.Repeat("]", 127) + "}", "b", "<null>"},
		{"too deep", `{"a":` + strings.Repeat("[", 128) + strings.Repeat("]", 128) + "}", "b", "JSON nested too deep"},
		{"not UTF-8", "{\"a\":\"\xff\"}", "a", "\ufffd"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := readOne(t, tt.line, jsonOptions(strings.Fields(tt.addresses)...)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestJSONRequired(t *testing.T) {
	o := Options{Format: Format{JSON{}}, Raw: []string{"a"}}
	if got := readOne(t, `{"b":1}`, o); got != "missing column a" {
		t.Errorf("got %q", got)
	}
	if got := readOne(t, `{"a":null}`, o); got != "<null>" {
		t.Errorf("got %q", got)
	}
}

// member is a member of an object as encoding/json has it, in order.
type member struct {
	key   string
	value any // string, json.Number, bool, nil, []any or []member
	raw   string
}

// tree decodes a value with its order and repeated keys.
func tree(d *json.Decoder) any {
	token, err := d.Token()
	if err != nil {
		panic(err)
	}
	switch token {
	case json.Delim('{'):
		members := []member{}
		for d.More() {
			key, _ := d.Token()
			members = append(members, member{key: key.(string), value: tree(d)})
		}
		_, _ = d.Token()
		return members
	case json.Delim('['):
		items := []any{}
		for d.More() {
			items = append(items, tree(d))
		}
		_, _ = d.Token()
		return items
	}
	return token
}

// lookup finds an address in a tree by the rules as they are written.
func lookup(v any, address string) (any, bool) {
	for end := len(address); end >= 0; end-- {
		if end < len(address) && address[end] != '.' {
			continue
		}
		inner, ok := child(v, address[:end])
		if !ok {
			continue
		}
		if end == len(address) {
			return inner, true
		}
		if found, ok := lookup(inner, address[end+1:]); ok {
			return found, true
		}
	}
	return nil, false
}

func child(v any, key string) (any, bool) {
	switch v := v.(type) {
	case []member:
		for i := len(v) - 1; i >= 0; i-- {
			if v[i].key == key {
				return v[i].value, true
			}
		}
	case []any:
		if n, err := strconv.Atoi(key); err == nil && n >= 0 && n < len(v) && strconv.Itoa(n) == key {
			return v[n], true
		}
	}
	return nil, false
}

// FuzzJSON compares with encoding/json: the same lines are objects, and the
// same values stand in them.
func FuzzJSON(f *testing.F) {
	f.Add(`{"a":{"b":{"c":1}},"a.b":{"c":"x\u00e4"},"a":[1,{"b":true}]}`, "a.b.c", "a.1.b")
	f.Add(`{"id.orig_h":"1","id":{"orig_h":null}} `, "id.orig_h", "id")
	f.Add(`{"a":-0.1e+5,"":[ ],"a":{}}`, "a", ".")
	f.Add(`{"a":"\ud800\udc00\uDC00\\","b":"`+"\xe2\x82"+`"}`, "a", "b")
	f.Fuzz(func(t *testing.T, line, first, second string) {
		if strings.ContainsAny(line, "\r\n") || strings.HasPrefix(line, "\ufeff") || CheckPath(first)+CheckPath(second) != "" || line == "" {
			t.Skip()
		}
		got := readAll(t, strings.NewReader(line), jsonOptions(first, second), defaultLimits)
		balance(t, got.Counts)
		line = validReference(line)
		valid := json.Valid([]byte(line)) && strings.HasPrefix(strings.TrimLeft(line, jsonSpace), "{")
		if len(got.Rejects) == 1 && got.Rejects[0].Reason == ReasonDeepJSON {
			return
		}
		if valid != (len(got.Rows) == 1) {
			t.Fatalf("encoding/json takes it: %v; rejects: %v", valid, got.Rejects)
		}
		if !valid {
			return
		}
		d := json.NewDecoder(strings.NewReader(line))
		d.UseNumber()
		root := tree(d)
		for i, address := range []string{first, second} {
			want, _ := lookup(root, address)
			sameValue(t, address, got.Rows[0].Values[i], want)
		}
	})
}

// sameValue compares a raw value with a decoded one.
func sameValue(t *testing.T, address string, got *string, want any) {
	t.Helper()
	switch want := want.(type) {
	case nil:
		if got != nil {
			t.Fatalf("%q: %q, want NULL", address, *got)
		}
		return
	case []member, []any:
		var compact bytes.Buffer
		if got == nil || json.Compact(&compact, []byte(*got)) != nil || compact.String() != *got {
			t.Fatalf("%q: not compact: %v", address, got)
		}
		d := json.NewDecoder(strings.NewReader(*got))
		d.UseNumber()
		if diff := cmp.Diff(want, tree(d), cmp.AllowUnexported(member{})); diff != "" {
			t.Fatalf("%q (-want +got):\n%s", address, diff)
		}
		return
	case string:
		if got == nil || *got != want {
			t.Fatalf("%q: %v, want %q", address, got, want)
		}
	case json.Number:
		if got == nil || *got != string(want) {
			t.Fatalf("%q: %v, want %s", address, got, want)
		}
	case bool:
		if got == nil || *got != strconv.FormatBool(want) {
			t.Fatalf("%q: %v, want %v", address, got, want)
		}
	}
}
