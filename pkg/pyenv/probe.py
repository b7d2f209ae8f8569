"""Prints, as JSON, the version of this Python, which of the packages given as
NAME==VERSION it has not, and where the ONNX runtime's library is."""

import importlib.metadata
import importlib.util
import json
import pathlib
import platform
import sys

wrong = []
for pin in sys.argv[1:]:
    name, _, version = pin.partition("==")
    try:
        installed = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        wrong.append(f"{name} is missing")
        continue
    if installed != version:
        wrong.append(f"{name} is {installed}, not {version}")

library = ""
spec = importlib.util.find_spec("onnxruntime")
if spec is not None and spec.origin:
    places = pathlib.Path(spec.origin).parent.joinpath("capi").glob("libonnxruntime.*")
    library = next((str(place) for place in sorted(places)), "")

print(json.dumps({"version": platform.python_version(), "wrong": wrong, "onnx_runtime": library}))
