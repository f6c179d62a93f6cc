"""Lessons: their plotted quantities add up and agree with closed forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.common.n_step_lesson import NStep, true_values
from supervised.classical.catalogue import SYSTEMS
from supervised.classical.lessons.bias_variance import BiasVariance, decompose
from supervised.classical.lessons.gradients import ACTIVATIONS
from supervised.classical.lessons.ravine import KAPPA, Ravine, rates
from supervised.classical.lessons.sample_size import OverFitting, SampleSize, bound
from supervised.classical.lessons.shattering import CASES, Shattering, cover, parted
from supervised.classical.lessons.study import LESSONS, LessonStudy
from supervised.systems.study import Setup
from tengen.checkpoint import differences
from tengen.lookup import find
from tengen.seeding import Seeds


def done(lesson: Any) -> Any:
    for number in range(lesson.total):
        lesson.measure(number)
    return lesson


def test_bias_and_variance_by_hand_and_added_up() -> None:
    predicted = np.array([[1.0, 2.0], [3.0, 2.0]])  # two sets, two points; means 2 and 2
    error, bias, variance = decompose(predicted, np.array([1.0, 2.0]))
    assert (error, bias, variance) == (1.0, 0.5, 0.5)  # errors 0 0 4 0; bias 1 and 0; variances 1 and 0
    lesson = done(BiasVariance(0, 0.3, 200))
    _, distance, _, also = lesson.answer()
    assert distance < 0.08 and also["identity"] < 1e-9 and also["best_degree"] == 3


def test_the_bias_of_n_step_returns_is_known() -> None:
    values, moves = true_values()
    assert np.allclose(moves[:7].sum(1), 1) and values[6] > values[0] > 0
    lesson = done(NStep(0, 0.0, 100))
    error, bias, variance = lesson.parts()
    assert np.allclose(error, bias**2 + variance)
    deviation = np.sqrt(variance / (100 * 64))
    assert (abs(bias - lesson.expected_bias()) < 4 * deviation).all()
    assert abs(bias[0]) > 10 * abs(bias[-1]) and variance[-1] > 3 * variance[0]


def test_the_training_error_of_a_model_that_holds_the_truth() -> None:
    assert done(OverFitting(0, 0.3, 150)).answer()[1] < 0.15


def test_the_gap_closes_and_stays_within_the_bound() -> None:
    lesson = done(SampleSize(0, 0.0, 3))
    _, share, _, also = lesson.answer()
    assert share < 1 and also["gap_largest"] < also["gap_smallest"] / 3
    assert bound(np.array([1000.0]), 10)[0] == pytest.approx(((10 * (np.log(200) + 1) - np.log(0.0125)) / 1000) ** 0.5)


def test_hyperplanes_part_points_as_often_as_cover_says() -> None:
    assert [cover(n, 2) for n in (3, 4, 5)] == [8, 14, 22]
    assert parted(np.array([[0.0], [1.0]]), np.array([1.0, -1.0]))
    corners = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    assert not parted(corners, np.array([1.0, 1.0, -1.0, -1.0]))  # exclusive or
    lesson = Shattering(0, 0.0, len(CASES))
    for number in (1, 2, 7, 8):  # 3 and 4 points on a line, 3 and 4 in a plane
        lesson.measure(number)
        d, n = CASES[number]
        assert lesson.arrays["ways"][number] == cover(n, d)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slopes_are_derivatives(name: str) -> None:
    phi, slope = ACTIVATIONS[name]
    z = np.array([-1.3, -0.2, 0.4, 2.0])
    assert np.allclose(slope(z), (phi(z + 1e-6) - phi(z - 1e-6)) / 2e-6, atol=1e-6)


def test_momentum_goes_down_the_ravine_at_the_known_rate() -> None:
    assert rates(100.0) == pytest.approx((99 / 101, 9 / 11))
    lesson = done(Ravine(0, 0.0, 300))
    assert lesson.answer()[1] < 0.01
    values = (np.array([1.0, KAPPA]) * lesson.arrays["path"][60] ** 2).sum(1)
    assert values[1] < 1e-2 * values[0] and values[2] < 1e-2 * values[0]


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_stops_continues_and_draws(name: str, tmp_path: Path) -> None:
    system = next(s for s in SYSTEMS if s.option == "--lesson" and s.name == name)
    training = system.training("lesson")
    steps = 2

    def study() -> LessonStudy:
        settings = type(training.settings)(steps=steps)
        return find(system.study)(Setup("lesson", settings, training.config, Seeds(1), None))

    whole, first, second = study(), study(), study()
    list(whole.ticks())
    next(first.ticks())
    second.load(first.state())
    rows = list(second.ticks())
    assert differences(whole.state(), second.state()) == [] and "test/score" in rows[-1].metrics
    assert [file.stat().st_size > 5000 for file in whole.pictures(tmp_path)] == [True]
    assert np.isfinite(whole.measure().value)
