package diag

import "strings"

// Nearest returns the candidate that differs least from name, and whether it
// is near enough to suggest: at most a third of the letters differ, case
// aside. Distance counts insertions, deletions, substitutions and swaps of
// neighbours (optimal string alignment).
func Nearest(name string, candidates []string) (string, bool) {
	best, bestDistance := "", max(1, len([]rune(name))/3)+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(name), strings.ToLower(c), bestDistance); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best, best != ""
}

// distance returns the optimal string alignment distance of a and b, or limit
// if it is not smaller.
func distance(a, b string, limit int) int {
	s, t := []rune(a), []rune(b)
	if d := len(s) - len(t); d >= limit || -d >= limit || len(s) > 200 || len(t) > 200 {
		return limit
	}
	var prev2, prev, cur = make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(s); i++ {
		cur[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return min(prev[len(t)], limit)
}
