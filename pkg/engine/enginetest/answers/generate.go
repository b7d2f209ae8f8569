// Package answers compares an engine with what real Spark answers: typed
// random expressions over a table of values at which functions go wrong, made
// of the catalogue itself, and the answers that were stored.
package answers

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Question is an expression, and which function or operator it is about.
type Question struct {
	Subject string `json:"f"`
	Expr    string `json:"e"`
	Kind    Kind   `json:"k"`
	Depth   int    `json:"d"` // of calls in the arguments
	Type    string `json:"t"`
	digits  bool   // of a computed double stand in a text
}

// Kind says what a question has an answer for.
type Kind string

// A question has an answer for each row, for each group, for all rows, or for
// each row that a generator makes.
const (
	EachRow   Kind = "row"
	EachGroup Kind = "group"
	AllRows   Kind = "all"
	Generated Kind = "rows"
)

// depths says how many expressions of each depth are made of a subject: whose
// arguments are columns and constants, hold one that is a call, and so on.
func depths() []int { return []int{9, 4, 2} }

// attempts is how often a form is filled before a subject has no more.
const attempts = 60

// perForm is how many forms share the expressions of a depth.
const perForm = 8

// generator makes questions. made holds the expressions of a depth by type.
type generator struct {
	seed      uint64
	random    *rand.Rand
	table     enginetest.Table
	constants map[string][]string
	overs     map[string][]string
	liked     map[string][]string
	types     []sql.Type
	columns   map[string][]string
	made      []map[string][]string
	seen      map[string]bool
	omitted   []omission
	out       []Question
}

// subject is what questions are about: the ways to write it.
type subject struct {
	name  string
	forms []form
	class sql.Class
}

// Generate returns the questions of a seed, the same each time. It fails
// where the catalogue holds what it does not know how to call.
func Generate(seed uint64) ([]Question, error) {
	g := &generator{seed: seed, table: Table(), constants: pools(), overs: overs(), liked: favourites(), columns: map[string][]string{}, seen: map[string]bool{}, omitted: leftOut()}
	for _, c := range g.table[1:] {
		if name := c.Type.String(); g.columns[name] == nil {
			g.types = append(g.types, c.Type)
		}
		g.columns[c.Type.String()] = append(g.columns[c.Type.String()], c.Name)
	}
	subjects, err := g.subjects()
	if err != nil {
		return nil, err
	}
	owed := make([]int, len(subjects)) // that a depth did not give
	for depth, count := range depths() {
		g.made = append(g.made, map[string][]string{})
		for i, s := range subjects {
			owed[i] = g.ask(s, depth, count+owed[i])
		}
	}
	return g.out, nil
}

// subjects lists the operators and every name of the catalogue.
func (g *generator) subjects() ([]subject, error) {
	var out []subject
	written := operators()
	for _, name := range slices.Sorted(maps.Keys(written)) {
		s := subject{name: name}
		for _, text := range written[name] {
			s.forms = append(s.forms, readForm(text))
		}
		out = append(out, s)
	}
	out = append(out, g.casts())
	special := forms()
	var unknown []string
	for _, f := range sql.Functions() {
		s := subject{name: f.Name, class: f.Class}
		for _, text := range special[f.Name] {
			s.forms = append(s.forms, readForm(text))
		}
		if s.forms == nil {
			var missing string
			if s.forms, missing = g.callForms(f); missing != "" {
				unknown = append(unknown, missing)
			}
		}
		out = append(out, s)
		for _, alias := range f.Aliases {
			out = append(out, s.renamed(alias))
		}
	}
	if unknown != nil {
		return nil, fmt.Errorf("no constants are known for %s: give pools.go a list, or forms.go a form", strings.Join(unknown, ", "))
	}
	return out, nil
}

// casts is about every type cast to every other one.
func (g *generator) casts() subject {
	s := subject{name: "cast"}
	for _, from := range g.types {
		for _, to := range g.constants["type"] {
			s.forms = append(s.forms, readForm("CAST({"+from.String()+"} AS "+to+")"))
		}
	}
	return s
}

