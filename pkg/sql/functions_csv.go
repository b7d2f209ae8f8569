package sql

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/sparkcsv"
)

// csvFunctions read and write records of CSV, as Spark's reader and writer do.
func csvFunctions() []*function {
	text := takes("csv", texts).only()
	options := takes("options", mappings).opt()
	return []*function{
		{Function: Function{Name: "from_csv", Doc: "The values of a record of CSV as fields of a constant type: names with types. A value that is not of its type, and one that is missing, is NULL; an empty value is, too. The text is one record, in which lines do not count. Options are sep, quote, escape, nullValue, emptyValue, ignoreLeadingWhiteSpace, ignoreTrailingWhiteSpace, nanValue, positiveInf, negativeInf, timestampFormat and dateFormat.", Example: "from_csv('1, 0.8', 'a INT, b DOUBLE')"},
			params: []param{text, takes("type", texts).fixed(), options}, settle: settleFromCSV, render: renderFromCSV, copies: 24, levels: 40},
		{Function: Function{Name: "to_csv", Doc: "A struct as a record of CSV, without blanks around values. Options are sep, quote, escape, nullValue, emptyValue, ignoreLeadingWhiteSpace, ignoreTrailingWhiteSpace, quoteAll, escapeQuotes, timestampFormat, timestampNTZFormat and dateFormat.", Example: "to_csv(named_struct('a', 1, 'b', 2))"},
			params: []param{takes("x", anything), options}, settle: settleToCSV, render: renderToCSV, repeats: toJSONRepeats, levels: 40},
		{Function: Function{Name: "schema_of_csv", Doc: "The type of a constant record of CSV, as from_csv takes it. Options are those of a record in from_csv.", Example: "schema_of_csv('1,abc')"},
			params: []param{text.fixed(), options}, rewrite: rewriteSchemaOfCSV},
	}
}

// csvOptions reads the options of a call.
func (k *call) csvOptions(i int, writing bool) (map[string]string, sparkcsv.Options, bool) {
	given, ok := k.options(i, sparkcsv.Names(writing)...)
	o, problem := sparkcsv.New(given, writing)
	mode := given["mode"]
	switch {
	case !ok:
		return nil, o, false
	case problem != "":
		k.errorAt(i, "bad-constant", "option of %s: %s", k.node.text, problem)
		return nil, o, false
	case strings.EqualFold(mode, "FAILFAST") || strings.EqualFold(mode, "DROPMALFORMED"):
		k.errorAt(i, "may-fail", "%s has no mode %s", k.node.text, mode).Hintf("leave it out, and look for fields that are NULL")
		return nil, o, false
	}
	return given, o, true
}

func settleFromCSV(k *call) (Type, bool) {
	typ, ok := k.schema(1)
	if !ok {
		return Type{}, false
	}
	if typ.Kind != Struct {
		k.errorAt(1, "wrong-argument-type", "%s reads names with types, not %s", k.node.text, withArticle(typ))
		return Type{}, false
	}
	given, _, ok := k.csvOptions(2, false)
	ok = ok && k.readForms(given) && k.readable(typ)
	for _, f := range typ.Fields {
		if ok && f.Type.nested() {
			k.errorAt(1, "not-supported", "%s reads no %s", k.node.text, f.Type).Hintf("read a string")
			ok = false
		}
	}
	return typ, ok
}

func renderFromCSV(r *renderer, t *term) string {
	text := fmt.Sprintf("n_from_csv(%s, %s, %s)", r.term(t.args[0]), quoteString(t.typ.String()), quoteString(csvOptionsOf(t, false).String()))
	read := fmt.Sprintf("json_transform(%s, %s)::%s", text, quoteString(structure(t.typ)), t.typ.arriving().DuckDB())
	return r.arrive(arrival{call: t, date: "s_str2date_clean"}, t.typ, read)
}

// csvOptionsOf returns the options of a call that settle has accepted.
func csvOptionsOf(t *term, writing bool) sparkcsv.Options {
	given := map[string]string{}
	for _, name := range sparkcsv.Names(writing) {
		if value, ok := optionOf(t, name); ok {
			given[strings.ToLower(name)] = value
		}
	}
	o, _ := sparkcsv.New(given, writing)
	return o
}

func settleToCSV(k *call) (Type, bool) {
	t := k.args[0].typ
	if t.Kind != Struct {
		k.errorAt(0, "wrong-argument-type", "argument 1 of to_csv is %s, not a struct", withArticle(t))
		return Type{}, false
	}
	given, _, ok := k.csvOptions(1, true)
	for name, pattern := range given {
		if strings.HasSuffix(name, "format") {
			ok = k.formOption(pattern) && ok
		}
	}
	for _, f := range t.Fields {
		switch {
		case f.Type.Kind == Void || f.Type.Kind == Date || f.Type.Kind == Timestamp || f.Type.Kind == TimestampNTZ:
		case f.Type.nested() || f.Type.Kind == Binary || !castable(f.Type, Type{Kind: String}):
			k.errorAt(0, "not-supported", "to_csv does not write %s", withArticle(f.Type)).Hintf("make it a string, for example by to_json or hex")
			return Type{}, false
		}
	}
	return Type{Kind: String}, ok
}

