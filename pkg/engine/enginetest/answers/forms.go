package answers

import "maps"

// A form is an expression with holes. {number}, {date}, {array<int>} take an
// expression of such a type, {text:js,s} most often one of these columns,
// {$path} a constant of the pool path, {over} what says which rows a window
// function sees.

// forms says how a function is called whose arguments do not tell it: those
// with lambdas, or with arguments that go together.
func forms() map[string][]string {
	out := formsOfOne()
	maps.Copy(out, formsOfMore())
	return out
}

func formsOfOne() map[string][]string {
	return map[string][]string{
		"aggregate":                {"aggregate({array<int>}, {bigint}, (acc, v) -> acc + v)", "aggregate({array<int>}, 0, (acc, v) -> acc * 2 + v, acc -> acc + {int})", "aggregate({array<string>}, {text}, (acc, v) -> concat(acc, ',', v))", "aggregate({array<double>}, {double}, (acc, v) -> greatest(acc, v))"},
		"exists":                   {"exists({array<int>}, v -> v > {int})", "exists({array<string>}, v -> v = {text})", "exists({array<boolean>}, v -> v)", "exists({array<double>}, v -> v IS NULL OR v < {double})"},
		"filter":                   {"filter({array<int>}, v -> v % 2 = {int:j})", "filter({array<string>}, v -> length(v) > {int:j})", "filter({array<double>}, (v, k) -> k < {int:j})", "filter({array}, v -> v IS NOT NULL)"},
		"forall":                   {"forall({array<int>}, v -> v >= {int:j})", "forall({array<string>}, v -> v <> {text:w})", "forall({array<boolean>}, v -> v)", "forall({array}, v -> v IS NOT NULL)"},
		"transform":                {"transform({array<int>}, v -> v + {int})", "transform({array<string>}, v -> upper(v))", "transform({array<string>}, (v, k) -> concat(v, k))", "transform({array<double>}, v -> v * {double})", "transform({array<int>}, (v, k) -> coalesce(v, k))", "transform({array<array<int>>}, v -> size(v))"},
		"zip_with":                 {"zip_with({array<int>}, {array<int>}, (p, o) -> p + o)", "zip_with({array<string>}, {array<string>}, (p, o) -> concat(p, o))", "zip_with({array<int>}, {array<string>}, (p, o) -> coalesce(o, p))"},
		"array_append":             {"array_append({array<int>}, {int})", "array_append({array<string>}, {text})", "array_append({array<double>}, {double})", "array_append({array<date>}, {date})"},
		"array_prepend":            {"array_prepend({array<int>}, {int})", "array_prepend({array<string>}, {text})", "array_prepend({array<double>}, {double})", "array_prepend({array<bigint>}, {int})"},
		"array_contains":           {"array_contains({array<int>}, {int:j})", "array_contains({array<string>}, {text:w,g})", "array_contains({array<double>}, {double})", "array_contains({array<bigint>}, {int:j})", "array_contains({array<boolean>}, {boolean})"},
		"array_position":           {"array_position({array<int>}, {int:j})", "array_position({array<string>}, {text:w,g})", "array_position({array<double>}, {double})", "array_position({array<date>}, {date})"},
		"array_remove":             {"array_remove({array<int>}, {int:j})", "array_remove({array<string>}, {text:w,g})", "array_remove({array<double>}, {double})", "array_remove({array<boolean>}, {boolean})"},
		"array_except":             {"array_except({array<int>}, {array<int>})", "array_except({array<string>}, {array<string>})", "array_except({array<double>}, array({double}, {double}))"},
		"array_intersect":          {"array_intersect({array<int>}, {array<int>})", "array_intersect({array<string>}, {array<string>})", "array_intersect({array<double>}, array({double}, {double}))"},
		"array_union":              {"array_union({array<int>}, {array<int>})", "array_union({array<string>}, {array<string>})", "array_union({array<double>}, array({double}, {double}))"},
		"arrays_overlap":           {"arrays_overlap({array<int>}, {array<int>})", "arrays_overlap({array<string>}, {array<string>})", "arrays_overlap({array<double>}, array({double}, {double}))"},
		"array_join":               {"array_join({array<string>}, {$separator})", "array_join({array<string>}, {$separator}, {$separator})", "array_join({array<int>}, {$separator})"},
		"array_repeat":             {"array_repeat({any}, j)", "array_repeat({any}, {tinyint:t})"},
		"flatten":                  {"flatten({array<array<int>>})", "flatten(array({array<string>}, {array<string>}))", "flatten(array({array<double>}, {array<double>}))", "flatten(array({array<int>}, {array<int>}, {array<int>}))", "flatten(collect_list({array<string>}))"},
		"sequence":                 {"sequence(j, t)", "sequence({tinyint:t}, {tinyint:t})", "sequence({tinyint:t}, j, {tinyint:t})", "sequence(m, m + j)", "sequence(l, l + 3)", "sequence(t, {tinyint:t}, t)", "sequence(j, 5)", "sequence(j, 40, 7)", "sequence({tinyint:t}, j, -3)"},
		"slice":                    {"slice({array}, {$element}, {$space})", "slice({array}, {$element}, {$n})", "slice({array}, {int:j}, 2)"},
		"get":                      {"get({array}, {int:j})"},
		"element_at":               {"element_at({array}, {int:j})", "element_at({array}, {$element})"},
		"elt":                      {"elt({int:j}, {text}, {text})", "elt({int:j}, {text}, {text}, {text})"},
		"decode":                   {"decode({int:j}, 1, {text}, 2, {text}, {text})", "decode({binary}, {$charset})", "decode({text:w}, 'a', {int}, NULL, {int})", "decode({text}, {$charset})"},
		"overlay":                  {"overlay({text}, {text:w}, {int:j})", "overlay({text} PLACING {text:w} FROM {int:j} FOR {int:j})", "overlay({text}, {text:w}, {int:j}, {int:j})"},
		"explode":                  {"explode({array})", "explode({map})"},
		"explode_outer":            {"explode_outer({array})", "explode_outer({map})"},
		"posexplode":               {"posexplode({array})", "posexplode({map})"},
		"posexplode_outer":         {"posexplode_outer({array})", "posexplode_outer({map})"},
		"inline":                   {"inline({array<struct<a:int,b:string>>:ast})", "inline(array({struct}, {struct}))", "inline(map_entries({map}))"},
		"inline_outer":             {"inline_outer({array<struct<a:int,b:string>>:ast})", "inline_outer(array({struct}, {struct}))", "inline_outer(map_entries({map}))"},
		"stack":                    {"stack(2, {int}, {int}, {int}, {int})", "stack(2, {text}, {number}, {text}, {number})", "stack(3, {int}, {date}, {int}, {date}, {int})"},
		"json_tuple":               {"json_tuple({text:js}, 'a', 'b')", "json_tuple({text:js}, 'c')", "json_tuple({text:js}, 'd', 'é', 'a.b')"},
		"map_contains_key":         {"map_contains_key({map<string,int>}, {text:w,g})", "map_contains_key({map<int,double>}, {int:j})"},
		"named_struct":             {"named_struct('p', {any}, 'o', {any})", "named_struct('p', {any})"},
		"array_sort":               {"array_sort({array})", "array_sort({array<int>}, (p, o) -> o - p)", "array_sort({array<string>}, (p, o) -> length(p) - length(o))", "array_sort({array<int>}, (p, o) -> CASE WHEN coalesce(p, 0) < coalesce(o, 0) THEN 1 WHEN coalesce(p, 0) > coalesce(o, 0) THEN -1 ELSE 0 END)"},
		"map_filter":               {"map_filter({map<string,int>}, (k, v) -> v > {int:j})", "map_filter({map<int,double>}, (k, v) -> k > 0)", "map_filter({map<string,int>}, (k, v) -> k <> {text:w,g})"},
		"map_zip_with":             {"map_zip_with({map<string,int>}, {map<string,int>}, (k, v, o) -> coalesce(v, 0) + coalesce(o, 0))", "map_zip_with({map<string,int>}, {map<string,int>}, (k, v, o) -> concat(k, v, o))"},
		"transform_keys":           {"transform_keys({map<string,int>}, (k, v) -> concat(k, '!'))", "transform_keys({map<int,double>}, (k, v) -> k + 1)"},
		"transform_values":         {"transform_values({map<string,int>}, (k, v) -> v + {int:j})", "transform_values({map<int,double>}, (k, v) -> k * v)", "transform_values({map<string,int>}, (k, v) -> concat(k, v))"},
		"str_to_map":               {"str_to_map({text:list})", "str_to_map({text:list}, ',')", "str_to_map({text:list}, ',', ':')", "str_to_map({text:url}, '&', '=')"},
		"bit_get":                  {"bit_get({whole}, {$bit})", "bit_get({bigint}, {$bit})", "bit_get({int:j}, {$bit})", "bit_get({smallint}, {int:j})"},
		"vector_cosine_similarity": {"vector_cosine_similarity(af, ag)", "vector_cosine_similarity({array<float>}, {array<float>})"},
		"vector_avg":               {"vector_avg(ag)", "vector_avg(ag) FILTER (WHERE {boolean})"},
		"vector_sum":               {"vector_sum(ag)", "vector_sum(ag) FILTER (WHERE {boolean})"},
		"vector_inner_product":     {"vector_inner_product(af, ag)", "vector_inner_product({array<float>}, {array<float>})"},
		"vector_l2_distance":       {"vector_l2_distance(af, ag)", "vector_l2_distance({array<float>}, {array<float>})"},
		"vector_norm":              {"vector_norm({array<float>})", "vector_norm({array<float>}, {$norm})"},
		"vector_normalize":         {"vector_normalize({array<float>})", "vector_normalize({array<float>}, {$norm})"},
		"window":                   {"window(coalesce(e, DATE '2020-02-29'), {$window.size})", "window(coalesce(tu, e, DATE '1969-12-31'), {$window.size})", "window(coalesce(tu, DATE '1969-12-31'), '1 hour', '15 minutes')", "window(coalesce(e, DATE '1969-12-31'), '1 hour', '20 minutes', {$window.start})", "window(coalesce(tu, DATE '1969-12-31'), {$window.size}, {$window.size}, {$window.start})"},
		"session_window":           {"session_window(coalesce(e, DATE '2020-02-29'), {$window.size})", "session_window(coalesce(tu, e, DATE '1969-12-31'), {$window.size})", "session_window(coalesce(tu, DATE '1969-12-31'), {$window.slide}).end", "window_time(session_window(coalesce(tu, DATE '1969-12-31'), {$window.size}))"},
		"window_time":              {"window_time(window(coalesce(e, DATE '2020-02-29'), {$window.size}))", "window_time(window(coalesce(tu, e, DATE '1969-12-31'), {$window.size}))", "window_time(window(coalesce(tu, DATE '1969-12-31'), '1 day', '1 day', {$window.start}))", "window_time(window(coalesce(e, DATE '1969-12-31'), '1 hour', '1 hour', {$window.start}))"},
		"array_insert":             {"array_insert({array<int>}, j, {int})", "array_insert({array<string>}, j, {text})", "array_insert({array<double>}, {$element}, {double})"},
		"collect_union":            {"sort_array(collect_union({array<int>}))", "sort_array(collect_union({array<string>}))", "sort_array(collect_union({array<date>}) FILTER (WHERE {boolean}))", "sort_array(collect_union({array<int>}) OVER ({over}))"},
	}
}

