package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store"
)

const (
	// maxInMemory is how much of an object is held in memory before it is
	// written; what is larger waits in a temporary file.
	maxInMemory = 4 << 20
	// maxSingle is the largest object that is written by one request.
	maxSingle = 64 << 20
	partSize  = 16 << 20
	maxParts  = 10_000 // of S3
	// partsAtOnce is how many parts of one object are under way.
	partsAtOnce = 4
	// abortTime is how long a failed upload may take to clean up.
	abortTime = 10 * time.Second
)

// Put implements [store.Store].
func (s *Store) Put(ctx context.Context, d digest.Digest, r io.Reader) error {
	if found, err := s.Has(ctx, d); found || err != nil {
		return err
	}
	select {
	case s.puts <- struct{}{}:
		defer func() { <-s.puts }()
	case <-ctx.Done():
		return ctx.Err()
	}
	held := &spool{part: sha256.New()}
	defer held.Close()
	// All of it is read before the first byte leaves: what does not have the
	// digest must not be stored, and requests know their checksums.
	if err := store.Copy(ctx, held, r, d); err != nil {
		return err
	}
	held.end()
	var err error
	if held.size <= maxSingle {
		err = s.putWhole(ctx, d, held)
	} else {
		err = s.putParts(ctx, d, held)
	}
	return s.failed("put", d.String(), err)
}

// putWhole writes an object by one request. Whoever wrote what stands under a
// digest, it is the same bytes, so "taken" is a success.
func (s *Store) putWhole(ctx context.Context, d digest.Digest, held *spool) error {
	return s.try(ctx, func(ctx context.Context, w *watch) error {
		_, err := s.client.PutObject(ctx, &api.PutObjectInput{Bucket: &s.bucket, Key: s.key(objectKey(d)), IfNoneMatch: aws.String("*"),
			Body: sent{held.section(0, held.size), w}, ContentLength: &held.size, ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(d[:]))})
		return s.settled(ctx, d, err)
	})
}

// settled returns nil after an error that leaves the object in its place.
func (s *Store) settled(ctx context.Context, d digest.Digest, err error) error {
	if err == nil || refused(err) {
		return nil
	}
	if !transient(err) && codeOf(err) != "NoSuchUpload" {
		return err
	}
	if _, herr := s.client.HeadObject(ctx, &api.HeadObjectInput{Bucket: &s.bucket, Key: s.key(objectKey(d))}); herr == nil {
		return nil
	}
	return err
}

// putParts writes an object in parts, several at once.
func (s *Store) putParts(ctx context.Context, d digest.Digest, held *spool) error {
	if len(held.sums) > maxParts {
		return fmt.Errorf("%d bytes are more than %d parts of %d", held.size, maxParts, partSize)
	}
	key := s.key(objectKey(d))
	var upload *string
	err := s.try(ctx, func(ctx context.Context, _ *watch) error {
		out, err := s.client.CreateMultipartUpload(ctx, &api.CreateMultipartUploadInput{Bucket: &s.bucket, Key: key, ChecksumAlgorithm: types.ChecksumAlgorithmSha256})
		if err == nil {
			upload = out.UploadId
		}
		return err
	})
	if err != nil {
		return err
	}
	parts, err := s.sendParts(ctx, key, upload, held)
	if err == nil {
		err = s.try(ctx, func(ctx context.Context, _ *watch) error {
			_, err := s.client.CompleteMultipartUpload(ctx, &api.CompleteMultipartUploadInput{Bucket: &s.bucket, Key: key, UploadId: upload,
				IfNoneMatch: aws.String("*"), MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}})
			if refused(err) { // another was faster: these parts are of no use
				return errTaken
			}
			return s.settled(ctx, d, err)
		})
	}
	if err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
	defer cancel()
	_, abort := s.client.AbortMultipartUpload(ctx, &api.AbortMultipartUploadInput{Bucket: &s.bucket, Key: key, UploadId: upload})
	if errors.Is(err, errTaken) {
		return nil
	}
	if abort != nil && codeOf(abort) != "NoSuchUpload" && transient(err) {
		return again{errors.Join(err, abort)}
	}
	return err
}

func (s *Store) sendParts(ctx context.Context, key, upload *string, held *spool) ([]types.CompletedPart, error) {
	parts := make([]types.CompletedPart, len(held.sums))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(partsAtOnce)
	for i := range parts {
		group.Go(func() error {
			at := int64(i) * partSize
			size := min(partSize, held.size-at)
			sum, number := aws.String(base64.StdEncoding.EncodeToString(held.sums[i][:])), aws.Int32(int32(i+1))
			return s.try(ctx, func(ctx context.Context, w *watch) error {
				out, err := s.client.UploadPart(ctx, &api.UploadPartInput{Bucket: &s.bucket, Key: key, UploadId: upload, PartNumber: number,
					Body: sent{held.section(at, size), w}, ContentLength: &size, ChecksumSHA256: sum})
				if err == nil {
					parts[i] = types.CompletedPart{PartNumber: number, ETag: out.ETag, ChecksumSHA256: sum}
				}
				return err
			})
		})
	}
	return parts, group.Wait()
}

// spool holds an object until it is written: small in memory, large in a file.
type spool struct {
	buf  bytes.Buffer
	file *os.File
	size int64
	part hash.Hash // of the part that is being filled
	sums []digest.Digest
}

// Write implements io.Writer.
func (h *spool) Write(p []byte) (int, error) {
	if h.file == nil && h.buf.Len()+len(p) > maxInMemory {
		if err := h.spill(); err != nil {
			return 0, err
		}
	}
	to := io.Writer(&h.buf)
	if h.file != nil {
		to = h.file
	}
	n, err := to.Write(p)
	h.sum(p[:n])
	return n, err
}

// spill moves what is in memory to a file that has no name, so that nothing is
// left behind.
func (h *spool) spill() (err error) {
	if h.file, err = os.CreateTemp("", "mlp-put-*"); err != nil {
		return err
	}
	if err := os.Remove(h.file.Name()); err != nil {
		return err
	}
	_, err = h.file.Write(h.buf.Bytes())
	h.buf = bytes.Buffer{}
	return err
}

// sum takes the digest of each part.
func (h *spool) sum(p []byte) {
	for len(p) > 0 {
		n := min(int64(len(p)), partSize-h.size%partSize)
		h.part.Write(p[:n])
		p, h.size = p[n:], h.size+n
		if h.size%partSize == 0 {
			h.end()
		}
	}
}

// end ends the part that is being filled.
func (h *spool) end() {
	if h.size > int64(len(h.sums))*partSize {
		h.sums = append(h.sums, digest.Digest(h.part.Sum(nil)))
		h.part.Reset()
	}
}

func (h *spool) section(at, size int64) io.ReadSeeker {
	if h.file != nil {
		return io.NewSectionReader(h.file, at, size)
	}
	return bytes.NewReader(h.buf.Bytes()[at : at+size])
}

// Close gives the file back.
func (h *spool) Close() error {
	if h.file == nil {
		return nil
	}
	return h.file.Close()
}
