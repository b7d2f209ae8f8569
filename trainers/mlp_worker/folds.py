"""Dividing the training rows into folds, so that each is scored unseen.

The threshold is set on the scores of benign rows, for captures that nobody has
seen yet. Rows of one capture resemble each other in much that is chance: scored
by a model that has learnt from others of its capture, a benign row looks safer
than it will at a site. So benign rows are held out by the capture, where that
leaves enough to learn from. What attacks there are is known at a site, so they
are spread over all folds.
"""

from __future__ import annotations

import numpy as np

MOST = 5

# The largest part of the benign rows that a fold may hold.
LARGEST = 0.75


def assign(capture: np.ndarray, y: np.ndarray, seed: int) -> tuple[np.ndarray, int]:
    """Returns the fold of each row, and how many folds there are.

    The rows outside each fold have both classes. There are 2 to MOST folds, or
    none where a class has one row only: then each row is in -1.
    """
    fold = np.full(len(y), -1)
    attacks, benign = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    if min(len(attacks), len(benign)) < 2:
        return fold, 0
    chance = np.random.default_rng(seed)
    fold[benign], folds = _by_capture(capture[benign], chance)
    if folds == 0:
        folds = min(MOST, len(attacks), len(benign))
        fold[benign] = chance.permutation(np.arange(len(benign)) % folds)
    fold[attacks] = chance.permutation(np.arange(len(attacks)) % folds)
    return fold, folds


def hold_back(capture: np.ndarray, y: np.ndarray, part: float, seed: int) -> np.ndarray:
    """Returns which rows to hold back, to see when a model begins to learn by heart.

    They are about this part of each class: benign rows by whole captures where
    some come near to it, as in folds. None is held back of a class with one row.
    """
    held = np.zeros(len(y), bool)
    chance = np.random.default_rng(seed)
    for label in (0, 1):
        rows = np.flatnonzero(y == label)
        wanted = round(part * len(rows)) if part == 0 else max(round(part * len(rows)), 1)
        if len(rows) < 2 or wanted == 0:
            continue
        chosen = _captures(capture[rows], wanted, chance) if label == 0 else None
        if chosen is None:
            chosen = chance.permutation(len(rows))[:wanted]
        held[rows[chosen]] = True
    return held


def _captures(capture: np.ndarray, wanted: int, chance: np.random.Generator) -> np.ndarray | None:
    """Returns the rows of whole captures, about as many as wanted, or None."""
    names, index, size = np.unique(capture, return_inverse=True, return_counts=True)
    chosen, sum_ = np.zeros(len(names), bool), 0
    for i in chance.permutation(len(names)):
        if sum_ < wanted and sum_ + size[i] <= 1.5 * wanted:
            chosen[i] = True
            sum_ += size[i]
    return np.flatnonzero(chosen[index]) if sum_ >= wanted / 2 and sum_ < len(capture) else None


def _by_capture(capture: np.ndarray, chance: np.random.Generator) -> tuple[np.ndarray, int]:
    """Returns folds of whole captures, of about equal size, or 0 folds."""
    _, index, size = np.unique(capture, return_inverse=True, return_counts=True)
    folds = min(MOST, len(size))
    held = np.zeros(folds, np.int64)
    of_capture = np.empty(len(size), np.int64)
    for i in np.lexsort((chance.permutation(len(size)), -size)):
        of_capture[i] = np.argmin(held)
        held[of_capture[i]] += size[i]
    if held.max() > LARGEST * len(capture):
        return np.full(len(capture), -1), 0
    return of_capture[index], folds
