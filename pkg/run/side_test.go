package run_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/sql"
)

// compileSplit compiles the parser and one feature set with another split.
func (b *bench) compileSplit(split, body string) *compile.Program {
	b.Helper()
	p, diags := compileDataset(parserText, body, strings.Replace(labelled, `split { test: "c" }`, "split { "+split+" }", 1))
	if err := diags.Err(); err != nil {
		b.Fatal(err)
	}
	return p
}

const (
	rowsBody = `features { name: "x" data_type: BIGINT definition: "n" }`
	keyBody  = `key: "proto" window { time: "ts" size: "1 second" } features { name: "x" data_type: BIGINT definition: "count(*)" }`
)

// sides returns the side of each row: by the number of its record, or by its
// key.
func (b *bench) sides(p *compile.Program) map[any]any {
	b.Helper()
	side := p.Datasets[0].Contributions[0].Side("p")
	out := map[any]any{}
	for _, row := range b.features(p, []string{"x"}, func(r *sql.Relation) { r.Side = side.Expr }) {
		out[row[1]] = row[len(row)-1]
	}
	return out
}

// hash is the hash of a group in the definition's own words.
func hash(seed int64, group string) float64 {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%d:%s", seed, group)))
	return math.Ldexp(float64(binary.BigEndian.Uint64(sum[:8])>>8), -56)
}

// A group's side is that of its hash, whatever else there is.
func TestGroupSide(t *testing.T) {
	b := newBench(t)
	rows := []rawRow{{1, "a", 1, "tcp", true, "good"}, {2, "b", 1, "tcp", true, "bad"}, {3, "ä", 2, "udp", nil, nil}, {4, nil, 2, nil, false, "bad"},
		{5, "", 2, "udp", false, "bad"}, {6, "a", 3, "udp", false, "bad"}}
	// The groups lie on both sides of half: seeds were taken for that.
	for _, seed := range []int64{2, -7} {
		p := b.compileSplit(fmt.Sprintf(`group: "src" test_share: 0.5 seed: %d`, seed), rowsBody)
		b.parse(p, rows)
		got, sides := b.sides(p), map[any]bool{}
		for i, row := range rows {
			var want any
			if row[1] != nil {
				want = map[bool]string{true: "test", false: "train"}[hash(seed, row[1].(string)) < 0.5]
			}
			if got[int64(i)] != want {
				t.Errorf("seed %d: row %d is on side %v, want %v", seed, i, got[int64(i)], want)
			}
			sides[want] = true
		}
		if len(sides) != 3 {
			t.Errorf("seed %d: only the sides %v", seed, sides)
		}
	}
	first := sha256.Sum256([]byte("0:a"))
	if got := hex.EncodeToString(first[:7]); got != "9df3c5fab8ef8f" || math.Abs(hash(0, "a")-0.617001) > 1e-6 {
		t.Errorf("the documented example is %s, %v", got, hash(0, "a"))
	}
}

// Hand-made cases: what the expression reads, of which type it is, and rows
// for which it is NULL.
func TestSideOfRows(t *testing.T) {
	b := newBench(t)
	rows := []rawRow{{1_000_000, "a", 1, "tcp", true, "good"}, {2_000_000, "b", 2, "tcp", false, "bad"}, {3_000_000, "c", nil, "udp", nil, nil},
		{nil, "a", 1, "udp", true, "bad"}, {4_000_000, nil, 12, nil, nil, "good"}}
	for _, tt := range []struct {
		name, split string
		want        []any
	}{
		{"groups by name", `group: "src" test_groups: "b" test_groups: "z"`, []any{"train", "test", "train", "train", nil}},
		{"whole numbers", `group: "n" test_groups: "1" test_groups: "02"`, []any{"test", "train", nil, "test", "train"}},
		{"truth values", `group: "flag" test_groups: "true"`, []any{"test", "train", nil, "test", nil}},
		{"a date", `group: "cast(ts as date)" test_groups: "1970-01-01"`, []any{"test", "test", "test", nil, "test"}},
		{"a label column", `group: "case when label = 'bad' then src else proto end" test_groups: "b"`, []any{"train", "test", "train", "train", nil}},
		{"names that quotes stand in", `group: "concat(src, '\\\\', '\\\'')" test_groups: "b\\'"`, []any{"train", "test", "train", "train", nil}},
		{"nothing", `group: "NULL" test_share: 0.5`, []any{nil, nil, nil, nil, nil}},
		{"all but everything", `group: "src" test_share: 0.99999999999999988`, []any{"test", "test", "test", "test", nil}},
		{"next to nothing", `group: "src" test_share: 1e-300`, []any{"train", "train", "train", "train", nil}},
		{"listed or by hash", `group: "src" test_share: 1e-300 test_groups: "a"`, []any{"test", "train", "train", "test", nil}},
		{"time", `time: "ts" test_from: "1970-01-01T01:00:02+01:00"`, []any{"train", "test", "test", nil, "test"}},
		{"time, a microsecond later", `time: "ts" test_from: "1970-01-01T00:00:02.000001Z"`, []any{"train", "train", "test", nil, "test"}},
		{"time of a date", `time: "cast(ts as date)" test_from: "1970-01-01T00:00:00Z"`, []any{"test", "test", "test", nil, "test"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := &bench{t, b.conn}
			p := b.compileSplit(tt.split, rowsBody)
			b.parse(p, rows)
			got := b.sides(p)
			for i, want := range tt.want {
				if got[int64(i)] != want {
					t.Errorf("row %d is on side %v, want %v", i, got[int64(i)], want)
				}
			}
		})
	}
}

