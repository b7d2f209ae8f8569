"""Making any exporter's ONNX model into the one form that sites run."""

from __future__ import annotations

import onnx
from onnx import TensorProto, helper

IR_VERSION = 8
# The operator sets that exporters are asked for, and those that a model may use.
OPSETS = {"": 17, "ai.onnx.ml": 3}
NEWEST = {"": 17, "ai.onnx.ml": 5}
INPUT = "features"
OUTPUT = "score"


def finish(model: onnx.ModelProto, inputs: int) -> bytes:
    """Returns the bytes of the model that a site runs.

    Its input is "features", float [N, inputs]; infinities are made NaN first,
    as in training. Its output is "score", float [N]: the last column of the
    given model's output "probabilities". What the score does not need is left
    out, and names, producer and texts are made the same at every export.
    """
    body = model.graph
    opsets = {opset.domain: opset.version for opset in model.opset_import}
    if any(version > NEWEST.get(domain, 0) for domain, version in opsets.items()):
        raise ValueError(f"the exported model uses the operator sets {opsets}")
    if [value.name for value in body.input] != [INPUT]:
        raise ValueError("the exported model does not have the one input 'features'")
    nodes = [*_before("mlp/finite"), *_renamed(body.node), *_after("probabilities")]
    nodes, used = _needed(nodes)
    tensors = [*body.initializer, *_constants()]
    graph = helper.make_graph(
        nodes,
        "model",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["N", inputs])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["N"])],
        [tensor for tensor in tensors if tensor.name in used],
    )
    _number(graph)
    finished = helper.make_model(
        graph,
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid(d, v) for d, v in sorted(opsets.items())],
    )
    onnx.checker.check_model(finished, full_check=True)
    return finished.SerializeToString(deterministic=True)


def _constants() -> list[onnx.TensorProto]:
    return [
        helper.make_tensor("mlp/nan", TensorProto.FLOAT, [], [float("nan")]),
        helper.make_tensor("mlp/attack", TensorProto.INT64, [], [-1]),
    ]


def _before(finite: str) -> list[onnx.NodeProto]:
    return [
        helper.make_node("IsInf", [INPUT], ["mlp/isinf"]),
        helper.make_node("Where", ["mlp/isinf", "mlp/nan", INPUT], [finite]),
    ]


def _after(probabilities: str) -> list[onnx.NodeProto]:
    return [
        helper.make_node("Gather", [probabilities, "mlp/attack"], ["mlp/column"], axis=1),
        helper.make_node("Cast", ["mlp/column"], [OUTPUT], to=TensorProto.FLOAT),
    ]


def _renamed(nodes: list[onnx.NodeProto]) -> list[onnx.NodeProto]:
    """Returns copies that read the finite features."""
    copies = []
    for node in nodes:
        if any(a.type in (a.GRAPH, a.GRAPHS) for a in node.attribute):
            raise ValueError(f"the exported model holds a graph inside {node.op_type}")
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.input[:] = ["mlp/finite" if name == INPUT else name for name in node.input]
        copies.append(copy)
    return copies


def _needed(nodes: list[onnx.NodeProto]) -> tuple[list[onnx.NodeProto], set[str]]:
    """Returns the nodes that the score depends on, and the names they read."""
    used, kept = {OUTPUT}, []
    for node in reversed(nodes):
        if used.intersection(node.output):
            used.update(node.input)
            kept.append(node)
    return kept[::-1], used


def _number(graph: onnx.GraphProto) -> None:
    """Names values by their place in the graph: exporters may name at random."""
    names = {"": "", INPUT: INPUT, OUTPUT: OUTPUT}
    for tensor in graph.initializer:
        names[tensor.name] = tensor.name = f"c{len(names)}"
        tensor.doc_string = ""
    for node in graph.node:
        node.name = node.doc_string = ""
        node.input[:] = [names[name] for name in node.input]
        for i, name in enumerate(node.output):
            node.output[i] = names.setdefault(name, f"v{len(names)}")
