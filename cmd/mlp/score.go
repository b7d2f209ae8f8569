package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/compression"
	"github.com/mlpdev/mlp/pkg/onnx"
	"github.com/mlpdev/mlp/pkg/pull"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/score"
)

type scoreOptions struct {
	*app
	dir    string
	parser string
	state  string
	final  bool
	rows   string
	files  []string
}

func newScoreCmd(a *app) *cobra.Command {
	o := &scoreOptions{app: a}
	cmd := &cobra.Command{
		Use:   "score FILE...",
		Short: "Score new logs with the release that runs here, and write alerts",
		Long: `Parse logs, plain or compressed by gzip or zstd, compute the features and run the
models of the active release that read this parser. Alerts go to stdout, one JSON
object a line; the account of lines and records goes to stderr.

A model over windows scores a window once, when the newest record is past its end.
What is open carries over in --state DIR; --final scores it now. Without either it
is counted, not scored. Records are kept as files come in order of time. The same
command again after a crash takes nothing twice: logs that the last run with this
state took are not taken again.`,
		Args: exactArgs("FILE..."),
		Example: `  mlp score --dir mlp-site --parser zeek_conn conn.log
  mlp score --dir mlp-site --parser zeek_conn --state state conn.1.log
  mlp score --dir mlp-site --parser zeek_conn --final conn.log > alerts.jsonl`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.parser == "" {
				return &usageError{cmd: cmd, message: "--parser is required"}
			}
			o.files = args
			return o.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.dir, "dir", "mlp-site", "site's `DIR`, which mlp pull fills")
	f.StringVar(&o.parser, "parser", "", "`PARSER` that reads the files (required)")
	f.StringVar(&o.state, "state", "", "keep what stays open in this `DIR`, and take it up from there")
	f.BoolVar(&o.final, "final", false, "score what is open, too: nothing comes after")
	f.StringVar(&o.rows, "rows", "", "write every scored row with its features to this `FILE`, as JSON lines")
	return cmd
}

// noSiteError says that nothing was pulled.
type noSiteError struct{ dir string }

func (e *noSiteError) Error() string { return "no release runs in " + e.dir }
func (e *noSiteError) Hint() string  { return "mlp pull --config site.textproto --dir " + e.dir }

