package score

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	example "github.com/mlpdev/mlp"
	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/onnx"
	"github.com/mlpdev/mlp/pkg/scaffold"
	"github.com/mlpdev/mlp/pkg/sql"
)

// bench is a site's machine with the example's specs.
type bench struct {
	db    *duckdb.DB
	onnx  *onnx.Runtime
	files fstest.MapFS
}

// newBench makes a bench, or skips where there is no ONNX runtime.
func newBench(t *testing.T) *bench {
	t.Helper()
	library := os.Getenv("MLP_TEST_ONNXRUNTIME")
	if library == "" {
		t.Skip("MLP_TEST_ONNXRUNTIME names no ONNX runtime library")
	}
	b := &bench{files: fstest.MapFS{"mlp.textproto": {Data: []byte("name: \"example\"\n")}}}
	var err error
	b.onnx, err = onnx.Open(library)
	must(t, err)
	b.db, err = duckdb.Open(t.Context(), duckdb.Options{Setup: sql.DuckDBMacros()})
	must(t, err)
	t.Cleanup(func() { b.db.Close() })
	for _, dir := range []string{"specs/parsers", "specs/features"} {
		list, err := fs.Glob(example.Specs, dir+"/*.textproto")
		must(t, err)
		for _, name := range list {
			if example.Part(name) != "scan" {
				continue
			}
			data, err := fs.ReadFile(example.Specs, name)
			must(t, err)
			// Tests bring shapes of their own.
			b.files[name] = &fstest.MapFile{Data: bytes.Replace(data, []byte("source { json {} }\n"), nil, 1)}
		}
	}
	return b
}

// edited returns a bench with other specs on the same machine.
func (b *bench) edited(t *testing.T, name, old, new string) *bench {
	t.Helper()
	out := *b
	out.files = fstest.MapFS{}
	for n, f := range b.files {
		out.files[n] = f
	}
	text := string(b.files[name].Data)
	if strings.Count(text, old) != 1 {
		t.Fatalf("%s has %q %d times, want once", name, old, strings.Count(text, old))
	}
	out.files[name] = &fstest.MapFile{Data: []byte(strings.Replace(text, old, new, 1))}
	return &out
}

// logit is a logistic model: weights by feature, 0 where there is none; a
// missing input counts as 0, or gives no score.
type logit struct {
	name, set string
	weights   map[string]float32
	bias      float32
	plain     bool // a missing input gives no score
	threshold float64
}

// windows flags sources that fail on many ports, rows flags failed connections.
func windows() logit {
	return logit{name: "scan_src", set: "src_5min", weights: map[string]float32{"ports": 0.2, "failed_ratio": 3, "n": 0.01}, bias: -4, threshold: 0.5}
}

func rows() logit {
	return logit{name: "scan_conn", set: "conn_row", weights: map[string]float32{"failed": 4, "web": -3, "duration_log": 0.1}, bias: -2, threshold: 0.5}
}

// chain compiles the specs for a model.
func (b *bench) chain(t *testing.T, l logit) *Chain {
	t.Helper()
	program, err := CompileTree(b.files)
	must(t, err)
	set, ok := compile.ByName(program.FeatureSets, l.set)
	if !ok {
		t.Fatalf("no feature set %s", l.set)
	}
	var weights []float32
	for _, f := range set.Features {
		weights = append(weights, slices.Repeat([]float32{l.weights[f.Name]}, f.Width())...)
	}
	model, err := b.onnx.Load(linear(weights, l.bias, l.plain), len(weights))
	must(t, err)
	t.Cleanup(func() { model.Close() })
	c := Of(&compile.Model{Name: l.name, Key: digest.Of([]byte(l.name)), FeatureSet: set, Features: set.Features}, model)
	c.Threshold = l.threshold
	c.Tree, err = treeDigest(b.files)
	must(t, err)
	return c
}

func (b *bench) chains(t *testing.T, models ...logit) []*Chain {
	t.Helper()
	var out []*Chain
	for _, m := range models {
		out = append(out, b.chain(t, m))
	}
	return out
}

// scored is what a run gave.
type scored struct {
	summary *Summary
	next    *State
	alerts  []alert.Alert
	rows    []ScoredRow
	text    string // alerts and rows as JSON lines
}

