"""What strangers do with a connection: messages that no page of ours sends, and requests given up half-way."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from selfplay.board.security import MOST_BYTES, App, Message, Receive, Scope, Send, refuse

_LOG = logging.getLogger("tengen")


class WholeRequests:
    """Wraps the server's pages: a request reaches them whole or not at all, and no websocket ends in a traceback.

    A request that has arrived is answered in full, whether or not its sender still waits. Nobody hears of a disconnect:
    python-engineio and our own routes trip over one, and Starlette's FileResponse stops without an answer, for which
    BaseHTTPMiddleware, with which NiceGUI surrounds it, raises RuntimeError.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._connection(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                await refuse(scope, send, 400, "the request was given up")  # the middleware around us wants an answer
                return
            body += message.get("body", b"")
            if len(body) > MOST_BYTES:  # the Guard has not looked for one in a GET
                await refuse(scope, send, 413, f"the body may have at most {MOST_BYTES:,} bytes")
                return
            more = message.get("more_body", False)
        whole: list[Message] = [{"type": "http.request", "body": bytes(body)}]

        async def receiving() -> Message:
            if not whole:
                await asyncio.Event().wait()  # until whoever listens is cancelled
            return whole.pop()

        await self.app(scope, receiving, send)

    async def _connection(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A websocket. python-engineio trips over frames that are no packets, and over addresses that it lacks."""
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            _tell(error)
            with suppress(RuntimeError):  # it is closed
                await refuse(scope, send, 400, "an invalid message")


def refuse_junk(server: Any) -> None:
    """Wrap the handlers of `server`, NiceGUI's socketio.AsyncServer, which trust what they receive.

    The connection is closed, with one line in the log.
    """
    handlers = server.handlers["/"]
    for event, handler in list(handlers.items()):
        if event not in ("connect", "disconnect"):
            handlers[event] = _checked(handler, server.disconnect)
    server.eio.logger.addFilter(_without_stack)  # malformed packets, which it refuses itself
    messages = server.eio.handlers
    messages["message"] = _checked(messages["message"], server.eio.disconnect)


def _without_stack(record: logging.LogRecord) -> bool:
    record.exc_info = None
    return True


def _checked(handler: Callable[..., Any], close: Callable[[str], Awaitable[None]]) -> Callable[..., Awaitable[Any]]:
    async def checked(number: str, *sent: Any) -> Any:
        try:
            answer = handler(number, *sent)
            return await answer if inspect.isawaitable(answer) else answer
        except Exception as error:
            _tell(error)
            await close(number)

    return checked


def _tell(error: Exception) -> None:
    _LOG.warning("closed a connection after an invalid message (%s)", repr(error)[:100])
    _LOG.debug("its handler failed", exc_info=True)
