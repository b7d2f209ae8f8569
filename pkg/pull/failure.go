package pull

import (
	"errors"
	"fmt"

	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/store"
)

// Refused says why a release must not run here, and what keeps running.
type Refused struct {
	// Err is the first difference: a *release.Refusal or what the site found.
	Err error
	// Active is what keeps running: "local#41"; empty where nothing runs.
	Active string
}

// Error returns the cause and what stays active.
func (r *Refused) Error() string { return r.Err.Error() + stays(r.Active) }

// Unwrap returns the cause.
func (r *Refused) Unwrap() error { return r.Err }

// Failed says what kept a pull from ending, and what keeps running.
type Failed struct {
	Err error
	// Active is what keeps running: "local#41"; empty where nothing runs.
	Active string
}

// Error returns the cause and what stays active.
func (f *Failed) Error() string { return f.Err.Error() + stays(f.Active) }

// Unwrap returns the cause.
func (f *Failed) Unwrap() error { return f.Err }

func stays(active string) string {
	if active == "" {
		return "; no release is active"
	}
	return "; " + active + " stays active"
}

// finding is an error that speaks against the release, not against the world.
type finding struct{ err error }

func (f *finding) Error() string { return f.err.Error() }
func (f *finding) Unwrap() error { return f.err }

func found(format string, args ...any) error { return &finding{fmt.Errorf(format, args...)} }

// explain says of an error whether it is a refusal, and what runs after it.
// That is read anew: the world may fail when the switch has taken place.
func (p *pull) explain(err error) error {
	name := ""
	if active, cerr := Current(p.Dir); cerr == nil {
		name = active.Name()
	}
	var f *finding
	var r *release.Refusal
	if errors.As(err, &f) || errors.As(err, &r) || errors.Is(err, store.ErrCorrupt) {
		return &Refused{Err: err, Active: name}
	}
	return &Failed{Err: err, Active: name}
}