// A row with a key is on the side of its records, if they agree.
func TestSideOfKeys(t *testing.T) {
	b := newBench(t)
	p := b.compileSplit(`group: "src" test_groups: "test"`, keyBody)
	var rows []rawRow
	for key, groups := range map[string][]any{"train": {"a", "b"}, "test": {"test", "test"}, "both": {"a", "test"}, "none": {nil, nil},
		"some": {"test", nil, "test"}, "other": {nil, "a"}} {
		for _, g := range groups {
			rows = append(rows, rawRow{1, g, 1, key, nil, nil})
		}
	}
	b.parse(p, rows)
	b.diff(map[any]any{"train": "train", "test": "test", "both": "mixed", "none": nil, "some": "mixed", "other": "mixed"}, b.sides(p))
}

// Adding rows moves none, their order does not matter, the share is near the
// one that was asked for, and rows of one group stay together.
func TestSplitIsSticky(t *testing.T) {
	b := newBench(t)
	r := rand.New(rand.NewPCG(11, 12))
	for _, share := range []float64{0.1, 0.3, 0.75} {
		p := b.compileSplit(fmt.Sprintf(`group: "concat(src, proto)" test_share: %v seed: %d`, share, r.IntN(1000)), rowsBody)
		var rows []rawRow
		for i := range 4000 {
			rows = append(rows, rawRow{i, fmt.Sprintf("host%d", r.IntN(1500)), i, []string{"tcp", "udp"}[r.IntN(2)], nil, nil})
		}
		sideOf := func(rows []rawRow) map[any]any {
			b.parse(p, rows)
			out := map[any]any{}
			for record, side := range b.sides(p) {
				out[rows[record.(int64)][2]] = side
			}
			return out
		}
		all := sideOf(rows)
		few := sideOf(rows[:500])
		shuffled := slices.Clone(rows)
		r.Shuffle(len(rows), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		b.diff(all, sideOf(shuffled))
		groups := map[string]any{}
		for i, row := range rows {
			name := row[1].(string) + row[3].(string)
			if side, ok := groups[name]; ok && side != all[i] {
				t.Fatalf("group %s is on both sides", name)
			}
			groups[name] = all[i]
			if i < len(few) && few[i] != all[i] {
				t.Fatalf("row %d moved to side %v when rows were added", i, all[i])
			}
		}
		n := 0
		for _, side := range groups {
			if side == "test" {
				n++
			}
		}
		// Four standard deviations of a share of so many groups.
		if got, off := float64(n)/float64(len(groups)), 4*math.Sqrt(share*(1-share)/float64(len(groups))); math.Abs(got-share) > off || off > 0.05 {
			t.Errorf("%v of %d groups are on the test side, want %v ± %v", got, len(groups), share, off)
		}
	}
}

// No edit of a split that moves a row keeps the key of its column.
func TestNeverUnderSelectSplits(t *testing.T) {
	b := newBench(t)
	r := generator{rand.New(rand.NewPCG(13, 14))}
	expressions := []string{"src", "SRC", "( src )", "upper(src)", "proto", "concat(src, proto)", "concat(proto, src)", "coalesce(src, proto)", "coalesce(src, 'a')",
		"case when label = 'bad' then src else proto end", "case when 'bad' = label then src else proto end", "if(label = 'bad', src, proto)", "if(label <> 'bad', proto, src)", "n", "n + 0", "cast(n as string)", "flag"}
	decisions := []string{`test_share: 0.5`, `test_share: 0.50`, `test_share: 0.5 seed: 0`, `test_share: 0.5 seed: 1`, `test_share: 0.4`, `test_groups: "a"`, `test_groups: "a" test_groups: "b"`,
		`test_groups: "b" test_groups: "a"`, `test_groups: "1"`, `test_groups: "true" test_share: 0.5`, `test_share: 0.5 test_groups: "true"`}
	times := []string{"ts", "TS", "ts + interval 1 second", "coalesce(ts, timestamp_micros(0))", "cast(ts as date)"}
	froms := []string{"1970-01-01T00:00:00Z", "1970-01-01T01:00:00+01:00", "1970-01-01T00:00:01Z", "1970-01-01T00:00:00.0000001Z", "1970-01-01T00:00:00.000001Z"}
	var splits []string
	for _, e := range expressions {
		for _, d := range decisions {
			splits = append(splits, fmt.Sprintf("group: %q %s", e, d))
		}
	}
	for _, e := range times {
		for _, f := range froms {
			splits = append(splits, fmt.Sprintf("time: %q test_from: %q", e, f))
		}
	}
	rows := make([]rawRow, 60)
	for i := range rows {
		rows[i] = rawRow{pick[any](r, nil, r.IntN(4_000_000)-2_000_000, 0, 1), pick[any](r, nil, "a", "b", "c", "A", "true"), pick[any](r, nil, 0, 1, 2),
			pick[any](r, nil, "tcp", "TCP", "a"), pick[any](r, nil, true, false), pick[any](r, nil, "good", "bad")}
	}
	type of struct{ split, sides string }
	seen, equal := map[string]of{}, 0
	for _, body := range []string{rowsBody, keyBody} {
		for _, split := range splits {
			p := b.compileSplit(split, body)
			b.parse(p, rows)
			k := p.Datasets[0].Contributions[0]
			frame := compile.FeatureFrame(p.Datasets[0], k, p.FeatureSets[0])
			key, sides := frame.Column(k.Side("p").Key).String(), fmt.Sprint(b.sides(p))
			if other, ok := seen[key]; ok {
				equal++
				if other.sides != sides {
					t.Fatalf("one key, but\n%s\ngives %s, and\n%s\ngives %s", other.split, other.sides, split, sides)
				}
			}
			seen[key] = of{split, sides}
		}
	}
	if equal < 100 || len(seen) < 150 {
		t.Errorf("only %d splits with equal keys, %d with different ones", equal, len(seen))
	}
}

// The records behind a row are those that its key and window hold.
func TestMembers(t *testing.T) {
	b := newBench(t)
	p := b.mustCompile(`where: "n > 0" ` + keyBody)
	rows := []rawRow{{1, "a", 1, "tcp", nil, nil}, {2_000_000, "a", 1, "tcp", nil, nil}, {3, "b", 1, "udp", nil, nil}, {4, "b", 0, "tcp", nil, nil},
		{5, "c", 1, "tcp", nil, nil}, {nil, "c", 1, "tcp", nil, nil}}
	b.parse(p, rows)
	b.exec("INSERT INTO parsed SELECT 3, _rec + 1000000000000, * EXCLUDE (_file, _rec) FROM parsed WHERE _rec = 2")
	members := func(body string) map[string]bool {
		p := b.mustCompile(body)
		out := map[string]bool{}
		for _, row := range b.features(p, []string{"x"}, func(r *sql.Relation) { r.Members = true }) {
			var of []string
			for _, m := range row[len(row)-1].([]any) {
				file, record := sql.Member(m.(int64))
				of = append(of, fmt.Sprintf("%d:%d", file, record))
			}
			out[strings.Join(of, " ")] = true
		}
		return out
	}
	b.diff(map[string]bool{"0:0 0:4": true, "0:1": true, "0:2 3:1000000000002": true}, members(`where: "n > 0" `+keyBody))
	b.diff(map[string]bool{"0:0": true, "0:1": true, "0:2": true, "3:1000000000002": true, "0:4": true, "0:5": true}, members(`where: "n > 0" `+rowsBody))
	b.diff([][]any{{int64(3), int64(1000000000002)}}, b.query("SELECT "+sql.MemberIDs("m", "f", "r")+" FROM (SELECT ((3::BIGINT << 40) | 1000000000002) AS m)"))
}
