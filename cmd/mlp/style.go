package main

import (
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// styles are the ways that words on stderr are set off.
type styles struct {
	bad, good, hint, dim lipgloss.Style
}

// styles returns the styles for stderr: plain unless colours are wanted.
func (a *app) styles() styles {
	r := lipgloss.NewRenderer(a.stderr)
	// Both are set so that lipgloss asks neither the environment nor the
	// terminal.
	r.SetHasDarkBackground(true)
	r.SetColorProfile(termenv.Ascii)
	if a.colors() {
		r.SetColorProfile(termenv.ANSI)
	}
	return styles{
		bad:  r.NewStyle().Foreground(lipgloss.Color("1")).Bold(true),
		good: r.NewStyle().Foreground(lipgloss.Color("2")),
		hint: r.NewStyle().Foreground(lipgloss.Color("6")),
		dim:  r.NewStyle().Faint(true),
	}
}

// colors reports whether stderr takes colours: a terminal, and neither
// --no-color, NO_COLOR (https://no-color.org), CI nor TERM=dumb.
func (a *app) colors() bool {
	return a.stderr.terminal && !a.flags.noColor && a.env("NO_COLOR") == "" && a.env("CI") == "" && a.env("TERM") != "dumb"
}
