package answers

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/sql"
)

// Same reports whether two printed values are the same; the floating numbers
// in them may differ by a part.
func Same(want, got string, t sql.Type, tolerance float64) bool {
	if want == got || !holds(t, sql.Float) && !holds(t, sql.Double) {
		return want == got
	}
	bits := 64
	if holds(t, sql.Float) && !holds(t, sql.Double) {
		bits = 32
	}
	separators := func(r rune) bool { return strings.ContainsRune(`[]{},:"`, r) }
	a, b := strings.FieldsFunc(want, separators), strings.FieldsFunc(got, separators)
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, errX := strconv.ParseFloat(a[i], bits)
		y, errY := strconv.ParseFloat(b[i], bits)
		if a[i] != b[i] && (errX != nil || errY != nil || math.IsInf(x-y, 0) || math.IsNaN(x-y) || math.Abs(x-y) > tolerance*math.Max(math.Abs(x), math.Abs(y)) && (tolerance < 1e-9 || math.Abs(x-y) > 1e-12)) {
			return false
		}
	}
	return true
}

// holds reports whether a type is of a kind, or has a part that is.
func holds(t sql.Type, kind sql.Kind) bool {
	switch t.Kind {
	case kind:
		return true
	case sql.Array:
		return holds(*t.Elem, kind)
	case sql.Map:
		return holds(*t.Key, kind) || holds(*t.Elem, kind)
	}
	return slices.ContainsFunc(t.Fields, func(f sql.Field) bool { return holds(f.Type, kind) })
}
