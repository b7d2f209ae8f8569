package score

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	gocmp "github.com/google/go-cmp/cmp"
)

// sessionBench is a bench with sets of sessions, one of which is cut often, one
// over the rows of a set without a key, one with a set over it, and one in which
// a record is in several.
func sessionBench(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	const counts = `features { name: "n" data_type: BIGINT definition: "count(*)" }
features { name: "ports" data_type: BIGINT definition: "count(DISTINCT dport)" }`
	for name, body := range map[string]string{
		"visits": `from: "zeek_conn" where: "dport <> 443"
columns { name: "pause" definition: "unix_micros(ts) - lag(unix_micros(ts)) OVER (ORDER BY ts)" }
key: "src" window { time: "ts" session_gap: "5 minutes" max_length: "1 day" }
having: "n > 1"
features { name: "longest" data_type: BIGINT definition: "max(pause)" }
` + counts,
		"pieces": `from: "zeek_conn" key: "src" window { time: "ts" session_gap: "6 minutes" max_length: "12 minutes" }
` + counts,
		"wide": `from: "few" key: "source" window { time: "at" session_gap: "20 minutes" max_length: "2 hours" }
features { name: "n" data_type: BIGINT definition: "count(*)" }`,
		"few": `from: "zeek_conn"
features { name: "at" data_type: TIMESTAMP definition: "ts" }
features { name: "source" data_type: STRING definition: "src" }
features { name: "port" data_type: INT definition: "dport" }
having: "port < 1100"`,
		"busy": `from: "visits" where: "n > 2"
features { name: "rate" data_type: DOUBLE definition: "n / (unix_seconds(window_end) - unix_seconds(window_start))" }`,
		"parts": `from: "zeek_conn"
columns { name: "part" definition: "explode(split(concat(src, '.', dport), '[.]'))" }
key: "part" window { time: "ts" session_gap: "4 minutes" max_length: "30 minutes" }
` + counts,
	} {
		b.files["specs/features/"+name+".textproto"] = &fstest.MapFile{Data: []byte("name: \"" + name + "\"\n" + body)}
	}
	return b
}

func sessionModels() []logit {
	var out []logit
	for _, set := range []string{"visits", "pieces", "wide", "busy", "parts"} {
		out = append(out, logit{name: set, set: set, weights: map[string]float32{"n": 0.3, "ports": 0.2, "rate": 10}, bias: -1, threshold: 0.5})
	}
	return out
}

// sparse are records of few sources with pauses between them, in order; some
// have the same time.
func sparse(random *rand.Rand, n int) []record {
	var out []record
	for seconds := 0; len(out) < n; seconds += []int{0, 1, 20, 60, 240, 300, 360}[random.IntN(7)] {
		r := at(seconds, fmt.Sprintf("10.0.0.%d", random.IntN(3)))
		r["id.resp_p"] = fmt.Sprint([]int{22, 80, 443, 1000 + random.IntN(200)}[random.IntN(4)])
		out = append(out, r)
	}
	return out
}

// TestSplitSessions scores logs in pieces and whole: the same sessions once,
// with the same values, whether a model runs alone or what is kept for others
// stands beside.
func TestSplitSessions(t *testing.T) {
	b := sessionBench(t)
	random := rand.New(rand.NewPCG(31, 32))
	chains := b.chains(t, sessionModels()...)
	together := append(b.chains(t, windows()), chains...)
	for round := range 2 {
		log := sparse(random, 150)
		pieces := cutPieces(random, log, 4+7*round)
		whole := b.run(t, Options{Chains: chains, Segments: segments(strings.Join(pieces, "")), Final: true})
		beside := b.chainsInPieces(t, together, pieces)
		for _, c := range chains {
			want := whole.outcome(c.Model)
			if len(want) < 5 {
				t.Fatalf("round %d: %s scored %d rows", round, c.Model, len(want))
			}
			for how, got := range map[string]scored{"alone": b.inPieces(t, c, pieces), "together": beside} {
				if diff := gocmp.Diff(want, got.outcome(c.Model)); diff != "" {
					t.Fatalf("round %d, %d pieces, %s %s (-whole +split):\n%s", round, len(pieces), c.Model, how, diff)
				}
			}
		}
	}
}

