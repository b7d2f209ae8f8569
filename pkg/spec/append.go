package spec

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/mlpdev/mlp/pkg/specpb"
)

// AppendContribution returns src, the text of a dataset.textproto, with a
// contribution added behind its end; what was there stays byte for byte. It is
// an error if src cannot be read, has a contribution of that name, or if the
// result would not read back as src and the contribution.
func AppendContribution(src []byte, c *specpb.Contribution) ([]byte, error) {
	want := new(specpb.Dataset)
	if _, list := Read(DatasetFile, src, want, nil); list.HasErrors() {
		return nil, fmt.Errorf("read dataset: %w", list.Err())
	}
	for _, other := range want.GetContributions() {
		if other.GetName() == c.GetName() {
			return nil, fmt.Errorf("append contribution %q: the dataset has one of this name", c.GetName())
		}
	}
	p := printer{}
	if n := len(src); n > 0 {
		p.out.Write(src)
		if src[n-1] != '\n' {
			p.out.WriteByte('\n')
		}
		p.out.WriteByte('\n')
	}
	p.block("contributions", func() { p.fields(c.ProtoReflect()) })
	out := []byte(p.out.String())

	want.Contributions = append(want.Contributions, c)
	got := new(specpb.Dataset)
	if _, list := Read(DatasetFile, out, got, nil); list.HasErrors() {
		return nil, fmt.Errorf("append contribution %q: %w", c.GetName(), list.Err())
	}
	if !proto.Equal(want, got) {
		return nil, fmt.Errorf("append contribution %q: it does not read back as it was", c.GetName())
	}
	return out, nil
}
