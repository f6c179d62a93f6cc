"""Who may join a Ray cluster, and on which addresses one started by Tengen listens."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tengen.cluster import Cluster
from tengen.errors import UserError
from tests.ray import needs_ray

_JOIN = """
import sys
from tengen.cluster import Cluster
from tengen.connection import connect
from tengen.errors import UserError
try:
    connect(Cluster(sys.argv[1], no_token=len(sys.argv) > 2)).close()
    print("joined")
except UserError as error:
    print(error)
"""


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """An address at which something answers; the environment has no token."""
    for name in [name for name in os.environ if name.startswith("RAY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_an_address_needs_a_token(somebody: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="RAY_AUTH_TOKEN.*--ray-no-token"):
        Cluster(somebody).prepare()
    assert Cluster(somebody, no_token=True).prepare() == somebody
    assert os.environ["RAY_AUTH_MODE"] == "disabled"
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "token"))
    with pytest.raises(UserError, match="no token"):
        Cluster(somebody).prepare()
    (tmp_path / "token").write_text("secret\n")
    assert Cluster(somebody).prepare() == somebody
    assert os.environ["RAY_AUTH_MODE"] == "token"


def test_a_cluster_of_our_own_has_a_token_that_nobody_knows(somebody: str) -> None:
    tokens = set()
    for _ in range(2):
        assert Cluster().prepare() == ""
        assert os.environ["RAY_AUTH_MODE"] == "token"
        tokens.add(os.environ["RAY_AUTH_TOKEN"])
    assert len(tokens) == 2
    assert all(len(token) == 64 for token in tokens)


@pytest.mark.parametrize("address", ["nonsense", "ray://127.0.0.1:10001", "127.0.0.1:0", ":6379", "127.0.0.1:1"])
def test_an_address_where_nobody_is(somebody: str, address: str) -> None:
    with pytest.raises(UserError, match=r"HOST:PORT|nothing answers"):
        Cluster(address).prepare()


@needs_ray
@pytest.mark.usefixtures("ray")
def test_the_started_cluster_listens_on_loopback_only() -> None:
    mine = psutil.Process()
    listening = [
        connection.laddr.ip
        for process in [mine, *mine.children(recursive=True)]
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 4, "the head, a node and its helpers"
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}


@needs_ray
@pytest.mark.usefixtures("ray")
@pytest.mark.parametrize(("token", "outcome"), [("right", "joined"), ("wrong", "refuses the token")])
def test_only_the_right_token_joins(token: str, outcome: str, tmp_path: Path) -> None:
    import ray

    address = ray.get_runtime_context().gcs_address
    env = os.environ | {"HOME": str(tmp_path)}
    if token == "wrong":
        env["RAY_AUTH_TOKEN"] = "0" * 64
    command = [sys.executable, "-c", _JOIN, address]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert outcome in done.stdout
    assert done.stderr == ""
