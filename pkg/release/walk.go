package release

import (
	"context"
	"errors"
	"sync"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/store"
)

// widest is the largest number of records that are read at once.
const widest = 16

// walk visits the record from, if it is not zero, and all after it, in order,
// each verified.
func (l Log) walk(ctx context.Context, from Ref, visit func(Entry)) error {
	if from.Number > 0 {
		e, err := l.known(ctx, from)
		if err != nil {
			return err
		}
		visit(e)
	}
	return l.gallop(ctx, from, 2, visit)
}

// gallop visits all records after last, in order, each verified. It reads one
// record, then next, then twice as many each time, so nothing new costs one
// read, and a long way few round trips.
func (l Log) gallop(ctx context.Context, last Ref, next int, visit func(Entry)) error {
	for width := 1; ; width, next = next, min(2*next, widest) {
		batch, err := l.batch(ctx, last.Number+1, width)
		if err != nil {
			return err
		}
		for _, envelope := range batch {
			if envelope == nil {
				return nil
			}
			e, err := l.verify(last.Number+1, envelope)
			if err != nil {
				return err
			}
			if e.Record.Previous != last.Digest {
				return l.broken(e.Record.Number, e.Record.Previous, last.Digest)
			}
			visit(e)
			last = e.Ref()
		}
	}
}

// known reads a record that must be in the log. Its digest vouches for it, so
// it stands also where the key that signed it is not trusted any more.
func (l Log) known(ctx context.Context, ref Ref) (Entry, error) {
	envelope, err := l.Store.Read(ctx, Name(l.Channel, ref.Number))
	if errors.Is(err, store.ErrNotExist) {
		return Entry{}, l.refuse(Rollback, ref.Number, "the log lacks this record, which is known to be in it")
	}
	if err != nil {
		return Entry{}, err
	}
	payload, err := dsse.Unverified(envelope, dsse.InToto)
	if err != nil {
		return Entry{}, l.refuse(Forged, ref.Number, "%v", err)
	}
	if got := digest.Of(payload); got != ref.Digest {
		return Entry{}, l.refuse(Fork, ref.Number, "the log has the record %s, known is %s", got.Short(), ref.Digest.Short())
	}
	e, err := l.entry(ref.Number, payload)
	if err != nil {
		return Entry{}, err
	}
	e.Envelope = envelope
	if signed, err := dsse.Verify(envelope, dsse.InToto, l.Trusted); err == nil {
		e.Signer = signed.Signers[0]
	}
	return e, nil
}

// batch reads records at once: their envelopes, nil from the log's end on. A
// record that is missing before one that is there is a refusal.
func (l Log) batch(ctx context.Context, number int64, width int) ([][]byte, error) {
	envelopes, errs := make([][]byte, width), make([]error, width)
	var wg sync.WaitGroup
	for i := range width {
		wg.Go(func() { envelopes[i], errs[i] = l.Store.Read(ctx, Name(l.Channel, number+int64(i))) })
	}
	wg.Wait()
	end := false
	for i, err := range errs {
		switch {
		case errors.Is(err, store.ErrNotExist):
			end, envelopes[i] = true, nil
		case err != nil:
			return nil, err
		case end:
			return l.again(ctx, number, envelopes[:i+1])
		}
	}
	return envelopes, nil
}

// again reads what was missing before the last record of a batch. A publisher
// may have been at work meanwhile; but now that a record is there, all before
// it must be.
func (l Log) again(ctx context.Context, number int64, envelopes [][]byte) ([][]byte, error) {
	last := number + int64(len(envelopes)) - 1
	for i := range envelopes {
		if envelopes[i] != nil {
			continue
		}
		n := number + int64(i)
		envelope, err := l.Store.Read(ctx, Name(l.Channel, n))
		if errors.Is(err, store.ErrNotExist) {
			return nil, l.refuse(BrokenChain, n, "the log lacks this record but has number %d", last)
		}
		if err != nil {
			return nil, err
		}
		envelopes[i] = envelope
	}
	return envelopes, nil
}

func (l Log) broken(number int64, previous, want digest.Digest) *Refusal {
	return l.refuse(BrokenChain, number, "the record follows %s, the one before it is %s", previous.Short(), want.Short())
}
