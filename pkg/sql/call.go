package sql

import (
	"fmt"

	"github.com/mlpdev/mlp/pkg/diag"
)

func plural(least, most int, variadic bool) string {
	switch {
	case variadic:
		return fmt.Sprintf("at least %s", arguments(least))
	case least == most:
		return arguments(least)
	case least+1 == most:
		return fmt.Sprintf("%d or %s", least, arguments(most))
	}
	return fmt.Sprintf("%d to %s", least, arguments(most))
}

func arguments(n int) string {
	switch n {
	case 0:
		return "no arguments"
	case 1:
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", n)
}

// errorAt reports a mistake at an argument.
func (k *call) errorAt(i int, code, format string, args ...any) *diag.Diagnostic {
	return k.report(k.args[i].at, code, format, args...)
}

// param returns the parameter that an argument stands for.
func (k *call) param(i int) param { return k.fn.params[min(i, len(k.fn.params)-1)] }

// convertArguments converts each argument to what its parameter takes.
func (k *call) convertArguments() bool {
	ok := true
	for i := range k.args {
		ok = k.convertArgument(i) && ok
	}
	return ok
}

func (k *call) convertArgument(i int) bool {
	a, p := k.args[i], k.param(i)
	to, fits := p.convert(a.typ)
	if a.lambda != nil {
		return true
	}
	if !fits {
		d := k.errorAt(i, "wrong-argument-type", "argument %d of %s is %s, not %s", i+1, k.node.text, withArticle(a.typ), p.accept)
		if _, castable := p.accept.convert(a.typ); castable {
			d.Hintf("cast it")
		}
		return false
	}
	if p.constant && a.value == nil {
		k.errorAt(i, "not-constant", "argument %d of %s must be a constant", i+1, k.node.text).Hintf("%s", k.fn.Signature)
		return false
	}
	k.args[i] = castTerm(a, to)
	return true
}

func withArticle(t Type) string {
	switch t.Kind {
	case Int, YearMonth, DayTime, Interval, Array:
		return "an " + t.String()
	case Void:
		return "NULL"
	}
	return "a " + t.String()
}

// widen converts arguments from the given one on to their common type.
func (k *call) widen(from int, strings bool) (Type, bool) {
	common := Type{}
	for i := from; i < len(k.args); i++ {
		t, ok := wider(common, k.args[i].typ, strings)
		if !ok {
			k.errorAt(i, "type-mismatch", "argument %d of %s is %s, beside %s", i+1, k.node.text, withArticle(k.args[i].typ), withArticle(common)).
				Hintf("cast one of them")
			return Type{}, false
		}
		common = t
	}
	for i := from; i < len(k.args); i++ {
		if !k.castable(i, common) {
			return Type{}, false
		}
		k.args[i] = castTerm(k.args[i], common)
	}
	return common, true
}

func (k *call) castable(i int, to Type) bool {
	if castable(k.args[i].typ, to) {
		return true
	}
	k.errorAt(i, "type-mismatch", "a %s cannot become %s here", k.args[i].typ, withArticle(to)).Hintf("cast it")
	return false
}

// positive returns the value of a constant argument that counts characters or
// repetitions.
func (k *call) count(i int) (int, bool) {
	n, ok := k.args[i].integer()
	if !ok {
		k.errorAt(i, "not-constant", "argument %d of %s must be a constant integer", i+1, k.node.text)
		return 0, false
	}
	if n > MaxCount {
		k.errorAt(i, "too-large", "argument %d of %s is more than %d", i+1, k.node.text, MaxCount)
		return 0, false
	}
	return int(n), true
}

// text returns the value of a constant string argument.
func (k *call) text(i int) (string, bool) {
	s, ok := k.args[i].text()
	if !ok {
		k.errorAt(i, "not-constant", "argument %d of %s must be a constant string", i+1, k.node.text)
	}
	return s, ok
}
