"""The conversation with a real worker process."""

from __future__ import annotations

import io
import json
import math
import os
import select
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mlp_worker.kinds import Kinds
from mlp_worker.loop import serve


def test_progress_comes_before_the_answer(
    worker: Any, ordinary: Any, trainer: dict[str, Any]
) -> None:
    worker.events.clear()
    worker.ask(ordinary.request(["a"], id="other", **trainer))
    stages = list(dict.fromkeys(event["stage"] for event in worker.events))
    folds = [f"fold {i}/5" for i in range(1, 6)]
    assert stages == ["read", *folds, "fit", "export"]
    assert {event["id"] for event in worker.events} == {"other"}
    done = [event["done"] for event in worker.events]
    assert done == sorted(done)
    assert set(done) == set(range(8))
    assert {event["total"] for event in worker.events} == {8}


# A trainer that does what libraries do: it talks, and it listens.
NOISY = """
import os
import sys

from mlp_worker.errors import Refusal

def parse(params):
    print("a line on stdout")
    print("another, flushed", flush=True)
    os.write(1, b'{"id":"r1","error":null}\\n')
    os.system("echo from a child")
    raise Refusal("params", f"stdin holds {sys.stdin.read()!r} and {os.read(0, 9)!r}")
"""


def test_what_a_library_prints_or_reads_is_not_the_conversation(
    tmp_path: Path, root: Path, ordinary: Any, start_worker: Any
) -> None:
    shutil.copytree(root / "mlp_worker", tmp_path / "mlp_worker")
    shutil.copy(root / "worker.py", tmp_path)
    (tmp_path / "noisy").mkdir()
    (tmp_path / "noisy" / "loud.py").write_text(NOISY, encoding="utf-8")
    described = {"messages": {"mlp.trainers.noisy.Loud": "loud"}, "pins": []}
    (tmp_path / "noisy" / "trainer.json").write_text(json.dumps(described), encoding="utf-8")
    process = start_worker(root=tmp_path)
    for _ in range(2):
        answer = process.ask(ordinary.request(["a"], trainer="mlp.trainers.noisy.Loud"))
        want = {"kind": "params", "message": "stdin holds '' and b''"}
        assert answer == {"id": "r1", "error": want}
    assert process.close() == 0


# A trainer that works without a word, and then does nothing.
BUSY = """
import time

from mlp_worker.errors import Refusal

def parse(params):
    return params

def fit(params, task):
    end = time.process_time() + 0.8
    while time.process_time() < end:
        pass
    task.epoch(1, 1, 0.5)
    time.sleep(1.6)
    raise Refusal("training", "that was all")
"""


def test_who_works_says_so_and_who_hangs_does_not(tmp_path: Path, ordinary: Any) -> None:
    (tmp_path / "noisy").mkdir()
    (tmp_path / "noisy" / "loud.py").write_text(BUSY, encoding="utf-8")
    described = {"messages": {"mlp.trainers.noisy.Loud": "loud"}, "pins": []}
    (tmp_path / "noisy" / "trainer.json").write_text(json.dumps(described), encoding="utf-8")
    request = ordinary.request(["a"], trainer="mlp.trainers.noisy.Loud")
    answers = io.BytesIO()
    requests = io.BytesIO(json.dumps(request).encode() + b"\n")
    assert serve(Kinds(tmp_path), requests, answers, beat=0.2) == 0
    said = [json.loads(line) for line in answers.getvalue().splitlines()]
    assert said[-1]["error"]["message"] == "that was all"
    busy = [m for m in said if m.get("stage") == "fold 1/5" and "epoch" not in m]
    idle = [m for m in said if "epoch" in m]
    assert len(busy) >= 3
    assert 1 <= len(idle) <= 3
    assert all(m == busy[0] for m in busy)


# What starts a worker, sends it a request, and waits.
STARTER = """
import subprocess, sys
worker, request, held = sys.argv[1:]
process = subprocess.Popen([sys.executable, worker], stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, pass_fds=[int(held)])
process.stdin.write(open(request, "rb").read() + b"\\n")
process.stdin.flush()
for line in process.stdout:
    print(line.decode(), end="", flush=True)
"""

# A trainer that says nothing for longer than anybody waits.
SILENT = """
import time

def parse(params):
    return params

def fit(params, task):
    time.sleep(600)
"""


