package sql

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/digest"
)

// typical is an expression as projects have them: testdata/typical.jsonl holds
// those of specs/ and acceptance/specs, with the columns that each reads.
type typical struct {
	Text     string
	Columns  map[string]string
	Function string   // the text defines this function of one's own
	Grouped  bool     // the expression is computed over groups
	Keys     []string // of the groups
	Windows  bool

	scope   Scope
	options Options
}

// typicalScope is a scope as package compile has them: a map.
type typicalScope map[string]Column

func (b typicalScope) Lookup(name string) (Column, bool) {
	c, ok := b[strings.ToLower(name)]
	return c, ok
}

func (b typicalScope) Names() []string { return slices.Sorted(maps.Keys(b)) }

// ownFunctions holds functions of one's own.
type ownFunctions map[string]*Definition

func (o ownFunctions) Function(name string) (*Definition, bool) {
	d, ok := o[name]
	return d, ok
}

func (o ownFunctions) Names() []string { return slices.Sorted(maps.Keys(o)) }

// readTypical returns the expressions, ready to be checked.
func readTypical(tb testing.TB) []typical {
	tb.Helper()
	data, err := os.ReadFile("testdata/typical.jsonl")
	if err != nil {
		tb.Fatal(err)
	}
	own := ownFunctions{}
	var out []typical
	for d := json.NewDecoder(bytes.NewReader(data)); d.More(); {
		var x typical
		if err := d.Decode(&x); err != nil {
			tb.Fatal(err)
		}
		scope := typicalScope{}
		for name, typ := range x.Columns {
			t, diags := ParseType(typ, line{})
			if err := diags.Err(); err != nil {
				tb.Fatal(err)
			}
			scope[strings.ToLower(name)] = Column{Name: name, Type: t, Key: digest.Of([]byte(name))}
		}
		x.scope = scope
		x.options = Options{Windows: x.Windows, Own: own, Grouping: map[string]bool{}}
		if x.Grouped {
			x.options.Mode = Grouped
		}
		for _, k := range x.Keys {
			x.options.Grouping[k] = true
		}
		if x.Function != "" {
			own[x.Function] = x.define(tb, scope, own)
			continue
		}
		out = append(out, x)
	}
	return out
}

func (x typical) define(tb testing.TB, params typicalScope, own Library) *Definition {
	tb.Helper()
	e, diags := Parse(x.Text, line{})
	if err := diags.Err(); err != nil {
		tb.Fatal(err)
	}
	d := Definition{Name: x.Function}
	for _, n := range e.Names() { // in the order of the text
		c := params[n.Name]
		if p := (Parameter{Name: c.Name, Type: c.Type}); !slices.ContainsFunc(d.Params, func(o Parameter) bool { return o.Name == p.Name && o.Type.Equal(p.Type) }) {
			d.Params = append(d.Params, p)
		}
	}
	done, diags := Define(d, e, Type{}, own)
	if err := diags.Err(); err != nil {
		tb.Fatal(err)
	}
	return done
}

// key parses, checks and hashes the expression.
func (x typical) key(tb testing.TB) digest.Digest {
	e, diags := Parse(x.Text, line{})
	if e == nil {
		tb.Fatalf("%s: %v", x.Text, diags.Err())
	}
	typed, diags := Check(e, x.scope, x.options)
	if typed == nil {
		tb.Fatalf("%s: %v", x.Text, diags.Err())
	}
	return typed.Key()
}

// size returns how many nodes the expression has, before functions of one's
// own are written out.
func (x typical) size() int {
	e, _ := Parse(x.Text, line{})
	return e.size
}

// BenchmarkTypical says how long an expression takes, from text to key, and
// what 100,000 take: of all that projects have, and of those that compute.
func BenchmarkTypical(b *testing.B) {
	all := readTypical(b)
	run := func(name string, list []typical) {
		b.Run(name, func(b *testing.B) {
			nodes := 0
			for _, x := range list {
				nodes += x.size()
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				list[i%len(list)].key(b)
				i++
			}
			b.ReportMetric(float64(nodes)/float64(len(list)), "nodes/op")
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)*100_000, "s/100000")
		})
	}
	run("all", all)
	run("from 5 nodes", slices.DeleteFunc(slices.Clone(all), func(x typical) bool { return x.size() < 5 }))
}

// TestAllocations bounds the memory that typical expressions take: what a
// benchmark shows, a test holds.
func TestAllocations(t *testing.T) {
	all := readTypical(t)
	if len(all) < 200 {
		t.Fatalf("only %d expressions", len(all))
	}
	per := testing.AllocsPerRun(3, func() {
		for _, x := range all {
			x.key(t)
		}
	}) / float64(len(all))
	if per > 40 {
		t.Errorf("%.0f allocations an expression, want at most 40", per)
	}
}
