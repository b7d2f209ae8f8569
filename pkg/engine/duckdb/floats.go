package duckdb

import (
	"context"
	"fmt"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// Floats runs a query and returns its rows as one row-major matrix of the
// given number of columns. NULL becomes NaN, booleans 0 and 1, and a number
// the nearest float32 (an infinity where it is too large). Columns of other
// types, or another number of columns, are an error.
func (c *Conn) Floats(ctx context.Context, sql string, columns int) ([]float32, error) {
	var matrix []float32
	begin := func(types []*columnType) error {
		if len(types) != columns {
			return fmt.Errorf("query has %d columns, want %d", len(types), columns)
		}
		for i, t := range types {
			if !t.numeric() {
				return fmt.Errorf("column %d is not a number", i+1)
			}
		}
		return nil
	}
	add := func(vectors []vector, n int) error {
		base := len(matrix)
		matrix = append(matrix, make([]float32, n*columns)...)
		for i := range vectors {
			fillFloats(matrix[base+i:], &vectors[i], n, columns)
		}
		return nil
	}
	err := c.run(ctx, sql, sink{begin, add})
	if err != nil {
		return nil, fmt.Errorf("read matrix: %w", err)
	}
	return matrix, nil
}

// fillFloats writes n values of a column into out, stride apart.
func fillFloats(out []float32, v *vector, n, stride int) {
	if v.t.id == bindings.TypeDouble && v.valid == nil {
		// The common case, without a decision for each value.
		for r := range n {
			out[r*stride] = float32(at[float64](v, r))
		}
		return
	}
	for r := range n {
		out[r*stride] = v.float(r)
	}
}
