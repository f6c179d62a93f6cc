"""Short spin waits for torch's idle threads, unless the user has set their own."""

from __future__ import annotations

import os

import pytest

from tengen.openmp import untouched, wait_briefly


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    monkeypatch.setenv("GOMP_SPINCOUNT", "5")
    wait_briefly()
    assert untouched()["GOMP_SPINCOUNT"] == "5"
    monkeypatch.delenv("GOMP_SPINCOUNT")
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    wait_briefly()
    assert "GOMP_SPINCOUNT" not in untouched()
    monkeypatch.delenv("OMP_WAIT_POLICY")
    wait_briefly()
    assert os.environ["GOMP_SPINCOUNT"] == "3000" and "GOMP_SPINCOUNT" not in untouched()
    monkeypatch.delenv("GOMP_SPINCOUNT")
