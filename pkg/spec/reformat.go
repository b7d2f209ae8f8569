package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/mlpdev/mlp/pkg/diag"
)

// Style says what [Reformat] does beyond the layout of the file.
type Style struct {
	// Expression returns the parts of a SQL expression in one spelling, as many
	// as there were, or what is wrong with it.
	Expression func(text Text, parts []string) ([]string, diag.List)
	// Reads returns the positions of the raw columns that the definition of a
	// parser's field reads, in order.
	Reads func(definition string) []int
}

// Reformat returns the text of a document in one layout. The lines stay as
// their author cut them: what stood on one line stands on one, unless a message
// of several lines begins or ends there. Within them there is one way to write:
// indents of two spaces, one space between fields, braces, double quotes where
// nothing speaks against them, no commas and semicolons between fields, comments
// behind lines below one another, at most one empty line. Every comment is kept.
// The comments proto-file and proto-message are added where they are missing,
// and the index of a parser's field is made to agree with its definition.
//
// The document may hold mistakes, but none of form: see [WellFormed]. The list
// has errors where an expression is wrong; there is no text then.
func Reformat(d *Document, style Style) ([]byte, diag.List) {
	md := d.Message.ProtoReflect().Descriptor()
	r := &reformatter{doc: d, style: style}
	b := layout(d.text, md)
	r.block(b, md)
	if r.list.HasErrors() {
		return nil, r.list.Sorted()
	}
	b.addHeader(md)
	p := &layoutPrinter{}
	p.items(b.items, 0)
	out := []byte(p.String())
	if len(out) > MaxFileSize {
		r.list.Errorf(d.File(), "too-large", "file would have %d bytes, more than %d", len(out), MaxFileSize)
		return nil, r.list
	}
	if !sameBut(d, out) {
		panic(fmt.Sprintf("formatting %s would change what it says", d.Path))
	}
	return out, nil
}

// WellFormed reports whether a file that [Read] found these mistakes in can
// still be taken apart into fields and values.
func WellFormed(list diag.List) bool {
	return !slices.ContainsFunc(list, func(d *diag.Diagnostic) bool {
		switch d.Code {
		case "unknown-field", "unknown-type", "unknown-value", "wrong-value", "out-of-range", "duplicate-field", "missing-field":
			return false
		}
		return d.Severity == diag.Error
	})
}

// IsExpression reports whether a field, by its full name, holds a SQL
// expression.
func IsExpression(field string) bool {
	switch field {
	case "mlp.v1.Field.definition", "mlp.v1.LabelField.definition", "mlp.v1.Parser.require",
		"mlp.v1.FeatureSet.where", "mlp.v1.FeatureSet.having", "mlp.v1.Column.definition", "mlp.v1.Feature.definition",
		"mlp.v1.Join.on", "mlp.v1.Function.definition", "mlp.v1.FunctionExample.arguments",
		"mlp.v1.Label.expression", "mlp.v1.Split.group", "mlp.v1.Split.time":
		return true
	}
	return false
}

// reformatter changes the values of a layout.
type reformatter struct {
	doc   *Document
	style Style
	list  diag.List
}

func (r *reformatter) block(b *block, md protoreflect.MessageDescriptor) {
	for _, i := range b.items {
		values := []*value{i.value}
		if i.list != nil {
			values = i.list.values
		}
		for _, v := range values {
			r.value(v, i.field)
		}
	}
	if md != nil && md.FullName() == "mlp.v1.Field" && !r.list.HasErrors() {
		r.index(b)
	}
}

func (r *reformatter) value(v *value, fd protoreflect.FieldDescriptor) {
	switch {
	case v == nil:
	case v.message != nil && fd != nil:
		r.block(v.message, fd.Message())
	case v.message != nil:
		r.block(v.message, nil)
	case !v.isText():
	case fd != nil && IsExpression(string(fd.FullName())) && r.style.Expression != nil:
		r.expression(v)
	default:
		for i := range v.parts {
			v.parts[i].text = doubleQuoted(v.parts[i].text)
		}
	}
}

// isText reports whether a value is a string.
func (v *value) isText() bool {
	return len(v.parts) > 0 && (v.parts[0].text[0] == '"' || v.parts[0].text[0] == '\'')
}

// decoded returns the values of the parts of a string.
func (v *value) decoded() []string {
	out := make([]string, len(v.parts))
	for i, p := range v.parts {
		s := scanner{src: p.text}
		out[i], _ = s.text()
	}
	return out
}

func (r *reformatter) expression(v *value) {
	before := v.decoded()
	text := Text{Value: strings.Join(before, ""), doc: r.doc, literal: v.place}
	if strings.TrimSpace(text.Value) == "" {
		return // another's mistake
	}
	after, list := r.style.Expression(text, before)
	r.list = append(r.list, list...)
	if list.HasErrors() {
		return
	}
	var parts []part
	for i, p := range v.parts {
		switch {
		case after[i] == before[i]:
			p.text = doubleQuoted(p.text)
		case after[i] == "" && i > 0 && p.comment == "" && len(p.before) == 0:
			continue // its tokens are in the part before
		default:
			p.text = literal(after[i], false)
		}
		parts = append(parts, p)
	}
	v.parts = parts
}

