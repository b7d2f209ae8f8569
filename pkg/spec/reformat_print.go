package spec

import (
	"slices"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// layoutLine is a line of a file.
type layoutLine struct {
	empty   bool // there is an empty line in front of it
	depth   int
	text    []byte
	comment string // behind the text
}

// layoutPrinter writes a layout, line by line.
type layoutPrinter struct {
	lines []layoutLine
}

// String returns the lines, with the comments behind neighbouring ones below
// one another.
func (p *layoutPrinter) String() string {
	var out strings.Builder
	for i := 0; i < len(p.lines); {
		end, width := i+1, p.lines[i].width()
		for p.lines[i].comment != "" && end < len(p.lines) && p.lines[end].beside(p.lines[i]) {
			width = max(width, p.lines[end].width())
			end++
		}
		for ; i < end; i++ {
			l := p.lines[i]
			if l.empty && out.Len() > 0 {
				out.WriteByte('\n')
			}
			out.WriteString(strings.Repeat("  ", l.depth))
			out.Write(l.text)
			if l.comment != "" {
				out.WriteString(strings.Repeat(" ", width-l.width()+2) + l.comment)
			}
			out.WriteByte('\n')
		}
	}
	return out.String()
}

func (l layoutLine) width() int { return utf8.RuneCount(l.text) }

// beside reports whether the comment of a line stands below that of the one
// before it.
func (l layoutLine) beside(before layoutLine) bool {
	return l.comment != "" && !l.empty && l.depth == before.depth
}

func (p *layoutPrinter) line(depth int, text string) {
	p.lines = append(p.lines, layoutLine{depth: depth, text: []byte(text)})
}

func (p *layoutPrinter) last() *layoutLine { return &p.lines[len(p.lines)-1] }

// write adds to the last line; where a comment ends it, to a new one.
func (p *layoutPrinter) write(depth int, text string) {
	if last := p.last(); last.comment == "" {
		last.text = append(last.text, text...)
		return
	}
	p.line(depth, strings.TrimLeft(text, " "))
}

// remark puts a comment behind the last line, or on one of its own.
func (p *layoutPrinter) remark(depth int, comment string) {
	if comment == "" {
		return
	}
	if last := p.last(); last.comment == "" {
		last.comment = comment
		return
	}
	p.line(depth, comment)
}

// addHeader adds the comments that say what the file holds, where they are
// missing.
func (b *block) addHeader(md protoreflect.MessageDescriptor) {
	find := func(key string) int {
		for n, i := range b.items {
			if i.name != "" {
				break
			}
			if strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(i.comment, "#")), key+":") {
				return n
			}
		}
		return -1
	}
	add := func(at int, key, value string) {
		b.items = slices.Insert(b.items, at, &item{breaks: 1, comment: "# " + key + ": " + value})
	}
	file, message := md.ParentFile().Path(), string(md.FullName())
	switch atFile, atMessage := find("proto-file"), find("proto-message"); {
	case atFile >= 0 && atMessage >= 0:
	case atFile >= 0:
		add(atFile+1, "proto-message", message)
	case atMessage >= 0:
		add(atMessage, "proto-file", file)
		b.items[atMessage].breaks, b.items[atMessage+1].breaks = b.items[atMessage+1].breaks, 1
	default:
		if len(b.items) > 0 {
			b.items[0].breaks = 2
		}
		add(0, "proto-message", message)
		add(0, "proto-file", file)
	}
}

// items writes the contents of a file or of a message of several lines.
func (p *layoutPrinter) items(items []*item, depth int) {
	fresh := true // what comes next begins a line
	for n, i := range items {
		empty := i.breaks > 1 && (n > 0 || depth == 0)
		if i.name == "" {
			if n == 0 && i.breaks == 0 && depth > 0 { // behind the brace
				p.remark(depth, i.comment)
				continue
			}
			p.line(depth, i.comment)
			p.last().empty = empty
			fresh = true
			continue
		}
		if fresh || i.breaks > 0 || i.spansLines() {
			for _, c := range i.before {
				p.line(depth, c)
				p.last().empty = empty
				empty = false
			}
			p.line(depth, "")
			p.last().empty = empty
		} else {
			p.write(depth, " ")
		}
		p.item(i, depth)
		p.remark(depth, i.comment)
		fresh = i.spansLines() || i.comment != ""
	}
}

// spansLines reports whether a field takes more than one line.
func (i *item) spansLines() bool {
	if len(i.before) > 0 {
		return true
	}
	if i.list != nil {
		return i.list.spansLines()
	}
	return i.value.breaks > 0 && i.value.message == nil || i.value.spansLines()
}

func (l *list) spansLines() bool {
	if l.lines || len(l.rest) > 0 {
		return true
	}
	for _, v := range l.values {
		if v.spansLines() {
			return true
		}
	}
	return false
}

func (v *value) spansLines() bool {
	if v.message != nil {
		return v.message.lines || len(v.before) > 0
	}
	for _, p := range v.parts {
		if p.breaks > 0 || p.comment != "" || len(p.before) > 0 {
			return true
		}
	}
	return len(v.before) > 0 || v.comment != ""
}

// item writes a field to the last line and on.
func (p *layoutPrinter) item(i *item, depth int) {
	switch {
	case i.list != nil:
		p.write(depth, i.name+": [")
		p.list(i.list, depth)
	case i.value.message != nil:
		p.write(depth, i.name+" ")
		p.value(i.value, depth)
	default:
		for _, c := range i.value.before { // those within a number
			p.last().text = []byte(c)
			p.line(depth, "")
		}
		p.write(depth, i.name+":")
		if i.value.breaks > 0 {
			p.line(depth+1, "")
		} else {
			p.write(depth+1, " ")
		}
		p.value(i.value, depth+1)
	}
}

// list writes values and the bracket behind them.
func (p *layoutPrinter) list(l *list, depth int) {
	lines := l.spansLines()
	for n, v := range l.values {
		last := n == len(l.values)-1
		if lines && (n == 0 || v.breaks > 0 || v.spansLines() || l.values[n-1].spansLines()) {
			for _, c := range v.before {
				p.line(depth+1, c)
			}
			p.line(depth+1, "")
		} else if n > 0 {
			p.write(depth+1, " ")
		}
		p.value(v, depth+1)
		if !last {
			p.write(depth+1, ",")
		}
		p.remark(depth+1, v.comment)
	}
	for _, c := range l.rest {
		p.line(depth+1, c)
	}
	if lines {
		p.line(depth, "]")
		return
	}
	p.write(depth, "]")
}

// value writes a message or the parts of a scalar; depth is that of the braces
// or of further parts.
func (p *layoutPrinter) value(v *value, depth int) {
	if v.message != nil {
		p.message(v.message, depth)
		return
	}
	for n, part := range v.parts {
		for _, c := range part.before {
			p.line(depth, c)
		}
		switch {
		case n == 0:
		case part.breaks > 0 || len(part.before) > 0 || p.last().comment != "":
			p.line(depth, "")
		default:
			p.write(depth, " ")
		}
		p.write(depth, part.text)
		p.remark(depth, part.comment)
	}
}

func (p *layoutPrinter) message(b *block, depth int) {
	switch {
	case len(b.items) == 0:
		p.write(depth, "{}")
	case !b.lines:
		p.write(depth, "{")
		for _, i := range b.items {
			p.write(depth, " ")
			p.item(i, depth)
		}
		p.write(depth, " }")
	default:
		p.write(depth, "{")
		p.items(b.items, depth+1)
		p.line(depth, "}")
	}
}
