// Package format gives specs one layout and the SQL in them one spelling. It
// changes no meaning: a formatted project compiles to the same keys.
package format

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/sql"
)

// File returns the text of a spec file, formatted; m is a message of the kind
// that it holds, see [spec.MessageOf]. With mistakes of form, in the file or in
// an expression of it, there is no text, and the list says what they are. Other
// mistakes do not matter here.
func File(path string, src []byte, m spec.Message) ([]byte, diag.List) {
	d, list := spec.Read(path, src, m, nil)
	if !spec.WellFormed(list) {
		return nil, list.Sorted()
	}
	return spec.Reformat(d, spec.Style{Expression: expression, Reads: reads})
}

func expression(text spec.Text, parts []string) ([]string, diag.List) {
	out, _, list := sql.Format(parts, text)
	return out, list
}

// nowhere is the place of an expression that has no mistakes.
type nowhere struct{}

func (nowhere) Span(int, int) diag.Span { return diag.Span{} }

// reads returns the positions of the raw columns that a definition names.
func reads(definition string) []int {
	expr, _ := sql.Parse(definition, nowhere{})
	if expr == nil {
		return nil
	}
	var out []int
	for _, name := range expr.Names() {
		number, ok := strings.CutPrefix(strings.ToLower(name.Name), "_c")
		if n, err := strconv.ParseUint(number, 10, 31); ok && err == nil && number == strconv.FormatUint(n, 10) {
			out = append(out, int(n))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
