package github

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/digest"
)

const (
	head  = "1111111111111111111111111111111111111111"
	other = "2222222222222222222222222222222222222222"
)

// service stands in for GitHub's API.
type service struct {
	sync.Mutex
	comments []map[string]any
	pulls    string // answer to commits/SHA/pulls
	calls    []string
	fail     int // status of every answer; 0: answer
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Lock()
	defer s.Unlock()
	s.calls = append(s.calls, r.Method+" "+r.URL.Path)
	var body struct{ Body string }
	_ = json.NewDecoder(r.Body).Decode(&body)
	switch {
	case s.fail != 0:
		w.WriteHeader(s.fail)
		fmt.Fprint(w, `{"message":"no"}`)
	case r.Header.Get("Authorization") != "Bearer token":
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method == http.MethodPost:
		s.add(Bot, body.Body)
		w.WriteHeader(http.StatusCreated)
	case r.Method == http.MethodPatch:
		for _, c := range s.comments {
			if strings.HasSuffix(r.URL.Path, fmt.Sprintf("/comments/%v", c["id"])) {
				c["body"] = body.Body
			}
		}
	case strings.HasSuffix(r.URL.Path, "/pulls"):
		fmt.Fprint(w, s.pulls)
	default:
		var page, size int
		fmt.Sscan(r.URL.Query().Get("page"), &page)
		fmt.Sscan(r.URL.Query().Get("per_page"), &size)
		from := min((page-1)*size, len(s.comments))
		list := append([]map[string]any{}, s.comments[from:min(from+size, len(s.comments))]...)
		_ = json.NewEncoder(w).Encode(list)
	}
}

func (s *service) add(author, body string) {
	s.comments = append(s.comments, map[string]any{"id": len(s.comments) + 1, "body": body, "user": map[string]string{"login": author}})
}

func start(t *testing.T) (*service, *Client) {
	t.Helper()
	s := &service{pulls: "[]"}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, &Client{URL: server.URL, Repository: "acme/detect", Token: "token", Author: Bot, HTTP: server.Client()}
}

// One comment, whatever others write, and however many there are.
func TestComment(t *testing.T) {
	s, c := start(t)
	first, second := Marker{digest.Of([]byte("a")), head}, Marker{digest.Of([]byte("b")), other}
	s.add("mallory", first.String()+"not ours")
	for i := range 150 {
		s.add("alice", fmt.Sprintf("look %d: %s", i, first))
	}
	made, err := c.Comment(t.Context(), 7, first, "one")
	if err != nil || !made || len(s.comments) != 152 {
		t.Fatalf("made %v, %v, %d comments", made, err, len(s.comments))
	}
	s.calls = nil
	if made, err = c.Comment(t.Context(), 7, first, "one"); err != nil || made {
		t.Errorf("the same again: made %v, %v", made, err)
	}
	for _, call := range s.calls {
		if !strings.HasPrefix(call, "GET ") {
			t.Errorf("the same again wrote: %s", call)
		}
	}
	if made, err = c.Comment(t.Context(), 7, second, "two"); err != nil || made || len(s.comments) != 152 {
		t.Errorf("an update: made %v, %v, %d comments", made, err, len(s.comments))
	}
	if d := cmp.Diff(second.String()+"two", s.comments[151]["body"]); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if s.comments[0]["body"] != first.String()+"not ours" {
		t.Error("somebody else's comment was changed")
	}
}

func pullJSON(number int, base, sha string, merged bool) string {
	at := "null"
	if merged {
		at = `"2026-01-12T08:00:00Z"`
	}
	return fmt.Sprintf(`{"number":%d,"merged_at":%s,"head":{"sha":%q},"base":{"ref":%q}}`, number, at, sha, base)
}

