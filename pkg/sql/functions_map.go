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
		{Function: Function{Name: "map_concat", Doc: "A map of what stands in several maps. NULL where a key stands twice.", Example: "map_concat(map(1, 'a', 2, 'b'), map(3, 'c'))"},
			params: []param{m}, variadic: true, settle: func(k *call) (Type, bool) { return k.widen(0, true) }, copies: 2, levels: 24,
			render: func(r *renderer, t *term) string { return newMap(t.typ, renderConcatArrays(r, t)) }},
		{Function: Function{Name: "map_from_arrays", Doc: "A map of keys and values at the same places of two arrays. NULL where these differ in length, or a key is NULL or stands twice.", Example: "map_from_arrays(array(1.0, 3.0), array('2', '4'))"},
			params: []param{takes("keys", arrays), takes("values", arrays)}, settle: settleFromArrays, copies: 2, levels: 24,
			render: func(r *renderer, t *term) string { return newMap(t.typ, r.expand("s_mzip($1, $2)", t)) }},
		{Function: Function{Name: "map_from_entries", Doc: "A map of structs of a key and a value. NULL where one is NULL, or a key is NULL or stands twice.", Example: "map_from_entries(array(struct(1, 'a'), struct(2, 'b')))"},
			params: []param{takes("entries", arrays)}, settle: settleFromEntries, levels: 24,
			render: func(r *renderer, t *term) string { return newMap(t.typ, r.term(t.args[0])) }},
		{Function: Function{Name: "str_to_map", Doc: "A map of a text that is cut into pairs, and these into a key and a value, by patterns, which are constants: , and : unless said otherwise. The value is NULL where there is none. NULL where a key stands twice.", Example: "str_to_map('a:1,b:2,c:3', ',', ':')"},
			params: []param{takes("s", texts).only(), takes("pairs", texts).opt().fixed(), takes("key_value", texts).opt().fixed()}, settle: settleStrToMap, render: renderStrToMap, levels: 30},
	}
}

