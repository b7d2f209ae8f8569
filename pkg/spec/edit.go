package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Message is a message of a document.
type Message = proto.Message

// Edits are changes of a document's text: values are replaced, removed and
// added where they stand, and every other byte stays as it is. Messages are
// those of the document.
type Edits struct {
	doc    *Document
	list   []edit
	closed map[*messagePlaces]bool // messages whose closing brace gets a line
	err    error
}

// edit replaces a stretch of the source.
type edit struct {
	extent
	text string
}

// Edit begins changes of the document.
func (d *Document) Edit() *Edits { return &Edits{doc: d, closed: map[*messagePlaces]bool{}} }

// SetText makes a text of m what it is to be: in place, or at the end of m
// where it does not stand yet.
func (e *Edits) SetText(m proto.Message, field, value string) {
	if p, ok := e.doc.lookup(m, field, nil); ok {
		e.list = append(e.list, edit{p.value, literal(value, false)})
		return
	}
	if places := e.places(m); places != nil {
		e.add(places, field+": "+literal(value, false), false)
	}
}

// AddBool adds a truth value at the end of m.
func (e *Edits) AddBool(m proto.Message, field string, value bool) {
	if places := e.places(m); places != nil {
		e.add(places, fmt.Sprintf("%s: %t", field, value), false)
	}
}

// AddMessage adds a message at the end of m, on lines of its own.
func (e *Edits) AddMessage(m proto.Message, field string, value proto.Message) {
	places := e.places(m)
	if places == nil {
		return
	}
	indent := e.indent(places) + "  "
	text := field + " " + inline(value.ProtoReflect(), "")
	if len(indent)+len(text) > maxInline {
		text = field + " " + inline(value.ProtoReflect(), "\n"+indent)
	}
	e.add(places, text, true)
}

// maxInline is how long a line of a message may become.
const maxInline = 110

// places returns the places of a message of the document.
func (e *Edits) places(m proto.Message) *messagePlaces {
	p := e.doc.places[m]
	if p == nil {
		e.err = fmt.Errorf("%s: there is no such %s in it", e.doc.Path, m.ProtoReflect().Descriptor().Name())
	}
	return p
}

// Remove removes every value of a field of m, with the line where nothing else
// stands on it.
func (e *Edits) Remove(m proto.Message, field string) {
	places := e.places(m)
	if places == nil {
		return
	}
	fd := m.ProtoReflect().Descriptor().Fields().ByTextName(field)
	for _, f := range places.fields {
		if f.number != fd.Number() {
			continue
		}
		for i, p := range append([]valuePlace{f.first}, f.more...) {
			if p.value.start > p.name.start && strings.Contains(e.doc.text[p.name.end:p.value.start], "[") {
				e.err = fmt.Errorf("%s: %s stands in brackets: write %s { … } for each", e.doc.Path, field, field)
				return
			}
			end := p.value.end
			if isMessage(fd) {
				inner := m.ProtoReflect().Get(fd)
				if fd.IsList() {
					inner = inner.List().Get(i)
				}
				end = e.doc.places[inner.Message().Interface()].close + 1
			}
			e.remove(p.name.start, end)
		}
	}
}

// remove removes a stretch, a comma or semicolon behind it, and white space.
func (e *Edits) remove(start, end int32) {
	src := e.doc.text
	if rest := strings.TrimLeft(src[end:], " \t"); strings.HasPrefix(rest, ",") || strings.HasPrefix(rest, ";") {
		end = int32(len(src) - len(rest) + 1)
	}
	begin := int32(len(strings.TrimRight(src[:start], " \t")))
	ownLine := begin == 0 || src[begin-1] == '\n'
	rest, _, more := strings.Cut(src[end:], "\n")
	switch {
	case ownLine && more && strings.TrimSpace(rest) == "":
		end += int32(len(rest)) + 1
	case ownLine:
		begin = start
	}
	e.list = append(e.list, edit{extent{begin, end}, ""})
}

