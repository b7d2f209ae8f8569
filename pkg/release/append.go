package release

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/store"
)

// readBack is how long a publisher that was interrupted still asks what became
// of its record.
const readBack = 10 * time.Second

// Draft makes the next record.
type Draft struct {
	Signer dsse.Signer
	// From is a record known to be in the log, where the search for its end
	// begins; the zero Ref where none is known.
	From Ref
	// Build returns the record with this number after the previous one, whose
	// digest is zero at number 1. It is called again with another number when
	// another publisher was faster. FormatVersion, Repository, Channel,
	// Number and Previous are filled in afterwards.
	Build func(number int64, previous digest.Digest) (Record, error)
}

// Append adds a record at the end of the log and returns it. However many
// publishers append at once, numbers stay dense and each belongs to one of
// them. After an unclear answer it reads back what stands there before it
// decides, so no release is published twice.
func (l Log) Append(ctx context.Context, draft Draft) (Entry, error) {
	var head Ref
	last, err := l.Head(ctx, draft.From)
	switch {
	case err == nil:
		head = last.Ref()
	case !errors.Is(err, ErrNoRelease):
		return Entry{}, err
	}
	for {
		next, err := l.next(draft, head)
		if err != nil {
			return Entry{}, fmt.Errorf("append to %s: %w", l.Channel, err)
		}
		stands, err := l.publish(ctx, next)
		if err != nil || stands.Digest == next.Digest {
			return stands, err
		}
		if stands.Record.Previous != head.Digest {
			return Entry{}, l.broken(stands.Record.Number, stands.Record.Previous, head.Digest)
		}
		head = stands.Ref()
	}
}

// next makes the entry after head.
func (l Log) next(draft Draft, head Ref) (Entry, error) {
	number := head.Number + 1
	r, err := draft.Build(number, head.Digest)
	if err != nil {
		return Entry{}, err
	}
	r.FormatVersion, r.Repository, r.Channel = FormatVersion, l.Repository, l.Channel
	r.Number, r.Previous = number, head.Digest
	payload, err := Encode(r)
	if err != nil {
		return Entry{}, err
	}
	envelope, err := dsse.Sign(dsse.InToto, payload, draft.Signer)
	if err != nil {
		return Entry{}, err
	}
	// What this package and the channel's sites would refuse is not published.
	entry, err := l.verify(number, envelope)
	if err == nil && entry.Digest != digest.Of(payload) {
		err = errors.New("the signed record is another one")
	}
	return entry, err
}

// publish creates the record and returns what stands under its number
// afterwards: the record itself or another publisher's.
func (l Log) publish(ctx context.Context, e Entry) (Entry, error) {
	err := l.Store.Create(ctx, Name(l.Channel, e.Record.Number), e.Envelope)
	if err == nil {
		return e, nil
	}
	if !errors.Is(err, store.ErrExist) {
		// The record may or may not be there, also where the caller gave up.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), readBack)
		defer cancel()
	}
	// Taken can mean taken by ourselves, by a request that was sent twice.
	stands, rerr := l.Read(ctx, e.Record.Number)
	switch {
	case rerr == nil:
		return stands, nil
	case errors.Is(err, store.ErrExist):
		return Entry{}, rerr
	case errors.Is(rerr, store.ErrNotExist):
		return Entry{}, err
	}
	return Entry{}, errors.Join(err, rerr)
}
