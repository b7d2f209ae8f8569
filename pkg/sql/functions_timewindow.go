package sql

import "fmt"

// timeWindowFunctions tell which windows of equal length a time lies in. Of
// windows that follow one another there is one, of those that overlap several:
// window is then a generator.
func timeWindowFunctions() []*function {
	tumbling := &function{Function: Function{Name: "window", Epoch: 1}, render: renderWindow, copies: 6}
	sliding := &function{Function: Function{Name: "window", Epoch: 1, Class: Generator}, render: renderSlidingWindow, copies: 6}
	session := &function{Function: Function{Name: "session_window", Epoch: 1}, render: renderSessionWindow, copies: 4}
	text := func(name string) param { return takes(name, texts).fixed() }
	return []*function{
		{Function: Function{Name: "session_window", Doc: "The session of a row by itself, as a struct of start, its time, and end, a constant gap later. Rows are grouped by sessions, which rows of one key make together, by window { session_gap: … } of a feature set. NULL for NULL, and beyond the years 1 to 9999.", Example: "session_window(timestamp '2021-01-01 00:04:30', '5 minutes').end"},
			params: []param{takes("ts", anything), text("gap")}, rewrite: func(k *call) *term { return rewriteSessionWindow(k, session) }},
		{Function: Function{Name: "window", Doc: "The window of a constant size that a time lies in, as a struct of start, which belongs to it, and end, which does not. Windows follow one another from 1970-01-01 UTC, or from a constant time after it. Where a shorter constant slide is given, windows begin that often, and there is a row for each that holds the time, the latest first: then it is a generator. NULL for NULL, and beyond the years 1 to 9999; of a generator no row.", Example: "window(timestamp '2021-01-01 00:04:30', '5 minutes').start", Signature: "window(ts, size[, slide[, start]])"},
			params: []param{takes("ts", anything), text("size"), text("slide").opt(), text("start").opt()}, rewrite: func(k *call) *term { return rewriteWindow(k, tumbling, sliding) }},
		{Function: Function{Name: "window_time", Doc: "The last microsecond of a window that window(…) gives.", Example: "window_time(window(timestamp '2021-01-01 00:04:30', '5 minutes'))"},
			params: []param{takes("window", anything)}, settle: settleWindowTime, render: func(r *renderer, t *term) string {
				return makeTime(t.typ, fmt.Sprintf("epoch_us(%s) - 1", field(r.term(t.args[0]), 1)))
			}},
	}
}

// windowType is the type of what window gives for a time of a type.
func windowType(time Type) Type {
	return structOf(Field{Name: "start", Type: time}, Field{Name: "end", Type: time})
}

// makeTime renders a time of a type from microseconds.
func makeTime(t Type, micros string) string {
	if t.Kind == TimestampNTZ {
		return "make_timestamp(" + micros + ")"
	}
	return "make_timestamptz(" + micros + ")"
}

// rewriteWindow checks the constants and decides which form a call is. Both
// take them in microseconds.
func rewriteWindow(k *call, tumbling, sliding *function) *term {
	if !k.windowTime() {
		return nil
	}
	size, ok1 := k.stretch(1, 0)
	slide, ok2 := k.stretch(2, size)
	start, ok3 := k.stretch(3, 0)
	switch {
	case !ok1 || !ok2 || !ok3:
		return nil
	case size <= 0 || size > maxMicros:
		k.errorAt(1, "bad-constant", "the size of a window is positive, and less than 8,000 years")
	case slide <= 0 || slide > size || (size+slide-1)/slide > maxGenerated:
		k.errorAt(2, "bad-constant", "the slide is positive and not longer than the window, which is at most %d of it", maxGenerated)
	case start <= -slide || start >= slide:
		k.errorAt(3, "bad-constant", "the start is shorter than the slide")
	case slide < size && !k.generatorAllowed(k.node, k.node == k.expr.root):
	default:
		args := []*term{k.args[0]}
		for _, n := range []int64{size, slide, start} {
			args = append(args, k.micros(n))
		}
		if slide < size {
			return apply(sliding, windowType(k.args[0].typ), k.node.at(), args...)
		}
		return apply(tumbling, windowType(k.args[0].typ), k.node.at(), args...)
	}
	return nil
}

// windowTime makes a time of the first argument.
func (k *call) windowTime() bool {
	t := k.args[0]
	if t.typ.Kind == TimestampNTZ {
		return true
	}
	to, ok := instants.convert(t.typ)
	if !ok {
		k.errorAt(0, "wrong-argument-type", "argument 1 of %s is %s, not %s", k.node.text, withArticle(t.typ), instants)
		return false
	}
	k.args[0] = castTerm(t, to)
	return true
}

