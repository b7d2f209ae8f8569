"""Evaluates expressions with real Spark, as answers.py does.

It reads lines of JSON, and writes a line for each. A table is its columns, with
one that numbers the rows, and rows of constants; other lines are evaluated over
the last table: {"kind": …, "exprs": […], "size": …}, so many in a statement. The
reply has for each expression its type and values as texts, null for NULL, or an
error. A statement that fails is asked again in halves, so an expression that
fails does so alone.
"""

import concurrent.futures
import json
import logging
import os
import sys

from answers import Answerer

THREADS = 2
FORMS = {
    "row": "SELECT `{row}`, {list} FROM t",
    "all": "SELECT 0, {list} FROM t",
    "group": "SELECT g, {list} FROM t GROUP BY g",
}


def evaluate(answerer, row, kind, exprs):
    """Returns for each expression its type and values, or what is wrong."""
    session = answerer.spark._jsparkSession
    answerer.spark._jvm.org.apache.spark.sql.classic.SparkSession.setActiveSession(session)  # of this thread
    try:
        text = FORMS[kind].format(row=row, list=", ".join(f"{e} AS c{i}" for i, e in enumerate(exprs)))
        frame = answerer.spark.sql(text).toDF("k", *(f"c{i}" for i in range(len(exprs))))
        types = [f.dataType.simpleString() for f in frame.schema.fields[1:]]
        rows = answerer.texts(frame, types)
        if rows is None:  # the columns cannot be told apart
            rows = [[] for _ in range(frame.count())]
            for i in range(len(exprs)):
                for values, value in zip(rows, answerer.texts(frame.select("k", f"c{i}"), types[i : i + 1], alone=True)):
                    values.append(value[0])
        return [{"t": t, "a": [values[i] for values in rows]} for i, t in enumerate(types)]
    except Exception as e:
        if len(exprs) == 1:
            return [{"error": str(e).split("\n\n")[0][:500]}]
    half = len(exprs) // 2
    return evaluate(answerer, row, kind, exprs[:half]) + evaluate(answerer, row, kind, exprs[half:])


def main():
    logging.disable()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogatepass")
    os.dup2(2, 1)  # what a library prints does not get among the replies
    answerer, row = None, ""
    threads = concurrent.futures.ThreadPoolExecutor(THREADS)
    for line in sys.stdin:
        request = json.loads(line)
        if "columns" in request:
            answerer, row, reply = Answerer(request), request["row"], {}
        else:
            exprs, size = request["exprs"], request["size"]
            batches = [exprs[at : at + size] for at in range(0, len(exprs), size)]
            results = threads.map(lambda batch: evaluate(answerer, row, request["kind"], batch), batches)
            reply = [value for batch in results for value in batch]
        out.write(json.dumps(reply) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
