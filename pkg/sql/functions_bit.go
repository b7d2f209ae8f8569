package sql

import "fmt"

// bitFunctions look at the bits of integers.
func bitFunctions() []*function {
	integer, bigint, tinyint := Type{Kind: Int}, Type{Kind: BigInt}, Type{Kind: TinyInt}
	x, n := takes("x", anything), takes("n", smalls)
	shift := func(name, doc, example string) *function {
		return &function{Function: Function{Name: name, Doc: doc, Example: example}, params: []param{x, n}, settle: settleShift, render: renderShift, copies: 3}
	}
	return []*function{
		shift("shiftleft", "x shifted n bits to the left: x << n. Of n the lowest 5 bits count, for a BIGINT 6.", "shiftleft(2, 1)"),
		shift("shiftright", "x shifted n bits to the right, with its sign: x >> n.", "shiftright(4, 1)"),
		shift("shiftrightunsigned", "x shifted n bits to the right, with zeros: x >>> n.", "shiftrightunsigned(4, 1)"),
		{Function: Function{Name: "bit_count", Doc: "The number of bits that are set, of 64 for a negative number.", Example: "bit_count(0)"},
			params: []param{takes("x", integers)}, result: integer, sql: "bit_count($1)::INTEGER"},
		{Function: Function{Name: "bit_get", Aliases: []string{"getbit"}, Doc: "The bit at a position from 0, the lowest. NULL out of range.", Example: "bit_get(11, 0)"},
			params: []param{x, n}, settle: settleBitGet, result: tinyint, render: renderBitGet, copies: 2},
		{Function: Function{Name: "bitmap_bit_position", Doc: "The bit of a number in its bitmap of 32,768 bits, from 0.", Example: "bitmap_bit_position(1)"},
			params: []param{takes("x", integers)}, result: bigint, sql: "(CASE WHEN $1 > 0 THEN ($1 - 1) % 32768 ELSE -($1 % 32768) END)", copies: 3},
		{Function: Function{Name: "bitmap_bucket_number", Doc: "The number of the bitmap of 32,768 bits that a number stands in.", Example: "bitmap_bucket_number(32769)"},
			params: []param{takes("x", integers)}, result: bigint, sql: "(CASE WHEN $1 > 0 THEN 1 + ($1 - 1) // 32768 ELSE $1 // 32768 END)", copies: 3},
		{Function: Function{Name: "bitmap_count", Doc: "The number of bits that are set in bytes.", Example: "bitmap_count(x'FF01')"},
			params: []param{takes("x", anything)}, settle: settleBitmap, result: bigint, sql: "n_bit_count($1)"},
		{Function: Function{Name: "bin", Epoch: 2, Doc: "An integer in binary digits, 64 for a negative one; of another number the whole part.", Example: "bin(13)"},
			params: []param{takes("x", anything)}, settle: settleBin, result: Type{Kind: String}, short: true, sql: "s_bin($1)", copies: 2},
	}
}

// settleShift takes BIGINT as it is and what is narrower as INT.
func settleShift(k *call) (Type, bool) {
	t := k.args[0].typ
	if !t.integral() && t.Kind != Void {
		k.errorAt(0, "wrong-argument-type", "argument 1 of %s is %s, not an integer", k.node.text, withArticle(t))
		return Type{}, false
	}
	if t.Kind != BigInt {
		t = Type{Kind: Int}
	}
	k.args[0] = castTerm(k.args[0], t)
	return t, true
}

// settleBin takes any number as a whole one, and a text as it is cast to one.
func settleBin(k *call) (Type, bool) {
	if _, ok := numbers.convert(k.args[0].typ); !ok {
		k.errorAt(0, "wrong-argument-type", "argument 1 of bin is %s, not a number", withArticle(k.args[0].typ))
		return Type{}, false
	}
	k.args[0] = castTerm(k.args[0], Type{Kind: BigInt})
	return k.fn.result, true
}

func settleBitmap(k *call) (Type, bool) {
	if t := k.args[0].typ; t.Kind != Binary && t.Kind != Void {
		k.errorAt(0, "wrong-argument-type", "argument 1 of bitmap_count is %s, not bytes", withArticle(t))
		return Type{}, false
	}
	k.args[0] = castTerm(k.args[0], Type{Kind: Binary})
	return k.fn.result, true
}

func renderShift(r *renderer, t *term) string {
	bits := 32
	if t.typ.Kind == BigInt {
		bits = 64
	}
	return fmt.Sprintf("s_%s%d(%s, %s)", map[string]string{"shiftleft": "shl", "shiftright": "shr", "shiftrightunsigned": "ushr"}[t.fn.Name],
		bits, r.term(t.args[0]), r.term(t.args[1]))
}

func settleBitGet(k *call) (Type, bool) {
	if t := k.args[0].typ; !t.integral() {
		k.errorAt(0, "wrong-argument-type", "argument 1 of %s is %s, not an integer", k.node.text, withArticle(t))
		return Type{}, false
	}
	return Type{Kind: TinyInt}, true
}

func renderBitGet(r *renderer, t *term) string {
	bits := map[Kind]int{TinyInt: 8, SmallInt: 16, Int: 32, BigInt: 64}[t.args[0].typ.Kind]
	return fmt.Sprintf("s_bit_get(%s::BIGINT, %s, %d)", r.term(t.args[0]), r.term(t.args[1]), bits)
}

// bitMacros shift without an overflow.
func bitMacros() []string {
	return []string{
		`s_shl32(x, n) AS s_wrap32(x::BIGINT * (1::BIGINT << (n & 31)))`,
		`s_shl64(x, n) AS s_wrap64(x::HUGEINT * (1::HUGEINT << (n & 63)))`,
		`s_shr32(x, n) AS (x >> (n & 31))::INTEGER`,
		`s_shr64(x, n) AS x >> (n & 63)`,
		`s_ushr32(x, n) AS s_wrap32((x::BIGINT & 4294967295) >> (n & 31))`,
		`s_ushr64(x, n) AS s_wrap64((x::HUGEINT & 18446744073709551615::HUGEINT) >> (n & 63))`,
		`s_bit_get(x, n, b) AS CASE WHEN n >= 0 AND n < b THEN ((x >> CASE WHEN n >= 0 AND n < b THEN n END) & 1)::TINYINT END`,
		`s_bin(x) AS CASE WHEN x = 0 THEN '0' ELSE ltrim(bin(x), '0') END`,
	}
}
