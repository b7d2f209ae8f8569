package spec

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// block is what stands between two braces, or in a file: fields and comments
// as their author laid them out.
type block struct {
	items []*item
	lines bool // it spans lines
}

// item is a field, or a comment on a line of its own where it has no name.
// Breaks count the line breaks in front of it: with none it stands on the line
// of what is before it, with two there is an empty line between.
type item struct {
	breaks  int
	before  []string // comments that stood within it, in front of its value
	name    string
	field   protoreflect.FieldDescriptor // nil where it is not known
	list    *list                        // values in brackets
	value   *value                       // else
	comment string                       // behind it, or the comment itself
}

// list is the values of a field in brackets.
type list struct {
	values []*value
	lines  bool     // it spans lines
	rest   []string // comments behind the last value, on lines of their own
}

// value is a message or a scalar, which is a string of parts, a word or a
// number.
type value struct {
	breaks  int
	before  []string // comments in front of it in a list, on lines of their own
	message *block
	parts   []part
	place   extent
	comment string // behind it in a list
}

// part is a piece of a string as written, or all of another scalar.
type part struct {
	breaks  int
	before  []string // comments in front of it, on lines of their own
	text    string
	comment string // behind it
}

// remark is a comment, and the line breaks in front of it.
type remark struct {
	text   string
	breaks int
}

// layouter reads a file that [Read] found nothing wrong with in form.
type layouter struct{ scanner }

// layout returns what a file of one message holds.
func layout(src string, md protoreflect.MessageDescriptor) *block {
	l := &layouter{scanner{src: src}}
	return l.block(0, md)
}

// gap skips white space and comments. It returns the comments, and the line
// breaks behind the last of them.
func (l *layouter) gap() ([]remark, int) {
	var remarks []remark
	breaks := 0
	for {
		switch c := l.peek(); {
		case l.pos >= len(l.src):
			return remarks, breaks
		case c == '\n':
			breaks++
			l.pos++
		case c == ' ' || c == '\t' || c == '\r':
			l.pos++
		case c == '#':
			text, _, _ := strings.Cut(l.src[l.pos:], "\n")
			l.pos += len(text)
			remarks = append(remarks, remark{strings.TrimRight(text, " \t\r"), breaks})
			breaks = 0
		default:
			return remarks, breaks
		}
	}
}

func texts(remarks []remark) []string {
	var out []string
	for _, r := range remarks {
		out = append(out, r.text)
	}
	return out
}

// behind divides comments into the one behind what was read last, on its line,
// and those on lines of their own.
func behind(remarks []remark) (string, []string) {
	if len(remarks) > 0 && remarks[0].breaks == 0 {
		return remarks[0].text, texts(remarks[1:])
	}
	return "", texts(remarks)
}

// block reads fields up to a closing brace and over it, or to the end of the
// file.
func (l *layouter) block(closer byte, md protoreflect.MessageDescriptor) *block {
	b := &block{}
	start, pending := l.pos, 0
	for {
		remarks, breaks := l.gap()
		for _, r := range remarks {
			b.remark(r)
		}
		switch c := l.peek(); {
		case l.pos >= len(l.src) || closer != 0 && c == closer:
			b.lines = len(b.items) > 0 && strings.Contains(l.src[start:l.pos], "\n")
			l.pos++
			return b
		case c == ',' || c == ';':
			l.pos++
			pending = max(pending, breaks)
			continue
		}
		next := l.item(md)
		next.breaks = max(breaks, pending)
		pending = 0
		b.items = append(b.items, next)
	}
}

// remark adds a comment: behind the last field where it stands on its line,
// else on a line of its own.
func (b *block) remark(r remark) {
	if n := len(b.items); n > 0 && r.breaks == 0 && b.items[n-1].name != "" && b.items[n-1].comment == "" {
		b.items[n-1].comment = r.text
		return
	}
	b.items = append(b.items, &item{breaks: r.breaks, comment: r.text})
}

