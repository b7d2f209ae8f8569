package s3

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store"
)

// writers is the metadata that says which writes made what stands under a key,
// the newest first: so a write that was replaced meanwhile is known, too.
const (
	writers    = "mlp-writers"
	maxWriters = 100 // a bucket takes 2 kB of metadata
)

// Create implements [store.Store].
func (s *Store) Create(ctx context.Context, name string, data []byte) error {
	if err := s.check(ctx, name, data); err != nil {
		return err
	}
	err := s.replace(ctx, "create", name, data, entry{})
	if errors.Is(err, errTaken) {
		return &store.Error{Op: "create", Object: name, Kind: store.ErrExist}
	}
	return err
}

// Read implements [store.Store].
func (s *Store) Read(ctx context.Context, name string) ([]byte, error) {
	if err := s.check(ctx, name, nil); err != nil {
		return nil, err
	}
	entry, err := s.read(ctx, name)
	return entry.data, err
}

// Swap implements [store.Store].
func (s *Store) Swap(ctx context.Context, name string, old digest.Digest, data []byte) error {
	if err := s.check(ctx, name, data); err != nil {
		return err
	}
	conflict := &store.Error{Op: "swap", Object: name, Kind: store.ErrConflict}
	var current entry
	if !old.IsZero() {
		var err error
		current, err = s.read(ctx, name)
		switch {
		case errors.Is(err, store.ErrNotExist):
			return conflict
		case err != nil:
			return err
		case digest.Of(current.data) != old:
			return conflict
		}
	}
	if err := s.replace(ctx, "swap", name, data, current); !errors.Is(err, errTaken) {
		return err
	}
	return conflict
}

// Set implements [store.Store].
func (s *Store) Set(ctx context.Context, name string, data []byte) error {
	if err := s.check(ctx, name, data); err != nil {
		return err
	}
	own := []string{rand.Text()[:13]}
	err := s.try(ctx, func(ctx context.Context, w *watch) error {
		err := s.write(ctx, name, data, condition{any: true, writers: own, w: w})
		if reason := namesDirectory(err); reason != "" {
			return &store.NameError{Name: name, Reason: reason}
		}
		return err
	})
	return s.failed("set", name, err)
}

// List implements [store.Store].
func (s *Store) List(ctx context.Context, prefix string) ([]string, error) {
	if err := errors.Join(ctx.Err(), store.CheckPrefix(prefix)); err != nil {
		return nil, err
	}
	in := &api.ListObjectsV2Input{Bucket: &s.bucket, Prefix: s.key(prefix)}
	var names []string
	for {
		var page *api.ListObjectsV2Output
		err := s.try(ctx, func(ctx context.Context, w *watch) (err error) {
			page, err = s.client.ListObjectsV2(ctx, in)
			return err
		})
		if err != nil {
			return nil, s.failed("list", prefix, err)
		}
		skip := false
		for _, o := range page.Contents {
			name := strings.TrimPrefix(aws.ToString(o.Key), s.prefix)
			if skip = strings.HasPrefix(name, objects); skip {
				break
			}
			if store.CheckName(name) == nil { // not the marker, nor what others put there
				names = append(names, name)
			}
		}
		switch {
		case skip: // there may be millions of them
			in.StartAfter, in.ContinuationToken = s.key(objects+"~"), nil
		case aws.ToBool(page.IsTruncated):
			in.StartAfter, in.ContinuationToken = nil, page.NextContinuationToken
		default:
			slices.Sort(names)
			return names, nil
		}
	}
}

// check refuses what cannot be under a name.
func (s *Store) check(ctx context.Context, name string, data []byte) error {
	if err := errors.Join(ctx.Err(), store.CheckName(name)); err != nil {
		return err
	}
	if len(s.prefix)+len(name) > maxKey {
		return &store.NameError{Name: name, Reason: fmt.Sprintf("is, with the store's prefix, longer than %d bytes", maxKey)}
	}
	if len(data) > store.MaxNamed {
		return &store.Error{Op: "write", Object: name, Kind: store.ErrTooLarge}
	}
	return nil
}

// entry is what stands under a key. Its data may be left out.
type entry struct {
	data    []byte
	etag    string // empty where nothing stands there
	writers []string
}

// read returns all that stands under a name.
func (s *Store) read(ctx context.Context, name string) (entry, error) {
	var out entry
	err := s.try(ctx, func(ctx context.Context, w *watch) (err error) {
		out, err = s.readOnce(ctx, name, w)
		return err
	})
	return out, s.failed("read", name, err)
}

