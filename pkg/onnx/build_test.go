package onnx_test

import "google.golang.org/protobuf/encoding/protowire"

// A message is a protobuf message in wire form, made field by field.
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

// The parts of a model that scores a row by the mean of its values, with the
// field numbers of onnx.proto3.
type model struct {
	domain     string // of the operator
	opset      string // another operator set's domain
	operator   string
	input      string
	output     string
	width      uint64 // 0: any
	elements   uint64 // type of the input's elements; 1 is float
	keepDims   uint64
	tensor     message // an initializer
	attribute  message // another attribute of the node
	modelField message // more fields of the model
}

func meanModel(width int) model {
	return model{operator: "ReduceMean", input: "features", output: "score", width: uint64(width), elements: 1}
}

func (m model) bytes() []byte {
	const ints, integer = 7, 2
	axes := message{}.text(1, "axes").number(8, 1).number(20, ints)
	keep := message{}.text(1, "keepdims").number(3, m.keepDims).number(20, integer)
	node := message{}.text(1, m.input).text(2, m.output).text(4, m.operator).text(7, m.domain).with(5, axes).with(5, keep)
	if m.attribute != nil {
		node = node.with(5, m.attribute)
	}
	graph := message{}.with(1, node).text(2, "g").
		with(11, m.value(m.input, m.elements, true)).
		with(12, m.value(m.output, m.elements, m.keepDims == 1))
	if m.tensor != nil {
		graph = graph.with(5, m.tensor)
	}
	whole := message{}.number(1, 8).with(7, graph).with(8, message{}.text(1, "").number(2, 13))
	if m.opset != "" {
		whole = whole.with(8, message{}.text(1, m.opset).number(2, 1))
	}
	return append(whole, m.modelField...)
}

// value describes an input or output, of one dimension or of two.
func (m model) value(name string, elements uint64, wide bool) message {
	shape := message{}.with(1, message{}.text(2, "N"))
	if wide {
		width := m.width
		if name == m.output {
			width = 1
		}
		shape = shape.with(1, message{}.number(1, width))
	}
	return message{}.text(1, name).with(2, message{}.with(1, message{}.number(1, elements).with(2, shape)))
}
