package score

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/alert"
)

// levels is a bench with sets whose windows look back, stand over other windows,
// and both.
func levels(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	for name, body := range map[string]string{
		"gaps": `from: "zeek_conn"
columns { name: "seconds" definition: "unix_micros(ts) / 1e6" }
columns { name: "pause" definition: "seconds - lag(seconds) OVER (PARTITION BY src ORDER BY ts)" }
columns { name: "known" definition: "row_number() OVER (PARTITION BY src, dport ORDER BY ts)" }
key: "src" window { time: "ts" size: "5 minutes" }
lookback: "12 minutes"
features { name: "n" data_type: BIGINT definition: "count(*)" }
features { name: "gap" data_type: DOUBLE definition: "avg(pause)" }
features { name: "new_ports" data_type: BIGINT definition: "count_if(known = 1)" }`,
		"quarter": `from: "src_5min"
columns { name: "step" definition: "n - lag(n) OVER (PARTITION BY src ORDER BY window_start)" }
key: "src" window { time: "window_start" size: "15 minutes" }
lookback: "5 minutes"
features { name: "windows" data_type: BIGINT definition: "count(*)" }
features { name: "steps" data_type: BIGINT definition: "sum(step)" }
features { name: "failed" data_type: DOUBLE definition: "sum(failed_ratio)" }`,
		"both": `from: "gaps"
columns { name: "earlier" definition: "lag(new_ports, 2) OVER (PARTITION BY src ORDER BY window_start)" }
key: "src" window { time: "window_start" size: "10 minutes" }
lookback: "11 minutes"
features { name: "before" data_type: BIGINT definition: "sum(earlier)" }
features { name: "gap" data_type: DOUBLE definition: "avg(gap)" }`,
		"marked": `from: "quarter"
where: "windows > 1"
features { name: "score" data_type: BIGINT definition: "steps * 10 + windows" }`,
		"timed": `from: "zeek_conn"
columns { name: "later" definition: "ts + interval 1 minute" }
where: "dport > 0"
features { name: "at" data_type: TIMESTAMP definition: "later" }
features { name: "from_src" data_type: STRING definition: "src" }
features { name: "port" data_type: INT definition: "dport" }
having: "port < 60000"`,
		"over_timed": `from: "timed"
columns { name: "same" definition: "at" }
key: "from_src" window { time: "same" size: "5 minutes" }
features { name: "ports" data_type: BIGINT definition: "count(DISTINCT port)" }`,
	} {
		b.files["specs/features/"+name+".textproto"] = &fstest.MapFile{Data: []byte("name: \"" + name + "\"\n" + body)}
	}
	return b
}

func levelModels() []logit {
	var out []logit
	for _, set := range []string{"gaps", "quarter", "both", "marked", "over_timed"} {
		out = append(out, logit{name: set, set: set, weights: map[string]float32{"new_ports": 0.5, "steps": 0.1, "score": 0.1, "ports": 0.2, "before": 0.1}, bias: -1, threshold: 0.5})
	}
	return out
}

// TestSplitLevels scores logs in pieces and whole, with windows that look back
// and windows over windows: the same rows once, with the same values. Each model
// runs alone, so that none lives on what is kept for another.
func TestSplitLevels(t *testing.T) {
	b := levels(t)
	random := rand.New(rand.NewPCG(11, 12))
	for _, c := range b.chains(t, levelModels()...) {
		for round := range 2 {
			log := records(uint64(100+round), 150, 4)
			for i, r := range log { // few sources and ports, minutes apart
				r["id.orig_h"], r["id.resp_p"] = fmt.Sprintf("10.0.0.%d", random.IntN(4)), fmt.Sprint([]int{22, 80, 443, 1000 + i}[random.IntN(4)])
			}
			pieces := cutPieces(random, log, 10)
			whole := b.run(t, Options{Chains: []*Chain{c}, Segments: segments(strings.Join(pieces, "")), Final: true})
			split := b.inPieces(t, c, pieces)
			want := whole.outcome(c.Model)
			if len(want) < 10 {
				t.Fatalf("round %d: %s scored %d rows", round, c.Model, len(want))
			}
			if diff := gocmp.Diff(want, split.outcome(c.Model)); diff != "" {
				t.Fatalf("round %d, %d pieces, %s (-whole +split):\n%s", round, len(pieces), c.Model, diff)
			}
		}
	}
}

