package spark_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/engine/spark"
)

// submitting is a session whose command is a script.
func submitting(t *testing.T, script string, o spark.Options) (*spark.Session, string) {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o777); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("#!/bin/sh\nfake() { GORACE=atexit_sleep_ms=0 FAKE_SUBMIT=\"$1\" '%s' \"$2\" \"$3\"; }\n%s\n", self, script)
	if err := os.WriteFile(filepath.Join(dir, "bin", "spark-submit"), []byte(text), 0o777); err != nil {
		t.Fatal(err)
	}
	o.Submit = append([]string{"spark-submit"}, o.Submit...)
	o.Environ = []string{"PATH=/usr/bin:/bin", "SPARK_HOME=" + dir, "MLP_SIGNING_KEY=secret", "SPARK_REMOTE=sc://other"}
	o.Scratch, o.Framer = filepath.Join(dir, "scratch"), "/opt/mlp"
	return open(t, o), dir
}

func TestSubmit(t *testing.T) {
	var said []string
	s, dir := submitting(t, `[ "$1" = --files ] && [ "$2" = /opt/mlp#mlp ] && [ -s "$3" ] && [ -z "$MLP_SIGNING_KEY$SPARK_REMOTE" ] || exit 9
echo 'mlp-progress {"event":"progress","step":"output o","stage":2,"done":1,"total":3}'
fake well "$4" "$5"`, spark.Options{Submit: []string{"--files", "{framer}#mlp", "{job}", "{manifest}", "{result}"}, Every: 1, Progress: func(line string) { said = append(said, line) }})
	r, err := s.Run(t.Context(), fakeOutput())
	if err != nil || r.Files["o"][0].Rows != 1 || !strings.HasPrefix(r.Dir, dir) {
		t.Fatalf("got %v, %v", r, err)
	}
	if strings.Join(said, "|") != "j: output o: stage 2: 1 of 3 tasks" {
		t.Errorf("progress %q", said)
	}
}

func TestSubmitFails(t *testing.T) {
	for want, script := range map[string]string{
		"4 j: Spark: the job ended without a result manifest":                            `exit 0`,
		"1 j: Spark: spark-submit ended (exit status 1):\n  Error: no such class":        `echo 'Error: no such class' >&2; exit 1`,
		"4 j: Spark: spark-submit ended (exit status 1):\n  connect: Connection refused": `echo 'connect: Connection refused' >&2; exit 1`,
		"4 j: Spark: spark-submit ended (signal: killed)":                                `kill -9 $$`,
		"4 j: Spark: nothing was heard of spark-submit for 1s":                           `exec sleep 100`,
		"":                              `fake well "$2" "$3"; exit 5`, // the result was written last, so it is whole
		"1 j: output o: Spark: no room": `fake refused "$2" "$3"; exit 1`,
	} {
		s, _ := submitting(t, script, spark.Options{Deadline: time.Second})
		r, err := s.Run(t.Context(), fakeOutput())
		if want == "" {
			if err != nil || len(r.Files["o"]) != 1 {
				t.Errorf("got %v, %v", r, err)
			}
			continue
		}
		var failed *spark.Error
		if !errors.As(err, &failed) || !strings.HasPrefix(fmt.Sprintf("%d %v", failed.ExitStatus(), err), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
	s, err := spark.Open(t.Context(), spark.Options{Submit: []string{"spark-submit"}, Environ: []string{"PATH=/nowhere"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Run(t.Context(), fakeOutput()); err == nil || !strings.Contains(err.Error(), "there is no spark-submit in PATH, nor below SPARK_HOME") {
		t.Errorf("got error %v", err)
	}
}

func TestSubmitIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s, dir := submitting(t, `trap 'exit 0' TERM
echo 'mlp-progress {"event":"progress","step":"output o"}'
sleep 100 & wait`, spark.Options{Every: 1, Progress: func(string) { cancel() }})
	begun := time.Now()
	if _, err := s.Run(ctx, fakeOutput()); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("cancelling took %v", took)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "scratch", "*")); err != nil || len(left) > 0 {
		t.Errorf("it leaves %v, %v", left, err)
	}
}

// TestDriverElsewhereIsCancelled has the command's end not end the driver, as
// that of a cluster lives on another machine.
func TestDriverElsewhereIsCancelled(t *testing.T) {
	python := realPython(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	dir := t.TempDir()
	ended := filepath.Join(dir, "ended")
	script := filepath.Join(dir, "submit")
	text := fmt.Sprintf("#!/bin/sh\ntrap 'exit 0' TERM\nsetsid sh -c '%s \"$@\"; echo $? > %s' driver \"$@\" &\nwait\n", python, ended)
	if err := os.WriteFile(script, []byte(text), 0o777); err != nil {
		t.Fatal(err)
	}
	o := options(t)
	o.Scratch, o.Submit, o.Python, o.Every = filepath.Join(dir, "scratch"), []string{script}, python, 1
	o.Progress = func(line string) {
		if strings.HasPrefix(line, "slow: output o: stage ") {
			cancel()
		}
	}
	if _, err := open(t, o).Run(ctx, slow()); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	for begun := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if status, err := os.ReadFile(ended); err == nil && len(status) > 0 {
			// 120 is Python's where nobody reads any more what it says.
			if s := string(status); s != "1\n" && s != "120\n" {
				t.Errorf("the driver ends with status %q", s)
			}
			break
		}
		if time.Since(begun) > time.Minute {
			t.Fatal("the driver works on for nobody")
		}
	}
	if left, err := filepath.Glob(filepath.Join(o.Scratch, "*")); err != nil || len(left) > 0 {
		t.Errorf("it leaves %v, %v", left, err)
	}
}

// TestProgressIsSparse has a job speak 50 times at once.
func TestProgressIsSparse(t *testing.T) {
	var said []string
	s, _ := submitting(t, `for i in 0 1 2 3 4 5 6 7 8 9; do for n in 0 1 2 3 4; do
echo "mlp-progress {\"event\":\"progress\",\"step\":\"output o\",\"stage\":$i,\"done\":$n,\"total\":5}"; done; done
sleep 0.6; echo 'mlp-progress {"event":"progress","step":"output p"}'
fake well "$2" "$3"`, spark.Options{Every: 500 * time.Millisecond, Progress: func(line string) { said = append(said, line) }})
	if _, err := s.Run(t.Context(), fakeOutput()); err != nil {
		t.Fatal(err)
	}
	if len(said) == 0 || len(said) > 2 || said[len(said)-1] != "j: output p" {
		t.Errorf("progress %q", said)
	}
}
