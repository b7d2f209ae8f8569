package duckdb

/*
#include <stdint.h>
#include <stdlib.h>

void mlpScanBind(void *info);
void mlpScanInit(void *info);
void mlpScanFill(void *info, void *output);
void mlpScanFree(void *data);
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime/cgo"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// registerScan makes the table function of [Conn.Scan] known to the instance
// that a connection belongs to.
func registerScan(conn bindings.Connection) error {
	f := bindings.CreateTableFunction()
	defer bindings.DestroyTableFunction(&f)
	bindings.TableFunctionSetName(f, scanFunction)
	id := bindings.CreateLogicalType(bindings.TypeUBigInt)
	bindings.TableFunctionAddParameter(f, id)
	bindings.DestroyLogicalType(&id)
	bindings.TableFunctionSupportsProjectionPushdown(f, true)
	bindings.TableFunctionSetBind(f, unsafe.Pointer(C.mlpScanBind))
	bindings.TableFunctionSetInit(f, unsafe.Pointer(C.mlpScanInit))
	bindings.TableFunctionSetFunction(f, unsafe.Pointer(C.mlpScanFill))
	if bindings.RegisterTableFunction(conn, f) == bindings.StateError {
		return errors.New("register table function: DuckDB refused")
	}
	return nil
}

// box returns C memory that holds a handle of a Go value, as DuckDB keeps
// nothing but pointers. mlpScanFree ends both.
func box(v any) unsafe.Pointer {
	p := C.malloc(C.size_t(unsafe.Sizeof(C.uintptr_t(0))))
	*(*C.uintptr_t)(p) = C.uintptr_t(cgo.NewHandle(v))
	return p
}

func unbox(p unsafe.Pointer) cgo.Handle { return cgo.Handle(*(*C.uintptr_t)(p)) }

// guard turns a panic into an error: it must not unwind through C.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic: %v", p)
	}
}

//export mlpScanBind
func mlpScanBind(p unsafe.Pointer) {
	info := bindings.BindInfo{Ptr: p}
	if err := scanBind(info); err != nil {
		bindings.BindSetError(info, "unknown relation")
	}
}

func scanBind(info bindings.BindInfo) (err error) {
	defer guard(&err)
	value := bindings.BindGetParameter(info, 0)
	defer bindings.DestroyValue(&value)
	if bindings.IsNullValue(value) {
		return errors.New("no handle")
	}
	scan, ok := cgo.Handle(bindings.GetUInt64(value)).Value().(*boundScan)
	if !ok {
		return errors.New("handle of another kind")
	}
	scan.bind(info)
	bindings.BindSetBindData(info, box(scan), unsafe.Pointer(C.mlpScanFree))
	return nil
}

//export mlpScanInit
func mlpScanInit(p unsafe.Pointer) {
	info := bindings.InitInfo{Ptr: p}
	scan := unbox(bindings.InitGetBindData(info)).Value().(*boundScan)
	if err := scanInit(info, scan); err != nil {
		scan.fault.set(err)
		bindings.InitSetError(info, "open relation")
	}
}

func scanInit(info bindings.InitInfo, scan *boundScan) (err error) {
	defer guard(&err)
	columns := make([]int, bindings.InitGetColumnCount(info))
	width := scan.width()
	for i := range columns {
		columns[i] = int(bindings.InitGetColumnIndex(info, bindings.IdxT(i)))
		// Row ids and the like are numbered from the top: the query needs
		// rows, none of their columns.
		if columns[i] < 0 || columns[i] >= width {
			columns[i] = -1
		}
	}
	r, err := scan.open(columns)
	if err != nil {
		return err
	}
	bindings.InitSetMaxThreads(info, 1)
	bindings.InitSetInitData(info, box(r), unsafe.Pointer(C.mlpScanFree))
	return nil
}

//export mlpScanFill
func mlpScanFill(p, output unsafe.Pointer) {
	info := bindings.FunctionInfo{Ptr: p}
	r := unbox(bindings.FunctionGetInitData(info)).Value().(*running)
	if err := scanFill(r, bindings.DataChunk{Ptr: output}); err != nil {
		r.scan.fault.set(fmt.Errorf("read relation %q: %w", r.scan.Name, err))
		bindings.FunctionSetError(info, "read relation")
	}
}

func scanFill(r *running, chunk bindings.DataChunk) (err error) {
	defer guard(&err)
	return r.fill(chunk)
}

//export mlpScanFree
func mlpScanFree(p unsafe.Pointer) {
	h := unbox(p)
	if r, ok := h.Value().(*running); ok {
		_ = scanClose(r)
	}
	h.Delete()
	C.free(p)
}

func scanClose(r *running) (err error) {
	defer guard(&err)
	r.close()
	return nil
}
