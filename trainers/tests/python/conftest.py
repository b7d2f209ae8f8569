"""What the tests share: the worker's modules, matrices, and a real worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))

LOGISTIC = "mlp.trainers.sklearn.LogisticRegression"


@pytest.fixture
def root() -> Path:
    """The directory of the trainers."""
    return ROOT


class MatrixFile:
    """Writes matrices in the form that the Go side writes."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "matrix.parquet"
        self.out = folder / "out"
        self.out.mkdir()

    def write(
        self,
        x: dict[str, Any],
        label: Any,
        side: list[str] | None = None,
        override: dict[str, pa.Array] | None = None,
    ) -> None:
        """Writes the features x, all rows on the train side if side is None."""
        columns = {
            "side": pa.array(side or ["train"] * len(label), pa.string()),
            "label": pa.array(label, pa.int8()),
            **{name: pa.array(values, pa.float32()) for name, values in x.items()},
        }
        pq.write_table(pa.table({**columns, **(override or {})}), self.path)

    def request(self, features: list[str], **override: Any) -> dict[str, Any]:
        """Returns a request for a model of these features."""
        request = {
            "id": "r1",
            "trainer": LOGISTIC,
            "params": {"c": 1.0, "max_iter": 1000, "class_weight": "BALANCED"},
            "seed": 7,
            "matrix": str(self.path),
            "features": features,
            "out": str(self.out),
        }
        return {**request, **override}

    def predictions(self) -> dict[str, list[float | None]]:
        """Returns what the worker predicted."""
        return pq.read_table(self.out / "predictions.parquet").to_pydict()

    def model(self) -> bytes:
        """Returns the model that the worker wrote."""
        return (self.out / "model.onnx").read_bytes()


@pytest.fixture
def matrix(tmp_path: Path) -> MatrixFile:
    """A place for one matrix and for what is made of it."""
    return MatrixFile(tmp_path)


@pytest.fixture
def ordinary(matrix: MatrixFile) -> MatrixFile:
    """A matrix of 400 rows, a quarter of them on the test side."""
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=400), rng.normal(size=400)
    label = (a + rng.normal(size=400) > 0.5).astype(int)
    side = ["test" if i % 4 == 0 else "train" for i in range(400)]
    matrix.write({"a": a, "b": b}, label, side)
    return matrix


class Worker:
    """A worker process, and the conversation with it."""

    def __init__(self, hash_seed: str = "0") -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": hash_seed}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-B", str(ROOT / "worker.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self.events: list[dict[str, Any]] = []
        self._read()

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Sends a request and returns the answer."""
        return self.ask_line(json.dumps(request).encode())

    def ask_line(self, line: bytes) -> dict[str, Any]:
        """Sends any line and returns the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()
        return self._read()

    def close(self) -> int:
        """Ends the conversation; returns the exit status."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._process.wait(timeout=30)

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message = json.loads(line)
            if "event" not in message:
                return message
            self.events.append(message)
            if message["event"] == "ready":
                return message
        raise AssertionError("the worker ended")


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """A warm worker that all tests share, like all requests of a run."""
    process = Worker()
    yield process
    assert process.close() == 0


@pytest.fixture
def other_worker() -> Iterator[Worker]:
    """A worker of its own, with another order of sets."""
    process = Worker(hash_seed="12345")
    yield process
    assert process.close() == 0
