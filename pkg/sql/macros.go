package sql

// DuckDBMacros returns the CREATE MACRO statements that renderings use, in the
// order in which they load. They depend on no setting of the session. Bodies
// use a parameter as often as they need it; function.copies accounts for it.
// Names of lambda parameters begin with _s_, which no column of a spec does.
func DuckDBMacros() []string {
	groups := [][]string{
		integerMacros(),
		doubleMacros(),
		bitMacros(),
		binaryMacros(),
		trigonometryMacros(),
		groupMacros(),
		textMacros(),
		letterMacros(),
		parseMacros(),
		printMacros(),
		zoneMacros(),
		timeMacros(),
		calendarMacros(),
		spellMacros(),
		intervalMacros(),
		jsonMacros(),

		listMacros(),
		mapMacros(),
		vectorMacros(),
		generatorMacros(),
		orderMacros(),
	}
	var out []string
	for _, group := range groups {
		for _, body := range group {
			out = append(out, "CREATE OR REPLACE MACRO "+body)
		}
	}
	return out
}

// integerMacros wrap and divide.
func integerMacros() []string {
	return []string{
		`s_wrap8(x) AS ((((x::BIGINT & 255) + 128) & 255) - 128)::TINYINT`,
		`s_wrap16(x) AS ((((x::BIGINT & 65535) + 32768) & 65535) - 32768)::SMALLINT`,
		`s_wrap32(x) AS ((((x::BIGINT & 4294967295) + 2147483648) & 4294967295) - 2147483648)::INTEGER`,
		`s_wrap64(x) AS (((x::HUGEINT + 9223372036854775808) & 18446744073709551615::HUGEINT) - 9223372036854775808)::BIGINT`,
		`s_nonzero(b) AS CASE WHEN b = 0 THEN NULL ELSE b END`,
		// The smallest integer divided by -1 would raise.
		`s_divisor(b) AS CASE WHEN b = 0 OR b = -1 THEN NULL ELSE b END`,
		`s_idiv(a, b) AS CASE WHEN b = -1 THEN s_wrap64(-(a::HUGEINT)) ELSE a // s_divisor(b) END`,
		`s_mod(a, b) AS CASE WHEN b = -1 THEN a - a ELSE a % s_divisor(b) END`,
		`s_fmod(a, b) AS a % s_nonzero(b)`,
		`s_pmod(a, b) AS CASE WHEN a % s_nonzero(b) < 0 THEN (a % s_nonzero(b) + b) % s_nonzero(b) ELSE a % s_nonzero(b) END`,
		`s_div(a, b) AS a / s_nonzero(b)`,
		`s_round_div(n, d) AS n // s_nonzero(d) + CASE WHEN 2 * abs(n % s_nonzero(d)) >= abs(d) THEN sign(n)::HUGEINT * sign(d)::HUGEINT ELSE 0::HUGEINT END`,
		`s_floor_div(x, n) AS (x - ((x % n) + n) % n) // n`,
		`s_hexnum(x) AS CASE WHEN x = 0 THEN '0' ELSE ltrim(hex(x::BIGINT), '0') END`,
	}
}

