package source

import (
	"encoding/binary"
	"math/bits"
)

const (
	everyByte = 0x0101010101010101
	lowBits   = 0x7f7f7f7f7f7f7f7f
)

// appendEnds appends where each column of a line ends, and stops soon after
// most columns. Eight bytes are compared at a time: columns of logs are short,
// so that a call for each would cost more than the search.
func appendEnds(ends []int, line []byte, separator byte, most int) []int {
	pattern := uint64(separator) * everyByte
	i := 0
	for ; i+8 <= len(line); i += 8 {
		word := binary.LittleEndian.Uint64(line[i:]) ^ pattern
		// The top bit of each byte that is zero, and of no other: the shorter
		// form with a subtraction would carry into the byte after a match.
		hits := ^((word&lowBits + lowBits) | word | lowBits)
		for ; hits != 0; hits &= hits - 1 {
			ends = append(ends, i+bits.TrailingZeros64(hits)>>3)
		}
		if len(ends) > most {
			return ends
		}
	}
	for ; i < len(line); i++ {
		if line[i] == separator {
			ends = append(ends, i)
		}
	}
	return append(ends, len(line))
}
