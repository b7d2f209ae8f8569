package score

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/alert"
)

// window is what a split must not change of a scored window, or of a scored
// row.
type window struct {
	Row      string
	Score    *float64
	Features string
	Alert    string // its ID, where there is one
}

// outcome returns what was scored by a model, in a stable order. The number of
// a record depends on the file that it stands in, and is left out.
func (s scored) outcome(model string) []window {
	ids := map[string]string{}
	for _, a := range s.alerts {
		if a.Model == model && a.Row.Start != nil {
			ids[rowName(a.Row)] = a.ID.String()
		}
	}
	var out []window
	for _, r := range s.rows {
		if r.Model != model {
			continue
		}
		var features strings.Builder
		for _, name := range sortedNames(r.Features) {
			for _, v := range append(r.Features[name].Vector, r.Features[name].Number) {
				if v != nil {
					fmt.Fprintf(&features, "%s=%x ", name, math.Float64bits(*v))
				}
			}
		}
		out = append(out, window{Row: rowName(r.Row), Score: r.Score, Features: features.String(), Alert: ids[rowName(r.Row)]})
	}
	slices.SortFunc(out, func(a, b window) int {
		return cmp.Or(strings.Compare(a.Row, b.Row), strings.Compare(a.Features, b.Features))
	})
	return out
}

func rowName(r alert.Row) string {
	if r.Start == nil {
		return ""
	}
	return fmt.Sprint(r.Key, r.Start.Unix(), r.End.Unix())
}

