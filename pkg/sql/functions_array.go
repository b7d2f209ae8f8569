package sql

// arrayFunctions make arrays and look into them.
func arrayFunctions() []*function {
	integer := Type{Kind: Int}
	array := takes("array", arrays)
	element := func(k *call) (Type, bool) { return k.args[0].typ.elem(), true }
	return []*function{
		{Function: Function{Name: "array", Doc: "An array of the arguments, in their common type.", Example: "array(1, 2, 3)"},
			params: []param{takes("a", anything)}, variadic: true, settle: settleArray, sql: "[$*]::$T"},
		{Function: Function{Name: "size", Aliases: []string{"cardinality"}, Doc: "The number of elements; -1 for NULL.", Example: "size(array('b', 'd'))"},
			params: []param{array}, result: integer, sql: "coalesce(len($1)::INTEGER, -1)"},
		{Function: Function{Name: "array_size", Doc: "The number of elements; NULL for NULL.", Example: "array_size(array('b', 'd'))"},
			params: []param{array}, result: integer, sql: "len($1)::INTEGER"},
		{Function: Function{Name: "get", Doc: "The element at an index from 0: array[i]. NULL out of range.", Example: "get(array(1, 2, 3), 0)"},
			params: []param{array, takes("i", smalls)}, settle: element, sql: "s_get($1, $2::BIGINT)", copies: 2},
		{Function: Function{Name: "element_at", Aliases: []string{"try_element_at"}, Doc: "The element at a position from 1, or from the end for a negative one. NULL out of range. The position is a constant, not 0.", Example: "element_at(array(1, 2, 3), 2)"},
			params: []param{array, takes("i", smalls).fixed()}, settle: settleElementAt, sql: "list_extract($1, $2)"},
		{Function: Function{Name: "array_contains", Doc: "Whether an array holds a value; NULL if not and it holds NULL.", Example: "array_contains(array(1, 2, 3), 2)"},
			params: []param{array, takes("x", anything)}, settle: settleArrayContains, sql: "s_acontains($1, $2)", copies: 4},
		{Function: Function{Name: "array_distinct", Doc: "The array without repetitions, in the order of first appearance.", Example: "array_distinct(array(1, 2, 3, NULL, 3))"},
			params: []param{array}, settle: sameType, sql: "s_adistinct($1)", copies: 4},
		{Function: Function{Name: "array_max", Doc: "The largest element that is not NULL.", Example: "array_max(array(1, 20, NULL, 3))"},
			params: []param{array}, settle: element, sql: "list_max($1)"},
		{Function: Function{Name: "array_min", Doc: "The smallest element that is not NULL.", Example: "array_min(array(1, 20, NULL, 3))"},
			params: []param{array}, settle: element, sql: "list_min($1)"},
	}
}

func settleArray(k *call) (Type, bool) {
	common, ok := k.widen(0, true)
	if common.Kind == Void && ok {
		k.errorAt(0, "not-supported", "an array of NULL alone has no type").Hintf("cast an element")
		return Type{}, false
	}
	return arrayOf(common), ok
}

func settleElementAt(k *call) (Type, bool) {
	if n, ok := k.args[1].integer(); !ok || n == 0 {
		k.errorAt(1, "bad-constant", "the position is a constant number, not 0: 1 is the first element, -1 the last")
		return Type{}, false
	}
	return k.args[0].typ.elem(), true
}

func settleArrayContains(k *call) (Type, bool) {
	elem := k.args[0].typ.elem()
	common, ok := wider(elem, k.args[1].typ, false)
	if !ok || !common.Equal(elem) || k.args[1].typ.Kind == Void || elem.Kind == Array {
		k.errorAt(1, "type-mismatch", "%s is looked for in an array of %s", withArticle(k.args[1].typ), elem).Hintf("cast it to the type of the elements")
		return Type{}, false
	}
	k.args[1] = castTerm(k.args[1], elem)
	return Type{Kind: Boolean}, true
}
