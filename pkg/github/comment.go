package github

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/mlpdev/mlp/pkg/digest"
)

// Bot is the author of what a job writes with the token that it is given.
const Bot = "github-actions[bot]"

// MaxComment is the most characters of a comment that we write; GitHub takes
// 65,536.
const MaxComment = 60_000

// Marker is the hidden line that a comment of ours begins with: which plan it
// shows, of which head of the pull request.
type Marker struct {
	Plan digest.Digest
	Head string // hash of the commit
}

var marker = regexp.MustCompile(`^<!-- mlp-plan v1 (sha256:[0-9a-f]{64}) ([0-9a-f]{40,64}) -->(\r?\n|$)`)

// String returns the line.
func (m Marker) String() string { return fmt.Sprintf("<!-- mlp-plan v1 %s %s -->\n", m.Plan, m.Head) }

// ParseMarker reads the marker that a comment begins with.
func ParseMarker(body string) (Marker, bool) {
	found := marker.FindStringSubmatch(body)
	if found == nil {
		return Marker{}, false
	}
	d, err := digest.Parse(found[1])
	return Marker{Plan: d, Head: found[2]}, err == nil
}

// comment is a comment of a pull request.
type comment struct {
	ID   int64
	Body string
	User struct{ Login string }
}

// ours returns the first comment of a pull request that we began with a marker;
// nil if there is none.
func (c *Client) ours(ctx context.Context, pull int) (*comment, error) {
	var out *comment
	err := pages(ctx, c, fmt.Sprintf("/issues/%d/comments", pull), func(x comment) bool {
		if _, ok := ParseMarker(x.Body); ok && strings.EqualFold(x.User.Login, c.Author) {
			out = &x
		}
		return out == nil
	})
	return out, err
}

// Comment makes the one comment of ours on a pull request say a text, which
// begins behind the marker: it updates the comment, or makes it the first time.
// made says which.
func (c *Client) Comment(ctx context.Context, pull int, m Marker, text string) (made bool, err error) {
	body := map[string]string{"body": m.String() + text}
	old, err := c.ours(ctx, pull)
	switch {
	case err != nil:
		return false, err
	case old == nil:
		return true, c.send(ctx, call{http.MethodPost, fmt.Sprintf("/issues/%d/comments", pull), body}, nil)
	case old.Body == body["body"]:
		return false, nil
	}
	return false, c.send(ctx, call{http.MethodPatch, fmt.Sprintf("/issues/comments/%d", old.ID), body}, nil)
}

// NotReviewedError says why no reviewed plan is known for a commit.
type NotReviewedError struct{ Commit, Reason string }

// Error names the commit and the reason.
func (e *NotReviewedError) Error() string {
	return fmt.Sprintf("no reviewed plan is known for commit %.12s: %s", e.Commit, e.Reason)
}

// Hint says how to go on.
func (e *NotReviewedError) Hint() string {
	return "look at the plan of this commit, then run the workflow by hand with its digest"
}

// ExitStatus says that nothing was done, and that it is safe to go on after a
// review.
func (e *NotReviewedError) ExitStatus() int { return 3 }

// pullRequest is a pull request that a commit belongs to.
type pullRequest struct {
	Number   int
	MergedAt string               `json:"merged_at"`
	Head     struct{ SHA string } `json:"head"`
	Base     struct{ Ref string } `json:"base"`
}

// Reviewed returns the digest of the plan that was reviewed before a commit
// reached a branch: that of our comment on the pull request which the commit
// merged. The comment must be of the last commit of the pull request. Anything
// else is a [NotReviewedError].
func (c *Client) Reviewed(ctx context.Context, commit, branch string) (digest.Digest, int, error) {
	refuse := func(pull int, format string, args ...any) (digest.Digest, int, error) {
		return digest.Digest{}, pull, &NotReviewedError{Commit: commit, Reason: fmt.Sprintf(format, args...)}
	}
	var merged []pullRequest
	err := pages(ctx, c, "/commits/"+commit+"/pulls", func(p pullRequest) bool {
		if p.MergedAt != "" && p.Base.Ref == branch {
			merged = append(merged, p)
		}
		return true
	})
	switch {
	case err != nil:
		return digest.Digest{}, 0, err
	case len(merged) == 0:
		return refuse(0, "it came by no pull request into %s", branch)
	case len(merged) > 1:
		return refuse(0, "it came by %d pull requests", len(merged))
	}
	pull := merged[0]
	ours, err := c.ours(ctx, pull.Number)
	if err != nil {
		return digest.Digest{}, pull.Number, err
	}
	if ours == nil {
		return refuse(pull.Number, "pull request #%d has no comment with a plan by %s", pull.Number, c.Author)
	}
	m, _ := ParseMarker(ours.Body)
	if m.Head != pull.Head.SHA {
		return refuse(pull.Number, "the plan on pull request #%d is of commit %.12s, and %.12s was merged", pull.Number, m.Head, pull.Head.SHA)
	}
	return m.Plan, pull.Number, nil
}
