package native

import (
	"sync/atomic"

	"github.com/mlpdev/mlp/pkg/sparkjson"
)

// jsonFunctions read JSON as Spark does. Paths and types are constants, so that
// the last one read is kept.
func jsonFunctions() []Function {
	var path last[sparkjson.Path]
	var typ last[sparkjson.Type]
	return []Function{
		// The first value of a text, as JSON with null for what an array or object
		// holds.
		{Name: "n_json", Params: []Kind{Text}, Result: Text, Call: func(in []Value, out *Value) {
			v, ok := sparkjson.Options{Plain: true}.Parse(string(in[0].Bytes))
			for i := range v.Items {
				v.Items[i] = sparkjson.Value{}
			}
			out.Bytes, out.Null = sparkjson.Append(out.Bytes, v), !ok
		}},
		{Name: "n_json_get", Params: []Kind{Text, Text}, Result: Text, Call: func(in []Value, out *Value) {
			p, ok := path.read(in[1].Bytes, sparkjson.ParsePath)
			v, isJSON := sparkjson.Options{Plain: true}.Parse(string(in[0].Bytes))
			if !ok || !isJSON {
				out.Null = true
				return
			}
			out.Bytes, ok = p.Get(out.Bytes, v)
			out.Null = !ok
		}},
		// A member of an object, as json_tuple gives it.
		{Name: "n_json_member", Params: []Kind{Text, Text}, Result: Text, Call: func(in []Value, out *Value) {
			v, ok := sparkjson.Options{Plain: true}.Parse(string(in[0].Bytes))
			if ok {
				out.Bytes, ok = v.Member(out.Bytes, string(in[1].Bytes))
			}
			out.Null = !ok
		}},
		// The value of a text as JSON of a type. NULL is a text that is no JSON, or
		// not of the type.
		{Name: "n_from_json", Params: []Kind{Text, Text}, Result: Text, Call: func(in []Value, out *Value) {
			t, ok := typ.read(in[1].Bytes, sparkjson.ParseType)
			v, isJSON := sparkjson.Options{}.Parse(string(in[0].Bytes))
			if !ok || !isJSON || v.Kind == sparkjson.Null {
				out.Null = true
				return
			}
			if t.Name == "array" && t.Elem.Name == "struct" && v.Kind == sparkjson.Object {
				v = sparkjson.Value{Kind: sparkjson.Array, Items: []sparkjson.Value{v}}
			}
			out.Bytes, ok = t.Convert(out.Bytes, v)
			out.Null = !ok
		}},
	}
}

// last keeps what was read of the last text.
type last[T any] struct{ kept atomic.Pointer[reading[T]] }

type reading[T any] struct {
	text  string
	value T
	ok    bool
}

func (l *last[T]) read(text []byte, read func(text string) (T, bool)) (T, bool) {
	r := l.kept.Load()
	if r == nil || r.text != string(text) {
		r = &reading[T]{text: string(text)}
		r.value, r.ok = read(r.text)
		l.kept.Store(r)
	}
	return r.value, r.ok
}
