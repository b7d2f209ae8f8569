package answers_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/engine/enginetest/answers"
	"github.com/mlpdev/mlp/pkg/sql"
)

var subject = flag.String("subject", "", "ask only about this function")

// startSpark starts the session that MLP_TEST_PARITY_PYTHON, a Python with
// PySpark, stands for.
func startSpark(t *testing.T) *answers.Spark {
	t.Helper()
	python := os.Getenv("MLP_TEST_PARITY_PYTHON")
	if python == "" {
		t.Skip("MLP_TEST_PARITY_PYTHON is not set; make parity sets it")
	}
	spark, err := answers.StartSpark(python, filepath.Join("spark", "evaluate.py"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := spark.Close(); err != nil {
			t.Error(err)
		}
	})
	return spark
}

// rendered is an expression as it is asked.
type rendered struct {
	answers.Answer
	typed *sql.Typed
	text  string
}

// TestSparkAnswers compares what Spark makes of an expression as it is rendered
// with what it has answered to the expression as written.
func TestSparkAnswers(t *testing.T) {
	spark := startSpark(t)
	data, err := os.ReadFile(filepath.Join("testdata", "answers.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	stored, err := answers.Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	over := answers.Table()
	if err := spark.Fill(over, answers.RowColumn); err != nil {
		t.Fatal(err)
	}
	batches := map[string][]rendered{}
	render := sql.Render{Column: sql.QuoteSpark, RowOrder: sql.QuoteSpark(answers.RowColumn), Reversed: "-" + sql.QuoteSpark(answers.RowColumn)}
	for _, a := range stored {
		if a.Kind != answers.EachRow && a.Error != "" || *subject != "" && a.Subject != *subject { // of a row, of which nothing is known
			continue
		}
		typed, err := enginetest.Compile(a.Expr, over)
		if err != nil {
			t.Errorf("%s: %v", a.Expr, err)
			continue
		}
		text := typed.Spark(render)
		if one := typed.Type(); a.Kind == answers.Generated && one.Kind == sql.Struct && len(one.Fields) == 1 && a.Type == one.Fields[0].Type.String() {
			text = fmt.Sprintf("transform(%s, _s -> _s.`%s`)", text, one.Fields[0].Name)
		}
		key := fmt.Sprint(a.Kind, typed.Windows(), strings.HasSuffix(a.Type, ">"))
		batches[key] = append(batches[key], rendered{a, typed, text})
	}
	asked, wrong := 0, 0
	for _, all := range batches {
		for batch := range slices.Chunk(all, batchSize(all[0])) {
			asked += len(batch)
			wrong += compareRendered(t, spark, batch)
		}
	}
	t.Logf("%d expressions, wrong %d", asked, wrong)
}

// batchSize is how many expressions stand in a statement: Spark mixes up the
// states of many aggregates.
func batchSize(a rendered) int {
	switch {
	case a.Kind == answers.Generated:
		return 1
	case a.Kind != answers.EachRow:
		return 10
	case a.typed.Windows():
		return 25
	}
	return 100
}

func compareRendered(t *testing.T, spark *answers.Spark, batch []rendered) (wrong int) {
	t.Helper()
	texts := make([]string, len(batch))
	for i, a := range batch {
		texts[i] = a.text
	}
	got, err := spark.Evaluate(batch[0].Kind, texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range batch {
		if difference := a.differs(got[i]); difference != "" {
			t.Errorf("%s: %s: %s\n\t%s", a.Subject, a.Expr, difference, a.text)
			wrong++
		}
	}
	return wrong
}

// differs says what is answered otherwise.
func (a rendered) differs(got answers.Evaluated) string {
	switch {
	case got.Error != "":
		return got.Error
	case a.Error != "" && len(a.Values) == 1: // a window function fails for all rows
		return ""
	case a.Kind != answers.Generated && got.Type != a.Type:
		return fmt.Sprintf("type %s, want %s", got.Type, a.Type)
	case len(got.Values) != len(a.Values):
		return fmt.Sprintf("%d values, want %d", len(got.Values), len(a.Values))
	}
	tolerance := 0.0 // Spark computes both
	if a.typed.Aggregate() || a.typed.Windows() {
		tolerance = 1e-9
	}
	var out []string
	for row, want := range a.Values {
		v := got.Values[row]
		switch {
		case v.Null && a.Kind == answers.Generated && a.typed.Type().Kind == sql.Struct: // whose fields are columns of NULL
		case want.Failed && (v.Null || a.Depth > 0): // what Spark has no value for is NULL, or what is made of NULL
		case want.Failed || v.Failed || v.Null != want.Null || !answers.Same(want.Text, v.Text, a.typed.Type(), tolerance):
			out = append(out, fmt.Sprintf("%d: got %+v, want %+v", row, v, want))
		}
	}
	if len(out) > 3 {
		out = append(out[:2], fmt.Sprintf("and %d more", len(out)-2))
	}
	return strings.Join(out, "; ")
}
