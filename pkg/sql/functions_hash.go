package sql

import (
	"fmt"
	"slices"
	"strings"
)

// hashFunctions make numbers and digests of texts and bytes.
func hashFunctions() []*function {
	str, bigint, integer, binary := Type{Kind: String}, Type{Kind: BigInt}, Type{Kind: Int}, Type{Kind: Binary}
	s, x := takes("s", raws).only(), takes("x", anything)
	return []*function{
		{Function: Function{Name: "md5", Doc: "The MD5 digest of the UTF-8 bytes, 32 hexadecimal digits.", Example: "md5('Spark')"},
			params: []param{s}, result: str, short: true, sql: "md5($1)"},
		{Function: Function{Name: "sha1", Aliases: []string{"sha"}, Doc: "The SHA-1 digest of the UTF-8 bytes, 40 hexadecimal digits.", Example: "sha1('Spark')"},
			params: []param{s}, result: str, short: true, sql: "sha1($1)"},
		{Function: Function{Name: "sha2", Doc: "The SHA-2 digest of the UTF-8 bytes, in hexadecimal digits; bits is 224, 256, 384 or 512, 0 is 256.", Example: "sha2('Spark', 256)"},
			params: []param{s, takes("bits", smalls).fixed()}, settle: settleSha2, short: true, render: renderSha2},
		{Function: Function{Name: "hmac", Doc: "The HMAC of a message under a key; the digest is a constant: 'MD5', 'SHA-1', 'SHA-224', 'SHA-256' (unless said otherwise), 'SHA-384' or 'SHA-512'.", Example: "hex(hmac('key', 'message'))"},
			params: []param{takes("key", raws).only(), takes("message", raws).only(), takes("digest", texts).opt().fixed()}, settle: settleHmac, result: binary, short: true, render: renderHmac},
		{Function: Function{Name: "crc32", Doc: "The CRC-32 of the UTF-8 bytes.", Example: "crc32('Spark')"},
			params: []param{s}, result: bigint, sql: "n_crc32($1)"},
		{Function: Function{Name: "hash", Doc: "Spark's 32-bit hash (Murmur 3, seed 42) of values of any type but maps and intervals. NULL changes nothing.", Example: "hash('Spark', array(123), 2)"},
			params: []param{x}, variadic: true, settle: settleHash, result: integer, render: renderHash("n_murmur", "42::INTEGER"), repeats: hashRepeats},
		{Function: Function{Name: "xxhash64", Doc: "Spark's 64-bit hash (xxHash, seed 42) of values of any type but maps and intervals. NULL changes nothing.", Example: "xxhash64('Spark', array(123), 2)"},
			params: []param{x}, variadic: true, settle: settleHash, result: bigint, render: renderHash("n_xx", "42::BIGINT"), repeats: hashRepeats},
		{Function: Function{Name: "hex", Doc: "Bytes, those of a text, or the whole part of a number, in hexadecimal digits.", Example: "hex(17)"},
			params: []param{x}, settle: settleHex, render: renderHex, copies: 2},
		{Function: Function{Name: "conv", Doc: "A whole number written in one base, in another; both are constants from 2 to 36, or -36 to -2: with a negative one the result has a sign, otherwise it is one of 64 bits. Digits are read as far as they are some; above 64 bits it is the largest number.", Example: "conv('100', 2, 10)"},
			params: []param{takes("s", texts), takes("from", smalls).fixed(), takes("to", smalls).fixed()}, settle: settleConv, short: true, render: renderConv},
	}
}

func settleSha2(k *call) (Type, bool) {
	switch bits, ok := k.args[1].integer(); {
	case ok && (bits == 0 || bits == 224 || bits == 256 || bits == 384 || bits == 512):
		return Type{Kind: String}, true
	}
	k.errorAt(1, "bad-constant", "argument 2 of sha2 is 224, 256, 384 or 512")
	return Type{}, false
}

func renderSha2(r *renderer, t *term) string {
	if bits, _ := t.args[1].integer(); bits == 0 || bits == 256 {
		return r.expand("sha256($1)", t)
	}
	return r.expand("n_sha2($1, $2)", t)
}

// settleHmac takes key and message as bytes.
func settleHmac(k *call) (Type, bool) {
	for i := range 2 {
		k.args[i] = castTerm(k.args[i], Type{Kind: Binary})
	}
	if len(k.args) == 3 {
		if name, ok := k.text(2); !ok {
			return Type{}, false
		} else if hmacDigest(name) == "" {
			k.errorAt(2, "bad-constant", "%q is not a known digest", name).Hintf("MD5, SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512")
			return Type{}, false
		}
	}
	return Type{Kind: Binary}, true
}

