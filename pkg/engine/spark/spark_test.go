package spark_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/engine/spark"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// TestMain lets the test binary stand in for mlp on executors.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == spark.FrameCommand {
		if err := spark.Frame(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if mode, ok := os.LookupEnv("FAKE_SPARK"); ok {
		os.Exit(fakeJob(mode, os.Args[1:]))
	}
	if mode, ok := os.LookupEnv("FAKE_SUBMIT"); ok {
		if err := fakeResult(mode, os.Args[1], os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	status := m.Run()
	if err := theSession.close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

// theSession is shared: to start Spark takes ten seconds.
var theSession shared

type shared struct {
	once    sync.Once
	dir     string
	session *spark.Session
	err     error

	mu       sync.Mutex
	listener func(line string)
}

// listen has f called for each line of progress; nil ends that.
func (s *shared) listen(f func(line string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener = f
}

func (s *shared) progress(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		s.listener(line)
	}
}

func (s *shared) close() error {
	if s.session == nil {
		return nil
	}
	defer os.RemoveAll(s.dir)
	return s.session.Close()
}

// realPython returns the Python of the job's environment.
func realPython(t *testing.T) string {
	t.Helper()
	python := os.Getenv("MLP_TEST_SPARK_PYTHON")
	if python == "" {
		t.Skip("MLP_TEST_SPARK_PYTHON is not set; make test sets it")
	}
	return python
}

// quickJava has Java begin sooner, at the price of slower work later.
const quickJava = "JAVA_TOOL_OPTIONS=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

// options are those of a Spark on this machine.
func options(t *testing.T) spark.Options {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return spark.Options{Python: realPython(t), Environ: append(os.Environ(), quickJava), Framer: self, Master: "local[2]",
		Conf: map[string]string{"spark.driver.memory": "1g", "spark.sql.shuffle.partitions": "4"}}
}

func local(t *testing.T) *spark.Session {
	t.Helper()
	o := options(t)
	theSession.once.Do(func() {
		if theSession.dir, theSession.err = os.MkdirTemp("", "mlp-spark-test-"); theSession.err != nil {
			return
		}
		o.Scratch, o.Progress, o.Every = theSession.dir, theSession.progress, 1
		theSession.session, theSession.err = spark.Open(context.Background(), o)
	})
	if theSession.err != nil {
		t.Fatal(theSession.err)
	}
	return theSession.session
}

// run runs a job in the shared session.
func run(t *testing.T, j spark.Job) *spark.Result {
	t.Helper()
	r, err := local(t).Run(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// chunkOf stores a chunk and says what it is.
func chunkOf(t *testing.T, text string, c *specpb.Chunk) spark.Chunk {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a chunk, {with} [odd] name?*")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	c.Digest, c.Size = digest.Of([]byte(text)).String(), int64(len(text))
	return spark.Chunk{Path: path, Spec: c}
}

// texts are the answers to a query, with NULL for what is not there.
func texts(rows [][]*string) [][]string {
	out := make([][]string, len(rows))
	for i, row := range rows {
		for _, v := range row {
			if v == nil {
				out[i] = append(out[i], "NULL")
			} else {
				out[i] = append(out[i], *v)
			}
		}
	}
	return out
}

func typeOf(kind sql.Kind) sql.Type { return sql.Type{Kind: kind} }

func TestChunksAreFramedAsTheReaderDoes(t *testing.T) {
	format := source.Format{source.CSV{Separator: ',', Quote: '"', Null: "-"}}
	first := "name,size\na,1\n\"b\nc\",-\n\xff,3\nbroken\n"
	chunks := []spark.Chunk{
		chunkOf(t, first, &specpb.Chunk{}),
		chunkOf(t, "d,4\n", &specpb.Chunk{FirstRecord: 4, FirstLine: 7, Header: "name,size"}),
	}
	chunks[1].File = 9
	chunks = append(chunks, chunks[1]) // one object, twice
	r := run(t, spark.Job{
		Name:    "parse",
		Chunks:  []spark.Chunks{{View: "raw", Format: format, Raw: []string{"size", "name", "none"}, Text: true, Chunks: chunks}},
		Queries: []spark.Query{{Name: "all", SQL: "SELECT _chunk, _file, _rec, _raw, _c0, _c1, _c2 FROM raw ORDER BY 1, 3"}},
	})
	want := [][]string{
		{"0", "0", "0", "a,1", "1", "a", "NULL"},
		{"0", "0", "1", "\"b\nc\",-", "NULL", "b\nc", "NULL"},
		{"0", "0", "2", "\uFFFD,3", "3", "\uFFFD", "NULL"},
		{"1", "9", "4", "d,4", "4", "d", "NULL"},
		{"2", "9", "4", "d,4", "4", "d", "NULL"},
	}
	if diff := cmp.Diff(want, texts(r.Answers["all"])); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	one := source.Counts{Lines: 1, Records: 1, Rows: 1, Bytes: 4}
	counts := []source.Counts{{Lines: 6, Records: 4, Rows: 3, Headers: 1, Continued: 1, Replaced: 1, Bytes: int64(len(first)),
		Rejects: map[string]int64{source.ReasonTooFew: 1}}, one, one}
	if diff := cmp.Diff(counts, r.Counts["raw"]); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestOutputsAreOneFileAPart(t *testing.T) {
	j := spark.Job{
		Name: "write",
		Rows: []spark.Rows{{View: "t", Fields: []spark.Field{{"part", typeOf(sql.Int)}, {"odd name,;{}", typeOf(sql.BigInt)}, {"at", typeOf(sql.Timestamp)}, {"x", typeOf(sql.Double)}},
			Values: [][]any{{2, int64(7), time.UnixMicro(1_500_000), nil}, {0, int64(3), nil, 0.1}, {2, int64(5), nil, 1e300}}}},
		Views:   []spark.View{{Name: "v", SQL: "SELECT *, part + 1 AS more FROM t", Stage: true}},
		Outputs: []spark.Output{{Name: "o", Query: "SELECT * FROM v", By: "part", Parts: 4, Order: []string{"odd name,;{}"}}, {Name: "all", Query: "SELECT x FROM v"}},
	}
	r := run(t, j)
	rows := []int64{}
	for i, f := range r.Files["o"] {
		if rows = append(rows, f.Rows); f.Part != i || (f.Path == "") != (f.Rows == 0) {
			t.Errorf("part %d is %+v", i, f)
		}
	}
	if diff := cmp.Diff([]int64{1, 0, 2, 0}, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if f := r.Files["all"]; len(f) != 1 || f[0].Rows != 3 || f[0].Digest.IsZero() {
		t.Errorf("the other output is %+v", f)
	}
	// What was written is what another job reads side by side.
	part := func(n int) spark.Part {
		f := r.Files["o"][n]
		return spark.Part{Files: []spark.ColumnFile{
			{Path: f.Path, Digest: f.Digest, Columns: []spark.Pick{{"odd name,;{}", "n"}, {"at", "at"}}},
			{Path: f.Path, Digest: f.Digest, Columns: []spark.Pick{{"x", "x"}}}}}
	}
	fields := []spark.Field{{"x", typeOf(sql.Double)}, {"n", typeOf(sql.BigInt)}, {"at", typeOf(sql.Timestamp)}}
	again := run(t, spark.Job{Name: "read", Columns: []spark.Columns{{View: "c", Fields: fields, Parts: []spark.Part{part(0), part(2)}}, {View: "none", Fields: fields}},
		Queries: []spark.Query{{"all", "SELECT * FROM c ORDER BY _part, n"}, {"none", "SELECT count(*) FROM none"}}})
	want := [][]string{{"0", "0.1", "3", "NULL"}, {"1", "1.0E300", "5", "NULL"}, {"1", "NULL", "7", "1970-01-01 00:00:01.5"}}
	if diff := cmp.Diff(want, texts(again.Answers["all"])); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]string{{"0"}}, texts(again.Answers["none"])); diff != "" {
		t.Errorf("rows of no part (-want +got):\n%s", diff)
	}
}

func TestErrorsNameTheSpec(t *testing.T) {
	spans := []diag.Span{{File: "specs/a.textproto", Line: 3, Col: 7, EndLine: 3, EndCol: 8}, {File: "specs/b.textproto", Line: 5, Col: 2, EndLine: 5, EndCol: 9}}
	for name, query := range map[string]string{
		"analysis": "SELECT /*@0*/ 'ü𝄞' AS a, /*@1*/ nothing + 1 AS b",
		"syntax":   "SELECT /*@0*/ 1 AS a,\n/*@1*/ (2 + AS b",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := local(t).Run(t.Context(), spark.Job{Name: "j", Views: []spark.View{{Name: "w", SQL: "SELECT 1"}, {Name: "v", SQL: query, Spans: spans}},
				Outputs: []spark.Output{{Name: "o", Query: "SELECT * FROM v"}}})
			if err == nil || !strings.HasPrefix(err.Error(), "specs/b.textproto:5:2: j: view v: Spark: ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("got error %v", err)
			}
		})
	}
	_, err := local(t).Run(t.Context(), spark.Job{Name: "j", Outputs: []spark.Output{{Name: "o", Query: "SELECT raise_error('no') AS b FROM range(3)"}}})
	if err == nil || !strings.HasPrefix(err.Error(), "j: output o: Spark: [USER_RAISED_EXCEPTION] no") {
		t.Errorf("got error %v", err)
	}
}

// spec is a place in a spec: an expression stands there in a line.
type spec struct{ line int }

// Span returns the place of a part of the expression.
func (s spec) Span(start, end int) diag.Span {
	return diag.Span{File: "specs/p.textproto", Line: s.line, Col: 20 + start, EndLine: s.line, EndCol: 20 + end}
}

// raw are the raw columns of a parser.
type raw []string

// Names returns their names.
func (r raw) Names() []string { return r }

// Lookup finds one.
func (r raw) Lookup(name string) (sql.Column, bool) {
	return sql.Column{Name: name, Type: typeOf(sql.String)}, slices.Contains(r, name)
}

// TestRenderedStatementsNameTheSpec has Spark refuse what is rendered for it: an
// input lacks a column that the second field reads.
func TestRenderedStatementsNameTheSpec(t *testing.T) {
	p := sql.Parsing{Input: "r"}
	for i, text := range []string{"CAST(_c0 AS INT)", "upper(concat(_c0, 'ü𝄞')) || lower(_c1)", "length(_c0)"} {
		e, problems := sql.Parse(text, spec{line: 10 + i})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		typed, problems := sql.Check(e, raw{"_c0", "_c1"}, sql.Options{})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		p.Fields = append(p.Fields, sql.Named{Name: fmt.Sprintf("f%d", i), Expr: typed})
	}
	rendered := p.Spark()
	var fields []spark.Field
	for _, name := range []string{sql.ChunkColumn, sql.FileColumn, sql.RecordColumn} {
		fields = append(fields, spark.Field{Name: name, Type: typeOf(sql.BigInt)})
	}
	_, err := local(t).Run(t.Context(), spark.Job{
		Name:    "parser/p",
		Rows:    []spark.Rows{{View: "r", Fields: append(fields, spark.Field{Name: "_c0", Type: typeOf(sql.String)}), Values: [][]any{{0, 0, 0, "1"}}}},
		Views:   []spark.View{{Name: "parsed", SQL: rendered.SQL, Spans: rendered.Spans}},
		Outputs: []spark.Output{{Name: "o", Query: "SELECT * FROM parsed"}},
	})
	var failed *spark.Error
	if !errors.As(err, &failed) || failed.Kind != spark.KindStatement || !strings.HasPrefix(err.Error(), "specs/p.textproto:11:20: parser/p: view parsed: Spark: [UNRESOLVED_COLUMN") {
		t.Errorf("got error %v", err)
	}
}
