package run_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// watched is a record as a window function sees it.
type watched struct {
	ts, n int64
	rec   int
	src   string
}

// windowRows computes the rows of a set with window functions, from what they
// are defined to see: the records of the window and of the lookback before it.
func windowRows(rows []rawRow, size, lookback int64) []string {
	floor := func(n int64) int64 { return n - ((n%size)+size)%size }
	var all []watched
	starts := map[int64]bool{}
	for i, r := range rows {
		if r[0] == nil || r[3] == "udp" {
			continue
		}
		w := watched{ts: int64(r[0].(int)), rec: i, src: "-", n: int64(r[2].(int))}
		if s, ok := r[1].(string); ok {
			w.src = s
		}
		all, starts[floor(w.ts)] = append(all, w), true
	}
	slices.SortStableFunc(all, func(a, b watched) int { return int(a.ts - b.ts) })
	var out []string
	for start := range starts {
		bySrc := map[string][]watched{}
		for _, w := range all {
			if w.ts >= start-lookback && w.ts < start+size {
				bySrc[w.src] = append(bySrc[w.src], w)
			}
		}
		for src, seen := range bySrc {
			var own, gaps, sum, running, place int64
			gapless := true
			for i, w := range seen {
				running += w.n
				if w.ts < start {
					continue
				}
				own++
				if i > 0 {
					gaps, gapless = gaps+w.ts-seen[i-1].ts, false
				}
				sum, place = sum+running, max(place, int64(i+1))
			}
			if own == 0 {
				continue
			}
			gap := fmt.Sprint(gaps)
			if gapless {
				gap = "<nil>"
			}
			out = append(out, fmt.Sprint(src, " ", start, " ", own, " ", gap, " ", sum, " ", place, " ", len(seen)))
		}
	}
	slices.Sort(out)
	return out
}

// Window functions see the records of their window and of the lookback before
// it, whatever else there is; ties are settled by the order of records.
func TestLookback(t *testing.T) {
	b := newBench(t)
	const second = 1_000_000
	for _, tt := range []struct {
		lookback string
		micros   int64
	}{{"", 0}, {`lookback: "1 second"`, second}, {`lookback: "2 seconds"`, 2 * second}, {`lookback: "5 seconds"`, 5 * second}, {`lookback: "7 seconds"`, 7 * second}} {
		p := b.mustCompileSets(map[string]string{"f": `from: "p"
where: "NOT (proto <=> 'udp')"
columns { name: "at" definition: "ts" }
columns { name: "source" definition: "coalesce(src, '-')" }
columns { name: "before" definition: "lag(unix_micros(at)) OVER (PARTITION BY source ORDER BY at)" }
columns { name: "gap" definition: "unix_micros(ts) - before" }
columns { name: "running" definition: "sum(n) OVER (PARTITION BY source ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)" }
columns { name: "place" definition: "row_number() OVER (PARTITION BY source ORDER BY ts)" }
columns { name: "every" definition: "count(*) OVER (PARTITION BY source)" }
key: "source" window { time: "at" size: "2 seconds" }
` + strings.Replace(tt.lookback, "\n", "", 1) + `
features { name: "n" data_type: BIGINT definition: "count(*)" }
features { name: "gaps" data_type: BIGINT definition: "sum(gap)" }
features { name: "sum" data_type: BIGINT definition: "sum(running)" }
features { name: "last" data_type: BIGINT definition: "max(place)" }
features { name: "seen" data_type: BIGINT definition: "max(every)" }`})
		r := rand.New(rand.NewPCG(9, 10))
		pick := func(values ...any) any { return values[r.IntN(len(values))] }
		for round := range 6 {
			rows := make([]rawRow, r.IntN(120))
			for i := range rows {
				rows[i] = rawRow{pick(nil, r.IntN(30*second)-15*second, (r.IntN(30)-15)*second), pick(nil, "a", "b"), r.IntN(100), pick("tcp", "udp"), nil, nil}
			}
			b.parse(p, rows)
			got := b.rowsOf(p, "f")
			for _, row := range got {
				row["start"] = row["_window_start"].(interface{ UnixMicro() int64 }).UnixMicro()
			}
			if d := gocmp.Diff(windowRows(rows, 2*second, tt.micros), shown(got, "_key_source", "start", "n", "gaps", "sum", "last", "seen")); d != "" {
				t.Fatalf("%s round %d, %v:\n%s", tt.lookback, round, rows, d)
			}
		}
	}
}

