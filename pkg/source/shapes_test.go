package source

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// patterns returns a shape with patterns.
func patterns(t testing.TB, texts ...string) Regex {
	t.Helper()
	var r Regex
	for _, text := range texts {
		p, err := NewPattern(text)
		if err != nil {
			t.Fatal(err)
		}
		r.Patterns = append(r.Patterns, p)
	}
	return r
}

func TestRegex(t *testing.T) {
	shape := patterns(t, `(?P<user>\w+) from (?P<src>\S+)(?: port (?P<port>\d+))?`, `(\w+)=(?P<src>\S*)|x`)
	shape.Null, shape.Comment = "-", "#"
	o := Options{Format: Format{shape}, Optional: []string{"user", "src", "port", "1", "0"}}
	tests := []readerCase{
		{name: "groups", o: o, input: "root from 10.0.0.1 port 22\nroot from -\r\na=\nx\n#c\n\n",
			rows: "root|10.0.0.1|22|root|root from 10.0.0.1 port 22\n" + "root|<null>|<null>|root|root from -\n" +
				"<null>||<null>|a|a=\n" + "<null>|<null>|<null>|<null>|x\n",
			counts: Counts{Lines: 6, Records: 4, Rows: 4, Comments: 1, Blanks: 1}},
		{name: "the whole line", o: o, input: "root from a b\n a=b\na=b\nxx\n", rows: "<null>|b|<null>|a|a=b\n",
			rejects: []Reject{{0, 1, "no pattern matches"}, {1, 2, "no pattern matches"}, {3, 4, "no pattern matches"}},
			counts:  Counts{Lines: 4, Records: 4, Rows: 1}},
		{name: "required", o: Options{Format: Format{shape}, Raw: []string{"user"}}, input: "a=b\n",
			rejects: []Reject{{0, 1, "missing column user"}}, counts: Counts{Lines: 1, Records: 1}},
		{name: "not UTF-8", o: o, input: "a=\xff\n", rows: "<null>|\ufffd|<null>|a|a=\ufffd\n",
			counts: Counts{Lines: 1, Records: 1, Rows: 1, Replaced: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.check)
	}
}

func TestKeyValue(t *testing.T) {
	plain := KeyValue{Separator: " ", Assign: "=", Quote: '"', Null: "-"}
	o := func(k KeyValue) Options { return Options{Format: Format{k}, Optional: []string{"a", "b"}} }
	tests := []struct {
		name, line string
		shape      KeyValue
		want       string
	}{
		{"pairs", `a=1 b=2`, plain, "1|2"},
		{"what is no pair is passed over", `<6>Dec 10 host app[7]: =x  a=1 SYN b= DF`, plain, "1|"},
		{"quotes", `a="x y" b="say \"hi\" \\ \n"`, plain, `x y|say "hi" \ \n`},
		{"a quote that nothing follows is a character", `a="x"y z" b=1`, plain, `x"y z|1`},
		{"commas behind quotes", `a="x", c="y"; b="z",`, plain, "x|z"},
		{"quotes within a value", `a=x"y b="`, plain, "unclosed quote"},
		{"unclosed", `a="x y`, plain, "unclosed quote"},
		{"the first of a repeated key", `a=1 a=2 b=- b=3`, plain, "1|<null>"},
		{"null not in quotes", `a=- b="-"`, plain, "<null>|-"},
		{"assign in the value", `a=b=c b="="`, plain, "b=c|="},
		{"an empty value before quotes", `a= "b=c"`, plain, "|<null>"},
		{"no pair", `nothing here`, plain, "no key and value"},
		{"other texts", `a: 1 2, b : 'x, y', c: 3`, KeyValue{Separator: ",", Assign: ":", Quote: '\''}, "1 2|x, y"},
		{"longer texts", `a=>1||||b=>`, KeyValue{Separator: "||", Assign: "=>", Quote: '"'}, "1|"},
		{"not UTF-8", "a=\xff", plain, "\ufffd|<null>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := readOne(t, tt.line, o(tt.shape)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := readOne(t, "b=1", Options{Format: Format{plain}, Raw: []string{"a"}}); got != "missing column a" {
		t.Errorf("got %q", got)
	}
}

// zeekShapes is Zeek's two forms, a syslog line and pairs, in one log.
func zeekShapes(t testing.TB) Format {
	return Format{tsv[0], JSON{}, patterns(t, `<\d+>(?P<a>\w+) (?P<b>\w+)`), KeyValue{Separator: " ", Assign: "=", Quote: '"'}}
}

func TestShapes(t *testing.T) {
	o := Options{Format: zeekShapes(t), Optional: []string{"a", "b", "id.h"}}
	tests := []readerCase{
		{name: "each line has its shape", o: o,
			input: "{\"a\":1}\n<7>x y\na=1 b=2\nnothing\n#fields\tb\ta\n2\t1\n\n {\"id\":{\"h\":3}}\nb=7\nnothing\there\n#fields\tid.h\n5\n",
			rows: "1|<null>|<null>\n" + "x|y|<null>\n" + "1|2|<null>\n" + "1|2|<null>\n" + "<null>|<null>|3\n" + "<null>|7|<null>\n" +
				"here|nothing|<null>\n" + "<null>|<null>|5\n",
			rejects: []Reject{{3, 4, "no key and value"}},
			counts:  Counts{Lines: 12, Records: 9, Rows: 8, Headers: 2, Blanks: 1}},
		{name: "header in force", o: Options{Format: o.Format, Optional: o.Optional, Header: "#fields\ta", FirstLine: 3, FirstRecord: 1},
			input: "{}\n9\n1\t2\n", rows: "<null>|<null>|<null>\n9|<null>|<null>\n", rejects: []Reject{{3, 5, "too many columns"}},
			counts: Counts{Lines: 3, Records: 3, Rows: 2}},
		{name: "an earlier shape takes a line before a comment of a later one", o: Options{
			Format: Format{patterns(t, `#(?P<a>\d+)`), Delimited{Separator: ',', Comment: "#"}}, Optional: []string{"a", "1"}},
			input: "#1\n#x\nx,y\n", rows: "1|1\n<null>|y\n", counts: Counts{Lines: 3, Records: 2, Rows: 2, Comments: 1}},
		{name: "a long line is of the shape of its first bytes", o: o, lim: limits{line: 9}, input: "{\"a\":123456}\n#fields a x=1 b=2\n",
			rejects: []Reject{{0, 1, "line too long"}}, counts: Counts{Lines: 2, Records: 1, Comments: 1}},
		{name: "two headers", o: Options{Format: Format{Delimited{Separator: ',', HeaderLine: "H"}, Delimited{Separator: ';', HeaderLine: "K"}}, Optional: []string{"a"}},
			input: "x,y\nH,a,b\n1,2\nK;b;a\n1;2\nH,b,a\n1,2\n", rows: "1\n2\n2\n", rejects: []Reject{{0, 1, "no header"}},
			counts: Counts{Lines: 7, Records: 4, Rows: 3, Headers: 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.check)
	}
}

// FuzzShapes reads any input by several shapes: the account balances, and
// chunks read as the whole.
func FuzzShapes(f *testing.F) {
	f.Add("{\"a\":1}\n<7>x y\na=1 b=\"2\n#fields\tb\ta\n2\t1\n\n{\n#x\n", int64(20), uint8(0))
	f.Add("\ufeff#fields\ta\r\n{\"a\":\"\xff\"}\r\n#fields\r\n2", int64(1), uint8(1))
	f.Fuzz(func(t *testing.T, input string, size int64, small uint8) {
		lim := defaultLimits
		if small%2 == 1 {
			lim = limits{line: 20, header: 14, columns: 4, cut: 1 << 20}
		}
		o := Options{Format: zeekShapes(t), Optional: []string{"a", "b"}}
		chunksReadAsWhole(t, input, o, size, lim)
		recordsReadAlone(t, input, o, lim)
		headReadsAsBegun(t, input, o, size%5)
	})
}

func TestFormatRefuses(t *testing.T) {
	tests := []struct {
		name string
		f    Format
		want string
	}{
		{"nothing", nil, "no shape"},
		{"CSV beside another", Format{JSON{}, CSV{Separator: ',', Quote: '"'}}, "CSV beside other shapes"},
		{"one byte for two", Format{CSV{Separator: ',', Quote: ','}}, "both ','"},
		{"a quote that ends lines", Format{CSV{Separator: ',', Quote: '\n'}}, `quote '\n'`},
		{"no pattern", Format{Regex{}}, "no pattern"},
		{"one text for two", Format{KeyValue{Separator: "=", Assign: "=", Quote: '"'}}, "two texts"},
	}
	for _, tt := range tests {
		err := tt.f.Check()
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if _, cut := Cut(strings.NewReader("a"), tt.f, 1, nil); cut == nil || cut.Error() != err.Error() {
			t.Errorf("%s: Cut gives %v", tt.name, cut)
		}
		if read := NewReader(strings.NewReader("a"), Options{Format: tt.f}).Read(new(Batch)); read == nil || read.Error() != err.Error() {
			t.Errorf("%s: Read gives %v", tt.name, read)
		}
	}
}

func TestAbsent(t *testing.T) {
	const log = "{\"a\":null}\n#fields\tb\n1\nx=1 c=2\n"
	o := Options{Optional: strings.Fields("c d b a d")}
	for _, tt := range []struct {
		f    Format
		want string
	}{
		{Format{JSON{}}, "c d b"},
		{Format{tsv[0], JSON{}}, "c d"},
		{Format{tsv[0], JSON{}, KeyValue{Separator: " ", Assign: "=", Quote: '"'}}, "d"},
		{Format{patterns(t, `(?P<d>x)|(?P<c>y)`)}, "b a"},
	} {
		o.Format = tt.f
		r := NewReader(strings.NewReader(log), o)
		for r.Read(new(Batch)) == nil {
		}
		if got := strings.Join(r.Absent(), " "); got != tt.want {
			t.Errorf("%v: absent %q, want %q", tt.f, got, tt.want)
		}
	}
}

// TestInputErrors gives the records before an error of the input, then the
// error, in each way of framing.
func TestInputErrors(t *testing.T) {
	broken := errors.New("broken")
	for _, f := range []Format{plainCSV, {JSON{}}} {
		unfinished := []string{"", "{\"0\":"}
		if f[0] == plainCSV[0] {
			unfinished = append(unfinished, "1,\"2\n3")
		}
		for _, begun := range unfinished {
			in := io.MultiReader(strings.NewReader("{\"0\":1}\n{}\n"+begun), iotest.ErrReader(broken))
			r, b := NewReader(in, Options{Format: f, Optional: []string{"0"}}), new(Batch)
			if err := r.Read(b); err != nil || b.N != 2 {
				t.Fatalf("%v: %d rows, %v", f, b.N, err)
			}
			for range 2 {
				if err := r.Read(b); !errors.Is(err, broken) || b.N != 0 || !strings.Contains(err.Error(), "line 3: ") {
					t.Errorf("%v: %d rows, %v", f, b.N, err)
				}
			}
			balance(t, r.Counts())
		}
	}
}
