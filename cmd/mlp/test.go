package main

import (
	"context"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/engine/spark"
	"github.com/mlpdev/mlp/pkg/example"
	"github.com/mlpdev/mlp/pkg/spec"
)

type testOptions struct {
	*app
	addresses []string
	update    bool
	engine    engineFlag
}

func newTestCmd(a *app) *cobra.Command {
	o := &testOptions{app: a}
	cmd := &cobra.Command{
		Use:   "test [ADDRESS...]",
		Short: "Run the examples in specs",
		Long: `Run the examples of functions, parsers and feature sets through the readers and the
engine that apply uses, and compare what comes out with what they expect: the value
of a call, fields or a reject, rows of features. Values are spelled as Spark prints
them, NULL as NULL. Without ADDRESS all examples run; an ADDRESS is function/NAME,
parser/NAME, featureset/NAME, or a NAME that only one of them has. No store is needed.

With --engine spark, Spark computes them, which is started for it in some ten
seconds; with --engine both, each engine does, and an example fails, too, where
anything that comes out differs between them.

With --update, expectations that do not hold are corrected where they stand, and
examples that expect nothing yet get all that comes out. Nothing else in the specs
changes: look at the difference before you commit it.`,
		Args: anyArgs,
		Example: `  mlp test
  mlp test zeek_conn featureset/src_5min -v
  mlp test --update && git diff
  mlp test --engine both
  mlp test --format junit > examples.xml`,
		ValidArgsFunction: a.completeAddress(allArguments, "function", "parser", "featureset"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.addresses = args
			if err := o.engine.check(); err != nil {
				return &usageError{cmd: cmd, message: err.Error()}
			}
			return o.run(cmd.Context())
		},
	}
	a.addFormat(cmd, formatText, formatJSON, formatJUnit, formatGitHub)
	cmd.Flags().BoolVar(&o.update, "update", false, "write what comes out into the specs, where it is not what they expect")
	o.engine.add(cmd, "compute them with this `ENGINE`: duckdb, spark or both", engineDuckDB, engineSpark, engineBoth)
	return cmd
}

func (o *testOptions) run(ctx context.Context) error {
	root, err := o.projectRoot()
	if err != nil {
		return err
	}
	program, ws, err := o.compileTree(os.DirFS(root))
	if err != nil {
		return err
	}
	options := example.Options{Workspace: ws, Program: program}
	for _, text := range o.addresses {
		address, err := resolveAddress(program, text, "function", "parser", "featureset")
		if err != nil {
			return err
		}
		options.Addresses = append(options.Addresses, address)
	}
	results, err := o.results(ctx, ws, root, options)
	if err != nil {
		return err
	}
	var updated []*example.Result
	if o.update {
		if updated, err = writeExamples(root, results); err != nil {
			return err
		}
	}
	return o.report(results, updated)
}

// results runs the examples on the engines that were asked for.
func (o *testOptions) results(ctx context.Context, ws *spec.Workspace, root string, options example.Options) (results []*example.Result, err error) {
	if o.engine.name != engineSpark {
		db, end, err := openScratchEngine(ctx, engineDirs{})
		if err != nil {
			return nil, err
		}
		defer end()
		options.DB = db
		if results, err = example.Run(ctx, options); err != nil || o.engine.name == engineDuckDB {
			return results, err
		}
	}
	var onSpark []*example.Result
	err = o.withSpark(ctx, ws.Project.Spec.GetSpark(), root, func(s *spark.Session) error {
		options.Spark = s
		onSpark, err = example.Run(ctx, options)
		return err
	})
	if err != nil || o.engine.name == engineSpark {
		return onSpark, err
	}
	example.Compare(results, onSpark)
	return results, nil
}

// writeExamples corrects the expectations in the project's files.
func writeExamples(root string, results []*example.Result) ([]*example.Result, error) {
	texts, updated, err := example.Files(results)
	if err != nil {
		return nil, err
	}
	for _, path := range sortedKeys(texts) {
		if err := replaceFile(filepath.Join(root, filepath.FromSlash(path)), texts[path]); err != nil {
			return nil, err
		}
	}
	return updated, nil
}

