package compile

import (
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/digest"
)

// split returns the example's keys of contributions and columns with another
// split.
func split(t *testing.T, text string) (side, model digest.Digest, frames []digest.Digest) {
	t.Helper()
	p := mustCompile(t, example(t, map[string]string{dataFile: `test: "day2"=>` + text}))
	d := p.Datasets[0]
	frame := FeatureFrame(d, d.Contributions[0], p.FeatureSets[0])
	for _, k := range d.Contributions {
		for _, set := range p.FeatureSets {
			frames = append(frames, FeatureFrame(d, k, set).Key)
		}
	}
	if frame.Side() != nil {
		side = frame.Column(frame.Side().Key)
	}
	return side, p.Models[0].Key, frames
}

// What a split says is in the keys of the side's column and of the models; how
// it is written is not, and no frame knows of it.
func TestSplitKeys(t *testing.T) {
	const group = `group: "case when label = 'Malicious' then src else dst end"`
	variants := [][]string{ // each list means the same
		{`test: "day2"`},
		{`test: "day1"`},
		{group + ` test_share: 0.3`, group + ` test_share: 0.3 seed: 0`, `test_share: 3e-1 group: "CASE WHEN 'Malicious' = label  THEN src ELSE dst END -- why"`},
		{group + ` test_share: 0.3 seed: 1`},
		{group + ` test_share: 0.31`},
		{`group: "case when label = 'Malicious' then src end" test_share: 0.3`},
		{group + ` test_groups: "a" test_groups: "b"`, group + ` test_groups: "b" test_groups: "a"`},
		{group + ` test_groups: "a"`},
		{group + ` test_groups: "a" test_groups: "it's \\\\ \"b\""`},
		{group + ` test_groups: "a" test_share: 0.3`},
		{`group: "dport" test_share: 0.3`, `group: "cast(dport as string)" test_share: 0.3`},
		{`time: "ts" test_from: "2026-01-12T00:00:00Z"`, `time: "ts" test_from: "2026-01-12T01:00:00+01:00"`, `time: "TS" test_from: "2026-01-12T00:00:00.0000000Z"`},
		{`time: "ts" test_from: "2026-01-12T00:00:00.000001Z"`},
		{`time: "cast(ts as date)" test_from: "2026-01-12T00:00:00Z"`},
	}
	sides, models := map[digest.Digest]string{}, map[digest.Digest]string{}
	_, _, frames := split(t, variants[0][0])
	for i, list := range variants {
		side, model, _ := split(t, list[0])
		for _, text := range list {
			s, m, f := split(t, text)
			if s != side || m != model {
				t.Errorf("%s: other keys than %s", text, list[0])
			}
			for j := range f {
				if f[j] != frames[j] {
					t.Errorf("%s: another frame", text)
				}
			}
		}
		if other, ok := models[model]; ok {
			t.Errorf("%s: the model's key is that of %s", list[0], other)
		}
		if other, ok := sides[side]; ok && i >= 2 {
			t.Errorf("%s: the side's key is that of %s", list[0], other)
		}
		sides[side], models[model] = list[0], list[0]
	}
	if !strings.HasPrefix(sides[digest.Digest{}], "test:") {
		t.Error("a split by contributions has a column of its own")
	}
}
