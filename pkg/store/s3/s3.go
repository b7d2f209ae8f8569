// Package s3 keeps a store in a bucket of S3, or of a service that speaks its
// protocol and honours If-None-Match and If-Match.
//
// Keys are those of a store in a directory, below the prefix of the location:
// PREFIX/objects/sha256/ab/REST and PREFIX/NAME, with the marker PREFIX/+store.
// So a store can be moved from one to the other by copying it.
//
// Every request is tried again, with jitter, until it is answered, refused, or
// a total time has passed. Each write carries a number of its own in its
// metadata; after an answer that leaves open what happened, what stands there
// is read back, and that number tells whose it is.
package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	api "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/logging"

	"github.com/mlpdev/mlp/pkg/store"
)

// Scheme begins the location of every store of this kind.
const Scheme = "s3://"

const (
	marker = "+store"
	// format is what the marker holds.
	format  = "mlp store 1\n"
	maxKey  = 1024
	region  = "us-east-1" // what services other than AWS go by
	dial    = 10 * time.Second
	maxPuts = 8 // objects that are written at once: each may hold maxInMemory bytes
	maxIdle = 64
)

// Options say how patient a store is. Zero values mean what stands there.
type Options struct {
	// Budget is how long a request is tried again: 40 s. The last try may end
	// after it, so that an error comes within a minute.
	Budget time.Duration
	// Stall is how long a connection may carry next to nothing: 15 s.
	Stall time.Duration
	// Endpoint is the service's URL: that of the environment.
	Endpoint string
}

// Store is a store in a bucket.
type Store struct {
	client  *api.Client
	creds   aws.CredentialsProvider
	bucket  string
	prefix  string // empty, or with a slash at its end
	budget  time.Duration
	stall   time.Duration
	puts    chan struct{}
	answers atomic.Bool // the bucket is known to be there
}

// Open returns the store at a location, "s3://bucket" or "s3://bucket/prefix".
// Credentials, region and endpoint are those of the AWS SDK's default chain. It
// makes no request of the store.
func Open(location string, o Options) (*Store, error) {
	bucket, prefix, err := Parse(location)
	if err != nil {
		return nil, err
	}
	if prefix != "" {
		prefix += "/"
	}
	cfg, err := config.LoadDefaultConfig(context.Background(), config.WithHTTPClient(httpClient()), config.WithLogger(logging.Nop{}))
	if err != nil {
		return nil, unavailable("open", location, err)
	}
	s := &Store{creds: cfg.Credentials, bucket: bucket, prefix: prefix, budget: o.Budget, stall: o.Stall, puts: make(chan struct{}, maxPuts)}
	if s.budget == 0 {
		s.budget = 40 * time.Second
	}
	if s.stall == 0 {
		s.stall = 15 * time.Second
	}
	noRegion := false
	s.client = api.NewFromConfig(cfg, func(c *api.Options) {
		c.Retryer = aws.NopRetryer{} // see try
		if o.Endpoint != "" {
			c.BaseEndpoint = &o.Endpoint
		}
		if c.BaseEndpoint != nil {
			c.UsePathStyle = true // few other services have a name for each bucket
			if c.Region == "" {
				c.Region = region
			}
		}
		// A bucket's dots are not covered by the service's certificate.
		c.UsePathStyle = c.UsePathStyle || strings.Contains(bucket, ".")
		noRegion = c.Region == ""
		c.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	})
	if noRegion {
		return nil, unavailable("open", location, &hinted{errors.New("no AWS region is set"), "set AWS_REGION to the bucket's region"})
	}
	return s, nil
}

// Init opens the store at a location, and makes it in its bucket, which must
// be there, where there is none.
func Init(ctx context.Context, location string, o Options) (*Store, error) {
	s, err := Open(location, o)
	if err != nil {
		return nil, err
	}
	text, err := s.read(ctx, marker)
	if errors.Is(err, store.ErrNotExist) {
		err = s.replace(ctx, "make", marker, []byte(format), entry{})
		if errors.Is(err, errTaken) {
			err = nil
		}
		return s, err
	}
	if err != nil {
		return nil, err
	}
	if string(text.data) != format {
		return nil, unavailable("open", location, errors.New("not a store that this version of mlp reads"))
	}
	return s, nil
}

// Parse returns the bucket and the prefix, without slashes around it, of a
// location.
func Parse(location string) (bucket, prefix string, err error) {
	rest, ok := strings.CutPrefix(location, Scheme)
	if !ok {
		return "", "", fmt.Errorf("store %q: want s3://bucket/prefix", location)
	}
	bucket, prefix, slash := strings.Cut(rest, "/")
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`).MatchString(bucket) {
		return "", "", fmt.Errorf("store %q: %q cannot be a bucket", location, bucket)
	}
	if slash && store.CheckName("x/"+prefix) != nil {
		return "", "", fmt.Errorf("store %q: want letters, digits, dots, underscores and hyphens of ASCII between single slashes", location)
	}
	return bucket, prefix, nil
}

// Location returns "s3://", the bucket and the prefix.
func (s *Store) Location() string {
	return strings.TrimSuffix(Scheme+s.bucket+"/"+s.prefix, "/")
}

// Far implements [store.Far]: each question is a request.
func (s *Store) Far() bool { return true }

func (s *Store) key(name string) *string { return aws.String(s.prefix + name) }

// httpClient has no limit for a whole request, which may carry gigabytes: a
// [watch] ends what stands still.
func httpClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dial }).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns, t.MaxIdleConnsPerHost = maxIdle, maxIdle
		})
}

func unavailable(op, object string, err error) error {
	return &store.Error{Op: op, Object: object, Kind: store.ErrUnavailable, Err: err}
}
