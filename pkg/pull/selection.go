package pull

import (
	"fmt"
	"slices"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/release"
)

// selection is what a site takes of a release.
type selection struct {
	entry release.Entry
	// record is the signed one with the site's models and their known answers
	// only; its artifacts are the files that the site needs.
	record release.Record
	// all says that the site takes every model.
	all bool
	// again is behind the name of its directory where the one without it is
	// damaged, and running.
	again string
}

// againSuffix tells a release that was made anew from a damaged one.
const againSuffix = ".again"

// selection picks the site's models. One that the release lacks is a refusal:
// a site must not lose a detection in silence.
func (p *pull) selection(e release.Entry) (selection, error) {
	names := p.Site.GetModels()
	s := selection{entry: e, record: e.Record, all: len(names) == 0 || slices.Contains(names, "*")}
	if !s.all {
		for _, name := range names {
			if _, ok := e.Record.Model(name); !ok {
				return selection{}, found("%s#%d has no model %q, which this site runs", e.Record.Channel, e.Record.Number, name)
			}
		}
		s.only(names)
	}
	s.record.Artifacts = s.needed()
	return s, nil
}

// only leaves out all models but some.
func (s *selection) only(names []string) {
	s.record.Models = slices.DeleteFunc(slices.Clone(s.record.Models), func(m release.Model) bool { return !slices.Contains(names, m.Name) })
	s.record.KnownAnswers = slices.DeleteFunc(slices.Clone(s.record.KnownAnswers), func(k release.KnownAnswer) bool { return !slices.Contains(names, k.Model) })
}

// needed returns the specs, the runtime, and the files of the models.
func (s selection) needed() []release.Artifact {
	wanted := map[string]bool{}
	for _, m := range s.record.Models {
		wanted[m.Artifact] = true
	}
	for _, k := range s.record.KnownAnswers {
		wanted[k.Artifact] = true
	}
	var files []release.Artifact
	for _, a := range s.entry.Record.Artifacts {
		if a.Kind == release.Spec || a.Kind == release.RuntimeFile || wanted[a.Name] {
			files = append(files, a)
		}
	}
	return files
}

// models returns the names of the site's models, sorted.
func (s selection) models() []string {
	names := []string{}
	for _, m := range s.record.Models {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return names
}

// dirName returns the name of the release's directory. It tells the same
// release with other models apart.
func (s selection) dirName() string {
	name := fmt.Sprintf("%d-%s", s.entry.Record.Number, s.entry.Digest.Short())
	if !s.all {
		name += "-" + digest.New("selection").Strings("models", s.models()).Sum().Short()
	}
	return name
}
