"""One short training of every kind, from the catalogues: seconds on one core, on data made on the spot.

    systems   every system of the reading list
    papers    every other row of the reading list whose command trains, with that command
    more      what the catalogues have besides: data sets, games, agents' worlds, networks

A system, an agent, a network or a game that is added is in the list by itself, or `missing` names it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from agents.catalogue import AGENTS, RLLIB
from envs.boards.catalogue import board_games
from envs.worlds import KINDS as WORLDS
from envs.worlds import TOYS, find_world
from supervised.catalogue import DATA_SETS
from supervised.nets.catalogue import TRUNKS
from supervised.systems.catalogue import all_systems
from supervised.systems.system import System
from tengen.kinds import KINDS, Kind, Training, training_for
from tengen.options import given_option
from tengen.papers import reading_list
from tests.faults import stand_ins

COMMON = ["--wandb", "off", "--threads", "1", "--precision", "float32", "--seed", "5"]
# Measured, two runs might differ.
WAY = ["--layout", "channels-last", "--convolutions", "winograd"]
SHORT = {  # options by kind of run
    "labels": WAY,
    "agent": [*WAY, "--steps", "4000", "--final-games", "4", "--reseed-every", "2500"],
    "selfplay": [
        *(*WAY, "--steps", "3000", "--moves-per-iteration", "256", "--boards", "16", "--simulations", "8"),
        *("--rate-games", "4", "--rate-every", "2"),
    ],
}
STEPS = {  # of systems by task, or by task and name
    "lesson": 60,
    "lesson-shattering": 18,
    "words": 400_000,
    "sentences": 100,
    "digits-tape": 600,
    "corridor": 60,
    "in-context": 300,
    "translation": 60,
    "text": 60,
    "digits": 60,
    "digits-tsne": 300,
}
FEWEST = 60
EPOCHS = {"digits": 2, "go9": 0.1}  # of labels by task; small sets made on the spot: 20
SMALLER = {  # options of systems by task, or by task and name
    "text": ["--hidden", "64", "--batch", "8"],
    "translation": ["--width", "32", "--batch-tokens", "256", "--pieces", "300"],
    "sentences-sentence-cnn": ["--folds", "2", "--width", "16", "--filters", "8"],
    "binary-mnist-vae": ["--net", "mlp8x1", "--hidden", "8", "--latent", "3", "--batch", "10"],
    "binary-mnist-autoencoder": ["--net", "mlp8x1", "--hidden", "8", "--latent", "3", "--batch", "10"],
    "binary-mnist-made": ["--hidden", "8", "--batch", "10", "--masks", "2"],
    "binary-mnist-rbm": ["--hidden", "8", "--batch", "10"],
    "mnist-gan": ["--noise", "4", "--width", "2", "--batch", "8", "--penalty-every", "2"],
    "scenes": ["--width", "2", "--levels", "2", "--batch", "2"],
    "mnist-diffusion": ["--width", "8", "--batch", "4", "--judged", "10", "--sampling-steps", "2"],
    "mnist-latent-diffusion": [
        *("--width", "8", "--batch", "4", "--judged", "10", "--sampling-steps", "2", "--first-width", "4"),
    ],
    "digits-tsne": ["--examples", "300"],
    "words-act2vec": ["--board", "9"],
}
OF_AGENTS = {
    "dqn": ["--learning-starts", "200", "--replay", "4096", "--tick-steps", "400"],
    "ppo": ["--num-envs", "8", "--num-steps", "32"],
    "pqn": ["--num-envs", "8", "--num-steps", "32"],
    "reinforce": ["--num-envs", "4", "--longest", "300"],
}
EXCEPTIONS = {  # what is not killed here, and why
    "paper uct": "a match, not a training (tests/selfplay/test_match_terms.py)",
    "paper alphago-policy": "a match; the training that it names is go9-policy",
    **{f"agent rllib-{name}": "RLlib's games are not saved: it says that resuming is not exact" for name in RLLIB},
    **{f"board {name}": "the code of go5 on a larger board" for name in ("go7", "go9", "go13", "go19")},
}


class Named(NamedTuple):
    name: str
    words: list[str]  # after `tengen train`

    def parsed(self) -> tuple[Kind, Training]:
        return training_for(self.words[0], lambda option: given_option(self.words, option))


def trainings(data: Path) -> list[Named]:
    """All of them; `data` is the folder that tests/faults/stand_ins.py fills."""
    found = [*_systems(), *_papers()]
    found += _more(found)
    for one in found:
        if one.parsed()[0].name == "labels":
            one.words.extend(["--epochs", str(EPOCHS.get(one.words[0], 20))])
    return [Named(name, [*words, *stand_ins.options(words[0], words, data), *COMMON]) for name, words in found]


def _systems() -> Iterable[Named]:
    for system in all_systems():
        task = task_of(system)
        name = f"{task}-{system.name}"
        words = [task, system.option, system.name, *SMALLER.get(name, SMALLER.get(task, []))]
        if "steps" not in system.unused:
            words += ["--steps", str(STEPS.get(name, STEPS.get(task, FEWEST)))]
        yield Named(name, words)


def task_of(system: System) -> str:
    """A system's first task."""
    return re.split(r"[|(]", system.task)[0]


