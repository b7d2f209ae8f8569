// Package alert defines the alerts that sites write and feedback reads: a row
// that a model flags, with the raw records behind it. An alert's id is a digest
// of what a verdict is about, so that an alert that was edited on its way shows
// it.
package alert

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
)

// Version is the version of an alert's JSON form.
const Version = 2

// MaxRecords is how many of its records an alert carries at most.
const MaxRecords = 20

// Alert is a row that a model flags.
type Alert struct {
	FormatVersion int `json:"format_version"`
	// ID is [Alert.Sum]: the same records give the same id, whatever file they
	// stand in and whatever release flags them.
	ID        digest.Digest `json:"id"`
	Release   string        `json:"release"` // "local#3"
	Model     string        `json:"model"`
	ModelKey  digest.Digest `json:"model_key"`
	Score     float32       `json:"score"`
	Threshold float64       `json:"threshold"`
	Row       Row           `json:"row"`
	// TopFeatures are those without which the score falls most.
	TopFeatures []Feature `json:"top_features"`
	// Records are the first raw records behind the row, of RecordCount, and
	// Headers the header lines that were in force for them.
	RecordCount int64    `json:"record_count"`
	Headers     []Header `json:"headers,omitempty"`
	Records     []string `json:"records"`
}

// Row says which row it is: a record of a file, or a key and a window.
type Row struct {
	Parser string `json:"parser"`
	File   string `json:"file,omitempty"`
	Record *int64 `json:"record,omitempty"` // from 0
	// Key holds strings, numbers, booleans and nil, by the name of the column.
	Key     map[string]any `json:"key,omitempty"`
	Start   *time.Time     `json:"window_start,omitempty"`
	End     *time.Time     `json:"window_end,omitempty"`
	Partial bool           `json:"partial,omitempty"` // the window is cut by an edge of the log
}

// Feature is a feature, its value, and by how much the score falls when the
// value is missing.
type Feature struct {
	Feature string   `json:"feature"`
	Value   *float64 `json:"value"`            // null for NULL, and for a vector
	Length  int      `json:"length,omitempty"` // elements of a vector
	Drop    *float64 `json:"drop"`             // null where the model gives no number then
}

// Header is a header line and the number of the first of the alert's records
// that it is in force for.
type Header struct {
	From   int    `json:"from"`
	Header string `json:"header"`
}

// Segment is a stretch of records under one header; empty where the source has
// none.
type Segment struct {
	Header  string   `json:"header,omitempty"`
	Records []string `json:"records"`
}

// Keyed reports whether the row is a key and a window rather than a record.
func (r Row) Keyed() bool { return r.Record == nil }

// Short names the alert for people: the first 8 digits of its id.
func (a Alert) Short() string { return a.ID.Short() }

// Complete reports whether the alert carries all records of its row.
func (a Alert) Complete() bool { return int64(len(a.Records)) == a.RecordCount }

// Sum returns the digest of what a verdict is about: the model's name, parser,
// key and window, the number of records, those that the alert carries, and
// their headers. Where the row was found, by which release and with which score
// are not part of it.
func (a Alert) Sum() digest.Digest {
	c := digest.New("alert").Int("format", Version).String("model", a.Model).String("parser", a.Row.Parser)
	if a.Row.Keyed() {
		if a.Row.Start != nil && a.Row.End != nil {
			c.Int("start", a.Row.Start.UnixMicro()).Int("end", a.Row.End.UnixMicro())
		}
		for _, name := range slices.Sorted(maps.Keys(a.Row.Key)) {
			kind, text := KeyText(a.Row.Key[name])
			c.String("key", name).String("kind", kind).String("value", text)
		}
	}
	for _, h := range a.Headers {
		c.Int("from", int64(h.From)).String("header", h.Header)
	}
	return c.Int("records", a.RecordCount).Strings("texts", a.Records).Sum()
}

