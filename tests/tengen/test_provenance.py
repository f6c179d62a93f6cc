"""Which repository's commit a run records."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tengen import provenance


def git(folder: Path, *args: str) -> None:
    who = ("-c", "user.name=n", "-c", "user.email=e@example.org")
    subprocess.run(["git", *who, *args], cwd=folder, check=True, capture_output=True)


def test_an_installation_in_a_repository_of_somebody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init")
    git(tmp_path, "commit", "--allow-empty", "-m", "theirs")
    installed = tmp_path / "venv" / "provenance.py"
    installed.parent.mkdir()
    installed.touch()
    monkeypatch.setattr(provenance, "__file__", str(installed))
    assert provenance.git_state() == (None, None)
    git(tmp_path, "add", "venv")
    git(tmp_path, "commit", "-m", "a checkout")
    commit, dirty = provenance.git_state()
    assert commit is not None and len(commit) == 40 and dirty is False
    installed.write_text("changed")
    assert provenance.git_state() == (commit, True)


def test_what_a_run_says_of_itself() -> None:
    meta = provenance.metadata({"threads": 1}, {"float32": 123.456})
    assert meta["argv"][0] == "tengen" and meta["compute"] == {"threads": 1} and meta["cores"] >= 1
    assert meta["samples_per_second"] == {"float32": 123.5}
    assert meta["versions"]["torch"] != "absent" and meta["cpu"]
