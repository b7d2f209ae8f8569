package run

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/store"
)

// Index is what the store knows by key: signed entries, created once. An entry
// lies under its builder's key, so that nobody can stand in another's way, and
// only entries of trusted builders are read. What lies there and is no entry of
// its builder counts for nothing: what it stands for is made anew, and takes
// its place.
type Index struct {
	store   store.Store
	signer  dsse.Signer
	trusted []dsse.Key

	mu      sync.Mutex
	cache   map[string][]byte          // payload by name, nil where nothing counts
	listed  map[string]map[string]bool // names by neighbourhood
	planted map[string]digest.Digest   // of what lies under a trusted builder's name and is not its
	ignored map[string]Ignored
}

// Ignored is something in the index that counts for nothing.
type Ignored struct {
	Name string // in the store
	// Key is what it claims to be the entry of.
	Key digest.Digest
	// Builder is the end of its name, which says whose place it is.
	Builder string
	// Signers are the names in it of the keys that signed it. They are claims.
	Signers []string
	// Reason is why it does not count; empty where a builder that the project
	// does not trust has put it under its own name.
	Reason string
}

// Why says why it does not count, and who seems to have signed it.
func (i Ignored) Why() string {
	signers := make([]string, len(i.Signers))
	for n, s := range i.Signers {
		signers[n] = strconv.Quote(s)
	}
	by := strings.Join(signers, ", ")
	switch {
	case i.Reason == "" && by == "":
		return "signed by nobody"
	case i.Reason == "":
		return "signed by " + by + ", whose key may not build what this project releases"
	case by == "":
		return i.Reason
	}
	return i.Reason + "; it names " + by
}

// NewIndex returns the index of a store. The signer's key is trusted too; a
// nil signer can only read.
func NewIndex(s store.Store, signer dsse.Signer, trusted []dsse.Key) *Index {
	x := &Index{store: s, signer: signer, cache: map[string][]byte{}, listed: map[string]map[string]bool{},
		planted: map[string]digest.Digest{}, ignored: map[string]Ignored{}}
	if signer != nil {
		x.trusted = append(x.trusted, dsse.Key{Name: signer.Name(), Public: signer.Public()})
	}
	for _, k := range trusted {
		if signer == nil || !bytes.Equal(k.Public, signer.Public()) {
			x.trusted = append(x.trusted, k)
		}
	}
	return x
}

// place is where entries of a key lie, one a builder.
type place struct {
	kind string
	key  digest.Digest
}

func (p place) dir() string { return "index/" + p.kind + "/" + p.key.Hex() + "/" }

func (p place) name(builder ed25519.PublicKey) string { return p.dir() + BuilderName(builder) }

// BuilderName ends the names of all entries of a builder.
func BuilderName(key ed25519.PublicKey) string { return digest.Of(key).Hex()[:16] }

// neighbourhood begins the names that are listed where one of them is missing:
// those of the key, or in a store that is far away of one key in 256, so that a
// run that finds nothing asks a few hundred times and not once a column.
func (x *Index) neighbourhood(p place) string {
	if far, ok := x.store.(store.Far); ok && far.Far() {
		return "index/" + p.kind + "/" + p.key.Hex()[:2]
	}
	return p.dir()
}

// get reads an entry of a trusted builder into v and reports whether there is
// one. What is no entry of its builder is noted, and is none.
func (x *Index) get(ctx context.Context, p place, v any) (bool, error) {
	for i, k := range x.trusted {
		payload, err := x.payload(ctx, p, k, i > 0)
		if err != nil {
			return false, err
		}
		if payload == nil {
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(payload))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(v); err != nil {
			return false, fmt.Errorf("index entry %s %s: %w", p.kind, p.key.Short(), err)
		}
		return true, nil
	}
	return false, x.strangers(ctx, p)
}

// payload returns what a builder says of a place, nil where it says nothing.
// look says to ask which names there are before asking for this one.
func (x *Index) payload(ctx context.Context, p place, k dsse.Key, look bool) ([]byte, error) {
	name := p.name(k.Public)
	x.mu.Lock()
	payload, known := x.cache[name]
	names := x.listed[x.neighbourhood(p)]
	x.mu.Unlock()
	if known {
		return payload, nil
	}
	if look && names == nil {
		var err error
		if names, err = x.list(ctx, p); err != nil {
			return nil, err
		}
	}
	if names != nil && !names[name] {
		return nil, nil
	}
	envelope, err := x.store.Read(ctx, name)
	if errors.Is(err, store.ErrNotExist) {
		x.remember(name, nil)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	payload, err = entryOf(envelope, p, k)
	var refused *dsse.Error
	if errors.As(err, &refused) {
		x.mu.Lock()
		x.planted[name] = digest.Of(envelope)
		x.ignored[name] = Ignored{Name: name, Key: p.key, Builder: path.Base(name), Signers: dsse.Claims(envelope), Reason: refused.Reason}
		x.mu.Unlock()
		payload, err = nil, nil
	}
	if err == nil {
		x.remember(name, payload)
	}
	return payload, err
}

// entryOf returns the payload of an envelope that a builder signed as the entry
// of a place. Otherwise the error is a [*dsse.Error], or says that the builder
// writes another version of entries.
func entryOf(envelope []byte, p place, k dsse.Key) ([]byte, error) {
	verified, err := dsse.Verify(envelope, entryType(p.kind), []dsse.Key{k})
	if err != nil {
		return nil, err
	}
	var own struct {
		FormatVersion int           `json:"format_version"`
		Key           digest.Digest `json:"key"`
	}
	err = json.Unmarshal(verified.Payload, &own)
	switch {
	case err != nil:
		return nil, fmt.Errorf("index entry %s %s: %w", p.kind, p.key.Short(), err)
	case own.Key != p.key: // a signed entry can be copied to another name
		return nil, &dsse.Error{Reason: "is the entry of key " + own.Key.Short() + ", moved here"}
	case own.FormatVersion != FormatVersion:
		return nil, fmt.Errorf("index entry %s %s: has format version %d, this mlp reads %d", p.kind, p.key.Short(), own.FormatVersion, FormatVersion)
	}
	return verified.Payload, nil
}

func (x *Index) remember(name string, payload []byte) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.cache[name] = payload
}

