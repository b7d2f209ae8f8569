package score

import (
	"testing"
	"time"
)

// extremes are times that a log may hold and that no calendar or counter of
// microseconds goes on from.
func extremes() []string {
	return []string{"9223372036854.0", "9223372036854775807", "-9223372036854.0", "8e12", "253402300799.999999", "253402300800", "253402300900",
		"-62135596800.000001", "-200000000000", "1e300", "nan", "inf", "0", "-1"}
}

// Whatever time a record has, the others are scored: a record whose time is in
// no window is a row without a window.
func TestExtremeTimes(t *testing.T) {
	b := newBench(t)
	chains := b.chains(t, rows(), windows())
	plain := layouts()[0]
	for _, ts := range extremes() {
		t.Run(ts, func(t *testing.T) {
			odd := at(5, "z")
			odd["ts"] = ts
			got := b.run(t, Options{Chains: chains, Final: true, State: NewState("zeek_conn"), Segments: segments(plain.log([]record{at(1, "a"), odd, at(2, "a")}))})
			found := false
			for _, r := range got.rows {
				found = found || r.Row.Start != nil && r.Row.Key["src"] == "a" && *r.Features["n"].Number == 2
			}
			if !found {
				t.Error("the window of the other records is not scored")
			}
		})
	}
}

// One clock that is years ahead does not close the windows of all others.
func TestClockAhead(t *testing.T) {
	b := newBench(t)
	chains := b.chains(t, windows())
	plain := layouts()[0]
	now := time.Unix(1767225600+3600, 0)
	first := b.run(t, Options{Chains: chains, Now: now, State: NewState("zeek_conn"),
		Segments: segments(plain.log([]record{at(1, "a"), at(500*365*86400, "z"), at(301, "b")}))})
	if m := first.summary.Models[0]; m.Ahead != 1 || m.Rows != 1 {
		t.Errorf("first run: %+v; want 1 record ahead, and the window of a", m)
	}
	second := b.run(t, Options{Chains: chains, Now: now, State: first.next, Segments: segments(plain.log([]record{at(302, "b"), at(601, "c")}))})
	if m := second.summary.Models[0]; m.Late != 0 || m.Rows != 1 {
		t.Errorf("second run: %+v; want no record late, and the window of b", m)
	}
	// The last run scores what is ahead, and forgets that time.
	third := b.run(t, Options{Chains: chains, Now: now, State: second.next, Final: true, Segments: segments(plain.log([]record{at(602, "c")}))})
	fourth := b.run(t, Options{Chains: chains, Now: now, State: third.next, Final: true, Segments: segments(plain.log([]record{at(100000, "d")}))})
	if third.summary.Models[0].Rows != 2 || fourth.summary.Models[0].Rows != 1 || fourth.summary.Models[0].Late != 0 {
		t.Errorf("third run: %+v; fourth run: %+v", third.summary.Models[0], fourth.summary.Models[0])
	}
}
