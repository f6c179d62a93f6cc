"""The board games as Gymnasium environments: one player against a fixed opponent.

Importing this module registers `tengen/TicTacToe-v0`, `tengen/Connect4-v0`, `tengen/Go5-v0`, `tengen/Go9-v0`
and `tengen/Go19-v0`, whose opponent plays at random; `gymnasium.make("envs.boards.single_player:tengen/Go9-v0")`
imports it and makes the environment. The learner plays Black, or a colour drawn anew for each game with
`colour="random"`.

Observations are planes [C, H, W] int8 from the learner's point of view; `info["action_mask"]` [A] marks the legal
actions. The reward is 1, 0 or -1 at the end. An illegal move loses at once (`info["illegal"]`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from envs.boards.game import BLACK, WHITE, Game
from envs.boards.lines import connect4, tictactoe
from envs.go.game import Go

# Chooses an action in state [1], given the game and a random generator.
Opponent = Callable[[Game, np.ndarray, np.random.Generator], int]


def random_opponent(game: Game, state: np.ndarray, random: np.random.Generator) -> int:
    """Uniform over the legal moves; considers passing only one time in fifty, or when nothing else is legal."""
    legal = np.flatnonzero(game.legal(state)[0])
    if game.can.passing is not None and len(legal) > 1 and random.random() > 0.02:
        legal = legal[legal != game.can.passing]
    return int(random.choice(legal))


class SinglePlayer(gym.Env):
    metadata = {"render_modes": ["ansi"], "render_fps": 1}  # noqa: RUF012 - Gymnasium's own convention

    def __init__(
        self,
        game: Game,
        opponent: Opponent = random_opponent,
        colour: Literal["black", "white", "random"] = "black",
        render_mode: str | None = None,
    ) -> None:
        self.game, self.opponent, self.colour, self.render_mode = game, opponent, colour, render_mode
        self.action_space = spaces.Discrete(game.num_actions)
        self.observation_space = spaces.Box(-127, 127, (len(game.planes), *game.board_shape), np.int8)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        super().reset(seed=seed)
        sides = {"black": BLACK, "white": WHITE}
        self._side = sides.get(self.colour) or int(self.np_random.choice([BLACK, WHITE]))
        self._state = self.game.new(1)
        self._answer()
        return self._observe(), self._info()

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        if not self.game.legal(self._state)[0, action]:
            return self._observe(), -1.0, True, False, self._info() | {"illegal": True}
        self.game.play(self._state, np.array([action]), check=False)
        self._answer()
        if not self.game.ended(self._state)[0]:
            return self._observe(), 0.0, False, False, self._info()
        result = float(self.game.result(self._state)[0])
        cut = bool(np.isnan(result))
        return self._observe(), 0.0 if cut else result * self._side, not cut, cut, self._info()

    def render(self) -> str:  # type: ignore[override]
        return self.game.draw(self._state[0])

    def _answer(self) -> None:
        """Play the opponent's moves until it is the learner's turn."""
        while not self.game.ended(self._state)[0] and self.game.to_move(self._state)[0] != self._side:
            action = self.opponent(self.game, self._state, self.np_random)
            self.game.play(self._state, np.array([action]))

    def _observe(self) -> np.ndarray:
        return np.ascontiguousarray(self.game.encode(self._state)[0])

    def _info(self) -> dict[str, Any]:
        return {"action_mask": self.game.legal(self._state)[0].astype(np.int8)}


def _make(make: Callable[[], Game], **options: Any) -> SinglePlayer:
    return SinglePlayer(make(), **options)


def _register() -> None:
    games: dict[str, Callable[[], Game]] = {
        "TicTacToe": tictactoe,
        "Connect4": connect4,
        **{f"Go{size}": partial(Go, size) for size in (5, 9, 19)},
    }
    for name, make in games.items():
        gym.register(f"tengen/{name}-v0", partial(_make, make))


_register()