func TestReviewed(t *testing.T) {
	want := digest.Of([]byte("plan"))
	ours := Marker{want, head}.String() + "text"
	for _, tt := range []struct {
		name, pulls string
		comments    map[string]string
		reason      string // empty: found
	}{
		{"merged as reviewed", "[" + pullJSON(7, "main", head, true) + "]", map[string]string{Bot: ours}, ""},
		{"among others", "[" + pullJSON(6, "main", other, false) + "," + pullJSON(7, "main", head, true) + "," + pullJSON(8, "next", other, true) + "]", map[string]string{Bot: ours}, ""},
		{"pushed", "[]", map[string]string{Bot: ours}, "it came by no pull request into main"},
		{"into another branch", "[" + pullJSON(7, "next", head, true) + "]", map[string]string{Bot: ours}, "it came by no pull request into main"},
		{"two at once", "[" + pullJSON(7, "main", head, true) + "," + pullJSON(8, "main", head, true) + "]", map[string]string{Bot: ours}, "it came by 2 pull requests"},
		{"from a fork, without a comment", "[" + pullJSON(7, "main", head, true) + "]", map[string]string{"alice": "nice"}, "pull request #7 has no comment with a plan by github-actions[bot]"},
		{"a comment by somebody else", "[" + pullJSON(7, "main", head, true) + "]", map[string]string{"mallory": ours}, "pull request #7 has no comment"},
		{"pushed to after the plan", "[" + pullJSON(7, "main", other, true) + "]", map[string]string{Bot: ours}, "the plan on pull request #7 is of commit 111111111111, and 222222222222 was merged"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, c := start(t)
			s.pulls = tt.pulls
			for author, body := range tt.comments {
				s.add(author, body)
			}
			got, pull, err := c.Reviewed(t.Context(), other, "main")
			if tt.reason == "" {
				if err != nil || got != want || pull != 7 {
					t.Errorf("got %s of #%d, %v", got, pull, err)
				}
				return
			}
			var refused *NotReviewedError
			if !errors.As(err, &refused) || refused.ExitStatus() != 3 || !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("got %v, want %q", err, tt.reason)
			}
		})
	}
}

func TestMarker(t *testing.T) {
	m := Marker{digest.Of(nil), head}
	for body, want := range map[string]bool{m.String(): true, m.String() + "x": true, strings.TrimSuffix(m.String(), "\n") + "\r\nx": true,
		" " + m.String(): false, "x\n" + m.String(): false, strings.Replace(m.String(), "v1", "v2", 1): false, strings.ToUpper(m.String()): false, "": false} {
		got, ok := ParseMarker(body)
		if ok != want || ok && got != m {
			t.Errorf("%q: got %v, %v", body, got, ok)
		}
	}
}

// What fails says which call it was, and whether to try again.
func TestFailures(t *testing.T) {
	for status, exit := range map[int]int{401: 1, 403: 1, 404: 1, 422: 1, 429: 4, 500: 4, 503: 4} {
		s, c := start(t)
		s.fail = status
		_, err := c.Comment(t.Context(), 7, Marker{digest.Of(nil), head}, "x")
		var failed *StatusError
		if !errors.As(err, &failed) || failed.Status != status || failed.ExitStatus() != exit || failed.Message != "no" {
			t.Errorf("%d: got %v", status, err)
		}
	}
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c := &Client{URL: server.URL, Repository: "acme/detect", Token: "secret", HTTP: http.DefaultClient}
	_, _, err := c.Reviewed(t.Context(), head, "main")
	var gone *UnreachableError
	if !errors.As(err, &gone) || gone.ExitStatus() != 4 || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestParsePullEvent(t *testing.T) {
	event := func(headRepo, baseRepo string) string {
		return fmt.Sprintf(`{"number":7,"pull_request":{"head":{"sha":%q,"repo":%s},"base":{"sha":%q,"repo":%s}}}`, head, headRepo, other, baseRepo)
	}
	repo := func(name string) string { return fmt.Sprintf(`{"full_name":%q}`, name) }
	for name, tt := range map[string]struct {
		text string
		want PullEvent
		err  bool
	}{
		"own":            {event(repo("acme/detect"), repo("acme/detect")), PullEvent{7, head, false}, false},
		"fork":           {event(repo("mallory/detect"), repo("acme/detect")), PullEvent{7, head, true}, false},
		"a deleted fork": {event("null", repo("acme/detect")), PullEvent{7, head, true}, false},
		"a push":         {`{"ref":"refs/heads/main"}`, PullEvent{}, true},
		"no commit":      {`{"number":7,"pull_request":{"head":{"sha":"x; rm"}}}`, PullEvent{}, true},
		"not JSON":       {`x`, PullEvent{}, true},
	} {
		got, err := ParsePullEvent([]byte(tt.text))
		if got != tt.want || (err != nil) != tt.err {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}
