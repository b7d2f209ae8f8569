package sql

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCheckFormats checks what is said of wrong formats and pictures, and of
// bytes beside texts.
func TestCheckFormats(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"long format", "format_string('" + strings.Repeat("%%", 101) + "')", "too-large 15-219"},
		{"nested formats", "format_string('%1$s%1$s%1$s', format_string('" + strings.Repeat("%1$s", 99) + "', " + "repeat(s, 100)))", "too-large 1-461"},
		{"directive", "format_string('%q', s)", "bad-constant 15-19 known are %s, %d, %x, %o, %f and %%"},
		{"value of a format", "format_string('%s %s', s)", "wrong-argument-count 15-22"},
		{"type in a format", "format_string('%d', s)", "wrong-argument-type 21-22 cast it to a string, and write %s"},
		{"picture", "to_char(i, '9x')", "bad-constant 12-16 in this order: MI or S, $, digits 0 and 9 with commas between, a point, digits, and MI, S or PR; at most 38 digits"},
		{"picture of a sign twice", "to_number(s, 'S99S')", "bad-constant 14-20 in this order: MI or S, $, digits 0 and 9 with commas between, a point, digits, and MI, S or PR; at most 38 digits"},
		{"form of numbers", "format_number(x, '0.0%')", "not-supported 18-24 write # and then 0 for digits, commas between, a point, 0 and then # for digits behind it"},
		{"bytes and text", "contains(x'00', s)", "type-mismatch 17-18 write encode(…, 'UTF-8')"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, checkErrors(t, tt.text, Options{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}
