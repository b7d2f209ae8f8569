package spark

import (
	"strings"

	"github.com/mlpdev/mlp/pkg/diag"
)

// Kinds of an [Error].
const (
	// KindStatement: Spark refuses a statement, or a row of it.
	KindStatement = "statement"
	// KindInput: what is read is not what it is said to be.
	KindInput = "input"
	// KindMissing: what is read is not there.
	KindMissing = "missing"
	// KindFramer: executors cannot run the framer.
	KindFramer = "framer"
	// KindFull: there is no room to write.
	KindFull = "full"
	// KindMemory: Spark has not memory enough.
	KindMemory = "memory"
	// KindUnavailable: Spark, or what it reads from, is gone or does not answer.
	KindUnavailable = "unavailable"
	// KindCancelled: somebody else cancelled the work.
	KindCancelled = "cancelled"
	// KindManifest: the job and this program do not understand each other.
	KindManifest = "manifest"
	// KindSpark is everything else.
	KindSpark = "spark"
)

// Error is why Spark gave no result.
type Error struct {
	// Kind is one of the kinds above.
	Kind string
	// Job is the name of the job; empty where there was none yet.
	Job string
	// Step is what was being done, as in "view parsed"; it may be empty.
	Step string
	// Message is what Spark says, in a line.
	Message string
	// Span is the text of a spec that it is about; its zero value is none.
	Span diag.Span
	// Output is the end of what was written beside, if that says more.
	Output string
}

// Error says which text of which file Spark complains about, if it is about one.
func (e *Error) Error() string {
	text := "Spark: " + e.Message
	for _, about := range []string{e.Step, e.Job} {
		if about != "" {
			text = about + ": " + text
		}
	}
	if e.Span.File != "" {
		text = e.Span.String() + ": " + text
	}
	if e.Output != "" {
		text += ":\n  " + strings.ReplaceAll(e.Output, "\n", "\n  ")
	}
	return text
}

// Hint says what to do.
func (e *Error) Hint() string {
	switch e.Kind {
	case KindUnavailable:
		return "run the same command again; what is complete is not computed again"
	case KindFull:
		return "free some room where Spark's scratch lies, or let `scratch` in the project's spark settings name another place"
	case KindMemory:
		return "give Spark more memory by conf { key: \"spark.driver.memory\" value: \"8g\" }, or spark.executor.memory on a cluster"
	case KindInput:
		return "run `mlp verify`: it says which objects of the store are not what they were"
	case KindMissing:
		return "Spark's executors must reach the store and the scratch under the same names as mlp does"
	case KindFramer:
		return "executors run mlp itself to read logs: it must be built for their system"
	case KindCancelled:
		return "somebody ended the work on the cluster; run the same command again"
	}
	return ""
}

// ExitStatus is 4 where a retry helps.
func (e *Error) ExitStatus() int {
	if e.Kind == KindUnavailable || e.Kind == KindCancelled {
		return 4
	}
	return 1
}

// failed is the error of an answer.
type failed struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	Step    string `json:"step"`
	View    string `json:"view"`
	Marker  *int   `json:"marker"`
}

// of makes it an error about a job.
func (f failed) of(j Job) *Error {
	e := &Error{Kind: f.Kind, Job: j.Name, Step: f.Step, Message: f.Message}
	if f.Marker == nil {
		return e
	}
	spans := map[string][]diag.Span{}
	for _, v := range j.Views {
		spans[v.Name] = v.Spans
	}
	for _, o := range j.Outputs {
		spans[o.Name] = o.Spans
	}
	if known := spans[f.View]; *f.Marker >= 0 && *f.Marker < len(known) {
		e.Span = known[*f.Marker]
	}
	return e
}
