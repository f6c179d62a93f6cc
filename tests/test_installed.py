"""A built wheel, installed away from any checkout, has all that the commands need: networks, tables, kernels."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ROOMS = PROJECT["tool"]["importlinter"]["root_packages"]


class Installed:
    """An environment with the wheel and this test's dependencies, and an empty folder to run in."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.empty, self.cache = folder, folder / "empty", folder / "cache"
        self.empty.mkdir()
        _shell(sys.executable, "-m", "venv", "--without-pip", folder / "env")
        self.packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder / "env")}))
        wheel = _wheel(folder)
        _shell(sys.executable, "-m", "pip", "--python", folder / "env", "install", "--no-deps", "--no-index", wheel)
        # A folder named in a .pth file is searched, but its own .pth files are not read: no editable checkout.
        others = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
        (self.packages / "dependencies.pth").write_text("\n".join(sorted(others)) + "\n")
        self._hand_kernels_over()

    def tengen(self, *args: str) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "NUMBA", "COVERAGE"))}
        environment |= {"XDG_CACHE_HOME": str(self.cache), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
        command = [str(self.folder / "env" / "bin" / "tengen"), *args]
        return subprocess.run(command, cwd=self.empty, env=environment, capture_output=True, text=True, check=False)

    def files(self) -> dict[str, int]:
        """Path below the installation -> modification time."""
        found = (p for p in self.packages.rglob("*") if p.is_file())
        return {str(p.relative_to(self.packages)): p.stat().st_mtime_ns for p in found}

    def _hand_kernels_over(self) -> None:
        """Reuse the checkout's compiled kernels, which saves a minute: numba's cache has a folder per source folder.

        The cache folder is named after the path; entries are valid only for sources with the same content.
        """
        before = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "tengen"
        for room in ROOMS:
            for source in [self.packages / room, *(self.packages / room).rglob("*/")]:
                old, new = (_numba_name(top / source.relative_to(self.packages)) for top in (ROOT, self.packages))
                for kept in before.glob(f"kernels-*/{old}"):
                    shutil.copytree(kept, self.cache / "tengen" / kept.parent.name / new)


def _numba_name(folder: Path) -> str:
    return f"{folder.name}_{hashlib.sha1(str(folder).encode()).hexdigest()}"


def _wheel(folder: Path) -> Path:
    """Build from a copy, so that leftovers of an earlier build do not get in."""
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in (*ROOMS, "zoo"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    build = (sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index")
    _shell(*build, "--wheel-dir", folder, source)
    return next(folder.glob("tengen-*.whl"))


def _shell(*command: str | Path) -> None:
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    made = Installed(tmp_path_factory.mktemp("installed"))
    before = made.files()
    yield made
    assert made.files() == before, "an installation may be read-only: nothing is written there"


def test_every_module_table_and_network_is_in_the_wheel(installed: Installed) -> None:
    there = installed.files().keys()
    wanted = {"*.py", "*.json", "*.csv", "py.typed"}
    ours = {str(p.relative_to(ROOT)) for room in ROOMS for pattern in wanted for p in (ROOT / room).rglob(pattern)}
    assert ours and not ours - there
    assert {f"{room}/py.typed" for room in ROOMS} <= there
    zoo = {str(p.relative_to(ROOT / "zoo")) for p in (ROOT / "zoo").rglob("*") if p.is_file()}
    assert zoo and not {f"tengen/zoo_networks/{file}" for file in zoo} - there
    assert {name.split("/")[0] for name in there if name.endswith(".py")} == set(ROOMS), "nothing else at the top"


def test_networks_play_far_from_the_checkout(installed: Installed) -> None:
    done = installed.tengen("watch", "pong")
    assert done.returncode == 0, done.stderr
    assert all((installed.empty / f"watch-pong.{kind}").stat().st_size > 0 for kind in ("mp4", "gif"))
    done = installed.tengen("match", "go9-alphazero:50", "uct:100", "--board", "go9", "--games", "2")
    assert done.returncode == 0, done.stderr
    assert "of 2 games" in done.stdout and not done.stderr


def test_a_run_in_an_installation(installed: Installed) -> None:
    """The recipe, the expected curve and the run folder; no commit is recorded for code outside a repository."""
    done = installed.tengen("train", "catch", "--steps", "600", "--wandb", "off", "--threads", "1")
    assert done.returncode == 0, done.stderr
    assert (installed.empty / "runs").is_dir()
    assert "catch" in installed.tengen("runs").stdout
