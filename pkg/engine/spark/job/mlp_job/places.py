"""Where values are read and written: paths of this machine, and URLs of Spark."""

import json
import os
import shutil

from mlp_job.failures import Failure


def write_whole(path, value):
    """Writes a file that is there whole or not at all."""
    with open(path + ".new", "w", encoding="utf-8") as f:
        json.dump(value, f)
        f.flush()
        os.fsync(f.fileno())
    os.replace(path + ".new", path)


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


def remove(spark, place):
    """Removes a directory with all that lies in it."""
    if "://" not in place:
        return shutil.rmtree(place, ignore_errors=True)
    files, path = hadoop(spark, place)
    return files.delete(path, True)
