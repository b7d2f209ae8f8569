package compile

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/source"
)

// randomShape returns a shape with settings from small pools, so that many are
// alike.
func randomShape(t *testing.T, r *rand.Rand, kind int) source.Shape {
	t.Helper()
	text := func(all ...string) string { return all[r.IntN(len(all))] }
	one := func(all string) byte { return all[r.IntN(len(all))] }
	switch kind {
	case 0:
		return source.Delimited{Separator: one(",;"), Comment: text("", "#"), Null: text("", "-"), Empty: text("", "e"), HeaderLine: text("", "h")}
	case 1:
		return source.CSV{Separator: one(",;"), Quote: one(`"'`), Comment: text("", "#"), Null: text("", "-"), Headerless: r.IntN(2) == 0}
	case 2:
		return source.JSON{}
	case 3:
		return source.KeyValue{Separator: text(" ", ","), Assign: text("=", ":"), Quote: one(`"'`), Null: text("", "-")}
	}
	out := source.Regex{Null: text("", "-"), Comment: text("", "#")}
	for range 1 + r.IntN(2) {
		p, err := source.NewPattern(text(`(?P<a>\w+),(?P<b>.*)`, `(?P<a>\w+),(.*)`, `(?P<a>\w+),.*`, `(\w+),(?P<a>.*)`, `(?P<b>\w+)=(?P<a>.*)`, `(?:(?P<a>-)|x).*`, `.*`, `h.*`))
		if err != nil {
			t.Fatal(err)
		}
		out.Patterns = append(out.Patterns, p)
	}
	return out
}

// randomFormats returns two formats of the same kinds of shapes, which often
// have one framing.
func randomFormats(t *testing.T, r *rand.Rand) (f, g source.Format) {
	t.Helper()
	kinds := []int{r.IntN(5)}
	if lines := []int{0, 2, 3, 4}; r.IntN(3) == 0 {
		kinds = []int{lines[r.IntN(4)], lines[r.IntN(4)]}
	}
	make := func() (out source.Format) {
		for _, k := range kinds {
			out = append(out, randomShape(t, r, k))
		}
		return out
	}
	f, g = make(), make()
	for range 30 {
		if framingKey(f) == framingKey(g) {
			break
		}
		g = make()
	}
	return f, g
}

// readBy returns what a format makes of a log: its account with each reject,
// and the values of some addresses.
func readBy(t *testing.T, f source.Format, log string, addresses []string) (account string, values []string) {
	t.Helper()
	var b strings.Builder
	r := source.NewReader(strings.NewReader(log), source.Options{Format: f, Optional: addresses,
		Reject: func(x source.Reject) { fmt.Fprintln(&b, x) }})
	values = make([]string, len(addresses))
	batch := new(source.Batch)
	for r.Read(batch) == nil {
		for i := range batch.N {
			fmt.Fprintln(&b, "row", batch.Record[i], batch.Line[i])
			for j := range values {
				values[j] += fmt.Sprintf("%q %t\n", batch.Columns[j][i], batch.Columns[j][i] == nil)
			}
		}
	}
	c := r.Counts()
	c.Rejects, c.Replaced = nil, 0
	return fmt.Sprintf("%+v\n%s", c, b.String()), values
}

// TestSourceKeysCoverResults reads random logs by pairs of formats: those with
// one framing have the same records, rows and rejects, and with one raw key, too,
// an address has the same values.
func TestSourceKeysCoverResults(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	starts := []string{"", "a,b\n", "a;b\n", "h,a,b\n", "h;b;a\n"}
	pieces := []string{"a", "b", "x", "-", "e", ",", ";", " ", "=", ":", `"`, "'", "#", "h", "h,a,b", "h;b;a", "{", `{"a":"-","b":1}`, "}", "\n", "\n", "\n", "a,b\n", `""`}
	var frames, values int
	for range 500 {
		f, g := randomFormats(t, r)
		addresses := []string{"a", "b"}
		// Without any header only positions are read.
		if bare(f) || bare(g) {
			addresses = []string{"0", "1"}
		}
		if framingKey(f) != framingKey(g) {
			continue
		}
		for range 4 {
			log := starts[r.IntN(len(starts))]
			for range r.IntN(20) {
				log += pieces[r.IntN(len(pieces))]
			}
			one, left := readBy(t, f, log, addresses)
			other, right := readBy(t, g, log, addresses)
			if one != other {
				t.Fatalf("%+v and %+v have one framing; of %q one has\n%s\nand the other\n%s", f, g, log, one, other)
			}
			frames++
			for i, address := range addresses {
				if rawKey(f, address) != rawKey(g, address) {
					continue
				}
				values++
				if left[i] != right[i] {
					t.Fatalf("%+v and %+v have one raw key of %q; of %q one has\n%s\nand the other\n%s", f, g, address, log, left[i], right[i])
				}
			}
		}
	}
	if frames < 1000 || values < 1000 {
		t.Errorf("only %d logs and %d values were compared", frames, values)
	}
}

// bare reports whether a format has positions alone.
func bare(f source.Format) bool {
	for _, s := range f {
		switch s := s.(type) {
		case source.Delimited:
			if s.HeaderLine != "" {
				return false
			}
		case source.CSV:
			return s.Headerless
		default:
			return false
		}
	}
	return true
}
