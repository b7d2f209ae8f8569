package sql

import (
	"fmt"
	"slices"
	"strings"
)

// ZoneNames returns the regions whose time is known, sorted.
func ZoneNames() []string {
	var names []string
	for line := range strings.Lines(zoneNames) {
		words := strings.Fields(line)
		for _, place := range words[min(1, len(words)):] {
			names = append(names, strings.TrimPrefix(words[0]+place, "/"))
		}
	}
	slices.Sort(names)
	return names
}

func isZone(name string) bool {
	_, found := slices.BinarySearch(ZoneNames(), name)
	return found
}

// zone checks that constant argument i names a time zone: a region, or an
// offset from UTC.
func (k *call) zone(i int) bool {
	name, ok := k.text(i)
	if !ok {
		return false
	}
	if _, isOffset := zoneOffset(name); isOffset || isZone(name) {
		return true
	}
	k.errorAt(i, "bad-constant", "%q is not a time zone, or one that engines differ about", name).
		DidYouMean(name, ZoneNames()).Hintf("a region such as 'Europe/Berlin', or an offset such as '+02:00'")
	return false
}

// toZone renders microseconds of an instant as those of the clock in a zone.
func toZone(zone, micros string) string {
	if offset, ok := zoneOffset(zone); ok {
		return fmt.Sprintf("(%s::HUGEINT + (%d))", micros, offset*secondMicros)
	}
	return fmt.Sprintf("s_in_zone(%s, %s)", quoteString(zone), micros)
}

// fromZone renders microseconds of the clock in a zone as those of the instant.
// What a clock shows twice is the first time; what it leaves out is by as much
// later, as in Spark.
func fromZone(zone, micros string) string {
	if offset, ok := zoneOffset(zone); ok {
		return fmt.Sprintf("(%s::HUGEINT - (%d))", micros, offset*secondMicros)
	}
	return fmt.Sprintf("s_of_zone(%s, %s)", quoteString(zone), micros)
}

// zoneFunctions convert between what clocks show.
func zoneFunctions() []*function {
	zone, timestamp := takes("zone", texts).fixed(), Type{Kind: Timestamp}
	about := func(name, doc, example string) Function { return Function{Name: name, Doc: doc, Example: example} }
	shift := func(render func(zone, micros string) string) (func(k *call) (Type, bool), func(r *renderer, t *term) string) {
		return func(k *call) (Type, bool) { return timestamp, k.zone(1) }, func(r *renderer, t *term) string {
			name, _ := t.args[1].text()
			return "s_ts(" + render(name, "epoch_us("+r.term(t.args[0])+")") + ")"
		}
	}
	from, to := about("from_utc_timestamp", "What a clock in a constant zone shows at a time, as a time in UTC.", "from_utc_timestamp('2016-08-31', 'Asia/Seoul')"),
		about("to_utc_timestamp", "The time at which a clock in a constant zone shows a time.", "to_utc_timestamp('2016-08-31', 'Asia/Seoul')")
	settleFrom, renderFrom := shift(toZone)
	settleTo, renderTo := shift(fromZone)
	return []*function{
		{Function: from, params: []param{takes("t", instants), zone}, settle: settleFrom, render: renderFrom, copies: 8},
		{Function: to, params: []param{takes("t", instants), zone}, settle: settleTo, render: renderTo, copies: 24},
		{Function: about("convert_timezone", "What a clock in the target zone shows when one in the source zone, UTC unless said otherwise, shows a time without a zone; the zones are constant.", "convert_timezone('Europe/Brussels', 'America/Los_Angeles', TIMESTAMP_NTZ '2021-12-06 00:00:00')"),
			params: []param{takes("source", texts).fixed(), takes("target", anything), takes("t", anything).opt()}, rewrite: rewriteConvertZone},
	}
}

// rewriteConvertZone takes two zones or one, and then the time.
func rewriteConvertZone(k *call) *term {
	if len(k.args) == 2 {
		k.args = []*term{constantTerm(stringConstant("UTC"), k.node.at()), k.args[0], k.args[1]}
	}
	ntz, x := Type{Kind: TimestampNTZ}, k.args[2]
	if x.typ.Kind != Void && x.typ.Kind != String && !x.typ.timed() {
		k.errorAt(2, "wrong-argument-type", "the time of convert_timezone is %s, not a timestamp", withArticle(x.typ))
		return nil
	}
	if !k.zone(0) || !k.zone(1) {
		return nil
	}
	return k.build(k.node, "convert_zone", ntz, k.args[0], k.args[1], castTerm(x, ntz))
}

func renderConvertZone(r *renderer, t *term) string {
	source, _ := t.args[0].text()
	target, _ := t.args[1].text()
	return "s_ntz(" + toZone(target, fromZone(source, "epoch_us("+r.term(t.args[2])+")")) + ")"
}

