"""What a logistic regression holds of its inputs."""

from __future__ import annotations

from typing import Any

import numpy as np


def test_input_without_variance_has_no_weight(
    worker: Any, matrix: Any, awkward: dict[str, np.ndarray]
) -> None:
    names = ["signal", "constant", "large_constant", "constant_with_gaps", "none"]
    matrix.write({n: awkward[n] for n in names}, (awkward["signal"] > 0.3).astype(int))
    described = worker.ask(matrix.request(names))["info"]["features"]
    assert described[0]["coefficient"] > 1
    assert [feature["coefficient"] for feature in described[1:]] == [0, 0, 0, 0]
    assert [feature["missing"] for feature in described[:3]] == [0, 0, 0]
    assert described[4]["missing"] == 600


def test_description_gives_the_score(
    worker: Any, matrix: Any, awkward: dict[str, np.ndarray]
) -> None:
    columns = {name: awkward[name] for name in ("signal", "gaps", "time", "flag")}
    matrix.write(columns, (awkward["signal"] > 0.3).astype(int))
    info = worker.ask(matrix.request(list(columns)))["info"]
    odds = np.full(600, info["intercept"])
    for feature in info["features"]:
        values = columns[feature["name"]].astype(np.float32).astype(float)
        values = np.where(np.isnan(values), feature["impute"], values)
        odds += feature["coefficient"] * (values - feature["mean"]) / feature["scale"]
    native = np.array(matrix.predictions()["score"])
    assert np.abs(1 / (1 + np.exp(-odds)) - native).max() < 1e-9


def test_answer_names_files_and_describes_the_training(worker: Any, ordinary: Any) -> None:
    answer = worker.ask(ordinary.request(["b", "a"]))
    info = answer.pop("info")
    assert answer == {
        "id": "r1",
        "model": str(ordinary.out / "model.onnx"),
        "predictions": str(ordinary.out / "predictions.parquet"),
    }
    assert [feature["name"] for feature in info["features"]] == ["b", "a"]
    assert info["features"][1]["coefficient"] > abs(info["features"][0]["coefficient"])
    assert (info["train_rows"], info["test_rows"], info["folds"]) == (300, 100, 5)
    assert info["n_iter"] > 0
    assert info["versions"]["scikit-learn"] == "1.9.1"
    assert info["warnings"] == []


def test_too_few_iterations_are_a_warning(worker: Any, ordinary: Any) -> None:
    answer = worker.ask(ordinary.request(["a", "b"], params={"max_iter": 1}))
    assert len(answer["info"]["warnings"]) == 1
    assert "ConvergenceWarning" in answer["info"]["warnings"][0]
