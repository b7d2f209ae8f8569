package s3_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/s3"
	"github.com/mlpdev/mlp/pkg/store/s3/s3test"
	"github.com/mlpdev/mlp/pkg/store/storetest"
)

// TestStoreUnderFaults: with every third request going wrong, the store keeps
// all that the suite asks of one.
func TestStoreUnderFaults(t *testing.T) {
	server := s3test.Start(t)
	var all sync.WaitGroup // they mostly wait: more at once than processors
	defer all.Wait()
	for _, fault := range []s3test.Fault{s3test.Unavailable, s3test.Failed, s3test.Dropped, s3test.Lost, s3test.Cut, s3test.FlippedRequest} {
		all.Go(func() {
			t.Run(fault.String(), func(t *testing.T) {
				var n, stores atomic.Int32
				proxy := s3test.NewProxy(t, server, func(int, *http.Request) s3test.Fault {
					return on(n.Add(1)%3 == 0, fault)
				})
				storetest.Run(t, func(t *testing.T) store.Store {
					return open(t, fmt.Sprintf("%s/%d", fault, stores.Add(1)), s3.Options{Endpoint: proxy.Endpoint})
				})
			})
		})
	}
}

// TestAlwaysBroken: what never works ends in a clear error in less than a
// minute.
func TestAlwaysBroken(t *testing.T) {
	server := s3test.Start(t)
	tests := []struct {
		fault s3test.Fault
		want  string
	}{
		{s3test.Unavailable, "answers 503"},
		{s3test.Dropped, "EOF"},
		{s3test.Silent, "stands still"},
		{s3test.Slow, "stands still"},
	}
	good := open(t, "broken", s3.Options{Endpoint: server.Endpoint})
	name := "log/local/1"
	if err := good.Create(t.Context(), name, []byte(strings.Repeat("long ", 10_000))); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	defer all.Wait()
	for _, test := range tests {
		proxy := s3test.NewProxy(t, server, func(int, *http.Request) s3test.Fault { return test.fault })
		s := reopen(t, good, s3.Options{Endpoint: proxy.Endpoint})
		operations := map[string]func() error{"read": func() error { _, err := s.Read(t.Context(), name); return err }}
		if test.fault != s3test.Slow { // that concerns answers with a body
			operations["put"] = func() error { return s.Put(t.Context(), digest.Of([]byte("fresh")), strings.NewReader("fresh")) }
			operations["create"] = func() error { return s.Create(t.Context(), "log/local/2", nil) }
		}
		for op, do := range operations {
			all.Go(func() {
				begin := time.Now()
				err := do()
				if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s, %s: error %v, want ErrUnavailable with %q", test.fault, op, err, test.want)
				}
				if took := time.Since(begin); took > time.Minute {
					t.Errorf("%s, %s: it took %s", test.fault, op, took)
				}
			})
		}
	}
}

// TestFlippedAnswers: no wrong byte is ever taken for a right one.
func TestFlippedAnswers(t *testing.T) {
	server := s3test.Start(t)
	good := open(t, "flipped", s3.Options{Endpoint: server.Endpoint})
	data := strings.Repeat("right", 1000)
	d := digest.Of([]byte(data))
	if err := errors.Join(good.Put(t.Context(), d, strings.NewReader(data)), good.Create(t.Context(), "n", []byte(data))); err != nil {
		t.Fatal(err)
	}
	flips := 1 << 30
	proxy := s3test.NewProxy(t, server, func(int, *http.Request) s3test.Fault {
		flips--
		return on(flips >= 0, s3test.FlippedAnswer)
	})
	s := reopen(t, good, s3.Options{Endpoint: proxy.Endpoint, Budget: time.Millisecond})
	r, err := s.Get(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadAll(r); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("Get: %v, want ErrCorrupt", err)
	}
	if _, err := s.Read(t.Context(), "n"); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("Read: %v, want ErrCorrupt", err)
	}
	flips = 2 // on their way, not where they are kept
	if got, err := s.Read(t.Context(), "n"); string(got) != data {
		t.Errorf("Read after two flips: %d bytes, %v", len(got), err)
	}
}

