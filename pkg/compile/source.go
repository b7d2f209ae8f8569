package compile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// Epochs of the shapes are raised when the same bytes start to give other
// records or raw columns.
const (
	readerEpoch   = 1 // delimited
	csvEpoch      = 1
	jsonEpoch     = 1
	regexEpoch    = 1
	keyValueEpoch = 1
	shapesEpoch   = 1 // which shape a line has
)

// framingKey covers what decides which records there are in given bytes, and
// which of them are rows.
func framingKey(f source.Format) digest.Digest {
	if len(f) == 1 {
		return shapeFraming(f[0])
	}
	shapes := make([]digest.Digest, len(f))
	for i, s := range f {
		shapes[i] = shapeFraming(s)
	}
	return digest.New("framing-shapes").Int("epoch", shapesEpoch).Digests("shapes", shapes).Sum()
}

func shapeFraming(s source.Shape) digest.Digest {
	switch s := s.(type) {
	case source.Delimited:
		return digest.New("framing").Int("epoch", readerEpoch).String("separator", string(s.Separator)).
			String("comment", s.Comment).String("header_line", s.HeaderLine).Sum()
	case source.CSV:
		return digest.New("framing-csv").Int("epoch", csvEpoch).String("separator", string(s.Separator)).String("quote", string(s.Quote)).
			String("comment", s.Comment).Bool("headerless", s.Headerless).Sum()
	case source.JSON:
		return digest.New("framing-json").Int("epoch", jsonEpoch).Sum()
	case source.Regex:
		// Which lines some pattern matches does not depend on their order.
		matches := patternTexts(s, "")
		slices.Sort(matches)
		return digest.New("framing-regex").Int("epoch", regexEpoch).Strings("patterns", matches).String("comment", s.Comment).Sum()
	case source.KeyValue:
		return digest.New("framing-key-value").Int("epoch", keyValueEpoch).String("separator", s.Separator).String("assign", s.Assign).
			String("quote", string(s.Quote)).Sum()
	}
	return digest.New("framing-none").Sum()
}

// patternTexts returns what the patterns of a shape say of one address.
func patternTexts(r source.Regex, address string) []string {
	out := make([]string, len(r.Patterns))
	for i, p := range r.Patterns {
		out[i] = p.Meaning(address)
	}
	return out
}

// rawKey identifies the values of one raw column: by its address, so that its
// position in the spec does not matter.
func rawKey(f source.Format, address string) digest.Digest {
	if len(f) == 1 {
		return shapeRaw(f[0], address)
	}
	// Which shape a line has decides which one gives the value.
	shapes := make([]digest.Digest, len(f))
	for i, s := range f {
		shapes[i] = shapeRaw(s, address)
	}
	return digest.New("raw-shapes").Digest("framing", framingKey(f)).Digests("shapes", shapes).Sum()
}

func shapeRaw(s source.Shape, address string) digest.Digest {
	switch s := s.(type) {
	case source.Delimited:
		return digest.New("raw").Int("epoch", readerEpoch).String("address", address).Bool("named", s.HeaderLine != "").
			String("separator", string(s.Separator)).String("null", s.Null).String("empty", s.Empty).Sum()
	case source.CSV:
		return digest.New("raw-csv").Int("epoch", csvEpoch).String("address", address).Bool("named", !s.Headerless).
			String("separator", string(s.Separator)).String("quote", string(s.Quote)).String("null", s.Null).Sum()
	case source.JSON:
		return digest.New("raw-json").Int("epoch", jsonEpoch).String("address", address).Sum()
	case source.Regex:
		return digest.New("raw-regex").Int("epoch", regexEpoch).String("address", address).
			Strings("patterns", patternTexts(s, address)).String("null", s.Null).Sum()
	case source.KeyValue:
		return digest.New("raw-key-value").Int("epoch", keyValueEpoch).String("address", address).String("separator", s.Separator).
			String("assign", s.Assign).String("quote", string(s.Quote)).String("null", s.Null).Sum()
	}
	return digest.New("raw-none").String("address", address).Sum()
}

