package s3

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/s3"
)

// Scratch reads and writes objects below a URL that others write, too: Spark
// calls it s3a://BUCKET/PREFIX. Nothing in it is part of a store.
type Scratch struct {
	s    *Store
	root string // what a URL begins with, up to the key
}

// OpenScratch returns the scratch at a URL. Credentials, region and endpoint are
// those of a store. It makes no request.
func OpenScratch(url string, o Options) (*Scratch, error) {
	scheme, rest, ok := strings.Cut(url, "://")
	bucket, _, _ := strings.Cut(rest, "/")
	if !ok || scheme != "s3a" && scheme != "s3" || bucket == "" {
		return nil, fmt.Errorf("scratch %q: want s3a://BUCKET/PREFIX", url)
	}
	s, err := Open(Scheme+bucket, o)
	if err != nil {
		return nil, err
	}
	return &Scratch{s: s, root: scheme + "://" + bucket + "/"}, nil
}

// key returns the key that a URL names.
func (c *Scratch) key(url string) (*string, error) {
	key, ok := strings.CutPrefix(url, c.root)
	if !ok || key == "" {
		return nil, fmt.Errorf("%q does not lie in %s", url, c.root)
	}
	return &key, nil
}

// Put writes an object, over one that is there.
func (c *Scratch) Put(ctx context.Context, url string, data []byte) error {
	key, err := c.key(url)
	if err != nil {
		return err
	}
	err = c.s.try(ctx, func(ctx context.Context, _ *watch) error {
		_, err := c.s.client.PutObject(ctx, &api.PutObjectInput{Bucket: &c.s.bucket, Key: key, Body: bytes.NewReader(data)})
		return err
	})
	return c.s.failed("put", url, err)
}

// Get opens an object. One that is not there is an error that wraps
// [fs.ErrNotExist].
func (c *Scratch) Get(ctx context.Context, url string) (io.ReadCloser, error) {
	key, err := c.key(url)
	if err != nil {
		return nil, err
	}
	b := &body{ctx: ctx, s: c.s, key: key, size: -1}
	err = c.s.try(ctx, func(context.Context, *watch) error { return b.open() })
	switch {
	case missing(err):
		return nil, fmt.Errorf("get %s: %w", url, fs.ErrNotExist)
	case err != nil:
		return nil, c.s.failed("get", url, err)
	}
	return b, nil
}

// RemoveAll removes the objects whose URLs begin with url and a slash.
func (c *Scratch) RemoveAll(ctx context.Context, url string) error {
	key, err := c.key(strings.TrimSuffix(url, "/") + "/")
	if err != nil {
		return err
	}
	in := &api.ListObjectsV2Input{Bucket: &c.s.bucket, Prefix: key}
	for {
		var page *api.ListObjectsV2Output
		err := c.s.try(ctx, func(ctx context.Context, _ *watch) (err error) {
			page, err = c.s.client.ListObjectsV2(ctx, in)
			return err
		})
		if err != nil {
			return c.s.failed("list", url, err)
		}
		for _, o := range page.Contents {
			err := c.s.try(ctx, func(ctx context.Context, _ *watch) error {
				_, err := c.s.client.DeleteObject(ctx, &api.DeleteObjectInput{Bucket: &c.s.bucket, Key: o.Key})
				return err
			})
			if err != nil {
				return c.s.failed("remove", url, err)
			}
		}
		if !aws.ToBool(page.IsTruncated) {
			return nil
		}
		in.ContinuationToken = page.NextContinuationToken
	}
}
