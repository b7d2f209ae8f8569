package pull

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/release"
)

// What a site's directory holds.
const (
	currentLink  = "current"
	nextLink     = "current.next"
	releases     = "releases"
	staging      = "staging-"
	lockFile     = "lock"
	envelopeFile = "release.json"
	stateFile    = "state.json"
	maxState     = 1 << 20
)

// Active is the release that a site runs.
type Active struct {
	Number int64
	// Digest is that of its record.
	Digest digest.Digest
	// Dir is its directory, without links below the site's own directory;
	// artifacts lie in it under their names.
	Dir string
	// Models are the names of the models that the site runs.
	Models []string
	// Pulled is when the site made it ready.
	Pulled time.Time
	// Record is the signed record, all of its models included.
	Record release.Record

	previous string // directory name of the release that ran before
}

// state is what a site notes about a release, beside its record.
type state struct {
	FormatVersion int           `json:"format_version"`
	Number        int64         `json:"number"`
	Digest        digest.Digest `json:"digest"`
	Models        []string      `json:"models"`
	Pulled        time.Time     `json:"pulled"`
	// Previous is the name of the directory of the release before it.
	Previous string `json:"previous"`
}

// Name returns the channel and number: "local#42".
func (a *Active) Name() string { return fmt.Sprintf("%s#%d", a.Record.Channel, a.Number) }

// Ref returns the number and digest of the record.
func (a *Active) Ref() release.Ref { return release.Ref{Number: a.Number, Digest: a.Digest} }

// Path returns the path of an artifact's file.
func (a *Active) Path(artifact string) string {
	return filepath.Join(a.Dir, filepath.FromSlash(artifact))
}

// Current returns the release that runs in a site's directory, as it was
// verified when it was pulled. The error matches fs.ErrNotExist where none
// runs.
func Current(dir string) (Active, error) {
	link := filepath.Join(dir, currentLink)
	target, err := os.Readlink(link)
	if err != nil {
		return Active{}, err
	}
	if filepath.Dir(target) != releases {
		return Active{}, fmt.Errorf("%s leads to %q, which is no release of this directory", link, target)
	}
	a := Active{Dir: filepath.Join(dir, target)}
	if err := a.read(); err != nil {
		// A link that leads nowhere is damage, not a site without a release.
		return Active{}, fmt.Errorf("%s: %v", link, err)
	}
	return a, nil
}

// Check reads the files of the site's models and compares them with what was
// released; the first one that differs is an error.
func (a *Active) Check() error {
	s := selection{record: a.Record, entry: release.Entry{Record: a.Record}}
	s.only(a.Models)
	for _, artifact := range s.needed() {
		f, err := os.Open(a.Path(artifact.Name))
		if err != nil {
			return &DamagedError{Active: a.Name(), Artifact: artifact.Name}
		}
		got, size, err := digest.OfReader(f)
		f.Close()
		if err != nil || got != artifact.Digest || size != artifact.Size {
			return &DamagedError{Active: a.Name(), Artifact: artifact.Name}
		}
	}
	return nil
}

// DamagedError says that a file of the active release is not what was released.
type DamagedError struct{ Active, Artifact string }

// Error names the file.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s: %s is not what was released", e.Active, e.Artifact)
}

// Hint says what to do.
func (e *DamagedError) Hint() string { return "mlp pull makes the release anew" }

func (a *Active) read() error {
	text, err := readFile(filepath.Join(a.Dir, stateFile), maxState)
	if err != nil {
		return err
	}
	var s state
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil || s.FormatVersion != 1 {
		return fmt.Errorf("%s is not one that this version of mlp reads", stateFile)
	}
	envelope, err := readFile(filepath.Join(a.Dir, envelopeFile), dsse.MaxEnvelope)
	if err != nil {
		return err
	}
	payload, err := dsse.Unverified(envelope, dsse.InToto)
	if err != nil {
		return err
	}
	if digest.Of(payload) != s.Digest {
		return fmt.Errorf("%s is not the record that was pulled", envelopeFile)
	}
	if a.Record, err = release.Decode(payload); err != nil {
		return err
	}
	a.Number, a.Digest, a.Models, a.Pulled, a.previous = s.Number, s.Digest, s.Models, s.Pulled, s.Previous
	return a.consistent()
}

func (a *Active) consistent() error {
	if a.Number != a.Record.Number {
		return fmt.Errorf("%s has the number %d, the record %d", stateFile, a.Number, a.Record.Number)
	}
	for _, name := range a.Models {
		if _, ok := a.Record.Model(name); !ok {
			return fmt.Errorf("%s has the model %q, which the record lacks", stateFile, name)
		}
	}
	return nil
}

func readFile(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = errors.New(path + " is too large")
	}
	return text, err
}
