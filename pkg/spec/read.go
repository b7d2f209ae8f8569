package spec

import (
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/mlpdev/mlp/pkg/diag"
)

// What one file may hold. Real specs stay far below; the caps keep a hostile
// one from taking time or memory.
const (
	MaxFileSize = 1 << 20 // bytes
	MaxDepth    = 64      // messages within messages
	MaxValues   = 100_000 // values, messages included
	MaxMistakes = 100     // diagnostics, before reading stops
)

// Read reads the textproto src, which diagnostics call path, into a message,
// which it resets first. Types, which may be nil, finds the messages that a
// google.protobuf.Any is expanded to; what such an Any then holds is
// deterministic bytes.
//
// Read accepts what prototext.Unmarshal accepts, and gives an equal message,
// with these exceptions: the caps above; text that is not UTF-8 or holds
// control characters (other than tab, line feed, carriage return) or invisible
// format characters (such as those that turn the direction of writing),
// whether as they are or behind an escape in a string; and extension fields.
//
// The document is never nil. With errors its message holds what could be read.
func Read(path string, src []byte, into proto.Message, types Resolver) (*Document, diag.List) {
	proto.Reset(into)
	d := &Document{
		Path: path, Source: src, Message: into, lines: []int32{0},
		places:   map[proto.Message]*messagePlaces{into: {}},
		expanded: map[proto.Message]proto.Message{},
	}
	r := &reader{doc: d, types: types}
	if len(src) > MaxFileSize {
		d.Source = nil
		r.list.Errorf(d.File(), "too-large", "file has %d bytes, more than %d", len(src), MaxFileSize)
		return d, r.list
	}
	d.lines = lineStarts(src)
	d.text = string(src)
	r.src = d.text
	if !r.plain() {
		return d, r.list
	}
	r.contents(into.ProtoReflect(), extent{}, 0)
	if !r.list.HasErrors() {
		if err := proto.CheckInitialized(into); err != nil {
			r.list.Errorf(d.File(), "missing-field", "a required field is not set")
		}
	}
	return d, r.list
}

// reader reads one file. Its methods return false where the form of the file
// is so broken that reading cannot go on; that has been reported then.
type reader struct {
	scanner
	doc    *Document
	types  Resolver
	list   diag.List
	depth  int
	values int
}

// plain checks that the file is text that shows all it says.
func (r *reader) plain() bool {
	for i := 0; i < len(r.src) && len(r.list) < MaxMistakes; {
		if c := r.src[i]; ' ' <= c && c <= '~' {
			i++
			continue
		}
		c, size := utf8.DecodeRuneInString(r.src[i:])
		if c == utf8.RuneError && size == 1 {
			// Columns count characters, so nothing behind this has a place.
			r.errorf(extent{int32(i), int32(i)}, "invalid-utf8", "byte 0x%02x is not UTF-8", r.src[i])
			return false
		}
		if code := hidden(c); code != "" {
			r.errorf(extent{int32(i), int32(i + size)}, code, "character %U is not allowed in a spec", c)
		}
		i += size
	}
	return len(r.list) == 0
}

// hidden returns the code of a character that a reader would not see, or "".
func hidden(c rune) (code string) {
	switch {
	case c == '\t' || c == '\n' || c == '\r' || ' ' <= c && c <= '~':
		return ""
	case unicode.IsControl(c):
		return "control-character"
	case unicode.Is(unicode.Cf, c):
		return "format-character"
	}
	return ""
}

func (r *reader) errorf(at extent, code, format string, args ...any) *diag.Diagnostic {
	return r.list.Errorf(r.doc.span(at), code, format, args...)
}

// broken reports a mistake of form and returns false.
func (r *reader) broken(start, end int, format string, args ...any) bool {
	r.errorf(extent{int32(start), int32(min(end, len(r.src)))}, "syntax", format, args...)
	return false
}

// name is what stands in front of a value.
type name struct {
	kind  nameKind
	text  string
	at    extent
	colon bool
}

type nameKind uint8

const (
	identName  nameKind = iota
	typeName            // in brackets: an Any's type, or an extension
	numberName          // a field's number
)

// name reads a name and the colon behind it.
func (r *reader) name() (name, bool) {
	start := r.pos
	n := name{}
	if r.peek() == '[' {
		text, bad := r.typeName()
		if bad != nil {
			return n, r.broken(bad.start, bad.end, "%s", bad.message)
		}
		n.kind, n.text = typeName, text
	} else if size := r.ident(); size > 0 {
		r.pos += size
		n.text = r.src[start:r.pos]
	} else if num := r.number(); num.fieldNumber() {
		r.pos += num.size
		n.kind, n.text = numberName, num.text
	} else {
		return n, r.broken(start, r.wordEnd(), "%s where a field name belongs", r.found())
	}
	n.at = extent{int32(start), int32(r.pos)}
	r.space()
	if r.peek() == ':' {
		n.colon = true
		r.pos++
		r.space()
	}
	if r.pos >= len(r.src) {
		return n, r.broken(start, int(n.at.end), "%s has no value", quoted(n.text))
	}
	return n, true
}

// block reads fields up to a closing brace, which is 0 for the end of the
// file, and hands each name to field, which reads its value.
func (r *reader) block(open extent, closer byte, field func(name) bool) bool {
	for {
		r.space()
		c := r.peek()
		switch {
		case r.pos >= len(r.src):
			return closer == 0 || r.broken(int(open.start), int(open.end), "a brace is not closed: %q is missing", closer)
		case c == closer:
			r.pos++
			return true
		case closer != 0 && (c == '}' || c == '>'):
			return r.broken(r.pos, r.pos+1, "%q where %q belongs", c, closer)
		}
		if len(r.list) >= MaxMistakes {
			r.errorf(extent{int32(r.pos), int32(r.pos)}, "too-many-errors", "too many errors, the rest of the file was not read")
			return false
		}
		n, ok := r.name()
		if !ok || !field(n) {
			return false
		}
		r.space()
		if c := r.peek(); c == ',' || c == ';' {
			r.pos++
		}
	}
}

