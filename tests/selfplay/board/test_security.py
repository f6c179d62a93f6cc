"""The guard lets only our own pages through."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from selfplay.board.security import Guard

OURS = "127.0.0.1:8361"


async def _inner(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"in"})


def asked(
    kind: str = "http", method: str = "GET", path: str = "/", query: str = "", token: str = "", **headers: str
) -> list[dict[str, Any]]:
    """The guard's response to one request."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    given = {"host": OURS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given.items() if value],
    }
    asyncio.run(Guard(_inner, 8361, token)(scope, receive, send))
    return sent


def status(*args: Any, **kwargs: Any) -> int:
    return int(asked(*args, **kwargs)[0]["status"])


def test_our_own_page_gets_in_and_is_told_not_to_be_framed() -> None:
    first, *_ = asked(origin=f"http://{OURS}", sec_fetch_site="same-origin")
    assert first["status"] == 200
    assert dict(first["headers"])[b"x-frame-options"] == b"DENY"
    for host in ("localhost:8361", "[::1]:8361"):
        assert status(host=host, origin=f"http://{host}") == 200


@pytest.mark.parametrize(
    "host", ["evil.example:8361", "evil.example", "127.0.0.1:80", "127.0.0.1.evil.example:8361", ""]
)
def test_a_foreign_host_is_refused(host: str) -> None:
    assert status(host=host) == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8361"])
def test_a_foreign_origin_is_refused_in_requests_and_in_the_handshake(origin: str) -> None:
    assert status(origin=origin) == 403
    (refusal,) = asked("websocket", path="/_nicegui_ws/socket.io/", origin=origin)
    assert refusal["type"] == "websocket.close"


def test_the_handshake_of_our_own_page() -> None:
    assert asked("websocket", origin=f"http://{OURS}")[0]["type"] == "websocket.accept"


def test_other_sites_may_link_here_and_no_more() -> None:
    linked = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert status(**linked, sec_fetch_dest="document") == 200
    assert status(**linked, sec_fetch_dest="iframe") == 403
    assert status(sec_fetch_site="cross-site", sec_fetch_mode="no-cors", sec_fetch_dest="image") == 403
    for method in ("POST", "HEAD", "DELETE"):
        assert status(**linked, sec_fetch_dest="document", method=method, content_length="5") == 403


def test_a_link_from_another_site_begins_no_game_by_itself() -> None:
    for site in ("cross-site", "same-site"):  # the same site: another port of this machine
        linked = {"sec_fetch_site": site, "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
        first, page = asked(**linked)
        assert page["body"] != b"in" and b'href="/"' in page["body"]
        assert dict(first["headers"])[b"x-frame-options"] == b"DENY"
        assert asked(**linked, path="/game/1234")[1]["body"] == b"in"
        with_token = asked(**linked, token="secret", query="token=secret")
        assert b"set-cookie" in dict(with_token[0]["headers"])
        again = asked(**linked, token="secret", query="token=secret", cookie="tengen-board-8361=secret")
        assert b'url=/"' in again[1]["body"]  # the link with the token, followed a second time
    for site in ("none", "same-origin"):
        assert asked(sec_fetch_site=site, sec_fetch_mode="navigate", sec_fetch_dest="document")[1]["body"] == b"in"


def test_bodies_are_bounded() -> None:
    assert status(method="POST", content_length="5") == 200
    assert status(method="POST", content_length="9999999") == 413
    assert status(method="POST") == 411  # chunked: unknown length


def test_a_network_needs_the_token() -> None:
    there = {"host": "192.168.1.5:8361", "token": "secret"}
    assert status(**there) == 403
    assert status(**there, query="token=wrong") == 403
    assert asked("websocket", **there)[0]["type"] == "websocket.close"
    welcome, page = asked(**there, query="token=secret")
    given = dict(welcome["headers"])
    assert welcome["status"] == 200 and b'url=/"' in page["body"] and b"secret" not in page["body"]
    cookie = given[b"set-cookie"].decode()
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert status(**there, cookie=cookie.partition(";")[0]) == 200
    assert status(**there, cookie="tengen-board-8361=wrong") == 403
    assert status(**there, cookie=cookie.partition(";")[0], origin="http://evil.example") == 403