// doubleMacros avoid what DuckDB raises on.
func doubleMacros() []string {
	return []string{
		`s_sqrt(x) AS sqrt(CASE WHEN x < 0 THEN 'nan'::DOUBLE ELSE x END)`,
		`s_ln(x) AS ln(CASE WHEN x <= 0 THEN NULL ELSE x END)`,
		`s_log10(x) AS log10(CASE WHEN x <= 0 THEN NULL ELSE x END)`,
		`s_log1p(x) AS CASE WHEN x <= -1 THEN NULL WHEN isinf(x) OR 1e0 + x = 1e0 THEN x ELSE s_ln(1e0 + x) * (x / ((1e0 + x) - 1e0)) END`,
		`s_pow(a, b) AS CASE WHEN a IS NULL THEN NULL WHEN isnan(b) OR abs(a) = 1 AND isinf(b) THEN 'nan'::DOUBLE ELSE pow(a, b) END`,
		`s_sign(x) AS CASE WHEN isnan(x) OR x = 0 THEN x ELSE sign(x)::DOUBLE END`,
		`s_dbl2long(x) AS CASE WHEN isnan(x) THEN 0::BIGINT WHEN x >= 9223372036854775807 THEN 9223372036854775807 WHEN x <= -9223372036854775808 THEN (-9223372036854775808)::BIGINT ELSE trunc(x)::BIGINT END`,
		`s_dbl2int(x) AS CASE WHEN isnan(x) THEN 0::INTEGER WHEN x >= 2147483647 THEN 2147483647 WHEN x <= -2147483648 THEN (-2147483648)::INTEGER ELSE trunc(x)::INTEGER END`,
		`s_dbl2float(x) AS CASE WHEN isnan(x) THEN 'nan'::FLOAT WHEN abs(x) >= 3.4028235677973366e38 THEN CASE WHEN x > 0 THEN 'inf'::FLOAT ELSE '-inf'::FLOAT END ELSE x::FLOAT END`,
		// Near a tie the shortest decimal text decides, as in Spark; it is slow.
		`s_round(x, d) AS CASE WHEN abs(x) >= 4503599627370496 THEN x WHEN abs(x) * pow(10, d) < 0.4999 THEN 0e0 WHEN NOT (abs(x) < 1e15) OR abs((abs(x) * pow(10, d)) % 1 - 0.5) > 1e-4 THEN round(x, d) ELSE round(TRY_CAST(x::VARCHAR AS DECIMAL(38,20)), d)::DOUBLE END`,
	}
}

// textMacros cut and search; positions count from 1.
func textMacros() []string {
	return []string{
		`s_substr(s, p, n) AS CASE WHEN s IS NULL OR p IS NULL OR n IS NULL THEN NULL WHEN n <= 0 THEN '' WHEN p > 0 THEN substring(s, p, n) WHEN p = 0 THEN substring(s, 1, n) WHEN -p <= length(s) THEN substring(s, length(s) + p + 1, n) WHEN n + p + length(s) <= 0 THEN '' ELSE substring(s, 1, n + p + length(s)) END`,
		`s_substr2(s, p) AS CASE WHEN p = -2147483648 THEN substring(s, 1, greatest(length(s) - 1, 0)) WHEN p > 0 THEN substring(s, p) WHEN p = 0 OR -(p::BIGINT) >= length(s) THEN s ELSE substring(s, length(s) + p + 1) END`,
		`s_left(s, n) AS CASE WHEN n <= 0 THEN CASE WHEN s IS NOT NULL THEN '' END ELSE substring(s, 1, n) END`,
		`s_right(s, n) AS CASE WHEN n <= 0 THEN CASE WHEN s IS NOT NULL THEN '' END WHEN n >= length(s) THEN s ELSE substring(s, length(s) - n + 1) END`,
		`s_replace(a, b, c) AS CASE WHEN b = '' AND c IS NOT NULL THEN a ELSE replace(a, b, c) END`,
		`s_lpad(s, n, p) AS CASE WHEN s IS NULL OR p IS NULL THEN NULL WHEN n <= 0 THEN '' WHEN length(s) >= n THEN substring(s, 1, n) WHEN p = '' THEN s ELSE lpad(s, n, p) END`,
		`s_rpad(s, n, p) AS CASE WHEN s IS NULL OR p IS NULL THEN NULL WHEN n <= 0 THEN '' WHEN length(s) >= n THEN substring(s, 1, n) WHEN p = '' THEN s ELSE rpad(s, n, p) END`,
		`s_ascii(s) AS CASE WHEN s = '' THEN 0 ELSE unicode(s) END`,
		`s_instr(s, t) AS instr(s, t)::INTEGER`,
		`s_locate(sub, s, p) AS CASE WHEN p IS NULL THEN 0 WHEN sub IS NULL OR s IS NULL THEN NULL WHEN p < 1 THEN 0 WHEN sub = '' THEN 1 WHEN instr(substring(s, p), sub) = 0 THEN 0 ELSE instr(substring(s, p), sub) + p - 1 END::INTEGER`,
		`s_split(s, d, n) AS CASE WHEN s IS NULL OR len(string_split(s, d)) <= n THEN string_split(s, d) ELSE list_append(list_slice(string_split(s, d), 1, n - 1), array_to_string(list_slice(string_split(s, d), n, len(string_split(s, d))), d)) END`,
		// Up to the last part: the parts p before it and the matches m between them are cut off.
		`s_split_re(s, p, m, n) AS CASE WHEN s IS NULL OR len(p) <= n THEN p ELSE list_append(list_slice(p, 1, n - 1), substring(s, 1 + (coalesce(list_sum(list_transform(list_slice(p, 1, n - 1), lambda _s_x: length(_s_x))), 0) + coalesce(list_sum(list_transform(list_slice(m, 1, n - 1), lambda _s_x: length(_s_x))), 0))::BIGINT)) END`,
		`s_split_part(s, d, n) AS CASE WHEN s IS NULL OR d IS NULL THEN NULL WHEN d = '' THEN CASE WHEN abs(n) = 1 THEN s ELSE '' END ELSE coalesce(list_extract(string_split(s, d), n), '') END`,
		`s_last_parts(s, d, n) AS array_to_string(list_slice(string_split(s, d), greatest(len(string_split(s, d)) + n + 1, 1), len(string_split(s, d))), d)`,
		`s_find_in_set(s, l) AS CASE WHEN s IS NULL OR l IS NULL THEN NULL WHEN contains(s, ',') THEN 0 ELSE coalesce(list_position(string_split(l, ','), s), 0) END::INTEGER`,
		`s_re_instr(s, re, before) AS CASE WHEN regexp_matches(s, re) THEN length(regexp_extract(s, before, 1)) + 1 WHEN s IS NOT NULL THEN 0 END::INTEGER`,
		`s_re_extract(s, re, g) AS CASE WHEN s IS NOT NULL THEN coalesce(regexp_extract(s, re, g), '') END`,
	}
}

