package score

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// csvLog writes records as CSV with a mark in front, in an order of columns of
// its own, and a column that has line ends, quotes and separators.
func csvLog(random *rand.Rand, all []record) string {
	l := layouts()[random.IntN(2)]
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.UseCRLF = random.IntN(2) == 0
	_ = w.Write(append([]string{"a \"note\",\nof two lines"}, l...))
	for i, r := range all {
		cells := []string{strings.Repeat("x\n\"y\",\n", i%3)}
		for _, name := range l {
			cells = append(cells, r[name])
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return out.String()
}

// mixedLog writes records with tabs and as JSON in turns.
func mixedLog(random *rand.Rand, all []record) string {
	var out strings.Builder
	for len(all) > 0 {
		n := 1 + random.IntN(len(all))
		if random.IntN(2) == 0 {
			out.WriteString(layouts()[random.IntN(3)].log(all[:n]))
		} else {
			for _, r := range all[:n] {
				object := map[string]string{}
				for name, v := range r {
					if v != "-" {
						object[name] = v
					}
				}
				line, _ := json.Marshal(object)
				out.WriteString(string(line) + "\r\n")
			}
		}
		all = all[n:]
	}
	return out.String()
}

// TestSplitForms scores logs of other forms in pieces with a state on disk
// between them, and whole: the same windows with the same features and alerts.
func TestSplitForms(t *testing.T) {
	const spec, source = "specs/parsers/zeek_conn.textproto", `source { delimited { separator: "\t" comment: "#" null: "-" empty: "(empty)" header_line: "#fields" } }`
	for _, form := range []struct {
		name, source string
		write        func(*rand.Rand, []record) string
	}{
		{"csv", `source { csv { null: "-" } }`, csvLog},
		{"shapes", `source { json {} } ` + source, mixedLog},
	} {
		t.Run(form.name, func(t *testing.T) {
			b := newBench(t).edited(t, spec, source, form.source)
			chains := b.chains(t, windows())
			random := rand.New(rand.NewPCG(7, 11))
			all := records(1, 120, 3)
			var pieces []string
			for i := range 4 {
				pieces = append(pieces, form.write(random, all[i*len(all)/4:(i+1)*len(all)/4]))
			}
			whole := b.run(t, Options{Chains: chains, Segments: segments(pieces...), Final: true})
			dir := t.TempDir()
			var split scored
			for i, piece := range pieces {
				state, err := LoadState(dir, "zeek_conn")
				must(t, err)
				got := b.run(t, Options{Chains: chains, Segments: segments(piece), State: state, Final: i == len(pieces)-1})
				must(t, got.next.Save(dir))
				if i < 3 && len(got.next.Open) == 0 {
					t.Errorf("nothing is open behind piece %d", i)
				}
				split.plus(got)
			}
			want := whole.outcome("scan_src")
			if diff := gocmp.Diff(want, split.outcome("scan_src")); diff != "" || len(want) == 0 {
				t.Errorf("%d windows (-whole +split):\n%s", len(want), diff)
			}
			if whole.summary.Lines != split.summary.Lines || whole.summary.Rows != int64(len(all)) || split.summary.Rows != int64(len(all)) {
				t.Errorf("of %d records: whole %+v, split %+v", len(all), whole.summary, split.summary)
			}
		})
	}
}
