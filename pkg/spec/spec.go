// Package spec reads the textproto files of a project into typed messages that
// remember where every name and value stands.
//
// [Read] reads one file, [Load] a whole project, [ReadSite] the one file of a
// site. What the user wrote wrong comes back as a [diag.List], all of it at
// once where possible, in an order that depends on the files alone. [Format]
// and [AppendContribution] write.
//
// The package looks at the form of specs and at what one file says by itself.
// What needs SQL or other specs (whether a name is defined, whether types
// agree) is for package compile.
package spec

import (
	"google.golang.org/protobuf/proto"

	"github.com/mlpdev/mlp/pkg/specpb"
)

// Spec is one spec of a workspace.
type Spec[T proto.Message] struct {
	// Name is what other specs call it: its name field or, where that is
	// missing, what the file's path says it should be.
	Name string
	// Doc is the file, with the places of what it says.
	Doc *Document
	// Spec is the message of the file, which is Doc.Message.
	Spec T
}

// Workspace is a project as read. Every slice is sorted by name and holds each
// name once. Where [Load] reported errors, messages may lack what was wrong.
type Workspace struct {
	Project      Spec[*specpb.Project]
	Functions    []Spec[*specpb.Function]
	Lists        []Spec[*specpb.List]
	Parsers      []Spec[*specpb.Parser]
	FeatureSets  []Spec[*specpb.FeatureSet]
	Models       []Spec[*specpb.Model]
	Environments []Spec[*specpb.Environment]
	Datasets     []Spec[*specpb.Dataset]
	// Types are the parameter types of the trainers.
	Types *Types

	sources map[string][]byte
	tables  map[string]*Table // by list
}

// Function returns the function of a name.
func (w *Workspace) Function(name string) (Spec[*specpb.Function], bool) {
	return find(w.Functions, name)
}

// List returns the list of a name.
func (w *Workspace) List(name string) (Spec[*specpb.List], bool) { return find(w.Lists, name) }

// Table returns the file of a list, nil where it could not be read.
func (w *Workspace) Table(list string) *Table { return w.tables[list] }

// Parser returns the parser of a name.
func (w *Workspace) Parser(name string) (Spec[*specpb.Parser], bool) { return find(w.Parsers, name) }

// FeatureSet returns the feature set of a name.
func (w *Workspace) FeatureSet(name string) (Spec[*specpb.FeatureSet], bool) {
	return find(w.FeatureSets, name)
}

// Model returns the model of a name.
func (w *Workspace) Model(name string) (Spec[*specpb.Model], bool) { return find(w.Models, name) }

// Environment returns the environment of a name.
func (w *Workspace) Environment(name string) (Spec[*specpb.Environment], bool) {
	return find(w.Environments, name)
}

// Dataset returns the golden dataset of a name.
func (w *Workspace) Dataset(name string) (Spec[*specpb.Dataset], bool) { return find(w.Datasets, name) }

// Source returns the text of a file that was read, or nil. It is a
// [diag.Source].
func (w *Workspace) Source(file string) []byte { return w.sources[file] }

func find[T proto.Message](specs []Spec[T], name string) (Spec[T], bool) {
	for _, s := range specs {
		if s.Name == name {
			return s, true
		}
	}
	return Spec[T]{}, false
}
