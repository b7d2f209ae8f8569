package spec

import (
	"google.golang.org/protobuf/reflect/protoreflect"
)

// slot is where a value goes.
type slot struct {
	fd     protoreflect.FieldDescriptor
	places *messagePlaces
	name   extent
	inList bool // between brackets
}

// value reads one value for a slot; fresh makes the message that it is read
// into. The value is not valid where it does not fit the slot.
func (r *reader) value(s slot, fresh func() protoreflect.Value) (protoreflect.Value, bool) {
	none := protoreflect.Value{}
	start := extent{int32(r.pos), int32(r.pos + 1)}
	c := r.peek()
	braces := c == '{' || c == '<'
	if braces && isMessage(s.fd) {
		if !r.count() {
			return none, false
		}
		own := s.name
		if s.inList {
			own = start
		}
		s.places.add(s.fd.Number(), valuePlace{s.name, own})
		v := fresh()
		return v, r.nested(v.Message(), own)
	}
	if braces || c == '[' && !s.inList {
		r.errorf(start, "wrong-value", "%q wants %s", s.fd.TextName(), wanted(s.fd))
		return none, r.skipValue()
	}
	if !r.count() {
		return none, false
	}
	x, ok := r.scalar()
	if !ok {
		return none, false
	}
	if isMessage(s.fd) {
		r.errorf(x.at, "wrong-value", "%q wants %s", s.fd.TextName(), wanted(s.fd))
		return none, true
	}
	v := r.convert(s.fd, x)
	if v.IsValid() {
		s.places.add(s.fd.Number(), valuePlace{s.name, x.at})
	}
	return v, true
}

// listField reads one value of a repeated field, or several in brackets.
func (r *reader) listField(list protoreflect.List, s slot) bool {
	element := func() bool {
		v, ok := r.value(s, list.NewElement)
		if v.IsValid() {
			list.Append(v)
		}
		return ok
	}
	if r.peek() != '[' {
		return element()
	}
	s.inList = true
	return r.elements(element)
}

// elements reads a list in brackets, at the place of the opening one.
func (r *reader) elements(element func() bool) bool {
	open := r.pos
	r.pos++
	r.space()
	if r.peek() == ']' {
		r.pos++
		return true
	}
	for {
		if r.pos >= len(r.src) {
			return r.broken(open, open+1, "a bracket is not closed")
		}
		if !element() {
			return false
		}
		r.space()
		switch r.peek() {
		case ',':
			r.pos++
			r.space()
		case ']':
			r.pos++
			return true
		default:
			if r.pos >= len(r.src) {
				return r.broken(open, open+1, "a bracket is not closed")
			}
			return r.broken(r.pos, r.wordEnd(), "%s where a comma or ] belongs", r.found())
		}
	}
}

// mapField reads one entry of a map, or several in brackets.
func (r *reader) mapField(m protoreflect.Map, s slot) bool {
	entry := func() bool {
		start := extent{int32(r.pos), int32(r.pos + 1)}
		if c := r.peek(); c != '{' && c != '<' {
			r.errorf(start, "wrong-value", "%q wants entries in braces: { key: … value: … }", s.fd.TextName())
			return r.skipValue()
		}
		if !r.count() {
			return false
		}
		s.places.add(s.fd.Number(), valuePlace{s.name, s.name})
		return r.braces(func(open extent, closer byte) bool { return r.mapEntry(m, s.fd, open, closer) })
	}
	if r.peek() == '[' {
		return r.elements(entry)
	}
	return entry()
}

func (r *reader) mapEntry(m protoreflect.Map, fd protoreflect.FieldDescriptor, open extent, closer byte) bool {
	var key, value protoreflect.Value
	places := &messagePlaces{}
	ok := r.block(open, closer, func(n name) bool {
		target, part := &key, fd.MapKey()
		switch {
		case n.kind == identName && n.text == "value":
			target, part = &value, fd.MapValue()
		case n.kind != identName || n.text != "key":
			r.errorf(n.at, "unknown-field", "a map entry has no field %s", quoted(n.text)).Hintf("it has key and value")
			return r.skipValue()
		}
		if !n.colon && !isMessage(part) {
			r.noColon(n)
		}
		if !r.alone(places, part, n) {
			return r.skipValue()
		}
		var ok bool
		*target, ok = r.value(slot{fd: part, places: places, name: n.at}, m.NewValue)
		return ok
	})
	if !key.IsValid() {
		key = fd.MapKey().Default()
	}
	if !value.IsValid() {
		value = fd.MapValue().Default()
		if isMessage(fd.MapValue()) {
			value = m.NewValue()
		}
	}
	if ok {
		m.Set(key.MapKey(), value)
	}
	return ok
}
