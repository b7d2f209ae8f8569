package duckdb

import (
	"context"
	"fmt"
	"math"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// Floats runs a query and returns its rows as one row-major matrix of the
// given number of columns. NULL becomes NaN, booleans 0 and 1, and a number
// the nearest float32 (an infinity where it is too large). An array of a fixed
// size is so many columns. Columns of other types, or another number of columns,
// are an error.
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

// Blocks are the sizes of the matrices that [Conn.FloatBlocks] gives.
type Blocks struct{ Columns, Rows int }

// FloatBlocks is Floats with bounded memory: it calls each with one block after
// the other, the last one shorter. A block is valid during the call only.
func (c *Conn) FloatBlocks(ctx context.Context, sql string, of Blocks, each func(block []float32) error) error {
	var matrix []float32
	size := of.Rows * of.Columns
	add := func(vectors []vector, n int) error {
		matrix = appendFloats(matrix, vectors, n)
		for len(matrix) >= size {
			if err := each(matrix[:size]); err != nil {
				return err
			}
			matrix = matrix[:copy(matrix, matrix[size:])]
		}
		return nil
	}
	if err := c.floats(ctx, sql, of.Columns, add); err != nil || len(matrix) == 0 {
		return err
	}
	return each(matrix)
}

func appendFloats(matrix []float32, vectors []vector, n int) []float32 {
	base, width := len(matrix), 0
	for i := range vectors {
		width += vectors[i].t.floatColumns()
	}
	matrix = append(matrix, make([]float32, n*width)...)
	for i := range vectors {
		v := &vectors[i]
		if v.t.id == bindings.TypeArray {
			v.fillArrays(matrix[base:], n, width)
		} else {
			fillFloats(matrix[base:], v, n, width)
		}
		base += v.t.floatColumns()
	}
	return matrix
}

// floatColumns is how many columns of a matrix a type is.
func (t *columnType) floatColumns() int {
	if t.id == bindings.TypeArray {
		return t.size
	}
	return 1
}

// floats runs a query whose columns are numbers.
func (c *Conn) floats(ctx context.Context, sql string, columns int, add func([]vector, int) error) error {
	begin := func(types []*columnType) error {
		width := 0
		for i, t := range types {
			if !t.numeric() && !(t.id == bindings.TypeArray && t.elem.numeric()) {
				return fmt.Errorf("column %d is not a number", i+1)
			}
			width += t.floatColumns()
		}
		if width != columns {
			return fmt.Errorf("query has %d columns, want %d", width, columns)
		}
		return nil
	}
	if err := c.run(ctx, sql, sink{begin, add}); err != nil {
		return fmt.Errorf("read matrix: %w", err)
	}
	return nil
}

// fillArrays writes the elements of n arrays into out, side by side, those of
// the next array stride apart.
func (v *vector) fillArrays(out []float32, n, stride int) {
	for r := range n {
		first, size := v.span(r)
		missing := v.null(r)
		for i := range size {
			if missing {
				out[r*stride+i] = float32(math.NaN())
			} else {
				out[r*stride+i] = v.elem.float(first + i)
			}
		}
	}
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

// Doubles returns the doubles among values of [Conn.Query], those of lists one
// by one; what is none, NULL foremost, is nil.
func Doubles(values []any) []*float64 {
	out := make([]*float64, 0, len(values))
	for _, v := range values {
		switch v := v.(type) {
		case []any:
			out = append(out, Doubles(v)...)
		case float64:
			out = append(out, &v)
		default:
			out = append(out, nil)
		}
	}
	return out
}
