"""What `tengen doctor` reports about Ray, the token and GPUs."""

from __future__ import annotations

import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace

import pytest

from tengen import diagnose
from tengen.cluster import token_source

Usage = namedtuple("Usage", "total used free")


def texts(lines: list[tuple[str, str]]) -> str:
    return "\n".join(f"{title} {text}" for title, text in lines)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH", "RAY_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_without_ray_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise diagnose.PackageNotFoundError(name)

    monkeypatch.setattr(diagnose, "version", missing)
    assert "pip install 'tengen[ray]'" in texts(diagnose.ray_lines())


def test_the_token_is_found_where_ray_finds_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(diagnose, "version", lambda name: "2.60.0")
    assert token_source() is None
    assert "token none" in texts(diagnose.ray_lines())
    usual = tmp_path / ".ray" / "auth_token"
    usual.parent.mkdir()
    usual.write_text("secret\n")
    assert token_source() == str(usual)
    other = tmp_path / "other"
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(other))
    assert token_source() is None, "the file that is named, not the usual one"
    other.write_text("secret")
    assert token_source() == str(other)
    monkeypatch.setenv("RAY_AUTH_TOKEN", "secret")
    assert token_source() == "RAY_AUTH_TOKEN"
    found = texts(diagnose.ray_lines())
    assert "2.60.0" in found and "secret" not in found, "the token itself is never printed"


def test_shared_memory_that_is_too_small_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker gives a container 64 MB by default; with 10 GB of memory Ray wants 3."""
    monkeypatch.setattr("shutil.disk_usage", lambda folder: Usage(64e6, 0, 64e6))
    assert "--shm-size=3g" in diagnose.shared_memory(free=10 * 10**9)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: Usage(5e9, 0, 5e9))
    assert "--shm-size" not in diagnose.shared_memory(free=10 * 10**9)


def test_gpus_are_described(monkeypatch: pytest.MonkeyPatch) -> None:
    new = SimpleNamespace(name="New", total_memory=80e9, major=9, minor=0)
    old = SimpleNamespace(name="Old", total_memory=16e9, major=7, minor=0)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    monkeypatch.setattr("torch.cuda.get_device_properties", lambda number: (new, old)[number])
    first, second, *_ = diagnose.gpu_lines()
    assert first == ("gpu 0", "New, 80 GB, compute capability 9.0; bfloat16")
    assert second[1].startswith("Old, 16 GB, compute capability 7.0; no hardware support for bfloat16")
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert "PyTorch finds none" in texts(diagnose.gpu_lines())


def test_it_imports_no_ray() -> None:
    code = "import sys; from tengen.diagnose import diagnose; diagnose(print); assert 'ray' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
