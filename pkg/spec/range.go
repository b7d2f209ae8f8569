package spec

import (
	"fmt"
	"math"
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// rangeOf returns the option (mlp.v1.range) of a field, nil where it has none.
func rangeOf(fd protoreflect.FieldDescriptor) *specpb.Range {
	// The compiler keeps an option by a descriptor of its own.
	var found *specpb.Range
	fd.Options().ProtoReflect().Range(func(option protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if option.FullName() == specpb.E_Range.TypeDescriptor().FullName() {
			found = toRange(v.Message())
		}
		return found == nil
	})
	return found
}

func toRange(m protoreflect.Message) *specpb.Range {
	r := new(specpb.Range)
	for name, bound := range map[protoreflect.Name]**float64{"min": &r.Min, "max": &r.Max, "above": &r.Above} {
		if fd := m.Descriptor().Fields().ByName(name); m.Has(fd) {
			*bound = proto.Float64(m.Get(fd).Float())
		}
	}
	return r
}

// inRange reports whether a number is in a range; what is no number is not.
func inRange(r *specpb.Range, v protoreflect.Value) bool {
	var f float64
	switch n := v.Interface().(type) {
	case int32:
		f = float64(n)
	case uint32:
		f = float64(n)
	case int64:
		f = float64(n)
	case uint64:
		f = float64(n)
	case float32:
		f = float64(n)
	case float64:
		f = n
	default:
		return false
	}
	return (r.Min == nil || f >= r.GetMin()) && (r.Max == nil || f <= r.GetMax()) && (r.Above == nil || f > r.GetAbove())
}

// describeRange says for people what a number of a range is.
func describeRange(r *specpb.Range) string {
	low, high, above := plain(r.GetMin()), plain(r.GetMax()), plain(r.GetAbove())
	switch {
	case r.Above != nil && r.Max != nil:
		return fmt.Sprintf("greater than %s and at most %s", above, high)
	case r.Above != nil:
		return "greater than " + above
	case r.Min != nil && r.Max != nil:
		return fmt.Sprintf("from %s to %s", low, high)
	case r.Min != nil:
		return "of at least " + low
	}
	return "of at most " + high
}

// plain writes a number without an exponent, unless it is very large or small.
func plain(f float64) string {
	if a := math.Abs(f); a == 0 || a >= 1e-4 && a < 1e12 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// checkRanges checks that ranges stand at numbers, and that defaults are in
// them.
func (l *loader) checkRanges(d *Document, md protoreflect.MessageDescriptor) {
	for i := range md.Messages().Len() {
		l.checkRanges(d, md.Messages().Get(i))
	}
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		r := rangeOf(fd)
		if r == nil {
			continue
		}
		switch {
		case !isNumber(fd):
			l.list.Errorf(d.place(fd), "bad-params", "%q has a range and is not a number", fd.Name())
		case fd.HasDefault() && !inRange(r, fd.Default()):
			l.list.Errorf(d.place(fd), "bad-params", "the default of %q is not a number %s", fd.Name(), describeRange(r))
		}
	}
}

func isNumber(fd protoreflect.FieldDescriptor) bool {
	switch fd.Kind() {
	case protoreflect.BoolKind, protoreflect.EnumKind, protoreflect.StringKind, protoreflect.BytesKind,
		protoreflect.MessageKind, protoreflect.GroupKind:
		return false
	}
	return !fd.IsMap()
}

// place returns where a descriptor of a params.proto stands.
func (d *Document) place(of protoreflect.Descriptor) diag.Span {
	at := of.ParentFile().SourceLocations().ByDescriptor(of)
	if len(at.Path) == 0 {
		return d.File()
	}
	return diag.Span{File: d.Path, Line: at.StartLine + 1, Col: at.StartColumn + 1, EndLine: at.EndLine + 1, EndCol: at.EndColumn + 1}
}
