package spec

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/specpb"
)

const editBase = `# A parser.
name: "p"   # its name
source { delimited { separator: "," } }
fields { name: "a" data_type: STRING definition: "x" }
`

func TestEdits(t *testing.T) {
	expect := func(field, value string) *specpb.ExpectedValue {
		return &specpb.ExpectedValue{Field: field, Value: value}
	}
	for _, tt := range []struct {
		name, text string
		edit       func(e *Edits, x *specpb.ParserExample)
		want       string
	}{
		{"a text", `examples { raw: "1" expect { field: "a"  value: 'old' "er" } } # end`,
			func(e *Edits, x *specpb.ParserExample) { e.SetText(x.GetExpect()[0], "value", "new\t\"") },
			`examples { raw: "1" expect { field: "a"  value: "new\t\"" } } # end`},
		{"a text that is missing", `examples { raw: "1" expect { field: "a" } expect { field: "b" }}`,
			func(e *Edits, x *specpb.ParserExample) {
				e.SetText(x.GetExpect()[0], "value", "1")
				e.SetText(x.GetExpect()[1], "value", "2")
			},
			`examples { raw: "1" expect { field: "a" value: "1" } expect { field: "b" value: "2" }}`},
		{"a text that is missing on lines", "examples {\n  raw: \"1\" # one\n  expect {\n    field: \"a\"\n    # why\n  }\n}\n",
			func(e *Edits, x *specpb.ParserExample) { e.SetText(x.GetExpect()[0], "value", "1") },
			"examples {\n  raw: \"1\" # one\n  expect {\n    field: \"a\"\n    # why\n    value: \"1\"\n  }\n}\n"},
		{"messages into one line", "  examples { raw: \"1\" }\n",
			func(e *Edits, x *specpb.ParserExample) {
				e.AddMessage(x, "expect", expect("a", "1"))
				e.AddMessage(x, "expect", expect("b", ""))
			},
			"  examples { raw: \"1\"\n    expect { field: \"a\" value: \"1\" }\n    expect { field: \"b\" }\n  }\n"},
		{"messages into one tight line", "examples{raw:'1'}",
			func(e *Edits, x *specpb.ParserExample) {
				e.AddMessage(x, "expect", expect("a", "1"))
				e.AddMessage(x, "expect", expect("b", "2"))
			},
			"examples{raw:'1'\n  expect { field: \"a\" value: \"1\" }\n  expect { field: \"b\" value: \"2\" }\n}"},
		{"messages into lines", "examples {\n  raw: \"1\"\n  # nothing yet\n}\n",
			func(e *Edits, x *specpb.ParserExample) { e.AddMessage(x, "expect", expect("a", "1")) },
			"examples {\n  raw: \"1\"\n  # nothing yet\n  expect { field: \"a\" value: \"1\" }\n}\n"},
		{"messages before a brace behind text", "examples { name: \"x\"\n  raw: \"1\" }\n",
			func(e *Edits, x *specpb.ParserExample) { e.AddMessage(x, "expect", expect("a", "1")) },
			"examples { name: \"x\"\n  raw: \"1\"\n  expect { field: \"a\" value: \"1\" } }\n"},
		{"a long message", "examples { raw: \"1\"\n}",
			func(e *Edits, x *specpb.ParserExample) {
				e.AddMessage(x, "expect", expect("a", strings.Repeat("x", 100)))
			},
			"examples { raw: \"1\"\n  expect {\n    field: \"a\"\n    value: \"" + strings.Repeat("x", 100) + "\"\n  }\n}"},
		{"away with lines", "examples {\n  raw: \"1\"\n  expect { field: \"a\" value: \"1\" } ,\n  # why\n  expect {\n    field: \"b\"\n  }\n  reject: \"x\"\n}\n",
			func(e *Edits, x *specpb.ParserExample) {
				e.Remove(x, "expect")
				e.AddMessage(x, "expect", expect("c", "1"))
			},
			"examples {\n  raw: \"1\"\n  # why\n  reject: \"x\"\n  expect { field: \"c\" value: \"1\" }\n}\n"},
		{"away in a line", "examples { raw: \"1\" expect { field: \"a\" }; reject: \"x\", expect { field: \"b\" } }\n",
			func(e *Edits, x *specpb.ParserExample) {
				e.Remove(x, "expect")
				e.Remove(x, "reject")
				e.Remove(x, "name")
			},
			"examples { raw: \"1\" }\n"},
		{"another kind", "examples { raw: \"1\" reject: \"x\" }\n",
			func(e *Edits, x *specpb.ParserExample) {
				e.Remove(x, "reject")
				e.AddMessage(x, "expect", expect("a", "1"))
			},
			"examples { raw: \"1\"\n  expect { field: \"a\" value: \"1\" }\n}\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := new(specpb.Parser)
			doc, list := Read("p", []byte(editBase+tt.text), p, nil)
			if len(list) > 0 {
				t.Fatal(list.Err())
			}
			e := doc.Edit()
			tt.edit(e, p.GetExamples()[0])
			got, err := e.Bytes("examples")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(editBase+tt.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEditsRefuse(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		edit       func(e *Edits, p *specpb.Parser)
		want       string
	}{
		{"brackets", `examples { raw: "1" expect: [{ field: "a" }, { field: "b" }] }`,
			func(e *Edits, p *specpb.Parser) { e.Remove(p.GetExamples()[0], "expect") }, "in brackets"},
		{"something else", "", func(e *Edits, p *specpb.Parser) { e.SetText(p, "name", "q") }, "more than examples would change"},
		{"a stranger", "", func(e *Edits, p *specpb.Parser) { e.SetText(&specpb.ParserExample{}, "raw", "1") }, "no such ParserExample"},
		{"twice", `examples { raw: "1" }`, func(e *Edits, p *specpb.Parser) {
			e.SetText(p.GetExamples()[0], "raw", "2")
			e.SetText(p.GetExamples()[0], "raw", "3")
		}, "overlap"},
		{"what does not read back", "", func(e *Edits, p *specpb.Parser) { e.AddMessage(p.GetFields()[0], "nothing", &specpb.ExpectedValue{}) }, "no field"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := new(specpb.Parser)
			doc, list := Read("p", []byte(editBase+tt.text), p, nil)
			if len(list) > 0 {
				t.Fatal(list.Err())
			}
			e := doc.Edit()
			tt.edit(e, p)
			if _, err := e.Bytes("examples"); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
