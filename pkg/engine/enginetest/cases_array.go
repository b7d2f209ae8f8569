package enginetest

import "github.com/mlpdev/mlp/pkg/sql"

// pairs are two texts and two numbers, from which cases make arrays.
func pairs() Table {
	return Table{
		column("s", sql.String, "b,a,b", "", nil, "x"),
		column("t", sql.String, "a,c", "", "x", nil),
		column("i", sql.Int, 2, 0, nil, -3),
		column("n", sql.Int, 3, 1, 2, nil),
	}
}

func lambdaCases() []Case {
	return answers("lambdas", pairs(),
		[]string{"transform(split(s, ','), (x, k) -> concat(x, k))", `["b0","a1","b2"]`, `["0"]`, "NULL", `["x0"]`},
		[]string{"transform(split(s, ','), x -> length(x) + i)", "[3,3,3]", "[0]", "NULL", "[-2]"},
		[]string{"transform(array(1, NULL, 3), x -> x * i)", "[2,null,6]", "[0,null,0]", "[null,null,null]", "[-3,null,-9]"},
		[]string{"transform(split(s, ','), s -> upper(s))", `["B","A","B"]`, `[""]`, "NULL", `["X"]`},
		[]string{"transform(array(1, 2), i -> aggregate(array(i, 10), 0, (acc, x) -> acc + x * i))", "[11,24]", "[11,24]", "[11,24]", "[11,24]"},
		[]string{"transform(array(1, 2), x -> transform(array(x, 5), (y, k) -> x + y + k + n))", "[[5,10],[7,11]]", "[[3,8],[5,9]]", "[[4,9],[6,10]]", "[[null,null],[null,null]]"},
		[]string{"filter(split(s, ','), x -> x <> 'a')", `["b","b"]`, `[""]`, "NULL", `["x"]`},
		[]string{"filter(split(s, ','), (x, k) -> k < i)", `["b","a"]`, "[]", "NULL", "[]"},
		[]string{"filter(array(1, NULL, 3), x -> x > i)", "[3]", "[1,3]", "[]", "[1,3]"},
		[]string{"exists(array(1, NULL, 3), x -> x > i)", "true", "true", "NULL", "true"},
		[]string{"exists(array(1, 3), x -> x = i)", "false", "false", "NULL", "false"},
		[]string{"exists(array(1, NULL), x -> x = i)", "NULL", "NULL", "NULL", "NULL"},
		[]string{"exists(split(s, ','), x -> x = 'a')", "true", "false", "NULL", "false"},
		[]string{"forall(array(1, NULL, 3), x -> x > i)", "false", "NULL", "NULL", "NULL"},
		[]string{"forall(split(s, ','), x -> length(x) = 1)", "true", "false", "NULL", "true"},
		[]string{"forall(filter(split(s, ','), x -> false), x -> x = 'q')", "true", "true", "NULL", "true"},
		[]string{"aggregate(array(1, 2, 3), i, (acc, x) -> acc + x)", "8", "6", "NULL", "3"},
		[]string{"aggregate(array(1, NULL, 3), i, (acc, x) -> acc + coalesce(x, 10))", "16", "14", "NULL", "11"},
		[]string{"aggregate(array(1, NULL), 0, (acc, x) -> acc + x)", "NULL", "NULL", "NULL", "NULL"},
		[]string{"aggregate(array(1, 2), i, (acc, x) -> acc * 10 + x)", "212", "12", "NULL", "-288"},
		[]string{"aggregate(split(s, ','), 0, (acc, x) -> acc + length(x), acc -> acc * 100 + i)", "302", "0", "NULL", "97"},
		[]string{"aggregate(split(s, ','), 0D, (acc, x) -> length(x) + acc)", "3.0", "0.0", "NULL", "1.0"},
		[]string{"aggregate(array(2147483647, 1), 0, (acc, x) -> acc + x)", "-2147483648", "-2147483648", "-2147483648", "-2147483648"},
		[]string{"aggregate(array(0.1D, 0.2D, 0.3D), i / 4, (acc, x) -> acc + x)", "1.1", "0.6000000000000001", "NULL", "-0.15000000000000002"},
		[]string{"aggregate(split(s, ','), true, (acc, x) -> acc and x <> 'a')", "false", "true", "NULL", "true"},
		[]string{"aggregate(filter(array(1), x -> false), i, (acc, x) -> x - acc)", "2", "0", "NULL", "-3"},
		[]string{"zip_with(split(s, ','), split(t, ','), (x, y) -> concat(x, '-', y))", `["b-a","a-c",null]`, `["-"]`, "NULL", "NULL"},
		[]string{"zip_with(array(1, 2), array(i), (x, y) -> x + coalesce(y, 100))", "[3,102]", "[1,102]", "[101,102]", "[-2,102]"},
		[]string{"transform(sequence(0, 3), b -> size(filter(array(i, n, 2), x -> x = b)))", "[0,0,2,1]", "[1,1,1,0]", "[0,0,2,0]", "[0,0,1,0]"},
		[]string{"transform(sequence(1, length(t) - 1, 1), k -> substring(t, k, 2))", `["a,",",c"]`, "NULL", "NULL", "NULL"},
	)
}

