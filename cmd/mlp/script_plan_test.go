package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mlpdev/mlp/pkg/dsse"
)

// listingCommand keeps of a plan what changes and what that affects: sign,
// address, class and reason, one a line.
func listingCommand(ts *testscript.TestScript, args []string) error {
	plan, _, _ := strings.Cut(ts.ReadFile("stdout"), "\nSteps\n")
	line := regexp.MustCompile(`^  ([~+=↻→-]) (\S+) +(.*)$`)
	place := regexp.MustCompile(`  \S+:\d+:\d+$`)
	return keep(ts, args[0], plan, func(text string) string {
		m := line.FindStringSubmatch(text)
		if m == nil {
			return ""
		}
		return m[1] + " " + m[2] + " " + regexp.MustCompile(` {2,}`).ReplaceAllString(strings.TrimSpace(place.ReplaceAllString(m[3], "")), " ")
	})
}

// stepsCommand keeps of a plan what is computed: kind, target and columns.
func stepsCommand(ts *testscript.TestScript, args []string) error {
	_, plan, _ := strings.Cut(ts.ReadFile("stdout"), "\nSteps\n")
	line := regexp.MustCompile(`^  (parse|features|train|evaluate|release) +(\S.*?)(?: {2,}|$)(?:(\d+ columns?(?: \([^)]*\))?); )?`)
	return keep(ts, args[0], plan, func(text string) string {
		m := line.FindStringSubmatch(text)
		if m == nil {
			return ""
		}
		return strings.TrimSpace(m[1] + " " + m[2] + " " + m[3])
	})
}

// keep writes what is made of the lines of a text to a file, but for nothing.
func keep(ts *testscript.TestScript, file, text string, of func(string) string) error {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if kept := of(strings.TrimSuffix(line, "\n")); kept != "" {
			out.WriteString(kept + "\n")
		}
	}
	return os.WriteFile(ts.MkAbs(file), []byte(out.String()), 0o644)
}

func entriesCommand(ts *testscript.TestScript, args []string) error {
	found, err := filepath.Glob(ts.MkAbs(".mlp/store/index/" + args[0] + "/*"))
	if err == nil && fmt.Sprint(len(found)) != args[1] {
		err = fmt.Errorf("the store has %d entries of kind %s, want %s", len(found), args[0], args[1])
	}
	return err
}

func pubkeyCommand(ts *testscript.TestScript, args []string) error {
	key, err := dsse.ReadPrivateKey(devKey, filepath.Join(ts.Getenv("XDG_CONFIG_HOME"), "mlp", "keys", devKey+".pem"))
	if err == nil {
		ts.Setenv(args[0], dsse.FormatPublic(key.Public()))
	}
	return err
}

func filedCommand(ts *testscript.TestScript, args []string) error {
	found, err := filepath.Glob(ts.MkAbs(".mlp/store/inbox/verdicts/*/" + args[1] + "*"))
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("%d verdicts are on alerts %s…", len(found), args[1])
	}
	if err == nil {
		ts.Setenv(args[0], found[0])
	}
	return err
}
