package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/store"
)

// appliedType is the payload type of an applied state.
const appliedType = "application/vnd.mlp.applied.v1+json"

// Applied is what the last run of a project left in the store: one record, so
// that a plan does not ask for each key. It only ever spares questions: what
// it does not list is looked up, and apply does not read it.
type Applied struct {
	FormatVersion int    `json:"format_version"`
	Project       string `json:"project"`
	// Keys of frames, columns and models that are there, sorted.
	Frames  []digest.Digest `json:"frames"`
	Columns []digest.Digest `json:"columns"`
	Models  []digest.Digest `json:"models"`
	// Evaluations say by key whether the gates let the model through.
	Evaluations map[string]bool `json:"evaluations"`
	// Comparisons say the same of the gates against the released model.
	Comparisons map[string]bool `json:"comparisons"`
	// Releases are the newest ones by channel.
	Releases map[string]release.Ref `json:"releases"`
}

func (r *Runner) appliedName() string { return "state/applied/" + r.Release.Repository }

// readApplied returns the applied state, or an empty one where there is none
// of a trusted key.
func (r *Runner) readApplied(ctx context.Context) (*Applied, error) {
	out := &Applied{}
	envelope, err := r.Store.Read(ctx, r.appliedName())
	if errors.Is(err, store.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	verified, err := dsse.Verify(envelope, appliedType, r.Index.trusted)
	if err != nil {
		return out, nil // written by a key that this project does not trust
	}
	decoder := json.NewDecoder(bytes.NewReader(verified.Payload))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(out); err != nil || out.FormatVersion != FormatVersion || out.Project != r.Release.Repository {
		return &Applied{}, nil // of another version or project
	}
	return out, nil
}

// writeApplied records that everything that the program needs is there.
func (r *Runner) writeApplied(ctx context.Context) error {
	exists := r.Exists(ctx)
	seen := &recorder{Exists: exists, out: &Applied{FormatVersion: FormatVersion, Project: r.Release.Repository, Frames: []digest.Digest{}, Columns: []digest.Digest{},
		Models: []digest.Digest{}, Evaluations: map[string]bool{}, Comparisons: map[string]bool{}, Releases: map[string]release.Ref{}}, seen: map[digest.Digest]bool{}}
	// Planning asks for exactly the keys that the next plan will ask for.
	plan.Make(plan.Input{Head: r.Program, Exists: seen})
	if exists.Err != nil {
		return exists.Err
	}
	for channel, head := range exists.heads {
		if head != nil {
			seen.out.Releases[channel] = head.Ref()
		}
	}
	payload, err := json.Marshal(seen.out)
	if err != nil {
		return err
	}
	envelope, err := dsse.Sign(appliedType, payload, r.Release.Signer)
	if err != nil {
		return err
	}
	return r.swapApplied(ctx, envelope)
}

func (r *Runner) swapApplied(ctx context.Context, envelope []byte) error {
	before, err := r.Store.Read(ctx, r.appliedName())
	var old digest.Digest
	switch {
	case err == nil && bytes.Equal(before, envelope):
		return nil
	case err == nil:
		old = digest.Of(before)
	case !errors.Is(err, store.ErrNotExist):
		return err
	}
	err = r.Store.Swap(ctx, r.appliedName(), old, envelope)
	if errors.Is(err, store.ErrConflict) {
		return nil // another run has just said what is there
	}
	if err != nil {
		return fmt.Errorf("record the applied state: %w", err)
	}
	return nil
}

// recorder notes which keys were asked for and are there.
type recorder struct {
	*Exists
	out  *Applied
	seen map[digest.Digest]bool
}

func (r *recorder) note(key digest.Digest, there bool, list *[]digest.Digest) bool {
	if there && !r.seen[key] {
		r.seen[key] = true
		*list = append(*list, key)
	}
	return there
}

// Frame implements plan.Exists.
func (r *recorder) Frame(key digest.Digest) bool {
	return r.note(key, r.Exists.Frame(key), &r.out.Frames)
}

// Column implements plan.Exists.
func (r *recorder) Column(key digest.Digest) bool {
	return r.note(key, r.Exists.Column(key), &r.out.Columns)
}

// Model implements plan.Exists.
func (r *recorder) Model(key digest.Digest) bool {
	return r.note(key, r.Exists.Model(key), &r.out.Models)
}

// Evaluation implements plan.Exists.
func (r *recorder) Evaluation(key digest.Digest) (passed, ok bool) {
	passed, ok = r.Exists.Evaluation(key)
	if ok {
		r.out.Evaluations[key.String()] = passed
	}
	return passed, ok
}

// Comparison implements plan.Exists.
func (r *recorder) Comparison(key digest.Digest) (passed, ok bool) {
	passed, ok = r.Exists.Comparison(key)
	if ok {
		r.out.Comparisons[key.String()] = passed
	}
	return passed, ok
}
