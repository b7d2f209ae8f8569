"""Parameters: what the proto declares, what the worker takes."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path
from typing import Any

from mlp_worker.errors import Refusal
from mlp_worker.kinds import Kinds

FIELD = re.compile(
    r"^  optional (\w+) (\w+) = \d+ "
    r"\[default = (\w[\w.]*)(?:, \(mlp\.v1\.range\) = \{ (.*?) \})?\];$",
    re.MULTILINE,
)


def proto(root: Path, message: str) -> str:
    return (root / message.split(".")[2] / "params.proto").read_text(encoding="utf-8")


def declared(root: Path, message: str) -> list[tuple[str, str, str, dict[str, float]]]:
    """Returns type, name, default and range of each field of a message."""
    text, name = proto(root, message), message.rpartition(".")[2]
    body = re.search(rf"^message {name} \{{(.*?)^\}}", text, re.DOTALL | re.MULTILINE)
    assert body is not None
    assert len(FIELD.findall(body[1])) == len(re.findall(r"^  optional ", body[1], re.MULTILINE))
    return [
        (kind, field, default, {k: float(v) for k, v in re.findall(r"(\w+): (\S+)", bounds)})
        for kind, field, default, bounds in FIELD.findall(body[1])
    ]


def test_defaults_are_those_of_the_proto(root: Path, trainer: dict[str, Any]) -> None:
    defaults = {field: default for _, field, default, _ in declared(root, trainer["trainer"])}
    assert defaults == {
        k: str(v)
        for k, v in dataclasses.asdict(Kinds(root).trainer(trainer["trainer"]).Params()).items()
    }


def accepts(root: Path, message: str, field: str, value: Any) -> bool:
    try:
        Kinds(root).trainer(message).parse({field: value})
    except Refusal as refusal:
        # What it may be together with others is another test's.
        return " times " in refusal.message
    return True


def test_ranges_are_those_of_the_proto(root: Path, trainer: dict[str, Any]) -> None:
    message = trainer["trainer"]
    for kind, field, _, bounds in declared(root, trainer["trainer"]):
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
            text = proto(root, trainer["trainer"])
            enum = re.search(rf"enum {kind} \{{(.*?)\}}", text, re.DOTALL)
            assert enum is not None
            assert bounds == {}
            inside = re.findall(r"^ +([A-Z]\w*) = \d+;", enum[1], re.MULTILINE)
            outside = ["OTHER", inside[0].lower(), 0, None, [inside[0]]]
        for value in inside:
            assert accepts(root, message, field, value), (
                f"{field} does not take {value!r}"
            )
        for value in outside:
            assert not accepts(root, message, field, value), f"{field} takes {value!r}"


def test_pins_are_what_the_lock_holds(root: Path, kind: str) -> None:
    lock = (root / kind / "requirements.lock").read_text(encoding="utf-8")
    described = json.loads((root / kind / "trainer.json").read_text(encoding="utf-8"))
    for pin in described["pins"]:
        assert f"\n{pin} " in "\n" + lock
