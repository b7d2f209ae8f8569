package sql

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Precedences for printing, loosest first.
const (
	looseOr = iota + 1
	looseAnd
	looseNot
	loosePredicate
	looseOperator // plus what binaryOperator returns, 1 to 7
	tightUnary    = looseOperator + 8
	tightPrimary  = tightUnary + 1
)

// String prints the expression in one spelling: keywords in upper case, names
// in backquotes where they need them, parentheses only where they matter.
// Parsing it again gives an equal tree, unless it has become longer than
// [MaxText].
func (e *Expr) String() string {
	var b strings.Builder
	printNode(&b, e.root)
	return b.String()
}

func precedence(n *node) int {
	switch n.op {
	case opUnary:
		if n.text == "not" {
			return looseNot
		}
		return tightUnary
	case opBinary, opChain:
		switch n.text {
		case "or":
			return looseOr
		case "and":
			return looseAnd
		}
		p, _ := binaryOperator(n.text)
		if n.text == "div" {
			p = 7
		}
		return looseOperator + p
	case opIn, opBetween, opLike, opRlike, opIs:
		return loosePredicate
	}
	return tightPrimary
}

// printAbove prints a node, in parentheses if it binds no tighter than least.
func printAbove(b *strings.Builder, n *node, least int) {
	if precedence(n) >= least {
		printNode(b, n)
		return
	}
	b.WriteByte('(')
	printNode(b, n)
	b.WriteByte(')')
}

func printNode(b *strings.Builder, n *node) {
	switch n.op {
	case opName:
		b.WriteString(printName(n.text))
	case opLiteral:
		b.WriteString(n.value.spark())
	case opStar:
		b.WriteByte('*')
	case opText:
		b.WriteString(n.text)
	case opCall:
		printCall(b, n)
	case opUnary:
		printUnary(b, n)
	case opBinary:
		own := precedence(n)
		printAbove(b, n.args[0], own)
		b.WriteString(" " + strings.ToUpper(n.text) + " ")
		printAbove(b, n.args[1], own+1)
	case opChain:
		own := precedence(n)
		if own < looseOperator {
			own++ // a chain in a chain was in parentheses
		}
		for i, a := range n.args {
			if i > 0 {
				b.WriteString(" " + strings.ToUpper(n.text) + " ")
			}
			printAbove(b, a, own+min(i, 1)*(own/looseOperator))
		}
	case opCase, opSwitch:
		printCase(b, n)
	case opCast:
		b.WriteString(strings.ToUpper(n.text) + "(")
		printNode(b, n.args[0])
		b.WriteString(" AS " + n.typ.String() + ")")
	case opLambda:
		printLambda(b, n)
	case opIndex:
		printBase(b, n.args[0], true)
		b.WriteByte('[')
		printNode(b, n.args[1])
		b.WriteByte(']')
	case opField:
		printBase(b, n.args[0], false)
		b.WriteString("." + printPart(n.text))
	default:
		printPredicate(b, n)
	}
}

// printBase prints what a subscript or the name of a field follows. A name with
// a point behind it would be another name.
func printBase(b *strings.Builder, n *node, name bool) {
	if n.op == opName && name || n.op == opCall || n.op == opIndex || n.op == opField {
		printNode(b, n)
		return
	}
	b.WriteByte('(')
	printNode(b, n)
	b.WriteByte(')')
}

func printUnary(b *strings.Builder, n *node) {
	if n.text == "not" {
		b.WriteString("NOT ")
		printAbove(b, n.args[0], looseNot)
		return
	}
	b.WriteString(n.text)
	if n.args[0].op == opLiteral { // -(1) is not -1
		b.WriteByte('(')
		printNode(b, n.args[0])
		b.WriteByte(')')
		return
	}
	printAbove(b, n.args[0], tightPrimary)
}

func printPredicate(b *strings.Builder, n *node) {
	printAbove(b, n.args[0], loosePredicate+1)
	not := ""
	if n.not {
		not = "NOT "
	}
	switch n.op {
	case opIs:
		b.WriteString(" IS " + not + strings.ToUpper(n.text))
	case opIn:
		b.WriteString(" " + not + "IN (")
		printList(b, n.args[1:])
		b.WriteByte(')')
	case opBetween:
		b.WriteString(" " + not + "BETWEEN ")
		printAbove(b, n.args[1], loosePredicate+1)
		b.WriteString(" AND ")
		printAbove(b, n.args[2], loosePredicate+1)
	case opLike, opRlike:
		b.WriteString(" " + not + map[string]string{"like": "LIKE ", "ilike": "ILIKE ", "": "RLIKE "}[n.text])
		printAbove(b, n.args[1], loosePredicate+1)
		if len(n.args) == 3 {
			b.WriteString(" ESCAPE ")
			printAbove(b, n.args[2], tightPrimary)
		}
	}
}

