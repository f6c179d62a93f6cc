"""Interrupts: asked for by the client, or because nobody reads the answers."""

from __future__ import annotations

import io
import os
import select
import threading
import time

from selfplay.gtp.desk import Settings
from selfplay.gtp.engine import serve
from selfplay.gtp.inbox import Inbox
from selfplay.gtp.rules import NAMED

_HOUR = Settings("uct", 5, NAMED["tromp-taylor"], seconds=3600.0)


def test_an_interrupt_holds_for_the_commands_before_it_only() -> None:
    inbox = Inbox(io.BytesIO(b"genmove b\n# Interrupt\ngenmove w\n# interrupt\n"), io.BytesIO())
    assert inbox.interrupt.wait(5)
    expected = ((b"genmove b\n", True), (b"# Interrupt\n", True), (b"genmove w\n", True), (b"# interrupt\n", False))
    while inbox._lines.qsize() < 5:  # these lines and the end
        time.sleep(0.01)
    for line, interrupted in expected:
        assert (inbox.get(), inbox.interrupt.is_set()) == (line, interrupted)


def test_an_interrupt_that_arrives_with_the_command_stops_its_search() -> None:
    ask, source = os.pipe()
    answers, out = os.pipe()
    with os.fdopen(ask, "rb") as lines, os.fdopen(out, "wb", buffering=0) as written:
        os.write(source, b"1 genmove b\n# interrupt\n")
        thread = threading.Thread(target=serve, args=(_HOUR, lines, written), daemon=True)
        thread.start()
        answered, _, _ = select.select([answers], [], [], 20)
        os.close(source)
        assert answered and os.read(answers, 3) == b"=1 "
        os.close(answers)
        thread.join(20)
        assert not thread.is_alive()


def test_a_client_that_is_gone_before_the_first_search() -> None:
    """As in `echo genmove b | tengen gtp uct | true`: no search starts that nobody waits for."""
    ask, source = os.pipe()
    answers, out = os.pipe()
    os.write(source, b"genmove b\n")
    os.close(source)
    os.close(answers)
    with os.fdopen(ask, "rb") as lines, os.fdopen(out, "wb", buffering=0) as written:
        thread = threading.Thread(target=serve, args=(_HOUR, lines, written), daemon=True)
        thread.start()
        thread.join(20)
        assert not thread.is_alive()
