package source

import (
	"encoding/csv"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// plainCSV is CSV as RFC 4180 has it, by position.
var plainCSV = Format{CSV{Separator: ',', Quote: '"', Headerless: true}}

// checkCase reads an input of a case byte by byte and compares.
func (tt readerCase) check(t *testing.T) {
	t.Helper()
	got := readAll(t, iotest.OneByteReader(strings.NewReader(tt.input)), tt.o, tt.lim.orDefault())
	if d := cmp.Diff(tt.rows, show(got.Rows)); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	if d := cmp.Diff(tt.rejects, got.Rejects); d != "" {
		t.Errorf("rejects (-want +got):\n%s", d)
	}
	balance(t, got.Counts)
	if got.Counts.Bytes != int64(len(tt.input)) {
		t.Errorf("%d bytes of %d", got.Counts.Bytes, len(tt.input))
	}
	got.Counts.Rejects, got.Counts.Bytes = nil, 0
	if d := cmp.Diff(tt.counts, got.Counts); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
}

func TestCSV(t *testing.T) {
	named := Options{Format: Format{CSV{Separator: ',', Quote: '"', Comment: "#", Null: "NA"}}, Raw: []string{"b", "a"}, Optional: []string{"z"}}
	plain := Options{Format: plainCSV, Raw: []string{"1", "0"}}
	tests := []readerCase{
		{name: "empty", o: named},
		{name: "by name", o: named, input: "a,b\n1,2\n\"x\",\"y\"\n", rows: "2|1|<null>\ny|x|<null>\n",
			counts: Counts{Lines: 3, Records: 2, Rows: 2, Headers: 1}},
		{name: "newlines, separators and quotes between quotes", o: named, input: "a,b\r\n\"1\n\r\n\",\"say \"\"hi\"\", you\"\r\n3,4\r\n",
			rows: "say \"hi\", you|1\n\r\n|<null>\n4|3|<null>\n", counts: Counts{Lines: 5, Records: 2, Rows: 2, Headers: 1, Continued: 2}},
		{name: "a quote within a value is a character", o: plain, input: "a\"b,5\" disk\n", rows: "5\" disk|a\"b\n",
			counts: Counts{Lines: 1, Records: 1, Rows: 1}},
		{name: "null only without quotes", o: named, input: "a,b\nNA,\"NA\"\n,\"\"\n", rows: "NA|<null>|<null>\n||<null>\n",
			counts: Counts{Lines: 3, Records: 2, Rows: 2, Headers: 1}},
		{name: "comments and blanks where a record begins", o: named, input: "#x\n\na,b\n# \"\n\n\"#\n\n\",2\n\r\n1,2\n",
			rows: "2|#\n\n|<null>\n2|1|<null>\n", counts: Counts{Lines: 10, Records: 2, Rows: 2, Headers: 1, Comments: 2, Blanks: 3, Continued: 2}},
		{name: "text after a quote", o: plain, input: "\"a\"b,c\n\"a\" ,c\nd,e\n", rows: "e|d\n",
			rejects: []Reject{{0, 1, "text after a closing quote"}, {1, 2, "text after a closing quote"}},
			counts:  Counts{Lines: 3, Records: 3, Rows: 1}},
		{name: "a quote that nothing closes", o: plain, input: "a,b\nc,\"d\ne,f\ng,h", rows: "b|a\n",
			rejects: []Reject{{1, 2, "unclosed quote"}}, counts: Counts{Lines: 4, Records: 2, Rows: 1, Continued: 2}},
		{name: "a quote at the very end", o: plain, input: "a,\"b\"", rows: "b|a\n", counts: Counts{Lines: 1, Records: 1, Rows: 1}},
		{name: "a quote that opens at the very end", o: plain, input: "a,\"", rejects: []Reject{{0, 1, "unclosed quote"}},
			counts: Counts{Lines: 1, Records: 1}},
		{name: "record too long", o: plain, lim: limits{line: 8}, input: "a,b\n\"123\n456\n789\n012\n\",x\nc,d\n", rows: "b|a\nd|c\n",
			rejects: []Reject{{1, 2, "record too long"}}, counts: Counts{Lines: 7, Records: 3, Rows: 2, Continued: 4}},
		{name: "a quote that swallows the rest", o: plain, lim: limits{line: 8}, input: "a,b\nx,\"y\n" + strings.Repeat("c,d\n", 50), rows: "b|a\n",
			rejects: []Reject{{1, 2, "unclosed quote"}}, counts: Counts{Lines: 52, Records: 2, Rows: 1, Continued: 50}},
		{name: "header of more lines", o: Options{Format: Format{CSV{Separator: ';', Quote: '\''}}, Raw: []string{"a\nb", "it's"}},
			input: "'it''s';'a\nb'\n1;2\n", rows: "2|1\n", counts: Counts{Lines: 3, Records: 1, Rows: 1, Headers: 1, Continued: 1}},
		{name: "unusable headers", o: named, input: "a,\u202eb\n1,2\n", rejects: []Reject{{0, 2, "unusable header"}},
			counts: Counts{Lines: 2, Records: 1, Headers: 1}},
		{name: "missing and duplicate columns", o: named, input: "b,b,z\n1,2,3\n", rejects: []Reject{{0, 2, "duplicate column b"}},
			counts: Counts{Lines: 2, Records: 1, Headers: 1}},
		{name: "header in force", o: Options{Format: Format{CSV{Separator: ',', Quote: '"'}}, Raw: []string{"b"}, Header: "a,b", FirstRecord: 5, FirstLine: 9},
			input: "a,b\n1\n", rows: "b\n", rejects: []Reject{{6, 10, "too few columns"}}, counts: Counts{Lines: 2, Records: 2, Rows: 1}},
		{name: "mark before a quote", o: plain, input: "\ufeff\"a\nb\",c\n", rows: "c|a\nb\n", counts: Counts{Lines: 2, Records: 1, Rows: 1, Continued: 1}},
		{name: "a mark in a later record is part of it", o: plain, input: "\ufeffa,b\n\ufeff\"c,d\ne,f\n", rows: "b|a\nd|\ufeff\"c\nf|e\n",
			counts: Counts{Lines: 3, Records: 3, Rows: 3}},
		{name: "not UTF-8", o: plain, input: "\"a\xff\n\xe2\x82\",\xc0\n", rows: "\ufffd|a\ufffd\n\ufffd\n",
			counts: Counts{Lines: 2, Records: 1, Rows: 1, Continued: 1, Replaced: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.check)
	}
}

// FuzzCSV reads any input: the account balances, chunks read as the whole, and
// what encoding/csv takes gives the same values.
func FuzzCSV(f *testing.F) {
	f.Add("a,b\n1,\"x\n\"\"y\"\"\"\r\n\n#c\n3,4\n", int64(10), uint8(0))
	f.Add("\ufeff\"a\",b\r\n\"1\n2\n3\n4\n5\n6\n7\n8\",\xff\r\n\"", int64(1), uint8(1))
	f.Add("a\n\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n\n\n\"c\nd\n\"\"\n", int64(20), uint8(3))
	f.Add("\ufeff\"a\nb\",b\n\ufeff\"1,2\n3,4\n", int64(1), uint8(2))
	f.Fuzz(func(t *testing.T, input string, size int64, flags uint8) {
		lim := defaultLimits
		if flags&1 != 0 {
			lim = limits{line: 20, header: 14, columns: 4, cut: 1 << 20}
		}
		shape := CSV{Separator: ',', Quote: '"', Comment: "#", Null: "-", Headerless: flags&2 != 0}
		o := Options{Format: Format{shape}, Optional: []string{"a", "b"}}
		if shape.Headerless {
			o.Optional = []string{"0", "1"}
		}
		chunksReadAsWhole(t, input, o, size, lim)
		recordsReadAlone(t, input, o, lim)
		headReadsAsBegun(t, input, o, size%5)
		if shape.Headerless && lim == defaultLimits && !strings.HasPrefix(input, "\ufeff") {
			sameAsStandard(t, input, o)
		}
	})
}

// sameAsStandard compares with encoding/csv where that takes the input. It
// takes "\r\n" between quotes for "\n", and asks that records are alike.
func sameAsStandard(t *testing.T, input string, o Options) {
	t.Helper()
	r := csv.NewReader(strings.NewReader(input))
	r.FieldsPerRecord = -1
	r.Comment = '#'
	want, err := r.ReadAll()
	if err != nil {
		return
	}
	o.Text = true
	o.Optional = []string{"0", "1", "2"}
	o.Format = Format{CSV{Separator: ',', Quote: '"', Comment: "#", Headerless: true}}
	got := readAll(t, strings.NewReader(input), o, defaultLimits)
	if len(got.Rejects) > 0 || len(got.Rows) != len(want) {
		t.Fatalf("%d rows and %d rejects, encoding/csv has %d records", len(got.Rows), len(got.Rejects), len(want))
	}
	for i, record := range want {
		for j, v := range got.Rows[i].Values {
			switch {
			case j >= len(record) && v != nil:
				t.Fatalf("record %d has a value %d, which encoding/csv does not", i, j)
			case j < len(record) && (v == nil || strings.ReplaceAll(*v, "\r\n", "\n") != strings.ReplaceAll(validReference(record[j]), "\r\n", "\n")):
				t.Fatalf("record %d, value %d is %v, encoding/csv has %q", i, j, v, record[j])
			}
		}
	}
}

// TestUnclosedIsLinear reads a file that a quote swallows: the memory is that
// of a block, and each byte is looked at once.
func TestUnclosedIsLinear(t *testing.T) {
	const lines = 4 << 20
	in := io.MultiReader(strings.NewReader("a,b\n1,\"2\n"), strings.NewReader(strings.Repeat("c,d\n", lines)))
	var rejects []Reject
	r := NewReader(in, Options{Format: Format{CSV{Separator: ',', Quote: '"'}}, Optional: []string{"a"}, Reject: func(r Reject) { rejects = append(rejects, r) }})
	if err := r.Read(new(Batch)); err != io.EOF {
		t.Fatal(err)
	}
	if d := cmp.Diff([]Reject{{0, 2, ReasonUnclosed}}, rejects); d != "" {
		t.Error(d)
	}
	if c := r.Counts(); c.Lines != lines+2 || c.Continued != lines {
		t.Errorf("counts %+v", c)
	}
}