func formsOfMore() map[string][]string {
	return map[string][]string{
		"from_json":          {"from_json({text:js}, {$schema})", "from_json({text:js,s}, 'a STRING, b STRING')", "from_json({text:js}, {$schema}, map('mode', 'PERMISSIVE'))"},
		"to_json":            {"to_json({struct})", "to_json({map})", "to_json({array})", "to_json(named_struct('a', {any}, 'b', {any}))", "to_json(array({time}))", "to_json(named_struct('x', {any}), map('ignoreNullFields', 'false'))"},
		"from_csv":           {"from_csv({text:list,day,w}, {$csv type})", "from_csv(concat_ws(',', {number}, {text:w,list}, {time}), {$csv type})", "from_csv({text:list,num}, {$csv type}, map({$csv options}))", "from_csv(concat(',', {date}, ';', {boolean}), {$csv type}, map({$csv options}))"},
		"to_csv":             {"to_csv({struct:st,su})", "to_csv(named_struct('a', {any}, 'b', {any}))", "to_csv(named_struct('a', {text}, 'b', {number}, 'c', {time}))", "to_csv(named_struct('a', {text:s,w}, 'b', {any}), map({$csv writing}))"},
		"schema_of_csv":      {"concat(schema_of_csv({$csv text}), {text:w})", "length(schema_of_csv({$csv text})) + {int:j}", "from_csv({text:list}, schema_of_csv({$csv text}))"},
		"schema_of_json":     {"concat(schema_of_json({$json text}), {text:w})", "length(schema_of_json({$json text})) + {int:j}"},
		"timestampadd":       {"timestampadd({$named unit}, {int:j}, {time})", "timestampadd({$named unit}, {int:j}, {timestamp})"},
		"timestampdiff":      {"timestampdiff({$named unit}, {time}, {time})", "timestampdiff({$named unit}, {timestamp}, {timestamp})"},
		"timediff":           {"timediff({$named unit}, {time}, {time})", "timediff({$named unit}, {timestamp}, {timestamp})"},
		"convert_timezone":   {"convert_timezone({$zone}, {$zone}, {timestamp_ntz:tn})", "convert_timezone('UTC', {$zone}, {timestamp_ntz})"},
		"format_string":      {"format_string('%s-%d', {text}, {int})", "format_string('%5d|%-5s|', {int:j}, {text:w})", "format_string('%05d %x', {int:j}, {int})", "format_string('%s%%', {text})"},
		"like":               {"like({text}, {$like})"},
		"ilike":              {"ilike({text}, {$like})"},
		"to_char":            {"to_char({decimal:d5}, {$number form})", "to_char({int:j}, {$number form})"},
		"to_number":          {"to_number({text:num}, {$number form})"},
		"pi":                 {"pi() * {number}", "{double} < pi()", "round(pi() + {double}, 3)", "coalesce({double}, pi())"},
		"e":                  {"e() * {number}", "{double} < e()", "round(e() + {double}, 3)", "coalesce({double}, e())"},
		"space":              {"concat(space({$space}), {text})", "concat({text}, space({$space}), {text})"},
		"listagg":            {"listagg({text}, {$separator}) WITHIN GROUP (ORDER BY {text}, n)", "listagg({text:w}) WITHIN GROUP (ORDER BY n DESC)", "listagg({text:w}, {$separator}) WITHIN GROUP (ORDER BY n)"},
		"percentile":         {"percentile({double:y}, {$part})", "percentile({int:j}, {$part})", "percentile({double:y}, array({$part}, {$part}))", "percentile({number:y,i}, {$part}, abs({int:j}))", "percentile({double:y}, array({$part}, {$part}), length({text:w}))", "percentile({number:y}, {$part}, j)", "percentile({bigint}, {$part}) FILTER (WHERE {boolean})"},
		"percentile_cont":    {"percentile_cont({$part}) WITHIN GROUP (ORDER BY {double:y})", "percentile_cont({$part}) WITHIN GROUP (ORDER BY {number} DESC)", "percentile_cont(array({$part}, {$part})) WITHIN GROUP (ORDER BY {double:y} DESC)"},
		"percentile_disc":    {"percentile_disc({$part}) WITHIN GROUP (ORDER BY {double:y})", "percentile_disc({$part}) WITHIN GROUP (ORDER BY {number} DESC)", "percentile_disc(array({$part}, {$part})) WITHIN GROUP (ORDER BY {number:y})", "percentile_disc(array({$part}, 0.5)) WITHIN GROUP (ORDER BY {number} DESC)"},
		"mode":               {"mode({any}, true)", "mode({orderable}, true) FILTER (WHERE {boolean})", "mode() WITHIN GROUP (ORDER BY {orderable})", "mode() WITHIN GROUP (ORDER BY {orderable} DESC)"},
		"count":              {"count(*)", "count(*) FILTER (WHERE {boolean})", "count({any})", "count({any}, {any})", "count(DISTINCT {orderable})", "count(DISTINCT {int}, {text})", "count({any}) OVER ({over})", "count(*) OVER ({over})"},
		"sum":                {"sum({double:y})", "sum({whole})", "sum({decimal})", "sum(DISTINCT {whole})", "sum({whole}) FILTER (WHERE {boolean})", "sum({double:y}) OVER ({over})", "sum({whole}) OVER ({over})", "sum({decimal}) OVER ({over})"},
		"min":                {"min({orderable})", "min(DISTINCT {orderable})", "min({orderable}) FILTER (WHERE {boolean})", "min({orderable}) OVER ({over})"},
		"max":                {"max({orderable})", "max(DISTINCT {orderable})", "max({orderable}) FILTER (WHERE {boolean})", "max({orderable}) OVER ({over})"},
		"first":              {"first({any})", "first({any}, true)", "first({any}) OVER ({rows})", "first({any}, true) OVER ({rows})", "first({any}) IGNORE NULLS OVER ({rows})"},
		"last":               {"last({any})", "last({any}, true)", "last({any}) OVER ({rows})", "last({any}, true) OVER ({rows})", "last({any}) IGNORE NULLS OVER ({rows})"},
		"max_by":             {"max_by({any}, n)", "max_by({any}, {int:j} * 100 + n)", "max_by({any}, n) FILTER (WHERE {boolean})", "max_by({any}, n) OVER ({over})"},
		"min_by":             {"min_by({any}, n)", "min_by({any}, {int:j} * 100 + n)", "min_by({any}, n) FILTER (WHERE {boolean})", "min_by({any}, n) OVER ({over})"},
		"collect_list":       {"collect_list({any})", "collect_list({any}) FILTER (WHERE {boolean})", "collect_list({any}) OVER ({rows})"},
		"collect_set":        {"sort_array(collect_set({orderable}))", "sort_array(collect_set({orderable}) FILTER (WHERE {boolean}))", "size(collect_set({orderable}))", "sort_array(collect_set({orderable}) OVER ({over}))"},
		"row_number":         {"row_number() OVER ({total})"},
		"rank":               {"rank() OVER ({ranked})", "rank() OVER ({total})"},
		"dense_rank":         {"dense_rank() OVER ({ranked})", "dense_rank() OVER ({total})"},
		"percent_rank":       {"percent_rank() OVER ({ranked})", "percent_rank() OVER ({total})"},
		"cume_dist":          {"cume_dist() OVER ({ranked})", "cume_dist() OVER ({total})"},
		"ntile":              {"ntile({$n}) OVER ({total})"},
		"lag":                {"lag({any}) OVER ({total})", "lag({any}, {$n}) OVER ({total})", "lag({any}) IGNORE NULLS OVER ({total})", "lag({int}, {$n}, {int}) OVER ({total})", "lag({text}, {$n}, {text}) OVER ({total})"},
		"lead":               {"lead({any}) OVER ({total})", "lead({any}, {$n}) OVER ({total})", "lead({any}) IGNORE NULLS OVER ({total})", "lead({int}, {$n}, {int}) OVER ({total})", "lead({text}, {$n}, {text}) OVER ({total})"},
		"nth_value":          {"nth_value({any}, {$n}) OVER ({rows})", "nth_value({any}, {$n}) IGNORE NULLS OVER ({rows})"},
		"make_date":          {"make_date({smallint:m}, {int:j}, {int:j})", "make_date({int}, {int:j}, {tinyint})", "make_date(year({date}), month({date}), day({date}))"},
		"make_timestamp":     {"make_timestamp({smallint:m}, {int:j}, {int:j}, {int:j}, {int:j}, y)", "make_timestamp(year({date}), month({date}), day({date}), {int:j}, {int:j}, d5)", "make_timestamp({int}, 12, 31, {int:j}, 59, {int:j})"},
		"to_date":            {"to_date({any})", "to_date({text:day})", "to_date({text:day}, {$pattern})"},
		"to_timestamp":       {"to_timestamp({any})", "to_timestamp({text:day})", "to_timestamp({text:day}, {$pattern})"},
		"unix_timestamp":     {"unix_timestamp({time})", "unix_timestamp({text:day})", "unix_timestamp({text:day}, {$pattern})"},
		"date_part":          {"date_part({$part of a time}, {time})"},
		"months_between":     {"months_between({time}, {time})", "months_between({time}, {time}, {$truth})"},
		"get_json_object":    {"get_json_object({text:js}, {$path})"},
		"parse_url":          {"parse_url({text:url}, {$part of a url})", "parse_url({text:url}, 'QUERY', {$key})"},
		"regexp_extract":     {"regexp_extract({text}, {$regex})", "regexp_extract({text}, {$groups}, {$group})"},
		"regexp_extract_all": {"regexp_extract_all({text}, {$groups})", "regexp_extract_all({text}, {$groups}, {$group})"},
		"regexp_replace":     {"regexp_replace({text}, {$regex}, {$text})", "regexp_replace({text}, {$groups}, {$replacement})"},
		"split":              {"split({text}, {$regex})", "split({text:list}, {$regex}, {$limit})", "split({text:list}, ',')"},
		"translate":          {"translate({text}, {$characters}, {$characters})"},
		"conv":               {"conv({text:num,hx}, {$radix}, {$radix})", "conv({whole}, 10, {$radix})"},
		"width_bucket":       {"width_bucket({double}, {double:y}, {double:y}, {whole:j})", "width_bucket({number}, 0, 10, {whole:j})"},
	}
}

