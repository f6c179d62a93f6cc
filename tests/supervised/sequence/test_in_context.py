"""Few-shot learning in miniature: the families, who does them as well as can be, and the network that reads prompts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from supervised.sequence.in_context.config import LINEAR, LOOKUP, Config
from supervised.sequence.in_context.families import FAMILIES, Linear, Lookup
from supervised.sequence.in_context.network import InContext
from supervised.sequence.in_context.study import study
from supervised.systems.gradient import GradientStudy
from supervised.systems.settings import SystemSettings
from supervised.systems.study import Setup
from tengen.checkpoint import differences
from tengen.errors import UserError
from tengen.seeding import Seeds
from tests.long import takes_long


def new(config: Config, steps: int = 4) -> GradientStudy:
    return study(
        Setup("in-context", SystemSettings(steps=steps, test_every=max(2, steps // 4)), config, Seeds(1), None)
    )


def test_least_squares_on_the_same_examples() -> None:
    """After k < d examples the shortest solution misses 1 - k / d of w; from d examples on nothing."""
    best = Linear(4).at_best(Linear(4).draw(np.random.default_rng(0), 20_000, 8)).mean(0)
    np.testing.assert_allclose(best, [1, 0.75, 0.5, 0.25, 0, 0, 0, 0], atol=0.03)


def test_the_table_seen_so_far() -> None:
    """A key is new with probability (1 - 1 / K)^k after k examples, and is then guessed rightly once in K times."""
    best = Lookup(4).at_best(Lookup(4).draw(np.random.default_rng(0), 20_000, 6)).mean(0)
    np.testing.assert_allclose(best, [0.75 * 0.75**k for k in range(6)], atol=0.01)


def test_prompts_by_hand() -> None:
    """x_1 y_1 x_2 y_2: y is w . x with the same w; a key has the same value wherever it stands."""
    tokens, y = Linear(2).draw(np.random.default_rng(0), 3, 5)
    assert tokens.shape == (3, 10, 3) and (tokens[:, ::2, 2] == 0).all() and (tokens[:, 1::2, :2] == 0).all()
    torch.testing.assert_close(tokens[:, 1::2, 2], y)
    w = torch.linalg.lstsq(tokens[:, :4:2, :2], y[:, :2, None]).solution
    torch.testing.assert_close((tokens[:, ::2, :2] @ w)[..., 0], y, rtol=1e-3, atol=1e-3)
    tokens, y = Lookup(4).draw(np.random.default_rng(0), 3, 20)
    keys, values = tokens[:, ::2].argmax(2), tokens[:, 1::2].argmax(2) - 4
    assert torch.equal(values, y)
    assert all(len({int(v) for v in values[b][keys[b] == key]}) <= 1 for b in range(3) for key in range(4))


@pytest.mark.parametrize("family", FAMILIES)
def test_an_answer_knows_nothing_of_its_y(family: str) -> None:
    """Changing y_k changes no answer up to the k-th."""
    of = FAMILIES[family](4)
    tokens, _ = of.draw(np.random.default_rng(0), 2, 6)
    torch.manual_seed(0)
    net = InContext(of.inputs, of.outputs, 16, 2, 2, 6)
    changed = tokens.clone()
    changed[:, 5] = tokens[:, 5].flip(1)  # y_3
    before, after = net(tokens), net(changed)
    torch.testing.assert_close(after[:, :3], before[:, :3])
    assert (after[:, 3:] - before[:, 3:]).abs().min() > 0


@pytest.mark.parametrize("config", [LINEAR, LOOKUP])
def test_resumed_equals_uninterrupted(config: Config, tmp_path: Path) -> None:
    small = replace(config, hidden=8, heads=2, layers=1, examples=4, batch=4)
    whole, half, rest = (new(small) for _ in range(3))
    rows = [tick.metrics for tick in whole.ticks()]
    first = next(half.ticks()).metrics
    rest.load(half.state())
    assert [first, *(tick.metrics for tick in rest.ticks())] == rows
    assert differences(rest.state(), whole.state()) == []
    assert whole.pictures(tmp_path)[0].name == "in-context.png"


def test_mistakes() -> None:
    with pytest.raises(UserError, match="not a multiple of --heads 4"):
        new(replace(LINEAR, hidden=10))
    with pytest.raises(UserError, match="--examples 1"):
        new(replace(LINEAR, examples=1))


@takes_long
def test_the_error_falls_with_the_number_of_examples() -> None:
    """Look-up of four keys: after eleven examples near the best possible, which is 0.03."""
    trained = new(LOOKUP, 800)
    for _ in trained.ticks():
        pass
    measured = trained.measure()
    assert measured.value < 0.06 and measured.also["without examples"] > 0.7
