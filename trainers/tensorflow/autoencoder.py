"""mlp.trainers.tensorflow.Autoencoder: what benign rows do not look like."""

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

    units: int = params.integer(64, 1, 4096)
    bottleneck: int = params.integer(8, 1, 1024)
    learning_rate: float = params.number(0.001, 1.0)
    batch_size: int = params.integer(256, 1, 65536)
    max_epochs: int = params.integer(100, 1, 10_000)
    patience: int = params.integer(10, 1, 10_000)
    validation: float = params.number(0.2, 0.5, low=0.0)


def parse(given: dict[str, Any]) -> Params:
    """Returns the parameters, or raises a Refusal that names the wrong one."""
    return params.parse(Params, given)


def fit(parameters: Params, task: Task) -> networks.Model:
    """Fits an autoencoder to the benign rows but those that it holds back."""
    task = task.part(task.y == 0, task.epoch)
    # What never changed in training is a sign, once it does.
    scaling = networks.Scaling(task.x, constant_gain=1.0)
    inputs, units = task.x.shape[1], parameters.units
    shape = networks.Shape(
        widths=(inputs, units, parameters.bottleneck, units, inputs),
        dropout=0.0,
        loss="squares",
        learning_rate=parameters.learning_rate,
        batch_size=parameters.batch_size,
    )
    schedule = networks.Schedule(parameters.max_epochs, parameters.patience, parameters.validation)
    scaled = dataclasses.replace(task, x=scaling.apply(task.x))
    learnt = networks.learn(shape, schedule, scaled, np.ones(len(task.y)))
    usual = _usual(learnt, scaled.x)

    def score(inputs: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
        surprise = networks.log1p(_errors(inputs, outputs) / usual)
        return surprise / (1 + surprise)

    return networks.Model(scaling, learnt, np.isnan(task.x).sum(axis=0), score)


def _errors(inputs: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
    """Returns the mean square of what was not reproduced, in doubles [n]."""
    return tf.reduce_mean(tf.square(tf.cast(inputs, tf.float64) - tf.cast(outputs, tf.float64)), 1)


def _usual(learnt: networks.Learnt, x: np.ndarray) -> float:
    """Returns the median error of the rows held back, or of all; never 0."""
    if learnt.held.any():
        x = x[learnt.held]
    errors = [
        _errors(part, learnt.tensors(part)).numpy()
        for part in (
            tf.constant(x[i : i + networks.BATCH]) for i in range(0, len(x), networks.BATCH)
        )
    ]
    return max(float(np.median(np.concatenate(errors))), 1e-9)