// exampleReport is the document of `mlp test --format json`.
type exampleReport struct {
	FormatVersion int           `json:"format_version"`
	Passed        int           `json:"passed"`
	Failed        int           `json:"failed"`
	Updated       int           `json:"updated"`
	Examples      []exampleLine `json:"examples"`
	failures      diag.List
}

type exampleLine struct {
	Address  string    `json:"address"`
	Name     string    `json:"name"`
	Place    diag.Span `json:"place"`
	Status   string    `json:"status"` // "passed", "failed", "updated"
	Failures diag.List `json:"failures"`
}

func reportOf(results, updated []*example.Result) exampleReport {
	out := exampleReport{FormatVersion: 1, Examples: []exampleLine{}}
	for _, r := range results {
		line := exampleLine{Address: r.Address, Name: r.Name, Place: r.Place, Status: "passed", Failures: append(diag.List{}, r.Failures...)}
		switch {
		case len(r.Failures) == 0:
			out.Passed++
		case slices.Contains(updated, r):
			line.Status = "updated"
			out.Updated++
		default:
			line.Status = "failed"
			out.Failed++
			out.failures = append(out.failures, r.Failures...)
		}
		out.Examples = append(out.Examples, line)
	}
	return out
}

func (o *testOptions) report(results, updated []*example.Result) error {
	r := reportOf(results, updated)
	var err error
	switch o.format {
	case formatJSON:
		err = writeJSON(o.stdout, r)
	case formatJUnit:
		err = writeJUnit(o.stdout, r)
	default:
		if err := o.printExamples(r); err != nil {
			return err
		}
		return r.failures.Err()
	}
	if err == nil && r.Failed > 0 {
		return reported{}
	}
	return err
}

func (o *testOptions) printExamples(r exampleReport) error {
	for _, e := range r.Examples {
		if e.Status == "updated" || o.flags.verbose {
			if err := printf(o.stdout, "%s: %s: %s\n", e.Status, e.Address, e.Name); err != nil {
				return err
			}
		}
	}
	text := fmt.Sprintf("%s: %d passed", plural(len(r.Examples), "example"), r.Passed)
	if r.Updated > 0 {
		text += fmt.Sprintf(", %d updated", r.Updated)
	}
	if r.Failed > 0 {
		text += fmt.Sprintf(", %d failed", r.Failed)
	}
	return printf(o.stdout, "%s\n", text)
}

// junitSuite is a test suite of JUnit's XML: the examples of one spec.
type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class    string         `xml:"classname,attr"`
	Name     string         `xml:"name,attr"`
	File     string         `xml:"file,attr"`
	Line     int            `xml:"line,attr"`
	Failures []junitFailure `xml:"failure"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes JUnit's XML, which CI systems show.
func writeJUnit(w stream, r exampleReport) error {
	var suites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	suites.Tests, suites.Failures = len(r.Examples), r.Failed
	for _, e := range r.Examples {
		if n := len(suites.Suites); n == 0 || suites.Suites[n-1].Name != e.Address {
			suites.Suites = append(suites.Suites, junitSuite{Name: e.Address})
		}
		s := &suites.Suites[len(suites.Suites)-1]
		c := junitCase{Class: e.Address, Name: e.Name, File: e.Place.File, Line: e.Place.Line}
		if e.Status == "failed" {
			s.Failures++
			for _, d := range e.Failures {
				c.Failures = append(c.Failures, junitFailure{Message: d.Message, Type: d.Code, Text: fmt.Sprintf("%s: %s", d.Span, d.Message)})
			}
		}
		s.Tests++
		s.Cases = append(s.Cases, c)
	}
	text, err := xml.MarshalIndent(suites, "", "  ")
	if err != nil {
		return err
	}
	return printf(w, "%s%s\n", xml.Header, text)
}
