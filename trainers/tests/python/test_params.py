"""Parameters: what the proto declares, what the worker takes."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from mlp_worker.errors import Refusal
from mlp_worker.kinds import Kinds

FOREST = "RandomForest"
BOOSTING = "HistGradientBoosting"
LOGISTIC = "LogisticRegression"

FIELD = re.compile(
    r"^  optional (\w+) (\w+) = \d+ "
    r"\[default = (\w[\w.]*)(?:, \(mlp\.v1\.range\) = \{ (.*?) \})?\];$",
    re.MULTILINE,
)


def module(name: str) -> Any:
    root = Path(__file__).resolve().parents[2]
    return Kinds(root).trainer(f"mlp.trainers.sklearn.{name}")


def declared(root: Path, name: str) -> list[tuple[str, str, str, dict[str, float]]]:
    """Returns type, name, default and range of each field of a message."""
    text = (root / "sklearn" / "params.proto").read_text(encoding="utf-8")
    body = re.search(rf"^message {name} \{{(.*?)^\}}", text, re.DOTALL | re.MULTILINE)
    assert body is not None
    assert len(FIELD.findall(body[1])) == len(re.findall(r"^  optional ", body[1], re.MULTILINE))
    return [
        (kind, field, default, {k: float(v) for k, v in re.findall(r"(\w+): (\S+)", bounds)})
        for kind, field, default, bounds in FIELD.findall(body[1])
    ]


@pytest.mark.parametrize("name", [LOGISTIC, FOREST, BOOSTING])
def test_defaults_are_those_of_the_proto(root: Path, name: str) -> None:
    defaults = {field: default for _, field, default, _ in declared(root, name)}
    assert defaults == {k: str(v) for k, v in dataclasses.asdict(module(name).Params()).items()}


def accepts(name: str, field: str, value: Any) -> bool:
    try:
        module(name).parse({field: value})
    except Refusal as refusal:
        # What it may be together with others is another test's.
        return " times " in refusal.message
    return True


@pytest.mark.parametrize("name", [LOGISTIC, FOREST, BOOSTING])
def test_ranges_are_those_of_the_proto(root: Path, name: str) -> None:
    for kind, field, _, bounds in declared(root, name):
        if kind == "int32":
            low, high = int(bounds["min"]), int(bounds["max"])
            inside, outside = [low, high], [low - 1, high + 1, float(low), True, str(low)]
        elif kind == "double":
            high = bounds["max"]
            inside = [high, int(high)]
            outside = [math.nextafter(high, math.inf), math.nan, math.inf, True, "1"]
            if "above" in bounds:
                inside.append(math.nextafter(bounds["above"], math.inf))
                outside.append(bounds["above"])
            else:
                inside.append(bounds["min"])
                outside.append(math.nextafter(bounds["min"], -math.inf))
        else:
            text = (root / "sklearn" / "params.proto").read_text(encoding="utf-8")
            enum = re.search(rf"enum {kind} \{{(.*?)\}}", text, re.DOTALL)
            assert enum is not None
            assert bounds == {}
            inside = re.findall(r"^ +([A-Z]\w*) = \d+;", enum[1], re.MULTILINE)
            outside = ["OTHER", inside[0].lower(), 0, None, [inside[0]]]
        for value in inside:
            assert accepts(name, field, value), f"{field} does not take {value!r}"
        for value in outside:
            assert not accepts(name, field, value), f"{field} takes {value!r}"


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
def test_refusal_names_the_parameter(name: str, params: dict[str, Any], message: str) -> None:
    with pytest.raises(Refusal) as refused:
        module(name).parse(params)
    assert refused.value.kind == "params"
    assert message in refused.value.message


def test_pins_are_what_the_lock_holds(root: Path) -> None:
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    described = json.loads((root / "sklearn" / "trainer.json").read_text(encoding="utf-8"))
    for pin in described["pins"]:
        assert f"\n{pin} " in "\n" + lock
