"""The request that the worker is sent, checked field by field."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from .errors import Refusal

MAX_FEATURES = 100_000
MAX_SEED = 2**63 - 1


@dataclasses.dataclass(frozen=True)
class Request:
    """One model to train; the fields mean what pkg/trainer's Request says."""

    id: str
    trainer: str
    params: dict[str, Any]
    seed: int
    matrix: Path
    features: list[str]
    out: Path


def parse_message(line: bytes) -> dict[str, Any]:
    """Reads a line as a JSON object, or raises a Refusal of kind "request"."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        raise Refusal("request", "not a line of JSON") from None
    if not isinstance(message, dict):
        raise Refusal("request", "not a JSON object")
    return message


def parse_request(message: dict[str, Any]) -> Request:
    """Checks a message, or raises a Refusal of kind "request"."""
    known = {field.name for field in dataclasses.fields(Request)}
    for name in sorted(message.keys() - known):
        raise Refusal("request", f"unknown member {name[:64]!r}")
    return Request(
        id=_member(message, "id", str),
        trainer=_member(message, "trainer", str),
        params=_member(message, "params", dict),
        seed=_seed(message),
        matrix=Path(_path(message, "matrix")),
        features=_features(message),
        out=Path(_path(message, "out")),
    )


def _member(message: dict[str, Any], name: str, kind: type) -> Any:
    if name not in message:
        raise Refusal("request", f"member {name!r} is missing")
    value = message[name]
    # A bool is an int in Python, not in JSON.
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Refusal("request", f"member {name!r} is not of type {kind.__name__}")
    return value


def _path(message: dict[str, Any], name: str) -> str:
    path = _member(message, name, str)
    if not path or "\0" in path:
        raise Refusal("request", f"member {name!r} is not a path")
    return path


def _seed(message: dict[str, Any]) -> int:
    seed = _member(message, "seed", int)
    if not -MAX_SEED - 1 <= seed <= MAX_SEED:
        raise Refusal("request", "member 'seed' is not a 64-bit integer")
    return seed


def _features(message: dict[str, Any]) -> list[str]:
    features = _member(message, "features", list)
    if not features:
        raise Refusal("request", "no features are named")
    if len(features) > MAX_FEATURES:
        raise Refusal("request", f"more than {MAX_FEATURES} features are named")
    if not all(isinstance(name, str) and name for name in features):
        raise Refusal("request", "member 'features' holds something that is not a name")
    if len(set(features)) != len(features):
        raise Refusal("request", "a feature is named twice")
    return features
