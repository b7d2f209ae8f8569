package source

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// cutAll cuts an input with small limits, or the default ones for 0.
func cutAll(in io.Reader, f Format, size int64, lim limits) ([]Chunk, Counts, error) {
	var chunks []Chunk
	c := &cutter{lim: lim.orDefault(), size: size, emit: func(c Chunk) error {
		c.Data = []byte(string(c.Data))
		chunks = append(chunks, c)
		return nil
	}}
	counts, err := c.cut(in, f)
	return chunks, counts, err
}

func TestCut(t *testing.T) {
	const h1, h2 = "#fields\ta\tb", "#fields\tb\ta\tc"
	tests := []struct {
		name   string
		size   int64
		lim    limits
		input  string
		chunks []Chunk
		counts Counts
	}{
		{name: "empty", size: 10},
		{name: "one chunk", size: 100, input: h1 + "\n1\t2\n3\t4",
			chunks: []Chunk{{[]byte(h1 + "\n1\t2\n3\t4"), 0, 2, 1, ""}},
			counts: Counts{Lines: 3, Records: 2, Headers: 1, Bytes: 19}},
		{name: "header in force, own header", size: 16, input: h1 + "\n1\t2\n3\t4\n\n#c\n" + h2 + "\n1\t2\t3\n4\t5\t6\n",
			chunks: []Chunk{
				{[]byte(h1 + "\n1\t2\n"), 0, 1, 1, ""},
				{[]byte("3\t4\n\n#c\n"), 1, 1, 3, h1},
				{[]byte(h2 + "\n"), 2, 0, 6, ""},
				{[]byte("1\t2\t3\n4\t5\t6\n"), 2, 2, 7, h2},
			},
			counts: Counts{Lines: 8, Records: 4, Headers: 2, Comments: 1, Blanks: 1, Bytes: 50}},
		{name: "lines longer than a chunk", size: 1, input: "\ufeffaaaa\r\n\nb",
			chunks: []Chunk{{[]byte("\ufeffaaaa\r\n"), 0, 1, 1, ""}, {[]byte("\n"), 1, 0, 2, ""}, {[]byte("b"), 1, 1, 3, ""}},
			counts: Counts{Lines: 3, Records: 2, Blanks: 1, Bytes: 11}},
		{name: "lines too long to read", size: 12, lim: limits{line: 4}, input: "a\nbbbbbbbbbbbbbbb\nc\nd\neeeeeee",
			chunks: []Chunk{{[]byte("a\n"), 0, 1, 1, ""}, {[]byte("bbbbbbbbbbbbbbb\n"), 1, 1, 2, ""},
				{[]byte("c\nd\n"), 2, 2, 3, ""}, {[]byte("eeeeeee"), 4, 1, 5, ""}},
			counts: Counts{Lines: 5, Records: 5, Bytes: 29}},
		{name: "header that cannot be kept", size: 1, lim: limits{header: 10}, input: h1 + "\n1\t2\n",
			chunks: []Chunk{{[]byte(h1 + "\n"), 0, 0, 1, ""}, {[]byte("1\t2\n"), 0, 1, 2, "#fields"}},
			counts: Counts{Lines: 2, Records: 1, Headers: 1, Bytes: 16}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			chunks, counts, err := cutAll(iotest.OneByteReader(strings.NewReader(tt.input)), tsv, tt.size, tt.lim)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.chunks, chunks); d != "" {
				t.Errorf("chunks (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.counts, counts); d != "" {
				t.Errorf("counts (-want +got):\n%s", d)
			}
		})
	}
}

