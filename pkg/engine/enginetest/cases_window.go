package enginetest

import (
	"math"

	"github.com/mlpdev/mlp/pkg/sql"
)

// windowCases number rows and look around, with ties, NULLs and both zeros in
// the order.
func windowCases() []Case {
	p := column("p", sql.String, "a", "a", "a", "a", "a", nil)
	o := column("o", sql.Int, 2, 1, 2, nil, 3, 1)
	x := column("x", sql.Int, 10, nil, 30, 40, math.MaxInt32, 60)
	y := column("y", sql.Double, 0.0, math.Copysign(0, -1), 1.0, math.NaN(), math.Inf(1), nil)
	t := column("t", sql.Timestamp, "2020-01-01 00:00:00", "2020-01-01 00:05:00", "2020-01-01 00:05:00.000001", "9999-12-31 23:59:59", nil, "2020-01-01 00:00:01")
	d := column("d", sql.Date, "2020-01-01", "2020-01-02", "2020-01-03", "5881580-07-10", nil, "1970-01-01")
	over := Table{p, o, x, y, t, d}
	return append(answers("windows", over,
		[]string{"row_number() over (partition by p order by o)", "3", "2", "4", "1", "5", "1"},
		[]string{"row_number() over (order by o desc)", "2", "4", "3", "6", "1", "5"},
		[]string{"rank() over (partition by p order by o)", "3", "2", "3", "1", "5", "1"},
		[]string{"dense_rank() over (partition by p order by o nulls last)", "2", "1", "2", "4", "3", "1"},
		[]string{"rank() over (order by y)", "2", "2", "4", "6", "5", "1"},
		[]string{"percent_rank() over (partition by p order by o)", "0.5", "0.25", "0.5", "0.0", "1.0", "0.0"},
		[]string{"cume_dist() over (partition by p order by o)", "0.8", "0.4", "0.8", "0.2", "1.0", "1.0"},
		[]string{"ntile(2) over (partition by p order by o)", "1", "1", "2", "1", "2", "1"},
		[]string{"ntile(10) over (partition by p order by o)", "3", "2", "4", "1", "5", "1"},
		[]string{"lag(x) over (partition by p order by o)", "NULL", "40", "10", "NULL", "30", "NULL"},
		[]string{"lag(x, 2, -1) over (partition by p order by o)", "40", "-1", "NULL", "-1", "10", "-1"},
		[]string{"lag(x, 1, o) over (order by t)", "2147483647", "60", "NULL", "30", "3", "10"},
		[]string{"lag(x, -1) over (partition by p order by o)", "30", "10", "2147483647", "NULL", "NULL", "NULL"},
		[]string{"lag(x, 0) over (partition by p order by o)", "10", "NULL", "30", "40", "2147483647", "60"},
		[]string{"lag(x) ignore nulls over (partition by p order by o)", "40", "40", "10", "NULL", "30", "NULL"},
		[]string{"lead(x) over (partition by p order by o)", "30", "10", "2147483647", "NULL", "NULL", "NULL"},
		[]string{"lead(x, 1, 0) ignore nulls over (partition by p order by o)", "30", "10", "2147483647", "10", "0", "0"},
		[]string{"first_value(x) over (partition by p order by o)", "40", "40", "40", "40", "40", "60"},
		[]string{"last_value(x) over (partition by p order by o)", "30", "NULL", "30", "40", "2147483647", "60"},
		[]string{"last_value(x) ignore nulls over (partition by p order by o)", "30", "40", "30", "40", "2147483647", "60"},
		[]string{"first(x, true) over (partition by p order by o rows between current row and unbounded following)", "10", "10", "30", "40", "2147483647", "60"},
		[]string{"nth_value(x, 3) over (partition by p order by o)", "10", "NULL", "10", "NULL", "10", "NULL"},
		[]string{"nth_value(x, 2) ignore nulls over (partition by p order by o)", "10", "NULL", "10", "NULL", "10", "NULL"},
		[]string{"sum(x) over (partition by p)", "2147483727", "2147483727", "2147483727", "2147483727", "2147483727", "60"},
		[]string{"sum(x) over (partition by p order by o)", "80", "40", "80", "40", "2147483727", "60"},
		[]string{"sum(x) over (partition by p order by o rows unbounded preceding)", "50", "40", "80", "40", "2147483727", "60"},
		[]string{"count(x) over (order by o range between 1 preceding and current row)", "3", "1", "3", "1", "3", "1"},
		[]string{"count(*) over (order by o desc range between 1 preceding and 1 following)", "5", "4", "5", "1", "3", "4"},
		[]string{"count(*) over (order by o rows between 2 preceding and 1 preceding)", "2", "1", "2", "0", "2", "2"},
		[]string{"count(*) over (order by y range between 0.5 preceding and 1 following)", "3", "3", "1", "1", "1", "1"},
		[]string{"count(*) over (order by t range interval 5 minutes preceding)", "1", "3", "3", "1", "1", "2"},
		[]string{"count(*) over (order by t desc range between interval 86400 seconds preceding and interval 1 second following)", "4", "2", "2", "1", "1", "4"},
		[]string{"count(*) over (order by d range between interval 1 day preceding and interval 1 day following)", "2", "3", "2", "1", "1", "1"},
	), moreWindowCases(over)...)
}

// moreWindowCases are aggregates over the rows around a row.
func moreWindowCases(over Table) []Case {
	return answers("aggregates over windows", over,
		[]string{"collect_list(x) over (partition by p order by o)", "[40,10,30]", "[40]", "[40,10,30]", "[40]", "[40,10,30,2147483647]", "[60]"},
		[]string{"collect_list(o) over (partition by p order by t rows 1 preceding)", "[3,2]", "[2,1]", "[1,2]", "[2]", "[3]", "[1]"},
		[]string{"max_by(o, x) over (partition by p)", "3", "3", "3", "3", "3", "1"},
		[]string{"min_by(o, x) over (partition by p order by t)", "2", "2", "2", "2", "3", "1"},
		[]string{"max_by(x, o) over (order by t rows current row)", "10", "NULL", "30", "NULL", "2147483647", "60"},
		[]string{"count_if(x > 20) over (partition by p)", "3", "3", "3", "3", "3", "1"},
		[]string{"max(y) over (order by o)", "NaN", "NaN", "NaN", "NaN", "NaN", "NaN"},
		[]string{"min(y) over (partition by p order by o rows current row)", "0.0", "-0.0", "1.0", "NaN", "Infinity", "NULL"},
		[]string{"avg(o) over (partition by p)", "2.0", "2.0", "2.0", "2.0", "2.0", "1.0"},
		[]string{"stddev(o) over (partition by p)", "0.816496580927726", "0.816496580927726", "0.816496580927726", "0.816496580927726", "0.816496580927726", "NULL"},
		[]string{"stddev(y) over (order by o rows 1 preceding)", "NULL", "NaN", "0.7071067811865476", "NULL", "NaN", "NULL"},
		[]string{"median(x) over (partition by p)", "35.0", "35.0", "35.0", "35.0", "35.0", "60.0"},
		[]string{"skewness(o) over (partition by p)", "0.0", "0.0", "0.0", "0.0", "0.0", "NULL"},
		[]string{"bool_or(x > 50) over (order by o)", "true", "true", "true", "false", "true", "true"},
		[]string{"o - lag(o) over (partition by p order by t)", "-1", "-1", "1", "NULL", "NULL", "NULL"},
	)
}
