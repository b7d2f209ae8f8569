"""What the tests share: the worker's modules, matrices, and a real worker."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))

from mlp_worker import export  # noqa: E402
from mlp_worker.kinds import Kinds, Task  # noqa: E402

LARGEST = float(np.finfo(np.float32).max)
SMALLEST = float(np.finfo(np.float32).smallest_subnormal)

# The names of the columns of the fixture awkward.
AWKWARD = (
    "signal gaps infinite none constant large_constant constant_with_gaps one_value "
    "large all_large small time skewed flag negative_zero"
).split()

LOGISTIC = "mlp.trainers.sklearn.LogisticRegression"
FOREST = "mlp.trainers.sklearn.RandomForest"
BOOSTING = "mlp.trainers.sklearn.HistGradientBoosting"

DENSE = "mlp.trainers.tensorflow.Dense"
AUTOENCODER = "mlp.trainers.tensorflow.Autoencoder"

# The kind of trainers that this environment is for, and what is of another.
OF_TENSORFLOW = bool(list(importlib.metadata.distributions(name="tensorflow-cpu")))
KIND = "tensorflow" if OF_TENSORFLOW else "sklearn"
collect_ignore = (
    ["test_logistic_regression.py", "test_sklearn_params.py", "test_trees.py"]
    if OF_TENSORFLOW
    else ["test_networks.py"]
)

# Each of its trainers, with parameters that keep tests short.
TREES = [FOREST, BOOSTING]
TRAINERS: dict[str, dict[str, Any]] = {
    LOGISTIC: {},
    FOREST: {"n_estimators": 12, "max_leaf_nodes": 64},
    BOOSTING: {"max_iter": 12, "min_samples_leaf": 5},
    DENSE: {"max_epochs": 3, "units": 8},
    AUTOENCODER: {"max_epochs": 3, "units": 8, "bottleneck": 2},
}
TRAINERS = {name: params for name, params in TRAINERS.items() if f".{KIND}." in name}
# The one of requests that name none.
SIMPLEST = DENSE if OF_TENSORFLOW else LOGISTIC
# A network adds up in 32 bits, and no two libraries in one order.
TOLERANCE = 1e-5 if OF_TENSORFLOW else 1e-6


@pytest.fixture(params=TRAINERS, ids=lambda name: name.rpartition(".")[2])
def trainer(request: Any) -> dict[str, Any]:
    """The members of a request that name each trainer in turn."""
    return {"trainer": request.param, "params": TRAINERS[request.param]}


@pytest.fixture(
    params=[name for name in TRAINERS if name != AUTOENCODER],
    ids=lambda name: name.rpartition(".")[2],
)
def weighted_trainer(request: Any) -> dict[str, Any]:
    """The members of a request that name each trainer that weighs classes in turn."""
    params = {"max_epochs": 60, "learning_rate": 0.05} if request.param == DENSE else {}
    return {"trainer": request.param, "params": {**TRAINERS[request.param], **params}}


@pytest.fixture(params=TREES, ids=lambda name: name.rpartition(".")[2])
def tree_trainer(request: Any) -> dict[str, Any]:
    """The members of a request that name each trainer of trees in turn."""
    return {"trainer": request.param, "params": TRAINERS[request.param]}


@pytest.fixture
def tolerance() -> float:
    """How far an exported model may differ from the native one."""
    return TOLERANCE


@pytest.fixture
def kind() -> str:
    """The kind of trainers that are tested."""
    return KIND


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test that takes awkward_name with each of the names."""
    if "awkward_name" in metafunc.fixturenames:
        metafunc.parametrize("awkward_name", AWKWARD)


@pytest.fixture
def root() -> Path:
    """The directory of the trainers."""
    return ROOT


def run_model(model: bytes, rows: np.ndarray) -> np.ndarray:
    """Returns the scores that the ONNX runtime gives the rows."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(["score"], {"features": rows.astype(np.float32)})[0]


class Trained:
    """A model that was trained in this process, and what it was exported to."""

    def __init__(self, trainer: dict[str, Any], x: np.ndarray, y: np.ndarray) -> None:
        module = Kinds(ROOT).trainer(trainer["trainer"])
        params = module.parse(trainer["params"])
        capture = np.zeros(len(y), np.int64)
        self.fitted = module.fit(params, Task(x.astype(np.float32), y, capture, 1))
        self.model = export.finish(self.fitted.export(), x.shape[1])

    def difference(self, rows: np.ndarray) -> float:
        """Returns how far the two differ at most on rows without infinities."""
        native = self.fitted.predict(rows.astype(np.float32))
        assert np.isfinite(native).all()
        return float(np.abs(run_model(self.model, rows) - native).max())


@pytest.fixture
def train() -> type[Trained]:
    """Trains in this process: a trainer, rows and labels."""
    return Trained


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
            "capture": pa.array([0] * len(label), pa.int32()),
            **{name: pa.array(values, pa.float32()) for name, values in x.items()},
        }
        pq.write_table(pa.table({**columns, **(override or {})}), self.path)

    def request(self, features: list[str], **override: Any) -> dict[str, Any]:
        """Returns a request for a model of these features."""
        request = {
            "id": "r1",
            "trainer": SIMPLEST,
            "params": TRAINERS[SIMPLEST],
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

    def exported(self, columns: list[Any]) -> np.ndarray:
        """Returns what the ONNX runtime makes of the columns with that model."""
        return run_model(self.model(), np.column_stack(columns))


@pytest.fixture
def matrix(tmp_path: Path) -> MatrixFile:
    """A place for one matrix and for what is made of it."""
    return MatrixFile(tmp_path)


@pytest.fixture
def awkward() -> dict[str, np.ndarray]:
    """600 rows of columns that each break a careless trainer or export."""
    n, rng = 600, np.random.default_rng(3)
    signal = rng.normal(size=n)
    gaps = signal.copy()
    gaps[rng.random(n) < 0.4] = np.nan
    infinite = signal.copy()
    infinite[5:20], infinite[20:30] = np.inf, -np.inf
    columns = {
        "signal": signal,
        "gaps": gaps,
        "infinite": infinite,
        "none": np.full(n, np.nan),
        "constant": np.full(n, 3.0),
        "large_constant": np.full(n, 1e37 / 3),
        "constant_with_gaps": np.where(np.isnan(gaps), np.nan, -7.0),
        "one_value": np.where(np.arange(n) == 9, 1e30, np.nan),
        "large": rng.choice([-LARGEST, LARGEST, 0], size=n),
        "all_large": rng.choice([LARGEST, 0.9 * LARGEST], size=n),
        "small": rng.choice([0, SMALLEST], size=n),
        "time": 1.7e9 + rng.random(n) * 1e6,
        "skewed": rng.lognormal(sigma=8, size=n),
        "flag": rng.integers(0, 2, size=n).astype(float),
        "negative_zero": np.where(rng.random(n) < 0.5, -0.0, 0.0),
    }
    assert list(columns) == AWKWARD
    return columns


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

    def __init__(self, hash_seed: str = "0", root: Path = ROOT) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": hash_seed}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-B", str(root / "worker.py")],
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


@pytest.fixture
def start_worker() -> type[Worker]:
    """Starts a worker of one's own; the test ends it."""
    return Worker


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
