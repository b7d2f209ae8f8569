"""What is wrong with parameters of scikit-learn's trainers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlp_worker.errors import Refusal
from mlp_worker.kinds import Kinds

FOREST = "RandomForest"
BOOSTING = "HistGradientBoosting"
LOGISTIC = "LogisticRegression"


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        (LOGISTIC, {"d": 1}, "unknown parameter 'd'"),
        (LOGISTIC, {"c": 0}, "c is not a number above 0 and at most 1e+15"),
        (LOGISTIC, {"max_iter": 1.5}, "max_iter is not an integer from 1 to 1000000"),
        (LOGISTIC, {"class_weight": ["UNIFORM"]}, "class_weight is none of UNIFORM, BALANCED"),
        (FOREST, {"c": 1.0}, "unknown parameter 'c'"),
        (FOREST, {"max_features": 3}, "max_features is none of SQRT, LOG2, ALL"),
        (FOREST, {"max_samples": 1.5}, "max_samples is not a number above 0 and at most 1"),
        (
            FOREST,
            {"n_estimators": 4000, "max_leaf_nodes": 300},
            "n_estimators times max_leaf_nodes is more than 1000000",
        ),
        (FOREST, {"max_leaf_nodes": 10_001}, "n_estimators times max_leaf_nodes is more than"),
        (BOOSTING, {"l2_regularization": -0.1}, "l2_regularization is not a number from 0 to"),
        (BOOSTING, {"max_bins": 256}, "max_bins is not an integer from 2 to 255"),
        (
            BOOSTING,
            {"max_iter": 1000, "max_leaf_nodes": 1001},
            "max_iter times max_leaf_nodes is more than 1000000",
        ),
    ],
)
def test_refusal_names_the_parameter(
    root: Path, name: str, params: dict[str, Any], message: str
) -> None:
    with pytest.raises(Refusal) as refused:
        Kinds(root).trainer(f"mlp.trainers.sklearn.{name}").parse(params)
    assert refused.value.kind == "params"
    assert message in refused.value.message
