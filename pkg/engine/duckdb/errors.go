package duckdb

import (
	"regexp"
	"strings"
)

// Error is a refusal of DuckDB. Its text holds no values of rows: in classes
// whose messages quote values the message ends before the first one and its
// numbers are masked.
type Error struct {
	Class   string // as DuckDB names it: "Conversion Error"
	Message string // may be empty
}

// Error returns the class and the message.
func (e *Error) Error() string {
	if e.Message == "" {
		return e.Class
	}
	return e.Class + ": " + e.Message
}

// plain reports whether messages of a class speak of the statement, of files
// and of the instance, never of the values in rows.
func plain(class string) bool {
	switch class {
	case "Binder Error", "Catalog Error", "Connection Error", "Dependency Error", "INTERRUPT Error", "IO Error",
		"Missing Extension Error", "Not implemented Error", "Out of Memory Error", "Parameter Not Allowed Error",
		"Parameter Not Resolved Error", "Parser Error", "Permission Error", "Syntax Error", "TransactionContext Error":
		return true
	}
	return false
}

var (
	classes = regexp.MustCompile(`^[A-Z][A-Za-z ]{2,40} Error$`)
	numbers = regexp.MustCompile(`\b[0-9][0-9.,]*`)
)

// clean returns DuckDB's message as an error without values of rows.
func clean(message string) error {
	class, rest, ok := strings.Cut(message, ": ")
	if !ok || !classes.MatchString(class) {
		return &Error{Class: "Unknown Error"}
	}
	// Below the first line DuckDB quotes the statement or the input.
	rest, _, _ = strings.Cut(rest, "\n")
	switch {
	case plain(class):
	case class == "Invalid Input Error":
		// SQL's error function puts any value here, unquoted.
		rest = ""
	default:
		if i := strings.IndexAny(rest, "'\"`"); i >= 0 {
			rest = rest[:i] + "…"
		}
		rest = numbers.ReplaceAllString(rest, "…")
	}
	return &Error{Class: class, Message: strings.TrimSpace(rest)}
}

// quoteText returns a SQL string literal.
func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// quoteName returns a quoted SQL identifier.
func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
