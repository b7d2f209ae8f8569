package native

import (
	"math"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/sparkcsv"
	"github.com/mlpdev/mlp/pkg/sparkjson"
)

// csvFunctions read and write CSV as Spark does. Types and options are
// constants, so that the last one read is kept.
func csvFunctions() []Function {
	var typ last[sparkjson.Type]
	var reading, writing last[sparkcsv.Options]
	return []Function{
		// The first record of a text as JSON of a struct, with texts for dates and
		// times. NULL is a text at which Spark's reader fails.
		{Name: "n_from_csv", Params: []Kind{Text, Text, Text}, Result: Text, Call: func(in []Value, out *Value) {
			t, ok1 := typ.read(in[1].Bytes, sparkjson.ParseType)
			o, ok2 := reading.read(in[2].Bytes, sparkcsv.Read)
			values, ok := o.Parse(string(in[0].Bytes))
			if out.Null = !ok || !ok1 || !ok2; out.Null {
				return
			}
			out.Bytes = append(out.Bytes, '{')
			for i, f := range t.Fields {
				if i > 0 {
					out.Bytes = append(out.Bytes, ',')
				}
				out.Bytes = append(strconv.AppendInt(append(out.Bytes, `"f`...), int64(i), 10), `":`...)
				value := o.NullValue
				if i < len(values) {
					value = values[i]
				}
				out.Bytes = appendCSVValue(out.Bytes, value, f.Type, o)
			}
			out.Bytes = append(out.Bytes, '}')
		}},
		// One value of a record, of which NULL is one, too.
		{Name: "n_csv_value", Params: []Kind{Text, Text}, Result: Text, Nulls: true, Call: func(in []Value, out *Value) {
			o, ok := writing.read(in[1].Bytes, sparkcsv.Read)
			out.Bytes, out.Null = o.Append(out.Bytes, string(in[0].Bytes), in[0].Null), !ok
		}},
	}
}

// appendCSVValue appends a text, read as a type, as JSON; null is what is not
// of the type.
func appendCSVValue(b []byte, text string, t sparkjson.Type, o sparkcsv.Options) []byte {
	if text == o.NullValue {
		return append(b, "null"...)
	}
	v := sparkjson.Value{Kind: sparkjson.String, Text: text}
	switch t.Name {
	case "tinyint", "smallint", "int", "bigint":
		v.Kind, v.Text = sparkjson.Whole, sparkcsv.Digits(text)
	case "decimal":
		v.Text = sparkcsv.Digits(text)
	case "boolean":
		v.Kind, v.Text = sparkjson.Boolean, strings.ToLower(text)
		if !strings.EqualFold(text, "true") && !strings.EqualFold(text, "false") {
			v.Kind = sparkjson.String
		}
	case "float":
		return appendCSVDouble(b, text, 32, o)
	case "double":
		return appendCSVDouble(b, text, 64, o)
	}
	b, _ = t.Convert(b, v)
	return b
}

func appendCSVDouble(b []byte, text string, bits int, o sparkcsv.Options) []byte {
	switch {
	case text == o.NaN:
		return append(b, `"NaN"`...)
	case text == o.NegInfinity:
		return append(b, `"-Infinity"`...)
	case text == o.Infinity:
		return append(b, `"Infinity"`...)
	}
	f, ok := sparkcsv.Double(text, bits)
	switch {
	case !ok:
		return append(b, "null"...)
	case math.IsNaN(f):
		return append(b, `"NaN"`...)
	case math.IsInf(f, 0):
		return sparkjson.AppendString(b, map[bool]string{true: "Infinity", false: "-Infinity"}[f > 0])
	}
	return strconv.AppendFloat(b, f, 'e', -1, bits)
}
