package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/compression"
	"github.com/mlpdev/mlp/pkg/preview"
)

type previewOptions struct {
	*app
	address string
	files   []string
	columns []string
	limit   int64
}

func newPreviewCmd(a *app) *cobra.Command {
	o := &previewOptions{app: a}
	cmd := &cobra.Command{
		Use:   "preview ADDRESS FILE...",
		Short: "Show the rows and rejects that a parser or feature set makes of logs",
		Long: `Read raw logs with the specs of the work tree and show what they give: the rows of
a parser or feature set, and each record that is no row with its number, its line
and the reason. Nothing is stored, and neither a store nor Git is needed. FILE is
- for standard input. ADDRESS is parser/NAME, featureset/NAME, or a NAME that only
one of them has.

Rows of parsers, and of feature sets without a key, come while the files are read.
Rows of a feature set with a key come at the end, by window and key, as they would
be computed for a capture of these files; what does not fit into memory is kept on
disk. In text, values are as Spark prints them, long ones cut short; --format json
prints all of each value, one JSON object a line. The account of lines, records and
rejects goes to stderr.`,
		Args: exactArgs("ADDRESS", "FILE..."),
		Example: `  mlp preview zeek_conn conn.log
  mlp preview featureset/src_5min conn.*.log --columns ports,hosts
  zcat conn.log.gz | mlp preview parser/zeek_conn - --limit 20
  mlp preview zeek_conn conn.log --format json | jq -r 'select(.reject) | .reject.line'`,
		ValidArgsFunction: a.completeAddress(firstArgument, "parser", "featureset"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.address, o.files = args[0], args[1:]
			if o.limit < 0 {
				return &usageError{cmd: cmd, message: "--limit is negative"}
			}
			if i := slices.Index(o.files, "-"); i >= 0 && slices.Contains(o.files[i+1:], "-") {
				return &usageError{cmd: cmd, message: "- stands twice: standard input can be read once"}
			}
			return o.run(cmd.Context())
		},
	}
	a.addFormat(cmd, formatText, formatJSON)
	cmd.Flags().StringSliceVar(&o.columns, "columns", nil, "only these `NAMES` of fields, label columns or features, in this order")
	cmd.Flags().Int64Var(&o.limit, "limit", 0, "stop after `N` rows, and show at most N rejects")
	return cmd
}

// previewMemory is what the engine may hold before it spills.
const previewMemory = "1GB"

func (o *previewOptions) run(ctx context.Context) error {
	p, err := o.openProject()
	if err != nil {
		return err
	}
	options := preview.Options{Columns: o.columns, Limit: o.limit, Text: o.format != formatJSON}
	if err := o.resolve(p.program, &options); err != nil {
		return err
	}
	for _, name := range o.files {
		options.Inputs = append(options.Inputs, preview.Input{Name: name, Open: func() (io.ReadCloser, error) { return o.openRaw(name) }})
	}
	db, end, err := openScratchEngine(ctx, engineDirs{memory: previewMemory})
	if err != nil {
		return err
	}
	defer end()
	options.DB = db
	view, err := o.view(&options)
	if err != nil {
		return err
	}
	account, err := preview.Run(ctx, options)
	if err != nil {
		return err
	}
	if err := view.flush(); err != nil {
		return err
	}
	return o.account(account, options)
}

// resolve finds what the address means.
func (o *previewOptions) resolve(program *compile.Program, options *preview.Options) error {
	address, err := resolveAddress(program, o.address, "parser", "featureset")
	if err != nil {
		return err
	}
	kind, name, _ := strings.Cut(address, "/")
	if kind == "featureset" {
		options.FeatureSet, _ = compile.ByName(program.FeatureSets, name)
		options.Parser = options.FeatureSet.From
		return nil
	}
	options.Parser, _ = compile.ByName(program.Parsers, name)
	return nil
}

// openRaw opens a raw log to be read once.
func (o *previewOptions) openRaw(name string) (io.ReadCloser, error) {
	if name == "-" {
		return compression.NewReader(o.stdin)
	}
	path := o.path(name)
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("is a directory")
	}
	return compression.Open(path)
}

