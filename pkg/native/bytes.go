package native

import (
	"bytes"
	"math"
	"math/bits"
	"slices"
)

// bytesFunctions are what Spark does with texts, done with bytes. Positions
// count from 1.
func bytesFunctions() []Function {
	return []Function{
		{Name: "n_find", Params: []Kind{Bytes, Bytes}, Result: Int, Call: func(in []Value, out *Value) {
			out.Int = int64(bytes.Index(in[0].Bytes, in[1].Bytes)) + 1
		}},
		{Name: "n_bit_count", Params: []Kind{Bytes}, Result: Long, Call: func(in []Value, out *Value) {
			for _, c := range in[0].Bytes {
				out.Int += int64(bits.OnesCount8(c))
			}
		}},
		{Name: "n_slice", Params: []Kind{Bytes, Long, Long}, Result: Bytes, Call: func(in []Value, out *Value) {
			out.Bytes = append(out.Bytes, slice(in[0].Bytes, in[1].Int, in[2].Int)...)
		}},
		{Name: "n_overlay", Params: []Kind{Bytes, Bytes, Long, Long}, Result: Bytes, Call: func(in []Value, out *Value) {
			b, with, pos, n := in[0].Bytes, in[1].Bytes, in[2].Int, in[3].Int
			if n < 0 {
				n = int64(len(with))
			}
			out.Bytes = append(append(out.Bytes, slice(b, 1, pos-1)...), with...)
			out.Bytes = append(out.Bytes, slice(b, pos+n, math.MaxInt32)...)
		}},
		{Name: "n_pad", Params: []Kind{Bytes, Long, Bytes, Bool}, Result: Bytes, Call: func(in []Value, out *Value) {
			pad(in[0].Bytes, in[1].Int, in[2].Bytes, in[3].Int != 0, out)
		}},
		{Name: "n_trim", Params: []Kind{Bytes, Bytes, Bool, Bool}, Result: Bytes, Call: func(in []Value, out *Value) {
			b, set := in[0].Bytes, in[1].Bytes
			for in[2].Int != 0 && len(b) > 0 && bytes.IndexByte(set, b[0]) >= 0 {
				b = b[1:]
			}
			for in[3].Int != 0 && len(b) > 0 && bytes.IndexByte(set, b[len(b)-1]) >= 0 {
				b = b[:len(b)-1]
			}
			out.Bytes = append(out.Bytes, b...)
		}},
		{Name: "n_reverse", Params: []Kind{Bytes}, Result: Bytes, Call: func(in []Value, out *Value) {
			out.Bytes = append(out.Bytes, in[0].Bytes...)
			slices.Reverse(out.Bytes)
		}},
	}
}

// slice returns n bytes from a position on; a negative one counts from the end.
func slice(b []byte, pos, n int64) []byte {
	start := max(pos-1, 0)
	if pos < 0 {
		start = int64(len(b)) + pos
	}
	end := start + n
	if n < 0 {
		end = start
	}
	size := int64(len(b))
	start, end = min(max(start, 0), size), min(max(end, 0), size)
	return b[start:max(start, end)]
}

// pad cuts bytes to a length, or fills them up to it on the left or the right.
func pad(b []byte, n int64, with []byte, left bool, out *Value) {
	size := int64(len(b))
	switch {
	case n <= 0:
		return
	case n <= size:
		out.Bytes = append(out.Bytes, b[:n]...)
		return
	case len(with) == 0:
		out.Bytes = append(out.Bytes, b...)
		return
	}
	if !left {
		out.Bytes = append(out.Bytes, b...)
	}
	for i := range n - size {
		out.Bytes = append(out.Bytes, with[i%int64(len(with))])
	}
	if left {
		out.Bytes = append(out.Bytes, b...)
	}
}
