package github

import (
	"encoding/json"
	"errors"
	"regexp"
)

// PullEvent is what a job that a pull request started knows of it.
type PullEvent struct {
	Number int
	// Head is the hash of its last commit.
	Head string
	// Fork says that it comes from another repository: the job's token may
	// read, and no secret is there.
	Fork bool
}

var hash = regexp.MustCompile(`^[0-9a-f]{40,64}$`)

// ParsePullEvent reads the payload of the event pull_request.
func ParsePullEvent(data []byte) (PullEvent, error) {
	type side struct {
		SHA  string
		Repo *struct {
			FullName string `json:"full_name"`
		}
	}
	var event struct {
		Number int
		Pull   *struct{ Head, Base side } `json:"pull_request"`
	}
	if err := json.Unmarshal(data, &event); err != nil {
		return PullEvent{}, errors.New("the event is not JSON")
	}
	if event.Pull == nil || event.Number == 0 {
		return PullEvent{}, errors.New("the event is not that of a pull request")
	}
	if !hash.MatchString(event.Pull.Head.SHA) {
		return PullEvent{}, errors.New("the event names no commit")
	}
	head, base := event.Pull.Head.Repo, event.Pull.Base.Repo
	// A head without a repository is a fork that was deleted.
	return PullEvent{Number: event.Number, Head: event.Pull.Head.SHA, Fork: head == nil || base == nil || head.FullName != base.FullName}, nil
}
