package sql

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Unit is a unit that intervals are written in.
type Unit uint8

// The units of intervals, the longest first.
const (
	Year Unit = iota
	Month
	Day
	Hour
	Minute
	Second
)

// String returns Spark's name of the unit.
func (u Unit) String() string {
	return [...]string{"year", "month", "day", "hour", "minute", "second"}[u]
}

// size returns how many months or microseconds the unit has.
func (u Unit) size() int64 {
	return [...]int64{12, 1, dayMicros, 3600 * secondMicros, 60 * secondMicros, secondMicros}[u]
}

// months reports whether the unit counts months.
func (u Unit) months() bool { return u <= Month }

// intervalOf returns the type of intervals from one unit to another.
func intervalOf(first, last Unit) Type {
	kind := DayTime
	if first.months() {
		kind = YearMonth
	}
	return Type{Kind: kind, First: first, Last: last}
}

// wholeInterval returns the type of a kind of intervals in all its units.
func wholeInterval(kind Kind) Type {
	if kind == YearMonth {
		return intervalOf(Year, Month)
	}
	return intervalOf(Day, Second)
}

// part is what a word of an interval counts: a number of units.
type part struct {
	unit Unit
	size *big.Rat // in months or microseconds
}

func partOf(word string) (part, bool) {
	word = strings.TrimSuffix(strings.ToLower(word), "s")
	for u := Year; u <= Second; u++ {
		if word == u.String() {
			return part{u, big.NewRat(u.size(), 1)}, true
		}
	}
	switch word {
	case "week":
		return part{Day, big.NewRat(7*dayMicros, 1)}, true
	case "millisecond":
		return part{Second, big.NewRat(1000, 1)}, true
	case "microsecond":
		return part{Second, big.NewRat(1, 1)}, true
	}
	return part{}, false
}

var (
	intervalNumber = regexp.MustCompile(`^[+-]?(\d{1,19}(\.\d{0,9})?|\.\d{1,9})$`)
	intervalTerm   = regexp.MustCompile(`^\s*([+-]?)\s*(\d{1,19}(?:\.\d{0,9})?|\.\d{1,9})\s+([A-Za-z]+)(?:\s|$)`)
	intervalWord   = regexp.MustCompile(`^(?i:\s*interval\s)`)
)

// interval reads INTERVAL 5 MINUTES, INTERVAL '5' MINUTE, several of them,
// INTERVAL '1 day 2 hours' and INTERVAL '1-2' YEAR TO MONTH.
func (p *parser) interval(t token) *node {
	p.takeAs(keyword)
	sum := &intervalSum{}
	for first := true; !p.failed; first = false {
		start := p.peek().start
		negative := p.peek().is("-")
		if negative || p.peek().is("+") {
			p.takeAs(sign)
		}
		number := p.peek()
		if number.kind != tokenNumber && number.kind != tokenString {
			p.unexpected(number, "a number")
			break
		}
		p.take()
		word := p.peek()
		of, isUnit := partOf(word.text)
		if word.kind != tokenWord || !isUnit {
			if !first || negative || number.kind != tokenString || !sum.addText(number.text) {
				p.unexpected(word, "a unit such as MINUTE")
			}
			break
		}
		p.takeAs(keyword)
		if first && p.peek().is("to") {
			return p.unitToUnit(t, number, word, negative)
		}
		if !sum.add(number.text, of, negative) {
			p.fail(start, word.end, "bad-constant", "%q is not a number of %s", number.text, strings.ToLower(word.text))
		}
		if k := p.peek(); k.kind != tokenNumber && k.kind != tokenString && !p.signed(k) {
			break
		}
	}
	value, ok := sum.value()
	if !p.failed && !ok {
		p.fail(t.start, p.tokens[p.pos-1].end, "bad-constant", "an interval is years and months, or days and shorter units, not both, and within %d months or 2^63 microseconds", maxMonths).
			Hintf("write make_interval(years, months, weeks, days) for both")
	}
	return p.literal(t.start, value)
}

