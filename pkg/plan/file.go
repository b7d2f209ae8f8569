package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// FileVersion is the version of a plan file's format.
const FileVersion = 1

// fileKind tells a plan file from other JSON.
const fileKind = "mlp plan"

// File is a plan in a file: what `mlp show` shows, and what `mlp apply` holds
// the plan of its day against. Steps carry no way to execute them; they are
// planned again.
type File struct {
	FormatVersion int    `json:"format_version"`
	Kind          string `json:"kind"`
	Project       string `json:"project"`
	MLP           string `json:"mlp"` // version that wrote it
	// BaseCommit is the hash of the commit that was compared with; empty where
	// there was nothing.
	BaseCommit string `json:"base_commit"`
	// Stored says whether a store was looked into; else every step that the
	// specs ask for is listed.
	Stored bool  `json:"stored"`
	Plan   *Plan `json:"plan"`
}

// Encode returns the bytes of a plan file.
func (f File) Encode() ([]byte, error) {
	f.FormatVersion, f.Kind = FileVersion, fileKind
	return json.Marshal(f)
}

// Decode reads a plan file and refuses one that is none, is of another version,
// or whose changes are not those of its digest.
func Decode(data []byte) (File, error) {
	var f File
	// What the library says would quote the file.
	if err := json.Unmarshal(data, &f); err != nil || f.Kind != fileKind {
		return File{}, errors.New("this is not a plan file")
	}
	if f.FormatVersion != FileVersion {
		return File{}, fmt.Errorf("plan file of format version %d, want %d", f.FormatVersion, FileVersion)
	}
	if f.Plan == nil || changeDigest(f.Plan.Changes) != f.Plan.Digest {
		return File{}, errors.New("the plan file was changed: its changes are not those of its digest")
	}
	return f, nil
}

// Stale says why a plan is no longer the one of the file: something else
// changes, or there is a step that the file does not list. It returns "" where
// the file holds. Steps that are done meanwhile do not make it stale.
func (f File) Stale(now *Plan) string {
	if now.Digest != f.Plan.Digest {
		return fmt.Sprintf("the plan is %s now, the file has %s", now.Digest, f.Plan.Digest)
	}
	for _, s := range now.Steps {
		if !slices.ContainsFunc(f.Plan.Steps, s.same) {
			return fmt.Sprintf("a step is needed that the file does not list: %s %s", s.Kind, s.Target)
		}
	}
	return ""
}

// same reports whether two steps make the same: the same columns at most.
func (s Step) same(listed Step) bool {
	if s.Kind != listed.Kind || s.Target != listed.Target || s.Key != listed.Key {
		return false
	}
	for _, c := range s.Columns {
		if !slices.Contains(listed.Columns, c) {
			return false
		}
	}
	return true
}
