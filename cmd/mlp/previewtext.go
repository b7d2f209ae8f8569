package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/preview"
	"github.com/mlpdev/mlp/pkg/sql"
)

// previewText prints rows in columns. Widths are those of the rows that were
// seen together; they never shrink.
type previewText struct {
	out     stream
	headed  bool
	keyed   bool
	widths  []int
	heading []string
	waiting [][]string // a row, or a reject in one cell
}

const (
	// maxCell is how many characters of a value are shown.
	maxCell = 60
	// maxWaiting is how many lines are aligned together.
	maxWaiting = 200
)

func newPreviewText(out stream, columns []*compile.Field, o *preview.Options) *previewText {
	v := &previewText{out: out, heading: []string{"LINE"}}
	if len(o.Inputs) > 1 {
		v.heading = []string{"FILE", "LINE"}
	}
	if o.FeatureSet != nil && o.FeatureSet.Group != nil {
		v.heading, v.keyed = nil, true
		for _, k := range o.FeatureSet.Group.Keys {
			v.heading = append(v.heading, k.Name)
		}
		if o.FeatureSet.Group.Window != nil {
			v.heading = append([]string{sql.WindowStartName, sql.WindowEndName}, v.heading...)
		}
	}
	for _, c := range columns {
		v.heading = append(v.heading, c.Name)
	}
	return v
}

func (v *previewText) row(r preview.Row) error {
	var cells []string
	switch {
	case v.keyed:
		if r.Start != nil {
			start := cell(r.Start)
			if r.Partial {
				start += " (cut)"
			}
			cells = append(cells, start, cell(r.End))
		}
		for _, k := range r.Key {
			cells = append(cells, cell(k))
		}
	case v.heading[0] == "FILE":
		cells = append(cells, r.Input, strconv.FormatInt(r.Line, 10))
	default:
		cells = append(cells, strconv.FormatInt(r.Line, 10))
	}
	for _, value := range r.Values {
		cells = append(cells, cell(value))
	}
	return v.add(cells)
}

func (v *previewText) reject(r preview.Reject) error {
	return v.add([]string{fmt.Sprintf("! %s:%d: record %d is rejected: %s", printable(r.Input), r.Line, r.Record, printable(r.Reason))})
}

func (v *previewText) add(cells []string) error {
	v.waiting = append(v.waiting, cells)
	if len(v.waiting) < maxWaiting {
		return nil
	}
	return v.flush()
}

// flush prints what waits.
func (v *previewText) flush() error {
	rows := v.waiting
	if !v.headed {
		rows = append([][]string{v.heading}, rows...)
		v.headed = true
	}
	v.waiting = v.waiting[:0:0]
	for _, row := range rows {
		for i := 0; i < len(row) && len(row) == len(v.heading) && !isReject(row); i++ {
			if i == len(v.widths) {
				v.widths = append(v.widths, 0)
			}
			v.widths[i] = max(v.widths[i], lipgloss.Width(row[i]))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := ""
		for i, c := range row {
			line += c
			if i < len(row)-1 {
				line += strings.Repeat(" ", v.widths[i]-lipgloss.Width(c)+2)
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return printf(v.out, "%s", b.String())
}

func isReject(row []string) bool { return len(row) == 1 && strings.HasPrefix(row[0], "! ") }

// cell returns a value as Spark prints it, on one line and not endless.
func cell(v any) string {
	text, ok := v.(string)
	if !ok {
		return "NULL"
	}
	text = strings.NewReplacer("\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(text)
	if utf8.RuneCountInString(text) > maxCell {
		text = string([]rune(text)[:maxCell-1]) + "…"
	}
	return printable(text)
}

// orderedValues is a JSON object whose members keep their order.
type orderedValues []orderedValue

type orderedValue struct {
	name  string
	value any
}

// MarshalJSON implements [json.Marshaler].
func (o orderedValues) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, v := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(v.name)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(v.value); err != nil {
			return nil, err
		}
		b.Truncate(b.Len() - 1) // the line end
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// jsonValue returns a value as JSON has it: numbers that are not finite are
// Spark's words for them, dates texts without a time.
func jsonValue(v any, t sql.Type) any {
	switch x := v.(type) {
	case float64:
		switch {
		case math.IsNaN(x):
			return "NaN"
		case math.IsInf(x, 0):
			return map[bool]string{true: "Infinity", false: "-Infinity"}[x > 0]
		}
	case time.Time:
		if t.Kind == sql.Date {
			return x.Format(time.DateOnly)
		}
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = e
			if t.Elem != nil {
				out[i] = jsonValue(e, *t.Elem)
			}
		}
		return out
	}
	return v
}
