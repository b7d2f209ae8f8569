"""Networks: what they learn, when they stop, what an autoencoder's score means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mlp_worker import networks
from mlp_worker.errors import Refusal
from mlp_worker.folds import hold_back
from mlp_worker.kinds import Kinds, Task

DENSE = "mlp.trainers.tensorflow.Dense"
AUTOENCODER = "mlp.trainers.tensorflow.Autoencoder"


def rows_of(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows in which no input alone tells an attack: two have one sign."""
    x = np.random.default_rng(seed).normal(size=(n, 4)).astype(np.float32)
    return x, (x[:, 0] * x[:, 1] > 0).astype(np.int8)


def test_a_network_learns_what_no_line_divides(train: Any) -> None:
    trained = train({"trainer": DENSE, "params": {"learning_rate": 0.01}}, *rows_of(2000))
    x, y = rows_of(1000, seed=1)
    right = (trained.fitted.predict(x) > 0.5) == y
    assert right.mean() > 0.95


def test_training_stops_when_it_gets_no_better(root: Path) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(400, 4)).astype(np.float32), rng.integers(0, 2, 400).astype(np.int8)
    seen: list[tuple[int, int, float]] = []
    task = Task(x, y, np.arange(400) % 10, 3, lambda *e: seen.append(e))
    module = Kinds(root).trainer(DENSE)
    learning = {"learning_rate": 0.01, "max_epochs": 300, "patience": 4}
    model = module.fit(module.parse(learning), task)
    kept = model.describe(["a", "b", "c", "d"])["n_iter"]
    losses = [loss for _, _, loss in seen]
    assert [epoch for epoch, _, _ in seen] == list(range(1, len(seen) + 1))
    assert {epochs for _, epochs, _ in seen} == {300}
    assert len(seen) == kept + 4 < 300
    assert kept == int(np.argmin(losses)) + 1
    # With as many epochs as were kept it is the same model: the best one counts.
    again = module.fit(module.parse({**learning, "max_epochs": kept}), task)
    assert (again.predict(x) == model.predict(x)).all()


def test_without_rows_held_back_all_epochs_are_trained(train: Any) -> None:
    params = {"validation": 0, "max_epochs": 7, "patience": 1, "learning_rate": 1.0}
    trained = train({"trainer": DENSE, "params": params}, *rows_of(300))
    assert trained.fitted.describe([""] * 4)["n_iter"] == 7


def test_autoencoder_learns_from_benign_rows_alone(worker: Any, matrix: Any) -> None:
    n, rng = 600, np.random.default_rng(2)
    a = rng.normal(size=n)
    label = (np.arange(n) % 5 == 0).astype(int)
    # Benign rows lie on a line; half of the attacks do not.
    b = np.where(label == 1, np.where(np.arange(n) % 2 == 0, 3 - a, a), a)
    models, scores = [], []
    for attack in (b, np.where(label == 1, 100.0, b)):
        matrix.write({"a": a, "b": attack}, label)
        params = {"max_epochs": 60, "learning_rate": 0.01, "bottleneck": 1}
        answer = worker.ask(matrix.request(["a", "b"], trainer=AUTOENCODER, params=params))
        assert "error" not in answer
        models.append(matrix.model())
        scores.append(np.array(matrix.predictions()["oof"]))
    assert models[0] == models[1]
    assert np.median(scores[1][label == 1]) > np.quantile(scores[1][label == 0], 0.99)
    assert 0.3 < np.median(scores[0][label == 0]) < 0.5


def test_the_score_grows_with_the_error(train: Any) -> None:
    x = np.random.default_rng(3).normal(size=(500, 3)).astype(np.float32)
    params = {"max_epochs": 20, "units": 8, "bottleneck": 2}
    trained = train(
        {"trainer": AUTOENCODER, "params": params}, x, (np.arange(500) < 2).astype(np.int8)
    )
    rows = np.zeros((8, 3), np.float32)
    rows[:, 0] = [0, 10, 1e2, 1e4, 1e8, 1e16, 1e30, 3e38]
    score = trained.fitted.predict(rows)
    assert (np.diff(score) > 0).all()
    assert 0 <= score.min() and score.max() < 1
    assert trained.difference(rows) < 1e-6


def test_an_input_that_never_changed(train: Any) -> None:
    x, y = rows_of(300)
    x[:, 3] = 5
    other = x[:50].copy()
    other[:, 3] = 500
    dense = train({"trainer": DENSE, "params": {"max_epochs": 2}}, x, y).fitted
    assert (dense.predict(other) == dense.predict(x[:50])).all()
    coder = train({"trainer": AUTOENCODER, "params": {"max_epochs": 2}}, x, y).fitted
    assert (coder.predict(other) > coder.predict(x[:50])).all()


