package spec

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bufbuild/protocompile"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// everything has a field of every kind that the text format knows.
const everything = `
syntax = "proto2";
package mlp.trainers.everything;
import "google/protobuf/any.proto";
enum Color { RED = 0; GREEN = 1; BLUE = -2; }
message All {
  reserved "old", "older";
  reserved 90;
  optional bool b = 1 [default = true];
  optional int32 i32 = 2 [default = 7];
  optional sint64 s64 = 3;
  optional uint32 u32 = 4;
  optional fixed64 f64 = 5;
  optional float f = 6 [default = 0.5];
  optional double d = 7;
  optional string s = 8;
  optional bytes y = 9;
  optional Color e = 10 [default = GREEN];
  optional All all = 11;
  repeated int64 ints = 12;
  repeated All many = 13;
  map<string, int32> counts = 14;
  map<int32, All> alls = 15;
  oneof choice { string left = 16; int32 right = 17; All both = 18; }
  optional google.protobuf.Any any = 19;
  repeated string texts = 20;
  repeated Color colors = 21;
  optional group Shape = 22 { optional int32 size = 1; }
  map<bool, Color> hues = 23;
  repeated google.protobuf.Any anys = 24;
  extensions 100 to 200;
}
message Strict { required string must = 1; optional Strict more = 2; }
extend All { optional int32 extra = 100; }
`

// compiled returns the types of a params.proto.
func compiled(t testing.TB, src string) *Types {
	t.Helper()
	c := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{
		Accessor: protocompile.SourceAccessorFromMap(map[string]string{"x.proto": src}),
	})}
	files, err := c.Compile(context.Background(), "x.proto")
	if err != nil {
		t.Fatal(err)
	}
	types := &Types{messages: map[string]protoreflect.MessageType{}}
	for i := range files[0].Messages().Len() {
		md := files[0].Messages().Get(i)
		types.messages[string(md.FullName())] = dynamicpb.NewMessageType(md)
	}
	return types
}

func fresh(t testing.TB, types *Types, full string) proto.Message {
	t.Helper()
	mt, err := types.FindMessageByURL(full)
	if err != nil {
		t.Fatal(err)
	}
	return mt.New().Interface()
}

// peer lets prototext resolve what our types resolve.
type peer struct{ *Types }

func (p peer) FindMessageByName(n protoreflect.FullName) (protoreflect.MessageType, error) {
	return p.FindMessageByURL(string(n))
}

func (peer) FindExtensionByName(protoreflect.FullName) (protoreflect.ExtensionType, error) {
	return nil, protoregistry.NotFound
}

func (peer) FindExtensionByNumber(protoreflect.FullName, protoreflect.FieldNumber) (protoreflect.ExtensionType, error) {
	return nil, protoregistry.NotFound
}

// stricter are the codes of what we refuse and prototext may not.
var stricter = []string{"too-large", "too-deep", "too-many-values", "control-character", "format-character", "invalid-utf8"}

func codes(l diag.List) []string {
	var out []string
	for _, d := range l.Sorted() {
		out = append(out, d.Code)
	}
	return out
}

const parserText = `# proto-file: mlp/v1/parser.proto
# proto-message: mlp.v1.Parser
name: "zeek_conn"  display_name: "Zeek connection log"
source { delimited { separator: "\t" comment: "#" null: "-" header_line: "#fields" } }
raw: ["ts", 'uid', "id.orig" "_h"],
fields { name: "ts" data_type: TIMESTAMP index: 0 definition: "timestamp_seconds(cast(_c0 AS double))" };
fields: < name: "src" data_type: 5 index: [0x2] definition:
  "concat(_c2, "   # the first half
  '\'>\', \u00e9\U0001F600, _c1)' >
require: "ts IS NOT NULL"
`

const modelText = `name: "m" dataset: "d" feature_set: "f" seed: -17 target_fpr: 1e-2
trainer { [type.googleapis.com/mlp.trainers.everything.All] { b: false ints: [1, 2] all { s: "x" } counts { key: "a" value: 1 } } }
gates { min_recall: .5 }
`

