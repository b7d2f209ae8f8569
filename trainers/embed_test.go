package trainers_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/trainer"
	"github.com/mlpdev/mlp/trainers"
)

// TestFiles holds that what is embedded is what stands in the directory, but
// for what only developers need.
func TestFiles(t *testing.T) {
	developers := regexp.MustCompile(`^(tests|pyproject\.toml)$|\.go$|__pycache__|^\.`)
	var want []string
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || path == ".":
			return err
		case developers.MatchString(path) || developers.MatchString(entry.Name()):
			if entry.IsDir() {
				return fs.SkipDir
			}
		case !entry.IsDir():
			want = append(want, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	err = fs.WalkDir(trainers.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			got = append(got, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("embedded files (-want +got):\n%s", diff)
	}
}

func TestKinds(t *testing.T) {
	kinds, err := trainer.Load(trainers.Files)
	if err != nil {
		t.Fatal(err)
	}
	message := regexp.MustCompile(`(?m)^message (\w+) \{`)
	for _, kind := range kinds {
		proto, err := fs.ReadFile(trainers.Files, kind.Name+"/params.proto")
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, m := range message.FindAllStringSubmatch(string(proto), -1) {
			want = append(want, "mlp.trainers."+kind.Name+"."+m[1])
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, kind.Messages); diff != "" {
			t.Errorf("%s: messages of params.proto and of trainer.json (-want +got):\n%s", kind.Name, diff)
		}
		if !strings.Contains(string(proto), "\npackage mlp.trainers."+kind.Name+";\n") {
			t.Errorf("%s: params.proto is of another package", kind.Name)
		}
	}
	if !slices.ContainsFunc(kinds, func(k trainer.Kind) bool {
		return slices.Contains(k.Messages, "mlp.trainers.sklearn.LogisticRegression")
	}) {
		t.Error("there is no logistic regression")
	}
}

func TestLocks(t *testing.T) {
	kinds, err := trainer.Load(trainers.Files)
	if err != nil {
		t.Fatal(err)
	}
	place := regexp.MustCompile(`(?i)https?:|index|find-links|file:`)
	names := []string{trainers.Bootstrap}
	var runtimes []string
	for _, kind := range kinds {
		lock, err := fs.ReadFile(trainers.Files, trainers.Lock(kind.Name))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, trainers.Lock(kind.Name))
		for _, pin := range kind.Pins {
			if !strings.Contains("\n"+string(lock), "\n"+pin+" ") {
				t.Errorf("%s: pin %s is not in the lock", kind.Name, pin)
			}
		}
		runtimes = append(runtimes, regexp.MustCompile(`\nonnxruntime==(.* \\\n    --hash.*)+`).FindString(string(lock)))
	}
	for _, name := range names {
		lock, err := fs.ReadFile(trainers.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		if found := place.Find(lock); found != nil {
			t.Errorf("%s names a place: %q", name, found)
		}
	}
	// Whichever environment a release's runtime library comes from.
	if runtimes = slices.Compact(runtimes); len(runtimes) != 1 || runtimes[0] == "" {
		t.Errorf("the locks have these ONNX runtimes: %q", runtimes)
	}
}
