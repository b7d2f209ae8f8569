package spec

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/digest"
)

// maxName is the most characters of a name.
const maxName = 64

// checker checks the messages of one document.
type checker struct {
	doc  *Document
	list *diag.List
	// partial says that the file was not read whole, so that what seems to be
	// missing may stand in what was not understood.
	partial bool
}

func (c *checker) errorf(m proto.Message, field, code, format string, args ...any) *diag.Diagnostic {
	return c.list.Errorf(c.doc.Field(m, field), code, format, args...)
}

// require checks that fields are set, texts not blank and lists not empty.
func (c *checker) require(m proto.Message, fields ...string) {
	r := m.ProtoReflect()
	for _, field := range fields {
		fd := r.Descriptor().Fields().ByName(protoreflect.Name(field))
		switch {
		case r.Has(fd) && (fd.Kind() != protoreflect.StringKind || fd.IsList() || strings.TrimSpace(r.Get(fd).String()) != ""):
		case c.stands(m, field):
			c.errorf(m, field, "missing-field", "%s must not be empty or zero", field)
		case !c.partial:
			c.errorf(m, field, "missing-field", "%s has no %s", describe(m), field)
		}
	}
}

// stands reports whether the file sets a field, if only to nothing.
func (c *checker) stands(m proto.Message, field string) bool {
	_, ok := c.doc.lookup(m, field, nil)
	return ok
}

// notBlank checks that no text of a repeated field is blank.
func (c *checker) notBlank(m proto.Message, field string, texts []string) {
	for i, t := range texts {
		if strings.TrimSpace(t) == "" {
			c.list.Errorf(c.doc.Field(m, field, i), "missing-field", "%s is empty", field)
		}
	}
}

// describe names a message for people: field "src".
func describe(m proto.Message) string {
	var b strings.Builder
	for i, r := range string(m.ProtoReflect().Descriptor().Name()) {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	if n, ok := m.(named); ok && n.GetName() != "" {
		return b.String() + " " + quoted(n.GetName())
	}
	return b.String()
}

// alphabet is a set of characters that a name may have beside letters.
type alphabet string

const (
	plainName alphabet = "_0123456789"   // of what SQL or other specs name
	looseName alphabet = "_0123456789-." // of what only people and paths name
)

// name checks the name field of m, which must be set.
func (c *checker) name(m named, a alphabet) {
	c.require(m, "name")
	if n := m.GetName(); strings.TrimSpace(n) != "" {
		c.form(c.doc.Field(m, "name"), n, a)
	}
}

// nameOr checks a name that may be missing.
func (c *checker) nameOr(m proto.Message, field, value string, a alphabet) {
	if value != "" {
		c.form(c.doc.Field(m, field), value, a)
	}
}

// form checks the form of a name.
func (c *checker) form(at diag.Span, name string, a alphabet) {
	switch {
	case len(name) > maxName:
		c.list.Errorf(at, "bad-name", "name has %d characters, more than %d", len([]rune(name)), maxName)
	case !a.allows(name):
		d := c.list.Errorf(at, "bad-name", "%s is not allowed as a name", quoted(name))
		if a == plainName {
			d.Hintf("a name is lower-case letters, digits and underscores, and begins with a letter")
		} else {
			d.Hintf("a name is lower-case letters, digits, - . and _, begins with a letter, and has no two dots in a row")
		}
	}
}

func (a alphabet) allows(name string) bool {
	for i, r := range name {
		if letter := 'a' <= r && r <= 'z'; !letter && (i == 0 || !strings.ContainsRune(string(a), r)) {
			return false
		}
	}
	return name != "" && !strings.Contains(name, "..")
}

// names remembers names of one scope, in which case does not count.
type names map[string]diag.Span

// unique checks that a name stands once in a scope.
func (c *checker) unique(scope names, name string, at diag.Span) {
	key := strings.ToLower(name)
	if first, ok := scope[key]; ok && name != "" {
		c.list.Errorf(at, "duplicate-name", "%s stands twice", quoted(name)).Notef(first, "first here")
		return
	}
	scope[key] = at
}

// uniqueTexts checks that no text of a repeated field stands twice.
func (c *checker) uniqueTexts(m proto.Message, field string, texts []string) {
	scope := names{}
	for i, t := range texts {
		c.unique(scope, t, c.doc.Field(m, field, i))
	}
}

// digest checks the form of a digest, which must be set.
func (c *checker) digest(m proto.Message, field, value string) {
	c.require(m, field)
	if value == "" {
		return
	}
	if _, err := digest.Parse(value); err != nil {
		c.errorf(m, field, "bad-digest", "this is not a digest").Hintf("a digest is sha256: and 64 lower-case hexadecimal digits")
	}
}

// notNegative checks numbers by the names of their fields.
func (c *checker) notNegative(m proto.Message, fields ...string) {
	r := m.ProtoReflect()
	for _, field := range fields {
		if r.Get(r.Descriptor().Fields().ByName(protoreflect.Name(field))).Int() < 0 {
			c.errorf(m, field, "out-of-range", "%s is negative", field)
		}
	}
}

// values checks what holds for every value of m and its messages: enum values
// have a name, and numbers are numbers.
func (c *checker) values(m proto.Message) {
	m.ProtoReflect().Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case fd.IsMap():
		case fd.IsList():
			for i := range v.List().Len() {
				c.value(m, fd, v.List().Get(i), i)
			}
		default:
			c.value(m, fd, v, 0)
		}
		return true
	})
	if inner, ok := c.doc.Expanded(m); ok {
		c.values(inner)
	}
}

func (c *checker) value(m proto.Message, fd protoreflect.FieldDescriptor, v protoreflect.Value, i int) {
	at := func() diag.Span { return c.doc.Field(m, fd.TextName(), i) }
	switch fd.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		c.values(v.Message().Interface())
	case protoreflect.EnumKind:
		if fd.Enum().Values().ByNumber(v.Enum()) == nil {
			c.list.Errorf(at(), "unknown-value", "%q has no value %d", fd.TextName(), v.Enum())
		}
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			c.list.Errorf(at(), "out-of-range", "%q wants a number that is finite", fd.TextName())
			return
		}
	}
	if r := rangeOf(fd); r != nil && !inRange(r, v) {
		c.list.Errorf(at(), "out-of-range", "%q wants a number %s", fd.TextName(), describeRange(r))
	}
}

// quoted returns a text of a user for a message: in quotes, and not endless.
func quoted(s string) string { return strconv.Quote(short(s)) }

// short returns a text of a user, cut where it is too long for a message.
func short(s string) string { return shorten(s, maxName) }

// shorten cuts a text to at most a number of bytes, between characters.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for ; limit > 0 && !utf8.RuneStart(s[limit]); limit-- {
	}
	return s[:limit] + "…"
}
