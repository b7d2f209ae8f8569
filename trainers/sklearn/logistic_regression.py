"""mlp.trainers.sklearn.LogisticRegression: impute, standardise, fit."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import onnx
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from skl2onnx.sklapi import CastTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from mlp_worker import params
from mlp_worker.export import INPUT, OPSETS
from mlp_worker.kinds import Task


@dataclasses.dataclass(frozen=True)
class Params:
    """The parameters; the fields and their defaults are params.proto's."""

    c: float = params.number(1.0, 1e15)
    max_iter: int = params.integer(1000, 1, 1_000_000)
    class_weight: str = params.choice("BALANCED", list(params.CLASS_WEIGHTS))


def parse(given: dict[str, Any]) -> Params:
    """Returns the parameters, or raises a Refusal that names the wrong one."""
    return params.parse(Params, given)


def fit(parameters: Params, task: Task) -> Model:
    """Fits the pipeline."""
    x, y = task.x, task.y
    # Imputing is in float32, like the inputs, because ONNX imputes no other
    # type. Everything after it is in doubles: there the squares of the largest
    # inputs are finite, and the exported model adds up as this one.
    impute = SimpleImputer(strategy="median", keep_empty_features=True)
    widen = CastTransformer(dtype=np.float64)
    scale = StandardScaler()
    classify = LogisticRegression(
        C=parameters.c,
        max_iter=parameters.max_iter,
        class_weight=params.CLASS_WEIGHTS[parameters.class_weight],
        random_state=task.seed,
    )
    missing = np.isnan(x).sum(axis=0)
    impute.fit(x)
    impute.statistics_ = _medians(x)
    x = widen.fit_transform(impute.transform(x))
    scale.fit(x)
    _exact_constants(scale, x)
    classify.fit(scale.transform(x), y)
    steps = [("impute", impute), ("widen", widen), ("scale", scale), ("classify", classify)]
    return Model(Pipeline(steps), missing)


class Model:
    """A fitted pipeline."""

    def __init__(self, pipeline: Pipeline, missing: np.ndarray) -> None:
        self._pipeline = pipeline
        self._missing = missing

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Returns the probability of an attack, float64 [n]."""
        return self._pipeline.predict_proba(x)[:, 1]

    def export(self) -> onnx.ModelProto:
        """Returns the pipeline with its output "probabilities" [n, 2]."""
        return to_onnx(
            self._pipeline,
            initial_types=[(INPUT, FloatTensorType([None, len(self._missing)]))],
            options={"zipmap": False},
            target_opset=OPSETS,
        )

    def describe(self, features: list[str]) -> dict[str, Any]:
        """Returns iterations, intercept and what the model holds of each input."""
        steps = self._pipeline.named_steps
        return {
            "n_iter": int(steps["classify"].n_iter_[0]),
            "intercept": float(steps["classify"].intercept_[0]),
            "features": [
                {
                    "name": name,
                    "coefficient": float(steps["classify"].coef_[0][i]),
                    "impute": float(steps["impute"].statistics_[i]),
                    "mean": float(steps["scale"].mean_[i]),
                    "scale": float(steps["scale"].scale_[i]),
                    "missing": int(self._missing[i]),
                }
                for i, name in enumerate(features)
            ],
        }


def _medians(x: np.ndarray) -> np.ndarray:
    """Returns each input's median as float32, 0 for an input without values.

    The imputer's own adds the two middle values in float32, where the sum of
    large ones is infinite.
    """
    medians = np.zeros(x.shape[1], dtype=np.float32)
    for i in range(x.shape[1]):
        values = x[~np.isnan(x[:, i]), i].astype(np.float64)
        if len(values):
            medians[i] = np.median(values)
    return medians


def _exact_constants(scale: StandardScaler, x: np.ndarray) -> None:
    """Makes inputs of one value exactly 0 once standardised.

    The mean of n equal values may differ from them in the last bit, which for
    large values is a large number where 0 was meant.
    """
    constant = x.min(axis=0) == x.max(axis=0)
    scale.mean_[constant] = x[0, constant]
    scale.var_[constant] = 0.0
    scale.scale_[constant] = 1.0