const allText = `b: t i32: -0x10 s64: - # sign
 5 u32: 017 f64: 1 f: 1.5f d: -inf s: "a" 'b' y: "\xff\000" e: BLUE old: [1, {x: 2}] older { [a/b.c]: 3 7: 1 }
all < any { type_url: "x" value: "\001" } > ints: 1 ints: [] many: [{}, <>], counts { key: "k" } counts: [{value: 2}]
alls { key: 3 value { } } left: "l" texts: [] texts: 'q' colors: [RED, 1] Shape { size: 1 } hues { key: true }
anys { [mlp.trainers.everything.All]: { d: nan } }`

func FuzzRead(f *testing.F) {
	types := compiled(f, everything)
	for _, s := range []string{parserText, allText, modelText, "", "b", "b:", "b: 1f", "b: 2", "d: 1e", "d: .", "s: \"", "all{", "all{>", "i32: 08",
		"s: '\\", `s: "\ud83d\ude00"`, `s: "\ud83d"`, `s: "\400"`, `s: "\x"`, `s: "\u12"`, "any{[a/b]{}}", "old: [1,]", "many [1]", "counts [{}]", "1: 2", "[x.y]: 2",
		"left: 'a' right: 2", "i32: 1 i32: 2", "any { value: 'x' [mlp.trainers.everything.All] {} }", "[ mlp . x # c\n]: 1", "all { , }", "b: 1,,", "b: 1;", "ints: [1 2]",
		"anys [{}]", "s: 1", "e: 1", "e: 99", "e: 'RED'", "f: 1e999", "i32: 9999999999", "u32: -1", "\xef\xbb\xbfb: 1", "s: '\x00'", "hues { key: 1 key: 0 }"} {
		for kind := range byte(4) {
			f.Add(kind, []byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, src []byte) {
		fresh := [...]func() proto.Message{
			func() proto.Message { return fresh(t, types, "mlp.trainers.everything.All") },
			func() proto.Message { return new(specpb.Parser) },
			func() proto.Message { return new(specpb.Model) },
			func() proto.Message { return fresh(t, types, "mlp.trainers.everything.Strict") },
		}[kind%4]
		got, want := fresh(), fresh()
		doc, list := Read("f", src, got, types)
		err := prototext.UnmarshalOptions{Resolver: peer{types}}.Unmarshal(src, want)
		if slices.ContainsFunc(codes(list), func(c string) bool { return slices.Contains(stricter, c) }) {
			return
		}
		if list.HasErrors() != (err != nil) {
			t.Fatalf("prototext: %v\nwe: %v", err, list.Err())
		}
		if err != nil {
			return
		}
		if !proto.Equal(want, got) {
			t.Fatal(cmp.Diff(want, got, protocmp.Transform()))
		}
		checkPlaces(t, doc, got)
		again, text := fresh(), Format(got, types)
		if err := (prototext.UnmarshalOptions{Resolver: peer{types}}).Unmarshal(text, again); err != nil || !proto.Equal(got, again) {
			t.Fatalf("Format gives %v:\n%s", err, text)
		}
	})
}

// checkPlaces checks that every value of m has a place, and that the place of
// a string reads as the string.
func checkPlaces(t *testing.T, doc *Document, m proto.Message) {
	t.Helper()
	m.ProtoReflect().Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		values := []protoreflect.Value{v}
		if fd.IsMap() {
			return true
		}
		if fd.IsList() {
			values = nil
			for i := range v.List().Len() {
				values = append(values, v.List().Get(i))
			}
		}
		for i, v := range values {
			if _, expanded := doc.Expanded(m); expanded {
				continue
			}
			if doc.Field(m, fd.TextName(), i).Line == 0 {
				t.Errorf("%s[%d] has no place", fd.FullName(), i)
			}
			if fd.Kind() == protoreflect.StringKind {
				if got := doc.Text(m, fd.TextName(), i).Value; got != v.String() {
					t.Errorf("%s[%d] is %q, its text %q", fd.FullName(), i, v.String(), got)
				}
			}
			if isMessage(fd) {
				checkPlaces(t, doc, v.Message().Interface())
			}
		}
		return true
	})
}

