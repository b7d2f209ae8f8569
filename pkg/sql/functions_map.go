package sql

import "fmt"

// mapFunctions make maps and look into them. A map holds each key once, and no
// NULL; what would hold another is NULL.
func mapFunctions() []*function {
	m, key := takes("map", mappings), takes("key", anything)
	keys := func(k *call) (Type, bool) { return arrayOf(k.args[0].typ.key()), true }
	return []*function{
		{Function: Function{Name: "map", Doc: "A map of keys to values, each in their common type. NULL where a key is NULL or stands twice.", Example: "map(1.0, '2', 3.0, '4')", Signature: "map(key, value, …)"},
			params: []param{key, takes("value", anything)}, variadic: true, settle: settleMap, render: renderMap, copies: 1, levels: 20},
		{Function: Function{Name: "map_contains_key", Doc: "Whether a map has a key.", Example: "map_contains_key(map(1, 'a', 2, 'b'), 1)"},
			params: []param{m, key}, settle: settleKey(func(*call) Type { return Type{Kind: Boolean} }), sql: "s_acontains(s_mkeys($1), $2)", copies: 4},
		{Function: Function{Name: "map_keys", Doc: "The keys of a map.", Example: "map_keys(map(1, 'a', 2, 'b'))"},
			params: []param{m}, settle: keys, sql: "s_mkeys($1)"},
		{Function: Function{Name: "map_values", Doc: "The values of a map.", Example: "map_values(map(1, 'a', 2, 'b'))"},
			params: []param{m}, settle: func(k *call) (Type, bool) { return arrayOf(k.args[0].typ.elem()), true }, sql: "s_mvalues($1)"},
		{Function: Function{Name: "map_entries", Doc: "The keys and values of a map, as an array of structs.", Example: "map_entries(map(1, 'a', 2, 'b'))"},
			params: []param{m}, settle: func(k *call) (Type, bool) { return arrayOf(k.args[0].typ.entry()), true }, sql: "$1"},
	}
}

// settleMap gives keys one type and values one.
func settleMap(k *call) (Type, bool) {
	if len(k.args)%2 != 0 {
		k.errorf(k.node, "wrong-argument-count", "map takes a value for each key").Hintf("%s", k.fn.Signature)
		return Type{}, false
	}
	keys, values := *k, *k
	keys.args, values.args = nil, nil
	for i := 0; i < len(k.args); i += 2 {
		keys.args, values.args = append(keys.args, k.args[i]), append(values.args, k.args[i+1])
	}
	key, ok1 := keys.widen(0, true)
	value, ok2 := values.widen(0, true)
	if !ok1 || !ok2 {
		return Type{}, false
	}
	for i := range keys.args {
		k.args[2*i], k.args[2*i+1] = keys.args[i], values.args[i]
	}
	typ := mapOf(key, value)
	return typ, k.keyed(typ) && k.constantKeys()
}

// keyed reports whether a type may be that of a map.
func (k *call) keyed(t Type) bool {
	switch {
	case t.key().hasMap():
		k.errorf(k.node, "wrong-argument-type", "a key of a map holds no map")
	case t.key().Kind == Void:
		k.errorf(k.node, "wrong-argument-type", "a key of a map is not NULL")
	default:
		return true
	}
	return false
}

// constantKeys reports a constant key that is NULL or stands twice.
func (k *call) constantKeys() bool {
	seen := map[string]bool{}
	for i := 0; i < len(k.args); i += 2 {
		key := k.args[i]
		text := ""
		if key.value != nil {
			text = string(key.value.appendCanonical(nil))
		}
		switch {
		case key.fn == castFunction && key.args[0].typ.Kind == Void:
			k.errorAt(i, "bad-constant", "a key of a map is not NULL")
			return false
		case text != "" && seen[text]:
			k.errorAt(i, "bad-constant", "the map has this key twice")
			return false
		}
		seen[text] = true
	}
	return true
}

func renderMap(r *renderer, t *term) string {
	list := ""
	for i := 0; i < len(t.args); i += 2 {
		if i > 0 {
			list += ", "
		}
		list += structText(r.term(t.args[i]), r.term(t.args[i+1]))
	}
	return newMap(t.typ, "["+list+"]::"+t.typ.DuckDB())
}

// newMap renders a map of a list of entries, which is NULL where that is none.
func newMap(t Type, entries string) string {
	if t.key().floating() { // NaN is a key like others, and -0.0 is 0.0
		return fmt.Sprintf("s_mapf(%s)", entries)
	}
	return fmt.Sprintf("s_map(%s)", entries)
}

// settleKey types a function of a map and a key, in the common type of both.
func settleKey(result func(k *call) Type) func(k *call) (Type, bool) {
	return func(k *call) (Type, bool) {
		key, x := k.args[0].typ.key(), k.args[1]
		common, ok := wider(key, x.typ, false)
		if !ok || !castable(key, common) || !castable(x.typ, common) {
			k.errorAt(1, "type-mismatch", "%s is no key of a map of %s", withArticle(x.typ), key).Hintf("cast it to the type of the keys")
			return Type{}, false
		}
		k.args[0] = castTerm(k.args[0], mapOf(common, k.args[0].typ.elem()))
		k.args[1] = castTerm(x, common)
		return result(k), true
	}
}

// asKey converts what stands in map[key] to the type of the keys, even where
// that loses something, as Spark does.
func asKey(m, x *term) *term {
	key := m.typ.key()
	if x.typ.Numeric() && key.Numeric() || x.typ.Kind == String && promotes(key) || key.Kind == String && promotes(x.typ) {
		if castable(x.typ, key) {
			return castTerm(x, key)
		}
	}
	return x
}

func mapMacros() []string {
	return []string{
		`s_mkeys(m) AS list_transform(m, lambda _s_x: struct_extract(_s_x, 'f0'))`,
		`s_mvalues(m) AS list_transform(m, lambda _s_x: struct_extract(_s_x, 'f1'))`,
		`s_mget(m, k) AS struct_extract(list_extract(m, list_position(s_mkeys(m), k)), 'f1')`,
		`s_map(l) AS list_extract(list_transform([l], lambda _s_m: CASE WHEN len(list_distinct(s_mkeys(_s_m))) = len(_s_m) THEN _s_m END), 1)`,
		`s_mapf(l) AS list_extract(list_transform([list_transform(l, lambda _s_x: struct_update(_s_x, f0 := struct_extract(_s_x, 'f0') + 0))], lambda _s_m: CASE WHEN len(list_distinct(list_transform(_s_m, lambda _s_x: struct_extract(_s_x, 'f0')::VARCHAR))) = len(_s_m) THEN _s_m END), 1)`,
	}
}