// mapLambdaFunctions compute something of each key and value.
func mapLambdaFunctions() []*function {
	m, f := takes("map", mappings), takes("f", lambdas)
	entry := func(k *call, _ int) ([]Type, int) { return []Type{k.args[0].typ.key(), k.args[0].typ.elem()}, 2 }
	return []*function{
		{Function: Function{Name: "map_filter", Doc: "The map with what the condition is true for.", Example: "map_filter(map(1, 0, 2, 2, 3, -1), (k, v) -> k > v)"},
			params: []param{m, f}, binds: entry, settle: settleCondition(func(k *call) Type { return k.args[0].typ }),
			render: func(r *renderer, t *term) string {
				x := letter(t.args[1], 0)
				return fmt.Sprintf("list_filter(%s, lambda %s: %s)", r.term(t.args[0]), x, r.body(t.args[1], field(x, 0), field(x, 1)))
			}},
		{Function: Function{Name: "transform_values", Doc: "The map with what f gives for each key and value as the value.", Example: "transform_values(map(1, 1, 2, 2), (k, v) -> k + v)"},
			params: []param{m, f}, binds: entry, settle: func(k *call) (Type, bool) { return mapOf(k.args[0].typ.key(), k.args[1].typ), true },
			render: func(r *renderer, t *term) string {
				x := letter(t.args[1], 0)
				return eachElement(r.term(t.args[0]), x, structText(field(x, 0), r.body(t.args[1], field(x, 0), field(x, 1))))
			}},
		{Function: Function{Name: "transform_keys", Doc: "The map with what f gives for each key and value as the key. NULL where that is NULL or stands twice.", Example: "transform_keys(map(1, 1, 2, 2), (k, v) -> k + v)"},
			params: []param{m, f}, binds: entry, settle: settleTransformKeys, levels: 24,
			render: func(r *renderer, t *term) string {
				x := letter(t.args[1], 0)
				return newMap(t.typ, eachElement(r.term(t.args[0]), x, structText(r.body(t.args[1], field(x, 0), field(x, 1)), field(x, 1))))
			}},
		{Function: Function{Name: "map_zip_with", Doc: "A map of the keys of both maps with what f gives for each key and its values, of which one may be NULL.", Example: "map_zip_with(map('a', 1, 'b', 2), map('b', 3), (k, v, w) -> coalesce(v, 0) + coalesce(w, 0))"},
			params: []param{m, takes("other", mappings), f}, binds: bindZip, settle: func(k *call) (Type, bool) { return mapOf(k.args[0].typ.key(), k.args[2].typ), true }, render: renderMapZip, copies: 12, levels: 24},
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
	case t.key().Kind == Interval:
		k.errorf(k.node, "wrong-argument-type", "a key of a map is no interval of months and days").Hintf("write the interval as a text: cast(… as string)")
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

func settleFromArrays(k *call) (Type, bool) {
	typ := mapOf(k.args[0].typ.elem(), k.args[1].typ.elem())
	return typ, k.keyed(typ)
}

// settleFromEntries makes a map of structs, whatever their fields are called.
func settleFromEntries(k *call) (Type, bool) {
	entry := k.args[0].typ.elem()
	if len(entry.Fields) != 2 {
		k.errorAt(0, "wrong-argument-type", "argument 1 of map_from_entries is %s, not an array of structs of a key and a value", withArticle(k.args[0].typ))
		return Type{}, false
	}
	typ := mapOf(entry.Fields[0].Type, entry.Fields[1].Type)
	return typ, k.keyed(typ)
}

func settleTransformKeys(k *call) (Type, bool) {
	typ := mapOf(k.args[1].typ, k.args[0].typ.elem())
	return typ, k.keyed(typ)
}

// settleStrToMap writes out the patterns that are the rule.
func settleStrToMap(k *call) (Type, bool) {
	for i := len(k.args); i < 3; i++ {
		k.args = append(k.args, constantTerm(stringConstant([]string{"", ",", ":"}[i]), k.node.at()))
	}
	ok := true
	for i := 1; i < 3; i++ {
		_, fine := k.patternAt(i, matchEach)
		if text, isText := k.args[i].text(); isText && text == "" {
			k.errorAt(i, "bad-pattern", "the pattern of str_to_map is not empty")
			fine = false
		}
		ok = ok && fine
	}
	str := Type{Kind: String}
	return mapOf(str, str), ok
}

func renderStrToMap(r *renderer, t *term) string {
	p := compiledAt(t, 2, matchEach)
	if p == nil || compiled(t, matchEach) == nil {
		return "NULL::" + t.typ.DuckDB()
	}
	entry := fmt.Sprintf("s_pair(_s_x, %s)", quoteString(p.literal))
	if p.literal == "" {
		re := p.re2()
		entry = fmt.Sprintf("s_re_pair(_s_x, %s, %s, %s, %d)", quoteString(re), quoteString("^((?s:.*?))(?:"+re+")"), quoteString("^(?s:.*?)(?:"+re+")((?s:.*))$"), p.groups+1)
	}
	return newMap(t.typ, eachElement(renderSplit(r, &term{args: t.args[:2]}), "_s_x", entry))
}

// bindZip gives both maps keys of one type.
func bindZip(k *call, _ int) ([]Type, int) {
	a, b := k.args[0].typ, k.args[1].typ
	if key, ok := wider(a.key(), b.key(), true); ok && castable(a, mapOf(key, a.elem())) && castable(b, mapOf(key, b.elem())) {
		k.args[0], k.args[1] = castTerm(k.args[0], mapOf(key, a.elem())), castTerm(k.args[1], mapOf(key, b.elem()))
		return []Type{key, a.elem(), b.elem()}, 3
	}
	k.errorAt(1, "type-mismatch", "the keys are %s, those of the other map %s", b.key(), a.key()).Hintf("cast one of them")
	return nil, 3
}

func renderMapZip(r *renderer, t *term) string {
	f := t.args[2]
	x := letter(f, 0)
	return with(r.term(t.args[0]), x+"m", func(a string) string {
		return with(r.term(t.args[1]), x+"n", func(b string) string {
			body := structText(x, r.body(f, x, fmt.Sprintf("s_mget(%s, %s)", a, x), fmt.Sprintf("s_mget(%s, %s)", b, x)))
			return eachElement(fmt.Sprintf("s_adistinct(s_aconcat(s_mkeys(%s), s_mkeys(%s)))", a, b), x, body)
		})
	})
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
		`s_mzip(k, v) AS CASE WHEN len(k) = len(v) THEN list_transform(list_zip(k, v), lambda _s_x: {'f0': struct_extract(_s_x, 1), 'f1': struct_extract(_s_x, 2)}) END`,
		`s_pair(x, k) AS {'f0': split_part(x, k, 1), 'f1': CASE WHEN contains(x, k) THEN substring(x, length(split_part(x, k, 1)) + length(k) + 1) END}`,
		`s_re_pair(x, k, before, after, g) AS {'f0': CASE WHEN regexp_matches(x, k) THEN regexp_extract(x, before, 1) ELSE x END, 'f1': CASE WHEN regexp_matches(x, k) THEN regexp_extract(x, after, g) END}`,
		`s_map(l) AS list_extract(list_transform([l], lambda _s_m: CASE WHEN len(list_distinct(s_mkeys(_s_m))) = len(_s_m) THEN _s_m END), 1)`,
		`s_mapf(l) AS list_extract(list_transform([list_transform(l, lambda _s_x: struct_update(_s_x, f0 := struct_extract(_s_x, 'f0') + 0))], lambda _s_m: CASE WHEN len(list_distinct(list_transform(_s_m, lambda _s_x: struct_extract(_s_x, 'f0')::VARCHAR))) = len(_s_m) THEN _s_m END), 1)`,
	}
}