func TestReadAgreesWithPrototext(t *testing.T) {
	types := compiled(t, everything)
	for name, tt := range map[string]struct {
		into proto.Message
		text string
	}{
		"parser":     {new(specpb.Parser), parserText},
		"model":      {new(specpb.Model), modelText},
		"everything": {fresh(t, types, "mlp.trainers.everything.All"), allText},
	} {
		t.Run(name, func(t *testing.T) {
			doc, list := Read(name, []byte(tt.text), tt.into, types)
			if len(list) > 0 {
				t.Fatal(list.Err())
			}
			want := tt.into.ProtoReflect().New().Interface()
			if err := (prototext.UnmarshalOptions{Resolver: peer{types}}).Unmarshal([]byte(tt.text), want); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, tt.into, protocmp.Transform()); d != "" {
				t.Error(d)
			}
			checkPlaces(t, doc, tt.into)
		})
	}
}

func TestReadPlaces(t *testing.T) {
	p := new(specpb.Parser)
	doc, list := Read("p", []byte(parserText), p, nil)
	if len(list) > 0 {
		t.Fatal(list.Err())
	}
	d, f := p.GetSource()[0].GetDelimited(), p.GetFields()[1]
	for _, tt := range []struct {
		name string
		got  diag.Span
		want diag.Span
	}{
		{"string", doc.Field(p, "display_name"), diag.Span{File: "p", Line: 3, Col: 34, EndLine: 3, EndCol: 55}},
		{"name of a field", doc.FieldName(p, "display_name"), diag.Span{File: "p", Line: 3, Col: 20, EndLine: 3, EndCol: 32}},
		{"message", doc.Field(p, "source"), diag.Span{File: "p", Line: 4, Col: 1, EndLine: 4, EndCol: 7}},
		{"message itself", doc.MessageSpan(d), diag.Span{File: "p", Line: 4, Col: 10, EndLine: 4, EndCol: 19}},
		{"inner", doc.Field(d, "comment"), diag.Span{File: "p", Line: 4, Col: 47, EndLine: 4, EndCol: 50}},
		{"of a list", doc.Field(p, "raw", 1), diag.Span{File: "p", Line: 5, Col: 13, EndLine: 5, EndCol: 18}},
		{"adjacent parts", doc.Field(p, "raw", 2), diag.Span{File: "p", Line: 5, Col: 20, EndLine: 5, EndCol: 34}},
		{"repeated block", doc.Field(p, "fields", 1), diag.Span{File: "p", Line: 7, Col: 1, EndLine: 7, EndCol: 7}},
		{"number in brackets", doc.Field(f, "index", 0), diag.Span{File: "p", Line: 7, Col: 44, EndLine: 7, EndCol: 47}},
		{"over lines", doc.Field(f, "definition"), diag.Span{File: "p", Line: 8, Col: 3, EndLine: 9, EndCol: 34}},
		{"absent", doc.Field(f, "display_name"), diag.Span{File: "p", Line: 7, Col: 1, EndLine: 7, EndCol: 7}},
		{"beyond", doc.Field(p, "require", 3), diag.Span{File: "p"}},
		{"no such field", doc.Field(p, "nothing"), diag.Span{File: "p"}},
		{"negative", doc.Field(p, "require", -1), diag.Span{File: "p"}},
		{"a copy", doc.Field(proto.Clone(f), "name"), diag.Span{File: "p"}},
		{"file", doc.MessageSpan(p), diag.Span{File: "p"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, tt.got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestReadAny(t *testing.T) {
	types := compiled(t, everything)
	m := new(specpb.Model)
	doc, list := Read("m", []byte(modelText), m, types)
	if len(list) > 0 {
		t.Fatal(list.Err())
	}
	inner, ok := doc.Expanded(m.GetTrainer())
	if !ok {
		t.Fatal("no expanded message")
	}
	if got, want := doc.Field(inner, "ints", 1).String(), "m:2:82"; got != want {
		t.Errorf("place of ints[1]: %s, want %s", got, want)
	}
	want := &anypb.Any{}
	if err := anypb.MarshalFrom(want, inner, proto.MarshalOptions{Deterministic: true}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, m.GetTrainer(), protocmp.Transform()); d != "" {
		t.Error(d)
	}
}

func TestReadHostile(t *testing.T) {
	for _, tt := range []struct {
		name string
		src  string
		code string
	}{
		{"large", strings.Repeat(" ", MaxFileSize+1), "too-large"},
		{"five million messages", strings.Repeat("fields { }\n", 5_000_000), "too-large"},
		{"many messages", strings.Repeat("fields{}", 130_000), "too-many-values"},
		{"many values in a list", "index: [" + strings.Repeat("1,", 500_000), "unknown-field too-many-values"},
		{"many entries", "raw: [" + strings.Repeat("'',", 300_000), "too-many-values"},
		{"deep", strings.Repeat("source {", 10_000), "unknown-field too-deep"},
		{"deep in what is not known", strings.Repeat("x <", 300_000), "unknown-field too-deep"},
		{"brackets", "raw: " + strings.Repeat("[", 1_000_000), "syntax"},
		{"escape that is not UTF-8", `name: "a\xffb"`, "invalid-utf8"},
		{"half a character", `name: "\xc3"`, "invalid-utf8"},
		{"not UTF-8", "name: \"a\xffb\"", "invalid-utf8"},
		{"NUL", "name: \"a\x00b\"", "control-character"},
		{"NUL behind an escape", `name: "a\000b"`, "control-character"},
		{"bell", `name: "\a"`, "control-character"},
		{"escape sequence", "name: \"\x1b[31m\"", "control-character"},
		{"writing turned", "name: \"a\u202eb\"", "format-character"},
		{"writing turned behind an escape", `name: "a\u202eb"`, "format-character"},
		{"writing turned in a comment", "# \u2066x", "format-character"},
		{"byte-order mark", "\ufeffname: 'x'", "format-character"},
		{"long word", strings.Repeat("x", 1_000_000), "syntax"},
		{"long name", strings.Repeat("x", 1_000_000) + ": 1", "unknown-field"},
		{"long number", "name: " + strings.Repeat("9", 1_000_000), "wrong-value"},
		{"open string", `name: "` + strings.Repeat(`\n`, 500_000), "syntax"},
		{"many errors", strings.Repeat("x: 1 ", 200_000), strings.Repeat("unknown-field ", 100) + "too-many-errors"},
		{"many hidden characters", strings.Repeat("\x01", 1_000_000), strings.Repeat("control-character ", 99) + "control-character"},
		{"many parts", "name: " + strings.Repeat(`""`, 500_000), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := []byte(tt.src)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, list := Read("p", src, new(specpb.Parser), nil)
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("took %s", took)
			}
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > 128<<20 {
				t.Errorf("allocated %d bytes", took)
			}
			if got := strings.Join(codes(list), " "); got != tt.code {
				t.Errorf("got %q, want %q", got, tt.code)
			}
			for _, d := range list {
				if len(d.Message) > 300 {
					t.Errorf("message has %d bytes", len(d.Message))
				}
			}
		})
	}
}

func TestReadRequired(t *testing.T) {
	types := compiled(t, everything)
	_, list := Read("s", []byte("more { }"), fresh(t, types, "mlp.trainers.everything.Strict"), nil)
	if d := cmp.Diff([]string{"missing-field"}, codes(list)); d != "" {
		t.Error(d)
	}
}

func BenchmarkRead(b *testing.B) {
	src := []byte("name: 'x'\n" + strings.Repeat(strings.SplitAfterN(parserText, "\n", 6)[5], 1000))
	b.SetBytes(int64(len(src)))
	b.Run("spec", func(b *testing.B) {
		for b.Loop() {
			if _, list := Read("p", src, new(specpb.Parser), nil); len(list) > 0 {
				b.Fatal(list.Err())
			}
		}
	})
	b.Run("prototext", func(b *testing.B) {
		for b.Loop() {
			if err := prototext.Unmarshal(src, new(specpb.Parser)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