// letterMacros map cases as Unicode's SpecialCasing says, which DuckDB does
// not: one letter may become several, and a sigma ends a word in its own form.
func letterMacros() []string {
	const several = "ßŉǰΐΰևẖẗẘẙẚὐὒὔὖᾀᾁᾂᾃᾄᾅᾆᾇᾈᾉᾊᾋᾌᾍᾎᾏᾐᾑᾒᾓᾔᾕᾖᾗᾘᾙᾚᾛᾜᾝᾞᾟᾠᾡᾢᾣᾤᾥᾦᾧᾨᾩᾪᾫᾬᾭᾮᾯᾲᾳᾴᾶᾷᾼῂῃῄῆῇῌῒΐῖῗῢΰῤῦῧῲῳῴῶῷῼﬀﬁﬂﬃﬄﬅﬆﬓﬔﬕﬖﬗ"
	const upper = "SS|ʼN|J̌|Ϊ́|Ϋ́|ԵՒ|H̱|T̈|W̊|Y̊|Aʾ|Υ̓|Υ̓̀|Υ̓́|Υ̓͂|ἈΙ|ἉΙ|ἊΙ|ἋΙ|ἌΙ|ἍΙ|ἎΙ|ἏΙ|ἈΙ|ἉΙ|ἊΙ|ἋΙ|ἌΙ|ἍΙ|ἎΙ|ἏΙ|ἨΙ|ἩΙ|ἪΙ|ἫΙ|ἬΙ|ἭΙ|ἮΙ|ἯΙ|ἨΙ|ἩΙ|ἪΙ|ἫΙ|ἬΙ|ἭΙ|ἮΙ|ἯΙ|ὨΙ|ὩΙ|ὪΙ|ὫΙ|ὬΙ|ὭΙ|ὮΙ|ὯΙ|ὨΙ|ὩΙ|ὪΙ|ὫΙ|ὬΙ|ὭΙ|ὮΙ|ὯΙ|ᾺΙ|ΑΙ|ΆΙ|Α͂|Α͂Ι|ΑΙ|ῊΙ|ΗΙ|ΉΙ|Η͂|Η͂Ι|ΗΙ|Ϊ̀|Ϊ́|Ι͂|Ϊ͂|Ϋ̀|Ϋ́|Ρ̓|Υ͂|Ϋ͂|ῺΙ|ΩΙ|ΏΙ|Ω͂|Ω͂Ι|ΩΙ|FF|FI|FL|FFI|FFL|ST|ST|ՄՆ|ՄԵ|ՄԻ|ՎՆ|ՄԽ"
	return []string{
		`s_upper(s) AS CASE WHEN regexp_matches(s, '[` + several + `]') THEN array_to_string(list_transform(string_split(s, ''), lambda _s_c: coalesce(list_extract(string_split('` + upper + `', '|'), nullif(instr('` + several + `', _s_c), 0)), upper(_s_c))), '') ELSE upper(s) END`,
		`s_lower(s) AS CASE WHEN regexp_matches(s, '[İΣ]') THEN lower(regexp_replace(replace(s, 'İ', 'i̇'), '([\p{Lu}\p{Ll}\p{Lt}])Σ($|[^\p{L}])', '\1ς\2', 'g')) ELSE lower(s) END`,
	}
}

