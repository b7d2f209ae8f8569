"""The conversation: requests on stdin, answers and progress on stdout."""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any, BinaryIO

from .errors import Refusal
from .kinds import Kinds
from .request import parse_message, parse_request
from .training import train

MAX_LINE = 16 << 20
PROTOCOL = 1


def main(root: Path) -> int:
    """Serves requests until stdin ends; returns the process's exit status."""
    requests, answers = _own_streams()
    return serve(Kinds(root), requests, answers)


def serve(kinds: Kinds, requests: BinaryIO, answers: BinaryIO) -> int:
    """Answers each line of requests with one line that is not an event."""
    _send(answers, {"event": "ready", "protocol": PROTOCOL})
    while line := requests.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            # Where the next request begins is not known: the conversation ends.
            _send(answers, _failure("", Refusal("request", f"longer than {MAX_LINE} bytes")))
            return 1
        if line.strip():
            _send(answers, _answer(kinds, line, answers))
    return 0


def _answer(kinds: Kinds, line: bytes, answers: BinaryIO) -> dict[str, Any]:
    request_id = ""
    try:
        message = parse_message(line)
        if isinstance(message.get("id"), str):
            request_id = message["id"]
        request = parse_request(message)

        def progress(stage: str, done: int, total: int) -> None:
            event = {"event": "progress", "id": request_id, "stage": stage}
            _send(answers, {**event, "done": done, "total": total})

        return {"id": request_id, **train(kinds, request, progress)}
    except Refusal as refusal:
        return _failure(request_id, refusal)
    except MemoryError:
        return _failure(request_id, Refusal("training", "out of memory"))
    except Exception as err:  # one bad request must not end the worker
        traceback.print_exc(file=sys.stderr)
        reason = f"{type(err).__name__} (the worker's stderr has the rest)"
        return _failure(request_id, Refusal("internal", reason))


def _failure(request_id: str, refusal: Refusal) -> dict[str, Any]:
    return {"id": request_id, "error": {"kind": refusal.kind, "message": refusal.message}}


def _send(answers: BinaryIO, message: dict[str, Any]) -> None:
    line = json.dumps(message, separators=(",", ":"), allow_nan=False)
    answers.write(line.encode() + b"\n")
    answers.flush()


def _own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Takes stdin and stdout away from everything else in the process.

    What a library prints, from Python or from C, goes to stderr and cannot
    break the conversation; what reads stdin finds it empty.
    """
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers
