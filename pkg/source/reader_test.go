package source

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// readAll reads an input to its end in batches of a few rows.
func readAll(t testing.TB, in io.Reader, o Options, lim limits) result {
	t.Helper()
	var got result
	o.Text = true
	o.Reject = func(r Reject) { got.Rejects = append(got.Rejects, r) }
	r := newReader(in, o, lim)
	b := &Batch{Cap: 3}
	for {
		err := r.Read(b)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if b.N == 0 || b.N > b.Cap {
			t.Fatalf("a batch of %d rows, cap %d", b.N, b.Cap)
		}
		got.Rows = append(got.Rows, rowsOf(b)...)
	}
	got.Counts = r.Counts()
	return got
}

func rowsOf(b *Batch) []row {
	var rows []row
	for i := range b.N {
		w := row{Record: b.Record[i], Line: b.Line[i], Text: string(b.Text[i])}
		for _, column := range b.Columns {
			var v *string
			if column[i] != nil {
				s := string(column[i])
				v = &s
			}
			w.Values = append(w.Values, v)
		}
		rows = append(rows, w)
	}
	return rows
}

// show writes rows one a line, values between bars and NULL as <null>.
func show(rows []row) string {
	var b strings.Builder
	for _, w := range rows {
		for i, v := range w.Values {
			if i > 0 {
				b.WriteByte('|')
			}
			if v == nil {
				b.WriteString("<null>")
			} else {
				b.WriteString(*v)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// readerCase is an input and what a reader makes of it.
type readerCase struct {
	name    string
	o       Options
	lim     limits
	input   string
	rows    string
	rejects []Reject
	counts  Counts // without Rejects and Bytes
}

func TestReader(t *testing.T) {
	for _, tt := range slices.Concat(framingCases(), headerCases(), valueCases()) {
		t.Run(tt.name, tt.run)
	}
}

func (tt readerCase) run(t *testing.T) {
	lim := tt.lim.orDefault()
	got := readAll(t, iotest.OneByteReader(strings.NewReader(tt.input)), tt.o, lim)
	if d := cmp.Diff(tt.rows, show(got.Rows)); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	if d := cmp.Diff(tt.rejects, got.Rejects); d != "" {
		t.Errorf("rejects (-want +got):\n%s", d)
	}
	plain := got.Counts
	plain.Rejects, plain.Bytes = nil, 0
	if d := cmp.Diff(tt.counts, plain); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
	if d := cmp.Diff(readReference(tt.input, tt.o, lim), got); d != "" {
		t.Errorf("against the reference (-want +got):\n%s", d)
	}
}

// zeekOptions read two columns by name and one that may be absent.
func zeekOptions() Options {
	return Options{Format: tsv, Raw: []string{"b", "a"}, Optional: []string{"z"}}
}

// framingCases are about what a line is.
func framingCases() []readerCase {
	comma, zeek := Format{Delimited{Separator: ','}}, zeekOptions()
	return []readerCase{
		{name: "empty", o: zeek},
		{name: "by name, null and empty", o: zeek,
			input:  "#fields\ta\tb\tc\n1\t2\t3\n-\t(empty)\t\n\t\t\n",
			rows:   "2|1|<null>\n|<null>|<null>\n||<null>\n",
			counts: Counts{Lines: 4, Records: 3, Rows: 3, Headers: 1}},
		{name: "comment, blank and header", o: zeek,
			input:  "#separator \\x09\n#fields\tb\ta\n#types\tx\ty\n\n2\t1\n#fieldsx\n#close\n",
			rows:   "2|1|<null>\n",
			counts: Counts{Lines: 7, Records: 1, Rows: 1, Headers: 1, Comments: 4, Blanks: 1}},
		{name: "header changes the columns", o: zeek,
			input:  "#fields\ta\tb\n1\t2\n#fields\tz\tx\tb\ta\n9\t8\t2\t1\n",
			rows:   "2|1|<null>\n2|1|9\n",
			counts: Counts{Lines: 4, Records: 2, Rows: 2, Headers: 2}},
		{name: "mark, carriage returns, no final newline", o: zeek,
			input:  "\ufeff#fields\ta\tb\r\n\r\n1\t2\r\n3\t4\r",
			rows:   "2|1|<null>\n4|3|<null>\n",
			counts: Counts{Lines: 4, Records: 2, Rows: 2, Headers: 1, Blanks: 1}},
		{name: "only a mark", o: zeek, input: "\ufeff", counts: Counts{Lines: 1, Blanks: 1}},
		{name: "a mark in line 2 stays", o: Options{Format: comma, Raw: []string{"0"}},
			input: "\ufeffa\n\ufeffb\n", rows: "a\n\ufeffb\n", counts: Counts{Lines: 2, Records: 2, Rows: 2}},
		{name: "a carriage return within a line stays", o: Options{Format: comma, Raw: []string{"0"}},
			input: "a\rb\r\r\n", rows: "a\rb\r\n", counts: Counts{Lines: 1, Records: 1, Rows: 1}},
		{name: "cut last line", o: zeek,
			input: "#fields\ta\tb\n1\t2\n1", rows: "2|1|<null>\n",
			rejects: []Reject{{1, 3, "too few columns"}},
			counts:  Counts{Lines: 3, Records: 2, Rows: 1, Headers: 1}},
		{name: "more columns than the header", o: zeek,
			input:   "#fields\ta\tb\n1\t2\t3\n",
			rejects: []Reject{{0, 2, "too many columns"}},
			counts:  Counts{Lines: 2, Records: 1, Headers: 1}},
	}
}

// headerCases are about which columns there are.
func headerCases() []readerCase {
	comma, zeek := Format{Delimited{Separator: ','}}, zeekOptions()
	return []readerCase{
		{name: "no header", o: zeek, input: "1\t2\n",
			rejects: []Reject{{0, 1, "no header"}}, counts: Counts{Lines: 1, Records: 1}},
		{name: "header in force", o: Options{Format: tsv, Raw: []string{"b"}, Header: "#fields\ta\tb", FirstRecord: 7, FirstLine: 9},
			input: "1\t2\n1\n", rows: "2\n",
			rejects: []Reject{{8, 10, "too few columns"}}, counts: Counts{Lines: 2, Records: 2, Rows: 1}},
		{name: "missing column", o: zeek, input: "#fields\ta\tc\n1\t2\n#fields\ta\tb\n1\t2\n", rows: "2|1|<null>\n",
			rejects: []Reject{{0, 2, "missing column b"}}, counts: Counts{Lines: 4, Records: 2, Rows: 1, Headers: 2}},
		{name: "duplicate column", o: zeek, input: "#fields\ta\tb\ta\n1\t2\t3\n",
			rejects: []Reject{{0, 2, "duplicate column a"}}, counts: Counts{Lines: 2, Records: 1, Headers: 1}},
		{name: "duplicate of a column that nobody reads", o: zeek, input: "#fields\ta\tb\tc\tc\n1\t2\t3\t4\n",
			rows: "2|1|<null>\n", counts: Counts{Lines: 2, Records: 1, Rows: 1, Headers: 1}},
		{name: "duplicate of an optional column", o: zeek, input: "#fields\ta\tb\tz\tz\n1\t2\t3\t4\n",
			rows: "2|1|<null>\n", counts: Counts{Lines: 2, Records: 1, Rows: 1, Headers: 1}},
		{name: "header without names", o: zeek, input: "#fields\n1\n",
			rejects: []Reject{{0, 2, "unusable header"}}, counts: Counts{Lines: 2, Records: 1, Headers: 1}},
		{name: "header that hides something", o: zeek, input: "#fields\ta\tb\u202e\n1\t2\n",
			rejects: []Reject{{0, 2, "unusable header"}}, counts: Counts{Lines: 2, Records: 1, Headers: 1}},
		{name: "header with too many columns", o: zeek, lim: limits{columns: 2}, input: "#fields\ta\tb\tc\n1\t2\t3\n",
			rejects: []Reject{{0, 2, "unusable header"}}, counts: Counts{Lines: 2, Records: 1, Headers: 1}},
		{name: "header too long", o: zeek, lim: limits{header: 10}, input: "#fields\ta\tb\n1\t2\n",
			rejects: []Reject{{0, 2, "unusable header"}}, counts: Counts{Lines: 2, Records: 1, Headers: 1}},
		{name: "header too long once it is UTF-8", o: zeek, lim: limits{header: 15}, input: "#fields\ta\tb\xff\xff\n1\t2\n",
			rejects: []Reject{{0, 2, "unusable header"}}, counts: Counts{Lines: 2, Records: 1, Headers: 1}},
		{name: "positions", o: Options{Format: comma, Raw: []string{"2", "0", "2"}, Optional: []string{"3"}},
			input: "a,b,c\na,b\na,b,c,d,e\n", rows: "c|a|c|<null>\nc|a|c|d\n",
			rejects: []Reject{{1, 2, "too few columns"}}, counts: Counts{Lines: 3, Records: 3, Rows: 2}},
		{name: "too many columns without a header", o: Options{Format: comma, Raw: []string{"0"}}, lim: limits{columns: 3},
			input: "a,b,c\na,b,c,d\n,,,,,,,,,,,,,,,,,,,,,,\n", rows: "a\n",
			rejects: []Reject{{1, 2, "too many columns"}, {2, 3, "too many columns"}},
			counts:  Counts{Lines: 3, Records: 3, Rows: 1}},
	}
}

// valueCases are about lengths, bytes and what stands for NULL.
func valueCases() []readerCase {
	comma, zeek := Format{Delimited{Separator: ','}}, zeekOptions()
	return []readerCase{
		{name: "long lines", o: Options{Format: Format{Delimited{Separator: ',', Comment: "#"}}, Raw: []string{"0"}}, lim: limits{line: 4},
			input: "abcd\r\nabcde\nabcdef\nabcdefg\n#bcdefghijklmnop\nabcdefghijklmnopq\nab\n", rows: "abcd\nab\n",
			rejects: []Reject{{1, 2, "line too long"}, {2, 3, "line too long"}, {3, 4, "line too long"}, {4, 6, "line too long"}},
			counts:  Counts{Lines: 7, Records: 6, Rows: 2, Comments: 1}},
		{name: "long header", o: zeek, lim: limits{line: 12, header: 12}, input: "#fields\ta\tb\n1\t2\n#fields\ta\tb\tccccccccccc\n1\t2\n", rows: "2|1|<null>\n",
			rejects: []Reject{{1, 4, "unusable header"}},
			counts:  Counts{Lines: 4, Records: 2, Rows: 1, Headers: 2}},
		{name: "not UTF-8", o: Options{Format: comma, Raw: []string{"1", "0"}},
			input: "a\xff,\xe2\x82\nb,c\n\xc0", rows: "\ufffd|a\ufffd\nc|b\n",
			rejects: []Reject{{2, 3, "too few columns"}},
			counts:  Counts{Lines: 3, Records: 3, Rows: 2, Replaced: 2}},
		{name: "null wins over empty", o: Options{Format: Format{Delimited{Separator: ',', Null: "x", Empty: "x"}}, Raw: []string{"0"}},
			input: "x\n", rows: "<null>\n", counts: Counts{Lines: 1, Records: 1, Rows: 1}},
		{name: "no columns asked", o: Options{Format: comma}, input: "a,b\nc\n", rows: "\n\n",
			counts: Counts{Lines: 2, Records: 2, Rows: 2}},
	}
}

// orDefault returns lim with the default where it is 0.
func (lim limits) orDefault() limits {
	d := defaultLimits
	for _, p := range []struct{ v, d *int }{
		{&lim.line, &d.line}, {&lim.header, &d.header}, {&lim.columns, &d.columns}, {&lim.cut, &d.cut},
	} {
		if *p.v == 0 {
			*p.v = *p.d
		}
	}
	return lim
}

func TestReaderRefusesOptions(t *testing.T) {
	tests := []struct {
		name string
		o    Options
		want string
	}{
		{"a name without a header", Options{Format: Format{Delimited{Separator: ','}}, Raw: []string{"ts"}}, `raw column "ts"`},
		{"a position in other digits", Options{Format: Format{Delimited{Separator: ','}}, Raw: []string{"01"}}, `raw column "01"`},
		{"a position below 0", Options{Format: Format{Delimited{Separator: ','}}, Raw: []string{"-1"}}, `raw column "-1"`},
		{"a position too high", Options{Format: Format{Delimited{Separator: ','}}, Optional: []string{"10000"}}, `from 0 to 9999`},
		{"a header where the format has none", Options{Format: Format{Delimited{Separator: ','}}, Header: "a"}, `not one of the format`},
		{"a header that is none", Options{Format: tsv, Header: "#fieldsa"}, `not one of the format`},
		{"a separator that ends lines", Options{Format: Format{Delimited{Separator: '\n'}}}, `separator '\n'`},
		{"a separator within characters", Options{Format: Format{Delimited{Separator: 0xe2}}}, `not an ASCII character`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := NewReader(strings.NewReader("a,b\n"), tt.o).Read(new(Batch))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestReaderInputError(t *testing.T) {
	broken := errors.New("broken")
	in := io.MultiReader(strings.NewReader("a\nb\nhalf"), iotest.ErrReader(broken))
	r := NewReader(in, Options{Format: Format{Delimited{Separator: ','}}, Raw: []string{"0"}})
	b := new(Batch)
	if err := r.Read(b); err != nil || b.N != 2 {
		t.Fatalf("first read: %d rows, %v; want the 2 whole lines", b.N, err)
	}
	for range 2 {
		if err := r.Read(b); !errors.Is(err, broken) || b.N != 0 || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("read after the error: %d rows, %v", b.N, err)
		}
	}
	if got := r.Counts(); got.Lines != 2 || got.Bytes != 4 {
		t.Errorf("counts %+v, want the 2 whole lines", got)
	}
}

type stuckReader struct{}

func (stuckReader) Read([]byte) (int, error) { return 0, nil }

func TestReaderDoesNotHang(t *testing.T) {
	err := NewReader(stuckReader{}, Options{Format: Format{Delimited{Separator: ','}}}).Read(new(Batch))
	if !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error %v, want %v", err, io.ErrNoProgress)
	}
}

// TestBatchReuse fills one batch from readers of different shapes, so that
// nothing of an earlier row may shine through.
func TestBatchReuse(t *testing.T) {
	b := new(Batch)
	read := func(o Options, input string) string {
		o.Text = true
		if err := NewReader(strings.NewReader(input), o).Read(b); err != nil {
			t.Fatal(err)
		}
		return show(rowsOf(b))
	}
	comma := Format{Delimited{Separator: ','}}
	got := read(Options{Format: comma, Raw: []string{"0", "1", "2"}}, "a,b,c\nd,e,f\n") +
		read(Options{Format: comma, Raw: []string{"0"}, Optional: []string{"1"}}, "g\n") +
		read(Options{Format: comma, Raw: []string{"0", "0", "0", "0"}}, "h\ni\nj\n")
	want := "a|b|c\nd|e|f\ng|<null>\nh|h|h|h\ni|i|i|i\nj|j|j|j\n"
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
}

func TestReadDoesNotAllocate(t *testing.T) {
	input := "#fields\ta\tb\n" + strings.Repeat("one\ttwo\n", 200_000)
	r := NewReader(strings.NewReader(input), Options{Format: tsv, Raw: []string{"a", "b"}, Text: true})
	b := new(Batch)
	for range 3 {
		if err := r.Read(b); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(50, func() { _ = r.Read(b) }); n != 0 || b.N == 0 {
		t.Errorf("%v allocations a read of %d rows, want none", n, b.N)
	}
}

// TestReplacedMemory reads 8 MiB that are not UTF-8 at all.
func TestReplacedMemory(t *testing.T) {
	r := NewReader(strings.NewReader(strings.Repeat("\xff\xff\xff\n", 2<<20)), Options{Format: Format{Delimited{Separator: ','}}, Raw: []string{"0"}})
	b := new(Batch)
	for r.Read(b) == nil {
	}
	if c := r.Counts(); c.Replaced != 2<<20 || cap(r.arena) > 1<<20 {
		t.Errorf("%d records replaced in %d bytes; want all of %d in the memory of a batch", c.Replaced, cap(r.arena), 2<<20)
	}
}

func TestCountsPlus(t *testing.T) {
	a := Counts{Lines: 5, Records: 3, Rows: 1, Rejects: map[string]int64{"x": 2}, Headers: 1, Comments: 1, Continued: 2, Bytes: 9}
	b := Counts{Lines: 3, Records: 2, Rejects: map[string]int64{"x": 1, "y": 1}, Blanks: 1, Replaced: 1, Continued: 3, Bytes: 4}
	want := Counts{Lines: 8, Records: 5, Rows: 1, Rejects: map[string]int64{"x": 3, "y": 1},
		Headers: 1, Comments: 1, Blanks: 1, Continued: 5, Replaced: 1, Bytes: 13}
	got := a.Plus(b)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("sum (-want +got):\n%s", d)
	}
	if got.Rejected() != 4 || a.Rejects["x"] != 2 {
		t.Errorf("rejected %d, want 4; the first operand became %v", got.Rejected(), a.Rejects)
	}
}

func FuzzReader(f *testing.F) {
	f.Add("#fields\ta\tb\n1\t2\n", "#", "-", "(empty)", "#fields", byte('\t'), "a", "b", uint8(0))
	f.Add("\ufeff#fields\ta\tb\r\n1\t\xe2\x82\r\n\n#x\n#fields\tb\n-\n(empty)", "#", "-", "(empty)", "#fields", byte('\t'), "b", "a", uint8(0))
	f.Add("a,b,c\nd,e\n,,,,,,,,,,,,,,,,,,,,,,,,,,\n\n", "", "a", "b", "", byte(','), "1", "2", uint8(1))
	f.Add("abcdefghijklmnopqrstuvwxyz\n#bcdefghijklmnopqrstuvwxyzabc\nab\ncd", "#", "", "", "", byte(' '), "0", "9", uint8(1))
	f.Add("h aa h\n1 2 3\nh b b\nh aaaaaaaaaaaaaaaaaa\n1\n", "", "", "", "h", byte(' '), "aa", "b", uint8(1))
	f.Fuzz(func(t *testing.T, input, comment, null, empty, header string, sep byte, raw, optional string, small uint8) {
		o := Options{
			Format: Format{Delimited{Separator: sep, Comment: comment, Null: null, Empty: empty, HeaderLine: header}},
			Raw:    []string{raw}, Optional: []string{optional},
		}
		lim := defaultLimits
		if small%2 == 1 {
			lim = limits{line: 20, header: 10, columns: 4, cut: 100}
		}
		if err := newReader(strings.NewReader(""), o, lim).err; err != nil || strings.ContainsAny(header, "\n\r") || strings.IndexByte(header, sep) >= 0 {
			t.Skip()
		}
		got := readAll(t, strings.NewReader(input), o, lim)
		if d := cmp.Diff(readReference(input, o, lim), got); d != "" {
			t.Errorf("against the reference (-want +got):\n%s", d)
		}
		balance(t, got.Counts)
	})
}

// balance checks that counts account for every line and record.
func balance(t *testing.T, c Counts) {
	t.Helper()
	if c.Lines != c.Records+c.Headers+c.Comments+c.Blanks+c.Continued || c.Records != c.Rows+c.Rejected() {
		t.Errorf("counts do not balance: %+v", c)
	}
}

// TestRealLogs reads the captures in $MLP_REAL_DATA and compares with the
// reference.
func TestRealLogs(t *testing.T) {
	dir := os.Getenv("MLP_REAL_DATA")
	files, _ := filepath.Glob(filepath.Join(dir, "labelled", "zeek-conn-labelled", "*-conn.log*"))
	if dir == "" || len(files) == 0 {
		t.Skip("MLP_REAL_DATA has no Zeek logs")
	}
	o := Options{Format: tsv, Raw: []string{"ts", "id.orig_h", "duration", "history"}, Optional: []string{"label"}}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := readAll(t, strings.NewReader(string(data)), o, defaultLimits)
		if d := cmp.Diff(readReference(string(data), o, defaultLimits), got); d != "" {
			t.Errorf("%s against the reference (-want +got):\n%s", filepath.Base(file), d)
		}
		balance(t, got.Counts)
		t.Logf("%s: %+v", filepath.Base(file), got.Counts)
	}
}

func BenchmarkReader(b *testing.B) {
	header := "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes" +
		"\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents\n"
	line := "1596790183.031212\tCjZbi34n4DciH8lAec\t10.8.0.61\t44297\t157.240.23.25\t443\ttcp\t-\t0.257309\t0\t0\tRSTO\t-\t-\t0\tShR\t2\t100\t1\t60\t-\n"
	input := header + strings.Repeat(line, 200_000)
	for _, bb := range []struct {
		name string
		raw  []string
	}{
		{"7 of 21 columns", strings.Fields("ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto")},
		{"all 21 columns", strings.Fields(header)[1:]},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(input)))
			b.ReportAllocs()
			batch := new(Batch)
			for b.Loop() {
				r := NewReader(strings.NewReader(input), Options{Format: tsv, Raw: bb.raw})
				for r.Read(batch) == nil {
				}
				if r.Counts().Rows != 200_000 {
					b.Fatal(r.Counts())
				}
			}
		})
	}
}
