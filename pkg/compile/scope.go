package compile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/sql"
)

// maxExpansion caps how many raw columns an expression reads, counted with
// repetitions and through working columns: what a chain of columns that each
// read the one before twice would grow to.
const maxExpansion = 10_000

// columns is a scope that grows: names with their columns and their weight,
// the number of raw columns that a use of the name stands for.
type columns struct {
	names  []string
	byName map[string]sql.Column
	weight map[string]int
	at     map[string]string // address of each name, for lineage
	wrong  map[string]bool   // names whose definition is wrong, in lower case
	hidden []*Field          // label columns, which the scope leaves out on purpose
	later  map[string]func() // adds a column when it is first looked up, by name in lower case
}

func newColumns() *columns {
	return &columns{byName: map[string]sql.Column{}, weight: map[string]int{}, at: map[string]string{}, wrong: map[string]bool{}, later: map[string]func(){}}
}

// Lookup finds a column; names are case-insensitive, as in Spark.
func (s *columns) Lookup(name string) (sql.Column, bool) {
	if add := s.later[strings.ToLower(name)]; add != nil {
		delete(s.later, strings.ToLower(name))
		add()
	}
	c, ok := s.byName[strings.ToLower(name)]
	return c, ok
}

// Names returns the names in the order in which they were added.
func (s *columns) Names() []string { return s.names }

func (s *columns) add(c sql.Column, address string, weight int) {
	s.names = append(s.names, c.Name)
	s.byName[strings.ToLower(c.Name)] = c
	s.weight[strings.ToLower(c.Name)] = weight
	s.at[strings.ToLower(c.Name)] = address
}

// addLater declares a column that is added when it is first looked up: one that
// nothing reads leaves no trace.
func (s *columns) addLater(name string, add func()) {
	s.names = append(s.names, name)
	s.later[strings.ToLower(name)] = func() {
		add()
		s.names = s.names[:len(s.names)-1] // declared before
	}
}

// set adds a column, in place of one that has its name.
func (s *columns) set(c sql.Column, address string, weight int) {
	known := s.has(c.Name)
	s.add(c, address, weight)
	if known {
		s.names = s.names[:len(s.names)-1]
	}
}

// addWrong adds a column whose definition is wrong, so that its type is not
// known. What reads it is not blamed for that.
func (s *columns) addWrong(name string) {
	s.add(sql.Column{Name: name}, "", 1)
	s.wrong[strings.ToLower(name)] = true
}

// explain adds a hint to what is said of names that the scope hides.
func (s *columns) explain(e *sql.Expr, diags diag.List) {
	for _, d := range diags {
		for _, n := range e.Names() {
			hidden := slices.ContainsFunc(s.hidden, func(f *Field) bool { return strings.EqualFold(f.Name, n.Name) })
			if d.Code == "unknown-column" && d.Span == n.Span && hidden {
				d.Hintf("%s is a label column: only labels may read it, as production does not have it", n.Name)
			}
		}
	}
}

// readsWrong reports whether an expression reads a column that is wrong.
func (s *columns) readsWrong(t *sql.Typed) bool {
	return slices.ContainsFunc(t.Refs(), func(name string) bool { return s.wrong[strings.ToLower(name)] })
}

// addAs adds a raw column that expressions know by another name.
func (s *columns) addAs(alias string, c sql.Column) {
	s.names = append(s.names, alias)
	s.byName[strings.ToLower(alias)] = c
	s.weight[strings.ToLower(c.Name)] = 1
}

func (s *columns) has(name string) bool { _, ok := s.Lookup(name); return ok }

func (s *columns) clone() *columns {
	out := newColumns()
	for _, n := range s.names {
		lower := strings.ToLower(n)
		out.add(s.byName[lower], s.at[lower], s.weight[lower])
	}
	out.wrong = maps.Clone(s.wrong)
	return out
}

// expansion returns the weight of an expression over the scope.
func (s *columns) expansion(t *sql.Typed) int {
	n := 1
	for name, count := range t.RefCounts() {
		n += count * s.weight[strings.ToLower(name)]
		if n > maxExpansion {
			return maxExpansion + 1
		}
	}
	return n
}

// addresses returns the addresses that an expression reads.
func (s *columns) addresses(t *sql.Typed) []string {
	if t == nil {
		return nil
	}
	var out []string
	for _, name := range t.Refs() {
		if a := s.at[strings.ToLower(name)]; a != "" {
			out = append(out, a)
		}
	}
	return out
}

// capped reports an expression that expands too far.
func (c *compiler) capped(s *columns, t *sql.Typed, at diag.Span) bool {
	if s.expansion(t) <= maxExpansion {
		return true
	}
	c.diags.Errorf(at, "too-large", "the expression expands to more than %d columns", maxExpansion).
		Hintf("working columns that read one another several times multiply; read each once")
	return false
}

// rawName is the name of the i-th raw column in definitions.
func rawName(i int) string { return fmt.Sprintf("_c%d", i) }
