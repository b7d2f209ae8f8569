// Package duckdb runs SQL over raw logs and Parquet files inside this process.
// It is the only package that links DuckDB.
//
// A [DB] is one in-memory instance that is locked before the first statement
// of a caller runs: it reads and writes only the directories it was given,
// loads no extensions and accepts no settings. A [Conn] is a session in it.
// Each session computes on the goroutine that calls it, on one thread, so sums
// of floats and orders of rows do not depend on the machine; several sessions
// run in parallel.
package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// Options says what an instance may use.
type Options struct {
	// Threads is the number of threads that may work on one query. The default
	// is 1: the sessions are the parallelism. With more, float sums and the
	// bytes of Parquet files may differ between runs.
	Threads int
	// MemoryLimit bounds what all sessions hold together, in DuckDB's form
	// ("512MB"); empty means DuckDB's default, a share of the machine.
	MemoryLimit string
	// TempDir is where sorts and joins spill to; empty means that they fail
	// when they do not fit into memory.
	TempDir string
	// Dirs are the only directories that SQL may read or write, with all that
	// lies under them.
	Dirs []string
	// Lean gives memory back to the system as soon as a statement no longer needs
	// it, which costs a little time.
	Lean bool
	// Setup holds statements that run once before the instance is locked, such
	// as CREATE MACRO; one statement a string.
	Setup []string
}

// DB is an in-memory DuckDB instance. It is safe for concurrent use.
type DB struct {
	db bindings.Database
}

// Open makes an instance. After Open no statement can read or write outside
// Dirs and TempDir, attach a database outside them, install or load an
// extension, or change a setting; the time zone is UTC.
func Open(ctx context.Context, o Options) (*DB, error) {
	settings, err := o.settings()
	if err != nil {
		return nil, err
	}
	db, err := openInstance(settings)
	if err != nil {
		return nil, err
	}
	if err := db.setUp(ctx, o); err != nil {
		db.Close()
		return nil, fmt.Errorf("set up DuckDB: %w", err)
	}
	return db, nil
}

// Close releases the instance and what it holds. Its sessions must be closed
// before.
func (db *DB) Close() error {
	bindings.Close(&db.db)
	return nil
}

// settings returns the settings that DuckDB takes when it starts.
func (o Options) settings() (map[string]string, error) {
	threads := max(o.Threads, 1)
	s := map[string]string{
		"threads":                      strconv.Itoa(threads),
		"preserve_insertion_order":     "true",
		"autoinstall_known_extensions": "false",
		"autoload_known_extensions":    "false",
		"allow_community_extensions":   "false",
	}
	if o.MemoryLimit != "" {
		s["memory_limit"] = o.MemoryLimit
	}
	if o.Lean {
		s["allocator_flush_threshold"] = "0KB"
		s["allocator_bulk_deallocation_flush_threshold"] = "100KB"
	}
	s["temp_directory"] = ""
	if o.TempDir != "" {
		dir, err := resolve(o.TempDir)
		if err != nil {
			return nil, err
		}
		s["temp_directory"] = dir
	}
	return s, nil
}

func openInstance(settings map[string]string) (*DB, error) {
	var config bindings.Config
	if bindings.CreateConfig(&config) == bindings.StateError {
		return nil, errors.New("configure DuckDB: out of memory")
	}
	defer bindings.DestroyConfig(&config)
	for name, value := range settings {
		if bindings.SetConfig(config, name, value) == bindings.StateError {
			return nil, fmt.Errorf("configure DuckDB: %s = %q is not accepted", name, value)
		}
	}
	db := new(DB)
	var message string
	if bindings.OpenExt("", &db.db, config, &message) == bindings.StateError {
		bindings.Close(&db.db)
		return nil, fmt.Errorf("open DuckDB: %w", clean(message))
	}
	return db, nil
}

// setUp runs what must come before the lock, and locks.
func (db *DB) setUp(ctx context.Context, o Options) error {
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	c.setup = true
	if err := registerScan(c.conn); err != nil {
		return err
	}
	if err := registerNatives(c.conn); err != nil {
		return err
	}
	dirs := make([]string, 0, len(o.Dirs)+1)
	for _, dir := range append(o.Dirs[:len(o.Dirs):len(o.Dirs)], o.TempDir) {
		if dir == "" {
			continue
		}
		abs, err := resolve(dir)
		if err != nil {
			return err
		}
		dirs = append(dirs, quoteText(abs+string(filepath.Separator)))
	}
	statements := append([]string{
		"SET GLOBAL TimeZone = 'UTC'",
		"SET GLOBAL allowed_directories = [" + strings.Join(dirs, ", ") + "]",
	}, o.Setup...)
	statements = append(statements,
		"SET GLOBAL enable_external_access = false",
		"SET GLOBAL lock_configuration = true")
	for _, s := range statements {
		if err := c.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// resolve returns the absolute form of a directory that must exist.
func resolve(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("resolve directory: %w", err)
	}
	if _, err := os.Stat(abs); err != nil {
		return "", fmt.Errorf("resolve directory: %w", err)
	}
	return abs, nil
}
