package trainer

import (
	"context"
	"encoding/json"
	"testing"
)

// FuzzAnswer holds that whatever a worker writes gives a result inside the
// directory that it was given, or an error, and no panic.
func FuzzAnswer(f *testing.F) {
	for _, line := range []string{
		`{"id":"1","model":"/out/model.onnx","predictions":"/out/predictions.parquet","info":{"features":[{"name":"a"}]}}`,
		`{"event":"progress","id":"1","stage":"fit","done":1,"total":2}`,
		`{"id":"1","error":{"kind":"params","message":"m"}}`,
		`{"id":"1","model":"/out/../etc/passwd","predictions":""}`,
		`{"event":"ready","protocol":1}`, `null`, `[]`, `{"error":null}`, `{"info":null,"id":"1"}`, ``,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		lines := make(chan []byte, 2)
		lines <- line
		lines <- []byte(`{"id":"1","error":{"kind":"end"}}`)
		w := &Worker{process: said{lines: lines}, quiet: quietTime}
		r := Request{ID: "1", Out: "/out"}
		result, err := w.converse(context.Background(), r, nil, func(Event) {})
		if err != nil {
			return
		}
		if checkResult(result, r) != nil || !json.Valid(line) {
			t.Errorf("line %q gave %+v", line, result)
		}
	})
}

// said is a process that has said all that it will.
type said struct {
	process
	lines chan []byte
}

func (s said) Send([]byte)          {}
func (s said) Lines() <-chan []byte { return s.lines }
