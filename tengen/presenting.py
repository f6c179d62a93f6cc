"""Present a finished run: its card, its curve, pictures of what its network learned."""

from __future__ import annotations

from tengen.card import Card
from tengen.kinds import kind_named
from tengen.run import Run
from tengen.session import Present, Say, Session
from tengen.terminal import plain


def presenter(say: Say) -> Present:
    """`present` of a training (tengen/session.py): `say` gets the card and the names of the files."""

    def present(session: Session, run: Run, card: Card | None, report: Say) -> None:
        if card is None:
            return
        say(plain(card.describe()))
        kind = kind_named(session.training.kind)
        curve = run.path / "curve.png"
        kind.draw([run.path], curve)
        say("wrote " + ", ".join(str(path) for path in [curve, *kind.show(session, run)]))

    return present
