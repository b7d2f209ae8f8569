package spec

import (
	"os"
	"testing"
	"testing/fstest"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/mlpdev/mlp/trainers"
)

// TestParamsAcceptTheirDefaults holds that a message of each trainer may be
// left empty, and that what has a range says so to the loader.
func TestParamsAcceptTheirDefaults(t *testing.T) {
	w, list := Load(fstest.MapFS{"mlp.textproto": file("name: \"demo\"\n")}, trainers.Files)
	if len(list) > 0 {
		t.Fatal(list.Err())
	}
	for _, name := range w.Types.Messages() {
		mt, err := w.Types.FindMessageByURL(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range mt.Descriptor().Fields().Len() {
			fd := mt.Descriptor().Fields().Get(i)
			r := rangeOf(fd)
			if (r != nil) != isNumber(fd) {
				t.Errorf("%s: range %v of a %s", fd.FullName(), r, fd.Kind())
			}
			if r != nil && !inRange(r, fd.Default()) {
				t.Errorf("%s: default %v is not in %v", fd.FullName(), fd.Default(), r)
			}
		}
	}
}

// TestRangesOfEveryKind holds that each kind of number is compared as what it
// is, at both ends.
func TestRangesOfEveryKind(t *testing.T) {
	const proto = `syntax = "proto2";
package mlp.trainers.a;
import "mlp/v1/trainer.proto";
message A {
  optional int32 a = 1 [(mlp.v1.range) = { min: -2 max: 2 }];
  optional sint64 b = 2 [(mlp.v1.range) = { min: -2 max: 2 }];
  optional uint32 c = 3 [(mlp.v1.range) = { min: -2 max: 2 }];
  optional fixed64 d = 4 [(mlp.v1.range) = { min: -2 max: 2 }];
  optional float e = 5 [(mlp.v1.range) = { min: -2 max: 2 }];
  optional double f = 6 [(mlp.v1.range) = { min: -2 max: 2 }];
}
`
	w, list := Load(fstest.MapFS{"mlp.textproto": file("name: \"demo\"\n")}, fstest.MapFS{"a/params.proto": file(proto)})
	if len(list) > 0 {
		t.Fatal(list.Err())
	}
	mt, err := w.Types.FindMessageByURL("mlp.trainers.a.A")
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string][2]any{
		"a": {int32(2), int32(3)}, "b": {int64(-2), int64(-3)}, "c": {uint32(2), uint32(3)},
		"d": {uint64(2), uint64(3)}, "e": {float32(2), float32(2.5)}, "f": {-2.0, -2.0000000000000004},
	}
	for i := range mt.Descriptor().Fields().Len() {
		fd := mt.Descriptor().Fields().Get(i)
		pair := numbers[string(fd.Name())]
		if r := rangeOf(fd); !inRange(r, protoreflect.ValueOf(pair[0])) || inRange(r, protoreflect.ValueOf(pair[1])) {
			t.Errorf("%s: %v must be in %v, and %v not", fd.Name(), pair[0], r, pair[1])
		}
	}
}

func BenchmarkCompileParams(b *testing.B) {
	fsys := os.DirFS("../../trainers")
	for b.Loop() {
		if _, list := Load(fstest.MapFS{"mlp.textproto": file("name: \"demo\"\n")}, fsys); len(list) > 0 {
			b.Fatal(list.Err())
		}
	}
}
