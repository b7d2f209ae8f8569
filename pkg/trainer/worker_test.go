package trainer_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/pyenv"
	"github.com/mlpdev/mlp/pkg/trainer"
)

func fakeCommand(mode string) trainer.Command {
	return trainer.Command{Command: pyenv.Command{Path: os.Args[0], Env: []string{"FAKE_TRAINER=" + mode, "GORACE=atexit_sleep_ms=0"}}}
}

func start(t *testing.T, mode string) *trainer.Worker {
	t.Helper()
	w, err := trainer.Start(t.Context(), fakeCommand(mode))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func request(t *testing.T) trainer.Request {
	return trainer.Request{ID: "1", Trainer: "a.B", Seed: 7, Out: t.TempDir()}
}

func TestTrain(t *testing.T) {
	w, r := start(t, "ok"), request(t)
	for _, id := range []string{"first", "second"} {
		r.ID = id
		var events []trainer.Event
		got, err := w.Train(t.Context(), r, func(e trainer.Event) { events = append(events, e) })
		if err != nil {
			t.Fatal(err)
		}
		want := trainer.Result{
			Model:       filepath.Join(r.Out, "model.onnx"),
			Predictions: filepath.Join(r.Out, "predictions.parquet"),
			Info:        trainer.Info{Iterations: 7, Warnings: []string{"w"}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("result (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]trainer.Event{{Stage: "fit", Done: 1, Total: 2}}, events); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	}
	for range 2 {
		if err := w.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	if _, err := w.Train(t.Context(), r, nil); err == nil || !strings.Contains(err.Error(), "it was closed") {
		t.Errorf("train after close: %v", err)
	}
}

func TestTrainTakesTurns(t *testing.T) {
	w, r := start(t, "ok"), request(t)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			r := r
			r.ID = strconv.Itoa(i)
			if _, err := w.Train(t.Context(), r, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}

func TestRefusalLeavesWorkerUsable(t *testing.T) {
	w, r := start(t, "refuse"), request(t)
	r.Seed = 0
	_, err := w.Train(t.Context(), r, nil)
	var refused *trainer.ReplyError
	if !errors.As(err, &refused) {
		t.Fatalf("error %v is no refusal", err)
	}
	if diff := cmp.Diff(&trainer.ReplyError{Kind: "params", Message: "c is not a number"}, refused); diff != "" {
		t.Errorf("refusal (-want +got):\n%s", diff)
	}
	r.Params = []byte("{")
	if _, err := w.Train(t.Context(), r, nil); err == nil {
		t.Error("parameters that are no JSON were sent")
	}
	r.Params = []byte(`"` + strings.Repeat("x", 16<<20) + `"`)
	if _, err := w.Train(t.Context(), r, nil); err == nil || !strings.Contains(err.Error(), "more than 16777216") {
		t.Errorf("a request too long: %v", err)
	}
	r.Params, r.Seed = nil, 1
	if _, err := w.Train(t.Context(), r, nil); err != nil {
		t.Errorf("after a refusal: %v", err)
	}
}

func TestBrokenWorker(t *testing.T) {
	tests := []struct {
		name string
		want string
	}{
		{"crash", "train a.B: the trainer ended (exit status 1):\n  Traceback:\n    MemoryError"},
		{"garbage", "a line of 18 bytes that is no message"},
		{"binary", "a line of 3 bytes that is no message"},
		{"flood", "a line of more than 16777216 bytes"},
		{"other id", `answered request "other", not "1"`},
		{"other event", `reported "ready" for request ""`},
		{"outside", `wrote "/etc/passwd", which is not in`},
		{"closes output", "the trainer closed its output"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, r := start(t, test.name), request(t)
			_, err := w.Train(t.Context(), r, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got error %v, want %q", err, test.want)
			}
			if _, err := w.Train(t.Context(), r, nil); err == nil || !strings.Contains(err.Error(), "the trainer has ended") {
				t.Errorf("second request: %v", err)
			}
			if err := w.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
}

func TestStartFails(t *testing.T) {
	tests := []struct {
		name string
		want string
	}{
		{"crash at start", "start trainer: the trainer ended (exit status 1):\n  ModuleNotFoundError"},
		{"old protocol", "start trainer: it does not speak protocol 1"},
		{"silent", "start trainer: context deadline exceeded"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if test.name == "silent" {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
				defer cancel()
			}
			_, err := trainer.Start(ctx, fakeCommand(test.name))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
	if _, err := trainer.Start(t.Context(), trainer.Command{Command: pyenv.Command{Path: "/no/such"}}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no such executable: %v", err)
	}
}

func TestCancelKillsTheWorker(t *testing.T) {
	for _, mode := range []string{"hang", "deaf"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w, r := start(t, mode), request(t)
			r.Params = []byte(`"` + strings.Repeat("x", 1<<20) + `"`) // more than a pipe holds
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			begun := time.Now()
			if _, err := w.Train(ctx, r, nil); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got error %v", err)
			}
			if took := time.Since(begun); took > 4*time.Second {
				t.Errorf("cancelling took %v", took)
			}
		})
	}
}

func TestCancelKillsChildren(t *testing.T) {
	w, r := start(t, "family"), request(t)
	ctx, cancel := context.WithCancel(t.Context())
	pidFile := filepath.Join(r.Out, "child")
	go func() {
		defer cancel()
		for {
			if info, err := os.Stat(pidFile); err == nil && info.Size() > 0 {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	if _, err := w.Train(ctx, r, nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("got error %v", err)
	}
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if dead(pid) {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("process %d still runs", pid)
}

// dead reports whether a process is gone, or waits for a parent that may never
// ask, as in a container without an init.
func dead(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && bytes.Contains(stat, []byte(") Z "))
}

func TestCancelOfStartKillsLater(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w, err := trainer.Start(ctx, fakeCommand("hang"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Train(t.Context(), request(t), func(trainer.Event) { cancel() })
	var crashed *pyenv.CrashError
	if !errors.As(err, &crashed) || crashed.State != "signal: killed" {
		t.Errorf("got error %v", err)
	}
}

func TestCloseReportsABadEnd(t *testing.T) {
	w := start(t, "bad exit")
	if err := w.Close(); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got error %v", err)
	}
}

func TestStderrIsPassedOn(t *testing.T) {
	var passed bytes.Buffer
	c := fakeCommand("crash")
	c.Stderr = &passed
	w, err := trainer.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Train(t.Context(), request(t), nil); err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff("Traceback:\n  MemoryError\n", passed.String()); diff != "" {
		t.Errorf("stderr (-want +got):\n%s", diff)
	}
}
