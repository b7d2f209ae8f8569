package duckdb

/*
void mlpNativeCall(void *info, void *input, void *output);
void mlpScanFree(void *data);
*/
import "C"

import (
	"fmt"
	"slices"
	"unicode/utf8"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/mlpdev/mlp/pkg/native"
)

// registerNatives makes the functions of package native known to the instance
// that a connection belongs to.
func registerNatives(conn bindings.Connection) error {
	for _, f := range native.Functions() {
		if err := registerNative(conn, f); err != nil {
			return err
		}
	}
	return nil
}

// registerNative registers a function, once for texts and once for bytes where
// it takes both. DuckDB calls it with a chunk of rows at a time.
func registerNative(conn bindings.Connection, f native.Function) error {
	set := bindings.CreateScalarFunctionSet(f.Name)
	defer bindings.DestroyScalarFunctionSet(&set)
	raws := []native.Kind{native.Text}
	if slices.Contains(f.Params, native.Raw) {
		raws = []native.Kind{native.Text, native.Bytes}
	}
	for _, raw := range raws {
		f := f
		f.Params = slices.Clone(f.Params)
		scalar := bindings.CreateScalarFunction()
		bindings.ScalarFunctionSetName(scalar, f.Name)
		for i, kind := range f.Params {
			if kind == native.Raw {
				f.Params[i] = raw
			}
			t := bindings.CreateLogicalType(nativeType(f.Params[i]))
			bindings.ScalarFunctionAddParameter(scalar, t)
			bindings.DestroyLogicalType(&t)
		}
		t := bindings.CreateLogicalType(nativeType(f.Result))
		bindings.ScalarFunctionSetReturnType(scalar, t)
		bindings.DestroyLogicalType(&t)
		if f.Nulls {
			bindings.ScalarFunctionSetSpecialHandling(scalar)
		}
		bindings.ScalarFunctionSetExtraInfo(scalar, box(&f), unsafe.Pointer(C.mlpScanFree))
		bindings.ScalarFunctionSetFunction(scalar, unsafe.Pointer(C.mlpNativeCall))
		state := bindings.AddScalarFunctionToSet(set, scalar)
		bindings.DestroyScalarFunction(&scalar)
		if state == bindings.StateError {
			return fmt.Errorf("register function %s: DuckDB refused", f.Name)
		}
	}
	if bindings.RegisterScalarFunctionSet(conn, set) == bindings.StateError {
		return fmt.Errorf("register function %s: DuckDB refused", f.Name)
	}
	return nil
}

func nativeType(k native.Kind) bindings.Type {
	switch k {
	case native.Bytes:
		return bindings.TypeBlob
	case native.Int:
		return bindings.TypeInteger
	case native.Long:
		return bindings.TypeBigInt
	case native.Double:
		return bindings.TypeDouble
	case native.Bool:
		return bindings.TypeBoolean
	}
	return bindings.TypeVarchar
}

//export mlpNativeCall
func mlpNativeCall(p, input, output unsafe.Pointer) {
	info := bindings.FunctionInfo{Ptr: p}
	f := unbox(bindings.ScalarFunctionGetExtraInfo(info)).Value().(*native.Function)
	if err := nativeCall(f, bindings.DataChunk{Ptr: input}, bindings.Vector{Ptr: output}); err != nil {
		bindings.ScalarFunctionSetError(info, f.Name)
	}
}

// nativeCall computes the rows of a chunk.
func nativeCall(f *native.Function, input bindings.DataChunk, output bindings.Vector) (err error) {
	defer guard(&err)
	n := int(bindings.DataChunkGetSize(input))
	args := make([]vector, len(f.Params))
	for i, kind := range f.Params {
		args[i] = newVector(bindings.DataChunkGetVector(input, bindings.IdxT(i)), &columnType{id: nativeType(kind)})
	}
	out := nativeResult{f: f, vec: output}
	in := make([]native.Value, len(args))
	for row := range n {
		null := false
		for i := range args {
			in[i] = args[i].native(row)
			null = null || in[i].Null
		}
		v := native.Value{Bytes: out.room}
		if null && !f.Nulls {
			v = native.Value{Null: true}
		} else {
			f.Call(in, &v)
		}
		out.add(row, v)
	}
	return out.finish()
}

// native returns the value of a row.
func (v *vector) native(row int) native.Value {
	if v.null(row) {
		return native.Value{Null: true}
	}
	switch v.t.id {
	case bindings.TypeVarchar, bindings.TypeBlob:
		return native.Value{Bytes: v.bytes(row)}
	case bindings.TypeDouble:
		return native.Value{Float: at[float64](v, row)}
	case bindings.TypeBoolean:
		return native.Value{Int: int64(at[uint8](v, row))}
	}
	return native.Value{Int: v.integer(row)}
}

// nativeResult is the column of results. Texts are gathered in one buffer and
// written together.
type nativeResult struct {
	f      *native.Function
	vec    bindings.Vector
	room   []byte // what the next text is appended to
	values [][]byte
	valid  unsafe.Pointer
}

func (r *nativeResult) add(row int, v native.Value) {
	text := r.f.Result == native.Text || r.f.Result == native.Bytes
	switch {
	case v.Null || r.f.Result == native.Text && !utf8.Valid(v.Bytes):
		if text {
			r.values = append(r.values, nil)
			return
		}
		if r.valid == nil {
			bindings.VectorEnsureValidityWritable(r.vec)
			r.valid = bindings.VectorGetValidity(r.vec)
		}
		*(*uint64)(unsafe.Add(r.valid, row/64*8)) &^= 1 << (row % 64)
		return
	case text:
		if v.Bytes == nil {
			v.Bytes = []byte{}
		}
		r.values = append(r.values, v.Bytes[:len(v.Bytes):len(v.Bytes)])
		r.room = v.Bytes[len(v.Bytes):]
		return
	}
	data := bindings.VectorGetData(r.vec)
	switch r.f.Result {
	case native.Int:
		*(*int32)(unsafe.Add(data, row*4)) = int32(v.Int)
	case native.Double:
		*(*float64)(unsafe.Add(data, row*8)) = v.Float
	case native.Bool:
		*(*bool)(unsafe.Add(data, row)) = v.Int != 0
	default:
		*(*int64)(unsafe.Add(data, row*8)) = v.Int
	}
}

func (r *nativeResult) finish() error {
	if len(r.values) == 0 {
		return nil
	}
	w := textWriter{raw: r.f.Result == native.Bytes}
	return w.write(r.vec, r.values)
}
