"""How good an agent is: whole games by a named protocol, and the card that says so.

sticky    Machado et al. 2018 (arXiv:1709.06009): each action is repeated with probability 0.25,
          a lost life means nothing, at most 108,000 emulator frames a game
classic   Mnih et al. 2015: no repetition, up to 30 no-ops at the start of a game
plain     worlds other than Atari, as they are

A policy learns while it explores, and its bonus for entropy keeps it from ever being sure. Where it counts, it plays
by the square of its probabilities (temperature 1/2) unless asked otherwise; the card says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from envs.atari_scores import human_normalised
from envs.worlds import World, make_world
from supervised.nets.headed import HeadedNet
from tengen.errors import UserError, unknown
from tengen.seeding import Seeds
from tengen.statistics import bootstrap, interquartile_mean

PROTOCOLS: dict[str, dict[str, Any]] = {
    "sticky": {"repeat_action_probability": 0.25, "noop_max": 0},
    "classic": {"repeat_action_probability": 0.0, "noop_max": 30},
}
TEMPERATURE = 0.5  # of an evaluated policy: 1 is as it learned, 0 always the most probable action
EPSILON = 0.001  # share of random actions of an evaluated Q network (Bellemare 2017 and later)
_SIDE_BY_SIDE = 32  # games at once: bounds the memory of many episodes


class Player:
    """A network that plays: samples its policy at `temperature`, or takes its best value but for `EPSILON`."""

    def __init__(self, net: HeadedNet, seed: int, temperature: float = TEMPERATURE) -> None:
        self.net, self.temperature = net.eval(), temperature
        self._head = next((name for name in ("policy", "q", "dueling") if name in net.heads), None)
        if self._head is None:
            raise UserError(f"this network has heads {', '.join(net.heads)} and none that chooses actions")
        self._random = Seeds(seed).torch("evaluation")

    @property
    def way(self) -> str:
        """How actions are chosen, for the card."""
        if self._head != "policy":
            return f"epsilon-greedy, epsilon {EPSILON}"
        if self.temperature == 0:
            return "the most probable of the policy"
        return f"sampled from the policy at temperature {self.temperature:g}"

    @torch.inference_mode()
    def act(self, obs: np.ndarray) -> np.ndarray:
        """Actions [B] int64 for observations [B, *obs_shape]."""
        out = self.net(torch.from_numpy(obs))[self._head].float()  # [B, A]
        if self._head == "policy" and self.temperature == 0:
            action = out.argmax(1)
        elif self._head == "policy":
            p = (out / self.temperature).softmax(1)
            action = torch.multinomial(p, 1, generator=self._random).squeeze(1)
        else:
            random = torch.randint(out.shape[1], (len(out),), generator=self._random)
            explore = torch.rand(len(out), generator=self._random) < EPSILON
            action = torch.where(explore, random, out.argmax(1))
        chosen: np.ndarray = action.numpy()
        return chosen


def check_fits(net: HeadedNet, obs_shape: tuple[int, ...], actions: int, name: str) -> None:
    """Refuse a network made for another world."""
    shape = tuple(net.spec["trunk"]["input_shape"])
    made = next((n for head, n in net.spec["heads"].items() if head != "value"), 0)
    if shape != tuple(obs_shape) or made != actions:
        raise UserError(
            f"this network does not fit {name}: it reads {shape} and has {made} actions, "
            f"{name} gives {tuple(obs_shape)} and has {actions}"
        )


def play_games(
    net: HeadedNet,
    world: World,
    protocol: str,
    episodes: int,
    seed: int,
    progress: Callable[[int], None] | None = None,
    temperature: float = TEMPERATURE,
) -> tuple[list[float], str]:
    """Scores of `episodes` games and how actions were chosen.

    Each slot counts its first game only: taking the first `episodes` games to finish would favour short
    ones. Game i has seed `seed + i`.
    """
    options: dict[str, Any] = {}
    if world.kind == "atari":
        if protocol not in PROTOCOLS:
            raise unknown("protocol", protocol, PROTOCOLS)
        options = PROTOCOLS[protocol]
    player = Player(net, seed, temperature)
    scores: list[float] = []
    while len(scores) < episodes:
        games = min(_SIDE_BY_SIDE, episodes - len(scores))
        env = make_world(world, games, **options)
        check_fits(net, env.obs_shape, env.num_actions, world.name)
        obs = env.reset(seed + len(scores))
        score, running = np.zeros(games), np.ones(games, bool)
        while running.any():
            t = env.step(player.act(obs))
            obs = t.obs
            score += t.reward * running
            over = running & t.ended
            running &= ~t.ended
            if progress and over.any():
                progress(len(scores) + int((~running).sum()))
        scores += score.tolist()
        env.close()
    return scores, player.way


def score_card(
    world: World, agent: str, protocol: str, scores: list[float], seed: int, steps: int, way: str, command: str
) -> dict[str, Any]:
    """The card as flat JSON. `steps` are the environment steps the agent was trained for."""
    values = np.asarray(scores)
    mean = float(values.mean())
    return {
        "task": world.name,
        "agent": agent,
        "protocol": protocol if world.kind == "atari" else "plain",
        "episodes": len(scores),
        "mean": round(mean, 4),
        "median": float(np.median(values)),
        "iqm": round(float(interquartile_mean(values)), 4),
        "ci95": [round(x, 4) for x in bootstrap(scores, lambda x: x.mean(-1))],
        "iqm_ci95": [round(x, 4) for x in bootstrap(scores, interquartile_mean)],
        "hns": human_normalised(world.name, mean) if world.kind == "atari" else None,
        "seeds": [seed, seed + len(scores) - 1],
        "steps": steps,
        "actions": way,
        "command": command,
    }
