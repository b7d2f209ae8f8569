// Package sparktime reads texts as times by Spark's patterns, which are those of
// java.time, resolved strictly.
package sparktime

import (
	"fmt"
	"strings"
)

// field is what a part of a pattern sets.
type field uint8

const (
	era field = iota
	year
	yearOfEra
	month
	day
	dayOfYear
	hour      // 0 to 23
	clockHour // 1 to 24
	halfHour  // 0 to 11
	halfClock // 1 to 12
	half      // of the day
	minute
	second
	nano
	offset // from UTC, in seconds
	fields // how many there are
)

// part is a part of a pattern; exactly one of its forms is set.
type part struct {
	literal  string
	optional []part
	names    []string // of values from first on
	number   bool
	fraction bool
	zone     *zoneForm
	short    bool // GMT+1
	long     bool // GMT+01:00

	field    field
	first    int
	least    int // digits
	most     int
	follow   int  // digits of the numbers right behind it, which it leaves alone
	negative bool // - may stand before it
	exceeds  bool // + stands before more digits than the least, and only there
	base     int  // what is added to two digits
}

// zoneForm is an offset as +HH:mm:ss; upper case stands for what must be there.
type zoneForm struct {
	none           string // what stands for no offset
	colon          bool
	minutes, needs bool
	seconds        bool
}

// Pattern is a pattern for reading.
type Pattern struct {
	parts []part
	eras  bool // years are counted in eras
}

// Parse reads a pattern, or says what is wrong with it.
func Parse(text string) (p Pattern, problem string) {
	b := builder{rest: text, eras: strings.Contains(unquoted(text), "G")}
	parts := b.section(false)
	switch {
	case b.problem != "":
		return p, b.problem
	case strings.HasSuffix(text, "''"):
		return p, "a quote at its end is passed over by Spark"
	case !b.any:
		return p, "it has no part of a time"
	}
	return Pattern{parts: parts, eras: b.eras}, ""
}

// unquoted cuts what stands in quotes.
func unquoted(text string) string {
	var b strings.Builder
	for i, piece := range strings.Split(text, "'") {
		if i%2 == 0 {
			b.WriteString(piece)
		}
	}
	return b.String()
}

type builder struct {
	rest, problem string
	eras, any     bool
	active        int // the number that leaves digits to those right behind it; -1: none
}

// section reads parts up to the end of an optional section, or of the text.
func (b *builder) section(inside bool) []part {
	var parts []part
	b.active = -1
	for b.rest != "" && b.problem == "" {
		c := b.rest[0]
		switch {
		case c == '\'':
			parts = b.literal(parts, b.quoted())
		case c == '[':
			b.rest = b.rest[1:]
			parts = append(parts, part{optional: b.section(true)})
			b.active = -1
		case c == ']' && inside:
			b.rest = b.rest[1:]
			return parts
		case strings.IndexByte("]{}#", c) >= 0:
			b.problem = fmt.Sprintf("%q is not read", c)
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			run := b.rest[:len(b.rest)-len(strings.TrimLeft(b.rest, string(c)))]
			b.rest = b.rest[len(run):]
			parts = b.letters(parts, run)
		default:
			n := 1
			for n < len(b.rest) && b.rest[n]&0xc0 == 0x80 {
				n++
			}
			parts = b.literal(parts, b.rest[:n])
			b.rest = b.rest[n:]
		}
	}
	if inside && b.problem == "" {
		b.problem = "a section is not closed by ]"
	}
	return parts
}

func (b *builder) literal(parts []part, text string) []part {
	b.active = -1
	if text == "" {
		return parts
	}
	return append(parts, part{literal: text})
}

// quoted reads a text in quotes; two quotes are one.
func (b *builder) quoted() string {
	if strings.HasPrefix(b.rest, "''") {
		b.rest = b.rest[2:]
		return "'"
	}
	var text strings.Builder
	rest := b.rest[1:]
	for {
		inside, behind, ok := strings.Cut(rest, "'")
		if !ok {
			b.problem = "a quote is not closed"
			return ""
		}
		text.WriteString(inside)
		more, again := strings.CutPrefix(behind, "'")
		if !again {
			b.rest = behind
			return text.String()
		}
		text.WriteByte('\'')
		rest = more
	}
}

