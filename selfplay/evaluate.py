"""`tengen eval` for board game players: solved positions, known boards, strength; and the entry in the zoo."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NoReturn

from selfplay.match_card import Match
from selfplay.match_session import played_match
from selfplay.yardsticks import known_boards, solved, strength
from supervised.shipping import Put
from supervised.trained import load_net
from tengen.card import Card, keep_card
from tengen.checkpoint import read_newest
from tengen.description import Description
from tengen.errors import UserError
from tengen.kinds import EvalOptions, Named, ShipOptions
from tengen.run import Run
from tengen.session import Report, Say
from tengen.zoo import best_rated, how_trained

_SIMULATIONS = 400  # a move of a network that goes into the zoo
_POSITIONS = 1000  # random ones that a player of a solved game is held against
_BOARDS = 32  # of a match: networks like large batches
_SEED = 1000


def evaluate(named: Named, options: EvalOptions, say: Say) -> Report:
    """The card that suits the game: on solved positions or known values, or on matches with `--against`."""
    if options.against:
        if named.run is None:
            raise UserError(f"--against is for runs of self-play; {named.name} is not one")
        return Report(_strength(named.run, options, say), [f"tengen plot {named.run}"], listed=True)
    card = _yardstick(named, options)
    if named.run:
        keep_card(named.run / "eval" / f"solved-{options.simulations}.json", card)
    player = f"{named.name}:{options.simulations}"
    return Report([card], [f"tengen match {player} uct:1000 --board {named.task}"])


def _strength(run: Path, options: EvalOptions, say: Say) -> list[strength.StrengthCard]:
    return strength.measure(
        run,
        options.against,
        networks=options.networks,
        games=options.episodes or 30,
        simulations=options.simulations,
        seed=options.seed,
        runs=options.runs,
        say=say,
    )


def _yardstick(named: Named, options: EvalOptions) -> Card:
    """Small Go boards against what best play gives; solved games by the moves that keep a position's value."""
    player = f"{named.name}:{options.simulations}"
    if named.task in known_boards.KNOWN:
        sizes = known_boards.sizes_of(named.task, sizes_beside(named))
        return known_boards.examine(
            player, options.runs, named.task, sizes, options.episodes or 2, "uct:10000", options.seed
        )
    positions, count = options.positions, options.episodes or 30
    return solved.examine(named.name, options.runs, named.task, positions, count, options.simulations, options.seed)


def sizes_beside(named: Named) -> str:
    """The smaller boards that a network learned too, as `--sizes` had them."""
    if named.run is None:
        return str(named.card.get("sizes", ""))
    return str(Description.of_run(Run.open(named.run)).config.get("sizes", ""))


def no_film(named: Named, seed: int) -> NoReturn:
    command = f"tengen match {named.name}:200 uct:1000 --board {named.task}"
    raise UserError(f"{named.name} plays a board game and cannot be filmed; use: {command}")


def ship(run: Run, name: str, options: ShipOptions, put: Put) -> None:
    """The network of `run` that was rated highest, for the zoo, with the card that fits its game."""
    what, rated, rows = Description.of_run(run), best_rated(run.path), run.rows()
    step = int(rated.name.removeprefix("step-")) if rated else read_newest(run.checkpoint_folder)[0]
    before = [row["seconds"] for row in rows if row["step"] <= step]
    net = load_net(str(run.path), options.runs)
    about: dict[str, Any] = {
        "kind": what.kind,
        "task": what.task,
        "agent": what.agent,
        "steps": step,
        "weights": sum(p.numel() for p in net.parameters()),
        "minutes": round(before[-1] / 60, 1) if before else 0.0,
        "threads": what.compute["threads"],
        "sizes": what.config["sizes"],
    } | how_trained(run)
    put(net, about)  # so that it can be named below
    put(net, _measured(run, what, name, step, options) | about)


def _measured(run: Run, what: Description, name: str, step: int, options: ShipOptions) -> dict[str, Any]:
    task, player, runs = what.task, f"{name}:{_SIMULATIONS}", options.runs
    if task in known_boards.KNOWN:
        sizes = known_boards.sizes_of(task, what.config["sizes"])
        opponent, games = options.opponent or "uct:10000", options.games or 4
        return known_boards.examine(player, runs, task, sizes, games, opponent, _SEED).to_dict()
    if task in solved.SOLVED:
        return solved.examine(name, runs, task, options.positions, _POSITIONS, _SIMULATIONS, _SEED).to_dict()
    rules, against = what.settings["rules"], options.opponent or "uct:1000"
    match = Match(player, against, task, options.games or 100, rules, simulations=_SIMULATIONS)
    out = run.path / "eval" / f"match-{step}-{name}-{_slug(against)}"
    card = played_match(match, boards=_BOARDS, out=out, runs=runs)
    players = " ".join(f"'{who}'" if " " in who else who for who in match.names)
    command = f"tengen match {players} --board {task} --rules {rules} --games {card.games} --boards {_BOARDS}"
    return card.to_dict() | {"protocol": f"match against {against.split()[0]}", "command": command}


def _slug(text: str) -> str:
    """`text` as part of a file's name."""
    return re.sub(r"\W+", "-", text).strip("-")[:80]
