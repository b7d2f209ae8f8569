"""Carrying out one request: matrix in, model and predictions out."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from . import export
from .errors import Refusal
from .folds import MOST, assign
from .kinds import Fitted, Kinds, Task
from .matrix import Matrix, read_matrix, write_predictions
from .request import Request

BATCH = 1 << 18

Progress = Callable[..., None]


def train(kinds: Kinds, request: Request, progress: Progress) -> dict[str, Any]:
    """Trains the requested model and returns the members of the answer.

    progress is called with a stage, how many are done, and how many there are;
    within one with epoch, epochs and loss as well.
    """
    module = kinds.trainer(request.trainer)
    params = module.parse(request.params)
    if not request.out.is_dir():
        raise Refusal("request", f"{request.out} is not a directory")
    progress("read", 0, MOST + 3)
    matrix = read_matrix(request.matrix, request.features)
    task = Task(*matrix.training(), request.seed % 2**32)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")

        def fit(task: Task) -> Fitted:
            return module.fit(params, task)

        fold, folds = assign(task.capture, task.y, task.seed)
        stages = folds + 3
        oof = out_of_fold(
            fit, task, fold, lambda i: _stage(progress, f"fold {i + 1}/{folds}", i + 1, stages)
        )
        everything = np.ones(len(task.y), bool)
        fitted = fit(task.part(everything, _stage(progress, "fit", folds + 1, stages)))
        progress("export", folds + 2, stages)
        model = export.finish(fitted.export(), len(matrix.features))
        score = predict(fitted, matrix.x)
        if score.min() == score.max():
            warnings.warn("the model gives every row the same score", stacklevel=1)
    info = {
        "versions": kinds.versions(request.trainer),
        "train_rows": len(task.y),
        "test_rows": len(matrix.y) - len(task.y),
        "folds": folds,
        **fitted.describe(matrix.features),
        "warnings": sorted({_one_line(w) for w in caught}),
    }
    return {**_write(request, matrix, model, score, oof), "info": info}


Epoch = Callable[[int, int, float], None]


def _stage(progress: Progress, stage: str, done: int, total: int) -> Epoch:
    """Reports that a stage begins, and returns what reports its epochs."""
    progress(stage, done, total)

    def epoch(number: int, epochs: int, loss: float) -> None:
        progress(stage, done, total, epoch=number, epochs=epochs, loss=loss)

    return epoch


def out_of_fold(
    fit: Callable[[Task], Fitted], task: Task, fold: np.ndarray, begin: Callable[[int], Epoch]
) -> np.ndarray:
    """Returns each row's probability by a model that did not see its fold."""
    oof = np.full(len(task.y), np.nan)
    for i in range(fold.max(initial=-1) + 1):
        held = fold == i
        oof[held] = predict(fit(task.part(~held, begin(i))), task.x[held])
    return oof


def predict(fitted: Fitted, x: np.ndarray) -> np.ndarray:
    """Returns the probability of an attack of each row, in bounded memory."""
    score = np.empty(len(x))
    for start in range(0, len(x), BATCH):
        score[start : start + BATCH] = fitted.predict(x[start : start + BATCH])
    if not np.isfinite(score).all():
        raise Refusal(
            "training", f"{np.count_nonzero(~np.isfinite(score))} rows have no finite score"
        )
    return score


def _write(
    request: Request, matrix: Matrix, model: bytes, score: np.ndarray, oof: np.ndarray
) -> dict[str, str]:
    train_oof = np.full(len(matrix.y), np.nan)
    train_oof[matrix.train] = oof
    model_path = request.out / "model.onnx"
    predictions_path = request.out / "predictions.parquet"
    try:
        model_path.write_bytes(model)
        write_predictions(predictions_path, score, train_oof, matrix.train)
    except OSError as err:
        raise Refusal(
            "request", f"write {request.out}: {err.strerror or 'cannot be written'}"
        ) from err
    return {"model": str(model_path), "predictions": str(predictions_path)}


def _one_line(warning: warnings.WarningMessage) -> str:
    first = str(warning.message).strip().splitlines() or [""]
    return f"{warning.category.__name__}: {first[0][:300]}"
