"""The exported model against the native one, on inputs that are awkward."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest

N = 600
LARGEST = float(np.finfo(np.float32).max)
SMALLEST = float(np.finfo(np.float32).smallest_subnormal)


def labels(columns: dict[str, np.ndarray]) -> np.ndarray:
    return (columns["signal"] > 0.3).astype(np.int8)


# The worker keeps such warnings as notes.
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_one_awkward_input(
    train: Any, trainer: dict[str, Any], awkward: Any, awkward_name: str, tolerance: float
) -> None:
    x = awkward[awkward_name].reshape(-1, 1)
    x[np.isinf(x)] = np.nan
    assert train(trainer, x, labels(awkward)).difference(x) <= tolerance


def test_all_awkward_inputs(
    worker: Any, matrix: Any, trainer: dict[str, Any], awkward: Any, tolerance: float
) -> None:
    side = ["test" if i % 3 == 0 else "train" for i in range(N)]
    matrix.write(awkward, labels(awkward), side)
    answer = worker.ask(matrix.request(list(awkward), **trainer))
    assert "error" not in answer
    native = np.array(matrix.predictions()["score"])
    exported = matrix.exported(list(awkward.values()))
    assert exported.shape == (N,)
    assert exported.dtype == np.float32
    assert np.abs(exported - native).max() <= tolerance


def test_values_never_seen_in_training_get_finite_scores(
    worker: Any, matrix: Any, trainer: dict[str, Any], awkward: Any
) -> None:
    matrix.write(awkward, labels(awkward))
    worker.ask(matrix.request(list(awkward), **trainer))
    for value in (0, LARGEST, -LARGEST, SMALLEST, np.inf, -np.inf, np.nan):
        rows = [np.full(3, value)] * len(awkward)
        assert np.isfinite(matrix.exported(rows)).all()


def test_missing_and_infinite_are_the_same(
    worker: Any, matrix: Any, trainer: dict[str, Any], awkward: Any
) -> None:
    matrix.write({"gaps": awkward["gaps"]}, labels(awkward))
    worker.ask(matrix.request(["gaps"], **trainer))
    missing, above, below, other = matrix.exported([np.array([np.nan, np.inf, -np.inf, 1.0])])
    assert missing == above == below != other


def test_missing_where_none_was_in_training(
    train: Any, trainer: dict[str, Any], tolerance: float
) -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(500, 3))
    trained = train(trainer, x, (x[:, 0] > 1).astype(np.int8))
    x[rng.random(x.shape) < 0.5] = np.nan
    assert trained.difference(x) <= tolerance


@pytest.mark.parametrize("attacks", [1, 2, 249, 250])
def test_nearly_one_class(
    train: Any, trainer: dict[str, Any], attacks: int, tolerance: float
) -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(251, 4))
    trained = train(trainer, x, (np.arange(251) < attacks).astype(np.int8))
    assert trained.difference(x) <= tolerance


@pytest.mark.parametrize("rows", [2, 3, 10])
def test_few_rows(train: Any, trainer: dict[str, Any], rows: int, tolerance: float) -> None:
    x = np.arange(rows, dtype=np.float32).reshape(-1, 1)
    trained = train(trainer, x, (np.arange(rows) == 0).astype(np.int8))
    assert trained.difference(np.vstack([x, [[np.nan]]])) <= tolerance


def test_many_inputs(train: Any, trainer: dict[str, Any], tolerance: float) -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=(300, 1200))
    x[::3, 7] = np.nan
    trained = train(trainer, x, (x[:, 1100] > 0.5).astype(np.int8))
    assert trained.difference(x) <= tolerance


def test_balanced_classes_count_the_same(
    worker: Any, matrix: Any, weighted_trainer: dict[str, Any]
) -> None:
    rng = np.random.default_rng(5)
    label = (np.arange(N) % 20 == 0).astype(int)
    matrix.write({"flag": rng.integers(0, 2, size=N).astype(float)}, label)
    means = {}
    for weight in ("UNIFORM", "BALANCED"):
        params = {**weighted_trainer["params"], "class_weight": weight}
        worker.ask(matrix.request(["flag"], trainer=weighted_trainer["trainer"], params=params))
        means[weight] = np.mean(matrix.predictions()["score"])
    assert means["UNIFORM"] == pytest.approx(0.05, abs=0.01)
    assert means["BALANCED"] == pytest.approx(0.5, abs=0.1)


def test_model_holds_nothing_but_the_model(
    worker: Any, ordinary: Any, trainer: dict[str, Any]
) -> None:
    worker.ask(ordinary.request(["a", "b"], **trainer))
    model = onnx.load_from_string(ordinary.model())
    assert (model.producer_name, model.doc_string, len(model.metadata_props)) == ("", "", 0)
    assert {opset.domain for opset in model.opset_import} == {"", "ai.onnx.ml"}
    assert {node.domain for node in model.graph.node} <= {"", "ai.onnx.ml"}
    assert not {"ArgMax", "ArrayFeatureExtractor"} & {node.op_type for node in model.graph.node}
    assert not any(node.name for node in model.graph.node)
    assert [value.name for value in model.graph.output] == ["score"]
