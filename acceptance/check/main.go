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
)

// tolerance is the largest difference between a site's values and those of
// training.
const tolerance = 1e-5

func main() {
	c := &check{}
	flag.StringVar(&c.mlp, "mlp", "bin/mlp", "the binary")
	flag.StringVar(&c.specs, "specs", "acceptance", "the acceptance project")
	flag.StringVar(&c.data, "data", "../shared/data", "the real data")
	flag.StringVar(&c.keep, "keep", "", "work in this directory and keep it")
	flag.StringVar(&c.from, "from", "", "begin with this step, in the directory of -keep")
	flag.BoolVar(&c.write, "write", false, "write the committed datasets anew, from the captures")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := c.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "acceptance:", err)
		os.Exit(1)
	}
}

func (c *check) run(ctx context.Context) error {
	if _, err := os.Stat(c.data); errors.Is(err, fs.ErrNotExist) {
		if os.Getenv("CI") != "" {
			return fmt.Errorf("no data in %s", c.data)
		}
		fmt.Printf("acceptance: skipped, nothing of it ran: no data in %s (MLP_REAL_DATA names another place)\n", c.data)
		return nil
	}
	if err := c.prepare(ctx); err != nil {
		return err
	}
	if c.keep == "" {
		defer os.RemoveAll(c.dir)
	}
	begun := c.from == ""
	for _, s := range c.steps() {
		if begun = begun || s.name == c.from; !begun {
			continue
		}
		if err := s.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	if !begun {
		return fmt.Errorf("there is no step %q", c.from)
	}
	v := c.verified
	fmt.Printf("acceptance: %d models released, %d lines, %d records = %d rows + %d rejects, max feature difference %.3g, max score difference %.3g\n",
		v.Released, v.Counts.Lines, v.Counts.Records, v.Counts.Rows, v.Counts.Rejected(), c.featureDifference, c.scoreDifference)
	return nil
}

// step is a part of the run.
type step struct {
	name string
	run  func(context.Context) error
}

// steps are the parts of the run, in their order.
func (c *check) steps() []step {
	return []step{{"build", c.build}, {"apply", c.apply}, {"verify", c.verify}, {"again", c.again}, {"quality", c.quality},
		{"fields", c.sshFields}, {"detections", c.detections}, {"site", c.site}, {"compare", c.compare}, {"change", c.change},
		{"feedback", c.feedback}, {"state", c.state}, {"kills", c.kills}}
}
