"""Asks real Spark for sessions of random rows, ANSI mode off, in UTC.

usage: sessions.py SESSIONS.jsonl

A line is a gap in seconds, rows of a key and microseconds, and the sessions
that session_window makes of them: key, start, end, and number of rows. Times
lie so that many are exactly a gap behind another one.
"""

import json
import random
import sys

from answers import SETTINGS
from pyspark.sql import SparkSession

KEYS = [None, "", "a", "b", "é"]
SECOND = 1_000_000
QUERY = """
SELECT k, unix_micros(session_window.start), unix_micros(session_window.end), count(*)
FROM rows GROUP BY k, session_window(ts, '{} seconds')
"""


def rows(gap, rng):
    """Random rows around 1970 and around today, some without a time."""
    base = rng.choice([0, 1_767_225_600 * SECOND])
    steps = [0, gap * SECOND, gap * SECOND + 1, gap * SECOND - 1, SECOND]
    out = []
    for _ in range(rng.randrange(1, 6)):
        at = base + rng.randrange(-400, 400) * SECOND
        for _ in range(rng.randrange(1, 8)):
            at += rng.choice(steps)
            key = rng.choice(KEYS) if rng.randrange(3) else "a"
            out.append([key, None if rng.randrange(12) == 0 else at])
    rng.shuffle(out)
    return out


def main():
    builder = SparkSession.builder.master("local[1]")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    rng = random.Random(1)
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        for _ in range(40):
            gap = rng.choice([1, 5, 60, 301])
            given = rows(gap, rng)
            frame = spark.createDataFrame(given, "k STRING, micros BIGINT")
            frame.selectExpr("k", "timestamp_micros(micros) AS ts").createOrReplaceTempView("rows")
            sessions = [list(row) for row in spark.sql(QUERY.format(gap)).collect()]
            sessions.sort(key=lambda s: (s[0] or "", s[0] is not None, s[1]))
            line = {"gap": gap, "rows": given, "sessions": sessions}
            out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
