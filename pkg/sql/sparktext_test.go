package sql

import (
	"strings"
	"testing"
)

func TestSparkText(t *testing.T) {
	double := Type{Kind: Double}
	for _, tt := range []struct {
		t    Type
		want string
	}{
		{Type{Kind: String}, `"x"`},
		{Type{Kind: BigInt}, `"x"::VARCHAR`},
		{double, `s_dbl2str("x")`},
		{Type{Kind: Timestamp}, `s_ts2str("x")`},
		{Type{Kind: Array, Elem: &double}, `('[' || array_to_string(list_transform("x", lambda _s_e1: coalesce(s_dbl2str(_s_e1), 'null')), ', ') || ']')`},
	} {
		if got := SparkText("x", tt.t); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.t, got, tt.want)
		}
	}
	if got := SparkText(`a"b`, Type{Kind: String}); strings.Count(got, `"`) != 4 {
		t.Errorf("a quote in a name: %s", got)
	}
}
