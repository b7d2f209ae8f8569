"""Small neural networks over standardised inputs, trained by Keras.

Training runs in one graph an epoch, made once for each shape of network: the
folds of a model, and the next model of that shape, use it again.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import onnx
import tf2onnx

import tensorflow as tf

from .errors import Refusal
from .export import INPUT, OPSETS
from .folds import hold_back
from .kinds import Task

tf.config.experimental.enable_op_determinism()
tf.get_logger().setLevel("ERROR")

# A weight takes 4 bytes of the model.
MAX_WEIGHTS = 10_000_000

BATCH = 1 << 16

# What is smaller is 0: to TensorFlow it is already, to ONNX it would not be.
TINY = float(np.finfo(np.float32).tiny)


@dataclasses.dataclass(frozen=True)
class Shape:
    """What decides a network's graph; loss is "crossentropy" or "squares"."""

    widths: tuple[int, ...]  # of all layers, the inputs first
    dropout: float
    loss: str
    learning_rate: float
    batch_size: int


class Scaling:
    """Makes inputs ready for a network.

    A missing value becomes the median. The distance from the median, in
    quartile ranges, counts by its logarithm, so that a few huge values leave
    the others apart; then it is standardised.
    """

    def __init__(self, x: np.ndarray, constant_gain: float) -> None:
        """Learns from float32 x; constant_gain is the weight of constant inputs."""
        k = x.shape[1]
        self.center, self.scale = np.zeros(k), np.ones(k)
        self.mean, self.gain = np.zeros(k), np.full(k, constant_gain)
        for i in range(k):
            column = x[:, i].astype(np.float64)
            column[np.abs(column) < TINY] = 0
            known = column[~np.isnan(column)]
            if len(known) == 0:
                continue
            low, self.center[i], high = np.quantile(known, [0.25, 0.5, 0.75])
            if known.min() == known.max():
                self.center[i] = known[0]
            # The first that is not 0: a scale must not be.
            self.scale[i] = (high - low) or known.std() or 1.0
            squeezed = _squeeze(np.where(np.isnan(column), self.center[i], column), self, i)
            if squeezed.min() != squeezed.max():
                self.mean[i] = squeezed.mean()
                self.gain[i] = 1 / squeezed.std()

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Returns float32 inputs of the network."""
        out = np.empty(x.shape, np.float32)
        for start in range(0, len(x), BATCH):
            out[start : start + BATCH] = self.tensors(tf.constant(x[start : start + BATCH])).numpy()
        return out

    def tensors(self, x: tf.Tensor) -> tf.Tensor:
        """Is apply on tensors, for a graph that is exported."""
        wide = tf.cast(x, tf.float64)
        wide = tf.where(tf.abs(wide) < TINY, tf.zeros_like(wide), wide)
        distance = (wide - self.center) / self.scale
        distance = tf.where(tf.math.is_nan(distance), tf.zeros_like(distance), distance)
        squeezed = tf.sign(distance) * log1p(tf.abs(distance))
        return tf.cast((squeezed - self.mean) * self.gain, tf.float32)


def _squeeze(column: np.ndarray, scaling: Scaling, i: int) -> np.ndarray:
    distance = (column - scaling.center[i]) / scaling.scale[i]
    return np.sign(distance) * log1p(tf.constant(np.abs(distance))).numpy()


def log1p(x: tf.Tensor) -> tf.Tensor:
    """Returns log(1 + x) of doubles, by way of 32-bit floats, as an exported model."""
    # The converter knows a logarithm of 32 bits only; what is larger they cannot hold.
    return tf.cast(tf.math.log(1 + tf.cast(tf.minimum(x, 1e38), tf.float32)), tf.float64)


class Network:
    """A network of dense layers, and the graphs that train it."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        inputs, *hidden, outputs = shape.widths
        layers: list[Any] = [keras.Input((inputs,))]
        for width in hidden:
            layers.append(keras.layers.Dense(width, activation="relu"))
            if shape.dropout > 0:
                layers.append(keras.layers.Dropout(shape.dropout, seed=0))
        layers.append(keras.layers.Dense(outputs))
        self.model = keras.Sequential(layers)
        self.optimizer = keras.optimizers.Adam(shape.learning_rate)
        self.optimizer.build(self.model.trainable_variables)
        self._fresh = [(v, v.numpy()) for v in self.optimizer.variables]
        self.epoch = tf.function(self._epoch, reduce_retracing=True)
        self.loss = tf.function(self._loss, reduce_retracing=True)

    def reset(self, seed: int) -> None:
        """Makes the network as if it were new: its weights depend on seed alone."""
        chance = np.random.default_rng(seed)
        for v in self.model.trainable_variables:
            limit = np.sqrt(6 / sum(v.shape)) if len(v.shape) == 2 else 0
            v.assign(chance.uniform(-limit, limit, v.shape))
        for v in self.model.non_trainable_variables:  # of dropout
            v.assign(np.array([seed, 0], v.dtype))
        for v, value in self._fresh:
            v.assign(value)

    def _loss(
        self, x: tf.Tensor, target: tf.Tensor, weight: tf.Tensor, training: bool = False
    ) -> tf.Tensor:
        """Returns the sum of the rows' losses."""
        out = self.model(x, training=training)
        if self.shape.loss == "squares":
            each = tf.reduce_mean(tf.square(out - x), axis=1)
        else:
            each = tf.nn.sigmoid_cross_entropy_with_logits(target, out[:, 0])
        return tf.reduce_sum(each * weight)

    def _epoch(self, x: tf.Tensor, target: tf.Tensor, weight: tf.Tensor, order: tf.Tensor) -> None:
        variables = self.model.trainable_variables
        for start in tf.range(0, tf.shape(order)[0], self.shape.batch_size):
            rows = order[start : start + self.shape.batch_size]
            weights = tf.gather(weight, rows)
            with tf.GradientTape() as tape:
                sum_ = self._loss(tf.gather(x, rows), tf.gather(target, rows), weights, True)
                loss = sum_ / tf.cast(tf.shape(rows)[0], tf.float32)
            self.optimizer.apply(tape.gradient(loss, variables), variables)