// renamed returns the subject under another name of the function.
func (s subject) renamed(alias string) subject {
	call := regexp.MustCompile(`\b` + regexp.QuoteMeta(s.name) + `\(`)
	out := subject{name: alias, class: s.class}
	for _, f := range s.forms {
		f.texts = slices.Clone(f.texts)
		for i, text := range f.texts {
			f.texts[i] = call.ReplaceAllLiteralString(text, alias+"(")
		}
		out.forms = append(out.forms, f)
	}
	return out
}

// ask makes so many questions about a subject whose arguments have a depth, and
// returns how many more it should have made.
func (g *generator) ask(s subject, depth, count int) int {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s %d", s.name, depth)
	g.random = rand.New(rand.NewPCG(g.seed, h.Sum64()))
	count *= max(1, len(s.forms)/perForm)
	for try := 0; try < attempts*count && count > 0; try++ {
		f := s.forms[try%len(s.forms)]
		deep := -1
		if depth > 0 && len(f.holes) > 0 {
			deep = g.random.IntN(len(f.holes))
		}
		text := g.fill(f, depth, deep)
		if text == "" || g.seen[text] {
			continue
		}
		typed, err := enginetest.Compile(text, g.table)
		if err != nil || typed.Type().Kind == sql.Void {
			continue
		}
		g.seen[text] = true
		count--
		g.add(s, text, depth, typed)
	}
	if len(s.forms) > perForm { // casts, of which many are not allowed
		return 0
	}
	return count
}

// add notes a question, and what other expressions may be made of it.
func (g *generator) add(s subject, text string, depth int, typed *sql.Typed) {
	typ := typed.Type()
	q := Question{Subject: s.name, Expr: text, Kind: EachRow, Depth: depth, Type: typ.String(), digits: digits.MatchString(typed.Canonical())}
	switch {
	case typed.Generates():
		q.Kind = Generated
	case typed.Aggregate():
		q.Kind = []Kind{AllRows, EachGroup}[g.random.IntN(2)]
	case !typed.Windows() && !slices.Contains(raising, s.name) && !farTimes.MatchString(text) && !slices.Contains(inexact, s.name):
		made := text
		if !whole.MatchString(text) {
			made = "(" + text + ")"
		}
		if !slices.ContainsFunc(g.types, typ.Equal) {
			g.types = append(g.types, typ)
		}
		g.made[depth][q.Type] = append(g.made[depth][q.Type], made)
	}
	if typ.Kind == sql.Binary { // which is printed as if it were a text
		q.Expr, q.Type = "hex("+text+")", "string"
		if _, err := enginetest.Compile(q.Expr, g.table); err != nil { // it is the larger one
			return
		}
	}
	if !slices.ContainsFunc(g.omitted, func(o omission) bool { return o.what.MatchString(q.Expr) }) {
		g.out = append(g.out, q)
	}
}

// raising are functions that fail in Spark for some rows: what holds them has
// no answer there, so nothing else is made of them.
var raising = []string{"bit_get", "getbit", "slice", "sequence", "unbase64", "map", "map_from_entries", "map_from_arrays", "map_concat", "str_to_map", "transform_keys", "window", "window_time", "session_window", "date_add", "date_sub", "dateadd", "date_from_unix_date"}

// inexact are functions of which the last digit is not the same everywhere, which
// a text of it or a comparison would tell.
var inexact = []string{"acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "cot", "csc", "degrees", "e", "exp", "expm1", "hypot", "ln", "log", "log10", "log1p", "log2", "pi", "pow", "power", "radians",
	"sec", "sin", "sinh", "sqrt", "tan", "tanh", "vector_norm", "vector_normalize", "vector_cosine_similarity", "vector_l2_distance", "vector_inner_product"}

// farTimes matches times that DuckDB has no value for.
var farTimes = regexp.MustCompile(`(?i)CAST\([lxf] AS timestamp|timestamp_seconds\([lxf]\)`)

// digits matches the canonical form of a computed double, or of what holds one,
// that becomes a text. Java 17 prints some with more digits than tell them apart.
var digits = regexp.MustCompile(`(cast|to_json|to_csv)#\d+:string\([^({]*#\d+:[^({]*(double|float)`)

// whole matches an expression that is one name or call.
var whole = regexp.MustCompile(`^\w+(\([^()]*\))?$`)

