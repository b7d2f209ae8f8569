package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTutorial does what docs/tutorial.md says: blocks marked file=PATH are
// written, each command of a console block is run by a shell, in one directory
// that cd changes, and must print what the page shows. In what is shown … stands
// for anything, and a line of it alone for any lines.
func TestTutorial(t *testing.T) {
	python := os.Getenv("MLP_TEST_PYTHON")
	if python == "" {
		t.Skip("MLP_TEST_PYTHON names no Python with the packages of trainers/sklearn/requirements.lock")
	}
	page, err := os.ReadFile("../../docs/tutorial.md")
	must(t, err)
	dir := t.TempDir()
	r := &reader{dir: dir, env: append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+filepath.Join(dir, ".config"), "MLP_PYTHON="+python,
		"MLP_USER=ada", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com",
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com", "NO_COLOR=1")}
	commands := 0
	for _, b := range fencedBlocks(string(page)) {
		switch {
		case b.file != "":
			path := filepath.Join(r.dir, b.file)
			must(t, os.MkdirAll(filepath.Dir(path), 0o755))
			must(t, os.WriteFile(path, []byte(b.text), 0o644))
		case b.kind == "console":
			for _, c := range consoleCommands(b) {
				commands++
				r.run(t, c)
			}
		}
	}
	if commands < 10 {
		t.Errorf("the page has %d commands", commands)
	}
}

// reader is somebody who follows the page at a shell.
type reader struct {
	dir string
	env []string
}

func (r *reader) run(t *testing.T, c consoleCommand) {
	t.Helper()
	where := filepath.Join(t.TempDir(), "pwd")
	cmd := exec.Command("bash", "-c", "set -euo pipefail\n"+c.command+"\npwd > '"+where+"'")
	cmd.Dir, cmd.Env = r.dir, r.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("line %d: %s: %v\n%s", c.line, c.command, err, out)
	}
	pwd, err := os.ReadFile(where)
	must(t, err)
	r.dir = strings.TrimSpace(string(pwd))
	if !c.shows(string(out)) {
		t.Errorf("line %d: %s prints\n%s\nthe page shows\n%s", c.line, c.command, out, c.output)
	}
}

// fencedBlock is a fenced block of a Markdown page.
type fencedBlock struct {
	kind, file string
	line       int // of its first line of text
	text       string
}

func fencedBlocks(page string) []fencedBlock {
	var out []fencedBlock
	inside := false
	number := 0
	for line := range strings.Lines(page) {
		number++
		info, fence := strings.CutPrefix(strings.TrimRight(line, "\n"), "```")
		switch {
		case fence && !inside:
			kind, rest, _ := strings.Cut(info, " ")
			file, _ := strings.CutPrefix(rest, "file=")
			out = append(out, fencedBlock{kind: kind, file: file, line: number + 1})
			inside = true
		case fence:
			inside = false
		case inside:
			out[len(out)-1].text += line
		}
	}
	return out
}

// consoleCommand is a command of a console block, and what it is shown to
// print.
type consoleCommand struct {
	line            int
	command, output string
}

func consoleCommands(b fencedBlock) []consoleCommand {
	var out []consoleCommand
	for i, line := range strings.Split(strings.TrimSuffix(b.text, "\n"), "\n") {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			out = append(out, consoleCommand{line: b.line + i, command: command})
			continue
		}
		last := &out[len(out)-1]
		if more, ok := strings.CutPrefix(line, "> "); ok && last.output == "" {
			last.command += "\n" + more
			continue
		}
		last.output += line + "\n"
	}
	return out
}

// shows reports whether a command printed what the page shows. A page may show
// nothing of what is printed.
func (c consoleCommand) shows(printed string) bool {
	if c.output == "" {
		return true
	}
	var pattern strings.Builder
	pattern.WriteString(`^`)
	for line := range strings.Lines(c.output) {
		if line == "…\n" {
			pattern.WriteString(`(?:.*\n)*`)
			continue
		}
		pattern.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*"))
	}
	pattern.WriteString(`$`)
	if printed != "" && !strings.HasSuffix(printed, "\n") {
		printed += "\n"
	}
	return regexp.MustCompile(pattern.String()).MatchString(printed)
}
