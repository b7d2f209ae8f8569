package duckdb

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/mlpdev/mlp/pkg/source"
)

// zeek are the columns of the generated log.
var zeek = strings.Split("ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state history", " ")

// writeZeek writes a connection log of n records and returns its path.
func writeZeek(b *testing.B, n int) string {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var buf bytes.Buffer
	buf.WriteString("#separator \\x09\n#fields\t" + strings.Join(zeek, "\t") + "\n")
	for i := range n {
		fmt.Fprintf(&buf, "%d.%06d\tC%016xabc\t10.%d.%d.%d\t%d\t192.168.%d.%d\t443\ttcp\t-\t%.6f\t%d\t%d\tSF\tShADadFf\n",
			1700000000+i, r.IntN(1e6), r.Uint64(), r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(65536),
			r.IntN(256), r.IntN(256), r.ExpFloat64(), r.IntN(1e6), r.IntN(1e6))
	}
	path := filepath.Join(b.TempDir(), "conn.log")
	if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// fileReader reads a file as a raw log and closes it.
type fileReader struct {
	*source.Reader
	*os.File
}

func (r fileReader) Read(b *source.Batch) error { return r.Reader.Read(b) }

func zeekScan(path string) Scan {
	return Scan{Name: "raw", Columns: len(zeek), Open: func() (RawReader, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		format := source.Format{source.Delimited{Separator: '\t', Comment: "#", Null: "-", HeaderLine: "#fields"}}
		return fileReader{source.NewReader(f, source.Options{Format: format, Raw: zeek}), f}, nil
	}}
}

// BenchmarkScan compares ways from a Zeek log to the lengths of all of its
// columns, and to Parquet: the scan, DuckDB's own CSV reader (which numbers no
// records and counts no rejects), and reading without DuckDB. The scan reports
// its speed as a multiple of the CSV reader's.
func BenchmarkScan(b *testing.B) {
	const records = 500_000
	path, dir := writeZeek(b, records), b.TempDir()
	c := session(b, openDB(b, Options{Dirs: []string{dir, filepath.Dir(path)}}))
	if err := c.Scan(b.Context(), zeekScan(path)); err != nil {
		b.Fatal(err)
	}
	sums, types := make([]string, len(zeek)), make([]string, len(zeek))
	for i := range zeek {
		sums[i] = fmt.Sprintf("sum(strlen(_c%d))", i)
		types[i] = fmt.Sprintf("'_c%d': 'VARCHAR'", i)
	}
	csv := fmt.Sprintf("read_csv('%s', auto_detect=false, header=false, delim='\t', comment='#', quote='', escape='', nullstr='-', columns={%s})",
		path, strings.Join(types, ", "))
	sum := func(from string) error {
		return c.Query(b.Context(), "SELECT count(*), "+strings.Join(sums, ", ")+" FROM "+from, func(row []any) error {
			if row[0] != int64(records) {
				return fmt.Errorf("have %v rows", row[0])
			}
			return nil
		})
	}
	write := func(from string) error {
		_, err := c.WriteParquet(b.Context(), WriteOptions{Query: "SELECT * FROM " + from, Path: filepath.Join(dir, "out.parquet")})
		return err
	}
	for _, work := range []struct {
		name string
		do   func(from string) error
	}{{"lengths", sum}, {"parquet", write}} {
		var base float64
		for _, from := range []struct{ name, sql string }{{"read_csv", csv}, {"scan", "raw"}} {
			b.Run(work.name+"/"+from.name, func(b *testing.B) {
				for b.Loop() {
					if err := work.do(from.sql); err != nil {
						b.Fatal(err)
					}
				}
				speed := float64(records*b.N) / b.Elapsed().Seconds()
				if from.name == "read_csv" {
					base = speed
				}
				b.ReportMetric(speed, "rows/s")
				b.ReportMetric(speed/base, "x-read_csv")
			})
		}
	}
	b.Run("split-only", func(b *testing.B) {
		for b.Loop() {
			r, err := zeekScan(path).Open()
			if err != nil {
				b.Fatal(err)
			}
			var batch source.Batch
			for r.Read(&batch) == nil {
			}
			r.(fileReader).Close()
		}
		b.ReportMetric(float64(records*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

// BenchmarkSessions runs a query on one session and on two side by side: the
// time of both shows whether they compute in parallel.
func BenchmarkSessions(b *testing.B) {
	for _, sessions := range []int{1, 2} {
		b.Run(fmt.Sprint(sessions), func(b *testing.B) {
			db := openDB(b, Options{})
			for b.Loop() {
				var wg sync.WaitGroup
				for range sessions {
					c := session(b, db)
					wg.Go(func() {
						if err := c.Exec(b.Context(), "SELECT sum(sqrt(i)), max(md5(i::VARCHAR)) FROM range(1000000) t(i)"); err != nil {
							b.Error(err)
						}
					})
				}
				wg.Wait()
			}
		})
	}
}

// BenchmarkFloats reads a matrix of a million rows from Parquet.
func BenchmarkFloats(b *testing.B) {
	const n = 1_000_000
	path := filepath.Join(b.TempDir(), "x.parquet")
	c := session(b, openDB(b, Options{Dirs: []string{filepath.Dir(path)}}))
	query := fmt.Sprintf("SELECT sqrt(i) AS a, i %% 7 AS b, CASE WHEN i %% 3 > 0 THEN i / 5 END AS c FROM range(%d) t(i)", n)
	if _, err := c.WriteParquet(b.Context(), WriteOptions{Query: query, Path: path}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if m, err := c.Floats(b.Context(), "FROM "+quoteText(path), 3); err != nil || len(m) != 3*n {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkDigest takes the content digests of a column of texts and one of
// doubles.
func BenchmarkDigest(b *testing.B) {
	const n = 1_000_000
	c := session(b, openDB(b, Options{}))
	if err := c.Exec(b.Context(), fmt.Sprintf("CREATE TEMP TABLE t AS SELECT i, md5(i::VARCHAR) AS s, sqrt(i) AS d FROM range(%d) t(i)", n)); err != nil {
		b.Fatal(err)
	}
	for _, column := range []string{"s", "d", "i"} {
		for _, order := range []string{"", "i"} {
			b.Run(column+"/"+order, func(b *testing.B) {
				for b.Loop() {
					if _, err := RowDigest(b.Context(), c, Rows{From: "t", Columns: []string{column}, Order: order}); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}
