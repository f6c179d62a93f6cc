"""Plays a match from its description: makes players and game by name, stores the games, returns a card.

The boards of a match are split over rooms, each with a thread and players of its own: while programs think in one
room, a network searches in another, so that all cores are busy. Matches played on time, or with a player whose code
must run in one thread, use a single room.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

import torch

from envs.boards.catalogue import make_game
from envs.boards.game import Game
from selfplay import openings as drawn
from selfplay.clock import time_control
from selfplay.match import Referee, Terms
from selfplay.match_card import Match, MatchCard, card_of, told
from selfplay.match_log import MatchLog
from selfplay.played import FORFEITS, Played, tally
from selfplay.players.catalogue import KINDS, kind_of, make_player
from selfplay.players.player import Player
from selfplay.sprt import Running, sprt
from tengen.device import Compute, cores
from tengen.display import Counter
from tengen.errors import UserError
from tengen.files import write_json

_ROOM = 4  # boards per room, at least: networks are efficient with batches
_HANDICAP_KOMI = 0.5


def played_match(
    match: Match,
    *,
    boards: int = 8,
    out: Path | None = None,
    runs: Path = Path("runs"),
    timeout: float = 60.0,
    stopped: Callable[[MatchCard], None] = lambda card: None,
    say: Callable[[str], None] = lambda line: None,
) -> MatchCard:
    """Play `match`. Games and card are written to `out`; games already there count.

    A program that does not answer for `timeout` seconds loses its game; `say` reports such games as they end. On
    Ctrl-C `stopped` gets the card of the games so far, if there are any, before the interrupt is raised again.
    """
    hall = Hall(match, boards, runs, timeout)
    try:
        hall.open()
        return _play(match, hall, out, stopped, say)
    finally:
        hall.close()


def _play(
    match: Match,
    hall: Hall,
    out: Path | None,
    stopped: Callable[[MatchCard], None],
    say: Callable[[str], None],
) -> MatchCard:
    names = hall.names
    log = MatchLog(out, hall.description(), hall.game, names) if out is not None else None
    try:
        done = [g for g in log.games if g.number < match.games] if log else []
        before, begun = log.seconds if log else 0.0, time.perf_counter()
        test = Running(sprt(*match.sprt)) if match.sprt else None
        shown, lock = Counter(match.games, "games", len(done)), threading.Lock()
        for played in done if test else ():
            test.add(played.number, played.for_first)  # type: ignore[union-attr]

        def seconds() -> float:
            return before + time.perf_counter() - begun

        def finished(played: Played) -> None:
            with lock:
                done.append(played)
                if log:
                    log.add(played, seconds())
                if test:
                    test.add(played.number, played.for_first)
                if played.why in FORFEITS or played.note:
                    say(told(played, names))
                shown(len(done), f", {match.first} has {tally(done).rate:.1%}")

        def card() -> MatchCard:
            return card_of(match, hall.game, done, names, seconds(), test.describe() if test else "")

        try:
            hall.play({g.number for g in done}, finished, lambda: test is not None and test.accepted is not None)
        except KeyboardInterrupt:
            shown.end()
            if done:
                stopped(card())
            raise
        shown.end()
        if out is not None:
            write_json(out / "card.json", card().to_dict())
        return card()
    finally:
        if log:
            log.close()


class Hall:
    """The rooms of a match, with a pair of players in each."""

    def __init__(self, match: Match, boards: int, runs: Path, timeout: float) -> None:
        boards = min(boards, match.games)
        self.match, self.runs, self.timeout = match, runs, timeout
        self.control = time_control(match.time) if match.time else None
        if self.control and match.seconds:
            raise UserError("give either --seconds or --time, not both")
        if self.control and boards > 1:
            raise UserError("games on clocks are played one at a time: leave out --boards, or --time")
        if self.control and not self.control.tellable and any(kind_of(name) is KINDS["gtp"] for name in match.names):
            raise UserError(f"--time {match.time}: programs are told whole seconds; give them at least one")
        alone = match.by_time or any(kind_of(name).one_thread for name in match.names)
        self.rooms = 1 if alone else max(1, min(cores(), boards // _ROOM))
        self.boards = [boards * (i + 1) // self.rooms - boards * i // self.rooms for i in range(self.rooms)]
        self.threads = max(1, cores() // self.rooms)
        self.game = self._make_game()
        self.terms = self._terms()
        self.players: list[tuple[Player, Player]] = []
        self._made: list[Player] = []
        self._leaving = threading.Event()

    @property
    def names(self) -> tuple[str, str]:
        """The players' own names."""
        first, second = self.players[0]
        return first.name, second.name

    def description(self) -> dict[str, object]:
        """The match description for its folder; openings are identified by content, not by path."""
        found = self.match.description()
        if self.match.openings:
            found["openings"] = hashlib.sha256(repr(self.terms.openings).encode()).hexdigest()[:16]
        return found

    def open(self) -> None:
        """Make the players. UserError for unknown names."""
        Compute(threads=self.threads).start()
        m = self.match
        for room, boards in enumerate(self.boards):
            pair = []
            for k, name in enumerate(m.names):
                seed = m.seed + k + 1000 * room
                player = make_player(
                    name,
                    self.game,
                    boards,
                    m.simulations,
                    seed,
                    self.runs,
                    seconds=m.seconds,
                    clocked=self.control is not None,
                    threads=self.threads,
                    timeout=self.timeout,
                )
                self._made.append(player)
                pair.append(player)
            self.players.append((pair[0], pair[1]))

    def play(
        self, played_before: set[int], finished: Callable[[Played], None], decided: Callable[[], bool] = lambda: False
    ) -> None:
        """Play the remaining games, until `decided`."""
        waiting = iter([n for n in range(self.match.games) if n not in played_before])
        lock = threading.Lock()

        def take() -> int | None:
            with lock:
                return None if decided() else next(waiting, None)

        def stopped() -> bool:
            return self._leaving.is_set() or decided()

        def kept(played: Played) -> None:
            if not self._leaving.is_set():  # a closed program looks like one that has crashed
                finished(played)

        def play(room: int) -> None:
            torch.set_num_threads(self.threads)
            Referee(self.game, self.players[room], self.terms, self.boards[room]).play(take, kept, stopped)

        if self.rooms == 1:
            play(0)
            return
        with ThreadPoolExecutor(self.rooms, "tengen-room") as pool:
            try:
                futures = [pool.submit(play, room) for room in range(self.rooms)]
                for future in wait(futures, return_when=FIRST_EXCEPTION).done:
                    future.result()
            except BaseException:
                self.close()  # interrupts players that are thinking, so that the threads can end
                raise

    def close(self) -> None:
        self._leaving.set()
        for player in self._made:
            player.close()

    def _make_game(self) -> Game:
        m = self.match
        komi = _HANDICAP_KOMI if m.handicap and m.komi is None else m.komi
        return make_game(m.task, m.rules, komi, threads=self.threads)

    def _terms(self) -> Terms:
        m, game = self.match, self.game
        stones: tuple[int, ...] = ()
        if m.handicap:
            if game.can.fixed_handicap is None or game.can.setup is None:
                raise UserError(f"--handicap is for Go; {game.name} has none")
            stones = tuple(game.can.fixed_handicap(m.handicap))
        if m.openings:
            if stones:
                raise UserError("--openings start from the empty board: leave out --handicap")
            return Terms(drawn.read_openings(game, Path(m.openings), m.opening or None), (), self.control)
        count = m.games if stones else (m.games + 1) // 2
        return Terms(drawn.openings(game, m.opening, m.seed, count, stones), stones, self.control)
