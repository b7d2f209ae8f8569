package run

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/sql"
	"github.com/mlpdev/mlp/pkg/trainer"
)

// fakeTrainer trains in Go: each feature is weighted by how far apart the
// means of the classes lie. It keeps the contract of the Python worker.
type fakeTrainer struct {
	db *duckdb.DB
	// spoil, if not nil, may break what was trained.
	spoil func(m *linear)

	mu      sync.Mutex
	trained []string
}

// linear is a logistic model: missing inputs count as impute.
type linear struct {
	weights, impute []float32
	bias            float32
	plain           bool // no imputation: missing inputs give no score
}

// Train implements Trainer.
func (f *fakeTrainer) Train(ctx context.Context, r trainer.Request, event func(trainer.Event)) (trainer.Result, error) {
	f.mu.Lock()
	f.trained = append(f.trained, r.ID)
	f.mu.Unlock()
	event(trainer.Event{Stage: "fit", Done: 0, Total: 1})
	conn, err := f.db.Conn(ctx)
	if err != nil {
		return trainer.Result{}, err
	}
	defer conn.Close()
	m := &linear{}
	out := trainer.Result{Model: filepath.Join(r.Out, "model.onnx"), Predictions: filepath.Join(r.Out, "predictions.parquet")}
	out.Info = trainer.Info{Versions: map[string]string{"fake": "1"}, Warnings: []string{}}
	if r.Features, err = inputsOf(ctx, conn, r); err != nil {
		return trainer.Result{}, err
	}
	if err := m.fit(ctx, conn, r, &out.Info); err != nil {
		return trainer.Result{}, err
	}
	if _, err := conn.WriteParquet(ctx, duckdb.WriteOptions{Query: m.predictions(r), Path: out.Predictions}); err != nil {
		return trainer.Result{}, err
	}
	if f.spoil != nil {
		f.spoil(m)
	}
	return out, os.WriteFile(out.Model, m.onnx(), 0o644)
}

func (f *fakeTrainer) models() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.trained...)
}

// inputsOf names the inputs of a matrix: of a column of lists each element.
func inputsOf(ctx context.Context, conn *duckdb.Conn, r trainer.Request) ([]string, error) {
	var out []string
	for _, name := range r.Features {
		kind, length := "", int64(0)
		from := " FROM read_parquet(" + sql.Text(r.Matrix) + ") LIMIT 1"
		if err := conn.Query(ctx, "SELECT typeof("+name+")"+from, func(row []any) error { kind = row[0].(string); return nil }); err != nil {
			return nil, err
		}
		if kind != "FLOAT[]" {
			out = append(out, name)
			continue
		}
		if err := conn.Query(ctx, "SELECT len("+name+")::BIGINT"+from, func(row []any) error { length = row[0].(int64); return nil }); err != nil {
			return nil, err
		}
		for i := range length {
			out = append(out, fmt.Sprintf("%s[%d]", name, i+1))
		}
	}
	return out, nil
}

func (m *linear) fit(ctx context.Context, conn *duckdb.Conn, r trainer.Request, info *trainer.Info) error {
	from := " FROM read_parquet(" + sql.Text(r.Matrix) + ") WHERE side = 'train'"
	bias := 0.0
	for _, name := range r.Features {
		x := "nullif(" + name + ", 'nan'::FLOAT)::DOUBLE"
		query := fmt.Sprintf("SELECT coalesce(avg(%[1]s), 0)::DOUBLE, coalesce(var_pop(%[1]s), 0)::DOUBLE, "+
			"coalesce(avg(%[1]s) FILTER (label = 1), 0)::DOUBLE, coalesce(avg(%[1]s) FILTER (label = 0), 0)::DOUBLE", x) + from
		err := conn.Query(ctx, query, func(row []any) error {
			mean, variance, attack, benign := row[0].(float64), row[1].(float64), row[2].(float64), row[3].(float64)
			w := 0.0
			if variance > 0 {
				w = (attack - benign) / variance / float64(len(r.Features))
			}
			m.weights, m.impute = append(m.weights, float32(w)), append(m.impute, float32(mean))
			bias -= w * mean
			info.Features = append(info.Features, trainer.FeatureInfo{Name: name, Coefficient: w, Impute: mean, Scale: 1})
			return nil
		})
		if err != nil {
			return err
		}
	}
	m.bias = float32(bias)
	return nil
}

// predictions selects what the model scores, in double precision.
func (m *linear) predictions(r trainer.Request) string {
	terms := []string{fmt.Sprintf("%.17g::DOUBLE", m.bias)}
	for i, name := range r.Features {
		terms = append(terms, fmt.Sprintf("%.17g * coalesce(nullif(%s, 'nan'::FLOAT), %.17g)::DOUBLE", m.weights[i], name, m.impute[i]))
	}
	return "SELECT 1 / (1 + exp(-(" + strings.Join(terms, " + ") + ")))::DOUBLE AS score, CASE side WHEN 'train' THEN 'nan'::DOUBLE END AS oof" +
		" FROM read_parquet(" + sql.Text(r.Matrix) + ")"
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

// onnx returns the model as a file: IsNaN, Where, MatMul, Add, Sigmoid.
func (m *linear) onnx() []byte {
	node := func(operator, output string, inputs ...string) message {
		var n message
		for _, i := range inputs {
			n = n.text(1, i)
		}
		return n.text(2, output).text(4, operator)
	}
	k := len(m.weights)
	graph := message{}.with(1, node("IsNaN", "missing", "features")).with(1, node("Where", "x", "missing", "impute", "features"))
	if m.plain {
		graph = message{}.with(1, node("Identity", "x", "features"))
	}
	graph = graph.with(1, node("MatMul", "product", "x", "weights")).with(1, node("Add", "sum", "product", "bias")).
		with(1, node("Sigmoid", "score", "sum")).text(2, "linear").
		with(5, tensor("impute", m.impute, k)).with(5, tensor("weights", m.weights, k, 1)).with(5, tensor("bias", []float32{m.bias}, 1)).
		with(11, value("features", k)).with(12, value("score", 1))
	return message{}.number(1, 8).with(7, graph).with(8, message{}.text(1, "").number(2, 13))
}

// tensor is a constant of 32-bit floats.
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

// value describes an input or output of 32-bit floats [N, width].
func value(name string, width int) message {
	shape := message{}.with(1, message{}.text(2, "N")).with(1, message{}.number(1, uint64(width)))
	return message{}.text(1, name).with(2, message{}.with(1, message{}.number(1, 1).with(2, shape)))
}
