package sparktime

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// values are the fields that a text has set.
type values struct {
	set [fields]bool
	of  [fields]int64
}

// put sets a field; a second value has to be the same.
func (v *values) put(f field, n int64) bool {
	if v.set[f] {
		return v.of[f] == n
	}
	v.set[f], v.of[f] = true, n
	return true
}

// reader is at a place of a text.
type reader struct {
	text string
	at   int
	values
}

// all reads parts, one after the other.
func (r *reader) all(parts []part) bool {
	for i := range parts {
		if !r.part(&parts[i]) {
			return false
		}
	}
	return true
}

func (r *reader) part(p *part) bool {
	switch {
	case p.optional != nil:
		before := *r
		if !r.all(p.optional) {
			*r = before
		}
		return true
	case p.literal != "":
		return r.takeText(p.literal)
	case p.fraction:
		return r.fractionOf(p)
	case p.number:
		return r.numberOf(p)
	case p.zone != nil:
		return r.zoneOf(p.zone)
	case p.short || p.long:
		return r.localized(p.long)
	}
	for i, name := range p.names {
		if r.takeText(name) {
			return r.put(p.field, int64(p.first+i))
		}
	}
	return false
}

// takeText passes over a text in any case.
func (r *reader) takeText(text string) bool {
	at := r.at
	for _, want := range text {
		got, n := utf8.DecodeRuneInString(r.text[at:])
		if n == 0 || got != want && unicode.ToUpper(got) != unicode.ToUpper(want) && unicode.ToLower(got) != unicode.ToLower(want) {
			return false
		}
		at += n
	}
	r.at = at
	return true
}

func (r *reader) digits(most int) int {
	n := 0
	for n < most && r.at+n < len(r.text) && r.text[r.at+n] >= '0' && r.text[r.at+n] <= '9' {
		n++
	}
	return n
}

func (r *reader) numberOf(p *part) bool {
	plus, minus := false, false
	if r.at < len(r.text) {
		switch c := r.text[r.at]; {
		case c == '+' && p.exceeds:
			plus = true
			r.at++
		case c == '-' && (p.negative || p.exceeds):
			minus = true
			r.at++
		}
	}
	n := r.digits(p.most + p.follow)
	if n < p.least {
		return false
	}
	if p.follow > 0 {
		n = r.digits(max(p.least, n-p.follow))
	}
	var value int64
	for _, c := range []byte(r.text[r.at : r.at+n]) {
		if value = value*10 + int64(c-'0'); value > 1e12 { // more than any field holds
			value = 1e12
		}
	}
	switch {
	case minus && value == 0:
		return false
	case minus:
		value = -value
	case p.exceeds && plus != (n > p.least):
		return false
	}
	r.at += n
	return r.put(p.field, value+int64(p.base))
}

func (r *reader) fractionOf(p *part) bool {
	n := r.digits(p.most)
	if n < p.least {
		return false
	}
	value := int64(0)
	for i := range 9 {
		value *= 10
		if i < n {
			value += int64(r.text[r.at+i] - '0')
		}
	}
	r.at += n
	return r.put(nano, value)
}

// twoDigits reads two digits below 60.
func (r *reader) twoDigits(colon bool) (int64, bool) {
	at := r.at
	if colon {
		if at >= len(r.text) || r.text[at] != ':' {
			return 0, false
		}
		at++
	}
	if at+2 > len(r.text) {
		return 0, false
	}
	a, b := r.text[at]-'0', r.text[at+1]-'0'
	if a > 5 || b > 9 {
		return 0, false
	}
	r.at = at + 2
	return int64(a)*10 + int64(b), true
}

func (r *reader) sign() int64 {
	if r.at >= len(r.text) {
		return 0
	}
	switch r.text[r.at] {
	case '+':
		return 1
	case '-':
		return -1
	}
	return 0
}

func (r *reader) zoneOf(f *zoneForm) bool {
	if r.takeText(f.none) {
		return r.put(offset, 0)
	}
	sign := r.sign()
	if sign == 0 {
		return false
	}
	r.at++
	hours, ok := r.twoDigits(false)
	minutes, ok2 := r.twoDigits(f.colon)
	var seconds int64
	if f.seconds && ok2 {
		seconds, _ = r.twoDigits(f.colon)
	}
	if !ok || hours > 23 || f.needs && !ok2 {
		return false
	}
	return r.put(offset, sign*(hours*3600+minutes*60+seconds))
}

// localized reads GMT+1:30, or GMT+01:30.
func (r *reader) localized(long bool) bool {
	if !r.takeText("GMT") {
		return false
	}
	sign := r.sign()
	if sign == 0 {
		return r.put(offset, 0)
	}
	r.at++
	n := r.digits(2)
	if n == 0 || long && n < 2 {
		return false
	}
	hours := int64(r.text[r.at] - '0')
	if n == 2 {
		hours = hours*10 + int64(r.text[r.at+1]-'0')
	}
	r.at += n
	minutes, some := r.anyTwo()
	if long && !some {
		return false
	}
	var seconds int64
	if some {
		seconds, _ = r.anyTwo()
	}
	return r.put(offset, sign*(hours*3600+minutes*60+seconds))
}

// anyTwo reads a colon and two digits.
func (r *reader) anyTwo() (int64, bool) {
	if !strings.HasPrefix(r.text[r.at:], ":") {
		return 0, false
	}
	r.at++
	if r.digits(2) < 2 {
		r.at--
		return 0, false
	}
	n := int64(r.text[r.at]-'0')*10 + int64(r.text[r.at+1]-'0')
	r.at += 2
	return n, true
}
