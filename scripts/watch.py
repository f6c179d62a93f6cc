"""`tengen watch PLAYER`: an agent at play, as mp4 and gif."""

from __future__ import annotations

from pathlib import Path

from tengen.config import Count
from tengen.options import Parser, number


def run(parser: Parser, args: list[str]) -> int:
    parser.add_argument("player", help="a run, or a name from `tengen zoo`")
    parser.add_argument("--out", default=None, metavar="FILE", help="file name of the videos, without extension")
    parser.add_argument("--seed", type=number(Count), default=1, metavar="int", help="seed of the game")
    options = parser.parse_all(args)
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
