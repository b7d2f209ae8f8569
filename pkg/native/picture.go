package native

import (
	"math/big"
	"strings"
	"unicode"

	"github.com/mlpdev/mlp/pkg/sparkcsv"
)

// Picture is a number picture of to_char and to_number: digits that must be
// there (0) or may be (9), commas between them, a point, a dollar sign, and one
// mark of the sign.
type Picture struct {
	Before, After int    // digits before and after the point
	groups        []run  // before the point, from left to right
	point, dollar bool   //
	mark          string // "S", "MI", "PR" or ""
	leads         bool   // the mark stands in front
}

// run is a number of digits between commas. All of an exact one must be there.
type run struct {
	n     int
	exact bool
}

// ParsePicture reads a picture, in any case. Pictures with two marks of the
// sign are none, though Spark takes some.
func ParsePicture(text string) (p Picture, ok bool) {
	rest := strings.ToUpper(text)
	rest, p.leads = p.cutMark(rest, strings.CutPrefix, "MI", "S")
	if !p.leads {
		rest, _ = p.cutMark(rest, strings.CutSuffix, "MI", "PR", "S")
	}
	rest, p.dollar = strings.CutPrefix(rest, "$")
	rest = strings.NewReplacer("G", ",", "D", ".").Replace(rest)
	before, after, point := strings.Cut(rest, ".")
	p.point = point
	if before != "" {
		for part := range strings.SplitSeq(before, ",") {
			p.groups = append(p.groups, run{len(part), strings.HasPrefix(part, "0")})
			p.Before += len(part)
			ok = ok || part == ""
		}
	}
	p.After = len(after)
	digits := strings.Trim(strings.ReplaceAll(before, ",", "")+after, "09") == ""
	return p, digits && !ok && p.Before+p.After > 0
}

func (p *Picture) cutMark(text string, cut func(s, mark string) (string, bool), marks ...string) (string, bool) {
	for _, m := range marks {
		if rest, found := cut(text, m); found {
			p.mark = m
			return rest, true
		}
	}
	return text, false
}

// pictureFunctions read and write numbers by pictures, which are known to be
// some.
func pictureFunctions() []Function {
	return []Function{
		{Name: "n_to_char", Params: []Kind{Text, Text}, Result: Text, Call: func(in []Value, out *Value) {
			p, ok := ParsePicture(string(in[1].Bytes))
			digits, scale, number := parseDecimal(string(in[0].Bytes))
			if !ok || !number {
				*out = Value{Null: true}
				return
			}
			out.Bytes = p.format(out.Bytes, digits, scale)
		}},
		{Name: "n_to_number", Params: []Kind{Text, Text}, Result: Text, Call: func(in []Value, out *Value) {
			p, ok := ParsePicture(string(in[1].Bytes))
			if ok {
				out.Bytes, ok = p.parse(out.Bytes, []rune(string(in[0].Bytes)))
			}
			if !ok {
				*out = Value{Null: true}
			}
		}},
	}
}

// format writes a number. One that has too many digits becomes # signs.
func (p *Picture) format(out []byte, digits *big.Int, scale int) []byte {
	negative := digits.Sign() < 0
	text := string(appendDecimal(nil, new(big.Int).Abs(digits), scale))
	before, after, _ := strings.Cut(text, ".")
	before, after = strings.TrimLeft(before, "0"), strings.TrimRight(after, "0")
	if len(before) > p.Before || len(after) > p.After {
		before, after = strings.Repeat("#", p.Before), strings.Repeat("#", p.After)
	}
	before = strings.Repeat(" ", p.Before-len(before)) + before
	b := out
	if p.mark == "PR" && negative {
		b = append(b, '<')
	}
	if p.leads {
		b = p.sign(b, negative)
	}
	if p.dollar {
		b = append(b, '$')
	}
	for i, g := range p.groups {
		if i > 0 {
			if n := len(b); n > 0 && b[n-1] >= '0' && b[n-1] <= '9' {
				b = append(b, ',')
			} else {
				b = appendBlank(b)
			}
		}
		for _, c := range []byte(before[:g.n]) {
			switch {
			case c != ' ':
				b = append(b, c)
			case g.exact:
				b = append(b, '0')
			default:
				b = appendBlank(b)
			}
		}
		before = before[g.n:]
	}
	if p.point {
		if n := len(b); n > 0 && b[n-1] == ' ' {
			b[n-1] = '0'
		}
		b = append(b, '.')
		b = append(append(b, after...), strings.Repeat("0", p.After-len(after))...)
	}
	if p.mark != "" && !p.leads {
		b = p.sign(b, negative)
	}
	b = dropPoint(b)
	if s := string(b); s == "" || s == "+" || s == "-" {
		return append(out[:0], '0')
	}
	return b
}