// TestBrokenDownload: a large object comes whole over connections that break.
func TestBrokenDownload(t *testing.T) {
	server := s3test.Start(t)
	good := open(t, "large", s3.Options{Endpoint: server.Endpoint})
	data := strings.Repeat("0123456789abcdef", 1<<19)
	d := digest.Of([]byte(data))
	if err := good.Put(t.Context(), d, strings.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	proxy := s3test.NewProxy(t, server, func(n int, _ *http.Request) s3test.Fault {
		return on(n <= 4, s3test.Cut)
	})
	r, err := reopen(t, good, s3.Options{Endpoint: proxy.Endpoint}).Get(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); string(got) != data {
		t.Errorf("%d of %d bytes, %v", len(got), len(data), err)
	}
	if n := len(proxy.Requests()); n != 5 {
		t.Errorf("%d requests, want one and four for the rest", n)
	}
}

// TestLargeUpload: an object of more than 64 MB goes in parts, whatever happens
// to some of them; what was begun and not finished is cleaned up.
func TestLargeUpload(t *testing.T) {
	server := s3test.Start(t)
	good := open(t, "parts", s3.Options{Endpoint: server.Endpoint})
	tests := []struct {
		name  string
		fault func(n int, r *http.Request) s3test.Fault
	}{
		{"no fault", nil},
		{"bits flip", func(n int, r *http.Request) s3test.Fault {
			return on(n%3 == 0 && r.Method == http.MethodPut, s3test.FlippedRequest)
		}},
		{"answers are lost", func(n int, _ *http.Request) s3test.Fault { return on(n%3 == 0, s3test.Lost) }},
		{"the end is answered wrongly", func(_ int, r *http.Request) s3test.Fault {
			return on(r.Method == http.MethodPost && r.URL.Query().Has("uploadId"), s3test.Failed)
		}},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			data := bytes.Repeat([]byte{byte(i), 1, 2, 3, 4, 5, 6}, 10<<20)
			d := digest.Of(data)
			proxy := s3test.NewProxy(t, server, test.fault)
			if err := reopen(t, good, s3.Options{Endpoint: proxy.Endpoint}).Put(t.Context(), d, bytes.NewReader(data)); err != nil {
				t.Fatal(err)
			}
			sent := strings.Join(proxy.Requests(), "\n")
			if !strings.Contains(sent, "partNumber=5") {
				t.Errorf("it did not go in parts:\n%s", sent)
			}
			r, err := good.Get(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if n, err := io.Copy(io.Discard, r); n != int64(len(data)) || err != nil {
				t.Errorf("read %d of %d bytes, %v", n, len(data), err)
			}
		})
	}
}

func on(hit bool, fault s3test.Fault) s3test.Fault {
	if hit {
		return fault
	}
	return s3test.None
}

// TestFreshObjectIsMissing: a write that was executed and not answered is known
// by what stands there, also where that is not seen at once.
func TestFreshObjectIsMissing(t *testing.T) {
	server := s3test.Start(t)
	good := open(t, "fresh", s3.Options{Endpoint: server.Endpoint})
	proxy := s3test.NewProxy(t, server, func(n int, r *http.Request) s3test.Fault {
		switch {
		case n == 1:
			return s3test.Lost
		case n < 6 && r.Method == http.MethodHead:
			return s3test.NotFound
		}
		return s3test.None
	})
	s := reopen(t, good, s3.Options{Endpoint: proxy.Endpoint})
	if err := s.Create(t.Context(), "n", []byte("mine")); err != nil {
		t.Errorf("Create: %v", err)
	}
	if err := s.Create(t.Context(), "n", []byte("mine")); !errors.Is(err, store.ErrExist) {
		t.Errorf("second Create: %v, want ErrExist", err)
	}
}

// reopen opens a store again, in another way.
func reopen(t *testing.T, s *s3.Store, o s3.Options) *s3.Store {
	t.Helper()
	again, err := s3.Open(s.Location(), o)
	if err != nil {
		t.Fatal(err)
	}
	return again
}
