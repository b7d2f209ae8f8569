package onnx

import (
	"errors"
	"fmt"
	"iter"

	"google.golang.org/protobuf/encoding/protowire"
)

// MaxModelSize is the largest model that is loaded, in bytes.
const MaxModelSize = 256 << 20

// maxDepth bounds graphs inside the attributes of nodes inside graphs.
const maxDepth = 16

// Field numbers of onnx.proto3, at https://github.com/onnx/onnx.
const (
	modelIRVersion = 1
	modelGraph     = 7
	modelOpsets    = 8
	modelTraining  = 20
	modelFunctions = 25

	opsetDomain = 1

	graphNodes         = 1
	graphInitializers  = 5
	graphSparseTensors = 15

	nodeAttributes = 5
	nodeDomain     = 7

	attributeTensor        = 5
	attributeGraph         = 6
	attributeTensors       = 10
	attributeGraphs        = 11
	attributeSparseTensor  = 22
	attributeSparseTensors = 23

	sparseValues  = 1
	sparseIndices = 2

	tensorExternalData = 13
	tensorDataLocation = 14
)

// Check reports the first reason why a model may not be loaded: it is too
// large, is not an ONNX model, holds operators outside ai.onnx and ai.onnx.ml
// or functions of its own, or keeps data outside the file. It reads the model
// once and allocates next to nothing.
func Check(model []byte) error {
	if len(model) > MaxModelSize {
		return fmt.Errorf("the model has %d bytes, more than %d", len(model), MaxModelSize)
	}
	var version, graph bool
	for f, err := range fields(model) {
		if err != nil {
			return fmt.Errorf("not an ONNX model: %w", err)
		}
		switch {
		case f.number == modelIRVersion && f.kind == protowire.VarintType:
			version = true
		case f.number == modelGraph && f.kind == protowire.BytesType:
			graph = true
		}
		if err := checkModelField(f); err != nil {
			return err
		}
	}
	if !version || !graph {
		return errors.New("not an ONNX model: it has no version or no graph")
	}
	return nil
}

func checkModelField(f field) error {
	switch f.number {
	case modelGraph:
		return checkGraph(f.bytes, 0)
	case modelOpsets:
		return f.each(func(f field) error {
			if f.number == opsetDomain {
				return checkDomain(f.bytes, "an operator set")
			}
			return nil
		})
	case modelTraining:
		return errors.New("the model holds training steps")
	case modelFunctions:
		return errors.New("the model holds functions of its own")
	}
	return nil
}

func checkGraph(graph []byte, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("the model's graphs are nested deeper than %d", maxDepth)
	}
	return field{bytes: graph}.each(func(f field) error {
		switch f.number {
		case graphNodes:
			return checkNode(f, depth)
		case graphInitializers:
			return checkTensor(f)
		case graphSparseTensors:
			return checkSparseTensor(f)
		}
		return nil
	})
}

func checkNode(node field, depth int) error {
	return node.each(func(f field) error {
		switch f.number {
		case nodeDomain:
			return checkDomain(f.bytes, "an operator")
		case nodeAttributes:
			return checkAttribute(f, depth)
		}
		return nil
	})
}

func checkAttribute(attribute field, depth int) error {
	return attribute.each(func(f field) error {
		switch f.number {
		case attributeTensor, attributeTensors:
			return checkTensor(f)
		case attributeSparseTensor, attributeSparseTensors:
			return checkSparseTensor(f)
		case attributeGraph, attributeGraphs:
			return checkGraph(f.bytes, depth+1)
		}
		return nil
	})
}

func checkSparseTensor(tensor field) error {
	return tensor.each(func(f field) error {
		if f.number == sparseValues || f.number == sparseIndices {
			return checkTensor(f)
		}
		return nil
	})
}

func checkTensor(tensor field) error {
	return tensor.each(func(f field) error {
		external := f.number == tensorExternalData ||
			f.number == tensorDataLocation && f.kind == protowire.VarintType && f.varint != 0
		if external {
			return errors.New("the model keeps data outside its file")
		}
		return nil
	})
}

func checkDomain(domain []byte, of string) error {
	switch string(domain) {
	case "", "ai.onnx", "ai.onnx.ml":
		return nil
	}
	return fmt.Errorf("the model uses %s of the domain %.64q; only ai.onnx and ai.onnx.ml are allowed", of, domain)
}

// A field is one field of a message in wire form; bytes is set for
// length-delimited ones, varint for varints.
type field struct {
	number protowire.Number
	kind   protowire.Type
	bytes  []byte
	varint uint64
}

// each calls check for the fields of the message in f.bytes.
func (f field) each(check func(field) error) error {
	for inner, err := range fields(f.bytes) {
		if err != nil {
			return fmt.Errorf("not an ONNX model: %w", err)
		}
		if err := check(inner); err != nil {
			return err
		}
	}
	return nil
}

// fields yields the fields of a message; an error is the last thing it yields.
func fields(message []byte) iter.Seq2[field, error] {
	return func(yield func(field, error) bool) {
		for len(message) > 0 {
			f := field{}
			var n int
			f.number, f.kind, n = protowire.ConsumeTag(message)
			if n < 0 {
				yield(field{}, protowire.ParseError(n))
				return
			}
			message = message[n:]
			switch f.kind {
			case protowire.VarintType:
				f.varint, n = protowire.ConsumeVarint(message)
			case protowire.BytesType:
				f.bytes, n = protowire.ConsumeBytes(message)
			default:
				n = protowire.ConsumeFieldValue(f.number, f.kind, message)
			}
			if n < 0 {
				yield(field{}, protowire.ParseError(n))
				return
			}
			message = message[n:]
			if !yield(f, nil) {
				return
			}
		}
	}
}