def _papers() -> Iterable[Named]:
    for paper in reading_list():
        words = shlex.split(paper.command)[1:]
        if words[0] == "train":
            kind, training = Named("", words[1:]).parsed()
            if kind.name in SHORT:
                yield Named(f"paper-{paper.name}", [*words[1:], *SHORT[kind.name], *_of_agent(training.agent)])


def _of_agent(agent: str) -> list[str]:
    return OF_AGENTS.get(agent, [])


def _more(found: Sequence[Named]) -> Iterable[Named]:
    labels, agent = SHORT["labels"], SHORT["agent"]
    nets, there = {_net(one) for one in found}, {(one.words[0], one.parsed()[1].agent) for one in found}
    for line in TRUNKS:
        if line.reads in ("pictures", "anything") and not any(net in line for net in nets):
            yield Named(f"digits-{line.names[0]}", ["digits", "--net", line.names[0], *labels, "--ema", "0.99"])
    yield Named("fashion-mnist", ["fashion-mnist", *labels])
    yield Named("images", ["images", *labels])
    for net in ("tower16x2", "alphago16x2"):
        yield Named(f"go9-{net}", ["go9", "--net", net, *labels])
    for number, name in enumerate(AGENTS):
        toys = list(TOYS)
        for world in ("pong", toys[number % len(toys)]):
            if (world, name) not in there:
                yield Named(f"{world}-{name}", [world, "--agent", name, *agent, *_of_agent(name)])
    yield Named("pong-nature", ["pong", "--net", "nature", *agent, *_of_agent("ppo")])
    rainbow = ["--dueling", "--prioritised", "--n-step", "2"]
    yield Named("pong-rainbow", ["pong", "--agent", "dqn", "--net", "small", *rainbow, *agent, *_of_agent("dqn")])


def _net(one: Named) -> str:
    """The network that a training names, or has by default."""
    return given_option(one.words, "--net") or getattr(one.parsed()[1].config, "net", "")


def missing(found: Iterable[Named]) -> list[str]:
    """What the catalogues have and neither `found` nor EXCEPTIONS."""
    parsed = [one.parsed() for one in found]
    tasks: dict[str, set[str]] = {name: set() for name in KINDS}  # by kind of run
    for kind, training in parsed:
        tasks[kind.name].add(training.task)
    systems = {(kind.name, training.agent) for kind, training in parsed}
    nets = {_net(one) for one in found}
    worlds = {find_world(task).kind for task in tasks["agent"]}
    there = {
        **{f"kind {name}": bool(tasks[name]) for name in KINDS},
        **{f"system {task_of(one)}-{one.name}": ("system", one.name) in systems for one in all_systems()},
        **{f"agent {name}": ("agent", name) in systems for name in (*AGENTS, *(f"rllib-{algo}" for algo in RLLIB))},
        **{f"world {name}": name in worlds for name in WORLDS},
        **{f"toy {name}": name in tasks["agent"] for name in TOYS},
        **{f"board {name}": name in tasks["selfplay"] for name in board_games()},
        **{f"data set {name}": any(re.fullmatch(name, task) for task in tasks["labels"]) for name in DATA_SETS},
        **{f"network {line.names[0]}": any(net in line for net in nets) for line in TRUNKS},
        **{f"paper {paper.name}": _trains(paper.command, systems) for paper in reading_list()},
    }
    return [name for name, is_there in there.items() if not is_there and name not in EXCEPTIONS]


def _trains(command: str, systems: set[tuple[str, str]]) -> bool:
    """Whether a command is a training of a kind and an agent, network or system that are among `systems`."""
    words = shlex.split(command)[1:]
    if words[0] != "train":
        return False
    kind, training = Named("", words[1:]).parsed()
    return (kind.name, training.agent) in systems
