package duckdb_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/sql"
)

// What has been reached. Fewer is a failure; whoever reaches more raises them.
const (
	leastFunctions = 401
	leastAnswered  = 911
	leastFrom      = 169
)

// example is one line of the documented examples.
type example struct {
	Function      string   `json:"function"`
	SQL           string   `json:"sql"`
	Schema        string   `json:"schema"`
	Answer        []string `json:"actual_utc"`
	Match         bool     `json:"match"`
	Deterministic bool     `json:"deterministic"`
}

// outside reports whether a function is about something that the language has
// nothing to do with: sketches, bitmaps of them, encryption, XML, variants,
// places on Earth, collations, the TIME type, nanoseconds, the session and the
// clock.
func outside(function string) bool {
	return regexp.MustCompile(`^(aes|bitmap|count_min|current|hll|kll|st|theta|time|try_aes|tuple)_|^(approx_top_k|collat|xpath)|variant|_xml$|parse_json|_nanos$|(^|_)(make|to)_time$|^(now|localtimestamp|python_worker_logs)$`).MatchString(function)
}

// inScope reports whether an example counts: what Spark answers is known and
// always the same, and no constant is a TIME or has nanoseconds.
func (e example) inScope() bool {
	return e.Match && e.Deterministic && !outside(e.Function) && !regexp.MustCompile(`(?i)^set |\btime ?'\d|\.\d{9}'`).MatchString(e.SQL)
}

// readExamples returns the examples in scope.
func readExamples(t *testing.T) []example {
	dir := os.Getenv("MLP_REAL_DATA")
	if dir == "" {
		dir = "../../../../shared/data"
	}
	f, err := os.Open(filepath.Join(dir, "spark-function-examples.jsonl"))
	if err != nil {
		t.Skipf("no documented examples: %v", err)
	}
	defer f.Close()
	var out []example
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e example
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if e.inScope() {
			out = append(out, e)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// tally counts what became of the examples.
type tally struct {
	functions           map[string]bool
	answered, from      int
	refused             map[string][]string // by reason
	wrong               []string
	literals, constants int // literals of what was answered, and those that had to stay
}

var reportFile = flag.String("report", "", "`FILE` that TestDocumentedExamples writes its report to")

// TestDocumentedExamples evaluates the examples of Spark's documentation, with
// their constants as columns of a table, as relations in an engine that is set
// up as for apply, and compares with what Spark answered. What the language
// refuses is counted; a wrong answer fails.
func TestDocumentedExamples(t *testing.T) {
	examples := readExamples(t)
	engine := openStatements(t)
	got := tally{functions: map[string]bool{}, refused: map[string][]string{}}
	for _, e := range examples {
		got.add(e, engine)
	}
	for _, w := range got.wrong {
		t.Error(w)
	}
	for _, floor := range []struct {
		what       string
		got, least int
	}{{"functions", len(got.functions), leastFunctions}, {"answers", got.answered, leastAnswered}, {"answers with FROM", got.from, leastFrom}} {
		if floor.got < floor.least {
			t.Errorf("%d %s, before there were %d", floor.got, floor.what, floor.least)
		}
	}
	var b strings.Builder
	got.print(&b)
	t.Log(b.String())
	if *reportFile != "" {
		if err := os.WriteFile(*reportFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func (y *tally) add(e example, engine *statementEngine) {
	a, err := engine.answer(e.SQL)
	var refused refusal
	switch {
	case errors.As(err, &refused):
		y.refused[refused.reason] = append(y.refused[refused.reason], e.SQL)
		return
	case err == nil:
		err = a.compare(e)
	}
	if err != nil {
		y.wrong = append(y.wrong, fmt.Sprintf("%s: %s: %v", e.Function, e.SQL, err))
		return
	}
	y.answered++
	y.functions[e.Function] = true
	y.literals, y.constants = y.literals+a.literals, y.constants+a.constants
	if a.from {
		y.from++
	}
}

func (y *tally) print(out io.Writer) {
	refused := 0
	reasons := slices.SortedFunc(maps.Keys(y.refused), func(a, b string) int {
		if n := len(y.refused[b]) - len(y.refused[a]); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	for _, r := range reasons {
		refused += len(y.refused[r])
		fmt.Fprintf(out, "refused %d: %s\n", len(y.refused[r]), r)
		for _, s := range y.refused[r] {
			fmt.Fprintf(out, "    %s\n", s)
		}
	}
	for _, w := range y.wrong {
		fmt.Fprintf(out, "wrong: %s\n", w)
	}
	fmt.Fprintf(out, "literals as columns: %d of %d; the others have to be constant\n", y.literals-y.constants, y.literals)
	fmt.Fprintf(out, "answered with FROM: %d\n", y.from)
	fmt.Fprintf(out, "language: functions %d, answered %d, refused %d, wrong %d\n", len(y.functions), y.answered, refused, len(y.wrong))
}

// answer is what a statement gave: printed values by row, and their types.
type answer struct {
	rows                [][]string
	types               []sql.Type
	from                bool
	literals, constants int
}

// compare compares with what Spark answered, and the type of the last column
// with Spark's. The order of rows is not part of it.
func (a answer) compare(e example) error {
	if got := a.types[len(a.types)-1]; !strings.HasSuffix(e.Schema, ":"+got.String()+">") && !inexact(got) {
		return fmt.Errorf("the type is %s, want one of %s", got, e.Schema)
	}
	if len(a.rows) != len(e.Answer) {
		return fmt.Errorf("%d rows %q, want %q", len(a.rows), a.rows, e.Answer)
	}
	left := slices.Clone(e.Answer)
	for _, row := range a.rows {
		i := slices.IndexFunc(left, func(line string) bool { return a.equal(strings.Split(line, "\t"), row) })
		if i < 0 {
			return fmt.Errorf("got %q, want one of %q", row, left)
		}
		left = slices.Delete(left, i, i+1)
	}
	return nil
}

// inexact reports whether Spark's type of a result can be another where an
// argument is a column: the digits of a decimal are counted of a constant.
func inexact(t sql.Type) bool {
	return t.Kind == sql.Decimal || t.Kind == sql.Array && inexact(*t.Elem)
}

func (a answer) equal(want, got []string) bool {
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if !enginetest.Equal(want[i], got[i], a.types[i]) {
			return false
		}
	}
	return true
}
