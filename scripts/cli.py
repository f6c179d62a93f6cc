"""The command `tengen`. Each command's code is imported only when it runs: `--help` answers at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tengen import __version__
from tengen.config import Amount, Count, Finite, Parser, Whole, number
from tengen.errors import UserError, nearer, unknown
from tengen.openmp import wait_briefly

S = TypeVar("S")
C = TypeVar("C")

COMMANDS = {
    "train": "train an agent on a task: tengen train pong",
    "resume": "go on with a run that was stopped, exactly",
    "eval": "play a trained agent by a protocol, test a classifier, or solved positions: a score card",
    "watch": "record an agent playing: mp4 and gif",
    "plot": "draw the curve of a run or of several, and what a network learned from labels",
    "runs": "list the runs in the runs folder",
    "zoo": "list the trained networks that come with Tengen",
    "match": "two players, many games: tengen match policy:go9-policy random --board go9",
    "games": "list the board games and the rules of Go",
    "show": "print a position of a game record: tengen show game.sgf --move 57",
    "doctor": "what this machine is, what it will use, how fast it is",
    "bench": "measure Tengen against its peers",
}


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, 2 for a mistake of the user, 130 for Ctrl-C."""
    args = sys.argv[1:] if argv is None else argv
    wait_briefly()
    try:
        return _dispatch(args)
    except UserError as error:
        print(f"tengen: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("tengen: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `tengen runs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _dispatch(args: list[str]) -> int:
    if not args or args[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0
    if args[0] in ("-V", "--version"):
        print(f"tengen {__version__}")
        return 0
    if args[0] not in COMMANDS:
        raise unknown("command", args[0], COMMANDS, "(see tengen --help)")
    commands: dict[str, Callable[[list[str]], int]] = {
        "train": train,
        "resume": resume,
        "eval": evaluate,
        "watch": watch,
        "plot": plot,
        "runs": runs,
        "zoo": zoo,
        "match": match,
        "games": games,
        "show": show,
        "doctor": doctor,
        "bench": bench,
    }
    return commands[args[0]](args[1:])


def _overview() -> str:
    lines = ["usage: tengen COMMAND …   (tengen COMMAND --help for its options)", ""]
    lines += [f"  {name:8} {text}" for name, text in COMMANDS.items()]
    lines += ["", "start with:  tengen train pong      or, with nothing trained yet:  tengen watch pong"]
    return "\n".join(lines)


def _parser(command: str) -> Parser:
    parser = Parser(prog=f"tengen {command}", description=COMMANDS[command])
    parser.add_argument("--runs", default="runs", metavar="FOLDER", help="where runs lie")
    return parser


def train(args: list[str]) -> int:
    from scripts.recipes import IMAGE_TASKS, SELFPLAY_GAMES, go_board

    task = args[0] if args and not args[0].startswith("-") else None
    if task is None and not {"-h", "--help"} & set(args):
        raise UserError("which task? for example: tengen train pong (see tengen train --help)")
    if task and (task in IMAGE_TASKS or (go_board(task) and _given(args, "--games"))):
        return _train_labels(task, args)
    if task and (task in SELFPLAY_GAMES or go_board(task)):
        return _train_selfplay(task, args)
    return _train_agent(task, args)


_TASKS = (
    "an Atari game (pong), a toy (bandit, corridor, catch), a Gymnasium id (CartPole-v1);"
    " by self-play: tictactoe, connect4, go5, go9, go19;"
    " with labels: digits, mnist, fashion-mnist, cifar10, images, go9 or go19 with --games PATH"
)


def _train_agent(task: str | None, args: list[str]) -> int:
    from envs.worlds import find_world
    from scripts.recipes import AGENTS, IMAGE_TASKS, Recipe, recipe
    from tengen.config import add_options, from_options

    try:
        world = find_world(task or "pong")
    except UserError as error:
        raise nearer(error, task or "", IMAGE_TASKS) from None
    chosen = recipe(world, _given(args, "--agent"))
    parser = _parser("train")
    parser.add_argument("task", help=_TASKS)
    parser.add_argument("--agent", default=chosen.agent, metavar="|".join(AGENTS), help="who learns")
    add_options(parser, chosen.settings, "the training")
    add_options(parser, chosen.config, f"{chosen.agent} (preset for {task or 'pong'})")
    options = parser.parse_all(args)
    settings, config = from_options(chosen.settings, options), from_options(chosen.config, options)
    from scripts.agent_session import AgentSession
    from scripts.train import train_new

    print(f"{world.name}: {chosen.agent}, {settings.steps:,} steps, seed {settings.seed}; setting up …", flush=True)
    runs = Path(options.runs)
    return train_new(AgentSession(world, Recipe(chosen.agent, settings, config), runs=runs), runs)


def _train_selfplay(task: str, args: list[str]) -> int:
    from scripts.recipes import selfplay_recipe

    title = f"alphazero (preset for {task}); with --games PATH: a policy from game records"
    settings, config, runs = _configured(task, args, selfplay_recipe(task), title)
    from scripts.selfplay_session import SelfPlaySession
    from scripts.train import train_new

    print(f"{task}: alphazero, {settings.steps:,} moves of self-play, seed {settings.seed}; setting up …", flush=True)
    return train_new(SelfPlaySession(task, settings, config, runs=runs), runs)


def _train_labels(task: str, args: list[str]) -> int:
    from scripts.recipes import label_recipe

    net = _given(args, "--net") or ""
    title = f"learning from labels (preset for {task}{', ' + net if net else ''})"
    settings, config, runs = _configured(task, args, label_recipe(task, net), title)
    from scripts.label_session import LabelSession
    from scripts.train import train_new

    print(f"{task}: {config.net}, {config.epochs:g} epochs, seed {settings.seed}; setting up …", flush=True)
    return train_new(LabelSession(task, settings, config, runs=runs), runs)


def _configured(task: str, args: list[str], preset: tuple[S, C], title: str) -> tuple[S, C, Path]:
    """Settings, configuration and the folder of runs, as the options `args` change the `preset`."""
    from tengen.config import add_options, from_options

    settings, config = preset
    parser = _parser("train")
    parser.add_argument("task", help=_TASKS)
    add_options(parser, settings, "the training")
    add_options(parser, config, title)
    options = parser.parse_all(args)
    return from_options(settings, options), from_options(config, options), Path(options.runs)


def resume(args: list[str]) -> int:
    parser = _parser("resume")
    parser.add_argument("run", help="a run's folder or name; `last` is the newest")
    parser.add_argument(
        "--verify", action="store_true", help="prove exactness: repeat from the last checkpoint but one"
    )
    parser.add_argument("--steps", type=number(Count), default=0, metavar="int", help="another end of the training")
    parser.add_argument("--threads", type=number(Count), default=0, metavar="int", help="another number of threads")
    options = parser.parse_all(args)
    from scripts import train as training

    run = _run(options.runs, options.run)
    if options.verify:
        return training.verify(run)
    return training.resume(run, options.steps, options.threads)


def evaluate(args: list[str]) -> int:
    parser = _parser("eval")
    parser.add_argument("player", help="a run, or a name from `tengen zoo`")
    parser.add_argument("--protocol", default="sticky", metavar="sticky|classic", help="how Atari is played")
    parser.add_argument(
        "--episodes", type=number(Count), metavar="int", help="games (default 30; small boards of Go 2)"
    )
    parser.add_argument("--seed", type=number(Count), default=1000, metavar="int", help="seed of the first game")
    parser.add_argument(
        "--temperature",
        type=number(Amount),
        default=0.5,
        metavar="float",
        help="of a policy: 1 as it learned, 0 its best",
    )
    parser.add_argument("--json", action="store_true", help="print the card as JSON")
    parser.add_argument("--data", default="", metavar="PATH", help="pictures to test a classifier of the zoo on")
    parser.add_argument("--games", default="", metavar="PATH", help="records to test a Go network of the zoo on")
    parser.add_argument(
        "--positions", default="", metavar="PATH", help="Connect 4: positions, else --episodes random ones"
    )
    parser.add_argument("--simulations", type=number(Count), default=400, metavar="int", help="a move of board games")
    parser.add_argument(
        "--against", default="", metavar="PLAYER", help="self-play: its rated networks meet this player (tengen match)"
    )
    parser.add_argument("--networks", type=number(Count), default=6, metavar="int", help="how many of them")
    options = parser.parse_all(args)
    if options.protocol not in ("sticky", "classic"):
        raise unknown("protocol", options.protocol, ("sticky", "classic"))
    from scripts.evaluate import How, evaluate_player

    how = How(
        runs=Path(options.runs),
        protocol=options.protocol,
        episodes=options.episodes or 0,
        seed=options.seed,
        temperature=options.temperature,
        as_json=options.json,
        data=options.data,
        games=options.games,
        positions=options.positions,
        simulations=options.simulations,
        against=options.against,
        networks=options.networks,
    )
    return evaluate_player(options.player, how)


def watch(args: list[str]) -> int:
    parser = _parser("watch")
    parser.add_argument("player", help="a run, or a name from `tengen zoo`")
    parser.add_argument("--out", default=None, metavar="FILE", help="name of the videos, without ending")
    parser.add_argument("--seed", type=number(Count), default=1, metavar="int", help="seed of the game")
    options = parser.parse_all(args)
    from scripts.watch import watch_player

    return watch_player(options.player, Path(options.runs), options.out, options.seed)


def plot(args: list[str]) -> int:
    parser = _parser("plot")
    parser.add_argument("run", nargs="+", help="runs, or folders that hold a metrics.jsonl")
    parser.add_argument("--out", default=None, metavar="FILE", help="the picture (png, svg or pdf)")
    options = parser.parse_all(args)
    from scripts.plot import plot as draw

    folders = [_run(options.runs, name) for name in options.run]
    out = Path(options.out) if options.out else (folders[0] / "curve.png" if len(folders) == 1 else Path("curves.png"))
    draw(folders, out)
    files = [out]
    if len(folders) == 1 and not options.out:
        from scripts.pictures import pictures_of_run

        files += pictures_of_run(folders[0])
    print("wrote " + ", ".join(str(file) for file in files))
    return 0


def runs(args: list[str]) -> int:
    options = _parser("runs").parse_all(args)
    from scripts.listing import list_runs

    return list_runs(Path(options.runs))


def zoo(args: list[str]) -> int:
    parser = _parser("zoo")
    parser.add_argument("--add", default=None, metavar="RUN", help="put the network of a run into the zoo")
    parser.add_argument("--name", default=None, metavar="NAME", help="its name there")
    parser.add_argument("--positions", default="", metavar="PATH", help="Connect 4: what it is tested on")
    parser.add_argument("--opponent", default="", metavar="PLAYER", help="Go: whom it is measured against")
    parser.add_argument("--games", type=number(Count), default=0, metavar="int", help="Go and Atari: in how many games")
    options = parser.parse_all(args)
    from scripts.listing import list_zoo_table

    if options.add:
        from scripts.zoo import Measured, ship

        if not options.name or not options.name.replace("-", "").isalnum():
            raise UserError("--add RUN needs --name NAME of letters, digits and dashes")
        measured = Measured(options.positions, options.opponent, options.games)
        print(f"wrote {ship(options.add, options.name, Path(options.runs), measured)}")

    return list_zoo_table()


def doctor(args: list[str]) -> int:
    _parser("doctor").parse_all(args)
    from scripts.doctor import doctor as examine

    examine(print)
    return 0


def match(args: list[str]) -> int:
    parser = _parser("match")
    players = "random, uct:1000, policy:NAME, NAME or NAME:400 (a run or zoo name, simulations), gtp:'gnugo --mode gtp'"
    parser.add_argument("first", help=players)
    parser.add_argument("second", help="the same")
    parser.add_argument("--board", default="go9", metavar="GAME", help="go9, go19 …, connect4, tictactoe")
    parser.add_argument("--games", type=number(Count), default=20, metavar="int", help="half of them with each colour")
    parser.add_argument("--rules", default="tromp-taylor", metavar="NAME", help="of Go, see tengen games")
    parser.add_argument("--komi", type=number(Finite), default=None, metavar="float", help="default: the rules' own")
    parser.add_argument("--simulations", type=number(Count), default=200, metavar="int", help="a move, for networks")
    parser.add_argument(
        "--opening", type=number(Whole), default=2, metavar="int", help="random moves that begin a pair of games"
    )
    parser.add_argument("--boards", type=number(Count), default=8, metavar="int", help="games played at the same time")
    parser.add_argument("--seed", type=number(Count), default=1, metavar="int", help="of openings and players")
    parser.add_argument("--out", default=None, metavar="FOLDER", help="where games and card go; a match goes on there")
    parser.add_argument("--json", action="store_true", help="print the card as JSON")
    o = parser.parse_all(args)
    from scripts.match import match as play
    from selfplay.match_card import Match

    wanted = Match(o.first, o.second, o.board, o.games, o.rules, o.komi, o.simulations, o.opening, o.seed)
    return play(wanted, boards=o.boards, out=Path(o.out) if o.out else None, runs=Path(o.runs), as_json=o.json)


def games(args: list[str]) -> int:
    _parser("games").parse_all(args)
    from scripts.boards import list_games

    return list_games()


def show(args: list[str]) -> int:
    parser = _parser("show")
    parser.add_argument("file", help="an SGF file")
    parser.add_argument(
        "--move", type=number(Whole), default=None, metavar="int", help="after so many moves (default all)"
    )
    options = parser.parse_all(args)
    from scripts.boards import show as show_record

    return show_record(Path(options.file), options.move)


def bench(args: list[str]) -> int:
    parser = _parser("bench")
    parser.add_argument("name", help="atari, go, nets or search")
    parser.add_argument("--json", action="store_true", help="print rows {what, unit, value, baseline, ratio}")
    parser.add_argument("--quick", action="store_true", help="end within 40 seconds")
    options = parser.parse_all(args)
    from scripts.listing import run_bench

    return run_bench(options.name, options.quick, options.json)


def _given(args: list[str], option: str) -> str | None:
    """The value of `option` in `args`, read before the parser that depends on it can be made."""
    for i, arg in enumerate(args):
        if arg == option and i + 1 < len(args):
            return args[i + 1]
        if arg.startswith(f"{option}="):
            return arg.split("=", 1)[1]
    return None


def _run(root: str, name: str) -> Path:
    from tengen.run import find_run, no_run

    found = find_run(Path(root), name)
    if found is None:
        raise no_run(Path(root), name)
    return found


if __name__ == "__main__":
    sys.exit(main())
