package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/evaluation"
	"github.com/mlpdev/mlp/pkg/lineage"
)

func key(text string) digest.Digest { return digest.Of([]byte(text)) }

// scored is a test side whose attacks score higher than what is benign.
func scored(seed uint64, attacks, benign int) []evaluation.Scored {
	r := rand.New(rand.NewPCG(seed, 1))
	var out []evaluation.Scored
	for range attacks {
		out = append(out, evaluation.Scored{Score: 1 / (1 + math.Exp(-3.2-1.6*r.NormFloat64())), Attack: true})
	}
	for range benign {
		out = append(out, evaluation.Scored{Score: 1 / (1 + math.Exp(3.4-1.5*r.NormFloat64()))})
	}
	return out
}

// example is a release with a model of each state, one held, rejects, and
// hostile texts where specs may put texts.
func example() *Report {
	r := &Report{FormatVersion: FormatVersion, Project: "soc-detections", Channel: "stable", Number: 42, Previous: 41, Digest: key("record"),
		Created: time.Date(2026, 3, 2, 6, 4, 5, 0, time.UTC), Signer: "release-2", Commit: "3c1d2e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d", PlanDigest: key("plan"),
		Builder: "mlp v1.4.0, go1.26", Runtime: "ONNX runtime 1.32.0, linux/amd64", Retired: []string{"dns_dga_old"},
		Held: []Held{{Model: "rdp_brute_hgb", Keeps: true, Reasons: []string{"recall 0.7612 is below min_recall 0.8", "max_fpr cannot be judged on 212 benign test rows; it needs 300"}}},
		Captures: []Capture{
			{Contribution: "contribution/dns_tunnel.iodine-01", Parser: "parser/bind_query", Side: "train", Files: 1, Bytes: 18_400_112, Models: []string{"dns_tunnel_gbt"},
				Counts: &Counts{Lines: 212_004, Records: 211_990, Rows: 211_874, Headers: 1, Comments: 13, Rejects: []Many{{"require: ts IS NOT NULL", 88}, {"too few columns", 28}}}},
			{Contribution: "contribution/dns_tunnel.office-2026-01-12", Parser: "parser/bind_query", Side: "test", Files: 3, Bytes: 1_204_551_000, Models: []string{"dns_tunnel_gbt"},
				Counts: &Counts{Lines: 9_812_551, Records: 9_812_548, Rows: 9_812_540, Headers: 3, Replaced: 17, Rejects: []Many{{"line too long", 8}}}},
			{Contribution: "contribution/dns_tunnel.lost", Parser: "parser/bind_query", Side: "test", Files: 1, Bytes: 100, Models: []string{"dns_tunnel_gbt"}},
		},
		Artifacts: []Artifact{{"model", 3, 912_345}, {"spec", 6, 20_480}, {"runtime", 1, 35_112_000}, {"known-answers", 2, 80_112}},
		Approvals: []Approval{{"alice", time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)}}}
	for i, name := range []string{"dns_dga_cnn", "dns_tunnel_gbt", "scan_src"} {
		r.Models = append(r.Models, model(name, uint64(i+1), []State{New, Changed, Unchanged}[i]))
	}
	r.Models[0].Inputs = nil
	r.Models[2].Missing = "the specs of this version are in none of the commits that were found"
	r.Models[2].Curve, r.Models[2].Gates, r.Models[2].Lineage, r.Models[2].Dataset = nil, []Gate{}, nil, ""
	r.Models[1].DisplayName = `DNS tunnels </script><img src=x onerror=alert(1)>`
	return r
}

func model(name string, seed uint64, state State) *Model {
	rows := scored(seed, 640, 12_500)
	threshold := evaluation.Threshold(rows, 0.001)
	m := &Model{Name: name, DisplayName: "Detects what it is called", State: state, Key: key(name), Evaluation: key("evaluation of " + name),
		FeatureSet: "featureset/dns_tunnel", Parser: "parser/bind_query", Dataset: "dataset/dns_tunnel",
		Metrics: evaluation.Measure(rows, threshold, 0.001), Parity: 2.4e-7, Train: Side{2210, 48_120, 311}, Test: Side{640, 12_500, 44},
		Training: []lineage.Fact{{Name: "trainer", Value: "sklearn.HistGradientBoosting"}, {Name: "parameters", Value: `{"max_iter":200,"learning_rate":0.1}`},
			{Name: "python", Value: "3.11.9"}, {Name: "folds", Value: "5"}, {Name: "iterations", Value: "87"}},
		Warnings: []string{"the solver stopped before it converged"}, KnownAnswers: true}
	traced := evaluation.Trace(rows, evaluation.MaxPoints)
	m.Curve = &traced
	recall, fpr := 0.8, 0.005
	m.Gates = Judged{Gates: evaluation.Gates{MinRecall: &recall, MaxFPR: &fpr, MaxParity: 1e-5}, Metrics: m.Metrics, Parity: m.Parity, Caught: []evaluation.Caught{{Contribution: "iodine-01", Attacks: 88}}}.List()
	for i := range 50 {
		m.Inputs = append(m.Inputs, Input{Name: fmt.Sprintf("grams[%d]", i), Coefficient: 2.5 * math.Sin(float64(i)) / float64(i+1), Missing: i * 3})
	}
	m.Lineage = []*lineage.Node{
		{Address: "field/bind_query.ts", Kind: "field", DisplayName: "Time", Definition: "to_timestamp(_c0)", Key: key("ts")},
		{Address: "field/bind_query.qname", Kind: "field", DisplayName: "Queried name", Definition: "lower(regexp_extract(_c3, r'query: (\\S+) IN', 1)) -- </script><b>", Key: key("qname")},
		{Address: "feature/dns_tunnel.label_entropy", Kind: "feature", DisplayName: "Entropy of the first label", Definition: "entropy(lower(split_part(query, '.', 1)))", Key: key("e")},
		{Address: "featureset/dns_tunnel", Kind: "featureset", Key: key("set")},
		{Address: "contribution/dns_tunnel.iodine-01", Kind: "contribution", Key: key("c1")},
		{Address: "dataset/dns_tunnel", Kind: "dataset", Key: key("d")},
		{Address: "parser/bind_query", Kind: "parser", Key: key("p")},
	}
	if state == Changed {
		m.Before = &Before{Release: "stable#41", Recall: evaluation.NewRate(560, 640), FPR: evaluation.NewRate(9, 12_500), Precision: evaluation.NewRate(560, 569), AUC: 0.991}
		c := evaluation.Comparison{Attacks: evaluation.Paired{Both: 551, Before: 2, After: 14, Neither: 73}, Benign: evaluation.Paired{Both: 8, Before: 1, After: 4, Neither: 12_487}}
		m.Decisions = &Decisions{Release: "stable#41", Unit: "row", Comparison: c, Recall: c.Attacks.Change(), FPR: c.Benign.Change(), Seen: 31,
			Differ: []Differ{{"newly missed", 2, []string{"iodine-03 record 17", "dnscat-11 record 4,021"}}, {"newly flagged", 4, []string{"office-2026-01-12 dns.log record 8"}}}}
	}
	return m
}
