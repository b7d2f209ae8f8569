package sql

import "fmt"

// epoch2 is a function whose calls have changed their meaning once.
func epoch2(f Function) Function {
	f.Epoch = 2
	return f
}

// arrayFunctions make arrays and look into them.
func arrayFunctions() []*function {
	integer := Type{Kind: Int}
	array := takes("array", arrays)
	element := func(k *call) (Type, bool) { return k.args[0].typ.elem(), true }
	about := func(name, doc, example string, aliases ...string) Function {
		return Function{Name: name, Aliases: aliases, Doc: doc, Example: example}
	}
	return []*function{
		{Function: about("array", "An array of the arguments, in their common type.", "array(1, 2, 3)"),
			params: []param{takes("a", anything)}, variadic: true, settle: settleArray, sql: "[$*]::$T"},
		{Function: about("sequence", "The whole numbers from start to stop, in steps of 1 or -1 unless said otherwise; or dates or times, by days or by an interval. NULL for a step in the other direction, or more than 10,000 of them.", "sequence(1, 5)"),
			params: []param{takes("start", anything), takes("stop", anything), takes("step", anything).opt()}, settle: settleSequence, render: renderSequence, copies: 24},
		{Function: about("array_repeat", "An array of n times x. NULL for more than 10,000.", "array_repeat('123', 2)"),
			params: []param{takes("x", anything), takes("n", smalls).only()}, settle: settleCollect, sql: "s_arepeat($1, $2)", copies: 2},
		{Function: about("size", "The number of elements of an array or a map; -1 for NULL.", "size(array('b', 'd'))", "cardinality"),
			params: []param{takes("x", collections)}, result: integer, sql: "coalesce(len($1)::INTEGER, -1)"},
		{Function: about("array_size", "The number of elements; NULL for NULL.", "array_size(array('b', 'd'))"),
			params: []param{array}, result: integer, sql: "len($1)::INTEGER"},
		{Function: about("get", "The element at an index from 0: array[i]. NULL out of range.", "get(array(1, 2, 3), 0)"),
			params: []param{array, takes("i", smalls)}, settle: element, sql: "s_get($1, $2::BIGINT)", copies: 2},
		{Function: about("element_at", "The element at a position from 1, or from the end for a negative one; of a map, the value for a key: map[key]. NULL where there is none.", "element_at(array(1, 2, 3), 2)", "try_element_at"),
			params: []param{takes("x", collections), takes("i", anything)}, settle: settleElementAt, render: renderElementAt, copies: 2},
		{Function: about("slice", "n elements from a position on, from 1, or from the end for a negative one. NULL for position 0 and negative n.", "slice(array(1, 2, 3, 4), 2, 2)"),
			params: []param{array, takes("start", smalls), takes("n", smalls)}, settle: sameType, sql: "s_slice($1, $2::BIGINT, $3::BIGINT)", copies: 8},
		{Function: about("array_contains", "Whether an array holds a value; NULL if not and it holds NULL.", "array_contains(array(1, 2, 3), 2)"),
			params: []param{array, takes("x", anything)}, settle: settleElement(Type{Kind: Boolean}), sql: "s_acontains($1, $2)", copies: 4},
		{Function: about("array_position", "The position of the first element that equals a value, from 1; 0 if there is none.", "array_position(array(773, 708, 708), 708)"),
			params: []param{array, takes("x", anything)}, settle: settleElement(Type{Kind: BigInt}), sql: "s_aposition($1, $2)", copies: 2},
		{Function: epoch2(about("array_max", "The largest element that is not NULL.", "array_max(array(1, 20, NULL, 3))")),
			params: []param{array}, settle: settleExtreme, render: renderListExtreme("max")},
		{Function: epoch2(about("array_min", "The smallest element that is not NULL.", "array_min(array(1, 20, NULL, 3))")),
			params: []param{array}, settle: settleExtreme, render: renderListExtreme("min")},
		{Function: about("array_join", "The elements joined by a constant separator; NULLs left out, or replaced by a constant.", "array_join(array('hello', NULL, 'world'), ' ', ',')"),
			params: []param{array, takes("separator", texts).fixed(), takes("null", texts).opt().fixed()}, settle: settleJoin, render: renderJoin, copies: 3},
	}
}

