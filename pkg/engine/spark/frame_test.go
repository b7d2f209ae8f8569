package spark_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/engine/spark"
)

// framed runs the framer on a text, and returns its rows and counts.
func framed(t *testing.T, request map[string]any, text string) (rows [][]string, counts map[string]any, err error) {
	t.Helper()
	line, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := spark.Frame(io.MultiReader(bytes.NewReader(append(line, '\n')), strings.NewReader(text)), &out); err != nil {
		return nil, nil, err
	}
	stream, err := ipc.NewReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Release()
	for stream.Next() {
		batch := stream.RecordBatch()
		for row := range int(batch.NumRows()) {
			values := []string{batch.Column(0).ValueStr(row)}
			for _, c := range batch.Columns()[1:] {
				v := c.(*array.String)
				if v.IsNull(row) {
					values = append(values, "NULL")
				} else {
					values = append(values, v.Value(row))
				}
			}
			rows = append(rows, values)
		}
	}
	if stream.Err() != nil {
		t.Fatal(stream.Err())
	}
	if err := json.NewDecoder(&out).Decode(&counts); err != nil {
		t.Fatalf("behind the stream stand no counts: %v", err)
	}
	return rows, counts, nil
}

func request(text string, format string, columns ...string) map[string]any {
	return map[string]any{"format": json.RawMessage(format), "columns": columns, "size": len(text), "digest": digest.Of([]byte(text))}
}

func TestFrameEveryShape(t *testing.T) {
	for _, test := range []struct {
		name, format, text string
		columns            []string
		want               [][]string
	}{
		{"delimited", `[{"delimited":{"Separator":9,"Comment":"#","Null":"-","Empty":"(empty)","HeaderLine":"#fields"}}]`,
			"#fields\ta\tb\n#x\n1\t-\n(empty)\t2\n", []string{"b", "a"}, [][]string{{"0", "NULL", "1"}, {"1", "2", ""}}},
		{"csv", `[{"csv":{"Separator":59,"Quote":39,"Headerless":true}}]`, "'a;b';c\n", []string{"1", "0"}, [][]string{{"0", "c", "a;b"}}},
		{"json", `[{"json":{}}]`, "{\"a\":{\"b\":[1,2]}}\n[]\n", []string{"a.b.1", "a"}, [][]string{{"0", "2", `{"b":[1,2]}`}}},
		{"regex", `[{"regex":{"Patterns":["(?P<n>\\d+) (.*)"],"Null":"-"}}]`, "7 -\nx\n", []string{"n", "2"}, [][]string{{"0", "7", "NULL"}}},
		{"key_value", `[{"key_value":{"Separator":" ","Assign":"=","Quote":34}}]`, `a=1 b="x y"`, []string{"b", "c"}, [][]string{{"0", "x y", "NULL"}}},
		{"two shapes", `[{"json":{}},{"key_value":{"Separator":" ","Assign":"=","Quote":34}}]`, "{\"a\":1}\na=2\n", []string{"a"}, [][]string{{"0", "1"}, {"1", "2"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			rows, counts, err := framed(t, request(test.text, test.format, test.columns...), test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if counts["rows"] != float64(len(rows)) || counts["bytes"] != float64(len(test.text)) {
				t.Errorf("counts %v", counts)
			}
		})
	}
}

func TestFrameManyRows(t *testing.T) {
	text := strings.Repeat("a=1\n\n", 50_000)
	rows, counts, err := framed(t, request(text, `[{"key_value":{"Separator":" ","Assign":"=","Quote":34}}]`, "a"), text)
	if err != nil || len(rows) != 50_000 || rows[49_999][0] != "49999" || counts["blanks"] != 50_000.0 {
		t.Errorf("%d rows, counts %v, error %v", len(rows), counts, err)
	}
}

func TestFrameRefuses(t *testing.T) {
	text, csv := "a,b\n", `[{"csv":{"Separator":44,"Quote":34,"Headerless":true}}]`
	changed := func(name string, value any) map[string]any {
		r := request(text, csv, "0")
		r[name] = value
		return r
	}
	for want, r := range map[string]map[string]any{
		"the chunk has 4 bytes, 5 when it was added":   changed("size", 5),
		"the chunk's bytes have digest":                changed("digest", digest.Of(nil)),
		"a shape of the format is not known":           changed("format", json.RawMessage(`[{"xml":{}}]`)),
		"this parenthesis is not closed":               changed("format", json.RawMessage(`[{"regex":{"Patterns":["("]}}]`)),
		"read the request: json: cannot unmarshal":     changed("columns", 7),
		"header \"x,y\": the format has no headers":    changed("header", "x,y"),
		"read the request: it has more than 16777216 ": changed("columns", []string{strings.Repeat("x", 17<<20)}),
	} {
		if _, _, err := framed(t, r, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %.200v, want %q", err, want)
		}
	}
	if err := spark.Frame(strings.NewReader("no line"), io.Discard); err == nil {
		t.Error("half a request is framed")
	}
}
