"""Networks as players of a world, `act(obs) -> actions`: score cards, films and shipping to the zoo.

A policy explores while it learns, and the entropy bonus keeps it from becoming deterministic. For evaluation it samples
from the squared probabilities (temperature 1/2) unless told otherwise; the card states this.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

import envs.evaluate
from agents.common.exploration import epsilon_greedy
from envs.evaluate import FIRST_SEED, ScoreCard, protocol_of
from envs.film import Film, film
from envs.vector import VecEnv
from envs.worlds import World, find_world
from supervised.nets.headed import HeadedNet
from supervised.shipping import Put, as_shipped
from supervised.trained import net_of_run, net_of_zoo
from tengen.card import keep_card
from tengen.description import Description
from tengen.device import Compute, cores
from tengen.display import Counter
from tengen.errors import UserError
from tengen.kinds import EvalOptions, Named, ShipOptions
from tengen.run import Run
from tengen.seeding import Seeds
from tengen.session import Report, Say
from tengen.video import write_videos
from tengen.zoo import how_trained

TEMPERATURE = 0.5  # of an evaluated policy: 1 as in training, 0 always the most probable action
EPSILON = 0.001  # fraction of random actions of an evaluated Q network (Bellemare 2017 and later)


class NetworkPlayer:
    """A network as a player: samples its policy at `temperature`, or acts epsilon-greedily with `EPSILON`."""

    def __init__(self, net: HeadedNet, seed: int, temperature: float = TEMPERATURE) -> None:
        self.net, self.temperature = net.eval(), temperature
        self._head = next((name for name in ("policy", "q", "dueling") if name in net.heads), None)
        if self._head is None:
            raise UserError(f"this network has heads {', '.join(net.heads)}, and none of them chooses actions")
        self._random = Seeds(seed).torch("evaluation")

    @property
    def actions(self) -> str:
        """How actions are chosen, as stated on the card."""
        if self._head != "policy":
            return f"epsilon-greedy, epsilon {EPSILON}"
        if self.temperature == 0:
            return "the most probable of the policy"
        return f"sampled from the policy at temperature {self.temperature:g}"

    @torch.inference_mode()
    def __call__(self, obs: np.ndarray) -> np.ndarray:
        """Actions [B] int64 for observations [B, *obs_shape]."""
        out = self.net(torch.from_numpy(obs))[self._head].float()  # [B, A]
        if self._head == "policy" and self.temperature == 0:
            action = out.argmax(1)
        elif self._head == "policy":
            p = (out / self.temperature).softmax(1)
            action = torch.multinomial(p, 1, generator=self._random).squeeze(1)
        else:
            action = epsilon_greedy(EPSILON, out.shape[1], len(out), self._random, lambda: out.argmax(1))
        chosen: np.ndarray = action.numpy()
        return chosen


def check_fits(net: HeadedNet, obs_shape: tuple[int, ...], actions: int, name: str) -> None:
    """UserError if the network was made for another world."""
    shape = tuple(net.spec["trunk"]["input_shape"])
    made = next((n for head, n in net.spec["heads"].items() if head != "value"), 0)
    if shape != tuple(obs_shape) or made != actions:
        raise UserError(
            f"this network does not fit {name}: it reads {shape} and has {made} actions, "
            f"{name} gives {tuple(obs_shape)} and has {actions}"
        )


def fits(net: HeadedNet, world: World) -> Callable[[VecEnv], None]:
    """A check that `net` fits an environment of `world`, for `play_games` and `film`."""
    return lambda env: check_fits(net, env.obs_shape, env.num_actions, world.name)


def card_of(
    net: HeadedNet,
    world: World,
    agent: str,
    steps: int,
    name: str,
    games: int,
    protocol: str = "sticky",
    seed: int = FIRST_SEED,
    temperature: float = TEMPERATURE,
    progress: Callable[[int], None] | None = None,
) -> ScoreCard:
    """Play whole games with `net`, which is called `name`; returns the card. `protocol` is for Atari."""
    protocol = protocol_of(world, protocol)
    player = NetworkPlayer(net, seed, temperature)
    command = f"tengen eval {name} --protocol {protocol} --episodes {games} --seed {seed}"
    command += f" --temperature {temperature:g}" if temperature != TEMPERATURE else ""
    return envs.evaluate.evaluate(
        player,
        world.name,
        games,
        protocol,
        seed,
        agent=agent,
        steps=steps,
        actions=player.actions,
        command=command,
        progress=progress,
        check=fits(net, world),
    )


def trained(named: Named) -> tuple[HeadedNet, World, int]:
    """(network, its world, environment steps it was trained for)."""
    world = find_world(named.task)
    if named.run:
        net, steps = net_of_run(named.run)
        return net, world, steps
    return net_of_zoo(named.name), world, named.card["steps"]


def evaluate(named: Named, options: EvalOptions, say: Say) -> Report:
    """`tengen eval` of an agent; for a run, the card is saved."""
    if options.against:
        raise UserError(f"--against is for runs of self-play; {named.name} is not one")
    net, world, steps = trained(named)
    Compute(threads=cores()).start()
    games = options.episodes or 30
    shown = Counter(games, "games")
    card = card_of(
        net,
        world,
        named.agent,
        steps,
        named.name,
        games,
        options.protocol,
        options.seed,
        options.temperature,
        shown,
    )
    shown.end()
    if named.run:
        at = f"-temperature-{options.temperature:g}" if options.temperature != TEMPERATURE else ""
        keep_card(named.run / "eval" / f"{card.protocol}-{steps}{at}.json", card)
    return Report([card], [f"tengen watch {named.name}"])


def film_named(named: Named, seed: int) -> Film:
    net, world, _ = trained(named)
    made = film(NetworkPlayer(net, seed), world, seed, check=fits(net, world))
    return made._replace(caption=made.caption.replace(":", f", {named.agent}:", 1))


def film_run(session: Any, run: Run) -> list[Path]:
    """Film a run that has just finished; no videos if its world cannot be rendered."""
    net = session.learner.net.cpu()
    try:
        made = film(NetworkPlayer(net, 1), session.world, 1, check=fits(net, session.world))
    except UserError as error:
        run.log(f"no video: {error}")
        return []
    return write_videos(made.frames, run.path / "eval" / "watch")


def ship(run: Run, name: str, options: ShipOptions, put: Put) -> None:
    """Ship the network of `run` to the zoo, with a card of whole games played by the shipped network."""
    what = Description.of_run(run)
    net, steps = net_of_run(run.path)
    card = card_of(as_shipped(net), find_world(what.task), what.agent, steps, name, options.games or 30)
    put(net, card.to_dict() | how_trained(run))
