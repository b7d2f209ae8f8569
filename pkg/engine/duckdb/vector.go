package duckdb

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// columnType is the part of a DuckDB type that reading its values needs.
type columnType struct {
	id           bindings.Type
	storage      bindings.Type // what a decimal's digits are stored as
	width, scale int           // of a decimal
	size         int           // of an array
	elem         *columnType   // of an array or list
	fields       []*columnType // of a struct
}

// resultTypes returns the types of a result's columns.
func resultTypes(res *bindings.Result) []*columnType {
	types := make([]*columnType, bindings.ColumnCount(res))
	for i := range types {
		t := bindings.ColumnLogicalType(res, bindings.IdxT(i))
		types[i] = newType(t)
		bindings.DestroyLogicalType(&t)
	}
	return types
}

func newType(l bindings.LogicalType) *columnType {
	t := &columnType{id: bindings.GetTypeId(l)}
	var elem bindings.LogicalType
	switch t.id {
	case bindings.TypeDecimal:
		t.storage = bindings.DecimalInternalType(l)
		t.width = int(bindings.DecimalWidth(l))
		t.scale = int(bindings.DecimalScale(l))
		return t
	case bindings.TypeList:
		elem = bindings.ListTypeChildType(l)
	case bindings.TypeArray:
		elem = bindings.ArrayTypeChildType(l)
		t.size = int(bindings.ArrayTypeArraySize(l))
	case bindings.TypeStruct:
		for i := range bindings.StructTypeChildCount(l) {
			field := bindings.StructTypeChildType(l, i)
			t.fields = append(t.fields, newType(field))
			bindings.DestroyLogicalType(&field)
		}
		return t
	default:
		return t
	}
	t.elem = newType(elem)
	bindings.DestroyLogicalType(&elem)
	return t
}

// name returns the type's name in Spark SQL, and false for a type that has no
// content digest.
func (t *columnType) name() (string, bool) {
	switch t.id {
	case bindings.TypeBoolean:
		return "boolean", true
	case bindings.TypeTinyInt:
		return "tinyint", true
	case bindings.TypeSmallInt:
		return "smallint", true
	case bindings.TypeInteger:
		return "int", true
	case bindings.TypeBigInt:
		return "bigint", true
	case bindings.TypeFloat:
		return "float", true
	case bindings.TypeDouble:
		return "double", true
	case bindings.TypeDecimal:
		return fmt.Sprintf("decimal(%d,%d)", t.width, t.scale), true
	case bindings.TypeVarchar:
		return "string", true
	case bindings.TypeBlob:
		return "binary", true
	case bindings.TypeDate:
		return "date", true
	case bindings.TypeTimestamp, bindings.TypeTimestampTZ:
		return "timestamp", true
	case bindings.TypeList, bindings.TypeArray:
		elem, ok := t.elem.name()
		return "array<" + elem + ">", ok
	}
	return "", false
}

// readable reports whether values of the type can be returned as Go values.
func (t *columnType) readable() bool {
	switch t.id {
	case bindings.TypeSQLNull, bindings.TypeUTinyInt, bindings.TypeUSmallInt, bindings.TypeUInteger, bindings.TypeUBigInt,
		bindings.TypeHugeInt, bindings.TypeTimestampS, bindings.TypeTimestampMS, bindings.TypeTimestampNS:
		return true
	case bindings.TypeList, bindings.TypeArray:
		return t.elem.readable()
	case bindings.TypeStruct:
		return !slices.ContainsFunc(t.fields, func(f *columnType) bool { return !f.readable() })
	}
	_, ok := t.name()
	return ok
}

// vector is a column of a chunk. It points into DuckDB's memory.
type vector struct {
	t     *columnType
	data  unsafe.Pointer
	valid unsafe.Pointer // bits; nil when there is no NULL
	elem  *vector
	parts []vector // of a struct
}

func newVector(v bindings.Vector, t *columnType) vector {
	w := vector{t: t, data: bindings.VectorGetData(v), valid: bindings.VectorGetValidity(v)}
	switch t.id {
	case bindings.TypeList:
		elem := newVector(bindings.ListVectorGetChild(v), t.elem)
		w.elem = &elem
	case bindings.TypeArray:
		elem := newVector(bindings.ArrayVectorGetChild(v), t.elem)
		w.elem = &elem
	case bindings.TypeStruct:
		for i, f := range t.fields {
			w.parts = append(w.parts, newVector(bindings.StructVectorGetChild(v, bindings.IdxT(i)), f))
		}
	}
	return w
}

// at returns the stored value of a row.
func at[T any](v *vector, row int) T {
	var zero T
	return *(*T)(unsafe.Add(v.data, uintptr(row)*unsafe.Sizeof(zero)))
}

func (v *vector) null(row int) bool {
	if v.t.id == bindings.TypeSQLNull {
		return true
	}
	if v.valid == nil {
		return false
	}
	word := *(*uint64)(unsafe.Add(v.valid, row/64*8))
	return word>>(row%64)&1 == 0
}

// bytes returns the bytes of a text or blob, in DuckDB's memory.
func (v *vector) bytes(row int) []byte {
	return (*stringRef)(unsafe.Add(v.data, row*int(unsafe.Sizeof(stringRef{})))).bytes()
}

