// Package spark runs statements on Spark. A small Python job, which the binary
// carries, drives it by its official client: in a warm session for local use, on
// a Spark Connect server, or started by spark-submit.
//
// A [Job] names what is read, the statements and what is written. The job
// answers with a result manifest, which is written last: output that none names
// does not exist. docs/formats.md describes both.
package spark

import (
	"cmp"
	"context"
	"io"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Options says where Spark is and how it is talked to.
type Options struct {
	// CacheDir is the cache: the job's environment and what Spark fetches.
	CacheDir string
	// Python is an interpreter that has the lock's packages. It is used as it
	// is. Empty: an environment is made on first use.
	Python string
	// Environ is the environment of what is started: PATH, JAVA_HOME, the
	// credentials of a store, proxy settings.
	Environ []string
	// Remote is a running Spark Connect server, "sc://HOST:PORT". Empty: Spark
	// is started, at Master.
	Remote string
	// Submit is the command that runs one job, as spark-submit does, instead of
	// a session: each {job}, {manifest}, {result} and {framer} in it is
	// replaced. Without {job} the first three are added at its end. A
	// spark-submit without a path is that of SPARK_HOME, if this is set.
	Submit []string
	// Master is where Spark runs that is started: "local[*]" if empty.
	Master string
	// Conf are settings of Spark; they win over those that are set here, but for
	// what decides values.
	Conf map[string]string
	// Scratch is a directory, or a URL as s3a://BUCKET/PREFIX, that Spark's
	// executors and this process both reach. Empty: a directory of the session,
	// which only a Spark on this machine reaches.
	Scratch string
	// Storage reaches a Scratch that is a URL. A job that is submitted may be
	// told its manifest there; without it the job must run on this machine.
	Storage Storage
	// Framer is the path of an mlp that executors can run.
	Framer string
	// Deadline is how long Spark may be silent: no task runs and nothing comes
	// to an end. 0 means ten minutes.
	Deadline time.Duration
	// Progress receives lines for people; nil drops them.
	Progress func(string)
	// Every is the least time between two lines about how far a job is, and
	// before its first one. 0 means five seconds.
	Every time.Duration
}

// Local reports whether executors are on this machine, and see its files.
func (o Options) Local() bool {
	return o.Remote == "" && len(o.Submit) == 0 && strings.HasPrefix(cmp.Or(o.Master, defaultMaster), "local")
}

// Storage reads and writes objects below a URL.
type Storage interface {
	// Put writes an object.
	Put(ctx context.Context, url string, data []byte) error
	// Get opens an object. One that is not there is an error that wraps
	// fs.ErrNotExist.
	Get(ctx context.Context, url string) (io.ReadCloser, error)
	// RemoveAll removes what lies below a URL.
	RemoveAll(ctx context.Context, url string) error
}

// Job is what Spark is to compute. All names are of one name space.
type Job struct {
	Name    string
	Rows    []Rows
	Columns []Columns
	Chunks  []Chunks
	Views   []View
	Outputs []Output
	Queries []Query
}

// Chunks is a view of raw logs. Its columns are _chunk INT, _file INT, _rec
// BIGINT, _raw STRING if Text is set, then _c0, _c1, … STRING. Its rows are
// those of [source.Reader], which executors run.
type Chunks struct {
	View   string
	Format source.Format
	// Raw are the addresses of the columns. What a record lacks is NULL.
	Raw    []string
	Text   bool
	Chunks []Chunk
}

// Chunk is one chunk of a raw file. Its number in the list is its _chunk.
type Chunk struct {
	// Path is what Spark reads: a path, or a URL.
	Path string
	// File is the column _file.
	File int32
	// Spec says digest and size, which are verified, and where it begins.
	Spec *specpb.Chunk
}

// Columns is a view of stored columns. Its columns are _part INT and Fields. The
// files of a part lie side by side: the first row of each is one row. Rows of a
// part are in the order of its files.
type Columns struct {
	View   string
	Fields []Field
	Parts  []Part
}

// Field is a column of a view.
type Field struct {
	Name string
	Type sql.Type
}

// Part is the files of one part, each with as many rows.
type Part struct {
	Files []ColumnFile
	// Footer is what the footer of each file must have.
	Footer map[string]string
}

// ColumnFile is a Parquet file. Its digest is verified.
type ColumnFile struct {
	Path    string
	Digest  digest.Digest
	Columns []Pick
}

// Pick is a column of a file and its name in the view.
type Pick struct{ Name, As string }

// Rows is a view of a few rows. Values are nil, bool, whole numbers, floats,
// strings, []byte and time.Time.
type Rows struct {
	View   string
	Fields []Field
	Values [][]any
}

// View is a temporary view; it may read those before it.
type View struct {
	Name string
	// SQL has a comment /*@N*/ before the text that stands at Spans[N].
	SQL string
	// Stage asks for the rows to be computed once, to be read several times.
	Stage bool
	Spans []diag.Span
}

// Output is a query whose rows are written as Parquet files.
type Output struct {
	Name  string
	Query string
	// By is an INT column of the query, from 0 to Parts-1: the rows of each
	// value are one file, in which it does not stand. Empty: all rows are.
	By string
	// Parts is the number of files; with no By it is 1.
	Parts int
	// Order are the columns that rows are sorted by in each file. With none
	// they are in no order.
	Order []string
	// Spans are as those of a view.
	Spans []diag.Span
}

// Query is a question with few rows for an answer.
type Query struct {
	Name, SQL string
}

// Result is what came of a job.
type Result struct {
	// Dir is where the files of Spark's scratch lie. Whoever has taken over
	// what is wanted may remove it.
	Dir string
	// Files are those of each output, by part. They were found whole when the
	// job ended, and hold what Digest says.
	Files map[string][]File
	// Answers are the rows of each query, as texts or NULL.
	Answers map[string][][]*string
	// Counts account for each chunk of each view of chunks.
	Counts map[string][]source.Counts
	// Metrics say how it went; nothing in them decides anything.
	Metrics Metrics
}

// File is a Parquet file that a job wrote. Where a part has no rows there may be
// none: Path is empty then.
type File struct {
	Part   int
	Path   string
	Digest digest.Digest
	Size   int64
	Rows   int64
}

// Metrics say how a job went.
type Metrics struct {
	// Spark is the version that ran it.
	Spark string `json:"spark"`
	// Seconds are those of each step.
	Seconds map[string]float64 `json:"seconds"`
}
