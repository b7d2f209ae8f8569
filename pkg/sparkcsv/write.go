package sparkcsv

import "strings"

// Append appends one value as Spark writes it, in quotes where it needs them.
// Of blanks, those that follow are cut only where those in front are, too.
func (o Options) Append(b []byte, text string, null bool) []byte {
	given := null // by options
	if null {
		text = o.NullValue
	}
	text = o.trimmedLeft(text)
	if !null && o.trimmed(text) == "" {
		text, given = o.trimmedLeft(o.EmptyValue), true
	}
	q := string(o.Quote)
	switch {
	case !o.quotes(text):
		return append(b, o.trimmed(text)...)
	case given && len(text) > len(q) && strings.HasPrefix(text, q) && strings.HasSuffix(text, q):
		return append(b, text...)
	}
	var out strings.Builder
	for _, c := range text {
		if c == o.Quote || c == o.Escape && c != 0 {
			out.WriteRune(o.Escape)
		}
		out.WriteRune(c)
	}
	return append(append(append(b, q...), o.trimmed(out.String())...), q...)
}

// quotes reports whether a text is written in quotes.
func (o Options) quotes(text string) bool {
	return o.QuoteAll || strings.ContainsRune(text, o.Separator) || strings.ContainsAny(text, "\r\n") ||
		strings.HasPrefix(text, string(o.Quote)) || o.EscapeQuotes && strings.ContainsRune(text, o.Quote)
}

func (o Options) trimmed(text string) string {
	if o.TrimRight {
		return strings.TrimRightFunc(text, blank)
	}
	return text
}

func (o Options) trimmedLeft(text string) string {
	if o.TrimLeft {
		return strings.TrimLeftFunc(text, blank)
	}
	return text
}
