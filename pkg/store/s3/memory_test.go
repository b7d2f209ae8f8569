package s3_test

import (
	"io"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store/s3"
	"github.com/mlpdev/mlp/pkg/store/s3/s3test"
)

// TestMemory: many large objects that go up and come down at once need no more
// memory than a few of them.
func TestMemory(t *testing.T) {
	const objects, size, most = 12, 80 << 20, 100 << 20
	server := s3test.Start(t)
	// What earlier tests left is not of this one; near the limit garbage goes.
	runtime.GC()
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(most))
	s := open(t, "memory", s3.Options{Endpoint: server.Endpoint})
	done, peak := make(chan struct{}), make(chan uint64)
	go func() {
		var m runtime.MemStats
		var highest uint64
		for {
			runtime.ReadMemStats(&m)
			highest = max(highest, m.HeapAlloc)
			select {
			case <-done:
				peak <- highest
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	var all sync.WaitGroup
	for i := range objects {
		all.Go(func() {
			d, _, err := digest.OfReader(io.LimitReader(pattern(i), size))
			if err == nil {
				err = s.Put(t.Context(), d, io.LimitReader(pattern(i), size))
			}
			if err != nil {
				t.Error(err)
				return
			}
			r, err := s.Get(t.Context(), d)
			if err != nil {
				t.Error(err)
				return
			}
			defer r.Close()
			if n, err := io.Copy(io.Discard, r); n != size || err != nil {
				t.Errorf("read %d bytes, %v", n, err)
			}
		})
	}
	all.Wait()
	close(done)
	if got := <-peak; got > most {
		t.Errorf("%d MB of memory, want at most %d", got>>20, most>>20)
	} else {
		t.Logf("%d MB of memory for %d objects of %d MB", got>>20, objects, size>>20)
	}
}

// pattern is an endless text of one character.
type pattern byte

func (p pattern) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(p)
	}
	return len(b), nil
}
