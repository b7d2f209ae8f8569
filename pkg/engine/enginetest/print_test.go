package enginetest_test

import (
	"math"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/sql"
)

func TestPrint(t *testing.T) {
	double, text, timestamp := sql.Type{Kind: sql.Double}, sql.Type{Kind: sql.String}, sql.Type{Kind: sql.Timestamp}
	moment := time.Date(2020, 1, 2, 3, 4, 5, 600_000_000, time.FixedZone("east", 3600))
	tests := []struct {
		name  string
		value any
		typ   sql.Type
		want  string
	}{
		{"null", nil, text, "NULL"},
		{"text", `a"b`, text, `a"b`},
		{"bytes that are no text", []byte("\xff\xfea"), sql.Type{Kind: sql.Binary}, "\ufffd\ufffda"},
		{"boolean", true, sql.Type{Kind: sql.Boolean}, "true"},
		{"integer", int64(-5), sql.Type{Kind: sql.BigInt}, "-5"},
		{"whole double", 100.0, double, "100.0"},
		{"large double", 1e7, double, "1.0E7"},
		{"not so large double", 9999999.5, double, "9999999.5"},
		{"small double", -0.00012, double, "-1.2E-4"},
		{"infinity", math.Inf(1), double, "Infinity"},
		{"minus infinity", math.Inf(-1), double, "-Infinity"},
		{"not a number", math.NaN(), double, "NaN"},
		{"minus zero", math.Copysign(0, -1), double, "-0.0"},
		{"float", float32(0.1), sql.Type{Kind: sql.Float}, "0.1"},
		{"date", moment, sql.Type{Kind: sql.Date}, "2020-01-02"},
		{"date after 9999", time.Date(12345, 1, 2, 0, 0, 0, 0, time.UTC), sql.Type{Kind: sql.Date}, "+12345-01-02"},
		{"date before the year 0", time.Date(-44, 3, 15, 0, 0, 0, 0, time.UTC), sql.Type{Kind: sql.Date}, "-0044-03-15"},
		{"timestamp in UTC", moment, timestamp, "2020-01-02 02:04:05.6"},
		{"array", []any{"a", nil}, sql.Type{Kind: sql.Array, Elem: &text}, `["a",null]`},
		{"map, the smallest text first", []any{[]any{"b", 1}, []any{"a", nil}}, sql.Type{Kind: sql.Map, Key: &text, Elem: &double}, `{"a":null,"b":1}`},
		{"struct", []any{"x", nil, []any{2.0}}, sql.Type{Kind: sql.Struct, Fields: []sql.Field{{Name: "A", Type: text}, {Name: "a", Type: text}, {Name: "l", Type: sql.Type{Kind: sql.Array, Elem: &double}}}}, `{"A":"x","a":null,"l":[2.0]}`},
		{"array of doubles", []any{1.0, nil}, sql.Type{Kind: sql.Array, Elem: &double}, "[1.0,null]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := enginetest.Print(tt.value, tt.typ); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestEqual(t *testing.T) {
	double, text := sql.Type{Kind: sql.Double}, sql.Type{Kind: sql.String}
	doubles := sql.Type{Kind: sql.Array, Elem: &double}
	tests := []struct {
		name string
		a, b string
		typ  sql.Type
		want bool
	}{
		{"last digit", "0.30000000000000004", "0.3", double, true},
		{"another number", "0.3001", "0.3", double, false},
		{"sign of zero", "0.0", "-0.0", double, true},
		{"not a number", "NaN", "1.0", double, false},
		{"both infinite", "Infinity", "-Infinity", double, false},
		{"texts are exact", "0.30000000000000004", "0.3", text, false},
		{"arrays", "[1.0,0.3]", "[1.0,0.30000000000000004]", doubles, true},
		{"shorter array", "[1.0]", "[1.0,2.0]", doubles, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := enginetest.Equal(tt.a, tt.b, tt.typ); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
