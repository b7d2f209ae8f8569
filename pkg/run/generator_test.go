package run_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// words are records whose source holds words: of the i-th, the i-th text.
func words(texts ...any) []rawRow {
	var rows []rawRow
	for i, s := range texts {
		label := any(nil)
		if i%4 == 3 {
			label = "bad"
		}
		rows = append(rows, rawRow{i * 1_000_000, s, i, "tcp", nil, label})
	}
	return rows
}

// A record stands behind each row that a generator makes of it, once however
// often it gets there.
func TestGeneratedRows(t *testing.T) {
	b := newBench(t)
	p := b.mustCompileSets(map[string]string{"f": `from: "p"
columns { name: "word" definition: "explode(split(src, ' '))" }
columns { name: "letter" definition: "substring(word, 1, 1)" }
key: "letter" window { time: "ts" size: "10 seconds" }
features { name: "words" data_type: BIGINT definition: "count(*)" }
features { name: "different" data_type: BIGINT definition: "count(DISTINCT word)" }
features { name: "sum" data_type: BIGINT definition: "sum(n)" }
having: "words > 0"`})
	b.parse(p, words("ab ac ab", "ba ab", nil, "bb", "", "ab ab", "ca", "ab", "ab"))
	b.diff([]string{
		" 1 1 4 <nil> 1 [record 4]",
		"a 8 2 26 true 5 [record 0 record 1 record 5]",
		"b 2 2 4 true 2 [record 1 record 3]",
		"c 1 1 6 <nil> 1 [record 6]",
	}, shown(b.rowsOf(p, "f"), "_key_letter", "words", "different", "sum", "_label", "_records", "_raws"))
}

// explode_outer keeps rows without elements; what no feature reads makes rows
// all the same.
func TestGeneratorThatNobodyReads(t *testing.T) {
	b := newBench(t)
	for generator, want := range map[string][]string{
		"explode(split(src, ' '))":       {"tcp 4 2 [record 0 record 2]"},
		"explode_outer(split(src, ' '))": {"tcp 5 3 [record 0 record 1 record 2]"},
		"explode(array(n, n))":           {"tcp 6 3 [record 0 record 1 record 2]"},
		"explode(sequence(1, n * 5000))": {"tcp 15002 3 [record 0 record 1 record 2]"}, // 1, 0; 5,000; 10,000
		"explode(sequence(1, n * 5001))": {"tcp 5003 2 [record 0 record 1]"},           // 10,002 are too many
	} {
		p := b.mustCompileSets(map[string]string{"f": `from: "p"
columns { name: "word" definition: "` + generator + `" }
key: "proto" window { time: "ts" size: "10 seconds" }
features { name: "rows" data_type: BIGINT definition: "count(*)" }`})
		b.parse(p, words("a b", nil, "c d"))
		b.diff(want, shown(b.rowsOf(p, "f"), "_key_proto", "rows", "_records", "_raws"))
	}
}

// Window functions see the rows that a generator before them made, in their
// order, and none that one behind them makes.
func TestWindowFunctionsBesideGenerators(t *testing.T) {
	b := newBench(t)
	const before, generator, after = `columns { name: "before" definition: "row_number() OVER (PARTITION BY proto ORDER BY ts)" }
`, `columns { name: "word" definition: "explode(split(src, ' '))" }
`, `columns { name: "after" definition: "lag(word) OVER (PARTITION BY proto ORDER BY ts)" }
`
	for _, columns := range []string{before + generator + after, generator + after + before} {
		p := b.mustCompileSets(map[string]string{"f": `from: "p"
` + columns + `key: "word" window { time: "ts" size: "10 seconds" }
features { name: "place" data_type: INT definition: "max(before)" }
features { name: "last" data_type: INT definition: "ascii(max(after))" }`})
		b.parse(p, words("c b a", "d"))
		places := []string{"a 1 98", "b 1 99", "c 1 <nil>", "d 2 97"}
		if strings.HasPrefix(columns, generator) {
			places = []string{"a 3 98", "b 2 99", "c 1 <nil>", "d 4 97"}
		}
		b.diff(places, shown(b.rowsOf(p, "f"), "_key_word", "place", "last"))
	}
}

