"""The conversation: requests on stdin, answers and progress on stdout."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any, BinaryIO

from .errors import Refusal
from .kinds import Kinds
from .request import parse_message, parse_request
from .training import train

MAX_LINE = 16 << 20
PROTOCOL = 1

# How many seconds pass between two signs of life.
BEAT = 10.0

# How many seconds pass between two looks whether anybody still waits.
WATCH = 1.0


def main(root: Path) -> int:
    """Serves requests until stdin ends; returns the process's exit status."""
    threading.Thread(target=_end_with, args=[os.getppid()], daemon=True).start()
    requests, answers = _own_streams()
    return serve(Kinds(root), requests, answers)


def _end_with(parent: int) -> None:
    """Ends the process when its parent has ended, killed in the middle of a training."""
    while os.getppid() == parent:
        time.sleep(WATCH)
    os._exit(1)


def serve(kinds: Kinds, requests: BinaryIO, answers: BinaryIO, beat: float = BEAT) -> int:
    """Answers each line of requests with one line that is not an event."""
    speaker = _Speaker(answers)
    speaker.send({"event": "ready", "protocol": PROTOCOL})
    threading.Thread(target=speaker.repeat, args=[beat], daemon=True).start()
    while line := requests.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            # Where the next request begins is not known: the conversation ends.
            speaker.send(_failure("", Refusal("request", f"longer than {MAX_LINE} bytes")))
            return 1
        if line.strip():
            speaker.send(_answer(kinds, line, speaker))
    return 0


class _Speaker:
    """Writes messages, and says now and then that the process still works."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._turn = threading.Lock()
        self._progress: dict[str, Any] | None = None

    def send(self, message: dict[str, Any]) -> None:
        """Writes a message; a progress report holds until the next message."""
        line = json.dumps(message, separators=(",", ":"), allow_nan=False).encode()
        with self._turn:
            self._progress = message if message.get("event") == "progress" else None
            self._write(line)

    def repeat(self, beat: float) -> None:
        """Repeats the last report of progress, if the processor was used since."""
        used = time.process_time()
        while True:
            time.sleep(beat)
            now = time.process_time()
            with self._turn:
                if self._progress is not None and now - used > beat / 100:
                    self._write(json.dumps(self._progress, separators=(",", ":")).encode())
            used = now

    def _write(self, line: bytes) -> None:
        self._answers.write(line + b"\n")
        self._answers.flush()


def _answer(kinds: Kinds, line: bytes, speaker: _Speaker) -> dict[str, Any]:
    request_id = ""
    try:
        message = parse_message(line)
        if isinstance(message.get("id"), str):
            request_id = message["id"]
        request = parse_request(message)

        def progress(stage: str, done: int, total: int, **epoch: float) -> None:
            event = {"event": "progress", "id": request_id, "stage": stage}
            speaker.send({**event, "done": done, "total": total, **epoch})

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
