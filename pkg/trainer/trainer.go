// Package trainer is the contract with the Python trainers: it makes the
// environment they run in, unpacks them, keeps one warm worker process, and
// exchanges requests, events and results with it.
//
// Messages are JSON, one a line, on the worker's standard input and output.
// Rows never travel that way: a request names a Parquet file, and a result
// names the files that the worker wrote.
package trainer

import (
	"encoding/json"
	"fmt"
)

// Request asks for one model.
type Request struct {
	// ID names the request in progress events and errors; it takes no part in
	// what is trained.
	ID string `json:"id"`
	// Trainer is the full name of the parameter message, as in
	// "mlp.trainers.sklearn.LogisticRegression".
	Trainer string `json:"trainer"`
	// Params is a JSON object: the parameters by their proto field names, enums
	// by name. What is not there has the default of params.proto.
	Params json.RawMessage `json:"params"`
	// Seed decides everything random.
	Seed int64 `json:"seed"`
	// Matrix is the path of a Parquet file with the columns side (text, "train"
	// or "test"), label (1 attack, 0 benign), capture (an integer, the same for
	// rows of one capture) and one column a feature: a 32-bit float or, of a
	// vector, a list of as many in every row. NULL, NaN and infinities mean a
	// missing value. The order of the rows is part of the request.
	Matrix string `json:"matrix"`
	// Features are the matrix's columns that the model reads, in the order of
	// its inputs.
	Features []string `json:"features"`
	// Out is an existing directory that the worker writes into.
	Out string `json:"out"`
}

// Result is what a worker made of a request.
type Result struct {
	// Model is the path of the ONNX file: input "features", 32-bit floats
	// [N, inputs], each element of a list one; output "score", 32-bit floats [N], the probability
	// of an attack.
	Model string `json:"model"`
	// Predictions is the path of a Parquet file with a row for each row of the
	// matrix, in its order: score (DOUBLE) is the native model's probability,
	// oof (DOUBLE) the probability by a model that did not see the row's fold;
	// oof is NULL for test rows and NaN where folds are not possible. Folds are
	// whole captures for benign rows, unless one has too many of them.
	Predictions string `json:"predictions"`
	// Info describes the training; nothing in it decides anything.
	Info Info `json:"info"`
}

// Info is what is worth recording about a training.
type Info struct {
	// Versions of Python and of the packages that decide numbers.
	Versions map[string]string `json:"versions"`
	// TrainRows and TestRows count the matrix's rows by side.
	TrainRows int `json:"train_rows"`
	TestRows  int `json:"test_rows"`
	// Folds is how many folds the oof column was made with; 0 means none.
	Folds int `json:"folds"`
	// Iterations is how many the solver took, where it has any.
	Iterations int `json:"n_iter,omitempty"`
	// Intercept of a linear model, on standardised inputs.
	Intercept float64 `json:"intercept,omitempty"`
	// Trees and Leaves count those of a model of trees.
	Trees  int `json:"trees,omitempty"`
	Leaves int `json:"leaves,omitempty"`
	// Features describes the model's inputs, in order.
	Features []FeatureInfo `json:"features"`
	// Warnings are the trainer's own, without repetitions.
	Warnings []string `json:"warnings"`
}

// FeatureInfo is what a model holds of one input x. A linear model's log-odds
// are the sum over the inputs of Coefficient * (x - Mean) / Scale, where a
// missing x counts as Impute, and Intercept. What a model does not have is 0.
type FeatureInfo struct {
	Name        string  `json:"name"`
	Coefficient float64 `json:"coefficient,omitempty"`
	Impute      float64 `json:"impute,omitempty"`
	Mean        float64 `json:"mean,omitempty"`
	Scale       float64 `json:"scale,omitempty"`
	// Importance is the input's part in all that the splits of a model of trees
	// gain; they sum to 1, or to 0 where nothing is split.
	Importance float64 `json:"importance,omitempty"`
	// Missing counts the training rows without a value.
	Missing int `json:"missing"`
}

// Event reports progress on a request.
type Event struct {
	// Stage is a word or two: "read", "fold 2/5", "fit", "export".
	Stage string `json:"stage"`
	// Done and Total count stages.
	Done  int `json:"done"`
	Total int `json:"total"`
	// Epoch of at most Epochs is done, of a stage that has any; both are 0 where
	// it has none. Loss is what it has come to.
	Epoch  int     `json:"epoch"`
	Epochs int     `json:"epochs"`
	Loss   float64 `json:"loss"`
}

// String returns the report in words, as in "fold 2/5, epoch 12/100, loss 0.031".
func (e Event) String() string {
	if e.Epochs == 0 {
		return e.Stage
	}
	return fmt.Sprintf("%s, epoch %d/%d, loss %.3g", e.Stage, e.Epoch, e.Epochs, e.Loss)
}

// ReplyError is a worker's answer that a request cannot be carried out. The
// worker is ready for the next one.
type ReplyError struct {
	// Kind is "request", "params", "matrix", "training" or "internal".
	Kind string `json:"kind"`
	// Message is one line without values of the rows.
	Message string `json:"message"`
}

// Error returns the kind and the message.
func (e *ReplyError) Error() string { return fmt.Sprintf("trainer: %s: %s", e.Kind, e.Message) }
