package sql

import "strings"

// unexpectedHint says what to write in the place of what stands here, "" where
// nothing better is known. The token before is in the hint's view, too: most
// mistakes are habits from other languages.
func (p *parser) unexpectedHint(t token, want string) string {
	before := token{}
	if p.pos > 0 {
		before = p.tokens[p.pos-1]
	}
	next := p.peekAt(1)
	if hint := operatorHint(before, t, next); hint != "" {
		return hint
	}
	if hint := wordHint(before, t); hint != "" {
		return hint
	}
	if hint := p.wantHint(before, t, want); hint != "" {
		return hint
	}
	return besideHint(before, t)
}

// operatorHint is about symbols of other languages.
func operatorHint(before, t, next token) string {
	pair := before.word + t.word
	switch {
	case before.is("&") && t.is("&"):
		return "write AND"
	case pair == "==" || pair == "===" || pair == "<>=":
		return "one sign is enough: a = b, a <> b"
	case t.is(":") && next.is("="), t.is("=>"):
		return "a comparison is written =, <>, <, <=, > or >="
	case before.is("=") && t.is("!"), before.is("!") && t.is("="):
		return "write <> or !="
	case t.is("~"), t.is("!") && next.is("~"):
		return "write s RLIKE 'pattern'"
	case pair == "**":
		return "write pow(a, b)"
	case pair == "//":
		return "write a DIV b"
	case t.is("?"):
		return "write if(condition, a, b), or CASE WHEN condition THEN a ELSE b END"
	case t.is("["):
		return "an array is written array(1, 2); the members of IN stand in parentheses"
	case t.is("{"):
		return "write map('a', 1), or named_struct('a', 1)"
	case t.is(";"):
		return "an expression ends without a semicolon"
	case t.is("->") && (next.kind == tokenString || next.is(">")):
		return "write get_json_object(s, '$.name')"
	case t.is(",") && before.kind == tokenNumber && next.kind == tokenNumber:
		return "digits are not grouped: 1000"
	case t.is(":"):
		return "there are no parameters and no slices"
	}
	return ""
}

// wordHint is about words that stand between operands in other languages.
func wordHint(before, t token) string {
	switch t.word {
	case "contains", "startswith", "endswith":
		return "write " + t.word + "(s, 'text')"
	case "matches", "regexp_like", "similar", "glob", "regex", "match":
		return "write s RLIKE 'pattern'"
	case "isnull":
		return "write IS NULL"
	case "notnull":
		return "write IS NOT NULL"
	case "null":
		if before.is("not") {
			return "write IS NOT NULL"
		}
	case "distinct":
		if before.is("is") || before.is("not") {
			return "write a <=> b, or NOT a <=> b: they compare NULL, too"
		}
		return "DISTINCT stands in an aggregate: count(DISTINCT x)"
	case "empty":
		return "write s = '', or size(a) = 0"
	case "then":
		return "write CASE WHEN condition THEN a ELSE b END"
	case "elseif", "elsif", "elif":
		return "write WHEN condition THEN a"
	case "between", "in", "like", "rlike":
		return "it stands behind a value: x " + strings.ToUpper(t.word) + " …"
	}
	return ""
}

// besideHint is about two things that stand side by side.
func besideHint(before, t token) string {
	switch {
	case before.is("lambda"):
		return "a lambda is written x -> x + 1"
	case before.is("if"):
		return "write if(condition, a, b), or CASE WHEN condition THEN a ELSE b END"
	case before.kind == tokenWord && theCatalogue.byName[before.word] != nil && t.kind != tokenEnd && t.kind != tokenSymbol:
		return "the arguments of a function stand in parentheses: " + before.word + "(…)"
	}
	return ""
}

