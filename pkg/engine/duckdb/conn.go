package duckdb

import (
	"context"
	"errors"
	"fmt"
	"runtime/cgo"
	"strings"
	"sync"
	"time"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// Conn is one session: its temporary tables and views, and the relations of
// [Conn.Scan], are its own. It is not safe for concurrent use.
type Conn struct {
	conn   bindings.Connection
	setup  bool // statements of every kind may run
	closed bool
	scans  map[string]cgo.Handle // by lower-case name
	fault  fault
}

// fault keeps the first Go error that a scan met while a statement ran,
// because DuckDB carries only texts. Its lock matters when an instance was
// opened with several threads.
type fault struct {
	mu  sync.Mutex
	err error
}

func (f *fault) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

func (f *fault) take() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.err
	f.err = nil
	return err
}

// errClosed is returned by a session that was closed.
var errClosed = errors.New("session is closed")

// Conn opens a session. The caller closes it, before the instance.
func (db *DB) Conn(ctx context.Context) (*Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open session: %w", err)
	}
	if db.db.Ptr == nil {
		return nil, errors.New("open session: instance is closed")
	}
	c := &Conn{scans: make(map[string]cgo.Handle)}
	if bindings.Connect(db.db, &c.conn) == bindings.StateError {
		return nil, errors.New("open session: out of memory")
	}
	return c, nil
}

// Close ends the session and drops what belongs to it. A second Close does
// nothing.
func (c *Conn) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	bindings.Disconnect(&c.conn)
	for _, h := range c.scans {
		h.Delete()
	}
	return nil
}

// Exec runs one statement and drops its result. When ctx ends, the statement
// is interrupted and the error wraps that of ctx.
func (c *Conn) Exec(ctx context.Context, sql string) error {
	if err := c.run(ctx, sql, sink{}); err != nil {
		return fmt.Errorf("run statement: %w", err)
	}
	return nil
}

// Query runs one statement and calls each with every row, in order; an error
// of each ends the query and is wrapped. The row is the callee's to keep.
//
// Values are nil for NULL, bool, int64 for the integer types (uint64 for
// UBIGINT, *big.Int for HUGEINT), float64 for FLOAT and DOUBLE, string for
// VARCHAR, []byte for BLOB, time.Time in UTC for DATE and the timestamps,
// []any for arrays, lists and structs, and for DECIMAL the digits as a string. Other
// types are an error.
func (c *Conn) Query(ctx context.Context, sql string, each func(row []any) error) error {
	begin := func(types []*columnType) error {
		for i, t := range types {
			if !t.readable() {
				return fmt.Errorf("column %d has a type that cannot be read", i+1)
			}
		}
		return nil
	}
	add := func(columns []vector, n int) error {
		for r := range n {
			row := make([]any, len(columns))
			for i := range columns {
				row[i] = columns[i].value(r)
			}
			if err := each(row); err != nil {
				return err
			}
		}
		return nil
	}
	err := c.run(ctx, sql, sink{begin, add})
	if err != nil {
		return fmt.Errorf("run query: %w", err)
	}
	return nil
}

// sink takes a result: first the types of its columns, then its rows in chunks
// whose vectors are valid during the call only. Either may be nil.
type sink struct {
	begin func(types []*columnType) error
	add   func(columns []vector, n int) error
}

