package native

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
)

// hashFunctions are Spark's hash and xxhash64 of one value, with what was
// hashed before as the seed. NULL leaves the seed as it is.
func hashFunctions() []Function {
	seeded := func(name string, of, seed Kind, call func(x Value, seed int64) int64) Function {
		return Function{Name: name, Params: []Kind{of, seed}, Result: seed, Nulls: true, Call: func(in []Value, out *Value) {
			out.Int = in[1].Int
			if !in[0].Null {
				out.Int = call(in[0], in[1].Int)
			}
		}}
	}
	return []Function{
		seeded("n_murmur_bytes", Raw, Int, func(x Value, seed int64) int64 { return int64(murmurBytes(x.Bytes, uint32(seed))) }),
		seeded("n_murmur_int", Int, Int, func(x Value, seed int64) int64 { return int64(murmurInt(uint32(x.Int), uint32(seed))) }),
		seeded("n_murmur_long", Long, Int, func(x Value, seed int64) int64 { return int64(murmurLong(uint64(x.Int), uint32(seed))) }),
		seeded("n_murmur_double", Double, Int, func(x Value, seed int64) int64 { return int64(murmurLong(doubleBits(x.Float), uint32(seed))) }),
		seeded("n_murmur_float", Double, Int, func(x Value, seed int64) int64 { return int64(murmurInt(floatBits(x.Float), uint32(seed))) }),
		seeded("n_murmur_digits", Text, Int, func(x Value, seed int64) int64 { return int64(murmurBytes(twosComplement(x.Bytes), uint32(seed))) }),
		seeded("n_xx_bytes", Raw, Long, func(x Value, seed int64) int64 { return int64(xxBytes(x.Bytes, uint64(seed))) }),
		seeded("n_xx_int", Int, Long, func(x Value, seed int64) int64 { return int64(xxInt(uint32(x.Int), uint64(seed))) }),
		seeded("n_xx_long", Long, Long, func(x Value, seed int64) int64 { return int64(xxLong(uint64(x.Int), uint64(seed))) }),
		seeded("n_xx_double", Double, Long, func(x Value, seed int64) int64 { return int64(xxLong(doubleBits(x.Float), uint64(seed))) }),
		seeded("n_xx_float", Double, Long, func(x Value, seed int64) int64 { return int64(xxInt(floatBits(x.Float), uint64(seed))) }),
		seeded("n_xx_digits", Text, Long, func(x Value, seed int64) int64 { return int64(xxBytes(twosComplement(x.Bytes), uint64(seed))) }),
	}
}

// doubleBits returns the bits of a number: both zeros, and all that are no
// number, have one form.
func doubleBits(x float64) uint64 {
	switch {
	case x == 0:
		return 0
	case math.IsNaN(x):
		return 0x7ff8000000000000
	}
	return math.Float64bits(x)
}

func floatBits(x float64) uint32 {
	switch {
	case x == 0:
		return 0
	case math.IsNaN(x):
		return 0x7fc00000
	}
	return math.Float32bits(float32(x))
}

// twosComplement returns a whole number's shortest bytes, the highest first.
func twosComplement(digits []byte) []byte {
	n, ok := new(big.Int).SetString(string(digits), 10)
	if !ok {
		return nil
	}
	if n.Sign() >= 0 {
		return append(make([]byte, 1-min(n.BitLen()%8, 1)), n.Bytes()...)
	}
	// Of -x the bits are those of x - 1, turned around.
	out := n.Not(n).Bytes()
	if n.BitLen()%8 == 0 {
		out = append([]byte{0}, out...)
	}
	for i := range out {
		out[i] = ^out[i]
	}
	return out
}

func murmurMix(h, k uint32) uint32 {
	h ^= bits.RotateLeft32(k*0xcc9e2d51, 15) * 0x1b873593
	return bits.RotateLeft32(h, 13)*5 + 0xe6546b64
}

func murmurEnd(h, length uint32) int32 {
	h ^= length
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return int32(h ^ h>>16)
}

func murmurInt(x, seed uint32) int32 { return murmurEnd(murmurMix(seed, x), 4) }

func murmurLong(x uint64, seed uint32) int32 {
	return murmurEnd(murmurMix(murmurMix(seed, uint32(x)), uint32(x>>32)), 8)
}

// murmurBytes takes what is left over after words of four bytes by single
// bytes with their signs, as Spark does.
func murmurBytes(b []byte, seed uint32) int32 {
	length := uint32(len(b))
	for ; len(b) >= 4; b = b[4:] {
		seed = murmurMix(seed, binary.LittleEndian.Uint32(b))
	}
	for _, c := range b {
		seed = murmurMix(seed, uint32(int32(int8(c))))
	}
	return murmurEnd(seed, length)
}

const (
	xxPrime1 = 0x9E3779B185EBCA87
	xxPrime2 = 0xC2B2AE3D27D4EB4F
	xxPrime3 = 0x165667B19E3779F9
	xxPrime4 = 0x85EBCA77C2B2AE63
	xxPrime5 = 0x27D4EB2F165667C5
)

func xxEnd(h uint64) uint64 {
	h ^= h >> 33
	h *= xxPrime2
	h ^= h >> 29
	h *= xxPrime3
	return h ^ h>>32
}

func xxRound(acc, x uint64) uint64 { return bits.RotateLeft64(acc+x*xxPrime2, 31) * xxPrime1 }

func xxMixInt(h uint64, x uint32) uint64 {
	return bits.RotateLeft64(h^uint64(x)*xxPrime1, 23)*xxPrime2 + xxPrime3
}

func xxMixLong(h, x uint64) uint64 {
	return bits.RotateLeft64(h^xxRound(0, x), 27)*xxPrime1 + xxPrime4
}

func xxInt(x uint32, seed uint64) uint64 { return xxEnd(xxMixInt(seed+xxPrime5+4, x)) }

func xxLong(x, seed uint64) uint64 { return xxEnd(xxMixLong(seed+xxPrime5+8, x)) }

func xxBytes(b []byte, seed uint64) uint64 {
	h, length := seed+xxPrime5, uint64(len(b))
	if len(b) >= 32 {
		acc := [4]uint64{seed + xxPrime1, seed, seed, seed}
		acc[0] += xxPrime2
		acc[1] += xxPrime2
		acc[3] -= xxPrime1
		for ; len(b) >= 32; b = b[32:] {
			for i := range acc {
				acc[i] = xxRound(acc[i], binary.LittleEndian.Uint64(b[8*i:]))
			}
		}
		h = bits.RotateLeft64(acc[0], 1) + bits.RotateLeft64(acc[1], 7) + bits.RotateLeft64(acc[2], 12) + bits.RotateLeft64(acc[3], 18)
		for _, a := range acc {
			h = (h^xxRound(0, a))*xxPrime1 + xxPrime4
		}
	}
	h += length
	for ; len(b) >= 8; b = b[8:] {
		h = xxMixLong(h, binary.LittleEndian.Uint64(b))
	}
	if len(b) >= 4 {
		h = xxMixInt(h, binary.LittleEndian.Uint32(b))
		b = b[4:]
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c)*xxPrime5, 11) * xxPrime1
	}
	return xxEnd(h)
}
