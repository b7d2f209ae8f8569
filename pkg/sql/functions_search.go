package sql

// searchFunctions look for texts in texts, without patterns.
func searchFunctions() []*function {
	str, integer, boolean := Type{Kind: String}, Type{Kind: Int}, Type{Kind: Boolean}
	s, part := takes("s", texts), takes("part", texts)
	x := []param{takes("s", raws), takes("part", raws)}
	return []*function{
		{Function: Function{Name: "contains", Doc: "Whether a text holds another, or bytes others.", Example: "contains('Spark SQL', 'Spark')"},
			params: x, result: boolean, settle: settleAlike(0, 1), render: renderAlike("contains($1, $2)", "(n_find($1, $2) > 0)"), levels: 3},
		{Function: Function{Name: "startswith", Doc: "Whether a text begins with another, or bytes with others.", Example: "startswith('Spark SQL', 'Spark')"},
			params: x, result: boolean, settle: settleAlike(0, 1), render: renderAlike("starts_with($1, $2)", "(n_find($1, $2) = 1)"), levels: 3},
		{Function: Function{Name: "endswith", Doc: "Whether a text ends with another, or bytes with others.", Example: "endswith('Spark SQL', 'SQL')"},
			params: x, result: boolean, settle: settleAlike(0, 1), render: renderAlike("ends_with($1, $2)", "(n_find(n_reverse($1), n_reverse($2)) = 1)"), levels: 4},
		{Function: Function{Name: "instr", Epoch: 2, Doc: "The position of the first occurrence, from 1; 0 if there is none. From a position on, backwards from the end if it is negative, the n-th; NULL for an n below 1.", Example: "instr('abcabc', 'b', -1, 1)"},
			params: []param{s, part, takes("from", smalls).opt(), takes("n", smalls).opt()}, result: integer, sql: "s_instr($1, $2);;n_instr($1, $2, $3, 1::INTEGER);;n_instr($1, $2, $3, $4)", copies: 2},
		{Function: Function{Name: "locate", Aliases: []string{"position"}, Epoch: 2, Doc: "The position of the first occurrence at or after a position, from 1; 0 if there is none, or for the position NULL.", Example: "locate('bar', 'foobarbar', 5)"},
			params: []param{part, s, takes("from", smalls).opt()}, result: integer,
			sql: "s_locate($1, $2, 1::BIGINT);;s_locate($1, $2, $3::BIGINT)", copies: 5},
		{Function: Function{Name: "split_part", Doc: "The n-th part between separators, from 1, or from the end for a negative constant n; '' if there is none.", Example: "split_part('11.12.13', '.', 3)"},
			params: []param{s, takes("separator", texts), takes("n", smalls).fixed()}, settle: settleSplitPart, sql: "s_split_part($1, $2, $3)", copies: 4},
		{Function: Function{Name: "substring_index", Doc: "What stands before the n-th separator, or after it counted from the end for a negative n; both constant.", Example: "substring_index('www.apache.org', '.', 2)"},
			params: []param{s, takes("separator", texts).fixed(), takes("n", smalls).fixed()}, settle: settleSubstringIndex, render: renderSubstringIndex, copies: 4},
		{Function: Function{Name: "find_in_set", Doc: "The position of a text in a list separated by commas, from 1; 0 if there is none.", Example: "find_in_set('ab','abc,b,ab,c,def')"},
			params: []param{takes("s", texts), takes("list", texts)}, result: integer, sql: "s_find_in_set($1, $2)", copies: 3},
		{Function: Function{Name: "elt", Doc: "The n-th of the texts that follow; NULL out of range.", Example: "elt(1, 'scala', 'java')"},
			params: []param{takes("n", smalls), takes("a", texts)}, variadic: true, result: str, render: renderElt},
	}
}

func settleSplitPart(k *call) (Type, bool) {
	n, ok := k.args[2].integer()
	if !ok || n == 0 {
		k.errorAt(2, "bad-constant", "argument 3 of split_part is a constant number, not 0: 1 is the first part, -1 the last")
		return Type{}, false
	}
	return Type{Kind: String}, true
}

func settleSubstringIndex(k *call) (Type, bool) {
	_, ok := k.text(1)
	if n, isInt := k.args[2].integer(); ok && (!isInt || n > 1<<30 || n < -1<<30) {
		k.errorAt(2, "bad-constant", "argument 3 of substring_index is a constant number")
		ok = false
	}
	return Type{Kind: String}, ok
}

func renderSubstringIndex(r *renderer, t *term) string {
	separator, _ := t.args[1].text()
	n, _ := t.args[2].integer()
	switch {
	case n == 0 || separator == "":
		return r.expand("(CASE WHEN $1 IS NOT NULL THEN '' END)", t)
	case n > 0:
		return r.expand("array_to_string(list_slice(string_split($1, $2), 1, $3), $2)", t)
	}
	return r.expand("s_last_parts($1, $2, $3)", t)
}

func renderElt(r *renderer, t *term) string {
	text := "(CASE " + r.term(t.args[0])
	for i, a := range t.args[1:] {
		text += " WHEN " + intConstant(int64(i+1)).duckdb() + " THEN " + r.term(a)
	}
	return text + " END)"
}