// nested reads a message from its opening brace to its closing one.
func (r *reader) nested(m protoreflect.Message, own extent) bool {
	return r.braces(func(open extent, closer byte) bool {
		places := &messagePlaces{own: own, open: open.start, fields: make([]fieldPlaces, 0, 4)}
		r.doc.places[m.Interface()] = places
		ok := r.contents(m, open, closer)
		places.close = int32(r.pos - 1)
		return ok
	})
}

// braces steps into the braces at the place and out of them again.
func (r *reader) braces(inside func(open extent, closer byte) bool) bool {
	open := extent{int32(r.pos), int32(r.pos + 1)}
	closer := byte('}')
	if r.peek() == '<' {
		closer = '>'
	}
	if r.depth++; r.depth > MaxDepth {
		r.errorf(open, "too-deep", "messages are nested more than %d deep", MaxDepth)
		return false
	}
	r.pos++
	ok := inside(open, closer)
	r.depth--
	return ok
}

// contents reads what stands in the braces of a message.
func (r *reader) contents(m protoreflect.Message, open extent, closer byte) bool {
	if m.Descriptor().FullName() == "google.protobuf.Any" {
		return r.any(m, open, closer)
	}
	places := r.doc.places[m.Interface()]
	return r.block(open, closer, func(n name) bool { return r.field(m, places, n) })
}

// field reads the value behind a name into a field of m.
func (r *reader) field(m protoreflect.Message, places *messagePlaces, n name) bool {
	fields := m.Descriptor().Fields()
	var fd protoreflect.FieldDescriptor
	if n.kind == identName {
		fd = fields.ByTextName(n.text)
	}
	if fd == nil {
		if n.kind != identName || !m.Descriptor().ReservedNames().Has(protoreflect.Name(n.text)) {
			r.unknownField(m.Descriptor(), n)
		}
		return r.skipValue()
	}
	if !n.colon && !isMessage(fd) {
		r.noColon(n)
	}
	switch {
	case fd.IsMap():
		return r.mapField(m.Mutable(fd).Map(), slot{fd: fd, places: places, name: n.at})
	case fd.IsList():
		return r.listField(m.Mutable(fd).List(), slot{fd: fd, places: places, name: n.at})
	case !r.alone(places, fd, n):
		return r.skipValue()
	}
	v, ok := r.value(slot{fd: fd, places: places, name: n.at}, func() protoreflect.Value { return m.NewField(fd) })
	if v.IsValid() {
		m.Set(fd, v)
	}
	return ok
}

func (r *reader) unknownField(md protoreflect.MessageDescriptor, n name) {
	switch n.kind {
	case typeName:
		r.errorf(n.at, "unknown-field", "%s has no extension %s", md.Name(), quoted(n.text))
	case numberName:
		d := r.errorf(n.at, "unknown-field", "field number %s where a field name belongs", short(n.text))
		if num, err := parseInt(n.text, 32); err == nil {
			if fd := md.Fields().ByNumber(protoreflect.FieldNumber(num)); fd != nil {
				d.Hintf("write %q", fd.TextName())
			}
		}
	default:
		r.errorf(n.at, "unknown-field", "%s has no field %s", md.Name(), quoted(n.text)).DidYouMean(n.text, fieldNames(md))
	}
}

// noColon reports a missing colon; reading goes on as if it were there.
func (r *reader) noColon(n name) {
	r.broken(int(n.at.start), int(n.at.end), "no colon behind %q", n.text)
}

// alone checks that a field that may stand once, and no other of its oneof,
// has not been read before.
func (r *reader) alone(places *messagePlaces, fd protoreflect.FieldDescriptor, n name) bool {
	for _, p := range places.fields {
		first := p.first.name
		if p.number == fd.Number() {
			r.errorf(n.at, "duplicate-field", "%q stands twice", n.text).Notef(r.doc.span(first), "first here")
			return false
		}
		other := fd.ContainingMessage().Fields().ByNumber(p.number)
		if o := fd.ContainingOneof(); o != nil && other.ContainingOneof() == o {
			r.errorf(n.at, "duplicate-field", "%q cannot stand beside %q: one of them only", n.text, other.TextName()).
				Notef(r.doc.span(first), "%q stands here", other.TextName())
			return false
		}
	}
	return true
}

// skipValue reads over the value of a field that is not known.
func (r *reader) skipValue() bool {
	if r.peek() != '[' {
		return r.skipElement()
	}
	return r.elements(r.skipElement)
}

func (r *reader) skipElement() bool {
	if !r.count() {
		return false
	}
	if c := r.peek(); c == '{' || c == '<' {
		return r.braces(func(open extent, closer byte) bool {
			return r.block(open, closer, func(name) bool { return r.skipValue() })
		})
	}
	_, ok := r.scalar()
	return ok
}

// count counts a value.
func (r *reader) count() bool {
	if r.values++; r.values > MaxValues {
		r.errorf(extent{int32(r.pos), int32(r.pos)}, "too-many-values", "file has more than %d values", MaxValues)
		return false
	}
	return true
}

func fieldNames(md protoreflect.MessageDescriptor) []string {
	names := make([]string, md.Fields().Len())
	for i := range names {
		names[i] = md.Fields().Get(i).TextName()
	}
	return names
}

func isMessage(fd protoreflect.FieldDescriptor) bool { return fd.Message() != nil }