func sequenceCases() []Case {
	return answers("sequences", pairs(),
		[]string{"sequence(1, n)", "[1,2,3]", "[1]", "[1,2]", "NULL"},
		[]string{"sequence(i, n)", "[2,3]", "[0,1]", "NULL", "NULL"},
		[]string{"sequence(n, i)", "[3,2]", "[1,0]", "NULL", "NULL"},
		[]string{"sequence(1, n, i)", "[1,3]", "[1]", "NULL", "NULL"},
		[]string{"sequence(1, n, -1)", "NULL", "[1]", "NULL", "NULL"},
		[]string{"sequence(5, n, -2)", "[5,3]", "[5,3,1]", "[5,3]", "NULL"},
		[]string{"sequence(9223372036854775807 - n, 9223372036854775807)", "[9223372036854775804,9223372036854775805,9223372036854775806,9223372036854775807]",
			"[9223372036854775806,9223372036854775807]", "[9223372036854775805,9223372036854775806,9223372036854775807]", "NULL"},
		[]string{"size(sequence(1, 9998 + i))", "10000", "9998", "-1", "9995"},
		[]string{"sequence(1, 100000 + i)", "NULL", "NULL", "NULL", "NULL"},
		[]string{"array_repeat(s, i)", `["b,a,b","b,a,b"]`, "[]", "NULL", "[]"},
		[]string{"array_repeat(i, 2)", "[2,2]", "[0,0]", "[null,null]", "[-3,-3]"},
		[]string{"size(array_repeat(1, 100000 + i))", "-1", "-1", "-1", "-1"},
		[]string{"cast(array(i, 1) as array<double>)", "[2.0,1.0]", "[0.0,1.0]", "[null,1.0]", "[-3.0,1.0]"},
		[]string{"cast(split(concat(i, ',x,7.5'), ',') as array<int>)", "[2,null,7]", "[0,null,7]", "NULL", "[-3,null,7]"},
		[]string{"cast(array(array(i / 2), NULL) as array<array<string>>)", `[["1.0"],null]`, `[["0.0"],null]`, "[[null],null]", `[["-1.5"],null]`},
	)
}