// list returns the names around a place, which are asked for once.
func (x *Index) list(ctx context.Context, p place) (map[string]bool, error) {
	around := x.neighbourhood(p)
	x.mu.Lock()
	names := x.listed[around]
	x.mu.Unlock()
	if names != nil {
		return names, nil
	}
	list, err := x.store.List(ctx, around)
	if err != nil {
		return nil, err
	}
	names = map[string]bool{}
	for _, name := range list {
		names[name] = true
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.listed[around] = names
	return names, nil
}

// strangers notes what other builders say of a place of which no trusted one
// says anything.
func (x *Index) strangers(ctx context.Context, p place) error {
	names, err := x.list(ctx, p)
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for name := range names {
		own := slices.ContainsFunc(x.trusted, func(k dsse.Key) bool { return p.name(k.Public) == name })
		if _, known := x.ignored[name]; !known && !own && strings.HasPrefix(name, p.dir()) {
			x.ignored[name] = Ignored{Name: name, Key: p.key, Builder: path.Base(name)}
		}
	}
	return nil
}

// Ignored returns what counted for nothing so far, by name.
func (x *Index) Ignored() []Ignored {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.SortedFunc(maps.Values(x.ignored), func(a, b Ignored) int { return strings.Compare(a.Name, b.Name) })
}

// Claims returns something ignored with what it says of who signed it.
func (x *Index) Claims(ctx context.Context, i Ignored) (Ignored, error) {
	if i.Reason != "" {
		return i, nil
	}
	envelope, err := x.store.Read(ctx, i.Name)
	if err != nil && !errors.Is(err, store.ErrNotExist) {
		return i, err
	}
	i.Signers = dsse.Claims(envelope)
	return i, nil
}

// put creates an entry. Where this builder has one already it stays: the key
// covers everything that decides the content. What lies there and is none is
// replaced.
func (x *Index) put(ctx context.Context, kind string, key digest.Digest, v any) error {
	if x.signer == nil {
		return errors.New("write index entry: no signing key")
	}
	payload, err := json.Marshal(v)
	if err != nil {
		return err
	}
	envelope, err := dsse.Sign(entryType(kind), payload, x.signer)
	if err != nil {
		return err
	}
	p, own := place{kind, key}, dsse.Key{Name: x.signer.Name(), Public: x.signer.Public()}
	name := p.name(own.Public)
	for tries := 0; ; tries++ {
		x.mu.Lock()
		planted, taken := x.planted[name]
		x.mu.Unlock()
		if taken {
			err = x.store.Swap(ctx, name, planted, envelope)
		} else {
			err = x.store.Create(ctx, name, envelope)
		}
		x.forget(p, name)
		if err == nil || tries > 1 || !errors.Is(err, store.ErrExist) && !errors.Is(err, store.ErrConflict) {
			return err
		}
		if stands, err := x.payload(ctx, p, own, false); err != nil || stands != nil {
			return err
		}
	}
}

// forget makes what is known of a name be asked for again.
func (x *Index) forget(p place, name string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.cache, name)
	delete(x.planted, name)
	if names := x.listed[x.neighbourhood(p)]; names != nil {
		names = maps.Clone(names) // others may be reading it
		names[name] = true
		x.listed[x.neighbourhood(p)] = names
	}
}

// Frame reads the entry of a frame.
func (x *Index) Frame(ctx context.Context, key digest.Digest) (*FrameEntry, error) {
	return read[FrameEntry](ctx, x, "frame", key)
}

// Column reads the entry of a column.
func (x *Index) Column(ctx context.Context, key digest.Digest) (*ColumnEntry, error) {
	return read[ColumnEntry](ctx, x, "column", key)
}

// Model reads the entry of a model.
func (x *Index) Model(ctx context.Context, key digest.Digest) (*ModelEntry, error) {
	return read[ModelEntry](ctx, x, "model", key)
}

// Evaluation reads the entry of an evaluation.
func (x *Index) Evaluation(ctx context.Context, key digest.Digest) (*EvaluationEntry, error) {
	return read[EvaluationEntry](ctx, x, "evaluation", key)
}

// read returns an entry, or nil where there is none.
func read[T any](ctx context.Context, x *Index, kind string, key digest.Digest) (*T, error) {
	var v T
	ok, err := x.get(ctx, place{kind, key}, &v)
	if err != nil || !ok {
		return nil, err
	}
	return &v, nil
}
