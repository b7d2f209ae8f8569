package spec

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/mlpdev/mlp/pkg/specpb"
)

// Unpack returns the message in an Any, or an error where its type is not
// known or its bytes are not of that type.
func (t *Types) Unpack(any *anypb.Any) (protoreflect.Message, error) {
	mt, err := t.FindMessageByURL(any.GetTypeUrl())
	if err != nil {
		return nil, fmt.Errorf("find message %q: %w", any.GetTypeUrl(), err)
	}
	m := mt.New()
	options := proto.UnmarshalOptions{AllowPartial: true, RecursionLimit: MaxDepth}
	if err := options.Unmarshal(any.GetValue(), m.Interface()); err != nil {
		return nil, fmt.Errorf("decode message %q: %w", any.GetTypeUrl(), err)
	}
	return m, nil
}

// TrainerParams returns the parameters of a model's trainer as the message of
// its params.proto. Its descriptor's full name is the trainer's name.
func (w *Workspace) TrainerParams(m *specpb.Model) (protoreflect.Message, error) {
	if m.GetTrainer() == nil {
		return nil, fmt.Errorf("model %q has no trainer", m.GetName())
	}
	return w.Types.Unpack(m.GetTrainer())
}

// CanonicalJSON returns a message as one JSON object without white space, the
// same bytes for the same values: fields in the order of their numbers under
// the names of the .proto file, enum values by name, bytes in base64, map
// entries sorted by key.
//
// Defaults are filled in: a field that is not set has the default of the
// .proto file, a list or map is empty. Without a default, a field that can be
// told from unset, such as a message, is left out. A number that is not finite
// is an error.
func CanonicalJSON(m protoreflect.Message) ([]byte, error) {
	return appendObject(nil, m)
}

func appendObject(b []byte, m protoreflect.Message) ([]byte, error) {
	fields := make([]protoreflect.FieldDescriptor, m.Descriptor().Fields().Len())
	for i := range fields {
		fields[i] = m.Descriptor().Fields().Get(i)
	}
	slices.SortFunc(fields, func(x, y protoreflect.FieldDescriptor) int { return int(x.Number()) - int(y.Number()) })
	b = append(b, '{')
	first := true
	for _, fd := range fields {
		if fd.HasPresence() && !fd.HasDefault() && !m.Has(fd) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = appendJSON(b, string(fd.Name()))
		b = append(b, ':')
		var err error
		if b, err = appendField(b, fd, m.Get(fd)); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func appendField(b []byte, fd protoreflect.FieldDescriptor, v protoreflect.Value) (_ []byte, err error) {
	switch {
	case fd.IsList():
		b = append(b, '[')
		for i := range v.List().Len() {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendValue(b, fd, v.List().Get(i)); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case fd.IsMap():
		b = append(b, '{')
		for i, k := range mapKeys(v.Map()) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendJSON(b, k.String()), ':')
			if b, err = appendValue(b, fd.MapValue(), v.Map().Get(k)); err != nil {
				return nil, err
			}
		}
		return append(b, '}'), nil
	}
	return appendValue(b, fd, v)
}

func appendValue(b []byte, fd protoreflect.FieldDescriptor, v protoreflect.Value) ([]byte, error) {
	switch fd.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return appendObject(b, v.Message())
	case protoreflect.EnumKind:
		if value := fd.Enum().Values().ByNumber(v.Enum()); value != nil {
			return appendJSON(b, string(value.Name())), nil
		}
		return appendJSON(b, int32(v.Enum())), nil
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fmt.Errorf("encode field %q: number is not finite", fd.FullName())
		}
	}
	return appendJSON(b, v.Interface()), nil
}

// appendJSON appends a value that JSON can always hold.
func appendJSON(b []byte, v any) []byte {
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // strings, bytes, booleans and finite numbers only
	}
	return append(b, strings.TrimSuffix(text.String(), "\n")...)
}

// mapKeys returns the keys of a map sorted as texts.
func mapKeys(m protoreflect.Map) []protoreflect.MapKey {
	var keys []protoreflect.MapKey
	m.Range(func(k protoreflect.MapKey, _ protoreflect.Value) bool {
		keys = append(keys, k)
		return true
	})
	slices.SortFunc(keys, func(a, b protoreflect.MapKey) int { return strings.Compare(a.String(), b.String()) })
	return keys
}
