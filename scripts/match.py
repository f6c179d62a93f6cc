"""`tengen match A B`: who is stronger, by how much, and how sure that is.

random          uniform over the legal moves
uct:1000        search with random rollouts, so many simulations a move
policy:NAME     the policy of a network, without search
NAME, NAME:400  a network with search: a run, one of its RUN/models/step-… or RUN/checkpoints/step-…, a zoo name
gtp:COMMAND     a program that speaks GTP: gtp:"gnugo --mode gtp --level 10"; GNU Go with --capture-all-dead plays on
                until nothing dead is left, so that nothing has to be judged
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from agents.search.evaluators import Network, Rollouts
from agents.search.search import SearchConfig
from envs.boards.game import Game
from envs.boards.lines import connect4, tictactoe
from envs.go.rules import Go
from scripts.match_log import MatchLog
from scripts.recipes import go_board
from selfplay.match import Played, play_match, tally
from selfplay.players import Gtp, Player, Policy, Random, Searcher
from supervised.kernels.playing import choose_playing, for_playing
from supervised.trunks import load_net
from tengen.device import Compute, cores
from tengen.display import Counter, duration
from tengen.errors import UserError, unknown
from tengen.files import write_json

BOARD_GAMES = ("tictactoe", "connect4", "go5", "go7", "go9", "go13", "go19")


@dataclass(frozen=True)
class Match:
    """Who plays whom, what, how often."""

    first: str
    second: str
    task: str
    games: int = 20
    rules: str = "tromp-taylor"
    komi: float | None = None
    simulations: int = 200
    opening: int = 2
    seed: int = 1

    @property
    def names(self) -> tuple[str, str]:
        return self.first, self.second


def match(wanted: Match, *, boards: int, out: Path | None, runs: Path, as_json: bool) -> int:
    """Play and print the result; the games and a card go into `out`."""
    card = played_match(wanted, boards=boards, out=out, runs=runs)
    print(json.dumps(card, indent=2) if as_json else describe(card))
    if card["void"] and not as_json and any(name.startswith("gtp:") for name in wanted.names):
        print(
            "  a program refused moves that our rules allow: take rules that it knows, for GNU Go --rules cgos and"
            " gtp:'gnugo --mode gtp --chinese-rules --positional-superko'"
        )
    return 0


def played_match(
    wanted: Match, *, boards: int = 8, out: Path | None = None, runs: Path = Path("runs")
) -> dict[str, Any]:
    """The card of a match; it and the games go into `out`, and what was played there before counts."""
    Compute(threads=cores()).start()
    game = make_game(wanted.task, wanted.rules, wanted.komi)
    players: list[Player] = []
    try:
        for k, name in enumerate(wanted.names):
            players.append(make_player(name, game, boards, wanted.simulations, wanted.seed + k, runs))
        log = _log(wanted, out, game, players) if out is not None else None
        done = [g for g in log.games if g.number < wanted.games] if log else []
        before, begun = log.seconds if log else 0.0, time.perf_counter()
        shown = Counter(wanted.games, "games", len(done))

        def seconds() -> float:
            return before + time.perf_counter() - begun

        def hear(played: Played) -> None:
            done.append(played)
            if log:
                log.add(played, seconds())
            shown(len(done), f", {wanted.first} has {tally(done).rate:.1%}")

        try:
            play_match(
                game,
                players[0],
                players[1],
                wanted.games,
                boards=boards,
                opening=wanted.opening,
                seed=wanted.seed,
                played_before={g.number for g in done},
                finished=hear,
            )
        except KeyboardInterrupt:
            shown.end()
            if done:
                print("stopped: " + describe(score_card(wanted, game, done, players, seconds())))
            if log:
                print("the same command goes on from there")
            raise
    finally:
        for player in players:
            player.close()
    shown.end()
    card = score_card(wanted, game, done, players, seconds())
    if out is not None:
        write_json(out / "card.json", card)
    return card


def _log(wanted: Match, out: Path, game: Game, players: Sequence[Player]) -> MatchLog:
    what = {name: value for name, value in asdict(wanted).items() if name != "games"}  # a match may get longer
    return MatchLog(out, what, game, (players[0].name, players[1].name))


def score_card(
    wanted: Match, game: Game, done: Sequence[Played], players: Sequence[Player], seconds: float
) -> dict[str, Any]:
    """The flat card of a match's games."""
    found = tally(done)
    reasons: dict[str, int] = {}
    for played in done:
        reasons[played.why] = reasons.get(played.why, 0) + 1
    card: dict[str, Any] = {
        "kind": "match",
        "task": game.name,
        "first": wanted.first,
        "second": wanted.second,
        "first_name": players[0].name,
        "second_name": players[1].name,
        "games": found.games,
        "wins": found.wins,
        "draws": found.draws,
        "losses": found.losses,
        "void": found.void,
        "rate": found.rate,
        "ci95": list(found.interval),
        "wins_as_black": list(found.as_black),
        "ended_by": reasons,
        "simulations": wanted.simulations,
        "opening_moves": wanted.opening,
        "seed": wanted.seed,
        "seconds": round(seconds, 1),
    }
    if isinstance(game, Go):
        r = game.rules
        card |= {"komi": r.komi, "ko": r.ko, "suicide": r.suicide, "scoring": r.scoring}
    return card