// inPieces scores a log piece by piece, with a state on disk between them.
func (b *bench) inPieces(t *testing.T, c *Chain, pieces []string) scored {
	t.Helper()
	dir := t.TempDir()
	var out scored
	for i, piece := range pieces {
		state, err := LoadState(dir, "zeek_conn")
		must(t, err)
		got := b.run(t, Options{Chains: []*Chain{c}, Segments: segments(piece), State: state, Final: i == len(pieces)-1})
		must(t, got.next.Save(dir))
		if n := got.summary.Models[0].Late; n > 0 {
			t.Errorf("%d records of piece %d are late", n, i)
		}
		out.plus(got)
	}
	return out
}

// TestKeepsLookback keeps the records that windows to come look back to, and no
// older ones, also after a final run.
func TestKeepsLookback(t *testing.T) {
	b := levels(t)
	chains := b.chains(t, levelModels()[0])
	plain := layouts()[0]
	var log []record
	for i := range 40 {
		log = append(log, at(60*i, "a"))
	}
	kept := func(s *State) int {
		n := 0
		for _, o := range s.Open {
			n += len(o.Records)
		}
		return n
	}
	// The newest record is of minute 39: the window from 35 is open, and looks
	// back to minute 23.
	first := b.run(t, Options{Chains: chains, State: NewState("zeek_conn"), Segments: segments(plain.log(log))})
	if n := kept(first.next); n != 17 || first.summary.Models[0].Open != 5 {
		t.Errorf("%d records kept, %d open, want 17 and 5", n, first.summary.Models[0].Open)
	}
	// After a final run the window from 35 is closed; that from 40 looks back to
	// minute 28.
	final := b.run(t, Options{Chains: chains, State: NewState("zeek_conn"), Segments: segments(plain.log(log)), Final: true})
	if n := kept(final.next); n != 12 || final.summary.Models[0].Open != 0 {
		t.Errorf("after a final run %d records kept, %d open, want 12 and 0", n, final.summary.Models[0].Open)
	}
	for i, state := range []*State{first.next, final.next} {
		next := b.run(t, Options{Chains: chains, State: state, Final: true, Segments: segments(plain.log([]record{at(60*40, "a")}))})
		for _, r := range next.rows {
			if gap := r.Features["gap"].Number; gap == nil || *gap != 60 {
				t.Errorf("%d: the window from minute %d does not see the record before it", i, r.Row.Start.Minute())
			}
		}
		if m := next.summary.Models[0]; m.Late > 0 || m.Rows != int64(2-i) {
			t.Errorf("%d: %+v", i, m)
		}
	}
}

// TestLevelsAlert has alerts of windows over windows with the first records
// behind them, in their order, and all of them counted.
func TestLevelsAlert(t *testing.T) {
	b := levels(t)
	l := levelModels()[3]
	l.threshold = 0
	var log []record
	for i := range 50 {
		r := at(20*i, "a")
		r["uid"] = fmt.Sprintf("C%02d", i)
		log = append(log, r)
	}
	got := b.run(t, Options{Chains: b.chains(t, l), Segments: segments(layouts()[0].log(log)), Final: true})
	if len(got.alerts) != 1 {
		t.Fatalf("%d alerts, want 1", len(got.alerts))
	}
	a := got.alerts[0]
	if a.RecordCount != 45 || len(a.Records) != alert.MaxRecords || a.Row.Key["src"] != "a" || a.Row.End.Sub(*a.Row.Start).Minutes() != 15 {
		t.Errorf("alert %+v", a)
	}
	for i, text := range a.Records {
		if !strings.Contains(text, fmt.Sprintf("C%02d", i)) {
			t.Errorf("record %d is %s", i, text)
		}
	}
}
