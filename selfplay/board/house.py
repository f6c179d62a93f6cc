"""The open sittings of a server, and how new ones start."""

from __future__ import annotations

import secrets
import threading
import time

from envs.boards.catalogue import go_size, make_game
from envs.boards.game import WHITE, Game
from selfplay.board.mind import Mind, Minds
from selfplay.board.options import BoardOptions, check, points
from selfplay.board.players import default_player, known_sizes, searches, without_limit
from selfplay.board.records import open_record
from selfplay.board.sitting import Sitting
from selfplay.board.tree import GameTree, Setup, has_stones
from selfplay.thinking import Limit, Thinker
from tengen.errors import UserError
from tengen.plural import counted

_MOST_SITTINGS = 24

_WARMING = b"(;SZ[5]RU[Japanese]HA[2]AB[ab][ba];W[ee];B[dd];AW[cc]AE[dd];PL[W];W[bb];B[];W[])"  # a whole game


class House:
    """Sittings by number; when there are too many, one that nobody uses is closed to make room for a new one."""

    def __init__(self, options: BoardOptions) -> None:
        """Load the player. UserError if it does not exist or does not fit the board, or for an invalid option."""
        check(options)
        self.options = options
        self.player, limit = without_limit(options.player.strip() or default_player(options.task))
        self._games: dict[str, Game] = {}
        self._lock = threading.Lock()
        self._minds: list[Mind] = []
        self._sittings: dict[str, Sitting] = {}
        game = self.game(options.task)
        if not has_stones(game):
            raise UserError(f"the board cannot show {game.name}: it supports Go, connect4 and tictactoe")
        self.sizes = known_sizes(self.player, options.task, options.runs)
        self.minds = Minds(self.player, game.name, options.runs)
        self._ready: Thinker | None = self.minds.thinker(game)
        self.opponent = self.player
        if mover := self.minds.mover(game):
            self.opponent = mover.name  # the program's own name
            mover.close()
        self._limit = limit

    def warm_up(self) -> None:
        """Search, set stones up and count once, so that everything compiled or loaded on first use is ready."""
        if self._ready is not None:
            self._ready.think(Limit(simulations=2))
        if self.game(self.options.task).can.sgf is not None:
            tree = open_record(_WARMING).tree
            end = tree.root.line()[-1]
            tree.over(end), tree.captured(end), tree.result(end)

    def game(self, task: str) -> Game:
        """The game object for `task`, shared by all sittings so that a mind can keep its tree."""
        if task not in self._games:
            self._games[task] = make_game(task, self.options.rules, self.options.komi)
        return self._games[task]

    def begin(self) -> Sitting:
        """Open a new sitting on the requested board. UserError if there are too many that are in use."""
        with self._lock:
            self._make_room(time.monotonic())
            number = secrets.token_hex(4)
            sitting = Sitting(number, self.new_tree({}), self.opponent, self._limit, searches(self.player))
            sitting.seat(sitting.tree, self.options.you, rules=self.options.rules)
            self._sittings[number] = sitting
            thinker, self._ready = self._ready, None
        mind = Mind(sitting, self.minds, thinker)
        mind.start()
        self._minds = [other for other in self._minds if other.is_alive()] + [mind]
        return sitting

    def _make_room(self, now: float) -> None:
        """Close the sittings least in use until there is room for one more."""
        while len(self._sittings) >= _MOST_SITTINGS:
            idle = [sitting for sitting in self._sittings.values() if not sitting.in_use(now)]
            if not idle:
                raise UserError(
                    f"{_MOST_SITTINGS} games are open and in use, and this server holds no more: start a new game in "
                    "one of them, or close one's page; a game that was played is kept for an hour after that"
                )
            least = min(idle, key=Sitting.last_use)
            self._sittings.pop(least.number).close()

    def find(self, number: str) -> Sitting | None:
        with self._lock:
            return self._sittings.get(number)

    def new_tree(self, wish: dict[str, object]) -> GameTree:
        """A new game with the `size`, `komi` and `handicap` a page requests. UserError for invalid values."""
        task = self.options.task
        if go_size(task) and "size" in wish:
            size = _whole(wish["size"], "the size")
            if size not in self.sizes:
                raise UserError(f"{self.player} plays on board sizes {', '.join(map(str, self.sizes))}, not {size}")
            task = f"go{size}"
        game = self.game(task)
        komi = points(wish.get("komi")) if game.can.komi else None
        stones = _whole(wish.get("handicap", 0), "the handicap")
        if not stones or not game.can.fixed_handicap or not game.can.setup:
            return GameTree(game, komi)
        tree = GameTree(game, komi, stones)
        tree.root.setup = Setup(tuple(game.can.fixed_handicap(stones)), to_play=WHITE)
        tree.state(tree.root)
        return tree

    def open(self, sitting: Sitting, data: bytes) -> str:
        """Open a record in `sitting` for review; returns a message about it. UserError if it cannot be shown."""
        if sitting.tree.game.can.sgf is None:
            raise UserError(f"{sitting.tree.game.name}: records (SGF) can be opened on a Go board only")
        opened = open_record(data)
        sitting.asked = time.monotonic()
        sitting.seat(opened.tree, "both", opened.about, opened.about.rules)
        moves = opened.tree.root.line()[-1].moves
        left = f"; left out {counted(opened.left_out, 'illegal nodes')} and what follows" if opened.left_out else ""
        komi, told = opened.about.komi, ""
        if komi is not None and komi != opened.about.playable_komi:
            told = f"; its komi of {komi:g} is taken for {opened.tree.points_for_white:g}"
        return f"opened a game of {counted(moves, 'moves')}{left}{told}"

    def close(self) -> None:
        with self._lock:
            for sitting in self._sittings.values():
                sitting.close()
        for mind in self._minds:
            mind.join(2.0)  # so that player programs are terminated


def _whole(value: object, what: str) -> int:
    if isinstance(value, str) and value.strip().isdigit() and len(value) < 4:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000:
        return value
    raise UserError(f"{what} must be a whole number, not {str(value)[:40]!r}")