def test_a_worker_ends_with_who_started_it(tmp_path: Path, root: Path, ordinary: Any) -> None:
    shutil.copytree(root / "mlp_worker", tmp_path / "mlp_worker")
    shutil.copy(root / "worker.py", tmp_path)
    (tmp_path / "noisy").mkdir()
    (tmp_path / "noisy" / "loud.py").write_text(SILENT, encoding="utf-8")
    described = {"messages": {"mlp.trainers.noisy.Loud": "loud"}, "pins": []}
    (tmp_path / "noisy" / "trainer.json").write_text(json.dumps(described), encoding="utf-8")
    request = tmp_path / "request"
    asked = ordinary.request(["a"], trainer="mlp.trainers.noisy.Loud")
    request.write_text(json.dumps(asked), encoding="utf-8")
    # The pipe ends when the last process ends that holds its other side.
    ends, held = os.pipe()
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(tmp_path / "worker.py"), str(request), str(held)],
        stdout=subprocess.PIPE,
        pass_fds=[held],
    )
    os.close(held)
    assert starter.stdout is not None
    assert any(b"fold 1/5" in line for line in starter.stdout)
    assert not select.select([ends], [], [], 1.5)[0]
    starter.kill()
    starter.wait()
    assert select.select([ends], [], [], 15)[0]
    os.close(ends)


def test_predictions_cover_every_row_in_order(worker: Any, ordinary: Any) -> None:
    worker.ask(ordinary.request(["a", "b"]))
    predictions = ordinary.predictions()
    assert len(predictions["score"]) == 400
    assert all(0 < score < 1 for score in predictions["score"])
    assert [oof is None for oof in predictions["oof"]] == [i % 4 == 0 for i in range(400)]
    train = [i for i in range(400) if i % 4]
    score = np.array([predictions["score"][i] for i in train])
    oof = np.array([predictions["oof"][i] for i in train])
    assert np.abs(score - oof).max() < 0.2
    assert (score != oof).all()


def test_same_request_gives_the_same_bytes(worker: Any, other_worker: Any, ordinary: Any) -> None:
    made = []
    for process in (worker, worker, other_worker):
        process.ask(ordinary.request(["a", "b"]))
        predictions = (ordinary.out / "predictions.parquet").read_bytes()
        made.append((ordinary.model(), predictions))
    assert made[0] == made[1] == made[2]


def test_the_id_takes_no_part_and_the_seed_does(worker: Any, ordinary: Any) -> None:
    worker.ask(ordinary.request(["a", "b"]))
    first = ordinary.model(), ordinary.predictions()["oof"]
    worker.ask(ordinary.request(["a", "b"], id="r2"))
    assert (ordinary.model(), ordinary.predictions()["oof"]) == first
    worker.ask(ordinary.request(["a", "b"], seed=-1))
    assert ordinary.predictions()["oof"] != first[1]


def lists(values: list[list[float | None] | None]) -> pa.Array:
    """A column of vectors, as the Go side writes them."""
    return pa.array(values, pa.list_(pa.float32()))


@pytest.mark.parametrize(
    ("line", "kind", "message"),
    [
        (b"{", "request", "not a line of JSON"),
        (b"[" * 100_000, "request", "not a line of JSON"),
        (b"\xff\xfe", "request", "not a line of JSON"),
        (b"[]", "request", "not a JSON object"),
        (b"{}", "request", "member 'id' is missing"),
        (b'{"id":"1"}', "request", "member 'trainer' is missing"),
        (b'{"id":1}', "request", "member 'id' is not of type str"),
        (b'{"id":"1","extra":1}', "request", "unknown member 'extra'"),
    ],
)
def test_malformed_line_is_refused(worker: Any, line: bytes, kind: str, message: str) -> None:
    assert worker.ask_line(line)["error"] == {"kind": kind, "message": message}


@pytest.mark.parametrize(
    ("override", "kind", "message"),
    [
        ({"trainer": "a.B"}, "request", "unknown trainer 'a.B'; there are: mlp.trainers."),
        ({"features": []}, "request", "no features are named"),
        ({"features": ["a", "a"]}, "request", "a feature is named twice"),
        ({"features": ["a", 1]}, "request", "something that is not a name"),
        ({"features": ["c"]}, "matrix", "column 'c' is missing"),
        ({"features": ["label"]}, "matrix", "column 'label' is not a feature"),
        ({"features": ["capture"]}, "matrix", "column 'capture' is not a feature"),
        ({"seed": True}, "request", "member 'seed' is not of type int"),
        ({"seed": 2**63}, "request", "member 'seed' is not a 64-bit integer"),
        ({"matrix": "/no/such"}, "matrix", "/no/such is not a file"),
        ({"matrix": "/dev/zero"}, "matrix", "/dev/zero is not a file"),
        ({"matrix": __file__}, "matrix", ".py: not a readable Parquet file"),
        ({"out": "/no/such"}, "request", "/no/such is not a directory"),
        ({"params": {"d": 1}}, "params", "unknown parameter 'd'"),
    ],
)
def test_wrong_request_is_refused_and_the_worker_goes_on(
    worker: Any, ordinary: Any, override: dict[str, Any], kind: str, message: str
) -> None:
    answer = worker.ask({**ordinary.request(["a"]), **override})
    assert answer["id"] == "r1"
    assert answer["error"]["kind"] == kind
    assert message in answer["error"]["message"]
    assert "model" in worker.ask(ordinary.request(["a"]))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"side": pa.array(["train", "dev"])}, "'side' holds more than 'train' and 'test'"),
        ({"side": pa.array(["train", None])}, "'side' holds more than 'train' and 'test'"),
        ({"side": pa.array([1, 2])}, "'side' is int64, not text"),
        ({"label": pa.array([0, None], pa.int8())}, "'label' holds 1 NULLs"),
        ({"label": pa.array([0, 2], pa.int8())}, "'label' holds more than 0 and 1"),
        ({"label": pa.array([0.0, 1.0])}, "'label' is double, not an integer"),
        ({"capture": pa.array(["x", "y"])}, "'capture' is string, not an integer"),
        ({"capture": pa.array([None, 1], pa.int32())}, "'capture' holds 1 NULLs"),
        ({"a": pa.array([0.0, 1.0])}, "'a' is double, not float"),
        ({"a": pa.array([[0.0], [1.0]])}, "<element: double>, not float"),
        ({"a": lists([[0.0], [1.0, 2.0]])}, "'a' holds lists of different lengths"),
        ({"a": lists([[0.0], None])}, "'a' holds 1 NULLs in place of lists"),
    ],
)
def test_wrong_matrix_is_refused(
    worker: Any, matrix: Any, override: dict[str, pa.Array], message: str
) -> None:
    matrix.write({"a": [1, 2]}, [0, 1], override=override)
    error = worker.ask(matrix.request(["a"]))["error"]
    assert error["kind"] == "matrix"
    assert message in error["message"]


