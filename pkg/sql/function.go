package sql

import (
	"math/bits"
	"slices"
	"strings"
)

// function is an entry of the catalogue, or an operator.
type function struct {
	Function
	canon    string // the name in canonical forms, if it is another's
	params   []param
	variadic bool // the last parameter may be repeated
	result   Type // unless settle is set
	distinct bool // an aggregate that takes DISTINCT
	ignores  bool // a function that takes IGNORE NULLS
	named    bool // a function whose arguments may have names
	ordered  bool // a window function that needs ORDER BY and takes no frame
	within   bool // an aggregate that takes WITHIN GROUP
	ordinal  bool // of which the order's term is an argument
	whole    bool // an aggregate that takes neither order nor frame in OVER
	short    bool // the result is a text of a length that no argument decides
	tied     bool // an ordered one that gives the same for rows of the same order

	// settle decides the result's type and may convert the arguments further.
	// It reports mistakes and returns false for them.
	settle func(c *call) (Type, bool)

	// binds is set for functions that take lambdas.
	binds binds

	// rewrite, if set, gives the call as other terms: the function is another
	// spelling of them and has the same key.
	rewrite func(k *call) *term

	// sql is the rendering: $1 is the first argument, $* all of them, $T the
	// result's type. Forms for more arguments follow after ";;".
	sql    string
	render func(r *renderer, t *term) string // instead of sql
	// sparkOrdered writes a call whose value depends on the order of rows; with
	// frames, that order is the window's where a frame counts rows.
	sparkOrdered func(w *sparkWriter, n *node) string
	frames       bool

	levels  int                    // depth of the rendering, macros included; 0: depth decides
	chained bool                   // rendered as a balanced tree
	copies  int                    // how often the rendering, with macros written out, repeats an argument
	repeats func(args []*term) int // instead of copies, where the arguments decide
}

func (f *function) canonicalName() string {
	if f.canon != "" {
		return f.canon
	}
	return f.Name
}

// depth returns how many levels deeper than its arguments a rendering is, at
// most.
func (f *function) depth(args int) int {
	switch {
	case f.chained:
		return 2 + bits.Len(uint(args))
	case f.levels > 0:
		return f.levels
	case f.render != nil || f.copies > 1 || strings.Contains(f.sql, "s_"):
		return 12
	}
	return 3
}

// minimum returns the least number of arguments.
func (f *function) minimum() int {
	n := 0
	for _, p := range f.params {
		if !p.optional {
			n++
		}
	}
	return n
}

// param is a parameter of a function.
type param struct {
	name     string
	accept   accept
	optional bool
	constant bool
	exact    bool // nothing is converted to what it takes, but NULL and a time without a zone
}

// accept says what a parameter takes and how an argument is converted to it.
type accept uint8

const (
	anything accept = iota
	booleans
	texts       // STRING; numbers, dates and times are converted
	smalls      // integers up to INT
	integers    // any integer, as BIGINT
	doubles     // any number or string, as DOUBLE
	numbers     // any number, kept; a string is a DOUBLE
	dates       // DATE; times and strings are converted
	instants    // TIMESTAMP; dates, times without a zone and strings are converted
	arrays      // any array
	orderable   // anything that can be sorted; what holds other values is by rank
	lambdas     // a lambda
	raws        // STRING as texts, or BINARY
	mappings    // any map
	collections // an array or a map
	quantities  // as numbers, or an interval that has an order
	measures    // as doubles, or an interval that has an order
)

// String says what a parameter takes, for messages.
func (a accept) String() string {
	return [...]string{"any value", "a boolean", "a string", "an int", "an integer", "a number", "a number", "a date",
		"a timestamp", "an array", "a value that can be ordered", "a lambda", "a string or bytes", "a map", "an array or a map", "a number or an interval", "a number or an interval"}[a]
}

// convert returns the type that an argument is converted to.
func (a accept) convert(t Type) (Type, bool) {
	null := t.Kind == Void
	switch a {
	case booleans:
		return Type{Kind: Boolean}, null || t.Kind == Boolean
	case texts:
		return Type{Kind: String}, null || castable(t, Type{Kind: String}) && !t.nested() && t.Kind != Interval
	case raws:
		if t.Kind == Binary {
			return t, true
		}
		return texts.convert(t)
	case smalls:
		return Type{Kind: Int}, null || t.integral() && t.Kind <= Int
	case integers:
		return Type{Kind: BigInt}, null || t.integral()
	case quantities, measures:
		if t.interval() {
			return t, true
		}
		return map[accept]accept{quantities: numbers, measures: doubles}[a].convert(t)
	case doubles:
		return Type{Kind: Double}, null || t.Numeric() || t.Kind == String
	case numbers:
		if null || t.Kind == String {
			return Type{Kind: Double}, true
		}
		return t, t.Numeric()
	case dates:
		return Type{Kind: Date}, null || t.Kind == String || t.timed()
	case instants:
		return Type{Kind: Timestamp}, null || t.Kind == String || t.timed()
	case arrays:
		return t, t.Kind == Array
	case mappings:
		return t, t.Kind == Map
	case collections:
		return t, t.Kind == Array || t.Kind == Map
	case orderable:
		return t, t.ordered()
	}
	return t, true
}