func (k *call) micros(n int64) *term {
	return constantTerm(constant{typ: Type{Kind: BigInt}, number: n}, k.node.at())
}

// rewriteSessionWindow checks the gap, which a session takes in microseconds.
func rewriteSessionWindow(k *call, session *function) *term {
	if !k.windowTime() {
		return nil
	}
	gap, ok := k.stretch(1, 0)
	if ok && (gap <= 0 || gap > maxMicros) {
		k.errorAt(1, "bad-constant", "the gap of a session is positive, and less than 8,000 years")
		ok = false
	}
	if !ok {
		return nil
	}
	return apply(session, windowType(k.args[0].typ), k.node.at(), k.args[0], k.micros(gap))
}

func renderSessionWindow(r *renderer, t *term) string {
	typ, gap := t.args[0].typ, t.args[1].value.number
	return with("epoch_us("+r.term(t.args[0])+")", "_s_t", func(x string) string {
		session := structText(makeTime(typ, x), makeTime(typ, fmt.Sprintf("%s + %d", x, gap)))
		return fmt.Sprintf("CASE WHEN %s BETWEEN %d AND %d THEN %s END", x, minMicros, maxMicros-1-gap, session)
	})
}

// stretch returns a constant stretch of time in microseconds, or another where
// the argument is not there.
func (k *call) stretch(i int, other int64) (int64, bool) {
	if i >= len(k.args) {
		return other, true
	}
	text, ok := k.text(i)
	if !ok {
		return 0, false
	}
	sum := intervalSum{}
	value, ok := constant{}, sum.addText(text)
	if ok {
		value, ok = sum.value()
	}
	if !ok || value.typ.Kind != DayTime {
		k.errorAt(i, "bad-constant", "%q is no length of a window", text).Hintf(`write "5 minutes", "1 day 12 hours"; months are of different lengths`)
		return 0, false
	}
	return value.number, true
}

// windowConstants returns size, slide and start.
func (t *term) windowConstants() (size, slide, start int64) {
	return t.args[1].value.number, t.args[2].value.number, t.args[3].value.number
}

// lastWindow renders when the last window begins that holds a time, both in
// microseconds.
func lastWindow(time string, slide, start int64) string {
	return fmt.Sprintf("CASE WHEN %[1]s BETWEEN %[4]d AND %[5]d THEN %[1]s - ((%[1]s - (%[3]d)) %% %[2]d + %[2]d) %% %[2]d END",
		time, slide, start, minMicros, maxMicros-1)
}

// withinYears renders whether a window that begins at _s_w lies in the years 1 to
// 9999.
func withinYears(size int64) string {
	return fmt.Sprintf("_s_w BETWEEN %d AND %d", minMicros, maxMicros-size)
}

// bounds renders the struct of a window that begins at _s_w.
func (t *term) bounds() string {
	size, _, _ := t.windowConstants()
	return structText(makeTime(t.args[0].typ, "_s_w"), makeTime(t.args[0].typ, fmt.Sprintf("_s_w + %d", size)))
}

func renderWindow(r *renderer, t *term) string {
	size, slide, start := t.windowConstants()
	last := with("epoch_us("+r.term(t.args[0])+")", "_s_t", func(x string) string { return lastWindow(x, slide, start) })
	return fmt.Sprintf("list_extract(list_transform([%s], lambda _s_w: CASE WHEN %s THEN %s END), 1)", last, withinYears(size), t.bounds())
}

func renderSlidingWindow(r *renderer, t *term) string {
	size, slide, start := t.windowConstants()
	windows := with("epoch_us("+r.term(t.args[0])+")", "_s_t", func(x string) string {
		starts := with(lastWindow(x, slide, start), "_s_l", func(last string) string {
			return fmt.Sprintf("CASE WHEN %s IS NOT NULL THEN list_transform(range(%d), lambda _s_i: %s - _s_i * %d) END", last, (size+slide-1)/slide, last, slide)
		})
		return fmt.Sprintf("list_filter(%s, lambda _s_w: _s_w + %d > %s AND %s)", starts, size, x, withinYears(size))
	})
	return fmt.Sprintf("list_transform(%s, lambda _s_w: %s)", windows, t.bounds())
}

func settleWindowTime(k *call) (Type, bool) {
	for _, kind := range []Kind{Timestamp, TimestampNTZ} {
		if k.args[0].typ.Equal(windowType(Type{Kind: kind})) {
			return Type{Kind: kind}, true
		}
	}
	k.errorAt(0, "wrong-argument-type", "argument 1 of %s is %s, not what window(…) gives", k.node.text, withArticle(k.args[0].typ))
	return Type{}, false
}
