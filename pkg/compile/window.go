package compile

import (
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// group compiles key and window. Features then see the window's bounds too.
func (b *featureSetBuilder) group() {
	if len(b.s.Spec.GetKey()) == 0 && b.s.Spec.GetWindow() == nil {
		return
	}
	if b.s.Spec.GetWindow() == nil {
		b.diags.Errorf(b.s.Doc.Field(b.s.Spec, "key"), "no-window", "a feature set with a key needs a window").
			Hintf("without one a row would never be complete, so a site could not score it; add window { time: … size: … }")
	}
	g := &sql.Group{Lookback: b.lookback()}
	for i, name := range b.s.Spec.GetKey() {
		at := b.s.Doc.Field(b.s.Spec, "key", i)
		col, ok := b.lookup(name, at)
		if !ok || b.scope.wrong[strings.ToLower(name)] {
			continue
		}
		if groupable(col.Type) {
			g.Keys = append(g.Keys, sql.Key{Name: col.Name, Type: col.Type})
			b.f.keys = append(b.f.keys, rowColumn{col, b.scope.at[strings.ToLower(name)]})
		} else {
			b.diags.Errorf(at, "bad-key", "%q is %s: a key is text, a whole number, a truth value, a date or a timestamp", name, col.Type)
		}
	}
	if w := b.s.Spec.GetWindow(); w != nil {
		g.Window = b.window(w)
		b.bounds()
	}
	b.f.Group, b.f.grouped = g, true
}

// bounds shows features the bounds of their window, in place of those of the
// windows that the set reads.
func (b *featureSetBuilder) bounds() {
	for _, n := range []string{sql.WindowStartName, sql.WindowEndName} {
		if b.scope.has(n) && b.inner() == nil || b.isLabel(n) {
			b.diags.Errorf(b.s.Doc.Field(b.s.Spec, "window"), "reserved-name", "field %q has the name of a bound of the window", n)
			continue
		}
		b.scope.set(sql.Column{Name: n, Type: sql.Type{Kind: sql.Timestamp}, Key: boundKey(n)}, "", 1)
	}
}

// inner returns the windows of the rows that the set reads, nil where they have
// none.
func (b *featureSetBuilder) inner() *sql.Window {
	if b.f.Input == nil || b.f.Input.Group == nil {
		return nil
	}
	return b.f.Input.Group.Window
}

func (b *featureSetBuilder) lookup(name string, at diag.Span) (sql.Column, bool) {
	col, ok := b.scope.Lookup(name)
	if !ok {
		from := "parser " + b.f.From.Name
		if b.f.Input != nil {
			from = "feature set " + b.f.Input.Name
		}
		b.diags.Errorf(at, "unknown-column", "column %q does not exist in %s", name, from).DidYouMean(name, b.scope.Names())
	}
	return col, ok
}

func (b *featureSetBuilder) window(w *specpb.Window) *sql.Window {
	at := b.s.Doc.Field(w, "time")
	col, ok := b.lookup(w.GetTime(), at)
	switch {
	case !ok:
	case col.Type.Kind != sql.Timestamp && col.Type.Kind != sql.Void:
		b.diags.Errorf(at, "bad-window", "%q is %s: the time of a window is a timestamp", w.GetTime(), col.Type)
	case b.windowed[strings.ToLower(col.Name)]:
		b.diags.Errorf(at, "bad-window", "%q depends on the rows of a window: it cannot decide which window a row is in", w.GetTime())
	case b.made[strings.ToLower(col.Name)]:
		b.diags.Errorf(at, "bad-window", "%q depends on a generator: the time of a window is that of the record", w.GetTime())
	case b.inner() != nil && col.Name != sql.WindowStartName:
		b.diags.Errorf(at, "bad-window", "the rows of feature set %s have windows, so the time of a window over them is %s", b.f.Input.Name, sql.WindowStartName)
	}
	b.f.time = rowColumn{col, b.scope.at[strings.ToLower(col.Name)]}
	if w.GetSessionGap() != "" || w.GetMaxLength() != "" {
		return b.session(w, col.Name)
	}
	size := b.s.Doc.Field(w, "size")
	micros, ok := duration(w.GetSize())
	if !ok {
		b.diags.Errorf(size, "bad-window", "%q is not the size of a window", w.GetSize()).Hintf("%s", durationHint)
		return nil
	}
	inner := b.inner()
	switch {
	case inner != nil && inner.Gap > 0:
		b.diags.Errorf(at, "bad-window", "the rows of feature set %s are sessions, and no window is known to hold all of one", b.f.Input.Name).
			Hintf("read the parser, and group by %s with a size", strings.Join(b.f.Input.grouping().Spec.GetKey(), ", "))
	case inner != nil && micros%inner.Micros != 0:
		b.diags.Errorf(size, "bad-window", "a window over those of feature set %s holds a whole number of them", b.f.Input.Name).
			Hintf("a multiple of %q", b.f.Input.windowSize())
	}
	return &sql.Window{Time: col.Name, Micros: micros}
}

// session reads a window that lasts as long as rows go on.
func (b *featureSetBuilder) session(w *specpb.Window, time string) *sql.Window {
	stretch := func(field, text string) int64 {
		micros, ok := duration(text)
		if !ok {
			b.diags.Errorf(b.s.Doc.Field(w, field), "bad-window", "%q is no stretch of time", text).Hintf("%s", durationHint)
		}
		return micros
	}
	gap, longest := stretch("session_gap", w.GetSessionGap()), stretch("max_length", w.GetMaxLength())
	if gap == 0 || longest == 0 {
		return nil
	}
	if longest < 2*gap {
		b.diags.Errorf(b.s.Doc.Field(w, "max_length"), "bad-window", "a session lasts at least two gaps, which are %q", w.GetSessionGap()).
			Hintf("a longer max_length: longer sessions than half of it may be cut")
	}
	if inner := b.inner(); inner != nil {
		b.diags.Errorf(b.s.Doc.Field(w, "session_gap"), "bad-window", "the rows of feature set %s have windows: sessions are made of records", b.f.Input.Name).
			Hintf("read the parser, or a feature set without a key")
	}
	if b.s.Spec.GetLookback() != "" {
		b.diags.Errorf(b.s.Doc.Field(b.s.Spec, "lookback"), "bad-lookback", "window functions see the rows of one session, and none before it").
			Hintf("leave it out, or take a window of a size")
	}
	for i, name := range b.s.Spec.GetKey() {
		if lower := strings.ToLower(name); b.windowed[lower] || b.made[lower] && b.madeLate {
			b.diags.Errorf(b.s.Doc.Field(b.s.Spec, "key", i), "bad-key", "%q depends on window functions, which see the rows of one session: it cannot decide which session a row is in", name)
		}
	}
	return &sql.Window{Time: time, Micros: longest, Gap: gap}
}

// windowSize is how the size of the set's windows is written.
func (f *FeatureSet) windowSize() string {
	if !f.grouped && f.Input != nil {
		return f.Input.windowSize()
	}
	return f.Spec.GetWindow().GetSize()
}

// maxCopies is the most windows that a row may stand in: its own, and those
// that look back to it.
const maxCopies = 100

// lookback reads how far window functions look back before their window.
func (b *featureSetBuilder) lookback() int64 {
	text := b.s.Spec.GetLookback()
	if text == "" {
		return 0
	}
	at := b.s.Doc.Field(b.s.Spec, "lookback")
	micros, ok := duration(text)
	if !ok {
		b.diags.Errorf(at, "bad-lookback", "%q is not a stretch of time", text).Hintf("%s", durationHint)
		return 0
	}
	size, ok := duration(b.s.Spec.GetWindow().GetSize())
	if ok && 1+(micros+size-1)/size > maxCopies {
		b.diags.Errorf(at, "bad-lookback", "a lookback is less than %d windows, as each row stands in every window that looks back to it", maxCopies).
			Hintf("a longer window, or a shorter lookback")
	}
	return micros
}

const durationHint = `a whole number and a unit from "second" to "week", up to 366 days: "5 minutes"`

// duration reads "5 minutes" as microseconds.
func duration(s string) (int64, bool) {
	number, unit, ok := strings.Cut(strings.TrimSpace(strings.ToLower(s)), " ")
	n, err := strconv.ParseInt(number, 10, 32)
	if !ok || err != nil || n <= 0 {
		return 0, false
	}
	const second = int64(1_000_000)
	size, ok := map[string]int64{"second": second, "minute": 60 * second, "hour": 3600 * second, "day": 86400 * second, "week": 7 * 86400 * second}[strings.TrimSuffix(strings.TrimSpace(unit), "s")]
	if !ok || n*size > 366*86400*second {
		return 0, false
	}
	return n * size, true
}
