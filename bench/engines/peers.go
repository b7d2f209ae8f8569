package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/engine/spark"
	"github.com/mlpdev/mlp/pkg/run"
)

// Names of the peers.
const (
	onDuckDB = "mlp-duckdb"
	onSpark  = "mlp-spark"
	byHand   = "hand-spark"
)

// peer does all of the work over a project, into an empty directory.
type peer struct {
	name string
	run  func(ctx context.Context, p *project, out string) (outcome, error)
}

// peers starts what is measured. stop is to be called in any case.
func (b *bench) peers(ctx context.Context, dir string) (_ []peer, stop func() error, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, func() error { return nil }, err
	}
	session, err := spark.Open(ctx, spark.Options{Python: b.python, Environ: os.Environ(), Framer: self, Scratch: filepath.Join(dir, "round", onSpark, "spark")})
	if err != nil {
		return nil, func() error { return nil }, err
	}
	hand, err := startHand(ctx, b.python, dir)
	if err != nil {
		return nil, session.Close, err
	}
	duck := func(ctx context.Context, p *project, out string) (outcome, error) { return child(ctx, self, p, out) }
	cluster := &run.Spark{Open: func(context.Context) (run.Cluster, error) {
		if b.steps {
			return telling{session}, nil
		}
		return session, nil
	}}
	return []peer{{onDuckDB, duck}, {onSpark, func(ctx context.Context, p *project, out string) (outcome, error) {
		return p.runIn(ctx, out, cluster)
	}}, {byHand, hand.run}}, func() error { return errors.Join(session.Close(), hand.close()) }, nil
}

// telling is a session that tells how long the steps of a job took.
type telling struct{ *spark.Session }

// Run runs a job.
func (t telling) Run(ctx context.Context, j spark.Job) (*spark.Result, error) {
	begun := time.Now()
	r, err := t.Session.Run(ctx, j)
	if err == nil {
		fmt.Printf("%s: %.2f s with what was waited for the job before\n", j.Name, time.Since(begun).Seconds())
		for _, name := range slices.Sorted(maps.Keys(r.Metrics.Seconds)) {
			fmt.Printf("  %7.2f s %s\n", r.Metrics.Seconds[name], name)
		}
	}
	return r, err
}

// runIn computes in a new place.
func (p *project) runIn(ctx context.Context, out string, on *run.Spark) (o outcome, err error) {
	at, err := p.newPlace(ctx, out)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, at.close()) }()
	o.took, err = at.compute(ctx, on)
	return o, err
}

// report is what a process of mlp on DuckDB alone says.
type report struct {
	Took time.Duration `json:"took"`
	Peak int64         `json:"peak"`
}

// alone runs mlp on DuckDB and reports on stdout.
func alone(ctx context.Context, project, out string) error {
	p, err := openProject(project)
	if err != nil {
		return err
	}
	o, err := p.runIn(ctx, out, nil)
	if err != nil {
		return err
	}
	peak, err := peakMemory()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(report{o.took, peak})
}

// peakMemory is the most memory that this process ever had, in bytes.
func peakMemory() (int64, error) {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(data), "VmHWM:")
	kilobytes, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.ParseInt(kilobytes, 10, 64)
	return n * 1024, err
}

// child runs mlp on DuckDB in a process of its own.
func child(ctx context.Context, self string, p *project, out string) (outcome, error) {
	cmd := exec.CommandContext(ctx, self, "-duckdb", p.dir, "-dir", out)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return outcome{}, err
	}
	var r report
	err = json.Unmarshal(text, &r)
	return outcome{took: r.Took, peak: r.Peak}, err
}

//go:embed job.py
var job []byte

// hand is the job that is written by hand, in a warm session.
type hand struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// handConf are the settings of mlp's own session, so that both have the same
// Spark.
func handConf(dir string) map[string]string {
	return map[string]string{
		"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.sql.warehouse.dir": filepath.Join(dir, "warehouse"),
		"spark.driver.extraJavaOptions": "-Duser.timezone=UTC -Xss16m", "spark.driver.memory": "4g",
		"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.local.dir": filepath.Join(dir, "local"),
		"spark.sql.ansi.enabled": "false", "spark.sql.session.timeZone": "UTC",
		"spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS", "spark.sql.parquet.compression.codec": "zstd",
	}
}

func startHand(ctx context.Context, python, dir string) (*hand, error) {
	dir = filepath.Join(dir, "hand")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	conf, err := json.Marshal(handConf(dir))
	if err != nil {
		return nil, err
	}
	script, options := filepath.Join(dir, "job.py"), filepath.Join(dir, "options.json")
	if err := errors.Join(os.WriteFile(script, job, 0o666), os.WriteFile(options, conf, 0o666)); err != nil {
		return nil, err
	}
	h := &hand{cmd: exec.CommandContext(ctx, python, "-s", "-B", script, options)}
	h.cmd.Dir, h.cmd.Stderr = dir, os.Stderr
	h.cmd.Env = append(os.Environ(), "PYSPARK_PYTHON="+python, "PYSPARK_DRIVER_PYTHON="+python, "TZ=UTC", "LC_ALL=C.UTF-8")
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if h.in, err = h.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	h.out = bufio.NewReader(out)
	return h, h.cmd.Start()
}

func (h *hand) close() error { return errors.Join(h.in.Close(), h.cmd.Wait()) }

func (h *hand) run(_ context.Context, p *project, out string) (o outcome, err error) {
	header, err := fields(p.logs["conn"][0])
	if err != nil {
		return o, err
	}
	request, err := json.Marshal(map[string]any{"logs": p.logs, "header": header, "out": out})
	if err != nil {
		return o, err
	}
	begun := time.Now()
	if _, err := h.in.Write(append(request, '\n')); err != nil {
		return o, err
	}
	line, err := h.out.ReadBytes('\n')
	if err != nil {
		return o, fmt.Errorf("it ended: %w", err)
	}
	o.took = time.Since(begun)
	return o, json.Unmarshal(line, &o.counts)
}

// fields are the names in the header of a log of Zeek.
func fields(path string) ([]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	_, rest, ok := bytes.Cut(data, []byte("#fields\t"))
	if !ok {
		return nil, fmt.Errorf("%s has no header", path)
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	return strings.Split(string(line), "\t"), nil
}