@pytest.mark.parametrize(
    ("label", "side", "message"),
    [
        ([1, 1, 1], None, "no benign row is on the train side (3 rows)"),
        ([0, 0, 1], ["train", "train", "test"], "no attack row is on the train side (2 rows)"),
        ([0, 1, 0], ["test"] * 3, "no row is on the train side"),
        ([], [], "no row is on the train side"),
    ],
)
def test_one_class_is_refused_by_name(
    worker: Any, matrix: Any, label: list[int], side: list[str] | None, message: str
) -> None:
    matrix.write({"a": [0.5] * len(label)}, label, side)
    error = worker.ask(matrix.request(["a"]))["error"]
    assert error == {"kind": "training", "message": message}


@pytest.mark.parametrize(
    ("label", "folds"),
    [([0, 1], 0), ([0, 1, 1, 1], 0), ([0, 0, 1, 1], 2), ([0] * 9 + [1] * 4, 4)],
)
def test_tiny_data_has_fewer_folds(worker: Any, matrix: Any, label: list[int], folds: int) -> None:
    matrix.write({"a": [float(i) for i in range(len(label))]}, label)
    info = worker.ask(matrix.request(["a"]))["info"]
    assert info["folds"] == folds
    assert all(math.isnan(oof) == (folds == 0) for oof in matrix.predictions()["oof"])


def test_folds_are_captures(worker: Any, matrix: Any) -> None:
    n, rng = 300, np.random.default_rng(1)
    capture = np.arange(n) % 3
    label = (np.arange(n) % 7 == 0).astype(int)
    # Where a capture is unknown, its benign rows look like attacks.
    a = np.where(label == 1, 1.0, np.where(capture == 0, 1.0, 0.0)) + rng.normal(size=n) / 100
    b = np.where(capture == 0, 1.0, 0.0)
    matrix.write({"a": a, "b": b}, label, override={"capture": pa.array(capture, pa.int32())})
    assert worker.ask(matrix.request(["a", "b"]))["info"]["folds"] == 3
    oof = np.array(matrix.predictions()["oof"])
    assert oof[(label == 0) & (capture == 0)].min() > 0.5
    assert oof[(label == 0) & (capture != 0)].max() < 0.5


def test_a_vector_is_so_many_inputs(worker: Any, matrix: Any, trainer: dict[str, Any]) -> None:
    rng = np.random.default_rng(3)
    a, b, c = (rng.normal(size=80).astype(np.float32) for _ in range(3))
    label = (b > 0).astype(int).tolist()
    gaps = [None if i % 9 == 0 else float(v) for i, v in enumerate(c)]
    matrix.write({"f0": a, "f1": b, "f2": gaps, "f3": a}, label)
    flat = worker.ask(matrix.request(["f0", "f1", "f2", "f3"], **trainer))["info"]
    model, scores = matrix.model(), matrix.predictions()
    vector = lists([[float(v), g] for v, g in zip(b, gaps, strict=True)])
    matrix.write({"f0": a, "f2": a}, label, override={"f1": vector})
    info = worker.ask(matrix.request(["f0", "f1", "f2"], **trainer))["info"]
    assert [f["name"] for f in info["features"]] == ["f0", "f1[0]", "f1[1]", "f2"]
    assert [f["missing"] for f in info["features"]] == [f["missing"] for f in flat["features"]]
    assert matrix.model() == model
    assert matrix.predictions() == scores
