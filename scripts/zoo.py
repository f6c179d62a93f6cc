"""`tengen zoo --add RUN --name NAME`: a trained network, small enough for the repository, with its card.

Weights are kept in bfloat16, and the card is measured on the network as it is shipped: labels on the held-out
examples, a solved game on solved positions, another board game in a match, other agents in whole games.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import torch

from envs.worlds import find_world
from scripts.evaluate import play_card
from supervised.nets.headed import HeadedNet, save_network
from supervised.trunks import best_rated, load_net, net_of_run
from tengen.checkpoint import read_newest
from tengen.errors import UserError
from tengen.files import write_json
from tengen.run import Run, find_run, no_run
from tengen.zoo import ZOO, how_trained

_POSITIONS = 1000  # random ones that a player of a solved game is held against
_BOARDS = 32  # of a match: networks like large batches


class Measured(NamedTuple):
    """How the card of a player comes about; what is left out is chosen by the game."""

    positions: str = ""  # Connect 4: a file or folder of them
    opponent: str = ""  # Go
    games: int = 0  # Go: against the opponent; on small boards with each colour; other agents: how many


def ship(run_name: str, name: str, runs: Path, measured: Measured) -> Path:
    """Put the network of a run into the zoo as `name`; a run of self-play gives the one rated highest."""
    path = find_run(runs, run_name)
    if path is None:
        raise no_run(runs, run_name)
    if (ZOO / name).exists():
        raise UserError(f"the zoo has a {name} already; remove {ZOO / name} or take another --name")
    run = Run.open(path)
    kind = run.config().get("kind")
    if kind == "labels":
        return _ship_labels(run, name)
    return _ship_selfplay(run, name, runs, measured) if kind == "selfplay" else _ship_agent(run, name, measured)


def add_to_zoo(name: str, net: HeadedNet, card: dict[str, Any]) -> Path:
    """Keep `net` in bfloat16 beside its card."""
    save_network(ZOO / name, net, torch.bfloat16)
    write_json(ZOO / name / "card.json", card)
    return ZOO / name


def as_shipped(net: HeadedNet) -> HeadedNet:
    """`net` with its weights rounded to bfloat16, as the zoo holds them."""
    with torch.no_grad():
        for value in net.state_dict().values():
            if value.is_floating_point():
                value.copy_(value.to(torch.bfloat16))
    return net


def _ship_labels(run: Run, name: str) -> Path:
    from scripts.label_session import LabelSession, score_card, training_facts

    session = LabelSession.of_run(run)
    session.learner.load(read_newest(run.checkpoint_folder)[1])
    net = as_shipped(session.learner.best_net)
    more = training_facts(session, run) | {"command": f"tengen eval {name}"} | how_trained(run)
    most = session.settings.card_examples or 20_000
    card, _ = score_card(session.task, session.who, net, session.examples, session.compute, more, most)
    return add_to_zoo(name, net, card)


def _ship_agent(run: Run, name: str, measured: Measured) -> Path:
    net, step = net_of_run(run.path)
    config = run.config()
    world, games = find_world(config["task"]), measured.games or 30
    card = play_card(as_shipped(net), world, config["agent"], step, name, games)
    return add_to_zoo(name, net, card | how_trained(run))


def _ship_selfplay(run: Run, name: str, runs: Path, measured: Measured) -> Path:
    from scripts.match import Match, played_match
    from selfplay.yardsticks import known_boards
    from selfplay.yardsticks.solved import SOLVED, examine

    config, rated, rows = run.config(), best_rated(run.path), run.rows()
    step = int(rated.name.removeprefix("step-")) if rated else read_newest(run.checkpoint_folder)[0]
    before = [row["seconds"] for row in rows if row["step"] <= step]
    net = load_net(str(run.path), runs)
    task = config["task"]
    about = {
        "kind": "selfplay",
        "task": task,
        "agent": config["agent"],
        "steps": step,
        "weights": sum(p.numel() for p in net.parameters()),
        "minutes": round(before[-1] / 60, 1) if before else 0.0,
        "threads": config["compute"]["threads"],
        "sizes": config["config"]["sizes"],
    } | how_trained(run)
    folder = add_to_zoo(name, net, about)  # so that it can be named below
    try:
        if task in known_boards.KNOWN:
            sizes = known_boards.sizes_of(config)
            opponent, games = measured.opponent or "uct:10000", measured.games or 4
            card = known_boards.examine(f"{name}:400", runs, task, sizes, games, opponent, 1000)
        elif task in SOLVED:
            card = examine(name, runs, measured.positions, _POSITIONS, 400, 1000).to_dict()
        else:
            rules, against = config["settings"]["rules"], measured.opponent or "uct:1000"
            games = measured.games or 100
            match = Match(f"{name}:400", against, task, games, rules, simulations=400)
            out = run.path / "eval" / f"match-{step}-{name}-{_slug(against)}"
            card = played_match(match, boards=_BOARDS, out=out, runs=runs)
            card |= {"protocol": f"match against {against.split()[0]}", "command": _match_command(card, rules)}
    except BaseException:
        shutil.rmtree(folder)
        raise
    write_json(folder / "card.json", card | about)
    return folder


def _slug(text: str) -> str:
    """`text` as part of a file's name."""
    return re.sub(r"\W+", "-", text).strip("-")[:80]


def _match_command(card: dict[str, Any], rules: str) -> str:
    players = " ".join(f"'{who}'" if " " in who else who for who in (card["first"], card["second"]))
    return f"tengen match {players} --board {card['task']} --rules {rules} --games {card['games']} --boards {_BOARDS}"
