package diag

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const page = "# bad-key\n\nA key of\nfractions.\n\nTo do: group by text.\n\n" +
	"```textproto\n# added to specs/f.textproto\nkey: \"x\"  # bad-key\n```\n\nMore.\n\n```text\nkey: …\n```\n"

func TestPages(t *testing.T) {
	pages, err := Pages(fstest.MapFS{"bad-key.md": {Data: []byte(page)}, "notes.txt": {}})
	want := []Page{{Code: "bad-key", Meaning: "A key of fractions.", ToDo: "group by text.", Text: page, Examples: []Example{
		{Language: "textproto", Path: "specs/f.textproto", Added: true, Line: 2, Text: "# added to specs/f.textproto\nkey: \"x\"  # bad-key\n"},
		{Language: "text", Text: "key: …\n"}}}}
	if diff := cmp.Diff(want, pages); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	code, begin, ok := ParseRow(pages[0].Row())
	if wantBegin := "# bad-key\n\nA key of fractions.\n\nTo do: group by text.\n"; !ok || code != "bad-key" || begin != wantBegin {
		t.Errorf("row %q reads back as %q, %q, %t", pages[0].Row(), code, begin, ok)
	}
}

func TestPagesWrong(t *testing.T) {
	for _, tt := range []struct{ name, text string }{
		{"no heading", "A key.\n\nTo do: x.\n\n```text\nx\n```\n"},
		{"another code", "# other\n\nA key.\n\nTo do: x.\n\n```text\nx\n```\n"},
		{"nothing to do", "# bad-key\n\nA key.\n\nMore.\n\n```text\nx\n```\n"},
		{"no full stop", "# bad-key\n\nA key\n\nTo do: x.\n\n```text\nx\n```\n"},
		{"no example", "# bad-key\n\nA key.\n\nTo do: x.\n\nMore.\n"},
		{"the beginning alone", "# bad-key\n\nA key.\n\nTo do: x.\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if p, err := ParsePage("bad-key", tt.text); err == nil {
				t.Errorf("no error: %+v", p)
			}
		})
	}
	for row, want := range map[string]string{"`a` | NULL is it | do |": "NULL is it", "`a` | Ln is it | do |": "ln is it"} {
		_, text, ok := ParseRow("| " + row)
		p, _ := ParsePage("a", text+"\n```text\nx\n```\n")
		if got := "| `a` | " + want + " | do |\n"; !ok || p.Row() != got {
			t.Errorf("%s: got %q", row, p.Row())
		}
	}
	if _, _, ok := ParseRow("|---|---|---|"); ok {
		t.Error("a rule is a row")
	}
}
