"""What runs on executors: they need pyspark and pyarrow alone."""

import contextlib
import hashlib
import json
import os
import stat
import subprocess
import threading

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark import SparkFiles

from mlp_job.failures import Failure


def local_name(path):
    """A path as the manifest has it: Spark puts file: before local ones."""
    if path.startswith("file:"):
        return "/" + path[len("file:") :].lstrip("/")
    return path


def contents(batches):
    """The files of a scan of binaryFile, one at a time: name and bytes."""
    for batch in batches:
        for path, content in zip(batch.column("path"), batch.column("content"), strict=True):
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
        files = dict(zip(table.column("_ordinal").to_pylist(), table.column("_content"), strict=True))
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
