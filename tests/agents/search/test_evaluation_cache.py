"""Cached evaluations equal fresh ones."""

from __future__ import annotations

import numpy as np
import pytest

from agents.search.evaluation_cache import EvaluationCache, digest_rows


@pytest.mark.parametrize("entries", [1, 3, 1000])
def test_cached_evaluations_are_the_evaluations(entries: int) -> None:
    """Even if positions share a slot, within a batch or across batches; cached positions are not evaluated again."""
    random = np.random.default_rng(0)
    different = random.integers(0, 2, (12, 4, 3, 3)).astype(np.int8)
    asked: list[int] = []

    def truth(planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return planes.reshape(len(planes), -1)[:, :9].astype(np.float32), planes.sum((1, 2, 3)).astype(np.float32)

    cache = EvaluationCache(entries, 9)
    for _ in range(30):
        planes = different[random.integers(0, 12, 8)]

        def judge(new: np.ndarray, planes: np.ndarray = planes) -> tuple[np.ndarray, np.ndarray]:
            asked.append(len(new))
            return truth(planes[new])

        logits, values = cache.evaluate(planes, judge)
        assert np.array_equal(logits, truth(planes)[0]) and np.array_equal(values, truth(planes)[1])
    assert cache.lookups == 240 and cache.lookups - cache.hits == sum(asked)
    assert sum(asked) == 12 if entries == 1000 else sum(asked) > 30


def test_digests_tell_planes_apart() -> None:
    rows = np.zeros((1459, 1458), np.uint8)
    rows[np.arange(1458), np.arange(1458)] = 1  # one plane, one point
    digests = np.empty(1459, np.uint64)
    digest_rows(rows, digests)
    assert len(np.unique(digests)) == 1459 and len(np.unique(digests % np.uint64(20_000))) > 1350
