"""`tengen rate`: plays games until the ratings are certain enough, and returns a rating list.

By default the most informative pair plays next. Games played earlier on the same terms are reused, so a player added
later plays only the games that are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

from envs.boards.catalogue import make_game
from selfplay.match_card import Match
from selfplay.match_session import played_match
from selfplay.players.catalogue import NETWORK, kind_of
from selfplay.rating.card import RatingsCard, card_of
from selfplay.rating.elo import Ratings, rate
from selfplay.rating.pairing import most_informative
from selfplay.rating.plot import draw
from selfplay.rating.store import Store
from tengen.errors import UserError
from tengen.files import write_json
from tengen.lock import Lock

BLOCK = 8  # games that a pair plays at a time, unless fewer remain


@dataclass(frozen=True)
class Plan:
    """The players and games of a rating."""

    players: tuple[str, ...]  # the first has rating 0
    terms: Match  # terms of all games; its players and number of games are ignored
    games: int = 40  # per player, on average; in a round robin, per pair
    within: float | None = None  # stop when every interval is at most this many Elo to either side
    round_robin: bool = False
    hours: Mapping[str, float] = field(default_factory=dict)  # hours of training, for the networks of a run


def rated(
    plan: Plan,
    *,
    out: Path,
    boards: int | None = None,
    runs: Path = Path("runs"),
    timeout: float = 60.0,
    stopped: Callable[[RatingsCard], None] = lambda card: None,
    say: Callable[[str], None] = lambda line: None,
) -> RatingsCard:
    """Play the remaining games and rate; games, list and plot go into `out`. UserError for unknown names.

    `boards`: games at the same time; None: a block, or one if a player thinks by time. On Ctrl-C `stopped` gets the
    current list before the interrupt is raised again.
    """
    if len(set(plan.players)) < 2 or len(set(plan.players)) < len(plan.players):
        raise UserError("a rating needs two players or more, each named once")
    lock = Lock(out)
    try:
        store = Store(out, plan.terms)
        try:
            while (block := _next(plan, store)) is not None:
                one, other, games = block
                match = store.match(one, other, games)
                folder = store.folder_of(*match.names)
                say(f"{match.first} plays {match.second}: {games} games")
                at_once = boards or (1 if match.by_time else BLOCK)
                played_match(match, boards=at_once, out=folder, runs=runs, timeout=timeout, say=say)
                store.read(one, other)
        except KeyboardInterrupt:
            if store.games:
                stopped(_written(plan, store, out))
            raise
        return _written(plan, store, out)
    finally:
        lock.release()


def _next(plan: Plan, store: Store) -> tuple[str, str, int] | None:
    """The next (one, other, games) to play; None if there are enough."""
    pairs = list(combinations(plan.players, 2))
    played = {pair: len(store.games.get(store.pair(*pair), [])) for pair in pairs}
    if plan.round_robin:
        missing = [(one, other, plan.games - n) for (one, other), n in played.items() if n < plan.games]
        return missing[0] if missing else None
    left = (plan.games * len(plan.players) + 1) // 2 - sum(played[pair] for pair in pairs)
    if left <= 0:
        return None
    names, ratings = _rate(plan, store)
    if plan.within is not None and any(played.values()):
        width = max((ratings.high[i] - ratings.low[i]) / 2 for i in range(len(plan.players)))
        if width <= plan.within:
            return None
    games = min(BLOCK, left + left % 2)  # whole pairs of games
    (i, j), _ = most_informative(ratings, games, list(combinations(range(len(plan.players)), 2)))
    return names[i], names[j], games


def _rate(plan: Plan, store: Store) -> tuple[list[str], Ratings]:
    """Rate all players that have played, those of the plan first."""
    names = [*plan.players, *(name for name in store.names() if name not in plan.players)]
    return names, rate(len(names), store.scores(names))


def _written(plan: Plan, store: Store, out: Path) -> RatingsCard:
    names, ratings = _rate(plan, store)
    game = make_game(plan.terms.task, plan.terms.rules, plan.terms.komi)
    hidden = ("first", "second", "task", "rules", "komi", "seed")
    terms = {name: value for name, value in plan.terms.description().items() if name not in hidden}
    if "seconds" in terms:
        terms["seconds_a_move"] = terms.pop("seconds")
    agreed = {"rules": plan.terms.rules} | dict(game.can.agreed) if game.can.agreed else {}
    card = card_of(game.name, names, ratings, store.scores(names), plan.hours, agreed, terms)
    write_json(out / "ratings.json", card.to_dict())
    draw(card, out / "ratings.png")
    return card


def networks_of(plan: Plan, where: str, networks: int, runs: Path) -> tuple[Plan, Path]:
    """`plan` with the rated networks of a run placed before its players, and the run's folder.

    UserError if `where` is not a self-play run, or has no rated network.
    """
    from selfplay.yardsticks.strength import evenly
    from tengen.description import Description
    from tengen.run import Run, find_run, known_run
    from tengen.zoo import zoo_cards

    if kind_of(where) is not NETWORK or (where in zoo_cards() and find_run(runs, where) is None):
        raise UserError(f"{where} alone has no opponent: name two players or more, or a self-play run")
    path = known_run(runs, where)
    run = Run.open(path)
    what, rows = Description.of_run(run), run.rows()
    models = sorted((path / "models").glob("step-*"))
    if not models:
        raise UserError(f"{path} has no rated network yet (or is not a self-play run): name two players or more")
    chosen = evenly(models, networks)
    hours = {}
    for model in chosen:
        step = int(model.name.removeprefix("step-"))
        hours[str(model)] = max((row["seconds"] for row in rows if row["step"] <= step), default=0.0) / 3600
    rules, komi = what.settings["rules"], what.settings["komi"]
    terms = replace(plan.terms, task=what.task, rules=rules, komi=None if komi == "fair" else float(komi))
    players: Sequence[str] = [*(str(model) for model in chosen), *plan.players]
    return replace(plan, players=tuple(players), terms=terms, hours=hours), path