func (l *layouter) item(md protoreflect.MessageDescriptor) *item {
	n := &item{}
	start := l.pos
	if l.peek() == '[' {
		full, _ := l.typeName()
		n.name = "[" + full + "]"
		n.before = commentsWithin(l.src[start:l.pos])
	} else {
		l.pos += max(l.ident(), l.number().size)
		n.name = l.src[start:l.pos]
	}
	remarks, breaks := l.gap()
	n.before = append(n.before, texts(remarks)...)
	if l.peek() == ':' {
		l.pos++
		remarks, breaks = l.gap()
		n.before = append(n.before, texts(remarks)...)
	}
	if md != nil {
		n.field = md.Fields().ByTextName(n.name)
	}
	if l.peek() == '[' {
		n.list = l.list(n.field)
		return n
	}
	n.value = l.value(n.field)
	if n.value.isText() {
		n.value.breaks = breaks
	}
	return n
}

// commentsWithin returns the comments between the characters of a type's name
// or of a number.
func commentsWithin(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if i := strings.IndexByte(line, '#'); i >= 0 {
			out = append(out, strings.TrimRight(line[i:], " \t\r\n"))
		}
	}
	return out
}

func (l *layouter) list(fd protoreflect.FieldDescriptor) *list {
	out := &list{}
	start := l.pos
	l.pos++
	var last *value
	for {
		remarks, breaks := l.gap()
		own := texts(remarks)
		if last != nil && last.comment == "" {
			last.comment, own = behind(remarks)
		}
		switch l.peek() {
		case ']':
			out.rest = append(out.rest, own...)
			out.lines = len(out.values) > 0 && strings.Contains(l.src[start:l.pos], "\n")
			l.pos++
			return out
		case ',':
			out.rest = append(out.rest, own...)
			l.pos++
			continue
		}
		last = l.value(fd)
		last.before, last.breaks = append(append(last.before, out.rest...), own...), breaks
		out.rest = nil
		out.values = append(out.values, last)
	}
}

func (l *layouter) value(fd protoreflect.FieldDescriptor) *value {
	start := l.pos
	v := &value{}
	switch c := l.peek(); {
	case c == '{' || c == '<':
		l.pos++
		var md protoreflect.MessageDescriptor
		if fd != nil {
			md = fd.Message()
		}
		v.message = l.block(map[byte]byte{'{': '}', '<': '>'}[c], md)
	case c == '"' || c == '\'':
		l.parts(v)
	default:
		if word := l.scanner; c == '-' && word.signed() {
			l.pos = word.pos
		} else {
			l.pos += max(l.ident(), l.number().size)
		}
		text := l.src[start:l.pos]
		v.before = commentsWithin(text)
		if i := strings.LastIndexAny(text, " \t\r\n"); i >= 0 { // -, and then the number
			text = "-" + text[i+1:]
		}
		v.parts = []part{{text: text}}
	}
	v.place = extent{int32(start), int32(l.pos)}
	return v
}

// signed reads a minus and the word behind it.
func (s *scanner) signed() bool {
	s.pos++
	n := s.ident()
	s.pos += n
	return n > 0
}

// parts reads the parts of a string.
func (l *layouter) parts(v *value) {
	next := part{}
	for {
		start, quote := l.pos, l.peek()
		for l.pos++; l.peek() != quote; l.pos++ {
			if l.peek() == '\\' {
				l.pos++
			}
		}
		l.pos++
		next.text = l.src[start:l.pos]
		v.parts = append(v.parts, next)
		end := l.pos
		remarks, breaks := l.gap()
		if c := l.peek(); c != '"' && c != '\'' {
			l.pos = end
			return
		}
		next = part{breaks: breaks}
		v.parts[len(v.parts)-1].comment, next.before = behind(remarks)
		if len(remarks) > 0 {
			next.breaks = max(breaks, 1)
		}
	}
}
