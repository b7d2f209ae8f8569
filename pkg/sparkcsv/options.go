// Package sparkcsv reads and writes records of CSV as Spark does, whose reader
// has ways of its own with quotes that stand where they should not.
package sparkcsv

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Options say how records look.
type Options struct {
	Separator, Quote, Escape   rune // Quote and Escape may be 0: there is none
	NullValue, EmptyValue      string
	TrimLeft, TrimRight        bool
	NaN, Infinity, NegInfinity string
	QuoteAll, EscapeQuotes     bool // of writing
}

// Names returns the options that are known, for reading or for writing.
func Names(writing bool) []string {
	both := []string{"sep", "delimiter", "quote", "escape", "nullValue", "emptyValue", "ignoreLeadingWhiteSpace", "ignoreTrailingWhiteSpace", "dateFormat", "timestampFormat"}
	if writing {
		return append(both, "quoteAll", "escapeQuotes", "timestampNTZFormat")
	}
	return append(both, "nanValue", "positiveInf", "negativeInf", "mode")
}

// New returns what options by name, in lower case, say, with Spark's defaults;
// the problem is "" if they are right. Names that are not about the look of a
// record are passed over.
func New(given map[string]string, writing bool) (o Options, problem string) {
	o = Options{Separator: ',', Quote: '"', Escape: '\\', NaN: "NaN", Infinity: "Inf", NegInfinity: "-Inf", TrimLeft: writing, TrimRight: writing, EscapeQuotes: true}
	if writing {
		o.EmptyValue = `""`
	}
	flags := map[string]*bool{"ignoreleadingwhitespace": &o.TrimLeft, "ignoretrailingwhitespace": &o.TrimRight, "quoteall": &o.QuoteAll, "escapequotes": &o.EscapeQuotes}
	texts := map[string]*string{"nullvalue": &o.NullValue, "emptyvalue": &o.EmptyValue, "nanvalue": &o.NaN, "positiveinf": &o.Infinity, "negativeinf": &o.NegInfinity}
	signs := map[string]*rune{"quote": &o.Quote, "escape": &o.Escape}
	for name, value := range given {
		switch {
		case flags[name] != nil:
			lower := strings.ToLower(value)
			if lower != "true" && lower != "false" {
				return o, fmt.Sprintf("%s is 'true' or 'false'", name)
			}
			*flags[name] = lower == "true"
		case texts[name] != nil:
			*texts[name] = value
		case signs[name] != nil:
			c, n := utf8.DecodeRuneInString(value)
			if n != len(value) || c >= newline {
				return o, fmt.Sprintf("%s is one character, or none", name)
			}
			if *signs[name] = c; n == 0 {
				*signs[name] = 0
			}
		}
	}
	if o.TrimRight && !o.TrimLeft { // Spark fails at a first value of blanks, and writes what it wrote before
		return o, "blanks are cut at both ends, or in front, or not at all"
	}
	return o, o.separate(given)
}

// separate reads the separator and says what is wrong with the characters.
func (o *Options) separate(given map[string]string) string {
	text, ok := given["sep"]
	if !ok {
		text, ok = given["delimiter"]
	}
	if ok {
		if at := strings.IndexByte(`trbf"'\`, last(text)); len(text) == 2 && text[0] == '\\' && at >= 0 {
			text = "\t\r\b\f\"'\\"[at : at+1]
		} else if text == `\` {
			return `a backslash as separator is written \\`
		}
		c, n := utf8.DecodeRuneInString(text)
		if n == 0 || n != len(text) || c >= newline || c == 0 {
			return "the separator is one character"
		}
		o.Separator = c
	}
	if o.Separator == o.Quote || o.Separator == o.Escape {
		return "separator, quote and escape are different characters"
	}
	return ""
}

func last(text string) byte {
	if text == "" {
		return 0
	}
	return text[len(text)-1]
}

// String writes the options, for [Read].
func (o Options) String() string {
	b, err := json.Marshal(o)
	if err != nil { // which characters, texts and truths do not give
		return ""
	}
	return string(b)
}

// Read reads what [Options.String] wrote.
func Read(text string) (o Options, ok bool) {
	err := json.Unmarshal([]byte(text), &o)
	return o, err == nil
}
