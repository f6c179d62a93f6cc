"""`tengen eval`, and the score card at the end of a training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agents.evaluate import play_games, score_card
from scripts.players import ZOO, load_player, zoo_entry
from supervised.nets.headed import load_network
from tengen.device import Compute, cores
from tengen.display import Counter
from tengen.files import write_json
from tengen.run import Run, find_run

_FIRST_SEED = 1000


def evaluate_player(
    name: str,
    runs: Path,
    protocol: str,
    episodes: int,
    seed: int,
    as_json: bool,
    data: str = "",
    games: str = "",
    positions: str = "",
    simulations: int = 400,
) -> int:
    """Play (or test, where it learned from labels), print the card, and keep it in the run's `eval/`."""
    path = find_run(runs, name)
    about = Run.open(path).config() if path else zoo_entry(name, runs)[1]
    if about.get("kind") == "labels":
        if path:
            return _examine_run(path, as_json)
        return _examine_zoo(*zoo_entry(name, runs), as_json, data, games)
    if about.get("kind") == "selfplay":
        return _solve(name, path, about, runs, positions, episodes, simulations, seed, as_json)
    player = load_player(name, runs)
    Compute(threads=cores()).start()
    if player.world.kind != "atari":
        protocol = "plain"
    show = Counter(episodes, "games")
    scores, way = play_games(player.net, player.world, protocol, episodes, seed, show)
    show.end()
    command = f"tengen eval {name} --protocol {protocol} --episodes {episodes} --seed {seed}"
    card = score_card(player.world, player.agent, protocol, scores, seed, player.steps, way, command)
    if player.run:
        write_json(player.run / "eval" / f"{protocol}-{player.steps}.json", card)
    print(json.dumps(card, indent=2) if as_json else f"{player.world.name}, {player.agent}: {describe(card)}")
    if not as_json:
        print(f"type next:\n  tengen watch {name}")
    return 0


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


def _examine_zoo(name: str, card: dict[str, Any], as_json: bool, data: str, games: str) -> int:
    from scripts.label_session import describe as describe_labels
    from scripts.label_session import examine_zoo

    new = examine_zoo(name, card, load_network(ZOO / name), data, games)
    print(json.dumps(new, indent=2) if as_json else f"{new['task']}, {new['agent']}: {describe_labels(new)}")
    return 0


def _solve(
    name: str,
    path: Path | None,
    about: dict[str, Any],
    runs: Path,
    positions: str,
    count: int,
    simulations: int,
    seed: int,
    as_json: bool,
) -> int:
    """Small Go boards against what best play gives; other games by the moves that keep a position's value."""
    from scripts import known_boards, solved

    if about["task"] in known_boards.KNOWN:
        sizes = known_boards.sizes_of(about)
        player = f"{name}:{simulations}"
        card = known_boards.examine(player, runs, about["task"], sizes, count, "uct:10000", seed)
        text = known_boards.describe(card)
    else:
        card = solved.examine(name, runs, positions, count, simulations, seed)
        text = solved.describe(card)
    if path:
        write_json(path / "eval" / f"solved-{simulations}.json", card)
    print(json.dumps(card, indent=2) if as_json else text)
    if not as_json:
        print(f"type next:\n  tengen match {name}:{simulations} uct:1000 --board {card['task']}")
    return 0


def card_of_run(session: Any, run: Any) -> dict[str, Any]:
    """Evaluate a run that has just finished and keep its card."""
    learner, world = session.learner, session.world
    protocol = "sticky" if world.kind == "atari" else "plain"
    games = session.recipe.settings.final_games
    scores, way = play_games(learner.net.cpu(), world, protocol, games, _FIRST_SEED)
    command = f"tengen eval {run.path} --protocol {protocol} --episodes {games} --seed {_FIRST_SEED}"
    card = score_card(world, session.recipe.agent, protocol, scores, _FIRST_SEED, learner.step, way, command)
    write_json(run.path / "eval" / f"{protocol}-{learner.step}.json", card)
    return card


def describe(card: dict[str, Any]) -> str:
    """The card in one line."""
    low, high = card["ci95"]
    human = f", human-normalised {card['hns']:.2f}" if card.get("hns") is not None else ""
    return (
        f"score {card['mean']:.2f} [{low:.2f}, {high:.2f}] over {card['episodes']} games"
        f" (protocol {card['protocol']}, median {card['median']:.1f}, iqm {card['iqm']:.2f}{human})"
    )