// blanks is what Spark cuts off before it reads a text as another type; for
// doubles, DEL is none of it.
const (
	javaBlanks  = `chr(0) || '` + "\x01\x02\x03\x04\x05\x06\x07\b\t\n\v\f\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f " + `'`
	sparkBlanks = javaBlanks + ` || '` + "\x7f" + `'`
)

// parseMacros read texts as other types; what cannot be read is NULL.
func parseMacros() []string {
	return []string{
		`s_trimall(s) AS trim(s, ` + sparkBlanks + `)`,
		`s_trimjava(s) AS trim(s, ` + javaBlanks + `)`,
		`s_intpart(s) AS CASE WHEN regexp_full_match(s_trimall(s), '[+-]?\d+(\.\d*)?|[+-]?\.\d*') THEN coalesce(nullif(regexp_extract(s_trimall(s), '^[+-]?\d+'), ''), '0') END`,
		`s_str2double(s) AS CASE WHEN regexp_full_match(s_trimjava(s), '[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?') THEN TRY_CAST(regexp_replace(s_trimjava(s), '[dDfF]$', '') AS DOUBLE) WHEN regexp_full_match(s_trimjava(s), '\+?[iI][nN][fF]([iI][nN][iI][tT][yY])?') THEN 'inf'::DOUBLE WHEN regexp_full_match(s_trimjava(s), '-[iI][nN][fF]([iI][nN][iI][tT][yY])?') THEN '-inf'::DOUBLE WHEN regexp_full_match(s_trimjava(s), '[nN][aA][nN]|[+-]NaN') THEN 'nan'::DOUBLE END`,
		`s_str2float(s) AS CASE WHEN abs(s_str2double(s)) < 3.4e38 THEN TRY_CAST(regexp_replace(s_trimjava(s), '[dDfF]$', '') AS FLOAT) ELSE s_dbl2float(s_str2double(s)) END`,
		`s_str2bool(s) AS CASE WHEN lower(s_trimall(s)) IN ('t', 'true', 'y', 'yes', '1') THEN true WHEN lower(s_trimall(s)) IN ('f', 'false', 'n', 'no', '0') THEN false END`,
		`s_str2date(s) AS TRY_CAST(CASE WHEN regexp_full_match(s_trimall(s), '(?s)[+-]?\d{4,7}(-\d{1,2}(-\d{1,2}([ T].*)?)?)?') THEN regexp_extract(s_trimall(s), '-?\d+') || '-' || coalesce(nullif(regexp_extract(s_trimall(s), '^[+-]?\d+-(\d+)', 1), ''), '1') || '-' || coalesce(nullif(regexp_extract(s_trimall(s), '^[+-]?\d+-\d+-(\d+)', 1), ''), '1') END AS DATE)`,
		`s_ntz(us) AS make_timestamp((CASE WHEN us BETWEEN -9223372022400000000 AND 9223372036854775806 THEN us END)::BIGINT)`,
		`s_ts(us) AS make_timestamptz((CASE WHEN us BETWEEN -9223372022400000000 AND 9223372036854775806 THEN us END)::BIGINT)`,
		`s_date2ts(d) AS s_ts((d - DATE '1970-01-01')::HUGEINT * 86400000000)`,
	}
}

