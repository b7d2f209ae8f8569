package spec

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"

	"github.com/mlpdev/mlp/pkg/specpb"
)

// AppendTest returns src, the text of a dataset.textproto, with a contribution
// added to those that models are tested on. It is an error if src cannot be
// read, or if the result would not read back as src and the name.
func AppendTest(src []byte, contribution string) ([]byte, error) {
	want := new(specpb.Dataset)
	doc, list := Read(DatasetFile, src, want, nil)
	if list.HasErrors() {
		return nil, fmt.Errorf("read dataset: %w", list.Err())
	}
	line := "test: " + strconv.Quote(contribution)
	out := slices.Concat(bytes.TrimRight(src, "\n"), []byte("\n\nsplit {\n  "+line+"\n}\n"))
	if place, ok := doc.lookup(want, "split", nil); ok {
		end := int(place.value.end)
		open := end + bytes.IndexAny(src[end:], "{<") + 1
		out = slices.Concat(src[:open], []byte("\n  "+line), src[open:])
	} else {
		want.Split = &specpb.Split{}
	}
	want.Split.Test = append([]string{contribution}, want.Split.Test...)
	got := new(specpb.Dataset)
	if _, list := Read(DatasetFile, out, got, nil); list.HasErrors() || !proto.Equal(want, got) {
		return nil, fmt.Errorf("add %q to the test side: the split cannot be edited; add `%s` to it", contribution, line)
	}
	return out, nil
}
