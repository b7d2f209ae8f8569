package sql

import "fmt"

// vectorFunctions compute with vectors: arrays of floats. A vector that holds
// NULL, or is as long as no other, gives NULL.
func vectorFunctions() []*function {
	float := Type{Kind: Float}
	a, b, v := takes("a", arrays), takes("b", arrays), takes("v", arrays)
	degree := takes("degree", anything).opt()
	return []*function{
		{Function: Function{Name: "vector_inner_product", Doc: "The sum of the products of the elements of two vectors. NULL where their lengths differ.", Example: "vector_inner_product(array(1.0F, 2.0F), array(3.0F, 4.0F))"},
			params: []param{a, b}, settle: settleVectors(float), sql: "s_dbl2float(s_vdot($1, $2))", copies: 10},
		{Function: Function{Name: "vector_l2_distance", Doc: "The Euclidean distance of two vectors. NULL where their lengths differ.", Example: "vector_l2_distance(array(1.0F, 2.0F), array(4.0F, 6.0F))"},
			params: []param{a, b}, settle: settleVectors(float), sql: "s_dbl2float(s_vdistance($1, $2))", copies: 10},
		{Function: Function{Name: "vector_cosine_similarity", Doc: "The cosine of the angle between two vectors. NULL where their lengths differ, and for a vector of zeros.", Example: "vector_cosine_similarity(array(1.0F, 2.0F), array(2.0F, 1.0F))"},
			params: []param{a, b}, settle: settleVectors(float), sql: "s_dbl2float(s_vcosine($1, $2))", copies: 40},
		{Function: Function{Name: "vector_norm", Doc: "The norm of a vector, of degree 2.0 unless said otherwise, 1.0 or float('inf'). NULL for another one.", Example: "vector_norm(array(3.0F, 4.0F), 2.0F)"},
			params: []param{v, degree}, settle: settleNorm(float), sql: "s_dbl2float(s_vnorm($1, $2))", copies: 40},
		{Function: Function{Name: "vector_normalize", Doc: "The vector divided by its norm, of degree 2.0 unless said otherwise. NULL where that is 0.", Example: "vector_normalize(array(3.0F, 4.0F), 2.0F)"},
			params: []param{v, degree}, settle: settleNorm(arrayOf(float)), sql: "s_vnormalize($1, $2)", copies: 12},
		{Function: Function{Name: "vector_sum", Class: Aggregate, Doc: "The sums of the elements at each place of the vectors that hold no NULL, as floats in the order of the rows. NULL where their lengths differ.", Example: "vector_sum(array(1.0F, 2.0F))"},
			params: []param{v}, settle: settleVectors(arrayOf(float)), render: renderVectors("s_vsums"), copies: 5, whole: true, sparkOrdered: sparkVectors(false)},
		{Function: Function{Name: "vector_avg", Class: Aggregate, Doc: "The means of the elements at each place of the vectors that hold no NULL, as floats in the order of the rows. NULL where their lengths differ.", Example: "vector_avg(array(1.0F, 2.0F))"},
			params: []param{v}, settle: settleVectors(arrayOf(float)), render: renderVectors("s_vmeans"), copies: 5, whole: true, sparkOrdered: sparkVectors(true)},
	}
}

// settleVectors wants arrays of floats and nothing else, as Spark does.
func settleVectors(result Type) func(k *call) (Type, bool) {
	return func(k *call) (Type, bool) {
		vector := arrayOf(Type{Kind: Float})
		for i, a := range k.args {
			if a.typ.Kind == Array && !a.typ.Equal(vector) {
				k.errorAt(i, "wrong-argument-type", "argument %d of %s is %s, not an array<float>", i+1, k.node.text, withArticle(a.typ)).
					Hintf("write cast(… as array<float>), and numbers as 1.5F")
				return Type{}, false
			}
		}
		return result, true
	}
}

