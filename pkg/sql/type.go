package sql

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is the kind of a type.
type Kind uint8

// The kinds of types. Void is the type of NULL.
const (
	Void Kind = iota
	Boolean
	TinyInt
	SmallInt
	Int
	BigInt
	Float
	Double
	Decimal
	String
	Binary
	Date
	Timestamp
	TimestampNTZ // without a time zone
	YearMonth    // an interval of years and months
	DayTime      // an interval of days and shorter units
	Interval     // of months, days and microseconds
	Array
	Map
	Struct
)

// maxPrecision is the largest number of digits of a decimal.
const maxPrecision = 38

// Type is a Spark SQL type. Precision and Scale are set for Decimal only, First
// and Last for YearMonth and DayTime only. Elem
// is the type of the elements of an Array and of the values of a Map, Key that
// of a map's keys. Fields are those of a Struct, at least one, in their order.
type Type struct {
	Kind        Kind
	First, Last Unit // the units that an interval is written in
	Precision   int
	Scale       int
	Elem        *Type
	Key         *Type
	Fields      []Field
}

// spelling returns Spark's and DuckDB's name of a kind without parameters.
func (k Kind) spelling() (spark, duckdb string) {
	switch k {
	case Boolean:
		return "boolean", "BOOLEAN"
	case TinyInt:
		return "tinyint", "TINYINT"
	case SmallInt:
		return "smallint", "SMALLINT"
	case Int:
		return "int", "INTEGER"
	case BigInt:
		return "bigint", "BIGINT"
	case Float:
		return "float", "FLOAT"
	case Double:
		return "double", "DOUBLE"
	case Decimal:
		return "decimal", "DECIMAL"
	case String:
		return "string", "VARCHAR"
	case Binary:
		return "binary", "BLOB"
	case Date:
		return "date", "DATE"
	case Timestamp:
		return "timestamp", "TIMESTAMPTZ"
	case TimestampNTZ:
		return "timestamp_ntz", "TIMESTAMP"
	case YearMonth:
		return "interval", "INTEGER"
	case DayTime:
		return "interval", "BIGINT"
	case Interval:
		return "interval", "STRUCT(f0 INTEGER, f1 INTEGER, f2 BIGINT)"
	case Array:
		return "array", ""
	case Map:
		return "map", ""
	case Struct:
		return "struct", "STRUCT"
	}
	return "void", `"NULL"`
}

// String returns Spark's name of the type: "bigint", "array<string>",
// "decimal(3,1)", "map<string,int>", "struct<a:int,b:string>", "interval day to
// second". Names that need it stand in backquotes.
func (t Type) String() string {
	spark, _ := t.Kind.spelling()
	switch t.Kind {
	case YearMonth, DayTime:
		if t.First == t.Last {
			return spark + " " + t.First.String()
		}
		return spark + " " + t.First.String() + " to " + t.Last.String()
	case Decimal:
		return fmt.Sprintf("%s(%d,%d)", spark, t.Precision, t.Scale)
	case Array:
		return spark + "<" + t.elem().String() + ">"
	case Map:
		return spark + "<" + t.key().String() + "," + t.elem().String() + ">"
	case Struct:
		return spark + "<" + t.fieldList(",", ":") + ">"
	}
	return spark
}

// DuckDB returns DuckDB's name of the type. A timestamp is an instant,
// TIMESTAMPTZ; renderings do not depend on the session's time zone. A struct's
// fields are called f0, f1 and so on, since DuckDB does not tell a from A. A map
// is a list of structs of its keys and values, since no MAP holds a key twice
// and making one that does would stop the query.
// Intervals are whole numbers of months or microseconds, or a struct of months,
// days and microseconds: DuckDB's own type has one order for all of them.
func (t Type) DuckDB() string {
	_, duckdb := t.Kind.spelling()
	switch t.Kind {
	case Decimal:
		return fmt.Sprintf("%s(%d,%d)", duckdb, t.Precision, t.Scale)
	case Array:
		return t.elem().DuckDB() + "[]"
	case Map:
		return t.entry().DuckDB() + "[]"
	case Struct:
		fields := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = fieldName(i) + " " + f.Type.DuckDB()
		}
		return duckdb + "(" + strings.Join(fields, ", ") + ")"
	}
	return duckdb
}

// Numeric reports whether the type is a number: an integer, a decimal or a
// floating-point type.
func (t Type) Numeric() bool { return t.Kind >= TinyInt && t.Kind <= Decimal }

// Equal reports whether two types are the same.
func (t Type) Equal(o Type) bool {
	if t.Kind != o.Kind || t.Precision != o.Precision || t.Scale != o.Scale || t.First != o.First || t.Last != o.Last {
		return false
	}
	switch t.Kind {
	case Array:
		return t.elem().Equal(o.elem())
	case Map:
		return t.key().Equal(o.key()) && t.elem().Equal(o.elem())
	}
	return slices.EqualFunc(t.Fields, o.Fields, func(a, b Field) bool { return a.Name == b.Name && a.Type.Equal(b.Type) })
}

func (t Type) elem() Type {
	if t.Elem == nil {
		return Type{}
	}
	return *t.Elem
}

func (t Type) key() Type {
	if t.Key == nil {
		return Type{}
	}
	return *t.Key
}

func (t Type) integral() bool { return t.Kind >= TinyInt && t.Kind <= BigInt }

func (t Type) floating() bool { return t.Kind == Float || t.Kind == Double }

// timed reports whether the type is a date or a time.
func (t Type) timed() bool { return t.Kind == Date || t.Kind == Timestamp || t.Kind == TimestampNTZ }

// interval reports whether the type is an interval that can be ordered.
func (t Type) interval() bool { return t.Kind == YearMonth || t.Kind == DayTime }

// sized reports whether a value takes as much room as it likes.
func (t Type) sized() bool {
	return t.Kind == String || t.Kind == Binary || t.Kind == Array || t.Kind == Map ||
		slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Type.sized() })
}

func decimalType(precision, scale int) Type {
	return Type{Kind: Decimal, Precision: precision, Scale: scale}
}

func arrayOf(elem Type) Type { return Type{Kind: Array, Elem: &elem} }

// typeNames maps what may stand in CAST to a kind.
var typeNames = map[string]Kind{
	"boolean": Boolean, "tinyint": TinyInt, "byte": TinyInt, "smallint": SmallInt, "short": SmallInt,
	"int": Int, "integer": Int, "bigint": BigInt, "long": BigInt, "float": Float, "real": Float,
	"double": Double, "decimal": Decimal, "dec": Decimal, "numeric": Decimal, "string": String,
	"binary": Binary, "date": Date, "timestamp": Timestamp, "timestamp_ltz": Timestamp,
	"timestamp_ntz": TimestampNTZ, "interval": Interval, "array": Array, "map": Map, "struct": Struct,
}

// quoteString returns a string constant of DuckDB.
func quoteString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
