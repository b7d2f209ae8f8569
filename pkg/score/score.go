package score

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Options say what to score.
type Options struct {
	DB *duckdb.DB
	// Chains are the models of one parser.
	Chains  []*Chain
	Release string // "local#3"
	// Segments are the new logs, in order.
	Segments []Segment
	// State is what an earlier run left open; nil: nothing, and what stays
	// open now is not scored.
	State *State
	// Logs is [DigestLogs] of the segments: where the run that made the state
	// took them, they are not taken again. Zero: they are new.
	Logs digest.Digest
	// Final scores what is still open.
	Final bool
	// Now is the clock: a record more than a day ahead of it does not move the
	// watermark, or one wrong clock would close every window for good. Zero:
	// every record does.
	Now time.Time
	// Emit takes alerts in a stable order.
	Emit func(alert.Alert) error
	// EmitRow, if not nil, takes every scored row.
	EmitRow func(ScoredRow) error
}

// Summary accounts for a run.
type Summary struct {
	Lines    int64            `json:"lines"`
	Records  int64            `json:"records"`
	Rows     int64            `json:"rows"`
	Rejects  map[string]int64 `json:"rejects"`
	Missing  []string         `json:"missing"` // raw columns that no file has: NULL in every row
	Models   []ModelSummary   `json:"models"`
	Reopened int64            `json:"reopened"` // records taken over from the state
}

// ModelSummary accounts for one model.
type ModelSummary struct {
	Model  string `json:"model"`
	Rows   int64  `json:"rows"` // scored
	Alerts int64  `json:"alerts"`
	// Open counts records in windows that the watermark has not closed: kept
	// in the state, or not scored where there is none.
	Open int64 `json:"open"`
	// Ahead counts records whose time is more than a day ahead of the clock.
	Ahead int64 `json:"ahead"`
	// Late counts records whose window had been scored before.
	Late int64 `json:"late"`
}

// Run scores logs and returns what it did; with a state, also the next one.
func Run(ctx context.Context, o Options) (*Summary, *State, error) {
	out := &Summary{Rejects: map[string]int64{}, Missing: []string{}}
	next := o.State.next()
	next.Taken = Taken{Logs: o.Logs, Final: o.Final}
	if o.State.took(o.Logs) {
		o.Segments = nil
	}
	open := map[rowID]openRecord{}
	for i, group := range groups(o.Chains) {
		r := &groupRun{Options: o, chains: group, out: out, next: next, open: open, first: i == 0}
		if err := r.run(ctx); err != nil {
			return nil, nil, err
		}
	}
	next.setOpen(open)
	return out, next, nil
}

// groups returns the chains by their specs' tree, in a stable order.
func groups(chains []*Chain) [][]*Chain {
	byTree := map[digest.Digest][]*Chain{}
	for _, c := range chains {
		byTree[c.Tree] = append(byTree[c.Tree], c)
	}
	keys := slices.SortedFunc(maps.Keys(byTree), digest.Digest.Compare)
	out := make([][]*Chain, len(keys))
	for i, k := range keys {
		out[i] = byTree[k]
	}
	return out
}

// groupRun scores the models of one tree of specs, whose rows are parsed once.
type groupRun struct {
	Options
	chains  []*Chain
	session *session
	out     *Summary
	next    *State
	open    map[rowID]openRecord
	first   bool  // the first group counts the records
	newFrom int32 // ordinal of the first new file
	names   []string
}

func (r *groupRun) run(ctx context.Context) error {
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	r.session = newSession(conn, r.chains[0].Parser, fieldsOf(r.chains))
	old := r.State.segments()
	r.newFrom = int32(len(old))
	if err := r.session.parse(ctx, old, 0); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	before := r.session.counts
	r.session.absent = map[string]int{}
	if err := r.session.parse(ctx, r.Segments, r.newFrom); err != nil {
		return err
	}
	if err := r.session.finish(ctx, r.newFrom); err != nil {
		return err
	}
	for _, s := range slices.Concat(old, r.Segments) {
		r.names = append(r.names, s.Name)
	}
	if r.first {
		if err := r.account(ctx, before); err != nil {
			return err
		}
	}
	if err := conn.Exec(ctx, "CREATE TEMP TABLE "+openTable+" (_file INTEGER, _rec BIGINT, _model VARCHAR)"); err != nil {
		return err
	}
	for _, c := range r.chains {
		if err := r.model(ctx, c); err != nil {
			return fmt.Errorf("model %s: %w", c.Model, err)
		}
	}
	return r.keepOpen(ctx)
}

