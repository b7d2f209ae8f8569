package lineage

import (
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/mlpdev/mlp/pkg/compile"
)

// description is what specs say of a node.
type description struct {
	display, description, typ string
	facts                     []Fact
}

// describer collects descriptions by address.
type describer map[string]description

// describe returns what a program's specs say of its nodes.
func describe(p *compile.Program) map[string]description {
	d := describer{}
	for _, x := range p.Parsers {
		d.spec("parser/"+x.Name, x.Spec)
		for _, f := range x.Spec.GetFields() {
			d.spec("field/"+x.Name+"."+f.GetName(), f)
		}
		for _, f := range x.Spec.GetLabels() {
			d.spec("label/"+x.Name+"."+f.GetName(), f)
		}
		for _, f := range x.Fields {
			d.raw(f, x.Raw)
		}
		d.types(x.Fields, x.Labels)
	}
	for _, x := range p.Functions {
		d.spec("function/"+x.Name, x.Spec)
		d.fact("function/"+x.Name, "signature", x.Signature())
	}
	for _, x := range p.Lists {
		d.spec("list/"+x.Name, x.Spec)
		for i, c := range x.Columns {
			d.spec(c.Address, x.Spec.GetColumns()[i])
			d.typ(c.Address, c.Values.Type.String())
		}
	}
	for _, x := range p.FeatureSets {
		d.spec("featureset/"+x.Name, x.Spec)
		for _, f := range x.Spec.GetFeatures() {
			d.spec("feature/"+x.Name+"."+f.GetName(), f)
		}
		d.types(x.Columns, x.Features)
	}
	for _, x := range p.Datasets {
		d.spec("dataset/"+x.Name, x.Spec)
		for _, k := range x.Contributions {
			d.spec(k.Address, k.Spec)
			d.capture(k)
		}
	}
	for _, x := range p.Models {
		d.spec("model/"+x.Name, x.Spec)
		d.fact("model/"+x.Name, "trainer", strings.TrimPrefix(x.Trainer, "mlp.trainers."))
		d.fact("model/"+x.Name, "parameters", string(x.Params))
	}
	for _, x := range p.Environments {
		d.spec("env/"+x.Name, x.Spec)
	}
	return d
}

func (d describer) fact(address, name, value string) {
	if value != "" {
		x := d[address]
		x.facts = append(x.facts, Fact{Name: name, Value: value})
		d[address] = x
	}
}

func (d describer) types(lists ...[]*compile.Field) {
	for _, fields := range lists {
		for _, f := range fields {
			t := f.Type.String()
			if f.Length > 0 {
				t += fmt.Sprintf(" of %d", f.Length)
			}
			d.typ(f.Address, t)
		}
	}
}

func (d describer) typ(address, name string) {
	x := d[address]
	x.typ = name
	d[address] = x
}

// raw names the raw columns that a field reads.
func (d describer) raw(f *compile.Field, addresses []string) {
	var names []string
	for _, ref := range f.Expr.Refs() {
		i, err := strconv.Atoi(strings.TrimPrefix(strings.ToLower(ref), "_c"))
		if err == nil && i >= 0 && i < len(addresses) {
			names = append(names, addresses[i])
		}
	}
	d.fact(f.Address, "raw columns", strings.Join(names, ", "))
}

// capture sums up the raw files of a contribution.
func (d describer) capture(k *compile.Contribution) {
	side := "train"
	if k.Test {
		side = "test"
	}
	d.fact(k.Address, "side", side)
	for _, f := range k.Spec.GetFiles() {
		d.fact(k.Address, "file", fmt.Sprintf("%s, %d records, %d bytes, read by parser/%s", f.GetName(), f.GetRecords(), f.GetSize(), f.GetParser()))
	}
}

// spec notes what a message of a spec says: names, and as facts all that is not
// a definition and not a node of its own.
func (d describer) spec(address string, m proto.Message) {
	x, r := d[address], m.ProtoReflect()
	for i := range r.Descriptor().Fields().Len() {
		f := r.Descriptor().Fields().Get(i)
		if !r.Has(f) {
			continue
		}
		switch name, v := string(f.Name()), r.Get(f); {
		case name == "display_name":
			x.display = v.String()
		case name == "description":
			x.description = v.String()
		case name == "name", name == "definition", name == "data_type", name == "index", name == "examples", nodes(f), opaque(f):
		default:
			x.facts = append(x.facts, Fact{Name: strings.ReplaceAll(name, "_", " "), Value: text(f, v)})
		}
	}
	d[address] = x
}

// nodes reports a field that holds nodes of their own, or files: lists of
// messages that have a name.
func nodes(f protoreflect.FieldDescriptor) bool {
	return f.IsList() && f.Message() != nil && f.Message().Fields().ByName("name") != nil
}

// opaque reports a message that cannot be read without its type: a trainer's
// parameters.
func opaque(f protoreflect.FieldDescriptor) bool {
	return f.Message() != nil && f.Message().FullName() == "google.protobuf.Any"
}

// text writes a value as people write it in a spec, without braces at the top.
func text(f protoreflect.FieldDescriptor, v protoreflect.Value) string {
	if !f.IsList() {
		return single(f, v)
	}
	parts := make([]string, v.List().Len())
	for i := range parts {
		parts[i] = single(f, v.List().Get(i))
	}
	if f.Message() != nil {
		return strings.Join(parts, "; ")
	}
	return strings.Join(parts, ", ")
}

func single(f protoreflect.FieldDescriptor, v protoreflect.Value) string {
	switch f.Kind() {
	case protoreflect.MessageKind:
		m, parts := v.Message(), []string{}
		for i := range m.Descriptor().Fields().Len() {
			if x := m.Descriptor().Fields().Get(i); m.Has(x) && !opaque(x) {
				parts = append(parts, strings.ReplaceAll(string(x.Name()), "_", " ")+" "+nested(x, m.Get(x)))
			}
		}
		return strings.Join(parts, ", ")
	case protoreflect.EnumKind:
		if e := f.Enum().Values().ByNumber(v.Enum()); e != nil {
			return string(e.Name())
		}
		return strconv.Itoa(int(v.Enum()))
	case protoreflect.BoolKind:
		return map[bool]string{true: "yes", false: "no"}[v.Bool()]
	case protoreflect.StringKind:
		return v.String()
	}
	return fmt.Sprint(v.Interface())
}

// nested is text inside a message: what is not a plain word gets quotes or
// braces.
func nested(f protoreflect.FieldDescriptor, v protoreflect.Value) string {
	out := text(f, v)
	switch f.Kind() {
	case protoreflect.MessageKind:
		return "{" + out + "}"
	case protoreflect.StringKind:
		return strconv.Quote(out)
	}
	return out
}
