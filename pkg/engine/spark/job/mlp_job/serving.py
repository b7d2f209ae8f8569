"""A warm session: a request a line, until stdin ends."""

import contextlib
import json
import os
import queue
import sys
import threading
import traceback

from mlp_job.failures import explain
from mlp_job.places import write_whole
from mlp_job.session import Session, open_session

PROTOCOL = 1


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
