package source

import (
	"io"
	"slices"
	"strings"
	"testing"
)

// The rows of a batch share one header, and the reader knows which columns no
// header had.
func TestBatchHeader(t *testing.T) {
	in := "#f\ta\tb\n1\t2\n3\t4\n#f\tb\tc\n5\t6\n#f\tb\tc\n7\t8\n"
	r := NewReader(strings.NewReader(in), Options{Format: Format{Delimited{Separator: '\t', HeaderLine: "#f", Comment: "#"}}, Optional: []string{"a", "c", "x"}})
	var b Batch
	var got []string
	for {
		err := r.Read(&b)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for range b.N {
			got = append(got, b.Header)
		}
	}
	want := []string{"#f\ta\tb", "#f\ta\tb", "#f\tb\tc", "#f\tb\tc"}
	if !slices.Equal(got, want) {
		t.Errorf("headers %q, want %q", got, want)
	}
	if absent := r.Absent(); !slices.Equal(absent, []string{"x"}) {
		t.Errorf("absent %q, want x", absent)
	}
}

// A header that was handed in is that of the first batch.
func TestBatchHeaderGiven(t *testing.T) {
	r := NewReader(strings.NewReader("1\n"), Options{Format: Format{Delimited{Separator: '\t', HeaderLine: "#f"}}, Header: "#f\ta", Optional: []string{"a"}})
	var b Batch
	if err := r.Read(&b); err != nil || b.Header != "#f\ta" {
		t.Errorf("got header %q, %v", b.Header, err)
	}
}