func TestCutErrors(t *testing.T) {
	lim := limits{line: 4, cut: 40}
	if chunks, _, err := cutAll(strings.NewReader(strings.Repeat("b", 40)), tsv, 10, lim); err != nil || len(chunks) != 1 {
		t.Errorf("a line at the limit: %d chunks, %v", len(chunks), err)
	}
	if _, _, err := cutAll(strings.NewReader("a\n"+strings.Repeat("b", 41)), tsv, 10, lim); !errors.Is(err, ErrTooLong) || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("error %v, want %v in line 2", err, ErrTooLong)
	}
	quoted := "a,b\n1,\"" + strings.Repeat("b\n", 40)
	if _, _, err := cutAll(strings.NewReader(quoted), plainCSV, 10, lim); !errors.Is(err, ErrTooLong) || !strings.Contains(err.Error(), "line 2: ") || !strings.Contains(err.Error(), "quote") {
		t.Errorf("error %v, want %v in line 2, and what may be the cause", err, ErrTooLong)
	}
	broken := errors.New("broken")
	if _, _, err := cutAll(io.MultiReader(strings.NewReader(quoted), iotest.ErrReader(broken)), plainCSV, 10, limits{line: 4}); !errors.Is(err, broken) || !strings.Contains(err.Error(), "line 2: ") {
		t.Errorf("error %v, want %v in line 2", err, broken)
	}
	chunks, _, err := cutAll(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)), tsv, 10, limits{})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "line 2") || len(chunks) != 0 {
		t.Errorf("error %v and %d chunks, want %v and none", err, len(chunks), broken)
	}
	calls := 0
	_, err = Cut(strings.NewReader("a\nb\nc\n"), tsv, 1, func(Chunk) error { calls++; return broken })
	if err != broken || calls != 1 {
		t.Errorf("error %v after %d calls, want that of emit after one", err, calls)
	}
}

func FuzzCut(f *testing.F) {
	f.Add("#fields\ta\tb\n1\t2\n3\t4\n\n#c\n#fields\tb\n5\n", int64(10), uint8(0))
	f.Add("\ufeff#fields\ta\r\n1\r\n\xff\r\n#fields\r\n2", int64(1), uint8(0))
	f.Add("a\nbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n#fields\taaaaaaaaaa\tb\nc\td", int64(20), uint8(1))
	f.Fuzz(func(t *testing.T, input string, size int64, small uint8) {
		lim := defaultLimits
		if small%2 == 1 {
			lim = limits{line: 20, header: 14, columns: 4, cut: 1 << 20}
		}
		chunksReadAsWhole(t, input, Options{Format: tsv, Raw: []string{"a"}, Optional: []string{"b"}}, size, lim)
	})
}

// recordsReadAlone reads the text of each row behind the header that was in
// force: it gives the same row.
func recordsReadAlone(t *testing.T, input string, o Options, lim limits) {
	t.Helper()
	o.Text = true
	r, b := newReader(strings.NewReader(input), o, lim), &Batch{Cap: 3}
	for r.Read(b) == nil {
		rows := rowsOf(b)
		alone := o
		alone.Header, alone.Again = b.Header, true
		for _, w := range rows {
			got := readAll(t, strings.NewReader(w.Text+"\n"), alone, lim)
			if len(got.Rows) != 1 || show(got.Rows) != show([]row{w}) || got.Rows[0].Text != w.Text {
				t.Fatalf("record %q behind %q reads as %q with rejects %v, want %q", w.Text, b.Header, show(got.Rows), got.Rejects, show([]row{w}))
			}
		}
	}
}

