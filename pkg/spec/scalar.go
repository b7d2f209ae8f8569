package spec

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// scalar is a value that is not a message.
type scalar struct {
	at   extent
	kind scalarKind
	text string // decoded, of a string; as written, of a word
	num  number
}

type scalarKind uint8

const (
	wordScalar scalarKind = iota
	stringScalar
	numberScalar
)

// scalar reads a string, a word or a number.
func (r *reader) scalar() (scalar, bool) {
	start := r.pos
	at := func() extent { return extent{int32(start), int32(r.pos)} }
	if c := r.peek(); c == '"' || c == '\'' {
		text, bad := r.text()
		if bad != nil {
			return scalar{}, r.broken(bad.start, bad.end, "%s", bad.message)
		}
		return scalar{at: at(), kind: stringScalar, text: text}, true
	}
	word := r.scanner
	if r.peek() == '-' {
		word.pos++
	}
	if size := word.ident(); size > 0 {
		r.pos = word.pos + size
		return scalar{at: at(), text: r.src[start:r.pos]}, true
	}
	if num := r.number(); num.size > 0 {
		r.pos += num.size
		return scalar{at: at(), kind: numberScalar, num: num}, true
	}
	return scalar{}, r.broken(start, r.wordEnd(), "%s where a value belongs", r.found())
}

// found names what stands at the place, for a message.
func (r *reader) found() string {
	if r.pos >= len(r.src) {
		return "the end of the file"
	}
	return quoted(r.src[r.pos:r.wordEnd()])
}

// wordEnd returns the end of the word, or character, at the place.
func (r *reader) wordEnd() int {
	end := r.pos
	for end < len(r.src) && isWord(r.src[end]) {
		end++
	}
	if end == r.pos && end < len(r.src) {
		_, size := utf8.DecodeRuneInString(r.src[end:])
		end += size
	}
	return end
}

// convert returns the value of a scalar for a field, or reports why it has
// none.
func (r *reader) convert(fd protoreflect.FieldDescriptor, x scalar) protoreflect.Value {
	switch fd.Kind() {
	case protoreflect.StringKind:
		if x.kind == stringScalar && r.visible(x) {
			return protoreflect.ValueOfString(x.text)
		} else if x.kind == stringScalar {
			return protoreflect.Value{}
		}
	case protoreflect.BytesKind:
		if x.kind == stringScalar {
			return protoreflect.ValueOfBytes([]byte(x.text))
		}
	case protoreflect.EnumKind:
		return r.enum(fd, x)
	default:
		v, err := x.number(fd.Kind())
		if err == nil {
			return v
		}
		if errors.Is(err, strconv.ErrRange) {
			r.errorf(x.at, "out-of-range", "%s does not fit %s", short(x.num.text), wanted(fd))
			return protoreflect.Value{}
		}
	}
	d := r.errorf(x.at, "wrong-value", "%q wants %s", fd.TextName(), wanted(fd))
	if fd.Kind() == protoreflect.StringKind {
		d.Hintf("put it in quotes")
	}
	return protoreflect.Value{}
}

