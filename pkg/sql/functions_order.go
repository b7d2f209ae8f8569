package sql

import "fmt"

// sorts reports an element that has no order.
func (k *call) sorts(elem Type) bool {
	if _, ok := orderable.convert(elem); !ok {
		k.errorAt(0, "wrong-argument-type", "%s has no order", withArticle(elem))
		return false
	}
	return true
}

func settleExtreme(k *call) (Type, bool) { return k.args[0].typ.elem(), k.sorts(k.args[0].typ.elem()) }

func renderListExtreme(name string) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string { return listExtreme(name, t.typ, r.term(t.args[0])) }
}

// listExtreme renders the smallest or largest element of a list that is not
// NULL.
func listExtreme(name string, elem Type, list string) string {
	if !elem.nested() {
		return fmt.Sprintf("list_%s(%s)", name, list)
	}
	x, place := element(elem.height()+1), "_s_i"
	if name == "max" { // of equal ones the first
		place = "-_s_i"
	}
	return with(fmt.Sprintf("list_filter(%s, lambda %s: %s IS NOT NULL)", list, x, x), x+"l", func(list string) string {
		ranked := eachElement(list, x+", _s_i", structText(rank(elem, x), place))
		return fmt.Sprintf("list_extract(%s, abs(%s))", list, field(fmt.Sprintf("list_%s(%s)", name, ranked), 1))
	})
}

func settleSort(k *call) (Type, bool) { return k.args[0].typ, k.sorts(k.args[0].typ.elem()) }

func renderSort(r *renderer, t *term) string {
	if len(t.args) == 2 {
		if t.args[1].value.typ.Kind == Void {
			return "NULL::" + t.typ.DuckDB()
		}
		if t.args[1].value.number == 0 {
			return sorted(t.typ.elem(), r.term(t.args[0]), "DESC", "LAST")
		}
	}
	return sorted(t.typ.elem(), r.term(t.args[0]), "ASC", "FIRST")
}

// sorted renders a sorted list.
func sorted(elem Type, list, direction, nulls string) string {
	if !elem.nested() {
		return fmt.Sprintf("list_sort(%s, '%s', 'NULLS %s')", list, direction, nulls)
	}
	there := " IS NULL" // in the order of truth values
	if (direction == "ASC") == (nulls == "FIRST") {
		there = " IS NOT NULL"
	}
	x := element(elem.height() + 1)
	ranked := eachElement(list, x, structText(x+there, rank(elem, x), x))
	return eachElement(fmt.Sprintf("list_sort(%s, '%s', 'NULLS %s')", ranked, direction, nulls), x, field(x, 2))
}

// bindComparator types the lambda of array_sort, which sees two elements.
func bindComparator(k *call, _ int) ([]Type, int) {
	elem := k.args[0].typ.elem()
	return []Type{elem, elem}, 2
}

func settleArraySort(k *call) (Type, bool) {
	if len(k.args) == 1 {
		return settleSort(k)
	}
	if body := k.args[1].typ; body.Kind != Int {
		k.errorAt(1, "wrong-argument-type", "the lambda gives %s, not an int", withArticle(body)).Hintf("write CASE WHEN … THEN -1 WHEN … THEN 1 ELSE 0 END")
		return Type{}, false
	}
	return k.args[0].typ, true
}

func renderArraySort(r *renderer, t *term) string {
	list := r.term(t.args[0])
	if len(t.args) == 1 {
		return sorted(t.typ.elem(), list, "ASC", "LAST")
	}
	f := t.args[1]
	x, y := letter(f, 0), letter(f, 1)
	return with(list, x+"a", func(a string) string {
		row := eachElement(a, y, r.body(f, x, y))
		return fmt.Sprintf("s_asort(%s, %s)", a, eachElement("(CASE WHEN len("+a+") <= 1000 THEN "+a+" END)", x, row))
	})
}

// orderMacros sort by what a comparator says of each two elements: c[i][j] is
// negative where i comes before j, and g has before how many an element comes.
func orderMacros() []string {
	return []string{
		`s_ainsert(a, p, x) AS CASE WHEN p BETWEEN 1 AND len(a) + 1 THEN list_concat(list_append(list_slice(a, 1, p - 1), x), list_slice(a, p, len(a))) WHEN p BETWEEN 1 AND len(a) + 10000 THEN list_append(list_resize(a, CASE WHEN p > 0 THEN p - 1 ELSE 0 END), x) WHEN p BETWEEN -1 - len(a) AND -1 THEN list_concat(list_append(list_slice(a, 1, len(a) + p + 1), x), list_slice(a, len(a) + p + 2, len(a))) WHEN p BETWEEN -10000 - len(a) AND -1 THEN list_concat(list_append(list_slice(a, 1, 0), x), list_concat(list_resize(list_slice(a, 1, 0), CASE WHEN -p > len(a) THEN -p - len(a) - 1 ELSE 0 END), a)) END`,
		`s_before(c) AS list_transform(c, lambda _s_r: len(list_filter(_s_r, lambda _s_v: _s_v < 0)))`,
		`s_consistent(c, g) AS list_bool_and(flatten(list_transform(list_zip(c, g), lambda _s_p: list_transform(list_zip(struct_extract(_s_p, 1), g), lambda _s_q: struct_extract(_s_q, 1) IS NOT NULL AND (struct_extract(_s_q, 1) < 0) = (struct_extract(_s_p, 2) > struct_extract(_s_q, 2)) AND (len(g) < 32 OR (struct_extract(_s_q, 1) > 0) = (struct_extract(_s_p, 2) < struct_extract(_s_q, 2)))))))`,
		`s_places(g) AS list_transform(list_sort(list_transform(g, lambda _s_n, _s_i: {'f0': -_s_n, 'f1': _s_i})), lambda _s_x: struct_extract(_s_x, 'f1'))`,
		`s_asort(a, c) AS CASE WHEN len(a) = 0 THEN a ELSE list_extract(list_transform([c], lambda _s_c: list_extract(list_transform([s_before(_s_c)], lambda _s_g: CASE WHEN s_consistent(_s_c, _s_g) THEN list_select(a, s_places(_s_g)) END), 1)), 1) END`,
	}
}