func printCall(b *strings.Builder, n *node) {
	b.WriteString(n.text + "(")
	if n.distinct {
		b.WriteString("DISTINCT ")
	}
	for i, a := range n.args {
		if i > 0 {
			b.WriteString(", ")
		}
		if n.names != nil && n.text != "struct" {
			b.WriteString(printPart(n.names[i]) + " => ")
		}
		printNode(b, a)
		if n.text == "struct" && n.names != nil && n.names[i] != "" {
			b.WriteString(" AS " + printPart(n.names[i]))
		}
	}
	b.WriteByte(')')
	if n.within != nil {
		b.WriteString(" WITHIN GROUP ")
		printOver(b, n.within)
	}
	if n.filter != nil {
		b.WriteString(" FILTER (WHERE ")
		printNode(b, n.filter)
		b.WriteByte(')')
	}
	if n.ignore {
		b.WriteString(" IGNORE NULLS")
	}
	if n.over != nil {
		b.WriteString(" OVER ")
		printOver(b, n.over)
	}
}

func printCase(b *strings.Builder, n *node) {
	b.WriteString("CASE")
	args := n.args
	if n.op == opSwitch {
		b.WriteByte(' ')
		printNode(b, args[0])
		args = args[1:]
	}
	for ; len(args) >= 2; args = args[2:] {
		b.WriteString(" WHEN ")
		printNode(b, args[0])
		b.WriteString(" THEN ")
		printNode(b, args[1])
	}
	if len(args) == 1 {
		b.WriteString(" ELSE ")
		printNode(b, args[0])
	}
	b.WriteString(" END")
}

func printList(b *strings.Builder, args []*node) {
	for i, a := range args {
		if i > 0 {
			b.WriteString(", ")
		}
		printNode(b, a)
	}
}

// printName returns a name as Spark reads it, part by part.
func printName(name string) string {
	parts := strings.Split(name, ".")
	for i, part := range parts {
		if part == "" { // a point of its own
			return "`" + strings.ReplaceAll(name, "`", "``") + "`"
		}
		parts[i] = printPart(part)
	}
	return strings.Join(parts, ".")
}

func printPart(name string) string {
	plain := !isDigit(name[0]) && !reservedWord(name) && !statementWord(name)
	for i := 0; i < len(name); i++ {
		plain = plain && isWordByte(name[i])
	}
	switch strings.ToLower(name) {
	case "interval", "date", "timestamp", "r": // what follows could be read as part of a constant
		plain = false
	}
	if plain {
		return name
	}
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

// spark returns the constant as Spark reads it.
func (c constant) spark() string {
	switch c.typ.Kind {
	case Boolean:
		return strings.ToUpper(strconv.FormatBool(c.number != 0))
	case TinyInt:
		return fmt.Sprintf("%dY", c.number)
	case SmallInt:
		return fmt.Sprintf("%dS", c.number)
	case Int:
		return strconv.FormatInt(c.number, 10)
	case BigInt:
		return fmt.Sprintf("%dL", c.number)
	case Float:
		return formatFloat(c.float, 32) + "F"
	case Double:
		return formatFloat(c.float, 64) + "D"
	case Decimal:
		return c.text + "BD"
	case String:
		return quoteSpark(c.text)
	case Binary:
		return fmt.Sprintf("X'%X'", c.text)
	case Date:
		return "DATE '" + time.Unix(c.number*86400, 0).UTC().Format("2006-01-02") + "'"
	case Timestamp:
		return "TIMESTAMP '" + time.UnixMicro(c.number).UTC().Format("2006-01-02 15:04:05.000000") + "'"
	case TimestampNTZ:
		return "TIMESTAMP_NTZ '" + time.UnixMicro(c.number).UTC().Format("2006-01-02 15:04:05.000000") + "'"
	case YearMonth, DayTime:
		return c.interval()
	}
	return "NULL"
}

// formatFloat returns the shortest text that reads back as the same number.
func formatFloat(f float64, bits int) string {
	if f == 0 && math.Signbit(f) {
		return "-0.0"
	}
	return strconv.FormatFloat(f, 'e', -1, bits)
}
