package native

import "github.com/mlpdev/mlp/pkg/sparktime"

// timeFunctions read times by patterns, which are constants, so that the last
// one is kept: as microseconds since 1970-01-01, in UTC or on the clock that the
// text is about.
func timeFunctions() []Function {
	var pattern last[sparktime.Pattern]
	read := func(in []Value) (sparktime.Time, bool) {
		p, ok := pattern.read(in[1].Bytes, func(text string) (sparktime.Pattern, bool) {
			p, problem := sparktime.Parse(text)
			return p, problem == ""
		})
		if !ok {
			return sparktime.Time{}, false
		}
		return p.Read(string(in[0].Bytes))
	}
	return []Function{
		{Name: "n_time", Params: []Kind{Text, Text}, Result: Long, Call: func(in []Value, out *Value) {
			t, ok := read(in)
			out.Int, out.Null = t.Instant(), !ok
		}},
		{Name: "n_time_local", Params: []Kind{Text, Text}, Result: Long, Call: func(in []Value, out *Value) {
			t, ok := read(in)
			out.Int, out.Null = t.Local, !ok
		}},
	}
}
