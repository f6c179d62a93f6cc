"""The board games as PettingZoo AEC environments (two agents taking turns).

    env = board_game(connect4())
    env.reset()
    for agent in env.agent_iter(): …

The agents are `black_0` and `white_0`. An observation holds `observation` [H, W, C] int8, from the agent's
point of view, and `action_mask` [A]. A game cut short by the move limit is truncated, with reward 0. An
illegal move raises `IllegalMove`; wrap with PettingZoo's `TerminateIllegalWrapper` if it should lose.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from pettingzoo import AECEnv

from envs.boards.game import BLACK, Game


def board_game(game: Game, render_mode: str | None = None) -> BoardGame:
    """A PettingZoo environment for `game`."""
    return BoardGame(game, render_mode)


class BoardGame(AECEnv):
    def __init__(self, game: Game, render_mode: str | None = None) -> None:
        super().__init__()
        self.metadata = {
            "name": f"tengen_{game.name}_v0",
            "render_modes": ["ansi", "human"],
            "is_parallelizable": False,
        }
        self.render_mode = render_mode
        self.game = game
        self.possible_agents = ["black_0", "white_0"]
        shape = (*game.board_shape, len(game.planes))
        seen = spaces.Dict(
            {
                "observation": spaces.Box(-127, 127, shape, np.int8),
                "action_mask": spaces.Box(0, 1, (game.num_actions,), np.int8),
            }
        )
        self._observation = seen
        self._action: spaces.Space = spaces.Discrete(game.num_actions)

    def observation_space(self, agent: str) -> spaces.Space:
        return self._observation

    def action_space(self, agent: str) -> spaces.Space:
        return self._action

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        del seed, options  # nothing here is random
        self.agents = self.possible_agents[:]
        self._state = self.game.new(1)
        zeros = dict.fromkeys(self.agents, 0.0)
        self.rewards, self._cumulative_rewards = dict(zeros), dict(zeros)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos: dict[str, dict[str, Any]] = {agent: {} for agent in self.agents}
        self.agent_selection = self.agents[0]

    def observe(self, agent: str) -> dict[str, np.ndarray]:
        planes = self.game.encode(self._state)[0].transpose(1, 2, 0)
        mask = self.game.legal(self._state)[0]
        if agent != self._mover():  # not this agent's turn: no legal actions
            planes, mask = np.zeros_like(planes), np.zeros_like(mask)
        return {"observation": np.ascontiguousarray(planes), "action_mask": mask.astype(np.int8)}

    def step(self, action: int | None) -> None:
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        self.game.play(self._state, np.array([action]))
        self._cumulative_rewards[agent] = 0.0
        self._clear_rewards()
        if self.game.ended(self._state)[0]:
            result = float(self.game.result(self._state)[0])
            for name, sign in zip(self.possible_agents, (1, -1), strict=True):
                self.rewards[name] = 0.0 if np.isnan(result) else sign * result
                self.terminations[name] = not np.isnan(result)
                self.truncations[name] = bool(np.isnan(result))
        self.agent_selection = self._mover()
        self._accumulate_rewards()
        if self.render_mode == "human":
            self.render()

    def render(self) -> str | None:
        text = self.game.draw(self._state[0])
        if self.render_mode == "human":
            print(text)
            return None
        return text

    def close(self) -> None:
        pass

    def _mover(self) -> str:
        return self.possible_agents[0 if self.game.to_move(self._state)[0] == BLACK else 1]
