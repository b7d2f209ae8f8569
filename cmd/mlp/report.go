package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/pull"
	"github.com/mlpdev/mlp/pkg/store"
)

// Exit statuses. An error chooses one with a method ExitStatus() int; without
// it the status is statusFailed.
const (
	statusDone        = 0
	statusFailed      = 1
	statusChanges     = 2
	statusRefused     = 3
	statusUnreachable = 4
	statusInterrupted = 130
)

// exitStatus is one line of the table in every help.
type exitStatus struct {
	status  int
	meaning string
}

// String returns the line as the help shows it.
func (s exitStatus) String() string { return fmt.Sprintf("%-4d %s", s.status, s.meaning) }

func exitStatuses() []exitStatus {
	return []exitStatus{
		{statusDone, "done; with --detailed-exitcode: no changes"},
		{statusFailed, "what was asked for failed: invalid spec, failing example, gate refused, pull refused, wrong usage"},
		{statusChanges, "only with --detailed-exitcode: changes present"},
		{statusRefused, "refused, nothing done, safe after a new plan or a retry"},
		{statusUnreachable, "a service is unreachable (store, Spark), or a process was lost: retry"},
		{statusInterrupted, "interrupted; state consistent, the same command again finishes"},
	}
}

// changesPresent is returned by a command with --detailed-exitcode that found
// changes: nothing went wrong, and the status says so.
type changesPresent struct{}

// Error is never shown.
func (changesPresent) Error() string { return "changes present" }

// ExitStatus implements the interface that report looks for.
func (changesPresent) ExitStatus() int { return statusChanges }

// reported is returned by a command that failed and has said all of it in its
// result. The status is statusFailed, unless another one is set.
type reported struct{ status int }

// Error is never shown.
func (reported) Error() string { return "failed, as reported" }

// ExitStatus implements the interface that report looks for.
func (r reported) ExitStatus() int { return r.status }

// report turns what a command returned into words on stderr and an exit
// status. It is the only place that does.
func (a *app) report(ctx context.Context, err error) int {
	status := statusOf(ctx, err)
	var list *diag.ListError
	var said reported
	switch {
	case status == statusDone, status == statusChanges, errors.As(err, &said):
	case status == statusInterrupted:
		a.complain("interrupted", "run the same command again to finish")
	case errors.As(err, &list):
		if err := a.diagnose(list.List); err != nil {
			a.complain(err.Error(), "")
		}
	default:
		a.complain(err.Error(), hintOf(err))
	}
	return status
}

func statusOf(ctx context.Context, err error) int {
	var own interface{ ExitStatus() int }
	switch {
	case err == nil:
		return statusDone
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return statusInterrupted
	case errors.Is(err, store.ErrUnavailable):
		return statusUnreachable
	case errors.Is(err, pull.ErrBusy):
		return statusRefused
	case errors.As(err, &own) && own.ExitStatus() > statusDone && own.ExitStatus() <= statusUnreachable:
		return own.ExitStatus()
	default:
		return statusFailed
	}
}

func hintOf(err error) string {
	var hinter interface{ Hint() string }
	if errors.As(err, &hinter) {
		return hinter.Hint()
	}
	return ""
}

// diagnose prints diagnostics in the form of --format, in text with the lines
// they are about.
func (a *app) diagnose(list diag.List) error {
	a.diagnosed = true
	out := a.diagOut
	if out == nil {
		out = a.stderr
	}
	switch a.format {
	case formatJSON:
		return list.WriteJSON(out)
	case formatGitHub:
		return list.Abridged(a.mostAlike()).WriteGitHub(out)
	default:
		return list.Abridged(a.mostAlike()).WriteText(out, a.source)
	}
}

// mostAlike is how many warnings of one kind in one file people are shown.
func (a *app) mostAlike() int {
	if a.flags.verbose {
		return math.MaxInt
	}
	return 3
}

// complain prints one error that is not about a place in a file.
func (a *app) complain(message, hint string) { a.say("error", message, hint) }

// warn prints one warning that is not about a place in a file.
func (a *app) warn(message, hint string) { a.say("warning", message, hint) }

func (a *app) say(severity, message, hint string) {
	message, hint = printable(message), printable(hint)
	if a.format == formatGitHub {
		if hint != "" {
			message += "\nhint: " + hint
		}
		escape := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
		fmt.Fprintf(a.stderr, "::%s::%s\n", severity, escape.Replace(message))
		return
	}
	s := a.styles()
	fmt.Fprintf(a.stderr, "%s %s\n", s.bad.Render(severity+":"), message)
	if hint != "" {
		fmt.Fprintf(a.stderr, "  %s %s\n", s.hint.Render("hint:"), hint)
	}
}

// printable replaces what could drive a terminal or mislead a reader: control
// and format characters, and bytes that are not UTF-8.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}