// letters reads a run of one letter.
func (b *builder) letters(parts []part, run string) []part {
	b.any = true
	c, n := run[0], len(run)
	numbers := map[byte]field{'M': month, 'L': month, 'd': day, 'H': hour, 'k': clockHour, 'K': halfHour, 'h': halfClock, 'm': minute, 's': second}
	f, isNumber := numbers[c]
	switch {
	case c == 'y' && n <= 6:
		return b.add(parts, yearPart(n, b.eras))
	case (c == 'M' || c == 'L') && (n == 3 || n == 4):
		return b.text(parts, part{field: month, first: 1, names: monthNames(n == 4)})
	case isNumber && n == 1:
		return b.add(parts, part{number: true, field: f, least: 1, most: 19, negative: true})
	case isNumber && n == 2:
		return b.add(parts, part{number: true, field: f, least: 2, most: 2})
	case c == 'D' && n == 1:
		return b.add(parts, part{number: true, field: dayOfYear, least: 1, most: 19, negative: true})
	case c == 'D' && n <= 3:
		return b.add(parts, part{number: true, field: dayOfYear, least: n, most: 3})
	case c == 'S' && n <= 9:
		p := part{number: true, fraction: true, field: nano, least: 1, most: n}
		if n == 1 {
			return b.add(parts, p)
		}
		return b.text(parts, p)
	case c == 'a' && n == 1:
		return b.text(parts, part{field: half, names: []string{"AM", "PM"}})
	case c == 'G' && n <= 3:
		return b.text(parts, part{field: era, names: []string{"BC", "AD"}})
	case c == 'G' && n == 4:
		return b.text(parts, part{field: era, names: []string{"Before Christ", "Anno Domini"}})
	case c == 'O' && n == 1:
		return b.text(parts, part{field: offset, short: true})
	case c == 'O' && n == 4 || c == 'Z' && n == 4:
		return b.text(parts, part{field: offset, long: true})
	case zoneForms(run) != nil:
		return b.text(parts, part{field: offset, zone: zoneForms(run)})
	}
	b.problem = fmt.Sprintf("%q is not read; there are y M L d D H h K k m s S a G X x Z O, texts in quotes, and optional sections in [ ]", run)
	return parts
}

func yearPart(n int, eras bool) part {
	p := part{number: true, field: year, least: n, most: 19, negative: n < 4, exceeds: n >= 4}
	if eras {
		p.field = yearOfEra
	}
	if n == 2 {
		p.most, p.negative, p.base = 2, false, 2000
	}
	return p
}

func monthNames(long bool) []string {
	names := strings.Fields("January February March April May June July August September October November December")
	for i := range names {
		if !long {
			names[i] = names[i][:3]
		}
	}
	return names
}

// zoneForms returns how a run of letters writes offsets.
func zoneForms(run string) *zoneForm {
	n := len(run)
	f := &zoneForm{minutes: true, needs: n > 1, colon: n == 3 || n == 5, seconds: n >= 4}
	switch {
	case n > 5:
		return nil
	case run[0] == 'X':
		f.none = "Z"
	case run[0] == 'x':
		f.none = "+0000"
		if n == 1 {
			f.none = "+00"
		} else if n%2 == 1 {
			f.none = "+00:00"
		}
	case run[0] == 'Z' && n < 4:
		return &zoneForm{none: "+0000", minutes: true, needs: true}
	case run[0] == 'Z' && n == 5:
		f.none = "Z"
	default:
		return nil
	}
	return f
}

// text adds what is no number next to others.
func (b *builder) text(parts []part, p part) []part {
	b.active = -1
	return append(parts, p)
}

// add adds a number. One of a fixed width leaves its digits to itself: the
// number that the run of numbers began with does not take them.
func (b *builder) add(parts []part, p part) []part {
	parts = append(parts, p)
	if b.active >= 0 && p.least == p.most && !p.negative {
		parts[b.active].follow += p.most
		return parts
	}
	if b.active >= 0 {
		parts[b.active].follow = 0
	}
	b.active = len(parts) - 1
	return parts
}
