package sql

import (
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
)

// hashFunctions make numbers and digests of texts and bytes.
func hashFunctions() []*function {
	str, bigint, integer := Type{Kind: String}, Type{Kind: BigInt}, Type{Kind: Int}
	s := takes("s", raws)
	return []*function{
		{Function: Function{Name: "md5", Doc: "The MD5 digest of the UTF-8 bytes, 32 hexadecimal digits.", Example: "md5('Spark')"},
			params: []param{s}, result: str, short: true, sql: "md5($1)"},
		{Function: Function{Name: "sha1", Aliases: []string{"sha"}, Doc: "The SHA-1 digest of the UTF-8 bytes, 40 hexadecimal digits.", Example: "sha1('Spark')"},
			params: []param{s}, result: str, short: true, sql: "sha1($1)"},
		{Function: Function{Name: "sha2", Doc: "The SHA-256 digest of the UTF-8 bytes, 64 hexadecimal digits; bits is 256 or 0.", Example: "sha2('Spark', 256)"},
			params: []param{s, takes("bits", smalls).fixed()}, settle: settleSha2, short: true, sql: "sha256($1)"},
		{Function: Function{Name: "crc32", Doc: "The CRC-32 of the UTF-8 bytes. It is slow: md5 takes a tenth of the time.", Example: "crc32('Spark')"},
			params: []param{s}, result: bigint, sql: "s_crc32(hex($1))", copies: 2},
		{Function: Function{Name: "hash", Doc: "Spark's 32-bit hash (Murmur 3, seed 42) of texts, integers, booleans, dates and timestamps. It is slow: md5 takes a tenth of the time.", Example: "hash('Spark', 123, 2)"},
			params: []param{takes("x", anything)}, variadic: true, settle: settleHash, result: integer, render: renderHash, copies: 8},
		{Function: Function{Name: "hex", Doc: "Bytes, those of a text, or an integer, in hexadecimal digits.", Example: "hex(17)"},
			params: []param{takes("x", anything)}, settle: settleHex, render: renderHex, copies: 2},
		{Function: Function{Name: "conv", Doc: "A whole number written in one base, in another; both are constants from 2 to 36. Digits are read as far as they are some; above 64 bits it is the largest number.", Example: "conv('100', 2, 10)"},
			params: []param{takes("s", texts), takes("from", smalls).fixed(), takes("to", smalls).fixed()}, settle: settleConv, short: true, render: renderConv, repeats: convRepeats},
	}
}

func settleSha2(k *call) (Type, bool) {
	if bits, ok := k.args[1].integer(); !ok || bits != 256 && bits != 0 {
		k.errorAt(1, "not-supported", "sha2 is supported with 256 bits only")
		return Type{}, false
	}
	return Type{Kind: String}, true
}

func settleHex(k *call) (Type, bool) {
	switch t := k.args[0].typ; {
	case t.integral():
		k.args[0] = castTerm(k.args[0], Type{Kind: BigInt})
	case t.Kind == Binary:
	case t.Kind == String || t.Kind == Void:
		k.args[0] = castTerm(k.args[0], Type{Kind: String})
	default:
		k.errorAt(0, "wrong-argument-type", "argument 1 of hex is %s, not a string or an integer", withArticle(t))
		return Type{}, false
	}
	return Type{Kind: String}, true
}

func renderHex(r *renderer, t *term) string {
	if t.args[0].typ.Kind == BigInt {
		return r.expand("s_hexnum($1)", t)
	}
	return r.expand("hex($1)", t)
}

func settleHash(k *call) (Type, bool) {
	ok := true
	for i, a := range k.args {
		switch t := a.typ; t.Kind {
		case Void, Boolean, TinyInt, SmallInt, Int, BigInt, String, Binary, Date, Timestamp:
		default:
			k.errorAt(i, "not-supported", "hash does not take %s", withArticle(t)).Hintf("cast it to a string")
			ok = false
		}
	}
	return Type{Kind: Int}, ok
}

