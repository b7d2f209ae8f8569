package run_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// sessionSet is a set of sessions, whose window function counts the rows of one.
func sessionSet(gap, longest string) string {
	return `from: "p"
where: "NOT (proto <=> 'udp')"
columns { name: "at" definition: "ts" }
columns { name: "place" definition: "row_number() OVER (ORDER BY at)" }
key: "src" window { time: "at" session_gap: "` + gap + `" max_length: "` + longest + `" }
features { name: "n" data_type: BIGINT definition: "count(*)" }
features { name: "seen" data_type: BIGINT definition: "max(place)" }
features { name: "lasts" data_type: BIGINT definition: "unix_micros(window_end) - unix_micros(window_start)" }`
}

// sessionsOf evaluates a set of sessions: key, start, end, number of rows, what
// a window function saw of them, and how long each lasts.
func (b *bench) sessionsOf(set string, rows []rawRow) []string {
	b.Helper()
	p := b.mustCompileSets(map[string]string{"f": set})
	b.parse(p, rows)
	got := b.rowsOf(p, "f")
	for _, row := range got {
		for _, bound := range []string{"start", "end"} {
			row[bound] = row["_window_"+bound].(interface{ UnixMicro() int64 }).UnixMicro()
		}
		if row["n"] != row["_records"] {
			b.Errorf("%v rows of %v records", row["n"], row["_records"])
		}
	}
	return shown(got, "_key_src", "start", "end", "n", "seen", "lasts", "_partial")
}

// Sessions are those of Spark.
func TestSessionsOfSpark(t *testing.T) {
	f, err := os.Open("../engine/enginetest/answers/testdata/sessions.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := newBench(t)
	lines := bufio.NewScanner(f)
	several := 0
	for lines.Scan() {
		var given struct {
			Gap      int64    `json:"gap"`
			Rows     [][2]any `json:"rows"`
			Sessions [][4]any `json:"sessions"`
		}
		decoder := json.NewDecoder(strings.NewReader(lines.Text()))
		decoder.UseNumber()
		if err := decoder.Decode(&given); err != nil {
			t.Fatal(err)
		}
		var rows []rawRow
		for _, r := range given.Rows {
			rows = append(rows, rawRow{r[1], r[0], 0, nil, nil, nil})
		}
		var want []string
		for _, s := range given.Sessions {
			want = append(want, fmt.Sprint(s[0], " ", s[1], " ", s[2], " ", s[3]))
			if s[3] != json.Number("1") {
				several++
			}
		}
		var got []string
		for _, s := range b.sessionsOf(sessionSet(fmt.Sprint(given.Gap, " seconds"), "1 day"), rows) {
			cells := strings.Split(s, " ")
			got = append(got, strings.Join(cells[:len(cells)-3], " "))
		}
		slices.Sort(want)
		b.diff(want, got)
	}
	if err := lines.Err(); err != nil || several < 50 {
		t.Errorf("%d sessions of several rows: %v", several, err)
	}
}

// naiveSessions finds sessions one row after the other, as they are defined.
func naiveSessions(rows []rawRow, gap, longest int64) []string {
	const least, most = -62_135_596_800_000_000, 253_402_300_800_000_000
	bySrc := map[string][]int64{}
	var all []int64
	for _, r := range rows {
		ts, timed := r[0].(int64)
		if !timed || r[3] == "udp" || ts < least || ts+gap >= most {
			continue
		}
		all = append(all, ts)
		bySrc[fmt.Sprint(r[1])] = append(bySrc[fmt.Sprint(r[1])], ts)
	}
	half := longest / 2
	var out []string
	for src, times := range bySrc {
		slices.Sort(times)
		for len(times) > 0 {
			start := times[0]
			cut := start - ((start%half)+half)%half + longest
			n := 1
			for n < len(times) && times[n]-times[n-1] <= gap && times[n] < cut {
				n++
			}
			end := min(times[n-1]+gap, cut)
			partial := start-gap < slices.Min(all) || end >= slices.Max(all)
			out = append(out, fmt.Sprint(src, " ", start, " ", end, " ", n, " ", n, " ", end-start, " ", partial))
			times = times[n:]
		}
	}
	slices.Sort(out)
	return out
}

// Sessions of random rows, of which many tie, lie exactly a gap apart, or on a
// cut.
func TestRandomSessions(t *testing.T) {
	b := newBench(t)
	r := rand.New(rand.NewPCG(21, 22))
	const second = int64(1_000_000)
	pick := func(values ...any) any { return values[r.IntN(len(values))] }
	cut := 0
	for round := range 40 {
		longest := []int64{10, 11, 16, 3600}[r.IntN(4)]
		base := []int64{0, -30, 1_767_225_600}[r.IntN(3)] * second
		rows := make([]rawRow, r.IntN(80))
		for i := range rows {
			at := base + r.Int64N(60)*second
			rows[i] = rawRow{pick(at, at, at, at+r.Int64N(second), nil), pick(nil, "a", "a", "a", "b"), 0, pick("tcp", "tcp", "udp", nil), nil, nil}
		}
		if len(rows) > 0 { // of one key, to the ends of the calendar
			rows[0][0] = pick(-62_135_596_800_000_001, -62_135_596_800_000_000, 253_402_300_794_999_999, 253_402_300_795_000_000)
			if n, ok := rows[0][0].(int); ok {
				rows[0][0] = int64(n)
			}
		}
		want := naiveSessions(rows, 5*second, longest*second)
		b.diff(want, b.sessionsOf(sessionSet("5 seconds", fmt.Sprint(longest, " seconds")), rows))
		if b.Failed() {
			t.Fatalf("round %d, at most %d s: %v", round, longest, rows)
		}
		cut += len(want) - len(naiveSessions(rows, 5*second, 3600*second))
	}
	if cut < 20 {
		t.Errorf("%d sessions were cut", cut)
	}
}

// A generator may make the key; a record is then in several sessions.
func TestSessionsOfGenerated(t *testing.T) {
	b := newBench(t)
	p := b.mustCompileSets(map[string]string{"f": `from: "p"
columns { name: "part" definition: "explode(split(src, ''))" }
columns { name: "gap" definition: "unix_micros(ts) - lag(unix_micros(ts)) OVER (ORDER BY ts)" }
key: "part" window { time: "ts" session_gap: "2 seconds" max_length: "1 hour" }
features { name: "n" data_type: BIGINT definition: "count(*)" }
features { name: "gaps" data_type: BIGINT definition: "sum(gap)" }`})
	b.parse(p, []rawRow{{0, "ab", 0, nil, nil, nil}, {1_000_000, "a", 0, nil, nil, nil}, {3_000_000, "ab", 0, nil, nil, nil}, {3_500_000, "b", 0, nil, nil, nil}})
	b.diff([]string{"a 3 3000000 3", "b 1 <nil> 1", "b 2 500000 2"}, shown(b.rowsOf(p, "f"), "_key_part", "n", "gaps", "_records"))
}
