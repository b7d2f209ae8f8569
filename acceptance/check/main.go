// Command check runs the acceptance specs on real captures, with the mlp
// binary, as a user would, and compares what comes out with what it counts and
// reads by itself:
//
//	go run ./acceptance/check -mlp bin/mlp -specs acceptance -data DIR
//
// Its last line is
//
//	acceptance: M models released, LINES lines, RECORDS records = ROWS rows + REJECTS rejects, max feature difference F, max score difference D
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
)

// captures are the raw files of the labelled captures, and which side of the
// split they are on.
func captures() []capture {
	return []capture{
		{name: "c008", file: "008-conn.log.labeled"},
		{name: "c010", file: "010-conn.log.labeled"},
		{name: "c011", file: "011-conn.log.labeled"},
		{name: heldBack, file: "012-conn.log.labeled", test: true},
	}
}

// heldBack is the contribution that models are tested on.
const heldBack = "c012"

type capture struct {
	name, file string
	test       bool
}

// tolerance is the largest difference between a site's values and those of
// training.
const tolerance = 1e-5

func main() {
	c := &check{}
	flag.StringVar(&c.mlp, "mlp", "bin/mlp", "the binary")
	flag.StringVar(&c.specs, "specs", "acceptance", "the acceptance project")
	flag.StringVar(&c.data, "data", "../shared/data", "the real data")
	flag.StringVar(&c.keep, "keep", "", "work in this directory and keep it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := c.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "acceptance:", err)
		os.Exit(1)
	}
}

func (c *check) run(ctx context.Context) error {
	c.data = filepath.Join(c.data, "labelled", "zeek-conn-labelled")
	if _, err := os.Stat(c.data); errors.Is(err, fs.ErrNotExist) {
		if os.Getenv("CI") != "" {
			return fmt.Errorf("no data in %s", c.data)
		}
		fmt.Printf("acceptance: skipped, 0 of %d captures: no data in %s (MLP_REAL_DATA names another place)\n", len(captures()), c.data)
		return nil
	}
	if err := c.prepare(ctx); err != nil {
		return err
	}
	if c.keep == "" {
		defer os.RemoveAll(c.dir)
	}
	for _, step := range []func(context.Context) error{c.build, c.apply, c.verify, c.again, c.site, c.compare, c.change} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	v := c.verified
	fmt.Printf("acceptance: %d models released, %d lines, %d records = %d rows + %d rejects, max feature difference %.3g, max score difference %.3g\n",
		v.Released, v.Counts.Lines, v.Counts.Records, v.Counts.Rows, v.Counts.Rejected(), c.featureDifference, c.scoreDifference)
	return nil
}
