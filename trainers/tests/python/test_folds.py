"""Folds: equal rows together, both classes everywhere."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from mlp_worker.folds import assign


def folds(x: np.ndarray, y: np.ndarray, seed: int = 0) -> tuple[np.ndarray, int]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return assign(x.astype(np.float32), y, seed)


@pytest.mark.parametrize("seed", range(20))
def test_equal_rows_share_a_fold_that_has_both_classes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 400))
    x = rng.integers(0, rng.integers(3, 30), size=(n, 2)).astype(np.float32)
    x[x == 2] = np.nan
    y = (rng.random(n) < rng.choice([0.1, 0.5])).astype(np.int8)
    fold, count = folds(x, y, seed)
    assert 2 <= count <= 5
    assert set(fold) == set(range(count))
    rows = [tuple(str(v) for v in row) for row in x]
    for row in set(rows):
        assert len({fold[i] for i in range(n) if rows[i] == row}) == 1
    for i in range(count):
        assert set(y[fold == i]) == set(y[fold != i]) == {0, 1}


def test_folds_are_about_equally_large() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(10_000, 3)), (np.arange(10_000) % 100 == 0).astype(np.int8)
    fold, count = folds(x, y)
    assert count == 5
    assert list(np.bincount(fold)) == [2000] * 5
    assert list(np.bincount(fold[y == 1])) == [20] * 5


def test_signed_zero_and_kinds_of_nan_are_equal() -> None:
    other_nan = np.array([0x7FC00001], np.uint32).view(np.float32)[0]
    x = np.array([[0.0], [-0.0], [np.nan], [other_nan], [1], [2], [3], [4]], np.float32)
    y = np.array([0, 0, 0, 0, 1, 1, 1, 0], np.int8)
    for seed in range(10):
        fold, _ = folds(x, y, seed)
        assert fold[0] == fold[1]
        assert fold[2] == fold[3]


def test_order_of_columns_tells_rows_apart() -> None:
    x = np.array([[1, 2], [2, 1], [3, 4], [4, 3]] * 3)
    fold, count = folds(x, np.array([0, 0, 1, 1] * 3, np.int8))
    assert count == 2
    assert fold[0] != fold[1]
    assert fold[2] != fold[3]


def test_seed_decides() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(100, 3)), (np.arange(100) % 2).astype(np.int8)
    first, again, other = (folds(x, y, seed)[0] for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize(("label", "name"), [(0, "benign"), (1, "attack")])
def test_a_class_of_equal_rows_is_spread_with_a_warning(label: int, name: str) -> None:
    x = np.r_[np.zeros(6), np.repeat(np.arange(1, 7), 2)].reshape(-1, 1).astype(np.float32)
    y = np.full(18, 1 - label, np.int8)
    y[:6] = label
    with pytest.warns(UserWarning, match=f"all {name} rows are equal"):
        fold, count = assign(x, y, 0)
    assert count == 5
    assert set(fold[:6]) == set(range(5))
    assert all(fold[i] == fold[i + 1] for i in range(6, 18, 2))


def test_all_rows_equal() -> None:
    y = np.array([0, 1, 0, 1], np.int8)
    with pytest.warns(UserWarning) as caught:
        fold, count = assign(np.zeros((4, 2), np.float32), y, 0)
    assert len(caught) == 2
    assert count == 2
    for i in range(2):
        assert set(y[fold == i]) == {0, 1}


def test_one_row_of_a_class_has_no_folds() -> None:
    fold, count = folds(np.arange(9).reshape(-1, 1), np.array([1] + [0] * 8, np.int8))
    assert count == 0
    assert set(fold) == {-1}