// operators are forms of what is not in the catalogue.
func operators() map[string][]string {
	return map[string][]string{
		"+":          {"{number} + {number}", "{number} + {text:num}", "{date} + {int:j}", "{time} + INTERVAL {$interval}", "{time} + {span}", "{span} + {span}"},
		"-":          {"{number} - {number}", "{number} - {text:num}", "{date} - {int:j}", "{time} - INTERVAL {$interval}", "-{number}", "{time} - {span}", "{span} - {span}", "{time} - {time}", "-{span}"},
		"*":          {"{number} * {number}", "{number} * {text:num}", "{span} * {number:j,y,d5}"},
		"/":          {"{number} / {number}", "{number} / {text:num}", "{span} / {number:j,y,d5}"},
		"%":          {"{number} % {number}", "{number} % {text:num}"},
		"div":        {"{whole} div {whole}", "{number} div {number}"},
		"&":          {"{whole} & {whole}"},
		"|":          {"{whole} | {whole}"},
		"^":          {"{whole} ^ {whole}"},
		"~":          {"~{whole}"},
		"<<":         {"{whole} << {int:j}", "{whole} >> {int:j}", "{whole} >>> {int:j}"},
		"=":          {"{number} = {number}", "{text} = {text}", "{orderable} = {orderable}", "{time} = {text:day}", "{number} = {text:num}"},
		"<>":         {"{number} <> {number}", "{text} != {text}", "{orderable} <> {orderable}"},
		"<":          {"{number} < {number}", "{text} < {text}", "{orderable} < {orderable}", "{time} < {text:day}", "{number} < {text:num}"},
		">":          {"{number} > {number}", "{text} > {text}", "{orderable} > {orderable}"},
		"<=":         {"{number} <= {number}", "{text} <= {text}", "{orderable} <= {orderable}"},
		">=":         {"{number} >= {number}", "{text} >= {text}", "{orderable} >= {orderable}"},
		"<=>":        {"{orderable} <=> {orderable}", "{number} <=> {number}", "{any} <=> NULL"},
		"and":        {"{boolean} AND {boolean}", "{boolean} AND {boolean} AND {boolean}"},
		"or":         {"{boolean} OR {boolean}", "{boolean} OR {boolean} AND {boolean}"},
		"not":        {"NOT {boolean}", "NOT ({boolean} AND {boolean})"},
		"is":         {"{any} IS NULL", "{any} IS NOT NULL", "{boolean} IS TRUE", "{boolean} IS NOT TRUE", "{boolean} IS FALSE", "{boolean} IS NOT FALSE", "{boolean} IS UNKNOWN", "{any} IS DISTINCT FROM {any}", "{number} IS NOT DISTINCT FROM {number}"},
		"in":         {"{number} IN ({number}, {number})", "{text} IN ({text}, 'a', {text})", "{int:j} IN (1, 2, NULL)", "{orderable} NOT IN ({orderable}, {orderable})", "{time} IN ({time}, {text:day})"},
		"between":    {"{number} BETWEEN {number} AND {number}", "{text} BETWEEN {text} AND {text}", "{time} NOT BETWEEN {time} AND {time}", "{orderable} BETWEEN {orderable} AND {orderable}"},
		"like":       {"{text} LIKE {$like}", "{text} NOT LIKE {$like}", "{text} ILIKE {$like}"},
		"rlike":      {"{text} RLIKE {$regex}", "{text} NOT RLIKE {$regex}"},
		"case":       {"CASE WHEN {boolean} THEN {any} ELSE {any} END", "CASE WHEN {boolean} THEN {number} WHEN {boolean} THEN {number} END", "CASE WHEN {boolean} THEN {any} END", "CASE WHEN {boolean} THEN {text} ELSE {number} END"},
		"switch":     {"CASE {int:j} WHEN 1 THEN {any} WHEN {int:j} THEN {any} END", "CASE {text:w} WHEN 'a' THEN {number} WHEN {text:w} THEN {number} ELSE {number} END", "CASE {number} WHEN {number} THEN {text} ELSE {text} END"},
		"[]":         {"{array}[{int:j}]", "{array}[0]", "{map<string,int>}[{text:w,g}]", "{map<int,double>}[{int:j}]", "array({number}, {number})[{int:j}]"},
		"||":         {"{text} || {text}", "{text} || {any}", "{array<int>} || {array<int>}", "{array<string>} || {array<string>}", "{any} || {any}"},
		"try_cast":   {"TRY_CAST({any} AS {$type})"},
		"extract":    {"EXTRACT({$field} FROM {time})"},
		"trim":       {"TRIM(BOTH {text:w} FROM {text})", "TRIM(LEADING {text:w} FROM {text})", "TRIM(TRAILING 'a' FROM {text})"},
		"cast text":  {"CAST({text:num} AS {$type})", "CAST({text:day} AS {$type})", "CAST({text:day} AS timestamp)", "CAST({text:day} AS date)"},
		"cast array": {"CAST({array} AS {$array type})"},
	}
}

