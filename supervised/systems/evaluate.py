"""`tengen eval` and `tengen plot` of a trained system."""

from __future__ import annotations

from pathlib import Path

from supervised.systems.session import SystemSession, aside
from supervised.systems.study import Say
from supervised.systems.trained import restored, session_of_zoo
from tengen.checkpoint import checkpoints
from tengen.errors import UserError
from tengen.kinds import EvalOptions, Named
from tengen.run import Run
from tengen.session import Report


def evaluate(named: Named, options: EvalOptions, say: Say) -> Report:
    """`tengen eval` of a run, or of a system of the zoo."""
    if options.against:
        raise UserError(f"--against is for runs of self-play; {named.name} is not one")
    for option, given in (("--data", options.data if named.run else ""), ("--records", options.records)):
        if given:
            raise UserError(f"{option} does nothing here: {named.name} is measured on its own held-out data")
    if options.positions:
        raise UserError(f"--positions is for Connect 4, which {named.name} does not play")
    if named.run:
        run = Run.open(named.run)
        session = restored(run)
        aside(f"measuring {session.measures()} …")
        return Report([session.finish(run)], session.type_next(run))
    session = session_of_zoo(named, options.data)
    aside(f"measuring {session.measures()} …")
    card = session.card(f"tengen eval {named.name}", named.card.get("minutes", 0.0), named.card.get("steps", 0))
    return Report([card], [f"tengen sample {named.name}"] if session.system.sample else [])


def pictures_of_run(path: Path) -> list[Path]:
    """The pictures of a run, made from its newest checkpoint; none where it has kept none."""
    if not checkpoints(Run.open(path).checkpoint_folder):
        return []
    return pictures_of_session(restored(Run.open(path)), Run.open(path))


def pictures_of_session(session: SystemSession, run: Run) -> list[Path]:
    """What the system of `session` learned, to look at."""
    folder = run.path / "pictures"
    folder.mkdir(exist_ok=True)
    return session.learner.pictures(folder)
