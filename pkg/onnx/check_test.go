package onnx_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/onnx"
)

func TestCheck(t *testing.T) {
	external := message{}.with(13, message{}.text(1, "location").text(2, "/etc/passwd"))
	tests := []struct {
		name   string
		change func(m *model)
		want   string // "" means that the model is good
	}{
		{"good", func(*model) {}, ""},
		{"standard domains", func(m *model) { m.domain, m.opset = "ai.onnx", "ai.onnx.ml" }, ""},
		{"tensor in the file", func(m *model) { m.tensor = message{}.number(14, 0).text(8, "t") }, ""},
		{"graph in an attribute", func(m *model) { m.attribute = nested(3, nil) }, ""},
		{"operator of another domain", func(m *model) { m.domain = "com.microsoft" }, `an operator of the domain "com.microsoft"`},
		{"operator set of another domain", func(m *model) { m.opset = "com.microsoft" }, `an operator set of the domain "com.microsoft"`},
		{"domain of control characters", func(m *model) { m.domain = "\x1b[2J" }, `"\x1b[2J"`},
		{"external data", func(m *model) { m.tensor = external }, "data outside its file"},
		{"external location", func(m *model) { m.tensor = message{}.number(14, 1) }, "data outside its file"},
		{"location twice", func(m *model) { m.tensor = message{}.number(14, 1).number(14, 0) }, "data outside its file"},
		{"external data of an attribute", func(m *model) { m.attribute = message{}.with(5, external) }, "data outside its file"},
		{"external data of attributes", func(m *model) { m.attribute = message{}.with(10, external) }, "data outside its file"},
		{"external data, sparse", func(m *model) { m.attribute = message{}.with(22, message{}.with(2, external)) }, "data outside its file"},
		{"external data, nested", func(m *model) { m.attribute = nested(3, message{}.with(5, external)) }, "data outside its file"},
		{"external data, nested and sparse", func(m *model) {
			m.attribute = nested(1, message{}.with(15, message{}.with(1, external)))
		}, "data outside its file"},
		{"foreign operator, nested", func(m *model) { m.attribute = nested(2, message{}.with(1, message{}.text(7, "x"))) }, `domain "x"`},
		{"nested too deep", func(m *model) { m.attribute = nested(2000, nil) }, "nested deeper than 16"},
		{"functions", func(m *model) { m.modelField = message{}.with(25, nil) }, "functions of its own"},
		{"training", func(m *model) { m.modelField = message{}.with(20, nil) }, "training steps"},
		{"second graph", func(m *model) { m.modelField = message{}.with(7, message{}.with(5, external)) }, "data outside its file"},
		{"cut short", func(m *model) { m.modelField = message("\x3a\xff") }, "not an ONNX model"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := meanModel(3)
			test.change(&m)
			err := onnx.Check(m.bytes())
			if test.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}

// nested returns an attribute with graphs inside graphs, and graph innermost.
func nested(depth int, graph message) message {
	for range depth - 1 {
		graph = message{}.with(1, message{}.with(5, message{}.with(6, graph)))
	}
	return message{}.with(6, graph)
}

func TestCheckOfNoModel(t *testing.T) {
	for name, text := range map[string]string{
		"empty":         "",
		"text":          "This is not a model.",
		"version only":  string(message{}.number(1, 8)),
		"graph only":    string(message{}.with(7, nil)),
		"pickle":        "\x80\x04\x95\x00\x00\x00\x00",
		"length beyond": "\x3a\xff\xff\xff\xff\x0f",
	} {
		if err := onnx.Check([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := onnx.Check(make([]byte, onnx.MaxModelSize+1)); err == nil || !strings.Contains(err.Error(), "bytes, more than") {
		t.Errorf("too large: %v", err)
	}
}

func TestCheckIsCheap(t *testing.T) {
	m := meanModel(3)
	for range 200_000 {
		m.modelField = m.modelField.text(2, "producer")
	}
	text := m.bytes()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := onnx.Check(text); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<16 {
		t.Errorf("checking %d bytes allocated %d", len(text), got)
	}
}

// FuzzCheck holds that no input panics, that the answer is always the same, and
// that what passes does so no more once a function stands behind it.
func FuzzCheck(f *testing.F) {
	f.Add(meanModel(3).bytes())
	foreign := meanModel(3)
	foreign.domain = "com.microsoft"
	f.Add(foreign.bytes())
	nestedModel := meanModel(3)
	nestedModel.attribute = nested(5, nil)
	f.Add(nestedModel.bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		first := onnx.Check(text)
		second := onnx.Check(text)
		if (first == nil) != (second == nil) {
			t.Errorf("%v, then %v", first, second)
		}
		if first == nil && onnx.Check(append(text, message{}.with(25, nil)...)) == nil {
			t.Error("a function was overlooked")
		}
	})
}
