// Package github keeps one comment of a pull request up to date, and finds the
// plan that was reviewed there. It speaks the part of GitHub's REST API that
// this needs, and reads what GitHub Actions tell a job.
package github

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Client calls the API for one repository.
type Client struct {
	URL        string // of the API: "https://api.github.com"
	Repository string // "owner/name"
	Token      string
	// Author is the login of who writes our comments: [Bot] in a job.
	Author string
	HTTP   *http.Client
}

// StatusError is an answer that is no success.
type StatusError struct {
	Method, Path string
	Status       int
	Message      string // what GitHub says
}

// Error names the call and the answer.
func (e *StatusError) Error() string {
	return fmt.Sprintf("github: %s %s: %d %s", e.Method, e.Path, e.Status, e.Message)
}

// Hint says what to check.
func (e *StatusError) Hint() string {
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return "does the job have the permissions `contents: read` and `pull-requests: write` (to comment) or `read`?"
	}
	return ""
}

// ExitStatus is 4, to try again, where the service is at fault.
func (e *StatusError) ExitStatus() int {
	if e.Status >= 500 || e.Status == http.StatusTooManyRequests {
		return unreachable
	}
	return 1
}

// unreachable is the exit status of a service that cannot be reached.
const unreachable = 4

// UnreachableError says that there was no answer.
type UnreachableError struct{ Err error }

// Error says what happened.
func (e *UnreachableError) Error() string { return "github: " + e.Err.Error() }

// Unwrap returns what happened.
func (e *UnreachableError) Unwrap() error { return e.Err }

// ExitStatus says to try again.
func (e *UnreachableError) ExitStatus() int { return unreachable }

// maxAnswer is the most bytes of an answer that are read.
const maxAnswer = 32 << 20

// call is a request: its path within the repository, and what is sent as JSON,
// if anything is.
type call struct {
	method, path string
	body         any
}

// send sends a request and reads the answer into out, if that is not nil.
func (c *Client) send(ctx context.Context, what call, out any) error {
	method, path := what.method, what.path
	var in io.Reader
	if what.body != nil {
		data, err := json.Marshal(what.body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(data)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.URL, "/")+"/repos/"+c.Repository+path, in)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/vnd.github+json")
	request.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.HTTP.Do(request)
	if err != nil {
		var inner *url.Error
		if errors.As(err, &inner) {
			err = inner.Err
		}
		return &UnreachableError{fmt.Errorf("%s %s: %w", method, path, err)}
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return &UnreachableError{fmt.Errorf("%s %s: %w", method, path, err)}
	}
	if answer.StatusCode/100 != 2 {
		var said struct{ Message string }
		_ = json.Unmarshal(data, &said) // without a message the status says enough
		return &StatusError{Method: method, Path: path, Status: answer.StatusCode, Message: said.Message}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("github: %s %s: %w", method, path, err)
	}
	return nil
}

// pageSize is how many elements a page of a list has.
const pageSize = 100

// pages reads a list page by page until visit returns false.
func pages[T any](ctx context.Context, c *Client, path string, visit func(T) bool) error {
	for page := 1; ; page++ {
		var items []T
		if err := c.send(ctx, call{method: http.MethodGet, path: fmt.Sprintf("%s?per_page=%d&page=%d", path, pageSize, page)}, &items); err != nil {
			return err
		}
		for _, item := range items {
			if !visit(item) {
				return nil
			}
		}
		if len(items) < pageSize {
			return nil
		}
	}
}