// format returns the shapes of a parser's source; what package spec has
// reported is left out, or what it would be by default.
func (c *compiler) format(s spec.Spec[*specpb.Parser]) source.Format {
	var out source.Format
	for _, m := range s.Spec.GetSource() {
		switch f := m.GetFormat().(type) {
		case *specpb.Source_Delimited:
			d := f.Delimited
			out = append(out, source.Delimited{Separator: oneByte(d.GetSeparator(), '\t'), Comment: d.GetComment(), Null: d.GetNull(),
				Empty: d.GetEmpty(), HeaderLine: d.GetHeaderLine()})
		case *specpb.Source_Csv:
			out = append(out, source.CSV{Separator: oneByte(f.Csv.GetSeparator(), ','), Quote: oneByte(f.Csv.GetQuote(), '"'),
				Comment: f.Csv.GetComment(), Null: f.Csv.GetNull(), Headerless: f.Csv.GetHeaderless()})
		case *specpb.Source_Json:
			out = append(out, source.JSON{})
		case *specpb.Source_Regex:
			out = append(out, c.regex(s.Doc, f.Regex))
		case *specpb.Source_KeyValue:
			k := source.KeyValue{Separator: " ", Assign: "=", Quote: oneByte(f.KeyValue.GetQuote(), '"'), Null: f.KeyValue.GetNull()}
			if text := f.KeyValue.GetSeparator(); text != "" {
				k.Separator = text
			}
			if text := f.KeyValue.GetAssign(); text != "" {
				k.Assign = text
			}
			out = append(out, k)
		}
	}
	return out
}

// oneByte returns the byte that a text is, or what it is where it is none.
func oneByte(text string, other byte) byte {
	if len(text) == 1 {
		return text[0]
	}
	return other
}

// regex compiles the patterns of a shape; one that is wrong is left out.
func (c *compiler) regex(doc *spec.Document, r *specpb.Regex) source.Regex {
	out := source.Regex{Null: r.GetNull(), Comment: r.GetComment()}
	for i, text := range r.GetPattern() {
		p, err := source.NewPattern(text)
		if bad := (*source.PatternError)(nil); errors.As(err, &bad) {
			c.diags.Errorf(doc.Text(r, "pattern", i).Span(bad.Start, bad.End), "bad-pattern", "%s", bad.Reason)
			continue
		}
		out.Patterns = append(out.Patterns, p)
	}
	return out
}

func (c *compiler) rawAddresses(s spec.Spec[*specpb.Parser], p *Parser) {
	seen := map[string]bool{}
	for i, address := range s.Spec.GetRaw() {
		at := s.Doc.Field(s.Spec, "raw", i)
		if seen[address] {
			c.diags.Errorf(at, "duplicate-raw", "raw column %q is declared twice", address)
		}
		seen[address] = true
		c.rawAddress(p, address, at)
	}
}

// rawAddress reports an address that no shape of a log could have.
func (c *compiler) rawAddress(p *Parser, address string, at diag.Span) {
	if address == "" {
		c.diags.Errorf(at, "bad-raw", "the address of a raw column is empty")
		return
	}
	var groups []string
	var refused []string
	for _, s := range p.Format {
		message, names := addressProblem(s, address)
		if message == "" {
			return
		}
		if !slices.Contains(refused, message) {
			refused = append(refused, message)
		}
		groups = append(groups, names...)
	}
	if len(refused) == 0 {
		return // there is no shape, which was reported
	}
	message := refused[0]
	if len(refused) > 1 {
		message = fmt.Sprintf("no shape of the log can have raw column %q: %s", address, refused[0])
	}
	d := c.diags.Errorf(at, "bad-raw", "%s", message)
	if _, ok := p.Format[0].(source.Regex); ok {
		d.DidYouMean(address, groups)
	}
}

// maxPosition is the last column that can be read by its position.
const maxPosition = 9999

// addressProblem says why a shape cannot have an address, if so; and which it
// could have, where that is known.
func addressProblem(s source.Shape, address string) (string, []string) {
	positions := false
	switch s := s.(type) {
	case source.Delimited:
		positions = s.HeaderLine == ""
	case source.CSV:
		positions = s.Headerless
	case source.JSON:
		return source.CheckPath(address), nil
	case source.Regex:
		return groupProblem(s, address)
	}
	if n, err := strconv.Atoi(address); positions && (err != nil || n < 0 || n > maxPosition || strconv.Itoa(n) != address) {
		return fmt.Sprintf("without a header a raw address is a position from 0 to %d, not %q", maxPosition, address), nil
	}
	return "", nil
}

func groupProblem(r source.Regex, address string) (string, []string) {
	var names []string
	for _, p := range r.Patterns {
		if p.Group(address) >= 0 {
			return "", nil
		}
		names = append(names, p.Groups()...)
	}
	switch {
	case len(r.Patterns) == 0:
		return "", nil // what is wrong with them was reported
	case len(names) == 0:
		return fmt.Sprintf("no pattern has a group %q, as in (?P<%s>\\S+)", address, address), nil
	}
	slices.Sort(names)
	return fmt.Sprintf("no pattern has a group %q", address), slices.Compact(names)
}
