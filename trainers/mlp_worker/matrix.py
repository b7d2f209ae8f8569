"""Reading the matrix that a model is trained on, and writing predictions."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from .errors import Refusal

SIDE = "side"
LABEL = "label"
CAPTURE = "capture"


@dataclasses.dataclass(frozen=True)
class Matrix:
    """The rows of a matrix, in the order of the file.

    x is float32 [n, k] with NaN for what is missing; infinities count as
    missing, because a model must give every row a score. y is int8 [n], 1 for
    an attack. train is bool [n]. capture is int64 [n], the same for rows of one
    capture. features are the names of the k inputs: of a column of lists each
    element is one, named with its index, as in "f3[17]".
    """

    x: np.ndarray
    y: np.ndarray
    train: np.ndarray
    capture: np.ndarray
    features: list[str]

    def training(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns x, y and capture of the training rows, which have both classes."""
        y = self.y[self.train]
        if len(y) == 0:
            raise Refusal("training", "no row is on the train side")
        for label, name in ((1, "attack"), (0, "benign")):
            if not (y == label).any():
                raise Refusal("training", f"no {name} row is on the train side ({len(y)} rows)")
        return self.x[self.train], y, self.capture[self.train]


def read_matrix(path: Path, features: list[str]) -> Matrix:
    """Reads the named features, or raises a Refusal of kind "matrix"."""
    if not path.is_file():
        raise Refusal("matrix", f"{path} is not a file")
    try:
        with pq.ParquetFile(path) as file:
            _check_columns(file.schema_arrow, features)
            return _read(file, features)
    except (OSError, pa.ArrowInvalid, pa.ArrowNotImplementedError) as err:
        raise Refusal("matrix", f"read {path}: not a readable Parquet file") from err


def write_predictions(path: Path, score: np.ndarray, oof: np.ndarray, train: np.ndarray) -> None:
    """Writes score for every row, and oof for the training rows (NULL elsewhere)."""
    table = pa.table(
        {
            "score": pa.array(score, pa.float64()),
            "oof": pa.array(oof, pa.float64(), mask=~train),
        }
    )
    pq.write_table(table, path, compression="zstd")


def _check_columns(schema: pa.Schema, features: list[str]) -> None:
    for name in (SIDE, LABEL, CAPTURE, *features):
        found = schema.get_all_field_indices(name)
        if not found:
            raise Refusal("matrix", f"column {name!r} is missing")
        if len(found) > 1:
            raise Refusal("matrix", f"column {name!r} stands there {len(found)} times")
    for name in features:
        if name in (SIDE, LABEL, CAPTURE):
            raise Refusal("matrix", f"column {name!r} is not a feature")
        if _element(schema.field(name).type) != pa.float32():
            raise Refusal("matrix", f"column {name!r} is {schema.field(name).type}, not float")
    for name in (LABEL, CAPTURE):
        if not pa.types.is_integer(schema.field(name).type):
            raise Refusal("matrix", f"column {name!r} is {schema.field(name).type}, not an integer")
    if schema.field(SIDE).type not in (pa.string(), pa.large_string(), pa.string_view()):
        raise Refusal("matrix", f"column {SIDE!r} is {schema.field(SIDE).type}, not text")


def _is_list(kind: pa.DataType) -> bool:
    return pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind)


def _element(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if _is_list(kind) else kind


def _read(file: pq.ParquetFile, features: list[str]) -> Matrix:
    side = _column(file, SIDE)
    train = _equals(side, "train")
    if not (train | _equals(side, "test")).all():
        raise Refusal("matrix", f"column {SIDE!r} holds more than 'train' and 'test'")
    y = _integers(file, LABEL)
    if not np.isin(y, (0, 1)).all():
        raise Refusal("matrix", f"column {LABEL!r} holds more than 0 and 1")
    blocks = [_inputs(file, name, len(y)) for name in features]
    names = [name for block in blocks for name in block[0]]
    x = np.hstack([block[1] for block in blocks])
    x[np.isinf(x)] = np.nan
    capture = _integers(file, CAPTURE).astype(np.int64)
    return Matrix(x=x, y=y.astype(np.int8), train=train, capture=capture, features=names)


def _inputs(file: pq.ParquetFile, name: str, rows: int) -> tuple[list[str], np.ndarray]:
    """Returns the names and values of a column, or of the elements of its lists."""
    column = _column(file, name)
    if not _is_list(column.type):
        return [name], column.to_numpy().astype(np.float32, copy=False).reshape(rows, 1)
    if column.null_count:
        raise Refusal(
            "matrix", f"column {name!r} holds {column.null_count} NULLs in place of lists"
        )
    lengths = pa.compute.unique(pa.compute.list_value_length(column)).to_pylist()
    if len(lengths) > 1:
        raise Refusal("matrix", f"column {name!r} holds lists of different lengths")
    length = lengths[0] if lengths else 0
    values = pa.compute.list_flatten(column).to_numpy().astype(np.float32, copy=False)
    return [f"{name}[{i}]" for i in range(length)], values.reshape(rows, length)


def _integers(file: pq.ParquetFile, name: str) -> np.ndarray:
    column = _column(file, name)
    if column.null_count:
        raise Refusal("matrix", f"column {name!r} holds {column.null_count} NULLs")
    return column.to_numpy()


def _column(file: pq.ParquetFile, name: str) -> pa.ChunkedArray:
    return file.read(columns=[name], use_threads=False).column(name)


def _equals(column: pa.ChunkedArray, value: str) -> np.ndarray:
    return pa.compute.fill_null(pa.compute.equal(column, value), False).to_numpy()