func renderToCSV(r *renderer, t *term) string {
	w, o := jsonWriter{call: t}, csvOptionsOf(t, true)
	typ, options := t.args[0].typ, quoteString(o.String())
	return with(r.term(t.args[0]), element(typ.height()), func(x string) string {
		values := make([]string, len(typ.Fields))
		for i, f := range typ.Fields {
			value := field(x, i)
			switch f.Type.Kind {
			case Date, Timestamp, TimestampNTZ:
				value = w.time(f.Type, value)
			default:
				value = renderCast(f.Type, Type{Kind: String}, value)
			}
			values[i] = fmt.Sprintf("n_csv_value(%s, %s)", value, options)
		}
		separator := " || " + quoteString(string(o.Separator)) + " || "
		return fmt.Sprintf("(CASE WHEN %s IS NOT NULL THEN nullif(%s, '') END)", x, strings.Join(values, separator))
	})
}

// rewriteSchemaOfCSV makes the type of a constant a constant.
func rewriteSchemaOfCSV(k *call) *term {
	text, ok := k.text(0)
	given, o, known := k.csvOptions(1, false)
	if !ok || !known {
		return nil
	}
	for _, name := range []string{"dateFormat", "timestampFormat"} {
		if _, stands := given[strings.ToLower(name)]; stands {
			k.errorAt(1, "not-supported", "schema_of_csv has no option %s", name).Hintf("write the type: 'a DATE'")
			return nil
		}
	}
	values, ok := o.Parse(text)
	if !ok || len(values) == 0 {
		k.errorAt(0, "bad-constant", "the text is no record of CSV")
		return nil
	}
	fields := make([]string, len(values))
	for i, value := range values {
		typ, known := csvType(value, o)
		if !known {
			k.errorAt(0, "not-supported", "the type of %q is not known", value).Hintf("write the type: 'a TIMESTAMP'")
			return nil
		}
		fields[i] = fmt.Sprintf("_c%d: %s", i, typ)
	}
	return constantTerm(stringConstant("STRUCT<"+strings.Join(fields, ", ")+">"), k.node.at())
}

var (
	csvDate = regexp.MustCompile(`^(\d{4}|\+\d{5,6})-\d{2}-\d{2}$`)
	csvTime = regexp.MustCompile(`^ *[+-]?\d+(:|-\d)|^ *T\d|^ *[+-]?\d{4,}$`)
	// csvClock is a time of the day, of today.
	csvClock = regexp.MustCompile(`^ *T?(\d+:.*)$`)
	// csvZone is a time with letters behind it, which may be a zone.
	csvZone = regexp.MustCompile(`^ *[+-]?\d+-\d+-\d+[ T]\d.*[A-Za-z]`)
)

// csvType returns the type that Spark finds for a value, if it is sure.
func csvType(value string, o sparkcsv.Options) (string, bool) {
	digits := sparkcsv.Digits(value)
	switch {
	case value == "" || value == o.NullValue:
		return "STRING", true
	case sparkcsv.Whole(digits, 32):
		return "INT", true
	case sparkcsv.Whole(digits, 64):
		return "BIGINT", true
	case sparkcsv.Precision(digits) > 0:
		return fmt.Sprintf("DECIMAL(%d,0)", sparkcsv.Precision(digits)), true
	case isDouble(value) || slices.Contains([]string{o.NaN, o.Infinity, o.NegInfinity}, value):
		return "DOUBLE", true
	case strings.EqualFold(value, "true") || strings.EqualFold(value, "false"):
		return "BOOLEAN", true
	case !csvTime.MatchString(value):
		return "STRING", true
	}
	return csvTimeType(value)
}

func isDouble(value string) bool {
	_, ok := sparkcsv.Double(value, 64)
	return ok
}

// csvTimeType returns the type of what may be a date or a time. Of zones, those
// that are offsets are known.
func csvTimeType(value string) (string, bool) {
	_, isDate := dateConstant(value)
	if isDate && csvDate.MatchString(value) {
		return "DATE", true
	}
	today := csvClock.FindStringSubmatch(value)
	if today != nil {
		value = "2000-01-01 " + today[1]
	}
	if _, isTime := timestampConstant(value); isTime {
		return "TIMESTAMP", true
	}
	return "STRING", !csvZone.MatchString(value)
}