// printMacros write values as Spark and Java do.
func printMacros() []string {
	return []string{
		`s_dig(s) AS ltrim(replace(split_part(s, 'e', 1), '.', ''), '0')`,
		`s_dbl_exp(s) AS coalesce(TRY_CAST(split_part(s, 'e', 2) AS INTEGER), 0) + CASE WHEN split_part(s, '.', 1) <> '0' THEN length(split_part(split_part(s, 'e', 1), '.', 1)) - 1 ELSE -1 - (length(split_part(split_part(s, 'e', 1), '.', 2)) - length(ltrim(split_part(split_part(s, 'e', 1), '.', 2), '0'))) END`,
		`s_dbl2str(x) AS CASE WHEN x IS NULL THEN NULL WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END WHEN x = 0 OR abs(x) >= 0.001 AND abs(x) < 10000000 THEN x::VARCHAR ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || left(s_dig(abs(x)::VARCHAR), 1) || '.' || coalesce(nullif(rtrim(substr(s_dig(abs(x)::VARCHAR), 2), '0'), ''), '0') || 'E' || s_dbl_exp(abs(x)::VARCHAR)::VARCHAR END`,
		`s_year2str(d) AS CASE WHEN year(d) > 9999 THEN '+' WHEN year(d) < 0 THEN '-' ELSE '' END || lpad(abs(year(d))::VARCHAR, greatest(4, length(abs(year(d))::VARCHAR))::INTEGER, '0')`,
		`s_date2str(d) AS s_year2str(d) || strftime(d, '-%m-%d')`,
		// The offset from UTC that a text has, in microseconds; the groups of p are
		// sign, hours and minutes, which none has where it ends with Z.
		`s_utc(t) AS make_timestamp(epoch_us(t))`,
		`s_ts2str(t) AS s_date2str(s_utc(t)::DATE) || regexp_replace(strftime(s_utc(t), ' %H:%M:%S.%f'), '\.?0+$', '')`,
	}
}

// timeMacros compute with dates and times; out of range is NULL.
func timeMacros() []string {
	return []string{
		`s_secs2ts(x) AS s_ts(s_dbl2long(CASE WHEN isfinite(x) THEN x * 1e6 END)::HUGEINT)`,
		`s_days2date(n) AS DATE '1970-01-01' + (CASE WHEN n BETWEEN -2147483646 AND 2147483646 THEN n END)::INTEGER`,
		`s_date_plus(d, n) AS s_days2date(s_wrap32((d - DATE '1970-01-01') + n))`,
		`s_date_add(d, n) AS s_days2date((d - DATE '1970-01-01') + n)`,
		`s_ts_months(t, n) AS s_ts(epoch_us(CASE WHEN year(s_utc(t)) + n // 12 BETWEEN -290000 AND 294000 THEN s_utc(t) END + to_months(n)))`,
		`s_date_trunc(u, t) AS make_timestamptz(epoch_us(date_trunc(u, s_utc(CASE WHEN epoch_us(t) > -9223300000000000000 THEN t END))))`,
		// That of the Thursday of the week.
		`s_week(d) AS ((dayofyear(s_date_add(d, 4 - isodow(d))) - 1) // 7 + 1)::INTEGER`,
		`s_last_day(d) AS last_day(CASE WHEN year(d) BETWEEN -5000000 AND 5000000 THEN d END)`,
	}
}

