package duckdb

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// WriteOptions says what [Conn.WriteParquet] writes where.
type WriteOptions struct {
	Query string            // one SELECT
	Path  string            // of a file inside one of Options.Dirs, whose directory exists
	Meta  map[string]string // for the file's footer; keys are not empty and differ in more than case
}

// WriteParquet writes the rows of a query, in their order, to a Parquet file
// (zstd) and returns their number. A file of that name is replaced. The file
// appears whole or not at all: it is written beside its place, synced and then
// renamed. The same rows and metadata give the same bytes.
func (c *Conn) WriteParquet(ctx context.Context, o WriteOptions) (rows int64, err error) {
	rows, err = c.writeParquet(ctx, o)
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", o.Path, err)
	}
	return rows, nil
}

func (c *Conn) writeParquet(ctx context.Context, o WriteOptions) (rows int64, err error) {
	options, err := c.parquetOptions(o.Query)
	if err != nil {
		return 0, err
	}
	temp, err := reserve(o.Path)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			os.Remove(temp)
		}
	}()
	// The line break ends a comment at the query's end.
	sql := fmt.Sprintf("COPY (%s\n) TO %s (%s%s)",
		strings.TrimRight(o.Query, "; \t\r\n"), quoteText(temp), options, metaClause(o.Meta))
	err = c.run(ctx, sql, sink{add: func(columns []vector, n int) error {
		rows = columns[0].integer(0)
		return nil
	}})
	if err != nil {
		return 0, err
	}
	if err := commit(temp, o.Path); err != nil {
		return 0, err
	}
	return rows, nil
}

// metaClause renders metadata sorted by key, so that equal maps give equal
// files.
func metaClause(meta map[string]string) string {
	if len(meta) == 0 {
		return ""
	}
	var b strings.Builder
	for i, key := range slices.Sorted(maps.Keys(meta)) {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quoteName(key) + ": " + quoteText(meta[key]))
	}
	return ", KV_METADATA {" + b.String() + "}"
}

// parquetOptions returns how to write the result of a query, and refuses what
// is not one SELECT, because the text is put between parentheses.
func (c *Conn) parquetOptions(sql string) (string, error) {
	if c.closed {
		return "", errClosed
	}
	prepared, err := c.prepare(sql)
	if err != nil {
		return "", err
	}
	defer bindings.DestroyPrepare(&prepared)
	if bindings.PreparedStatementType(prepared) != bindings.StatementTypeSelect {
		return "", errors.New("statement is not a SELECT")
	}
	options := "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, USE_TMP_FILE false"
	for i := range bindings.PreparedStatementColumnCount(prepared) {
		l := bindings.PreparedStatementColumnLogicalType(prepared, i)
		exact := newType(l).exactInDictionary()
		bindings.DestroyLogicalType(&l)
		if !exact {
			return options + ", DICTIONARY_SIZE_LIMIT 0", nil
		}
	}
	return options, nil
}

// exactInDictionary reports whether a Parquet dictionary keeps the values of a
// type: DuckDB builds dictionaries by equality, so -0.0 would come back as 0.0
// in row groups that happen to repeat their values.
func (t *columnType) exactInDictionary() bool {
	switch t.id {
	case bindings.TypeFloat, bindings.TypeDouble, bindings.TypeStruct, bindings.TypeMap, bindings.TypeUnion:
		return false
	case bindings.TypeList, bindings.TypeArray:
		return t.elem.exactInDictionary()
	}
	return true
}

// reserve creates a file beside path for what is not complete.
func reserve(path string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.partial")
	if err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

// commit makes a written file durable and gives it its name.
func commit(temp, path string) error {
	f, err := os.Open(temp)
	if err != nil {
		return err
	}
	err = f.Sync()
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(temp, path)
}

// ParquetMeta returns the key-value metadata of a Parquet file.
func (c *Conn) ParquetMeta(ctx context.Context, path string) (map[string]string, error) {
	meta := make(map[string]string)
	sql := "SELECT key, value FROM parquet_kv_metadata(" + quoteText(path) + ")"
	err := c.run(ctx, sql, sink{add: func(columns []vector, n int) error {
		for r := range n {
			if !columns[0].null(r) && !columns[1].null(r) {
				meta[string(columns[0].bytes(r))] = string(columns[1].bytes(r))
			}
		}
		return nil
	}})
	if err != nil {
		return nil, fmt.Errorf("read metadata of %s: %w", path, err)
	}
	return meta, nil
}
