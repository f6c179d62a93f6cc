"""How good a player of a world is: whole games by a named protocol, and the card that says so. No torch in here.

sticky    Machado et al. 2018 (arXiv:1709.06009): each action is repeated with probability 0.25,
          a lost life means nothing, at most 108,000 emulator frames a game
classic   Mnih et al. 2015: no repetition, up to 30 no-ops at the start of a game
plain     worlds other than Atari, as they are

Anything that acts can be evaluated, `act(obs) -> actions` for a batch of observations:

    scores = play_games(lambda obs: np.zeros(len(obs), np.int64), find_world("pong"), "sticky", 30, seed=1000)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from envs.atari_scores import human_normalised
from envs.vector import VecEnv
from envs.worlds import World, make_world
from tengen.card import to_dict
from tengen.errors import unknown
from tengen.statistics import bootstrap, interquartile_mean

PROTOCOLS: dict[str, dict[str, Any]] = {
    "sticky": {"repeat_action_probability": 0.25, "noop_max": 0},
    "classic": {"repeat_action_probability": 0.0, "noop_max": 30},
}
FIRST_SEED = 1000
_SIDE_BY_SIDE = 32  # games at once: bounds the memory of many episodes

Act = Callable[[np.ndarray], np.ndarray]  # observations [B, *obs_shape] -> actions [B] int64


@dataclass(frozen=True)
class ScoreCard:
    """Whole games of one player in one world."""

    task: str
    agent: str
    protocol: str
    episodes: int
    mean: float
    median: float
    iqm: float  # mean of the middle half (Agarwal 2021, arXiv:2108.13264)
    ci95: tuple[float, float]  # of the mean, by bootstrap
    iqm_ci95: tuple[float, float]
    hns: float | None  # human-normalised score; Atari only
    seeds: tuple[int, int]  # of the first and the last game
    steps: int  # environment steps the player was trained for
    actions: str  # how they are chosen
    command: str  # that measures this again

    def describe(self) -> str:
        low, high = self.ci95
        human = f", human-normalised {self.hns:.2f}" if self.hns is not None else ""
        return (
            f"{self.task}, {self.agent}: score {self.mean:.2f} [{low:.2f}, {high:.2f}] over {self.episodes} games"
            f" (protocol {self.protocol}, median {self.median:.1f}, iqm {self.iqm:.2f}{human})"
        )

    def to_dict(self) -> dict[str, Any]:
        return to_dict(self)


def protocol_of(world: World, wanted: str) -> str:
    """The protocol that `world` is played by: Atari has a choice."""
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

    Each slot counts its first game only: taking the first `episodes` games to finish would favour short ones.
    `check` may refuse the environment before anything is played.
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
            t = env.step(act(obs))
            obs = t.obs
            score += t.reward * running
            over = running & t.ended
            running &= ~t.ended
            if progress and over.any():
                progress(len(scores) + int((~running).sum()))
        scores += score.tolist()
        env.close()
    return scores


def score_card(
    world: World, agent: str, protocol: str, scores: list[float], seed: int, steps: int, actions: str, command: str
) -> ScoreCard:
    """The card of `scores`; `steps` are the environment steps the player was trained for."""
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
