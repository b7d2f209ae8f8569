// Command mlp turns security logs into models and alerts: specs in a Git
// repository say how logs are parsed, which features are computed and which
// models are trained; mlp plans what a change affects, applies exactly that,
// and serves the released models at sites.
//
// The package holds one file a verb, each in three parts: an options struct,
// a constructor that spells the command, and run, which calls into pkg.
// report.go is the only place where an error becomes words and a status.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"
)

//go:generate go test -run=TestDocsAreCurrent . -update

func main() {
	// A reader of the output that went away is an error of a write, so that
	// what was begun is cleaned up.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; after it a second one kills.
	context.AfterFunc(ctx, stop)
	os.Exit(execute(ctx, systemApp()))
}

// systemApp returns the app of this process. Nothing else reads its streams,
// arguments, environment or clock.
func systemApp() *app {
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	info, _ := debug.ReadBuildInfo()
	return &app{
		args:      os.Args[1:],
		stdin:     os.Stdin,
		stdout:    stream{Writer: os.Stdout, terminal: term.IsTerminal(os.Stdout.Fd())},
		stderr:    stream{Writer: os.Stderr, terminal: term.IsTerminal(os.Stderr.Fd()), width: terminalWidth()},
		dir:       dir,
		lookupEnv: os.LookupEnv,
		now:       time.Now,
		build:     describeBuild(info, runtime.GOOS, runtime.GOARCH),
	}
}

// terminalWidth returns the columns of the terminal behind stderr.
func terminalWidth() int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if width, _, err := term.GetSize(os.Stderr.Fd()); err == nil && width > 0 {
		return width
	}
	return defaultWidth
}
