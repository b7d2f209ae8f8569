package sql

import (
	"slices"
	"strings"
)

// refusal says why a function of Spark is not in the language, and what to use
// instead.
type refusal struct{ code, reason, hint string }

// theRefusals is built once and never changed.
var theRefusals = refusals()

// refusals returns the functions of Spark that are left out for a reason.
func refusals() map[string]refusal {
	out := map[string]refusal{}
	add := func(r refusal, names string) {
		for name := range strings.FieldsSeq(names) {
			out[name] = r
		}
	}
	add(refusal{"non-deterministic", "gives another value each time", "derive the value from columns, for example by md5(…)"},
		"rand random randn uuid shuffle randstr uniform monotonically_increasing_id")
	add(refusal{"non-deterministic", "depends on when it runs", "use a time column of the log, or window_end"},
		"current_date curdate current_timestamp now localtimestamp current_time")
	add(refusal{"non-deterministic", "depends on the session", "write the value as a constant"},
		"current_user user session_user current_database current_schema current_catalog current_timezone version")
	add(refusal{"non-deterministic", "depends on how files are laid out", "use a column of the log"},
		"input_file_name input_file_block_start input_file_block_length spark_partition_id")
	add(refusal{"non-deterministic", "is approximate", "write count(DISTINCT x)"}, "approx_count_distinct hll_sketch_agg hll_union_agg")
	add(refusal{"non-deterministic", "is approximate", "write percentile(x, p)"}, "approx_percentile percentile_approx")
	add(refusal{"non-deterministic", "is approximate", ""}, "approx_top_k count_min_sketch histogram_numeric bitmap_construct_agg")
	add(refusal{"not-supported", "calls code outside the language", ""}, "java_method reflect try_reflect")
	add(refusal{"may-fail", "stops the whole run on one row", "write a require condition in the parser"}, "raise_error assert_true")
	add(refusal{"not-supported", "makes groups of rows, which an expression cannot", "make the session a column, and a key: a running sum of 1 for each row that comes long after lag(ts)"}, "session_window")
	return out
}

// refused reports a function that is left out for a reason.
func (c *checker) refused(n *node) bool {
	r, ok := theRefusals[strings.ToLower(n.text)]
	if !ok {
		return false
	}
	d := c.errorf(n, r.code, "%s %s", n.text, r.reason)
	if r.hint != "" {
		d.Hintf("%s", r.hint)
	}
	return true
}

// unknownColumn reports a name that is not in the scope: perhaps a function
// without its parentheses, or a unit without quotes.
func (c *checker) unknownColumn(n *node) {
	word := strings.ToLower(n.text)
	if c.refused(n) {
		return
	}
	d := c.errorf(n, "unknown-column", "column %q is not known here", n.text)
	if len(c.diags) < maxSuggestions {
		d.DidYouMean(n.text, c.scope.Names())
	}
	switch {
	case d.Hint != "":
	case isUnit(word):
		d.Hintf("a unit or a type is no value; as a text it stands in quotes: '%s'", word)
	case theCatalogue.byName[word] != nil:
		d.Hintf("a function takes parentheses: %s", theCatalogue.byName[word].Signature)
	}
}

// unknownFunction reports a call of a function that is not in the catalogue.
func (c *checker) unknownFunction(n *node) {
	if c.refused(n) {
		return
	}
	d := c.report(offsets{n.start, n.start + len(n.text)}, "unknown-function", "function %q is not known", n.text)
	if other := theForeign.functions[n.text]; other != "" {
		d.Hintf("%s", other)
	} else if len(c.diags) < maxSuggestions {
		names := theCatalogue.names()
		if c.options.Own != nil {
			names = append(names, c.options.Own.Names()...)
		}
		d.DidYouMean(n.text, names)
	}
}

// Refusal is a function of Spark that is left out, with the reason, which
// follows its name, and what to use instead; empty where there is nothing.
type Refusal struct{ Name, Reason, Instead string }

// Refusals returns the functions that are left out for a reason, sorted by
// name.
func Refusals() []Refusal {
	var out []Refusal
	for name, r := range theRefusals {
		out = append(out, Refusal{Name: name, Reason: r.reason, Instead: r.hint})
	}
	slices.SortFunc(out, func(a, b Refusal) int { return strings.Compare(a.Name, b.Name) })
	return out
}
