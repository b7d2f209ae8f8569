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
		"current_date curdate current_timestamp now localtimestamp current_time localtime")
	add(refusal{"non-deterministic", "depends on the session", "write the value as a constant"},
		"current_user user session_user current_database current_schema current_catalog current_path current_timezone version")
	add(refusal{"non-deterministic", "depends on how files are laid out", "use a column of the log"},
		"input_file_name input_file_block_start input_file_block_length spark_partition_id")
	add(refusal{"not-supported", "calls code outside the language", "write it as an expression, or add a column to the log"}, "java_method reflect try_reflect")
	add(refusal{"not-supported", "is a table and not a value", "for numbers write sequence(a, b)"}, "range collations sql_keywords python_worker_logs")
	add(refusal{"may-fail", "stops the whole run on one row", "write a require condition in the parser"}, "raise_error assert_true")
	add(refusal{"not-supported", "tells rollups apart, and a feature set has one key", "make a feature set for each key"}, "grouping grouping_id")
	add(refusal{"not-supported", "reads a metric view, which is not here", "write the aggregate"}, "measure")
	refusedSketches(add)
	refusedTypes(add)
	return out
}

// refusedSketches adds what gives about the right value.
func refusedSketches(add func(refusal, string)) {
	const approximate = "is approximate"
	add(refusal{"non-deterministic", approximate, "write count(DISTINCT x)"}, `approx_count_distinct
		hll_sketch_agg hll_sketch_estimate hll_union hll_union_agg
		theta_difference theta_intersection theta_intersection_agg theta_sketch_agg theta_sketch_estimate theta_union theta_union_agg`)
	add(refusal{"non-deterministic", approximate, "write percentile(x, p)"}, `approx_percentile percentile_approx
		kll_merge_agg_bigint kll_merge_agg_double kll_merge_agg_float kll_sketch_agg_bigint kll_sketch_agg_double kll_sketch_agg_float
		kll_sketch_get_n_bigint kll_sketch_get_n_double kll_sketch_get_n_float kll_sketch_get_quantile_bigint kll_sketch_get_quantile_double
		kll_sketch_get_quantile_float kll_sketch_get_rank_bigint kll_sketch_get_rank_double kll_sketch_get_rank_float kll_sketch_merge_bigint
		kll_sketch_merge_double kll_sketch_merge_float kll_sketch_to_string_bigint kll_sketch_to_string_double kll_sketch_to_string_float`)
	add(refusal{"non-deterministic", approximate, "write an aggregate of the column, and count(DISTINCT x)"}, `tuple_difference_double tuple_difference_integer
		tuple_difference_theta_double tuple_difference_theta_integer tuple_intersection_agg_double tuple_intersection_agg_integer
		tuple_intersection_double tuple_intersection_integer tuple_intersection_theta_double tuple_intersection_theta_integer
		tuple_sketch_agg_double tuple_sketch_agg_integer tuple_sketch_estimate_double tuple_sketch_estimate_integer tuple_sketch_summary_double
		tuple_sketch_summary_integer tuple_sketch_theta_double tuple_sketch_theta_integer tuple_union_agg_double tuple_union_agg_integer
		tuple_union_double tuple_union_integer tuple_union_theta_double tuple_union_theta_integer`)
	add(refusal{"non-deterministic", approximate, "write mode(x) for the most frequent value, or count_if(x = …) for some"},
		"approx_top_k approx_top_k_accumulate approx_top_k_combine approx_top_k_estimate count_min_sketch")
	add(refusal{"non-deterministic", approximate, "write count_if(x >= a AND x < b) for each part"}, "histogram_numeric")
	add(refusal{"not-supported", "makes a bitmap, which no column holds", "write count(DISTINCT x)"}, "bitmap_construct_agg bitmap_and_agg bitmap_or_agg")
}

// refusedTypes adds what is about types and formats that the language has not.
func refusedTypes(add func(refusal, string)) {
	const outside = "not-supported"
	add(refusal{outside, "is about variants, which are no type here", "write get_json_object(s, '$.path')"},
		`parse_json try_parse_json is_valid_variant is_variant_null schema_of_variant schema_of_variant_agg to_variant_object try_variant_array_append
		try_variant_get try_variant_insert try_variant_set variant_array_append variant_delete variant_explode variant_explode_outer variant_get
		variant_insert variant_set variant_strip_nulls`)
	add(refusal{outside, "is about XML, which is not read here", "write regexp_extract(s, pattern)"},
		`from_xml to_xml schema_of_xml xpath xpath_boolean xpath_double xpath_float xpath_int xpath_long xpath_number xpath_short xpath_string`)
	add(refusal{outside, "is about a format of files", "make lines of text of it before the log is added"}, "from_avro to_avro schema_of_avro from_protobuf to_protobuf")
	add(refusal{outside, "is about places on Earth, which are no type here", "keep latitude and longitude as doubles"},
		"st_asbinary st_geogfromwkb st_geomfromwkb st_setsrid st_srid")
	add(refusal{outside, "is about collations: texts are compared byte by byte", "write lower(a) = lower(b)"}, "collate collation")
	add(refusal{outside, "takes a key, which would stand in the specs", "decrypt the log before it is added; sha2(s, 256) hides a value"},
		"aes_decrypt aes_encrypt try_aes_decrypt")
	add(refusal{outside, "is about times of a day, which are no type here", "write unix_seconds(t) % 86400, or date_format(t, 'HH:mm:ss')"},
		`make_time time time_diff time_from_micros time_from_millis time_from_seconds time_to_micros time_to_millis time_to_seconds time_trunc to_time try_to_time`)
	add(refusal{outside, "is not offered", "write date_trunc(unit, t), or give the feature set a window"}, "time_bucket")
	add(refusal{outside, "is about nanoseconds, and times have microseconds", "write timestamp_micros(n), or unix_micros(t)"}, "timestamp_nanos unix_nanos")
	add(refusal{outside, "cuts a text into words by rules of a language that only Java has", "write split(s, '[^A-Za-z]+')"}, "sentences")
}

// refused reports a function that is left out for a reason.
func (c *checker) refused(n *node) bool {
	r, ok := theRefusals[strings.ToLower(n.text)]
	if !ok {
		return false
	}
	c.errorf(n, r.code, "%s %s", n.text, r.reason).Hintf("%s", r.hint)
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
