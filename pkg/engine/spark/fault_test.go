package spark_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/engine/spark"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// fakeJob stands in for the job's process and answers well or, as mode says,
// badly.
func fakeJob(mode string, args []string) int {
	if len(args) > 1 && args[1] == "-c" {
		fmt.Println(`{"version":"3.11.7","wrong":[],"onnx_runtime":""}`)
		return 0
	}
	switch mode {
	case "silent":
		time.Sleep(time.Hour)
	case "no start":
		fmt.Fprintln(os.Stderr, "UnsupportedClassVersionError")
		fmt.Println(`{"event":"failed","error":{"kind":"spark","message":"the JVM did not start"}}`)
		return 1
	}
	fmt.Println(`{"event":"ready","protocol":1,"spark":"4.3.0"}`)
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var r struct{ ID, Manifest, Result string }
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			return 2
		}
		fmt.Println(`{"event":"progress","step":"output o"}`)
		switch mode {
		case "exit 0":
			return 0
		case "crash":
			fmt.Fprintln(os.Stderr, "Killed")
			return 137
		case "hang":
			time.Sleep(time.Hour)
		}
		if err := fakeResult(mode, r.Manifest, r.Result); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 3
		}
		fmt.Printf(`{"id":%q}`+"\n", r.ID)
	}
	return 0
}

// fakeResult writes an output of one file and a result manifest about it.
func fakeResult(mode, from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	var m struct{ Run, Dir string }
	if err := json.Unmarshal(text, &m); err != nil {
		return err
	}
	data := []byte("PAR1 whole PAR1")
	file := map[string]any{"part": 0, "path": filepath.Join(m.Dir, "o.parquet"), "sha256": digest.Of(data).Hex(), "size": len(data), "rows": 1}
	result := map[string]any{"format_version": 1, "run": m.Run, "files": map[string]any{"o": []any{file}}, "answers": map[string]any{}}
	switch mode {
	case "no manifest":
		return nil
	case "half written":
		data = data[:7]
	case "other run":
		result["run"] = "run-0"
	case "newer format":
		result["format_version"] = 2
	case "refused":
		result["error"] = map[string]any{"kind": "full", "step": "output o", "message": "no room"}
	case "no file":
		result["files"] = map[string]any{}
	case "rows without a file":
		file["path"] = ""
	}
	if mode != "lost file" {
		if err := os.WriteFile(filepath.Join(m.Dir, "o.parquet"), data, 0o666); err != nil {
			return err
		}
	}
	if text, err = json.Marshal(result); err != nil {
		return err
	}
	if mode == "half a manifest" {
		text = text[:len(text)/2]
	}
	return os.WriteFile(to, text, 0o666)
}

// fakeSession is a session on a job that behaves as mode says, until the file
// well is there.
func fakeSession(t *testing.T, mode string, o spark.Options) (s *spark.Session, well string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	well = filepath.Join(dir, "well")
	script := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o777); err != nil {
			t.Fatal(err)
		}
		return path
	}
	o.Python = script("python", fmt.Sprintf("[ -e '%s' ] && mode=well || mode='%s'\nGORACE=atexit_sleep_ms=0 FAKE_SPARK=\"$mode\" exec '%s' \"$@\"", well, mode, self))
	script("java", `echo 'openjdk version "17.0.15" 2025-04-15' >&2`)
	if o.Environ == nil {
		o.Environ = []string{"PATH=" + dir}
	}
	o.Scratch = filepath.Join(dir, "scratch")
	if s, err = spark.Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, well
}

func fakeOutput() spark.Job {
	return spark.Job{Name: "j", Outputs: []spark.Output{{Name: "o", Query: "SELECT 1"}}}
}

