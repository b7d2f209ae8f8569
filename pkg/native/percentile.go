package native

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// percentileFunctions compute from values that count several times.
func percentileFunctions() []Function {
	return []Function{
		// The percentile of numbers, each with how often it counts, which is at least
		// once: 1.5 2,3 1. Of none it is NULL.
		{Name: "n_percentile", Params: []Kind{Text, Double}, Result: Double, Call: func(in []Value, out *Value) {
			counted, ok := readCounted(string(in[0].Bytes))
			if out.Null = !ok; ok {
				out.Float = counted.percentile(in[1].Float)
			}
		}},
	}
}

// counted are numbers in their order.
type counted []countedNumber

// countedNumber is a number with how many there are up to it.
type countedNumber struct {
	value float64
	upTo  int64
}

func readCounted(text string) (counted, bool) {
	var out counted
	for part := range strings.SplitSeq(text, ",") {
		number, times, _ := strings.Cut(part, " ")
		value, err := strconv.ParseFloat(number, 64)
		n, err2 := strconv.ParseInt(times, 10, 64)
		if err != nil || err2 != nil || n < 1 {
			return nil, false
		}
		out = append(out, countedNumber{value, n})
	}
	slices.SortFunc(out, func(a, b countedNumber) int {
		if math.IsNaN(a.value) || math.IsNaN(b.value) { // the largest
			return cmp.Compare(b.value, a.value)
		}
		return cmp.Compare(a.value, b.value)
	})
	for i := 1; i < len(out); i++ {
		out[i].upTo += out[i-1].upTo
	}
	return out, true
}

// percentile interpolates as Spark does.
func (c counted) percentile(part float64) float64 {
	at := func(place int64) float64 {
		i, _ := slices.BinarySearchFunc(c, place+1, func(e countedNumber, n int64) int { return cmp.Compare(e.upTo, n) })
		return c[min(i, len(c)-1)].value
	}
	position := float64(c[len(c)-1].upTo-1) * part
	low, high := math.Floor(position), math.Ceil(position)
	lower, higher := at(int64(low)), at(int64(high))
	if low == high || lower == higher {
		return lower
	}
	return (high-position)*lower + (position-low)*higher
}
