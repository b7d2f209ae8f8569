"""What went wrong, as a value that says whose turn it is to do something."""

import contextlib
import json
import re

from pyspark.errors import PySparkException

FAILURE = "mlp-failure:"
FAILURE_END = ":mlp-end"


class Failure(Exception):
    """Why there is no result. It crosses from executors as text."""

    def __init__(self, kind, message, **more):
        self.fields = {"kind": kind, "message": message, **more}
        super().__init__(FAILURE + json.dumps(self.fields) + FAILURE_END)

    def __reduce__(self):
        return (RuntimeError, (str(self),))


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
