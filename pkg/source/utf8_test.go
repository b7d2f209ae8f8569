package source

import (
	"testing"
	"unicode/utf8"
)

// The first four are tables 3-8 to 3-11 of The Unicode Standard.
func TestAppendValid(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"non-shortest forms", "\xC0\xAF\xE0\x80\xBF\xF0\x81\x82A", "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdA"},
		{"surrogates", "\xED\xA0\x80\xED\xBF\xBF\xED\xAFA", "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdA"},
		{"other ill-formed", "\xF4\x91\x92\x93\xFFA\x80\xBFB", "\ufffd\ufffd\ufffd\ufffd\ufffdA\ufffd\ufffdB"},
		{"truncated", "\xE1\x80\xE2\xF0\x91\x92\xF1\xBFA", "\ufffd\ufffd\ufffd\ufffdA"},
		{"truncated at the end", "a\xF0\x9F\x98", "a\ufffd"},
		{"valid", "aé€😀\ufffd", "aé€😀\ufffd"},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(AppendValid([]byte(">"), []byte(tt.in))); got != ">"+tt.want {
				t.Errorf("AppendValid(%q) = %q, want %q", tt.in, got, ">"+tt.want)
			}
		})
	}
}

// TestAppendValidAll tries every sequence of three bytes that matter.
func TestAppendValidAll(t *testing.T) {
	alphabet := "A\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3\xf4\xf5\xff"
	for _, a := range []byte(alphabet) {
		for _, b := range []byte(alphabet) {
			for _, c := range []byte(alphabet) {
				for _, d := range []byte(alphabet) {
					in := string([]byte{a, b, c, d})
					got := string(AppendValid(nil, []byte(in)))
					if want := validReference(in); got != want || !utf8.ValidString(got) {
						t.Fatalf("AppendValid(%q) = %q, want %q", in, got, want)
					}
				}
			}
		}
	}
}
