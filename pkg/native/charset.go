package native

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/mlpdev/mlp/pkg/source"
)

// charsetFunctions go between texts and bytes of other character sets, which
// are named in lower case.
func charsetFunctions() []Function {
	return []Function{
		{Name: "n_decode", Params: []Kind{Bytes, Text}, Result: Text, Call: func(in []Value, out *Value) {
			decode(in[0].Bytes, string(in[1].Bytes), out)
		}},
		{Name: "n_encode", Params: []Kind{Text, Text}, Result: Bytes, Call: func(in []Value, out *Value) {
			encode(in[0].Bytes, string(in[1].Bytes), out)
		}},
		{Name: "n_make_utf8", Params: []Kind{Bytes}, Result: Text, Call: func(in []Value, out *Value) {
			out.Bytes = source.AppendValid(out.Bytes, in[0].Bytes)
		}},
	}
}

// decode gives the text of bytes, or NULL where they are none.
func decode(b []byte, set string, out *Value) {
	switch set {
	case "us-ascii", "iso-8859-1":
		for _, c := range b {
			if set == "us-ascii" && c >= utf8.RuneSelf {
				*out = Value{Null: true}
				return
			}
			out.Bytes = utf8.AppendRune(out.Bytes, rune(c))
		}
	case "utf-16le":
		decodeUnits(b, binary.LittleEndian, out)
	case "utf-16be":
		decodeUnits(b, binary.BigEndian, out)
	case "utf-16": // the mark of the order, else the highest byte first
		order := binary.ByteOrder(binary.BigEndian)
		if len(b) >= 2 {
			switch mark := order.Uint16(b); mark {
			case 0xfffe:
				order, b = binary.LittleEndian, b[2:]
			case 0xfeff:
				b = b[2:]
			}
		}
		decodeUnits(b, order, out)
	case "utf-32":
		order := binary.ByteOrder(binary.BigEndian)
		if len(b) >= 4 {
			switch mark := order.Uint32(b); mark {
			case 0xfffe0000:
				order, b = binary.LittleEndian, b[4:]
			case 0xfeff:
				b = b[4:]
			}
		}
		for ; len(b) >= 4; b = b[4:] {
			r := order.Uint32(b)
			if r > utf8.MaxRune || !utf8.ValidRune(rune(r)) {
				break
			}
			out.Bytes = utf8.AppendRune(out.Bytes, rune(r))
		}
		if len(b) > 0 {
			*out = Value{Null: true}
		}
	default:
		if !utf8.Valid(b) {
			*out = Value{Null: true}
			return
		}
		out.Bytes = append(out.Bytes, b...)
	}
}

func decodeUnits(b []byte, order binary.ByteOrder, out *Value) {
	for ; len(b) >= 2; b = b[2:] {
		r := rune(order.Uint16(b))
		if utf16.IsSurrogate(r) {
			if len(b) < 4 {
				break
			}
			if r = utf16.DecodeRune(r, rune(order.Uint16(b[2:]))); r == utf8.RuneError {
				break
			}
			b = b[2:]
		}
		out.Bytes = utf8.AppendRune(out.Bytes, r)
	}
	if len(b) > 0 {
		*out = Value{Null: true}
	}
}

// encode gives the bytes of a text, or NULL where the set lacks a character.
func encode(b []byte, set string, out *Value) {
	var order binary.AppendByteOrder = binary.BigEndian
	switch set {
	case "utf-16le":
		order = binary.LittleEndian
	case "utf-16":
		if len(b) > 0 {
			out.Bytes = append(out.Bytes, 0xfe, 0xff)
		}
	}
	for _, r := range string(b) {
		switch set {
		case "us-ascii", "iso-8859-1":
			if r > 0xff || set == "us-ascii" && r >= utf8.RuneSelf {
				*out = Value{Null: true}
				return
			}
			out.Bytes = append(out.Bytes, byte(r))
		case "utf-32":
			out.Bytes = binary.BigEndian.AppendUint32(out.Bytes, uint32(r))
		default:
			if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
				out.Bytes = order.AppendUint16(out.Bytes, uint16(high))
				r = low
			}
			out.Bytes = order.AppendUint16(out.Bytes, uint16(r))
		}
	}
}
