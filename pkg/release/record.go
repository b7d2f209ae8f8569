package release

import (
	"path"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
)

// FormatVersion is the version of [Record] that this package reads and writes.
const FormatVersion = 1

// Record says what a release is: models, the chain of parsers and features
// that they read, the runtime, and what proves that a site computes the same.
type Record struct {
	FormatVersion int `json:"format_version"`
	// Repository is the name of the project.
	Repository string `json:"repository"`
	Channel    string `json:"channel"`
	// Number counts the channel's releases from 1.
	Number int64 `json:"number"`
	// Previous is the digest of the record before this one, absent at 1.
	Previous digest.Digest `json:"previous,omitzero"`
	// Created is in UTC.
	Created time.Time `json:"created"`
	// Commit is the hash of the Git commit that was applied, Dirty whether
	// the work tree differed from it.
	Commit string `json:"commit"`
	Dirty  bool   `json:"dirty"`
	// PlanDigest is that of the plan that was applied.
	PlanDigest digest.Digest `json:"plan_digest"`
	Builder    Builder       `json:"builder"`
	Runtime    Runtime       `json:"runtime"`
	Contract   Contract      `json:"contract"`
	Models     []Model       `json:"models"`
	// KnownAnswers are what a site must reproduce before it runs the release.
	KnownAnswers []KnownAnswer `json:"known_answers"`
	// Artifacts are all files of the release.
	Artifacts []Artifact `json:"artifacts"`
	Approvals []Approval `json:"approvals"`
	// Metrics are of the release as a whole.
	Metrics map[string]Metric `json:"metrics"`
}

// Builder says what made a release: versions of mlp and of Go.
type Builder struct {
	MLP string `json:"mlp"`
	Go  string `json:"go"`
}

// Runtime is the ONNX runtime that the models' scores were checked with.
type Runtime struct {
	// ONNXRuntime is its version.
	ONNXRuntime string `json:"onnxruntime"`
	// Library is the name of the artifact that is its shared library; empty
	// where the release carries none.
	Library string `json:"library,omitzero"`
	// Platform is the one that the library is for: "linux/amd64".
	Platform string `json:"platform"`
}

// Contract is what a site's own binary must compute from the release's specs.
type Contract struct {
	// Keys maps addresses ("field/zeek_conn.ts", "feature/beacon.cv") to node
	// keys.
	Keys map[string]digest.Digest `json:"keys"`
	// Epochs maps functions to their epochs.
	Epochs map[string]int `json:"epochs"`
}

// Model is a model of a release.
type Model struct {
	Name          string        `json:"name"`
	DisplayName   string        `json:"display_name"`
	ModelKey      digest.Digest `json:"model_key"`
	EvaluationKey digest.Digest `json:"evaluation_key"`
	// Specs is the name of the tree of specs that it reads, a directory among
	// the artifacts of kind Spec; keys of the contract begin with it.
	Specs string `json:"specs"`
	// FeatureSet is the one whose rows it scores, Parser the one that feeds it.
	FeatureSet string `json:"feature_set"`
	Parser     string `json:"parser"`
	// Features are its inputs, in the order in which it takes them.
	Features []Input `json:"features"`
	// Threshold is the score from which a row is an alert.
	Threshold float64 `json:"threshold"`
	TargetFPR float64 `json:"target_fpr"`
	// Artifact is the name of its ONNX file.
	Artifact string            `json:"artifact"`
	Metrics  map[string]Metric `json:"metrics"`
}

// Input is a feature that a model reads. Its key is the node key that the
// contract has under "feature/FEATURE_SET.NAME".
type Input struct {
	Name string        `json:"name"`
	Key  digest.Digest `json:"key"`
}

// Metric is a measured number, for a rate with the counts behind it and its
// 95 % bounds.
type Metric struct {
	Value float64 `json:"value"`
	// Count of Total is the rate; Total is 0 for what is no rate.
	Count int64   `json:"count,omitzero"`
	Total int64   `json:"total,omitzero"`
	Lower float64 `json:"lower,omitzero"`
	Upper float64 `json:"upper,omitzero"`
}

// KnownAnswer names the artifact that holds known answers of a model.
type KnownAnswer struct {
	Model    string `json:"model"`
	Artifact string `json:"artifact"`
}

// Approval says who approved a release, and when.
type Approval struct {
	By   string    `json:"by"`
	Time time.Time `json:"time"`
}

// Kind says what an artifact is for. A site keeps the artifacts of a kind in
// one directory, [Kind.Dir].
type Kind string

// The kinds of artifacts.
const (
	Spec         Kind = "spec"
	ModelFile    Kind = "model"
	RuntimeFile  Kind = "runtime"
	KnownAnswers Kind = "known-answers"
)

// Artifact is a file of a release.
type Artifact struct {
	// Name is its path at a site, relative to the release's directory: that of
	// its kind and a path below it, as [Kind.Name] makes it. Specs keep their
	// paths in the project: "specs/specs/parsers/zeek_conn.textproto".
	Name   string        `json:"name"`
	Digest digest.Digest `json:"digest"`
	Size   int64         `json:"size"`
	Kind   Kind          `json:"kind"`
}

// Dir returns the directory of the artifacts of a kind: "specs", "models",
// "lib" or "known-answers"; empty for an unknown kind.
func (k Kind) Dir() string {
	switch k {
	case Spec:
		return "specs"
	case ModelFile:
		return "models"
	case RuntimeFile:
		return "lib"
	case KnownAnswers:
		return "known-answers"
	}
	return ""
}

// Name returns the name of an artifact of this kind: its directory and a
// slash-separated path below it.
func (k Kind) Name(path string) string { return k.Dir() + "/" + path }

// Artifact returns the artifact of this name.
func (r *Record) Artifact(name string) (Artifact, bool) {
	for _, a := range r.Artifacts {
		if a.Name == name {
			return a, true
		}
	}
	return Artifact{}, false
}

// Model returns the model of this name.
func (r *Record) Model(name string) (Model, bool) {
	for _, m := range r.Models {
		if m.Name == name {
			return m, true
		}
	}
	return Model{}, false
}

// FeatureAddress returns the address of a feature that the model reads, as the
// contract has it: "SPECS/feature/FEATURE_SET.NAME".
func (m Model) FeatureAddress(name string) string {
	return path.Join(m.Specs, "feature/"+m.FeatureSet+"."+name)
}