func (s *Store) readOnce(ctx context.Context, name string, w *watch) (entry, error) {
	got, err := s.client.GetObject(ctx, &api.GetObjectInput{Bucket: &s.bucket, Key: s.key(name), ChecksumMode: types.ChecksumModeEnabled})
	if err != nil {
		return entry{}, err
	}
	defer got.Body.Close()
	s.answers.Store(true)
	if aws.ToInt64(got.ContentLength) > store.MaxNamed {
		return entry{}, &store.Error{Op: "read", Object: name, Kind: store.ErrTooLarge}
	}
	var buf bytes.Buffer
	n, err := io.Copy(&buf, io.TeeReader(io.LimitReader(got.Body, store.MaxNamed+1), counting{w}))
	if err != nil {
		return entry{}, again{err}
	}
	if want := got.ContentLength; want != nil && n != *want {
		return entry{}, again{io.ErrUnexpectedEOF}
	}
	return entry{data: buf.Bytes(), etag: aws.ToString(got.ETag), writers: writersOf(got.Metadata)}, nil
}

// counting tells a watch of bytes that came.
type counting struct{ w *watch }

func (c counting) Write(p []byte) (int, error) {
	c.w.moved.Add(int64(len(p)))
	return len(p), nil
}

func writersOf(metadata map[string]string) []string {
	return strings.FieldsFunc(metadata[writers], func(r rune) bool { return r == ',' })
}

// replace writes data under a name in place of an entry that stands there.
// errTaken says that another writer was first.
//
// A try that was not answered clearly may have written all the same; so what
// stands there is read back before another one, and before errTaken.
func (s *Store) replace(ctx context.Context, op, name string, data []byte, old entry) error {
	own, open := rand.Text()[:13], false
	chain := append([]string{own}, old.writers[:min(len(old.writers), maxWriters-1)]...)
	err := s.try(ctx, func(ctx context.Context, w *watch) error {
		err := s.write(ctx, name, data, condition{etag: old.etag, writers: chain, w: w})
		switch {
		case err == nil:
			return nil
		case namesDirectory(err) != "":
			return &store.NameError{Name: name, Reason: namesDirectory(err)}
		case !refused(err) && !transient(err) && !missing(err): // missing: what was to be replaced is gone
			return err
		}
		open = open || unclear(err)
		now, rerr := s.stands(ctx, name, data)
		switch {
		case rerr != nil && refused(err) && !open && !transient(rerr):
			return errTaken // it says so, and may not be read
		case rerr != nil:
			return again{errors.Join(err, rerr)}
		case slices.Contains(now.writers, own), len(now.writers) == 0 && open && bytes.Equal(now.data, data) && now.etag != "":
			return nil
		case now.etag == old.etag:
			return again{err} // as it was before
		case open && old.etag != "" && !descends(now, old):
			return unavailable(op, name, fmt.Errorf("another write stands there, perhaps after this one: %w", err))
		}
		return errTaken
	})
	if errors.Is(err, errTaken) {
		return errTaken
	}
	return s.failed(op, name, err)
}

// descends reports whether one entry is known to come of another, by which
// writes those between them were.
func descends(now, old entry) bool {
	return len(old.writers) > 0 && slices.Contains(now.writers, old.writers[0])
}

// condition is what must stand under a key that is written, and who wrote it.
type condition struct {
	any     bool // whatever it is
	etag    string
	writers []string
	w       *watch
}

func (s *Store) write(ctx context.Context, name string, data []byte, c condition) error {
	sum := sha256.Sum256(data)
	in := &api.PutObjectInput{Bucket: &s.bucket, Key: s.key(name), Body: sent{bytes.NewReader(data), c.w}, ContentLength: aws.Int64(int64(len(data))),
		ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum[:])), Metadata: map[string]string{writers: strings.Join(c.writers, ",")}}
	switch {
	case c.any:
	case c.etag == "":
		in.IfNoneMatch = aws.String("*")
	default:
		in.IfMatch = &c.etag
	}
	_, err := s.client.PutObject(ctx, in)
	return err
}

// stands reads back what stands under a name: its data only where nothing
// else says whose it is and its size is that of the data.
func (s *Store) stands(ctx context.Context, name string, data []byte) (entry, error) {
	w := s.watch(ctx)
	defer w.stop()
	head, err := s.client.HeadObject(w.ctx, &api.HeadObjectInput{Bucket: &s.bucket, Key: s.key(name)})
	if missing(err) {
		return entry{}, nil
	}
	if err != nil {
		return entry{}, w.explain(err)
	}
	e := entry{etag: aws.ToString(head.ETag), writers: writersOf(head.Metadata)}
	if len(e.writers) > 0 || aws.ToInt64(head.ContentLength) != int64(len(data)) {
		return e, nil
	}
	e, err = s.readOnce(w.ctx, name, w)
	return e, w.explain(err)
}

// namesDirectory says why a service whose keys are files refuses a name.
func namesDirectory(err error) string {
	switch {
	case statusOf(err) != http.StatusConflict:
		return ""
	case codeOf(err) == "ExistingObjectIsDirectory":
		return "is a directory of other names"
	case codeOf(err) == "ObjectParentIsFile":
		return "lies below another name"
	}
	return ""
}
