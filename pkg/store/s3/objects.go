package s3

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store"
)

// objects begins the key of every object, after the store's prefix.
const objects = "objects/"

// maxReopens is how often the reader of an object asks again for the rest, and
// once more for each reopenBytes that came.
const (
	maxReopens  = 3
	reopenBytes = 1 << 20
)

// objectKey is the key of an object, without the store's prefix.
func objectKey(d digest.Digest) string {
	h := d.Hex()
	return objects + "sha256/" + h[:2] + "/" + h[2:]
}

// URL returns where Spark finds the object d, there or not: s3a://BUCKET/KEY.
func (s *Store) URL(d digest.Digest) string {
	return "s3a://" + s.bucket + "/" + *s.key(objectKey(d))
}

// Has implements [store.Store].
func (s *Store) Has(ctx context.Context, d digest.Digest) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	key := s.key(objectKey(d))
	err := s.try(ctx, func(ctx context.Context, _ *watch) error {
		_, err := s.client.HeadObject(ctx, &api.HeadObjectInput{Bucket: &s.bucket, Key: key})
		if !missing(err) || s.answers.Load() {
			return err
		}
		// Only an answer with a body tells a missing key from a missing bucket.
		got, err := s.client.GetObject(ctx, &api.GetObjectInput{Bucket: &s.bucket, Key: key, Range: aws.String("bytes=0-0")})
		if err == nil {
			return got.Body.Close()
		}
		return err
	})
	s.answered(err)
	if missing(err) {
		return false, nil
	}
	return err == nil, s.failed("find", d.String(), err)
}

// answered notes that the bucket is there.
func (s *Store) answered(err error) {
	if err == nil || missing(err) {
		s.answers.Store(true)
	}
}

// Get implements [store.Store].
func (s *Store) Get(ctx context.Context, d digest.Digest) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b := &body{ctx: ctx, s: s, key: s.key(objectKey(d)), size: -1}
	if err := s.try(ctx, func(context.Context, *watch) error { return b.open() }); err != nil {
		s.answered(err)
		return nil, s.failed("get", d.String(), err)
	}
	s.answers.Store(true)
	return store.VerifyReader(b, d), nil
}

// body reads an object, and asks again for the rest where a connection breaks.
type body struct {
	ctx     context.Context
	s       *Store
	key     *string
	r       io.ReadCloser
	w       *watch
	at      int64
	size    int64 // of the object; -1 where it is not known
	reopens int64
	err     error
}

// open asks for the object from the place where the reader stands.
func (b *body) open() error {
	in := &api.GetObjectInput{Bucket: &b.s.bucket, Key: b.key}
	if b.at > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", b.at))
	}
	w := b.s.watch(b.ctx)
	got, err := b.s.client.GetObject(w.ctx, in)
	if err != nil {
		err = w.explain(err)
		w.stop()
		return err
	}
	if b.at == 0 && got.ContentLength != nil {
		b.size = *got.ContentLength
	}
	b.r, b.w = got.Body, w
	if b.at > 0 && got.ContentRange == nil { // the service knows no ranges
		_, err = io.CopyN(io.Discard, b.r, b.at)
	}
	return err
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	for b.err == nil {
		if len(p) == 0 || b.at == b.size {
			break
		}
		n, err := b.r.Read(p)
		b.at += int64(n)
		b.w.moved.Add(int64(n))
		switch {
		case err == io.EOF && (b.size < 0 || b.at == b.size):
			b.err = io.EOF
		case err == io.EOF:
			b.reopen(io.ErrUnexpectedEOF)
		case err != nil:
			b.reopen(b.w.explain(err))
		}
		if n > 0 {
			return n, nil
		}
	}
	if b.err == nil && b.at == b.size {
		return 0, io.EOF
	}
	return 0, b.err
}

// reopen asks for the rest after an error.
func (b *body) reopen(err error) {
	b.Close()
	if b.reopens++; b.reopens > maxReopens+b.at/reopenBytes {
		b.err = fmt.Errorf("%s broke off %d times, last after %d bytes: %w", b.s.Location(), b.reopens, b.at, err)
		return
	}
	if err := b.s.try(b.ctx, func(context.Context, *watch) error { return b.open() }); err != nil {
		b.err = b.s.explain(err)
		if cause := b.ctx.Err(); cause != nil {
			b.err = cause
		}
	}
}

// Close implements io.Closer.
func (b *body) Close() error {
	b.w.stop()
	if err := b.r.Close(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
