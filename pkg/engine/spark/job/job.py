"""Runs a job of mlp on Spark: a manifest in, files and a result manifest out.

usage: job.py serve OPTIONS.json     a warm session; JSON lines on stdin and stdout
       job.py MANIFEST RESULT        one job, in the session of spark-submit; paths or URLs

docs/formats.md describes manifest and result. What runs on executors is defined
in this file, so that it travels by value: they need pyspark and pyarrow alone.
"""

import contextlib
import hashlib
import json
import os
import queue
import re
import stat
import subprocess
import sys
import threading
import time
import traceback

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark import SparkFiles
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T
from pyspark.sql.pandas.types import to_arrow_schema

PROTOCOL = 1
FORMAT_VERSION = 1
POLL = 0.5  # seconds between looks at what runs
FAILURE = "mlp-failure:"
FAILURE_END = ":mlp-end"


class Failure(Exception):
    """Why there is no result. It crosses from executors as text."""

    def __init__(self, kind, message, **more):
        self.fields = {"kind": kind, "message": message, **more}
        super().__init__(FAILURE + json.dumps(self.fields) + FAILURE_END)

    def __reduce__(self):
        return (RuntimeError, (str(self),))


# ---- what runs on executors ------------------------------------------------


def local_name(path):
    """A path as the manifest has it: Spark puts file: before local ones."""
    if path.startswith("file:"):
        return "/" + path[len("file:") :].lstrip("/")
    return path


def contents(batches):
    """The files of a scan of binaryFile, one at a time: name and bytes."""
    for batch in batches:
        for path, content in zip(batch.column("path"), batch.column("content")):
            yield local_name(path.as_py()), content.as_buffer()


def framing(view, schema, framer):
    """The function that frames chunks: each is handed to a process of mlp."""
    chunks = {}
    for chunk in view["chunks"]:
        chunks.setdefault(chunk["path"], []).append(chunk)

    def frame(batches):
        for path, content in contents(batches):
            for chunk in chunks[path]:
                yield from frame_chunk(framer, view, chunk, content, schema)

    return frame


