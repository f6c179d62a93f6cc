"""Is a search with many evaluations at once as strong as one with one after the other, at equal simulations?

    python -m scripts.bench.one_game [--games 200] [--simulations 400] [--board go9] [--out FOLDER]

A match between a thinker (selfplay/thinking.py: batches that grow with the tree, several under way) and the same
network with one leaf at a time; both keep their trees, and both add all simulations on top of what is kept. Its games
are kept in FOLDER, where a match that was stopped goes on.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from envs.boards.catalogue import make_game
from envs.boards.game import Game
from selfplay.match import play_match
from selfplay.match_log import MatchLog
from selfplay.played import Played, tally
from selfplay.players.network import network
from selfplay.players.searcher import Searcher, search_config
from selfplay.thinking import Limit, Thinker, make_thinker
from tengen.device import Compute, cores
from tengen.display import Counter

_NODES = 8  # of a tree, for each simulation of a move


class Thinkers:
    """A player (selfplay/players/player.py) with a thinker at each board."""

    def __init__(self, name: str, game: Game, boards: int, simulations: int) -> None:
        self.name, self.limit = f"{name}, many at once", Limit(simulations=simulations)
        first = make_thinker(name, game, most=_NODES * simulations)
        self.thinkers = [first, *(_beside(first) for _ in range(boards - 1))]

    def start(self, boards: np.ndarray, states: np.ndarray) -> None:
        for board, state in zip(boards, states, strict=True):
            self.thinkers[board].at(state[None])

    def choose(self, boards: np.ndarray, states: np.ndarray) -> np.ndarray:
        return np.array([self.thinkers[board].think(self.limit).best for board in boards])

    def played(self, boards: np.ndarray, actions: np.ndarray) -> None:
        for board, action in zip(boards, actions, strict=True):
            self.thinkers[board].played(int(action))

    def close(self) -> None:
        self.thinkers[0].close()


def _beside(first: Thinker) -> Thinker:
    """Another thinker with the network and the threads of the first."""
    nodes = first.search.tree.parent.shape[1]
    made = Thinker(first.name, first.game, first.evaluator, first.search.config, most=nodes)
    made.threads, made.pipeline = first.threads, first.pipeline.beside(made.search)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--games", type=int, default=200)
    parser.add_argument("--simulations", type=int, default=400)
    parser.add_argument("--board", default="go9")
    parser.add_argument("--network", default="go9-alphazero")
    parser.add_argument("--boards", type=int, default=32, help="games at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default=None, help="folder for the games; resumes a match saved there")
    options = parser.parse_args()
    Compute(threads=cores()).start()
    game = make_game(options.board, threads=cores())
    many = Thinkers(options.network, game, options.boards, options.simulations)
    evaluator = network(options.network, game, Path("runs"))
    config = search_config(game, leaves=1)
    one = Searcher("one at a time", game, evaluator, options.boards, options.simulations, options.seed, config)
    match = {"first": many.name, "second": one.name, "task": options.board, "network": options.network}
    match |= {"simulations": options.simulations, "seed": options.seed, "cores": cores()}
    log = MatchLog(Path(options.out), match, game, (many.name, one.name)) if options.out else None
    done = [played for played in log.games if played.number < options.games] if log else []
    shown, begun, before = Counter(options.games, "games", len(done)), time.perf_counter(), log.seconds if log else 0.0

    def seconds() -> float:
        return before + time.perf_counter() - begun

    def finished(played: Played) -> None:
        done.append(played)
        if log:
            log.add(played, seconds())
        shown(len(done), f", {tally(done).rate:.1%}")

    numbers = {played.number for played in done}
    play_match(
        game,
        many,
        one,
        options.games,
        boards=options.boards,
        seed=options.seed,
        played_before=numbers,
        finished=finished,
    )
    shown.end()
    many.close()
    if log:
        log.close()
    found = tally(done)
    low, high = found.interval
    print(
        f"{many.name}: {found.rate:.1%} [{low:.1%}, {high:.1%}] of {found.games} games with {options.simulations} "
        f"simulations ({found.wins} won, {found.draws} drawn, {found.losses} lost, {found.void} without a result), "
        f"{seconds():.0f} s"
    )


if __name__ == "__main__":
    main()