func setCases() []Case {
	return append(answers("arrays as sets", pairs(),
		[]string{"array_distinct(array(i, NULL, i, NULL))", "[2,null]", "[0,null]", "[null]", "[-3,null]"},
		[]string{"array_union(split(s, ','), split(t, ','))", `["b","a","c"]`, `[""]`, "NULL", "NULL"},
		[]string{"array_union(array(i, 2), array(NULL, 2, 5))", "[2,null,5]", "[0,2,null,5]", "[null,2,5]", "[-3,2,null,5]"},
		[]string{"array_intersect(array(i, NULL, 2), array(NULL, 2))", "[2,null]", "[null,2]", "[null,2]", "[null,2]"},
		[]string{"array_except(array(i, NULL, 2), array(2))", "[null]", "[0,null]", "[null]", "[-3,null]"},
		[]string{"arrays_overlap(array(i, NULL), array(2, 3))", "true", "NULL", "NULL", "NULL"},
		[]string{"arrays_overlap(array(i), array(2, 3))", "true", "false", "NULL", "false"},
		[]string{"arrays_overlap(filter(array(i), x -> false), array(2, NULL))", "false", "false", "false", "false"},
		[]string{"array_remove(array(i, NULL, 2), 2)", "[null]", "[0,null]", "[null,null]", "[-3,null]"},
		[]string{"array_remove(array(1, 2), i)", "[1]", "[1,2]", "NULL", "[1,2]"},
		[]string{"array_compact(array(i, NULL, 5))", "[2,5]", "[0,5]", "[5]", "[-3,5]"},
		[]string{"array_position(split(s, ','), 'b')", "1", "0", "NULL", "0"},
		[]string{"array_position(array(1, NULL, 3), i)", "0", "0", "NULL", "0"},
	), answers("parts of arrays", pairs(),
		[]string{"element_at(split(s, ','), i)", "a", "NULL", "NULL", "NULL"},
		[]string{"element_at(split(s, ','), -1)", "b", "", "NULL", "x"},
		[]string{"slice(split(s, ','), 2, 5)", `["a","b"]`, "[]", "NULL", "[]"},
		[]string{"slice(split(s, ','), -2, 1)", `["a"]`, "[]", "NULL", "[]"},
		[]string{"slice(split(s, ','), -2, 9)", `["a","b"]`, "[]", "NULL", "[]"},
		[]string{"slice(split(s, ','), i, 1)", `["a"]`, "NULL", "NULL", "[]"},
		[]string{"slice(split(s, ','), 1, i)", `["b","a"]`, "[]", "NULL", "NULL"},
		[]string{"array_append(split(s, ','), t)", `["b","a","b","a,c"]`, `["",""]`, "NULL", `["x",null]`},
		[]string{"array_prepend(array(1), i)", "[2,1]", "[0,1]", "[null,1]", "[-3,1]"},
		[]string{"flatten(array(split(s, ','), split(t, ',')))", `["b","a","b","a","c"]`, `["",""]`, "NULL", "NULL"},
		[]string{"concat(split(s, ','), split(t, ','))", `["b","a","b","a","c"]`, `["",""]`, "NULL", "NULL"},
		[]string{"array_sort(array(i, NULL, 1))", "[1,2,null]", "[0,1,null]", "[1,null,null]", "[-3,1,null]"},
		[]string{"array_sort(array(double('NaN'), i, double('inf')))", "[2.0,Infinity,NaN]", "[0.0,Infinity,NaN]", "[Infinity,NaN,null]", "[-3.0,Infinity,NaN]"},
		[]string{"sort_array(array(i, NULL, 1))", "[null,1,2]", "[null,0,1]", "[null,null,1]", "[null,-3,1]"},
		[]string{"sort_array(array(i, NULL, 1), false)", "[2,1,null]", "[1,0,null]", "[1,null,null]", "[1,-3,null]"},
		[]string{"array_join(split(s, ','), '-')", "b-a-b", "", "NULL", "x"},
		[]string{"array_join(array(i, NULL, 1), '-')", "2-1", "0-1", "1", "-3-1"},
		[]string{"array_join(array(i, NULL, 1), '-', '?')", "2-?-1", "0-?-1", "?-?-1", "-3-?-1"},
		[]string{"array_join(array(cast(NULL as string), t), ',')", "a,c", "", "x", ""},
		[]string{"reverse(split(t, ','))", `["c","a"]`, `[""]`, `["x"]`, "NULL"},
		[]string{"array_max(transform(split(s, ','), x -> length(x)))", "1", "0", "NULL", "1"},
	)...)
}