// doubleQuoted returns a string literal in double quotes, if all that takes is
// other quotes.
func doubleQuoted(text string) string {
	if text[0] == '"' || strings.ContainsAny(text, `"\`) {
		return text
	}
	return `"` + text[1:len(text)-1] + `"`
}

// index makes the index of a parser's field agree with its definition.
func (r *reformatter) index(b *block) {
	at := slices.IndexFunc(b.items, func(i *item) bool { return i.name == "definition" && i.value != nil && i.value.isText() })
	if at < 0 || r.style.Reads == nil {
		return
	}
	definition := b.items[at]
	want := r.style.Reads(strings.Join(definition.value.decoded(), ""))
	have, ok := b.indexes()
	if !ok || sameNumbers(have, want) {
		return
	}
	var items []*item
	first, begin := true, 0 // begin: the breaks of a removed item that began a line
	for _, i := range b.items {
		i.breaks, begin = max(i.breaks, begin), 0
		if i.name != "index" {
			items = append(items, i)
			continue
		}
		// The first one takes all numbers that are more than there are others,
		// so that lines and comments stay where they are.
		take := min(1, len(want))
		if first && i.list != nil {
			take = len(want)
		}
		first = false
		kept := i.setIndex(want[:take])
		if len(kept) == 0 {
			begin = min(i.breaks, 2)
		}
		items = append(items, kept...)
		want = want[take:]
	}
	b.items = items
	for _, n := range want {
		b.addIndex(definition, n)
	}
}

// indexes returns the numbers of a field's index; false where one is no number.
func (b *block) indexes() ([]int, bool) {
	var out []int
	for _, i := range b.items {
		if i.name != "index" {
			continue
		}
		values := []*value{i.value}
		if i.list != nil {
			values = i.list.values
		}
		for _, v := range values {
			if v.message != nil {
				return nil, false
			}
			n, err := strconv.Atoi(v.parts[0].text)
			if err != nil {
				return nil, false
			}
			out = append(out, n)
		}
	}
	return out, true
}

// sameNumbers reports whether the numbers of an index, in any order, are those
// that are wanted.
func sameNumbers(have, want []int) bool {
	have = slices.Clone(have)
	slices.Sort(have)
	return slices.Equal(have, want)
}

// setIndex makes an item hold numbers. What is returned stands in its place:
// itself, or without numbers its comments.
func (i *item) setIndex(numbers []int) []*item {
	remarks := slices.Clone(i.before)
	if i.list != nil {
		for _, v := range i.list.values {
			remarks = append(remarks, v.before...)
			if v.comment != "" {
				remarks = append(remarks, v.comment)
			}
		}
		remarks = append(remarks, i.list.rest...)
	} else {
		remarks = append(remarks, i.value.before...)
	}
	switch len(numbers) {
	case 0:
		if i.comment != "" {
			remarks = append(remarks, i.comment)
		}
		var out []*item
		for _, c := range remarks {
			out = append(out, &item{breaks: max(i.breaks, 1), comment: c})
		}
		return out
	case 1:
		i.list, i.value = nil, numberValue(numbers[0])
	default:
		i.list, i.value = &list{}, nil
		for _, n := range numbers {
			i.list.values = append(i.list.values, numberValue(n))
		}
	}
	i.before = remarks
	return []*item{i}
}

// addIndex adds a number behind the last index, or in front of the definition.
func (b *block) addIndex(definition *item, n int) {
	added := &item{name: "index", value: numberValue(n)}
	for at := len(b.items) - 1; at >= 0; at-- {
		if b.items[at].name != "index" {
			continue
		}
		// A comment behind a line stays behind it.
		added.comment, b.items[at].comment = b.items[at].comment, ""
		b.items = slices.Insert(b.items, at+1, added)
		return
	}
	added.breaks = definition.breaks
	if definition.breaks > 1 {
		definition.breaks = 1
	}
	b.items = slices.Insert(b.items, slices.Index(b.items, definition), added)
}

func numberValue(n int) *value { return &value{parts: []part{{text: strconv.Itoa(n)}}} }

// sameBut reports whether a text reads as the document does, but for its
// expressions and the index of fields.
func sameBut(d *Document, text []byte) bool {
	before, after := proto.Clone(d.Message), d.Message.ProtoReflect().New().Interface()
	_, list := Read(d.Path, text, after, nil)
	if !WellFormed(list) {
		return false
	}
	for _, m := range []proto.Message{before, after} {
		clearExpressions(m.ProtoReflect())
	}
	return proto.Equal(before, after)
}

func clearExpressions(m protoreflect.Message) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case IsExpression(string(fd.FullName())) || fd.FullName() == "mlp.v1.Field.index" || fd.FullName() == "mlp.v1.Model.trainer":
			m.Clear(fd)
		case fd.IsList() && fd.Message() != nil:
			for i := range v.List().Len() {
				clearExpressions(v.List().Get(i).Message())
			}
		case fd.Message() != nil && !fd.IsMap():
			clearExpressions(v.Message())
		}
		return true
	})
}