// add adds a text at the end of a message: on a line of its own where that is
// asked for, or where the closing brace has one.
func (e *Edits) add(places *messagePlaces, text string, line bool) {
	src, brace := e.doc.text, places.close
	if brace == 0 { // the file
		e.list = append(e.list, edit{extent{int32(len(src)), int32(len(src))}, text + "\n"})
		return
	}
	indent := e.indent(places)
	last := int32(len(strings.TrimRight(src[:brace], " \t\r\n")))
	if at := strings.LastIndexByte(src[last:brace], '\n'); at >= 0 {
		at := last + int32(at) + 1
		e.list = append(e.list, edit{extent{at, at}, indent + "  " + text + "\n"})
		return
	}
	if !line {
		e.list = append(e.list, edit{extent{last, last}, " " + text})
		return
	}
	e.list = append(e.list, edit{extent{last, last}, "\n" + indent + "  " + text})
	e.closed[places] = !strings.Contains(src[places.open:last], "\n")
}

// indent returns the white space that the line of a message begins with.
func (e *Edits) indent(p *messagePlaces) string {
	line := e.doc.text[strings.LastIndexByte(e.doc.text[:p.own.start], '\n')+1:]
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// Bytes returns the text with the changes. It is an error if they contradict
// one another, or if the text does not read back with everything but the
// values of one field of the document's message as it was.
func (e *Edits) Bytes(but string) ([]byte, error) {
	if e.err != nil {
		return nil, e.err
	}
	list := slices.Clone(e.list)
	for places, closed := range e.closed {
		if closed {
			last := int32(len(strings.TrimRight(e.doc.text[:places.close], " \t")))
			list = append(list, edit{extent{last, places.close}, "\n" + e.indent(places)})
		}
	}
	// Those at one place stay in their order, the line of a brace behind them.
	slices.SortStableFunc(list, func(a, b edit) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
	var out strings.Builder
	at := int32(0)
	for _, x := range list {
		if x.start < at {
			return nil, fmt.Errorf("%s: changes overlap", e.doc.Path)
		}
		out.WriteString(e.doc.text[at:x.start] + x.text)
		at = x.end
	}
	out.WriteString(e.doc.text[at:])
	text := []byte(out.String())
	return text, e.check(text, but)
}

func (e *Edits) check(text []byte, but string) error {
	before, after := proto.Clone(e.doc.Message), e.doc.Message.ProtoReflect().New().Interface()
	if _, list := Read(e.doc.Path, text, after, nil); list.HasErrors() {
		return fmt.Errorf("edit %s: %w", e.doc.Path, list.Err())
	}
	for _, m := range []proto.Message{before, after} {
		m.ProtoReflect().Clear(m.ProtoReflect().Descriptor().Fields().ByTextName(but))
	}
	if !proto.Equal(before, after) {
		return fmt.Errorf("edit %s: more than %s would change", e.doc.Path, but)
	}
	return nil
}

// inline writes a message in braces, on one line or with a line for each of
// its fields; line is what such a line begins with.
func inline(m protoreflect.Message, line string) string {
	var parts []string
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		switch {
		case !m.Has(fd):
		case fd.IsList():
			for j := range m.Get(fd).List().Len() {
				parts = append(parts, inlineField(fd, m.Get(fd).List().Get(j)))
			}
		default:
			parts = append(parts, inlineField(fd, m.Get(fd)))
		}
	}
	if line == "" {
		return "{ " + strings.Join(append(parts, "}"), " ")
	}
	return "{" + line + "  " + strings.Join(parts, line+"  ") + line + "}"
}

func inlineField(fd protoreflect.FieldDescriptor, v protoreflect.Value) string {
	if isMessage(fd) {
		return fd.TextName() + " " + inline(v.Message(), "")
	}
	if s, ok := v.Interface().(string); ok {
		return fd.TextName() + ": " + literal(s, false)
	}
	return fd.TextName() + ": " + scalarText(fd, v)
}
