"""Trees: exact at their thresholds, the same in every run, described."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from mlp_worker import trees

INFINITY = np.float32(np.inf)
LARGEST = np.finfo(np.float32).max


def split_of(model: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Returns the feature and the threshold of each split of a model."""
    nodes = {node.op_type: node for node in onnx.load_from_string(model).graph.node}
    attributes = {a.name: a for a in nodes["TreeEnsemble"].attribute}
    features = np.array(attributes["nodes_featureids"].ints)
    return features, numpy_helper.to_array(attributes["nodes_splits"].t)


def around(threshold: float) -> list[np.float32]:
    """Returns the floats next to a threshold, on both sides."""
    nearest = np.float32(np.clip(threshold, -LARGEST, LARGEST))
    with np.errstate(over="ignore"):
        below, above = np.nextafter(nearest, -INFINITY), np.nextafter(nearest, INFINITY)
    return [value for value in (below, nearest, above) if np.isfinite(value)]


def hostile(rng: np.random.Generator, n: int) -> np.ndarray:
    """Returns features whose thresholds no float32 holds: neighbours, and ties."""
    base = rng.choice(rng.normal(size=100).astype(np.float32), size=n)
    one_apart = np.where(rng.random(n) < 0.5, base, np.nextafter(base, INFINITY))
    large = rng.choice(np.array([1e9, 1e9 + 64, 1e9 + 128], np.float32), size=n)
    gaps = np.where(rng.random(n) < 0.3, np.nan, np.round(base, 1))
    rare = np.where(rng.random(n) < 0.02, np.nan, 5.0)
    return np.column_stack([one_apart, large, gaps, rare, rng.choice([-LARGEST, LARGEST], size=n)])


@pytest.mark.parametrize("seed", range(5))
def test_native_and_exported_agree_beside_every_threshold(
    train: Any, tree_trainer: dict[str, Any], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    x = hostile(rng, 1500).astype(np.float32)
    # The classes differ by the last bit of the first feature, and by gaps.
    last_bit = x[:, 0].view(np.uint32) % 2 == 1
    y = (last_bit ^ np.isnan(x[:, 2]) ^ (rng.random(len(x)) < 0.1)).astype(np.int8)
    trained = train(tree_trainer, x, y)
    rows = [x]
    features, thresholds = split_of(trained.model)
    assert len(thresholds) > 50
    for feature, threshold in zip(features, thresholds, strict=True):
        near = around(threshold)
        block = x[rng.integers(0, len(x), size=len(near))].copy()
        block[:, feature] = near
        rows.append(block)
    assert trained.difference(np.vstack(rows)) <= 1e-7


def test_a_threshold_rounded_to_32_bits_would_be_wrong(
    train: Any, tree_trainer: dict[str, Any]
) -> None:
    """Shows that the test above can fail."""
    x = hostile(np.random.default_rng(0), 1500).astype(np.float32)
    y = (x[:, 0].view(np.uint32) % 2).astype(np.int8)
    features, thresholds = split_of(train(tree_trainer, x, y).model)
    wrong = [
        threshold
        for threshold in thresholds[features == 0]
        for value in around(threshold)
        if (value <= threshold) != (value <= np.float32(threshold))
    ]
    assert wrong


def test_deterministic(worker: Any, other_worker: Any, ordinary: Any, tree_trainer: Any) -> None:
    made = []
    for process in (worker, worker, other_worker):
        assert "error" not in process.ask(ordinary.request(["a", "b"], **tree_trainer))
        predictions = (ordinary.out / "predictions.parquet").read_bytes()
        made.append((ordinary.model(), predictions))
    assert made[0] == made[1] == made[2]
    oof = ordinary.predictions()["oof"]
    worker.ask(ordinary.request(["a", "b"], seed=8, **tree_trainer))
    assert ordinary.predictions()["oof"] != oof


def test_threads_do_not_change_the_model(train: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(300, 4)), (np.arange(300) % 3 == 0).astype(np.int8)
    forest = {"trainer": "mlp.trainers.sklearn.RandomForest", "params": {"n_estimators": 20}}
    models = []
    for cpus in ("1", "4"):
        monkeypatch.setattr("joblib.parallel.cpu_count", lambda cpus=cpus: int(cpus))
        models.append(train(forest, x, y).model)
    assert models[0] == models[1]


def test_importances_say_what_counts(
    worker: Any, matrix: Any, awkward: Any, tree_trainer: dict[str, Any]
) -> None:
    names = ["flag", "signal", "constant", "none", "gaps"]
    label = (awkward["signal"] > 0.3).astype(int)
    matrix.write({name: awkward[name] for name in names}, label)
    info = worker.ask(matrix.request(names, **tree_trainer))["info"]
    importance = {f["name"]: f["importance"] for f in info["features"]}
    assert list(importance) == names
    assert sum(importance.values()) == pytest.approx(1)
    assert max(importance, key=lambda name: importance[name]) == "signal"
    assert importance["constant"] == importance["none"] == 0
    missing = [feature["missing"] for feature in info["features"]]
    assert missing == [0, 0, 0, 600, int(np.isnan(awkward["gaps"]).sum())]
    assert info["trees"] == 12
    assert info["leaves"] >= 24
    assert info.get("n_iter", 12) == 12


def test_nothing_to_split_is_a_warning(
    worker: Any, matrix: Any, tree_trainer: dict[str, Any]
) -> None:
    matrix.write({"constant": [1.0] * 40}, [0, 1] * 20)
    info = worker.ask(matrix.request(["constant"], **tree_trainer))["info"]
    assert "UserWarning: the model gives every row the same score" in info["warnings"]
    assert info["features"] == [{"name": "constant", "importance": 0.0, "missing": 0}]


def test_size_stays_below_what_the_reference_says(train: Any, tree_trainer: Any) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(3000, 8)), (rng.random(3000) < 0.5).astype(np.int8)
    trained = train(tree_trainer, x, y)
    leaves = trained.fitted.describe([f"f{i}" for i in range(8)])["leaves"]
    assert leaves > 300
    assert len(trained.model) < 34 * leaves + 1000