// visible checks the characters that a string has behind its escapes.
func (r *reader) visible(x scalar) bool {
	if !strings.Contains(r.src[x.at.start:x.at.end], `\`) {
		return true // the file was checked
	}
	t := Text{Value: x.text, doc: r.doc, literal: x.at}
	before := len(r.list)
	for i := 0; i < len(x.text) && len(r.list) < MaxMistakes; {
		c, size := utf8.DecodeRuneInString(x.text[i:])
		if c == utf8.RuneError && size == 1 {
			r.list.Errorf(t.Span(i, i+1), "invalid-utf8", "escape gives byte 0x%02x, which is not UTF-8 here", x.text[i])
			return false
		}
		if code := hidden(c); code != "" {
			r.list.Errorf(t.Span(i, i+size), code, "escape gives character %U, which is not allowed in a spec", c)
		}
		i += size
	}
	return len(r.list) == before
}

func (r *reader) enum(fd protoreflect.FieldDescriptor, x scalar) protoreflect.Value {
	values := fd.Enum().Values()
	switch x.kind {
	case wordScalar:
		if v := values.ByName(protoreflect.Name(x.text)); v != nil {
			return protoreflect.ValueOfEnum(v.Number())
		}
	case numberScalar:
		if n, err := x.num.int(32); err == nil {
			return protoreflect.ValueOfEnum(protoreflect.EnumNumber(n))
		}
	}
	names := enumNames(fd.Enum())
	d := r.errorf(x.at, "unknown-value", "%q wants one of %s", fd.TextName(), strings.Join(names, ", "))
	if x.kind != numberScalar {
		d.DidYouMean(x.text, names)
	}
	if x.kind == stringScalar && values.ByName(protoreflect.Name(x.text)) != nil {
		d.Hintf("write it without quotes")
	}
	return protoreflect.Value{}
}

// enumNames returns the names of an enum, without the one that means unset.
func enumNames(ed protoreflect.EnumDescriptor) []string {
	var names []string
	for i := range ed.Values().Len() {
		if v := ed.Values().Get(i); v.Number() != 0 || !strings.HasSuffix(string(v.Name()), "_UNSPECIFIED") {
			names = append(names, string(v.Name()))
		}
	}
	return names
}

// wanted says what a field takes.
func wanted(fd protoreflect.FieldDescriptor) string {
	switch fd.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return "a message in braces"
	case protoreflect.StringKind, protoreflect.BytesKind:
		return "a string"
	case protoreflect.BoolKind:
		return "true or false"
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return "a number"
	case protoreflect.EnumKind:
		return "one of " + strings.Join(enumNames(fd.Enum()), ", ")
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return "a whole number from 0 of 32 bits"
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return "a whole number from 0 of 64 bits"
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return "a whole number of 32 bits"
	default:
		return "a whole number of 64 bits"
	}
}

// number returns the value of a scalar of a number's or truth value's kind.
func (x scalar) number(kind protoreflect.Kind) (protoreflect.Value, error) {
	switch kind {
	case protoreflect.BoolKind:
		b, err := x.bool()
		return protoreflect.ValueOfBool(b), err
	case protoreflect.FloatKind:
		f, err := x.float()
		return protoreflect.ValueOfFloat32(float32(f)), err
	case protoreflect.DoubleKind:
		f, err := x.float()
		return protoreflect.ValueOfFloat64(f), err
	}
	if x.kind != numberScalar {
		return protoreflect.Value{}, strconv.ErrSyntax
	}
	switch kind {
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		n, err := x.num.uint(32)
		return protoreflect.ValueOfUint32(uint32(n)), err
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		n, err := x.num.uint(64)
		return protoreflect.ValueOfUint64(n), err
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		n, err := x.num.int(32)
		return protoreflect.ValueOfInt32(int32(n)), err
	default:
		n, err := x.num.int(64)
		return protoreflect.ValueOfInt64(n), err
	}
}

func (x scalar) bool() (bool, error) {
	if x.kind == numberScalar {
		n, err := strconv.ParseUint(x.num.text, 0, 64)
		if err == nil && n > 1 {
			err = strconv.ErrSyntax
		}
		return n == 1, err
	}
	switch {
	case x.kind == stringScalar:
	case x.text == "t" || x.text == "true" || x.text == "True":
		return true, nil
	case x.text == "f" || x.text == "false" || x.text == "False":
		return false, nil
	}
	return false, strconv.ErrSyntax
}

// float returns a number of 64 bits; one that is too large is infinite.
func (x scalar) float() (float64, error) {
	switch x.kind {
	case numberScalar:
		f, err := strconv.ParseFloat(x.num.text, 64)
		if errors.Is(err, strconv.ErrRange) {
			err = nil
		}
		return f, err
	case wordScalar:
		switch strings.ToLower(x.text) {
		case "nan":
			return math.NaN(), nil
		case "inf", "infinity":
			return math.Inf(1), nil
		case "-inf", "-infinity":
			return math.Inf(-1), nil
		}
	}
	return 0, strconv.ErrSyntax
}

func (n number) int(bits int) (int64, error) {
	if n.float {
		return 0, strconv.ErrSyntax
	}
	return parseInt(n.text, bits)
}

func (n number) uint(bits int) (uint64, error) {
	if n.float {
		return 0, strconv.ErrSyntax
	}
	if n.negative {
		return 0, strconv.ErrRange
	}
	return strconv.ParseUint(n.text, 0, bits)
}

// fieldNumber reports whether the number may stand where a name belongs.
func (n number) fieldNumber() bool {
	_, err := strconv.ParseInt(n.text, 10, 32)
	return n.size > 0 && n.decimal && !n.float && !n.negative && err == nil
}

func parseInt(s string, bits int) (int64, error) { return strconv.ParseInt(s, 0, bits) }
