"""Tests of the law checkers: a world that breaks a law is caught, and the message says which."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from envs.boards.lines import Lines, tictactoe
from envs.laws import check_game, check_laws
from envs.toy import Catch, Corridor
from envs.vector import Transition


class Broken(Catch):
    """Catch with a faulty transition from the third step on."""

    made = 0

    def __init__(self, fault: Callable[[Broken, Transition], Transition]) -> None:
        super().__init__(4)
        self.fault, self.number = fault, Broken.made
        Broken.made += 1

    def reset(self, seed: int) -> np.ndarray:
        self.count = 0
        return super().reset(seed)

    def step(self, actions: np.ndarray) -> Transition:
        before, self.count = self._ended.copy(), self.count + 1
        t = super().step(actions)
        self.after_end = before
        return self.fault(self, t) if self.count > 2 else t


def noisy(env: Broken, t: Transition) -> Transition:
    return t._replace(reward=t.reward + np.float32(env.number * 0.5) * t.valid)


FAULTS: dict[str, Callable[[Broken, Transition], Transition]] = {
    "observations must have shape": lambda env, t: t._replace(obs=t.obs[:, 0]),
    "observations must be uint8": lambda env, t: t._replace(obs=t.obs.astype(np.float32)),
    "reward must be float32": lambda env, t: t._replace(reward=t.reward.astype(np.float64)),
    "reward must have shape": lambda env, t: t._replace(reward=t.reward[:, None]),
    "terminated must be bool": lambda env, t: t._replace(terminated=t.terminated.astype(np.int8)),
    "rewards must be finite": lambda env, t: t._replace(reward=t.reward * np.float32(np.nan)),
    "gave different reward": noisy,
    "its next row is valid": lambda env, t: t._replace(valid=np.ones(4, bool)),
    "its row is not valid": lambda env, t: t._replace(valid=np.zeros(4, bool), reward=t.reward * 0),
    "not valid has a reward": lambda env, t: t._replace(reward=t.reward + np.float32(1)),
    "ended in a row that is not valid": lambda env, t: t._replace(truncated=t.truncated | ~t.valid),
    "both terminated and truncated": lambda env, t: t._replace(truncated=t.terminated),
    "has discount 1, but no value follows": lambda env, t: t._replace(discount=np.ones(4, np.float32)),
    "neither 0 nor 1": lambda env, t: t._replace(discount=t.discount * np.float32(0.99)),
    "not valid has discount 0": lambda env, t: t._replace(discount=t.discount * t.valid),
}


@pytest.mark.parametrize("law", FAULTS)
def test_a_broken_world_is_caught(law: str) -> None:
    with pytest.raises(AssertionError, match=law):
        check_laws(lambda: Broken(FAULTS[law]))


def test_the_same_world_without_a_fault_obeys() -> None:
    check_laws(lambda: Broken(lambda env, t: t))


class OneScreen(Catch):
    """Writes every observation into the same array."""

    def _look(self) -> np.ndarray:
        if not hasattr(self, "screen"):
            self.screen = super()._look()
        self.screen[:] = super()._look()
        return self.screen


class Forgetful(Corridor):
    """Ignores the seed and continues where it was."""

    def reset(self, seed: int) -> np.ndarray:
        if hasattr(self, "_cell"):
            self._cell[:] = 3
            return self._look()
        return super().reset(seed)


class Meddling(Corridor):
    def step(self, actions: np.ndarray) -> Transition:
        actions[:] = 1
        return super().step(actions)


class Drunk(Catch):
    """Draws from a random generator that ignores the seed."""

    def reset(self, seed: int) -> np.ndarray:
        super().reset(np.random.SeedSequence().entropy % 2**32)  # type: ignore[operator]
        return self._look()


class Headless(Corridor):
    num_actions = 0


@pytest.mark.parametrize(
    ("world", "law"),
    [
        (lambda: OneScreen(4), "changed an observation that was handed out"),
        (lambda: Forgetful(4), "reset with the same seed"),
        (lambda: Meddling(4), "changed the actions"),
        (lambda: Drunk(64), "the same seed gave different first observations"),
        (lambda: Headless(4), "num_actions must be an int above 0"),
    ],
)
def test_other_broken_worlds(world: Callable[[], Catch], law: str) -> None:
    with pytest.raises(AssertionError, match=law):
        check_laws(world)


class Sticky(Lines):
    """Tic-tac-toe whose `encode` erases the last move from the state."""

    def encode(self, states: np.ndarray) -> np.ndarray:
        planes = super().encode(states)
        if (states["moves"] > 0).any():
            states["last"] = 0
        return planes


class Generous(Lines):
    """Tic-tac-toe that reports taken cells as legal."""

    def legal(self, states: np.ndarray) -> np.ndarray:
        return np.repeat(~self.ended(states)[:, None], 9, axis=1)


@pytest.mark.parametrize(
    ("kind", "law"), [(Sticky, "encode changes the state"), (Generous, "is legal but cannot be played")]
)
def test_a_broken_game_is_caught(kind: type[Lines], law: str) -> None:
    check_game(tictactoe(), games=4)
    with pytest.raises(AssertionError, match=law):
        check_game(kind("tictactoe", 3, 3, 3, falls=False), games=4)
