"""The same work as a team writes it by hand: parsed rows with row ids, rejects
counted, features, all as Parquet.

usage: job.py OPTIONS.json     a warm session; a line of JSON a run on stdin, one on stdout
"""

import json
import os
import sys

from pyspark.sql import Observation, SparkSession
from pyspark.sql import functions as F

COMBINED = (
    r'^(\S+) \S+ (\S+) \[([^\]]+)\] "([A-Z]+) (\S+) (HTTP/[0-9.]+)" ([0-9]{3}) ([0-9]+|-) "([^"]*)" "([^"]*)"$'
)
MARK = "\x01"


def records(spark, paths):
    """The lines that are records, with file ordinal and number in the file."""
    lines = (
        spark.read.text(paths)
        .select("value", F.col("_metadata.file_name").alias("name"), F.col("_metadata.file_block_start").alias("block"))
        .where(~F.col("value").startswith("#") & (F.col("value") != ""))
        .withColumn("n", F.monotonically_increasing_id())
    )
    ordinals = {os.path.basename(path): i for i, path in enumerate(paths)}
    blocks = lines.groupBy("name", "block").agg(F.min("n"), F.count("*")).collect()
    begins, ends = [], {}
    for name, block, first, count in sorted(blocks):
        before = ends.get(name, 0)
        begins.append((name, block, ordinals[name], before - first))
        ends[name] = before + count
    places = spark.createDataFrame(begins, "name STRING, block BIGINT, _file INT, shift BIGINT")
    return lines.join(F.broadcast(places), ["name", "block"]).select(
        "_file", (F.col("n") + F.col("shift")).alias("_rec"), "value"
    )


def conn_rows(lines, header):
    cells = lines.select("_file", "_rec", F.split("value", "\t").alias("cells"))

    def cell(name):
        text = F.get("cells", F.lit(header.index(name)))
        return F.when(text == "-", None).when(text == "(empty)", "").otherwise(text)

    rows = cells.select(
        "_file",
        "_rec",
        F.size("cells").alias("_cells"),
        F.timestamp_seconds(cell("ts").cast("double")).alias("ts"),
        cell("id.orig_h").alias("src"),
        cell("id.orig_p").cast("int").alias("sport"),
        cell("id.resp_h").alias("dst"),
        cell("id.resp_p").cast("int").alias("dport"),
        F.lower(cell("proto")).alias("proto"),
        cell("service").alias("service"),
        cell("duration").cast("double").alias("duration"),
        *(cell(name).cast("bigint").alias(name) for name in ["orig_bytes", "resp_bytes"]),
        cell("conn_state").alias("conn_state"),
        *(cell(name).cast("bigint").alias(name) for name in ["orig_pkts", "orig_ip_bytes", "resp_pkts"]),
    )
    reject = (
        F.when(F.col("_cells") < len(header), "too few columns")
        .when(F.col("_cells") > len(header), "too many columns")
        .when(F.col("ts").isNull(), "require: ts IS NOT NULL")
        .when(F.col("src").isNull() | F.col("dst").isNull(), "require: src IS NOT NULL AND dst IS NOT NULL")
    )
    return rows.withColumn("_reject", reject).drop("_cells")


def web_rows(lines):
    groups = F.regexp_replace("value", COMBINED, MARK.join(f"${i}" for i in range(1, 11)))
    cells = lines.select("_file", "_rec", F.split(groups, MARK).alias("cells"))

    def cell(i):
        text = F.get("cells", F.lit(i))
        return F.when(text != "-", text)

    rows = cells.select(
        "_file",
        "_rec",
        F.size("cells").alias("_cells"),
        cell(0).alias("ip"),
        cell(1).alias("user"),
        F.to_timestamp(cell(2), "dd/MMM/yyyy:HH:mm:ss Z").alias("ts"),
        cell(3).alias("method"),
        cell(4).alias("path"),
        cell(5).alias("protocol"),
        cell(6).cast("int").alias("status"),
        cell(7).cast("bigint").alias("bytes"),
        cell(8).alias("referer"),
        cell(9).alias("agent"),
    )
    reject = F.when(F.col("_cells") != 10, "no pattern matches").when(F.col("ts").isNull(), "require: ts IS NOT NULL")
    return rows.withColumn("_reject", reject).drop("_cells")


