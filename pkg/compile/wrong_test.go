package compile

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/diag"
)

// expectation is what a comment in a wrong file expects of its line.
type expectation struct {
	at   string
	text *regexp.Regexp
}

// expectations reads the comments of a project: # ERROR "regexp" "regexp", or
// # WARNING.
func expectations(t *testing.T, root string) []expectation {
	t.Helper()
	comment, pattern := regexp.MustCompile(`# (?:ERROR|WARNING)((?: "[^"]*")+)$`), regexp.MustCompile(`"[^"]*"`)
	var out []expectation
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path)
		for i, line := range strings.Split(string(src), "\n") {
			m := comment.FindStringSubmatch(line)
			if m == nil && (strings.Contains(line, "# ERROR") || strings.Contains(line, "# WARNING")) {
				t.Errorf("%s:%d: a comment that expects nothing", rel, i+1)
			}
			if m != nil {
				for _, p := range pattern.FindAllString(m[1], -1) {
					out = append(out, expectation{fmt.Sprintf("%s:%d", filepath.ToSlash(rel), i+1), regexp.MustCompile(strings.Trim(p, `"`))})
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestWrong compares what is wrong, and what is likely to be, with what comments
// on the lines say: every mistake is found at once, each once, and nothing else.
func TestWrong(t *testing.T) {
	want := expectations(t, "testdata/wrong")
	if len(want) < 60 {
		t.Fatalf("only %d expectations", len(want))
	}
	_, list := compileFiles(os.DirFS("testdata/wrong"))
	codes := compareWithComments(t, list, want)
	_, doubts := compileFiles(os.DirFS("testdata/doubtful"))
	if doubts.HasErrors() {
		t.Fatal(doubts.Err())
	}
	want = expectations(t, "testdata/doubtful")
	if len(want) < 15 {
		t.Fatalf("only %d expectations", len(want))
	}
	warned := compareWithComments(t, doubts, want)
	allowable := append(warningCodes(), "stale-allow")
	slices.Sort(allowable)
	if diff := cmp.Diff(allowable, slices.Sorted(maps.Keys(warned))); diff != "" {
		t.Errorf("warnings that a comment may allow, and those there are: %s", diff)
	}
	maps.Copy(codes, warned)
	checkCodes(t, codes)
}

// compareWithComments returns the codes of a list.
func compareWithComments(t *testing.T, list diag.List, want []expectation) map[string]bool {
	t.Helper()
	codes := map[string]bool{}
next:
	for _, d := range list.Sorted() {
		codes[d.Code] = true
		at := d.Span.File + ":" + strconv.Itoa(d.Span.Line)
		text := fmt.Sprintf("%s [%s] %s", d.Message, d.Code, d.Hint)
		for i, e := range want {
			if e.at == at && e.text.MatchString(text) {
				want = append(want[:i:i], want[i+1:]...)
				continue next
			}
		}
		t.Errorf("%s: not expected: %s", d.Span, text)
	}
	for _, e := range want {
		t.Errorf("%s: expected, but not found: %s", e.at, e.text)
	}
	return codes
}

// checkCodes proves that every code that this package gives stands in the
// wrong project.
func checkCodes(t *testing.T, seen map[string]bool) {
	t.Helper()
	rare := map[string]bool{
		"bad-value":       true, // these stand in files of lists, see TestWrongLists
		"empty-key":       true,
		"duplicate-key":   true,
		"too-many-errors": true,
		"bad-params":      true, // parameters that package spec has read can be written
		"unknown-trainer": true, // see TestUnknownTrainer
	}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	code := regexp.MustCompile(`(?:Errorf|Warnf)\(.*?, "([a-z]+-[a-z-]+)"`)
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllStringSubmatch(string(src), -1) {
			if !seen[m[1]] && !rare[m[1]] && !strings.HasSuffix(f, "_test.go") {
				t.Errorf("%s: code %s has no example in testdata/wrong", f, m[1])
			}
		}
	}
}
