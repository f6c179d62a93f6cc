"""The games of a training: the board of its task, and any smaller ones."""

from __future__ import annotations

from agents.alphazero.config import Config
from envs.boards.catalogue import fair_komi, go_size, make_game
from envs.boards.game import Game
from selfplay.settings import SelfPlaySettings
from tengen.errors import UserError


def games_of(task: str, settings: SelfPlaySettings, config: Config, threads: int) -> list[Game]:
    """The game of `task`, then the smaller boards that are learned beside it, computed by `threads`."""
    size = go_size(task)
    if size is None:
        if config.sizes:
            raise UserError(f"--sizes is for Go; {task} has one size")
        return [make_game(task, threads=threads)]
    sizes = [size]
    for text in config.sizes.split(",") if config.sizes else []:
        if not text.strip().isdigit() or not 2 <= int(text) < size or int(text) in sizes:
            raise UserError(f"--sizes {config.sizes}: smaller boards than {size}, each once, for example 5,7")
        sizes.append(int(text))
    try:
        given = fair_komi(task) if settings.komi == "fair" else float(settings.komi)
        if given is not None and not abs(given) <= size * size:
            raise ValueError
    except ValueError:
        raise UserError(f"--komi {settings.komi}: points, at most {size * size}, or fair") from None
    komi = {s: given if s == size else fair_komi(f"go{s}") for s in sizes}
    return [make_game(f"go{s}", settings.rules, komi[s], threads=threads) for s in sizes]
