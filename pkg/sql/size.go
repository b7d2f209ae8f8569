package sql

// outermost returns the origin that encloses the other; 0 is none.
func outermost(a, b int) int {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// size finds how much larger than its arguments the result of a call can be.
// It refuses what no limit holds for.
func (k *call) size(t *term) bool {
	if k.fn.short || k.cut() {
		t.origin = 0
	}
	t.count = k.elements()
	if k.fn.binds == nil {
		t.growth *= k.growth()
	} else if !k.sizeOfLambda(t) {
		return false
	}
	if t.growth > MaxCount {
		k.errorf(k.node, "too-large", "text may grow more than %d times", MaxCount)
		return false
	}
	return true
}

// cut reports whether the result is a part of a text of constant length.
func (k *call) cut() bool {
	n := 0
	switch k.fn.Name {
	case "left", "right":
		n = 1
	case "substring":
		n = 2
	}
	if n == 0 || len(k.args) <= n {
		return false
	}
	length, ok := k.args[n].integer()
	return ok && length <= MaxCount
}

// growth returns how many times longer the call can make a text.
func (k *call) growth() int {
	switch k.fn.Name {
	case "repeat":
		if n, ok := k.args[1].integer(); ok {
			return max(int(n), 1)
		}
	case "replace", "regexp_replace":
		if len(k.args) == 3 {
			s, _ := k.args[2].text()
			return max(len(s), 1)
		}
	case "array_join":
		s, _ := k.args[1].text()
		null := ""
		if len(k.args) == 3 {
			null, _ = k.args[2].text()
		}
		return max(len(s)+len(null), 1)
	case "quote":
		return 2
	case "make_valid_utf8": // three bytes for one
		return 3
	case "format_string": // which may name a text several times
		return max(len(k.args), 1)
	case "array_repeat":
		return max(k.elements(), 1)
	}
	return 1
}

// elements returns how many elements the resulting array has at most; 0 means
// that no constant says so.
func (k *call) elements() int {
	switch k.fn.Name {
	case "array":
		return len(k.args)
	case "sequence":
		return sequenceLength(k.args)
	case "array_repeat":
		if n, ok := k.args[1].integer(); ok {
			return int(min(max(n, 1), MaxCount))
		}
		return MaxCount
	case "map":
		return len(k.args) / 2
	case "transform", "filter", "array_sort", "sort_array", "array_distinct", "slice", "map_filter", "transform_keys", "transform_values",
		"map_keys", "map_values", "map_entries", "map_from_arrays", "map_from_entries":
		return k.args[0].count
	case "zip_with", "arrays_zip":
		return k.together(func(a, b int) int { return max(a, b) })
	case "map_zip_with", "map_concat":
		return k.together(func(a, b int) int { return a + b })
	}
	return 0
}

// together combines the numbers of elements of the arrays and maps among the
// arguments; 0 where one is not known.
func (k *call) together(combine func(a, b int) int) int {
	n := 0
	for _, a := range k.args {
		if a.lambda != nil {
			continue
		}
		if a.count == 0 {
			return 0
		}
		n = min(combine(n, a.count), MaxCount)
	}
	return n
}

// sequenceLength returns the length of a sequence of constants, else the
// largest of any.
func sequenceLength(args []*term) int {
	start, ok1 := args[0].integer()
	stop, ok2 := args[1].integer()
	if !ok1 || !ok2 || stop-start >= MaxCount || start-stop >= MaxCount {
		return MaxCount
	}
	return int(max(stop-start, start-stop)) + 1
}

// sizeOfLambda multiplies what each element of the result may hold of the
// columns and variables around by the number of elements.
func (k *call) sizeOfLambda(t *term) bool {
	switch k.fn.Name {
	case "filter", "map_filter", "array_sort":
		return true
	}
	if !t.typ.sized() {
		return true
	}
	elements := k.elements()
	for _, a := range k.args {
		if a.lambda == nil {
			continue
		}
		switch captures := a.origin > 0 && a.origin <= k.lambdaDepth+1; {
		case !captures:
			t.growth = max(t.growth, k.args[0].growth*a.growth)
		case elements == 0:
			k.report(a.at, "too-large", "each element of the result may hold a whole text or array").
				Hintf("cut what it takes: substring(s, i, 16)")
			return false
		default:
			t.growth = max(t.growth, elements*a.growth)
		}
	}
	return true
}