def describe(card: dict[str, Any]) -> str:
    """The card in two lines."""
    low, high = card["ci95"]
    ends = ", ".join(f"{n} by {why}" for why, n in sorted(card["ended_by"].items(), key=lambda item: -item[1])[:4])
    return (
        f"{card['first']} against {card['second']} ({card['task']}): {card['wins']} won, {card['draws']} drawn,"
        f" {card['losses']} lost{', ' + str(card['void']) + ' without result' if card['void'] else ''}\n"
        f"  {card['rate']:.1%} [{low:.1%}, {high:.1%}] of {card['games']} games; with Black"
        f" {card['wins_as_black'][0]} of {card['wins_as_black'][1]}; ended: {ends}; {duration(card['seconds'])}"
    )


def make_game(task: str, rules: str = "tromp-taylor", komi: float | None = None, features: str = "compact") -> Game:
    """The board game that `task` names."""
    if task == "tictactoe":
        return tictactoe()
    if task == "connect4":
        return connect4(cores())
    size = go_board(task)
    if size is None:
        raise unknown("board game", task, BOARD_GAMES, "(see tengen games)")
    return Go(size, rules, komi, features=features, threads=cores())


def make_player(name: str, game: Game, boards: int, simulations: int, seed: int, runs: Path) -> Player:
    """The player that `name` means in `game`, at up to `boards` boards."""
    if name == "random":
        return Random(game, seed)
    if name.startswith("gtp:"):
        if not isinstance(game, Go):
            raise UserError(f"{name} plays Go, not {game.name}")
        return Gtp(name[4:].strip("'\""), game, boards)
    kind, _, rest = name.partition(":")
    if kind == "uct":
        count = _count(rest or "1000", name)
        config = SearchConfig(c_init=1.0, fpu=0.0, leaves=1, proofs=True)
        return Searcher(name, game, Rollouts(game, seed), boards, count, seed, config)
    if kind == "policy":
        return Policy(name, game, network(rest, game, runs), seed)
    known, _, count_text = name.rpartition(":")
    if known and count_text.isdigit():
        name, simulations = known, _count(count_text, name)
    leaves = 8 if boards == 1 else 1
    large = isinstance(game, Go) and game.size >= 9
    scaling = 0.85 if large else 0.0  # on 5x5 and in Connect 4 it does harm (docs/alphazero.md)
    config = SearchConfig(leaves=leaves, proofs=True, variance_scaling=scaling, count_kept=False)
    return Searcher(f"{name}:{simulations}", game, network(name, game, runs), boards, simulations, seed, config)


def network(name: str, game: Game, runs: Path) -> Network:
    """The network that `name` means, ready to evaluate positions of `game`."""
    net = load_net(name, runs)
    heads, takes = net.spec["heads"], net.spec["trunk"]["input_shape"]
    if "policy" not in heads or not {"outcome", "value"} & heads.keys():
        raise UserError(f"{name} has heads {', '.join(heads)}; a player needs policy and outcome or value")
    if takes[0] != len(game.planes):
        raise UserError(f"{name} sees {takes[0]} planes and {game.name} shows {len(game.planes)}: another game")
    size = heads["policy"] if isinstance(heads["policy"], int) else heads["policy"]["size"]
    if size != game.num_actions and net.spec["trunk"]["kind"] != "tower":
        raise UserError(f"{name} knows {size} moves and {game.name} has {game.num_actions}: another board")
    planes = torch.from_numpy(game.encode(game.new(64)))
    compute, _ = choose_playing(net, Compute(threads=cores()), planes)
    return Network(game, for_playing(net, compute), compute)


def _count(text: str, name: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 10**6:
        raise UserError(f"{name}: simulations are a whole number from 1 to 1,000,000")
    return int(text)
