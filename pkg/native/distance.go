package native

import (
	"slices"
	"unicode/utf16"
)

// distanceFunctions say how far two texts are from each other, by characters.
func distanceFunctions() []Function {
	return []Function{
		{Name: "n_levenshtein", Params: []Kind{Text, Text}, Result: Int, Call: func(in []Value, out *Value) {
			out.Int = int64(levenshtein([]rune(string(in[0].Bytes)), []rune(string(in[1].Bytes))))
		}},
		{Name: "n_instr", Params: []Kind{Text, Text, Int, Int}, Result: Int, Call: func(in []Value, out *Value) {
			out.Null = in[3].Int < 1
			out.Int = instr([]rune(string(in[0].Bytes)), []rune(string(in[1].Bytes)), in[2].Int, in[3].Int)
		}},
		{Name: "n_jaro_winkler", Params: []Kind{Text, Text}, Result: Double, Call: func(in []Value, out *Value) {
			out.Float = jaroWinkler(utf16.Encode([]rune(string(in[0].Bytes))), utf16.Encode([]rune(string(in[1].Bytes))))
		}},
	}
}

// levenshtein counts the characters to insert, delete or exchange.
func levenshtein(a, b []rune) int {
	if len(a) < len(b) {
		a, b = b, a
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, c := range a {
		corner := row[0]
		row[0] = i + 1
		for j, d := range b {
			change := corner
			if c != d {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, corner+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// jaroWinkler is the similarity of Jaro, raised for a common prefix of up to
// four. Characters are units of UTF-16, as Spark counts them.
func jaroWinkler(a, b []uint16) float64 {
	if len(a) == 0 && len(b) == 0 {
		return 1
	}
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	reach := max(max(len(a), len(b))/2-1, 0)
	inA, inB := make([]bool, len(a)), make([]bool, len(b))
	matches := 0
	for i, c := range a {
		for j := max(0, i-reach); j < min(len(b), i+reach+1); j++ {
			if !inB[j] && b[j] == c {
				inA[i], inB[j] = true, true
				matches++
				break
			}
		}
	}
	if matches == 0 {
		return 0
	}
	swapped, j := 0, 0
	for i, c := range a {
		if !inA[i] {
			continue
		}
		for !inB[j] {
			j++
		}
		if b[j] != c {
			swapped++
		}
		j++
	}
	m := float64(matches)
	jaro := (m/float64(len(a)) + m/float64(len(b)) + (m-float64(swapped)/2)/m) / 3
	prefix := 0
	for prefix < min(4, len(a), len(b)) && a[prefix] == b[prefix] {
		prefix++
	}
	return jaro + float64(prefix)*0.1*(1-jaro)
}

// instr returns where a text occurs for the n-th time from a position on, or
// from a position that counts from the end backwards; 0 if it does not.
func instr(s, part []rune, from, n int64) int64 {
	step := int64(1)
	switch {
	case len(part) == 0:
		return 1
	case from < 0:
		from, step = int64(len(s))+from+1, -1
	}
	if n < 1 {
		return 0
	}
	for at := from; at >= 1 && at <= int64(len(s)); at += step {
		rest := s[at-1:]
		if len(rest) < len(part) || !slices.Equal(rest[:len(part)], part) {
			continue
		}
		if n--; n == 0 {
			return at
		}
	}
	return 0
}