// settleNorm writes out the degree that is the rule.
func settleNorm(result Type) func(k *call) (Type, bool) {
	return func(k *call) (Type, bool) {
		if len(k.args) == 1 {
			k.args = append(k.args, constantTerm(constant{typ: Type{Kind: Float}, float: 2}, k.node.at()))
		}
		if t := k.args[1].typ; t.Kind != Float {
			k.errorAt(1, "wrong-argument-type", "the degree is %s, not a float", withArticle(t)).Hintf("write 1.0F, 2.0F or float('inf')")
			return Type{}, false
		}
		return settleVectors(result)(k)
	}
}

func renderVectors(fold string) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		v := r.term(t.args[0])
		return fmt.Sprintf("%s(list(%s%s)%s)", fold, v, r.order(t), r.filter(t, fmt.Sprintf("list_count(%s) = len(%s)", v, v)))
	}
}

// vectorMacros add up as Spark does, eight elements at a time, in doubles.
func vectorMacros() []string {
	return []string{
		`s_vsum(v) AS list_extract(list_transform([v], lambda _s_l: CASE WHEN list_count(_s_l) < len(_s_l) THEN NULL WHEN len(_s_l) = 0 THEN 0e0 ELSE list_sum(list_concat(list_transform(range(len(_s_l) // 8), lambda _s_i: list_sum(list_slice(_s_l, 8 * _s_i + 1, 8 * _s_i + 8))), list_slice(_s_l, len(_s_l) // 8 * 8 + 1, len(_s_l)))) END), 1)`,
		`s_vproducts(a, b) AS CASE WHEN len(a) = len(b) THEN list_transform(list_zip(a, b), lambda _s_x: struct_extract(_s_x, 1)::DOUBLE * struct_extract(_s_x, 2)::DOUBLE) END`,
		`s_vsquares(a, b) AS CASE WHEN len(a) = len(b) THEN list_transform(list_zip(a, b), lambda _s_x: (struct_extract(_s_x, 1)::DOUBLE - struct_extract(_s_x, 2)::DOUBLE) * (struct_extract(_s_x, 1)::DOUBLE - struct_extract(_s_x, 2)::DOUBLE)) END`,
		`s_vdot(a, b) AS s_vsum(s_vproducts(a, b))`,
		`s_vdistance(a, b) AS sqrt(s_vsum(s_vsquares(a, b)))`,
		`s_vcosine(a, b) AS CASE WHEN len(a) > 0 THEN s_vdot(a, b) / nullif(sqrt(s_vdot(a, a) * s_vdot(b, b)), 0) END`,
		`s_vnorm(v, p) AS CASE WHEN p = 2 THEN sqrt(s_vdot(v, v)) WHEN p = 1 THEN s_vsum(list_transform(v, lambda _s_x: abs(_s_x::DOUBLE))) WHEN p = 'inf'::FLOAT AND list_count(v) = len(v) THEN coalesce(list_max(list_transform(v, lambda _s_x: abs(_s_x::DOUBLE))), 0e0) END`,
		`s_vnormalize(v, p) AS list_extract(list_transform([s_vnorm(v, p)], lambda _s_n: CASE WHEN len(v) = 0 AND _s_n IS NOT NULL THEN v WHEN _s_n <> 0 THEN list_transform(v, lambda _s_x: s_dbl2float(_s_x::DOUBLE / _s_n)) END), 1)`,
		`s_valike(l) AS CASE WHEN list_min(list_transform(l, lambda _s_v: len(_s_v))) = list_max(list_transform(l, lambda _s_v: len(_s_v))) THEN l END`,
		`s_vsums(l) AS list_reduce(s_valike(l), lambda _s_a, _s_v: list_transform(list_zip(_s_a, _s_v), lambda _s_x: (struct_extract(_s_x, 1) + struct_extract(_s_x, 2))::FLOAT))`,
		`s_vmeans(l) AS list_reduce(s_valike(l), lambda _s_a, _s_v, _s_n: list_transform(list_zip(_s_a, _s_v), lambda _s_x: (struct_extract(_s_x, 1) + ((struct_extract(_s_x, 2) - struct_extract(_s_x, 1))::FLOAT * (1::FLOAT / _s_n::FLOAT)::FLOAT)::FLOAT)::FLOAT))`,
	}
}
