"""One manifest, carried out in a session of Spark."""

import contextlib
import json
import re
import time

from pyspark.sql import functions as F
from pyspark.sql import types as T
from pyspark.sql.pandas.types import to_arrow_schema

from mlp_job.executors import INSPECTED, assembling, framing, inspect, tagging
from mlp_job.failures import Failure, explain

FORMAT_VERSION = 1


class Job:
    """One manifest, carried out step by step."""

    def __init__(self, session, manifest):
        self.session, self.spark, self.m = session, session.spark, manifest
        self.made = []  # names of views, the newest last
        self.texts = []  # of statements, with the views that they are of
        self.counts = {}
        self.seconds = {}

    def run(self):
        """The result manifest, as a value."""
        if self.m["format_version"] != FORMAT_VERSION:
            raise Failure("manifest", f"format version {self.m['format_version']}, this job knows {FORMAT_VERSION}")
        for view in self.m["views"]:
            self.texts.append((view["name"], view["sql"]))
        try:
            for kind in ("rows", "columns", "chunks"):
                for view in self.m[kind]:
                    with self.step(f"{kind} {view['view']}"):
                        getattr(self, "view_of_" + kind)(view)
            for view in self.m["views"]:
                with self.step(f"view {view['name']}"):
                    self.view(view)
            files = {}
            for output in self.m["outputs"]:
                with self.step(f"output {output['name']}"):
                    files[output["name"]] = self.output(output)
            answers = {}
            for query in self.m["queries"]:
                with self.step(f"query {query['name']}"):
                    answers[query["name"]] = self.answer(query["sql"])
        except Exception as err:
            raise explain(err, self.texts, self.session.name) from err
        finally:
            for name in reversed(self.made):
                with contextlib.suppress(Exception):
                    self.spark.catalog.dropTempView(name)
        return {
            "format_version": FORMAT_VERSION,
            "run": self.m["run"],
            "files": files,
            "answers": answers,
            "counts": self.counts,
            "metrics": {"spark": self.spark.version, "seconds": self.seconds},
        }

    @contextlib.contextmanager
    def step(self, name):
        self.session.begin(name)
        begun = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - begun, 3)

    def show(self, frame, name):
        frame.createOrReplaceTempView(name)
        self.made.append(name)

    def path(self, *names):
        return "/".join([self.m["dir"], *names])

    def files(self, paths):
        """A scan of whole files. Names are taken as they are."""
        paths = [re.sub(r"([\\{}\[\]*?])", r"\\\1", p) for p in sorted(set(paths))]
        return self.spark.read.format("binaryFile").load(paths).select("path", "content")

    def staged(self, frame, name):
        """A frame, computed once and read back: soon, so little is done to make it small."""
        path = self.path("stage", name)
        frame.write.parquet(path, compression="snappy")
        return self.spark.read.schema(frame.schema).parquet(path)

    def view_of_rows(self, view):
        names = [f"c{i}" for i in range(len(view["fields"]))]
        texts = T.StructType([T.StructField(n, T.StringType()) for n in names])
        frame = self.spark.createDataFrame([tuple(row) for row in view["values"]], texts)
        self.show(frame.select(*(typed(n, f) for n, f in zip(names, view["fields"], strict=True))), view["view"])

    def view_of_columns(self, view):
        schema = to_arrow_schema(T.StructType.fromDDL(view["schema"]), timezone="UTC")
        parts = view["parts"]
        if not parts:
            return self.show(self.spark.createDataFrame([], view["schema"]), view["view"])
        assemble, each = assembling(parts, schema)
        tagged = self.files(f["path"] for p in parts for f in p["files"]).mapInArrow(
            tagging(parts), "_part INT, _ordinal INT, _content BINARY"
        )
        if all(len(p["files"]) == 1 for p in parts):
            frame = tagged.mapInArrow(each, view["schema"])
        else:
            frame = tagged.repartitionById(len(parts), F.col("_part")).groupBy("_part")
            frame = frame.applyInArrow(assemble, view["schema"])
        return self.show(frame, view["view"])

    def view_of_chunks(self, view):
        ddl = "`_chunk` INT, `_file` INT, `_rec` BIGINT, `_counts` STRING"
        ddl += ", `_raw` STRING" if view["options"]["text"] else ""
        ddl += "".join(f", `_c{i}` STRING" for i in range(len(view["options"]["columns"])))
        if view["chunks"]:
            schema = to_arrow_schema(T.StructType.fromDDL(ddl), timezone="UTC")
            function = framing(view, schema, self.session.framer(self.m["framer"]))
            frame = self.files(c["path"] for c in view["chunks"]).mapInArrow(function, ddl)
        else:
            frame = self.spark.createDataFrame([], ddl)
        frame = self.staged(frame, view["view"])
        counts = frame.where("_counts IS NOT NULL").select("_chunk", "_counts").collect()
        found = {row[0]: json.loads(row[1]) for row in counts}
        if len(counts) != len(view["chunks"]) or len(found) != len(counts):
            raise Failure("input", f"{len(counts)} chunks were framed, {len(view['chunks'])} were asked for")
        self.counts[view["view"]] = [found[i] for i in range(len(found))]
        self.show(frame.where("_counts IS NULL").drop("_counts"), view["view"])

    def view(self, view):
        frame = self.spark.sql(view["sql"])
        self.show(self.staged(frame, view["name"]) if view["stage"] else frame, view["name"])

    def output(self, output):
        self.texts.append((output["name"], output["query"]))
        frame, by, parts = self.spark.sql(output["query"]), output["by"], output["parts"]
        order = [F.col(quote(name)) for name in output["order"]]
        path = self.path("out", output["name"])
        if by:
            frame = frame.repartitionById(parts, F.col(quote(by)))
            frame = frame.sortWithinPartitions(F.col(quote(by)), *order)
            frame.write.partitionBy(by).parquet(path)
        else:
            frame = frame.repartition(1)
            frame = frame.sortWithinPartitions(*order) if order else frame
            frame.write.parquet(path)
        return self.written(path, by, parts)

    def written(self, path, by, parts):
        """What is known of the files of an output, one for each part."""
        empty = [{"part": n, "path": "", "sha256": "", "size": 0, "rows": 0} for n in range(parts)]
        scan = self.spark.read.format("binaryFile").option("recursiveFileLookup", "true")
        scan = scan.option("pathGlobFilter", "*.parquet").load(path)
        for row in scan.select("path", "content").mapInArrow(inspect, INSPECTED).collect():
            number = 0
            if by:
                directory = row["path"].rsplit("/", 2)[1]
                number = int(directory.rpartition("=")[2]) if directory.rpartition("=")[2].isdigit() else -1
            if number == -1 and row["rows"] == 0:  # what Spark writes where there is no row at all
                continue
            if not 0 <= number < parts:
                raise Failure("statement", f"a row's {by} is not from 0 to {parts - 1}: {directory}")
            if empty[number]["path"]:
                raise Failure("spark", f"part {number} has two files in {path}")
            empty[number].update(row.asDict())
        return empty

    def answer(self, sql):
        self.texts.append(("", sql))
        frame = self.spark.sql(sql)
        frame = frame.toDF(*(f"c{i}" for i in range(len(frame.columns))))
        return [list(row) for row in frame.select(*(F.col(c).cast("string") for c in frame.columns)).collect()]


def quote(name):
    return "`" + name.replace("`", "``") + "`"


def typed(name, field):
    """A column of texts as its type: times are microseconds, bytes hexadecimal."""
    column = F.col(name)
    if field["type"].lower() == "timestamp":
        column = F.timestamp_micros(column.cast("bigint"))
    elif field["type"].lower() == "binary":
        column = F.unhex(column)
    return column.cast(field["type"]).alias(field["name"])