func (o *scoreOptions) run(ctx context.Context) (err error) {
	active, err := pull.Current(o.path(o.dir))
	if errors.Is(err, fs.ErrNotExist) {
		return &noSiteError{o.dir}
	}
	if err != nil {
		return err
	}
	if err := active.Check(); err != nil {
		return err
	}
	chains, err := o.chains(active)
	if err != nil {
		return err
	}
	defer func() {
		for _, c := range chains {
			err = errors.Join(err, c.Close())
		}
	}()
	db, end, err := openScratchEngine(ctx, engineDirs{})
	if err != nil {
		return err
	}
	defer end()
	segments, err := o.openLogs(o.files)
	if err != nil {
		return err
	}
	options := score.Options{DB: db, Chains: chains, Release: fmt.Sprintf("%s#%d", active.Record.Channel, active.Number), Segments: segments,
		Final: o.final, Now: o.now()}
	if o.state != "" {
		unlock, err := lockFile(filepath.Join(o.path(o.state), "lock"))
		if err != nil {
			return err
		}
		defer unlock()
		if done, err := o.takeUp(&options); err != nil || done {
			return err
		}
	}
	out := bufio.NewWriter(o.stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	options.Emit = func(a alert.Alert) error { return encoder.Encode(a) }
	closeRows, err := o.rowWriter(&options)
	if err != nil {
		return err
	}
	summary, next, err := score.Run(ctx, options)
	if err = errors.Join(err, closeRows()); err != nil {
		return err
	}
	// Alerts first: a run that dies between the two repeats alerts, and loses
	// none.
	if err := out.Flush(); err != nil {
		return err
	}
	if o.state != "" {
		if err := next.Save(o.path(o.state)); err != nil {
			return err
		}
	}
	return o.account(summary)
}

// takeUp gives the options the state of the runs before, and reports whether the
// last of them was this one, ended before anybody saw that it was done.
func (o *scoreOptions) takeUp(options *score.Options) (done bool, err error) {
	if options.State, err = score.LoadState(o.path(o.state), o.parser); err != nil {
		return false, err
	}
	if options.Logs, err = score.DigestLogs(options.Segments); err != nil {
		return false, err
	}
	if done = options.State.Done(options.Logs, o.final); done && !o.flags.quiet {
		err = printf(o.stderr, "the last run took these logs: nothing to score\n")
	}
	return done, err
}

// chains loads the models of the release that read the parser.
func (o *scoreOptions) chains(active pull.Active) ([]*score.Chain, error) {
	var parsers []string
	var models []release.Model
	for _, m := range active.Record.Models {
		if !slices.Contains(active.Models, m.Name) {
			continue
		}
		parsers = append(parsers, m.Parser)
		if m.Parser == o.parser {
			models = append(models, m)
		}
	}
	if len(models) == 0 {
		slices.Sort(parsers)
		return nil, &unknownError{kind: "parser", name: o.parser, known: slices.Compact(parsers)}
	}
	runtime, err := onnx.Open(filepath.Join(active.Dir, active.Record.Runtime.Library))
	if err != nil {
		return nil, err
	}
	var out []*score.Chain
	loader := score.NewLoader(os.DirFS(active.Dir), runtime)
	for _, m := range models {
		c, err := loader.Load(m)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// openLogs returns raw logs, which are opened when they are read.
func (a *app) openLogs(names []string) ([]score.Segment, error) {
	var out []score.Segment
	for _, name := range names {
		path := a.path(name)
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%s is not a regular file", name)
		}
		out = append(out, score.Segment{Name: name, Open: func() (io.ReadCloser, error) { return compression.Open(path) }})
	}
	return out, nil
}

// rowWriter makes the options write every scored row, where that was asked
// for.
func (o *scoreOptions) rowWriter(options *score.Options) (func() error, error) {
	if o.rows == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(o.path(o.rows))
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriter(f)
	encoder := json.NewEncoder(w)
	options.EmitRow = func(r score.ScoredRow) error { return encoder.Encode(r) }
	return func() error { return errors.Join(w.Flush(), f.Close()) }, nil
}

func (o *scoreOptions) account(s *score.Summary) error {
	if o.flags.quiet {
		return nil
	}
	var rejects int64
	for _, n := range s.Rejects {
		rejects += n
	}
	_ = printf(o.stderr, "%d lines, %d records = %d rows + %d rejects\n", s.Lines, s.Records, s.Rows, rejects)
	for _, reason := range sortedKeys(s.Rejects) {
		_ = printf(o.stderr, "  reject: %s: %d\n", reason, s.Rejects[reason])
	}
	if len(s.Missing) > 0 {
		_ = printf(o.stderr, "  warning: no file has the raw columns %q: they are NULL\n", s.Missing)
	}
	for _, m := range s.Models {
		_ = printf(o.stderr, "  %s: %d rows scored, %s", m.Model, m.Rows, plural(int(m.Alerts), "alert"))
		if m.Open > 0 {
			what := "not scored: use --state or --final"
			if o.state != "" {
				what = "kept in the state"
			}
			_ = printf(o.stderr, "; %s in open windows, %s", plural(int(m.Open), "record"), what)
		}
		if m.Ahead > 0 {
			_ = printf(o.stderr, "; %s more than a day ahead of the clock, closing no window", plural(int(m.Ahead), "record"))
		}
		if m.Late > 0 {
			_ = printf(o.stderr, "; %s too late for a window", plural(int(m.Late), "record"))
		}
		_ = printf(o.stderr, "\n")
	}
	return nil
}
