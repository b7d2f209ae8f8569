"""Dividing the training rows into folds, so that each is scored unseen.

Logs repeat themselves. Where one of two equal rows were learnt from and the
other held out, the held one would be scored by a model that has seen it, and a
threshold set on such scores would let more through at a site than it promises.
So equal rows are in one fold.
"""

from __future__ import annotations

import warnings

import numpy as np

MOST = 5


def assign(x: np.ndarray, y: np.ndarray, seed: int) -> tuple[np.ndarray, int]:
    """Returns the fold of each row of float32 x [n, k], and how many there are.

    Each fold holds both classes, and so do the rows outside it. There are 2 to
    MOST folds, or none where a class has one row only: then each row is in -1.
    """
    if min(np.count_nonzero(y == 0), np.count_nonzero(y == 1)) < 2:
        return np.full(len(y), -1), 0
    group = _spread(_equal_rows(x), y)
    groups = int(group.max()) + 1
    size = np.bincount(group, minlength=groups)
    attacks = np.bincount(group[y == 1], minlength=groups)
    folds = int(min(MOST, np.count_nonzero(attacks), np.count_nonzero(attacks < size)))
    # Groups of attacks come first, of both classes next, of benign rows last.
    # So those with a class are neighbours, and dealing gives some to each fold;
    # the largest are dealt first, which keeps the folds about equally large.
    kind = np.where(attacks == size, 0, np.where(attacks > 0, 1, 2))
    chance = np.random.default_rng(seed).permutation(groups)
    order = np.lexsort((chance, -size, kind))
    dealt = np.empty(groups, np.int64)
    dealt[order] = np.arange(groups) % folds
    return dealt[group], folds


def _spread(group: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Returns the groups with a class that is in one only taken apart.

    It could not be learnt from and held out otherwise.
    """
    for label, name in ((1, "attack"), (0, "benign")):
        rows = np.flatnonzero(y == label)
        if (group[rows] == group[rows[0]]).all():
            warnings.warn(f"all {name} rows are equal: they are in several folds", stacklevel=2)
            group = group.copy()
            group[rows] = group.max() + 1 + np.arange(len(rows))
    return np.unique(group, return_inverse=True)[1]


def _equal_rows(x: np.ndarray) -> np.ndarray:
    """Returns a number for each row, the same for equal ones.

    Missing values equal each other. The numbers are hashes of 64 bits; rows
    that share one by chance do no harm.
    """
    hashes = np.zeros(len(x), np.uint64)
    for i in range(x.shape[1]):
        column = np.where(np.isnan(x[:, i]), np.float32(np.nan), x[:, i] + np.float32(0))
        hashes = (hashes ^ column.view(np.uint32)) * np.uint64(0x9E3779B97F4A7C15)
        hashes ^= hashes >> np.uint64(29)
    return np.unique(hashes, return_inverse=True)[1]
