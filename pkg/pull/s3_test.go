package pull

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/s3"
	"github.com/mlpdev/mlp/pkg/store/s3/s3test"
)

// TestRequests counts what a site of 70 models asks of a bucket.
func TestRequests(t *testing.T) {
	server := s3test.Start(t)
	proxy := s3test.NewProxy(t, server, nil)
	location := "s3://" + s3test.Bucket + "/fleet"
	team, err := s3.Init(t.Context(), location, s3.Options{Endpoint: server.Endpoint})
	if err != nil {
		t.Fatal(err)
	}
	first := publishMany(t, team, 0)
	site, err := s3.Open(location, s3.Options{Endpoint: proxy.Endpoint})
	if err != nil {
		t.Fatal(err)
	}
	o := options(t, t.TempDir(), site)
	o.Name = "east-1"
	o.Site.Floor = &specpb.Floor{Number: first.Record.Number, Digest: first.Digest.String()}
	artifacts := len(first.Record.Artifacts)

	mustPull(t, o)
	wantRequests(t, proxy, "cold", artifacts+3, 1)
	mustPull(t, o)
	wantRequests(t, proxy, "nothing new", 1, 0)
	second := publishMany(t, team, 1)
	mustPull(t, o)
	wantRuns(t, o.Dir, second)
	wantRequests(t, proxy, "one changed model", 3+1, 1)
	mustPull(t, o)
	wantRequests(t, proxy, "nothing new after a change", 1, 0)

	// After an hour the receipt is renewed, and the running record looked for.
	now := o.Now().Add(time.Hour)
	o.Now = func() time.Time { return now }
	mustPull(t, o)
	wantRequests(t, proxy, "an hour later", 2+1, 1)
}

// TestForbiddenIsNotMissing: where a role may not list, S3 answers 403 for the
// record after the newest one. That is an error, and never "nothing new".
func TestForbiddenIsNotMissing(t *testing.T) {
	server := s3test.Start(t)
	location := "s3://" + s3test.Bucket + "/forbidden"
	team, err := s3.Init(t.Context(), location, s3.Options{Endpoint: server.Endpoint})
	if err != nil {
		t.Fatal(err)
	}
	first := publish(t, team, parts{"a": "model a"})
	o := options(t, t.TempDir(), team)
	o.Name = "east-1"
	mustPull(t, o)
	proxy := s3test.NewProxy(t, server, func(_ int, r *http.Request) s3test.Fault {
		if strings.HasSuffix(r.URL.Path, "/log/local/0000000002") {
			return s3test.Forbidden
		}
		return s3test.None
	})
	if o.Store, err = s3.Open(location, s3.Options{Endpoint: proxy.Endpoint}); err != nil {
		t.Fatal(err)
	}
	_, err = Run(t.Context(), o)
	var hinted interface{ Hint() string }
	if !errors.Is(err, store.ErrUnavailable) || !errors.As(err, &hinted) || !strings.Contains(hinted.Hint(), "s3:ListBucket") {
		t.Errorf("%v, want ErrUnavailable with a hint of s3:ListBucket", err)
	}
	wantRuns(t, o.Dir, first)
}

// wantRequests compares the number of requests since the last time, in all and
// for receipts.
func wantRequests(t *testing.T, proxy *s3test.Proxy, what string, all, receipts int) {
	t.Helper()
	requests := proxy.Requests()
	got := 0
	for _, r := range requests {
		if strings.Contains(r, "/receipts/") {
			got++
		}
	}
	if len(requests) != all || got != receipts {
		t.Errorf("%s: %d requests, %d of them for receipts, want %d and %d:\n%s", what, len(requests), got, all, receipts, strings.Join(requests, "\n"))
	}
}

// publishMany appends a release of 70 models, the first of which is of a
// version.
func publishMany(t *testing.T, s store.Store, version int) release.Entry {
	t.Helper()
	e, err := newLog(t, s).Append(t.Context(), release.Draft{Signer: newKey(t, "alice"), Build: func(int64, digest.Digest) (release.Record, error) {
		r := build(t, s, parts{"a": "model a"})
		for i := range 69 {
			bytes := fmt.Sprintf("model %d", i)
			if i == 0 {
				bytes += fmt.Sprint(" version ", version)
			}
			m := r.Models[0]
			m.Name, m.Artifact = fmt.Sprintf("m%d", i), release.ModelFile.Name(fmt.Sprintf("m%d.onnx", i))
			r.Models = append(r.Models, m)
			r.Artifacts = append(r.Artifacts, artifact(t, s, m.Artifact, release.ModelFile, bytes))
		}
		return r, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}
