"""mlp.trainers.tensorflow.Dense: a network of dense layers."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

import tensorflow as tf
from mlp_worker import networks, params
from mlp_worker.kinds import Task


@dataclasses.dataclass(frozen=True)
class Params:
    """The parameters; the fields and their defaults are params.proto's."""

    hidden_layers: int = params.integer(2, 1, 8)
    units: int = params.integer(64, 1, 4096)
    dropout: float = params.number(0.0, 0.9, low=0.0)
    learning_rate: float = params.number(0.001, 1.0)
    batch_size: int = params.integer(256, 1, 65536)
    max_epochs: int = params.integer(100, 1, 10_000)
    patience: int = params.integer(10, 1, 10_000)
    validation: float = params.number(0.2, 0.5, low=0.0)
    class_weight: str = params.choice("BALANCED", list(params.CLASS_WEIGHTS))


def parse(given: dict[str, Any]) -> Params:
    """Returns the parameters, or raises a Refusal that names the wrong one."""
    return params.parse(Params, given)


def fit(parameters: Params, task: Task) -> networks.Model:
    """Fits a network to all rows but those that it holds back."""
    # What never changed in training says nothing, whatever it is later.
    scaling = networks.Scaling(task.x, constant_gain=0.0)
    shape = networks.Shape(
        widths=(task.x.shape[1], *[parameters.units] * parameters.hidden_layers, 1),
        dropout=parameters.dropout,
        loss="crossentropy",
        learning_rate=parameters.learning_rate,
        batch_size=parameters.batch_size,
    )
    schedule = networks.Schedule(parameters.max_epochs, parameters.patience, parameters.validation)
    weight = np.ones(len(task.y))
    if parameters.class_weight == "BALANCED":
        weight = len(task.y) / 2 / np.bincount(task.y, minlength=2)[task.y]
    scaled = dataclasses.replace(task, x=scaling.apply(task.x))
    learnt = networks.learn(shape, schedule, scaled, weight)
    return networks.Model(scaling, learnt, np.isnan(task.x).sum(axis=0), _score)


def _score(_: tf.Tensor, logit: tf.Tensor) -> tf.Tensor:
    return tf.sigmoid(tf.cast(logit[:, 0], tf.float64))
