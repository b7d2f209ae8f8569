package sql

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What the texts compute is tested where an engine is at hand, in package run;
// here is their form.

func TestRelationIdentity(t *testing.T) {
	keys := []Key{{Name: "src", Type: Type{Kind: String}}, {Name: "Port", Type: Type{Kind: Int}}}
	for _, tt := range []struct {
		name         string
		r            Relation
		id, identity []string
	}{
		{"rows", Relation{}, []string{"_file", "_rec"}, []string{"_file", "_rec"}},
		{"a key", Relation{Group: &Group{Keys: keys}}, []string{"_row"}, []string{"_row", "_key_src", "_key_Port"}},
		{"a window", Relation{Group: &Group{Keys: keys[:1], Window: &Window{Time: "ts", Micros: 1}}}, []string{"_row"},
			[]string{"_row", "_key_src", "_window_start", "_window_end", "_partial"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.id, tt.r.RowID()); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.identity, tt.r.Identity()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestQuoting(t *testing.T) {
	for _, tt := range []struct{ name, got, want string }{
		{"name", Quote(`a`), `"a"`},
		{"name with a quote", Quote(`a"; DROP TABLE x; --`), `"a""; DROP TABLE x; --"`},
		{"empty name", Quote(``), `""`},
		{"text", Text(`it's`), `'it''s'`},
		{"text with a backslash", Text(`\'`), `'\'''`},
		{"several names", quoted(duckDB{}, "a", `b"c`), `"a", "b""c"`},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, tt.got, tt.want)
		}
	}
}

// Every column carries its name once, and every name is quoted, whatever it
// is.
func TestRelationText(t *testing.T) {
	r := Relation{Input: "(SELECT 1)", Where: rowOrGroup(t, "b"), Columns: []Named{{Name: `c"1`, Expr: rowOrGroup(t, "i + 1")}},
		Outputs: []Named{{Name: "select", Expr: rowOrGroup(t, "i")}}, Having: rowOrGroup(t, "b"), Label: rowOrGroup(t, "c"), Texts: 2}
	text := r.DuckDB()
	for _, part := range []string{`AS "c""1"`, `AS "select"`, `AS "_label"`, `AS "_records"`, `AS "_raws"`, ` ORDER BY "_file", "_rec"`, "FROM (SELECT 1) WHERE "} {
		if strings.Count(text, part) != 1 {
			t.Errorf("%q stands %d times in %s", part, strings.Count(text, part), text)
		}
	}
	if again := r.DuckDB(); again != text {
		t.Error("the text differs between calls")
	}
}

func TestModelInputs(t *testing.T) {
	for _, tt := range []struct {
		kind         Kind
		input, value string
	}{
		{Boolean, `"x"::TINYINT::FLOAT`, `"x"::TINYINT::DOUBLE`},
		{Int, `"x"::FLOAT`, `"x"::DOUBLE`},
		{BigInt, `"x"::FLOAT`, `"x"::DOUBLE`},
		{Double, `CASE WHEN isfinite("x") AND abs("x") <= 3.4028234663852886e38::DOUBLE THEN "x"::FLOAT END`, `"x"::DOUBLE`},
	} {
		vector := arrayOf(Type{Kind: tt.kind})
		list := func(text string) string {
			return `list_resize(coalesce(list_transform("x", lambda _s_x: ` + strings.ReplaceAll(text, `"x"`, "_s_x") + `), []), 2)`
		}
		for _, got := range []struct{ want, got string }{
			{tt.input, ModelInput("x", Type{Kind: tt.kind}, 0)}, {tt.value, AsDouble("x", Type{Kind: tt.kind}, 0)},
			{list(tt.input) + "::FLOAT[2]", ModelInput("x", vector, 2)}, {list(tt.value), AsDouble("x", vector, 2)},
		} {
			if diff := cmp.Diff(got.want, got.got); diff != "" {
				t.Error(diff)
			}
		}
	}
}