// run scores, and keeps what comes out.
func (b *bench) run(t *testing.T, o Options) scored {
	t.Helper()
	var out scored
	var text strings.Builder
	o.DB, o.Release = b.db, "local#1"
	encoder := json.NewEncoder(&text)
	o.Emit = func(a alert.Alert) error { out.alerts = append(out.alerts, a); return encoder.Encode(a) }
	o.EmitRow = func(r ScoredRow) error { out.rows = append(out.rows, r); return encoder.Encode(r) }
	var err error
	out.summary, out.next, err = Run(t.Context(), o)
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	out.text = text.String()
	var rejects int64
	for _, n := range out.summary.Rejects {
		rejects += n
	}
	if s := out.summary; s.Records != s.Rows+rejects {
		t.Errorf("%d records are not %d rows + %d rejects", s.Records, s.Rows, rejects)
	}
	return out
}

func segments(texts ...string) []Segment {
	var out []Segment
	for _, text := range texts {
		out = append(out, Segment{Name: "new.log", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }})
	}
	return out
}

// record is one connection of a generated log, by column.
type record map[string]string

// records generates connections in order of time.
func records(seed uint64, benign, scanners int) []record {
	text := scaffold.Log{Seed: seed, Start: time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC), Records: benign, Scanners: scanners, Labelled: true}.Bytes()
	var names []string
	var out []record
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case cells[0] == "#fields":
			names = cells[1:]
		case !strings.HasPrefix(line, "#"):
			r := record{}
			for i, n := range names {
				r[n] = cells[i]
			}
			out = append(out, r)
		}
	}
	return out
}

// layout is an order of columns.
type layout []string

// layouts are those of production logs, of labelled logs, and of a log with
// its columns in another order.
func layouts() []layout {
	plain := layout(strings.Fields("ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state " +
		"local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents"))
	labelled := append(slices.Clone(plain), "label", "detailedlabel")
	reversed := slices.Clone(labelled)
	slices.Reverse(reversed)
	return []layout{plain, labelled, reversed}
}

// log writes records under a header.
func (l layout) log(records []record) string {
	var b strings.Builder
	b.WriteString("#separator \\x09\n#fields\t" + strings.Join(l, "\t") + "\n")
	for _, r := range records {
		cells := make([]string, len(l))
		for i, name := range l {
			cells[i] = r[name]
		}
		b.WriteString(strings.Join(cells, "\t") + "\n")
	}
	return b.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// message is a protobuf message in wire form; the numbers of its fields are
// those of onnx.proto3.
type message []byte

func (m message) text(number protowire.Number, v string) message {
	return protowire.AppendString(protowire.AppendTag(m, number, protowire.BytesType), v)
}

func (m message) number(number protowire.Number, v uint64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, number, protowire.VarintType), v)
}

func (m message) with(number protowire.Number, v message) message {
	return protowire.AppendBytes(protowire.AppendTag(m, number, protowire.BytesType), v)
}

// linear returns a logistic model as an ONNX file.
func linear(weights []float32, bias float32, plain bool) []byte {
	node := func(operator, output string, inputs ...string) message {
		var n message
		for _, i := range inputs {
			n = n.text(1, i)
		}
		return n.text(2, output).text(4, operator)
	}
	k := len(weights)
	graph := message{}.with(1, node("IsNaN", "missing", "features")).with(1, node("Where", "x", "missing", "impute", "features"))
	if plain {
		graph = message{}.with(1, node("Identity", "x", "features"))
	}
	graph = graph.with(1, node("MatMul", "product", "x", "weights")).with(1, node("Add", "sum", "product", "bias")).
		with(1, node("Sigmoid", "score", "sum")).text(2, "linear").
		with(5, tensor("impute", make([]float32, k), k)).with(5, tensor("weights", weights, k, 1)).with(5, tensor("bias", []float32{bias}, 1)).
		with(11, value("features", k)).with(12, value("score", 1))
	return message{}.number(1, 8).with(7, graph).with(8, message{}.text(1, "").number(2, 13))
}

func tensor(name string, values []float32, dims ...int) message {
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	var t message
	for _, d := range dims {
		t = t.number(1, uint64(d))
	}
	return t.number(2, 1).text(8, name).with(9, raw)
}

func value(name string, width int) message {
	shape := message{}.with(1, message{}.text(2, "N")).with(1, message{}.number(1, uint64(width)))
	return message{}.text(1, name).with(2, message{}.with(1, message{}.number(1, 1).with(2, shape)))
}
