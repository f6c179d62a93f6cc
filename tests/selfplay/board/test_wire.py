"""Junk on the websocket closes its connection, and a request given up is answered: both without a traceback."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("nicegui")

from nicegui import core
from nicegui.middlewares import RedirectWithPrefixMiddleware, SetCacheControlMiddleware
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from selfplay.board.app import STATIC
from selfplay.board.wire import WholeRequests, refuse_junk


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


@pytest.mark.parametrize("turns", [0, 1, 2, 5, 10, 20])
def test_a_request_given_up_is_answered_in_full(turns: int) -> None:
    """A file, through all the middleware of NiceGUI; its reader leaves after so many turns of the event loop."""
    around = (SetCacheControlMiddleware, RedirectWithPrefixMiddleware, GZipMiddleware, WholeRequests)
    routes = [Mount("/board", StaticFiles(directory=STATIC))]
    app = Starlette(routes=routes, middleware=[Middleware(one) for one in around])
    script = STATIC / "board.js"
    requests = [{"type": "http.request", "body": b"", "more_body": False}]
    sent: list[Any] = []

    async def receive() -> Any:
        if requests:
            return requests.pop()
        for _ in range(turns):
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    named = {"path": "/board/board.js", "root_path": "", "query_string": b"", "headers": []}
    scope = {"type": "http", "method": "GET", "asgi": {"spec_version": "2.3"}, **named}
    asyncio.run(asyncio.wait_for(app(scope, receive, send), 20))
    assert sent[0]["status"] == 200
    assert b"".join(one["body"] for one in sent[1:]) == script.read_bytes()


def test_a_body_without_end_is_refused() -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": bytes(100_000), "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    wrapped = WholeRequests(None)  # type: ignore[arg-type]
    asyncio.run(asyncio.wait_for(wrapped({"type": "http", "method": "GET"}, receive, send), 20))
    assert sent[0]["status"] == 413
