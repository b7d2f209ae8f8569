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
	add := func(vectors []vector, n int) error {
		matrix = appendFloats(matrix, vectors, n)
		return nil
	}
	if err := c.floats(ctx, sql, columns, add); err != nil {
		return nil, err
	}
	return matrix, nil
}

// FloatBlocks is Floats with bounded memory: it calls each with blocks of so
// many rows, the last one shorter. A block is valid during the call only.
func (c *Conn) FloatBlocks(ctx context.Context, sql string, columns, rows int, each func(block []float32) error) error {
	var matrix []float32
	add := func(vectors []vector, n int) error {
		matrix = appendFloats(matrix, vectors, n)
		for len(matrix) >= rows*columns {
			if err := each(matrix[:rows*columns]); err != nil {
				return err
			}
			matrix = matrix[:copy(matrix, matrix[rows*columns:])]
		}
		return nil
	}
	if err := c.floats(ctx, sql, columns, add); err != nil || len(matrix) == 0 {
		return err
	}
	return each(matrix)
}

func appendFloats(matrix []float32, vectors []vector, n int) []float32 {
	base := len(matrix)
	matrix = append(matrix, make([]float32, n*len(vectors))...)
	for i := range vectors {
		fillFloats(matrix[base+i:], &vectors[i], n, len(vectors))
	}
	return matrix
}

// floats runs a query whose columns are numbers.
func (c *Conn) floats(ctx context.Context, sql string, columns int, add func([]vector, int) error) error {
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
	if err := c.run(ctx, sql, sink{begin, add}); err != nil {
		return fmt.Errorf("read matrix: %w", err)
	}
	return nil
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
