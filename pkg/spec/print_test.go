package spec

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/mlpdev/mlp/pkg/specpb"
)

func TestFormat(t *testing.T) {
	types := compiled(t, everything)
	m := new(specpb.Model)
	if _, list := Read("m", []byte(modelText), m, types); len(list) > 0 {
		t.Fatal(list.Err())
	}
	m.Description = "two lines,\n\"quoted\" and é\tthere"
	want := `# proto-file: mlp/v1/model.proto
# proto-message: mlp.v1.Model

name: "m"
description:
  "two lines,\n"
  "\"quoted\" and é\tthere"
dataset: "d"
feature_set: "f"
trainer {
  [type.googleapis.com/mlp.trainers.everything.All] {
    b: false
    all {
      s: "x"
    }
    ints: 1
    ints: 2
    counts {
      key: "a"
      value: 1
    }
  }
}
seed: -17
target_fpr: 0.01
gates {
  min_recall: 0.5
}
`
	if d := cmp.Diff(want, string(Format(m, types))); d != "" {
		t.Error(d)
	}
	again := new(specpb.Model)
	if err := prototext.Unmarshal(Format(m, nil), again); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m, again, protocmp.Transform()); d != "" {
		t.Error(d)
	}
}

func TestFormatNumbers(t *testing.T) {
	types := compiled(t, everything)
	for _, f := range []float64{0, 1, -1, 0.1, 1e-9, 1e15, 123456789, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1), math.NaN(), math.Copysign(0, -1)} {
		text := "d: " + floatText(f, 64)
		m := fresh(t, types, "mlp.trainers.everything.All")
		if err := prototext.Unmarshal([]byte(text), m); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got := m.ProtoReflect().Get(m.ProtoReflect().Descriptor().Fields().ByName("d")).Float()
		if math.Float64bits(got) != math.Float64bits(f) && f == f {
			t.Errorf("%v is written as %s, which reads as %v", f, text, got)
		}
	}
}

// randomText returns a text that a spec may hold.
func randomText(rnd *rand.Rand) string {
	letters := []rune("abcXYZ 019_'\"\\\n\t\r#{}é漢😀")
	out := make([]rune, rnd.IntN(12))
	for i := range out {
		out[i] = letters[rnd.IntN(len(letters))]
	}
	return string(out)
}

func randomContribution(rnd *rand.Rand, name string) *specpb.Contribution {
	c := &specpb.Contribution{Name: name, Added: randomText(rnd), Note: randomText(rnd), Origin: randomText(rnd), Shareable: rnd.IntN(2) == 0}
	switch rnd.IntN(3) {
	case 0:
		c.Label = &specpb.Label{Kind: &specpb.Label_Verdict{Verdict: specpb.Verdict(rnd.IntN(3))}}
	case 1:
		c.Label = &specpb.Label{Kind: &specpb.Label_Expression{Expression: randomText(rnd)}}
	}
	for range rnd.IntN(3) {
		f := &specpb.RawFile{Name: randomText(rnd), Parser: randomText(rnd), Size: rnd.Int64(), Lines: -rnd.Int64()}
		for range rnd.IntN(3) {
			f.Chunks = append(f.Chunks, &specpb.Chunk{Digest: randomText(rnd), FirstRecord: rnd.Int64N(5), Header: randomText(rnd)})
		}
		c.Files = append(c.Files, f)
	}
	return c
}

// TestAppendContribution checks that Read(Append(x, c)) is x and c, and that
// the text of x is kept.
func TestAppendContribution(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	starts := []string{"", "name: 'x'", "name: 'x' # a comment", "name: 'x'\r\n", "contributions: [{ name: 'a' }, { name: 'b' }],\n\n\n", "split { test: 'a' };\n#"}
	for range 200 {
		src := starts[rnd.IntN(len(starts))]
		want := new(specpb.Dataset)
		if _, list := Read("d", []byte(src), want, nil); len(list) > 0 {
			t.Fatal(list.Err())
		}
		text := []byte(src)
		for _, name := range []string{"c1", "c2"} {
			c := randomContribution(rnd, name)
			out, err := AppendContribution(text, c)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(out, text) {
				t.Fatalf("%q does not begin with %q", out, text)
			}
			text = out
			want.Contributions = append(want.Contributions, c)
		}
		got := new(specpb.Dataset)
		if err := prototext.Unmarshal(text, got); err != nil {
			t.Fatalf("%v:\n%s", err, text)
		}
		if d := cmp.Diff(want, got, protocmp.Transform()); d != "" {
			t.Fatal(d)
		}
	}
}

func TestAppendContributionText(t *testing.T) {
	src := string(Format(&specpb.Dataset{Name: "scan"}, nil))
	out, err := AppendContribution([]byte(src), &specpb.Contribution{
		Name: "c", Files: []*specpb.RawFile{{Name: "conn.log"}}, Label: &specpb.Label{Kind: &specpb.Label_Verdict{Verdict: specpb.Verdict_ATTACK}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `# proto-file: mlp/v1/dataset.proto
# proto-message: mlp.v1.Dataset

name: "scan"

contributions {
  name: "c"
  files {
    name: "conn.log"
  }
  label {
    verdict: ATTACK
  }
}
`
	if d := cmp.Diff(want, string(out)); d != "" {
		t.Error(d)
	}
}

func TestAppendContributionRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		c         *specpb.Contribution
	}{
		{"a dataset that cannot be read", "name: ", &specpb.Contribution{Name: "c"}},
		{"a name that is there", "contributions { name: 'c' }", &specpb.Contribution{Name: "c"}},
		{"a control character", "", &specpb.Contribution{Name: "c", Note: "\x1b[31m"}},
		{"text that is not UTF-8", "", &specpb.Contribution{Name: "c", Note: "\xff"}},
		{"too much", "", &specpb.Contribution{Name: "c", Note: strings.Repeat("x", MaxFileSize)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := proto.CloneOf(tt.c)
			if _, err := AppendContribution([]byte(tt.src), tt.c); err == nil {
				t.Error("no error")
			}
			if d := cmp.Diff(before.GetName(), tt.c.GetName()); d != "" {
				t.Error(d)
			}
		})
	}
}
