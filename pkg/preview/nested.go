package preview

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mlpdev/mlp/pkg/sql"
)

// held reports whether rows can hold values of a type.
func held(t sql.Type) bool {
	switch t.Kind {
	case sql.Array:
		return held(*t.Elem)
	case sql.Map:
		return held(*t.Key) && held(*t.Elem)
	case sql.Struct:
		for _, f := range t.Fields {
			if !held(f.Type) {
				return false
			}
		}
		return true
	case sql.Void, sql.YearMonth, sql.DayTime, sql.Binary:
		return false
	}
	return true
}

func isNested(t sql.Type) bool {
	return t.Kind == sql.Array || t.Kind == sql.Map || t.Kind == sql.Struct
}

// structure returns what DuckDB's from_json reads a nested type by, in the form
// of [sql.Type.DuckDB].
func structure(t sql.Type) string {
	switch t.Kind {
	case sql.Array:
		return "[" + structure(*t.Elem) + "]"
	case sql.Map:
		return `[{"f0":` + structure(*t.Key) + `,"f1":` + structure(*t.Elem) + "}]"
	case sql.Struct:
		fields := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = fmt.Sprintf(`"f%d":%s`, i, structure(f.Type))
		}
		return "{" + strings.Join(fields, ",") + "}"
	}
	return `"` + t.DuckDB() + `"`
}

// inForm writes a JSON value in the form of [structure]: fields by their places,
// maps as lists of their entries. A struct is an object, of which other members
// are left out; a map is one, too.
func inForm(raw json.RawMessage, t sql.Type) (json.RawMessage, error) {
	raw = bytes.TrimSpace(raw)
	if string(raw) == "null" || !isNested(t) {
		return raw, nil
	}
	open := byte('{')
	if t.Kind == sql.Array {
		open = '['
	}
	if raw[0] != open {
		return nil, fmt.Errorf("%.40s is no %s", raw, t)
	}
	switch t.Kind {
	case sql.Array:
		return arrayInForm(raw, t)
	case sql.Map:
		return mapInForm(raw, t)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	var fields []string
	for i, f := range t.Fields {
		value, ok := members[f.Name]
		for name, v := range members {
			if !ok && strings.EqualFold(name, f.Name) {
				value, ok = v, true
			}
		}
		if !ok {
			continue
		}
		text, err := inForm(value, f.Type)
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", f.Name, err)
		}
		fields = append(fields, fmt.Sprintf(`"f%d":%s`, i, text))
	}
	return json.RawMessage("{" + strings.Join(fields, ",") + "}"), nil
}

func arrayInForm(raw json.RawMessage, t sql.Type) (json.RawMessage, error) {
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		return nil, err
	}
	for i, e := range elements {
		text, err := inForm(e, *t.Elem)
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		elements[i] = text
	}
	return json.Marshal(elements)
}

func mapInForm(raw json.RawMessage, t sql.Type) (json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	var entries []string
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		key := fmt.Sprint(token)
		if seen[key] {
			return nil, fmt.Errorf("key %q stands twice", key)
		}
		seen[key] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		text, err := inForm(value, *t.Elem)
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", key, err)
		}
		quoted, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		entries = append(entries, fmt.Sprintf(`{"f0":%s,"f1":%s}`, quoted, text))
	}
	return json.RawMessage("[" + strings.Join(entries, ",") + "]"), nil
}