// KeyText returns the kind of a value of a key, as JSON names it, and its text;
// one of another kind has none. Equal values have equal texts, whether they
// were computed or read from JSON.
func KeyText(v any) (kind, text string) {
	switch v := v.(type) {
	case nil:
		return "null", ""
	case string:
		return "string", v
	case bool:
		return "boolean", strconv.FormatBool(v)
	case json.Number:
		return "number", v.String()
	case int8, int16, int32, int64, int:
		return "number", fmt.Sprint(v)
	}
	return "", ""
}

// First returns the alert with its first n records, and their headers, only.
func (a Alert) First(n int) Alert {
	a.Records = a.Records[:n]
	a.Headers = slices.DeleteFunc(slices.Clone(a.Headers), func(h Header) bool { return h.From >= n })
	return a
}

// Segments returns the records under their headers, in order.
func (a Alert) Segments() []Segment {
	if len(a.Headers) == 0 {
		return []Segment{{Records: a.Records}}
	}
	var out []Segment
	for i, h := range a.Headers {
		end := len(a.Records)
		if i+1 < len(a.Headers) {
			end = a.Headers[i+1].From
		}
		out = append(out, Segment{Header: h.Header, Records: a.Records[h.From:end]})
	}
	return out
}

// IsWhole reports whether segments are all records of the alert's row: as many
// as it counts, the first ones being those that it carries.
func (a Alert) IsWhole(segments []Segment) bool {
	whole := a
	whole.Records, whole.Headers = nil, nil
	for _, s := range segments {
		if s.Header != "" && len(whole.Headers) == 0 && len(whole.Records) > 0 {
			whole.Headers = []Header{{}} // records without a header come first
		}
		if s.Header != "" || len(whole.Headers) > 0 {
			whole.Headers = append(whole.Headers, Header{From: len(whole.Records), Header: s.Header})
		}
		whole.Records = append(whole.Records, s.Records...)
	}
	return int64(len(whole.Records)) == a.RecordCount && len(whole.Records) >= len(a.Records) && whole.First(len(a.Records)).Sum() == a.ID
}

// EditedError says that an alert is not what its id says.
type EditedError struct{ ID digest.Digest }

// Error names the alert.
func (e *EditedError) Error() string {
	return fmt.Sprintf("alert %s was changed: its records, key, window, model or headers are not those of its id", e.ID.Short())
}

// Hint says where the right one is.
func (e *EditedError) Hint() string {
	return "take the line as mlp score wrote it; what scored the same log again gives the same alert"
}

// Check refuses an alert that is not well formed, or whose content is not that
// of its id ([EditedError]).
func (a Alert) Check() error {
	wrong := func(what string) error { return fmt.Errorf("alert %s: %s", a.ID.Short(), what) }
	n := int64(len(a.Records))
	switch {
	case a.FormatVersion != Version:
		return &VersionError{Version: a.FormatVersion}
	case a.Model == "" || a.Row.Parser == "":
		return wrong("model and parser are required")
	case n == 0 || n > a.RecordCount || n < min(a.RecordCount, MaxRecords):
		return wrong(fmt.Sprintf("%d records of %d", n, a.RecordCount))
	case a.Row.Keyed() && (a.Row.Start == nil || a.Row.End == nil || len(a.Row.Key) == 0):
		return wrong("the row is neither a record nor a key and a window")
	case !a.Row.Keyed() && (a.RecordCount != 1 || len(a.Row.Key) > 0):
		return wrong("a row that is a record has one record and no key")
	}
	for i, h := range a.Headers {
		if i == 0 && h.From != 0 || i > 0 && h.From <= a.Headers[i-1].From || h.From >= len(a.Records) {
			return wrong("its headers are out of order")
		}
	}
	for name, v := range a.Row.Key {
		if kind, _ := KeyText(v); kind == "" {
			return wrong(fmt.Sprintf("the value of key %q is neither text, number, truth value nor null", name))
		}
	}
	if a.Sum() != a.ID {
		return &EditedError{ID: a.ID}
	}
	return nil
}
