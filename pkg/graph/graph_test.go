package graph

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/digest"
)

// build makes a graph of lines such as
//
//	feature/a text=1 type=double <- reads:field/x reads:field/y
//
// address, own parts, dependencies with their roles.
func build(t *testing.T, lines ...string) *Graph {
	t.Helper()
	g := New()
	for _, line := range lines {
		head, deps, _ := strings.Cut(line, " <- ")
		words := strings.Fields(head)
		n := Node{Address: words[0]}
		for _, w := range words[1:] {
			name, value, _ := strings.Cut(w, "=")
			n.Own = append(n.Own, Part{name, digest.Of([]byte(value))})
		}
		for _, w := range strings.Fields(deps) {
			role, address, _ := strings.Cut(w, ":")
			n.Deps = append(n.Deps, Dep{role, address})
		}
		if _, err := g.Add(n); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func base(t *testing.T) *Graph {
	return build(t,
		"field/x text=1",
		"field/y text=2",
		"feature/a text=3 <- reads:field/x reads:field/y",
		"feature/b text=4 <- reads:field/y",
		"model/m seed=1 <- input:feature/a",
	)
}

func TestAdd(t *testing.T) {
	g := base(t)
	n, ok := g.Node("feature/a")
	if !ok || n.Key != g.Key("feature/a") || n.Key.IsZero() {
		t.Errorf("got %+v", n)
	}
	if _, ok := g.Node("feature/none"); ok || !g.Key("feature/none").IsZero() {
		t.Error("a node that was never added")
	}
	if _, err := g.Add(Node{Address: "field/x"}); err == nil {
		t.Error("an address can be added twice")
	}
	if _, err := g.Add(Node{Address: "model/n", Deps: []Dep{{"input", "feature/none"}}}); err == nil {
		t.Error("a dependency may be missing")
	}
	if _, ok := g.Node("model/n"); ok {
		t.Error("what was refused is there")
	}
	want := []string{"field/x", "field/y", "feature/a", "feature/b", "model/m"}
	if diff := cmp.Diff(want, g.Addresses()); diff != "" {
		t.Error(diff)
	}
	var none *Graph
	if _, ok := none.Node("field/x"); ok || none.Addresses() != nil || !none.Key("field/x").IsZero() {
		t.Error("a nil graph is not an empty one")
	}
}

// What enters a key, and what does not.
func TestKey(t *testing.T) {
	inputs := []string{"field/x text=1", "field/y text=2", "field/twin text=1"}
	key := func(t *testing.T, line string) digest.Digest {
		address, _, _ := strings.Cut(line, " ")
		return build(t, append(inputs, line)...).Key(address)
	}
	const first = "feature/a text=1 type=2 <- reads:field/x reads:field/y"
	for _, tt := range []struct {
		name, line string
		same       bool
	}{
		{"the same", first, true},
		{"another name", "feature/b text=1 type=2 <- reads:field/x reads:field/y", true},
		{"order of parts", "feature/a type=2 text=1 <- reads:field/x reads:field/y", true},
		{"order of dependencies", "feature/a text=1 type=2 <- reads:field/y reads:field/x", true},
		{"a dependency of another name and the same key", "feature/a text=1 type=2 <- reads:field/twin reads:field/y", true},
		{"another kind", "column/a text=1 type=2 <- reads:field/x reads:field/y", false},
		{"another part", "feature/a text=2 type=2 <- reads:field/x reads:field/y", false},
		{"parts swapped", "feature/a text=2 type=1 <- reads:field/x reads:field/y", false},
		{"a part less", "feature/a text=1 <- reads:field/x reads:field/y", false},
		{"a part of another name", "feature/a text=1 kind=2 <- reads:field/x reads:field/y", false},
		{"another dependency", "feature/a text=1 type=2 <- reads:field/x reads:field/x", false},
		{"a dependency less", "feature/a text=1 type=2 <- reads:field/x", false},
		{"a dependency twice", "feature/a text=1 type=2 <- reads:field/x reads:field/y reads:field/y", false},
		{"two inputs with one key", "feature/a text=1 type=2 <- reads:field/x reads:field/twin reads:field/y", false},
		{"another role", "feature/a text=1 type=2 <- reads:field/x key:field/y", false},
		{"roles swapped", "feature/a text=1 type=2 <- key:field/x reads:field/y", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if same := key(t, tt.line) == key(t, first); same != tt.same {
				t.Errorf("the same key: %v", same)
			}
		})
	}
	if key(t, "feature/a text=1 <- reads:field/x key:field/y") == key(t, "feature/a text=1 <- key:field/x reads:field/y") {
		t.Error("roles are interchangeable")
	}
}

// A node's encoding is pinned: keys of all projects hang on it.
func TestGoldenKey(t *testing.T) {
	g := base(t)
	x := g.Key("field/x")
	want := digest.New("node/feature").Digest("own/text", digest.Of([]byte("3"))).
		DigestSet("dep/reads", []digest.Digest{g.Key("field/y"), x}).Sum()
	if got := g.Key("feature/a"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := x.String(), digest.New("node/field").Digest("own/text", digest.Of([]byte("1"))).Sum().String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDependents(t *testing.T) {
	g := base(t)
	for address, want := range map[string][]string{
		"field/x":   {"feature/a", "model/m"},
		"field/y":   {"feature/a", "feature/b", "model/m"},
		"feature/b": nil,
		"none":      nil,
	} {
		if diff := cmp.Diff(want, g.Dependents(address)); diff != "" {
			t.Errorf("%s: %s", address, diff)
		}
	}
}

func TestDiff(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lines []string
		want  []string // address action own… < via…
	}{
		{"nothing", []string{"field/x text=1", "field/y text=2", "feature/a text=3 <- reads:field/x reads:field/y", "feature/b text=4 <- reads:field/y", "model/m seed=1 <- input:feature/a"}, nil},
		{"another order", []string{"field/y text=2", "feature/b text=4 <- reads:field/y", "field/x text=1", "feature/a text=3 <- reads:field/y reads:field/x", "model/m seed=1 <- input:feature/a"}, nil},
		{"all gone", nil, []string{"field/x removed", "field/y removed", "feature/a removed", "feature/b removed", "model/m removed"}},
		{"an addition", []string{"field/x text=1", "field/y text=2", "field/z text=9", "feature/a text=3 <- reads:field/x reads:field/y", "feature/b text=4 <- reads:field/y", "model/m seed=1 <- input:feature/a"},
			[]string{"field/z added"}},
		{"a removal", []string{"field/x text=1", "field/y text=2", "feature/a text=3 <- reads:field/x reads:field/y", "model/m seed=1 <- input:feature/a"},
			[]string{"feature/b removed"}},
		{"a change and all that reads it", []string{"field/x text=0", "field/y text=2", "feature/a text=3 <- reads:field/x reads:field/y", "feature/b text=4 <- reads:field/y", "model/m seed=1 <- input:feature/a"},
			[]string{"field/x changed text", "feature/a changed < reads:field/x", "model/m changed < input:feature/a"}},
		{"own parts and dependencies", []string{"field/x text=1", "field/y text=2", "feature/a text=0 more=1 <- reads:field/x", "feature/b text=4 <- reads:field/y", "model/m seed=1 <- input:feature/a input:feature/b"},
			[]string{"feature/a changed more text < reads:field/y", "model/m changed < input:feature/a input:feature/b"}},
		{"a part less", []string{"field/x text=1", "field/y text=2", "feature/a text=3 <- reads:field/x reads:field/y", "feature/b text=4 <- reads:field/y", "model/m <- input:feature/a"},
			[]string{"model/m changed seed"}},
		{"a rename carried through", []string{"field/w text=1", "field/y text=2", "feature/a text=3 <- reads:field/w reads:field/y", "feature/b text=4 <- reads:field/y", "model/m seed=1 <- input:feature/a"},
			[]string{"field/w renamed from field/x"}},
		{"a rename and a change are a removal and an addition", []string{"field/w text=0", "field/y text=2", "feature/a text=3 <- reads:field/w reads:field/y", "feature/b text=4 <- reads:field/y", "model/m seed=1 <- input:feature/a"},
			[]string{"field/w added", "feature/a changed < reads:field/w reads:field/x", "model/m changed < input:feature/a", "field/x removed"}},
		{"the same content under another kind", []string{"field/x text=1", "field/y text=2", "feature/a text=3 <- reads:field/x reads:field/y", "column/b text=4 <- reads:field/y", "model/m seed=1 <- input:feature/a"},
			[]string{"column/b added", "feature/b removed"}},
		{"one renamed to two", []string{"field/v text=1", "field/w text=1", "field/y text=2", "feature/a text=3 <- reads:field/v reads:field/y", "feature/b text=4 <- reads:field/y", "model/m seed=1 <- input:feature/a"},
			[]string{"field/v renamed from field/x", "field/w added"}},
		{"another role", []string{"field/x text=1", "field/y text=2", "feature/a text=3 <- reads:field/x key:field/y", "feature/b text=4 <- reads:field/y", "model/m seed=1 <- input:feature/a"},
			[]string{"feature/a changed < key:field/y reads:field/y", "model/m changed < input:feature/a"}},
		{"a dependency twice", []string{"field/x text=1", "field/y text=2", "feature/a text=3 <- reads:field/x reads:field/y", "feature/b text=4 <- reads:field/y reads:field/y", "model/m seed=1 <- input:feature/a"},
			[]string{"feature/b changed < reads:field/y"}},
		{"a second input of the same key, listed first", []string{"field/twin text=1", "field/x text=1", "field/y text=2", "feature/a text=3 <- reads:field/twin reads:field/x reads:field/y", "feature/b text=4 <- reads:field/y", "model/m seed=1 <- input:feature/a"},
			[]string{"field/twin added", "feature/a changed < reads:field/twin", "model/m changed < input:feature/a"}},
		{"a second input of the same key", []string{"field/x text=1", "field/twin text=1", "field/y text=2", "feature/a text=3 <- reads:field/x reads:field/y reads:field/twin", "feature/b text=4 <- reads:field/y", "model/m seed=1 <- input:feature/a"},
			[]string{"field/twin added", "feature/a changed < reads:field/twin", "model/m changed < input:feature/a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before, after := base(t), build(t, tt.lines...)
			if diff := cmp.Diff(tt.want, describe(Diff(before, after))); diff != "" {
				t.Error(diff)
			}
			for _, c := range Diff(before, after) {
				from := c.Address
				if c.Action == Renamed {
					from = c.From
				}
				if c.Base != before.Key(from) || c.Head != after.Key(c.Address) {
					t.Errorf("%s: keys %s and %s", c.Address, c.Base.Short(), c.Head.Short())
				}
			}
			if back := Diff(after, before); (len(back) == 0) != (len(tt.want) == 0) {
				t.Errorf("backwards: %v", describe(back))
			}
		})
	}
}

func describe(changes []Change) []string {
	var out []string
	for _, c := range changes {
		words := []string{c.Address, string(c.Action)}
		if c.From != "" {
			words = append(words, "from", c.From)
		}
		words = append(words, c.Own...)
		if len(c.Via) > 0 {
			words = append(words, "<")
		}
		for _, d := range c.Via {
			words = append(words, d.Role+":"+d.Address)
		}
		out = append(out, strings.Join(words, " "))
	}
	return out
}

func TestDiffOfNothing(t *testing.T) {
	g := base(t)
	if d := Diff(g, g); d != nil {
		t.Errorf("a graph differs from itself: %v", describe(d))
	}
	if d := Diff(nil, nil); d != nil {
		t.Errorf("nothing differs from nothing: %v", describe(d))
	}
	want := []string{"field/x added", "field/y added", "feature/a added", "feature/b added", "model/m added"}
	if diff := cmp.Diff(want, describe(Diff(nil, g))); diff != "" {
		t.Error(diff)
	}
	if got := Diff(g, nil); len(got) != 5 {
		t.Errorf("got %v", describe(got))
	}
}

// random is a random graph in which some nodes' contents are said to differ.
type random struct {
	text []int   // own content of each node
	deps [][]int // earlier nodes that it reads
}

func (r random) build(t *testing.T, changed map[int]bool) *Graph {
	g := New()
	for i, text := range r.text {
		if changed[i] {
			text += 1_000
		}
		n := Node{Address: fmt.Sprintf("n/%d", i), Own: []Part{{"text", digest.Of(fmt.Append(nil, text))}}}
		for _, d := range r.deps[i] {
			n.Deps = append(n.Deps, Dep{"reads", fmt.Sprintf("n/%d", d)})
		}
		if _, err := g.Add(n); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

// A key changes exactly where the node's own content or something upstream of
// it changed, and Dependents and Via agree with that.
func TestKeysFollowChanges(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		var g random
		n := 1 + r.IntN(25)
		for i := range n {
			var deps []int
			for range min(i, r.IntN(4)) {
				deps = append(deps, r.IntN(i))
			}
			g.text, g.deps = append(g.text, i), append(g.deps, deps)
		}
		changed := map[int]bool{}
		for range 1 + r.IntN(3) {
			changed[r.IntN(n)] = true
		}
		before, after := g.build(t, nil), g.build(t, changed)
		affected := slices.Clone(g.text)
		for i := range n {
			affected[i] = 0
			if changed[i] || slices.ContainsFunc(g.deps[i], func(d int) bool { return affected[d] == 1 }) {
				affected[i] = 1
			}
			address := fmt.Sprintf("n/%d", i)
			if got := before.Key(address) != after.Key(address); got != (affected[i] == 1) {
				t.Fatalf("%s: key changed is %v; %v with changes %v", address, got, g, changed)
			}
		}
		checkChanges(t, Diff(before, after), g, changed, affected)
		for i := range changed {
			for _, a := range before.Dependents(fmt.Sprintf("n/%d", i)) {
				if before.Key(a) == after.Key(a) {
					t.Fatalf("%s is a dependent and has the same key", a)
				}
			}
		}
	}
}

func checkChanges(t *testing.T, changes []Change, g random, changed map[int]bool, affected []int) {
	t.Helper()
	if want := strings.Count(fmt.Sprint(affected), "1"); len(changes) != want {
		t.Fatalf("%d changes, want %d", len(changes), want)
	}
	place := -1
	for _, c := range changes {
		var i int
		if _, err := fmt.Sscanf(c.Address, "n/%d", &i); err != nil || i <= place {
			t.Fatalf("%s stands before what it reads", c.Address)
		}
		place = i
		if (len(c.Own) > 0) != changed[i] {
			t.Fatalf("%s: own %v, changed %v", c.Address, c.Own, changed[i])
		}
		for _, d := range g.deps[i] {
			via := slices.Contains(c.Via, Dep{"reads", fmt.Sprintf("n/%d", d)})
			if via != (affected[d] == 1) {
				t.Fatalf("%s via n/%d is %v", c.Address, d, via)
			}
		}
	}
}
