// Package source turns the bytes of a log into records and records into raw
// columns. It is pure: bytes come from an [io.Reader], nothing is opened,
// logged or looked up.
//
// A [Format] says what forms records have. A line is what stands before "\n",
// "\r\n" or the end of the input. Every line is exactly one of
//
//   - a header, which names the columns of the records after it;
//   - a comment, as its shape defines it;
//   - a blank: nothing stands in it;
//   - a record, or the first line of one;
//   - continued: a further line of a record or header of [CSV].
//
// Every record is one row or one counted [Reject], so that for each input
//
//	Lines   == Records + Headers + Comments + Blanks + Continued
//	Records == Rows + the sum of Rejects
//
// A byte-order mark before line 1 is dropped. Bytes that are not UTF-8 are
// replaced by U+FFFD, one for each maximal subpart (The Unicode Standard,
// section 3.9, "U+FFFD Substitution of Maximal Subparts"), before a record is
// taken apart; nothing else of a record is changed.
//
// Memory is bounded whatever the input is: records over 1 MiB or of over
// 10,000 columns are rejects, and at most one block of 1 MiB is held.
package source

import "maps"

// Options says what a [Reader] reads. Its zero value, but for the format,
// reads a whole input and extracts nothing.
type Options struct {
	Format Format
	// Raw are the addresses of required raw columns, as the shapes of the
	// format define them.
	Raw []string
	// Optional are the addresses of columns that may be absent: NULL then, as
	// where a header has one more than once. They never decide what is a row.
	Optional []string
	// Header is the header in force before the first line, without its end;
	// empty: none, so that the first record of CSV is one.
	Header string
	// FirstRecord is the number of the first record, counted from 0.
	FirstRecord int64
	// FirstLine is the number of the first line, counted from 1; 0 means 1.
	FirstLine int64
	// Again says that the input is made of texts of [Batch.Text], so that what
	// was a row is one again: a byte-order mark in front is part of a record,
	// and a text may have become longer than 1 MiB where bytes were replaced.
	Again bool
	// Text asks for each row's record in [Batch.Text].
	Text bool
	// Reject, if not nil, is called for each record that is no row, in order,
	// during [Reader.Read].
	Reject func(Reject)
}

// Reject is a record that is no row.
type Reject struct {
	Record int64 // number of the record, from 0
	Line   int64 // number of its first line, from 1
	// Reason is one of the Reason constants, or one of the Reason prefixes and
	// an address of the options. It is stable and holds nothing of the log.
	Reason string
}

// Reasons for which a record is no row. Where several hold, the one given is
// that of a quote that swallows the rest, then the length, then that of the
// header, then the form of the record, then the number of columns.
const (
	// ReasonTooLong: the line has more than 1 MiB.
	ReasonTooLong = "line too long"
	// ReasonRecordTooLong: the record, of one or more lines, has more than
	// 1 MiB.
	ReasonRecordTooLong = "record too long"
	// ReasonNoHeader: the format has headers, and none came before the record.
	ReasonNoHeader = "no header"
	// ReasonBadHeader: the header in force names no columns, more than 10,000,
	// has more than 64 KiB, or a character that cannot be printed.
	ReasonBadHeader = "unusable header"
	// ReasonUnclosed: the record ends between quotes.
	ReasonUnclosed = "unclosed quote"
	// ReasonAfterQuote: something else than a separator follows the quote that
	// ends a value.
	ReasonAfterQuote = "text after a closing quote"
	// ReasonTooFew: fewer columns than the header has or a position needs.
	ReasonTooFew = "too few columns"
	// ReasonTooMany: more columns than the header has, or more than 10,000.
	ReasonTooMany = "too many columns"
	// ReasonNotObject: the line is no JSON object.
	ReasonNotObject = "not a JSON object"
	// ReasonBadJSON: the line begins a JSON object, and is none.
	ReasonBadJSON = "malformed JSON"
	// ReasonDeepJSON: objects and arrays are nested more than 128 times.
	ReasonDeepJSON = "JSON nested too deep"
	// ReasonAfterJSON: something follows the JSON object.
	ReasonAfterJSON = "text after the JSON object"
	// ReasonNoMatch: no pattern matches the line.
	ReasonNoMatch = "no pattern matches"
	// ReasonNoPair: the line has no key with a value.
	ReasonNoPair = "no key and value"
	// ReasonMissing and a required address: the header or record does not have
	// it.
	ReasonMissing = "missing column "
	// ReasonDuplicate and an address: the header has it more than once, so
	// that nobody can say which one is meant.
	ReasonDuplicate = "duplicate column "
)

// Batch is a number of rows, column by column. Its zero value is ready for
// [Reader.Read], and one batch should serve many reads: it is filled without
// allocating. What it points to is valid until the next Read.
type Batch struct {
	// Cap is the most rows that a Read gives; 0 means 2048.
	Cap int
	// N is the number of rows. The slices below have this length.
	N int
	// Header is the header in force for all of the rows; empty where there is
	// none.
	Header string
	// Record and Line are the numbers of each row's record, from 0, and line,
	// from 1: the first one, if it has several.
	Record, Line []int64
	// Text is each row's record without its end of line, if [Options.Text] is
	// set; else it is nil. Behind the header in force, it reads as it did.
	Text [][]byte
	// Columns are the values, Columns[column][row]: first the columns of
	// [Options.Raw], then those of [Options.Optional]. nil is NULL; an empty
	// value that is not nil is the empty string.
	Columns [][][]byte
}

// Counts accounts for every line and record of an input.
type Counts struct {
	Lines    int64
	Records  int64
	Rows     int64
	Rejects  map[string]int64 // records that are no rows, by reason
	Headers  int64
	Comments int64
	Blanks   int64
	// Continued is the number of lines in records and headers behind the first
	// of each.
	Continued int64
	// Replaced is the number of records in which bytes that are not UTF-8 were
	// replaced, rows or not; in a line that is too long nothing is.
	Replaced int64
	Bytes    int64
}

// Rejected returns the number of records that are no rows.
func (c Counts) Rejected() int64 {
	var n int64
	for _, k := range c.Rejects {
		n += k
	}
	return n
}

// Plus returns the sum of two counts. It shares no memory with either.
func (c Counts) Plus(o Counts) Counts {
	c.Lines += o.Lines
	c.Records += o.Records
	c.Rows += o.Rows
	c.Headers += o.Headers
	c.Comments += o.Comments
	c.Blanks += o.Blanks
	c.Continued += o.Continued
	c.Replaced += o.Replaced
	c.Bytes += o.Bytes
	c.Rejects = maps.Clone(c.Rejects)
	for reason, n := range o.Rejects {
		if c.Rejects == nil {
			c.Rejects = make(map[string]int64)
		}
		c.Rejects[reason] += n
	}
	return c
}