// run executes one statement and hands its result to a sink. At most one chunk
// of it is in memory.
func (c *Conn) run(ctx context.Context, sql string, to sink) error {
	if c.closed {
		return errClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	stop := interruptOn(ctx, c.conn)
	defer stop()
	c.fault.take()
	prepared, err := c.prepare(sql)
	if err != nil {
		return c.cause(ctx, err)
	}
	defer bindings.DestroyPrepare(&prepared)
	var res bindings.Result
	defer bindings.DestroyResult(&res)
	// The materialised alternative would hold a whole result in memory.
	if bindings.ExecutePreparedStreaming(prepared, &res) == bindings.StateError {
		return c.cause(ctx, clean(bindings.ResultError(&res)))
	}
	types := resultTypes(&res)
	if to.begin != nil {
		if err := to.begin(types); err != nil {
			c.abandon(&res)
			return err
		}
	}
	for {
		more, err := fetch(&res, types, to)
		if err != nil {
			c.abandon(&res)
			return err
		}
		if !more {
			break
		}
	}
	if message := bindings.ResultError(&res); message != "" {
		return c.cause(ctx, clean(message))
	}
	return nil
}

// abandon ends a statement before its result was read. Destroying the result
// alone would leave the statement, with its open readers, to the session until
// the next one.
func (c *Conn) abandon(res *bindings.Result) {
	bindings.Interrupt(c.conn)
	for chunk := bindings.FetchChunk(*res); chunk.Ptr != nil; chunk = bindings.FetchChunk(*res) {
		bindings.DestroyDataChunk(&chunk)
	}
}

// fetch hands the next chunk of a result to a sink, and reports false where
// there is none: at the end or after an error.
func fetch(res *bindings.Result, types []*columnType, to sink) (bool, error) {
	chunk := bindings.FetchChunk(*res)
	if chunk.Ptr == nil {
		return false, nil
	}
	defer bindings.DestroyDataChunk(&chunk)
	n := int(bindings.DataChunkGetSize(chunk))
	if n == 0 || to.add == nil {
		return n > 0, nil
	}
	columns := make([]vector, len(types))
	for i, t := range types {
		columns[i] = newVector(bindings.DataChunkGetVector(chunk, bindings.IdxT(i)), t)
	}
	return true, to.add(columns, n)
}

// allowed reports whether a session runs statements of a kind once the
// instance is locked. The others have no use here: they attach, load, set,
// print to standard output or reach other sessions.
func allowed(kind bindings.StatementType) bool {
	switch kind {
	case bindings.StatementTypeSelect, bindings.StatementTypeInsert, bindings.StatementTypeUpdate,
		bindings.StatementTypeDelete, bindings.StatementTypeCreate, bindings.StatementTypeDrop,
		bindings.StatementTypeAlter, bindings.StatementTypeCopy:
		return true
	}
	return false
}

// prepare compiles a text that must hold exactly one statement.
func (c *Conn) prepare(sql string) (bindings.PreparedStatement, error) {
	var prepared bindings.PreparedStatement
	if strings.IndexByte(sql, 0) >= 0 {
		return prepared, &Error{Class: "Parser Error", Message: "statement contains a NUL byte"}
	}
	var extracted bindings.ExtractedStatements
	n := bindings.ExtractStatements(c.conn, sql, &extracted)
	defer bindings.DestroyExtracted(&extracted)
	switch {
	case n == 0 && bindings.ExtractStatementsError(extracted) != "":
		return prepared, clean(bindings.ExtractStatementsError(extracted))
	case n != 1:
		return prepared, &Error{Class: "Parser Error", Message: fmt.Sprintf("want one statement, have %d", n)}
	}
	if bindings.PrepareExtractedStatement(c.conn, extracted, 0, &prepared) == bindings.StateError {
		err := clean(bindings.PrepareError(prepared))
		bindings.DestroyPrepare(&prepared)
		return prepared, err
	}
	if !c.setup && !allowed(bindings.PreparedStatementType(prepared)) {
		bindings.DestroyPrepare(&prepared)
		return prepared, &Error{Class: "Permission Error", Message: "statements of this kind are not allowed"}
	}
	return prepared, nil
}

// cause returns what made a statement fail: the reader of a scan, the end of
// ctx, or DuckDB.
func (c *Conn) cause(ctx context.Context, err error) error {
	if fault := c.fault.take(); fault != nil {
		return fault
	}
	var e *Error
	if ctx.Err() != nil && errors.As(err, &e) && e.Class == "INTERRUPT Error" {
		return ctx.Err()
	}
	return err
}

// interruptOn interrupts what runs on a connection when ctx ends, until stop
// is called. It repeats, because a statement that is about to start clears an
// interrupt.
func interruptOn(ctx context.Context, conn bindings.Connection) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-quit:
			return
		case <-ctx.Done():
		}
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			bindings.Interrupt(conn)
			select {
			case <-quit:
				return
			case <-tick.C:
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
	}
}