// sign writes the mark of the sign, in front of blanks that stand last.
func (p *Picture) sign(b []byte, negative bool) []byte {
	mark := byte('-')
	switch {
	case p.mark == "PR" && !negative:
		return append(dropPoint(b), ' ', ' ')
	case p.mark == "PR":
		mark = '>'
	case p.mark == "MI" && !negative:
		return append(b, ' ')
	case !negative:
		mark = '+'
	}
	b = append(dropPoint(b), mark)
	for i := len(b) - 1; i > 0 && b[i-1] == ' '; i-- {
		b[i-1], b[i] = b[i], b[i-1]
	}
	return b
}

// appendBlank writes a blank, in front of signs that stand last.
func appendBlank(b []byte) []byte {
	b = append(b, ' ')
	for i := len(b) - 1; i > 0 && strings.IndexByte("+-<", b[i-1]) >= 0; i-- {
		b[i-1], b[i] = b[i], b[i-1]
	}
	return b
}

// dropPoint makes a blank of a point that nothing follows.
func dropPoint(b []byte) []byte {
	for i, c := range b {
		if c == '.' {
			if i == len(b)-1 || b[i+1] == ' ' {
				b[i] = ' '
			}
			break
		}
	}
	return b
}

// parse reads a number and writes its digits.
func (p *Picture) parse(out []byte, s []rune) ([]byte, bool) {
	r := pictureReader{s: s}
	opened := p.mark == "PR" && r.accept('<')
	negative := p.leads && p.readSign(&r)
	if p.dollar && len(r.s) > 0 && !r.accept('$') {
		return nil, false
	}
	if p.groups != nil && !r.group(p.groups) {
		return nil, false
	}
	if p.point {
		r.fraction = r.accept('.')
		if p.After > 0 && !r.group([]run{{n: p.After}}) {
			return nil, false
		}
	}
	switch {
	case p.mark == "PR":
		negative = r.accept('>')
		if negative != opened {
			return nil, false
		}
	case !p.leads && p.mark != "":
		negative = p.readSign(&r)
	}
	if len(r.s) > 0 || len(r.before)+len(r.after) == 0 {
		return nil, false
	}
	if negative {
		out = append(out, '-')
	}
	return append(append(append(append(out, '0'), r.before...), '.'), r.after...), true
}

// readSign reads the mark of the sign and reports whether it is a minus.
func (p *Picture) readSign(r *pictureReader) bool {
	if p.mark == "S" && r.accept('+') {
		return false
	}
	return r.accept('-')
}

type pictureReader struct {
	s             []rune
	before, after []byte
	fraction      bool
}

func (r *pictureReader) accept(c rune) bool {
	if len(r.s) == 0 || r.s[0] != c {
		return false
	}
	r.s = r.s[1:]
	return true
}

// group reads digits and commas, and compares how many digits stand between
// them with what is expected, from right to left.
func (r *pictureReader) group(expected []run) bool {
	sizes := []int{0}
	for len(r.s) > 0 {
		c := r.s[0]
		d, isDigit := sparkcsv.Digit(c)
		switch {
		case isDigit && r.fraction:
			r.after = append(r.after, d)
			sizes[len(sizes)-1]++
		case isDigit:
			r.before = append(r.before, d)
			sizes[len(sizes)-1]++
		case c == ',':
			sizes = append(sizes, 0)
		case !javaSpace(c):
			return fits(sizes, expected)
		}
		r.s = r.s[1:]
	}
	return fits(sizes, expected)
}

func fits(sizes []int, expected []run) bool {
	if len(sizes) > len(expected) {
		return false
	}
	for i := range expected {
		n, e := 0, expected[len(expected)-1-i]
		if i < len(sizes) {
			n = sizes[len(sizes)-1-i]
		}
		if n > e.n || e.exact && n != e.n {
			return false
		}
	}
	return true
}

// javaSpace reports whether Java takes a character for white space.
func javaSpace(c rune) bool {
	switch c {
	case 0xa0, 0x2007, 0x202f, 0x85:
		return false
	case 0x1c, 0x1d, 0x1e, 0x1f:
		return true
	}
	return unicode.IsSpace(c)
}
