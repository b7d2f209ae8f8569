package run

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/graph"
	"github.com/mlpdev/mlp/pkg/release"
)

// Explained says what a store and its releases have of a node.
type Explained struct {
	// Columns are the frames that the node has rows or a column in: of a parser,
	// feature set, field, label column or feature.
	Columns []StoredColumn
	// Model and Evaluation are what is stored of a model; nil: nothing.
	Model      *ModelEntry
	Evaluation *EvaluationEntry
	Releases   []ReleasedNode
}

// StoredColumn says whether the store has a column of a frame, or its rows.
type StoredColumn struct {
	Frame  string        `json:"frame"` // for people: "contribution/c2.day1 × beacon"
	Key    digest.Digest `json:"key"`   // of the column, or of the frame
	Stored bool          `json:"stored"`
	Rows   int64         `json:"rows"` // of the frame, where it is stored
}

// ReleasedNode says what the newest release of a channel has of a node.
type ReleasedNode struct {
	Release string        `json:"release"` // "local#3"
	Key     digest.Digest `json:"key"`
	Same    bool          `json:"same"`   // whether it is the key of the work tree
	Models  []string      `json:"models"` // whose rows it is about
}

// Explain looks up what the store has of the node at an address.
func (r *Runner) Explain(ctx context.Context, address string) (*Explained, error) {
	out := &Explained{Columns: []StoredColumn{}, Releases: []ReleasedNode{}}
	var err error
	if out.Columns, err = r.storedColumns(ctx, address); err != nil {
		return nil, err
	}
	kind, name, _ := strings.Cut(address, "/")
	if m, ok := compile.ByName(r.Program.Models, name); ok && (kind == "model" || kind == "evaluation") {
		if out.Model, err = r.Index.Model(ctx, m.Key); err != nil {
			return nil, err
		}
		if out.Evaluation, err = r.Index.Evaluation(ctx, m.Evaluation); err != nil {
			return nil, err
		}
	}
	for _, channel := range r.channels() {
		head, err := r.head(ctx, channel)
		if err != nil {
			return nil, err
		}
		if head != nil {
			out.Releases = append(out.Releases, r.releasedNode(head.Record, address)...)
		}
	}
	return out, nil
}

// channels returns the channels of the program, and the one that is there
// without saying, sorted.
func (r *Runner) channels() []string {
	out := []string{compile.DefaultChannel}
	for _, m := range r.Program.Models {
		out = append(out, m.Channel)
	}
	for _, e := range r.Program.Environments {
		out = append(out, e.Channel)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// storedColumns returns the frames of a node, in the order of contributions.
func (r *Runner) storedColumns(ctx context.Context, address string) ([]StoredColumn, error) {
	out := []StoredColumn{}
	key := r.Program.Graph.Key(address)
	parser, set := r.rowsAt(address)
	if parser == nil {
		return out, nil
	}
	for _, d := range r.Program.Datasets {
		for _, k := range d.Contributions {
			if len(k.Files(parser.Name)) == 0 {
				continue
			}
			frame := compile.ParserFrame(d, k, parser)
			if set != nil {
				frame = compile.FeatureFrame(d, k, set)
			}
			entry, err := r.Index.Frame(ctx, frame.Key)
			if err != nil {
				return nil, err
			}
			c := StoredColumn{Frame: frame.Address(), Key: frame.Key, Stored: entry != nil}
			if strings.Contains(address, ".") {
				c.Key = frame.Column(key)
				column, err := r.Index.Column(ctx, c.Key)
				if err != nil {
					return nil, err
				}
				c.Stored = entry != nil && column != nil
			}
			if c.Stored {
				c.Rows = entry.Rows
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// rowsAt returns the parser, and where there is one the feature set, whose
// rows a node is about.
func (r *Runner) rowsAt(address string) (*compile.Parser, *compile.FeatureSet) {
	kind, rest, _ := strings.Cut(address, "/")
	name, _, _ := strings.Cut(rest, ".")
	switch kind {
	case "parser", "field", "label":
		parser, _ := compile.ByName(r.Program.Parsers, name)
		return parser, nil
	case "featureset", "feature":
		if set, ok := compile.ByName(r.Program.FeatureSets, name); ok {
			return set.From, set
		}
	}
	return nil, nil
}

// parsed reports whether a node is about the rows of a parser.
func (r *Runner) parsed(address string) bool {
	return slices.Contains([]string{"parser", "field", "label"}, graph.Kind(address))
}

// releasedNode returns what a release has of the node at an address: once for
// each key, as models may read different versions.
func (r *Runner) releasedNode(record release.Record, address string) []ReleasedNode {
	byKey := map[digest.Digest][]string{}
	for _, m := range record.Models {
		switch graph.Kind(address) {
		case "model":
			if "model/"+m.Name == address {
				byKey[m.ModelKey] = []string{m.Name}
			}
		case "evaluation":
			if "evaluation/"+m.Name == address {
				byKey[m.EvaluationKey] = []string{m.Name}
			}
		default:
			key, ok := record.Contract.Keys[m.Specs+"/"+address]
			if !ok {
				continue
			}
			_, rest, _ := strings.Cut(address, "/")
			name, _, _ := strings.Cut(rest, ".")
			models := append([]string{}, byKey[key]...)
			if rows := map[bool]string{true: m.Parser, false: m.FeatureSet}[r.parsed(address)]; rows == name {
				models = append(models, m.Name)
			}
			byKey[key] = models
		}
	}
	out := []ReleasedNode{}
	for _, key := range slices.SortedFunc(maps.Keys(byKey), digest.Digest.Compare) {
		out = append(out, ReleasedNode{Release: fmt.Sprintf("%s#%d", record.Channel, record.Number), Key: key,
			Same: key == r.Program.Graph.Key(address), Models: byKey[key]})
	}
	return out
}
