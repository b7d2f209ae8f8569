package source

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAppendEnds puts every byte at every place of a word, beside separators:
// none but a separator may be taken for one.
func TestAppendEnds(t *testing.T) {
	for b := range 256 {
		for at := range 19 {
			line := bytes.Repeat([]byte{','}, 19)
			line[at] = byte(b)
			var want []int
			for i, c := range line {
				if c == ',' {
					want = append(want, i)
				}
			}
			want = append(want, len(line))
			if d := cmp.Diff(want, appendEnds(nil, line, ',', 100)); d != "" {
				t.Fatalf("ends in %q (-want +got):\n%s", line, d)
			}
		}
	}
}

func TestAppendEndsStops(t *testing.T) {
	if n := len(appendEnds(nil, bytes.Repeat([]byte{','}, 1000), ',', 10)); n <= 10 || n > 20 {
		t.Errorf("%d ends, want just over 10", n)
	}
}