// A row over rows that hold the same record has it once; so has one whose
// rows a generator made of rows with a key.
func TestRowsOverGeneratedRows(t *testing.T) {
	b := newBench(t)
	random := rand.New(rand.NewPCG(3, 4))
	var texts []any
	for range 60 {
		var list []string
		for range random.IntN(4) {
			list = append(list, string(rune('a'+random.IntN(3)))+string(rune('x'+random.IntN(3))))
		}
		texts = append(texts, strings.Join(list, " "))
	}
	p := b.mustCompileSets(map[string]string{
		"low": `from: "p"
columns { name: "word" definition: "explode(split(src, ' '))" }
key: "word" window { time: "ts" size: "10 seconds" }
features { name: "words" data_type: BIGINT definition: "count(*)" }`,
		"top": `from: "low"
columns { name: "letter" definition: "explode(split(word, ''))" }
key: "letter" window { time: "window_start" size: "20 seconds" }
features { name: "sum" data_type: BIGINT definition: "sum(words)" }`})
	b.parse(p, words(texts...))
	type row struct {
		sum     int
		records []int
	}
	rows := map[string]*row{}
	for i, text := range texts {
		for _, word := range strings.Split(text.(string), " ") {
			letters := strings.Split(word, "")
			if word == "" {
				letters = []string{""}
			}
			for _, letter := range letters {
				key := fmt.Sprintf("%s %d", letter, i/20)
				if rows[key] == nil {
					rows[key] = &row{}
				}
				rows[key].sum++
				if !slices.Contains(rows[key].records, i) {
					rows[key].records = append(rows[key].records, i)
				}
			}
		}
	}
	var want []string
	for key, r := range rows {
		var first []string
		attack := any(nil)
		for i, n := range r.records {
			if i < 3 {
				first = append(first, record(n))
			}
			if n%4 == 3 {
				attack = true
			}
		}
		var i int
		letter := strings.TrimSuffix(strings.TrimRight(key, "0123456789"), " ")
		fmt.Sscan(key[len(letter):], &i)
		want = append(want, fmt.Sprintf("%s 1970-01-01 00:00:%02d +0000 UTC %d %v %d %v", letter, i*20, r.sum, attack, len(r.records), first))
	}
	slices.Sort(want)
	b.diff(want, shown(b.rowsOf(p, "top"), "_key_letter", "_window_start", "sum", "_label", "_records", "_raws"))
}

// The times of records do not depend on what is made of them.
func TestTimesOfGeneratedRows(t *testing.T) {
	b := newBench(t)
	p := b.mustCompileSets(map[string]string{"f": `from: "p"
columns { name: "word" definition: "explode(split(src, ' '))" }
columns { name: "letter" definition: "substring(word, 1, 1)" }
columns { name: "shifted" definition: "timestamp_micros(unix_micros(ts) + 1)" }
key: "letter" window { time: "shifted" size: "10 seconds" }
features { name: "rows" data_type: BIGINT definition: "count(*)" }`})
	b.parse(p, words("a b", nil, "c"))
	r := p.FeatureSets[0].Relation("(SELECT * FROM parsed)", []string{"rows"})
	b.diff([][]any{{int64(0), int64(0), int64(1)}, {int64(0), int64(1), int64(1_000_001)}, {int64(0), int64(2), int64(2_000_001)}}, b.query(r.Times()))
}

// A line that is as long as a line may be, of which as many rows are made as
// may be: what a site holds of it does not multiply.
func TestGeneratorOverLongLine(t *testing.T) {
	b := newBenchIn(t, "100MB")
	p := b.mustCompileSets(map[string]string{"f": `from: "p"
columns { name: "word" definition: "explode(split(src, ' '))" }
key: "src" window { time: "ts" size: "10 seconds" }
features { name: "rows" data_type: BIGINT definition: "count(*)" }
features { name: "length" data_type: INT definition: "max(length(src))" }`})
	b.parse(p, words(strings.Repeat(strings.Repeat("x", 99)+" ", 9999)))
	b.exec("CREATE OR REPLACE TEMP TABLE long AS SELECT * REPLACE (repeat('y', 1000000) AS _raw) FROM parsed")
	r := p.FeatureSets[0].Relation("long", []string{"rows", "length"})
	r.Texts, r.Members = 3, true
	b.diff([][]any{{int64(10000), int64(999900), int64(1), []any{int64(1000000)}, int64(1)}},
		b.query("SELECT rows, length, _records, list_transform(_raws, lambda x: length(x)), len(_members) FROM ("+r.DuckDB()+")"))
}
