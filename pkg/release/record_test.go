package release_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/release"
)

func of(s string) digest.Digest { return digest.Of([]byte(s)) }

// sample returns a valid first record with something in every field.
func sample() release.Record {
	created := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	return release.Record{
		FormatVersion: 1, Repository: "acme", Channel: "local", Number: 1, Created: created,
		Commit: "0123456789abcdef0123456789abcdef01234567", Dirty: true, PlanDigest: of("plan"),
		Builder: release.Builder{MLP: "0.1.0", Go: "go1.26"},
		Runtime: release.Runtime{ONNXRuntime: "1.32.0", Library: "lib/libonnxruntime.so", Platform: "linux/amd64"},
		Contract: release.Contract{
			Keys:   map[string]digest.Digest{"feature/beacon.n": of("n"), "feature/beacon.cv": of("cv"), "field/zeek_conn.ts": of("ts")},
			Epochs: map[string]int{"count": 1, "avg": 2},
		},
		Models: []release.Model{{
			Name: "c2", DisplayName: "Beacons <C2>", ModelKey: of("model"), EvaluationKey: of("evaluation"),
			FeatureSet: "beacon", Parser: "zeek_conn",
			Features:  []release.Input{{Name: "n", Key: of("n")}, {Name: "cv", Key: of("cv")}},
			Threshold: 0.625, TargetFPR: 0.001, Artifact: "models/c2.onnx",
			Metrics: map[string]release.Metric{"recall": {Value: 0.95, Count: 95, Total: 100, Lower: 0.89, Upper: 0.98}},
		}},
		KnownAnswers: []release.KnownAnswer{{Model: "c2", Artifact: "known-answers/c2.json"}},
		Artifacts: []release.Artifact{
			{Name: "specs/mlp.textproto", Digest: of("project"), Size: 7, Kind: release.Spec},
			{Name: "models/c2.onnx", Digest: of("onnx"), Size: 4, Kind: release.ModelFile},
			{Name: "lib/libonnxruntime.so", Digest: of("library"), Size: 7, Kind: release.RuntimeFile},
			{Name: "known-answers/c2.json", Digest: of("answers"), Size: 7, Kind: release.KnownAnswers},
		},
		Approvals: []release.Approval{{By: "alice", Time: created}},
		Metrics:   map[string]release.Metric{"models": {Value: 1}},
	}
}

