"""Ensembles of decision trees as ONNX, exact to the last bit of a comparison.

Features are 32-bit floats, but the thresholds between them are doubles: rounded
to 32 bits, one may pass a value that it should hold back. So the exported trees
compare and add up in doubles, as scikit-learn does.
"""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from . import params
from .errors import Refusal
from .export import INPUT

P = TypeVar("P")

# A leaf takes about 33 bytes of the model.
MAX_LEAVES = 1_000_000

# The operator sets that the exported trees use.
OPSETS = {"": 17, "ai.onnx.ml": 5}

_SUM, _NO_TRANSFORM = 1, 0
_LESS_OR_EQUAL = 0


@dataclasses.dataclass(frozen=True)
class Tree:
    """One tree; the arrays have an element for each node, the root is node 0.

    A row goes left where its feature is at most the threshold, or is missing
    and missing_left says so. Of a leaf only value counts.
    """

    leaf: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing_left: np.ndarray
    value: np.ndarray


def parse(kind: type[P], given: dict[str, Any], trees: str) -> P:
    """Returns the parameters, or raises a Refusal.

    It refuses those that allow for a model larger than MAX_LEAVES; trees is the
    parameter that says how many trees there are.
    """
    parsed = params.parse(kind, given)
    if getattr(parsed, trees) * parsed.max_leaf_nodes > MAX_LEAVES:
        raise Refusal("params", f"{trees} times max_leaf_nodes is more than {MAX_LEAVES}")
    return parsed


def describe(
    trees: list[Tree], importances: np.ndarray, missing: np.ndarray, features: list[str]
) -> dict[str, Any]:
    """Returns the size of the trees, and what they hold of each input."""
    return {
        "trees": len(trees),
        "leaves": sum(int(np.count_nonzero(tree.leaf)) for tree in trees),
        "features": [
            {"name": name, "importance": float(importances[i]), "missing": int(missing[i])}
            for i, name in enumerate(features)
        ],
    }


def model(
    trees: list[Tree], inputs: int, after: list[onnx.NodeProto], constants: dict[str, float]
) -> onnx.ModelProto:
    """Returns a model in the form that export.finish reads.

    The nodes in after make the sum of the trees' values, the doubles "sum"
    [n, 1], into "probabilities"; constants are doubles that they read.
    """
    nodes = [
        helper.make_node("Cast", [INPUT], ["doubles"], to=TensorProto.DOUBLE),
        _ensemble(trees),
        *after,
    ]
    graph = helper.make_graph(
        nodes,
        "trees",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["N", inputs])],
        [helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, ["N", 1])],
        [helper.make_tensor(k, TensorProto.DOUBLE, [], [v]) for k, v in constants.items()],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid(d, v) for d, v in OPSETS.items()]
    )


def _ensemble(trees: list[Tree]) -> onnx.NodeProto:
    trees = [_with_branch(tree) for tree in trees]
    branches, leaves = _places(trees)
    inner = [~tree.leaf for tree in trees]

    def of_branches(arrays: list[np.ndarray]) -> np.ndarray:
        return np.concatenate([array[keep] for array, keep in zip(arrays, inner, strict=True)])

    def children(side: str) -> tuple[list[int], list[int]]:
        """Returns where the children stand, and which of them are leaves."""
        at, ends = [], []
        for tree, branch, leaf in zip(trees, branches, leaves, strict=True):
            child = getattr(tree, side)[~tree.leaf]
            at.append(np.where(tree.leaf[child], leaf[child], branch[child]))
            ends.append(tree.leaf[child])
        return np.concatenate(at).tolist(), np.concatenate(ends).astype(int).tolist()

    (true_at, true_ends), (false_at, false_ends) = children("left"), children("right")
    split = of_branches([tree.threshold for tree in trees]).astype(np.float64)
    weight = np.concatenate([tree.value[tree.leaf] for tree in trees]).astype(np.float64)
    return helper.make_node(
        "TreeEnsemble",
        ["doubles"],
        ["sum"],
        domain="ai.onnx.ml",
        n_targets=1,
        aggregate_function=_SUM,
        post_transform=_NO_TRANSFORM,
        tree_roots=[int(branch[0]) for branch in branches],
        nodes_featureids=of_branches([tree.feature for tree in trees]).tolist(),
        nodes_modes=numpy_helper.from_array(np.full(len(split), _LESS_OR_EQUAL, np.uint8)),
        nodes_splits=numpy_helper.from_array(split),
        nodes_missing_value_tracks_true=of_branches([tree.missing_left for tree in trees])
        .astype(int)
        .tolist(),
        nodes_truenodeids=true_at,
        nodes_trueleafs=true_ends,
        nodes_falsenodeids=false_at,
        nodes_falseleafs=false_ends,
        leaf_targetids=[0] * len(weight),
        leaf_weights=numpy_helper.from_array(weight),
    )


def _places(trees: list[Tree]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Returns the place of each node among the branches, or among the leaves."""
    branches, leaves = [], []
    branch_count = leaf_count = 0
    for tree in trees:
        branches.append(np.cumsum(~tree.leaf) - 1 + branch_count)
        leaves.append(np.cumsum(tree.leaf) - 1 + leaf_count)
        leaf_count += int(np.count_nonzero(tree.leaf))
        branch_count += len(tree.leaf) - int(np.count_nonzero(tree.leaf))
    return branches, leaves


def _with_branch(tree: Tree) -> Tree:
    """Returns the tree with a root that is not a leaf, as ONNX wants it."""
    if not tree.leaf[0]:
        return tree
    value = tree.value[0]
    return Tree(
        leaf=np.array([False, True, True]),
        feature=np.zeros(3, np.int64),
        threshold=np.zeros(3),
        left=np.array([1, 0, 0]),
        right=np.array([2, 0, 0]),
        missing_left=np.array([True, False, False]),
        value=np.array([0.0, value, value]),
    )
