"""Two hosts on one machine: network namespaces joined by a virtual cable, Ray started by hand as in docs/scaling.md.

    python -m tests.faults.hosts        (as root, with iproute2)

A training on the first host has workers on the second. The cable is unplugged and plugged back in a little later; the
training must end as if nothing had happened.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tengen.run import Run, find_run

_ADDRESS = "10.77.0.1"
_PORT = 6379


def possible() -> bool:
    return os.geteuid() == 0 and shutil.which("ip") is not None


class Hosts:
    """Two namespaces, each with its own address."""

    def __init__(self) -> None:
        self.names = [f"tengen{os.getpid()}-{n}" for n in (1, 2)]
        self.cables = [f"tg{os.getpid()}{n}" for n in "ab"]
        for name in self.names:
            _ip("netns", "add", name)
        _ip("link", "add", self.cables[0], "type", "veth", "peer", "name", self.cables[1])
        for number, (name, cable) in enumerate(zip(self.names, self.cables, strict=True), 1):
            _ip("link", "set", cable, "netns", name)
            _ip("-n", name, "addr", "add", f"10.77.0.{number}/24", "dev", cable)
            self.plug(number - 1, "up")
            _ip("-n", name, "link", "set", "lo", "up")

    def plug(self, host: int, way: str) -> None:
        """Plug the cable in (`up`) or unplug it (`down`)."""
        _ip("-n", self.names[host], "link", "set", self.cables[host], way)

    def on(self, host: int, *command: str, **env: str) -> subprocess.Popen[str]:
        """Start a command on a host."""
        return subprocess.Popen(
            ["ip", "netns", "exec", self.names[host], *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | env,
        )

    def close(self) -> None:
        for name in self.names:
            pids = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True, check=False).stdout
            for pid in pids.split():
                with suppress(ProcessLookupError):
                    os.kill(int(pid), 9)
            _ip("netns", "del", name)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, timeout=20)


@contextmanager
def hosts() -> Iterator[Hosts]:
    made = Hosts()
    try:
        yield made
    finally:
        made.close()


def pull_the_cable(folder: Path) -> tuple[Run, str]:
    """The run trained meanwhile, and its output."""
    ray = str(Path(sys.executable).with_name("ray"))
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32), "RAY_USAGE_STATS_ENABLED": "0"}
    start = (ray, "start", "--disable-usage-stats")
    with hosts() as both:
        head = (
            "--head",
            "--include-dashboard=false",
            f"--node-ip-address={_ADDRESS}",
            f"--port={_PORT}",
            "--num-cpus=1",
        )
        other = (f"--address={_ADDRESS}:{_PORT}", "--node-ip-address=10.77.0.2", "--num-cpus=2")
        for host, words in enumerate((head, other)):
            out, _ = both.on(host, *start, *words, f"--temp-dir={folder}/{host}", **token).communicate(timeout=60)
            assert "Ray runtime started" in out, out
        words = "CartPole-v1 --steps 60000 --num-envs 9 --final-games 0 --threads 1 --wandb off"
        workers = "--workers 3 --worker-patience 6"
        command = [sys.executable, "-m", "scripts.cli", "train", *words.split(), *workers.split()]
        training = both.on(0, *command, "--ray", f"{_ADDRESS}:{_PORT}", "--runs", str(folder / "runs"), **token)
        wait_for(folder / "runs", 8_000)
        both.plug(1, "down")
        wait_for(folder / "runs", 30_000)
        both.plug(1, "up")
        out, _ = training.communicate(timeout=300)
        assert training.returncode == 0, out
    path = find_run(folder / "runs", "last")
    assert path is not None
    return Run.open(path), out


def wait_for(runs: Path, step: int, seconds: float = 200) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        path = find_run(runs, "last")
        rows = Run.open(path).rows() if path else []
        if rows and rows[-1]["step"] >= step:
            return
        time.sleep(0.1)
    raise TimeoutError(f"the training did not reach step {step}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        run, printed = pull_the_cable(Path(made))
        print(printed)
        print((run.path / "train.log").read_text())
