package spec

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
)

// Format returns a message as a textproto file that begins with the comments
// proto-file and proto-message: the same bytes for the same message. Fields
// stand in the order of the .proto file, one a line; a string of several lines
// is written as one part a line. A google.protobuf.Any is expanded where types,
// which may be nil, knows its type.
func Format(m proto.Message, types Resolver) []byte {
	md := m.ProtoReflect().Descriptor()
	p := printer{types: types}
	fmt.Fprintf(&p.out, "# proto-file: %s\n# proto-message: %s\n\n", md.ParentFile().Path(), md.FullName())
	p.fields(m.ProtoReflect())
	return []byte(p.out.String())
}

// printer writes the text format, indented.
type printer struct {
	out    strings.Builder
	types  Resolver
	indent int
}

func (p *printer) fields(m protoreflect.Message) {
	if p.expanded(m) {
		return
	}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		if !m.Has(fd) {
			continue
		}
		switch v := m.Get(fd); {
		case fd.IsList():
			for j := range v.List().Len() {
				p.field(fd, v.List().Get(j))
			}
		case fd.IsMap():
			for _, k := range mapKeys(v.Map()) {
				p.block(fd.TextName(), func() {
					p.field(fd.MapKey(), k.Value())
					p.field(fd.MapValue(), v.Map().Get(k))
				})
			}
		default:
			p.field(fd, v)
		}
	}
}

// expanded writes what an Any holds under the name of its type, if its bytes
// are what that message is written as.
func (p *printer) expanded(m protoreflect.Message) bool {
	packed, ok := m.Interface().(*anypb.Any)
	if !ok {
		return false
	}
	mt, err := findMessage(p.types, packed.GetTypeUrl())
	if err != nil {
		return false
	}
	inner := mt.New()
	if err := (proto.UnmarshalOptions{AllowPartial: true}).Unmarshal(packed.GetValue(), inner.Interface()); err != nil {
		return false
	}
	again, err := proto.MarshalOptions{AllowPartial: true, Deterministic: true}.Marshal(inner.Interface())
	if err != nil || string(again) != string(packed.GetValue()) || len(inner.GetUnknown()) > 0 {
		return false
	}
	p.block("["+packed.GetTypeUrl()+"]", func() { p.fields(inner) })
	return true
}

func (p *printer) field(fd protoreflect.FieldDescriptor, v protoreflect.Value) {
	if isMessage(fd) {
		p.block(fd.TextName(), func() { p.fields(v.Message()) })
		return
	}
	if s, ok := v.Interface().(string); ok {
		p.text(fd.TextName(), s)
		return
	}
	p.line(fd.TextName() + ": " + scalarText(fd, v))
}

// block writes a message in braces.
func (p *printer) block(name string, inside func()) {
	p.line(name + " {")
	p.indent++
	inside()
	p.indent--
	p.line("}")
}

// text writes a string, one part for each of its lines.
func (p *printer) text(name, s string) {
	parts := strings.SplitAfter(s, "\n")
	if last := len(parts) - 1; last > 0 && parts[last] == "" {
		parts = parts[:last]
	}
	if len(parts) == 1 {
		p.line(name + ": " + literal(s, false))
		return
	}
	p.line(name + ":")
	p.indent++
	for _, part := range parts {
		p.line(literal(part, false))
	}
	p.indent--
}

func (p *printer) line(s string) {
	p.out.WriteString(strings.Repeat("  ", p.indent))
	p.out.WriteString(s)
	p.out.WriteByte('\n')
}

func scalarText(fd protoreflect.FieldDescriptor, v protoreflect.Value) string {
	switch fd.Kind() {
	case protoreflect.BytesKind:
		return literal(string(v.Bytes()), true)
	case protoreflect.EnumKind:
		if value := fd.Enum().Values().ByNumber(v.Enum()); value != nil {
			return string(value.Name())
		}
		return strconv.Itoa(int(v.Enum()))
	case protoreflect.FloatKind:
		return floatText(v.Float(), 32)
	case protoreflect.DoubleKind:
		return floatText(v.Float(), 64)
	}
	return v.String()
}

func floatText(f float64, bits int) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 0):
		return strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(f, 'g', -1, bits), "+"))
	case f == math.Trunc(f) && math.Abs(f) < 1e15:
		return strconv.FormatFloat(f, 'f', 1, bits)
	}
	return strconv.FormatFloat(f, 'g', -1, bits)
}

// literal returns a string literal: text as it is where people can see it, and
// escapes for the rest. Binary has every byte beyond ASCII as an escape.
func literal(s string, binary bool) string {
	escapes := map[rune]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`}
	b := []byte{'"'}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		esc, ok := escapes[r]
		switch {
		case ok:
			b = append(b, esc...)
		case r == utf8.RuneError && size == 1, binary && r >= utf8.RuneSelf, r < utf8.RuneSelf && hidden(r) != "":
			for _, c := range []byte(s[i : i+size]) {
				b = fmt.Appendf(b, `\%03o`, c)
			}
		case hidden(r) != "":
			b = fmt.Appendf(b, `\U%08x`, r)
		default:
			b = append(b, s[i:i+size]...)
		}
		i += size
	}
	return string(append(b, '"'))
}
