package compile

import "github.com/mlpdev/mlp/pkg/digest"

// Frame names the rows that a parser or a feature set yields over one
// contribution, and has the key that decides which rows those are.
type Frame struct {
	Contribution *Contribution
	Dataset      *Dataset
	Parser       *Parser
	FeatureSet   *FeatureSet // nil: the parser's own rows
	Key          digest.Digest
}

// ParserFrame returns the frame of a parser over a contribution.
func ParserFrame(d *Dataset, k *Contribution, p *Parser) Frame {
	key := digest.New("frame/parser").Digest("files", filesKey(k.Files(p.Name))).Digest("parser", p.Key).Sum()
	return Frame{Contribution: k, Dataset: d, Parser: p, Key: key}
}

// FeatureFrame returns the frame of a feature set over a contribution.
func FeatureFrame(d *Dataset, k *Contribution, f *FeatureSet) Frame {
	input := ParserFrame(d, k, f.From)
	key := digest.New("frame/featureset").Digest("input", input.Key).Digest("rows", f.Key).Sum()
	return Frame{Contribution: k, Dataset: d, Parser: f.From, FeatureSet: f, Key: key}
}

// Column returns the key of a column over the frame: that of the stored
// values. node is the key of the field, feature or label.
func (f Frame) Column(node digest.Digest) digest.Digest {
	return digest.New("column").Digest("frame", f.Key).Digest("node", node).Sum()
}

// Label returns what labels the frame's rows: nothing, where the contribution's
// label is about other rows.
func (f Frame) Label() *Label {
	if !f.Contribution.About(f.FeatureSet) {
		return f.Dataset.unlabelled
	}
	return f.Contribution.Label(f.Parser.Name)
}

// Side returns what says on which side of the split the frame's rows are, nil
// where that is the whole contribution's.
func (f Frame) Side() *Label { return f.Contribution.Side(f.Parser.Name) }

// Address names the frame for people: "contribution/c2.day1 × beacon".
func (f Frame) Address() string {
	rows := f.Parser.Name
	if f.FeatureSet != nil {
		rows = f.FeatureSet.Name
	}
	return f.Contribution.Address + " × " + rows
}