// zoneMacros find what clocks show. Far from now is NULL.
func zoneMacros() []string {
	known := quoteString("|" + strings.Join(ZoneNames(), "|") + "|")
	return []string{
		`s_near(us) AS (CASE WHEN us BETWEEN -8900000000000000000 AND 8900000000000000000 THEN us END)::BIGINT`,
		`s_in_zone(z, us) AS epoch_us(timezone(z, make_timestamptz(s_near(us))))`,
		`s_zone_ahead(z, us) AS s_in_zone(z, us) - us`,
		`s_of_zone(z, us) AS list_extract(list_transform(list_transform([s_near(us)], lambda _s_u: {'u': _s_u, 'a': s_zone_ahead(z, _s_u - 129600000000), 'b': s_zone_ahead(z, _s_u + 129600000000)}), lambda _s_o: CASE WHEN _s_o.a = _s_o.b OR s_zone_ahead(z, _s_o.u - _s_o.a) = _s_o.a OR s_zone_ahead(z, _s_o.u - _s_o.b) <> _s_o.b THEN _s_o.u - _s_o.a ELSE _s_o.u - _s_o.b END), 1)`,
		`s_known_zone(z) AS CASE WHEN regexp_matches(z, '^[A-Z]') AND contains(` + known + `, '|' || z || '|') THEN z END`,
		`s_zone_colons(z) AS regexp_replace(z, '([+-]\d{2})(\d{2})(\d{2})?$', '\1:\2:\3')`,
		`s_zone_part(z, i) AS regexp_extract(s_zone_colons(z), '^(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::(\d{1,2}))?(?::(\d{0,2}))?$', i)`,
		`s_zone_seconds(z) AS s_zone_part(z, 2)::BIGINT * 3600 + ('0' || s_zone_part(z, 3))::BIGINT * 60 + ('0' || s_zone_part(z, 4))::BIGINT`,
		`s_zone_offset(z) AS CASE WHEN ('0' || s_zone_part(z, 3))::BIGINT < 60 AND ('0' || s_zone_part(z, 4))::BIGINT < 60 AND s_zone_seconds(z) <= 64800 THEN s_zone_seconds(z) * CASE WHEN s_zone_part(z, 1) = '-' THEN -1000000 ELSE 1000000 END END`,
		`s_at_zone(us, z, known) AS CASE WHEN z IN ('Z', 'UTC', 'GMT', 'UT') THEN s_ts(us) WHEN z = 'EST' THEN s_ts(us + 18000000000) WHEN z = 'MST' THEN s_ts(us + 25200000000) WHEN z = 'HST' THEN s_ts(us + 36000000000) WHEN regexp_full_match(z, '(UTC|GMT|UT)?[+-](\d{1,2}(:\d{1,2}|:\d{2}:\d{2})?|\d{4}|\d{6})') THEN s_ts(us - s_zone_offset(z)) WHEN known IS NOT NULL THEN s_ts(s_of_zone(coalesce(known, 'UTC'), us)) END`,
		`s_ts_text(s) AS regexp_replace(regexp_replace(regexp_replace(regexp_replace(s, '^\+?([0-9-]+)[T ]', '\1 '), '^(\S+ \d+)$', '\1:00'), '^(\S+ \d+:\d+)$', '\1:00'), '(\.\d{6})\d+', '\1')`,
		`s_ts_local(x) AS CASE WHEN regexp_full_match(x, '[+-]?\d{4,6}-\d{1,2}-\d{1,2}[T ]([01]?\d|2[0-3])(:[0-5]?\d(:[0-5]?\d(\.\d*)?)?)?') THEN epoch_us(TRY_CAST(s_ts_text(x) AS TIMESTAMP)) END`,
		`s_ts_head(x) AS regexp_extract(x, '^[+0-9-]+[T ]\d+:\d+:\d+(?:\.\d*)?')`,
		`s_ts_zone(x) AS ltrim(regexp_extract(x, '^[+0-9-]+[T ]\d+:\d+:\d+(?:\.\d*)?( *[A-Za-z+-].*)$', 1), ' ')`,
		`s_ts_day(x) AS CASE WHEN regexp_full_match(x, '[+-]?\d{4,6}(-\d{1,2}(-\d{1,2})?)?') THEN s_date2ts(s_str2date(x)) END`,
		// What DuckDB reads by itself as Spark does, which is much faster.
		`s_ts_usual(s) AS regexp_full_match(s, '[1-9]\d{3}-\d{2}-\d{2}[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?Z?')`,
		// The trimmed text, its zone, and the zone again where it is a region.
		`s_ts_parts(s) AS list_transform(list_transform([s_trimall(s)], lambda _s_t: {'t': _s_t, 'z': s_ts_zone(_s_t)}), lambda _s_p: {'t': _s_p.t, 'z': _s_p.z, 'k': CASE WHEN _s_p.z <> '' THEN s_known_zone(_s_p.z) END})`,
		`s_str2ts(s) AS CASE WHEN s_ts_usual(s) THEN s_ts(epoch_us(TRY_CAST(s AS TIMESTAMP))::HUGEINT) ELSE list_extract(list_transform(s_ts_parts(s), lambda _s_p: CASE WHEN _s_p.z <> '' THEN s_at_zone(s_ts_local(s_ts_head(_s_p.t))::HUGEINT, _s_p.z, _s_p.k) ELSE coalesce(s_ts_day(_s_p.t), s_ts(s_ts_local(_s_p.t)::HUGEINT)) END), 1) END`,
		// A zone must be one, but does not count.
		`s_str2ntz(s) AS CASE WHEN s_ts_usual(s) THEN TRY_CAST(s AS TIMESTAMP) ELSE list_extract(list_transform(s_ts_parts(s), lambda _s_p: s_ntz(epoch_us(CASE WHEN _s_p.z = '' THEN coalesce(s_ts_day(_s_p.t), s_ts(s_ts_local(_s_p.t)::HUGEINT)) WHEN s_at_zone(0::HUGEINT, _s_p.z, _s_p.k) IS NOT NULL THEN s_ts(s_ts_local(s_ts_head(_s_p.t))::HUGEINT) END)::HUGEINT)), 1) END`,
	}
}