@functools.lru_cache(maxsize=1)
def _network(shape: Shape) -> Network:
    return Network(shape)


@dataclasses.dataclass(frozen=True)
class Schedule:
    """How long to train."""

    max_epochs: int
    patience: int
    validation: float


@dataclasses.dataclass(frozen=True)
class Learnt:
    """A trained network: its weights, and what it was seen to do."""

    layers: list[tuple[np.ndarray, np.ndarray]]
    epochs: int
    held: np.ndarray  # rows held back

    def tensors(self, x: tf.Tensor) -> tf.Tensor:
        """Returns what the network makes of scaled inputs."""
        *hidden, (kernel, bias) = self.layers
        for k, b in hidden:
            x = tf.nn.relu(tf.matmul(x, k) + b)
        return tf.matmul(x, kernel) + bias


def learn(shape: Shape, schedule: Schedule, task: Task, weight: np.ndarray) -> Learnt:
    """Trains a network on scaled inputs, until it gets no better on rows held back.

    The best epoch's weights count. Without rows to hold back all epochs are
    trained, and the last one's count.
    """
    weights = sum((a + 1) * b for a, b in zip(shape.widths, shape.widths[1:], strict=False))
    if weights > MAX_WEIGHTS:
        message = f"the network would have {weights} weights, more than {MAX_WEIGHTS}: lower units"
        raise Refusal("params", message)
    held = hold_back(task.capture, task.y, schedule.validation, task.seed)
    network = _network(shape)
    network.reset(task.seed)
    chance = np.random.default_rng([task.seed, 1])
    rows = [task.x, task.y.astype(np.float32), weight.astype(np.float32)]
    fit = [tf.constant(values[~held]) for values in rows]
    shown = [values[held] if held.any() else values for values in rows]
    best, kept, kept_at = np.inf, network.model.get_weights(), 0
    for epoch in range(1, schedule.max_epochs + 1):
        network.epoch(*fit, tf.constant(chance.permutation(int(np.count_nonzero(~held)))))
        loss = _mean_loss(network, shown)
        if not np.isfinite(loss):
            raise Refusal("training", f"no finite loss after epoch {epoch}: lower learning_rate")
        task.epoch(epoch, schedule.max_epochs, loss)
        if loss < best or not held.any():
            best, kept, kept_at = loss, _weights(network), epoch
        elif epoch - kept_at >= schedule.patience:
            break
    return Learnt(list(zip(kept[::2], kept[1::2], strict=True)), kept_at, held)


def _weights(network: Network) -> list[np.ndarray]:
    return [v.numpy() for v in network.model.trainable_variables]


def _mean_loss(network: Network, rows: list[np.ndarray]) -> float:
    total = 0.0
    for start in range(0, len(rows[0]), BATCH):
        part = [tf.constant(values[start : start + BATCH]) for values in rows]
        total += float(network.loss(*part))
    return total / float(rows[2].sum())


def _order(graph: onnx.GraphProto) -> None:
    """Orders nodes and constants by what reads them: the converter's order is chance."""
    makers = {name: node for node in graph.node for name in node.output}
    values = {tensor.name: tensor for tensor in graph.initializer}
    nodes: dict[str, onnx.NodeProto] = {}
    constants: dict[str, onnx.TensorProto] = {}
    waiting = [(graph.output[0].name, False)]
    while waiting:
        name, ready = waiting.pop()
        node = makers.get(name)
        if node is None:
            if name in values:
                constants[name] = values[name]
        elif ready:
            nodes[node.output[0]] = node
        elif node.output[0] not in nodes:
            waiting.append((name, True))
            waiting.extend((read, False) for read in reversed(node.input))
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes.values())
    graph.initializer.extend(constants.values())


class Model:
    """A trained network with its scaling, and what makes its output a score."""

    def __init__(
        self,
        scaling: Scaling,
        learnt: Learnt,
        missing: np.ndarray,
        score: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    ) -> None:
        """Score gets scaled inputs and outputs, and returns doubles [n]."""
        self._missing, self._epochs = missing, learnt.epochs

        def probabilities(features: tf.Tensor) -> tf.Tensor:
            scaled = scaling.tensors(features)
            return tf.reshape(score(scaled, learnt.tensors(scaled)), [-1, 1])

        self._signature = [tf.TensorSpec([None, len(missing)], tf.float32, name=INPUT)]
        self._graph = tf.function(probabilities, input_signature=self._signature)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Returns the probability of an attack, float64 [n]."""
        return self._graph(tf.constant(x)).numpy()[:, 0]

    def export(self) -> onnx.ModelProto:
        """Returns the network with its output "probabilities" [n, 1]."""
        model, _ = tf2onnx.convert.from_function(
            self._graph, input_signature=self._signature, opset=OPSETS[""]
        )
        graph = model.graph
        last = graph.output[0].name
        for node in graph.node:
            node.output[:] = ["probabilities" if name == last else name for name in node.output]
        graph.output[0].name = "probabilities"
        _order(graph)
        return model

    def describe(self, features: list[str]) -> dict[str, Any]:
        """Returns the epochs, and how often each input was missing."""
        return {
            "n_iter": self._epochs,
            "features": [
                {"name": name, "missing": int(self._missing[i])} for i, name in enumerate(features)
            ],
        }
