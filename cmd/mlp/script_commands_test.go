package main

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/release"
)

// trainedExample is the example project after its first apply. It is made by
// the first script that wants it; each gets a copy.
type trainedExample struct {
	dir  string
	once sync.Once
	err  error
}

func (e *trainedExample) command(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: trained")
	}
	e.once.Do(func() { e.err = e.make() })
	ts.Check(e.err)
	ts.Check(replaceDir(filepath.Join(e.dir, "demo"), ts.MkAbs("demo")))
	ts.Check(replaceDir(filepath.Join(e.dir, "config"), ts.Getenv("XDG_CONFIG_HOME")))
}

func (e *trainedExample) make() error {
	for _, args := range [][]string{{"init", "demo", "--example", "scan"}, {"apply", "--chdir", "demo"}} {
		cmd := exec.Command("mlp", args...)
		cmd.Dir = e.dir
		cmd.Env = append(os.Environ(), "HOME="+e.dir, "XDG_CONFIG_HOME="+filepath.Join(e.dir, "config"),
			"XDG_CACHE_HOME="+filepath.Join(e.dir, "cache"), "MLP_CACHE_DIR=", "MLP_PYTHON="+os.Getenv("MLP_TEST_PYTHON"))
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("mlp %s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return nil
}

// replaceDir copies a directory with the permissions of its files, unlike
// [os.CopyFS].
func replaceDir(from, to string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		info, err := d.Info()
		if err != nil {
			return err
		}
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case info.Mode().Type() == fs.ModeSymlink:
			link, err := os.Readlink(path)
			return errors.Join(err, os.Symlink(link, target))
		}
		data, err := os.ReadFile(path)
		return errors.Join(err, os.WriteFile(target, data, info.Mode().Perm()))
	})
}

func beginsCommand(ts *testscript.TestScript, args []string) error {
	if got, start := ts.ReadFile(args[0]), ts.ReadFile(args[1]); !strings.HasPrefix(got, start) {
		return fmt.Errorf("%s does not begin as %s:\n%s", args[0], args[1], got)
	}
	return nil
}

func copyCommand(ts *testscript.TestScript, args []string) error {
	return replaceDir(ts.MkAbs(args[0]), ts.MkAbs(args[1]))
}

// replaceCommand understands \n, \t and \\ in what it replaces.
func replaceCommand(ts *testscript.TestScript, args []string) error {
	unescape := strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t")
	before, after := unescape.Replace(args[1]), unescape.Replace(args[2])
	path := ts.MkAbs(args[0])
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Contains(text, []byte(before)) {
		return fmt.Errorf("%s does not have %q", args[0], before)
	}
	return os.WriteFile(path, bytes.Replace(text, []byte(before), []byte(after), 1), 0o644)
}

// captureCommand reads the standard output of the command before.
func captureCommand(ts *testscript.TestScript, args []string) error {
	pattern, err := regexp.Compile("(?m)" + args[1])
	if err != nil {
		return err
	}
	m := pattern.FindStringSubmatch(ts.ReadFile("stdout"))
	if len(m) != 2 {
		return fmt.Errorf("no group of %s in stdout", args[1])
	}
	ts.Setenv(args[0], m[1])
	return nil
}

func fifoCommand(ts *testscript.TestScript, args []string) error {
	return syscall.Mkfifo(ts.MkAbs(args[0]), 0o644)
}

func modeCommand(ts *testscript.TestScript, args []string) error {
	info, err := os.Stat(ts.MkAbs(args[1]))
	if err != nil {
		return err
	}
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
		return fmt.Errorf("%s has mode %s, want %s", args[1], got, args[0])
	}
	return nil
}

// flipCommand leaves the file's name and size as they are.
func flipCommand(ts *testscript.TestScript, args []string) error {
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	data[len(data)/2] ^= 1
	return errors.Join(os.Remove(path), os.WriteFile(path, data, 0o444))
}

