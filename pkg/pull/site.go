package pull

import (
	"errors"
	"fmt"
	"slices"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/store"
)

// Trusted returns those of a site's or project's keys that may sign releases
// of a channel.
func Trusted(keys []*specpb.TrustedKey, channel string) ([]dsse.Key, error) {
	var trusted []dsse.Key
	for _, k := range keys {
		if !slices.Contains(k.GetChannels(), channel) {
			continue
		}
		public, err := dsse.ParsePublic(k.GetPublicKey())
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", k.GetName(), err)
		}
		trusted = append(trusted, dsse.Key{Name: k.GetName(), Public: public})
	}
	return trusted, nil
}

// newPull checks the site file.
func newPull(o Options) (*pull, error) {
	p, err := fromSite(o)
	if err != nil {
		return nil, fmt.Errorf("site file: %w", err)
	}
	return p, nil
}

func fromSite(o Options) (*pull, error) {
	site := o.Site
	switch {
	case site.GetFormatVersion() != 1:
		return nil, fmt.Errorf("format version %d, want 1", site.GetFormatVersion())
	case site.GetRepository() == "":
		return nil, errors.New("no repository")
	case site.GetChannel() == "":
		return nil, errors.New("no channel")
	}
	if err := store.CheckName(release.Name(site.GetChannel(), 1)); err != nil {
		return nil, fmt.Errorf("channel: %w", err)
	}
	trusted, err := Trusted(site.GetKeys(), site.GetChannel())
	if err != nil {
		return nil, err
	}
	if len(trusted) == 0 {
		return nil, fmt.Errorf("no key may sign releases of the channel %s", site.GetChannel())
	}
	floor, err := floorOf(site)
	if err != nil {
		return nil, err
	}
	return &pull{
		Options: o,
		floor:   floor,
		log:     release.Log{Store: o.Store, Repository: site.GetRepository(), Channel: site.GetChannel(), Trusted: trusted},
	}, nil
}

func floorOf(site *specpb.Site) (release.Ref, error) {
	f := site.GetFloor()
	if f.GetNumber() == 0 && f.GetDigest() == "" {
		return release.Ref{}, nil
	}
	if f.GetNumber() < 1 {
		return release.Ref{}, fmt.Errorf("floor: number %d has a digest", f.GetNumber())
	}
	d, err := digest.Parse(f.GetDigest())
	if err != nil {
		return release.Ref{}, fmt.Errorf("floor: %w", err)
	}
	return release.Ref{Number: f.GetNumber(), Digest: d}, nil
}
