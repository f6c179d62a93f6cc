"""`tengen watch PLAYER`, `tengen watch game.sgf`: film an agent playing, or a recorded game, as mp4 and gif."""

from __future__ import annotations

from pathlib import Path

from tengen.config import Count
from tengen.errors import UserError
from tengen.options import Parser, number


def run(parser: Parser, args: list[str]) -> int:
    parser.add_argument("player", help="a run, a name from `tengen zoo`, an SGF file, or a match's folder")
    parser.add_argument("--out", default=None, metavar="FILE", help="file name of the videos, without extension")
    parser.add_argument("--seed", type=number(Count), default=1, metavar="int", help="seed of the game")
    parser.add_argument("--game", type=number(Count), default=None, metavar="int", help="match: film this game only")
    options = parser.parse_all(args)
    from selfplay.film import is_record

    if is_record(options.player):
        return _records(Path(options.player), options.game, options.out)
    if options.player.endswith(".sgf"):
        raise UserError(f"no file {options.player}")
    from tengen.kinds import kind_named
    from tengen.video import write_videos
    from tengen.zoo import resolve

    named = resolve(options.player, Path(options.runs))
    film = kind_named(named.kind).film(named, options.seed)
    default = named.run / "eval" / "watch" if named.run else Path(f"watch-{named.task}")
    files = write_videos(film.frames, Path(options.out).with_suffix("") if options.out else default)
    print(film.caption)
    print("wrote " + ", ".join(str(file) for file in files))
    return 0


def _records(path: Path, game: int | None, out: str | None) -> int:
    from selfplay.film import film_records
    from tengen.video import write_videos

    film = film_records(path, game)
    default = path / "watch" if path.is_dir() else path
    files = write_videos(film.frames, (Path(out) if out else default).with_suffix(""), slides=True)
    print(film.caption)
    print("wrote " + ", ".join(str(file) for file in files))
    return 0
