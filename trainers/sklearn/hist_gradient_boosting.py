"""mlp.trainers.sklearn.HistGradientBoosting: each tree corrects those before it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import onnx
from onnx import helper
from sklearn.ensemble import HistGradientBoostingClassifier

from mlp_worker import params, trees
from mlp_worker.kinds import Task

# How many rows decide where the bins lie: as many as the library takes.
BINNED_ROWS = 200_000


@dataclasses.dataclass(frozen=True)
class Params:
    """The parameters; the fields and their defaults are params.proto's."""

    max_iter: int = params.integer(100, 1, 5000)
    learning_rate: float = params.number(0.1, 1.0)
    max_leaf_nodes: int = params.integer(31, 2, 4096)
    max_depth: int = params.integer(64, 1, 256)
    min_samples_leaf: int = params.integer(20, 1, 1_000_000)
    l2_regularization: float = params.number(0.0, 1e15, low=0.0)
    max_features: float = params.number(1.0, 1.0)
    max_bins: int = params.integer(255, 2, 255)
    class_weight: str = params.choice("BALANCED", list(params.CLASS_WEIGHTS))


def parse(given: dict[str, Any]) -> Params:
    """Returns the parameters, or raises a Refusal that names the wrong one."""
    return trees.parse(Params, given, "max_iter")


def fit(parameters: Params, task: Task) -> Model:
    """Fits boosted trees."""
    boosting = _Boosting(
        **params.arguments(parameters, class_weight=params.CLASS_WEIGHTS),
        categorical_features=None,
        # It would hold rows back for itself, equal ones on both sides.
        early_stopping=False,
        random_state=task.seed,
    )
    boosting.fit(task.x, task.y)
    return Model(boosting, np.isnan(task.x).sum(axis=0))


class _Boosting(HistGradientBoostingClassifier):
    """The library's, but for how the inputs are cut into bins.

    It finds the quantiles of weighted rows one by one, which takes longer than
    the trees do. Rows repeated as often as they weigh have nearly the same ones.
    """

    def _bin_data(self, X: np.ndarray, sample_weight: Any, is_training_data: bool) -> np.ndarray:
        rows = np.arange(len(X))
        if sample_weight is not None:
            rows = np.repeat(rows, np.rint(sample_weight / sample_weight.min()).astype(int))
        if len(rows) > BINNED_ROWS:
            chance = np.random.default_rng(int(self._random_seed))
            rows = chance.choice(rows, BINNED_ROWS)
        known = X[rows]
        # An input without values has no quantiles, and fails. It needs no bins.
        known[:, np.isnan(known).all(axis=0)] = 0
        self._bin_mapper.fit(known)
        return self._bin_mapper.transform(X)


class Model:
    """Fitted trees: the log-odds are the sum of what they say, and a base."""

    def __init__(self, boosting: HistGradientBoostingClassifier, missing: np.ndarray) -> None:
        self._boosting = boosting
        self._missing = missing

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Returns the probability of an attack, float64 [n]."""
        return self._boosting.predict_proba(x)[:, 1]

    def export(self) -> onnx.ModelProto:
        """Returns the trees with their output "probabilities" [n, 1]."""
        after = [
            helper.make_node("Add", ["sum", "base"], ["odds"]),
            helper.make_node("Sigmoid", ["odds"], ["probabilities"]),
        ]
        base = float(self._boosting._baseline_prediction.item())
        grown = [_tree(nodes) for nodes in self._nodes()]
        return trees.model(grown, len(self._missing), after, {"base": base})

    def describe(self, features: list[str]) -> dict[str, Any]:
        """Returns the size of the trees and how much each input counts."""
        gains = np.zeros(len(self._missing))
        for nodes in self._nodes():
            branches = nodes[nodes["is_leaf"] == 0]
            np.add.at(gains, branches["feature_idx"], branches["gain"])
        importances = gains / gains.sum() if gains.sum() > 0 else gains
        grown = [_tree(nodes) for nodes in self._nodes()]
        described = trees.describe(grown, importances, self._missing, features)
        return {"n_iter": int(self._boosting.n_iter_), **described}

    def _nodes(self) -> list[np.ndarray]:
        """Returns the nodes of each tree: two classes have one tree a round."""
        return [predictor.nodes for (predictor,) in self._boosting._predictors]


def _tree(nodes: np.ndarray) -> trees.Tree:
    return trees.Tree(
        leaf=nodes["is_leaf"] == 1,
        feature=nodes["feature_idx"],
        threshold=nodes["num_threshold"],
        left=nodes["left"].astype(np.int64),
        right=nodes["right"].astype(np.int64),
        missing_left=nodes["missing_go_to_left"] == 1,
        value=nodes["value"],
    )