func TestEncodeGolden(t *testing.T) {
	r := sample()
	r.Contract, r.Models, r.KnownAnswers, r.Approvals, r.Metrics = release.Contract{}, nil, nil, nil, nil
	r.Runtime.Library = ""
	r.Artifacts = r.Artifacts[:1]
	got, err := release.Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"_type":"https://in-toto.io/Statement/v1",` +
		`"subject":[{"name":"specs/mlp.textproto","digest":{"sha256":"` + of("project").Hex() + `"}}],` +
		`"predicateType":"https://mlp.dev/release/v1",` +
		`"predicate":{"format_version":1,"repository":"acme","channel":"local","number":1,"created":"2026-11-23T10:00:00Z",` +
		`"commit":"0123456789abcdef0123456789abcdef01234567","dirty":true,"plan_digest":"` + of("plan").String() + `",` +
		`"builder":{"mlp":"0.1.0","go":"go1.26"},"runtime":{"onnxruntime":"1.32.0","platform":"linux/amd64"},` +
		`"contract":{"keys":{},"epochs":{}},"models":[],"known_answers":[],` +
		`"artifacts":[{"name":"specs/mlp.textproto","digest":"` + of("project").String() + `","size":7,"kind":"spec"}],` +
		`"approvals":[],"metrics":{}}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestRoundTrip(t *testing.T) {
	second := sample()
	second.Number, second.Previous = 2, of("first")
	none := release.Record{FormatVersion: 1, Repository: "acme", Channel: "c", Number: 1, Created: time.Unix(1, 5).UTC()}
	for name, r := range map[string]release.Record{"full": sample(), "second": second, "empty": none} {
		t.Run(name, func(t *testing.T) {
			data, err := release.Encode(r)
			if err != nil {
				t.Fatal(err)
			}
			got, err := release.Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(r, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEncodeLeavesItsArgument(t *testing.T) {
	r := sample()
	r.Models[0].Metrics = nil
	if _, err := release.Encode(r); err != nil {
		t.Fatal(err)
	}
	if r.Models[0].Metrics != nil {
		t.Error("Encode filled in the caller's record")
	}
}

func TestWrongRecords(t *testing.T) {
	tests := []struct {
		name   string
		change func(r *release.Record)
		want   string
	}{
		{"format", func(r *release.Record) { r.FormatVersion = 2 }, "format version 2"},
		{"no repository", func(r *release.Record) { r.Repository = "" }, "no repository"},
		{"channel with a slash", func(r *release.Record) { r.Channel = "a/b" }, "channel"},
		{"channel of dots", func(r *release.Record) { r.Channel = ".." }, "channel"},
		{"number 0", func(r *release.Record) { r.Number = 0 }, "number 0"},
		{"number of 11 digits", func(r *release.Record) { r.Number = 1e10 }, "number 10000000000"},
		{"first with a previous", func(r *release.Record) { r.Previous = of("x") }, "only the first"},
		{"second without one", func(r *release.Record) { r.Number = 2 }, "only the first"},
		{"local time", func(r *release.Record) { r.Created = r.Created.In(time.FixedZone("x", 3600)) }, "UTC"},
		{"no time", func(r *release.Record) { r.Created = time.Time{} }, "UTC"},
		{"approval without time", func(r *release.Record) { r.Approvals[0].Time = time.Time{} }, "approval"},
		{"control characters", func(r *release.Record) { r.Models[0].DisplayName = "a\x1b[2J" }, "control"},
		{"invalid UTF-8", func(r *release.Record) { r.Builder.Go = "\xff" }, "UTF-8"},
		{"long text", func(r *release.Record) { r.Commit = strings.Repeat("a", 2000) }, "longer"},
		{"path traversal", func(r *release.Record) { r.Artifacts[0].Name = "specs/../../etc/passwd" }, `segment ".."`},
		{"absolute path", func(r *release.Record) { r.Artifacts[0].Name = "/specs/x" }, "below specs/"},
		{"the directory itself", func(r *release.Record) { r.Artifacts[0].Name = "specs/" }, "empty segment"},
		{"file in another's directory", func(r *release.Record) { r.Artifacts[0].Name = "models/x" }, "below specs/"},
		{"file over release.json", func(r *release.Record) { r.Artifacts[0].Name = "release.json" }, "below specs/"},
		{"backslash", func(r *release.Record) { r.Artifacts[0].Name = `specs/..\x` }, "character"},
		{"unknown kind", func(r *release.Record) { r.Artifacts[0].Kind = "script" }, "unknown kind"},
		{"no digest", func(r *release.Record) { r.Artifacts[0].Digest = digest.Digest{} }, "no digest"},
		{"negative size", func(r *release.Record) { r.Artifacts[0].Size = -1 }, "size -1"},
		{"huge size", func(r *release.Record) { r.Artifacts[0].Size = 5 << 30 }, "size"},
		{"huge sum", func(r *release.Record) {
			for i := range 17 {
				r.Artifacts = append(r.Artifacts, release.Artifact{Name: release.Spec.Name(string(rune('a' + i))), Digest: of("x"), Size: 4 << 30, Kind: release.Spec})
			}
		}, "more than"},
		{"a name twice", func(r *release.Record) { r.Artifacts = append(r.Artifacts, r.Artifacts[0]) }, "one place"},
		{"a name twice, but for case", func(r *release.Record) {
			r.Artifacts = append(r.Artifacts, release.Artifact{Name: "specs/MLP.textproto", Digest: of("x"), Kind: release.Spec})
		}, "one place"},
		{"a file that is a directory", func(r *release.Record) {
			r.Artifacts = append(r.Artifacts, release.Artifact{Name: "specs/mlp.textproto/x", Digest: of("x"), Kind: release.Spec})
		}, "one place"},
		{"a directory that is a file", func(r *release.Record) {
			r.Artifacts = append([]release.Artifact{{Name: "specs/mlp.textproto/x", Digest: of("x"), Kind: release.Spec}}, r.Artifacts...)
		}, "one place"},
		{"model name", func(r *release.Record) { r.Models[0].Name = "../c2" }, "model"},
		{"model twice", func(r *release.Record) { r.Models = append(r.Models, r.Models[0]) }, "twice"},
		{"threshold", func(r *release.Record) { r.Models[0].Threshold = math.NaN() }, "not a number"},
		{"model without inputs", func(r *release.Record) { r.Models[0].Features = nil }, "no features"},
		{"input that the contract lacks", func(r *release.Record) { r.Models[0].Features[0].Name = "x" }, "feature/beacon.x"},
		{"input of another key", func(r *release.Record) { r.Models[0].Features[0].Key = of("x") }, "feature/beacon.n"},
		{"model without its file", func(r *release.Record) { r.Models[0].Artifact = "models/no" }, "models/no"},
		{"model that is a spec", func(r *release.Record) { r.Models[0].Artifact = "specs/mlp.textproto" }, "none of kind model"},
		{"runtime that is a model", func(r *release.Record) { r.Runtime.Library = "models/c2.onnx" }, "runtime"},
		{"answers of no model", func(r *release.Record) { r.KnownAnswers[0].Model = "x" }, "no model"},
		{"answers without their file", func(r *release.Record) { r.KnownAnswers[0].Artifact = "x" }, "known answers"},
		{"infinite metric", func(r *release.Record) { r.Metrics["models"] = release.Metric{Value: math.Inf(1)} }, "metric"},
		{"count above total", func(r *release.Record) { r.Models[0].Metrics["x"] = release.Metric{Count: 2, Total: 1} }, "metric"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := sample()
			test.change(&r)
			data, err := release.Encode(r)
			if err == nil {
				t.Fatalf("encoded %s", data)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q, want one with %q", err, test.want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	good, err := release.Encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	replace := func(old, new string) string {
		if !strings.Contains(string(good), old) {
			t.Fatalf("no %s in the record", old)
		}
		return strings.Replace(string(good), old, new, 1)
	}
	tests := []struct{ name, data, want string }{
		{"nothing", "", "EOF"},
		{"null", "null", "statement of type"},
		{"another statement", replace("Statement/v1", "Statement/v0"), "statement of type"},
		{"another predicate", replace("mlp.dev/release/v1", "slsa.dev/provenance/v1"), "statement of type"},
		{"unknown field", replace(`"dirty":true`, `"dirty":true,"expires":1`), "expires"},
		{"unknown field in a model", replace(`"threshold"`, `"treshold":1,"threshold"`), "treshold"},
		{"missing field", replace(`"dirty":true,`, ""), "canonical"},
		{"repeated field", replace(`"number":1`, `"number":7,"number":1`), "canonical"},
		{"field in capitals", replace(`"number":1`, `"Number":1`), "canonical"},
		{"space", replace(`"number":1`, `"number": 1`), "canonical"},
		{"null list", replace(`"approvals":[{"by":"alice","time":"2026-11-23T10:00:00Z"}]`, `"approvals":null`), "canonical"},
		{"zero digest", replace(`"number":1`, `"number":1,"previous":"`+digest.Digest{}.String()+`"`), "canonical"},
		{"upper-case digest", replace(of("plan").Hex(), strings.ToUpper(of("plan").Hex())), "digest"},
		{"other time zone", replace(`10:00:00Z`, `10:00:00+00:00`), ""},
		{"another subject", replace(of("onnx").Hex(), of("other").Hex()), "canonical"},
		{"text behind", string(good) + "{}", "follows"},
		{"space behind", string(good) + "\n", "canonical"},
		{"number as text", replace(`"number":1`, `"number":"1"`), "number"},
		{"number too large", replace(`"number":1`, `"number":1e30`), "number"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, err := release.Decode([]byte(test.data))
			if err == nil {
				t.Fatalf("decoded %+v", r)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q, want one with %q", err, test.want)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	good, err := release.Encode(sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := release.Decode(data)
		if err != nil {
			return
		}
		again, err := release.Encode(r)
		if err != nil || string(again) != string(data) {
			t.Errorf("decoded %q, encoded again %q, %v", data, again, err)
		}
	})
}
