"""The kinds of trainer: directories with a trainer.json beside the worker.

A module named by trainer.json offers

    parse(params: dict) -> P                       raises Refusal("params", …)
    fit(params: P, task: Task) -> Fitted

where Task and Fitted are described below. The same arguments must always give
the same model.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.metadata
import importlib.util
import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np
import onnx

from .errors import Refusal


@dataclasses.dataclass(frozen=True)
class Task:
    """What is learnt from.

    x is float32 [n, k] with NaN for what is missing, y is int8 [n], 1 for an
    attack, with both classes, and capture is int64 [n], the same for rows of one
    capture. epoch may be called with (epoch, epochs, loss) after each round over
    the rows, where a trainer has such.
    """

    x: np.ndarray
    y: np.ndarray
    capture: np.ndarray
    seed: int
    epoch: Callable[[int, int, float], None] = lambda *_: None

    def part(self, rows: np.ndarray, epoch: Callable[[int, int, float], None]) -> Task:
        """Returns the task of some rows."""
        return Task(self.x[rows], self.y[rows], self.capture[rows], self.seed, epoch)


class Fitted(Protocol):
    """A trained model."""

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Returns the probability of an attack, float64 [n], finite."""

    def export(self) -> onnx.ModelProto:
        """Returns the model: input "features", output "probabilities" [n, 1 or 2]."""

    def describe(self, features: list[str]) -> dict[str, Any]:
        """Returns what is worth recording, as members of pkg/trainer's Info."""


class Kinds:
    """The trainers found below one directory."""

    def __init__(self, root: Path) -> None:
        self._modules: dict[str, Path] = {}
        self._pins: dict[str, list[str]] = {}
        for path in sorted(root.glob("*/trainer.json")):
            described = json.loads(path.read_text(encoding="utf-8"))
            for message, module in described["messages"].items():
                self._modules[message] = path.parent / f"{module}.py"
                self._pins[message] = described["pins"]

    def trainer(self, message: str) -> ModuleType:
        """Returns the module that trains what a parameter message describes."""
        if message not in self._modules:
            known = ", ".join(sorted(self._modules))
            raise Refusal("request", f"unknown trainer {message[:128]!r}; there are: {known}")
        return _load(self._modules[message])

    def versions(self, message: str) -> dict[str, str]:
        """Returns the installed versions of Python and the trainer's pins."""
        names = sorted(pin.split("==")[0] for pin in self._pins[message])
        versions = {name: importlib.metadata.version(name) for name in names}
        return {"python": platform.python_version(), **versions}


@functools.cache
def _load(path: Path) -> ModuleType:
    # By path and under a name of its own: the directory sklearn/ is not the
    # package sklearn.
    name = f"mlp_kind_{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module