// wantHint is about what is missing.
func (p *parser) wantHint(before, t token, want string) string {
	switch want {
	case `"("`:
		switch before.word {
		case "in":
			return "write x IN (1, 2)"
		case "filter":
			return "write FILTER (WHERE condition)"
		}
	case `"AND"`:
		return "write x BETWEEN low AND high"
	case `"WHEN"`, `"THEN"`, `"END"`:
		return "write CASE WHEN condition THEN a ELSE b END"
	case `"WHERE"`:
		return "write FILTER (WHERE condition)"
	case `"AS"`:
		return "write cast(x AS type)"
	case `"FROM"`:
		return "write extract(HOUR FROM ts), or trim(BOTH 'x' FROM s)"
	case "NULL, TRUE or FALSE":
		return "a value is compared by =, <>, <, <=, > or >="
	case "IN, BETWEEN, LIKE, ILIKE or RLIKE":
		return "NOT stands before a condition: NOT x = 1, or x <> 1"
	case "PRECEDING or FOLLOWING":
		return "write ROWS BETWEEN 3 PRECEDING AND CURRENT ROW"
	case "the end of the expression":
		if t.is(")") {
			return "there is no ( for it"
		}
	case "a value":
		if t.is(")") && before.is("(") && p.pos > 1 && p.tokens[p.pos-2].is("in") {
			return "a list has at least one value"
		}
	}
	return ""
}

// statementHint says where the part of a statement belongs.
func statementHint(word string) string {
	switch word {
	case "as":
		return "the name stands beside the definition: name: \"…\""
	case "where":
		return "rows are chosen by where of a feature set, those of an aggregate by FILTER (WHERE …)"
	case "having":
		return "groups are chosen by having of a feature set"
	case "group":
		return "rows are grouped by key and window of a feature set"
	case "order", "limit", "offset", "qualify":
		return "rows have an order in a window function only: OVER (PARTITION BY … ORDER BY …)"
	case "join", "lateral":
		return "a feature set reads a list by joins"
	case "exists":
		return "write exists(array, x -> condition)"
	}
	return "an expression computes one value of a row or group; a column of this name is written in backquotes"
}

// conditionHint says how what is no condition becomes one.
func conditionHint(t *term) string {
	switch {
	case t.fn != nil && t.fn.Name == "concat":
		return "|| joins texts: write OR between conditions"
	case t.typ.Numeric():
		return "compare it with something: x <> 0"
	}
	return "compare it with something"
}

// comparisonHint says how two types are compared.
func comparisonHint(a, b Type) string {
	if b.Kind == Boolean || b.timed() {
		a, b = b, a
	}
	switch {
	case a.Kind == Boolean && b.Numeric():
		return "a boolean is a condition as it is: write it alone, or NOT before it"
	case a.Kind == Date && b.Numeric():
		return "write the day as DATE '2024-01-31'"
	case a.timed() && b.Numeric():
		return "write the time as TIMESTAMP '2024-01-31 23:59:59', or timestamp_seconds(number)"
	}
	return "cast one of them"
}

// operandHint says what was probably meant by an operator that does not take
// such operands; "" where nothing is known.
func operandHint(operator string, args []*term) string {
	some := func(is func(Type) bool) bool {
		for _, a := range args {
			if is(a.typ) {
				return true
			}
		}
		return false
	}
	isTime := some(Type.timed)
	isBoolean := some(func(t Type) bool { return t.Kind == Boolean })
	switch {
	case operator == "^":
		return "^ is exclusive or of bits: write pow(a, b)"
	case operator == "&" && isBoolean, operator == "&" && some(func(t Type) bool { return t.Kind == String }):
		return "& works on the bits of whole numbers: write AND between conditions"
	case operator == "|" && isBoolean:
		return "| works on the bits of whole numbers: write OR between conditions"
	case operator == "~":
		return "~ turns the bits of a whole number: write s RLIKE 'pattern' for a regular expression"
	case isTime && (operator == "+" || operator == "-"):
		return "write INTERVAL 1 DAY, INTERVAL 30 MINUTES, …"
	case isBoolean:
		return "write if(condition, 1, 0) for a number"
	case operator == "div":
		return "DIV is of whole numbers: write floor(a / b)"
	}
	return ""
}