def frame_chunk(framer, view, chunk, content, schema):
    """The rows of a chunk, then one row with its counts alone."""
    path = framer["path"]
    if framer["ship"]:
        path = SparkFiles.get(os.path.basename(path))
        if not os.access(path, os.X_OK):
            os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    request = {**view["options"], **chunk["options"]}
    try:
        process = subprocess.Popen(
            [path, "spark-frame"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except OSError as err:
        raise Failure("framer", f"start {path}: {err.strerror}") from None
    with process:
        try:
            yield from framed(process, request, chunk, content, schema)
        finally:
            process.kill()


def framed(process, request, chunk, content, schema):
    def feed():
        # A process that ended says why itself.
        with contextlib.suppress(BrokenPipeError), process.stdin as out:
            out.write(json.dumps(request).encode() + b"\n")
            out.write(content)

    said = []
    threads = [
        threading.Thread(target=feed, daemon=True),
        threading.Thread(target=lambda: said.append(process.stderr.read(4096)), daemon=True),
    ]
    for thread in threads:
        thread.start()
    counts = b""
    problem = ""
    try:
        with pa.ipc.open_stream(process.stdout) as rows:
            for batch in rows:
                yield whole(batch, chunk, schema, None)
        counts = process.stdout.read()
    except (pa.ArrowInvalid, EOFError, OSError) as err:
        problem = str(err)
    status = process.wait()
    threads[1].join()
    if status != 0 or problem:
        text = b"".join(said).decode("utf-8", "replace").strip()
        raise Failure("input", f"{chunk['path']}: {text or problem or f'the framer ended with status {status}'}")
    yield whole(None, chunk, schema, counts.decode())


def whole(batch, chunk, schema, counts):
    """A batch of a process with the columns that tell chunks apart."""
    rows = 1 if batch is None else batch.num_rows
    columns = []
    for field in schema:
        if field.name == "_chunk":
            columns.append(pa.array([chunk["index"]] * rows, field.type))
        elif field.name == "_file":
            columns.append(pa.array([chunk["file"]] * rows, field.type))
        elif field.name == "_counts":
            columns.append(pa.array([counts] * rows, field.type))
        elif batch is None:
            columns.append(pa.nulls(rows, field.type))
        else:
            columns.append(batch.column(field.name))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def tagging(parts):
    """The function that says of each file which part it belongs to."""
    places = {}
    for number, part in enumerate(parts):
        for ordinal, file in enumerate(part["files"]):
            places.setdefault(file["path"], []).append((number, ordinal))

    def tag(batches):
        for path, content in contents(batches):
            for number, ordinal in places[path]:
                yield pa.RecordBatch.from_arrays(
                    [
                        pa.array([number], pa.int32()),
                        pa.array([ordinal], pa.int32()),
                        pa.array([content.to_pybytes()], pa.binary()),
                    ],
                    names=["_part", "_ordinal", "_content"],
                )

    return tag


def assembling(parts, schema):
    """The functions that lay the files of a part side by side."""

    def assemble(table):
        number = table.column("_part")[0].as_py()
        files = dict(zip(table.column("_ordinal").to_pylist(), table.column("_content")))
        part = parts[number]
        if sorted(files) != list(range(len(part["files"]))):
            raise Failure("input", f"part {number} has {len(files)} files of {len(part['files'])}")
        found = {}
        rows = None
        for ordinal, file in enumerate(part["files"]):
            table = stored(file, part["footer"], files[ordinal].as_buffer())
            if rows is not None and table.num_rows != rows:
                raise Failure("input", f"{file['path']}: {table.num_rows} rows beside {rows}")
            rows = table.num_rows
            for name, shown in file["columns"]:
                found[shown] = table.column(name)
        found["_part"] = pa.array([number] * (rows or 0), pa.int32())
        columns = []
        for field in schema:
            try:
                columns.append(found[field.name].cast(field.type))
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as err:
                raise Failure("input", f"part {number}: column {field.name}: {err}") from None
        return pa.Table.from_arrays(columns, schema=schema)

    def each(batches):
        for batch in batches:
            for row in range(batch.num_rows):
                yield from assemble(pa.Table.from_batches([batch.slice(row, 1)])).to_batches()

    return assemble, each


def stored(file, footer, content):
    """The columns of a Parquet file that is what it is said to be."""
    if hashlib.sha256(content).hexdigest() != file["sha256"]:
        raise Failure("input", f"{file['path']}: its bytes have another digest")
    parquet = pq.ParquetFile(pa.BufferReader(content))
    known = parquet.schema_arrow.metadata or {}
    known = {**(parquet.metadata.metadata or {}), **known}
    for name, value in footer.items():
        have = known.get(name.encode())
        if have != value.encode():
            raise Failure("input", f"{file['path']}: its footer has {name} {have!r}, not {value!r}")
    names = [name for name, _ in file["columns"]]
    missing = set(names) - set(parquet.schema_arrow.names)
    if missing:
        raise Failure("input", f"{file['path']}: no column {sorted(missing)[0]}")
    return parquet.read(columns=list(dict.fromkeys(names)))


INSPECTED = "`path` STRING, `size` BIGINT, `sha256` STRING, `rows` BIGINT"


def inspect(batches):
    """What is told of files that were written. A broken one is an error."""
    for path, content in contents(batches):
        yield pa.RecordBatch.from_arrays(
            [
                pa.array([path], pa.string()),
                pa.array([content.size], pa.int64()),
                pa.array([hashlib.sha256(content).hexdigest()], pa.string()),
                pa.array([pq.ParquetFile(pa.BufferReader(content)).metadata.num_rows], pa.int64()),
            ],
            names=["path", "size", "sha256", "rows"],
        )


# ---- one job ---------------------------------------------------------------


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
        """A frame, computed once and read back."""
        path = self.path("stage", name)
        frame.write.parquet(path)
        return self.spark.read.schema(frame.schema).parquet(path)

    def view_of_rows(self, view):
        names = [f"c{i}" for i in range(len(view["fields"]))]
        texts = T.StructType([T.StructField(n, T.StringType()) for n in names])
        frame = self.spark.createDataFrame([tuple(row) for row in view["values"]], texts)
        self.show(frame.select(*(typed(n, f) for n, f in zip(names, view["fields"]))), view["view"])

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


# ---- errors ----------------------------------------------------------------

KINDS = [
    ("full", r"No space left on device|Disk quota exceeded|QuotaExceeded"),
    ("memory", r"OutOfMemoryError|Java heap space|Cannot grow BufferHolder|ResourceExhausted: .*memory"),
    ("cancelled", r"\[?OPERATION_CANCELED|cancelled because|cancelled as part of cancellation|was cancelled"),
    ("missing", r"PATH_NOT_FOUND|FILE_NOT_EXIST|FileNotFoundException|NoSuchBucket"),
    (
        "unavailable",
        r"Connection refused|Connection reset|UNAVAILABLE|Py4JNetworkError|Answer from Java side is empty|"
        r"ExecutorLost|Executor heartbeat timed out|SparkContext was shut down|SparkContext has been shutdown|"
        r"stopped SparkContext|Python worker exited unexpectedly|MetadataFetchFailed|All masters are unresponsive|"
        r"SESSION_NOT_FOUND|SESSION_CLOSED|INVALID_HANDLE|RETRIES_EXCEEDED|DEADLINE_EXCEEDED|SdkClientException|"
        r"Unable to execute HTTP request|Broken pipe|EOFException|Connect to .* failed|FAILED_READ_FILE",
    ),
]


def explain(err, texts, step=""):
    """An error of Spark as a Failure: its kind, and the statement's place."""
    if isinstance(err, Failure):
        return failure({"step": step, **err.fields})
    text = f"{type(err).__name__}: {err}"
    told = re.search(re.escape(FAILURE) + r"(\{.*?\})" + FAILURE_END, text, re.S)
    if told:
        with contextlib.suppress(ValueError):
            return failure({"step": step, **json.loads(told[1])})
    place = statement(err, texts)
    if place:
        return failure({"kind": "statement", "message": first_line(err), "step": step, **place})
    kind = next((k for k, form in KINDS if re.search(form, text)), "spark")
    return failure({"kind": kind, "message": first_line(err), "step": step})


def failure(fields):
    fields = dict(fields)
    return Failure(fields.pop("kind"), fields.pop("message"), **fields)


def first_line(err):
    """The message of an error without plans and stack traces."""
    text = str(err)
    cause = re.findall(r"^\s*(?:Caused by: )?(?:[\w$]+\.)+(\w*(?:Exception|Error)): (.+)$", text, re.M)
    lines = [line for line in text.splitlines() if line.strip()]
    line = lines[0].strip() if lines else type(err).__name__
    if line.startswith(("An error occurred while calling", "(org.apache.spark")) and cause:
        line = ": ".join(cause[-1])
    elif cause and cause[-1][1] not in line and ("stage failure" in line or "FAILED_READ_FILE" in line):
        line += f" ({': '.join(cause[-1])})"
    return line[:1000]


def statement(err, texts):
    """The view and the marker that an error of Spark is about, if any."""
    if not isinstance(err, PySparkException):
        return None
    contexts = []
    with contextlib.suppress(Exception):
        for c in err.getQueryContext() or []:
            with contextlib.suppress(Exception):
                contexts.append((c.startIndex(), c.fragment()))
    for start, fragment in contexts:
        for name, sql in reversed(texts):
            wide = sql.encode("utf-16-le")
            if wide[2 * start :].startswith(fragment.encode("utf-16-le")):
                return {"view": name, "marker": marker(wide[: 2 * start].decode("utf-16-le", "ignore"))}
    at = re.search(r"\(line (\d+), pos (\d+)\)", str(err))
    if at and texts:
        for name, sql in reversed(texts):
            lines = sql.split("\n")
            if sql in str(err) or len(texts) == 1:
                before = "\n".join([*lines[: int(at[1]) - 1], lines[min(int(at[1]), len(lines)) - 1][: int(at[2])]])
                return {"view": name, "marker": marker(before)}
    return None


def marker(before):
    """The number of the last /*@N*/ before a place; -1 where there is none."""
    found = re.findall(r"/\*@(\d+)\*/", before)
    return int(found[-1]) if found else -1


# ---- sessions --------------------------------------------------------------


class Session:
    """A session of Spark, what runs in it, and how to end that."""

    def __init__(self, spark, tell, connect):
        self.spark, self.tell, self.connect = spark, tell, connect
        self.shipped = set()
        self.mark = ""  # a file that asks for an end
        self.cancelled = threading.Event()
        self.done = threading.Event()
        self.name = ""
        self.said = None
        if connect:
            spark.registerProgressHandler(self.on_progress)

    def begin(self, name):
        """A step begins."""
        if self.cancelled.is_set():
            raise Failure("cancelled", "the job was cancelled")
        self.name = name
        self.tell({"event": "progress", "step": name})

    def framer(self, framer):
        """The framer, sent to executors where that is asked for and it is here:
        else spark-submit has sent it."""
        if framer["ship"] and framer["path"] not in self.shipped and os.path.exists(framer["path"]):
            if self.connect:
                self.spark.addArtifacts(framer["path"], file=True)
            else:
                self.spark.sparkContext.addFile(framer["path"])
            self.shipped.add(framer["path"])
        return framer

    def watch(self):
        """Tells what runs, and ends it where that is asked for, until done."""
        while not self.done.wait(POLL):
            with contextlib.suppress(Exception):  # the job itself says what is wrong
                if self.mark and exists(self.spark, self.mark):
                    self.cancelled.set()
                if self.cancelled.is_set():
                    self.interrupt()
                elif not self.connect:
                    self.look()

    def interrupt(self):
        if self.connect:
            self.spark.interruptAll()
        else:
            self.spark.sparkContext.cancelAllJobs()

    def look(self):
        tracker = self.spark.sparkContext.statusTracker()
        for number in sorted(tracker.getActiveStageIds()):
            stage = tracker.getStageInfo(number)
            if stage is not None:
                self.report(number, stage.numCompletedTasks, stage.numTasks, stage.numActiveTasks)

    def on_progress(self, stages, inflight_tasks, operation_id, done):
        for stage in stages or []:
            if not stage.done:
                self.report(stage.stage_id, stage.num_completed_tasks, stage.num_tasks, inflight_tasks)

    def report(self, stage, done, total, running):
        """Says how far a stage is, and nothing where nothing runs."""
        said = (stage, done, total)
        if running > 0 or said != self.said:
            self.said = said
            self.tell({"event": "progress", "step": self.name, "stage": stage, "done": done, "total": total})

    def run(self, manifest):
        """The result of a job."""
        self.cancelled.clear()
        self.done.clear()
        watcher = threading.Thread(target=self.watch, daemon=True)
        watcher.start()
        try:
            for key, value in manifest["settings"].items():
                self.spark.conf.set(key, value)
            return Job(self, manifest).run()
        except Failure as err:
            if self.cancelled.is_set():
                raise Failure("cancelled", "the job was cancelled") from err
            raise
        finally:
            self.done.set()
            watcher.join()


def open_session(options):
    """The warm session that options ask for."""
    builder = SparkSession.builder.appName("mlp")
    if options["remote"]:
        from pyspark.sql.connect.client.retries import DefaultPolicy  # noqa: PLC0415 - only here is grpc needed

        spark = builder.remote(options["remote"]).getOrCreate()
        # A quarter of a minute: by itself it would try ten minutes to reach a server that is gone.
        spark.client.set_retry_policies([DefaultPolicy(max_retries=7, max_backoff=4000)])
        return spark
    for key, value in options["conf"].items():
        builder = builder.config(key, value)
    spark = builder.master(options["master"]).getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def write_whole(path, value):
    """Writes a file that is there whole or not at all."""
    with open(path + ".new", "w", encoding="utf-8") as f:
        json.dump(value, f)
        f.flush()
        os.fsync(f.fileno())
    os.replace(path + ".new", path)


def serve(options_path):
    """A warm session: a request a line, until stdin ends."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)  # what a library prints cannot break the conversation
    turn = threading.Lock()

    def tell(message):
        with turn:
            answers.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
            answers.flush()

    with open(options_path, encoding="utf-8") as f:
        options = json.load(f)
    try:
        session = Session(open_session(options), tell, bool(options["remote"]))
        version = session.spark.version
    except Exception as err:
        traceback.print_exc(file=sys.stderr)
        tell({"event": "failed", "error": explain(err, []).fields})
        return 1
    tell({"event": "ready", "protocol": PROTOCOL, "spark": version})
    waiting = queue.SimpleQueue()

    def listen():
        for line in requests:
            message = json.loads(line)
            if "cancel" in message:
                session.cancelled.set()
            else:
                waiting.put(message)
        session.cancelled.set()
        waiting.put(None)

    threading.Thread(target=listen, daemon=True).start()
    while (message := waiting.get()) is not None:
        tell(answer(session, message))
    with contextlib.suppress(Exception):
        session.spark.stop()
    return 0


def answer(session, message):
    try:
        with open(message["manifest"], encoding="utf-8") as f:
            manifest = json.load(f)
        write_whole(message["result"], session.run(manifest))
        return {"id": message["id"]}
    except Exception as err:  # one bad job must not end the session
        failed = explain(err, [])
        if failed.fields["kind"] != "cancelled":
            traceback.print_exc(file=sys.stderr)
        return {"id": message["id"], "error": failed.fields}


# ---- spark-submit ----------------------------------------------------------


def hadoop(spark, place):
    """A place beyond this machine: its file system, and its path there."""
    path = spark._jvm.org.apache.hadoop.fs.Path(place)
    return path.getFileSystem(spark._jsc.hadoopConfiguration()), path


def exists(spark, place):
    if "://" not in place:
        return os.path.exists(place)
    files, path = hadoop(spark, place)
    return files.exists(path)


def read(spark, place):
    if "://" not in place:
        with open(place, encoding="utf-8") as f:
            return json.load(f)
    files, path = hadoop(spark, place)
    stream = files.open(path)
    try:
        return json.loads(spark._jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8"))
    finally:
        stream.close()


def write(spark, place, value):
    """Writes a value that is there whole or not at all."""
    if "://" not in place:
        return write_whole(place, value)
    files, path = hadoop(spark, place)
    _, beside = hadoop(spark, place + ".new")
    stream = files.create(beside, True)
    stream.write(bytearray(json.dumps(value).encode()))
    stream.close()
    if not files.rename(beside, path):
        raise Failure("unavailable", f"{place} cannot be written")
    return None


def tell_log(message):
    print("mlp-progress " + json.dumps(message), flush=True)


def submitted(manifest_place, result_place):
    """One job, in the session that spark-submit gives. A result manifest says
    how it went; one with an error names no file."""
    spark = SparkSession.builder.appName("mlp").getOrCreate()
    session = Session(spark, tell_log, connect=False)
    session.mark = result_place + ".cancel"
    manifest = read(spark, manifest_place)
    status = 0
    try:
        result = session.run(manifest)
    except Exception as err:
        traceback.print_exc(file=sys.stderr)
        result = {"format_version": FORMAT_VERSION, "run": manifest["run"], "error": explain(err, []).fields}
        status = 1
    write(spark, result_place, result)
    spark.stop()
    return status


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(serve(sys.argv[2]) if sys.argv[1] == "serve" else submitted(*sys.argv[1:]))
