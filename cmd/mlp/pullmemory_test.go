package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/filestore"
	"github.com/mlpdev/mlp/pkg/store/s3"
	"github.com/mlpdev/mlp/pkg/store/s3/s3test"
)

// maxPull is how much memory a pull takes, in kB: all that is resident, pages of
// the binary and of the runtime library among it. How the linker lays the binary
// out decides about the last tenth.
const maxPull = 110_000_000 / 1024

// TestPullMemory: a site that has nothing takes a release of 70 models from a
// bucket, and runs their known answers, in less than 110 MB.
func TestPullMemory(t *testing.T) {
	if os.Getenv("MLP_TEST_PYTHON") == "" {
		t.Skip("MLP_TEST_PYTHON names no Python; make test makes one")
	}
	if runtime.GOOS != "linux" {
		t.Skip("what a process has is asked of Linux")
	}
	f := newFleet(t, 70)
	peak, out := peakOf(t, f.command("pull", "--config", "site.textproto", "--dir", "site", "--site", "east"))
	if !strings.Contains(out, "70 of 70 models") {
		t.Fatalf("it pulled otherwise:\n%s", out)
	}
	t.Logf("%s%v kB", out, peak)
	if kb := peak["VmHWM"]; kb > maxPull || kb == 0 {
		t.Errorf("%d kB were resident, want at most %d", kb, maxPull)
	}
}

// fleet is a release of many models in a bucket, and a site without any.
type fleet struct{ dir, endpoint string }

func newFleet(t *testing.T, models int) fleet {
	t.Helper()
	f := fleet{dir: t.TempDir(), endpoint: s3test.Start(t).Endpoint}
	must(t, (&trainedExample{dir: f.dir}).make())
	from, err := filestore.Open(filepath.Join(f.dir, "demo/.mlp/store"))
	must(t, err)
	key, err := dsse.ReadPrivateKey(devKey, filepath.Join(f.dir, "config/mlp/keys", devKey+".pem"))
	must(t, err)
	log := release.Log{Store: from, Repository: "demo", Channel: "local", Trusted: []dsse.Key{key.Key()}}
	head, err := log.Head(t.Context(), release.Ref{})
	must(t, err)
	if log.Store, err = s3.Init(t.Context(), "s3://"+s3test.Bucket+"/fleet", s3.Options{Endpoint: f.endpoint}); err != nil {
		t.Fatal(err)
	}
	_, err = log.Append(t.Context(), release.Draft{Signer: key, Build: func(int64, digest.Digest) (release.Record, error) {
		return multiply(t, head.Record, models, copier{from, log.Store}), nil
	}})
	must(t, err)
	if out, err := f.command("env", "export", "lab", "--chdir", "demo", "--out", "../site.textproto").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return f
}

// copier copies objects of one store to another.
type copier struct{ from, to store.Store }

// copy writes an object as it is after a change.
func (c copier) copy(t *testing.T, a release.Artifact, change func([]byte) []byte) release.Artifact {
	t.Helper()
	r, err := c.from.Get(t.Context(), a.Digest)
	must(t, err)
	defer r.Close()
	data, err := io.ReadAll(r)
	must(t, err)
	data = change(data)
	a.Digest, a.Size = digest.Of(data), int64(len(data))
	must(t, c.to.Put(t.Context(), a.Digest, bytes.NewReader(data)))
	return a
}

// multiply returns a release of many models, each of which is one of a small
// release under another name, with files of its own.
func multiply(t *testing.T, small release.Record, models int, objects copier) release.Record {
	t.Helper()
	out := small
	out.Models, out.KnownAnswers, out.Artifacts = nil, nil, nil
	for _, a := range small.Artifacts {
		if a.Kind == release.Spec || a.Kind == release.RuntimeFile {
			out.Artifacts = append(out.Artifacts, objects.copy(t, a, func(data []byte) []byte { return data }))
		}
	}
	for i := range models {
		m := small.Models[i%len(small.Models)]
		model, ok1 := small.Artifact(m.Artifact)
		answers, ok2 := small.Artifact(release.KnownAnswers.Name(m.Name + ".json"))
		if !ok1 || !ok2 {
			t.Fatalf("model %s lacks its files", m.Name)
		}
		old, name := strconv.Quote(m.Name), fmt.Sprintf("m%02d", i)
		m.Name, m.Artifact = name, release.ModelFile.Name(name+".onnx")
		model.Name, answers.Name = m.Artifact, release.KnownAnswers.Name(name+".json")
		out.Models = append(out.Models, m)
		out.KnownAnswers = append(out.KnownAnswers, release.KnownAnswer{Model: name, Artifact: answers.Name})
		out.Artifacts = append(out.Artifacts,
			objects.copy(t, model, func(data []byte) []byte { return append(data, docString(i)...) }),
			objects.copy(t, answers, func(data []byte) []byte {
				return bytes.Replace(data, []byte(old), []byte(strconv.Quote(name)), 1)
			}))
	}
	return out
}

// docString is the field doc_string of a model, of 300 kB: a size that models
// have.
func docString(i int) []byte {
	text := bytes.Repeat([]byte{'a' + byte(i%26)}, 300_000)
	copy(text, strconv.Itoa(i))
	size := len(text)
	return append([]byte{6<<3 | 2, byte(size)&0x7f | 0x80, byte(size>>7)&0x7f | 0x80, byte(size >> 14)}, text...)
}

func (f fleet) command(args ...string) *exec.Cmd {
	cmd := exec.Command("mlp", args...)
	cmd.Dir = f.dir
	cmd.Env = append(os.Environ(), "HOME="+f.dir, "XDG_CONFIG_HOME="+filepath.Join(f.dir, "config"), "MLP_STORE=s3://"+s3test.Bucket+"/fleet",
		"AWS_ENDPOINT_URL_S3="+f.endpoint)
	return cmd
}

// peakOf runs a command, and returns what it had at most of each kind of memory,
// in kB, while it was looked at. The end of a process tells it otherwise: it
// counts what the one had that started it.
func peakOf(t *testing.T, cmd *exec.Cmd) (peak map[string]int, output string) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	must(t, cmd.Start())
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	peak = map[string]int{}
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Fatalf("%v\n%s", err, &out)
			}
			return peak, out.String()
		case <-time.After(2 * time.Millisecond):
		}
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(status)) {
			name, value, _ := strings.Cut(line, ":")
			kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			if err == nil && slices.Contains([]string{"VmHWM", "RssAnon", "RssFile"}, name) {
				peak[name] = max(peak[name], kb)
			}
		}
	}
}
