package example

import (
	"fmt"
	"maps"
	"slices"
)

// Compare adds a failure to each result of DuckDB where Spark
// gave something else, expected or not. Both are of the same examples.
func Compare(duckdb, spark []*Result) {
	for i, r := range duckdb {
		if text := difference(r.got, spark[i].got); text != "" {
			r.fail(r.Place, "%s", text).Hintf("both engines must agree: please report it; until it is mended, write the definition in another way")
		}
	}
}

// difference says where two outcomes differ first, "" where they do not.
func difference(duckdb, spark []map[string]string) string {
	if len(duckdb) != len(spark) {
		return fmt.Sprintf("rows come out: %d on DuckDB, %d on Spark", len(duckdb), len(spark))
	}
	for i, row := range duckdb {
		names := slices.Sorted(maps.Keys(row))
		for name := range spark[i] {
			if _, ok := row[name]; !ok {
				names = append(names, name)
			}
		}
		for _, name := range names {
			if row[name] != spark[i][name] {
				return fmt.Sprintf("%s is %q on DuckDB, %q on Spark", name, row[name], spark[i][name])
			}
		}
	}
	return ""
}
