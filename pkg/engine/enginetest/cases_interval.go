package enginetest

import (
	"math"

	"github.com/mlpdev/mlp/pkg/sql"
)

// intervalCases compute with intervals. What Spark ends with an error for is
// NULL.
func intervalCases() []Case {
	n := column("n", sql.Int, nil, 0, -7, math.MaxInt32, math.MinInt32, 30)
	l := column("l", sql.BigInt, nil, 0, -90061000001, math.MaxInt64, math.MinInt64, 1500000)
	d := column("d", sql.Date, nil, "1970-01-01", "2020-02-29", "9999-12-31", "0001-01-01", "2024-01-31")
	t := column("t", sql.Timestamp, nil, "1970-01-01 00:00:00", "2020-02-29 23:59:59.999999", "9999-12-31 12:00:00", "0001-01-01 00:00:00", "2024-01-31 06:07:08.5")
	x := column("x", sql.Double, nil, 0.0, -1.5, math.NaN(), 1e300, 0.3)
	dec := decimals("dec", 6, 3, nil, "0.000", "-1.500", "999.999", "0.001", "2.500")
	return answers("intervals", Table{n, l, d, t, x, dec},
		[]string{"cast(n as interval month)", "NULL", "0-0", "-0-7", "178956970-7", "-178956970-8", "2-6"},
		[]string{"cast(n as interval year)", "NULL", "0-0", "-7-0", "NULL", "NULL", "30-0"},
		[]string{"cast(n as interval day)", "NULL", "0 00:00:00.000000000", "-7 00:00:00.000000000", "NULL", "NULL", "30 00:00:00.000000000"},
		[]string{"cast(n as interval second)", "NULL", "0 00:00:00.000000000", "-0 00:00:07.000000000", "24855 03:14:07.000000000", "-24855 03:14:08.000000000", "0 00:00:30.000000000"},
		[]string{"cast(l as interval hour)", "NULL", "0 00:00:00.000000000", "NULL", "NULL", "NULL", "62500 00:00:00.000000000"},
		[]string{"cast(dec as interval second)", "NULL", "0 00:00:00.000000000", "-0 00:00:01.500000000", "0 00:16:39.999000000", "0 00:00:00.001000000", "0 00:00:02.500000000"},
		[]string{"interval '1' month * n", "NULL", "0-0", "-0-7", "178956970-7", "-178956970-8", "2-6"},
		[]string{"interval '0.000001' second * l", "NULL", "0 00:00:00.000000000", "-1 01:01:01.000001000", "106751991 04:00:54.775807000", "-106751991 04:00:54.775808000", "0 00:00:01.500000000"},
		[]string{"l * interval '1' day", "NULL", "0 00:00:00.000000000", "NULL", "NULL", "NULL", "1500000 00:00:00.000000000"},
		[]string{"-(interval '1' month * n)", "NULL", "0-0", "0-7", "-178956970-7", "NULL", "-2-6"},
		[]string{"-(interval '0.000001' second * l)", "NULL", "0 00:00:00.000000000", "1 01:01:01.000001000", "-106751991 04:00:54.775807000", "NULL", "-0 00:00:01.500000000"},
		[]string{"interval '1' month * n + interval '1' year", "NULL", "1-0", "0-5", "NULL", "-178956969-8", "3-6"},
		[]string{"interval '1' month * n - interval '1' year", "NULL", "-1-0", "-1-7", "178956969-7", "NULL", "1-6"},
		[]string{"interval '0.000001' second * l + interval '1' day", "NULL", "1 00:00:00.000000000", "-0 01:01:01.000001000", "NULL", "-106751990 04:00:54.775808000", "1 00:00:01.500000000"},
		[]string{"interval '0.000001' second * l - interval '1 02' day to hour", "NULL", "-1 02:00:00.000000000", "-2 03:01:01.000001000", "106751990 02:00:54.775807000", "NULL", "-1 01:59:58.500000000"},
		[]string{"interval '3' month * x", "NULL", "0-0", "-0-5", "NULL", "NULL", "0-1"},
		[]string{"interval '1 02:03:04.000005' day to second * x", "NULL", "0 00:00:00.000000000", "-1 15:04:36.000008000", "NULL", "NULL", "0 07:48:55.200002000"},
		[]string{"interval '3' month / x", "NULL", "NULL", "-0-2", "NULL", "0-0", "0-10"},
		[]string{"interval '1 02:03:04.000005' day to second / x", "NULL", "NULL", "-0 17:22:02.666670000", "NULL", "0 00:00:00.000000000", "3 14:50:13.333350000"},
		[]string{"interval '3' month * dec", "NULL", "0-0", "-0-5", "250-0", "0-0", "0-8"},
		[]string{"interval '1 02:03:04.000005' day to second * dec", "NULL", "0 00:00:00.000000000", "-1 15:04:36.000008000", "1085 11:05:06.221000000", "0 00:01:33.784000000", "2 17:07:40.000013000"},
		[]string{"interval '3' month / dec", "NULL", "NULL", "-0-2", "0-0", "250-0", "0-1"},
		[]string{"interval '1 02:03:04.000005' day to second / dec", "NULL", "NULL", "-0 17:22:02.666670000", "0 00:01:33.784094000", "1085 11:06:40.005000000", "0 10:25:13.600002000"},
		[]string{"interval '3' month / n", "NULL", "NULL", "0-0", "0-0", "0-0", "0-0"},
		[]string{"interval '1 02:03:04.000005' day to second / n", "NULL", "NULL", "-0 03:43:17.714286000", "0 00:00:00.000044000", "-0 00:00:00.000044000", "0 00:52:06.133334000"},
		[]string{"interval '-7' second / l", "NULL", "NULL", "0 00:00:00.000000000", "0 00:00:00.000000000", "0 00:00:00.000000000", "-0 00:00:00.000005000"},
		[]string{"interval '1' month * n div interval '-5' month", "NULL", "0", "1", "-429496729", "429496729", "-6"},
		[]string{"interval '0.000001' second * l div interval '2' minute", "NULL", "0", "-750", "76861433640", "-76861433640", "0"},
		[]string{"interval '1' day div cast(n as interval day)", "NULL", "NULL", "0", "NULL", "NULL", "0"},
		[]string{"interval '1' month * n < interval '1' year", "NULL", "true", "true", "false", "true", "false"},
		[]string{"interval '0.000001' second * l >= interval '-25' hour", "NULL", "true", "false", "true", "false", "true"},
		[]string{"interval '0.000001' second * l in (interval '1.5' second, interval '0' day)", "NULL", "true", "false", "false", "false", "true"},
		[]string{"t - interval '1' month * n", "NULL", "1970-01-01 00:00:00", "2020-09-29 23:59:59.999999", "NULL", "NULL", "2021-07-31 06:07:08.5"},
		[]string{"t + interval '0.000001' second * l", "NULL", "1970-01-01 00:00:00", "2020-02-28 22:58:58.999998", "NULL", "NULL", "2024-01-31 06:07:10"},
		[]string{"t + interval '1 02:03' day to minute", "NULL", "1970-01-02 02:03:00", "2020-03-02 02:02:59.999999", "+10000-01-01 14:03:00", "0001-01-02 02:03:00", "2024-02-01 08:10:08.5"},
		[]string{"d + interval '1' month * n", "NULL", "1970-01-01", "2019-07-29", "NULL", "NULL", "2026-07-31"},
		[]string{"d - interval '1' year", "NULL", "1969-01-01", "2019-02-28", "9998-12-31", "0000-01-01", "2023-01-31"},
		[]string{"d + cast(n as interval day)", "NULL", "1970-01-01", "2020-02-22", "NULL", "NULL", "2024-03-01"},
		[]string{"d - interval '36' hour", "NULL", "1969-12-30 12:00:00", "2020-02-27 12:00:00", "9999-12-29 12:00:00", "0000-12-30 12:00:00", "2024-01-29 12:00:00"},
		[]string{"t - d", "NULL", "0 00:00:00.000000000", "0 23:59:59.999999000", "0 12:00:00.000000000", "0 00:00:00.000000000", "0 06:07:08.500000000"},
		[]string{"t - timestamp '2020-01-01 12:00:00'", "NULL", "-18262 12:00:00.000000000", "59 11:59:59.999999000", "2914634 00:00:00.000000000", "-737424 12:00:00.000000000", "1490 18:07:08.500000000"},
		[]string{"d - date '2020-01-01'", "NULL", "-18262 00:00:00.000000000", "59 00:00:00.000000000", "2914634 00:00:00.000000000", "-737424 00:00:00.000000000", "1491 00:00:00.000000000"},
		[]string{"'2020-01-01' - d", "NULL", "18262 00:00:00.000000000", "-59 00:00:00.000000000", "-2914634 00:00:00.000000000", "737424 00:00:00.000000000", "-1491 00:00:00.000000000"},
		[]string{"cast(interval '1' month * n as string)", "NULL", "INTERVAL '0-0' YEAR TO MONTH", "INTERVAL '-0-7' YEAR TO MONTH", "INTERVAL '178956970-7' YEAR TO MONTH", "INTERVAL '-178956970-8' YEAR TO MONTH", "INTERVAL '2-6' YEAR TO MONTH"},
		[]string{"cast(interval '1' year * cast(n % 1000 as int) as string)", "NULL", "INTERVAL '0-0' YEAR TO MONTH", "INTERVAL '-7-0' YEAR TO MONTH", "INTERVAL '647-0' YEAR TO MONTH", "INTERVAL '-648-0' YEAR TO MONTH", "INTERVAL '30-0' YEAR TO MONTH"},
		[]string{"cast(interval '0.000001' second * l as string)", "NULL", "INTERVAL '0 00:00:00' DAY TO SECOND", "INTERVAL '-1 01:01:01.000001' DAY TO SECOND", "INTERVAL '106751991 04:00:54.775807' DAY TO SECOND", "INTERVAL '-106751991 04:00:54.775808' DAY TO SECOND", "INTERVAL '0 00:00:01.5' DAY TO SECOND"},
		[]string{"cast(cast(n as interval day) as string)", "NULL", "INTERVAL '0' DAY", "INTERVAL '-7' DAY", "NULL", "NULL", "INTERVAL '30' DAY"},
		[]string{"cast(cast(n as interval hour) as string)", "NULL", "INTERVAL '00' HOUR", "INTERVAL '-07' HOUR", "INTERVAL '2147483647' HOUR", "INTERVAL '-2147483648' HOUR", "INTERVAL '30' HOUR"},
		[]string{"cast(cast(n as interval minute) as string)", "NULL", "INTERVAL '00' MINUTE", "INTERVAL '-07' MINUTE", "INTERVAL '2147483647' MINUTE", "INTERVAL '-2147483648' MINUTE", "INTERVAL '30' MINUTE"},
		[]string{"cast(cast(n as interval second) as string)", "NULL", "INTERVAL '00' SECOND", "INTERVAL '-07' SECOND", "INTERVAL '2147483647' SECOND", "INTERVAL '-2147483648' SECOND", "INTERVAL '30' SECOND"},
		[]string{"cast(cast(n as interval second) as interval minute)", "NULL", "0 00:00:00.000000000", "0 00:00:00.000000000", "24855 03:14:00.000000000", "-24855 03:14:00.000000000", "0 00:00:00.000000000"},
		[]string{"cast(cast(n as interval month) as interval year)", "NULL", "0-0", "0-0", "178956970-0", "-178956970-0", "2-0"},
		[]string{"cast(cast(n as interval month) as int)", "NULL", "0", "-7", "2147483647", "-2147483648", "30"},
		[]string{"cast(cast(n as interval month) as smallint)", "NULL", "0", "-7", "NULL", "NULL", "30"},
		[]string{"cast(interval '0.000001' second * l as bigint)", "NULL", "0", "-90061", "9223372036854", "-9223372036854", "1"},
		[]string{"cast(interval '0.000001' second * l as int)", "NULL", "0", "-90061", "NULL", "NULL", "1"},
		[]string{"cast(interval '1 02' day to hour * n as tinyint)", "NULL", "0", "NULL", "NULL", "NULL", "NULL"},
		[]string{"array(cast(n as interval day), interval '1' hour)", "[null,0 01:00:00.000000000]", "[0 00:00:00.000000000,0 01:00:00.000000000]", "[-7 00:00:00.000000000,0 01:00:00.000000000]", "[null,0 01:00:00.000000000]", "[null,0 01:00:00.000000000]", "[30 00:00:00.000000000,0 01:00:00.000000000]"},
		[]string{"coalesce(cast(n as interval day), interval '1.5' second)", "0 00:00:01.500000000", "0 00:00:00.000000000", "-7 00:00:00.000000000", "0 00:00:01.500000000", "0 00:00:01.500000000", "30 00:00:00.000000000"},
		[]string{"greatest(cast(n as interval month), interval '1' year)", "1-0", "1-0", "1-0", "178956970-7", "1-0", "2-6"},
		[]string{"typeof(t - t)", "interval day to second", "interval day to second", "interval day to second", "interval day to second", "interval day to second", "interval day to second"},
		[]string{"typeof(d - d)", "interval day", "interval day", "interval day", "interval day", "interval day", "interval day"},
		[]string{"typeof(array(interval '1' day, interval '2' second))", "array<interval day to second>", "array<interval day to second>", "array<interval day to second>", "array<interval day to second>", "array<interval day to second>", "array<interval day to second>"},
	)
}