// renderHash makes the hash of each argument the seed of the next; NULL leaves
// it as it is. A list carries it on, so that it stands once in each step.
func renderHash(r *renderer, t *term) string {
	seed := "42::BIGINT"
	for _, a := range t.args {
		x := r.term(a)
		words, size := "", "4"
		switch a.typ.Kind {
		case Void:
			continue
		case String:
			words, size = "s_words(hex("+x+"))", "strlen("+x+")"
		case Binary:
			words, size = "s_words(hex("+x+"))", "octet_length("+x+")"
		case BigInt:
			words, size = "s_halves("+x+")", "8"
		case Timestamp:
			words, size = "s_halves(epoch_us("+x+"))", "8"
		case Date:
			words = "[(" + x + " - DATE '1970-01-01') & 4294967295]"
		default:
			words = "[" + x + "::INTEGER::BIGINT & 4294967295]"
		}
		seed = fmt.Sprintf("s_murmur(%s, %s, %s, %s)", x, words, size, seed)
	}
	return "s_wrap32(" + seed + ")"
}

func settleConv(k *call) (Type, bool) {
	for i := 1; i < 3; i++ {
		if n, ok := k.args[i].integer(); !ok || n < 2 || n > 36 {
			if i == 1 || n > -2 || n < -36 {
				k.errorAt(i, "bad-constant", "argument %d of conv is a constant base from 2 to 36", i+1)
				return Type{}, false
			}
			k.errorAt(i, "not-supported", "conv to a negative base is not supported").Hintf("write the base without its sign")
			return Type{}, false
		}
	}
	return Type{Kind: String}, true
}

func renderConv(r *renderer, t *term) string {
	number, to := r.convNumber(t), convBase(t, 2)
	switch to {
	case 10:
		return number + "::VARCHAR"
	case 16:
		return "hex(" + number + "::UBIGINT)"
	}
	return fmt.Sprintf("s_digits(%s, %s)", number, strings.Join(powers(to), ", "))
}

// convFits reports whether a term is a call of conv that gives a decimal
// number of hexadecimal digits, and an integer type holds every value. The
// cast to it then takes no detour over a text.
func convFits(t *term, to Type) bool {
	if t.fn == nil || t.fn.Name != "conv" || convBase(t, 1) != 16 || convBase(t, 2) != 10 {
		return false
	}
	digits := t.args[0].hexDigits()
	return digits > 0 && digits <= map[Kind]int{SmallInt: 3, Int: 7, BigInt: 15}[to.Kind]
}

func (r *renderer) hexNumber(t *term, to Type) string {
	return "('0x' || " + r.term(t) + ")::" + to.DuckDB()
}

// convRepeats counts the copies of what conv takes.
func convRepeats(args []*term) int {
	if from, _ := args[1].integer(); from == 16 && args[0].hexDigits() > 0 && args[0].hexDigits() <= 15 {
		return 2
	}
	return 20
}

func convBase(t *term, i int) int64 {
	n, _ := t.args[i].integer()
	return n
}

// powers renders the base and a list of its powers below 2^64, the largest
// first.
func powers(base int64) []string {
	var list []string
	for p := uint64(1); ; p *= uint64(base) {
		list = append([]string{strconv.FormatUint(p, 10)}, list...)
		if p > (1<<64-1)/uint64(base) {
			break
		}
	}
	return []string{strconv.FormatInt(base, 10), "[" + strings.Join(list, ", ") + "]::HUGEINT[]"}
}

// convNumber renders what conv reads: a HUGEINT from 0 to 2^64 - 1.
func (r *renderer) convNumber(t *term) string {
	from := convBase(t, 1)
	if digits := t.args[0]; from == 16 && digits.hexDigits() > 0 && digits.hexDigits() <= 15 {
		return "('0x' || " + r.term(digits) + ")::HUGEINT"
	}
	digits := "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:from]
	class := fmt.Sprintf("^[%s%s]+", digits, strings.ToLower(digits[min(from, 10):]))
	return fmt.Sprintf("s_conv(trim(%s, ' '), %d, '%s', '%s')", r.term(t.args[0]), from, digits, class)
}

// hexDigits returns how many hexadecimal digits a text has in any row, at
// least one; 0 if that is not known.
func (t *term) hexDigits() int {
	if t.fn == nil {
		return 0
	}
	switch t.fn.Name {
	case "md5":
		return 32
	case "sha1":
		return 40
	case "sha2":
		return 64
	case "left", "right", "substring":
		if t.args[0].hexDigits() == 0 || len(t.args) < 2 {
			return 0
		}
		from, to := int64(1), int64(0)
		last, ok := t.args[len(t.args)-1].integer()
		if t.fn.Name == "substring" {
			var isConstant bool
			from, isConstant = t.args[1].integer()
			ok = ok && isConstant && len(t.args) == 3
		}
		to = from + last - 1
		if !ok || from < 1 || last < 1 || last > 100 || to > int64(t.args[0].hexDigits()) {
			return 0
		}
		return int(last)
	}
	return 0
}

