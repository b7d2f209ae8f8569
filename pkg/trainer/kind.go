package trainer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/pyenv"
)

// Kind is one directory of trainers: what its trainer.json says.
type Kind struct {
	// Name is the directory's, as in "sklearn".
	Name string
	// Epoch is raised when the same request starts to mean another model.
	Epoch int
	// Pins are the packages that decide numbers, as in "scikit-learn==1.9.1",
	// sorted.
	Pins []string
	// Messages are the full names of its parameter messages, sorted.
	Messages []string
}

// Key returns the digest of what decides a model beside the request: name,
// epoch and pins.
func (k Kind) Key() digest.Digest {
	return digest.New("trainer").String("name", k.Name).Int("epoch", int64(k.Epoch)).Strings("pins", k.Pins).Sum()
}

// KindOf returns the name of the kind that a parameter message belongs to, as in
// "sklearn" of "mlp.trainers.sklearn.LogisticRegression".
func KindOf(message string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(message, packages), ".")
	return name
}

// packages is what the package of each kind's messages begins with.
const packages = "mlp.trainers."

// Load reads the trainer.json of each directory at the root of fsys that has
// one, sorted by name.
func Load(fsys fs.FS) ([]Kind, error) {
	files, err := fs.Glob(fsys, "*/trainer.json")
	if err != nil {
		return nil, fmt.Errorf("load trainers: %w", err)
	}
	var kinds []Kind
	for _, file := range files {
		kind, err := loadKind(fsys, file)
		if err != nil {
			return nil, fmt.Errorf("load trainers: %s: %w", file, err)
		}
		kinds = append(kinds, kind)
	}
	return kinds, nil
}

// A described is a trainer.json; messages maps a full name to a Python module.
type described struct {
	Epoch    int               `json:"epoch"`
	Pins     []string          `json:"pins"`
	Messages map[string]string `json:"messages"`
}

var moduleForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func loadKind(fsys fs.FS, file string) (Kind, error) {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return Kind{}, err
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	var d described
	if err := decoder.Decode(&d); err != nil {
		return Kind{}, err
	}
	kind := Kind{
		Name:     path.Dir(file),
		Epoch:    d.Epoch,
		Pins:     slices.Sorted(slices.Values(d.Pins)),
		Messages: slices.Sorted(maps.Keys(d.Messages)),
	}
	return kind, d.check(fsys, kind)
}

func (d described) check(fsys fs.FS, kind Kind) error {
	if d.Epoch < 1 {
		return errors.New("epoch is not 1 or more")
	}
	if len(d.Messages) == 0 {
		return errors.New("messages names no parameter message")
	}
	for _, pin := range d.Pins {
		if !pyenv.IsPin(pin) {
			return fmt.Errorf("pin %q is not NAME==VERSION in lower case", pin)
		}
	}
	for _, message := range kind.Messages {
		module := d.Messages[message]
		if simple, ok := strings.CutPrefix(message, packages+kind.Name+"."); !ok || simple == "" {
			return fmt.Errorf("message %q is not of the package mlp.trainers.%s", message, kind.Name)
		}
		if !moduleForm.MatchString(module) {
			return fmt.Errorf("module %q of %s is not a module's name", module, message)
		}
		if _, err := fs.Stat(fsys, path.Join(kind.Name, module+".py")); err != nil {
			return fmt.Errorf("module of %s: %w", message, err)
		}
	}
	return nil
}
