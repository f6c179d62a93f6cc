"""A real server without a browser: junk on its websocket, aborted requests, and more visits than it holds games."""

from __future__ import annotations

import itertools
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.selfplay.board.browser import board_server

pytest.importorskip("nicegui")
pytestmark = pytest.mark.slow

_JUNK = ["42[", b"\x00\xff" * 100, "42[]", "42{}", '42["handshake",{}]', '42["event",{"x":1}]']


def get(address: str) -> tuple[int, str, str]:
    """Status, final address and text."""
    try:
        with urllib.request.urlopen(address, timeout=60) as found:
            return found.status, found.url, found.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, address, error.read().decode()


def test_what_strangers_do_leaves_no_traceback_and_no_game_behind(tmp_path: Path) -> None:
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    with board_server(tmp_path, "random", "--board", "go5", "--you", "both") as address:
        parts = urlsplit(address)
        wire = f"ws://{parts.netloc}/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
        for query, junk in [("", one) for one in _JUNK] + [("&implicit_handshake=true", "")]:
            with connect(wire + query, origin=address.rstrip("/")) as ws:  # type: ignore[arg-type]
                ws.recv(timeout=30)
                ws.send("40")
                if junk:
                    ws.recv(timeout=30)
                    ws.send(junk)
                assert ws.recv(timeout=30) in ("1", "41")  # closed
        for first, frame in itertools.product((False, True), ("9" * 1000, "xxxx", "\x00", "", b"")):  # no packets
            with connect(wire, origin=address.rstrip("/")) as ws:  # type: ignore[arg-type]
                ws.recv(timeout=30)
                if first:
                    ws.send("40")
                ws.send(frame)
        with pytest.raises(InvalidStatus, match="403"):
            connect(f"ws://{parts.netloc}/_nicegui_ws/x", origin=address.rstrip("/"))  # type: ignore[arg-type]
        for _ in range(40):  # requests given up before they are answered
            with socket.create_connection((parts.hostname, parts.port), timeout=20) as one:
                one.sendall(f"GET /board/board.js HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        game = get(address)[1]
        for path in (f"{urlsplit(game).path}/sgf", "/_nicegui_ws/socket.io/?EIO=4&transport=polling"):
            with socket.create_connection((parts.hostname, parts.port), timeout=20) as one:  # uploads given up
                one.sendall(f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 99\r\n\r\n(".encode())
        games = [game]
        for _ in range(23):
            status, game, _ = get(address)
            assert status == 200
            put = urllib.request.Request(f"{game}/sgf", b"(;SZ[9];B[ee])", method="POST")
            with urllib.request.urlopen(put, timeout=60) as done:
                assert done.status == 200
            games.append(game)
        status, _, text = get(address)
        assert status == 503 and "24 games are open" in text
        assert [get(game)[1] for game in games] == games  # all are still there
        time.sleep(0.5)
    log = (tmp_path / "server.log").read_text()
    assert "Traceback" not in log and "Exception" not in log, log
