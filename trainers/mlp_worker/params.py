"""Declaring a trainer's parameters, and reading them from a request.

A trainer's parameters are a frozen dataclass whose fields are made by integer,
number and choice. Its params.proto declares the same names, defaults and
ranges; a test compares them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from .errors import Refusal

P = TypeVar("P")

# What a ClassWeight of params.proto is to scikit-learn.
CLASS_WEIGHTS = {"UNIFORM": None, "BALANCED": "balanced"}


def integer(default: int, low: int, high: int) -> Any:
    """Declares an integer from low to high."""

    def check(value: Any) -> int | None:
        return value if type(value) is int and low <= value <= high else None

    return _field(default, check, f"not an integer from {low} to {high}")


def number(default: float, high: float, *, low: float | None = None) -> Any:
    """Declares a number up to high: from low on, or above 0 where low is None."""
    wanted = f"above 0 and at most {high:g}" if low is None else f"from {low:g} to {high:g}"

    def check(value: Any) -> float | None:
        if type(value) not in (int, float):
            return None
        inside = 0 < value <= high if low is None else low <= value <= high
        return float(value) if inside else None

    return _field(default, check, f"not a number {wanted}")


def choice(default: str, names: Sequence[str]) -> Any:
    """Declares one of the names of an enum."""

    def check(value: Any) -> str | None:
        return value if isinstance(value, str) and value in names else None

    return _field(default, check, f"none of {', '.join(names)}")


def parse(kind: type[P], params: dict[str, Any]) -> P:
    """Returns the parameters, or raises a Refusal that names the wrong one."""
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for name in sorted(params.keys() - fields.keys()):
        raise Refusal("params", f"unknown parameter {name[:64]!r}")
    values = {}
    for name, value in params.items():
        values[name] = fields[name].metadata["check"](value)
        if values[name] is None:
            raise Refusal("params", f"{name} is {fields[name].metadata['wrong']}")
    return kind(**values)


def arguments(params: Any, **tables: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the parameters as the library's arguments: names of enums by tables."""
    out = dataclasses.asdict(params)
    for name, table in tables.items():
        out[name] = table[out[name]]
    return out


def _field(default: Any, check: Callable[[Any], Any], wrong: str) -> Any:
    return dataclasses.field(default=default, metadata={"check": check, "wrong": wrong})