func (o *previewOptions) account(a *preview.Account, options preview.Options) error {
	if o.flags.quiet {
		return nil
	}
	text := fmt.Sprintf("%s; %d records = %d rows + %d rejects\n", linesText(a.Counts), a.Records, a.Rows, a.Rejected())
	for _, reason := range sortedKeys(a.Rejects) {
		text += fmt.Sprintf("  reject: %s: %d\n", reason, a.Rejects[reason])
	}
	if a.Replaced > 0 {
		text += fmt.Sprintf("  records with bytes that are not UTF-8, replaced: %d\n", a.Replaced)
	}
	if options.FeatureSet != nil && !a.Stopped {
		text += fmt.Sprintf("  %s of feature set %s\n", plural(int(a.Shown), "row"), options.FeatureSet.Name)
	}
	if a.Stopped {
		text += fmt.Sprintf("  stopped after %s: not all was read or shown\n", plural(int(a.Shown), "row"))
	}
	if len(a.Missing) > 0 {
		text += fmt.Sprintf("  warning: no file has the raw columns %q: they are NULL\n", a.Missing)
	}
	return printf(o.stderr, "%s", printable(text))
}

// previewView prints what a preview hands out.
type previewView interface {
	row(preview.Row) error
	reject(preview.Reject) error
	flush() error
}

// view makes the options hand out to a view.
func (o *previewOptions) view(options *preview.Options) (previewView, error) {
	columns, err := options.Selected()
	if err != nil {
		return nil, err
	}
	var view previewView
	if o.format == formatJSON {
		view = newPreviewJSON(o.stdout, columns, options.FeatureSet)
	} else {
		view = newPreviewText(o.stdout, columns, options)
	}
	options.Row, options.Reject = view.row, view.reject
	return view, nil
}

// previewJSON prints JSON lines.
type previewJSON struct {
	encoder *json.Encoder
	columns []*compile.Field
	set     *compile.FeatureSet
}

func newPreviewJSON(w io.Writer, columns []*compile.Field, set *compile.FeatureSet) *previewJSON {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return &previewJSON{encoder: e, columns: columns, set: set}
}

// previewLine is a line of `mlp preview --format json`.
type previewLine struct {
	FormatVersion int            `json:"format_version"`
	Row           *previewID     `json:"row,omitempty"`
	Values        any            `json:"values,omitempty"`
	Reject        *previewReject `json:"reject,omitempty"`
}

// previewID says which row it is.
type previewID struct {
	File    string `json:"file,omitempty"`
	Record  *int64 `json:"record,omitempty"`
	Line    int64  `json:"line,omitempty"`
	Key     any    `json:"key,omitempty"`
	Start   any    `json:"window_start,omitempty"`
	End     any    `json:"window_end,omitempty"`
	Partial bool   `json:"partial,omitempty"`
}

type previewReject struct {
	File   string `json:"file"`
	Record int64  `json:"record"`
	Line   int64  `json:"line"`
	Reason string `json:"reason"`
}

func (v *previewJSON) row(r preview.Row) error {
	line := previewLine{FormatVersion: 1, Row: &previewID{File: r.Input, Record: &r.Record, Line: r.Line}}
	if v.set != nil && v.set.Group != nil {
		var key orderedValues
		for i, k := range v.set.Group.Keys {
			key = append(key, orderedValue{k.Name, jsonValue(r.Key[i], k.Type)})
		}
		line.Row = &previewID{Key: key, Start: r.Start, End: r.End, Partial: r.Partial}
	}
	values := orderedValues{}
	for i, c := range v.columns {
		values = append(values, orderedValue{c.Name, jsonValue(r.Values[i], c.Type)})
	}
	line.Values = values
	return v.encoder.Encode(line)
}

func (v *previewJSON) reject(r preview.Reject) error {
	return v.encoder.Encode(previewLine{FormatVersion: 1, Reject: &previewReject{File: r.Input, Record: r.Record, Line: r.Line, Reason: r.Reason}})
}

func (v *previewJSON) flush() error { return nil }
