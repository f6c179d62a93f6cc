"""`tengen eval`, and the score card at the end of a training."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.evaluate import TEMPERATURE, play_games, score_card
from envs.worlds import World
from scripts.players import load_player
from supervised.nets.headed import HeadedNet, load_network
from tengen.device import Compute, cores
from tengen.display import Counter
from tengen.errors import UserError
from tengen.files import write_json
from tengen.run import Run, find_run
from tengen.zoo import ZOO, about, zoo_entry

_FIRST_SEED = 1000


@dataclass(frozen=True)
class How:
    """The options of `tengen eval`."""

    runs: Path
    protocol: str = "sticky"  # how Atari is played
    episodes: int = 0  # games, or positions; 0: as many as suit the task
    seed: int = _FIRST_SEED
    temperature: float = TEMPERATURE  # of an agent's policy
    as_json: bool = False
    data: str = ""  # pictures for a classifier of the zoo
    games: str = ""  # records for a Go network of the zoo
    positions: str = ""  # of a solved game
    simulations: int = 400  # a move, where there is search
    against: str = ""  # player that a run's rated networks meet
    networks: int = 6  # so many of them

    @property
    def count(self) -> int:  # where it is not small boards
        return self.episodes or 30


def evaluate_player(name: str, how: How) -> int:
    """Play (or test, where it learned from labels), print the card, and keep it in the run's `eval/`."""
    path = find_run(how.runs, name)
    facts = about(name, how.runs)
    if how.against and (facts.get("kind") != "selfplay" or not path):
        raise UserError(f"--against is for runs of self-play; {name} is none")
    if facts.get("kind") == "labels":
        if path:
            return _examine_run(path, how.as_json)
        return _examine_zoo(*zoo_entry(name, how.runs), how)
    if path and how.against:
        return _strength(path, how)
    if facts.get("kind") == "selfplay":
        return _solve(name, path, facts, how)
    player = load_player(name, how.runs)
    Compute(threads=cores()).start()
    show = Counter(how.count, "games")
    card = play_card(
        player.net,
        player.world,
        player.agent,
        player.steps,
        name,
        how.count,
        how.protocol,
        how.seed,
        how.temperature,
        show,
    )
    show.end()
    if player.run:
        at = f"-temperature-{how.temperature:g}" if how.temperature != TEMPERATURE else ""
        write_json(player.run / "eval" / f"{card['protocol']}-{player.steps}{at}.json", card)
    print(json.dumps(card, indent=2) if how.as_json else f"{player.world.name}, {player.agent}: {describe(card)}")
    if not how.as_json:
        print(f"type next:\n  tengen watch {name}")
    return 0


def play_card(
    net: HeadedNet,
    world: World,
    agent: str,
    steps: int,
    name: str,
    games: int,
    protocol: str = "sticky",
    seed: int = _FIRST_SEED,
    temperature: float = TEMPERATURE,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """The card of whole games of `net`, which is found under `name`; `protocol` is for Atari."""
    protocol = protocol if world.kind == "atari" else "plain"
    scores, way = play_games(net, world, protocol, games, seed, progress, temperature)
    command = f"tengen eval {name} --protocol {protocol} --episodes {games} --seed {seed}"
    command += f" --temperature {temperature:g}" if temperature != TEMPERATURE else ""
    return score_card(world, agent, protocol, scores, seed, steps, way, command)


def _examine_run(path: Path, as_json: bool) -> int:
    from scripts.label_session import LabelSession, describe, examine
    from tengen.checkpoint import read_newest

    run = Run.open(path)
    session = LabelSession.of_run(run)
    session.learner.load(read_newest(run.checkpoint_folder)[1])
    card, _ = examine(session, run)
    print(json.dumps(card, indent=2) if as_json else f"{session.task}, {session.who}: {describe(card)}")
    if not as_json:
        print(f"type next:\n  tengen plot {path}")
    return 0


def _examine_zoo(name: str, card: dict[str, Any], how: How) -> int:
    from scripts.label_session import describe as describe_labels
    from scripts.label_session import examine_zoo

    new = examine_zoo(name, card, load_network(ZOO / name), how.data, how.games)
    print(json.dumps(new, indent=2) if how.as_json else f"{new['task']}, {new['agent']}: {describe_labels(new)}")
    return 0


def _strength(path: Path, how: How) -> int:
    from selfplay.yardsticks.strength import measure

    rows = measure(
        path,
        how.against,
        networks=how.networks,
        games=how.count,
        simulations=how.simulations,
        seed=how.seed,
        runs=how.runs,
    )
    print(json.dumps(rows, indent=2) if how.as_json else f"type next:\n  tengen plot {path}")
    return 0


def _solve(name: str, path: Path | None, facts: dict[str, Any], how: How) -> int:
    """Small Go boards against what best play gives; other games by the moves that keep a position's value."""
    from selfplay.yardsticks import known_boards, solved

    if facts["task"] in known_boards.KNOWN:
        sizes = known_boards.sizes_of(facts)
        player = f"{name}:{how.simulations}"
        card = known_boards.examine(player, how.runs, facts["task"], sizes, how.episodes or 2, "uct:10000", how.seed)
        text = known_boards.describe(card)
    else:
        found = solved.examine(name, how.runs, how.positions, how.count, how.simulations, how.seed)
        card, text = found.to_dict(), found.describe()
    if path:
        write_json(path / "eval" / f"solved-{how.simulations}.json", card)
    print(json.dumps(card, indent=2) if how.as_json else text)
    if not how.as_json:
        print(f"type next:\n  tengen match {name}:{how.simulations} uct:1000 --board {card['task']}")
    return 0


def card_of_run(session: Any, run: Any) -> dict[str, Any]:
    """Evaluate a run that has just finished and keep its card."""
    learner, recipe = session.learner, session.recipe
    games = recipe.settings.final_games
    card = play_card(learner.net.cpu(), session.world, recipe.agent, learner.step, str(run.path), games)
    write_json(run.path / "eval" / f"{card['protocol']}-{learner.step}.json", card)
    return card


def describe(card: dict[str, Any]) -> str:
    """The card in one line."""
    low, high = card["ci95"]
    human = f", human-normalised {card['hns']:.2f}" if card.get("hns") is not None else ""
    return (
        f"score {card['mean']:.2f} [{low:.2f}, {high:.2f}] over {card['episodes']} games"
        f" (protocol {card['protocol']}, median {card['median']:.1f}, iqm {card['iqm']:.2f}{human})"
    )