// fill fills the holes of a form, one of them, if there is one that is deep,
// with an expression of the depth before.
func (g *generator) fill(f form, depth, deep int) string {
	var b strings.Builder
	for i, text := range f.texts {
		b.WriteString(text)
		if i == len(f.holes) {
			break
		}
		level := 0
		if i == deep {
			level = depth
		} else if depth > 0 && g.random.IntN(3) == 0 {
			level = 1 + g.random.IntN(depth)
		}
		filling := g.fillHole(f.holes[i], level)
		if filling == "\x00" {
			return ""
		}
		b.WriteString(filling)
	}
	return b.String()
}

// fillHole returns an expression for a hole, or a NUL if there is none.
func (g *generator) fillHole(h hole, level int) string {
	if h.over != "" {
		return g.fill(readForm(pick(g.random, g.overs[h.over])), 0, -1)
	}
	if h.constants != "" {
		return pick(g.random, g.constants[h.constants])
	}
	if level == 0 && len(h.liked) > 0 && g.random.IntN(5) > 0 {
		return pick(g.random, h.liked)
	}
	if level == 0 && g.random.IntN(12) == 0 {
		if text := g.literal(h); text != "" {
			return text
		}
	}
	from := g.columns
	if level > 0 {
		from = g.made[level-1]
	}
	fitting := map[sql.Kind][]string{}
	for _, t := range g.types {
		if h.takes(t) && len(from[t.String()]) > 0 {
			fitting[t.Kind] = append(fitting[t.Kind], t.String())
		}
	}
	if len(fitting) == 0 {
		return "\x00"
	}
	kinds := slices.Sorted(maps.Keys(fitting))
	types := fitting[kinds[g.random.IntN(len(kinds))]]
	return pick(g.random, from[pick(g.random, types)])
}

func pick(random *rand.Rand, from []string) string {
	if len(from) == 0 {
		return "\x00"
	}
	return from[random.IntN(len(from))]
}

// literal returns a constant for a hole.
func (g *generator) literal(h hole) string {
	constants := map[sql.Kind][]string{sql.Int: {"0", "1", "-3", "7", "2147483647"}, sql.Double: {"0.5D", "-1e3", "2.0D"}, sql.String: {"'a'", "''", "'12'", "'Spark é'"},
		sql.Boolean: {"true", "false"}, sql.Date: {"DATE '2020-02-29'"}, sql.Timestamp: {"TIMESTAMP '2020-02-29 12:30:45.5'"}, sql.BigInt: {"5L", "-9000000000"}, sql.Decimal: {"1.50", "-0.001"}}
	var fitting []string
	for _, t := range g.types {
		if h.takes(t) {
			fitting = append(fitting, constants[t.Kind]...)
		}
	}
	if len(fitting) == 0 {
		return ""
	}
	return pick(g.random, fitting)
}

// Least is the number of answers that a function or operator needs.
const Least = 10

// Subjects returns the names of all that questions are about.
func Subjects() []string {
	out := append(slices.Collect(maps.Keys(operators())), "cast")
	for _, f := range sql.Functions() {
		out = append(append(out, f.Name), f.Aliases...)
	}
	slices.Sort(out)
	return out
}

// Random returns so many typed expressions that a seed gives, and the seeds
// after it: those that have a value for each row, of which an argument is a call,
// in a random order. They are over [Table]. Times that DuckDB has no value for, and
// windows, are left out, and texts of computed doubles.
func Random(seed uint64, count int) ([]Question, error) {
	var out []Question
	seen := map[string]bool{}
	for ; len(out) < count; seed++ {
		all, err := Generate(seed)
		if err != nil {
			return nil, err
		}
		deep := slices.DeleteFunc(all, func(q Question) bool {
			return q.Depth == 0 || q.Kind != EachRow || q.digits || seen[q.Expr] || strings.Contains(q.Expr, " OVER (") || farTimes.MatchString(q.Expr)
		})
		for _, q := range deep {
			seen[q.Expr] = true
		}
		random := rand.New(rand.NewPCG(seed, 3))
		random.Shuffle(len(deep), func(i, j int) { deep[i], deep[j] = deep[j], deep[i] })
		out = append(out, deep[:min(count-len(out), len(deep))]...)
	}
	return out, nil
}
