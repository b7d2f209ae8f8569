// Package report says what a release is made of and what its models reach, for
// the people who answer for it: metrics with bounds, curves, decisions compared
// with the release before, gates, lineage, counts of the data. It holds no
// record of a log. It is pure, and equal releases have equal reports.
package report

import (
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/evaluation"
	"github.com/mlpdev/mlp/pkg/lineage"
)

// FormatVersion is the version of the JSON form.
const FormatVersion = 1

// Report is what is worth knowing of a release.
type Report struct {
	FormatVersion int           `json:"format_version"`
	Project       string        `json:"project"`
	Channel       string        `json:"channel"`
	Number        int64         `json:"number"`
	Digest        digest.Digest `json:"digest"` // of the record
	// Previous is the number of the release before; 0 at the first.
	Previous   int64         `json:"previous,omitempty"`
	Created    time.Time     `json:"created"`
	Signer     string        `json:"signer"`
	Commit     string        `json:"commit"`
	Dirty      bool          `json:"dirty"` // applied with changes that the commit lacks
	PlanDigest digest.Digest `json:"plan_digest"`
	Builder    string        `json:"builder"` // versions of mlp and Go
	Runtime    string        `json:"runtime"` // version of the ONNX runtime, platform
	Models     []*Model      `json:"models"`
	// Retired are models of the release before that this one lacks.
	Retired []string `json:"retired"`
	// Held are models of the project that their gates keep out.
	Held      []Held     `json:"held"`
	Captures  []Capture  `json:"captures"`
	Artifacts []Artifact `json:"artifacts"`
	Approvals []Approval `json:"approvals"`
}

// State says how a model differs from the release before.
type State string

// The states.
const (
	New       State = "new"
	Changed   State = "changed"
	Unchanged State = "unchanged"
)

// Model is a model of the release.
type Model struct {
	Name        string        `json:"name"`
	DisplayName string        `json:"display_name,omitempty"`
	State       State         `json:"state"`
	Key         digest.Digest `json:"model_key"`
	Evaluation  digest.Digest `json:"evaluation_key"`
	FeatureSet  string        `json:"feature_set"`
	Parser      string        `json:"parser"`
	// Dataset is empty where the specs of this version are not at hand.
	Dataset string             `json:"dataset,omitempty"`
	Metrics evaluation.Metrics `json:"metrics"`
	Parity  float64            `json:"parity"`
	// Before are the metrics of the release before, on its own test side.
	Before *Before `json:"before,omitempty"`
	// Missing says why what follows is not there.
	Missing      string            `json:"missing,omitempty"`
	Train        Side              `json:"train"`
	Test         Side              `json:"test"`
	Gates        []Gate            `json:"gates"`
	Curve        *evaluation.Curve `json:"curve,omitempty"`
	Decisions    *Decisions        `json:"decisions,omitempty"`
	Training     []lineage.Fact    `json:"training"`
	Warnings     []string          `json:"warnings"`
	Inputs       []Input           `json:"inputs"`
	KnownAnswers bool              `json:"known_answers"` // whether sites check any
	Lineage      []*lineage.Node   `json:"lineage"`       // all that went into it
}

// Before is what the version of a model in the release before reached.
type Before struct {
	Release   string          `json:"release"` // "stable#41"
	Recall    evaluation.Rate `json:"recall"`
	FPR       evaluation.Rate `json:"fpr"`
	Precision evaluation.Rate `json:"precision"`
	AUC       float64         `json:"auc"`
}

// Side counts the rows of a side of the split.
type Side struct {
	Attacks    int `json:"attacks"`
	Benign     int `json:"benign"`
	Unlabelled int `json:"unlabelled"`
}

// Gate is something that a model must reach.
type Gate struct {
	Name   string `json:"name"`
	Want   string `json:"want"`
	Got    string `json:"got"`
	Passed bool   `json:"passed"`
}

// Decisions compares what two versions of a model decide, each at its own
// threshold, on what neither was trained on.
type Decisions struct {
	Release string `json:"release"` // of the version before
	Unit    string `json:"unit"`    // what is compared: "row" or "record"
	evaluation.Comparison
	// Recall and FPR are the changes of the rates, with bounds for pairs.
	Recall evaluation.Difference `json:"recall"`
	FPR    evaluation.Difference `json:"fpr"`
	// Seen counts what the version before was trained on, Unlabelled what has no
	// label: both are left out.
	Seen       int `json:"seen"`
	Unlabelled int `json:"unlabelled"`
	// Incomparable says why nothing was compared.
	Incomparable string `json:"incomparable,omitempty"`
	// Differ names some of what they decide differently.
	Differ []Differ `json:"differ"`
}

// Differ names the first rows or records of which the decision changed in one
// way: by where they stand, never by what stands in them.
type Differ struct {
	What   string   `json:"what"` // "newly missed"
	N      int      `json:"n"`
	Places []string `json:"places"` // "day2 record 17"
}

// Input is a number that a model reads.
type Input struct {
	Name        string  `json:"name"`
	Coefficient float64 `json:"coefficient"` // on standardised values; 0 where the model has none
	Missing     int     `json:"missing"`     // training rows without a value
}

// Held is a model that its gates keep out, and what the release has instead.
type Held struct {
	Model   string   `json:"model"`
	Reasons []string `json:"reasons"`
	Keeps   bool     `json:"keeps"` // whether the release keeps an older version
}

// Capture is what a parser made of a contribution's files.
type Capture struct {
	Contribution string   `json:"contribution"`
	Parser       string   `json:"parser"`
	Side         string   `json:"side"`
	Files        int      `json:"files"`
	Bytes        int64    `json:"bytes"`
	Counts       *Counts  `json:"counts,omitempty"` // nil: not in the store
	Models       []string `json:"models"`
}

// Counts accounts for every line and record.
type Counts struct {
	Lines     int64  `json:"lines"`
	Records   int64  `json:"records"`
	Rows      int64  `json:"rows"`
	Headers   int64  `json:"headers"`
	Comments  int64  `json:"comments"`
	Blanks    int64  `json:"blanks"`
	Continued int64  `json:"continued"` // lines of a record behind its first
	Replaced  int64  `json:"replaced"`
	Rejects   []Many `json:"rejects"`
}

// Many is a number of something.
type Many struct {
	What string `json:"what"`
	N    int64  `json:"n"`
}

// Rejected is the number of rejects.
func (c Counts) Rejected() int64 {
	var n int64
	for _, r := range c.Rejects {
		n += r.N
	}
	return n
}

// Artifact sums up the files of a kind.
type Artifact struct {
	Kind  string `json:"kind"`
	Files int    `json:"files"`
	Bytes int64  `json:"bytes"`
}

// Approval says who approved the release.
type Approval struct {
	By   string    `json:"by"`
	Time time.Time `json:"time"`
}

// Name is the release as people call it: "stable#42".
func (r *Report) Name() string { return releaseName(r.Channel, r.Number) }
