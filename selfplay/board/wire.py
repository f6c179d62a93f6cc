"""Websocket messages that no page of ours sends: the connection is closed, with one line in the log."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any

_LOG = logging.getLogger("tengen")


def refuse_junk(server: Any) -> None:
    """Wrap the handlers of `server`, NiceGUI's socketio.AsyncServer, which trust what they receive."""
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
            _LOG.warning("closed a connection after an invalid message (%s)", repr(error)[:100])
            _LOG.debug("its handler failed", exc_info=True)
            await close(number)

    return checked
