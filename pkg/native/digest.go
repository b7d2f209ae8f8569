package native

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"strings"
)

// digestFunctions are checksums and digests of bytes.
func digestFunctions() []Function {
	return []Function{
		{Name: "n_crc32", Params: []Kind{Raw}, Result: Long, Call: func(in []Value, out *Value) {
			out.Int = int64(crc32.ChecksumIEEE(in[0].Bytes))
		}},
		{Name: "n_sha2", Params: []Kind{Raw, Int}, Result: Text, Call: func(in []Value, out *Value) {
			switch in[1].Int {
			case 224:
				sum := sha256.Sum224(in[0].Bytes)
				out.Bytes = hex.AppendEncode(out.Bytes, sum[:])
			case 384:
				sum := sha512.Sum384(in[0].Bytes)
				out.Bytes = hex.AppendEncode(out.Bytes, sum[:])
			default:
				sum := sha512.Sum512(in[0].Bytes)
				out.Bytes = hex.AppendEncode(out.Bytes, sum[:])
			}
		}},
		{Name: "n_hmac", Params: []Kind{Raw, Raw, Text}, Result: Bytes, Call: func(in []Value, out *Value) {
			if len(in[0].Bytes) == 0 { // which Spark refuses
				*out = Value{Null: true}
				return
			}
			mac := hmac.New(digestOf(string(in[2].Bytes)), in[0].Bytes)
			mac.Write(in[1].Bytes)
			out.Bytes = mac.Sum(out.Bytes)
		}},
		{Name: "n_base32", Params: []Kind{Raw}, Result: Text, Call: func(in []Value, out *Value) {
			out.Bytes = base32.StdEncoding.AppendEncode(out.Bytes, in[0].Bytes)
		}},
		{Name: "n_unbase32", Params: []Kind{Text}, Result: Bytes, Call: func(in []Value, out *Value) {
			out.Bytes = unbase32(out.Bytes, in[0].Bytes)
		}},
	}
}

// digestOf returns a digest by its name in lower case.
func digestOf(name string) func() hash.Hash {
	switch name {
	case "md5":
		return md5.New
	case "sha1":
		return sha1.New
	case "sha224":
		return sha256.New224
	case "sha384":
		return sha512.New384
	case "sha512":
		return sha512.New
	}
	return sha256.New
}

// unbase32 reads base 32 as Spark does: other characters are left out, a =
// ends it, and of the last digits as many whole bytes count as there are, at
// least one.
func unbase32(out, text []byte) []byte {
	var work uint64
	n := 0
	for _, c := range text {
		if c == '=' {
			break
		}
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		d := strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", c)
		if d < 0 {
			continue
		}
		work, n = work<<5|uint64(d), n+1
		if n == 8 {
			out = append(out, byte(work>>32), byte(work>>24), byte(work>>16), byte(work>>8), byte(work))
			n = 0 // the bits stay: what is left of one digit has some of the one before
		}
	}
	if n == 1 {
		return append(out, byte(work>>2))
	}
	bits := n * 5
	for ; bits >= 8; bits -= 8 {
		out = append(out, byte(work>>(bits-8)))
	}
	return out
}
