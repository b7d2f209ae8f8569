package spec

import (
	"sort"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/mlpdev/mlp/pkg/diag"
)

// Document is one file as read: a message, and the place of everything in it.
// Messages are known by identity: ask about the messages that Message holds,
// not about copies.
type Document struct {
	Path    string
	Source  []byte
	Message proto.Message

	text     string  // Source again
	lines    []int32 // offset of the first byte of each line
	places   map[proto.Message]*messagePlaces
	expanded map[proto.Message]proto.Message // by google.protobuf.Any
}

// extent is a stretch of the source, in bytes; the end is exclusive.
type extent struct{ start, end int32 }

// messagePlaces says where a message and its values stand.
type messagePlaces struct {
	own    extent // the name (or brace) that opens it; empty for the whole file
	open   int32  // its opening brace
	close  int32  // its closing brace; 0 for the whole file
	fields []fieldPlaces
}

// fieldPlaces says where the values of one field stand, in order. Most fields
// have one, which is kept without a slice.
type fieldPlaces struct {
	number protoreflect.FieldNumber
	first  valuePlace
	more   []valuePlace
}

// valuePlace is one value: its field's name as written, and the value itself.
// The value of a message is where it opens, not all that it holds.
type valuePlace struct{ name, value extent }

// Field returns the place of the value of a field of m, a message of d: for a
// repeated field the value of an index (default 0). For a message it is the
// name that opens it. Where the field is absent it is the place of m.
func (d *Document) Field(m proto.Message, field string, index ...int) diag.Span {
	if p, ok := d.lookup(m, field, index); ok {
		return d.span(p.value)
	}
	return d.MessageSpan(m)
}

// FieldName returns the place of the name in front of a value that
// [Document.Field] would return, or the place of m where there is none.
func (d *Document) FieldName(m proto.Message, field string, index ...int) diag.Span {
	if p, ok := d.lookup(m, field, index); ok {
		return d.span(p.name)
	}
	return d.MessageSpan(m)
}

// MessageSpan returns the place of a message of d: the name of the field that
// opens it (in a list, its brace). The file's own message, and one that d does
// not know, is the whole file.
func (d *Document) MessageSpan(m proto.Message) diag.Span {
	if p := d.places[m]; p != nil && p.own != (extent{}) {
		return d.span(p.own)
	}
	return d.File()
}

// File returns the span that means the whole file.
func (d *Document) File() diag.Span { return diag.Span{File: d.Path} }

// Expanded returns the message that a google.protobuf.Any of d was written as,
// [type.googleapis.com/full.Name] { … }; d knows the places in it too.
func (d *Document) Expanded(any proto.Message) (proto.Message, bool) {
	m, ok := d.expanded[any]
	return m, ok
}

// Text returns the value of a string field of m with the way back to its
// places. Where the field is absent its text is empty and stands where m does.
func (d *Document) Text(m proto.Message, field string, index ...int) Text {
	t := Text{doc: d, at: d.MessageSpan(m)}
	p, ok := d.lookup(m, field, index)
	if !ok {
		return t
	}
	if c := d.text[p.value.start]; c != '"' && c != '\'' {
		t.at = d.span(p.value)
		return t
	}
	s := scanner{src: d.text[:p.value.end], pos: int(p.value.start)}
	value, _ := s.text()
	return Text{Value: value, doc: d, literal: p.value}
}

func (d *Document) lookup(m proto.Message, field string, index []int) (valuePlace, bool) {
	places := d.places[m]
	if places == nil {
		return valuePlace{}, false
	}
	fd := m.ProtoReflect().Descriptor().Fields().ByTextName(field)
	i := 0
	if len(index) > 0 {
		i = index[0]
	}
	if fd == nil || i < 0 {
		return valuePlace{}, false
	}
	for _, f := range places.fields {
		switch {
		case f.number != fd.Number():
		case i == 0:
			return f.first, true
		case i <= len(f.more):
			return f.more[i-1], true
		}
	}
	return valuePlace{}, false
}

// add records a value.
func (p *messagePlaces) add(number protoreflect.FieldNumber, v valuePlace) {
	for i := range p.fields {
		if p.fields[i].number == number {
			p.fields[i].more = append(p.fields[i].more, v)
			return
		}
	}
	p.fields = append(p.fields, fieldPlaces{number: number, first: v})
}

// span turns a stretch of the source into lines and columns.
func (d *Document) span(e extent) diag.Span {
	s := diag.Span{File: d.Path}
	s.Line, s.Col = d.position(int(e.start))
	s.EndLine, s.EndCol = d.position(int(e.end))
	return s
}

func (d *Document) position(offset int) (line, col int) {
	line = sort.Search(len(d.lines), func(i int) bool { return int(d.lines[i]) > offset })
	return line, 1 + utf8.RuneCount(d.Source[d.lines[line-1]:offset])
}

func lineStarts(src []byte) []int32 {
	starts := []int32{0}
	for i, c := range src {
		if c == '\n' {
			starts = append(starts, int32(i+1))
		}
	}
	return starts
}