def test_a_few_huge_values_leave_the_others_apart(train: Any) -> None:
    x, y = rows_of(1000)
    x[:, :2] = np.sign(x[:, :2]) * np.exp(np.abs(x[:, :2]))
    x[0, 0] = x[1, 1] = 3e38
    trained = train({"trainer": DENSE, "params": {"learning_rate": 0.01}}, x, y)
    assert ((trained.fitted.predict(x) > 0.5) == y).mean() > 0.95


@pytest.mark.parametrize(
    ("widths", "dropout", "loss"),
    [((4, 8, 8, 1), 0.3, "crossentropy"), ((4, 8, 2, 8, 4), 0.0, "squares")],
)
def test_what_is_exported_is_what_keras_trained(
    widths: tuple[int, ...], dropout: float, loss: str
) -> None:
    x, y = rows_of(300)
    shape = networks.Shape(widths, dropout, loss, 0.01, 64)
    # Without rows held back the last epoch's weights count: those that Keras has.
    schedule = networks.Schedule(3, 1, 0.0)
    learnt = networks.learn(shape, schedule, Task(x, y, np.zeros(300), 1), np.ones(300))
    keras = networks._network(shape).model(x, training=False).numpy()
    assert keras.shape == (300, widths[-1])
    assert keras.std() > 0.01
    assert np.abs(learnt.tensors(x).numpy() - keras).max() <= 1e-6


def test_captures_are_held_back_whole() -> None:
    n = 1000
    capture, y = np.arange(n) % 10, (np.arange(n) % 4 == 0).astype(np.int8)
    held = hold_back(capture, y, 0.2, 1)
    benign = y == 0
    for name in range(10):
        assert len(np.unique(held[benign & (capture == name)])) == 1
    assert 0.15 <= held[benign].mean() <= 0.3
    assert held[~benign].mean() == pytest.approx(0.2)
    # One capture cannot be held back: its rows are.
    single = hold_back(np.zeros(n), y, 0.2, 1)
    assert single[benign].mean() == pytest.approx(0.2)
    assert not hold_back(capture, y, 0.0, 1).any()
    assert not hold_back(np.zeros(2), np.array([0, 1]), 0.5, 1).any()


def test_what_was_trained_before_leaves_no_trace(
    worker: Any, other_worker: Any, ordinary: Any
) -> None:
    params = {"max_epochs": 3, "dropout": 0.3}
    request = ordinary.request(["a", "b"], params=params)
    worker.ask(ordinary.request(["a", "b"], params=params, seed=99))
    worker.ask(request)
    first = ordinary.model()
    other_worker.ask(request)
    assert ordinary.model() == first


def test_a_network_that_is_too_large(worker: Any, matrix: Any) -> None:
    wide = pa.array([[float(i)] * 4000 for i in range(4)], pa.list_(pa.float32()))
    matrix.write({}, [0, 1, 0, 1], override={"a": wide})
    answer = worker.ask(matrix.request(["a"], params={"units": 4096}))
    message = "the network would have 33173505 weights, more than 10000000: lower units"
    assert answer["error"] == {"kind": "params", "message": message}


def test_a_loss_that_is_no_number(monkeypatch: Any) -> None:
    monkeypatch.setattr(networks, "_mean_loss", lambda *_: float("nan"))
    x, y = rows_of(50)
    task = Task(x, y, np.zeros(50), 1)
    shape = networks.Shape((4, 2, 1), 0.0, "crossentropy", 0.1, 10)
    with pytest.raises(Refusal) as refused:
        networks.learn(shape, networks.Schedule(5, 1, 0.2), task, np.ones(50))
    assert refused.value.message == "no finite loss after epoch 1: lower learning_rate"


@pytest.mark.parametrize(
    ("message", "params", "wrong"),
    [
        (DENSE, {"hidden_layers": 0}, "hidden_layers is not an integer from 1 to 8"),
        (DENSE, {"dropout": 1}, "dropout is not a number from 0 to 0.9"),
        (DENSE, {"class_weight": "NONE"}, "class_weight is none of UNIFORM, BALANCED"),
        (AUTOENCODER, {"dropout": 0.1}, "unknown parameter 'dropout'"),
        (AUTOENCODER, {"bottleneck": 1025}, "bottleneck is not an integer from 1 to 1024"),
    ],
)
def test_refusal_names_the_parameter(
    root: Path, message: str, params: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(Refusal) as refused:
        Kinds(root).trainer(message).parse(params)
    assert (refused.value.kind, refused.value.message) == ("params", wrong)
