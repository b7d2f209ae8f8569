package enginetest

import "github.com/mlpdev/mlp/pkg/sql"

// windowOfTimeCases are windows that times lie in.
func windowOfTimeCases() []Case {
	ts := column("ts", sql.Timestamp, "2021-01-01 00:04:30", "1969-12-31 23:59:59.999999", "2021-01-01 00:05:00", nil, "0001-01-01 00:03:00")
	window := func(start, end string) string { return `{"start":` + start + `,"end":` + end + `}` }
	// Windows that do not lie in the years 1 to 9999 are NULL; Spark has them.
	none := []string{"NULL", "NULL"}
	times := func(expr string, bounds ...string) []string {
		out := []string{expr}
		for i := 0; i < len(bounds); i += 2 {
			out = append(out, window(bounds[i], bounds[i+1]))
		}
		return append(out, none...)
	}
	return answers("windows of time", Table{ts},
		[]string{"window(ts, '5 minutes')", window("2021-01-01 00:00:00", "2021-01-01 00:05:00"), window("1969-12-31 23:55:00", "1970-01-01 00:00:00"), window("2021-01-01 00:05:00", "2021-01-01 00:10:00"), "NULL",
			window("0001-01-01 00:00:00", "0001-01-01 00:05:00")},
		times("window(ts, '1 hour', '1 hour', '15 minutes')", "2020-12-31 23:15:00", "2021-01-01 00:15:00", "1969-12-31 23:15:00", "1970-01-01 00:15:00", "2020-12-31 23:15:00", "2021-01-01 00:15:00"),
		times("window(ts, '1 hour', '60 minutes', '-15 minutes')", "2020-12-31 23:45:00", "2021-01-01 00:45:00", "1969-12-31 23:45:00", "1970-01-01 00:45:00", "2020-12-31 23:45:00", "2021-01-01 00:45:00"),
		times("window(ts, '1 week')", "2020-12-31 00:00:00", "2021-01-07 00:00:00", "1969-12-25 00:00:00", "1970-01-01 00:00:00", "2020-12-31 00:00:00", "2021-01-07 00:00:00"),
		times("window(ts, 'interval 1 day 12 hours')", "2020-12-31 00:00:00", "2021-01-01 12:00:00", "1969-12-30 12:00:00", "1970-01-01 00:00:00", "2020-12-31 00:00:00", "2021-01-01 12:00:00"),
		[]string{"session_window(ts, '5 minutes')", window("2021-01-01 00:04:30", "2021-01-01 00:09:30"), window("1969-12-31 23:59:59.999999", "1970-01-01 00:04:59.999999"), window("2021-01-01 00:05:00", "2021-01-01 00:10:00"), "NULL",
			window("0001-01-01 00:03:00", "0001-01-01 00:08:00")},
		[]string{"session_window(cast(ts AS timestamp_ntz), '1 day 12 hours').end", "2021-01-02 12:04:30", "1970-01-02 11:59:59.999999", "2021-01-02 12:05:00", "NULL", "0001-01-02 12:03:00"},
		[]string{"window_time(session_window(ts, '1 second'))", "2021-01-01 00:04:30.999999", "1970-01-01 00:00:00.999998", "2021-01-01 00:05:00.999999", "NULL", "0001-01-01 00:03:00.999999"},
		[]string{"window_time(window(ts, '5 minutes'))", "2021-01-01 00:04:59.999999", "1969-12-31 23:59:59.999999", "2021-01-01 00:09:59.999999", "NULL", "0001-01-01 00:04:59.999999"},
		[]string{"window_time(window(cast(ts AS timestamp_ntz), '5 minutes'))", "2021-01-01 00:04:59.999999", "1969-12-31 23:59:59.999999", "2021-01-01 00:09:59.999999", "NULL", "0001-01-01 00:04:59.999999"},
	)
}
