package sql

import (
	"fmt"

	"github.com/mlpdev/mlp/pkg/sparktime"
)

// settleTimeForm checks the constant pattern of a call's second argument.
func (k *call) settleTimeForm() bool {
	text, ok := k.text(1)
	return ok && k.timeForm(1, text)
}

// timeForm checks a pattern for reading times, which stands in an argument.
func (k *call) timeForm(i int, pattern string) bool {
	_, problem := sparktime.Parse(pattern)
	if problem != "" {
		k.errorAt(i, "bad-pattern", "pattern of %s: %s", k.node.text, problem)
	}
	return problem == ""
}

// renderParseTime renders a text read by a pattern as a timestamp, NULL where
// it is not of that form.
func renderParseTime(r *renderer, t *term) string {
	pattern, _ := t.args[1].text()
	return parsedBy(t.typ.Kind, pattern, r.term(t.args[0]))
}

// parsedBy renders a text that is read by a pattern as a time of a kind.
func parsedBy(kind Kind, pattern, x string) string {
	if kind == TimestampNTZ {
		return fmt.Sprintf("make_timestamp(n_time_local(%s, %s))", x, quoteString(pattern))
	}
	return fmt.Sprintf("make_timestamptz(n_time(%s, %s))", x, quoteString(pattern))
}

// parseTime makes the term of a text read by a pattern, of which a zone does not
// count in a time without one; a date or a time is taken as it is.
func parseTime(k *call, kind Kind) *term {
	if !castable(k.args[0].typ, Type{Kind: kind}) {
		k.errorAt(0, "wrong-argument-type", "argument 1 of %s is %s", k.node.text, withArticle(k.args[0].typ))
		return nil
	}
	if !k.settleTimeForm() {
		return nil
	}
	if x := k.args[0].typ.Kind; x != String && x != Void {
		return castTerm(k.args[0], Type{Kind: kind})
	}
	return apply(operatorFunction("parse_time"), Type{Kind: kind}, k.node.at(), castTerm(k.args[0], Type{Kind: String}), k.args[1])
}
