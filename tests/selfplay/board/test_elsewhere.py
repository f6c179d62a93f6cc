"""A page from another origin, in the same real browser, cannot reach the board; nor can direct requests."""

from __future__ import annotations

import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.selfplay.board.browser import Tab, board_server, needs_chromium

pytestmark = [needs_chromium, pytest.mark.slow]

# Each attempt reports its outcome: "in" would be a security hole.
_ATTACK = """<!doctype html><title>elsewhere</title><body><script>
const board = BOARD, host = new URL(board).host, found = {};
const tried = (name, promise) => promise.then(() => (found[name] = "in"), () => (found[name] = "out"));
const socket = (path) => new Promise((yes, no) => {
  const ws = new WebSocket(`ws://${host}${path}`);
  ws.onopen = yes; ws.onerror = ws.onclose = no;
});
const loads = (element, url) => new Promise((yes, no) => {
  const made = document.body.appendChild(document.createElement(element));
  made.onload = yes; made.onerror = no; made.src = url;
});
Promise.all([
  tried("fetch", fetch(board)),
  tried("post", fetch(GAME + "/sgf", {method: "POST", body: "(;SZ[9];B[ee])"})),
  tried("websocket", socket("/_nicegui_ws/socket.io/?EIO=4&transport=websocket")),
  tried("polling", fetch(`${board}_nicegui_ws/socket.io/?EIO=4&transport=polling`)),
  tried("script", loads("script", `${board}board/board.js`)),
  fetch(GAME + "/sgf", {method: "POST", mode: "no-cors", body: "(;SZ[9];B[ee])"}).catch(() => 0),
]).then(() => { document.title = "done"; window.found = found; });
</script>"""


@pytest.fixture
def address(tictactoe_board: str) -> str:
    return tictactoe_board


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, dict[str, str]]]:
    """Another web server on this machine, and the files it serves."""
    page = {"html": ""}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(page["html"].encode())

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/", page
    server.shutdown()


def test_a_page_from_elsewhere(address: str, elsewhere: tuple[str, dict[str, str]]) -> None:
    there, page = elsewhere
    tab = Tab()
    try:
        game = tab.open(address).driver.current_url
        tab.point(4)
        tab.until("document.querySelectorAll('.stones .sign').length === 1")
        page["html"] = _ATTACK.replace("BOARD", json.dumps(address)).replace("GAME", json.dumps(game))
        tab.driver.get(there)
        tab.until("document.title === 'done'")
        assert set(tab.js("window.found").values()) == {"out"}, tab.js("window.found")
        tab.open(game)  # the game is unchanged
        assert tab.stones() == 1
    finally:
        tab.close()


def answer(address: str, path: str, **headers: str) -> tuple[int, bytes]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(address + path, headers=given), timeout=20) as found:
            return found.status, found.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def handshake(address: str, origin: str, host: str = "") -> str:
    """The status line returned to a websocket handshake."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as wire:
        wire.sendall(
            b"GET /_nicegui_ws/socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: "
            + (host or parts.netloc).encode()
            + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + f"Sec-WebSocket-Version: 13\r\nOrigin: {origin}\r\n\r\n".encode()
        )
        return wire.recv(200).split(b"\r\n")[0].decode()


def test_the_real_server_checks_host_and_origin(address: str) -> None:
    ours = address.rstrip("/")
    assert answer(address, "board/board.js")[0] == 200
    assert answer(address, "", Host="evil.example")[0] == 403
    assert answer(address, "", Origin="http://evil.example")[0] == 403
    assert "101" in handshake(address, ours)
    assert "403" in handshake(address, "http://evil.example")
    assert "403" in handshake(address, "http://evil.example", host="evil.example")


def test_files_outside_are_not_served(address: str) -> None:
    for path in (
        "board/../app.py",
        "board/%2e%2e/app.py",
        "board/..%2f..%2fapp.py",
        "board//etc/passwd",
        "game/../../etc",
    ):
        assert b"def serve" not in answer(address, path)[1] and b"root:" not in answer(address, path)[1]


def test_uploads_are_bounded_and_rubbish_is_refused(address: str) -> None:
    def put(path: str, body: bytes) -> int:
        request = urllib.request.Request(address + path, body, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as found:
                return int(found.status)
        except urllib.error.HTTPError as error:
            return error.code

    with urllib.request.urlopen(address, timeout=20) as found:
        game = urlsplit(found.url).path.lstrip("/")
    assert put(f"{game}/sgf", b"(;SZ[9];B[ee])") == 400  # this board is none of Go
    assert put(f"{game}/sgf", b"\x00\xff" * 1000) == 400
    assert put(f"{game}/sgf", b"(" * 1_090_000) == 400
    assert put("game/nothing/sgf", b"(;SZ[9])") == 404
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as wire:
        wire.sendall(f"POST /{game}/sgf HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 99999999\r\n\r\n".encode())
        assert b" 413 " in wire.recv(100)


def test_other_addresses_are_not_served(address: str) -> None:
    """It listens only on the loopback address: on the machine's other addresses nothing answers."""
    port = urlsplit(address).port
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.settimeout(5)
        assert other.connect_ex(("127.0.0.2", port)) != 0


def test_the_network_needs_a_token(tmp_path: Path, elsewhere: tuple[str, dict[str, str]]) -> None:
    there, page = elsewhere
    arguments = ("random", "--board", "tictactoe", "--host", "0.0.0.0")
    with board_server(tmp_path, *arguments) as address:
        base, _, token = address.partition("?token=")
        assert len(token) >= 20
        assert answer(base, "")[0] == 403 and answer(base, "?token=wrong")[0] == 403
        assert answer(base, "board/board.js")[0] == 403
        assert "403" in handshake(base, base.rstrip("/"))
        tab = Tab()
        try:
            page["html"] = f'<a id="link" href="{address}">play</a>'
            tab.driver.get(there)  # the link is followed from another site, as from webmail
            tab.press("link")
            tab.until("document.querySelectorAll('.hit').length > 0 && window.tengenBoard")
            assert "token" not in tab.driver.current_url
            tab.point(4)
            tab.until("document.querySelectorAll('.stones .sign').length >= 1")
        finally:
            tab.close()
