package spec

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// any reads a google.protobuf.Any: either [type.googleapis.com/full.Name] and
// the message, or type_url and value.
func (r *reader) any(m protoreflect.Message, open extent, closer byte) bool {
	places := r.doc.places[m.Interface()]
	fields := m.Descriptor().Fields()
	var kind name // the type, once it has been read
	expanded := false
	return r.block(open, closer, func(n name) bool {
		if n.kind == identName {
			if expanded && fields.ByTextName(n.text) != nil {
				r.errorf(n.at, "duplicate-field", "%q cannot stand beside [%s]", n.text, short(kind.text))
				return r.skipValue()
			}
			if n.text == "type_url" {
				kind = n
			}
			return r.field(m, places, n)
		}
		if n.kind == numberName {
			r.unknownField(m.Descriptor(), n)
			return r.skipValue()
		}
		if kind.text != "" {
			r.errorf(n.at, "duplicate-field", "a second type of one message").Notef(r.doc.span(kind.at), "the first is here")
			return r.skipValue()
		}
		kind, expanded = n, true
		return r.expandedAny(m, places, n)
	})
}

func (r *reader) expandedAny(m protoreflect.Message, places *messagePlaces, n name) bool {
	inner, err := findMessage(r.types, n.text)
	if err != nil {
		d := r.errorf(n.at, "unknown-type", "there is no message %s", quoted(n.text))
		if r.types != nil {
			prefix, short := cutURL(n.text)
			if near, ok := nearestType(short, r.types.Messages()); ok {
				d.Hintf("did you mean [%s%s]?", prefix, near)
			}
		}
		return r.skipValue()
	}
	if c := r.peek(); c != '{' && c != '<' {
		r.errorf(n.at, "wrong-value", "[%s] wants a message in braces", short(n.text))
		return r.skipValue()
	}
	if !r.count() {
		return false
	}
	im := inner.New()
	if !r.nested(im, n.at) {
		return false
	}
	value, err := proto.MarshalOptions{AllowPartial: true, Deterministic: true}.Marshal(im.Interface())
	if err != nil {
		r.errorf(n.at, "wrong-value", "message %s cannot be encoded", quoted(n.text))
		return true
	}
	fields := m.Descriptor().Fields()
	m.Set(fields.ByName("type_url"), protoreflect.ValueOfString(n.text))
	m.Set(fields.ByName("value"), protoreflect.ValueOfBytes(value))
	r.doc.expanded[m.Interface()] = im.Interface()
	places.add(fields.ByName("type_url").Number(), valuePlace{n.at, n.at})
	return true
}