// elementFunctions make arrays of the elements of others.
func elementFunctions() []*function {
	array, other := takes("array", arrays), takes("other", arrays)
	x := takes("x", anything)
	about := func(name, doc, example string, aliases ...string) Function {
		return Function{Name: name, Aliases: aliases, Doc: doc, Example: example}
	}
	return []*function{
		{Function: epoch2(about("array_distinct", "The array without repetitions, in the order of first appearance.", "array_distinct(array(1, 2, 3, NULL, 3))")),
			params: []param{array}, settle: sameType, render: zeros("s_adistinct($1)"), copies: 4},
		{Function: epoch2(about("array_union", "The elements of both arrays without repetitions, in the order of first appearance.", "array_union(array(1, 2, 3), array(1, 3, 5))")),
			params: []param{array, other}, settle: settleArrays, render: zeros("s_adistinct(s_aconcat($1, $2))"), copies: 4},
		{Function: epoch2(about("array_intersect", "The elements that stand in both arrays, without repetitions, in the order of the first.", "array_intersect(array(1, 2, 3), array(1, 3, 5))")),
			params: []param{array, other}, settle: settleArrays, render: zeros("s_aintersect($1, $2)"), copies: 4},
		{Function: epoch2(about("array_except", "The elements that do not stand in the other array, without repetitions.", "array_except(array(1, 2, 3), array(1, 3, 5))")),
			params: []param{array, other}, settle: settleArrays, render: zeros("s_aexcept($1, $2)"), copies: 4},
		{Function: about("arrays_overlap", "Whether the arrays have an element that is not NULL in common; NULL if not and one of them holds NULL.", "arrays_overlap(array(1, 2, 3), array(3, 4, 5))"),
			params: []param{array, other}, settle: func(k *call) (Type, bool) {
				_, ok := settleArrays(k)
				return Type{Kind: Boolean}, ok
			}, sql: "s_aoverlap($1, $2)", copies: 5},
		{Function: about("array_remove", "The array without the elements that equal a value.", "array_remove(array(1, 2, 3, NULL, 3), 3)"),
			params: []param{array, x}, settle: settleElement(Type{}), sql: "s_aremove($1, $2)", copies: 3},
		{Function: about("array_compact", "The array without NULLs.", "array_compact(array(1, 2, 3, NULL))"),
			params: []param{array}, settle: sameType, sql: "list_filter($1, lambda _s_x: _s_x IS NOT NULL)"},
		{Function: about("array_append", "The array with a value after its end.", "array_append(array('b', 'd'), 'c')"),
			params: []param{array, x}, settle: settleAdded, sql: "s_aconcat($1, [$2])", copies: 2},
		{Function: about("array_prepend", "The array with a value before its beginning.", "array_prepend(array('b', 'd'), 'c')"),
			params: []param{array, x}, settle: settleAdded, sql: "s_aconcat([$2], $1)", copies: 2},
		{Function: about("array_insert", "The array with a value at a position from 1, or from the end for a negative one; a gap is filled with NULL. NULL for position 0, and where more than 10,000 would be missing.", "array_insert(array(1, 2, 3, 4), 5, 5)"),
			params: []param{array, takes("pos", smalls), x}, settle: settleInsert, sql: "s_ainsert($1, $2::BIGINT, $3)", copies: 16},
		{Function: about("arrays_zip", "An array of structs of the elements at the same place of the arrays; the shorter ones go on with NULL. The fields are called as the columns are, or 0, 1 and so on.", "arrays_zip(array(1, 2, 3), array(2, 3, 4))"),
			params: []param{array}, variadic: true, settle: settleZip, render: renderZip, copies: 2},
		{Function: about("flatten", "The elements of the arrays in an array, one after the other; NULL if it holds NULL.", "flatten(array(array(1, 2), array(3, 4)))"),
			params: []param{array}, settle: settleFlatten, sql: "s_flatten($1)", copies: 3},
		{Function: about("array_sort", "The array in ascending order, NULLs last. NaN is larger than any number. Or in the order that f says: of two elements, whether the first comes before (negative), after (positive) or beside the other (0); NULL where f is NULL or contradicts itself, and for more than 1,000 elements.", "array_sort(array(5, 6, 1))"),
			params: []param{array, takes("f", lambdas).opt()}, settle: settleArraySort, binds: bindComparator, render: renderArraySort, copies: 6},
		{Function: about("sort_array", "The array in ascending order with NULLs first, or, with false, in descending order with NULLs last.", "sort_array(array('b', 'd', NULL, 'c', 'a'), true)"),
			params: []param{array, takes("ascending", booleans).opt().fixed()}, settle: settleSort, render: renderSort},
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
	value := func(k *call) Type { return k.args[0].typ.elem() }
	if k.args[0].typ.Kind == Map {
		return settleKey(value)(k)
	}
	integer := k.args[1]
	if typ, ok := smalls.convert(integer.typ); ok {
		k.args[1] = castTerm(integer, typ)
	} else {
		k.errorAt(1, "wrong-argument-type", "argument 2 of %s is %s, not %s", k.node.text, withArticle(integer.typ), smalls)
		return Type{}, false
	}
	if n, ok := integer.integer(); ok && n == 0 {
		k.errorAt(1, "bad-constant", "the position is not 0: 1 is the first element, -1 the last")
		return Type{}, false
	}
	return value(k), true
}

func renderElementAt(r *renderer, t *term) string {
	if t.args[0].typ.Kind == Map {
		return r.expand("s_mget($1, $2)", t)
	}
	return r.expand("list_extract($1, $2)", t)
}

// settleElement types a function that compares a value with the elements of an
// array; without a result, it is the array's.
func settleElement(result Type) func(k *call) (Type, bool) {
	return func(k *call) (Type, bool) {
		if _, ok := k.added(false); !ok || !k.sorts(k.args[0].typ.elem()) {
			return Type{}, false
		}
		if result.Kind == Void {
			return k.args[0].typ, true
		}
		return result, true
	}
}

// settleAdded types an array with another element, which may be NULL.
func settleAdded(k *call) (Type, bool) { return k.added(true) }

// added converts the last argument to the type of the first one's elements.
func (k *call) added(adds bool) (Type, bool) {
	last := len(k.args) - 1
	elem, x := k.args[0].typ.elem(), k.args[last]
	common, ok := wider(elem, x.typ, false)
	if !ok || !common.Equal(elem) || x.typ.Kind == Void && !adds {
		k.errorAt(last, "type-mismatch", "%s goes with an array of %s", withArticle(x.typ), elem).Hintf("cast it to the type of the elements")
		return Type{}, false
	}
	k.args[last] = castTerm(x, elem)
	return k.args[0].typ, true
}

// zeros renders arrays that hold no -0.0, but 0.0.
func zeros(form string) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		list := r.expand(form, t)
		if t.typ.elem().floating() {
			return eachElement(list, "_s_z", "_s_z + 0")
		}
		return list
	}
}

