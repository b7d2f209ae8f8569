// Command engines measures parsing and features over generated logs: mlp on
// DuckDB, mlp on Spark, and a job of Spark that is written by hand.
//
//	go run ./bench/engines -lines 5000000
//
// All make the same columns with the same row ids, which is checked. Its last
// line is
//
//	engines: spark/duckdb R, spark/hand R, N MB
//
// with the throughput of mlp on DuckDB over that on Spark, of mlp on Spark over
// the job by hand, and the peak memory of mlp on DuckDB. Sessions of Spark are
// warm: what it takes to start them is not counted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/engine/spark"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == spark.FrameCommand {
		end(spark.Frame(os.Stdin, os.Stdout))
	}
	b := &bench{}
	flag.IntVar(&b.lines, "lines", 5_000_000, "lines of all logs together")
	flag.IntVar(&b.rounds, "rounds", 3, "rounds")
	flag.StringVar(&b.python, "python", os.Getenv("MLP_TEST_SPARK_PYTHON"), "Python that has pyspark")
	flag.StringVar(&b.dir, "dir", "", "work in this directory (default: a temporary one)")
	flag.BoolVar(&b.steps, "steps", false, "tell how long the steps of mlp's jobs on Spark take")
	flag.StringVar(&b.alone, "duckdb", "", "run mlp on DuckDB alone, over the project in this directory; what this command runs")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if b.alone != "" {
		end(alone(ctx, b.alone, b.dir))
	}
	end(b.run(ctx))
}

func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "engines:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

type bench struct {
	lines, rounds      int
	python, dir, alone string
	steps              bool
}

// warmLines are enough to have everything loaded that a run needs.
const warmLines = 20_000

func (b *bench) run(ctx context.Context) (err error) {
	if b.python == "" {
		return errors.New("no Python: set -python or MLP_TEST_SPARK_PYTHON")
	}
	if b.rounds < 1 || b.lines < 4 {
		return errors.New("nothing to measure")
	}
	dir, err := os.MkdirTemp(b.dir, "mlp-engines-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	small, err := makeProject(ctx, filepath.Join(dir, "small"), warmLines)
	if err != nil {
		return err
	}
	whole, err := makeProject(ctx, filepath.Join(dir, "whole"), b.lines)
	if err != nil {
		return err
	}
	fmt.Printf("%d lines, %.0f MB, in %d files; %d rounds; load %s\n", whole.lines, float64(whole.bytes)/1e6, len(whole.logs["conn"])+len(whole.logs["web"]), b.rounds, load1())
	peers, stop, err := b.peers(ctx, dir)
	defer func() { err = errors.Join(err, stop()) }()
	if err != nil {
		return err
	}
	if _, err := round(ctx, peers, small, filepath.Join(dir, "warm")); err != nil {
		return err
	}
	results := map[string][]outcome{}
	for n := range b.rounds {
		made, err := round(ctx, peers, whole, filepath.Join(dir, "round"))
		if err != nil {
			return err
		}
		for i, o := range made {
			results[peers[i].name] = append(results[peers[i].name], o)
			fmt.Printf("round %d: %-14s %7.2f s %9.0f lines/s\n", n+1, peers[i].name, o.took.Seconds(), float64(whole.lines)/o.took.Seconds())
		}
	}
	fmt.Println(verdict(results))
	return nil
}

// load1 is the load of the machine.
func load1() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(data))[0]
}

// round runs each peer once, and compares what they made.
func round(ctx context.Context, peers []peer, p *project, dir string) ([]outcome, error) {
	defer os.RemoveAll(dir)
	made := make([]outcome, len(peers))
	for i, x := range peers {
		out := filepath.Join(dir, x.name)
		if err := os.MkdirAll(out, 0o755); err != nil {
			return nil, err
		}
		var err error
		if made[i], err = x.run(ctx, p, out); err != nil {
			return nil, fmt.Errorf("%s: %w", x.name, err)
		}
	}
	return made, p.same(ctx, dir, peers, made)
}

// median is the middle one of several times.
func median(all []outcome) float64 {
	var seconds []float64
	for _, o := range all {
		seconds = append(seconds, o.took.Seconds())
	}
	slices.Sort(seconds)
	return (seconds[(len(seconds)-1)/2] + seconds[len(seconds)/2]) / 2
}

// verdict is the last line.
func verdict(results map[string][]outcome) string {
	var peak int64
	for _, o := range results[onDuckDB] {
		peak = max(peak, o.peak)
	}
	return fmt.Sprintf("engines: spark/duckdb %.2f, spark/hand %.2f, %d MB", median(results[onSpark])/median(results[onDuckDB]),
		median(results[byHand])/median(results[onSpark]), peak/1e6)
}

// outcome is what a peer made.
type outcome struct {
	took   time.Duration
	peak   int64                       // bytes of memory, of mlp on DuckDB
	counts map[string]map[string]int64 // rows and rejects by reason, of each kind
}
