package duckdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/cgo"
	"strings"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/mlpdev/mlp/pkg/source"
)

// RawReader reads rows of raw columns, as [source.Reader] does. Read fills a
// batch, whose values stay valid until the next Read and must be UTF-8, and
// returns io.EOF at the end. A reader that is also an [io.Closer] is closed
// when the query that opened it has ended.
type RawReader interface {
	Read(*source.Batch) error
}

// Scan describes a relation that is backed by raw logs. Its columns are _file
// INTEGER, _rec BIGINT, then _raw VARCHAR if Text is set, then _c0, _c1, …
// VARCHAR: the batch's columns in their order.
type Scan struct {
	Name    string                    // the name of the relation in SQL
	File    int32                     // the value of column _file
	Columns int                       // the number of raw columns
	Text    bool                      // whether there is a column _raw
	Open    func() (RawReader, error) // called by each query, for each use of the relation
}

// scanFunction is the table function behind the relations. Its argument is
// the handle of a *boundScan.
const scanFunction = "_mlp_scan"

// boundScan is a scan that belongs to a session.
type boundScan struct {
	Scan
	fault *fault // of the session
}

// Scan makes a relation readable in this session, in place of an earlier one
// of the same name. Rows come in the reader's order. Only the columns that a
// query uses are copied. An error of the reader, or of Open, is wrapped by the
// error of the query that met it.
func (c *Conn) Scan(ctx context.Context, s Scan) error {
	if s.Name == "" || s.Open == nil || s.Columns < 0 {
		return fmt.Errorf("define relation %q: a name, columns and Open are required", s.Name)
	}
	if c.closed {
		return fmt.Errorf("define relation %q: %w", s.Name, errClosed)
	}
	h := cgo.NewHandle(&boundScan{Scan: s, fault: &c.fault})
	sql := fmt.Sprintf("CREATE OR REPLACE TEMP VIEW %s AS SELECT * FROM %s(%d::UBIGINT)", quoteName(s.Name), scanFunction, uintptr(h))
	if err := c.Exec(ctx, sql); err != nil {
		h.Delete()
		return fmt.Errorf("define relation %q: %w", s.Name, err)
	}
	name := strings.ToLower(s.Name)
	if old, ok := c.scans[name]; ok {
		old.Delete()
	}
	c.scans[name] = h
	return nil
}

// bind declares the columns of the relation.
func (s *boundScan) bind(info bindings.BindInfo) {
	add := func(name string, id bindings.Type) {
		t := bindings.CreateLogicalType(id)
		bindings.BindAddResultColumn(info, name, t)
		bindings.DestroyLogicalType(&t)
	}
	add("_file", bindings.TypeInteger)
	add("_rec", bindings.TypeBigInt)
	if s.Text {
		add("_raw", bindings.TypeVarchar)
	}
	for i := range s.Columns {
		add(fmt.Sprintf("_c%d", i), bindings.TypeVarchar)
	}
}

// width returns the number of columns that bind declares.
func (s *boundScan) width() int {
	if s.Text {
		return 3 + s.Columns
	}
	return 2 + s.Columns
}

// open begins to read for one query, which uses the given columns.
func (s *boundScan) open(columns []int) (*running, error) {
	reader, err := s.Open()
	if err != nil {
		return nil, fmt.Errorf("open relation %q: %w", s.Name, err)
	}
	return &running{scan: s, reader: reader, columns: columns}, nil
}

// running is one use of a relation by one query.
type running struct {
	scan    *boundScan
	reader  RawReader
	columns []int // which column of the relation stands where in a chunk; -1 for none of it
	batch   source.Batch
	next    int // the first row of the batch that was not handed out
	done    bool
	text    textWriter
}

// idleReads is how often a reader may return neither rows nor an error.
const idleReads = 100

// fill writes the next rows into a chunk; none at the end.
func (r *running) fill(chunk bindings.DataChunk) error {
	for idle := 0; r.next >= r.batch.N && !r.done; idle++ {
		if idle == idleReads {
			return io.ErrNoProgress
		}
		if err := r.read(); err != nil {
			return err
		}
	}
	n := min(r.batch.N-r.next, int(bindings.VectorSize()))
	for i, column := range r.columns {
		if err := r.write(bindings.DataChunkGetVector(chunk, bindings.IdxT(i)), column, n); err != nil {
			return err
		}
	}
	bindings.DataChunkSetSize(chunk, bindings.IdxT(n))
	r.next += n
	return nil
}

func (r *running) read() error {
	r.batch.N, r.next = 0, 0
	err := r.reader.Read(&r.batch)
	if err == io.EOF {
		r.done = true
	} else if err != nil {
		return err
	}
	short := len(r.batch.Record) < r.batch.N || r.scan.Text && len(r.batch.Text) < r.batch.N
	if r.batch.N > 0 && (short || len(r.batch.Columns) < r.scan.Columns) {
		return errors.New("batch has fewer columns or values than the relation")
	}
	return nil
}

// write stores n rows of one column of the relation.
func (r *running) write(vec bindings.Vector, column, n int) error {
	if column < 0 || n == 0 {
		return nil
	}
	if column < 2 {
		data := bindings.VectorGetData(vec)
		if column == 1 {
			copy(unsafe.Slice((*int64)(data), n), r.batch.Record[r.next:])
			return nil
		}
		for i := range n {
			*(*int32)(unsafe.Add(data, i*4)) = r.scan.File
		}
		return nil
	}
	column -= 2
	values := r.batch.Text
	if r.scan.Text {
		column--
	}
	if column >= 0 {
		values = r.batch.Columns[column]
	}
	return r.text.write(vec, values[r.next:r.next+n])
}

func (r *running) close() {
	if c, ok := r.reader.(io.Closer); ok {
		// What was read has been read; a failing Close takes nothing back.
		_ = c.Close()
	}
}
