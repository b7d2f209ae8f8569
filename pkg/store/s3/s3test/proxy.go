package s3test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Fault says how a request goes wrong.
type Fault int

const (
	// None: it does not.
	None Fault = iota
	// Unavailable: it is answered with 503 and not passed on.
	Unavailable
	// Failed: it is executed and answered with 500.
	Failed
	// Dropped: the connection ends before the request is passed on.
	Dropped
	// Lost: it is executed, and the connection ends without an answer.
	Lost
	// Cut: half of the answer's body comes, then the connection ends.
	Cut
	// FlippedRequest, FlippedAnswer: one bit of the body is another one.
	FlippedRequest
	FlippedAnswer
	// Slow: the answer's body comes byte by byte, fifty a second.
	Slow
	// NotFound: it is answered with 404 and not passed on.
	NotFound
	// Forbidden: it is answered with 403 and not passed on, as S3 does for a key
	// that is missing where the role may not list.
	Forbidden
	// Silent: nothing is answered while the client waits.
	Silent
)

// String returns the name of the constant.
func (f Fault) String() string {
	return [...]string{"None", "Unavailable", "Failed", "Dropped", "Lost", "Cut", "FlippedRequest", "FlippedAnswer", "Slow", "NotFound", "Forbidden", "Silent"}[f]
}

// Proxy stands before a server, counts what goes through and breaks it.
type Proxy struct {
	// Endpoint is its URL.
	Endpoint string

	upstream *url.URL
	fault    func(n int, r *http.Request) Fault
	mu       sync.Mutex
	requests []string
}

// NewProxy starts a proxy until the test ends. fault says how the n-th request,
// counted from 1, goes wrong; nil: none does.
func NewProxy(t testing.TB, s *Server, fault func(n int, r *http.Request) Fault) *Proxy {
	t.Helper()
	upstream, err := url.Parse(s.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{upstream: upstream, fault: fault}
	server := httptest.NewServer(p)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	p.Endpoint = server.URL
	return p
}

// Requests returns the requests that came, as "GET /bucket/key", and forgets
// them.
func (p *Proxy) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.requests
	p.requests = nil
	return out
}

// next counts a request and returns its fault.
func (p *Proxy) next(r *http.Request) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, r.Method+" "+r.URL.RequestURI())
	if p.fault == nil {
		return None
	}
	return p.fault(len(p.requests), r)
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault := p.next(r)
	switch fault {
	case Unavailable:
		answer(w, http.StatusServiceUnavailable, "SlowDown")
		return
	case NotFound:
		answer(w, http.StatusNotFound, "NoSuchKey")
		return
	case Forbidden:
		answer(w, http.StatusForbidden, "AccessDenied")
		return
	case Dropped:
		panic(http.ErrAbortHandler)
	case Silent:
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		return
	}
	response, err := p.forward(r, fault == FlippedRequest)
	if err != nil || fault == Lost {
		panic(http.ErrAbortHandler)
	}
	defer response.Body.Close()
	if fault == Failed {
		answer(w, http.StatusInternalServerError, "InternalError")
		return
	}
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.StatusCode)
	pass(w, r, response, fault)
}

// forward executes a request, also where the client goes away meanwhile.
func (p *Proxy) forward(r *http.Request, flip bool) (*http.Response, error) {
	out := r.Clone(context.WithoutCancel(r.Context()))
	out.URL.Scheme, out.URL.Host, out.RequestURI = p.upstream.Scheme, p.upstream.Host, ""
	out.Header.Del("Expect")
	if flip && r.ContentLength > 0 {
		out.Body = &flipping{ReadCloser: r.Body}
	}
	return http.DefaultTransport.RoundTrip(out)
}

// pass sends the body of an answer on.
func pass(w http.ResponseWriter, r *http.Request, response *http.Response, fault Fault) {
	switch fault {
	case Cut:
		if n := response.ContentLength; n > 0 && r.Method != http.MethodHead {
			io.CopyN(w, response.Body, n/2)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	case FlippedAnswer:
		io.Copy(w, &flipping{ReadCloser: response.Body})
	case Slow:
		for r.Context().Err() == nil {
			if _, err := io.CopyN(w, response.Body, 1); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			time.Sleep(time.Second / 50)
		}
	default:
		io.Copy(w, response.Body)
	}
}

func answer(w http.ResponseWriter, status int, name string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>made by a test</Message></Error>", name)
}

// flipping changes the lowest bit of the first byte.
type flipping struct {
	io.ReadCloser
	done bool
}

func (f *flipping) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	if n > 0 && !f.done {
		p[0] ^= 1
		f.done = true
	}
	return n, err
}
