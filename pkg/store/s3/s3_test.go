package s3_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/s3"
	"github.com/mlpdev/mlp/pkg/store/s3/s3test"
	"github.com/mlpdev/mlp/pkg/store/storetest"
)

func TestStore(t *testing.T) {
	server := s3test.Start(t)
	var n atomic.Int32
	storetest.Run(t, func(t *testing.T) store.Store {
		return open(t, fmt.Sprintf("team/%d", n.Add(1)), s3.Options{Endpoint: server.Endpoint})
	})
}

func TestParse(t *testing.T) {
	tests := []struct{ location, bucket, prefix string }{
		{"s3://team", "team", ""},
		{"s3://team/a/b-c", "team", "a/b-c"},
		{"s3://t", "", ""}, {"s3://Team", "", ""}, {"s3:///a", "", ""}, {"s3://team/", "", ""}, {"s3://team//a", "", ""},
		{"s3://team/a/../b", "", ""}, {"s3://team/a b", "", ""}, {"file:/tmp", "", ""},
	}
	for _, test := range tests {
		bucket, prefix, err := s3.Parse(test.location)
		if bucket != test.bucket || prefix != test.prefix || (err == nil) != (test.bucket != "") {
			t.Errorf("Parse(%q) = %q, %q, %v", test.location, bucket, prefix, err)
		}
	}
}

// TestPolicy: no role may write where it only reads, and all may list what they
// read.
func TestPolicy(t *testing.T) {
	const bucket = "arn:aws:s3:::b"
	tests := []struct {
		role string
		may  map[string]string // action: resources
	}{
		{"builder", map[string]string{"s3:GetObject": bucket + "/p/*", "s3:PutObject": bucket + "/p/*", "s3:AbortMultipartUpload": bucket + "/p/*", "s3:ListBucket": bucket}},
		{"site", map[string]string{"s3:GetObject": bucket + "/p/log/* " + bucket + "/p/objects/*", "s3:PutObject": bucket + "/p/receipts/*", "s3:ListBucket": bucket}},
		{"reporter", map[string]string{"s3:GetObject": bucket + "/p/inbox/*", "s3:PutObject": bucket + "/p/inbox/*", "s3:ListBucket": bucket}},
	}
	for _, test := range tests {
		text, err := s3.Policy("s3://b-1/p", test.role)
		if err != nil {
			t.Fatal(err)
		}
		var policy struct {
			Statement []struct{ Action, Resource []string }
		}
		if err := json.Unmarshal([]byte(text), &policy); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, s := range policy.Statement {
			for _, action := range s.Action {
				got[action] = strings.ReplaceAll(strings.Join(s.Resource, " "), "b-1", "b")
			}
		}
		if !maps.Equal(got, test.may) {
			t.Errorf("%s: %v, want %v", test.role, got, test.may)
		}
	}
	if _, err := s3.Policy("s3://b-1/p", "nobody"); err == nil {
		t.Error("a role that is none has a policy")
	}
}

// TestRefusals: what a user can put right comes at once, and says how.
func TestRefusals(t *testing.T) {
	server := s3test.Start(t)
	tests := []struct {
		name, location, variable, value string
		want, hint                      string
	}{
		{"no bucket", "s3://not-there/x", "", "", "404 NoSuchBucket", "make the bucket"},
		{"no key", "s3://" + s3test.Bucket, "AWS_ACCESS_KEY_ID", "", "no credentials for s3://" + s3test.Bucket, "AWS_PROFILE"},
		{"unknown key", "s3://" + s3test.Bucket, "AWS_ACCESS_KEY_ID", "stranger", "UserNotFound", "AWS_PROFILE"},
		{"wrong secret", "s3://" + s3test.Bucket, "AWS_SECRET_ACCESS_KEY", "wrong", "SignatureDoesNotMatch", "AWS_PROFILE"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.variable != "" {
				t.Setenv(test.variable, test.value)
			}
			s, err := s3.Open(test.location, s3.Options{Endpoint: server.Endpoint, Budget: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Read(t.Context(), "n")
			var hinted interface{ Hint() string }
			if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Read: %v, want %q", err, test.want)
			} else if !errors.As(err, &hinted) || !strings.Contains(hinted.Hint(), test.hint) {
				t.Errorf("Read: %v has no hint with %q", err, test.hint)
			}
			if found, err := s.Has(t.Context(), digest.Of(nil)); found || !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("Has = %v, %v, want ErrUnavailable", found, err)
			}
		})
	}
}

// open returns a store of its own below a prefix.
func open(t testing.TB, prefix string, o s3.Options) *s3.Store {
	t.Helper()
	s, err := s3.Init(t.Context(), "s3://"+s3test.Bucket+"/"+prefix, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
