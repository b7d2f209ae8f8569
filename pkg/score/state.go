package score

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/sql"
)

// StateVersion is the version of the state file's format that is written.
// Version 1, which does not say what was taken, and version 2, which knows no
// sessions, are read.
const StateVersion = 3

// State is what is open between runs of one parser: the raw records of windows
// that no watermark has closed yet, and the watermarks. Records are kept raw,
// so that the next release parses them with its own specs.
type State struct {
	FormatVersion int    `json:"format_version"`
	Parser        string `json:"parser"`
	// Watermarks are by model: windows that end at or before it, in
	// microseconds since 1970-01-01 UTC, have been scored.
	Watermarks map[string]int64 `json:"watermarks"`
	Open       []OpenSegment    `json:"open"`
	Taken      Taken            `json:"taken,omitzero"`
}

// Taken is what the run that made a state took. A run that dies after its state
// is in place looks like one that never ran: repeated, it must not take its
// logs twice.
type Taken struct {
	Logs  digest.Digest `json:"logs"`
	Final bool          `json:"final,omitempty"` // and it scored what was open
}

// Done reports whether the run that made the state was this one: all alerts
// were given, and there is nothing to add.
func (s *State) Done(logs digest.Digest, final bool) bool {
	return s.took(logs) && (s.Taken.Final || !final)
}

func (s *State) took(logs digest.Digest) bool {
	return s != nil && !logs.IsZero() && s.Taken.Logs == logs
}

// DigestLogs returns a digest of what logs hold, in their order.
func DigestLogs(segments []Segment) (digest.Digest, error) {
	sum := digest.New("logs")
	for _, s := range segments {
		in, err := s.Open()
		if err != nil {
			return digest.Digest{}, err
		}
		of, _, err := digest.OfReader(in)
		if err = errors.Join(err, in.Close()); err != nil {
			return digest.Digest{}, fmt.Errorf("read %s: %w", s.Name, err)
		}
		sum.Digest("log", of)
	}
	return sum.Sum(), nil
}

// OpenSegment are raw records under one header.
type OpenSegment struct {
	Header string `json:"header,omitempty"`
	// Sessions are the models in whose open sessions the records are, sorted.
	Sessions []string `json:"sessions,omitempty"`
	Records  []string `json:"records"`
}

// NewState returns a state in which nothing is open.
func NewState(parser string) *State {
	return &State{FormatVersion: StateVersion, Parser: parser, Watermarks: map[string]int64{}}
}

func (s *State) next() *State {
	if s == nil {
		return NewState("")
	}
	return NewState(s.Parser)
}

func (s *State) watermark(c *Chain) (int64, bool) {
	if s == nil {
		return minTime, false
	}
	w, ok := s.Watermarks[c.Model]
	if !ok {
		return minTime, false
	}
	return w, true
}

func (s *State) setWatermark(c *Chain, micros int64) {
	if micros > minTime {
		s.Watermarks[c.Model] = micros
	}
}

// segments returns the open records as logs to read.
func (s *State) segments() []Segment {
	if s == nil {
		return nil
	}
	var out []Segment
	for _, o := range s.Open {
		text := strings.Join(o.Records, "\n") + "\n"
		out = append(out, Segment{Name: "state", Header: o.Header, Again: true, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(text)), nil
		}})
	}
	return out
}

