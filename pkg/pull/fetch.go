package pull

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/store"
)

// workers is the number of artifacts that are fetched at once.
const workers = 8

// fetcher writes the artifacts of a release into its directory.
type fetcher struct {
	pull *pull
	dir  string
	// have maps digests to files of the running release, which may be damaged.
	have map[digest.Digest]string

	mu     sync.Mutex
	result *Result
}

// fetchAll writes every artifact, in parallel; the first error ends it.
func (p *pull) fetchAll(ctx context.Context, s selection, dir string, result *Result) error {
	f := &fetcher{pull: p, dir: dir, have: map[digest.Digest]string{}, result: result}
	if p.running != nil {
		for _, a := range p.running.Record.Artifacts {
			f.have[a.Digest] = p.running.Path(a.Name)
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan release.Artifact)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for a := range queue {
				if err := f.artifact(ctx, a); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, a := range s.record.Artifacts {
		if ctx.Err() != nil {
			break
		}
		queue <- a
	}
	close(queue)
	wg.Wait()
	return context.Cause(ctx)
}

// artifact writes one artifact: from the running release if it has it, else
// from the store.
func (f *fetcher) artifact(ctx context.Context, a release.Artifact) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := f.pull.step("artifact " + a.Name); err != nil {
		return err
	}
	path := filepath.Join(f.dir, filepath.FromSlash(a.Name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("stage %s: %w", a.Name, err)
	}
	if f.reuse(a, path) {
		return nil
	}
	if err := f.fetch(ctx, a, path); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.result.Fetched++
	f.result.Bytes += a.Size
	if a.Kind == release.ModelFile {
		f.result.ModelsFetched++
	}
	return nil
}

// reuse links the running release's file, if its bytes are right. A damaged
// one is fetched anew, so why it could not be used does not matter.
func (f *fetcher) reuse(a release.Artifact, path string) bool {
	old, ok := f.have[a.Digest]
	if !ok {
		return false
	}
	info, err := os.Lstat(old)
	if err != nil || !info.Mode().IsRegular() || info.Size() != a.Size || os.Link(old, path) != nil {
		return false
	}
	// The link is read, not the old name: that could be replaced in between.
	if d, err := digestOf(path); err == nil && d == a.Digest {
		return true
	}
	os.Remove(path) // the fetch will say so if it is still there
	return false
}

// fetch copies an object from the store, no byte more than is signed.
func (f *fetcher) fetch(ctx context.Context, a release.Artifact, path string) (err error) {
	r, err := f.pull.Store.Get(ctx, a.Digest)
	if errors.Is(err, store.ErrNotExist) {
		return found("artifact %s: %w", a.Name, err)
	}
	if err != nil {
		return fmt.Errorf("fetch %s: %w", a.Name, err)
	}
	defer r.Close()
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o444)
	if err != nil {
		return fmt.Errorf("stage %s: %w", a.Name, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	to := &sink{w: file}
	err = store.Copy(ctx, to, &capped{r: r, left: a.Size, artifact: a}, a.Digest)
	switch {
	case to.err != nil:
		return fmt.Errorf("stage %s: %w", a.Name, to.err)
	case err != nil:
		return fmt.Errorf("artifact %s: %w", a.Name, err)
	}
	if err := file.Sync(); err != nil {
		return fmt.Errorf("stage %s: %w", a.Name, err)
	}
	return nil
}

// sink remembers the error of the local file, so that a full disk is not
// taken for trouble with the store.
type sink struct {
	w   io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.err = err
	return n, err
}

// capped refuses an object that is larger than its signed size.
type capped struct {
	r        io.Reader
	left     int64
	artifact release.Artifact
}

func (c *capped) Read(p []byte) (int, error) {
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.r.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, found("its object %s is larger than the %d bytes that are signed", c.artifact.Digest.Short(), c.artifact.Size)
	}
	return n, err
}

func digestOf(path string) (digest.Digest, error) {
	f, err := os.Open(path)
	if err != nil {
		return digest.Digest{}, err
	}
	defer f.Close()
	d, _, err := digest.OfReader(f)
	return d, err
}
