package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

// work is a command with two phases; each step takes 2 s.
func work(c *console) {
	p := c.newProgress(2)
	p.Phase("columns", 3)
	for _, label := range []string{"a.x", "a.y", "b.z\x1b[2J"} {
		c.clock = c.clock.Add(2 * time.Second)
		p.Step(label)
	}
	p.Note("1 column reused")
	p.Done()
	p.Phase("train", 0)
	c.clock = c.clock.Add(time.Hour + 61*time.Second)
	p.Step("model_one")
	p.Done()
	p.Done()
}

func TestProgressPlain(t *testing.T) {
	for _, tt := range []struct {
		name           string
		quiet, verbose bool
		want           string
	}{
		{name: "lines", want: "1 column reused\n[1/2] columns  3/3 0:06\n[2/2] train    1 1:01:01\n[2/2] train    1 1:01:01\n"},
		{name: "verbose", verbose: true, want: "[1/2] columns  1/3 a.x\n[1/2] columns  2/3 a.y\n[1/2] columns  3/3 b.z\ufffd[2J\n" +
			"1 column reused\n[1/2] columns  3/3 0:06\n[2/2] train    1 model_one\n[2/2] train    1 1:01:01\n"},
		{name: "quiet", quiet: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newConsole(t)
			c.flags.quiet, c.flags.verbose = tt.quiet, tt.verbose
			work(c)
			if diff := cmp.Diff(tt.want, c.err.String()); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
		})
	}
}

func TestProgressPlainIsSparse(t *testing.T) {
	c := newConsole(t)
	p := c.newProgress(1)
	p.Phase("columns", 1000)
	for range 100 {
		c.clock = c.clock.Add(time.Second)
		p.Step("x")
	}
	p.Done()
	if n := strings.Count(c.err.String(), "\n"); n != 11 {
		t.Errorf("%d lines in 100 s:\n%s", n, c.err.String())
	}
}

// TestProgressWithinAStep shows 25 epochs of half a second each.
func TestProgressWithinAStep(t *testing.T) {
	for _, tt := range []struct {
		name                     string
		terminal, quiet, verbose bool
		lines, drawn             int
	}{
		{name: "plain", lines: 1},
		{name: "verbose", verbose: true, lines: 12},
		{name: "quiet", quiet: true},
		{name: "terminal", terminal: true, drawn: 25},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newConsole(t)
			c.stderr.terminal, c.stderr.width = tt.terminal, 120
			c.flags.quiet, c.flags.verbose = tt.quiet, tt.verbose
			p := c.newProgress(1)
			p.Phase("train", 1)
			for epoch := range 25 {
				c.clock = c.clock.Add(time.Second / 2)
				p.Doing(fmt.Sprintf("model/a: fit, epoch %d/25, loss 0.5", epoch+1))
			}
			said := ansi.Strip(c.err.String())
			lines := strings.Count(said, "[1/1] train    0/1 model/a: fit, epoch ")
			drawn := strings.Count(said, ", loss 0.5") - lines
			if lines != tt.lines || drawn != tt.drawn {
				t.Errorf("%d lines and %d drawings, want %d and %d:\n%q", lines, drawn, tt.lines, tt.drawn, said)
			}
		})
	}
}

func TestProgressBar(t *testing.T) {
	c := newConsole(t)
	c.stderr.terminal, c.stderr.width = true, 60
	work(c)
	// What stands on the screen at the end: of each line, what follows the
	// last clearing.
	var screen []string
	for line := range strings.SplitSeq(strings.TrimSuffix(c.err.String(), "\n"), "\n") {
		_, last, found := cutLast(line, clearLine)
		if !found {
			last = line
		}
		screen = append(screen, ansi.Strip(last))
	}
	want := []string{
		"1 column reused",
		"[1/2] columns  " + strings.Repeat("█", 20) + " 3/3 0:06",
		"[2/2] train    1 1:01:01",
	}
	if diff := cmp.Diff(want, screen); diff != "" {
		t.Errorf("screen (-want +got):\n%s", diff)
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func TestProgressBarFitsTheTerminal(t *testing.T) {
	for _, width := range []int{1, 10, 30, 80} {
		c := newConsole(t)
		c.stderr.terminal, c.stderr.width = true, width
		p := c.newProgress(1)
		p.Phase("columns", 2)
		p.Step(strings.Repeat("界", 200))
		p.Step("one more than was announced")
		p.Step("and another")
		p.Done()
		for drawn := range strings.SplitSeq(strings.ReplaceAll(c.err.String(), "\n", ""), clearLine) {
			if got := ansi.StringWidth(drawn); got >= max(width, 2) {
				t.Errorf("width %d: %d columns: %q", width, got, drawn)
			}
		}
	}
}

func TestProgressConcurrently(t *testing.T) {
	c := newConsole(t)
	p := c.newProgress(1)
	p.Phase("columns", 800)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				p.Step("x")
			}
		})
	}
	wg.Wait()
	p.Done()
	if !strings.Contains(c.err.String(), "800/800") {
		t.Errorf("stderr = %q, want 800/800", c.err.String())
	}
}