// hmacDigest returns the name of a digest as package native has it.
func hmacDigest(name string) string {
	switch n := strings.ReplaceAll(strings.ToLower(name), "-", ""); n {
	case "md5", "sha1", "sha224", "sha256", "sha384", "sha512":
		return n
	}
	return ""
}

func renderHmac(r *renderer, t *term) string {
	name := "SHA-256"
	if len(t.args) == 3 {
		name, _ = t.args[2].text()
	}
	return fmt.Sprintf("n_hmac(%s, %s, '%s')", r.term(t.args[0]), r.term(t.args[1]), hmacDigest(name))
}

func settleHex(k *call) (Type, bool) {
	switch t := k.args[0].typ; {
	case t.Numeric():
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
		if !hashable(a.typ) {
			k.errorAt(i, "not-supported", "%s does not take %s", k.node.text, withArticle(a.typ)).Hintf("cast it to a string")
			ok = false
		}
	}
	return k.fn.result, ok
}

func hashable(t Type) bool {
	switch t.Kind {
	case Void, Boolean, TinyInt, SmallInt, Int, BigInt, Float, Double, Decimal, String, Binary, Date, Timestamp, TimestampNTZ, YearMonth, DayTime:
		return true
	case Array:
		return hashable(t.elem())
	case Struct:
		return !slices.ContainsFunc(t.Fields, func(f Field) bool { return !hashable(f.Type) })
	}
	return false
}

// renderHash makes the hash of each argument the seed of the next; NULL leaves
// it as it is.
func renderHash(family, seed string) func(r *renderer, t *term) string {
	return func(r *renderer, t *term) string {
		hash := seed
		for _, a := range t.args {
			hash = hashOf(family, a.typ, r.term(a), hash)
		}
		return hash
	}
}

// hashOf renders the hash of a value.
func hashOf(family string, t Type, x, seed string) string {
	call := func(kind, value string) string { return fmt.Sprintf("%s_%s(%s, %s)", family, kind, value, seed) }
	switch t.Kind {
	case Void:
		return seed
	case String, Binary:
		return call("bytes", x)
	case BigInt, DayTime:
		return call("long", x)
	case Timestamp, TimestampNTZ:
		return call("long", "epoch_us("+x+")")
	case Date:
		return call("int", "("+x+" - DATE '1970-01-01')::INTEGER")
	case Double:
		return call("double", x)
	case Float:
		return call("float", x+"::DOUBLE")
	case Decimal:
		digits := "replace(" + x + "::VARCHAR, '.', '')"
		if t.Precision <= 18 {
			return call("long", digits+"::BIGINT")
		}
		return call("digits", digits)
	case Array: // a fold, which takes elements of one type only
		of, hash := t.elem().DuckDB(), "INTEGER"
		if family == "n_xx" {
			hash = "BIGINT"
		}
		return fmt.Sprintf("list_reduce(list_transform(coalesce(%s, []), lambda _s_e: {h: NULL::%s, x: _s_e}), lambda _s_a, _s_b: {h: %s, x: _s_b.x}, {h: %s, x: NULL::%s}).h",
			x, hash, hashOf(family, t.elem(), "_s_b.x", "_s_a.h"), seed, of)
	case Struct:
		for i, f := range t.Fields {
			seed = hashOf(family, f.Type, fmt.Sprintf("struct_extract(%s, '%s')", x, fieldName(i)), seed)
		}
		return seed
	}
	return call("int", x+"::INTEGER")
}

// hashRepeats counts the copies of a value, of which each field is taken.
func hashRepeats(args []*term) int {
	most := 1
	for _, a := range args {
		most = max(most, hashCopies(a.typ))
	}
	return most
}

func hashCopies(t Type) int {
	n := 1
	switch t.Kind {
	case Array:
		return hashCopies(t.elem())
	case Struct:
		n = 0
		for _, f := range t.Fields {
			n += hashCopies(f.Type)
		}
	}
	return n
}

func settleConv(k *call) (Type, bool) {
	for i := 1; i < 3; i++ {
		n, ok := k.args[i].integer()
		if n < 0 && i == 2 {
			n = -n
		}
		if !ok || n < 2 || n > 36 {
			k.errorAt(i, "bad-constant", "argument %d of conv is a constant base from 2 to 36", i+1)
			return Type{}, false
		}
	}
	return Type{Kind: String}, true
}

func renderConv(r *renderer, t *term) string {
	if digits := t.args[0]; convBase(t, 1) == 16 && convBase(t, 2) == 10 && digits.hexDigits() > 0 && digits.hexDigits() <= 15 {
		return r.hexNumber(digits, Type{Kind: BigInt}) + "::VARCHAR"
	}
	return r.expand("n_conv($1, $2, $3)", t)
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

func convBase(t *term, i int) int64 {
	n, _ := t.args[i].integer()
	return n
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