// span returns which elements of v.elem make up an array or list.
func (v *vector) span(row int) (first, n int) {
	if v.t.id == bindings.TypeArray {
		return row * v.t.size, v.t.size
	}
	e := at[[2]uint64](v, row)
	return int(e[0]), int(e[1])
}

// integer returns the value of a column of a signed or small unsigned integer
// type, of a date or of a timestamp.
func (v *vector) integer(row int) int64 {
	id := v.t.id
	if id == bindings.TypeDecimal {
		id = v.t.storage
	}
	switch id {
	case bindings.TypeTinyInt:
		return int64(at[int8](v, row))
	case bindings.TypeUTinyInt:
		return int64(at[uint8](v, row))
	case bindings.TypeSmallInt:
		return int64(at[int16](v, row))
	case bindings.TypeUSmallInt:
		return int64(at[uint16](v, row))
	case bindings.TypeInteger, bindings.TypeDate:
		return int64(at[int32](v, row))
	case bindings.TypeUInteger:
		return int64(at[uint32](v, row))
	}
	return at[int64](v, row)
}

// big returns the value of a 128-bit integer.
func (v *vector) big(row int) *big.Int {
	h := at[[2]uint64](v, row) // low half first, two's complement
	b := new(big.Int).Lsh(big.NewInt(int64(h[1])), 64)
	return b.Add(b, new(big.Int).SetUint64(h[0]))
}

// decimal returns a decimal's digits with all of its scale.
func (v *vector) decimal(row int) string {
	unscaled := big.NewInt(0)
	if v.t.storage == bindings.TypeHugeInt {
		unscaled = v.big(row)
	} else {
		unscaled.SetInt64(v.integer(row))
	}
	digits := new(big.Int).Abs(unscaled).String()
	if v.t.scale > 0 {
		if len(digits) <= v.t.scale {
			digits = strings.Repeat("0", v.t.scale-len(digits)+1) + digits
		}
		digits = digits[:len(digits)-v.t.scale] + "." + digits[len(digits)-v.t.scale:]
	}
	if unscaled.Sign() < 0 {
		return "-" + digits
	}
	return digits
}

// value returns the Go value of a row, as [Conn.Query] promises.
func (v *vector) value(row int) any {
	if v.null(row) {
		return nil
	}
	switch v.t.id {
	case bindings.TypeBoolean:
		return at[bool](v, row)
	case bindings.TypeUBigInt:
		return at[uint64](v, row)
	case bindings.TypeHugeInt:
		return v.big(row)
	case bindings.TypeFloat:
		return float64(at[float32](v, row))
	case bindings.TypeDouble:
		return at[float64](v, row)
	case bindings.TypeDecimal:
		return v.decimal(row)
	case bindings.TypeVarchar:
		return string(v.bytes(row))
	case bindings.TypeBlob:
		return append([]byte{}, v.bytes(row)...)
	case bindings.TypeDate:
		return time.Unix(v.integer(row)*86400, 0).UTC()
	case bindings.TypeTimestamp, bindings.TypeTimestampTZ:
		return time.UnixMicro(at[int64](v, row)).UTC()
	case bindings.TypeTimestampS:
		return time.Unix(at[int64](v, row), 0).UTC()
	case bindings.TypeTimestampMS:
		return time.UnixMilli(at[int64](v, row)).UTC()
	case bindings.TypeTimestampNS:
		return time.Unix(0, at[int64](v, row)).UTC()
	case bindings.TypeList, bindings.TypeArray:
		first, n := v.span(row)
		list := make([]any, n)
		for i := range list {
			list[i] = v.elem.value(first + i)
		}
		return list
	case bindings.TypeStruct:
		values := make([]any, len(v.parts))
		for i := range v.parts {
			values[i] = v.parts[i].value(row)
		}
		return values
	}
	return v.integer(row)
}

// float returns the nearest float32 of a number or boolean, and NaN for NULL.
func (v *vector) float(row int) float32 {
	if v.null(row) {
		return float32(math.NaN())
	}
	switch v.t.id {
	case bindings.TypeBoolean:
		if at[bool](v, row) {
			return 1
		}
		return 0
	case bindings.TypeFloat:
		return at[float32](v, row)
	case bindings.TypeDouble:
		return float32(at[float64](v, row))
	case bindings.TypeUBigInt:
		return float32(at[uint64](v, row))
	case bindings.TypeHugeInt:
		f, _ := v.big(row).Float64()
		return float32(f)
	case bindings.TypeDecimal:
		r, _ := new(big.Rat).SetString(v.decimal(row))
		f, _ := r.Float32()
		return f
	}
	return float32(v.integer(row))
}

// numeric reports whether float is defined for the type.
func (t *columnType) numeric() bool {
	switch t.id {
	case bindings.TypeBoolean, bindings.TypeTinyInt, bindings.TypeSmallInt, bindings.TypeInteger, bindings.TypeBigInt,
		bindings.TypeUTinyInt, bindings.TypeUSmallInt, bindings.TypeUInteger, bindings.TypeUBigInt, bindings.TypeHugeInt,
		bindings.TypeFloat, bindings.TypeDouble, bindings.TypeDecimal, bindings.TypeSQLNull:
		return true
	}
	return false
}
