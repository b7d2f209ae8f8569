package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
)

const (
	barWidth = 20
	// redrawEvery is the least time between two drawings of a bar.
	redrawEvery = 50 * time.Millisecond
	// lineEvery is the least time between two plain lines of one phase.
	lineEvery = 10 * time.Second
	// verboseEvery is that with --verbose, of what a step is at.
	verboseEvery = time.Second
	clearLine    = "\r\x1b[K"
)

// progress shows on stderr how far a command is: a bar on a terminal, now and
// then a line elsewhere, nothing with --quiet. Its methods may be called from
// several goroutines.
type progress struct {
	mu      sync.Mutex
	app     *app
	styles  styles
	phases  int // in all
	phase   int // the current one, from 1
	name    string
	total   int
	done    int
	label   string // of the last step
	began   time.Time
	shown   time.Time // when the phase was last drawn or printed
	running bool
	drawn   bool // a bar stands on the terminal's current line
}

// newProgress returns the progress of a command that has so many phases.
func (a *app) newProgress(phases int) *progress {
	return &progress{app: a, styles: a.styles(), phases: phases}
}

// Phase begins the next phase, which has total steps; 0 means nobody knows.
// It ends the one before.
func (p *progress) Phase(name string, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish()
	now := p.app.now()
	p.phase++
	p.name, p.total, p.done, p.label = name, total, 0, ""
	p.began, p.shown, p.running = now, now, true
	if p.app.stderr.terminal {
		p.draw()
	}
}

// Step notes that one step of the phase is done; label says which.
func (p *progress) Step(label string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	p.label = printable(label)
	since := p.app.now().Sub(p.shown)
	switch {
	case p.app.stderr.terminal:
		if since >= redrawEvery {
			p.draw()
		}
	case p.app.flags.verbose:
		p.line(p.heading() + " " + p.count() + " " + p.label)
	case since >= lineEvery:
		p.line(p.heading() + " " + p.count() + " " + p.elapsed())
	}
}

// Doing shows what the step is at that is being done.
func (p *progress) Doing(label string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.label = printable(label)
	since, every := p.app.now().Sub(p.shown), lineEvery
	if p.app.flags.verbose {
		every = verboseEvery
	}
	switch {
	case p.app.stderr.terminal && since >= redrawEvery:
		p.draw()
	case !p.app.stderr.terminal && since >= every:
		p.line(p.heading() + " " + p.count() + " " + p.label)
	}
}

// Note prints one line that stays, above the bar where there is one.
func (p *progress) Note(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		p.write(clearLine)
		p.drawn = false
	}
	p.line(printable(text))
	if p.running && p.app.stderr.terminal {
		p.draw()
	}
}

// Done ends the phase, wherever it stands. Calling it again does nothing.
func (p *progress) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish()
}

func (p *progress) finish() {
	if !p.running {
		return
	}
	p.running, p.label = false, ""
	if p.app.stderr.terminal {
		p.draw()
		p.write("\n")
		p.drawn = false
		return
	}
	p.line(p.heading() + " " + p.count() + " " + p.elapsed())
}

// draw puts the bar on the current line.
func (p *progress) draw() {
	p.shown = p.app.now()
	parts := []string{p.heading()}
	if p.total > 0 {
		full := min(p.done, p.total) * barWidth / p.total
		parts = append(parts, p.styles.good.Render(strings.Repeat("█", full))+p.styles.dim.Render(strings.Repeat("░", barWidth-full)))
	}
	parts = append(parts, p.count(), p.elapsed())
	if p.label != "" {
		parts = append(parts, p.styles.dim.Render(p.label))
	}
	width := p.app.stderr.width
	if width <= 0 {
		width = defaultWidth
	}
	// The last column stays free: some terminals wrap as soon as it is filled.
	p.write(clearLine + ansi.Truncate(strings.Join(parts, " "), width-1, "…"))
	p.drawn = true
}

func (p *progress) line(text string) {
	p.shown = p.app.now()
	p.write(strings.TrimRight(text, " ") + "\n")
}

// write ignores errors: a command whose stderr is gone still does its work.
func (p *progress) write(text string) {
	if !p.app.flags.quiet {
		_, _ = p.app.stderr.Write([]byte(text))
	}
}

func (p *progress) heading() string { return fmt.Sprintf("[%d/%d] %-8s", p.phase, p.phases, p.name) }

func (p *progress) count() string {
	if p.total > 0 {
		return fmt.Sprintf("%d/%d", p.done, p.total)
	}
	return fmt.Sprint(p.done)
}

func (p *progress) elapsed() string {
	s := int(p.app.now().Sub(p.began).Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