// chainsInPieces scores a log piece by piece. Some runs are repeated, as ones that
// died before their state was in place, and give the same.
func (b *bench) chainsInPieces(t *testing.T, chains []*Chain, pieces []string) scored {
	t.Helper()
	dir := t.TempDir()
	var out scored
	for i, piece := range pieces {
		state, err := LoadState(dir, "zeek_conn")
		must(t, err)
		sum, err := DigestLogs(segments(piece))
		must(t, err)
		run := Options{Chains: chains, Segments: segments(piece), Logs: sum, State: state, Final: i == len(pieces)-1}
		got := b.run(t, run)
		if i%3 == 0 {
			if again := b.run(t, run); again.text != got.text {
				t.Errorf("piece %d gave something else when it was scored again", i)
			}
		}
		must(t, got.next.Save(dir))
		if !got.next.Done(sum, run.Final) {
			t.Errorf("piece %d is not done", i)
		}
		out.plus(got)
	}
	return out
}

// TestSessionEnds closes a session by a record behind its end, and not by one at
// it, which may be followed by one of the session.
func TestSessionEnds(t *testing.T) {
	b := sessionBench(t)
	chains := b.chains(t, sessionModels()[0])
	plain := layouts()[0]
	state := NewState("zeek_conn")
	for i, step := range []struct {
		log              []record
		rows, open, late int64
	}{
		{[]record{at(0, "a"), at(100, "a"), at(400, "b")}, 0, 3, 0},
		{[]record{at(400, "a"), at(700, "b")}, 0, 5, 0},  // at the very end of a's, and of b's
		{[]record{at(701, "c")}, 1, 3, 0},                // 400 + 300 is over for a
		{[]record{at(399, "a"), at(1001, "c")}, 1, 2, 1}, // b is over, c goes on
		{[]record{at(5000, "c")}, 1, 1, 0},
	} {
		got := b.run(t, Options{Chains: chains, State: state, Segments: segments(plain.log(step.log))})
		if m := got.summary.Models[0]; m.Rows != step.rows || m.Open != step.open || m.Late != step.late {
			t.Errorf("step %d: %+v, want %d rows, %d open, %d late", i, m, step.rows, step.open, step.late)
		}
		if kept := openRecords(got.next); int64(kept) != step.open {
			t.Errorf("step %d: %d records are kept, %d are open", i, kept, step.open)
		}
		state = got.next
	}
}

func openRecords(s *State) int {
	n := 0
	for _, o := range s.Open {
		n += len(o.Records)
	}
	return n
}

// TestEndlessSession holds no more than a session's greatest length in the state,
// however long it goes on.
func TestEndlessSession(t *testing.T) {
	b := sessionBench(t)
	chains := b.chains(t, sessionModels()[1])
	state, rows := NewState("zeek_conn"), 0
	for minute := range 60 {
		got := b.run(t, Options{Chains: chains, State: state, Segments: segments(layouts()[0].log([]record{at(60*minute, "a")}))})
		state, rows = got.next, rows+len(got.rows)
		if n := openRecords(state); n > 13 {
			t.Fatalf("minute %d: %d records are kept", minute, n)
		}
	}
	if rows != 4 {
		t.Errorf("%d sessions were scored, want 4 of 12 minutes", rows)
	}
}

// TestPartialSession marks sessions to which records before or after the log may
// belong.
func TestPartialSession(t *testing.T) {
	b := sessionBench(t)
	chains := b.chains(t, sessionModels()[0])
	log := []record{at(0, "a"), at(1, "a"), at(299, "b"), at(300, "b"), at(301, "c"), at(302, "c"), at(900, "d"), at(901, "d")}
	got := b.run(t, Options{Chains: chains, Final: true, Segments: segments(layouts()[0].log(log))})
	if diff := gocmp.Diff([]string{"a", "b", "d"}, partial(got.rows)); diff != "" {
		t.Errorf("marked (-want +got):\n%s", diff)
	}
}

// TestWholeSession finds all records of an alert's session in the logs.
func TestWholeSession(t *testing.T) {
	b := sessionBench(t)
	chain := b.chain(t, sessionModels()[1])
	var log []record
	for i := range 1200 { // one that is cut, with more records than an alert has
		log = append(log, at(i, "a"))
	}
	text := layouts()[0].log(log)
	got := b.run(t, Options{Chains: []*Chain{chain}, Final: true, Segments: segments(text)})
	if len(got.alerts) != 2 {
		t.Fatalf("%d alerts, want 2", len(got.alerts))
	}
	for _, a := range got.alerts {
		whole, err := Scored{DB: b.db, Set: chain.FeatureSet, Logs: segments(text)}.Whole(t.Context(), a)
		must(t, err)
		n := 0
		for _, s := range whole {
			n += bytes.Count([]byte(strings.Join(s.Records, "\n")+"\n"), []byte("\n"))
		}
		if int64(n) != a.RecordCount || n <= len(a.Records) {
			t.Errorf("%d records were found of %d; the alert has %d", n, a.RecordCount, len(a.Records))
		}
	}
}
