package score

import (
	"encoding/json"

	"github.com/mlpdev/mlp/pkg/compile"
)

// Value is what a row has of a feature: a number, or a vector of them. In JSON
// it is a number, an array, or null.
type Value struct {
	Number *float64   // nil of a vector, for NULL, and for no finite number
	Vector []*float64 // nil of a number, and where no element is a finite number
}

// MarshalJSON writes the number or the array.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.Vector != nil {
		return json.Marshal(v.Vector)
	}
	return json.Marshal(v.Number)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Value) UnmarshalJSON(data []byte) error {
	*v = Value{}
	if len(data) > 0 && data[0] == '[' {
		return json.Unmarshal(data, &v.Vector)
	}
	return json.Unmarshal(data, &v.Number)
}

// Numbers returns the numbers that a model reads of a feature with a width.
func (v Value) Numbers(width int) []*float64 {
	switch {
	case v.Vector != nil:
		return v.Vector
	case width == 1:
		return []*float64{v.Number}
	}
	return make([]*float64, width)
}

// valuesOf returns the values of features by name, from the numbers that a
// model reads of a row.
func valuesOf(features []*compile.Field, numbers []*float64) map[string]Value {
	out := make(map[string]Value, len(features))
	for _, f := range features {
		out[f.Name] = valueOf(f, numbers[:f.Width()])
		numbers = numbers[f.Width():]
	}
	return out
}

func valueOf(f *compile.Field, numbers []*float64) Value {
	if f.Length == 0 {
		return Value{Number: finite(numbers[0])}
	}
	vector, some := make([]*float64, len(numbers)), false
	for i, n := range numbers {
		vector[i] = finite(n)
		some = some || vector[i] != nil
	}
	if !some {
		return Value{}
	}
	return Value{Vector: vector}
}