// overs are what stands in OVER: any frame, rows counted one by one, an order
// without ties, an order with ties.
func overs() map[string][]string {
	total := []string{"PARTITION BY g ORDER BY n", "ORDER BY n DESC", "PARTITION BY {orderable} ORDER BY {orderable}, n", "PARTITION BY b, g ORDER BY {orderable} DESC, n", "ORDER BY {orderable} NULLS LAST, n DESC", "ORDER BY {number} DESC NULLS FIRST, n"}
	frames := []string{"", " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", " ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING", " ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING", " ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", " ROWS BETWEEN 1 FOLLOWING AND 4 FOLLOWING", " ROWS 2 PRECEDING",
		" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"}
	out := map[string][]string{"total": total, "ranked": {"PARTITION BY g ORDER BY {orderable}", "ORDER BY {orderable} DESC", "PARTITION BY b ORDER BY {number}, {text:w}", "ORDER BY {text} NULLS LAST"}}
	for _, t := range total {
		for _, f := range frames {
			out["rows"] = append(out["rows"], t+f)
		}
	}
	out["over"] = append([]string{"PARTITION BY g", "", "PARTITION BY g ORDER BY {orderable}", "ORDER BY {whole:j} RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING", "PARTITION BY g ORDER BY j DESC RANGE BETWEEN 3 PRECEDING AND CURRENT ROW", "ORDER BY {double:y} RANGE BETWEEN 1.5 PRECEDING AND 10 FOLLOWING",
		"ORDER BY d RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", "PARTITION BY b ORDER BY ts RANGE BETWEEN INTERVAL 240 HOURS PRECEDING AND INTERVAL 1 HOUR FOLLOWING", "ORDER BY e RANGE BETWEEN 30 PRECEDING AND 30 FOLLOWING"}, out["rows"]...)
	return out
}
