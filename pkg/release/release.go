// Package release is the signed log of releases: what a channel's sites are
// to run, one record a release, each naming the one before it.
//
// Record N of a channel is the store's name log/CHANNEL/N, N in ten digits,
// dense from 1, created once and never replaced: a DSSE envelope around an
// in-toto Statement v1 whose predicate is a [Record].
package release

import (
	"context"
	"errors"
	"fmt"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/store"
)

// ErrNoRelease says that a channel has no release.
var ErrNoRelease = errors.New("no release")

// Log is the log of one channel of one project.
type Log struct {
	Store store.Store
	// Repository is the name of the project.
	Repository string
	Channel    string
	// Trusted are the keys that may sign releases of the channel.
	Trusted []dsse.Key
}

// Ref names a record: its number and the digest of its bytes. The zero Ref is
// the start of the log, before record 1.
type Ref struct {
	Number int64         `json:"number"`
	Digest digest.Digest `json:"digest,omitzero"`
}

// Entry is a record that was read and verified.
type Entry struct {
	Record Record
	// Digest is that of the record's bytes, the signed payload: the next
	// record names it as its previous one.
	Digest digest.Digest
	// Signer is the name of the trusted key that signed it; empty where the
	// record was known by its digest and its key is trusted no more.
	Signer string
	// Envelope is the bytes as they stand in the log.
	Envelope []byte
}

// Ref returns the entry's number and digest.
func (e Entry) Ref() Ref { return Ref{Number: e.Record.Number, Digest: e.Digest} }

// Name returns the name of a record in the store: "log/CHANNEL/0000000001".
func Name(channel string, number int64) string {
	return fmt.Sprintf("log/%s/%010d", channel, number)
}

// Head returns the newest record. It reads the record from first, then every
// later one, and verifies each: signature by a trusted key, repository,
// channel, number, digest of the one before. ErrNoRelease where the log is
// empty and from is zero; a [*Refusal] where something does not hold.
func (l Log) Head(ctx context.Context, from Ref) (Entry, error) {
	var head Entry
	err := l.walk(ctx, from, func(e Entry) { head = e })
	if err == nil && head.Record.Number == 0 {
		err = fmt.Errorf("channel %s: %w", l.Channel, ErrNoRelease)
	}
	if err != nil {
		return Entry{}, err
	}
	return head, nil
}

// Newer returns the newest record after one that is known to be in the log,
// verified as by [Log.Head]; found is false where there is none. It does not
// look whether the known one still is there: one new record costs two reads.
func (l Log) Newer(ctx context.Context, known Ref) (newest Entry, found bool, err error) {
	err = l.gallop(ctx, known, 1, func(e Entry) { newest, found = e, true })
	return newest, found && err == nil, err
}

// List returns all records in order, verified as by [Log.Head].
func (l Log) List(ctx context.Context) ([]Entry, error) {
	var entries []Entry
	if err := l.walk(ctx, Ref{}, func(e Entry) { entries = append(entries, e) }); err != nil {
		return nil, err
	}
	return entries, nil
}

// Read returns the record with this number, verified by itself: its place in
// the chain is not. The error matches store.ErrNotExist where there is none.
func (l Log) Read(ctx context.Context, number int64) (Entry, error) {
	envelope, err := l.Store.Read(ctx, Name(l.Channel, number))
	if err != nil {
		return Entry{}, err
	}
	return l.verify(number, envelope)
}

// verify reads an envelope that stands in the log under a number. Nothing in
// it is looked at before its signature holds.
func (l Log) verify(number int64, envelope []byte) (Entry, error) {
	signed, err := dsse.Verify(envelope, dsse.InToto, l.Trusted)
	if err != nil {
		return Entry{}, l.refuse(Forged, number, "%v", err)
	}
	e, err := l.entry(number, signed.Payload)
	if err != nil {
		return Entry{}, err
	}
	e.Signer, e.Envelope = signed.Signers[0], envelope
	return e, nil
}

// entry reads the bytes of a record that are known to be genuine.
func (l Log) entry(number int64, payload []byte) (Entry, error) {
	r, err := Decode(payload)
	switch {
	case err != nil:
		return Entry{}, l.refuse(Malformed, number, "%v", err)
	case r.Repository != l.Repository:
		return Entry{}, l.refuse(WrongRepository, number, "the record is of the project %q, want %q", r.Repository, l.Repository)
	case r.Channel != l.Channel:
		return Entry{}, l.refuse(WrongChannel, number, "the record is of the channel %q", r.Channel)
	case r.Number != number:
		return Entry{}, l.refuse(WrongNumber, number, "the record has the number %d", r.Number)
	}
	return Entry{Record: r, Digest: digest.Of(payload)}, nil
}

func (l Log) refuse(reason Reason, number int64, format string, args ...any) *Refusal {
	return &Refusal{Reason: reason, Channel: l.Channel, Number: number, Detail: fmt.Sprintf(format, args...)}
}