REASONS = {
    "conn": [
        "too few columns",
        "too many columns",
        "require: ts IS NOT NULL",
        "require: src IS NOT NULL AND dst IS NOT NULL",
    ],
    "web": ["no pattern matches", "require: ts IS NOT NULL"],
}


def conn_row(rows):
    return rows.select(
        "_file",
        "_rec",
        F.expr("log1p(coalesce(duration, 0))").alias("duration_log"),
        F.expr("log1p(coalesce(orig_bytes, 0))").alias("sent_log"),
        F.expr("log1p(coalesce(resp_bytes, 0))").alias("answered_log"),
        F.expr("orig_ip_bytes / nullif(orig_pkts, 0)").alias("pkt_size"),
        F.expr("coalesce(resp_pkts, 0) = 0").alias("no_answer"),
        F.expr("conn_state IN ('S0', 'REJ', 'RSTOS0', 'SH')").alias("failed"),
        F.expr("service IS NULL").alias("no_service"),
        F.expr("sport > 1023 AND dport > 1023").alias("high_ports"),
        F.expr("proto = 'udp'").alias("udp"),
    )


def windows(rows, key):
    return rows.groupBy(F.col(key).alias("_key_" + key), F.window("ts", "5 minutes").alias("w"))


def with_window(frame):
    return frame.select("*", F.col("w.start").alias("_window_start"), F.col("w.end").alias("_window_end")).drop("w")


def conn_src(rows):
    rows = rows.withColumn("failed", F.expr("conn_state IN ('S0', 'REJ', 'RSTOS0', 'SH')"))
    return with_window(
        windows(rows, "src").agg(
            F.count("*").alias("n"),
            F.countDistinct("dport").alias("ports"),
            F.countDistinct("dst").alias("hosts"),
            F.expr("avg(CASE WHEN failed THEN 1.0D ELSE 0.0D END)").alias("failed_ratio"),
            F.expr("log1p(coalesce(sum(resp_bytes), 0))").alias("answered_log"),
        )
    )


def web_row(rows):
    return rows.select(
        "_file",
        "_rec",
        F.expr("length(path)").alias("path_length"),
        F.expr("length(path) - length(replace(path, '/', ''))").alias("depth"),
        F.expr("length(regexp_replace(path, '[^%<>()=]', ''))").alias("marks"),
        F.expr("path LIKE '%?%'").alias("has_query"),
        F.expr("method = 'POST'").alias("post"),
        F.expr("status >= 400").alias("refused"),
        F.expr("log1p(coalesce(bytes, 0))").alias("bytes_log"),
        F.expr("referer IS NULL").alias("no_referer"),
        F.expr("lower(agent) LIKE '%curl%' OR lower(agent) LIKE '%sqlmap%'").alias("tool"),
        F.expr("protocol = 'HTTP/1.0'").alias("old"),
        F.expr("user IS NOT NULL").alias("known"),
    )


def web_ip(rows):
    return with_window(
        windows(rows, "ip").agg(
            F.count("*").alias("n"),
            F.countDistinct("path").alias("paths"),
            F.countDistinct("agent").alias("agents"),
            F.expr("avg(CASE WHEN status >= 400 THEN 1.0D ELSE 0.0D END)").alias("refused_ratio"),
            F.expr("log1p(coalesce(sum(bytes), 0))").alias("bytes_log"),
        )
    )


def run(spark, logs, header, out):
    """Everything, and how many rows and rejects of each reason there are."""
    counts = {}
    for kind, paths in logs.items():
        lines = records(spark, paths)
        rows = conn_rows(lines, header) if kind == "conn" else web_rows(lines)
        seen = Observation()
        rejects = [F.sum((F.col("_reject") == reason).cast("bigint")).alias(reason) for reason in REASONS[kind]]
        rows = rows.observe(seen, F.sum(F.col("_reject").isNull().cast("bigint")).alias("rows"), *rejects)
        rows.where("_reject IS NULL").drop("_reject").write.parquet(f"{out}/{kind}")
        counts[kind] = {reason: n for reason, n in seen.get.items() if n}
        rows = spark.read.parquet(f"{out}/{kind}")
        for features in [conn_row, conn_src] if kind == "conn" else [web_row, web_ip]:
            features(rows).write.parquet(f"{out}/{features.__name__}")
    return counts


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        builder = SparkSession.builder.appName("by hand").master("local[*]")
        for key, value in json.load(f).items():
            builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(run(spark, request["logs"], request["header"], request["out"])), flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
