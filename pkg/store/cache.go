package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store/disk"
)

// pather is a store whose objects are files.
type pather interface {
	// Path returns where the file of an object is, there or not.
	Path(d digest.Digest) string
}

const (
	cached    = "sha256-" // begins the name of a copy
	inUse     = "+use-"   // begins the name of a process's directory
	beginning = "+new-"   // begins its name until its lock is held
	beginTime = time.Hour // by when it has its name, or its process was killed
	useLock   = "lock"    // in it, held while the process lives
	trimmed   = 10        // a full cache is emptied by this part
)

// Cache keeps files with the bytes of objects for programs that read files.
// Where the store's objects are files it is not needed and stays empty.
// Processes may share its directory: what one uses is linked into a directory
// of its own, so another one that makes room takes nothing from it.
type Cache struct {
	dir string
	max int64

	mu   sync.Mutex
	own  string // this process's directory; empty until it is needed
	lock *disk.Lock
	size int64 // of what is in the cache, as far as this process knows
}

// NewCache returns a cache in a directory, which is made when it is needed. It
// holds up to max bytes, beside what processes use at the time: what was not
// used for the longest time goes first.
func NewCache(dir string, max int64) *Cache { return &Cache{dir: dir, max: max} }

// Path returns the path of a local file that holds the object d, its bytes
// verified by this call: the object's own file, never to be written to, where
// the store has one (a method Path(digest.Digest) string); else a copy, which
// stands until Close.
func (c *Cache) Path(ctx context.Context, s Store, d digest.Digest) (string, error) {
	if p, ok := s.(pather); ok && p.Path(d) != "" {
		r, err := s.Get(ctx, d)
		if err != nil {
			return "", err
		}
		defer r.Close()
		return p.Path(d), Copy(ctx, io.Discard, r, d)
	}
	if err := c.open(); err != nil {
		return "", fmt.Errorf("cache %s: %w", d, err)
	}
	path := filepath.Join(c.own, cached+d.Hex())
	kept := filepath.Join(c.dir, cached+d.Hex())
	err := os.Link(kept, path)
	if (err == nil || errors.Is(err, fs.ErrExist)) && holds(path, d) {
		now := time.Now()
		// When it was used decides what goes first, no more.
		_ = os.Chtimes(kept, now, now)
		return path, nil
	}
	size, err := c.fetch(ctx, s, d, path)
	if err != nil {
		return "", err
	}
	return path, c.keep(path, kept, size)
}

// Take moves a file that was stored as the object d into the cache, so that it
// need not be fetched; where the store has it as a file, it is removed.
func (c *Cache) Take(s Store, d digest.Digest, path string) error {
	p, ok := s.(pather)
	if ok && p.Path(d) != "" || c.open() != nil {
		return os.Remove(path)
	}
	info, err := os.Stat(path)
	kept := filepath.Join(c.dir, cached+d.Hex())
	if err != nil || os.Link(path, kept) != nil { // on another disk, or there already
		return os.Remove(path)
	}
	return errors.Join(os.Chmod(kept, 0o444), c.grown(info.Size()), os.Remove(path))
}

// Close gives back what this process uses. It is no error where nothing is.
func (c *Cache) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own == "" {
		return nil
	}
	err := errors.Join(os.RemoveAll(c.own), c.lock.Release())
	c.own = ""
	return err
}

// open makes this process's directory, and removes those of dead processes.
func (c *Cache) open() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own != "" {
		return nil
	}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		late := err == nil && strings.HasPrefix(e.Name(), beginning) && time.Since(info.ModTime()) > beginTime
		if late || strings.HasPrefix(e.Name(), inUse) {
			sweep(filepath.Join(c.dir, e.Name()))
		}
	}
	if c.size, err = c.trim(); err != nil {
		return err
	}
	// Until the lock is held another process would sweep the directory.
	name := rand.Text()
	start, own := filepath.Join(c.dir, beginning+name), filepath.Join(c.dir, inUse+name)
	if err := os.Mkdir(start, 0o755); err != nil {
		return err
	}
	lock, err := disk.Acquire(context.Background(), filepath.Join(start, useLock))
	if err != nil {
		return err
	}
	if err := os.Rename(start, own); err != nil {
		return errors.Join(err, lock.Release())
	}
	c.own, c.lock = own, lock
	return nil
}

// sweep removes a directory whose process does not live.
func sweep(dir string) {
	lock, err := disk.TryAcquire(filepath.Join(dir, useLock))
	if err != nil || lock == nil {
		return
	}
	os.RemoveAll(dir)
	lock.Release()
}

// fetch writes an object to a file of this process.
func (c *Cache) fetch(ctx context.Context, s Store, d digest.Digest, path string) (n int64, err error) {
	r, err := s.Get(ctx, d)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	temp, err := disk.NewTemp(c.own)
	if err != nil {
		return 0, fmt.Errorf("cache %s: %w", d, err)
	}
	defer func() { err = errors.Join(err, temp.Close()) }()
	if n, err = io.Copy(temp, &source{ctx: ctx, r: r}); err != nil {
		return 0, fmt.Errorf("cache %s: %w", d, err)
	}
	if err := temp.Rename(path); err != nil {
		return 0, fmt.Errorf("cache %s: %w", d, err)
	}
	return n, nil
}

// keep lets other processes have a file, in place of a damaged one.
func (c *Cache) keep(path, kept string, size int64) error {
	err := os.Link(path, kept)
	if errors.Is(err, fs.ErrExist) {
		if err = os.Remove(kept); err == nil || errors.Is(err, fs.ErrNotExist) {
			err = os.Link(path, kept)
		}
	}
	// Another process may be faster, and another fetch of the same object may
	// replace the file at this very time.
	if err != nil && !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cache: %w", err)
	}
	return c.grown(size)
}

// grown counts what came, and makes room where it is too much.
func (c *Cache) grown(size int64) (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.size += size; c.size > c.max {
		c.size, err = c.trim()
	}
	return err
}

// trim removes what was not used for the longest time where the cache is too
// large, and returns its size. What others have removed meanwhile is no error.
func (c *Cache) trim() (int64, error) {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return 0, fmt.Errorf("cache: %w", err)
	}
	var files []fs.FileInfo
	var size int64
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), cached) {
			files = append(files, info)
			size += info.Size()
		}
	}
	if size <= c.max {
		return size, nil
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, f := range files {
		if size <= c.max-c.max/trimmed {
			break
		}
		if err := os.Remove(filepath.Join(c.dir, f.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return size, fmt.Errorf("cache: %w", err)
		}
		size -= f.Size()
	}
	return size, nil
}

// holds reports whether a file has these bytes; a damaged one is fetched anew.
func holds(path string, d digest.Digest) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	got, _, err := digest.OfReader(f)
	return err == nil && got == d
}
