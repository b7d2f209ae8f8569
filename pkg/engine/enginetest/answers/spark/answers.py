"""Answers questions with real Spark, ANSI mode off, in UTC.

usage: answers.py QUESTIONS.jsonl ANSWERS.jsonl.gz

The first line of the questions is a table: its digest, names of columns, and
rows of constants. Each other line is an expression over it. What is written is
the digest, and each question with its answers, one a row, group or table, as
Spark's command line prints them: null is NULL, and false is an error. What
stands in the file of answers for the same table is not asked again. The script
ends with a summary of the errors.
"""

import collections
import gzip
import json
import logging
import re
import sys
import time

from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession

BATCH = 100
TAB, LINE = "\ue000", "\ue001"  # which no text of the table holds
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


def select(kind, exprs):
    """A statement with several expressions, or with one generator."""
    items = exprs if kind == "rows" else [f"{e} AS c{i}" for i, e in enumerate(exprs)]
    return FORMS[kind].format(", ".join(items))


def read(path, digest):
    """The answers of a file about the table of a digest, by question."""
    try:
        with gzip.open(path, "rt", encoding="utf-8", errors="surrogatepass") as f:
            lines = [json.loads(line) for line in f]
    except FileNotFoundError:
        return {}
    if not lines or lines[0].get("digest") != digest:
        return {}
    return {(a["k"], a["e"]): a for a in lines[1:]}


def write(path, digest, questions):
    """Writes the questions that have answers, the same bytes each time."""
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as f:
        for line in [{"digest": digest}] + [q for q in questions if "a" in q]:
            f.write((json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8", "surrogatepass"))


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
        self.errors = collections.Counter()

    def run(self, kind, exprs, where=""):
        """Returns the type of each expression, and its values by row."""
        frame = self.spark.sql(f"{select(kind, exprs)} {where}")
        if len(frame.columns) > len(exprs) + 1:  # of a generator
            frame = frame.selectExpr("n", "struct(" + ", ".join(f"`{c}`" for c in frame.columns[1:]) + ")")
        frame = frame.toDF("k", *(f"c{i}" for i in range(len(exprs))))
        types = [f.dataType.simpleString() for f in frame.schema.fields[1:]]
        rows = self.texts(frame, types)
        if rows is None:  # a TAB stands in an array
            rows = [[] for _ in range(frame.count())]
            for i in range(len(exprs)):
                for row, value in zip(rows, self.texts(frame.select("k", f"c{i}"), types[i : i + 1], alone=True)):
                    row.append(value[0])
        return types, rows

    def texts(self, frame, types, alone=False):
        """Returns what Spark's command line prints, by row, sorted by the first
        column; None if the columns cannot be told apart."""
        # A text has a mark before it, so that it is not taken for NULL.
        items = [f"concat('s', replace({c}, '\t', '{TAB}')) AS {c}" if t == "string" else c for c, t in zip(frame.columns[1:], types)]
        plan = frame.selectExpr("k", *items)._jdf.queryExecution().executedPlan()
        lines = self.hive.hiveResultString(plan)
        rows = [line.split("\t", 1 if alone else -1) for line in lines.mkString(LINE).split(LINE)] if lines.size() else []
        if any(len(row) != len(types) + 1 for row in rows):
            return None
        numbered = frame.schema[0].dataType.simpleString() == "int"
        rows.sort(key=lambda row: int(row[0]) if numbered else b"" if row[0] == "NULL" else b"g" + row[0].encode())
        return [[self.value(v, t) for v, t in zip(row[1:], types)] for row in rows]

    @staticmethod
    def value(text, typ):
        if text == "NULL":
            return None
        return text[1:].replace(TAB, "\t") if typ == "string" else text

    def known(self, kind, questions):
        """Returns the questions that Spark knows the meaning of."""
        try:
            self.spark.sql(select(kind, [q["e"] for q in questions]))
            return questions
        except Exception as e:
            if len(questions) == 1:
                self.note(questions[0], e)
                questions[0]["refused"] = True
                questions[0]["error"] = str(e).split("\n")[0]
                return []
        half = len(questions) // 2
        return self.known(kind, questions[:half]) + self.known(kind, questions[half:])

    def note(self, q, error):
        condition = getattr(error, "getCondition", lambda: None)()
        q["error"] = condition or re.sub(r"\bo\d+\.", "", str(error).split("\n")[0])  # objects are numbered as they come
        q["a"] = [False]
        self.errors[q["f"] + " " + q["error"]] += 1

    def answer(self, kind, questions):
        """Answers questions of a kind; one that fails fails alone."""
        try:
            types, rows = self.run(kind, [q["e"] for q in questions])
        except Exception as e:
            known = self.known(kind, questions) if isinstance(e, AnalysisException) else questions
            if len(known) < len(questions):
                if known:
                    self.answer(kind, known)
                return
            if len(questions) > 1:
                half = len(questions) // 2
                self.answer(kind, questions[:half])
                self.answer(kind, questions[half:])
                return
            q = questions[0]
            self.note(q, e)
            if kind == "row" and q["d"] == 0 and " OVER (" not in q["e"]:
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
    logging.disable()
    start = time.time()
    with open(sys.argv[1], encoding="utf-8") as f:
        lines = [json.loads(line) for line in f]
    digest, questions = lines[0]["digest"], lines[1:]
    stored = read(sys.argv[2], digest)
    batches = collections.defaultdict(list)
    for q in questions:
        old = stored.get((q["k"], q["e"]))
        if old:
            q.update({key: old[key] for key in ("t", "a", "error", "refused") if key in old})
            continue
        hard = " OVER (" in q["e"] or "DISTINCT" in q["e"] and q["k"] != "row"
        alone = q["k"] == "rows" or "window(" in q["e"]  # which makes rows, or leaves some out
        batches[q["k"], hard, q["t"].endswith(">"), alone].append(q)
    new = sum(map(len, batches.values()))
    print(f"{len(questions)} questions, {new} of them new", file=sys.stderr)
    answerer = Answerer(lines[0])
    done = 0
    for (kind, hard, _, alone), batch in batches.items():
        # Spark mixes up the states of many aggregates in one statement.
        size = 1 if alone else BATCH // 10 if kind != "row" else BATCH // 4 if hard else BATCH
        for at in range(0, len(batch), size):
            answerer.answer(kind, batch[at : at + size])
            done += len(batch[at : at + size])
            if size > 1 or done % BATCH == 0:
                print(f"{done} of {new} after {time.time() - start:.0f} s", file=sys.stderr)
            if done % (3 * BATCH) < size:
                write(sys.argv[2], digest, questions)
    write(sys.argv[2], digest, questions)
    for name, count in sorted(answerer.errors.items()):
        print(f"{count} × {name}", file=sys.stderr)


if __name__ == "__main__":
    main()
