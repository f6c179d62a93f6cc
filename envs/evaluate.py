"""Evaluates a player over whole games under a named protocol and returns a score card. Does not import torch.

sticky    Machado et al. 2018 (arXiv:1709.06009): each action is repeated with probability 0.25,
          losing a life has no effect, at most 108,000 emulator frames per game
classic   Mnih et al. 2015: no sticky actions, up to 30 no-ops at the start of a game
plain     worlds other than Atari, unmodified

Any function `act(obs) -> actions` that maps a batch of observations to actions can be evaluated:

    card = evaluate(lambda obs: np.zeros(len(obs), np.int64), task="pong", agent="never moves")
    print(card.describe())
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from envs.atari_scores import human_normalised
from envs.vector import VecEnv
from envs.worlds import World, find_world, make_world
from tengen.card import to_dict
from tengen.errors import UserError, first_line, unknown
from tengen.statistics import bootstrap, interquartile_mean

PROTOCOLS: dict[str, dict[str, Any]] = {
    "sticky": {"repeat_action_probability": 0.25, "noop_max": 0},
    "classic": {"repeat_action_probability": 0.0, "noop_max": 30},
}
FIRST_SEED = 1000
_SIDE_BY_SIDE = 32  # games played at once; bounds memory

Act = Callable[[np.ndarray], np.ndarray]  # observations [B, *obs_shape] -> actions [B] int64


@dataclass(frozen=True)
class ScoreCard:
    """Scores of one player in one world, over whole games."""

    task: str
    agent: str
    protocol: str
    episodes: int
    mean: float
    median: float
    iqm: float  # interquartile mean (Agarwal 2021, arXiv:2108.13264)
    ci95: tuple[float, float]  # bootstrap interval of the mean
    iqm_ci95: tuple[float, float]
    hns: float | None  # human-normalised score; Atari only
    seeds: tuple[int, int]  # of the first and last game
    steps: int  # environment steps the player was trained for
    actions: str  # how actions are chosen
    command: str  # reproduces this measurement

    def describe(self) -> str:
        low, high = self.ci95
        human = f", human-normalised {self.hns:.2f}" if self.hns is not None else ""
        return (
            f"{self.task}, {self.agent}: score {self.mean:.2f} [{low:.2f}, {high:.2f}] over {self.episodes} games"
            f" (protocol {self.protocol}, median {self.median:.1f}, iqm {self.iqm:.2f}{human})"
        )

    def to_dict(self) -> dict[str, Any]:
        return to_dict(self)


def evaluate(
    act: Act,
    task: str,
    episodes: int = 30,
    protocol: str = "sticky",
    seed: int = FIRST_SEED,
    *,
    agent: str = "act",
    steps: int = 0,
    actions: str = "as the function chooses them",
    command: str = "",
    progress: Callable[[int], None] | None = None,
    check: Callable[[VecEnv], None] = lambda env: None,
) -> ScoreCard:
    """Play whole games with `act` in the world named `task`, under a protocol, and return their score card.

    act(obs [B, *obs_shape]) -> actions [B], integers from 0 to `num_actions` - 1. B shrinks only in the last round of
    games. Game i has seed `seed + i`; keep these seeds out of training. `agent`, `steps` (environment steps of
    training), `actions` and `command` (which reproduces the measurement) are copied to the card. `progress` is called
    with the number of finished games; `check` may reject the environment before play starts.

    Raises UserError if the task or protocol is unknown, `episodes` is below 1, or `act` does not return valid actions.
    """
    if episodes < 1:
        raise UserError(f"episodes must be 1 or more, not {episodes}")
    world = find_world(task)
    scores = play_games(act, world, protocol, episodes, seed, progress, check)
    return score_card(world, agent, protocol, scores, seed, steps, actions, command)


def protocol_of(world: World, wanted: str) -> str:
    """The protocol used for `world`; only Atari has a choice."""
    if world.kind != "atari":
        return "plain"
    if wanted not in PROTOCOLS:
        raise unknown("protocol", wanted, PROTOCOLS)
    return wanted


def play_games(
    act: Act,
    world: World,
    protocol: str,
    episodes: int,
    seed: int = FIRST_SEED,
    progress: Callable[[int], None] | None = None,
    check: Callable[[VecEnv], None] = lambda env: None,
) -> list[float]:
    """Scores of `episodes` games; game i has seed `seed + i`.

    Only the first game in each slot counts: taking the first `episodes` games to finish would favour short ones.
    `check` may reject the environment before play starts.
    """
    options = PROTOCOLS.get(protocol_of(world, protocol), {})
    scores: list[float] = []
    while len(scores) < episodes:
        games = min(_SIDE_BY_SIDE, episodes - len(scores))
        env = make_world(world, games, **options)
        check(env)
        obs = env.reset(seed + len(scores))
        score, running = np.zeros(games), np.ones(games, bool)
        while running.any():
            t = env.step(actions_of(act(obs), games, env.num_actions))
            obs = t.obs
            score += t.reward * running
            over = running & t.ended
            running &= ~t.ended
            if progress and over.any():
                progress(len(scores) + int((~running).sum()))
        scores += score.tolist()
        env.close()
    return scores


def actions_of(answer: Any, games: int, num_actions: int) -> np.ndarray:
    """The return value of `act` as actions [B] int64; UserError if it is anything else."""
    wanted = f"act(obs) must return {games} integers from 0 to {num_actions - 1}, one per game"
    try:
        chosen = np.asarray(answer)
    except (TypeError, ValueError, RuntimeError) as error:  # ragged lists; tensors that require grad or are on a GPU
        raise UserError(f"{wanted}; its result cannot be converted to an array: {first_line(error)}") from error
    if chosen.shape != (games,):
        raise UserError(f"{wanted}; it returned shape {list(chosen.shape)}")
    if not np.issubdtype(chosen.dtype, np.integer):
        raise UserError(f"{wanted}; it returned {chosen.dtype}: return the index of the best action, argmax(1)")
    if ((chosen < 0) | (chosen >= num_actions)).any():
        raise UserError(f"{wanted}; it returned values from {chosen.min()} to {chosen.max()}")
    return chosen.astype(np.int64)


def score_card(
    world: World, agent: str, protocol: str, scores: list[float], seed: int, steps: int, actions: str, command: str
) -> ScoreCard:
    """The card for `scores`; `steps` is how many environment steps the player was trained for."""
    values = np.asarray(scores)
    mean = float(values.mean())
    return ScoreCard(
        task=world.name,
        agent=agent,
        protocol=protocol_of(world, protocol),
        episodes=len(scores),
        mean=round(mean, 4),
        median=float(np.median(values)),
        iqm=round(float(interquartile_mean(values)), 4),
        ci95=_rounded(bootstrap(scores, lambda x: x.mean(-1))),
        iqm_ci95=_rounded(bootstrap(scores, interquartile_mean)),
        hns=human_normalised(world.name, mean) if world.kind == "atari" else None,
        seeds=(seed, seed + len(scores) - 1),
        steps=steps,
        actions=actions,
        command=command,
    )


def _rounded(interval: tuple[float, float]) -> tuple[float, float]:
    return round(interval[0], 4), round(interval[1], 4)
