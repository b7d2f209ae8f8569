package sql

import (
	"testing"

	"github.com/mlpdev/mlp/pkg/digest"
)

// TestSparkGrowth proves that guards around guards do not double what stands in
// them.
func TestSparkGrowth(t *testing.T) {
	for _, name := range []string{"add_months", "date_add"} {
		text := "d"
		for range 4 {
			text = name + "(" + text + ", i)"
		}
		if got := len(sparkOf(t, text)); got > 1200 {
			t.Errorf("%s: %d bytes for Spark", text, got)
		}
	}
}

func sparkOf(t *testing.T, text string) string {
	t.Helper()
	e, diags := Parse(text, line{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	typed, diags := Check(e, someColumns{}, Options{})
	if err := diags.Err(); err != nil {
		t.Fatalf("%.40s…: %v", text, err)
	}
	return typed.Spark(Render{Column: QuoteSpark})
}

// someColumns are d, i and s.
type someColumns struct{}

func (someColumns) Lookup(name string) (Column, bool) {
	kind, ok := map[string]Kind{"d": Date, "i": Int, "s": String}[name]
	return Column{Name: name, Type: Type{Kind: kind}, Key: digest.Of([]byte(name))}, ok
}

func (someColumns) Names() []string { return []string{"d", "i", "s"} }
