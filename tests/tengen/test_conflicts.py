"""Packages from other distributions with the same names as ours."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from tengen.conflicts import PACKAGES, name_conflicts

ROOT = Path(__file__).resolve().parent.parent.parent


def test_all_our_packages_are_looked_at() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert sorted(project["tool"]["importlinter"]["root_packages"]) == sorted(PACKAGES)


def test_there_is_none_here() -> None:
    assert name_conflicts() == []


def test_another_distribution_owns_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "openai_agents-0.4.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: openai-agents\nVersion: 0.4.0\n")
    (info / "top_level.txt").write_text("agents\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    (line,) = name_conflicts()
    assert line.startswith("openai-agents also installs a package `agents`; install Tengen into its own")


def test_a_package_is_found_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For example a folder of the same name in the working directory."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "scripts", raising=False)
    (line,) = name_conflicts()
    assert line.startswith(f"`scripts` is imported from {tmp_path / 'scripts'}, not from {ROOT}")
