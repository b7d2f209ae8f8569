package sql

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
)

// unit is a unit of an interval: months, or microseconds.
type unit struct {
	months, micros int64
}

func unitOf(word string) (unit, bool) {
	switch strings.TrimSuffix(strings.ToLower(word), "s") {
	case "year":
		return unit{months: 12}, true
	case "month":
		return unit{months: 1}, true
	case "week":
		return unit{micros: 7 * dayMicros}, true
	case "day":
		return unit{micros: dayMicros}, true
	case "hour":
		return unit{micros: 3600 * secondMicros}, true
	case "minute":
		return unit{micros: 60 * secondMicros}, true
	case "second":
		return unit{micros: secondMicros}, true
	case "millisecond":
		return unit{micros: 1000}, true
	case "microsecond":
		return unit{micros: 1}, true
	}
	return unit{}, false
}

var (
	intervalNumber = regexp.MustCompile(`^[+-]?\d{1,12}(\.\d{1,6})?$`)
	intervalTerm   = regexp.MustCompile(`^\s*([+-]?\d{1,12}(?:\.\d{1,6})?)\s+([A-Za-z]+)(?:\s|$)`)
)

// interval reads INTERVAL 5 MINUTES, INTERVAL '5' MINUTE, several of them, and
// INTERVAL '1 day 2 hours'.
func (p *parser) interval(t token) *node {
	p.takeAs(keyword)
	sum := newIntervalSum()
	for first := true; !p.failed; first = false {
		start := p.peek().start
		negative := p.peek().is("-")
		if negative {
			p.takeAs(sign)
		}
		number := p.peek()
		if number.kind != tokenNumber && number.kind != tokenString {
			if first {
				p.unexpected(number, "a number")
			}
			break
		}
		p.take()
		word := p.peek()
		u, isUnit := unitOf(word.text)
		if word.kind != tokenWord || !isUnit {
			if !first || negative || number.kind != tokenString || !sum.addText(number.text) {
				p.unexpected(word, "a unit such as MINUTE")
			}
			break
		}
		p.takeAs(keyword)
		if !sum.add(number.text, u, negative) {
			p.fail(start, word.end, "bad-constant", "%q is not a number of %s", number.text, strings.ToLower(word.text))
		}
		if p.peek().is("to") {
			p.fail(word.start, p.peek().end, "not-supported", "intervals from one unit TO another are not supported")
		}
		if k := p.peek().kind; k != tokenNumber && k != tokenString {
			break
		}
	}
	value, ok := sum.value()
	if !p.failed && !ok {
		p.fail(t.start, p.tokens[p.pos-1].end, "bad-constant", "an interval is years and months, or days and shorter units, not both")
	}
	return p.literal(t.start, value)
}

// monthsInterval is the text of a constant interval of years and months.
const monthsInterval = "months"

// intervalSum adds up the parts of an interval exactly.
type intervalSum struct {
	months, micros big.Rat
	kinds          map[bool]bool // whether a part was in months
}

func newIntervalSum() *intervalSum { return &intervalSum{kinds: map[bool]bool{}} }

func (s *intervalSum) add(number string, u unit, negative bool) bool {
	number = strings.TrimSpace(number)
	if !intervalNumber.MatchString(number) {
		return false
	}
	n, ok := new(big.Rat).SetString(number)
	if !ok || !n.IsInt() && u.micros != secondMicros { // only seconds have a fraction
		return false
	}
	if negative {
		n.Neg(n)
	}
	s.kinds[u.months != 0] = true
	s.months.Add(&s.months, new(big.Rat).Mul(n, big.NewRat(u.months, 1)))
	s.micros.Add(&s.micros, new(big.Rat).Mul(n, big.NewRat(u.micros, 1)))
	return true
}

// addText adds the parts of "1 day 2 hours".
func (s *intervalSum) addText(text string) bool {
	for strings.TrimSpace(text) != "" {
		m := intervalTerm.FindStringSubmatch(text)
		if m == nil {
			return false
		}
		u, ok := unitOf(m[2])
		if !ok || !s.add(m[1], u, false) {
			return false
		}
		text = text[len(m[0]):]
	}
	return len(s.kinds) > 0
}

// value returns the interval if it is of one kind and in range.
func (s *intervalSum) value() (constant, bool) {
	c := constant{typ: Type{Kind: Interval}}
	if len(s.kinds) != 1 || !s.months.IsInt() || !s.micros.IsInt() || !s.micros.Num().IsInt64() {
		return c, false
	}
	if s.kinds[true] {
		c.text = monthsInterval
	}
	c.months, c.number = s.months.Num().Int64(), s.micros.Num().Int64()
	return c, c.months < 1<<31 && c.months > -1<<31
}

// interval prints an interval as a constant of Spark SQL.
func (c constant) interval() string {
	if c.text == monthsInterval {
		return fmt.Sprintf("INTERVAL '%d' MONTH", c.months)
	}
	return fmt.Sprintf("INTERVAL '%d' MICROSECOND", c.number)
}