// fieldsOf returns the fields that the chains read, in the parser's order.
func fieldsOf(chains []*Chain) []*compile.Field {
	want := map[*compile.Field]bool{}
	for _, c := range chains {
		for _, f := range c.FeatureSet.Fields(c.featureNames(), nil) {
			// The chains' parsers are equal, but each tree was compiled anew.
			own, _ := chains[0].Parser.Field(f.Name)
			want[own] = true
		}
	}
	var out []*compile.Field
	for _, f := range chains[0].Parser.Fields {
		if want[f] {
			out = append(out, f)
		}
	}
	return out
}

// account counts the new records: those of the state were counted before.
func (r *groupRun) account(ctx context.Context, before source.Counts) error {
	c := r.session.counts
	r.out.Reopened = before.Records
	r.out.Lines, r.out.Records = c.Lines-before.Lines, c.Records-before.Records
	for _, address := range r.session.parser.Spec.GetRaw() {
		if r.out.Records > 0 && r.session.absent[address] == len(r.Segments) {
			r.out.Missing = append(r.out.Missing, address)
		}
	}
	for reason, n := range c.Rejects {
		if n -= before.Rejects[reason]; n > 0 {
			r.out.Rejects[reason] = n
		}
	}
	for reason, n := range r.session.rejected {
		r.out.Rejects[reason] += n
	}
	return r.count(ctx, parsedTable+" WHERE _file >= "+fmt.Sprint(r.newFrom), &r.out.Rows)
}

func (r *groupRun) countTimes(ctx context.Context, where string, into *int64) error {
	return r.count(ctx, timesTable+" WHERE "+where, into)
}

// count counts the rows of what stands behind FROM.
func (r *groupRun) count(ctx context.Context, from string, into *int64) error {
	return r.session.conn.Query(ctx, "SELECT count(*)::BIGINT FROM "+from, func(row []any) error {
		n, ok := row[0].(int64)
		if !ok {
			return fmt.Errorf("count: want a whole number, got %T", row[0])
		}
		*into = n
		return nil
	})
}

// model scores the rows of one model that are due.
func (r *groupRun) model(ctx context.Context, c *Chain) error {
	m := ModelSummary{Model: c.Model}
	isNew := fmt.Sprintf("_file >= %d", r.newFrom)
	filter, keep := isNew, ""
	var cut edges
	if c.windowed() {
		var err error
		if keep, cut, err = r.due(ctx, c, &m); err != nil {
			return err
		}
		filter = r.ofChain(c)
		if err := r.noteOpen(ctx, c); err != nil {
			return err
		}
	}
	if err := r.session.compute(ctx, c, filter, keep); err != nil {
		return err
	}
	inputs, scores, err := r.session.scores(ctx, c)
	if err != nil {
		return err
	}
	m.Rows = int64(len(scores))
	a := &alerter{groupRun: r, chain: c, edges: cut, inputs: inputs, scores: scores}
	if m.Alerts, err = a.emit(ctx); err != nil {
		return err
	}
	if r.EmitRow != nil {
		err = a.emitRows(ctx)
	}
	r.out.Models = append(r.out.Models, m)
	return err
}

// edges are where the first complete window may begin and the last one may end,
// in microseconds: others are partial. A log that goes on from a state has no
// beginning.
type edges struct{ begin, end int64 }

