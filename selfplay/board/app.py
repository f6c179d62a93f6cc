"""The board's server: listens on this machine only, unless told otherwise."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from pathlib import Path

from selfplay.board.house import House
from selfplay.board.options import BoardOptions, check
from tengen.errors import UserError
from tengen.jit import when_compiling

STATIC = Path(__file__).parent / "static"
USUAL_PORT = 8361
_FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#dcab5d"/>'
    '<path d="M16 3v26M3 16h26" stroke="#5b3a12" stroke-width="1.6"/><circle cx="16" cy="16" r="9" fill="#17171a"/>'
    "</svg>"
)


def serve(options: BoardOptions, host: str = "127.0.0.1", port: int | None = None, show: bool = True) -> None:
    """Serve the board until Ctrl-C. `port` None: the default port, or the next free one.

    UserError for an invalid player, board, address or port.
    """
    try:
        from nicegui import app, core, ui
    except ImportError as error:
        raise UserError("the board needs NiceGUI: pip install 'tengen[board]', or make setup") from error
    from selfplay.board.routes import add_routes
    from selfplay.board.security import Guard, is_loopback, new_token
    from selfplay.board.wire import WholeRequests, refuse_junk

    check(options)
    host = "127.0.0.1" if host == "localhost" else host
    _port(host, port)
    print("loading the player …", flush=True)
    _tell_of_compiling()
    house = House(options)
    house.warm_up()
    port = _port(host, port)
    token = "" if is_loopback(host) else new_token()
    add_routes(house)
    app.add_static_files("/board", str(STATIC), max_cache_age=0)
    app.add_middleware(WholeRequests)
    app.add_middleware(Guard, port=port, token=token)
    refuse_junk(core.sio)
    query = f"?token={token}" if token else ""

    async def greet() -> None:
        await _listening(_shown(host), port)
        print(_greeting(house, host, port, query), flush=True)

    app.on_startup(greet)
    app.on_shutdown(house.close)
    ui.run(
        host=host,
        port=port,
        title="Tengen",
        favicon=_FAVICON,
        dark=None,
        tailwind=False,
        reload=False,
        show=f"/{query}" if show else False,
        show_welcome_message=False,
        message_history_length=100,
        reconnect_timeout=12.0,
        language="en-US",
        ws_max_size=1_000_000,
        timeout_graceful_shutdown=1,
    )


def _tell_of_compiling() -> None:
    """Say when kernels have to be compiled: on a terminal tengen/jit.py does."""
    if not sys.stderr.isatty():
        said = "compiling kernels for this machine; this happens once and takes some minutes on a slow one …"
        when_compiling(lambda _: print(said, flush=True))


def _shown(host: str) -> str:
    """An address that reaches this machine when it listens on `host`."""
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host


async def _listening(host: str, port: int) -> None:
    """Wait until the server answers: it starts to listen only after its start-up handlers."""
    while True:
        try:
            _, wire = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            wire.close()
            return


def _greeting(house: House, host: str, port: int, query: str) -> str:
    shown = f"[{_shown(host)}]" if ":" in _shown(host) else _shown(host)
    where = "open to the network: anyone who has this token can play" if query else "this machine only"
    if _shown(host) != host:
        where += "; elsewhere, put this machine's name or address in place of 127.0.0.1"
    return f"{house.player} at {house.options.task}: http://{shown}:{port}/{query}  ({where}; Ctrl-C ends it)"


def _port(host: str, port: int | None) -> int:
    """A free port: the requested one, or the first free one from the default on."""
    for candidate in [port] if port is not None else range(USUAL_PORT, USUAL_PORT + 20):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError as error:
                if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                    raise UserError(f"--host {host} is not an address of this machine") from error
                if port is not None:
                    raise UserError(
                        f"{host}:{port} cannot be used ({error.strerror}); choose another --port"
                    ) from error
                continue
            return int(probe.getsockname()[1])
    raise UserError(f"found no free port from {USUAL_PORT} on; choose one with --port")
