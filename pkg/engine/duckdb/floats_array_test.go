package duckdb

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An array of a fixed size is so many columns, also where it or elements of it
// are NULL; a list, whose size no type tells, is refused.
func TestFloatsOfArrays(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	got, err := c.Floats(t.Context(), `SELECT i, (CASE WHEN i <> 1 THEN [i + 0.5, NULL] END)::FLOAT[2], i = 2, [i > 0]::BOOLEAN[1] FROM range(3) r(i) ORDER BY i`, 5)
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, f := range got {
		text = append(text, fmt.Sprint(f))
	}
	if diff := cmp.Diff("0 0.5 NaN 0 0 1 NaN NaN 0 1 2 2.5 NaN 1 1", strings.Join(text, " ")); diff != "" {
		t.Error(diff)
	}
	for _, tt := range []struct {
		query   string
		columns int
		want    string
	}{
		{"SELECT [1.5::FLOAT]", 1, "not a number"},
		{"SELECT ['x']::VARCHAR[1]", 1, "not a number"},
		{"SELECT [1, 2]::FLOAT[2]", 3, "query has 2 columns, want 3"},
	} {
		if _, err := c.Floats(t.Context(), tt.query, tt.columns); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.query, err, tt.want)
		}
	}
}

// Arrays of many rows come in their order, in blocks of any size.
func TestFloatBlocksOfArrays(t *testing.T) {
	c := session(t, openDB(t, Options{}))
	const rows, width = 5000, 65
	n := 0
	err := c.FloatBlocks(t.Context(), fmt.Sprintf("SELECT list_transform(range(%d), lambda x: x + i * 100)::FLOAT[%d] FROM range(%d) r(i) ORDER BY i", width, width, rows),
		Blocks{width, 777}, func(block []float32) error {
			for _, v := range block {
				if want := float32(n%width + n/width*100); v != want || math.IsNaN(float64(v)) {
					t.Fatalf("value %d is %v, want %v", n, v, want)
				}
				n++
			}
			return nil
		})
	if err != nil || n != rows*width {
		t.Fatalf("%d values: %v", n, err)
	}
}