// A key may come from a window function: sessions that a pause ends.
func TestSessions(t *testing.T) {
	b := newBench(t)
	p := b.mustCompileSets(map[string]string{"f": `from: "p"
columns { name: "pause" definition: "unix_seconds(ts) - unix_seconds(lag(ts) OVER (PARTITION BY src ORDER BY ts)) > 10" }
columns { name: "session" definition: "sum(CASE WHEN pause THEN 1 ELSE 0 END) OVER (PARTITION BY src ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)" }
key: "src" key: "session" window { time: "ts" size: "1 minute" }
lookback: "30 seconds"
features { name: "n" data_type: BIGINT definition: "count(*)" }`})
	var rows []rawRow
	for _, s := range []int{0, 5, 20, 55, 58, 61, 65, 80} {
		rows = append(rows, rawRow{s * 1_000_000, "a", s, nil, nil, nil})
	}
	b.parse(p, rows)
	// The second minute looks back to 55 and 58, which begin its session 0.
	b.diff([]string{"0 0 2", "0 1 1", "0 2 2", "60 0 2", "60 1 1"}, func() []string {
		got := b.rowsOf(p, "f")
		for _, row := range got {
			row["start"] = row["_window_start"].(interface{ Unix() int64 }).Unix()
		}
		return shown(got, "start", "_key_session", "n")
	}())
}

// Window functions over windows: the change since the window before, of a set
// whose windows read window functions themselves.
func TestLookbackOverKey(t *testing.T) {
	b := newBench(t)
	p := b.mustCompileSets(map[string]string{
		"low": `from: "p"
columns { name: "gap" definition: "n - lag(n) OVER (PARTITION BY src ORDER BY ts)" }
key: "src" window { time: "ts" size: "10 seconds" }
lookback: "10 seconds"
features { name: "n" data_type: BIGINT definition: "count(*)" }
features { name: "gaps" data_type: BIGINT definition: "sum(gap)" }`,
		"up": `from: "low"
columns { name: "step" definition: "n - lag(n) OVER (PARTITION BY src ORDER BY window_start)" }
key: "src" window { time: "window_start" size: "20 seconds" }
lookback: "10 seconds"
features { name: "growth" data_type: BIGINT definition: "sum(step)" }
features { name: "gaps" data_type: BIGINT definition: "sum(gaps)" }
features { name: "n" data_type: BIGINT definition: "count(step)" }`})
	var rows []rawRow
	for _, s := range []int{0, 3, 11, 22, 24, 27, 35, 49, 52} {
		rows = append(rows, rawRow{s * 1_000_000, "a", s, nil, nil, nil})
	}
	b.parse(p, rows)
	// Counts by tens: 2 1 3 1 1 1. From 0: 1-2. From 20: 3-1, 1-3. From 40: 1-1, 1-1.
	// Gaps: 3 | 8 | 11+2+3 | 8 | 14 | 3.
	b.diff([]string{"-1 11 1", "0 17 2", "0 24 2"}, shown(b.rowsOf(p, "up"), "growth", "gaps", "n"))
	f := p.FeatureSets[1]
	for _, tt := range []struct {
		names []string
		want  int64
	}{{[]string{"growth"}, 10_000_000}, {[]string{"gaps"}, 10_000_000}, {[]string{"growth", "gaps"}, 20_000_000}, {nil, 0}} {
		if got := f.Relation("parsed", tt.names).Lookback(); got != tt.want {
			t.Errorf("lookback of %v is %d, want %d", tt.names, got, tt.want)
		}
	}
}