// unitArgument makes the unit of DATEADD(DAY, n, t) and its like a text: it
// looks as a column's name does.
func (p *parser) unitArgument(n *node) {
	name := map[string]string{"timestampadd": "timestampadd", "dateadd": "timestampadd", "date_add": "timestampadd",
		"timestampdiff": "timestampdiff", "datediff": "timestampdiff", "date_diff": "timestampdiff", "timediff": "timestampdiff"}[n.text]
	if name == "" || len(n.args) != 3 || n.args[0].op != opName {
		return
	}
	unit := n.args[0]
	if _, _, ok := timeUnits(unit.text); !ok {
		return
	}
	p.names = slices.DeleteFunc(p.names, func(o *node) bool { return o == unit })
	n.text, n.args[0] = name, p.literal(unit.start, stringConstant(strings.ToUpper(unit.text)))
	n.args[0].end = unit.end
}

// signed reports whether a sign begins another part of an interval, and not
// the rest of a sum: a unit follows the number.
func (p *parser) signed(t token) bool {
	number, word := p.peekAt(1), p.peekAt(2)
	_, ok := partOf(word.text)
	return (t.is("-") || t.is("+")) && (number.kind == tokenNumber || number.kind == tokenString) && word.kind == tokenWord && ok
}

// maxMonths is the largest number of months of an interval.
const maxMonths = 1<<31 - 1

// intervalSum adds up the parts of an interval exactly.
type intervalSum struct {
	total       big.Rat
	first, last Unit
	parts       int
	mixed       bool
}

func (s *intervalSum) add(number string, p part, negative bool) bool {
	number = strings.TrimSpace(number)
	if !intervalNumber.MatchString(number) {
		return false
	}
	n, ok := new(big.Rat).SetString(number)
	if !ok || !n.IsInt() && (p.unit != Second || p.size.Cmp(big.NewRat(secondMicros, 1)) != 0) { // only seconds have a fraction
		return false
	}
	if negative {
		n.Neg(n)
	}
	n.Mul(n, p.size)
	s.total.Add(&s.total, new(big.Rat).SetInt(new(big.Int).Quo(n.Num(), n.Denom()))) // digits after the microsecond are cut
	if s.parts++; s.parts == 1 {
		s.first, s.last = p.unit, p.unit
	}
	s.mixed = s.mixed || p.unit.months() != s.first.months()
	s.first, s.last = min(s.first, p.unit), max(s.last, p.unit)
	return true
}

// addText adds the parts of "1 day 2 hours".
func (s *intervalSum) addText(text string) bool {
	text = intervalWord.ReplaceAllString(text, "")
	for strings.TrimSpace(text) != "" {
		m := intervalTerm.FindStringSubmatch(text)
		if m == nil {
			return false
		}
		p, ok := partOf(m[3])
		if !ok || !s.add(m[2], p, m[1] == "-") {
			return false
		}
		text = text[len(m[0]):]
	}
	return s.parts > 0
}

// value returns the interval if it is of one kind and in range.
func (s *intervalSum) value() (constant, bool) {
	n := s.total.Num()
	c := constant{typ: intervalOf(s.first, s.last)}
	if s.mixed || s.parts == 0 || !n.IsInt64() {
		return c, false
	}
	c.number = n.Int64()
	return c, c.typ.Kind != YearMonth || c.number <= maxMonths && c.number >= -maxMonths-1
}

// unitToUnit reads the rest of INTERVAL '1 02:03' DAY TO MINUTE, of which the
// first unit has been read.
func (p *parser) unitToUnit(t, text, from token, negative bool) *node {
	p.takeAs(keyword)
	to := p.takeAs(keyword)
	first, last, ok := unitRange(from.text, to.text)
	if !ok {
		p.fail(from.start, to.end, "bad-constant", "there are no intervals from %s to %s", strings.ToUpper(from.text), strings.ToUpper(to.text)).
			Hintf("YEAR TO MONTH, or two of DAY, HOUR, MINUTE and SECOND, the longer one first")
		return &node{}
	}
	typ := intervalOf(first, last)
	number, ok := typ.interpret(text.text)
	if !ok || text.kind != tokenString {
		p.fail(text.start, text.end, "bad-constant", "%q is not %s", text.text, withArticle(typ)).Hintf("write '%s'", typ.intervalShape())
		return &node{}
	}
	if negative {
		number = -number
	}
	return p.literal(t.start, constant{typ: typ, number: number})
}