// hashMacros are CRC-32 and Murmur 3 over bytes that are given as hexadecimal
// digits.
func hashMacros() []string {
	var table []string
	for _, n := range crc32.IEEETable {
		table = append(table, strconv.FormatUint(uint64(n), 10))
	}
	return []string{
		`s_crc32(h) AS xor(list_reduce(list_transform(range(1, length(h), 2), lambda _s_i: ('0x' || substring(h, _s_i, 2))::BIGINT), lambda _s_c, _s_b: xor(_s_c >> 8, list_extract([` + strings.Join(table, ",") + `]::BIGINT[], (xor(_s_c, _s_b) & 255) + 1)), 4294967295::BIGINT), 4294967295)`,
		// Factors of 32 bits, whose product does not fit 64.
		`s_mul32(a, b) AS (((((a >> 16) * b) & 65535) << 16) + (a & 65535) * b) & 4294967295`,
		`s_rotl32(x, n) AS ((x << n) & 4294967295) | (x >> (32 - n))`,
		`s_halves(x) AS [(x & 4294967295)::BIGINT, ((x >> 32) & 4294967295)::BIGINT]`,
		// Words of four bytes, the lowest first; what is left over by single bytes with their signs.
		`s_words(h) AS list_concat(list_transform(range(1, length(h) - 6, 8), lambda _s_i: ('0x' || substring(h, _s_i + 6, 2) || substring(h, _s_i + 4, 2) || substring(h, _s_i + 2, 2) || substring(h, _s_i, 2))::BIGINT), list_transform(range(length(h) // 8 * 8 + 1, length(h), 2), lambda _s_i: ('0x' || substring(h, _s_i, 2))::BIGINT + CASE WHEN substring(h, _s_i, 1) > '7' THEN 4294967040 ELSE 0 END))`,
		`s_mixed(l) AS list_transform(l, lambda _s_k: s_mul32(s_rotl32(s_mul32(_s_k, 3432918353), 15), 461845907))`,
		`s_finished(l) AS list_transform(list_transform(list_transform(l, lambda _s_h: s_mul32(xor(_s_h, _s_h >> 16), 2246822507)), lambda _s_h: s_mul32(xor(_s_h, _s_h >> 13), 3266489909)), lambda _s_h: xor(_s_h, _s_h >> 16))`,
		`s_murmur(x, l, n, z) AS list_extract(list_transform([z], lambda _s_z: CASE WHEN x IS NULL THEN _s_z ELSE list_extract(s_finished([xor(list_reduce(s_mixed(l), lambda _s_h, _s_k: (s_rotl32(xor(_s_h, _s_k), 13) * 5 + 3864292196) & 4294967295, _s_z), n)]), 1) END), 1)`,
		// Digits as far as they are some, at most 2^64 - 1.
		`s_undigits(s, b, d) AS CASE WHEN s = '' THEN 0::HUGEINT ELSE list_reduce(list_transform(string_split(s, ''), lambda _s_c: (instr(d, _s_c) - 1)::HUGEINT), lambda _s_n, _s_d: least(_s_n * b + _s_d, 18446744073709551615::HUGEINT), 0::HUGEINT) END`,
		`s_negated(n) AS CASE WHEN n = 0 THEN n WHEN n >= 9223372036854775808 THEN 18446744073709551615::HUGEINT ELSE 18446744073709551616::HUGEINT - n END`,
		`s_conv(s, b, d, c) AS CASE WHEN s = '' THEN NULL WHEN starts_with(s, '-') THEN s_negated(s_undigits(upper(regexp_extract(substring(s, 2), c)), b, d)) ELSE s_undigits(upper(regexp_extract(s, c)), b, d) END`,
		`s_digits(n, b, p) AS CASE WHEN n = 0 THEN '0' ELSE ltrim(array_to_string(list_transform(p, lambda _s_p: substring('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', ((n // _s_p) % b + 1)::BIGINT, 1)), ''), '0') END`,
	}
}
