package spec

import (
	"path"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/mlpdev/mlp/pkg/specpb"
)

// MessageOf returns an empty message of the kind that a file holds: by its
// path in a project, else by its comment "# proto-message: NAME". It is nil
// where neither tells.
func MessageOf(file string, src []byte) proto.Message {
	dir, base := path.Split(file)
	dir = strings.TrimSuffix(dir, "/")
	switch {
	case file == ProjectFile:
		return new(specpb.Project)
	case path.Ext(file) != extension:
	case dir == ParsersDir:
		return new(specpb.Parser)
	case dir == FeatureSetsDir:
		return new(specpb.FeatureSet)
	case dir == ListsDir:
		return new(specpb.List)
	case dir == FunctionsDir:
		return new(specpb.Function)
	case dir == ModelsDir:
		return new(specpb.Model)
	case dir == EnvironmentsDir:
		return new(specpb.Environment)
	case base == DatasetFile && path.Dir(dir) == DatasetsDir:
		return new(specpb.Dataset)
	}
	for _, m := range []proto.Message{new(specpb.Project), new(specpb.Parser), new(specpb.FeatureSet), new(specpb.List), new(specpb.Function),
		new(specpb.Model), new(specpb.Environment), new(specpb.Dataset), new(specpb.Site)} {
		if headerMessage(src) == m.ProtoReflect().Descriptor().FullName() {
			return m
		}
	}
	return nil
}

// headerMessage returns the name behind "# proto-message:" among the comments
// that a file begins with.
func headerMessage(src []byte) protoreflect.FullName {
	for text := range strings.Lines(string(src)) {
		comment, ok := strings.CutPrefix(strings.TrimSpace(text), "#")
		if !ok && strings.TrimSpace(text) != "" {
			return ""
		}
		if name, ok := strings.CutPrefix(strings.TrimSpace(comment), "proto-message:"); ok {
			return protoreflect.FullName(strings.TrimSpace(name))
		}
	}
	return ""
}
