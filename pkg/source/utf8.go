package source

import "unicode/utf8"

// AppendValid appends src to dst with one U+FFFD for each maximal subpart that
// is not UTF-8.
func AppendValid(dst, src []byte) []byte {
	start := 0
	for i := 0; i < len(src); {
		if src[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(src[i:])
		if r != utf8.RuneError || size > 1 {
			i += size
			continue
		}
		dst = append(dst, src[start:i]...)
		dst = utf8.AppendRune(dst, utf8.RuneError)
		i += subpart(src[i:])
		start = i
	}
	return append(dst, src[start:]...)
}

// subpart returns the length of the maximal subpart at the start of b, which
// does not begin with a character: the longest start of a well-formed sequence
// (The Unicode Standard, table 3-7), or one byte.
func subpart(b []byte) int {
	n, low, high := sequence(b[0])
	for i := 1; i < n; i++ {
		if i == len(b) || b[i] < low || b[i] > high {
			return i
		}
		low, high = 0x80, 0xBF
	}
	return 1
}

// sequence returns the length of the sequences that a byte begins and the
// bounds of their second byte; the length is 1 if it begins none.
func sequence(lead byte) (n int, low, high byte) {
	switch {
	case lead >= 0xC2 && lead <= 0xDF:
		return 2, 0x80, 0xBF
	case lead == 0xE0:
		return 3, 0xA0, 0xBF
	case lead == 0xED:
		return 3, 0x80, 0x9F
	case lead >= 0xE1 && lead <= 0xEF:
		return 3, 0x80, 0xBF
	case lead == 0xF0:
		return 4, 0x90, 0xBF
	case lead == 0xF4:
		return 4, 0x80, 0x8F
	case lead >= 0xF1 && lead <= 0xF3:
		return 4, 0x80, 0xBF
	}
	return 1, 0, 0
}
