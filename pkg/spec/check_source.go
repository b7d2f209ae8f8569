package spec

import (
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/mlpdev/mlp/pkg/specpb"
)

const (
	// maxSources and maxPatterns bound what a line may be compared with.
	maxSources  = 16
	maxPatterns = 100
	// maxMark is the most bytes of a text that separates, begins or stands for
	// something in a log.
	maxMark = 64
)

// sources checks the shapes of a log, all but what patterns and addresses
// mean.
func (c *checker) sources(p *specpb.Parser) {
	all := p.GetSource()
	if len(all) > maxSources {
		c.list.Errorf(c.doc.Field(p, "source", maxSources), "out-of-range", "a log has at most %d shapes", maxSources)
	}
	positions := 0
	for _, s := range all {
		switch f := s.GetFormat().(type) {
		case nil:
			if !c.partial {
				c.list.Errorf(c.doc.MessageSpan(s), "missing-field", "source has no format").
					Hintf("one of delimited, csv, json, regex, key_value: source { json {} }")
			}
		case *specpb.Source_Delimited:
			if f.Delimited.GetHeaderLine() == "" {
				positions++
			}
			if positions > 1 {
				c.list.Errorf(c.doc.MessageSpan(f.Delimited), "bad-source", "nothing tells this shape from the one before: neither has a header_line")
				positions = 1
			}
			c.delimited(f.Delimited)
		case *specpb.Source_Csv:
			if len(all) > 1 {
				c.list.Errorf(c.doc.MessageSpan(f.Csv), "bad-source", "csv cannot stand beside other shapes: a quote that is open decides where its lines end").
					Hintf("make it a parser of its own, or delimited if nothing is quoted")
			}
			c.csv(f.Csv)
		case *specpb.Source_Regex:
			c.regex(f.Regex)
		case *specpb.Source_KeyValue:
			c.keyValue(f.KeyValue)
		}
	}
	if headed(all) {
		c.require(p, "raw")
	}
}

// headed reports whether a log has addresses that are not positions, so that
// nothing could be read without naming them.
func headed(all []*specpb.Source) bool {
	for _, s := range all {
		switch f := s.GetFormat().(type) {
		case *specpb.Source_Delimited:
			if f.Delimited.GetHeaderLine() != "" {
				return true
			}
		case *specpb.Source_Csv:
			if !f.Csv.GetHeaderless() {
				return true
			}
		case *specpb.Source_Json, *specpb.Source_Regex, *specpb.Source_KeyValue:
			return true
		}
	}
	return false
}

func (c *checker) delimited(d *specpb.Delimited) {
	if d.GetSeparator() == "" {
		c.require(d, "separator")
	}
	c.oneByte(d, "separator", d.GetSeparator())
	if d.GetNull() != "" && d.GetNull() == d.GetEmpty() {
		c.errorf(d, "empty", "bad-source", "one text cannot mean both null and empty")
	}
	separator := d.GetSeparator()
	c.marks(d, separator, mark{"comment", d.GetComment()}, mark{"null", d.GetNull()}, mark{"empty", d.GetEmpty()}, mark{"header_line", d.GetHeaderLine()})
}

func (c *checker) csv(f *specpb.Csv) {
	c.oneByte(f, "separator", f.GetSeparator())
	c.oneByte(f, "quote", f.GetQuote())
	separator, quote := or(f.GetSeparator(), ","), or(f.GetQuote(), `"`)
	if separator == quote {
		c.errorf(f, "quote", "bad-source", "separator and quote are the same byte")
	}
	c.marks(f, separator, mark{"null", f.GetNull()})
	c.marks(f, "", mark{"comment", f.GetComment()})
	if strings.HasPrefix(f.GetNull(), quote) {
		c.errorf(f, "null", "bad-source", "null begins with the quote, so that no value could be it")
	}
}

func (c *checker) regex(r *specpb.Regex) {
	c.require(r, "pattern")
	c.notBlank(r, "pattern", r.GetPattern())
	c.uniqueTexts(r, "pattern", r.GetPattern())
	if len(r.GetPattern()) > maxPatterns {
		c.list.Errorf(c.doc.Field(r, "pattern", maxPatterns), "out-of-range", "a source has at most %d patterns", maxPatterns).
			Hintf("write one with alternatives: (?:a|b)")
	}
	c.marks(r, "", mark{"comment", r.GetComment()}, mark{"null", r.GetNull()})
}

func (c *checker) keyValue(k *specpb.KeyValue) {
	c.oneByte(k, "quote", k.GetQuote())
	separator, assign, quote := or(k.GetSeparator(), " "), or(k.GetAssign(), "="), or(k.GetQuote(), `"`)
	if strings.Contains(separator, assign) || strings.Contains(assign, separator) {
		c.errorf(k, "assign", "bad-source", "separator and assign cannot hold each other")
	}
	if strings.Contains(separator+assign, quote) {
		c.errorf(k, "quote", "bad-source", "the quote stands in separator or assign")
	}
	c.marks(k, "", mark{"separator", k.GetSeparator()}, mark{"assign", k.GetAssign()})
	c.marks(k, separator, mark{"null", k.GetNull()})
}

// or returns a text, or what an empty one means.
func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// oneByte checks a separator or quote, which may be empty.
func (c *checker) oneByte(m proto.Message, field, value string) {
	if value != "" && (len(value) != 1 || value == "\n" || value == "\r") {
		c.errorf(m, field, "bad-separator", "%s must be one byte that does not end a line", field)
	}
}

// mark is a field whose text has a meaning in a log.
type mark struct{ field, text string }

// marks checks texts that stand within a line, and within a value where there
// is a separator.
func (c *checker) marks(m proto.Message, separator string, all ...mark) {
	for _, t := range all {
		switch {
		case len(t.text) > maxMark:
			c.errorf(m, t.field, "out-of-range", "%s has more than %d bytes", t.field, maxMark)
		case strings.ContainsAny(t.text, "\r\n"):
			c.errorf(m, t.field, "bad-separator", "%s cannot contain a line end", t.field)
		case len(separator) == 1 && strings.Contains(t.text, separator):
			c.errorf(m, t.field, "bad-separator", "%s cannot contain the separator", t.field)
		}
	}
}