def walk(tree: trees.Tree, row: np.ndarray) -> float:
    node = 0
    while not tree.leaf[node]:
        value = row[tree.feature[node]]
        left = tree.missing_left[node] if np.isnan(value) else value <= tree.threshold[node]
        node = tree.left[node] if left else tree.right[node]
    return float(tree.value[node])


def random_tree(rng: np.random.Generator, branches: int, inputs: int) -> trees.Tree:
    """Returns a tree of random shape, with thresholds among the values of rows."""
    n = 2 * branches + 1
    left, right, leaf = np.zeros(n, int), np.zeros(n, int), np.ones(n, bool)
    for i in range(branches):
        node = rng.choice(np.flatnonzero(leaf[: 2 * i + 1]))
        leaf[node], left[node], right[node] = False, 2 * i + 2, 2 * i + 1
    threshold = rng.integers(-2, 3, size=n) + rng.choice([0, 1e-12, -1e-12], size=n)
    threshold[rng.random(n) < 0.1] = np.inf
    return trees.Tree(
        leaf=leaf,
        feature=np.where(leaf, -2, rng.integers(0, inputs, size=n)),
        threshold=threshold,
        left=left,
        right=right,
        missing_left=rng.random(n) < 0.5,
        value=rng.normal(size=n),
    )


@pytest.mark.parametrize("shape", [[0], [0, 0, 3], [1], [5, 0, 40], [255]])
def test_ensembles_of_any_shape(shape: list[int]) -> None:
    rng = np.random.default_rng(len(shape))
    grown = [random_tree(rng, branches, 3) for branches in shape]
    same = helper.make_node("Identity", ["sum"], ["probabilities"])
    model = trees.model(grown, 3, [same], {})
    onnx.checker.check_model(model, full_check=True)
    model.ir_version = 8
    rows = rng.integers(-3, 4, size=(200, 3)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.2] = np.nan
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    got = session.run(None, {"features": rows})[0][:, 0]
    want = [sum(walk(tree, row) for tree in grown) for row in rows]
    assert np.abs(got - want).max() <= 1e-12


def test_a_chain_as_deep_as_allowed() -> None:
    depth = 256
    n = 2 * depth + 1
    leaf = np.arange(n) % 2 == 1
    leaf[-1] = True
    chain = trees.Tree(
        leaf=leaf,
        feature=np.zeros(n, int),
        threshold=np.arange(n) / 2,
        left=np.arange(n) + 1,
        right=np.arange(n) + 2,
        missing_left=np.zeros(n, bool),
        value=np.arange(n, dtype=float),
    )
    same = helper.make_node("Identity", ["sum"], ["probabilities"])
    model = trees.model([chain], 1, [same], {})
    model.ir_version = 8
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    rows = np.array([[0], [1], [100], [255], [256], [1e9], [np.nan]], np.float32)
    got = session.run(None, {"features": rows})[0][:, 0]
    assert list(got) == [1, 3, 201, 511, 512, 512, 512]
