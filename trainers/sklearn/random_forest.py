"""mlp.trainers.sklearn.RandomForest: many trees, each on a sample of the rows."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import onnx
from onnx import helper
from sklearn.ensemble import RandomForestClassifier

from mlp_worker import params, trees
from mlp_worker.kinds import Task

CRITERIA = {"GINI": "gini", "ENTROPY": "entropy"}
MAX_FEATURES = {"SQRT": "sqrt", "LOG2": "log2", "ALL": None}


@dataclasses.dataclass(frozen=True)
class Params:
    """The parameters; the fields and their defaults are params.proto's."""

    n_estimators: int = params.integer(100, 1, 5000)
    max_leaf_nodes: int = params.integer(256, 2, 65536)
    max_depth: int = params.integer(64, 1, 256)
    min_samples_leaf: int = params.integer(1, 1, 1_000_000)
    max_features: str = params.choice("SQRT", list(MAX_FEATURES))
    max_samples: float = params.number(1.0, 1.0)
    criterion: str = params.choice("GINI", list(CRITERIA))
    class_weight: str = params.choice("BALANCED", list(params.CLASS_WEIGHTS))


def parse(given: dict[str, Any]) -> Params:
    """Returns the parameters, or raises a Refusal that names the wrong one."""
    return trees.parse(Params, given, "n_estimators")


def fit(parameters: Params, task: Task) -> Model:
    """Fits a forest."""
    arguments = params.arguments(
        parameters,
        max_features=MAX_FEATURES,
        criterion=CRITERIA,
        class_weight=params.CLASS_WEIGHTS,
    )
    arguments["max_samples"] = max(round(parameters.max_samples * len(task.y)), 1)
    forest = RandomForestClassifier(**arguments, random_state=task.seed, n_jobs=-1)
    # Each tree has a seed of its own, so threads do not change what is grown.
    # They would change the order in which predictions are added up.
    with _any_sums():
        forest.fit(task.x, task.y)
    forest.n_jobs = 1
    return Model(forest, np.isnan(task.x).sum(axis=0))


class Model:
    """A fitted forest: the mean of what its trees say."""

    def __init__(self, forest: RandomForestClassifier, missing: np.ndarray) -> None:
        self._forest = forest
        self._missing = missing

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Returns the probability of an attack, float64 [n]."""
        with _any_sums():
            return self._forest.predict_proba(x)[:, 1]

    def export(self) -> onnx.ModelProto:
        """Returns the forest with its output "probabilities" [n, 1]."""
        mean = helper.make_node("Div", ["sum", "trees"], ["probabilities"])
        grown = self._trees()
        return trees.model(grown, len(self._missing), [mean], {"trees": len(grown)})

    def describe(self, features: list[str]) -> dict[str, Any]:
        """Returns the forest's size and how much each input counts."""
        importances = self._forest.feature_importances_
        return trees.describe(self._trees(), importances, self._missing, features)

    def _trees(self) -> list[trees.Tree]:
        return [_tree(estimator.tree_) for estimator in self._forest.estimators_]


def _any_sums() -> np.errstate:
    """Returns what silences the forest where it adds up inputs to find NaN."""
    return np.errstate(over="ignore", invalid="ignore")


def _tree(fitted: Any) -> trees.Tree:
    leaf = fitted.children_left == -1
    weight = fitted.value[:, 0, :]
    return trees.Tree(
        leaf=leaf,
        feature=fitted.feature,
        threshold=fitted.threshold,
        left=fitted.children_left,
        right=fitted.children_right,
        missing_left=fitted.missing_go_to_left,
        value=weight[:, 1] / weight.sum(axis=1),
    )
