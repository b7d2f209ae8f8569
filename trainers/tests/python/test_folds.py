"""Folds: benign rows by capture, both classes outside each."""

from __future__ import annotations

import numpy as np
import pytest

from mlp_worker.folds import LARGEST, assign


@pytest.mark.parametrize("seed", range(30))
def test_any_captures(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4, 400))
    capture = rng.integers(0, rng.integers(1, 9), size=n) * 1000 - 4000
    y = (rng.random(n) < rng.choice([0.1, 0.5, 0.9])).astype(np.int8)
    y[:4] = [0, 0, 1, 1]
    fold, count = assign(capture, y, seed)
    assert 2 <= count <= 5
    assert set(fold[y == 0]) == set(range(count))
    for i in range(count):
        assert set(y[fold != i]) == {0, 1}
    benign = np.bincount(fold[y == 0])
    captures = set(capture[y == 0])
    together = [len(set(fold[(y == 0) & (capture == c)])) == 1 for c in captures]
    if not all(together):
        sizes = np.bincount(np.unique(capture[y == 0], return_inverse=True)[1])
        assert sizes.max() > LARGEST * sizes.sum()
        assert benign.max() - benign.min() <= 1
    assert np.ptp(np.bincount(fold[y == 1], minlength=count)) <= 1


def test_captures_make_folds_of_about_equal_size() -> None:
    capture = np.repeat(np.arange(8), [40, 30, 20, 20, 20, 10, 10, 10])
    y = np.r_[np.zeros(160, np.int8), np.ones(40, np.int8)]
    fold, count = assign(np.r_[capture, np.zeros(40, int)], y, 1)
    assert count == 5
    assert sorted(np.bincount(fold[:160])) == [30, 30, 30, 30, 40]
    assert list(np.bincount(fold[160:])) == [8] * 5


def test_attacks_of_one_capture_are_in_all_folds() -> None:
    capture = np.repeat([0, 1, 2], 20)
    y = (capture == 0).astype(np.int8)
    fold, count = assign(capture, y, 0)
    assert count == 2
    assert list(np.bincount(fold[y == 1])) == [10, 10]
    assert len(set(fold[capture == 1])) == len(set(fold[capture == 2])) == 1


def test_a_capture_that_has_nearly_all_rows_is_divided() -> None:
    for large, folds in ((75, 2), (76, 5)):
        capture = np.repeat([0, 1], [large, 100 - large])
        y = np.zeros(200, np.int8)
        y[100:] = 1
        assert assign(np.r_[capture, capture], y, 0)[1] == folds


def test_seed_decides() -> None:
    y = (np.arange(100) % 2).astype(np.int8)
    for capture in (np.zeros(100, int), np.arange(100) // 10):
        first, again, other = (assign(capture, y, seed)[0] for seed in (0, 0, 1))
        assert (first == again).all()
        assert (first != other).any()


def test_names_of_captures_do_not_count() -> None:
    y = (np.arange(100) % 2).astype(np.int8)
    capture = np.arange(100) // 10
    assert (assign(capture, y, 3)[0] == assign(capture * 7 - 20, y, 3)[0]).all()


@pytest.mark.parametrize("label", [0, 1])
def test_one_row_of_a_class_has_no_folds(label: int) -> None:
    y = np.full(9, label, np.int8)
    y[0] = 1 - label
    fold, count = assign(np.arange(9), y, 0)
    assert count == 0
    assert set(fold) == {-1}
