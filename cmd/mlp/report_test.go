package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/diag"
)

// statusError is an error that chooses a status and may have a hint.
type statusError struct {
	status int
	hint   string
}

func (e statusError) Error() string   { return "stale plan" }
func (e statusError) ExitStatus() int { return e.status }
func (e statusError) Hint() string    { return e.hint }

func invalidSpec() error {
	var l diag.List
	l.Errorf(diag.Span{File: "a.textproto", Line: 2, Col: 3, EndLine: 2, EndCol: 6}, "unknown-column", "column %q does not exist", "qury").
		Hintf("did you mean %q?", "query")
	l.Warnf(diag.Span{File: "a.textproto", Line: 1, Col: 1}, "old-name", "old")
	return l.Err()
}

func TestReport(t *testing.T) {
	for _, tt := range []struct {
		name   string
		err    error
		format string
		status int
		want   string // on stderr
	}{
		{name: "nothing", status: 0},
		{name: "plain error", err: errors.New("open store: no such directory"), status: 1,
			want: "error: open store: no such directory\n"},
		{name: "own status and hint", err: fmt.Errorf("apply: %w", statusError{status: 3, hint: "plan again"}), status: 3,
			want: "error: apply: stale plan\n  hint: plan again\n"},
		{name: "joined errors", err: errors.Join(errors.New("first"), statusError{status: 4}), status: 4,
			want: "error: first\nstale plan\n"},
		{name: "a status that may not be chosen", err: statusError{status: 130}, status: 1, want: "error: stale plan\n"},
		{name: "nor success", err: statusError{status: 0}, status: 1, want: "error: stale plan\n"},
		{name: "changes present", err: changesPresent{}, status: 2},
		{name: "cancelled, but not by a signal", err: context.Canceled, status: 1, want: "error: context canceled\n"},
		{name: "control characters", err: errors.New("read \x1b[31m\u202ex\xff"), status: 1,
			want: "error: read \ufffd[31m\ufffdx\ufffd\n"},
		{name: "diagnostics", err: fmt.Errorf("plan: %w", invalidSpec()), status: 1,
			want: "a.textproto:1:1: warning: old [old-name]\n    1 | one\n      | ^^^\n" +
				"a.textproto:2:3: error: column \"qury\" does not exist [unknown-column]\n    2 | a qury\n      |   ^^^\n  hint: did you mean \"query\"?\n"},
		{name: "diagnostics for GitHub", err: invalidSpec(), format: formatGitHub, status: 1,
			want: "::warning file=a.textproto,line=1,col=1,endLine=1,endColumn=1,title=old-name::old\n" +
				"::error file=a.textproto,line=2,col=3,endLine=2,endColumn=6,title=unknown-column::column \"qury\" does not exist%0Ahint: did you mean \"query\"?\n"},
		{name: "error for GitHub", err: statusError{status: 3, hint: "100%\n::error::x"}, format: formatGitHub, status: 3,
			want: "::error::stale plan%0Ahint: 100%25%0A::error::x\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newConsole(t)
			c.format = tt.format
			c.source = func(string) []byte { return []byte("one\na qury\n") }
			if got := c.report(context.Background(), tt.err); got != tt.status {
				t.Errorf("status %d, want %d", got, tt.status)
			}
			if diff := cmp.Diff(tt.want, c.err.String()); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
			if c.out.Len() > 0 {
				t.Errorf("stdout = %q, want nothing", c.out.String())
			}
		})
	}
}

func TestReportInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c := newConsole(t)
	if got := c.report(ctx, fmt.Errorf("train: %w", ctx.Err())); got != 130 {
		t.Errorf("status %d, want 130", got)
	}
	if want := "error: interrupted\n  hint: run the same command again to finish\n"; c.err.String() != want {
		t.Errorf("stderr = %q, want %q", c.err.String(), want)
	}
	if got := c.report(ctx, errors.New("disk full")); got != statusFailed {
		t.Errorf("another error after a signal: status %d, want %d", got, statusFailed)
	}
}

func TestDiagnosticsAsJSONGoWhereTheCommandSays(t *testing.T) {
	c := newConsole(t)
	c.format, c.diagOut = formatJSON, c.stdout
	if got := c.report(context.Background(), invalidSpec()); got != statusFailed {
		t.Errorf("status %d", got)
	}
	if !strings.HasPrefix(c.out.String(), "{\n  \"format_version\": 1,") || c.err.Len() > 0 {
		t.Errorf("stdout = %q, stderr = %q", c.out.String(), c.err.String())
	}
}

func TestColors(t *testing.T) {
	for _, tt := range []struct {
		name     string
		terminal bool
		noColor  bool
		env      map[string]string
		want     bool
	}{
		{name: "terminal", terminal: true, want: true},
		{name: "no terminal"},
		{name: "flag", terminal: true, noColor: true},
		{name: "NO_COLOR", terminal: true, env: map[string]string{"NO_COLOR": "1"}},
		{name: "empty NO_COLOR", terminal: true, env: map[string]string{"NO_COLOR": ""}, want: true},
		{name: "CI", terminal: true, env: map[string]string{"CI": "true"}},
		{name: "dumb", terminal: true, env: map[string]string{"TERM": "dumb"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newConsole(t)
			c.setenv(tt.env)
			c.stderr.terminal, c.flags.noColor = tt.terminal, tt.noColor
			if got := c.report(context.Background(), errors.New("x")); got != statusFailed {
				t.Fatalf("status %d", got)
			}
			if got := strings.Contains(c.err.String(), "\x1b["); got != tt.want {
				t.Errorf("colours in %q: %t, want %t", c.err.String(), got, tt.want)
			}
		})
	}
}