func TestNothingPartialIsUsed(t *testing.T) {
	const retry = 4
	for mode, want := range map[string]struct {
		text   string
		status int
	}{
		"silent":              {"Spark: nothing was heard of it for 1.5s", retry},
		"hang":                {"j: Spark: nothing was heard of it for 1.5s", retry},
		"no start":            {"Spark: the JVM did not start:\n  UnsupportedClassVersionError", 1},
		"exit 0":              {"j: Spark: the job's process ended (exit status 0)", retry},
		"crash":               {"j: Spark: the job's process ended (exit status 137):\n  Killed", retry},
		"no manifest":         {"j: Spark: the job ended without a result manifest", retry},
		"half a manifest":     {"j: Spark: the result manifest is of no use: unexpected end of JSON input", 1},
		"other run":           {"j: Spark: the result manifest is of no use: it is of run \"run-0\"", 1},
		"newer format":        {"j: Spark: the result manifest is of no use: it has format version 2, not 1", 1},
		"no file":             {"j: Spark: the result manifest is of no use: output o has 0 parts, not 1", 1},
		"rows without a file": {"j: Spark: the result manifest is of no use: output o: part 0 has rows and no file", 1},
		"half written":        {"is not what the job wrote: 7 bytes of 15", retry},
		"lost file":           {"a file of the result is missing", retry},
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			deadline := time.Minute
			if strings.Contains(want.text, "1.5s") {
				deadline = 1500 * time.Millisecond
			}
			s, well := fakeSession(t, mode, spark.Options{Deadline: deadline})
			_, err := s.Run(t.Context(), fakeOutput())
			var failed *spark.Error
			if !errors.As(err, &failed) || !strings.Contains(err.Error(), want.text) || failed.ExitStatus() != want.status {
				t.Fatalf("got error %v", err)
			}
			if left, err := filepath.Glob(filepath.Join(filepath.Dir(well), "scratch", "*")); err != nil || len(left) > 0 {
				t.Errorf("what is not whole is still there: %v, %v", left, err)
			}
			if want.status != retry && failed.Hint() != "" && strings.Contains(failed.Hint(), "again") {
				t.Errorf("hint %q", failed.Hint())
			}
			if err := os.WriteFile(well, nil, 0o666); err != nil {
				t.Fatal(err)
			}
			// A process that lives on does not change its mode.
			if want.status != retry || strings.Contains("half written lost file no manifest", mode) {
				return
			}
			if r, err := s.Run(t.Context(), fakeOutput()); err != nil || len(r.Files["o"]) != 1 {
				t.Errorf("the plain re-run gives %v, %v", r, err)
			}
		})
	}
}

func TestCancelledWhileStarting(t *testing.T) {
	s, _ := fakeSession(t, "silent", spark.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := s.Run(ctx, fakeOutput()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v", err)
	}
}

func TestJavaIsLookedFor(t *testing.T) {
	dir := t.TempDir()
	java := func(version string) []string {
		home := filepath.Join(dir, version)
		path := filepath.Join(home, "bin", "java")
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte("#!/bin/sh\necho 'openjdk version \""+version+"\"' >&2\n"), 0o777)); err != nil {
			t.Fatal(err)
		}
		return []string{"JAVA_HOME=" + home}
	}
	for want, environ := range map[string][]string{
		"there is no java in PATH, and JAVA_HOME is not set": {"PATH=" + dir},
		"which has no bin/java":                              {"JAVA_HOME=" + dir},
		"is Java 11.0.2, Spark needs 17":                     java("11.0.2"),
		"is Java 1.8.0_402, Spark needs 17":                  java("1.8.0_402"),
	} {
		s, _ := fakeSession(t, "well", spark.Options{Environ: environ})
		_, err := s.Run(t.Context(), fakeOutput())
		var none *spark.JavaError
		if !errors.As(err, &none) || !strings.Contains(err.Error(), want) || !strings.Contains(none.Hint(), "Java 17") {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
	if _, version, err := spark.Java(t.Context(), java("21")); err != nil || version != "21" {
		t.Errorf("Java 21 is %q, %v", version, err)
	}
}

// slow is a job that runs for minutes, in many tasks.
func slow() spark.Job {
	return spark.Job{Name: "slow", Outputs: []spark.Output{{Name: "o",
		Query: "SELECT count(*) AS n FROM (SELECT sha2(CAST(id AS STRING), 512) AS h FROM range(0, 4000000000, 1, 400)) WHERE h = ''"}}}
}

// begun runs a slow job and calls f when tasks of it run.
func begun(t *testing.T, f func(cancel func())) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	running, ended, session := make(chan struct{}, 1000), make(chan error, 1), local(t)
	theSession.listen(func(line string) {
		if strings.HasPrefix(line, "slow: output o: stage ") {
			select {
			case running <- struct{}{}:
			default:
			}
		}
	})
	defer theSession.listen(nil)
	go func() { _, err := session.Run(ctx, slow()); ended <- err }()
	select {
	case <-running:
	case err := <-ended:
		t.Fatalf("ended before it ran: %v", err)
	case <-time.After(2 * time.Minute):
		t.Fatal("no stage was reported")
	}
	f(cancel)
	select {
	case err := <-ended:
		return err
	case <-time.After(time.Minute):
		t.Fatal("it does not end")
		return nil
	}
}

func answersOne(t *testing.T) {
	t.Helper()
	r := run(t, spark.Job{Name: "one", Queries: []spark.Query{{"q", "SELECT 1"}}})
	if *r.Answers["q"][0][0] != "1" {
		t.Error("the next job does not answer")
	}
}

