package onnx

import (
	"context"
	"errors"
	"fmt"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

const (
	inputName  = "features"
	outputName = "score"
)

// batchValues is how many input values are handed to the runtime at once.
const batchValues = 1 << 18

// Model is a model ready to score. Its methods may be called by several
// goroutines; they take turns.
type Model struct {
	inputs  int
	mu      sync.Mutex
	session *ort.DynamicAdvancedSession
}

// Inputs is how many numbers a row has.
func (m *Model) Inputs() int { return m.inputs }

// Load checks a model with [Check] and prepares it, to run on one thread. It
// must have the one input "features" of 32-bit floats [N, inputs] and an output
// "score" of 32-bit floats [N] or [N, 1].
func (r *Runtime) Load(model []byte, inputs int) (*Model, error) {
	if inputs < 1 {
		return nil, fmt.Errorf("load model: %d inputs", inputs)
	}
	if err := Check(model); err != nil {
		return nil, fmt.Errorf("load model: %w", err)
	}
	if err := checkInterface(model, inputs); err != nil {
		return nil, fmt.Errorf("load model: %w", err)
	}
	session, err := newSession(model)
	if err != nil {
		return nil, fmt.Errorf("load model: %w", err)
	}
	return &Model{inputs: inputs, session: session}, nil
}

func newSession(model []byte) (_ *ort.DynamicAdvancedSession, err error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, options.Destroy()) }()
	if err := errors.Join(
		options.SetIntraOpNumThreads(1),
		options.SetInterOpNumThreads(1),
		options.SetExecutionMode(ort.ExecutionModeSequential),
		options.SetLogSeverityLevel(ort.LoggingLevelFatal),
		// The arena would keep the largest batch's memory for good.
		options.SetCpuMemArena(false),
	); err != nil {
		return nil, err
	}
	return ort.NewDynamicAdvancedSessionWithONNXData(model, []string{inputName}, []string{outputName}, options)
}

// Score returns one score a row. rows holds the rows one after the other, each
// with the model's number of inputs; NaN is a missing value. What other rows
// are scored together with a row may change its score in the last bit, no more.
// A score is NaN only where the model gives none.
func (m *Model) Score(ctx context.Context, rows []float32) ([]float32, error) {
	if len(rows)%m.inputs != 0 {
		return nil, fmt.Errorf("score rows: %d values are not rows of %d", len(rows), m.inputs)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.session == nil {
		return nil, errors.New("score rows: the model is closed")
	}
	scores := make([]float32, len(rows)/m.inputs)
	batch := max(batchValues/m.inputs, 1)
	for start := 0; start < len(scores); start += batch {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("score rows: %w", err)
		}
		end := min(start+batch, len(scores))
		if err := m.score(rows[start*m.inputs:end*m.inputs], scores[start:end]); err != nil {
			return nil, fmt.Errorf("score rows: %w", err)
		}
	}
	return scores, nil
}

// score fills scores with those of the rows.
func (m *Model) score(rows, scores []float32) (err error) {
	input, err := ort.NewTensor(ort.NewShape(int64(len(scores)), int64(m.inputs)), rows)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, input.Destroy()) }()
	outputs := []ort.Value{nil}
	if err := m.session.Run([]ort.Value{input}, outputs); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, outputs[0].Destroy()) }()
	output, ok := outputs[0].(*ort.Tensor[float32])
	if !ok || len(output.GetData()) != len(scores) {
		return fmt.Errorf("the model gave %T of shape %v for %d rows", outputs[0], outputs[0].GetShape(), len(scores))
	}
	copy(scores, output.GetData())
	return nil
}

// Close frees the model. It may be called more than once.
func (m *Model) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.session == nil {
		return nil
	}
	session := m.session
	m.session = nil
	if err := session.Destroy(); err != nil {
		return fmt.Errorf("close model: %w", err)
	}
	return nil
}
