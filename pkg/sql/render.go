package sql

import (
	"fmt"
	"strconv"
	"strings"
)

// renderer writes a typed tree as DuckDB SQL. Every operand is written in a
// form that may stand before :: and between operators.
type renderer struct {
	Render
	variables map[*variable]string // what the variables of lambdas are called
	hoisting  *hoisting
}

// DuckDB returns the expression as DuckDB SQL, for a session in which the
// statements of [DuckDBMacros] have run. The text is one operand: it needs no
// parentheses around it.
func (t *Typed) DuckDB(r Render) string { return (&renderer{Render: r}).root(t.root) }

func (r *renderer) term(t *term) string {
	if r.hoisting != nil {
		if name := r.hoisting.names[t]; name != "" {
			return name
		}
		if counts := r.hoisting.counts[t]; counts != "" {
			return r.count(t, counts)
		}
	}
	switch {
	case t.value != nil:
		return t.value.duckdb()
	case t.variable != nil:
		return r.variables[t.variable]
	case t.fn == nil:
		return r.Column(t.column)
	case t.fn.binds != nil:
		return r.higher(t)
	case t.fn.render != nil:
		return t.fn.render(r, t)
	}
	return r.expand(t.fn.form(len(t.args)), t)
}

// form returns the template for a number of arguments.
func (f *function) form(args int) string {
	forms := strings.Split(f.sql, ";;")
	i := min(max(args-f.minimum(), 0), len(forms)-1)
	return strings.TrimSpace(forms[i])
}

// expand fills a template: $1 is the first argument, $* all of them, $T the
// type.
func (r *renderer) expand(template string, t *term) string {
	var b strings.Builder
	for i := 0; i < len(template); i++ {
		if template[i] != '$' {
			b.WriteByte(template[i])
			continue
		}
		i++
		switch template[i] {
		case '*':
			b.WriteString(r.list(t.args))
		case 'T':
			b.WriteString(t.typ.DuckDB())
		default:
			b.WriteString(r.term(t.args[template[i]-'1']))
		}
	}
	return b.String()
}

func (r *renderer) list(args []*term) string {
	texts := make([]string, len(args))
	for i, a := range args {
		texts[i] = r.term(a)
	}
	return strings.Join(texts, ", ")
}

// balanced joins operands of an associative operator as a balanced tree, so
// that a long chain stays below DuckDB's limit on depth.
func (r *renderer) balanced(args []*term, operator string) string {
	if len(args) == 1 {
		return r.term(args[0])
	}
	half := len(args) / 2
	return "(" + r.balanced(args[:half], operator) + operator + r.balanced(args[half:], operator) + ")"
}

// duckdb returns the constant as an operand with its exact type.
func (c constant) duckdb() string {
	switch c.typ.Kind {
	case Boolean:
		return strconv.FormatBool(c.number != 0)
	case TinyInt, SmallInt, Int, BigInt:
		if c.number < 0 { // unary minus binds weaker than ::
			return fmt.Sprintf("(%d)::%s", c.number, c.typ.DuckDB())
		}
		return fmt.Sprintf("%d::%s", c.number, c.typ.DuckDB())
	case Float:
		return "(" + formatFloat(c.float, 32) + ")::FLOAT"
	case Double:
		return "(" + exponent(formatFloat(c.float, 64)) + ")"
	case Decimal:
		return "(" + c.text + ")::" + c.typ.DuckDB()
	case String:
		return quoteString(c.text)
	case Binary:
		return fmt.Sprintf("from_hex('%X')", c.text)
	case Date:
		return fmt.Sprintf("(DATE '1970-01-01' + (%d))", c.number)
	case Timestamp:
		return fmt.Sprintf("make_timestamptz((%d)::BIGINT)", c.number)
	case TimestampNTZ:
		return fmt.Sprintf("make_timestamp((%d)::BIGINT)", c.number)
	case YearMonth, DayTime:
		return fmt.Sprintf("(%d)::%s", c.number, c.typ.DuckDB())
	}
	return "NULL"
}

// exponent makes sure that DuckDB reads a number as a double.
func exponent(number string) string {
	if strings.Contains(number, "e") {
		return number
	}
	return number + "e0"
}
