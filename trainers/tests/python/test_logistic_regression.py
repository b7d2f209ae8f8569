"""The exported model against the native one, on inputs that are awkward."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from mlp_worker.kinds import Kinds

N = 600
LARGEST = float(np.finfo(np.float32).max)
SMALLEST = float(np.finfo(np.float32).smallest_subnormal)


def features() -> dict[str, np.ndarray]:
    """Returns columns that each break a careless trainer or export."""
    rng = np.random.default_rng(3)
    signal = rng.normal(size=N)
    gaps = signal.copy()
    gaps[rng.random(N) < 0.4] = np.nan
    infinite = signal.copy()
    infinite[5:20], infinite[20:30] = np.inf, -np.inf
    return {
        "signal": signal,
        "gaps": gaps,
        "infinite": infinite,
        "none": np.full(N, np.nan),
        "constant": np.full(N, 3.0),
        "large_constant": np.full(N, 1e37 / 3),
        "constant_with_gaps": np.where(np.isnan(gaps), np.nan, -7.0),
        "one_value": np.where(np.arange(N) == 9, 1e30, np.nan),
        "large": rng.choice([-LARGEST, LARGEST, 0], size=N),
        "all_large": rng.choice([LARGEST, 0.9 * LARGEST], size=N),
        "small": rng.choice([0, SMALLEST], size=N),
        "time": 1.7e9 + rng.random(N) * 1e6,
        "skewed": rng.lognormal(sigma=8, size=N),
        "flag": rng.integers(0, 2, size=N).astype(float),
        "negative_zero": np.where(rng.random(N) < 0.5, -0.0, 0.0),
    }


def scores(model: bytes, columns: list[Any]) -> np.ndarray:
    """Returns what the ONNX runtime makes of the columns."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    rows = np.column_stack(columns).astype(np.float32)
    return session.run(["score"], {"features": rows})[0]


@pytest.mark.parametrize("name", [*features(), "all of them"])
def test_exported_model_scores_like_the_native_one(worker: Any, matrix: Any, name: str) -> None:
    columns = features() if name == "all of them" else {name: features()[name]}
    label = (features()["signal"] > 0.3).astype(int)
    side = ["test" if i % 3 == 0 else "train" for i in range(N)]
    matrix.write(columns, label, side)
    answer = worker.ask(matrix.request(list(columns)))
    assert "error" not in answer
    native = np.array(matrix.predictions()["score"])
    exported = scores(matrix.model(), list(columns.values()))
    assert exported.shape == (N,)
    assert exported.dtype == np.float32
    assert np.abs(exported - native).max() <= 1e-6


def test_values_never_seen_in_training_get_finite_scores(worker: Any, matrix: Any) -> None:
    columns = features()
    matrix.write(columns, (columns["signal"] > 0.3).astype(int))
    worker.ask(matrix.request(list(columns)))
    for value in (0, LARGEST, -LARGEST, SMALLEST, np.inf, -np.inf, np.nan):
        rows = [np.full(3, value)] * len(columns)
        assert np.isfinite(scores(matrix.model(), rows)).all()


def test_missing_and_infinite_are_the_same(worker: Any, matrix: Any) -> None:
    columns = features()
    matrix.write({"gaps": columns["gaps"]}, (columns["signal"] > 0.3).astype(int))
    worker.ask(matrix.request(["gaps"]))
    missing, infinite, other = scores(matrix.model(), [np.array([np.nan, np.inf, 1.0])])
    assert missing == infinite != other


def test_input_without_variance_has_no_weight(worker: Any, matrix: Any) -> None:
    columns = features()
    names = ["signal", "constant", "large_constant", "constant_with_gaps", "none"]
    matrix.write({n: columns[n] for n in names}, (columns["signal"] > 0.3).astype(int))
    described = worker.ask(matrix.request(names))["info"]["features"]
    assert described[0]["coefficient"] > 1
    assert [feature["coefficient"] for feature in described[1:]] == [0, 0, 0, 0]
    assert [feature["missing"] for feature in described[:3]] == [0, 0, 0]
    assert described[4]["missing"] == N


def test_description_gives_the_score(worker: Any, matrix: Any) -> None:
    columns = {name: features()[name] for name in ("signal", "gaps", "time", "flag")}
    matrix.write(columns, (columns["signal"] > 0.3).astype(int))
    info = worker.ask(matrix.request(list(columns)))["info"]
    odds = np.full(N, info["intercept"])
    for feature in info["features"]:
        values = columns[feature["name"]].astype(np.float32).astype(float)
        values = np.where(np.isnan(values), feature["impute"], values)
        odds += feature["coefficient"] * (values - feature["mean"]) / feature["scale"]
    native = np.array(matrix.predictions()["score"])
    assert np.abs(1 / (1 + np.exp(-odds)) - native).max() < 1e-9


def test_balanced_classes_count_the_same(worker: Any, matrix: Any) -> None:
    rng = np.random.default_rng(5)
    label = (np.arange(N) % 20 == 0).astype(int)
    matrix.write({"noise": rng.normal(size=N)}, label)
    means = {}
    for weight in ("UNIFORM", "BALANCED"):
        worker.ask(matrix.request(["noise"], params={"class_weight": weight}))
        means[weight] = np.mean(matrix.predictions()["score"])
    assert means["UNIFORM"] == pytest.approx(0.05, abs=0.01)
    assert means["BALANCED"] == pytest.approx(0.5, abs=0.05)


def test_model_holds_nothing_but_the_model(worker: Any, ordinary: Any) -> None:
    worker.ask(ordinary.request(["a", "b"]))
    model = onnx.load_from_string(ordinary.model())
    assert (model.producer_name, model.doc_string, len(model.metadata_props)) == ("", "", 0)
    assert {opset.domain for opset in model.opset_import} == {"", "ai.onnx.ml"}
    assert {node.domain for node in model.graph.node} <= {"", "ai.onnx.ml"}
    assert not {"ArgMax", "ArrayFeatureExtractor"} & {node.op_type for node in model.graph.node}
    assert not any(node.name for node in model.graph.node)


def test_defaults_are_those_of_the_proto(root: Path) -> None:
    module = Kinds(root).trainer("mlp.trainers.sklearn.LogisticRegression")
    text = (root / "sklearn" / "params.proto").read_text(encoding="utf-8")
    body = re.search(r"message LogisticRegression \{(.*?)\n\}", text, re.DOTALL)
    assert body is not None
    declared = dict(re.findall(r"optional \w+ (\w+) = \d+ \[default = (\w[\w.]*)\]", body[1]))
    assert declared == {k: str(v) for k, v in dataclasses.asdict(module.Params()).items()}


def test_pins_are_what_the_lock_holds(root: Path) -> None:
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    described = json.loads((root / "sklearn" / "trainer.json").read_text(encoding="utf-8"))
    for pin in described["pins"]:
        assert f"\n{pin} " in "\n" + lock
