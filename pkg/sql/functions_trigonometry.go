package sql

// trigonometricFunctions are functions of angles, and others of doubles that
// are rarer.
func trigonometricFunctions() []*function {
	double := Type{Kind: Double}
	x, y := takes("x", doubles), takes("y", doubles)
	one := func(name, doc, sql string, copies int, params ...param) *function {
		example := name + "(0.5)"
		switch len(params) {
		case 0:
			params = []param{x}
		case 2:
			example = name + "(0.5, 2)"
		}
		return &function{Function: Function{Name: name, Doc: doc, Example: example}, params: params, result: double, sql: sql, copies: copies}
	}
	constant := func(name, doc, sql string) *function {
		return &function{Function: Function{Name: name, Doc: doc, Example: name + "()"}, result: double, sql: sql}
	}
	return []*function{
		one("sin", "The sine.", "sin(s_finite($1))", 2),
		one("cos", "The cosine.", "cos(s_finite($1))", 2),
		one("tan", "The tangent.", "tan(s_finite($1))", 2),
		one("cot", "The cotangent.", "s_ratio(1e0, tan(s_finite($1)))", 6),
		one("sec", "1 / cos(x).", "s_ratio(1e0, cos(s_finite($1)))", 6),
		one("csc", "1 / sin(x).", "s_ratio(1e0, sin(s_finite($1)))", 6),
		one("asin", "The angle of a sine; NaN out of -1 to 1.", "asin(s_unit($1))", 2),
		one("acos", "The angle of a cosine; NaN out of -1 to 1.", "acos(s_unit($1))", 2),
		one("atan", "The angle of a tangent.", "atan($1)", 1),
		one("atan2", "The angle of the point (y, x): y comes first.", "atan2($1 + 0e0, $2 + 0e0)", 1, y, x),
		one("sinh", "The hyperbolic sine.", "sinh($1)", 1),
		one("cosh", "The hyperbolic cosine.", "cosh($1)", 1),
		one("tanh", "The hyperbolic tangent.", "tanh($1)", 1),
		one("asinh", "The number of a hyperbolic sine.", "asinh($1)", 1),
		one("acosh", "The number of a hyperbolic cosine; NaN below 1.", "acosh($1)", 1),
		one("atanh", "The number of a hyperbolic tangent; NaN out of -1 to 1.", "s_atanh($1)", 6),
		one("degrees", "Degrees of an angle in radians.", "($1 * 57.29577951308232e0)", 1),
		one("radians", "Radians of an angle in degrees.", "($1 * 0.017453292519943295e0)", 1),
		one("cbrt", "The cube root.", "s_cbrt($1)", 6),
		one("expm1", "exp(x) - 1, exact for small x.", "s_expm1($1)", 10),
		one("hypot", "sqrt(x * x + y * y), also where the squares are too large.", "s_hypot($1, $2)", 12, x, y),
		one("rint", "The nearest whole number, as a double; the even one of two.", "s_rint($1)", 8),
		one("nanvl", "x, or y where x is NaN.", "(CASE WHEN isnan($1) THEN $2 ELSE $1 END)", 2, x, y),
		constant("pi", "The ratio of a circle's circumference to its diameter.", "3.141592653589793e0"),
		constant("e", "The base of natural logarithms.", "2.718281828459045e0"),
		{Function: Function{Name: "factorial", Doc: "The product of the whole numbers up to n; NULL outside 0 to 20.", Example: "factorial(5)"},
			params: []param{takes("n", smalls)}, result: Type{Kind: BigInt}, sql: "s_factorial($1)", copies: 2},
		{Function: Function{Name: "width_bucket", Doc: "The number of the bucket that x falls into, of n of the same size from low to high; 0 below, n + 1 above.", Example: "width_bucket(5.3, 0.2, 10.6, 5)"},
			params: []param{takes("x", measures), takes("low", measures), takes("high", measures), takes("n", integers)}, settle: settleMeasure(Type{Kind: BigInt}), sql: "s_width_bucket($1, $2, $3, $4)", copies: 12},
	}
}

// trigonometryMacros avoid what DuckDB raises on.
func trigonometryMacros() []string {
	return []string{
		`s_finite(x) AS CASE WHEN isinf(x) THEN 'nan'::DOUBLE ELSE x END`,
		`s_atanh(x) AS CASE WHEN abs(x) = 1 THEN x * 'inf'::DOUBLE WHEN abs(x) > 1 THEN 'nan'::DOUBLE ELSE atanh(CASE WHEN abs(x) > 1 THEN NULL ELSE x END) END`,
		`s_unit(x) AS CASE WHEN abs(x) > 1 THEN 'nan'::DOUBLE ELSE x END`,
		// A quotient that is infinite where the divisor is a zero.
		`s_ratio(a, b) AS CASE WHEN b = 0 THEN a * CASE WHEN b::VARCHAR = '-0.0' THEN '-inf'::DOUBLE ELSE 'inf'::DOUBLE END ELSE a / b END`,
		`s_cbrt(x) AS CASE WHEN round(cbrt(x)) * round(cbrt(x)) * round(cbrt(x)) = x THEN round(cbrt(x)) ELSE cbrt(x) END`,
		`s_expm1(x) AS CASE WHEN x = 0 THEN x WHEN abs(x) < 1e-5 THEN x + x * x / 2 + x * x * x / 6 ELSE exp(x) - 1 END`,
		`s_scale(a, b) AS greatest(abs(a), abs(b))`,
		`s_hypot(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN isinf(a) OR isinf(b) THEN 'inf'::DOUBLE WHEN s_scale(a, b) = 0 THEN 0e0 ELSE s_scale(a, b) * sqrt((a / s_scale(a, b)) * (a / s_scale(a, b)) + (b / s_scale(a, b)) * (b / s_scale(a, b))) END`,
		`s_rint(x) AS CASE WHEN abs(x) >= 4503599627370496 OR isnan(x) OR x = 0 THEN x WHEN abs(x) <= 0.5 THEN x * 0 ELSE round_even(x, 0) END`,
		`s_factorial(n) AS CASE WHEN n BETWEEN 0 AND 20 THEN factorial(CASE WHEN n BETWEEN 0 AND 20 THEN n END)::BIGINT END`,
		`s_width_bucket(v, lo, hi, n) AS CASE WHEN v IS NULL OR lo IS NULL OR hi IS NULL OR n IS NULL OR n <= 0 OR n = 9223372036854775807 OR lo = hi OR isnan(v) OR NOT isfinite(lo) OR NOT isfinite(hi) THEN NULL WHEN lo < hi THEN CASE WHEN v < lo THEN 0 WHEN v >= hi THEN n + 1 ELSE s_wrap64(s_dbl2long(n * (v - lo) / (hi - lo))::HUGEINT + 1) END ELSE CASE WHEN v > lo THEN 0 WHEN v <= hi THEN n + 1 ELSE s_wrap64(s_dbl2long(n * (lo - v) / (lo - hi))::HUGEINT + 1) END END::BIGINT`,
	}
}