// unitRange returns the units of DAY TO SECOND. They are in the order of their
// length, and of one kind.
func unitRange(from, to string) (first, last Unit, ok bool) {
	first, ok1 := unitOf(from)
	last, ok2 := unitOf(to)
	return first, last, ok1 && ok2 && first < last && first.months() == last.months()
}

func unitOf(word string) (Unit, bool) {
	p, ok := partOf(word)
	return p.unit, ok && strings.EqualFold(word, p.unit.String())
}

// intervalShape returns how the text of an interval is written.
func (t Type) intervalShape() string {
	if t.Kind == YearMonth {
		return [...]string{"y", "y-m"}[t.Last-t.First]
	}
	return "d hh:mm:ss.ffffff"[[...]int{0, 0, 0, 2, 5, 8}[t.First]:[...]int{0, 0, 1, 4, 7, 17}[t.Last]]
}

// interpret reads the text of an interval in the units of its type: '1-2',
// '1 02:03:04.5'. All but the first number are below what the next longer unit
// has of them.
func (t Type) interpret(text string) (int64, bool) {
	rest := strings.TrimSpace(text)
	negative := strings.HasPrefix(rest, "-")
	if negative || strings.HasPrefix(rest, "+") {
		rest = rest[1:]
	}
	total := new(big.Int)
	for u := t.First; u <= t.Last; u++ {
		digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
		rest = rest[len(digits):]
		n, err := strconv.ParseInt(digits, 10, 64)
		limit := [...]int64{0, 12, 0, 24, 60, 60}[u]
		if err != nil || u > t.First && (n >= limit || len(digits) > 2 && u != Month) {
			return 0, false
		}
		total.Add(total, new(big.Int).Mul(big.NewInt(n), big.NewInt(u.size())))
		if u < t.Last {
			var ok bool
			if rest, ok = strings.CutPrefix(rest, intervalSeparator(u)); !ok {
				return 0, false
			}
		}
	}
	if fraction, ok := strings.CutPrefix(rest, "."); ok && t.Last == Second && intervalNumber.MatchString("0."+fraction) {
		total.Add(total, big.NewInt(int64(atoi((fraction + "000000")[:6], 0))))
		rest = ""
	}
	if negative {
		total.Neg(total)
	}
	low, high := int64(-1<<63), int64(1<<63-1)
	if t.Kind == YearMonth {
		low, high = -maxMonths-1, maxMonths
	}
	return total.Int64(), rest == "" && total.IsInt64() && total.Int64() >= low && total.Int64() <= high
}

// interval prints an interval as a constant of Spark SQL.
func (c constant) interval() string {
	t := c.typ
	var b strings.Builder
	n := new(big.Int).Abs(big.NewInt(c.number))
	if c.number < 0 {
		b.WriteByte('-')
	}
	for u := t.First; u <= t.Last; u++ {
		q, rest := new(big.Int).QuoRem(n, big.NewInt(u.size()), new(big.Int))
		n = rest
		format := "%02d"
		if u == t.First || u == Month {
			format = "%d"
		}
		fmt.Fprintf(&b, format, q)
		if u < t.Last {
			b.WriteString(intervalSeparator(u))
		}
	}
	if t.Last == Second && n.Sign() != 0 {
		b.WriteString(strings.TrimRight(fmt.Sprintf(".%06d", n), "0"))
	}
	return fmt.Sprintf("INTERVAL '%s' %s", b.String(), t.units())
}

// intervalSeparator returns what stands behind the number of a unit.
func intervalSeparator(u Unit) string { return [...]string{"-", "", " ", ":", ":"}[u] }
