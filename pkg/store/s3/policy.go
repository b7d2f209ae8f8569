package s3

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	api "github.com/aws/aws-sdk-go-v2/service/s3"
)

// Roles are those that [Policy] knows: who plans, applies and promotes; a site
// that pulls; who files verdicts at a site.
func Roles() []string { return []string{"builder", "site", "reporter"} }

// Policy returns the least policy of IAM that a role needs for the store at a
// location. All of them may list what they read: without that S3 answers 403
// for a key that is missing.
func Policy(location, role string) (string, error) {
	bucket, prefix, err := Parse(location)
	if err != nil {
		return "", err
	}
	if prefix != "" {
		prefix += "/"
	}
	const get, put = "s3:GetObject", "s3:PutObject"
	arn := "arn:aws:s3:::" + bucket
	below := func(names ...string) []string {
		var out []string
		for _, n := range names {
			out = append(out, arn+"/"+prefix+n)
		}
		return out
	}
	list := func(names ...string) statement {
		var prefixes []string
		for _, n := range names {
			prefixes = append(prefixes, prefix+n)
		}
		// Only a request to list has a prefix; one to read must pass, too.
		return statement{Effect: "Allow", Action: []string{"s3:ListBucket"}, Resource: []string{arn},
			Condition: map[string]map[string][]string{"StringLikeIfExists": {"s3:prefix": prefixes}}}
	}
	allow := func(resources []string, actions ...string) statement {
		return statement{Effect: "Allow", Action: actions, Resource: resources}
	}
	p := policy{Version: "2012-10-17"}
	switch role {
	case "builder":
		p.Statement = []statement{allow(below("*"), get, put, "s3:AbortMultipartUpload"), list("*")}
	case "site":
		p.Statement = []statement{allow(below("log/*", "objects/*"), get), allow(below("receipts/*"), put), list("log/*")}
	case "reporter":
		p.Statement = []statement{allow(below("inbox/*"), get, put), list("inbox/*")}
	default:
		return "", fmt.Errorf("no role %q: want %s", role, strings.Join(Roles(), ", "))
	}
	text, err := json.MarshalIndent(p, "", "  ")
	return string(text), err
}

type policy struct {
	Version   string
	Statement []statement
}

type statement struct {
	Effect    string
	Action    []string
	Resource  []string
	Condition map[string]map[string][]string `json:",omitempty"`
}

// Skew returns how far this machine's clock is ahead of the service's.
func (s *Store) Skew(ctx context.Context) (time.Duration, error) {
	var skew time.Duration
	err := s.try(ctx, func(ctx context.Context, _ *watch) error {
		out, err := s.client.ListObjectsV2(ctx, &api.ListObjectsV2Input{Bucket: &s.bucket, Prefix: s.key("log/"), MaxKeys: new(int32)})
		if err != nil {
			return err
		}
		if at, ok := awsmiddleware.GetServerTime(out.ResultMetadata); ok {
			skew = time.Until(at).Abs()
			if time.Now().Before(at) {
				skew = -skew
			}
		}
		return nil
	})
	return skew, s.failed("list", "log/", err)
}