// listMacros look into arrays.
func listMacros() []string {
	return []string{
		`s_get(a, i) AS list_extract(a, CASE WHEN i < 0 THEN NULL ELSE i + 1 END)`,
		`s_acontains(a, x) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL WHEN list_contains(a, x) THEN true WHEN list_count(a) < len(a) THEN NULL ELSE false END`,
		`s_adistinct(a) AS list_extract(list_transform([a], lambda _s_l: list_filter(_s_l, lambda _s_x, _s_i: list_position(_s_l, _s_x) = _s_i)), 1)`,
		`s_aconcat(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN list_concat(a, b) END`,
		`s_aintersect(a, b) AS CASE WHEN b IS NOT NULL THEN list_filter(a, lambda _s_x, _s_i: list_position(a, _s_x) = _s_i AND list_position(b, _s_x) IS NOT NULL) END`,
		`s_aexcept(a, b) AS CASE WHEN b IS NOT NULL THEN list_filter(a, lambda _s_x, _s_i: list_position(a, _s_x) = _s_i AND list_position(b, _s_x) IS NULL) END`,
		`s_aoverlap(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN list_has_any(a, b) THEN true WHEN len(a) > 0 AND len(b) > 0 AND (list_count(a) < len(a) OR list_count(b) < len(b)) THEN NULL ELSE false END`,
		`s_aremove(a, x) AS CASE WHEN x IS NOT NULL THEN list_filter(a, lambda _s_x: _s_x IS NULL OR _s_x <> x) END`,
		`s_aposition(a, x) AS CASE WHEN a IS NOT NULL AND x IS NOT NULL THEN coalesce(list_position(a, x), 0)::BIGINT END`,
		`s_arepeat(x, n) AS list_transform(range(0, CASE WHEN n <= 10000 THEN n END), lambda _s_i: x)`,
		`s_ajoin(a, d) AS CASE WHEN a IS NOT NULL THEN coalesce(array_to_string(a, d), '') END`,
		`s_flatten(a) AS CASE WHEN list_count(a) = len(a) THEN flatten(a) END`,
		`s_slice(a, p, n) AS CASE WHEN p IS NULL OR p = 0 OR n IS NULL OR n < 0 THEN NULL WHEN n = 0 OR -p > len(a) THEN list_slice(a, 1, 0) ELSE list_slice(a, CASE WHEN p < 0 THEN len(a) + p + 1 ELSE p END, CASE WHEN p < 0 THEN len(a) + p + n ELSE p + n - 1 END) END`,
		`s_seqok(a, b, s) AS CASE WHEN s > 0 THEN b >= a AND (b::HUGEINT - a) // s < 10000 WHEN s < 0 THEN b <= a AND (a::HUGEINT - b) // -(s::HUGEINT) < 10000 END`,
		`s_sequence(a, b, s) AS CASE WHEN s = 0 AND a = b THEN [a] WHEN s_seqok(a, b, s) THEN generate_series(CASE WHEN s_seqok(a, b, s) THEN a END, b, CASE WHEN s = 0 THEN 1::BIGINT ELSE s END) END`,
		`s_exists(l) AS CASE WHEN l IS NULL THEN NULL WHEN list_contains(l, true) THEN true WHEN list_count(l) < len(l) THEN NULL ELSE false END`,
		`s_forall(l) AS CASE WHEN l IS NULL THEN NULL WHEN list_contains(l, false) THEN false WHEN list_count(l) < len(l) THEN NULL ELSE true END`,
		`s_fold(l, z) AS CASE WHEN list_count(l) = len(l) THEN z + coalesce(list_sum(l), 0) END`,
		`s_moment(l, m, p) AS list_sum(list_transform(l, lambda _s_v: pow(_s_v - m, p)))`,
		`s_skewness(l) AS list_extract(list_transform([list_avg(l)], lambda _s_m: CASE WHEN list_min(l) < list_max(l) OR isnan(s_moment(l, _s_m, 2)) THEN sqrt(len(l)) * s_moment(l, _s_m, 3) / pow(s_moment(l, _s_m, 2), 1.5) END), 1)`,
		`s_kurtosis(l) AS list_extract(list_transform([list_avg(l)], lambda _s_m: CASE WHEN list_min(l) < list_max(l) OR isnan(s_moment(l, _s_m, 2)) THEN len(l) * s_moment(l, _s_m, 4) / pow(s_moment(l, _s_m, 2), 2) - 3 END), 1)`,
	}
}
