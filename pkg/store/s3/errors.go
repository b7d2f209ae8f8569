package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/mlpdev/mlp/pkg/store"
)

// errTaken says that what stands under a key is another writer's.
var errTaken = errors.New("another writer was first")

// hinted is an error that knows what to do about it.
type hinted struct {
	error
	hint string
}

// Unwrap returns the error itself.
func (h *hinted) Unwrap() error { return h.error }

// Hint says what to do.
func (h *hinted) Hint() string { return h.hint }

// statusOf returns the status of the answer, 0 where there was none.
func statusOf(err error) int {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.Response != nil {
		return response.HTTPStatusCode()
	}
	return 0
}

// codeOf returns the service's code of an error, or "".
func codeOf(err error) string {
	var e smithy.APIError
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	return ""
}

// transient reports whether another try may help: there was no whole answer, or
// one that says so. A request that was damaged on its way is among them.
func transient(err error) bool {
	var own *hinted
	var kind *store.Error
	var name *store.NameError
	if errors.As(err, &own) || errors.As(err, &kind) || errors.As(err, &name) || errors.Is(err, errTaken) {
		return false
	}
	var cut *smithy.DeserializationError
	if errors.As(err, &cut) {
		return true
	}
	status := statusOf(err)
	if status == 0 || status >= 500 && status != http.StatusNotImplemented || status < 300 {
		return true
	}
	if status == http.StatusTooManyRequests || status == http.StatusRequestTimeout {
		return true
	}
	return slices.Contains([]string{"ConditionalRequestConflict", "OperationAborted", "RequestTimeout", "RequestTimeTooSkewed", "SlowDown",
		"BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch", "IncompleteBody"}, codeOf(err))
}

// unclear reports whether a write that was answered so may have taken place.
func unclear(err error) bool {
	status := statusOf(err)
	return status == 0 || status >= 500 || status < 300
}

// missing reports whether an answer says that a key is not there. One without a
// body, to HEAD, may mean the bucket.
func missing(err error) bool {
	return statusOf(err) == http.StatusNotFound && slices.Contains([]string{"NoSuchKey", "NotFound", ""}, codeOf(err))
}

func refused(err error) bool { return statusOf(err) == http.StatusPreconditionFailed }

const hintCredentials = "check the credentials: AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the role of this machine"

// denied is what a missing permission needs to be told apart from.
const denied = "403 can also mean that the key is not there and the role lacks s3:ListBucket; `mlp doctor` prints the policy that each role needs"

// failed makes a store's error of what a request ended with.
func (s *Store) failed(op, object string, err error) error {
	var kind *store.Error
	var name *store.NameError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.As(err, &kind), errors.As(err, &name):
		return err
	case missing(err):
		return &store.Error{Op: op, Object: object, Kind: store.ErrNotExist}
	case strings.Contains(err.Error(), "checksum did not match"): // the SDK has no type for it
		return &store.Error{Op: op, Object: object, Kind: store.ErrCorrupt, Err: err}
	}
	return unavailable(op, object, s.explain(err))
}

// explain shortens the SDK's error, and says what to do where it is known.
func (s *Store) explain(err error) error {
	var known *hinted
	if errors.As(err, &known) {
		return err
	}
	status, code := statusOf(err), codeOf(err)
	short := err
	var e smithy.APIError
	if errors.As(err, &e) && status != 0 {
		short = fmt.Errorf("%s answers %d %s", s.Location(), status, strings.TrimSuffix(strings.TrimSpace(code+": "+e.ErrorMessage()), ":"))
	} else if inner := errors.Unwrap(err); inner != nil && status == 0 {
		var op *smithy.OperationError
		if errors.As(err, &op) {
			short = op.Err
		}
	}
	switch {
	case code == "NoSuchBucket":
		return &hinted{short, "make the bucket first, or correct the store's location"}
	case slices.Contains([]string{"InvalidAccessKeyId", "XAdminUserNotFound", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"}, code):
		return &hinted{short, hintCredentials}
	case code == "RequestTimeTooSkewed":
		return &hinted{short, "set this machine's clock"}
	case status == http.StatusForbidden:
		return &hinted{short, denied}
	case status == http.StatusMovedPermanently, code == "AuthorizationHeaderMalformed":
		return &hinted{short, "the bucket is in another region: set AWS_REGION" + regionOf(err)}
	}
	return short
}

// regionOf returns what an answer says of the bucket's region, as " to …".
func regionOf(err error) string {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.Response != nil {
		if r := response.Response.Header.Get("X-Amz-Bucket-Region"); r != "" {
			return " to " + r
		}
	}
	return ""
}
