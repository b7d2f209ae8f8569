package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// hostile is a project that means harm, by the one file that does.
type hostile struct {
	name string
	file string // default: a feature set
	text string
	want string // pattern of the first line that is printed
}

const hostileHead = "# proto-file: mlp/v1/features.proto\n# proto-message: mlp.v1.FeatureSet\n"

// features returns a feature set with one feature.
func features(definition string) string {
	return fmt.Sprintf("%sname: \"row\" display_name: \"Row\" from: \"p\"\nfeatures { name: \"x\" display_name: \"X\" data_type: BIGINT definition: \"%s\" }\n", hostileHead, definition)
}

// doubling returns a feature set whose working columns each read the one before
// twice.
func doubling(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%sname: \"row\" display_name: \"Row\" from: \"p\"\ncolumns { name: \"c0\" definition: \"n\" }\n", hostileHead)
	for i := range n {
		fmt.Fprintf(&b, "columns { name: \"c%d\" definition: \"c%d * c%d\" }\n", i+1, i, i)
	}
	fmt.Fprintf(&b, "features { name: \"x\" display_name: \"X\" data_type: BIGINT definition: \"c%d\" }\n", n)
	return b.String()
}

func hostileTexts() []hostile {
	nested := func(open, inner, closed string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(closed, n)
	}
	return []hostile{
		{name: "a file of more than 1 MB", text: features("n") + strings.Repeat("# a comment\n", 1<<17), want: `row\.textproto: error: .*\[too-large\]$`},
		{name: "an expression of 64 kB", text: features("n" + strings.Repeat(" + n", 1<<14)), want: `row\.textproto:4:71: error: .*\[too-long\]$`},
		{name: "a text of 1 MB", text: features(strings.Repeat("n", 1<<20-300)), want: `row\.textproto:4:71: error: .*\[too-long\]$`},
		{name: "100,000 nested parentheses", text: features(nested("(", "n", ")", 100_000)), want: `row\.textproto:4:71: error: .*\[too-long\]$`},
		{name: "8,000 nested parentheses", text: features(nested("(", "n", ")", 8_000)), want: `row\.textproto:4:\d+: error: .*\[too-deep\]$`},
		{name: "nested calls", text: features(nested("abs(", "n", ")", 3_000)), want: `row\.textproto:4:\d+: error: .*\[too-deep\]$`},
		{name: "nested NOT", text: features(strings.Repeat("NOT ", 4_000) + "true"), want: `row\.textproto:4:\d+: error: .*\[too-deep\]$`},
		{name: "100,000 nested messages", text: hostileHead + nested("features{", "", "}", 100_000), want: `row\.textproto:3:.*\[unknown-field\]$`},
		{name: "100,000 opened lists", text: hostileHead + "key: " + strings.Repeat("[", 100_000), want: `row\.textproto:3:.*\[syntax\]$`},
		{name: "an escape that gives invalid UTF-8", text: features(`concat('\xff', src)`), want: `row\.textproto:4:.*\[invalid-utf8\]`},
		{name: "a byte that is not UTF-8", text: features("n\xff"), want: `row\.textproto:4:.*\[invalid-utf8\]`},
		{name: "NUL", text: features("n\x00"), want: `row\.textproto:4:.*\[control-character\]`},
		{name: "an escape that gives NUL", text: features(`n\000`), want: `row\.textproto:4:.*\[control-character\]`},
		{name: "a bidi character in a name", text: strings.Replace(features("n"), `"row"`, "\"r\u202eow\"", 1), want: `row\.textproto:3:.*\[format-character\]$`},
		{name: "a bidi escape in a name", text: strings.Replace(features("n"), `"row"`, `"r\u202eow"`, 1), want: `row\.textproto:3:.*\[format-character\]$`},
		{name: "a path as name", text: strings.Replace(features("n"), `"row"`, `"../row"`, 1), want: `row\.textproto:3:7: error: "\.\./row" is not allowed as a name \[bad-name\]`},
		{name: "a path as reference", text: strings.Replace(features("n"), `"p"`, `"../../p"`, 1), want: `row\.textproto:3:.*\[unknown-parser\]$`},
		{name: "columns that double 40 times", text: doubling(40), want: `row\.textproto:\d+:.*\[too-large\]$`},
		{name: "a window of no size", text: strings.Replace(features("count(*)"), "features {", `key: "src" window { time: "ts" size: "0 seconds" } features {`, 1), want: `row\.textproto:4:.*\[bad-window\]$`},
		{name: "a name in a file that only looks like it", file: "specs/features/\u202erow.textproto", text: features("n"), want: `\[name-mismatch\]$`},
	}
}

// TestHostileProjects: a clear error each, in bounded time and memory.
func TestHostileProjects(t *testing.T) {
	const parser = "# proto-file: mlp/v1/parser.proto\n# proto-message: mlp.v1.Parser\nname: \"p\" display_name: \"P\"\n" +
		"source { delimited { separator: \",\" } }\nraw: \"0\" raw: \"1\" raw: \"2\"\n" +
		"fields { name: \"ts\" display_name: \"T\" data_type: TIMESTAMP index: 0 definition: \"timestamp_seconds(cast(_c0 AS double))\" }\n" +
		"fields { name: \"src\" display_name: \"S\" data_type: STRING index: 1 definition: \"_c1\" }\n" +
		"fields { name: \"n\" display_name: \"N\" data_type: BIGINT index: 2 definition: \"cast(_c2 AS bigint)\" }\n"
	for _, tt := range hostileTexts() {
		t.Run(tt.name, func(t *testing.T) {
			if tt.file == "" {
				tt.file = "specs/features/row.textproto"
			}
			c := newConsole(t, "validate")
			for name, text := range map[string]string{
				projectFile:                 "# proto-file: mlp/v1/project.proto\n# proto-message: mlp.v1.Project\nname: \"p\"\n",
				"specs/parsers/p.textproto": parser, tt.file: tt.text,
			} {
				if err := writeNew(c.dir, name, []byte(text)); err != nil {
					t.Fatal(err)
				}
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			status := execute(context.Background(), c.app)
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			t.Logf("%v, %d kB: %.300s", took, (after.TotalAlloc-before.TotalAlloc)>>10, c.err.String())
			first, _, _ := strings.Cut(c.err.String(), "\n")
			if status != statusFailed || !regexp.MustCompile(tt.want).MatchString(first) {
				t.Errorf("status %d, want %d; %.300q does not match %s", status, statusFailed, first, tt.want)
			}
			if out := c.err.String(); printable(out) != out || len(out) > 64<<10 {
				t.Errorf("%d bytes printed, or some that must not be: %.300q", len(out), out)
			}
			// Far above what it takes, far below what the attack would.
			if took > 5*time.Second || after.TotalAlloc-before.TotalAlloc > 64<<20 {
				t.Errorf("took %v and %d MB", took, (after.TotalAlloc-before.TotalAlloc)>>20)
			}
			if entries, _ := os.ReadDir(filepath.Join(c.dir, stateDir)); len(entries) > 0 {
				t.Errorf("%s is there", stateDir)
			}
		})
	}
}
