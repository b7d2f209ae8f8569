// Package receipt keeps in a store what sites say of themselves: which release
// runs where. A receipt has one name a site, receipts/ENVIRONMENT/SITE, and the
// newest one stands.
//
// Receipts are not signed, as sites hold no keys: who can write to the store
// can write one. They are for people to look at, and decide nothing.
package receipt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/store"
)

// FormatVersion is the version of [Receipt].
const FormatVersion = 1

const (
	prefix = "receipts/"
	// maxSize is how many bytes of a receipt are read.
	maxSize = 1 << 20
	// fresh is how long a receipt that says the same is not written again.
	fresh = time.Hour
	// maxReads is how many receipts are read at once.
	maxReads = 16
)

// Receipt says what runs at a site.
type Receipt struct {
	FormatVersion int         `json:"format_version"`
	Repository    string      `json:"repository"`
	Environment   string      `json:"environment"`
	Site          string      `json:"site"`
	Channel       string      `json:"channel"`
	Release       release.Ref `json:"release"`
	Models        []string    `json:"models"`
	// Activated is when the site made the release ready, Seen when it last said
	// that it runs: by the site's clock.
	Activated time.Time `json:"activated"`
	Seen      time.Time `json:"seen"`
	// MLP is the version of the site's binary.
	MLP string `json:"mlp"`
}

// Name returns the name of a site's receipt. It is an error where the two make
// no name of a store.
func Name(environment, site string) (string, error) {
	name := prefix + environment + "/" + site
	if err := store.CheckName(name); err != nil {
		return "", err
	}
	if strings.Count(name, "/") != 2 {
		return "", &store.NameError{Name: name, Reason: "is not of one environment and one site"}
	}
	return name, nil
}

// Write puts a receipt in the place of the site's one before, and returns what
// stands there then. last is what it wrote before, nil where it knows of none:
// one that says the same and is of the last hour stays.
func Write(ctx context.Context, s store.Store, r Receipt, last []byte) ([]byte, error) {
	name, err := Name(r.Environment, r.Site)
	if err != nil {
		return nil, err
	}
	if Stands(last, r) {
		return last, nil
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return text, s.Set(ctx, name, text)
}

// Stands reports whether a receipt that was written says all that another one
// does, and is of the hour before it.
func Stands(text []byte, r Receipt) bool {
	before, err := decode(text)
	if err != nil || r.Seen.Sub(before.Seen) >= fresh || before.Seen.After(r.Seen) {
		return false
	}
	before.Seen = r.Seen
	same, err := json.Marshal(before)
	want, _ := json.Marshal(r)
	return err == nil && bytes.Equal(same, want)
}

func decode(text []byte) (Receipt, error) {
	var r Receipt
	if len(text) > maxSize {
		return r, fmt.Errorf("has %d bytes", len(text))
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&r); err != nil {
		return r, err
	}
	if r.FormatVersion != FormatVersion {
		return r, fmt.Errorf("is of format version %d", r.FormatVersion)
	}
	return r, nil
}

// Unreadable is a name that holds no receipt of this version.
type Unreadable struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// List returns the receipts in a store, by environment and site, and the names
// below receipts/ that hold none.
func List(ctx context.Context, s store.Store) ([]Receipt, []Unreadable, error) {
	names, err := s.List(ctx, prefix)
	if err != nil {
		return nil, nil, err
	}
	texts := make([][]byte, len(names))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(maxReads)
	for i, name := range names {
		group.Go(func() (err error) {
			texts[i], err = s.Read(inner, name)
			if errors.Is(err, store.ErrNotExist) {
				return nil // removed meanwhile
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	var out []Receipt
	var bad []Unreadable
	for i, name := range names {
		if texts[i] == nil {
			continue
		}
		r, err := decode(texts[i])
		if own, wrong := Name(r.Environment, r.Site); err == nil && (wrong != nil || own != name) {
			err = errors.New("is of another site")
		}
		if err != nil {
			bad = append(bad, Unreadable{name, err.Error()})
			continue
		}
		out = append(out, r)
	}
	return out, bad, nil
}
