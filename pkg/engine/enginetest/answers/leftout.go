package answers

import "regexp"

// omission is what Spark is not asked about, and why.
type omission struct {
	what *regexp.Regexp
	why  string // for who reads the list
}

// leftOut lists what is known to differ. Each is a limit of what is promised,
// not of the question: docs/decisions.md has them.
func leftOut() []omission {
	return []omission{
		{regexp.MustCompile(`timestamp_micros\((l|\(?t \^ l)`), "DuckDB has no value for times before -290308-12-22 or after 294247"},
		{regexp.MustCompile(`btrim\(from_base32\(`), "bytes that are no UTF-8 make no text: NULL"},
		{regexp.MustCompile(`make_timestamp(_ltz|_ntz)?\(.*, [xfl]\)`), "Spark counts the microseconds of a minute in 32 bits, which wrap, so that 2,147,483,648.5 seconds are 0.5"},
		{regexp.MustCompile(`\([lx] \* num\)`), "Java 17 prints some doubles with more digits than tell them apart"},
		{regexp.MustCompile(`greatest\(-3, t, x, xxhash64\(i\)\)`), "Java 17 prints some doubles with more digits than tell them apart"},
		{regexp.MustCompile(`percentile_cont\(0\.9\) WITHIN GROUP \(ORDER BY try_multiply\(i, f\) DESC\)`), "the last digit of 0.9 decides between values that are 10,000,000 times apart"},
	}
}
