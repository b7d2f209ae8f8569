package sql

import "math"

// numericWider returns the type that both numbers have in arithmetic and in
// comparisons. It is false where a decimal would need more than 38 digits.
func numericWider(a, b Type) (Type, bool) {
	switch {
	case a.Kind == Decimal && b.floating(), b.Kind == Decimal && a.floating():
		return Type{Kind: Double}, true
	case a.Kind == Decimal || b.Kind == Decimal:
		return decimalWider(asDecimal(a), asDecimal(b))
	}
	return Type{Kind: max(a.Kind, b.Kind)}, true
}

// decimalWider returns the decimal that holds every value of both.
func decimalWider(a, b Type) (Type, bool) {
	scale := max(a.Scale, b.Scale)
	precision := max(a.Precision-a.Scale, b.Precision-b.Scale) + scale
	return decimalType(precision, scale), precision <= maxPrecision
}

// asDecimal returns the decimal that holds every value of an integer type.
func asDecimal(t Type) Type {
	switch t.Kind {
	case TinyInt:
		return decimalType(3, 0)
	case SmallInt:
		return decimalType(5, 0)
	case Int:
		return decimalType(10, 0)
	case BigInt:
		return decimalType(20, 0)
	}
	return t
}

// wider returns the common type of values that stand side by side: branches of
// a CASE, arguments of coalesce, elements of an array, members of an IN list.
// With strings, a mixture of a string and another value is a string.
func wider(a, b Type, strings bool) (Type, bool) {
	switch {
	case a.Equal(b) || b.Kind == Void:
		return a, true
	case a.Kind == Void:
		return b, true
	case a.Numeric() && b.Numeric():
		return numericWider(a, b)
	case a.timed() && b.timed():
		return widerTime(a, b), true
	case a.interval() && a.Kind == b.Kind:
		return intervalOf(min(a.First, b.First), max(a.Last, b.Last)), true
	case a.nested() && b.nested():
		return wideNested(a, b, strings)
	case strings && a.Kind == String && promotes(b), strings && b.Kind == String && promotes(a):
		return Type{Kind: String}, true
	}
	return Type{}, false
}

// widerTime returns the common type of a date or time and another one: an
// instant comes before a time without a zone, that before a date.
func widerTime(a, b Type) Type {
	if a.Kind == Timestamp || b.Kind == Timestamp {
		return Type{Kind: Timestamp}
	}
	return Type{Kind: max(a.Kind, b.Kind)}
}

// promotes reports whether a value becomes a string beside a string.
func promotes(t Type) bool { return t.Numeric() || t.timed() || t.interval() }

// comparable returns the type in which two values are compared: a string
// beside another value becomes that value's type.
func comparedAs(a, b Type) (Type, bool) {
	if b.Kind == String {
		a, b = b, a
	}
	if a.Kind == String {
		switch {
		case b.Kind == Decimal:
			return Type{Kind: Double}, true
		case b.Kind == Void:
			return a, true
		case (b.Kind == Boolean || promotes(b) || b.Kind == String) && !b.interval():
			return b, true
		}
		return Type{}, false
	}
	if a.sameButNames(b) { // of structs, names do not matter
		return a, a.ordered()
	}
	t, ok := wider(a, b, false)
	return t, ok && t.ordered()
}

// arithmeticTypes returns the common type of the operands of arithmetic:
// strings are doubles, NULL takes the other's type.
func arithmeticType(a, b Type) (Type, bool) {
	a, b = arithmeticOperand(a, b), arithmeticOperand(b, a)
	if !a.Numeric() || !b.Numeric() {
		return Type{}, false
	}
	return numericWider(a, b)
}

func arithmeticOperand(t, other Type) Type {
	switch {
	case t.Kind == String, t.Kind == Void && other.Kind == String, t.Kind == Void && other.Kind == Void:
		return Type{Kind: Double}
	case t.Kind == Void:
		return other
	}
	return t
}

// castable reports whether CAST between two types is offered. What is not
// either has no meaning or would print or read differently on the engines.
func castable(from, to Type) bool {
	switch {
	case from.Kind == Void || from.Equal(to):
		return true
	case from.nested() && to.nested():
		return nestedBy(from, to, castable) && (from.Kind != Map || keepsKeys(from.key(), to.key()))
	case from.nested() && to.Kind == String:
		return from.printable()
	case to.Kind == String:
		return from.Kind == Boolean || from.integral() || from.Kind == Double || from.timed() || from.interval() || from.Kind == Interval ||
			from.Kind == Decimal
	case from.Kind == String:
		return to.Kind == Decimal || to.Kind == Binary || to.Kind == Boolean || to.integral() || to.floating() || to.timed() || to.interval()
	case from.Kind == Boolean:
		return to.integral() || to.floating()
	case from.Numeric() && to.Numeric():
		return !(from.Kind == Decimal && to.Kind == Float)
	case from.Numeric():
		return to.Kind == Boolean && from.Kind != Decimal || to.Kind == Timestamp && (from.integral() || from.Kind == Double) ||
			to.interval() && (from.integral() || from.Kind == Decimal && to.Last == Second && from.Scale <= 6)
	case from.timed() && to.timed():
		return true
	case from.Kind == Timestamp:
		return to.Kind == BigInt || to.Kind == Double
	case from.interval():
		return from.Kind == to.Kind || to.integral()
	}
	return false
}

// lossless reports whether every value of a type is a value of another: the
// casts that may happen without being written.
func lossless(from, to Type) bool {
	switch {
	case from.Kind == Void || from.Equal(to):
		return true
	case from.integral() && to.integral():
		return from.Kind < to.Kind
	case from.integral() && to.Kind == Double:
		return from.Kind != BigInt
	case from.integral() && to.Kind == Decimal:
		return asDecimal(from).Precision <= to.Precision-to.Scale
	case from.Kind == Float && to.Kind == Double, from.Kind == Date && to.timed():
		return true
	case from.Kind == Decimal && to.Kind == Decimal:
		return from.Scale <= to.Scale && from.Precision-from.Scale <= to.Precision-to.Scale
	case from.Kind == Decimal && to.Kind == Double:
		return from.Precision <= 15
	case from.nested() && to.nested():
		return nestedBy(from, to, lossless)
	case from.interval() && from.Kind == to.Kind:
		return to.First <= from.First && to.Last >= from.Last
	}
	return false
}

// convert returns the constant as a value of another type where that is exact.
func (c constant) convert(to Type) (constant, bool) {
	switch {
	case c.typ.Kind == Void:
		return constant{typ: to}, false // NULL stays a cast of NULL
	case c.typ.integral() && to.integral():
		return constant{typ: to, number: c.number}, c.typ.Kind <= to.Kind
	case c.typ.integral() && to.Kind == Double:
		return constant{typ: to, float: float64(c.number)}, c.number <= 1<<53 && c.number >= -1<<53
	case c.typ.Kind == Decimal && to.Kind == Double && c.typ.Precision <= 15:
		v, ok := floatConstant(c.text, Double)
		return v, ok
	case c.typ.interval() && lossless(c.typ, to):
		return constant{typ: to, number: c.number}, true
	case c.typ.Kind == Float && to.Kind == Double && !math.IsNaN(c.float):
		return constant{typ: to, float: c.float}, true
	}
	return constant{}, false
}
