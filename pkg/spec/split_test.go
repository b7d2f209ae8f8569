package spec

import (
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/specpb"
)

func TestAppendTest(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"no split", "name: \"d\"\n", "name: \"d\"\n\nsplit {\n  test: \"c\"\n}\n"},
		{"a split", "name: \"d\"\nsplit { # held back\n  test: \"b\" }\n", "name: \"d\"\nsplit {\n  test: \"c\" # held back\n  test: \"b\" }\n"},
		{"with a colon", "split: <test: \"b\">", "split: <\n  test: \"c\"test: \"b\">"},
		{"empty", "split {}", "split {\n  test: \"c\"}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := AppendTest([]byte(tt.src), "c")
			if err != nil || string(got) != tt.want {
				t.Fatalf("got %q, %v; want %q", got, err, tt.want)
			}
			var d specpb.Dataset
			if _, list := Read("d", got, &d, nil); list.HasErrors() || d.GetSplit().GetTest()[0] != "c" {
				t.Errorf("reads back as %v, %v", &d, list.Err())
			}
		})
	}
	if _, err := AppendTest([]byte("split # {\n{}"), "c"); err == nil || !strings.Contains(err.Error(), "cannot be edited") {
		t.Errorf("a comment with a brace: %v", err)
	}
}
