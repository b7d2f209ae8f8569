package sql

import (
	"os"
	"strings"
	"testing"
)

// TestEveryFunction proves that each function of Spark 4.3 is known, or refused
// with a reason and what to write instead. The names are what SHOW FUNCTIONS
// lists.
func TestEveryFunction(t *testing.T) {
	text, err := os.ReadFile("testdata/functions.txt")
	if err != nil {
		t.Fatal(err)
	}
	// Operators and words of the syntax, and types as functions.
	syntax := map[string]string{"!": "!b", "!=": "i != 1", "%": "i % 2", "&": "i & 1", "*": "i * 2", "+": "i + 1", "-": "i - 1", "/": "i / 2", "<": "i < 1",
		"<<": "i << 1", "<=": "i <= 1", "<=>": "i <=> 1", "<>": "i <> 1", "=": "i = 1", "==": "i == 1", ">": "i > 1", ">=": "i >= 1", ">>": "i >> 1",
		">>>": "i >>> 1", "^": "i ^ 1", "|": "i | 1", "||": "s || 'x'", "~": "~i", "and": "b and c", "or": "b or c", "not": "not b", "in": "i in (1)",
		"between": "i between 1 and 2", "case": "case i when 1 then 2 end", "when": "case when b then 1 end", "cast": "cast(i as string)", "div": "i div 2"}
	for _, typ := range strings.Fields("bigint binary boolean date decimal double float int smallint string timestamp tinyint") {
		syntax[typ] = typ + "(s)"
	}
	// What is about to be offered.
	names := strings.Fields(string(text))
	if len(names) != 591 {
		t.Errorf("%d names, SHOW FUNCTIONS lists 591", len(names))
	}
	for _, name := range names {
		r, refused := theRefusals[name]
		_, known := theCatalogue.byName[name]
		switch {
		case syntax[name] != "":
			rowOrGroup(t, syntax[name])
		case refused && (r.code == "" || r.reason == "" || r.hint == ""):
			t.Errorf("%s is refused without a reason or a hint: %+v", name, r)
		case !refused && !known:
			t.Errorf("%s is neither known nor refused", name)
		}
	}
}
