"""Answers questions with real Spark, ANSI mode off, in UTC.

usage: answers.py QUESTIONS.jsonl ANSWERS.jsonl.gz

The first line of the questions is a table: names of columns, and rows of
constants. Each other line is an expression over it. What is written is the
question with its answers, one a row, group or table, as Spark's command line
prints them: null is NULL, and false is an error. The script ends with a
summary of the errors.
"""

import collections
import gzip
import json
import logging
import sys
import time

from pyspark.sql import SparkSession

BATCH = 100
SETTINGS = {
    "spark.sql.ansi.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.datetime.java8API.enabled": "true",
    # Expressions are interpreted: to compile each takes longer than to compute it.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.extraJavaOptions": "-Duser.timezone=UTC -Xss64m",
    "spark.log.level": "OFF",
}
FORMS = {
    "row": "SELECT n, {} FROM t",
    "all": "SELECT 0, {} FROM t",
    "group": "SELECT g, {} FROM t GROUP BY g",
    "rows": "SELECT n, {} FROM t",
}


class Answerer:
    """One session of Spark, with the table in it."""

    def __init__(self, table):
        builder = SparkSession.builder.master("local[1]")
        for key, value in SETTINGS.items():
            builder = builder.config(key, value)
        self.spark = builder.getOrCreate()
        rows = ", ".join("(" + ", ".join(row) + ")" for row in table["rows"])
        names = ", ".join(f"`{name}`" for name in table["columns"])
        self.rows = len(table["rows"])
        frame = self.spark.sql(f"SELECT * FROM VALUES {rows} AS v({names})")
        assert frame.count() == self.rows
        frame.createOrReplaceTempView("t")
        hive = getattr(self.spark._jvm.org.apache.spark.sql.execution, "HiveResult$")
        self.hive = getattr(hive, "MODULE$")
        self.tuple = self.spark._jvm.scala.Tuple2
        self.errors = collections.Counter()

    def run(self, kind, exprs, where=""):
        """Returns the type of each expression, and its values by row."""
        text = FORMS[kind].format(", ".join(exprs if kind == "rows" else (f"{e} AS c{i}" for i, e in enumerate(exprs))))
        frame = self.spark.sql(f"{text} {where}")
        if len(frame.columns) > len(exprs) + 1:  # of a generator
            frame = frame.selectExpr("n", "struct(" + ", ".join(f"`{c}`" for c in frame.columns[1:]) + ")")
        frame = frame._jdf
        types = [frame.schema().apply(i + 1).dataType() for i in range(len(exprs))]
        names = [t.simpleString() for t in types]
        formatters, binary = self.hive.getTimeFormatters(), self.hive.getBinaryFormatter()

        def text_of(value, i):
            if value is None or names[i] == "string":
                return value
            if isinstance(value, bool):
                return str(value).lower()
            if isinstance(value, int):
                return str(value)
            return self.hive.toHiveString(self.tuple(value, types[i]), False, formatters, binary)

        out = [(row.get(0), [text_of(row.get(i + 1), i) for i in range(len(exprs))]) for row in frame.collectAsList()]
        if kind == "group":
            out.sort(key=lambda r: (r[0] is not None, (r[0] or "").encode()))
        else:
            out.sort(key=lambda r: r[0])
        return names, [r[1] for r in out]

    def known(self, kind, questions):
        """Returns the questions that Spark knows the meaning of."""
        try:
            if kind != "rows":
                self.spark.sql(FORMS[kind].format(", ".join(f"{q['e']} AS c{i}" for i, q in enumerate(questions))))
            return questions
        except Exception as e:
            if len(questions) == 1:
                self.note(questions[0], e)
                return []
        half = len(questions) // 2
        return self.known(kind, questions[:half]) + self.known(kind, questions[half:])

    def note(self, q, error):
        condition = getattr(error, "getCondition", lambda: None)()
        q["error"] = condition or str(error).split("\n")[0]
        q["a"] = [False]
        self.errors[q["f"] + " " + q["error"]] += 1

    def answer(self, kind, questions):
        """Answers questions of a kind; one that fails fails alone."""
        try:
            types, rows = self.run(kind, [q["e"] for q in questions])
        except Exception as e:  # of a row
            if len(questions) > 1:
                half = len(questions) // 2
                self.answer(kind, questions[:half])
                self.answer(kind, questions[half:])
                return
            q = questions[0]
            self.note(q, e)
            if kind == "row" and " OVER (" not in q["e"]:
                q["a"] = self.by_row(q, 0, self.rows)
            return
        for i, q in enumerate(questions):
            q["t"], q["a"] = types[i], [row[i] for row in rows]

    def by_row(self, q, low, high):
        """Finds the rows for which an expression that fails does so."""
        if high - low < self.rows:
            try:
                types, rows = self.run("row", [q["e"]], f"WHERE n >= {low} AND n < {high}")
                q["t"] = types[0]
                return [row[0] for row in rows]
            except Exception:
                if high - low == 1:
                    return [False]
        middle = (low + high) // 2
        return self.by_row(q, low, middle) + self.by_row(q, middle, high)


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        lines = [json.loads(line) for line in f]
    logging.disable()
    start = time.time()
    answerer, questions = Answerer(lines[0]), lines[1:]
    batches = collections.defaultdict(list)
    for q in questions:
        hard = " OVER (" in q["e"] or "DISTINCT" in q["e"] and q["k"] != "row"
        batches[q["k"], hard].append(q)
    done = 0
    for (kind, hard), batch in batches.items():
        size = 1 if kind == "rows" else BATCH // 4 if hard else BATCH
        for at in range(0, len(batch), size):
            known = answerer.known(kind, batch[at : at + size])
            if known:
                answerer.answer(kind, known)
            done += len(batch[at : at + size])
            print(f"{done} of {len(questions)} after {time.time() - start:.0f} s", file=sys.stderr)
    with open(sys.argv[2], "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as f:
        for q in questions:
            f.write((json.dumps(q, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8", "surrogatepass"))
    for name, count in sorted(answerer.errors.items()):
        print(f"{count} × {name}", file=sys.stderr)


if __name__ == "__main__":
    main()
