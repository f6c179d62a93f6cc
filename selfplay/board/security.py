"""Access control of the board's server: only its own pages on this machine, or holders of its token.

A foreign page in the same browser can reach a server on this machine. Three checks keep it out:

    Host      must be a name of this machine with our port; foreign names that point here (DNS rebinding) are refused
    Origin    must be ours whenever a browser sends it, including in the websocket handshake
    Sec-Fetch-Site   `cross-site` requests may only open the page with GET, and never in a frame; those for `/`, which
              begins a game, get a link to click

A server open to a network also has a token: opening the address with `?token=…` sets a cookie that the browser sends
back only to us.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MOST_BYTES = 1_100_000  # of a request body
_HEADERS = {
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
_ELSEWHERE = ("cross-site", "same-site")  # values of Sec-Fetch-Site; another port of this machine is the same site
_HEAD = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Tengen</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
)
# To `/` without the token, by a page of ours: after a redirect the request would still count as coming from elsewhere.
_WELCOME = f'{_HEAD}<meta http-equiv="refresh" content="0; url=/"><p><a href="/">To the board</a></p></html>'
_DOORSTEP = (
    f"{_HEAD}<p>A link on another site brought you here. No game has been started.</p>"
    '<p><a id="enter" href="/">Begin a game</a></p></html>'
)


def is_loopback(host: str) -> bool:
    return host in LOOPBACK


def new_token() -> str:
    return secrets.token_urlsafe(18)


class Guard:
    """Wraps the whole server. `port`: the server's port; `token`: empty if it listens on this machine only."""

    def __init__(self, app: App, port: int, token: str = "") -> None:
        self.app, self.token = app, token
        self.cookie = f"tengen-board-{port}"
        names = ("127.0.0.1", "localhost", "[::1]")
        self.hosts = frozenset(f"{name}:{port}" for name in names) | (frozenset(names) if port == 80 else frozenset())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refused = self._refusal(scope, headers)
        if refused is None and self.token:
            if scope.get("method") == "GET" and self._brings_token(scope):
                await _page(send, _WELCOME, (b"set-cookie", self._cookie().encode()))
                return
            if not self._has_cookie(headers):
                refused = 403, "a token is required: open the address that `tengen play` printed"
        if refused is not None:
            await refuse(scope, send, *refused)
            return
        if scope["path"] == "/" and headers.get("sec-fetch-site") in _ELSEWHERE:
            await _page(send, _DOORSTEP)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                named = {name.lower() for name, _ in message["headers"]}
                more = [(n.encode(), v.encode()) for n, v in _HEADERS.items() if n.encode() not in named]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self.app(scope, receive, sending)

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        """Status and reason for a refusal, or None for an acceptable request (the token is checked separately)."""
        host = headers.get("host", "").lower()
        if not self.token and host not in self.hosts:
            return 403, f"unknown host {host[:80]}"
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host:
            return 403, "requests from other pages are not allowed"
        navigates = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        opens_page = navigates and scope.get("method") == "GET"
        if headers.get("sec-fetch-site") in _ELSEWHERE and not opens_page:
            return 403, "requests from other pages are not allowed"
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD"):
            length = headers.get("content-length", "")
            if not length.isdigit():
                return 411, "a content-length is required"
            if int(length) > MOST_BYTES:
                return 413, f"the body may have at most {MOST_BYTES:,} bytes"
        return None

    def _has_cookie(self, headers: dict[str, str]) -> bool:
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(self.cookie)
        except CookieError:
            return False
        return found is not None and hmac.compare_digest(found.value.encode(), self.token.encode())

    def _brings_token(self, scope: Scope) -> bool:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        return hmac.compare_digest(given.encode(), self.token.encode())

    def _cookie(self) -> str:
        """The cookie is Lax: with Strict, a browser that follows a link from another site (webmail) withholds it.

        What other sites may request is decided by the checks of Origin and Sec-Fetch-Site.
        """
        return f"{self.cookie}={self.token}; Path=/; HttpOnly; SameSite=Lax"


async def _page(send: Send, html: str, *headers: tuple[bytes, bytes]) -> None:
    body = html.encode()
    usual = {**_HEADERS, "content-type": "text/html; charset=utf-8", "content-length": str(len(body))}
    usual["cache-control"] = "no-store"
    every = [*((name.encode(), value.encode()) for name, value in usual.items()), *headers]
    await send({"type": "http.response.start", "status": 200, "headers": every})
    await send({"type": "http.response.body", "body": body})


async def refuse(scope: Scope, send: Send, status: int, why: str) -> None:
    """Answer a request with `status` and one line, or close a handshake."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": why[:100]})  # before accept: 403
        return
    body = f"{why}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