// due returns the condition for the windows of a chain that are closed by the
// watermark and were not scored before, and moves the watermark.
func (r *groupRun) due(ctx context.Context, c *Chain, m *ModelSummary) (string, edges, error) {
	closed, seen := r.State.watermark(c)
	begin, newest, err := r.times(ctx, c)
	if err != nil {
		return "", edges{}, err
	}
	if err := r.countTimes(ctx, fmt.Sprintf("_start > %d", r.limit()), &m.Ahead); err != nil {
		return "", edges{}, err
	}
	if seen {
		begin = minTime
	}
	watermark := max(newest, closed)
	cut := edges{begin: begin + c.gap(), end: watermark - c.lag()}
	due := watermark
	if r.Final {
		if due, err = r.lastEnd(ctx, watermark); err != nil {
			return "", edges{}, err
		}
		watermark = min(due, max(watermark, r.limit()))
	}
	if seen {
		late := fmt.Sprintf("_file >= %d AND _end <= %d", r.newFrom, closed)
		if err := r.countTimes(ctx, late, &m.Late); err != nil {
			return "", edges{}, err
		}
	}
	if err := r.countTimes(ctx, fmt.Sprintf("_end > %d", due), &m.Open); err != nil {
		return "", edges{}, err
	}
	r.next.setWatermark(c, watermark)
	complete := fmt.Sprintf("epoch_us(%s) + %d", sql.Quote(sql.WindowEnd), c.lag())
	condition := fmt.Sprintf("%s <= %d", complete, due)
	if seen {
		condition += fmt.Sprintf(" AND %s > %d", complete, closed)
	}
	return condition, cut, nil
}

// maxAhead is how far a clock may be ahead of ours.
const maxAhead = 24 * time.Hour

// limit is the time, in microseconds, beyond which records do not move the
// watermark.
func (r *groupRun) limit() int64 {
	if r.Now.IsZero() {
		return math.MaxInt64
	}
	return r.Now.Add(maxAhead).UnixMicro()
}

// timesTable holds the times of the records that get into windows of a chain:
// _file, _rec, _time, where the window begins, _start, and the time with which it
// is complete, _end; NULL where there is none; all in microseconds since
// 1970-01-01 UTC. Of a session _start is the record's own time; of several that
// a record is in, _end is that of the last.
const timesTable = "times"

// times makes the table of times. It returns the oldest and the newest time of
// the parsed rows that are in a window and not ahead of the clock, minTime where
// there is none.
func (r *groupRun) times(ctx context.Context, c *Chain) (oldest, newest int64, err error) {
	rows := c.FeatureSet.Relation(parsedTable, nil)
	times := fmt.Sprintf("SELECT *, %s AS _start FROM (%s)", rows.StartMicros("_time"), rows.Times())
	table := fmt.Sprintf("CREATE OR REPLACE TEMP TABLE %s AS SELECT *, _start + %d AS _end FROM (%s)", timesTable, rows.WindowMicros(), times)
	if rows.SessionGap() > 0 {
		table = fmt.Sprintf("CREATE OR REPLACE TEMP TABLE %s AS SELECT * FROM (%s) LEFT JOIN (%s) USING (_file, _rec)", timesTable, times, r.sessionEnds(c))
	}
	if err := r.session.conn.Exec(ctx, table); err != nil {
		return minTime, minTime, err
	}
	oldest, newest = minTime, minTime
	query := fmt.Sprintf("SELECT min(_time)::BIGINT, max(_time)::BIGINT FROM %s WHERE _start <= %d", timesTable, r.limit())
	err = r.session.conn.Query(ctx, query, func(row []any) error {
		if n, ok := row[0].(int64); ok {
			oldest = n
		}
		if n, ok := row[1].(int64); ok {
			newest = n
		}
		return nil
	})
	return oldest, newest, err
}

// minTime is before every time: nothing was closed.
const minTime = int64(-1) << 62

// lastEnd returns where the last window ends, at least floor.
func (r *groupRun) lastEnd(ctx context.Context, floor int64) (int64, error) {
	out := floor
	err := r.session.conn.Query(ctx, "SELECT max(_end)::BIGINT FROM "+timesTable, func(row []any) error {
		if n, ok := row[0].(int64); ok {
			out = max(floor, n)
		}
		return nil
	})
	return out, err
}

// timeOf returns a time of DuckDB in UTC.
func timeOf(v any) *time.Time {
	t, ok := v.(time.Time)
	if !ok {
		return nil
	}
	t = t.UTC()
	return &t
}