func (p param) opt() param   { p.optional = true; return p }
func (p param) fixed() param { p.constant = true; return p }
func (p param) only() param  { p.exact = true; return p }

// convert returns the type that an argument is converted to.
func (p param) convert(t Type) (Type, bool) {
	to, ok := p.accept.convert(t)
	return to, ok && (!p.exact || t.Kind == Void || t.Kind == TimestampNTZ && to.Kind == Timestamp || to.Equal(t))
}

func takes(name string, a accept) param { return param{name: name, accept: a} }

// catalogue holds every function by name and alias.
type catalogue struct {
	byName map[string]*function
	all    []*function
}

// theCatalogue is built once and never changed.
var theCatalogue = newCatalogue()

func newCatalogue() *catalogue {
	c := &catalogue{byName: map[string]*function{}}
	groups := [][]*function{
		conditionalFunctions(),
		numberFunctions(),
		pictureFunctions(),
		logarithmFunctions(),
		stringFunctions(),
		hashFunctions(),
		binaryFunctions(),
		bitFunctions(),
		searchFunctions(),
		patternFunctions(),
		letterFunctions(),
		trigonometricFunctions(),
		safeFunctions(),
		pairFunctions(),
		groupFunctions(),
		jsonFunctions(),
		csvFunctions(),
		formFunctions(),
		calendarFunctions(),
		intervalFunctions(),
		zoneFunctions(),
		timeFunctions(),
		epochFunctions(),
		arrayFunctions(),
		elementFunctions(),
		structFunctions(),
		mapFunctions(),
		lambdaFunctions(),
		aggregateFunctions(),
		statisticFunctions(),
		windowFunctions(),
		generatorFunctions(),
		timeWindowFunctions(),
		mapLambdaFunctions(),
		vectorFunctions(),
	}
	for _, group := range groups {
		for _, f := range group {
			f.Epoch = max(f.Epoch, 1)
			f.Signature = f.signature()
			f.Arguments, f.Variadic = f.arguments(), f.variadic
			c.all = append(c.all, f)
			c.byName[f.Name] = f
			for _, alias := range f.Aliases {
				c.byName[alias] = f
			}
		}
	}
	slices.SortFunc(c.all, func(a, b *function) int { return strings.Compare(a.Name, b.Name) })
	return c
}

func (c *catalogue) names() []string {
	names := make([]string, 0, len(c.byName))
	for name := range c.byName {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// signature writes the parameters as documentation does: substring(s, pos[, len]).
func (f *function) signature() string {
	if f.Signature != "" {
		return f.Signature
	}
	var b strings.Builder
	b.WriteString(f.Name + "(")
	for i, p := range f.params {
		if p.optional {
			b.WriteByte('[')
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.name)
		if p.optional {
			b.WriteByte(']')
		}
	}
	if f.variadic {
		b.WriteString(", …")
	}
	b.WriteByte(')')
	return b.String()
}

// Argument is what a function takes at one place.
type Argument struct {
	Name     string
	Optional bool
	Constant bool // the argument is a constant
	Lambda   bool // the argument is a lambda
	param    param
}

// Takes reports whether the place takes an argument of a type; the function
// may ask for more, such as that two arguments go together.
func (a Argument) Takes(t Type) bool {
	_, ok := a.param.convert(t)
	return ok && !a.Lambda
}

func (f *function) arguments() []Argument {
	out := make([]Argument, len(f.params))
	for i, p := range f.params {
		out[i] = Argument{Name: p.name, Optional: p.optional, Constant: p.constant, Lambda: p.accept == lambdas, param: p}
	}
	return out
}

// Functions returns the catalogue, sorted by name. Operators, CASE and CAST
// are not part of it.
func Functions() []Function {
	out := make([]Function, 0, len(theCatalogue.all))
	for _, f := range theCatalogue.all {
		out = append(out, f.Function)
	}
	return out
}