// headReadsAsBegun takes the first records of an input: they read as within
// it.
func headReadsAsBegun(t *testing.T, input string, o Options, records int64) {
	t.Helper()
	head, err := Head(strings.NewReader(input), o, records, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	whole := readAll(t, strings.NewReader(input), o, defaultLimits)
	got := readAll(t, strings.NewReader(string(head)), o, defaultLimits)
	if got.Counts.Records != min(max(records, 0), whole.Counts.Records) || !strings.HasPrefix(input, string(head)) {
		t.Fatalf("%d records of %d, want %d: %q", got.Counts.Records, whole.Counts.Records, records, head)
	}
	if n := len(got.Rows); show(got.Rows) != show(whole.Rows[:n]) {
		t.Errorf("rows %q, within the input %q", show(got.Rows), show(whole.Rows[:n]))
	}
}

// chunksReadAsWhole cuts an input: its chunks are the input, read as it does
// within it, and the account of both balances.
func chunksReadAsWhole(t *testing.T, input string, o Options, size int64, lim limits) result {
	t.Helper()
	chunks, counts, err := cutAll(strings.NewReader(input), o.Format, size, lim)
	if err != nil {
		t.Fatal(err)
	}
	whole := readAll(t, strings.NewReader(input), o, lim)
	balance(t, whole.Counts)
	if whole.Counts.Bytes != int64(len(input)) {
		t.Errorf("%d bytes counted of %d", whole.Counts.Bytes, len(input))
	}
	var data strings.Builder
	var parts result
	for _, c := range chunks {
		if c.FirstRecord != parts.Counts.Records || c.FirstLine != parts.Counts.Lines+1 {
			t.Fatalf("chunk begins at record %d, line %d after %+v", c.FirstRecord, c.FirstLine, parts.Counts)
		}
		data.Write(c.Data)
		o.Header, o.FirstRecord, o.FirstLine = c.Header, c.FirstRecord, c.FirstLine
		part := readAll(t, strings.NewReader(string(c.Data)), o, lim)
		if part.Counts.Records != c.Records {
			t.Errorf("chunk of %d records says %d", part.Counts.Records, c.Records)
		}
		parts.Rows = append(parts.Rows, part.Rows...)
		parts.Rejects = append(parts.Rejects, part.Rejects...)
		parts.Counts = parts.Counts.Plus(part.Counts)
	}
	if d := cmp.Diff(input, data.String()); d != "" {
		t.Errorf("data (-want +got):\n%s", d)
	}
	if d := cmp.Diff(whole, parts); d != "" {
		t.Errorf("by chunks, against the whole (-want +got):\n%s", d)
	}
	plain := whole.Counts
	plain.Rows, plain.Rejects, plain.Replaced = 0, nil, 0
	if d := cmp.Diff(plain, counts); d != "" {
		t.Errorf("counts of Cut, against those of the whole (-want +got):\n%s", d)
	}
	return whole
}

func BenchmarkCut(b *testing.B) {
	input := strings.Repeat("1596790183.031212\tCjZbi34n4DciH8lAec\t10.8.0.61\t44297\t157.240.23.25\t443\ttcp\t-\t0.257309\n", 300_000)
	b.SetBytes(int64(len(input)))
	for b.Loop() {
		if _, err := Cut(strings.NewReader(input), tsv, 8<<20, func(Chunk) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

func TestHead(t *testing.T) {
	csv := Options{Format: Format{CSV{Separator: ',', Quote: '"'}}, Header: "a,b", FirstLine: 7}
	tests := []struct {
		name, input, want string
		o                 Options
		records           int64
		most              int
	}{
		{"records of more lines", "a,b\n\"1\n2\",3\n#\n4,5\n6,7\n", "a,b\n\"1\n2\",3\n#\n4,5\n", Options{Format: csv.Format}, 3, 100},
		{"behind a header", "1,2\n3,4\n", "a,b\n1,2\n", csv, 1, 100},
		{"so many bytes", "1,2\n3,4\n", "a,b\n1,2\n", csv, 5, 11},
		{"all of it", "1,2\n3,4", "a,b\n1,2\n3,4", csv, 5, 100},
		{"what stands before the first record", "#fields\ta\n#c\n", "#fields\ta\n#c\n", Options{Format: tsv}, 5, 100},
		{"nothing", "1\n", "", Options{Format: tsv}, 0, 100},
	}
	for _, tt := range tests {
		got, err := Head(strings.NewReader(tt.input), tt.o, tt.records, tt.most)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
	broken := errors.New("broken")
	if _, err := Head(iotest.ErrReader(broken), Options{Format: tsv}, 1, 1); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}
