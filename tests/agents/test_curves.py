"""`tengen plot`: what is drawn, from hand-written runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot

from agents import curves as plotting
from scripts.cli import main


def fake_run(folder: Path, task: str, seed: int, scores: list[float], lr: float = 1e-3) -> Path:
    folder.mkdir(parents=True)
    settings = f"settings:\n  seed: {seed}\nconfig:\n  lr: {lr}\n"
    (folder / "config.yaml").write_text(f"task: {task}\nagent: ppo\n{settings}")
    rows: list[dict[str, Any]] = [{"step": 1000, "seconds": 1.0}]  # no game has finished yet
    rows += [{"step": 1e6 * (k + 1), "seconds": 60.0 * (k + 1), "score": s} for k, s in enumerate(scores)]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"step": 9e')
    return folder


@pytest.fixture
def axes(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The two panels of the figure, kept after it is saved."""
    kept: list[Any] = []
    monkeypatch.setattr(pyplot, "close", lambda figure: kept.extend(figure.axes))
    return kept


def test_seeds_become_a_band_beside_the_published_curves(tmp_path: Path, axes: list[Any]) -> None:
    runs = [fake_run(tmp_path / str(s), "pong", s, [-20, -10 + s, 15 + s]) for s in (1, 2, 3)]
    plotting.draw(runs, tmp_path / "out.png")
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    by_step, by_minute = axes
    labels = [line.get_label() for line in by_step.lines]
    assert "ppo (3 seeds)" in labels and any("Dopamine" in str(label) for label in labels)
    mean = next(line for line in by_step.lines if line.get_label() == "ppo (3 seeds)")
    assert np.allclose(mean.get_ydata()[[0, -1]], [-20, 17])
    assert np.allclose(mean.get_xdata()[[0, -1]], [1, 3])
    minutes = next(line for line in by_minute.lines if line.get_label() == "ppo (3 seeds)")
    assert np.allclose(minutes.get_xdata()[[0, -1]], [1, 3])
    assert len(by_step.collections) == 1, "the band"
    levels = {float(line.get_ydata()[0]) for line in by_minute.lines if len(set(line.get_ydata())) == 1}
    assert {-20.7, 14.6} <= {round(level, 1) for level in levels}


def test_one_run_is_a_line(tmp_path: Path, axes: list[Any]) -> None:
    plotting.draw([fake_run(tmp_path / "a", "catch", 1, [0.1, 0.9])], tmp_path / "out.svg")
    assert [line.get_label() for line in axes[0].lines] == ["ppo"] and not axes[0].collections


def test_runs_with_other_options_are_no_band(tmp_path: Path, axes: list[Any]) -> None:
    runs = [fake_run(tmp_path / f"{lr}-{s}", "catch", s, [0.1, 0.9], lr) for lr in (0.01, 0.1) for s in (1, 2)]
    plotting.draw(runs, tmp_path / "out.png")
    labels = [str(line.get_label()) for line in axes[0].lines]
    assert {"ppo, lr 0.01 (2 seeds)", "ppo, lr 0.1 (2 seeds)"} <= set(labels)


def test_mistakes_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    young = fake_run(tmp_path / "runs" / "young", "pong", 1, [])
    for args, words in (
        ([str(young)], "no finished game yet"),
        ([str(fake_run(tmp_path / "b", "pong", 1, [1.0])), "--out", str(tmp_path / "x.xyz")], "cannot write"),
        (["nowhere"], "nowhere"),
    ):
        assert main(["plot", *args, "--runs", str(tmp_path / "runs")]) == 2
        error = capsys.readouterr().err
        assert words in error and len(error.splitlines()) == 1
