package score

import (
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// A replay of a capture, whole or in parts, flags what a run over it flags,
// and knows the records behind each row.
func TestReplay(t *testing.T) {
	b := newBench(t)
	all, l := records(5, 300, 5), layouts()[0]
	for _, logit := range []logit{windows(), rows()} {
		chain := b.chain(t, logit)
		run := b.run(t, Options{Chains: []*Chain{chain}, Final: true, Segments: segments(l.log(all))})
		want := map[string]bool{}
		for _, a := range run.alerts {
			want[replayName(Identified{Record: a.Row.Record, Key: a.Row.Key, Start: a.Row.Start, End: a.Row.End})] = true
		}
		if len(want) == 0 || len(want) == len(run.rows) {
			t.Fatalf("%s: %d alerts of %d rows", logit.name, len(want), len(run.rows))
		}
		for _, parts := range [][]int{{len(all)}, {100, 250, len(all)}, {1, 2, len(all)}} {
			var options ReplayOptions
			begin := 0
			for _, end := range parts {
				s := segments(l.log(all[begin:end]))[0]
				s.First = int64(begin)
				options.Segments, options.Files = append(options.Segments, s), append(options.Files, 0)
				begin = end
			}
			options.DB = b.db
			replay, err := chain.Replay(t.Context(), options)
			must(t, err)
			defer replay.Close()
			if n := int64(len(run.rows)); replay.Rows() != n || len(replay.Records) != len(parts) || replay.Records[0] != int64(parts[0]) {
				t.Errorf("%s: %d rows, want %d; records %v", logit.name, replay.Rows(), n, replay.Records)
			}
			var ordinals []int64
			for i := range replay.Rows() {
				ordinals = append(ordinals, i)
			}
			names, err := replay.Identify(t.Context(), ordinals)
			must(t, err)
			got := map[string]bool{}
			for i, n := range names {
				if replay.Flags(int64(i)) {
					got[replayName(n)] = true
				}
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("%s in %d parts flags (-run +replay):\n%s", logit.name, len(parts), diff)
			}
			behind := map[int64]int{}
			must(t, replay.Members(t.Context(), func(m Member) {
				n := names[m.Row]
				if m.File != 0 || n.Record != nil && *n.Record != m.Record || n.Key != nil && n.Key["src"] != all[m.Record]["id.orig_h"] {
					t.Errorf("%s: record %d is not behind %s", logit.name, m.Record, replayName(n))
				}
				behind[m.Record]++
			}))
			if len(behind) != len(all) {
				t.Errorf("%s: %d of %d records are behind rows", logit.name, len(behind), len(all))
			}
		}
	}
}

func replayName(r Identified) string {
	if r.Record != nil {
		return fmt.Sprint(*r.Record)
	}
	return fmt.Sprint(r.Key, r.Start.Unix(), r.End.Unix())
}

// Truths are those of the label and side that were asked for.
func TestReplayTruths(t *testing.T) {
	b := newBench(t)
	replay, err := b.chain(t, rows()).Replay(t.Context(), ReplayOptions{DB: b.db, Segments: segments(layouts()[1].log(records(6, 20, 1))), Files: []int32{0}})
	must(t, err)
	defer replay.Close()
	var seen []int64
	must(t, replay.RecordTruths(t.Context(), func(file int32, record int64, truth Truth) {
		if truth != (Truth{}) || file != 0 {
			t.Errorf("record %d: %+v without a label", record, truth)
		}
		seen = append(seen, record)
	}))
	must(t, replay.Truths(t.Context(), func(row int64, truth Truth) {
		if truth != (Truth{}) {
			t.Errorf("row %d: %+v without a label", row, truth)
		}
	}))
	slices.Sort(seen)
	if len(seen) < 20 || seen[len(seen)-1] != int64(len(seen)-1) {
		t.Errorf("records %v", seen)
	}
	if rows, err := replay.Identify(t.Context(), nil); err != nil || len(rows) > 0 {
		t.Errorf("identified %v, %v", rows, err)
	}
}