// holdCommand takes a lock as another process would: locks belong to open
// files.
func holdCommand(ts *testscript.TestScript, args []string) error {
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	ts.Defer(func() { f.Close() })
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// readRecord reads the record in a file of a log, and the store's directory.
func readRecord(path string) (release.Record, string, error) {
	envelope, err := os.ReadFile(path)
	if err != nil {
		return release.Record{}, "", err
	}
	payload, err := dsse.Unverified(envelope, dsse.InToto)
	if err != nil {
		return release.Record{}, "", err
	}
	r, err := release.Decode(payload)
	return r, filepath.Dir(filepath.Dir(filepath.Dir(path))), err
}

// findArtifact returns the first artifact of a record whose name holds a text,
// and the directory of the store that the record stands in.
func findArtifact(path, text string) (release.Artifact, string, error) {
	r, store, err := readRecord(path)
	if err != nil {
		return release.Artifact{}, "", err
	}
	for _, a := range r.Artifacts {
		if strings.Contains(a.Name, text) {
			return a, store, nil
		}
	}
	return release.Artifact{}, "", fmt.Errorf("%s has no artifact %s", path, text)
}

func objectCommand(ts *testscript.TestScript, args []string) error {
	a, store, err := findArtifact(ts.MkAbs(args[1]), args[2])
	if err == nil {
		hex := a.Digest.Hex()
		ts.Setenv(args[0], filepath.Join(store, "objects", "sha256", hex[:2], hex[2:]))
	}
	return err
}

func artifactCommand(ts *testscript.TestScript, args []string) error {
	a, _, err := findArtifact(ts.MkAbs(args[1]), args[2])
	if err == nil {
		ts.Setenv(args[0], a.Name)
	}
	return err
}

// forgeries are changes of a record that keep it well-formed.
func forgeries() map[string]func(*release.Record) {
	return map[string]func(*release.Record){
		"stranger":   func(*release.Record) {},
		"number":     func(r *release.Record) { r.Number++ },
		"repository": func(r *release.Record) { r.Repository = "other" },
		"channel":    func(r *release.Record) { r.Channel = "other" },
		"previous":   func(r *release.Record) { r.Previous = digest.Of([]byte("another record")) },
		"feature": func(r *release.Record) {
			key := digest.Of([]byte("another definition"))
			r.Models[0].Features[0].Key = key
			r.Contract.Keys[r.Models[0].FeatureAddress(r.Models[0].Features[0].Name)] = key
		},
		// What another model answers, under this one's name.
		"answers": func(r *release.Record) {
			other, _ := r.Artifact("known-answers/scan_src.json")
			for i := range r.Artifacts {
				if a := &r.Artifacts[i]; a.Name == "known-answers/scan_conn.json" {
					a.Digest, a.Size = other.Digest, other.Size
				}
			}
		},
		"epoch":     func(r *release.Record) { r.Contract.Epochs["coalesce"]++ },
		"threshold": func(r *release.Record) { r.Models[0].Threshold /= 2 },
	}
}

// forgeCommand signs with the user's development key, which the project
// trusts; "stranger" with a key that nobody knows.
func forgeCommand(ts *testscript.TestScript, args []string) error {
	path := ts.MkAbs(args[0])
	r, _, err := readRecord(path)
	if err != nil {
		return err
	}
	change, ok := forgeries()[args[1]]
	if !ok {
		return fmt.Errorf("no such forgery: %s", args[1])
	}
	change(&r)
	key, err := dsse.ReadPrivateKey(devKey, filepath.Join(ts.Getenv("XDG_CONFIG_HOME"), "mlp", "keys", devKey+".pem"))
	if err == nil && args[1] == "stranger" {
		key, err = dsse.GenerateKey(devKey, rand.Reader)
	}
	if err != nil {
		return err
	}
	text, err := release.Encode(r)
	if err != nil {
		return err
	}
	envelope, err := dsse.Sign(dsse.InToto, text, key)
	if err != nil {
		return err
	}
	return errors.Join(os.Remove(path), os.WriteFile(path, envelope, 0o444))
}

func gzipCommand(ts *testscript.TestScript, args []string) error {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(ts.ReadFile(args[0]))); err != nil {
		return err
	}
	return errors.Join(w.Close(), os.WriteFile(ts.MkAbs(args[1]), out.Bytes(), 0o644))
}

// truncateCommand copies a file without its last bytes.
func truncateCommand(ts *testscript.TestScript, args []string) error {
	data := ts.ReadFile(args[0])
	return os.WriteFile(ts.MkAbs(args[1]), []byte(data[:len(data)-12]), 0o644)
}

// cutCommand cuts between records; every part is as long as the others.
func cutCommand(ts *testscript.TestScript, args []string) error {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	var header string
	var records []string
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if strings.HasPrefix(line, "#") && len(records) == 0 {
			header += line
		} else if !strings.HasPrefix(line, "#") {
			records = append(records, line)
		}
	}
	for i := range n {
		part := records[i*len(records)/n : (i+1)*len(records)/n]
		path := fmt.Sprintf("%s.%d", ts.MkAbs(args[0]), i+1)
		if err := os.WriteFile(path, []byte(header+strings.Join(part, "")), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func gatherCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: gather OUT MODEL FILE...")
	}
	var found []string
	for _, name := range args[2:] {
		for line := range strings.Lines(ts.ReadFile(name)) {
			var about struct{ Model string }
			ts.Check(json.Unmarshal([]byte(line), &about))
			if about.Model == args[1] {
				found = append(found, line)
			}
		}
	}
	if len(found) == 0 {
		ts.Fatalf("nothing is about %s", args[1])
	}
	slices.Sort(found)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(found, "")), 0o644))
}
