"""Junk on the websocket closes its connection, without a traceback."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("nicegui")

from nicegui import core

from selfplay.board.wire import refuse_junk


class Wire:
    """NiceGUI's handlers, wrapped, and which connections were closed."""

    def __init__(self) -> None:
        self.closed: list[str] = []
        self.handlers = {"/": dict(core.sio.handlers["/"])}
        log = logging.getLogger("engineio.server")
        messages = {"message": core.sio.eio.handlers["message"]}
        self.eio = SimpleNamespace(handlers=messages, disconnect=self.disconnect, logger=log)
        refuse_junk(self)

    async def disconnect(self, number: str) -> None:
        self.closed.append(number)

    def says(self, event: str, *sent: Any) -> Any:
        return asyncio.run(self.handlers["/"][event]("me", *sent))


@pytest.mark.parametrize("event", ["handshake", "event", "javascript_response", "ack", "log"])
@pytest.mark.parametrize("sent", [({},), ("x",), (None,), (), ({"client_id": []},), ({"client_id": "x"}, 2)], ids=str)
def test_an_event_that_no_page_sends(event: str, sent: Any, caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire()
    with caplog.at_level(logging.INFO):
        wire.says(event, *sent)
    assert wire.closed == ["me"]
    assert len(caplog.records) == 1 and caplog.records[0].exc_info is None


def test_a_message_that_is_no_packet(caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire()
    for sent in ("42[", "9", "x", "", b"\x00", "4", "42{}", "451-[]"):
        asyncio.run(wire.eio.handlers["message"]("me", sent))
    assert len(wire.closed) >= 5 and all(record.exc_info is None for record in caplog.records)


def test_a_client_that_is_gone_is_no_junk() -> None:
    wire = Wire()
    assert wire.says("handshake", {"client_id": "gone"}) is False
    wire.says("event", {"client_id": "gone"})
    assert wire.closed == []