func TestCancelEndsTheWork(t *testing.T) {
	err := begun(t, func(cancel func()) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	before := children(t)
	answersOne(t)
	if after := children(t); len(before) == 0 || before[0] != after[0] {
		t.Errorf("the session was started anew: %v, then %v", before, after)
	}
}

func TestDriverKilled(t *testing.T) {
	err := begun(t, func(func()) {
		for _, pid := range children(t) {
			if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err == nil && strings.TrimSpace(string(name)) == "java" {
				if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
					t.Error(err)
				}
				return
			}
		}
		t.Error("there is no driver to kill")
	})
	var failed *spark.Error
	if !errors.As(err, &failed) || failed.ExitStatus() != 4 || failed.Kind != spark.KindUnavailable {
		t.Errorf("got error %v", err)
	}
	answersOne(t)
}

func TestDiskFull(t *testing.T) {
	session := local(t)
	if err := syscall.Mount("none", theSession.dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("a small file system needs the rights of root: %v", err)
	}
	_, err := session.Run(t.Context(), spark.Job{Name: "j", Outputs: []spark.Output{{Name: "o", Query: "SELECT id, sha2(CAST(id AS STRING), 512) AS h FROM range(100000)"}}})
	if err := syscall.Unmount(theSession.dir, syscall.MNT_DETACH); err != nil {
		t.Error(err)
	}
	var failed *spark.Error
	if !errors.As(err, &failed) || failed.Kind != spark.KindFull || failed.ExitStatus() != 1 || !strings.Contains(failed.Hint(), "room") {
		t.Errorf("got error %v", err)
	}
	answersOne(t)
}

// children are the processes below this one, the oldest first.
func children(t *testing.T) []int {
	t.Helper()
	var out []int
	below := []int{os.Getpid()}
	for len(below) > 0 {
		pid := below[0]
		below = below[1:]
		lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range lists {
			text, _ := os.ReadFile(list) // it may have ended
			for _, field := range strings.Fields(string(text)) {
				if child, err := strconv.Atoi(field); err == nil {
					out, below = append(out, child), append(below, child)
				}
			}
		}
	}
	return out
}

func TestWhatIsReadIsVerified(t *testing.T) {
	o := spark.Job{Name: "j", Outputs: []spark.Output{{Name: "o", Query: "SELECT id FROM range(3)"}, {Name: "more", Query: "SELECT id AS more FROM range(4)"}}}
	made := run(t, o)
	a, b := made.Files["o"][0], made.Files["more"][0]
	fields := []spark.Field{{"id", typeOf(sql.BigInt)}}
	id := spark.ColumnFile{Path: a.Path, Digest: a.Digest, Columns: []spark.Pick{{"id", "id"}}}
	broken := func(change func(f *spark.ColumnFile)) spark.ColumnFile {
		f := id
		change(&f)
		return f
	}
	for want, part := range map[string]spark.Part{
		"its bytes have another digest": {Files: []spark.ColumnFile{broken(func(f *spark.ColumnFile) { f.Digest = b.Digest })}},
		"no column other":               {Files: []spark.ColumnFile{broken(func(f *spark.ColumnFile) { f.Columns = []spark.Pick{{"other", "id"}} })}},
		"its footer has mlp.rows":       {Files: []spark.ColumnFile{id}, Footer: map[string]string{"mlp.rows": "3"}},
		"4 rows beside 3":               {Files: []spark.ColumnFile{id, {Path: b.Path, Digest: b.Digest, Columns: []spark.Pick{{"more", "x"}}}}},
	} {
		_, err := local(t).Run(t.Context(), spark.Job{Name: "j", Columns: []spark.Columns{{View: "c", Fields: fields, Parts: []spark.Part{part}}}, Queries: []spark.Query{{"q", "SELECT sum(id) FROM c"}}})
		var failed *spark.Error
		if !errors.As(err, &failed) || failed.Kind != spark.KindInput || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "mlp-failure") {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
	chunk := chunkOf(t, "1,2\n", &specpb.Chunk{})
	chunk.Spec.Size = 3
	_, err := local(t).Run(t.Context(), spark.Job{Name: "j", Chunks: []spark.Chunks{{View: "raw", Format: source.Format{source.CSV{Separator: ',', Quote: '"', Headerless: true}}, Raw: []string{"0"}, Chunks: []spark.Chunk{chunk}}}})
	var failed *spark.Error
	if !errors.As(err, &failed) || failed.Kind != spark.KindInput || !strings.Contains(err.Error(), "the chunk has 4 bytes, 3 when it was added") {
		t.Errorf("got error %v", err)
	}
	chunk.Path += " that is gone"
	_, err = local(t).Run(t.Context(), spark.Job{Name: "j", Chunks: []spark.Chunks{{View: "raw", Format: source.Format{source.CSV{Separator: ',', Quote: '"', Headerless: true}}, Raw: []string{"0"}, Chunks: []spark.Chunk{chunk}}}})
	if !errors.As(err, &failed) || failed.Kind != spark.KindMissing {
		t.Errorf("got error %v", err)
	}
}
