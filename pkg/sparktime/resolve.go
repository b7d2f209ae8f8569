package sparktime

import "time"

const (
	maxYear     = 999_999_999
	dayMicros   = 86400 * 1_000_000
	firstMicros = -9223372022400000000 // that engines have a time for
	lastMicros  = 9223372036854775806
)

// Time is what a text says.
type Time struct {
	Local  int64 // microseconds since 1970-01-01 on the clock that the text is about
	Offset int64 // seconds that the clock is ahead of UTC
}

// Instant returns the microseconds since 1970-01-01 in UTC.
func (t Time) Instant() int64 { return t.Local - t.Offset*1_000_000 }

// Read reads a whole text. It is false for one that is not of the pattern, or no
// time between the years -290308 and 294247.
func (p Pattern) Read(text string) (Time, bool) {
	r := reader{text: text}
	if !r.all(p.parts) || r.at != len(text) || !r.resolveYear(p.eras) || !r.resolveHour() {
		return Time{}, false
	}
	days, ok1 := r.date()
	micros, ok2 := r.clock()
	off := r.of[offset]
	if !ok1 || !ok2 || days < firstMicros/dayMicros || days > lastMicros/dayMicros || off < -18*3600 || off > 18*3600 {
		return Time{}, false
	}
	t := Time{Local: days*dayMicros + micros, Offset: off}
	wraps := t.Local < days*dayMicros || off > 0 && t.Instant() > t.Local || off < 0 && t.Instant() < t.Local
	inside := func(n int64) bool { return n >= firstMicros && n <= lastMicros }
	return t, !wraps && inside(t.Local) && inside(t.Instant())
}

func (v *values) within(f field, least, most int64) bool {
	return !v.set[f] || v.of[f] >= least && v.of[f] <= most
}

// resolveYear makes a year of one of an era. Without its era it says nothing.
func (v *values) resolveYear(eras bool) bool {
	if eras && v.set[era] && v.set[yearOfEra] {
		n := v.of[yearOfEra]
		if n < 1 {
			return false
		}
		if v.of[era] == 0 {
			n = 1 - n
		}
		return v.put(year, n) && v.within(year, -maxYear, maxYear)
	}
	return v.within(year, -maxYear, maxYear)
}

// resolveHour makes an hour of what hours are counted in.
func (v *values) resolveHour() bool {
	if !v.within(clockHour, 1, 24) || !v.within(halfClock, 1, 12) || !v.within(halfHour, 0, 11) {
		return false
	}
	ok := !v.set[clockHour] || v.put(hour, v.of[clockHour]%24)
	ok = ok && (!v.set[halfClock] || v.put(halfHour, v.of[halfClock]%12))
	if ok && v.set[half] && v.set[halfHour] {
		return v.put(hour, v.of[half]*12+v.of[halfHour])
	}
	return ok
}

// date returns the days since 1970-01-01. What is not said is 1970, January and
// the first.
func (v *values) date() (int64, bool) {
	or := func(f field, n int64) int64 {
		if v.set[f] {
			return v.of[f]
		}
		return n
	}
	y, m, d := or(year, 1970), or(month, 1), or(day, 1)
	if v.set[dayOfYear] && !(v.set[year] && v.set[month] && v.set[day]) {
		first := time.Date(int(y), 1, 1, 0, 0, 0, 0, time.UTC)
		t := first.AddDate(0, 0, int(v.of[dayOfYear])-1)
		if v.of[dayOfYear] < 1 || v.of[dayOfYear] > 366 || t.Year() != int(y) {
			return 0, false
		}
		same := or(month, int64(t.Month())) == int64(t.Month()) && or(day, int64(t.Day())) == int64(t.Day())
		return floorDays(t), same
	}
	if m < 1 || m > 12 || d < 1 || d > 31 {
		return 0, false
	}
	t := time.Date(int(y), time.Month(m), int(d), 0, 0, 0, 0, time.UTC)
	return floorDays(t), t.Day() == int(d) && or(dayOfYear, int64(t.YearDay())) == int64(t.YearDay())
}

func floorDays(t time.Time) int64 { return t.Unix() / 86400 } // midnights, of which none has a rest

// clock returns the microseconds of the day.
func (v *values) clock() (int64, bool) {
	if !v.within(hour, 0, 23) || !v.within(minute, 0, 59) || !v.within(second, 0, 59) {
		return 0, false
	}
	h := v.of[hour]
	skips := !v.set[minute] && (v.set[second] || v.set[nano]) || v.set[minute] && !v.set[second] && v.set[nano]
	switch {
	case v.set[hour] && !skips: // which the other ways to say it have to agree with
		if v.set[half] && v.of[half] != h/12 || v.set[halfHour] && v.of[halfHour] != h%12 {
			return 0, false
		}
	case v.set[hour]:
	case v.set[halfHour]:
		h = v.of[halfHour]
	case v.set[half]:
		h = 12 * v.of[half]
	}
	return (h*3600+v.of[minute]*60+v.of[second])*1_000_000 + v.of[nano]/1000, true
}