func sortedNames(m map[string]Value) []string {
	var out []string
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// plus adds what a later run gave.
func (s *scored) plus(o scored) {
	s.alerts, s.rows = append(s.alerts, o.alerts...), append(s.rows, o.rows...)
	if s.summary == nil {
		s.summary = &Summary{Rejects: map[string]int64{}}
	}
	s.summary.Lines += o.summary.Lines
	s.summary.Records += o.summary.Records
	s.summary.Rows += o.summary.Rows
}

// TestSplit scores logs in pieces with a state on disk between them, and whole:
// the same windows once, with the same features, scores and alert IDs; and the
// same rows once. Pieces have other columns than those before, and records out
// of order within them.
func TestSplit(t *testing.T) {
	b := newBench(t)
	chains := b.chains(t, windows(), rows())
	random := rand.New(rand.NewPCG(3, 5))
	for round := range 8 {
		pieces := cutPieces(random, records(uint64(round), 120, 3), 2+round%4)
		whole := b.run(t, Options{Chains: chains, Segments: segments(strings.Join(pieces, "")), Final: true})
		dir := t.TempDir()
		var split scored
		for i, piece := range pieces {
			state, err := LoadState(dir, "zeek_conn")
			must(t, err)
			got := b.run(t, Options{Chains: chains, Segments: segments(piece), State: state, Final: i == len(pieces)-1})
			must(t, got.next.Save(dir))
			for _, m := range got.summary.Models {
				if m.Late > 0 {
					t.Errorf("round %d: %d records of piece %d are late", round, m.Late, i)
				}
			}
			split.plus(got)
		}
		for _, model := range []string{"scan_src", "scan_conn"} {
			want := whole.outcome(model)
			if len(want) == 0 {
				t.Fatalf("round %d: %s scored nothing", round, model)
			}
			if diff := gocmp.Diff(want, split.outcome(model)); diff != "" {
				t.Fatalf("round %d, %d pieces, %s (-whole +split):\n%s", round, len(pieces), model, diff)
			}
		}
		if whole.summary.Lines != split.summary.Lines || whole.summary.Records != split.summary.Records || whole.summary.Rows != split.summary.Rows {
			t.Errorf("round %d: whole %+v, split %+v", round, whole.summary, split.summary)
		}
		if state, err := LoadState(dir, "zeek_conn"); err != nil || len(state.Open) > 0 {
			t.Errorf("round %d: %d segments stay open (%v)", round, len(state.Open), err)
		}
	}
}

// cutPieces cuts records at random places, shuffles within the pieces, and
// writes each in two layouts, one after the other.
func cutPieces(random *rand.Rand, all []record, n int) []string {
	cuts := []int{0, len(all)}
	for len(cuts) < n+1 {
		cuts = append(cuts, 1+random.IntN(len(all)-1))
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var out []string
	for i := range len(cuts) - 1 {
		piece := slices.Clone(all[cuts[i]:cuts[i+1]])
		random.Shuffle(len(piece), func(i, j int) { piece[i], piece[j] = piece[j], piece[i] })
		half := random.IntN(len(piece) + 1)
		kinds := layouts()
		out = append(out, kinds[random.IntN(3)].log(piece[:half])+kinds[random.IntN(3)].log(piece[half:]))
	}
	return out
}

// at returns a connection of a source at a time in seconds.
func at(seconds int, src string) record {
	return record{"ts": fmt.Sprintf("%d.000000", 1767225600+seconds), "uid": "C", "id.orig_h": src, "id.orig_p": "40000", "id.resp_h": "10.0.0.1",
		"id.resp_p": fmt.Sprint(1000 + seconds), "proto": "tcp", "service": "-", "duration": "-", "orig_bytes": "-", "resp_bytes": "-", "conn_state": "S0",
		"orig_pkts": "1", "orig_ip_bytes": "40", "resp_pkts": "0", "resp_ip_bytes": "0"}
}

// TestLate has records whose window was scored before: they are counted, and
// the window is not scored again.
func TestLate(t *testing.T) {
	b := newBench(t)
	chains := b.chains(t, windows())
	plain := layouts()[0]
	first := b.run(t, Options{Chains: chains, State: NewState("zeek_conn"),
		Segments: segments(plain.log([]record{at(10, "a"), at(20, "a"), at(301, "b")}))})
	if got := first.summary.Models[0]; got.Rows != 1 || got.Open != 1 || got.Late != 0 {
		t.Errorf("first run: %+v, want 1 row and 1 record open", got)
	}
	second := b.run(t, Options{Chains: chains, State: first.next,
		Segments: segments(plain.log([]record{at(30, "a"), at(40, "c"), at(299, "a"), at(302, "b"), at(700, "b")}))})
	if got := second.summary.Models[0]; got.Rows != 1 || got.Open != 1 || got.Late != 3 {
		t.Errorf("second run: %+v, want 1 row, 1 record open and 3 late", got)
	}
	if second.summary.Reopened != 1 || second.summary.Records != 5 {
		t.Errorf("second run: %+v, want 5 records and 1 reopened", second.summary)
	}
	if n := second.rows[0].Features["n"].Number; n == nil || *n != 2 {
		t.Errorf("the window of b has %v connections, want the one from before and the new one", n)
	}
	// A log that ended by --final closes its last windows, too.
	third := b.run(t, Options{Chains: chains, State: second.next, Final: true, Segments: segments(plain.log([]record{at(701, "d")}))})
	fourth := b.run(t, Options{Chains: chains, State: third.next, Final: true, Segments: segments(plain.log([]record{at(702, "d")}))})
	if got := fourth.summary.Models[0]; third.summary.Models[0].Rows != 2 || got.Rows != 0 || got.Late != 1 {
		t.Errorf("third run: %+v; fourth run: %+v", third.summary.Models[0], got)
	}
}

// TestWithoutState leaves open windows unscored, and counts their records.
func TestWithoutState(t *testing.T) {
	b := newBench(t)
	got := b.run(t, Options{Chains: b.chains(t, windows()), Segments: segments(layouts()[0].log([]record{at(10, "a"), at(301, "b"), at(302, "b")}))})
	if m := got.summary.Models[0]; m.Rows != 1 || m.Open != 2 {
		t.Errorf("%+v, want 1 row and 2 records open", m)
	}
}

// TestPartial marks windows that the edges of a log cut. A log that goes on from
// a state has no beginning, so what is scored then is cut at its end only.
func TestPartial(t *testing.T) {
	b := newBench(t)
	chains := b.chains(t, windows())
	log := []record{at(100, "a"), at(310, "b"), at(590, "b"), at(610, "c"), at(899, "c"), at(901, "d")}
	plain := layouts()[0]
	whole := b.run(t, Options{Chains: chains, Final: true, Segments: segments(plain.log(log))})
	if diff := gocmp.Diff([]string{"a", "d"}, partial(whole.rows)); diff != "" {
		t.Errorf("whole (-want +got):\n%s", diff)
	}
	var rows []ScoredRow
	state := NewState("zeek_conn")
	for i := range log {
		got := b.run(t, Options{Chains: chains, State: state, Final: i == len(log)-1, Segments: segments(plain.log(log[i : i+1]))})
		state, rows = got.next, append(rows, got.rows...)
	}
	if diff := gocmp.Diff([]string{"d"}, partial(rows)); diff != "" || len(rows) != 4 {
		t.Errorf("in pieces, %d windows (-want +got):\n%s", len(rows), diff)
	}
}

// partial returns the sources whose windows are marked, sorted.
func partial(rows []ScoredRow) []string {
	var out []string
	for _, r := range rows {
		if r.Row.Partial {
			out = append(out, fmt.Sprint(r.Row.Key["src"]))
		}
	}
	slices.Sort(out)
	return out
}