// LoadState reads the state of a parser from a directory; where there is none,
// nothing is open.
func LoadState(dir, parser string) (*State, error) {
	data, err := os.ReadFile(statePath(dir, parser))
	if errors.Is(err, fs.ErrNotExist) {
		return NewState(parser), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	s := NewState(parser)
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(s); err != nil {
		return nil, fmt.Errorf("read state %s: %w", statePath(dir, parser), err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("read state %s: there is more after the state", statePath(dir, parser))
	}
	if s.FormatVersion < 1 || s.FormatVersion > StateVersion || s.Parser != parser {
		return nil, fmt.Errorf("read state %s: format version %d of parser %q, want version %d of %q", statePath(dir, parser), s.FormatVersion, s.Parser, StateVersion, parser)
	}
	s.FormatVersion = StateVersion
	return s, nil
}

// Save replaces the state of a parser in a directory, at once or not at all.
func (s *State) Save(dir string) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	f, err := os.CreateTemp(dir, ".state-*")
	if err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	if err := os.Rename(f.Name(), statePath(dir, s.Parser)); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return nil
}

func statePath(dir, parser string) string { return filepath.Join(dir, parser+".state.json") }

// rowID is the place of a record among the segments of a run.
type rowID struct {
	file   int32
	record int64
}

// openRecord is a record that the next run needs.
type openRecord struct {
	rowID
	header, text string
	sessions     []string // models in whose open sessions it is, sorted
}

// openTable holds the ids of the records that some chain of a group needs in
// the next run.
const openTable = "open_records"

// noteOpen notes the records of a chain that its next run needs: those of
// windows that are still open, and those that such windows look back to. After
// a final run no window is open, and the next ones look back all the same.
func (r *groupRun) noteOpen(ctx context.Context, c *Chain) error {
	rows := c.FeatureSet.Relation(parsedTable, c.featureNames())
	lookback := rows.Lookback()
	if r.State == nil || r.Final && lookback == 0 {
		return nil
	}
	insert := "INSERT INTO " + openTable + " SELECT DISTINCT _file, _rec, %s FROM " + timesTable + " WHERE %s"
	watermark, ok := r.next.watermark(c)
	if !ok {
		watermark = minTime
	}
	if c.sessions() {
		return r.session.conn.Exec(ctx, fmt.Sprintf(insert, sql.Text(c.Model), fmt.Sprintf("_end > %d", watermark)))
	}
	size := rows.WindowMicros()
	open := watermark - ((watermark%size)+size)%size // where the first window that is open begins
	where := fmt.Sprintf("_start IS NOT NULL AND _time >= %d", open-lookback)
	if r.Final {
		where += fmt.Sprintf(" AND _end <= %d", watermark)
	}
	return r.session.conn.Exec(ctx, fmt.Sprintf(insert, "NULL", where))
}

// keepOpen reads the records that were noted. Groups parse the same segments,
// so one record is kept once.
func (r *groupRun) keepOpen(ctx context.Context) error {
	query := fmt.Sprintf("SELECT _file::BIGINT, _rec::BIGINT, %s, models FROM %s JOIN (SELECT _file, _rec, coalesce(list(_model) FILTER (WHERE _model IS NOT NULL), []) AS models FROM %s GROUP BY ALL) USING (_file, _rec)",
		sql.Quote(sql.TextColumn), parsedTable, openTable)
	return r.session.conn.Query(ctx, query, func(row []any) error {
		file, ok1 := row[0].(int64)
		record, ok2 := row[1].(int64)
		text, ok3 := row[2].(string)
		models, ok4 := row[3].([]any)
		if !ok1 || !ok2 || !ok3 || !ok4 {
			return errors.New("open records: unexpected types")
		}
		id := rowID{int32(file), record}
		sessions := r.open[id].sessions
		for _, m := range models {
			sessions = append(sessions, fmt.Sprint(m))
		}
		slices.Sort(sessions)
		r.open[id] = openRecord{rowID: id, header: r.session.headerOf(id), text: text, sessions: sessions}
		return nil
	})
}

// setOpen makes the records the state's, in their order.
func (s *State) setOpen(records map[rowID]openRecord) {
	sorted := slices.SortedFunc(maps.Values(records), func(a, b openRecord) int { return a.compare(b.rowID) })
	for i, r := range sorted {
		if i == 0 || r.header != sorted[i-1].header || !slices.Equal(r.sessions, sorted[i-1].sessions) {
			s.Open = append(s.Open, OpenSegment{Header: r.header, Sessions: r.sessions})
		}
		last := &s.Open[len(s.Open)-1]
		last.Records = append(last.Records, r.text)
	}
}

func (a rowID) compare(b rowID) int {
	return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.record, b.record))
}

// headerOf returns the header that was in force at a record.
func (s *session) headerOf(id rowID) string {
	i, found := slices.BinarySearchFunc(s.headers, id, func(h headerRange, id rowID) int { return h.rowID.compare(id) })
	if !found {
		i--
	}
	if i < 0 {
		return ""
	}
	return s.headers[i].header
}
