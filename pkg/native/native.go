// Package native holds functions over single values that the SQL of an engine
// computes slowly, not exactly or not at all: hashes, character sets, distances,
// number pictures. An engine registers them under their names; renderings of
// package sql call them. None of them fails: what cannot be computed is NULL.
package native

import "slices"

// Kind is the kind of a value.
type Kind uint8

// The kinds of values. Raw, of parameters only, is Text or Bytes: all of a
// call's parameters of that kind are the same one.
const (
	Text Kind = iota
	Bytes
	Raw
	Int
	Long
	Double
	Bool
)

// Value is an argument or a result. Bytes is set for Text, which is UTF-8, and
// Bytes, Int for Int, Long and Bool, Float for Double.
type Value struct {
	Null  bool
	Bytes []byte
	Int   int64
	Float float64
}

// Function is one function. Call computes a result from the arguments, whose
// bytes it must not keep or change. The result comes as a value that is zero but
// for spare room behind Bytes, which may be appended to. Without Nulls, Call
// sees no argument that is NULL; the result is NULL then.
type Function struct {
	Name   string
	Params []Kind
	Result Kind
	Nulls  bool
	Call   func(in []Value, out *Value)
}

// Functions returns all functions.
func Functions() []Function {
	return slices.Concat(hashFunctions(), digestFunctions(), bytesFunctions(), distanceFunctions(), charsetFunctions(), numberFunctions(), pictureFunctions(), formatFunctions(), jsonFunctions(), csvFunctions(), percentileFunctions(), timeFunctions())
}
