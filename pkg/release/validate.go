package release

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mlpdev/mlp/pkg/store"
)

// Caps on what a record may ask of a site.
const (
	maxNumber    = 9_999_999_999 // ten digits
	maxText      = 1024
	maxArtifacts = 100_000
	// MaxArtifact is the largest size of one artifact, in bytes.
	MaxArtifact = 4 << 30
	// MaxTotal is the largest size of all artifacts of a release, in bytes.
	MaxTotal = 64 << 30
)

// validate returns an error that names the first thing wrong with a record.
func (r *Record) validate() error {
	for _, check := range []func(*Record) error{
		checkHead, checkTexts, checkArtifacts, checkModels, checkFiles, checkMetrics,
	} {
		if err := check(r); err != nil {
			return fmt.Errorf("record: %w", err)
		}
	}
	return nil
}

func checkHead(r *Record) error {
	switch {
	case r.FormatVersion != FormatVersion:
		return fmt.Errorf("format version %d, want %d", r.FormatVersion, FormatVersion)
	case r.Repository == "":
		return errors.New("no repository")
	case r.Number < 1 || r.Number > maxNumber:
		return fmt.Errorf("number %d, want 1 to %d", r.Number, int64(maxNumber))
	case r.Previous.IsZero() != (r.Number == 1):
		return fmt.Errorf("number %d: only the first record has no previous one", r.Number)
	case r.Created.IsZero() || r.Created.Location() != time.UTC:
		return errors.New("created: want a time in UTC")
	}
	for _, a := range r.Approvals {
		if a.Time.IsZero() || a.Time.Location() != time.UTC {
			return fmt.Errorf("approval by %q: want a time in UTC", a.By)
		}
	}
	return checkSegment("channel", r.Channel)
}

func checkTexts(r *Record) error {
	texts := []string{r.Repository, r.Commit, r.Builder.MLP, r.Builder.Go, r.Runtime.ONNXRuntime, r.Runtime.Platform}
	for _, m := range r.Models {
		texts = append(texts, m.DisplayName, m.FeatureSet, m.Parser)
		for _, f := range m.Features {
			texts = append(texts, f.Name)
		}
	}
	for _, a := range r.Approvals {
		texts = append(texts, a.By)
	}
	for address := range r.Contract.Keys {
		texts = append(texts, address)
	}
	for function := range r.Contract.Epochs {
		texts = append(texts, function)
	}
	for _, t := range texts {
		if len(t) > maxText || !utf8.ValidString(t) || strings.ContainsFunc(t, unicode.IsControl) {
			return fmt.Errorf("text %.40q: longer than %d bytes, not UTF-8, or with control characters", t, maxText)
		}
	}
	return nil
}

func checkArtifacts(r *Record) error {
	if len(r.Artifacts) > maxArtifacts {
		return fmt.Errorf("%d artifacts, more than %d", len(r.Artifacts), maxArtifacts)
	}
	taken := map[string]string{} // files and directories by folded path, and what takes them
	var total int64
	for _, a := range r.Artifacts {
		if err := checkArtifact(a); err != nil {
			return err
		}
		if total += a.Size; total > MaxTotal {
			return fmt.Errorf("artifacts of more than %d bytes", int64(MaxTotal))
		}
		if err := place(taken, a.Name); err != nil {
			return err
		}
	}
	return nil
}

func checkArtifact(a Artifact) error {
	dir := a.Kind.Dir()
	switch {
	case dir == "":
		return fmt.Errorf("artifact %.80q: unknown kind %.80q", a.Name, a.Kind)
	case !strings.HasPrefix(a.Name, dir+"/"):
		return fmt.Errorf("artifact %.80q: does not lie below %s/", a.Name, dir)
	case a.Digest.IsZero():
		return fmt.Errorf("artifact %.80q: no digest", a.Name)
	case a.Size < 0 || a.Size > MaxArtifact:
		return fmt.Errorf("artifact %.80q: size %d, want 0 to %d", a.Name, a.Size, int64(MaxArtifact))
	}
	var wrong *store.NameError
	if errors.As(store.CheckName(a.Name), &wrong) {
		return fmt.Errorf("artifact %.80q: its name %s", a.Name, wrong.Reason)
	}
	return nil
}

// place notes the path of a file. Two files of one path, also on a disk that
// ignores case, or a file where another has a directory, are an error.
func place(taken map[string]string, name string) error {
	path := strings.ToLower(name)
	if other, ok := taken[path]; ok {
		return fmt.Errorf("artifacts %.80q and %.80q lie at one place", other, name)
	}
	taken[path] = name
	for i := strings.LastIndexByte(path, '/'); i > 0; i = strings.LastIndexByte(path[:i], '/') {
		dir := path[:i]
		if other, ok := taken[dir]; ok && other != "" {
			return fmt.Errorf("artifacts %.80q and %.80q lie at one place", other, name)
		}
		taken[dir] = "" // a directory, of many
	}
	return nil
}

func checkModels(r *Record) error {
	names := map[string]bool{}
	for _, m := range r.Models {
		if err := checkSegment("model", m.Name); err != nil {
			return err
		}
		if names[m.Name] {
			return fmt.Errorf("model %s: twice", m.Name)
		}
		names[m.Name] = true
		if !finite(m.Threshold) || !finite(m.TargetFPR) {
			return fmt.Errorf("model %s: threshold or target rate is not a number", m.Name)
		}
		if err := checkInputs(r, m); err != nil {
			return err
		}
	}
	return nil
}

func checkInputs(r *Record, m Model) error {
	if len(m.Features) == 0 {
		return fmt.Errorf("model %s: no features", m.Name)
	}
	for _, f := range m.Features {
		address := m.FeatureAddress(f.Name)
		if key, ok := r.Contract.Keys[address]; !ok || key != f.Key {
			return fmt.Errorf("model %s: its input %s has another key than the contract's %s", m.Name, f.Name, address)
		}
	}
	return nil
}

func checkFiles(r *Record) error {
	kinds := map[string]Kind{}
	for _, a := range r.Artifacts {
		kinds[a.Name] = a.Kind
	}
	want := func(what, name string, kind Kind) error {
		if kinds[name] != kind {
			return fmt.Errorf("%s: artifact %.80q is none of kind %s", what, name, kind)
		}
		return nil
	}
	for _, m := range r.Models {
		if err := want("model "+m.Name, m.Artifact, ModelFile); err != nil {
			return err
		}
	}
	for _, k := range r.KnownAnswers {
		if _, ok := r.Model(k.Model); !ok {
			return fmt.Errorf("known answers of %.80q, which is no model", k.Model)
		}
		if err := want("known answers of "+k.Model, k.Artifact, KnownAnswers); err != nil {
			return err
		}
	}
	if r.Runtime.Library == "" {
		return nil
	}
	return want("runtime", r.Runtime.Library, RuntimeFile)
}

func checkMetrics(r *Record) error {
	all := []map[string]Metric{r.Metrics}
	for _, m := range r.Models {
		all = append(all, m.Metrics)
	}
	for _, metrics := range all {
		for name, m := range metrics {
			if !finite(m.Value) || !finite(m.Lower) || !finite(m.Upper) || m.Count < 0 || m.Count > m.Total {
				return fmt.Errorf("metric %.80q: not a number, or counts that cannot be", name)
			}
		}
	}
	return nil
}

func checkSegment(what, s string) error {
	if len(s) > 200 || strings.ContainsRune(s, '/') || store.CheckName("x/"+s) != nil {
		return fmt.Errorf("%s %.80q: want one to 200 letters, digits, dots, underscores and hyphens", what, s)
	}
	return nil
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