// settleArrays gives two arrays one type.
func settleArrays(k *call) (Type, bool) {
	typ, ok := k.widen(0, false)
	return typ, ok && k.sorts(typ.elem())
}

// settleSequence gives whole numbers of the widest type of the arguments.
func settleSequence(k *call) (Type, bool) {
	if k.args[0].typ.timed() {
		return k.sequenceOfTimes()
	}
	for i, a := range k.args {
		if !a.typ.integral() {
			k.errorAt(i, "wrong-argument-type", "argument %d of sequence is %s, not an integer", i+1, withArticle(a.typ))
			return Type{}, false
		}
	}
	if len(k.args) == 3 {
		if n, ok := k.args[2].integer(); ok && n == 0 {
			k.errorAt(2, "bad-constant", "the step is not 0")
			return Type{}, false
		}
	}
	typ, ok := k.widen(0, false)
	return arrayOf(typ), ok
}

func renderSequence(r *renderer, t *term) string {
	if t.typ.elem().timed() {
		return renderSequenceOfTimes(r, t)
	}
	start, stop := r.term(t.args[0])+"::BIGINT", r.term(t.args[1])+"::BIGINT"
	step := fmt.Sprintf("(CASE WHEN %s <= %s THEN 1 ELSE -1 END)::BIGINT", start, stop)
	if len(t.args) == 3 {
		step = r.term(t.args[2]) + "::BIGINT"
	}
	return fmt.Sprintf("s_sequence(%s, %s, %s)::%s", start, stop, step, t.typ.DuckDB())
}

func settleJoin(k *call) (Type, bool) {
	str := Type{Kind: String}
	elem := k.args[0].typ.elem()
	if _, ok := texts.convert(elem); !ok {
		k.errorAt(0, "wrong-argument-type", "argument 1 of array_join is %s, not an array of strings", withArticle(k.args[0].typ))
		return Type{}, false
	}
	k.args[0] = castTerm(k.args[0], arrayOf(str))
	return str, true
}

func renderJoin(r *renderer, t *term) string {
	if t.args[1].value.typ.Kind == Void || len(t.args) == 3 && t.args[2].value.typ.Kind == Void {
		return "NULL::VARCHAR"
	}
	if len(t.args) == 3 {
		return r.expand("s_ajoin(list_transform($1, lambda _s_x: coalesce(_s_x, $3)), $2)", t)
	}
	return r.expand("s_ajoin($1, $2)", t)
}

func settleFlatten(k *call) (Type, bool) {
	inner := k.args[0].typ.elem()
	if inner.Kind != Array {
		k.errorAt(0, "wrong-argument-type", "argument 1 of flatten is %s, not an array of arrays", withArticle(k.args[0].typ))
		return Type{}, false
	}
	return inner, true
}
